"""Same season compared with same season, and the green peak of a year."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

YEAR = 365.25
PEAK = 0.9
"""Quantile of a year's looks that stands for its greenest time; one odd look does not make it."""
FEW_LOOKS = 4
"""Fewer looks in a year tell no peak."""
PARTS = 4
"""Seasons of a year: quarters from 1 January, which is winter to one and summer to another."""


def part_of_year(days: NDArray[np.int32], parts: int) -> NDArray[np.int64]:
    """Which of `parts` equal parts of its year a day lies in, 0..parts - 1."""
    inside = (np.asarray(days, np.float64) % YEAR) / YEAR  # 1970-01-01 is a 1 January
    return np.minimum((inside * parts).astype(np.int64), parts - 1)


def median(values: F32) -> float | None:
    """Median of the numbers, None where there is none."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


def shift(values: F32, before: Bools, after: Bools, days: NDArray[np.int32]) -> float | None:
    """How much `values` (time, pixel) moved, each month compared with the same month.

    Median over the months that have looks on both sides; all pixels pooled. None where no
    month has.
    """
    month = part_of_year(days, 12)
    moved = []
    for m in range(12):
        mine = (month == m)[:, None]
        a, b = median(values[mine & before]), median(values[mine & after])
        if a is not None and b is not None:
            moved.append(b - a)
    return float(np.median(moved)) if moved else None


def like_for_like(
    values: F32, before: Bools, after: Bools, days: NDArray[np.int32]
) -> tuple[F32, F32]:
    """Each pixel before and after, over the months seen on both sides: means of monthly medians.

    `values`, `before` and `after` are (time, pixel), the results (pixel,). A year with many looks
    in spring and few in summer is so compared with the same springs and summers. NaN where either
    side has fewer than `FEW_LOOKS` looks in such months.
    """
    month, known = part_of_year(days, 12), np.isfinite(values)
    n = values.shape[1]
    total, looks, months = np.zeros((2, n)), np.zeros((2, n), np.int64), np.zeros(n, np.int64)
    for m in np.unique(month):
        mine = month == m
        sides = [side[mine] & known[mine] for side in (before, after)]
        both = sides[0].any(axis=0) & sides[1].any(axis=0)
        if not both.any():
            continue
        for k, side in enumerate(sides):
            total[k] += np.where(both, _lower_median(values[mine], side), 0)
            looks[k] += np.where(both, side.sum(axis=0), 0)
        months += both
    enough = (looks >= FEW_LOOKS).all(axis=0)
    out = np.where(enough, total / np.maximum(months, 1), np.nan).astype(np.float32)
    return out[0], out[1]


def _lower_median(values: F32, looks: Bools) -> F32:
    """Median of each column over some looks, the lower of two middle ones; 0 for none."""
    order = np.sort(np.where(looks, values, np.inf), axis=0)
    at = np.maximum(looks.sum(axis=0) - 1, 0) // 2
    picked: F32 = np.take_along_axis(order, at[None], axis=0)[0]
    return np.where(np.isfinite(picked), picked, np.float32(0))


def peak(values: F32, looks: Bools) -> float | None:
    """Median over pixels of the `PEAK` quantile of `values` (time, pixel) over `looks`."""
    chosen = looks & np.isfinite(values)
    enough = chosen.sum(axis=0) >= FEW_LOOKS
    if not enough.any():
        return None
    part = np.where(chosen[:, enough], values[:, enough], np.nan)
    return float(np.median(np.nanquantile(part, PEAK, axis=0)))


def seasons_shared(flag: Bools, looks: Bools, days: NDArray[np.int32]) -> tuple[float, int] | None:
    """Share of the seasons in which `flag` holds on most looks, and how many seasons were seen.

    A season is a quarter of one year; arrays are (time, pixel), pixels pooled. None where
    fewer than two seasons were seen.
    """
    key = np.floor(np.asarray(days, np.float64) / YEAR).astype(np.int64) * PARTS
    key += part_of_year(days, PARTS)
    shares = []
    for k in np.unique(key):
        mine = (key == k)[:, None] & looks
        if mine.any():
            shares.append(float(flag[mine].mean()))
    if len(shares) < 2:
        return None
    return float(np.mean(np.array(shares) > 0.5)), len(shares)
