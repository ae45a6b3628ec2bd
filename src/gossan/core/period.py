"""The period a case looks at, checked, and whether it will suffice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gossan.core.case import SENTINEL2_START
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams

YEAR = 365
"""Days of history from which seasons can be told from change."""


def check_period(start: date, end: date | None, today: date) -> None:
    """Raise GossanError (PERIOD) unless 2015-06-23 <= start < end <= today."""
    problem = hint = ""
    if end is not None and start >= end:
        problem = f"The period is reversed or empty: start {start} is not before end {end}."
        hint = f"Swap them: start {end}, end {start}." if start > end else "Choose a later end."
    elif start >= today:
        problem = f"start {start} does not lie before today ({today})."
        hint = "Choose an earlier start: images of the past are needed to learn from."
    elif end is not None and end > today:
        problem = f"end {end} lies after today ({today})."
        hint = "Leave `end` out to follow the present."
    elif start < SENTINEL2_START:
        problem = f"start {start} lies before the first Sentinel-2 images ({SENTINEL2_START})."
        hint = f"Use start {SENTINEL2_START} or later."
    if problem:
        raise GossanError(Code.PERIOD, problem, hint)


def short_period(start: date, until: date, end: date) -> list[str]:
    """What is too short of a period with its history `until`, a sentence each; empty if nothing."""
    said = []
    learned, watched = (until - start).days, (end - until).days
    if learned < YEAR:
        said.append(
            f"The history, {start} to {until}, is {learned} days long: in less than a year the "
            "seasons cannot be learned, and change may be missed or taken for season."
        )
    if watched <= 0:
        said.append(
            f"The history ends on {until}, which lies ahead: until then nothing can be confirmed."
        )
    return said


def short_looks(
    looks: Sequence[tuple[date, float]], start: date, until: date, params: MonitorParams
) -> list[str]:
    """What `looks` (day, and share of the area that it shows or may show, 0..1) will not suffice
    for, a sentence each; empty if nothing."""
    learned = [(d, s) for d, s in looks if d <= until]
    n, later = (sum(s for _, s in part) for part in (learned, [x for x in looks if x[0] > until]))
    said = []
    if n < params.min_observations:
        said.append(
            f"The history, {start} to {until}, shows the ground about {n:.0f} times, and a "
            f"model of it needs {params.min_observations} clear images: of much or all of the "
            "area nothing can be said."
        )
    years = dict.fromkeys(range((until - start).days // YEAR), 0.0)
    for day, share in learned:
        year = (day - start).days // YEAR
        if year in years:
            years[year] += share
    empty = [y for y, s in years.items() if s < 1 / 2]
    if empty and n >= params.min_observations:
        said.append(
            f"{len(empty)} of {len(years)} years of the history have no clear image: "
            "what is usual rests on the others alone."
        )
    if later < params.confirm_looks:
        said.append(
            f"After the history, which ends on {until}, the ground is shown about {later:.0f} "
            f"times, and a change is confirmed by {params.confirm_looks} clear images or more: "
            "nothing or little can be confirmed."
        )
    return said
