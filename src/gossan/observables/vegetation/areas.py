"""Hectares by year from pixels, with what their edges and their dates leave open."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.values import Measurement

Bools = NDArray[np.bool_]
LEVEL = 0.95
_CROSS = ndimage.generate_binary_structure(2, 1)


@dataclass(frozen=True)
class Field:
    """A site's window. All arrays of shape (y, x), one pixel wider than the site where the grid is.

    Attributes
    ----------
    lost : vegetation lost
    sure : of these, pixels whose change is confirmed
    allowed : inside the area of the case
    year : int32, calendar year of the first look of the change; 0 elsewhere
    earliest : int32, year of the last look before it (0 not known)
    back : int32, year in which it was back, 0 not yet
    area_m2 : float64
    """

    lost: Bools
    sure: Bools
    allowed: Bools
    year: NDArray[np.int32]
    earliest: NDArray[np.int32]
    back: NDArray[np.int32]
    area_m2: NDArray[np.float64]


def lost_in(field: Field, year: int, method: str) -> Measurement:
    """Hectares lost in a year. Low: confirmed pixels dated wholly in it, edge pixels by half.
    High: also those that may have changed in it, and half of the pixels just outside."""
    mine = field.lost & (field.year == year)
    dated = mine & field.sure & (field.earliest == year)
    maybe = field.lost & (field.year >= year) & (field.earliest <= year)
    return _measured("vegetation lost", field, mine, dated, maybe, field.lost, method)


def lost_ever(field: Field, method: str) -> Measurement:
    """Hectares lost in all years; the year a pixel belongs to plays no part."""
    sure = field.lost & field.sure
    return _measured("vegetation lost", field, field.lost, sure, field.lost, field.lost, method)


def back_in(field: Field, year: int | None, method: str) -> Measurement:
    """Hectares back in a year, or in any where None. The edges leave half a pixel open; dates
    are those of whole years."""
    mine = field.lost & ((field.back == year) if year else field.back > 0)
    return _measured("vegetation come back", field, mine, mine, mine, field.back > 0, method)


def _measured(
    quantity: str, field: Field, mine: Bools, least: Bools, most: Bools, whole: Bools, method: str
) -> Measurement:
    inner = ndimage.binary_erosion(whole, _CROSS)
    ring = ndimage.binary_dilation(most, _CROSS) & ~whole & field.allowed

    def hectares(mask: Bools) -> float:
        return float(field.area_m2[mask].sum()) / 1e4

    low = hectares(least & inner) + 0.5 * hectares(least & ~inner)
    high = hectares(most) + 0.5 * hectares(ring)
    return Measurement(quantity, hectares(mine), "ha", low, high, LEVEL, method)


def total(parts: list[Measurement], quantity: str, method: str) -> Measurement:
    """Sum; intervals are added end to end, as if all errors had one sign."""
    return Measurement(
        quantity,
        fsum(p.value for p in parts),
        "ha",
        fsum(p.low for p in parts),
        fsum(p.high for p in parts),
        LEVEL,
        method,
    )
