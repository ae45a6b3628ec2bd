"""Ids that survive the next update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import DateInterval
from gossan.core.names import given_name

Pixels = tuple[NDArray[np.int32], NDArray[np.int32]]


class Known(Protocol):
    """What is remembered of a site of an earlier update; a Site is one."""

    @property
    def id(self) -> str:
        """The id it was given."""

    @property
    def began(self) -> DateInterval:
        """Dates of its beginning; the older site wins a merge."""

    @property
    def pixels(self) -> Pixels:
        """Rows and columns on the grid of the case."""


@dataclass(frozen=True)
class KnownSite:
    """A `Known` read back from a record: id, dates of its beginning, rows and columns."""

    id: str
    began: DateInterval
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class Candidate:
    """A group of pixels in want of an id.

    Attributes
    ----------
    pixels : rows and columns, int32
    seed : longitude, latitude of its earliest core pixel and the date it changed
    """

    pixels: Pixels
    seed: tuple[float, float, date]

    @property
    def identity(self) -> str:
        """What a name is made of and given for: where (1e-5 degree) and when it began."""
        lon, lat, began = self.seed
        return f"{lon:.5f},{lat:.5f},{began.isoformat()}"


@dataclass(frozen=True, slots=True)
class Heir:
    """What became of one known site: `into` has most of its pixels; None: it is gone."""

    id: str
    into: str | None


def assign(
    candidates: Sequence[Candidate],
    previous: Sequence[Known],
    shape: tuple[int, int],
    given: Mapping[str, str],
) -> tuple[list[str], list[Heir]]:
    """Ids of the candidates, in their order, and the heir of every known site, by id.

    A known site goes on in the candidate that holds most of its pixels (after a split:
    the larger part). Where several go on in one candidate (a merge), the one that began
    first gives the id, ties by id. Candidates without one get a new id made from where
    and when they began. `shape` is that of the grid, `given` says of every id that the case
    ever gave for which `identity`. No id occurs twice, and none that was given, also to a site
    that is gone, is ever given for another.
    """
    order = sorted(range(len(candidates)), key=lambda i: _first(candidates[i]))
    owner = np.full(shape, -1, dtype=np.int64)
    for rank, i in enumerate(order):
        owner[candidates[i].pixels] = rank
    heirs: dict[str, int] = {}
    ids: dict[int, str] = {}
    for known in sorted(previous, key=lambda k: (k.began.first_changed, k.id)):
        ranks = owner[known.pixels]
        ranks = ranks[ranks >= 0]
        if len(ranks):
            into = order[int(np.argmax(np.bincount(ranks)))]
            heirs[known.id] = into
            ids.setdefault(into, known.id)
    taken = {k.id for k in previous}
    for i in order:
        if i not in ids:
            ids[i] = given_name("S-", candidates[i].identity, taken, given)
            taken.add(ids[i])
    lineage = [
        Heir(known, ids[heirs[known]] if known in heirs else None)
        for known in sorted(k.id for k in previous)
    ]
    return [ids[i] for i in range(len(candidates))], lineage


def _first(candidate: Candidate) -> tuple[date, int, int]:
    """Order that does not depend on how the candidates were listed."""
    rows, cols = candidate.pixels
    first = np.lexsort((cols, rows))[0]
    return candidate.seed[2], int(rows[first]), int(cols[first])
