"""What a person decides, what comes in from outside, and how claims stand to each other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.support.claims import report

from gossan.claims import bods, review
from gossan.claims.copies import cluster_of
from gossan.claims.extract import extract
from gossan.claims.relations import clusters_of, related
from gossan.claims.review import Correction
from gossan.core.errors import GossanError
from gossan.core.serialise import from_plain, to_plain
from gossan.core.statements import Claim, ClaimType, RelationKind, ReviewStatus
from gossan.io.gazetteer import SqliteGazetteer

TEXT = "The quarry near Shusha expanded in June 2022, and the mine near Goris was halted on Monday."


@pytest.fixture
def claim(gazetteer: SqliteGazetteer) -> Claim:
    (found,) = extract(report(TEXT), gazetteer)
    return found


def test_a_claim_survives_json(claim: Claim) -> None:
    assert from_plain(Claim, json.loads(json.dumps(to_plain(claim)))) == claim


def test_accepting_needs_a_date_that_is_decided(gazetteer: SqliteGazetteer) -> None:
    (open_date,) = extract(report("The mine near Goris was halted on 05/06/2017."), gazetteer)
    with pytest.raises(GossanError, match="no single reading"):
        review.accept(open_date)
    fixed = review.correct(open_date, Correction(edtf="2017-06-05"), gazetteer)
    assert fixed.status is ReviewStatus.CORRECTED
    assert fixed.dates[0].reading is not None
    assert fixed.dates[0].reading.rule == "person"
    assert fixed.dates[0].text == "05/06/2017"


def test_corrections(claim: Claim, gazetteer: SqliteGazetteer) -> None:
    change = Correction(place="Stepanakert", type=ClaimType.AREA, source="a witness", note="heard")
    new = review.correct(claim, change, gazetteer)
    assert new.places[0].place is not None
    assert new.places[0].place.id == "case:khankendi"
    assert new.places[0].text == "Shusha"
    assert (new.type, new.source.name, new.notes[-1]) == ("area", "a witness", "heard")
    assert claim.status is ReviewStatus.UNREVIEWED


@pytest.mark.parametrize(
    "change",
    [
        Correction(edtf="soon"),
        Correction(place="Nowhereville"),
        Correction(),
        Correction(edtf="2022-13"),
        Correction(edtf="2022-06-10/2022-06-01"),
    ],
)
def test_corrections_that_mean_nothing(
    change: Correction, claim: Claim, gazetteer: SqliteGazetteer
) -> None:
    with pytest.raises(GossanError, match=claim.id):
        review.correct(claim, change, gazetteer)


@pytest.mark.parametrize(
    ("edtf", "first", "last"),
    [
        ("2022-06", "2022-06-01", "2022-06-30"),
        ("2020/2021-03", "2020-01-01", "2021-03-31"),
        ("2020-11/..", "2020-11-01", "None"),
        ("../2021", "None", "2021-12-31"),
        ("4 December 2022", "2022-12-04", "2022-12-04"),
    ],
)
def test_dates_a_person_writes(edtf: str, first: str, last: str) -> None:
    made = review.parse_edtf(edtf)
    assert made is not None
    assert (str(made.first), str(made.last)) == (first, last)


def test_splitting_and_merging_keep_the_words(claim: Claim) -> None:
    at = TEXT.index("and the mine")
    a, b = review.split(claim, at, TEXT)
    assert (TEXT[slice(*a.span)], TEXT[slice(*b.span)]) == (a.text, b.text)
    assert ([p.text for p in a.places], [p.text for p in b.places]) == (["Shusha"], ["Goris"])
    assert ([d.text for d in a.dates], [d.text for d in b.dates]) == (["June 2022"], ["Monday"])
    again = review.merge([b, a], TEXT)
    assert (again.span, again.text) == (claim.span, claim.text)
    assert [p.text for p in again.places] == ["Shusha", "Goris"]
    assert len({a.id, b.id, again.id, claim.id}) == 4
    with pytest.raises(GossanError, match="--at"):
        review.split(claim, 0, TEXT)
    with pytest.raises(GossanError, match="two or more"):
        review.merge([a], TEXT)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("text", "Other words.", "do not stand"),
        ("span", [0, 5], "do not stand"),
        ("report", "R-2", "belongs to"),
        ("verdict", "supported", "unknown key"),
        ("type", "murder", "not a valid"),
        ("dates", None, "expected a list"),
    ],
)
def test_claims_from_outside_must_stand_in_their_report(
    key: str, value: object, says: str, claim: Claim
) -> None:
    with pytest.raises(GossanError, match=says):
        review.edited({**to_plain(claim), key: value}, report(TEXT), claim)


def test_nobody_can_rename_who_extracted_a_claim(claim: Claim) -> None:
    made = review.edited({**to_plain(claim), "extractor": "me"}, report(TEXT), claim)
    assert made.extractor == claim.extractor


LONG = " ".join(
    f"The mine near Goris was halted on {n} November, and {word} stones were carried to the plant."
    for n, word in enumerate(
        ["many", "few", "some", "grey", "red", "large", "small", "wet", "dry", "old"], start=2
    )
)


def test_near_copies_are_one_source_and_a_changed_date_is_pointed_out(
    gazetteer: SqliteGazetteer,
) -> None:
    first = report(LONG, name="R-1")
    other = LONG.replace("halted on 4 November", "halted on 14 November")
    copy = report("Copied: " + other, name="R-2")
    assert cluster_of(copy.body, [first]) == "R-1"
    assert cluster_of("Quite another text about a river far away from here, " * 8, [first]) == ""
    copy = replace(copy, cluster="R-1")
    known = extract(first, gazetteer)
    new = related(extract(copy, gazetteer), known, clusters_of([first, copy]))
    kinds = {(c.text[:40], r.kind) for c in new for r in c.relations if "date changed" in r.reason}
    assert {k for _, k in kinds} == {RelationKind.CONTRADICTS}
    repeats = [r for c in new for r in c.relations if r.kind is RelationKind.REPEATS]
    assert repeats


def relations(a: str, b: str, gazetteer: SqliteGazetteer) -> list[tuple[str, str]]:
    ra, rb = report(a, name="R-1"), report(b, name="R-2")
    new = related(extract(rb, gazetteer), extract(ra, gazetteer), clusters_of([ra, rb]))
    return [(r.kind.value, r.reason) for c in new for r in c.relations]


def test_two_seats_of_one_company_both_stand(gazetteer: SqliteGazetteer) -> None:
    found = relations(
        "Base Metals is a subsidiary of Vallex Group, registered in Switzerland.",
        "Base Metals, a subsidiary of Vallex Group, registered in Liechtenstein, moved the ore.",
        gazetteer,
    )
    assert [k for k, _ in found] == ["repeats", "contradicts"]
    assert "Both stand" in found[1][1]


def test_works_that_stand_and_run_contradict(gazetteer: SqliteGazetteer) -> None:
    found = relations(
        "The mine near Goris was halted between 1 and 30 November 2022.",
        "Blasting went on at the quarry of Goris on 10 November 2022.",
        gazetteer,
    )
    assert [k for k, _ in found] == ["contradicts"]
    apart = relations(
        "The mine near Goris was halted between 1 and 30 November 2022.",
        "Blasting went on at the quarry of Goris on 10 December 2022.",
        gazetteer,
    )
    assert apart == []


def test_a_narrower_date_refines(gazetteer: SqliteGazetteer) -> None:
    found = relations(
        "The quarry near Shusha expanded in June 2022.",
        "The quarry near Shusha was expanded on 10 June 2022.",
        gazetteer,
    )
    assert [k for k, _ in found] in (["refines"], ["repeats"])


def test_ownership_as_bods(gazetteer: SqliteGazetteer) -> None:
    r = report("Acacia Holdings acquired a 51% stake in Geita Minerals Ltd on October 3.")
    claims = extract(r, gazetteer)
    found = bods.statements(claims, {r.id: r}, "2026-01-01")
    kinds = [s["recordType"] for s in found]
    assert kinds == ["entity", "entity", "relationship"]
    relation = found[2]["recordDetails"]
    assert relation["subject"] == found[0]["recordId"]
    assert relation["interestedParty"] == found[1]["recordId"]
    assert relation["interests"][0]["share"] == {"exact": 51.0}
    assert len({s["statementId"] for s in found}) == 3


def test_private_persons_are_no_actors(gazetteer: SqliteGazetteer) -> None:
    text = "Mayor Anna Petrosyan and the farmer Karen Sargsyan saw the mine near Goris on Monday."
    (claim,) = extract(report(text), gazetteer)
    assert [(a.name, a.role) for a in claim.actors] == [("Anna Petrosyan", "Mayor")]


def test_russian_organisations_are_actors_and_persons_are_not(gazetteer: SqliteGazetteer) -> None:
    text = (
        "Министерство экологии сообщило в понедельник, что Карен Саргсян видел шахту ООО «Рудник»."
    )
    (claim,) = extract(report(text, language="ru"), gazetteer)
    assert [(a.name[:12], a.kind) for a in claim.actors] == [
        ("Министерство", "authority"),
        ("ООО «Рудник»"[:12], "company"),
    ]


def test_bods_says_each_thing_once_and_keeps_both_seats(gazetteer: SqliteGazetteer) -> None:
    r = report(
        "Base Metals is a wholly owned subsidiary of the Vallex Group, registered in Vaduz. "
        "Vallex Group is based in Switzerland."
    )
    found = bods.statements(extract(r, gazetteer), {r.id: r}, "2026-01-01")
    assert len({s["statementId"] for s in found}) == len(found)
    seats = [
        s["recordDetails"]["addresses"][0]["address"]
        for s in found
        if s["recordDetails"].get("addresses")
    ]
    assert seats == ["Vaduz", "Switzerland"]
