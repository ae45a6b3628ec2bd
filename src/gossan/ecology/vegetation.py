"""Vegetation lost and come back at one site, pixel by pixel.

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
from gossan.cube.season import FEW_LOOKS, PEAK, YEAR, part_of_year
from gossan.cube.surfaces import near_infrared, ratio

F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

METHOD = "vegetation.same-season.v1"
SOIL_NDVI = 0.2
"""NDVI of ground without plants (Sobrino et al. 2004, doi:10.1016/j.rse.2004.02.003)."""
PLANTS_NDVI = 0.3
"""A green peak below it is no vegetation that could be lost: plants cover less than a tenth."""
LOST_SHARE = 0.2
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
    before, after : green peak, NDVI, the same months before and in the first year after
    back_year : first calendar year in which it was back, 0 not yet
    nbr_before, nbr_after : median NBR of the same months, NaN without B12
    """

    lost: Bools
    unknown: Bools
    before: F32
    after: F32
    back_year: NDArray[np.int32]
    nbr_before: F32
    nbr_after: F32


def greenness(
    bands: Mapping[str, F32], days: NDArray[np.int32], last_same: NDArray[np.int32],
    changed: NDArray[np.int32],
) -> Greenness:  # fmt: skip
    """What became of the plants of some pixels.

    `bands` reflectance (time, pixel), NaN where not usable; `days` (time,) ascending;
    `last_same` and `changed` int32 (pixel,): last look before the change (NO_DAY none) and first
    look of it. Without red and near infrared everything is unknown.
    """
    n = len(changed)
    parts = [
        _part({b: v[:, k : k + AT_ONCE] for b, v in bands.items()}, days,
              last_same[k : k + AT_ONCE], changed[k : k + AT_ONCE])
        for k in range(0, n, AT_ONCE)
    ]  # fmt: skip
    names = Greenness.__dataclass_fields__
    return Greenness(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in names})


def _part(
    bands: Mapping[str, F32], days: NDArray[np.int32], last_same: NDArray[np.int32],
    changed: NDArray[np.int32],
) -> Greenness:  # fmt: skip
    nir, red, swir = near_infrared(bands), bands.get("B04"), bands.get("B12")
    n = len(changed)
    blank = np.full(n, np.nan, np.float32)
    if nir is None or red is None:
        no = np.zeros(n, bool)
        return Greenness(no, ~no, blank, blank, np.zeros(n, np.int32), blank, blank)
    index = ratio(nir, red)
    age = days[:, None].astype(np.int64) - changed[None, :]
    first = (age >= 0) & (age <= YEAR)
    early = (days[:, None] <= last_same[None, :]) & (last_same[None, :] != NO_DAY)
    early &= _same_months(days, first & np.isfinite(index))
    before, after = peaks(index, early), peaks(index, first)
    unknown = ~np.isfinite(before) | ~np.isfinite(after)
    with np.errstate(invalid="ignore"):
        lost = (before >= PLANTS_NDVI) & (
            before - after >= LOST_SHARE * np.maximum(before - SOIL_NDVI, 0.1)
        )
    nbr = None if swir is None else ratio(nir, swir)
    return Greenness(
        lost, unknown, before, after, _back(index, days, changed, lost, early),
        blank if nbr is None else _medians(nbr, early),
        blank if nbr is None else _medians(nbr, first),
    )  # fmt: skip


def _same_months(days: NDArray[np.int32], seen: Bools) -> Bools:
    """True for looks in months in which the pixel was seen in the first year (time, pixel)."""
    month = part_of_year(days, 12)
    out = np.zeros(seen.shape, bool)
    for m in np.unique(month):
        mine = month == m
        out[mine] = seen[mine].any(axis=0)
    return out


def peaks(index: F32, looks: Bools) -> F32:
    """Green peak of each pixel over some looks, NaN where they are too few (pixel,)."""
    chosen = looks & np.isfinite(index)
    return _ranked(np.where(chosen, index, np.nan), PEAK, FEW_LOOKS)


def _medians(values: F32, looks: Bools) -> F32:
    return _ranked(np.where(looks & np.isfinite(values), values, np.nan), 0.5, 1)


def _ranked(values: F32, share: float, few: int) -> F32:
    """Quantile of each column by rank, NaN where fewer than `few` are numbers; NaN sort last."""
    order = np.sort(values, axis=0)
    count = np.isfinite(order).sum(axis=0)
    at = np.rint(share * np.maximum(count - 1, 0)).astype(np.int64)
    picked = np.take_along_axis(order, at[None], axis=0)[0]
    out: F32 = np.where(count >= few, picked, np.nan).astype(np.float32)
    return out


def _back(
    index: F32, days: NDArray[np.int32], changed: NDArray[np.int32], lost: Bools, early: Bools
) -> NDArray[np.int32]:
    """First calendar year, after the year of the change, whose peak reached the old one again."""
    years = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    when = changed.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    out = np.zeros(len(changed), np.int32)
    for year in np.unique(years):
        mine = (years == year)[:, None] & np.isfinite(index)
        old = peaks(index, early & _same_months(days, mine))
        now = peaks(index, mine)
        with np.errstate(invalid="ignore"):
            reached = now - SOIL_NDVI >= BACK_SHARE * (old - SOIL_NDVI)
        out[lost & (out == 0) & (when < year) & reached] = year
    return out


def severity(found: Greenness) -> tuple[Severity, ...]:
    """How severe the loss was: medians over the lost pixels, per index."""
    out = []
    for name, a, b in (("NDVI", found.before, found.after),
                       ("NBR", found.nbr_before, found.nbr_after)):  # fmt: skip
        chosen = found.lost & np.isfinite(a) & np.isfinite(b)
        if not chosen.any():
            continue
        low, high = np.quantile((b - a)[chosen], (0.05, 0.95))
        was, then = float(np.median(a[chosen])), float(np.median(b[chosen]))
        relative = (was - then) / (was - SOIL_NDVI) if name == "NDVI" else None
        out.append(Severity(name, was, then, float(low), float(high), relative))
    return tuple(out)
