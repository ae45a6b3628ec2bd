"""Vegetation lost and recovered at one site, pixel by pixel.

A pixel lost vegetation where its green peak fell by a fifth or more of what plants added to bare
ground, comparing the year after its change with the same months before it. It came back in the
first later year whose green peak reached four fifths of the old one again (the share used by
White et al. 2017, doi:10.1016/j.rse.2017.03.035, for recovery after felling and fire).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY
from gossan.core.vegetation import Severity
from gossan.cube.season import YEAR, like_for_like
from gossan.cube.surfaces import near_infrared, ratio

F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

METHOD = "vegetation.same-season.v1"
SOIL_NDVI = 0.2
"""NDVI of ground without plants (Sobrino et al. 2004, doi:10.1016/j.rse.2004.02.003)."""
PLANTS_NDVI = 0.3
"""An NDVI below it is no vegetation that could be lost: plants cover less than a tenth."""
LOST_SHARE = 0.2
CANOPY_FALL = 0.1
BACK_SHARE = 0.8
AT_ONCE = 4096
"""Pixels worked on at once: bounds memory at some 60 MB for 600 looks."""


@dataclass(frozen=True)
class Greenness:
    """What became of each pixel's plants. All arrays of shape (pixel,).

    Attributes
    ----------
    lost : True where vegetation was lost
    unknown : True where too few looks before or after allow no answer
    before, after : NDVI over the same months before and in the first year after
    back_year : first calendar year in which it was back, 0 not yet
    canopy_before, canopy_after : the same of the canopy index, NaN without B11 and B12
    """

    lost: Bools
    unknown: Bools
    before: F32
    after: F32
    back_year: NDArray[np.int32]
    canopy_before: F32
    canopy_after: F32


def greenness(
    bands: Mapping[str, F32],
    days: NDArray[np.int32],
    last_same: NDArray[np.int32],
    changed: NDArray[np.int32],
) -> Greenness:
    """What became of the plants of some pixels.

    `bands` reflectance (time, pixel), NaN where not usable; `days` (time,) ascending;
    `last_same` and `changed` int32 (pixel,): last look before the change (NO_DAY none) and first
    look of it. Without red and near infrared everything is unknown.
    """
    n = len(changed)
    parts = [
        _part(
            {b: v[:, k : k + AT_ONCE] for b, v in bands.items()},
            days,
            last_same[k : k + AT_ONCE],
            changed[k : k + AT_ONCE],
        )
        for k in range(0, n, AT_ONCE)
    ]
    names = Greenness.__dataclass_fields__
    return Greenness(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in names})


def canopy_index(bands: Mapping[str, F32]) -> tuple[str, F32] | None:
    """NBR where there is B12, else NDMI, with its name; None without either."""
    nir = near_infrared(bands)
    for name, band in (("NBR", "B12"), ("NDMI", "B11")):
        if nir is not None and band in bands:
            return name, ratio(nir, bands[band])
    return None


def _part(
    bands: Mapping[str, F32],
    days: NDArray[np.int32],
    last_same: NDArray[np.int32],
    changed: NDArray[np.int32],
) -> Greenness:
    nir, red = near_infrared(bands), bands.get("B04")
    n = len(changed)
    blank = np.full(n, np.nan, np.float32)
    if nir is None or red is None:
        no = np.zeros(n, bool)
        return Greenness(no, ~no, blank, blank, np.zeros(n, np.int32), blank, blank)
    index, canopy = ratio(nir, red), canopy_index(bands)
    age = days[:, None].astype(np.int64) - changed[None, :]
    first = (age >= 0) & (age <= YEAR)
    early = (days[:, None] <= last_same[None, :]) & (last_same[None, :] != NO_DAY)
    before, after = like_for_like(index, early, first, days)
    was, then = (blank, blank)
    if canopy is not None:
        was, then = like_for_like(canopy[1], early, first, days)
    with np.errstate(invalid="ignore"):
        thinner = before - after >= LOST_SHARE * np.maximum(before - SOIL_NDVI, 0.1)
        lost = (before >= PLANTS_NDVI) & (thinner | (was - then >= CANOPY_FALL))
    back = _back(index, None if canopy is None else canopy[1], days, changed, lost, early)
    unknown = ~np.isfinite(before) | ~np.isfinite(after)
    return Greenness(lost, unknown, before, after, back, was, then)


def _back(
    index: F32,
    canopy: F32 | None,
    days: NDArray[np.int32],
    changed: NDArray[np.int32],
    lost: Bools,
    early: Bools,
) -> NDArray[np.int32]:
    """First calendar year, after the year of the change, in which all was back."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    when = changed.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    out = np.zeros(len(changed), np.int32)
    for year in np.unique(years):
        mine = np.broadcast_to((years == year)[:, None], index.shape)
        reached = _reached(index, early, mine, days, SOIL_NDVI)
        if canopy is not None:
            reached &= _reached(canopy, early, mine, days, 0.0)
        out[lost & (out == 0) & (when < year) & reached] = year
    return out


def _reached(values: F32, before: Bools, now: Bools, days: NDArray[np.int32], bare: float) -> Bools:
    """Where the level above that of bare ground is four fifths of the old one again."""
    old, new = like_for_like(values, before, now, days)
    with np.errstate(invalid="ignore"):
        reached: Bools = new - bare >= BACK_SHARE * (old - bare)
    return reached


def severity(found: Greenness, canopy: str) -> tuple[Severity, ...]:
    """How severe the loss was: medians over the lost pixels; `canopy` names the second index."""
    out = []
    for name, a, b in (
        ("NDVI", found.before, found.after),
        (canopy, found.canopy_before, found.canopy_after),
    ):
        chosen = found.lost & np.isfinite(a) & np.isfinite(b)
        if not chosen.any():
            continue
        low, high = np.quantile((b - a)[chosen], (0.05, 0.95))
        was, then = float(np.median(a[chosen])), float(np.median(b[chosen]))
        relative = (was - then) / (was - SOIL_NDVI) if name == "NDVI" else None
        out.append(Severity(name, was, then, float(low), float(high), relative))
    return tuple(out)
