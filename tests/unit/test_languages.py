"""Texts in several languages: the part that is read is kept, the rest is said to be not read."""

from __future__ import annotations

import pytest
from tests.support.claims import report
from tests.support.documents import KARYER, QUARRY

from gossan.claims.extract import extract
from gossan.claims.language import parts, read_as
from gossan.io.gazetteer import SqliteGazetteer

AZERBAIJANI = (
    "Mədəndə işlər dayandırılıb, nazirlik bu barədə məlumat yayıb. Sakinlər bildirirlər ki, "
    "karxana noyabr ayında genişləndirilib və yük maşınları hər gecə yola çıxır."
)
GERMAN = (
    "Die Arbeiten im Steinbruch wurden im Juni wieder aufgenommen, teilte das Ministerium mit. "
    "Anwohner sahen jeden Tag vierzig Lastwagen auf der Straße zum Dorf."
)
UKRAINIAN = (
    "З червня на кар'єрі біля села працюють екскаватори, повідомили в адміністрації району. "
    "За словами мешканців, його розширили на вісім гектарів."
)

MIXED = [
    (f"{AZERBAIJANI}\n{QUARRY}", "en", 2),
    (f"{QUARRY}\n{AZERBAIJANI}\n{AZERBAIJANI}", "en", 2),
    (f"{GERMAN}\n{GERMAN}\n{KARYER}", "ru", 2),
    (f"{UKRAINIAN}\n{KARYER}", "ru", 2),
]


@pytest.mark.parametrize(("body", "language", "claims"), MIXED)
def test_the_part_that_is_read_is_kept_and_the_rest_is_said(
    body: str, language: str, claims: int, gazetteer: SqliteGazetteer
) -> None:
    found, unread = read_as(body)
    assert found == language
    assert "not read" in unread
    made = extract(report(body, language=found), gazetteer)
    assert len(made) == claims
    assert all(c.text == body[slice(*c.span)] for c in made)
    assert all(c.text in QUARRY or c.text in KARYER for c in made)


def test_both_languages_that_are_read_are_read_by_their_own_rules(
    gazetteer: SqliteGazetteer,
) -> None:
    body = f"{QUARRY}\n{KARYER}"
    found, unread = read_as(body)
    assert unread == ""
    made = extract(report(body, language=found), gazetteer)
    assert len(made) == 4
    assert [d.reading.edtf for c in made for d in c.dates if d.reading] == [
        "2021-06-03/..",
        "2021-07",
        "2021-06-03/..",
        "2021-07",
    ]


@pytest.mark.parametrize("body", [AZERBAIJANI, GERMAN, UKRAINIAN, "12 34"])
def test_a_text_in_another_language_is_not_read(body: str) -> None:
    assert read_as(body)[0] not in ("en", "ru")


def test_a_text_in_one_language_is_one_part() -> None:
    body = f"Hill\n\n{QUARRY}\nA headline\n{QUARRY}\n"
    (part,) = parts(body, "en")
    assert (part.start, part.end, part.language) == (0, len(body), "en")
