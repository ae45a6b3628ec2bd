"""What is blotted out, kind by kind, and what must not be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.identifiers import HONEST, MAILS, NAMES, NUMBERS, PHONES, PLATES

from gossan.claims.folded import fold
from gossan.claims.redact.rules import BLOCK, redact, redact_name
from gossan.claims.redact.strike import by_pattern, by_text, struck, struck_plain
from gossan.core.errors import GossanError
from gossan.io.gazetteer import countries_around

ROOT = Path(__file__).parents[2]
SENTENCE = "The guard said: {}; then the ministry spoke."


@pytest.mark.parametrize("form", [*PHONES, *PLATES, *NUMBERS])
def test_no_number_is_left(form: str) -> None:
    for text in (form, SENTENCE.format(form)):
        out, counts = redact(text)
        assert counts
        assert len(out) == len(text)
        assert sum(c.isdigit() for c in out) < 3, out


@pytest.mark.parametrize("form", MAILS)
def test_no_address_or_account_is_left(form: str) -> None:
    for text in (form, SENTENCE.format(form)):
        out, counts = redact(text)
        assert counts
        assert len(out) == len(text)
        assert not re.search(r"jane|имя|994501234567|AbCdEf", out), out


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_in_a_name_of_a_file_or_an_address(name: str) -> None:
    out, counts = redact_name(name)
    assert counts
    assert len(out) == len(name)
    assert not re.search(r"jane|\d{3}", out), out


@pytest.mark.parametrize("text", HONEST)
def test_honest_words_stay(text: str) -> None:
    assert redact(text) == (text, {})
    assert redact_name(text.replace(" ", "_"))[1] == {}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for v in value.values() if isinstance(value, dict) else value:
            yield from texts(v)


@pytest.mark.parametrize("name", sorted((ROOT / "tests" / "golden").glob("*.json")), ids=str)
def test_the_sentences_the_rules_are_measured_on_stay(name: Path) -> None:
    for text in texts(json.loads(name.read_text("utf-8"))):
        assert redact(text) == (text, {})


@pytest.mark.parametrize("page", sorted((ROOT / "examples").rglob("*.txt")), ids=str)
def test_the_example_stays(page: Path) -> None:
    text = page.read_text("utf-8")
    assert redact(text) == (text, {})


def test_what_is_blotted_out_twice_is_as_it_was() -> None:
    for text in (*PHONES, *MAILS, *PLATES, *NUMBERS):
        once, _ = redact(SENTENCE.format(text))
        assert redact(once)[0] == once


def test_spans_of_a_folded_text_lead_back_to_what_was_written() -> None:
    text = "a\u200bb%40c \uff10\u0661&#64;x%2540"
    folded = fold(text)
    assert folded.text == "ab@c 01@x@"
    assert text[slice(*folded.span(0, 2))] == "a\u200bb"
    assert text[slice(*folded.span(2, 3))] == "%40"
    assert text[slice(*folded.span(9, 10))] == "%2540"


def test_numbers_without_a_code_are_known_of_the_countries_asked_for() -> None:
    text = "Write to 06 12 34 56 78 or 22 123 4567 89."
    assert redact("20 7946 0958 is in London", ("GB",))[1] or redact("020 7946 0958", ("GB",))[1]
    assert redact(text, ("FR",))[1] == {"phone number": 1}


def test_the_countries_of_a_case_are_those_around_it() -> None:
    around = countries_around(46.7, 39.9)
    assert around[0] in ("AZ", "AM")
    assert {"AZ", "AM", "GE", "IR", "TR", "RU"} <= set(around)
    assert "RO" in countries_around(25.0, 47.0)


HOSTILE: list[Callable[[int], str]] = [
    lambda n: "1" * n,
    lambda n: "1 " * n,
    lambda n: "a." * n,
    lambda n: "passport no " * n,
    lambda n: "O0" * n,
    lambda n: "plates " * n,
    lambda n: "%41" * n,
    lambda n: "a@" * n,
    lambda n: "AB 123 " * n,
]


@pytest.mark.parametrize("made", HOSTILE)
def test_a_text_made_to_take_long_does_not(made: Callable[[int], str]) -> None:
    """Twice the text takes about twice the work: the suite would hang on what does not."""
    for n in (2_000, 4_000):
        assert len(redact(made(n), ("AZ",))[0]) == len(made(n))


@pytest.mark.parametrize(
    "text",
    [
        "Zaur Testov left",
        "ZAUR\n  TESTOV left",
        "Zaur_Testov left",
        "Zaur%20Testov left",
        "Za\u200bur Testov left",
    ],
)
def test_words_are_struck_however_they_are_written(text: str) -> None:
    out = struck(text, by_text("zaur testov"))
    assert out.endswith(" left")
    assert len(out) == len(text)
    assert not re.search("(?i)z|aur|test", out)


def test_what_stands_at_a_span_follows_the_text_it_stands_in() -> None:
    old = "He met Zaur Testov there."
    find = by_text("Zaur Testov")
    claim = {"span": [12, 24], "text": old[12:24], "notes": ["Zaur Testov"]}
    new = struck_plain(claim, find, (old, struck(old, find)))
    assert new == {"span": [12, 24], "text": BLOCK * 6 + " there", "notes": [BLOCK * 11]}


@pytest.mark.parametrize("wrong", ["(", "x*", ""])
def test_a_pattern_that_is_none_or_fits_everything_is_refused(wrong: str) -> None:
    with pytest.raises(GossanError):
        by_pattern(wrong)
    with pytest.raises(GossanError):
        by_text("a")
