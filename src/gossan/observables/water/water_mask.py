"""Open water in one scene, by the bands there are; and how it adds up over scenes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from gossan.kernels import water as kernel

METHOD = "water.cover.v2"
SURE_SUN = 45.0
"""Sun elevation, degrees, from which what looks like water is water: a slope throws shade, blue and
dark in the infrared like water, only where it is steeper than the sun is high, and ground does not
lie steeper than about 45 degrees."""
BELOW_HIGHEST = 10.0
"""Where the sun never stands that high: so many degrees below its highest of the year count."""
WET_LOOKS = 3
"""Looks in a row that must show water before a pixel belongs to a water body."""
CROSSING_HOUR_ANGLE = 22.5
"""Of the sun at Sentinel-2's crossing, 10:30 local solar time, degrees."""


class Cover(IntEnum):
    """What one pixel of one scene shows (uint8)."""

    HIDDEN = kernel.HIDDEN  # cloud, its shadow, snow, or no data
    LAND = kernel.LAND
    WATER = kernel.WATER
    GREY = kernel.GREY  # as bright in the infrared as in the visible: glint, haze or pale ground
    DIM = kernel.DIM  # dark and classed as such by the scene: water or terrain shade


class Index(StrEnum):
    """What tells water from land, by the bands there are."""

    MNDWI = "green against SWIR (MNDWI)"
    RED_SWIR = "red against SWIR"
    BLUE_SWIR = "blue against SWIR"
    NDWI = "green against NIR (NDWI)"


_ORDER = (("B02",), ("B03",), ("B04",), ("B08", "B8A"), ("B11",), ("B12",))


@dataclass(frozen=True)
class Numbers:
    """How stored numbers become reflectance.

    Attributes
    ----------
    bands : names in the order of the arrays
    scale, offset : float32 (bands,), reflectance = number * scale + offset
    """

    bands: tuple[str, ...]
    scale: NDArray[np.float32]
    offset: NDArray[np.float32]


def index_for(bands: Sequence[str]) -> Index | None:
    """The best index these bands allow; None where water cannot be told."""
    if not {"B11", "B12"} & set(bands):
        return Index.NDWI if "B03" in bands and {"B08", "B8A"} & set(bands) else None
    by_band = {"B03": Index.MNDWI, "B04": Index.RED_SWIR, "B02": Index.BLUE_SWIR}
    return next((by_band[b] for b in by_band if b in bands), None)


def cover(
    dn: NDArray[np.uint16], numbers: Numbers, clear: NDArray[np.bool_], dim: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """`Cover` of every pixel, (y, x), from stored numbers (bands, y, x).

    clear: where the ground was seen; dim: where the scene's own classes say "dark". Raises
    ValueError where `index_for` has none.
    """
    if index_for(numbers.bands) is None:
        raise ValueError(f"Water cannot be told from {', '.join(numbers.bands)}.")
    find = {b: i for i, b in enumerate(numbers.bands)}
    at = np.array([next((find[b] for b in names if b in find), -1) for names in _ORDER], np.int64)
    out = np.empty(clear.shape, np.uint8)
    kernel.cover_pixels(dn, at, numbers.scale, numbers.offset, clear, dim, out)
    return out


def sun_elevation(day: date, latitude: float) -> float:
    """Of the sun at Sentinel-2's crossing, degrees; good to 2 (Cooper 1969 declination)."""
    n = day.timetuple().tm_yday
    declination = math.radians(23.45) * math.sin(2 * math.pi * (284 + n) / 365)
    lat, hour = math.radians(latitude), math.radians(CROSSING_HOUR_ANGLE)
    sine = math.sin(lat) * math.sin(declination)
    return math.degrees(math.asin(sine + math.cos(lat) * math.cos(declination) * math.cos(hour)))


def is_high_sun(day: date, latitude: float) -> bool:
    """True where what looks like water is not shade thrown by a slope."""
    highest = sun_elevation(date(day.year, 6 if latitude >= 0 else 12, 21), latitude)
    return sun_elevation(day, latitude) >= min(SURE_SUN, highest - BELOW_HIGHEST)


@dataclass
class WetCount:
    """How often pixels showed water in a row, under a high sun. All arrays (y, x).

    Attributes
    ----------
    run : uint8, looks in a row with water up to now
    best : uint8, longest such row so far
    """

    run: NDArray[np.uint8]
    best: NDArray[np.uint8]

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> WetCount:
        """Nothing looked at yet."""
        return cls(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8))

    def add(self, seen: NDArray[np.uint8], high_sun: bool) -> None:
        """One more look, in order of time. What cannot tell (hidden, grey, dark under a low sun)
        breaks no row and adds to none."""
        if high_sun:
            wet = (seen == Cover.WATER) | (seen == Cover.DIM)
            self.run[wet & (self.run < 255)] += 1
        self.run[seen == Cover.LAND] = 0
        np.maximum(self.best, self.run, out=self.best)

    @property
    def standing(self) -> NDArray[np.bool_]:
        """Where water stood at `WET_LOOKS` looks in a row."""
        return self.best >= WET_LOOKS


def reflectance(
    dn: NDArray[np.uint16], numbers: Numbers, bands: Sequence[str]
) -> Mapping[str, NDArray[np.float32]]:
    """Reflectance of some bands, float32 of the shape of one."""
    find = {b: i for i, b in enumerate(numbers.bands)}
    return {
        b: dn[find[b]] * numbers.scale[find[b]] + numbers.offset[find[b]]
        for b in bands
        if b in find
    }
