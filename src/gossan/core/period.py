"""The period a case looks at, checked, and whether it will suffice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gossan.core.case import SENTINEL2_START
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams
from gossan.core.words import tr

YEAR = 365
"""Days of history from which seasons can be told from change."""


def check_period(start: date, end: date | None, today: date) -> None:
    """Raise GossanError (PERIOD) unless 2015-06-23 <= start < end <= today."""
    problem = hint = ""
    if end is not None and start >= end:
        problem = tr(
            "The period is reversed or empty: start {start} is not before end {end}.",
            start=start,
            end=end,
        )
        hint = (
            tr("Swap them: start {end}, end {start}.", end=end, start=start)
            if start > end
            else tr("Choose a later end.")
        )
    elif start >= today:
        problem = tr("start {start} does not lie before today ({today}).", start=start, today=today)
        hint = tr("Choose an earlier start: images of the past are needed to learn from.")
    elif end is not None and end > today:
        problem = tr("end {end} lies after today ({today}).", end=end, today=today)
        hint = tr("Leave `end` out to follow the present.")
    elif start < SENTINEL2_START:
        problem = tr(
            "start {start} lies before the first Sentinel-2 images ({first}).",
            start=start,
            first=SENTINEL2_START,
        )
        hint = tr("Use start {first} or later.", first=SENTINEL2_START)
    if problem:
        raise GossanError(Code.PERIOD, problem, hint)


def short_period(start: date, until: date, end: date) -> list[str]:
    """What is too short of a period with its history `until`, a sentence each; empty if nothing."""
    said = []
    learned, watched = (until - start).days, (end - until).days
    if learned < YEAR:
        said.append(
            tr(
                "The history, {start} to {until}, is {learned} days long: in less than a year the "
                "seasons cannot be learned, and change may be missed or taken for season.",
                start=start,
                until=until,
                learned=learned,
            )
        )
    if watched <= 0:
        said.append(
            tr(
                "The history ends on {until}, which lies ahead: until then nothing can be "
                "confirmed.",
                until=until,
            )
        )
    return said


def too_few_acquisitions(
    looks: Sequence[tuple[date, float]], start: date, until: date, params: MonitorParams
) -> list[str]:
    """What `looks` (day, and share of the area that it shows or may show, 0..1) will not suffice
    for, a sentence each; empty if nothing."""
    learned = [(d, s) for d, s in looks if d <= until]
    n, later = (sum(s for _, s in part) for part in (learned, [x for x in looks if x[0] > until]))
    said = []
    if n < params.min_observations:
        said.append(
            tr(
                "The history, {start} to {until}, shows the ground about {n:.0f} times, and a "
                "model of it needs {needed} clear images: of much or all of the area nothing can "
                "be said.",
                start=start,
                until=until,
                n=n,
                needed=params.min_observations,
            )
        )
    years = dict.fromkeys(range((until - start).days // YEAR), 0.0)
    for day, share in learned:
        year = (day - start).days // YEAR
        if year in years:
            years[year] += share
    empty = [y for y, s in years.items() if s < 1 / 2]
    if empty and n >= params.min_observations:
        said.append(
            tr(
                "{n} of {n_years} years of the history have no clear image: what is usual rests "
                "on the others alone.",
                n=len(empty),
                n_years=len(years),
            )
        )
    if later < params.confirm_looks:
        said.append(
            tr(
                "After the history, which ends on {until}, the ground is shown about {later:.0f} "
                "times, and a change is confirmed by {needed} clear images or more: nothing or "
                "little can be confirmed.",
                until=until,
                later=later,
                needed=params.confirm_looks,
            )
        )
    return said
