"""When anything could have been confirmed at all: counted from the looks, before any trial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import from_day
from gossan.core.power.trials import MonthChance

Counts = dict[str, list[int]]
"""Month (ISO date of its first day) -> [places and days, of these with enough looks within the
first, second, ... time]. Counts of parts of an area add up."""


def counted(
    days: NDArray[np.int32],
    clear: NDArray[np.bool_],
    first: int,
    last: int,
    within: tuple[int, ...],
    needed: int,
) -> Counts:
    """Counts for places with looks `clear` (time, place) on `days` (time,), over every day from
    `first` to `last` (int32 days): how often `needed` usable looks follow within each time."""
    before = np.vstack([np.zeros((1, clear.shape[1]), np.int64), np.cumsum(clear, axis=0)])
    out: Counts = {}
    for day in range(first, last + 1):
        start = before[np.searchsorted(days, day, side="right")]
        month = from_day(day).replace(day=1).isoformat()
        row = out.setdefault(month, [0] * (1 + len(within)))
        row[0] += clear.shape[1]
        for i, n in enumerate(within, start=1):
            end = before[np.searchsorted(days, day + n, side="right")]
            row[i] += int((end - start >= needed).sum())
    return out


def together(parts: Iterable[Mapping[str, list[int]]]) -> tuple[MonthChance, ...]:
    """Chances by month from the counts of all parts of an area."""
    total: Counts = {}
    for part in parts:
        for month, row in part.items():
            before = total.get(month, [0] * len(row))
            total[month] = [a + b for a, b in zip(before, row, strict=True)]
    return tuple(
        MonthChance(date.fromisoformat(month), tuple(n / row[0] for n in row[1:]))
        for month, row in sorted(total.items())
    )
