"""Ids that survive the next update."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import DateInterval

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


@dataclass(frozen=True, slots=True)
class Heir:
    """What became of one known site: `into` has most of its pixels; None: it is gone."""

    id: str
    into: str | None


def assign(
    candidates: Sequence[Candidate], previous: Sequence[Known], shape: tuple[int, int]
) -> tuple[list[str], list[Heir]]:
    """Ids of the candidates, in their order, and the heir of every known site, by id.

    A known site goes on in the candidate that holds most of its pixels (after a split:
    the larger part). Where several go on in one candidate (a merge), the one that began
    first gives the id, ties by id. Candidates without one get a new id made from where
    and when they began. `shape` is that of the grid. No id occurs twice, and no id of a
    known site is ever given to another.
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
            ids[i] = _new_id(candidates[i].seed, taken)
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


def _new_id(seed: tuple[float, float, date], taken: set[str]) -> str:
    """`S-` and 6 hex digits of the SHA-256 of place (1e-5 degree) and date."""
    lon, lat, began = seed
    text = f"{lon:.5f},{lat:.5f},{began.isoformat()}"
    for again in range(len(taken) + 1):
        salted = text if again == 0 else f"{text}/{again}"
        made = "S-" + hashlib.sha256(salted.encode()).hexdigest()[:6]
        if made not in taken:
            return made
    raise AssertionError("more ids taken than there are sites")
