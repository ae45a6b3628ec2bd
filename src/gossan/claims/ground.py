"""What was measured in a case, as far as a claim is held against it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from gossan.core.kinds import KindOfSite
from gossan.core.terrain import SiteTerrain
from gossan.core.traffic import TrafficRun
from gossan.core.values import SceneRecord, Site
from gossan.core.vegetation import SiteVegetation
from gossan.core.verdicts import Circle, Question


@dataclass(frozen=True)
class Ground:
    """What was measured in a case.

    Attributes
    ----------
    sites : every site of the case
    scenes : every scene the catalogue has for the period, used or not
    looks : days of the scenes used, ascending
    monitored_from : first day on which a change could be noticed, None never
    area : the case's area, EPSG:4326
    drift : what all ground of a look was off by, the largest of its bands, reflectance, float32
        (look,); it was taken out before anything was compared. None unknown
    kinds, vegetation, terrain : what was weighed and measured of each site, by id
    places : the places that water could reach, EPSG:4326, by name
    traffic : what passes showed of moving vehicles, None where no roads are followed
    """

    sites: tuple[Site, ...]
    scenes: tuple[SceneRecord, ...]
    looks: tuple[date, ...]
    monitored_from: date | None
    area: shapely.Geometry
    drift: NDArray[np.float32] | None = None
    kinds: Mapping[str, KindOfSite] = field(default_factory=dict)
    vegetation: Mapping[str, SiteVegetation] = field(default_factory=dict)
    terrain: Mapping[str, SiteTerrain] = field(default_factory=dict)
    places: Mapping[str, shapely.Geometry] = field(default_factory=dict)
    traffic: TrafficRun | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Ground broken at a site after `after` (exclusive, None unknown) and by `by` (inclusive).

    `added`, `low`, `high` in ha; `first` True for the beginning of the site.
    """

    site: Site
    after: date | None
    by: date
    added: float
    low: float
    high: float
    first: bool


def steps_of(site: Site, looks: Sequence[date]) -> list[Step]:
    """The steps in which a site grew, ascending."""
    out: list[Step] = []
    before = (0.0, 0.0, 0.0)
    for n, g in enumerate(site.growth):
        earlier = [day for day in looks if day < g.day]
        after = site.began.last_unchanged if n == 0 else (earlier[-1] if earlier else None)
        added = g.area_ha - before[0]
        # edges of the old and the new outline err together, so bounds are not subtracted crosswise
        low, high = max(0.0, g.low_ha - before[1]), max(added, g.high_ha - before[2])
        out.append(Step(site, after, g.day, added, low, high, n == 0))
        before = (g.area_ha, g.low_ha, g.high_ha)
    return out


def inside(s: Step, q: Question) -> bool:
    """True where the images fix the step to the window."""
    assert q.first is not None
    assert q.last is not None
    return s.after is not None and q.first <= s.after and s.by <= q.last


def touches(s: Step, q: Question) -> bool:
    """True where the step may lie in the window."""
    assert q.first is not None
    assert q.last is not None
    return s.by >= q.first and (s.after is None or s.after < q.last)


def within(site: Site, circle: Circle) -> bool:
    """True where the site comes nearer to the middle than the radius, good to half a percent."""
    kx, ky = 111.32 * math.cos(math.radians(circle.lat)), 110.57

    def to_km(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((xy - [circle.lon, circle.lat]) * [kx, ky])

    local = shapely.transform(site.geometry, to_km)
    return float(local.distance(shapely.Point(0, 0))) <= circle.radius_km
