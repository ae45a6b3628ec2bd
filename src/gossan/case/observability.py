"""What could not be seen: months, gaps and pixels without an answer."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import from_day
from gossan.core.values import Outcome, SceneRecord
from gossan.dossier.model import Gap, MonthCounts

MOST_OF_THE_AREA = 0.5
"""Share of the area that must be seen on a date for it to end a gap."""


def months_of(start: date, end: date) -> list[date]:
    """First days of all calendar months that touch the period."""
    out, month = [], start.replace(day=1)
    while month <= end:
        out.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return out


def observations_by_month(
    period: tuple[date, date],
    records: Sequence[SceneRecord],
    days: NDArray[np.int32],
    usable: NDArray[np.bool_],
    radar: Sequence[tuple[int, float]] = (),
) -> tuple[MonthCounts, ...]:
    """How well each month was seen.

    `days` (time,) and `usable` (time, pixel) are the scenes read, True for seen; `radar` is the
    day and the share of the area of every radar image that counted.
    """
    of_scene = [from_day(int(d)).replace(day=1) for d in days]
    out = []
    for month in months_of(*period):
        listed = [r for r in records if r.time.date().replace(day=1) == month]
        mine = usable[[m == month for m in of_scene]]
        seen = [s for d, s in radar if from_day(d).replace(day=1) == month]
        out.append(
            MonthCounts(
                month,
                len(listed),
                sum(r.outcome is Outcome.USED for r in listed),
                float(mine.mean(axis=1).max()) if mine.size else None,
                float(mine.any(axis=0).mean()) if mine.size else None,
                len(seen),
                max(seen, default=None),
            )
        )
    return tuple(out)


def longest_gaps(
    period: tuple[date, date], days: NDArray[np.int32], share: NDArray[np.float32], n: int = 5
) -> tuple[Gap, ...]:
    """The `n` longest times without a look at most of the area, longest first."""
    looks = [from_day(int(d)) for d, s in zip(days, share, strict=True) if s >= MOST_OF_THE_AREA]
    edges = [period[0], *sorted(looks), period[1]]
    gaps = [Gap(a, b, (b - a).days) for a, b in itertools.pairwise(edges)]
    gaps.sort(key=lambda g: (-g.days, g.start))
    return tuple(g for g in gaps[:n] if g.days > 0)
