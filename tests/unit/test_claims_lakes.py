"""Claims that standing water came or went, that tailings grew, and where water goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely
from tests.support.asked import asked as question
from tests.support.claims import report
from tests.support.ground import SHUSHA, ground, site

from gossan.claims.extract import extract
from gossan.core.change_events import events_of
from gossan.core.dates import DateInterval
from gossan.core.kinds import KindOfSite, SiteKind
from gossan.core.measured import Change, Reading, Series, Subject
from gossan.core.statements import Claim, ClaimType, ReviewStatus
from gossan.core.terrain import FlowEnd, PlaceKind, SiteTerrain, Target
from gossan.core.values import Measurement
from gossan.core.verdicts import Answer, Verdict
from gossan.io.gazetteer import SqliteGazetteer
from gossan.observables.kind.claims import judge_tailings
from gossan.observables.kind.observable import TAILINGS as NEW_TAILINGS
from gossan.observables.terrain.claims import Ways, judge_way
from gossan.observables.water.lake_claims import LakePlace, judge_lakes, lake_change
from gossan.observables.water.observable import OBSERVABLE as WATER
from gossan.observables.water.observable import WATER_AREA

LAKE = LakePlace("water-area-W-1", "lake 1", *SHUSHA)
PUBLISHED = date(2022, 12, 12)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The pit lake dried up in spring.", (Change.DISAPPEARED, False)),
        ("The pit lake near Shusha did not dry up.", (Change.DISAPPEARED, True)),
        ("Workers drained the tailings pond.", (Change.DISAPPEARED, False)),
        ("A new settling pond was seen there.", (Change.APPEARED, False)),
        ("A lake has formed in the quarry.", (Change.APPEARED, False)),
        ("The area of the lake shrank by half.", (Change.SHRANK, False)),
        ("The reservoir has been growing since June.", (Change.GREW, False)),
        ("Озеро в карьере высохло весной.", (Change.DISAPPEARED, False)),
        ("The mine near the lake expanded.", None),
        ("Waste was drained into the lake.", None),
        ("Fish died in the lake.", None),
    ],
)
def test_what_is_said_of_a_lake(text: str, wanted: tuple[Change, bool] | None) -> None:
    assert lake_change(text) == wanted


def claim(text: str, gazetteer: SqliteGazetteer) -> Claim:
    (found,) = extract(report(text, PUBLISHED), gazetteer, [WATER.claim_type])
    return replace(found, status=ReviewStatus.ACCEPTED)


def lake(*areas: tuple[date, float | None], name: str = LAKE.series) -> Series:
    readings = tuple(
        Reading.missing(d, f"S2-{d}", "Hidden by cloud.")
        if v is None
        else Reading(d, f"S2-{d}", v, v * 0.9, v * 1.1 + 0.01, 100)
        for d, v in areas
    )
    return Series(
        name,
        "water area",
        "ha",
        0.95,
        "water.area.v1",
        Subject.WATER_BODY,
        "W-1",
        "lake 1",
        *SHUSHA,
        readings,
        events_of(readings, 0.04),
        0.04,
    )


def every(days: int, *spans: tuple[date, date, float | None]) -> Series:
    """A lake of the given area (ha) from one day until before another, seen every `days` days."""
    return lake(
        *(
            (first + timedelta(k), value)
            for first, end, value in spans
            for k in range(0, (end - first).days, days)
        )
    )


def answer(c: Claim, *known: Series, lakes: tuple[LakePlace, ...] = (LAKE,)) -> Verdict:
    asked = question(c, report(c.text, PUBLISHED), lakes=lakes)
    assert asked is not None
    assert asked.observable == WATER_AREA
    if asked.lakes is None:
        return Verdict(c.id, "", asked.unanswerable_as, asked.unanswerable)
    return judge_lakes(asked, c, {s.id: s for s in known})


JAN, MAY, JULY, DEC = date(2022, 1, 1), date(2022, 5, 10), date(2022, 7, 20), date(2022, 12, 1)
DRIED = "The pit lake near Shusha dried up in May 2022."
GONE_IN_MAY = ((JAN, MAY, 2.0), (MAY, DEC, 0.0))


def test_a_lake_seen_full_and_then_gone_within_the_window_supports(
    gazetteer: SqliteGazetteer,
) -> None:
    found = answer(claim(DRIED, gazetteer), every(5, *GONE_IN_MAY))
    assert found.answer is Answer.SUPPORTED
    assert found.reason.startswith("Lake 1 disappeared after 2022-05-06 and by 2022-05-10")
    assert [m.value for m in found.measurements] == [2.0, 0.0]
    assert found.scenes == ("S2-2022-05-06", "S2-2022-05-10")


def test_the_opposite_of_what_was_seen_is_contradicted(gazetteer: SqliteGazetteer) -> None:
    denied = claim("The pit lake near Shusha did not dry up in May 2022.", gazetteer)
    assert answer(denied, every(5, *GONE_IN_MAY)).answer is Answer.CONTRADICTED
    full = answer(claim(DRIED, gazetteer), every(5, (JAN, DEC, 2.0)))
    assert full.answer is Answer.CONTRADICTED
    assert "it was there throughout" in full.reason
    assert answer(denied, every(5, (JAN, DEC, 2.0))).answer is Answer.SUPPORTED


def test_cloud_dries_no_lake_and_fills_none(gazetteer: SqliteGazetteer) -> None:
    c = claim(DRIED, gazetteer)
    hidden = answer(c, every(5, (JAN, MAY - timedelta(9), 2.0), (MAY - timedelta(9), DEC, None)))
    assert hidden.answer is Answer.NOT_OBSERVABLE
    assert "cloud" in hidden.reason
    rare = answer(c, every(30, (JAN, DEC, 2.0)))  # it may have been pumped out and filled again
    assert rare.answer is Answer.INCONCLUSIVE


def test_an_event_that_the_images_do_not_fix_to_the_window_leaves_it_open(
    gazetteer: SqliteGazetteer,
) -> None:
    wide = every(5, (JAN, date(2022, 4, 20), 2.0), (MAY, DEC, 0.0))
    assert answer(claim(DRIED, gazetteer), wide).answer is Answer.INCONCLUSIVE


def test_a_lake_that_was_there_before_did_not_appear(gazetteer: SqliteGazetteer) -> None:
    appeared = "The pond lake 1 near Shusha appeared in July 2022."
    c = claim(appeared, gazetteer)
    assert c.type == ClaimType.WATER
    assert answer(c, every(5, (JAN, DEC, 2.0))).answer is Answer.CONTRADICTED
    new = every(5, (JAN, JULY, 0.0), (JULY, DEC, 2.0))
    assert answer(c, new).answer is Answer.SUPPORTED
    unnamed = claim("A new pond appeared near Shusha in July 2022.", gazetteer)
    assert answer(unnamed, every(5, (JAN, DEC, 2.0))).answer is Answer.INCONCLUSIVE  # another one?


def test_growth_is_contradicted_by_shrinking_and_by_nothing_less(
    gazetteer: SqliteGazetteer,
) -> None:
    c = claim("The lake near Shusha expanded in July 2022.", gazetteer)
    assert answer(c, every(5, (JAN, JULY, 1.0), (JULY, DEC, 2.0))).answer is Answer.SUPPORTED
    assert answer(c, every(5, (JAN, JULY, 2.0), (JULY, DEC, 1.0))).answer is Answer.CONTRADICTED
    assert answer(c, every(5, (JAN, DEC, 2.0))).answer is Answer.INCONCLUSIVE


def test_without_a_water_that_is_followed_nothing_is_said(gazetteer: SqliteGazetteer) -> None:
    c = claim(DRIED, gazetteer)
    assert "run gossan water" in answer(c, lakes=()).reason
    far = LakePlace("water-area-W-2", "lake 2", 10.0, 10.0)
    none = answer(c, every(5, (JAN, DEC, 2.0)), lakes=(far,))
    assert none.answer is Answer.INCONCLUSIVE
    assert "at three looks in a row" in none.reason
    other = LakePlace("water-area-W-2", "lake 2", *SHUSHA)
    two = answer(
        c,
        every(5, (JAN, DEC, 2.0)),
        replace(every(5, (JAN, DEC, 2.0)), id=other.series),
        lakes=(LAKE, other),
    )
    assert two.answer is Answer.INCONCLUSIVE
    assert "which one is meant" in two.reason


def kind(of: SiteKind) -> KindOfSite:
    return KindOfSite("S-1", tuple((k, float(k is of)) for k in SiteKind), (), "test")


TAILINGS = "The tailings dam near Shusha was extended in June 2022."


@pytest.mark.parametrize(
    ("of", "wanted"),
    [
        (SiteKind.TAILINGS, Answer.SUPPORTED),
        (SiteKind.MINE, Answer.INCONCLUSIVE),
        (SiteKind.CLEARING, Answer.INCONCLUSIVE),
        (None, Answer.INCONCLUSIVE),
    ],
)
def test_tailings_are_held_against_ground_of_their_kind(
    of: SiteKind | None, wanted: Answer, gazetteer: SqliteGazetteer
) -> None:
    c = claim(TAILINGS, gazetteer)
    asked = question(c, report(c.text, PUBLISHED))
    assert asked is not None
    assert asked.observable == NEW_TAILINGS
    grown = () if of is None else (site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1)),)
    kinds = {} if of is None else {"S-1": kind(of)}
    assert judge_tailings(asked, c, kinds, ground(*grown)).answer is wanted


def test_a_leak_is_not_measured(gazetteer: SqliteGazetteer) -> None:
    c = claim("The tailings dam near Shusha leaked in June 2022.", gazetteer)
    asked = question(c, report(c.text, PUBLISHED))
    assert asked is not None
    assert asked.unanswerable_as is Answer.NOT_OBSERVABLE
    assert "leaks" in asked.unanswerable


def share(low: float, value: float, high: float) -> Measurement:
    return Measurement("share", value, "1", low, high, 0.95, "flow.v1")


def terrain(*targets: Target, length: float = 40.0) -> SiteTerrain:
    none = Measurement("rank", 1.0, "1", 1.0, 1.0, 0.95, "t")
    return SiteTerrain(
        "S-1",
        None,
        None,
        1.0,
        SHUSHA,
        1.0,
        0.0,
        (SHUSHA,),
        length,
        FlowEnd.REACH,
        targets,
        0.1,
        none,
    )


def way(text: str, gazetteer: SqliteGazetteer, of: SiteTerrain | None) -> Verdict:
    c = claim(text, gazetteer)
    asked = question(c, report(c.text, PUBLISHED), targets=("Intake 7", "Intake"))
    assert asked is not None
    assert asked.way is not None
    assert asked.way.target == "Intake 7"
    ways = Ways(
        {} if of is None else {"S-1": of}, {"Intake 7": shapely.Point(SHUSHA[0] + 0.05, SHUSHA[1])}
    )
    seen = ground(site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1)))
    return judge_way(asked, c, ways, seen)


DRAINS = "Water from the mine near Shusha drains to Intake 7."
LEADS = Target(
    "Intake 7",
    PlaceKind.INTAKE,
    "x.geojson",
    share(3.0, 3.2, 3.5),
    20.0,
    1.0,
    share(0.93, 0.98, 1.0),
    SHUSHA,
)


def test_the_lie_of_the_land_answers_where_water_goes(gazetteer: SqliteGazetteer) -> None:
    assert way(DRAINS, gazetteer, terrain(LEADS)).answer is Answer.SUPPORTED
    assert way(DRAINS, gazetteer, terrain()).answer is Answer.CONTRADICTED
    denied = "Water from the mine near Shusha does not drain to Intake 7."
    assert way(denied, gazetteer, terrain(LEADS)).answer is Answer.CONTRADICTED
    assert way(denied, gazetteer, terrain()).answer is Answer.SUPPORTED


def test_what_hangs_on_errors_or_was_not_followed_far_enough_stays_open(
    gazetteer: SqliteGazetteer,
) -> None:
    unsure = replace(LEADS, passed=share(0.4, 0.5, 0.6))
    assert way(DRAINS, gazetteer, terrain(unsure)).answer is Answer.INCONCLUSIVE
    assert way(DRAINS, gazetteer, terrain(length=8.0)).answer is Answer.INCONCLUSIVE
    assert way(DRAINS, gazetteer, None).answer is Answer.INCONCLUSIVE


def test_that_something_went_that_way_is_not_shown_by_the_ground(
    gazetteer: SqliteGazetteer,
) -> None:
    text = "Effluent of the mine near Shusha was discharged to Intake 7."
    found = way(text, gazetteer, terrain(LEADS))
    assert found.answer is Answer.INCONCLUSIVE
    assert "not seen from above" in found.reason
    assert way(text, gazetteer, terrain()).answer is Answer.INCONCLUSIVE


def test_years_of_the_window_are_the_claims(gazetteer: SqliteGazetteer) -> None:
    c = claim(DRIED, gazetteer)
    asked = question(c, report(c.text, PUBLISHED), lakes=(LAKE,))
    assert asked is not None
    assert (asked.first, asked.last) == (date(2022, 5, 1), date(2022, 5, 31))
    assert DateInterval(asked.first, MAY).first_changed == MAY
