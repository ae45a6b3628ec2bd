"""What was measured in a case, as far as a claim is held against it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from gossan.core.statements import Claim
from gossan.core.values import SceneRecord, Site
from gossan.core.verdicts import Circle, Power, Question, Verdict

PowerOf = Callable[[Question, float], Power | None]
"""(question, size in ha) -> measured power, None where it was not measured."""
Doubt = Callable[[Verdict, Claim], Verdict]
"""(verdict on ground, claim) -> the same, or left open by what else is known of that ground."""


def no_power(question: Question, size_ha: float) -> Power | None:  # noqa: ARG001
    """Power where none was measured."""
    return None


@dataclass(frozen=True)
class Measurements:
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
    power_of : how surely a change of some size would have been seen
    explanations : tests of other explanations by what observables measured
    doubts : what observables have against a verdict on ground
    """

    sites: tuple[Site, ...]
    scenes: tuple[SceneRecord, ...]
    looks: tuple[date, ...]
    monitored_from: date | None
    area: shapely.Geometry
    drift: NDArray[np.float32] | None = None
    power_of: PowerOf = no_power
    explanations: tuple[Explanation, ...] = ()
    doubts: tuple[Doubt, ...] = ()


Explanation = Callable[[Question, Measurements, Sequence[Site]], str | None]
"""(question, ground, sites within the circle) -> what the test found, None not applicable."""


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
