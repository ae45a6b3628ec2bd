"""A reading has a value with its interval, or the reason why not; a series keeps its order."""

from __future__ import annotations

import json
import math
from datetime import date

import pytest

from gossan.core.dates import DateInterval
from gossan.core.measured import Change, Event, Reading, Series, Subject
from gossan.core.serialise import from_plain, to_plain

DAY = date(2021, 8, 15)


def series(*readings: Reading) -> Series:
    event = Event(Change.GREW, DateInterval(None, DAY))
    return Series(
        "s-1",
        "turbidity",
        "FNU",
        0.95,
        "m.v1",
        Subject.REACH,
        "R-1",
        "Reach",
        20.1,
        -7.4,
        readings,
        (event,),
    )


def test_a_series_survives_the_database() -> None:
    kept = series(Reading(DAY, "a", 3.0, 2.0, 4.5, 12), Reading.missing(DAY, "b", "Cloud."))
    assert from_plain(Series, json.loads(json.dumps(to_plain(kept)))) == kept
    assert [r.scene for r in kept.seen] == ["a"]


@pytest.mark.parametrize(
    ("value", "low", "high", "why"),
    [
        (None, None, None, ""),
        (None, 1.0, None, "Cloud."),
        (1.0, None, 2.0, ""),
        (1.0, 0.5, math.inf, ""),
        (1.0, 1.5, 2.0, ""),
        (1.0, 0.5, 2.0, "Cloud."),
        (math.nan, 0.5, 2.0, ""),
    ],
)
def test_half_a_reading_is_none(
    value: float | None, low: float | None, high: float | None, why: str
) -> None:
    with pytest.raises(ValueError, match=r"reading|value"):
        Reading(DAY, "a", value, low, high, 1, why)


def test_readings_keep_the_order_of_time() -> None:
    later = Reading.missing(date(2021, 8, 16), "b", "Cloud.")
    with pytest.raises(ValueError, match="order"):
        series(later, Reading.missing(DAY, "a", "Cloud."))
