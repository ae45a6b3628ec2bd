"""What is implanted where and when: drawn by chance, the same for the same seed.

Every trial draws its day and its place on its own, uniformly over the days of its season and
the places with room for its size; the seasons take turns in proportion to their days. So the
trials of one size, contrast and season are independent draws from all that could have appeared
there, and the exact binomial interval holds for their recall however alike neighbouring days and
pixels are. Over several seasons the even turns can only narrow the spread (proportional
stratification). The unit is the patch, never the pixel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import from_day, to_day
from gossan.core.errors import Code, GossanError
from gossan.core.params import LimitsParams
from gossan.core.power.trials import Season
from gossan.core.words import tr

GOLDEN = (math.sqrt(5) - 1) / 2

Places = tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class InjectedTarget:
    """One trial before it is made: fields as in `core.power.trials.Trial`; `day` is an int32 day."""

    index: int
    area_ha: float
    contrast: float
    spectrum: str
    day: int
    row: int
    col: int


def days_of_trials(params: LimitsParams, watched_from: int, last_look: int) -> tuple[int, int]:
    """First and last day on which a patch may appear: it must leave time to be confirmed.

    `watched_from` is the last day of the history, `last_look` the day of the newest look.
    Raises GossanError(LIMITS) where no day is left.
    """
    first, last = watched_from, last_look - params.within[-1]
    if params.first is not None:
        first = max(first, to_day(params.first))
    if params.last is not None:
        last = min(last, to_day(params.last))
    if first > last:
        raise GossanError(
            Code.LIMITS,
            tr(
                "No day is left for trials: the case was watched from {watched_from} to "
                "{last_look}, and a patch must appear {within} days before the end, within the "
                "days asked for.",
                watched_from=from_day(watched_from),
                last_look=from_day(last_look),
                within=params.within[-1],
            ),
            tr("Give the case a longer period or an earlier history_until, or other days."),
        )
    return first, last


def draw(
    params: LimitsParams,
    days: tuple[int, int],
    places: Mapping[float, Places],
    spectra: Sequence[str],
) -> tuple[InjectedTarget, ...]:
    """All trials. `places` holds rows and columns of centres with room for each size.

    Sizes without a place are left out; their trials go to the others. More trials of the same
    seed begin with the same ones. Raises GossanError(LIMITS) where no size has a place.
    """
    of_season: dict[Season, list[int]] = {}
    for day in range(days[0], days[1] + 1):
        of_season.setdefault(Season.of(from_day(day)), []).append(day)
    sizes = [a for a in params.areas_ha if len(places[a][0])]
    if not sizes:
        raise GossanError(
            Code.LIMITS,
            tr(
                "Nowhere in the area is there unchanged, modelled ground with room for a patch of "
                "{areas_ha:g} ha.",
                areas_ha=params.areas_ha[0],
            ),
            tr("Try smaller --areas, or a case with more unchanged ground around its sites."),
        )
    cells = list(product(sizes, params.contrasts))
    np.random.default_rng(params.seed).shuffle(cells)
    made = []
    for index in range(params.implants):
        turn, cell = divmod(index, len(cells))
        area, contrast = cells[cell]
        rng = random_of(params.seed, index)
        rows, cols = places[area]
        at = int(rng.integers(len(rows)))
        when = of_season[_season(params.seed, cell, turn, of_season)]
        made.append(
            InjectedTarget(
                index,
                area,
                contrast,
                spectra[(turn + cell) % len(spectra)],
                when[int(rng.integers(len(when)))],
                int(rows[at]),
                int(cols[at]),
            )
        )
    return tuple(made)


def _season(seed: int, cell: int, turn: int, of_season: Mapping[Season, Sequence[int]]) -> Season:
    """The season of a cell's trial: turns of the golden ratio from a start by chance, laid over
    the seasons as long as they have days, so that every number of turns is shared out evenly."""
    start = float(random_of(seed, cell, 2).random())
    total = sum(len(days) for days in of_season.values())
    at = (start + turn * GOLDEN) % 1.0 * total
    for season in sorted(of_season):
        at -= len(of_season[season])
        if at < 0:
            return season
    return max(of_season)  # rounding at the very end


def random_of(seed: int, index: int, stream: int = 0) -> np.random.Generator:
    """The chance of one trial: the same whatever else is tried. `stream` 0 places it, 1 gives its
    shape; 2 is the start of a cell's turns."""
    return np.random.default_rng((seed, index, stream))
