from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np

from gossan.case.observability import longest_gaps, months_of, observations_by_month
from gossan.core.dates import to_day
from gossan.core.values import Outcome, SceneRecord


def _record(day: date, outcome: Outcome) -> SceneRecord:
    return SceneRecord(
        str(day), datetime(day.year, day.month, day.day, tzinfo=UTC), outcome, "", None, "", None
    )


def test_months_include_both_ends() -> None:
    got = months_of(date(2019, 11, 30), date(2020, 2, 1))
    assert got == [date(2019, 11, 1), date(2019, 12, 1), date(2020, 1, 1), date(2020, 2, 1)]


def test_a_month_without_a_scene_is_listed_as_not_seen() -> None:
    days = [date(2020, 1, 5), date(2020, 1, 20), date(2020, 3, 2)]
    usable = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [1, 1, 1, 1]], bool)
    records = [_record(d, Outcome.USED) for d in days]
    records.append(_record(date(2020, 1, 9), Outcome.CLOUDY))
    looks = observations_by_month(
        (date(2020, 1, 1), date(2020, 3, 31)),
        records,
        np.array([to_day(d) for d in days], np.int32),
        usable,
    )
    jan, feb, mar = looks
    assert (jan.n_scenes, jan.n_used, jan.best_share, jan.seen_share) == (3, 2, 0.5, 0.75)
    assert (feb.n_scenes, feb.n_used, feb.best_share, feb.seen_share) == (0, 0, None, None)
    assert mar.seen_share == 1


def test_gaps_count_only_looks_at_most_of_the_area() -> None:
    days = np.array([to_day(date(2020, 1, 11)), to_day(date(2020, 2, 1))], np.int32)
    gaps = longest_gaps((date(2020, 1, 1), date(2020, 3, 1)), days, np.array([0.9, 0.2], "f4"))
    assert [(g.start, g.end, g.days) for g in gaps] == [
        (date(2020, 1, 11), date(2020, 3, 1), 50),
        (date(2020, 1, 1), date(2020, 1, 11), 10),
    ]
