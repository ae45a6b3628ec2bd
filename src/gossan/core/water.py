"""What a person says of waters: stretches of a river, samples, measurements of others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


class Role(StrEnum):
    """How a reach lies to the works in question."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"
    OTHER = "other"


@dataclass(frozen=True)
class Reach:
    """A stretch of a river, or a lake, whose water is asked for.

    Attributes
    ----------
    name : one line, unique in its file
    role : see Role
    geometry : (multi)polygon or (multi)line along the water, EPSG:4326
    """

    name: str
    role: Role
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample from the water: day, place (degrees, EPSG:4326) and value, e.g. FNU or NTU."""

    day: date
    lon: float
    lat: float
    value: float


@dataclass(frozen=True)
class ExternalMeasurement:
    """Measurements somebody else made, as read from one file.

    Attributes
    ----------
    name : of the file, without its folder
    digest : hash of its bytes, "sha256:..."
    days : int32 days, one a value
    lon, lat : degrees, one a value; NaN where the file names places instead
    value : FNU (or as the file has it), finite
    low, high : interval as the file gives it, NaN where it gives none
    place : name of the place by value, "" where the file has coordinates
    """

    name: str
    digest: str
    days: NDArray[np.int32]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    place: tuple[str, ...]
