"""Roads, and what passes of the satellite showed of moving bright large vehicles on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from gossan.core.values import Measurement

if TYPE_CHECKING:
    from shapely.geometry import LineString


@dataclass(frozen=True)
class Road:
    """A road from a file the user supplies.

    Attributes
    ----------
    name : as the file gives it; "" without one
    kind : class, e.g. "primary" or "track"; "road" where the file says none
    paved : False for tracks and unpaved surfaces
    half_width_m : to each side of the line, as far as vehicles drive
    line : EPSG:4326, without tunnels
    """

    name: str
    kind: str
    paved: bool
    half_width_m: float
    line: LineString


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of road: the smallest place that is told of.

    Attributes
    ----------
    name : e.g. "Lachin road, km 4 to 6"
    km : its length
    usable_km : summed over all passes used
    found : detections summed over all passes used
    expected : of these the number a null would give, with its interval
    """

    name: str
    km: float
    usable_km: float
    found: int
    expected: Measurement


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass over the roads.

    Attributes
    ----------
    day, scene : of the image
    usable_km : of road that could be looked at; 0 with `aside`
    found : detections
    null : detections under each order of bands that no motion can make, scaled to `usable_km`
    expected : what the null makes expect, with its interval for one count
    excess : found less expected, with its interval
    aside : why the pass is not used, one sentence; empty where it is
    """

    day: date
    scene: str
    usable_km: float
    found: int
    null: tuple[float, ...]
    expected: Measurement | None
    excess: Measurement | None
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Share of implanted vehicles that were found.

    Attributes
    ----------
    vehicle : kind, in words
    surface : "paved" or "unpaved"
    speed_kmh : as driven
    gap_m : between vehicles of a convoy of eight; 0 alone
    n, found : implanted, found
    low, high : interval of the share
    level : of the interval
    """

    vehicle: str
    surface: str
    speed_kmh: float
    gap_m: float
    n: int
    found: int
    low: float
    high: float
    level: float

    @property
    def share(self) -> float:
        """Found of implanted."""
        return self.found / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class TrafficRun:
    """How traffic was looked for, and all that is not told pass by pass.

    Attributes
    ----------
    key : hash of all it depends on
    file : of roads, in the case folder
    roads : number of roads; `km` of them within the area, `straight_km` without bends
    names : names of roads, in the order of the file
    by_kind : class and kilometres
    least : score from which a picture counts
    orders : orders of bands that served as null
    passes, sections, limits : see there
    split : day that parts before from after; None not said
    change : excess per usable km after less before, None without a split or enough passes
    heading : why no heading is told, one sentence
    """

    key: str
    file: str
    roads: int
    km: float
    straight_km: float
    names: tuple[str, ...]
    by_kind: tuple[tuple[str, float], ...]
    least: float
    orders: tuple[tuple[int, ...], ...]
    passes: tuple[Pass, ...]
    sections: tuple[Section, ...]
    limits: tuple[Seen, ...]
    split: date | None
    change: Measurement | None
    heading: str

    @property
    def used(self) -> tuple[Pass, ...]:
        """Passes that were not set aside."""
        return tuple(p for p in self.passes if not p.aside)
