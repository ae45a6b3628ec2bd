"""Dates are integer days since 1970-01-01 in arrays; this is the only place that converts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

EPOCH = date(1970, 1, 1)
NO_DAY = int(np.iinfo(np.int32).min)
"""Fill value of day arrays: no date. Never a date that could be measured."""


def to_day(when: date | datetime) -> int:
    """Days since 1970-01-01 of a date, or of the UTC date of a datetime (naive means UTC)."""
    if isinstance(when, datetime):
        when = (when.astimezone(UTC) if when.tzinfo else when).date()
    return (when - EPOCH).days


def from_day(day: int | np.int64) -> date:
    """The date of a day number. Raises ValueError for NO_DAY."""
    if day == NO_DAY:
        raise ValueError("NO_DAY has no date")
    return EPOCH + timedelta(days=int(day))


def parse_day(text: str, field: str) -> date:
    """An ISO date. Raises GossanError (PERIOD) naming `field`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise GossanError(
            Code.PERIOD,
            tr(
                '{field}: expected a date such as 2019-01-31, found "{text}".',
                field=field,
                text=text,
            ),
            tr("Write year-month-day."),
        ) from None


def days_of(times: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """int32 day numbers of a datetime64 array of any unit."""
    return times.astype("datetime64[D]").astype(np.int32)


@dataclass(frozen=True, slots=True)
class DateInterval:
    """A change lies after `last_unchanged` (exclusive) and by `first_changed` (inclusive).

    `last_unchanged` is None where nothing usable was seen before.
    """

    last_unchanged: date | None
    first_changed: date
