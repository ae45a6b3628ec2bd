"""What the ground's shape says of a site: slope, the way its water takes, what lies below."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gossan.core.values import Measurement
from gossan.core.words import tr_later

if TYPE_CHECKING:
    from odc.geo.geobox import GeoBox
    from shapely.geometry.base import BaseGeometry

LonLat = tuple[float, float]


@dataclass(frozen=True)
class Elevation:
    """Heights of an area and its surroundings.

    Attributes
    ----------
    grid : the model's own grid; nothing was resampled
    heights : float32 (y, x), m above whatever datum the model has; NaN unknown
    """

    grid: GeoBox
    heights: NDArray[np.float32]


class PlaceKind(StrEnum):
    """What a place is sensitive as; the keys of section [places]."""

    SETTLEMENT = tr_later("settlement")
    INTAKE = tr_later("water intake")
    PROTECTED = tr_later("protected area")


@dataclass(frozen=True)
class Place:
    """A place that water could reach, from a file the user supplies.

    Attributes
    ----------
    kind : what it is
    name : as the file gives it; "(no name) 3" for the third feature without one
    geometry : point, line or (multi)polygon, EPSG:4326
    source : name of the file
    """

    kind: PlaceKind
    name: str
    geometry: BaseGeometry
    source: str


class FlowEnd(StrEnum):
    """Why a way down is not followed farther."""

    REACH = "reach"  # the distance asked for
    EDGE = "edge"  # the elevation model ends, or has a gap: not known beyond here


@dataclass(frozen=True, slots=True)
class Target:
    """A place beside the way a site's water takes.

    Attributes
    ----------
    name, kind, source : as in `Place`
    along : distance along the flow from the site's edge, km, with its interval over the
        realisations in which the way passes the place
    aside_m : distance of the place from the way on the elevation model as it is, m; 0 where the
        way enters it. None where only realisations pass it
    above_m : height of the place there above the way, m; None as `aside_m`, and off the model
    passed : share of realisations whose way passes within the case's `aside_m`, 0..1, with the
        exact interval of a count
    at : where the way is nearest to it, lon/lat degrees (of the place itself where only
        realisations pass it)
    """

    name: str
    kind: PlaceKind
    source: str
    along: Measurement
    aside_m: float | None
    above_m: float | None
    passed: Measurement
    at: LonLat


@dataclass(frozen=True, slots=True)
class SiteTerrain:
    """The ground of one site and the way down from it.

    Attributes
    ----------
    site : its id
    slope : median over its cells, degrees; interval of 95 % of its cells, not an error; None on
        the edge of the model
    channel : distance along the flow to the first channel, m, with its interval over
        realisations; None where the way ends before one
    channel_km2 : upstream area from which a way is called a channel, km2
    outlet : cell by which most of the site's ground drains, lon/lat degrees
    joins : share of the site's ground that drains into the way followed, 0..1
    hollow_m : greatest depth of a hollow of the elevation model under the site, m; water
        leaves it only over its rim
    way : the way down from the outlet, lon/lat degrees
    length_km : its length, km
    end : why it is not followed farther
    targets : what lies beside it, by distance along the flow
    relief_index : relative erosion index, mean of LS x C over its cells, dimensionless: only
        its order among the sites of the case means anything
    rank : 1 for the site most prone to erosion, with the interval over realisations
    """

    site: str
    slope: Measurement | None
    channel: Measurement | None
    channel_km2: float
    outlet: LonLat
    joins: float
    hollow_m: float
    way: tuple[LonLat, ...]
    length_km: float
    end: FlowEnd
    targets: tuple[Target, ...]
    relief_index: float
    rank: Measurement


@dataclass(frozen=True, slots=True)
class SiteVolume:
    """Volume a site gained (positive) or lost (negative) between two elevation models.

    Attributes
    ----------
    site : its id
    volume : m3, with its interval; None where too little of the site has a height in both, or it
        is too small for the cells of the models
    depth : mean change of height, m, with its interval; None as `volume`
    known_share : share of its ground with a height in both, 0..1
    cells : of the models that it covers
    """

    site: str
    volume: Measurement | None
    depth: Measurement | None
    known_share: float
    cells: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the later elevation model was laid over the earlier.

    Attributes
    ----------
    shift_m : by which it was moved, metres east, north and up
    nmad_before, nmad_after : spread of the differences of stable ground, m
    stable_share : share of the cells compared that count as stable, 0..1
    cell_m : side of a cell compared, m
    """

    shift_m: tuple[float, float, float]
    nmad_before: float
    nmad_after: float
    stable_share: float
    cell_m: float
