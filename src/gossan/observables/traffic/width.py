"""How wide the open ground of a road is, and how bright: the primary sign of haulage.

Trucks are dull and slow; the road they need is neither. Across the road every sample has a share
of open ground, by its difference of near infrared and red (DVI, Tucker 1979,
doi:10.1016/0034-4257(79)90013-0) between that of the plants beside it and that of bare ground; it
is linear in area, as NDVI is not. Their sum is the width that is open, whatever part of a pixel it
takes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gossan.core.measured import Reading

METHOD = "traffic.width.v1"
LEVEL = 0.95
Z = 1.959964
REACH_M = 60.0
"""To each side of the line as far as is looked at."""
ROAD_M = 30.0
"""To each side as far as open ground counts for the road's; beyond it the plants are looked at."""
BARE_DVI = 0.05
"""Of bare ground, gravel and asphalt (0.03 to 0.08), reflectance."""
LEAST_DVI = 0.15
"""Of the plants beside a road below which open ground cannot be told from them."""
LEAST_SAMPLES = 20
"""Samples of a section that must be seen: 200 m."""
RUN = 5
"""Samples along the road that count for one: neighbours share pixels."""
LEAST_SD = 0.5
"""Standard error of a width is never taken smaller, metres."""
NEAR_DAYS = 60
"""Looks so near to each other differ by noise, nearly always."""


@dataclass(frozen=True)
class Open:
    """Open ground of a stretch of road in one scene.

    Attributes
    ----------
    width : metres, None where it could not be told
    sd : its standard error along the stretch, metres
    bright : mean visible reflectance of samples that are mostly open ground; None with none
    n : samples
    why_not : why there is no width
    """

    width: float | None
    sd: float
    bright: float | None
    n: int
    why_not: str = ""


def open_ground(
    visible: NDArray[np.float32],
    dvi: NDArray[np.float32],
    usable: NDArray[np.bool_],
    offsets_m: NDArray[np.floating],
) -> Open:
    """Open ground along a stretch; all arrays (tracks, samples), offsets (tracks,) metres."""
    beside, within = np.abs(offsets_m) > ROAD_M, np.abs(offsets_m) <= ROAD_M
    seen = usable[within].all(axis=0) & (usable[beside].sum(axis=0) >= beside.sum() / 2)
    if seen.sum() < LEAST_SAMPLES:
        why = (
            f"{int(seen.sum())} of the {LEAST_SAMPLES} samples it takes were clear across the road."
        )
        return Open(None, 0, None, int(seen.sum()), why)
    plants = np.nanmedian(np.where(usable & beside[:, None], dvi, np.nan)[:, seen], axis=0)
    green = plants >= LEAST_DVI
    if green.sum() < LEAST_SAMPLES:
        why = f"The ground beside the road is not green (DVI {np.nanmedian(plants):.2f})."
        return Open(None, 0, None, int(green.sum()), why)
    part = (plants - dvi[:, seen]) / (plants - BARE_DVI)
    share = np.clip(part, -0.5, 1.0)[within][:, green]
    step = float(np.median(np.diff(np.sort(offsets_m))))
    widths = share.sum(axis=0) * step
    mostly = (share > 0.5) & np.isfinite(visible[within][:, seen][:, green])
    bright = float(visible[within][:, seen][:, green][mostly].mean()) if mostly.any() else None
    width = max(0.0, float(np.median(widths)))
    spread = 1.2533 * float(np.std(widths)) / math.sqrt(max(1.0, len(widths) / RUN))
    return Open(width, spread, bright, len(widths))


def width_readings(found: Sequence[tuple[date, str, Open]]) -> tuple[Reading, ...]:
    """Readings of a stretch, metres; the interval holds what near looks differ by."""
    noise = _noise([(d, o.width) for d, _, o in found if o.width is not None])
    out = []
    for day, scene, o in found:
        if o.width is None:
            out.append(Reading.missing(day, scene, o.why_not, o.n))
            continue
        half = Z * max(o.sd, noise, LEAST_SD)
        low, high = max(0.0, o.width - half), o.width + half
        out.append(Reading(day, scene, o.width, low, high, o.n))
    return tuple(out)


def brightness_readings(found: Sequence[tuple[date, str, Open]]) -> tuple[Reading, ...]:
    """Readings of the brightness of open ground, reflectance; as `width_readings`."""
    noise = _noise([(d, o.bright) for d, _, o in found if o.bright is not None])
    out = []
    for day, scene, o in found:
        if o.bright is None:
            why = o.why_not or "No sample of the road is mostly open ground."
            out.append(Reading.missing(day, scene, why, o.n))
            continue
        half = Z * max(noise, 0.02 * o.bright)
        out.append(Reading(day, scene, o.bright, max(0.0, o.bright - half), o.bright + half, o.n))
    return tuple(out)


def _noise(values: Sequence[tuple[date, float]]) -> float:
    """Standard deviation of one look, from what looks near to each other differ by."""
    steps = [b - a for (d, a), (e, b) in pairwise(values) if (e - d).days <= NEAR_DAYS]
    if len(steps) < 4:
        return 0.0
    return float(1.4826 * np.median(np.abs(steps)) / math.sqrt(2))


def smallest_step(readings: Sequence[Reading], looks: int = 10) -> float | None:
    """Change between the means of `looks` looks before and after that would stand out, in the
    readings' unit; None with fewer than twice as many.

    It rests on how much all looks of the series differ, seasons and all: near looks differ by less.
    """
    values = np.array([r.value for r in readings if r.value is not None])
    if len(values) < 2 * looks:
        return None
    spread = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return Z * spread * math.sqrt(2 / looks)
