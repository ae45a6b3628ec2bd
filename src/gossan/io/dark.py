"""Dark pixels as a witness of the offset: shadow and water must come out near zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gossan.core.values import BandSource

MIN_PIXELS = 1000
"""Fewer pixels of known ground than this have no meaningful 0.1th percentile."""

LOWEST = -0.03
"""Reflectance below this cannot come from atmospheric correction alone in several bands."""

FLOOR_DN = (950.0, 1250.0)
"""Where the darkest DN of every band lie when the +1000 is still in the pixels."""

_WITNESSES = ("B02", "B04", "B11", "B12")


class DarkVerdict(StrEnum):
    """What dark pixels say about the offset."""

    PLAUSIBLE = "plausible"
    IMPLAUSIBLE = "implausible"
    NOT_TESTABLE = "not testable"


@dataclass(frozen=True, slots=True)
class DarkFinding:
    """Verdict, the reason in words, and the offset that would be plausible (or None)."""

    verdict: DarkVerdict
    reason: str
    suggested_offset: float | None = None


def check_dark(
    darkest: Mapping[str, float], bands: Mapping[str, BandSource], pixels: int
) -> DarkFinding:
    """Judge the claimed offset by the scene's own darkest ground.

    Parameters: `darkest` is the 0.1th percentile of DN per canonical band over pixels with
    SCL 2..7, `bands` the scene's sources, `pixels` how many pixels it rests on. Conservative:
    a small or bright area has no dark ground and is "not testable". Needs two bands to agree.
    """
    names = [b for b in _WITNESSES if b in darkest and b in bands]
    if pixels < MIN_PIXELS or len(names) < 2:
        return DarkFinding(
            DarkVerdict.NOT_TESTABLE,
            f"{pixels} pixels of known ground in {len(names)} bands; "
            f"{MIN_PIXELS} pixels in two bands are needed",
        )
    rho = {b: darkest[b] * bands[b].scale + bands[b].offset for b in names}
    values = ", ".join(f"{b} {rho[b]:.3f}" for b in names)
    negative = [b for b in names if rho[b] < LOWEST and bands[b].offset < 0]
    if len(negative) >= 2:
        return DarkFinding(
            DarkVerdict.IMPLAUSIBLE,
            f"darkest reflectance far below zero ({values}): the offset was already applied",
            0.0,
        )
    floor = all(FLOOR_DN[0] <= darkest[b] <= FLOOR_DN[1] for b in names)
    if floor and all(bands[b].offset == 0 for b in names):
        return DarkFinding(
            DarkVerdict.IMPLAUSIBLE,
            f"darkest ground is near 0.1 in every band ({values}): +1000 is still in the pixels",
            -0.1,
        )
    if min(rho.values()) > 0.09:
        return DarkFinding(DarkVerdict.NOT_TESTABLE, f"no dark ground in view ({values})")
    return DarkFinding(DarkVerdict.PLAUSIBLE, f"darkest reflectance {values}")
