"""Is the stated offset the one in the pixels? Asked of dark ground, and of the other images.

Reflectance of shadow, water and dense plants lies near zero in some band. With the +1000 still in
the pixels nothing lies below 0.1; with 0.1 taken off twice it lies below zero. Where a scene shows
too little dark ground, its pixels are held against the same pixels in other scenes of the season:
an offset moves every band alike by 0.1, which no change of ground, no plant and no weather does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gossan.core.values import BandSource

STEP = 0.1
"""Size of a wrong offset: ESA's 1000 over 10000."""

MIN_PIXELS = 1000
"""Fewer pixels of known ground than this have no meaningful 0.1th percentile."""

FEWEST = 30
"""Fewer clear pixels than this are not compared, and with fewer scenes than `SCENES` nothing is."""
SCENES = 3

LOWEST = -0.03
"""Reflectance below this cannot come from atmospheric correction alone in several bands."""

DARK = 0.09
"""Ground below this in any band shows that the +1000 is not in the pixels."""

FLOOR = (0.095, 0.125)
"""Where the darkest ground of every band lies when the +1000 is still in the pixels."""

NEAR_ZERO = 0.06
"""Darkest ground of a visible and a short-wave band below this: the -0.1 stated was due."""

SEASON = 45
"""Scenes of other years compare within this many days of the year."""
MOST = 25
"""Scenes that a scene is compared with, at most."""

_VISIBLE = ("B02", "B03", "B04")
_SHORT_WAVE = ("B11", "B12")
_WITNESSES = ("B02", "B04", "B11", "B12")


class DarkVerdict(StrEnum):
    """What the pixels say about the offset."""

    PLAUSIBLE = "plausible"
    IMPLAUSIBLE = "implausible"
    NOT_TESTABLE = "not testable"


@dataclass(frozen=True, slots=True)
class DarkFinding:
    """Verdict, and what was tested and found, in words."""

    verdict: DarkVerdict
    reason: str


@dataclass(frozen=True)
class Sample:
    """What one scene shows of the same pixels as all other scenes of the case.

    Attributes
    ----------
    day : of the acquisition, days since 1970
    bands : names of the bands, canonical order
    values : float32 (band, pixel), reflectance with the stated offset, NaN where not clear
    offset : the stated offset, reflectance
    whole : what `check_dark_object` says of the whole scene
    """

    day: int
    bands: tuple[str, ...]
    values: NDArray[np.float32]
    offset: float
    whole: DarkFinding


def check_dark_object(
    darkest: Mapping[str, float], bands: Mapping[str, BandSource], pixels: int
) -> DarkFinding:
    """Judge the stated offset by the scene's own darkest ground.

    Parameters: `darkest` is the 0.1th percentile of DN per canonical band over pixels with
    SCL 2..7, `bands` the scene's sources, `pixels` how many pixels it rests on. A small or bright
    area has no dark ground and is "not testable". To refuse, two bands must agree.
    """
    names = [b for b in darkest if b in bands]
    if pixels < MIN_PIXELS or len(names) < 2:
        return DarkFinding(
            DarkVerdict.NOT_TESTABLE,
            f"{pixels} pixels of known ground in {len(names)} bands; "
            f"{MIN_PIXELS} pixels in two bands are needed",
        )
    rho = {b: darkest[b] * bands[b].scale + bands[b].offset for b in names}
    offset = min(bands[b].offset for b in names)
    return _floor(rho, offset) or _judge(rho, offset)


def check_series(scenes: Sequence[Sample]) -> list[DarkFinding]:
    """Judge all scenes of a case together, those that their own dark ground leaves open by the
    others. The order does not matter; all have the same bands.

    The others count as right where dark ground shows it in at least three of them. Where it shows
    in none, agreement is no test (all may be wrong alike), but one that stands apart is refused.
    """
    found = [_own(s) for s in scenes]
    sure = [i for i, f in enumerate(found) if f.verdict is DarkVerdict.PLAUSIBLE]
    open_ = [i for i, f in enumerate(found) if f.verdict is DarkVerdict.NOT_TESTABLE]
    # 0.1 taken off too much can leave a small bright area looking like dark ground
    doubted = [i for i in sure if scenes[i].offset < 0 and scenes[i].whole != found[i]]
    proven = len(sure) >= SCENES
    others = sure if proven else sorted((*sure, *open_))
    wrong_alike = not sure and _bright_plants([scenes[i] for i in open_])
    for i in (*open_, *doubted):
        if wrong_alike:
            found[i] = DarkFinding(
                DarkVerdict.IMPLAUSIBLE,
                "in every image dense plants reflect 0.1 or more in blue and red: the +1000 is "
                "still in the pixels",
            )
        else:
            found[i] = _compared(scenes, i, others, found[i], proven=proven)
    return found


def _judge(rho: Mapping[str, float], offset: float) -> DarkFinding:
    """By the darkest reflectance of each band with the stated offset."""
    witnesses = {b: rho[b] for b in _WITNESSES if b in rho}
    values = ", ".join(f"{b} {v:.3f}" for b, v in (witnesses or rho).items())
    if offset < 0 and sum(v < LOWEST for v in witnesses.values()) >= 2:
        return DarkFinding(
            DarkVerdict.IMPLAUSIBLE,
            f"darkest reflectance far below zero ({values}): the offset was already applied",
        )
    if offset < 0:
        groups = [[rho[b] for b in g if b in rho] for g in (_VISIBLE, _SHORT_WAVE)]
        shown = all(min(g) <= NEAR_ZERO for g in groups if g) and any(groups)
    else:
        shown = min(rho.values()) < DARK
    if shown:
        return DarkFinding(DarkVerdict.PLAUSIBLE, f"darkest reflectance {values}")
    return DarkFinding(DarkVerdict.NOT_TESTABLE, f"no dark ground in view ({values})")


def _floor(rho: Mapping[str, float], offset: float) -> DarkFinding | None:
    """A scene whose darkest ground lies near 0.1 in every band is not used, whatever the cause."""
    witnesses = {b: rho[b] for b in _WITNESSES if b in rho}
    if offset != 0 or len(witnesses) < 2:
        return None
    if not all(FLOOR[0] <= v <= FLOOR[1] for v in witnesses.values()):
        return None
    values = ", ".join(f"{b} {v:.3f}" for b, v in witnesses.items())
    return DarkFinding(
        DarkVerdict.IMPLAUSIBLE,
        f"darkest ground is near 0.1 in every band ({values}): haze lies over all of it, or the "
        "+1000 is still in the pixels",
    )


def _own(s: Sample) -> DarkFinding:
    """By the sample's own dark ground, where the whole scene's does not say."""
    if s.whole.verdict is not DarkVerdict.NOT_TESTABLE:
        return s.whole
    clear = np.sort(s.values[:, np.isfinite(s.values).all(axis=0)], axis=1)
    n = clear.shape[1]
    if n < FEWEST:
        return DarkFinding(
            DarkVerdict.NOT_TESTABLE, f"only {n} clear pixels" if n else "no clear pixel"
        )
    # the third darkest, so that no single odd pixel decides
    darkest = clear[:, max(3, n // 200) - 1]
    found = _judge(dict(zip(s.bands, darkest.tolist(), strict=True)), s.offset)
    if found.verdict is DarkVerdict.NOT_TESTABLE and s.offset < 0 and _plants(s, s.values):
        return DarkFinding(DarkVerdict.PLAUSIBLE, "dense plants are dark in blue and red")
    return found


def _compared(
    scenes: Sequence[Sample], i: int, others: Sequence[int], own: DarkFinding, *, proven: bool
) -> DarkFinding:
    """One scene beside the others; `own` is what its dark ground says."""
    known = _difference(scenes, i, others, proven=proven)
    if known is None:
        return own if own.verdict is DarkVerdict.PLAUSIBLE else _alone(scenes[i], own)
    moved, n = known
    span = f"{moved.min():+.2f} to {moved.max():+.2f}"
    if _is_offset(-moved if scenes[i].offset < 0 else moved):
        cause = (
            "the offset was already applied"
            if scenes[i].offset < 0
            else "the +1000 is still in the pixels, or even haze lies over all of them"
        )
        return DarkFinding(
            DarkVerdict.IMPLAUSIBLE,
            f"every band differs alike ({span}) from {n} other images of the same pixels: {cause}",
        )
    if own.verdict is DarkVerdict.PLAUSIBLE and not (moved < -STEP / 2).all():
        return own
    if (abs(moved) > STEP / 2).any():
        why = f"bands differ by {span} from {n} other images, unlike an offset alone"
    elif not proven:
        why = f"it agrees with {n} other images, but they show no dark ground either"
    else:
        return DarkFinding(
            DarkVerdict.PLAUSIBLE, f"agrees with {n} other images of the same pixels"
        )
    return DarkFinding(DarkVerdict.NOT_TESTABLE, f"{own.reason}; {why}")


def _is_offset(moved: NDArray[np.float64]) -> bool:
    """True for one and the same number in all bands, and that number 0.1.

    Each band is nearer to 0.1 than to 0, the bands are within half of it, their mean within a
    quarter. Haze does this in the visible alone; thin cloud in all bands, but not alike.
    """
    alike = np.ptp(moved) <= STEP / 2 and abs(moved.mean() - STEP) <= STEP / 4
    return bool(alike and (moved > STEP / 2).all() and (moved < 3 * STEP / 2).all())


def _alone(s: Sample, own: DarkFinding) -> DarkFinding:
    """A scene that can be compared with no other."""
    clear = s.values[:, np.isfinite(s.values).all(axis=0)]
    if s.offset == 0 and clear.shape[1] >= FEWEST:
        low = np.quantile(clear, 0.005, axis=1)
        found = _floor(dict(zip(s.bands, low.tolist(), strict=True)), s.offset)
        if found is not None:
            return found
    return DarkFinding(
        DarkVerdict.NOT_TESTABLE, f"{own.reason}; too few other images to compare it with"
    )


def _difference(
    scenes: Sequence[Sample], i: int, others: Sequence[int], *, proven: bool
) -> tuple[NDArray[np.float64], int] | None:
    """What scene `i` is off by in each band (median over pixels) from the median of others, those
    of its season where there are enough, and how many they are; None where too little is shared.

    Where none is proven right, all are taken: in one season wrong ones may be most. Near infrared
    is left out where there is short-wave infrared: it follows the leaves.
    """
    mine = scenes[i]
    names = [b for b in mine.bands if b in (*_VISIBLE, *_SHORT_WAVE)]
    if not set(names) & set(_SHORT_WAVE):
        names = list(mine.bands)
    bands = [mine.bands.index(b) for b in names]
    clear = np.isfinite(mine.values).all(axis=0)
    if clear.sum() < FEWEST or not names:
        return None
    away = {j: _season(scenes[j].day - mine.day) for j in others if j != i}
    ranked = sorted(away, key=lambda j: (away[j], abs(scenes[j].day - mine.day), scenes[j].day))
    near = [j for j in ranked if away[j] <= SEASON]
    for chosen in (near[:MOST], ranked[:MOST]) if proven else (ranked,):
        if len(chosen) < SCENES:
            continue
        there = np.stack([scenes[j].values[bands] for j in chosen])[:, :, clear]
        enough = np.isfinite(there).all(axis=1).sum(axis=0) >= SCENES
        if enough.sum() >= FEWEST:
            usual = np.nanmedian(there[:, :, enough], axis=0)
            moved = np.median(mine.values[bands][:, clear][:, enough] - usual, axis=1)
            return moved.astype(np.float64), len(chosen)
    return None


def _season(days: int) -> float:
    """Days of the year between two days."""
    part = abs(days) % 365.25
    return min(part, 365.25 - part)


def _bright_plants(scenes: Sequence[Sample]) -> bool:
    """True where in at least three scenes, and in most that show any, dense plants are as dark as
    they must be only after 0.1 is taken off."""
    seen = [_plants(s, s.values - np.float32(STEP)) for s in scenes if s.offset == 0]
    dark = [x for x in seen if x is not None]
    return len(dark) >= SCENES and sum(dark) > len(dark) / 2


def _plants(s: Sample, values: NDArray[np.float32]) -> bool | None:
    """Whether plants so dense that they must be dark in blue and red are so in `values` (Kaufman
    and Sendra 1988, doi:10.1080/01431168808954942); None where none are dense."""
    at = dict(zip(s.bands, values, strict=True))
    if not {"B02", "B04", "B08"} <= set(at):
        return None
    blue, red, nir = at["B02"], at["B04"], at["B08"]
    with np.errstate(invalid="ignore", divide="ignore"):
        dense = (nir - red > 0.25) & ((nir - red) / (nir + red) > 0.75)
    if dense.sum() < FEWEST:
        return None
    lowest, usual = np.quantile([blue[dense], red[dense]], (0.05, 0.5), axis=1)
    return bool(lowest.min() >= LOWEST and usual.max() <= NEAR_ZERO)
