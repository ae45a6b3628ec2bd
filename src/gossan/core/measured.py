"""What was measured through time at one place: a reading a scene, a series a quantity.

Kept in `case.db` as documents of kind `series`, by id.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from gossan.core.dates import DateInterval
from gossan.core.values import Measurement
from gossan.core.words import tr_later


class Subject(StrEnum):
    """What kind of thing a series is of."""

    AREA = "area"  # all of the case's
    SITE = "site"
    WATER_BODY = "water body"
    REACH = "reach"
    ROAD = "road"
    STATION = "station"  # a named place for which somebody brought measurements in


class Change(StrEnum):
    """What may happen to what is measured."""

    APPEARED = tr_later("appeared")
    GREW = tr_later("grew")
    SHRANK = tr_later("shrank")
    DISAPPEARED = tr_later("disappeared")


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a series, or why there is none.

    Attributes
    ----------
    day : UTC day of the scene or the sample
    scene : key of the scene in the case, or what else it was read from; empty unknown
    value : in the series' unit; None not observable
    low, high : interval at the series' level, same unit; None with the value, never infinite
    pixels : pixels, or samples, behind the value; where there is none, how many could be used
    why_not : why there is no value, one sentence; empty where there is one
    """

    day: date
    scene: str
    value: float | None
    low: float | None
    high: float | None
    pixels: int
    why_not: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a value without interval, or neither value nor reason."""
        three = (self.value, self.low, self.high)
        if self.value is None:
            if three != (None, None, None) or not self.why_not:
                raise ValueError(f"A reading has a value or says why it has none: {self}")
            return
        given = [v for v in three if v is not None and math.isfinite(v)]
        if len(given) != 3 or self.why_not:
            raise ValueError(f"A value has a finite interval and no reason to miss: {self}")
        if not given[1] <= given[0] <= given[2]:
            raise ValueError(f"A value lies in its interval: {self}")

    @classmethod
    def missing(cls, day: date, scene: str, why_not: str, pixels: int = 0) -> Reading:
        """Not observable, and why."""
        return cls(day, scene, None, None, None, pixels, why_not)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened between two looks, dated by both.

    Attributes
    ----------
    change : what
    when : after the last look that did not show it (exclusive; None there was no such look),
        and by the first that did (inclusive)
    """

    change: Change
    when: DateInterval


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity of one thing through time.

    Attributes
    ----------
    id : stable over updates, e.g. "water-area-W-3f9a2c"
    quantity, unit : e.g. "water area", "ha"; a unit of "1" is a ratio
    level : of all intervals, e.g. 0.95
    method : stable method id, explained in docs, e.g. "water.area.v1"
    subject, subject_id : kind of thing and its id, e.g. a site's "S-3f9a2c"
    place : name a person reads, e.g. "lake 2" or the name of a reach
    lon, lat : a point on it, degrees (EPSG:4326)
    readings : ascending in time, also those without a value
    events : what happened, ascending
    detection_limit : smallest value that would have been seen, same unit; None unknown
    source : empty for the case's own scenes; else the file's name and "sha256:..."
    """

    id: str
    quantity: str
    unit: str
    level: float
    method: str
    subject: Subject
    subject_id: str
    place: str
    lon: float
    lat: float
    readings: tuple[Reading, ...]
    events: tuple[Event, ...] = ()
    detection_limit: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError where readings are not in order."""
        if any(a.day > b.day for a, b in pairwise(self.readings)):
            raise ValueError(f"Readings of {self.id} are not in order of time.")

    @property
    def seen(self) -> tuple[Reading, ...]:
        """Readings that have a value."""
        return tuple(r for r in self.readings if r.value is not None)

    def measured(self, r: Reading) -> Measurement:
        """A reading of this series as a measurement. Raises ValueError where it has no value."""
        if r.value is None or r.low is None or r.high is None:
            raise ValueError(f"No value on {r.day}: {r.why_not}")
        return Measurement(
            f"{self.quantity}, {self.place}, {r.day}",
            r.value,
            self.unit,
            r.low,
            r.high,
            self.level,
            self.method,
            (r.scene,) if r.scene else (),
            self.detection_limit,
        )
