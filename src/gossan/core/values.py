"""Frozen values that pass between rooms. Field docs give shape, unit and nodata."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import DateInterval
from gossan.core.words import tr_later

if TYPE_CHECKING:  # loading them takes longer than an update with nothing new may
    import pystac
    from odc.geo.geobox import GeoBox
    from shapely.geometry.base import BaseGeometry

BANDS = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")
"""Canonical band names and order. A cube has a subset, always in this order."""


@dataclass(frozen=True)
class BandSource:
    """How one band of one scene becomes reflectance: `reflectance = dn * scale + offset`.

    Attributes
    ----------
    asset : asset key in the item
    href : where the asset lies, without any signature
    scale, offset : dimensionless, already corrected for the provider's habits
    nodata : DN that means "no data"
    checksum : `file:checksum` multihash of the catalogue, or None
    """

    asset: str
    href: str
    scale: float
    offset: float
    nodata: float
    checksum: str | None


@dataclass(frozen=True)
class Scene:
    """One acquisition of one tile, with what gossan verified of it.

    Attributes
    ----------
    id : item id
    time : acquisition, UTC, to the second
    item : the catalogue's item, hrefs absolute, unsigned
    bands : canonical band name -> source
    scl : asset key of the scene classification, or None
    offset_rule : which metadata decided the offset, in words, e.g.
        "earthsearch:boa_offset_applied is true: offset already in the pixels"
    """

    id: str
    time: datetime
    item: pystac.Item
    bands: dict[str, BandSource]
    scl: str | None
    offset_rule: str


class Status(IntEnum):
    """State of one pixel's monitor (uint8)."""

    NO_MODEL = 0  # too few usable observations: nothing can be said
    STABLE = 1
    PROVISIONAL = 2  # some consecutive exceedances, not yet enough to confirm
    CONFIRMED = 3
    RECOVERED = 4  # was confirmed, has since followed its model again
    EARLY = 5  # a step inside the history: rests on the very looks the model was learned from


@dataclass(frozen=True)
class Disturbances:
    """What the monitor says about every pixel, all arrays of shape (y, x) on `grid`.

    Attributes
    ----------
    grid : where
    status : uint8, `Status`
    last_unchanged : int32 days, last usable observation that still fitted; NO_DAY none
    first_changed : int32 days, first usable observation of the change; NO_DAY none
    confirmed_on : int32 days, observation that confirmed it; NO_DAY not confirmed
    recovered_on : int32 days, first observation of the return to the model; NO_DAY none
    magnitude : float32, root mean square whitened residual over bands (dimensionless,
        1 = the pixel's own noise, steps of 6 %); 0 where nothing changed
    n_history : int16, usable observations behind the model
    last_seen : int32 days, last usable observation; NO_DAY never seen
    changes : uint8, number of confirmed changes
    changed_again, unchanged_until : int32 days, first look of the latest change after the main
        one and last look before it; NO_DAY none
    """

    grid: GeoBox
    status: NDArray[np.uint8]
    last_unchanged: NDArray[np.int32]
    first_changed: NDArray[np.int32]
    confirmed_on: NDArray[np.int32]
    recovered_on: NDArray[np.int32]
    magnitude: NDArray[np.float32]
    n_history: NDArray[np.int16]
    last_seen: NDArray[np.int32]
    changes: NDArray[np.uint8]
    changed_again: NDArray[np.int32]
    unchanged_until: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number that may leave the program.

    Attributes
    ----------
    quantity : e.g. "disturbed area"
    value, unit : e.g. 3.41, "ha"
    low, high : interval at `level` (same unit)
    level : e.g. 0.95
    method : stable method id, explained in docs/methods.md, e.g. "area.pixel-edge.v1"
    scenes : ids of the scenes it rests on
    detection_limit : smallest value that would have been seen, same unit; None unknown
    """

    quantity: str
    value: float
    unit: str
    low: float
    high: float
    level: float
    method: str
    scenes: tuple[str, ...] = ()
    detection_limit: float | None = None


class SiteStatus(StrEnum):
    """A site is confirmed when any of its pixels is."""

    PROVISIONAL = tr_later("provisional")
    CONFIRMED = tr_later("confirmed")


@dataclass(frozen=True, slots=True)
class GrowthStep:
    """Area disturbed up to and including `day`, hectares, with its interval."""

    day: date
    area_ha: float
    low_ha: float
    high_ha: float


@dataclass(frozen=True)
class Site:
    """A connected piece of changed ground.

    Attributes
    ----------
    id : stable over updates, e.g. "S-3f9a2c"
    status : confirmed when any of its pixels is
    geometry : polygon(s) in EPSG:4326 along pixel edges
    geometry_grid : the same in the grid's CRS
    area : Measurement in ha
    began : dates of its first pixels
    ended : dates of its last pixels (equal to `began` for a change in one step)
    growth : area through time, one step per date at which it grew, ascending
    pixels : row and column of its pixels, int32 arrays of equal length
    magnitude : median over pixels, as in Disturbances
    recovered_share : fraction of pixels whose status is RECOVERED, 0..1
    again_share : fraction of pixels that changed again, to something else, since, 0..1
    """

    id: str
    status: SiteStatus
    geometry: BaseGeometry
    geometry_grid: BaseGeometry
    area: Measurement
    began: DateInterval
    ended: DateInterval
    growth: tuple[GrowthStep, ...]
    pixels: tuple[NDArray[np.int32], NDArray[np.int32]]
    magnitude: float
    recovered_share: float
    again_share: float


UNTESTED, REFUTED = "offset not tested", "offset does not fit the pixels"
"""How the reason of a scene begins that was used though its pixels could not show whether its
offset is right, and of one not used because they show that it is wrong."""


class Outcome(StrEnum):
    """What became of one scene of the catalogue."""

    USED = "used"
    DUPLICATE = "duplicate"  # same day and place as a better item
    CLOUDY = "cloudy"  # the catalogue's cloud cover exceeds the case's limit: not read
    OUTSIDE = "outside"  # does not touch the area
    FAILED = "failed"  # could not be read: a gap
    EMPTY = "empty"  # read, no usable pixel in the area


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """One line of the list of all scenes in the window, used or not.

    `usable_share` is the fraction (0..1) of the area's pixels that could be seen, None
    where not read; `reason` says why it was not used, or what of a used one was not tested.
    """

    id: str
    time: datetime
    outcome: Outcome
    reason: str
    usable_share: float | None
    offset_rule: str
    checksum: str | None

    @property
    def offset_untested(self) -> bool:
        """True where it was used though its pixels could not show whether its offset is right."""
        return self.outcome is Outcome.USED and self.reason.startswith(UNTESTED)

    @property
    def offset_refuted(self) -> bool:
        """True where it was set aside because its pixels contradict its offset."""
        return self.outcome is Outcome.FAILED and self.reason.startswith(REFUTED)
