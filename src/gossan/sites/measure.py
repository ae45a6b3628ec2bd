"""Area of a site through time, with its interval, and the dates of its beginning and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.dates import NO_DAY, DateInterval, from_day
from gossan.core.values import GrowthStep, Measurement

METHOD = "area.pixel-edge.v1"
LEVEL = 0.95
_NEVER = 1 << 40
"""Later than any day; small enough that ndimage, which computes in doubles, keeps it exact."""
_CROSS = ndimage.generate_binary_structure(2, 1)


@dataclass(frozen=True)
class Patch:
    """A site's window of the grid, at least one pixel wider than the site where the grid is.

    All arrays of shape (y, x) of the window.

    Attributes
    ----------
    inside : bool, the site's pixels
    core : bool, those that are confirmed or recovered
    allowed : bool, inside the area of the case
    first_changed, last_unchanged : int32 days, as in Disturbances
    area_m2 : float64, true area of each pixel
    """

    inside: NDArray[np.bool_]
    core: NDArray[np.bool_]
    allowed: NDArray[np.bool_]
    first_changed: NDArray[np.int32]
    last_unchanged: NDArray[np.int32]
    area_m2: NDArray[np.float64]


def growth(patch: Patch) -> tuple[GrowthStep, ...]:
    """Cumulative area per date of change, hectares, by method `area.pixel-edge.v1`.

    Estimate: sum of the true areas of the pixels changed by then. Interval: the real edge
    may run anywhere through the pixels it crosses. At worst every boundary pixel inside
    is only half changed (low = interior + half of the boundary pixels), or every pixel
    just outside is half changed without having been flagged (high = area + half of the
    outer ring, 4-neighbours, inside the area of the case). Errors of neighbouring edge
    pixels have a common cause (sensor blur, co-registration, threshold), so they are taken
    as fully correlated: the bounds are sums, not root sums of squares, and are stated at
    level 0.95 as a conservative interval. `low` counts confirmed and recovered pixels
    only, so it is 0 for a provisional site. All three never decrease with time.
    """
    when = np.where(patch.inside, patch.first_changed.astype(np.int64), _NEVER)
    sure = np.where(patch.core & patch.inside, when, _NEVER)
    # The day a pixel first has a changed 4-neighbour, and the day it and all of them are.
    reached = ndimage.minimum_filter(when, footprint=_CROSS, mode="constant", cval=_NEVER)
    reached = np.where(patch.allowed | patch.inside, reached, _NEVER)
    enclosed = ndimage.maximum_filter(sure, footprint=_CROSS, mode="constant", cval=_NEVER)
    days = np.unique(when[patch.inside])
    area = _area_by(days, when, patch.area_m2)
    low = 0.5 * (_area_by(days, sure, patch.area_m2) + _area_by(days, enclosed, patch.area_m2))
    high = 0.5 * (area + _area_by(days, reached, patch.area_m2))
    return tuple(
        GrowthStep(from_day(int(d)), float(a), float(lo), float(hi))
        for d, a, lo, hi in zip(days, area, low, high, strict=True)
    )


def area_of(steps: tuple[GrowthStep, ...]) -> Measurement:
    """The area at the last step of `growth`, as a measurement in hectares."""
    last = steps[-1]
    return Measurement(
        quantity="disturbed area",
        value=last.area_ha,
        unit="ha",
        low=last.low_ha,
        high=last.high_ha,
        level=LEVEL,
        method=METHOD,
    )


def dates_of(patch: Patch, odd_share: float) -> tuple[DateInterval, DateInterval]:
    """When the site began and ended, robust to odd pixels.

    Began: the first date by which more than `odd_share` of the site's area had changed;
    ended: the first date by which at least 1 - `odd_share` of it had. Confirmed pixels
    alone decide where there are any. The last unchanged date of either is the
    `odd_share` quantile by area over the pixels that changed on that date: nearly all of
    them were still seen unchanged then, and None where more than that share had never
    been seen before.
    """
    chosen = patch.inside & patch.core if patch.core.any() else patch.inside
    first = patch.first_changed[chosen]
    last = patch.last_unchanged[chosen]
    weight = patch.area_m2[chosen]

    def interval(day: int) -> DateInterval:
        same = first == day
        before = _quantile_day(last[same], weight[same], odd_share)
        return DateInterval(None if before == NO_DAY else from_day(before), from_day(day))

    began = _quantile_day(first, weight, odd_share)
    # Counted from the end, so that exactly odd_share of late pixels are odd, as early ones are.
    ended = -_quantile_day(-first, weight, odd_share)
    return interval(began), interval(ended)


def _area_by(
    days: NDArray[np.int64], when: NDArray[np.int64], area_m2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Hectares of pixels whose day is at most each of `days`."""
    chosen = when != _NEVER
    slot = np.searchsorted(days, when[chosen])
    per_day = np.bincount(slot, weights=area_m2[chosen], minlength=len(days))
    total: NDArray[np.float64] = np.cumsum(per_day) / 10_000.0
    return total


def _quantile_day(days: NDArray[np.int32], weight: NDArray[np.float64], share: float) -> int:
    """The first day by which more than `share` of the weight has come."""
    order = np.argsort(days, kind="stable")
    reached = np.cumsum(weight[order])
    at = int(np.searchsorted(reached, share * reached[-1] * (1 + 1e-9), side="right"))
    return int(days[order][min(at, len(days) - 1)])
