"""Who says it, through pronouns, passives and quoted outlets; and how they put it."""

from __future__ import annotations

import pytest
from tests.support.claims import report

from gossan.claims.attribution import attribute
from gossan.claims.denial import says_not
from gossan.claims.extract import extract
from gossan.claims.sentences import split
from gossan.core.statements import Modality, SourceKind
from gossan.io.gazetteer import SqliteGazetteer

Row = tuple[list[str], bool, Modality]


def said(text: str, language: str = "en") -> list[Row]:
    """(names of the sources, whether the last is taken over, modality) for each sentence."""
    return [
        ([k.name for k in a.links], bool(a.links) and a.links[-1].inherited, a.modality)
        for a in attribute(split(text, language), language)
    ]


def test_a_passive_and_moreover_inherit_the_last_source_and_say_so() -> None:
    rows = said(
        "The Daily Herald reported that trucks left. Moreover, cars were seen on the road. "
        "The ore was sold abroad."
    )
    assert [r[0] for r in rows] == [["The Daily Herald"]] * 3
    assert [r[1] for r in rows] == [False, True, True]


def test_a_new_paragraph_inherits_nothing() -> None:
    rows = said("The Daily Herald reported that trucks left.\n\nThe ore was sold abroad.")
    assert [r[0] for r in rows] == [["The Daily Herald"], []]


def test_an_active_sentence_of_the_outlet_inherits_nothing() -> None:
    rows = said("The Daily Herald reported that trucks left. The army built a bridge.")
    assert rows[1][0] == []


def test_pronouns_stand_for_the_last_one_named() -> None:
    rows = said("Villagers blocked the road. They demand that the mine close. They vowed to stay.")
    assert [r[0] for r in rows[1:]] == [["Villagers"]] * 2
    assert [r[2] for r in rows[1:]] == [Modality.DEMAND, Modality.PLAN]


def test_a_quoted_source_of_a_quoted_outlet_is_the_last_link() -> None:
    ((names, _, _),) = said("The agency, citing a military source, wrote that trucks left.")
    assert names == ["The agency", "a military source"]


def test_unnamed_data_are_unnamed() -> None:
    (a,) = attribute(split("According to operational data, ore was moved.", "en"), "en")
    assert [(k.name, k.kind) for k in a.links] == [("operational data", SourceKind.UNNAMED)]
    assert a.modality is Modality.HEARSAY


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The ministry denied that ore was moved.", Modality.DENIAL),
        ("No ore has been moved, the ministry said.", Modality.DENIAL),
        ("The ministry ordered the mine to close.", Modality.DEMAND),
        ("The mine will close in March, the ministry said.", Modality.PLAN),
        ("The mine reportedly closed.", Modality.HEARSAY),
        ("The mine is said to have closed.", Modality.HEARSAY),
        ("Numerous reports have surfaced about the mine.", Modality.HEARSAY),
        ("The mine closed, and in March it will open again.", Modality.ASSERTED),
        ("The mine closed.", Modality.ASSERTED),
    ],
)
def test_how_it_is_put(text: str, modality: Modality) -> None:
    assert said(text)[0][2] is modality


@pytest.mark.parametrize(
    "text",
    [
        "Their neighbours' claims for land grew.",
        "The war until the truce of 1994 saw towns burn.",
        "The Authority was informed of works.",
        "The claims of both sides stand.",
        "The requests followed the closure.",
    ],
)
def test_nouns_and_passives_are_no_sources(text: str) -> None:
    assert said(text)[0][0] == []


def test_a_protest_to_demand_something_is_an_event_and_a_demand(gazetteer: SqliteGazetteer) -> None:
    text = "Villagers protested in Goris on Friday to demand that the mine in Kajaran stop."
    event, demand = extract(report(text), gazetteer)
    assert (event.type, event.modality, event.source.kind) == ("event", "asserted", "outlet")
    assert (demand.type, demand.modality, demand.source.name) == ("activity", "demand", "Villagers")
    assert text[slice(*demand.span)] == demand.text
    assert [p.text for p in demand.places] == ["Kajaran"]


def test_these_trucks_take_over_the_date_of_the_trucks(gazetteer: SqliteGazetteer) -> None:
    text = (
        "Eight trucks left Goris between November 10 and November 14. It rained. "
        "Ore from Kajaran was moved on these trucks."
    )
    claims = extract(report(text), gazetteer)
    last = claims[-1]
    assert [(d.inherited, d.reading and d.reading.edtf) for d in last.dates] == [
        (True, "2022-11-10/2022-11-14")
    ]
    assert any("taken over" in n for n in last.notes)


def test_the_day_of_saying_comes_after_the_day_spoken_of(gazetteer: SqliteGazetteer) -> None:
    text = "The company said on Wednesday that the mine near Goris has been closed since April 20."
    (claim,) = extract(report(text), gazetteer)
    assert [d.text for d in claim.dates] == ["since April 20", "Wednesday"]


def test_a_dateline_comes_after_the_days_told(gazetteer: SqliteGazetteer) -> None:
    text = "12 December 2022 – Works at the mine near Goris began on 1 December 2022."
    (claim,) = extract(report(text), gazetteer)
    assert [d.text for d in claim.dates] == ["1 December 2022", "12 December 2022"]


def test_where_a_source_sits_is_not_where_it_happened(gazetteer: SqliteGazetteer) -> None:
    text = "Baku-based Herald reported that trucks left Goris on Friday."
    (claim,) = extract(report(text), gazetteer)
    assert [(p.text, p.feature) for p in claim.places] == [("Goris", ""), ("Baku", "source")]


def test_other_languages_are_not_read(gazetteer: SqliteGazetteer) -> None:
    text = "Las operaciones de la mina fueron suspendidas el lunes en Goris."
    assert extract(report(text, language="es"), gazetteer) == ()


def test_russian_sources() -> None:
    rows = said("Власти сообщили, что рудник закрыт. По данным агентства, колонна прошла.", "ru")
    assert [r[0] for r in rows] == [["Власти"], ["агентства"]]


WHO = [
    ("Ore was moved, Ana Soto, who leads the union, told reporters.", "Ana Soto"),
    ("Work stopped in May, the owner's lawyer, Paul Mbuyi, told a radio station.", "Paul Mbuyi"),
    ("Trucks left at night, the plant's press office conceded.", "the plant's press office"),
    ("A spokesman, asked about the spill, said it was over.", "A spokesman"),
]


@pytest.mark.parametrize(("text", "name"), WHO)
def test_who_stands_before_what_is_put_in_between(text: str, name: str) -> None:
    ((names, _, modality),) = said(text)
    assert names == [name]
    assert modality is Modality.ASSERTED


def test_those_who_would_not_say_say_nothing() -> None:
    assert said("The plant would not say when it began.")[0][0] == []


def test_who_asks_not_to_be_named_is_unnamed() -> None:
    (a,) = attribute(split("Miners who asked not to be named said the pit grew.", "en"), "en")
    assert [(k.name, k.kind) for k in a.links] == [("Miners", SourceKind.UNNAMED)]
    assert a.modality is Modality.HEARSAY


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("The operator shall remove the heap by May.", Modality.DEMAND),
        ("The pit was to have been filled by May.", Modality.PLAN),
        ("It is not true that the pit grew in May.", Modality.DENIAL),
        ("At no time in 2020 did the firm use cyanide.", Modality.DENIAL),
        ("The pit grew, according to a document seen by Reuters.", Modality.HEARSAY),
    ],
)
def test_duties_plans_and_denials(text: str, modality: Modality) -> None:
    assert said(text)[0][2] is modality


NAMES = ["Çınar Əhmədov", "Şəfiqə Öztürk", "Łucja Żak", "Émile Øst", "Ángel Ñíguez", "დავით ბერიძე"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    [
        "The pit was widened every week since 3 May 2021, said {}.",
        "Lorries left the mine each night in June 2021, reported {}, a farmer.",
        "{} said the pit was widened in June 2021.",
        "According to {}, the pit was widened in June 2021.",
    ],
)
def test_a_name_may_begin_with_a_letter_of_any_script(name: str, text: str) -> None:
    ((names, _, _),) = said(text.format(name))
    assert names == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Lorries drove to the mine every day since 3 December 2022, said.",
        "Lorries drove to the mine every day since 3 December 2022, said nothing of it.",
    ],
)
def test_a_claim_is_never_its_own_source(text: str) -> None:
    ((names, _, _),) = said(text)
    assert not any("Lorries" in n for n in names)


THROUGH = [
    ("A cable quoted by an agency said that the pit grew.", ["an agency", "A cable"]),
    ("According to a letter published by the Herald, the pit grew.", ["the Herald", "a letter"]),
    ("The pit grew, according to minutes seen by the Herald.", ["the Herald", "minutes"]),
    ("The Herald quoted two miners as saying the pit grew.", ["The Herald", "two miners"]),
    ("Foresters cited by a daily said the slope was bare.", ["a daily", "Foresters"]),
]


@pytest.mark.parametrize(("text", "names"), THROUGH)
def test_who_is_quoted_through_another_is_the_origin(text: str, names: list[str]) -> None:
    assert said(text)[0][0] == names


@pytest.mark.parametrize(
    "text", ["Trucks were seen by residents on 3 May.", "Fires seen by a satellite grew."]
)
def test_what_is_seen_by_somebody_says_nothing(text: str) -> None:
    assert not any("Trucks" in n or "Fires" in n for n in said(text)[0][0])


NOTES = [
    ("The pit grew in May. Source: a local driver", "a local driver", SourceKind.UNNAMED),
    ("The pit grew in May (source: villagers).", "villagers", SourceKind.UNNAMED),
    ("The pit grew in May. Source: Ministry of Mines", "Ministry of Mines", SourceKind.NAMED),
    ("The pit grew in May.\nSource: local driver", "local driver", SourceKind.UNNAMED),
]


@pytest.mark.parametrize(("text", "name", "kind"), NOTES)
def test_a_note_names_the_source_and_one_without_a_name_is_hearsay(
    text: str, name: str, kind: SourceKind
) -> None:
    first = attribute(split(text, "en"), "en")[0]
    assert [(k.name, k.kind) for k in first.links] == [(name, kind)]
    hearsay = kind is SourceKind.UNNAMED
    assert first.modality is (Modality.HEARSAY if hearsay else Modality.ASSERTED)


def test_a_note_that_names_a_source_is_no_claim(gazetteer: SqliteGazetteer) -> None:
    text = "Lorries left the mine near Goris on 3 May 2021.\nSource: local driver"
    (claim,) = extract(report(text), gazetteer)
    assert (claim.source.name, claim.modality) == ("local driver", Modality.HEARSAY)


DENIED = [
    "No blasting took place in June, the company said.",
    "No lorry left the mine in June.",
    "There has been no mining there since 2019, the mayor said.",
    "Nobody has worked in the pit since August.",
    "The company has not expanded the pit since 2019.",
    "The owner said no ore was hauled.",
]


@pytest.mark.parametrize("text", DENIED)
def test_that_nothing_was_done_is_a_denial(text: str) -> None:
    assert said(text)[0][2] is Modality.DENIAL


@pytest.mark.parametrize(
    "text",
    [
        "Work has not resumed, the company said.",
        "The works were not halted in June.",
        "There is no doubt that the pit grew.",
        "Nobody knows when the pit was dug.",
    ],
)
def test_other_negations_are_none(text: str) -> None:
    assert said(text)[0][2] is not Modality.DENIAL


@pytest.mark.parametrize(
    ("text", "words", "not_so"),
    [
        ("No lorry has used the road near Goris in June 2021.", True, True),
        ("The pit near Goris has not been expanded in June 2021.", True, True),
        ("The ministry denied that lorries used the road near Goris in June 2021.", False, True),
        ("The ministry denied that no lorry used the road near Goris in June 2021.", True, False),
        ("Lorries used the road near Goris in June 2021.", False, False),
    ],
)
def test_words_and_who_denies_them_turn_a_claim_round_once_each(
    text: str, words: bool, not_so: bool, gazetteer: SqliteGazetteer
) -> None:
    (claim,) = extract(report(text), gazetteer)
    assert says_not(claim, words=words) is not_so
