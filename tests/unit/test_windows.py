"""Which times of a claim a question asks about: all of them, and separate ones each for itself."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from bench.claims import score_windows
from tests.support.claims import MONDAY, report

from gossan.claims.extract import extract
from gossan.claims.questions import ground_question
from gossan.claims.review import Correction, correct
from gossan.claims.windows import SEPARATE, UNDECIDED, each, one_time, times
from gossan.core.statements import Claim
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.io.gazetteer import SqliteGazetteer

GOLD = Path(__file__).parents[1] / "golden"


def claim(text: str, gazetteer: SqliteGazetteer) -> Claim:
    (made,) = extract(report(text), gazetteer)
    return made


def asked(text: str, gazetteer: SqliteGazetteer) -> Question:
    made = ground_question(claim(text, gazetteer), report(text), 0.1)
    assert made is not None
    return made


def spans(made: Claim) -> list[str] | None:
    found = times(made)
    return None if found is None else [f"{r.first or '..'}/{r.last or '..'}" for r in found]


@pytest.mark.parametrize(
    ("name", "right"),
    [("claim_windows", 1.0), ("claim_windows_unseen", 0.9), ("claim_windows_third", 1.0)],
)
def test_windows_of_many_styles(name: str, right: float) -> None:
    """Floors a little under what was measured (docs/limits.md); none is accepted wrongly."""
    rows = json.loads((GOLD / f"{name}.json").read_text("utf-8"))["sentences"]
    score = score_windows(rows).total("windows")
    assert score.wrong_accepted == 0
    assert score.recall >= right


ONE = [
    ("not before 1 April 2021 and not later than 15 June 2021", "2021-04-01/2021-06-15"),
    ("since 4 March 2020, and until the seizure on 19 August 2020", "2020-03-04/2020-08-19"),
    ("on 3 March 2019 and went on until October 2020", "2019-03-03/2020-10-31"),
    ("in May 2020 and in June 2020", "2020-05-01/2020-06-30"),
    ("on Monday, after the war of 27 September 2020", "2022-12-12/2022-12-12"),
]


@pytest.mark.parametrize(("when", "span"), ONE)
def test_ends_that_belong_together_are_one_time(
    when: str, span: str, gazetteer: SqliteGazetteer
) -> None:
    assert spans(claim(f"The pit near Goris was dug {when}.", gazetteer)) == [span]


def test_begun_and_ended_is_all_of_that_time(gazetteer: SqliteGazetteer) -> None:
    text = "Work at the pit near Goris began in March 2019 and ended in October 2020."
    assert spans(claim(text, gazetteer)) == ["2019-03-01/2020-10-31"]


def test_the_day_of_saying_is_none_of_the_times(gazetteer: SqliteGazetteer) -> None:
    text = "The mayor said on Friday that the pit near Goris was dug in April 2021."
    assert spans(claim(text, gazetteer)) == ["2021-04-01/2021-04-30"]


def test_a_person_decides_alone(gazetteer: SqliteGazetteer) -> None:
    made = claim("The pit near Goris was dug in April 2020 and in May 2021.", gazetteer)
    assert len(times(made) or ()) == 2
    assert spans(correct(made, Correction(edtf="2021-05-03"), gazetteer)) == [
        "2021-05-03/2021-05-03"
    ]


def test_an_open_date_leaves_the_question_open_and_says_why(gazetteer: SqliteGazetteer) -> None:
    text = "The pit near Goris was dug in April 2020 and again ten days after the fire."
    made = claim(text, gazetteer)
    assert times(made) is None
    assert one_time(made) == (None, UNDECIDED)
    question = asked(text, gazetteer)
    assert (question.unanswerable, question.unanswerable_as) == (UNDECIDED, Answer.INCONCLUSIVE)


TWICE = "The pit near Goris was expanded in April 2020 and again in November 2021."


def test_separate_times_are_asked_about_each_for_itself(gazetteer: SqliteGazetteer) -> None:
    question = asked(TWICE, gazetteer)
    april, november = question.times
    assert april == (date(2020, 4, 1), date(2020, 4, 30))
    assert november == (date(2021, 11, 1), date(2021, 11, 30))
    assert (question.first, question.last) == (april[0], november[1])
    assert one_time(claim(TWICE, gazetteer)) == (None, SEPARATE)
    once = asked("The pit near Goris was expanded in April 2020.", gazetteer)
    assert once.times == ()


@pytest.mark.parametrize(
    ("answers", "whole"),
    [
        ((Answer.SUPPORTED, Answer.SUPPORTED), Answer.SUPPORTED),
        ((Answer.SUPPORTED, Answer.INCONCLUSIVE), Answer.INCONCLUSIVE),
        ((Answer.SUPPORTED, Answer.CONTRADICTED), Answer.CONTRADICTED),
        ((Answer.NOT_OBSERVABLE, Answer.NOT_OBSERVABLE), Answer.NOT_OBSERVABLE),
        ((Answer.NOT_OBSERVABLE, Answer.SUPPORTED), Answer.INCONCLUSIVE),
    ],
)
def test_a_claim_of_two_times_holds_where_both_hold(
    answers: tuple[Answer, Answer], whole: Answer, gazetteer: SqliteGazetteer
) -> None:
    question = asked(TWICE, gazetteer)
    given = dict(zip((a for a, _ in question.times), answers, strict=True))

    def one(q: Question) -> Verdict:
        assert q.first is not None
        assert q.times == ()
        return Verdict(q.claim, "", given[q.first], "Seen.", scenes=(f"S-{q.first}",))

    verdict = each(question, one)
    assert verdict.answer is whole
    assert verdict.scenes == ("S-2020-04-01", "S-2021-11-01")
    assert all(f"{a} to {b}" in verdict.reason for a, b in question.times)
    assert verdict.question_hash


def test_nothing_relative_is_asked_without_a_day_of_publication(gazetteer: SqliteGazetteer) -> None:
    (made,) = extract(report("The pit near Goris was dug on Friday.", None), gazetteer)
    assert times(made) is None
    assert MONDAY.weekday() == 0
