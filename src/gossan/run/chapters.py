"""The chapters of a dossier: what else was measured of a case, in the order shown."""

from __future__ import annotations

from collections.abc import Callable

from gossan.case.context import OpenCase
from gossan.case.pixels import Pixels
from gossan.case.sites import CaseSites
from gossan.case.state import Monitored
from gossan.dossier.chapter import Chapter
from gossan.observables.terrain.chapter import terrain_chapter
from gossan.observables.traffic.chapter import traffic_chapter
from gossan.observables.vegetation.chapter import vegetation_chapter
from gossan.observables.water.chapter import water_chapter
from gossan.run.sensitivity_chapter import sensitivity_chapter

Maker = Callable[[OpenCase, Monitored, CaseSites, Pixels], Chapter | None]
"""Makes a chapter of what the case holds, None where it holds nothing of the kind."""

MAKERS: tuple[Maker, ...] = (
    vegetation_chapter,
    water_chapter,
    terrain_chapter,
    traffic_chapter,
    sensitivity_chapter,
)


def chapters_of(
    case: OpenCase, state: Monitored, found: CaseSites, pixels: Pixels
) -> tuple[Chapter, ...]:
    """Every chapter the case has something for."""
    made = (make(case, state, found, pixels) for make in MAKERS)
    return tuple(c for c in made if c is not None)
