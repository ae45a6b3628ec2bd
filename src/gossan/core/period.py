"""The period a case looks at, checked."""

from __future__ import annotations

from datetime import date

from gossan.core.case import SENTINEL2_START
from gossan.core.errors import Code, GossanError


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
