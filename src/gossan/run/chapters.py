"""The chapters of a dossier: what else was measured of a case, in the order shown."""

from __future__ import annotations

from collections.abc import Callable

from gossan.dossier.chapter import Chapter
from gossan.run.opened import OpenCase
from gossan.run.pixels import Pixels
from gossan.run.sensitivity_chapter import sensitivity_chapter
from gossan.run.sites import CaseSites
from gossan.run.state import Monitored
from gossan.run.terrain_chapter import terrain_chapter
from gossan.run.traffic_chapter import traffic_chapter
from gossan.run.vegetation_chapter import vegetation_chapter
from gossan.run.water_chapter import water_chapter

Maker = Callable[[OpenCase, Monitored, CaseSites, Pixels], Chapter | None]
"""Makes a chapter of what the case holds, None where it holds nothing of the kind."""

MAKERS: tuple[Maker, ...] = (
    vegetation_chapter, water_chapter, terrain_chapter, traffic_chapter, sensitivity_chapter,
)  # fmt: skip


def chapters_of(
    case: OpenCase, state: Monitored, found: CaseSites, pixels: Pixels
) -> tuple[Chapter, ...]:
    """Every chapter the case has something for."""
    made = (make(case, state, found, pixels) for make in MAKERS)
    return tuple(c for c in made if c is not None)
