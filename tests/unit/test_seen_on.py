"""A series of water as it would be without some of its images."""

from dataclasses import replace
from datetime import date

from gossan.core.measured import Reading, Series, Subject
from gossan.observables.water.series import seen_on

DAYS = [date(2020, 5, d) for d in (1, 6, 11)]
SERIES = Series(
    "turbidity-x",
    "turbidity",
    "FNU",
    0.95,
    "m",
    next(iter(Subject)),
    "x",
    "the brook",
    1.0,
    2.0,
    tuple(Reading(d, str(d), 5.0, 4.0, 6.0, 9) for d in DAYS),
)


def test_readings_of_images_left_out_are_gone() -> None:
    left = seen_on(SERIES, [DAYS[0], DAYS[2]])
    assert [r.day for r in left.readings] == [DAYS[0], DAYS[2]]


def test_what_others_measured_stays() -> None:
    brought = replace(SERIES, source="lab.csv sha256:0")
    assert seen_on(brought, []) == brought
