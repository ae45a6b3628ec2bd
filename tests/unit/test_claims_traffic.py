"""Claims on traffic: what a pass of one second can show, said in numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.support.asked import asked as question
from tests.support.claims import report

from gossan.claims.extract import extract
from gossan.core.statements import Claim, ReviewStatus
from gossan.core.traffic import Pass, Seen, TrafficRun
from gossan.core.verdicts import Answer, Verdict
from gossan.io.gazetteer import SqliteGazetteer
from gossan.observables.traffic import null
from gossan.observables.traffic.claims import judge_traffic
from gossan.observables.traffic.observable import TRAFFIC

PUBLISHED = date(2022, 12, 12)
DULL = Seen("tipper, dull", "paved", 40.0, 0.0, 200, 160, 0.74, 0.85, 0.95)
EIGHT = "Eight trucks went to Armenia between 10 and 14 November 2022."


def claim(text: str, gazetteer: SqliteGazetteer) -> Claim:
    (found,) = extract(report(text, PUBLISHED), gazetteer)
    return replace(found, status=ReviewStatus.ACCEPTED)


def passes(first: date, n: int, found: int, *, every: int = 5, aside: str = "") -> list[Pass]:
    out = []
    for k in range(n):
        day = first + timedelta(every * k)
        counts = (1.0, 0.0, 1.0, 1.0, 0.0)
        if aside:
            out.append(Pass(day, f"s{day}", 0.0, 0, (), None, None, aside))
            continue
        out.append(
            Pass(
                day,
                f"s{day}",
                30.0,
                found,
                counts,
                null.expected(counts, f"s{day}"),
                null.excess(found, counts, f"s{day}"),
            )
        )
    return out


def run(*many: Pass) -> TrafficRun:
    return TrafficRun(
        "k",
        "roads.gpkg",
        1,
        40.0,
        30.0,
        ("Lachin road",),
        (("primary", 40.0),),
        4.0,
        ((0, 2, 3, 1),),
        tuple(many),
        (),
        (DULL,),
        None,
        None,
        "",
    )


def answer(c: Claim, of: TrafficRun) -> Verdict:
    asked = question(c, report(c.text, PUBLISHED), roads=of.names)
    assert asked is not None
    assert asked.observable == TRAFFIC
    if asked.traffic is None:
        return Verdict(c.id, "", asked.unanswerable_as, asked.unanswerable)
    return judge_traffic(asked, c, of)


def test_eight_trucks_in_five_days_are_not_observable_and_it_says_why(
    gazetteer: SqliteGazetteer,
) -> None:
    found = answer(claim(EIGHT, gazetteer), run(*passes(date(2022, 11, 11), 1, 3)))
    assert found.answer is Answer.NOT_OBSERVABLE
    assert "8 vehicles in 5 days" in found.reason
    assert "the window has 1 of 1" in found.reason
    assert "2 if all were on it at every pass" in found.reason
    assert found.power is not None
    assert found.power.probability == pytest.approx(0.8)
    assert found.passes == ("2022-11-11 s2022-11-11: 30.0 km of road seen",)
    assert "not tested: traffic at hours when no satellite passes" in found.alternatives


def test_a_cloudy_window_is_not_an_empty_road(gazetteer: SqliteGazetteer) -> None:
    found = answer(claim(EIGHT, gazetteer), run(*passes(date(2022, 11, 11), 1, 0, aside="Cloud.")))
    assert found.answer is Answer.NOT_OBSERVABLE
    assert "0 of 1" in found.reason
    assert found.passes == ("2022-11-11 s2022-11-11: Cloud.",)


MANY = "At least 4000 trucks a day used the Lachin road between 1 March and 30 June 2022."


def test_dense_traffic_above_what_is_usual_supports(gazetteer: SqliteGazetteer) -> None:
    before = passes(date(2021, 9, 1), 12, 1)
    busy = passes(date(2022, 3, 2), 20, 130)
    found = answer(claim(MANY, gazetteer), run(*before, *busy))
    assert found.answer is Answer.SUPPORTED
    assert "what they carried is not seen" in found.reason
    inside, outside = found.measurements
    assert inside.low > outside.high
    assert inside.unit == "1/km"


def test_as_much_as_before_supports_nothing(gazetteer: SqliteGazetteer) -> None:
    c = claim(MANY, gazetteer)
    same = run(*passes(date(2021, 9, 1), 12, 130), *passes(date(2022, 3, 2), 20, 130))
    assert answer(c, same).answer is Answer.INCONCLUSIVE
    less = run(*passes(date(2021, 9, 1), 12, 1), *passes(date(2022, 3, 2), 20, 1))
    assert answer(c, less).answer is Answer.INCONCLUSIVE  # they may have driven at night


def test_that_none_drove_is_contradicted_by_some_and_never_supported(
    gazetteer: SqliteGazetteer,
) -> None:
    c = claim("No trucks used the Lachin road between 1 March and 30 June 2022.", gazetteer)
    assert answer(c, run(*passes(date(2022, 3, 2), 20, 20))).answer is Answer.CONTRADICTED
    empty = answer(c, run(*passes(date(2022, 3, 2), 20, 1)))
    assert empty.answer is Answer.NOT_OBSERVABLE
    assert "nothing of the rest of the time" in empty.reason


def test_without_number_or_date_nothing_is_asked(gazetteer: SqliteGazetteer) -> None:
    vague = claim("Trucks used the Lachin road between 1 March and 30 June 2022.", gazetteer)
    assert "no number of vehicles" in answer(vague, run()).reason
    undated = claim("Eight trucks used the Lachin road.", gazetteer)
    assert "no date" in answer(undated, run()).reason


def test_without_roads_it_says_what_to_give(gazetteer: SqliteGazetteer) -> None:
    c = claim(EIGHT, gazetteer)
    asked = question(c, report(c.text, PUBLISHED))
    assert asked is not None
    assert asked.unanswerable_as is Answer.NOT_OBSERVABLE
    assert "gossan traffic" in asked.unanswerable
