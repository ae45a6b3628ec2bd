"""Questions are made from the claim alone; absence counts only with measured power."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from shapely.geometry import box
from tests.support.asked import asked as question
from tests.support.asked import of_kinds
from tests.support.claims import report
from tests.support.ground import LOOKS, ground, site

from gossan.claims.extract import extract
from gossan.claims.judge import judge
from gossan.claims.measurements import Measurements
from gossan.core.kinds import KindDecision, KindOfSite, SiteKind
from gossan.core.statements import Claim, ReviewStatus
from gossan.core.values import Measurement, Site, SiteStatus
from gossan.core.vegetation import SiteVegetation, VegetationYear
from gossan.core.verdicts import NO_NEW_GROUND, Answer, Power, Question, Verdict
from gossan.io.gazetteer import SqliteGazetteer
from gossan.observables.kind.classify import classify
from gossan.observables.vegetation.claims import judge_vegetation
from gossan.observables.vegetation.observable import VEGETATION_LOST


def claim(text: str, gazetteer: SqliteGazetteer, published: date = date(2022, 12, 12)) -> Claim:
    (found,) = extract(report(text, published), gazetteer)
    return replace(found, status=ReviewStatus.ACCEPTED)


def asked(c: Claim, published: date = date(2022, 12, 12)) -> Question:
    made = question(c, report(c.text, published))
    assert made is not None
    return made


def power(low: float) -> Power:
    return Power(low + 0.05, low, min(1.0, low + 0.1), 0.95, 0.1, 200, "test")


def verdict(
    c: Claim,
    g: Measurements | None,
    p: Power | None = None,
    lost: Mapping[str, SiteVegetation] | None = None,
) -> Verdict:
    on = None if g is None else replace(g, power_of=lambda _q, _size: p)
    q = asked(c)
    if q.observable == VEGETATION_LOST:
        return judge_vegetation(q, c, lost or {}, on)
    return judge(q, c, on)


EXPANDED = "The quarry near Shusha expanded in June 2022."


def test_ground_broken_inside_the_window_supports(gazetteer: SqliteGazetteer) -> None:
    s = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1))
    found = verdict(claim(EXPANDED, gazetteer), ground(s))
    assert found.answer is Answer.SUPPORTED
    assert found.sites == ("S-1",)
    assert found.scenes == ("S2-2022-06-01", "S2-2022-06-11", "S2-2022-06-21")
    (m,) = found.measurements
    assert (m.value, m.unit) == (pytest.approx(1.0), "ha")
    assert any(a.startswith("tested:") for a in found.alternatives)
    assert not found.draft


@pytest.mark.parametrize(
    "s",
    [
        site((date(2022, 6, 11), 1.0), after=date(2022, 5, 21)),
        site((date(2022, 7, 11), 1.0), after=date(2022, 6, 21)),
        site((date(2022, 6, 11), 1.0), after=None),
        site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1), status=SiteStatus.PROVISIONAL),
        site((date(2022, 6, 11), 0.05), after=date(2022, 6, 1)),
    ],
    ids=["began before", "ended after", "begin unknown", "provisional", "too small"],
)
def test_what_does_not_fix_the_window_is_inconclusive(s: Site, gazetteer: SqliteGazetteer) -> None:
    found = verdict(claim(EXPANDED, gazetteer), ground(s), power(0.95))
    assert found.answer is Answer.INCONCLUSIVE


def test_ground_elsewhere_is_another_place(gazetteer: SqliteGazetteer) -> None:
    far = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1), at=(46.95, 39.76))
    assert verdict(claim(EXPANDED, gazetteer), ground(far)).answer is Answer.INCONCLUSIVE


def test_not_seen_contradicts_only_with_enough_measured_power(gazetteer: SqliteGazetteer) -> None:
    c = claim(EXPANDED, gazetteer)
    without = verdict(c, ground())
    assert without.answer is Answer.INCONCLUSIVE
    assert "gossan limits" in without.reason
    assert verdict(c, ground(), power(0.79)).answer is Answer.INCONCLUSIVE
    found = verdict(c, ground(), power(0.8))
    assert found.answer is Answer.CONTRADICTED
    assert found.power is not None


def test_running_works_are_never_contradicted_by_absence(gazetteer: SqliteGazetteer) -> None:
    c = claim("The quarry near Shusha was operating in June 2022.", gazetteer)
    assert c.type == "activity"
    assert verdict(c, ground(), power(0.99)).answer is Answer.INCONCLUSIVE


HALTED = "Operations at the quarry near Shusha were halted on 5 June 2022."


def test_a_halt_is_supported_by_absence_with_power_only(gazetteer: SqliteGazetteer) -> None:
    c = claim(HALTED, gazetteer)
    q = asked(c)
    assert (q.observable, q.first, q.last) == (NO_NEW_GROUND, date(2022, 6, 5), date(2022, 9, 3))
    assert verdict(c, ground()).answer is Answer.INCONCLUSIVE
    assert verdict(c, ground(), power(0.9)).answer is Answer.SUPPORTED


def test_a_halt_is_contradicted_by_a_known_site_that_grows(gazetteer: SqliteGazetteer) -> None:
    c = claim(HALTED, gazetteer)
    grown = site((date(2022, 3, 1), 1.0), (date(2022, 7, 11), 2.0), after=date(2022, 2, 21))
    assert verdict(c, ground(grown)).answer is Answer.CONTRADICTED
    new = site((date(2022, 7, 11), 2.0), after=date(2022, 7, 1))
    assert verdict(c, ground(new), power(0.9)).answer is Answer.INCONCLUSIVE


def test_a_denial_turns_the_question_round(gazetteer: SqliteGazetteer) -> None:
    text = "The company denied that the quarry near Shusha was operating in June 2022."
    assert asked(claim(text, gazetteer)).observable == NO_NEW_GROUND


def test_a_first_appearance_needs_a_beginning(gazetteer: SqliteGazetteer) -> None:
    c = claim("A new quarry near Shusha appeared in June 2022.", gazetteer)
    assert c.type == "first-appearance"
    began = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1))
    assert verdict(c, ground(began)).answer is Answer.SUPPORTED
    grew = site((date(2022, 3, 1), 1.0), (date(2022, 6, 11), 2.0), after=date(2022, 2, 21))
    assert verdict(c, ground(grew)).answer is Answer.INCONCLUSIVE


@pytest.mark.parametrize(
    ("area", "answer"),
    [(12.0, Answer.SUPPORTED), (20.0, Answer.CONTRADICTED), (5.0, Answer.INCONCLUSIVE)],
)
def test_a_stated_area(area: float, answer: Answer, gazetteer: SqliteGazetteer) -> None:
    c = claim("12 hectares of forest near Shusha were felled by June 2022.", gazetteer)
    c = replace(c, dates=claim("It closed in June 2022 near Shusha.", gazetteer).dates)
    assert c.type == "area"
    s = site((date(2022, 5, 11), area), after=date(2022, 5, 1))
    assert verdict(c, ground(s)).answer is answer


@pytest.mark.parametrize(
    ("text", "answer", "why"),
    [
        ("Eight trucks were seen in Shusha on 5 June 2022.", Answer.NOT_OBSERVABLE, "10 m pixels"),
        ("The river at Shusha was polluted in June 2022.", Answer.NOT_OBSERVABLE, "turbidity"),
        ("Tailings near Shusha leaked in June 2022.", Answer.NOT_OBSERVABLE, "leaks"),
        ("The underground mine at Shusha worked in June 2022.", Answer.NOT_OBSERVABLE, "ground"),
        ("The quarry at Shusha expanded in 2002.", Answer.NOT_OBSERVABLE, "first Sentinel-2"),
        ("The quarry at Gulyatagh expanded in June 2022.", Answer.INCONCLUSIVE, "coordinates"),
        ("The quarry in Karabakh expanded in June 2022.", Answer.INCONCLUSIVE, "too wide"),
        ("The quarry on the Lachin highway expanded in June 2022.", Answer.INCONCLUSIVE, "highway"),
        ("The quarry in Armenia expanded in June 2022.", Answer.INCONCLUSIVE, "country"),
        ("The quarry at Shusha expanded.", Answer.INCONCLUSIVE, "no date"),
    ],
)
def test_what_cannot_be_seen_says_why(
    text: str, answer: Answer, why: str, gazetteer: SqliteGazetteer
) -> None:
    found = verdict(claim(text, gazetteer), ground(), power(0.99))
    assert found.answer is answer
    assert why in found.reason
    assert found.alternatives, "every verdict names another explanation"


@pytest.mark.parametrize(
    "text",
    [
        "Villagers protested in Shusha on Monday.",
        "The quarry at Shusha will expand in March.",
        "The ministry ordered the quarry at Shusha to close on Monday.",
        "Alpha Gold is a subsidiary of Beta Holdings.",
    ],
)
def test_events_seats_demands_and_plans_are_never_judged(
    text: str, gazetteer: SqliteGazetteer
) -> None:
    for c in extract(report(text), gazetteer):
        assert question(c, report(text)) is None


def test_a_village_before_its_region_is_the_place(gazetteer: SqliteGazetteer) -> None:
    text = "A quarry near the village of Gulyatagh of the Shusha region expanded in June 2022."
    assert asked(claim(text, gazetteer)).where is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"looks": LOOKS[:12]}, "images end"),
        ({"monitored_from": date(2022, 6, 15)}, "noticed"),
        ({"looks": (date(2022, 1, 1), date(2022, 12, 21))}, "No usable image"),
        ({"area": box(0, 0, 1, 1)}, "outside"),
    ],
)
def test_gaps_are_never_absence(
    change: dict[str, object], why: str, gazetteer: SqliteGazetteer
) -> None:
    g = replace(ground(), **change)
    found = verdict(claim(EXPANDED, gazetteer), g, power(0.99))
    assert found.answer is Answer.INCONCLUSIVE
    assert why in found.reason


def test_passes_are_listed_or_said_to_be_unknown(gazetteer: SqliteGazetteer) -> None:
    c = claim(EXPANDED, gazetteer)
    assert verdict(c, ground()).passes[0] == "2022-06-01 S2-2022-06-01: used"
    (unknown,) = verdict(c, None).passes
    assert "not known" in unknown


def test_an_unreviewed_claim_is_a_draft(gazetteer: SqliteGazetteer) -> None:
    c = replace(claim(EXPANDED, gazetteer), status=ReviewStatus.UNREVIEWED)
    assert verdict(c, ground()).draft


def explained(found: Verdict, what: str) -> str:
    (line,) = [a for a in found.alternatives if a.startswith(f"tested: {what}")]
    return line


def test_other_explanations_are_tested(gazetteer: SqliteGazetteer) -> None:
    new = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1))
    old = site((date(2022, 3, 11), 1.0), after=date(2022, 3, 1), name="S-2")
    far = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1), at=(46.95, 39.76), name="S-3")
    drift = np.full(len(LOOKS), 0.002, np.float32)
    drift[LOOKS.index(date(2022, 6, 11))] = 0.031
    g = replace(ground(replace(new, recovered_share=0.25), old, far), drift=drift)
    found = verdict(claim(EXPANDED, gazetteer), g)
    assert "1 of 1 sites outside" in explained(found, "a change of the whole region")
    assert "1 of 2 sites" in explained(found, "an earlier change")
    assert "25% of the ground" in explained(found, "a passing change")
    assert "at most 0.031" in explained(found, "a drift")
    assert "usually by 0.002" in explained(found, "a drift")
    assert "3 usable days in the window, at most 10 days apart" in explained(found, "a gap")
    assert any(a.startswith("not tested:") for a in found.alternatives)


def test_nothing_passes_where_nothing_changed(gazetteer: SqliteGazetteer) -> None:
    found = verdict(claim(EXPANDED, gazetteer), ground(), power(0.9))
    assert not any("passing" in a or "drift" in a for a in found.alternatives)
    assert explained(found, "a gap")


def classified(name: str, **traits: float) -> KindOfSite:
    return classify(name, {k.replace("_", "-"): v for k, v in traits.items()})


WOOD = {
    "bare_since": 0.0,
    "bare_before": 0.0,
    "green_before": 0.91,
    "green_lost": 0.3,
    "regrowth": 0.6,
    "red": 0.6,
    "growth": 0.0,
    "iron": 1.6,
    "bare_around": 0.0,
    "yearly": 0.0,
    "char": 0.0,
    "snow": 0.0,
    "recovered": 0.0,
    "water": 0.0,
}
PIT = {
    "bare_since": 1.0,
    "green_lost": 0.9,
    "regrowth": 0.0,
    "red": 1.2,
    "light": 0.4,
    "growth": 18.0,
    "outward": 0.9,
    "iron": 2.1,
    "bare_around": 0.5,
}


def test_another_kind_of_change_is_tested_and_leaves_a_claim_of_works_open(
    gazetteer: SqliteGazetteer,
) -> None:
    s = site((date(2022, 6, 11), 1.0), after=date(2022, 6, 1))
    wood = of_kinds(ground(s), {"S-1": classified("S-1", **WOOD)})
    found = verdict(claim(EXPANDED, gazetteer), wood)
    assert "S-1 forest clearing, not a mine: p =" in explained(found, "another kind")
    assert found.answer is Answer.INCONCLUSIVE
    assert "no works: forest clearing" in found.reason
    pit = of_kinds(ground(s), {"S-1": classified("S-1", **PIT)})
    found = verdict(claim(EXPANDED, gazetteer), pit)
    assert "S-1 mine or quarry: p =" in explained(found, "another kind")
    assert found.answer is Answer.SUPPORTED
    # a person's word goes before the images', which stay in the sentence
    said = KindDecision("S-1", SiteKind.MINE, "A. Name", "was there", "2022-07-01")
    decided = of_kinds(wood, {"S-1": replace(classified("S-1", **WOOD), decision=said)})
    found = verdict(claim(EXPANDED, gazetteer), decided)
    assert found.answer is Answer.SUPPORTED
    assert "decided by A. Name (by images mine or its ponds p = 0.0" in explained(found, "another")


def lost(year: int, value: float) -> SiteVegetation:
    def ha(low: float, mid: float, high: float) -> Measurement:
        return Measurement("vegetation lost", mid, "ha", low, high, 0.95, "m")

    none, some = ha(0, 0, 0), ha(0.9 * value, value, 1.1 * value)
    return SiteVegetation("S-1", (VegetationYear(year, some, none),), some, none, ())


@pytest.mark.parametrize(
    ("value", "year", "answer"),
    [
        (1.0, 2021, Answer.SUPPORTED),
        (5.0, 2021, Answer.CONTRADICTED),
        (0.2, 2021, Answer.INCONCLUSIVE),
        (5.0, 2022, Answer.INCONCLUSIVE),  # of a year that has not ended: only an upper bound
    ],
)
def test_forest_said_to_be_lost_is_held_against_vegetation(
    value: float, year: int, answer: Answer, gazetteer: SqliteGazetteer
) -> None:
    c = claim("1 hectare of forest near Shusha was felled by June 2022.", gazetteer)
    c = replace(c, dates=claim("It closed in June 2022 near Shusha.", gazetteer).dates)
    assert asked(c).observable == VEGETATION_LOST
    s = site((date(2022, 6, 11), 9.0), after=date(2022, 6, 1))
    found = verdict(c, ground(s), lost={"S-1": lost(year, value)})
    assert found.answer is answer, found.reason
    (m,) = found.measurements
    assert m.method == "claims.vegetation-lost.v1"
    assert m.low <= m.value <= m.high
    elsewhere = verdict(c, ground(s), lost={"S-2": lost(year, value)})
    assert "No loss of vegetation was measured there" in elsewhere.reason
