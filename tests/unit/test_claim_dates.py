"""Dates as people write them. Expected values were worked out on a calendar, not by the code."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossan.claims.dates.find import find_dates
from gossan.claims.sentences import split
from gossan.core.statements import DateMention

MONDAY = date(2022, 12, 12)


def dates(text: str, published: date | None = MONDAY, language: str = "en") -> list[DateMention]:
    found = find_dates(split(text, language), published, language)
    return [d for sentence in found for d in sentence]


def accepted(text: str, published: date | None = MONDAY, language: str = "en") -> list[str]:
    """EDTF of every date that would pass without a person."""
    return [d.reading.edtf for d in dates(text, published, language) if d.reading is not None]


ONE_READING = [
    ("It began on 4 December 2022.", "2022-12-04"),
    ("It began on the 4th of December, 2022.", "2022-12-04"),
    ("It began on Dec. 4, 2022.", "2022-12-04"),
    ("It began on Sunday, December 4.", "2022-12-04"),
    ("It began on 2022-12-04.", "2022-12-04"),
    ("It began on 13/12/2021.", "2021-12-13"),
    ("It lasted from 28 December 2021 to 3 January 2022.", "2021-12-28/2022-01-03"),
    ("It was seen on 10–14 November.", "2022-11-10/2022-11-14"),
    ("It was seen November 10 to 14, 2021.", "2021-11-10/2021-11-14"),
    ("It was seen between 10 and 14 November 2021.", "2021-11-10/2021-11-14"),
    ("They met on 3, 5 and 7 December.", "{2022-12-03,2022-12-05,2022-12-07}"),
    ("They met on December 3 and 7.", "{2022-12-03,2022-12-07}"),
    ("They met yesterday.", "2022-12-11"),
    ("They met the day before yesterday.", "2022-12-10"),
    ("They met last month.", "2022-11"),
    ("They met last year.", "2021"),
    ("They met on Thursday.", "2022-12-08"),
    ("They met on Friday evening.", "2022-12-09"),
    ("They met two days ago.", "2022-12-10"),
    ("They met five years ago.", "2017"),
    ("It grew in the spring of 2020.", "2020-21"),
    ("It grew this summer.", "2022-22"),
    ("It grew in the third quarter of 2021.", "2021-35"),
    ("It grew in H1 2020.", "2020-40"),
    ("It grew in the 1990s.", "199X"),
    ("It grew in the early 2010s.", "2010~/2013~"),
    ("It grew from 2014 to 2016.", "2014/2016"),
    ("It grew between 2014 and 2016.", "2014/2016"),
    ("It grew in 2014-2016.", "2014/2016"),
    ("It grew in mid-November.", "2022-11"),
    ("It grew in late 2021.", "2021"),
    ("It has been closed since 2014.", "2014/.."),
    ("It has been closed since 4 December.", "2022-12-04/.."),
    ("It has been closed since last year.", "2021/.."),
    ("It stayed open until 2014.", "../2014"),
    ("It must close by 1 March 2023.", "../2023-03-01"),
    ("It will close on 20 December.", "2022-12-20"),
    ("For the seventeenth day the road was blocked.", "2022-11-26/2022-12-12"),
    ("The road was blocked for a 5th consecutive day.", "2022-12-08/2022-12-12"),
    ("In the past three months it grew.", "2022-09-12/2022-12-12"),
    ("A report from March 2021 describes it.", "2021-03"),
    ("It fell during the six months ended 30 June 2022.", "2022-01/2022-06"),
    ("In February 2020 it snowed.", "2020-02"),
    ("Over the weekend of 3-4 December it snowed.", "2022-12-03/2022-12-04"),
    ("Images of 14 May and 3 June 2021 show it.", "{2021-05-14,2021-06-03}"),
    ("The statement of 9/10 November 2020 stands.", "2020-11-09/2020-11-10"),
    ("In the last quarter of last year it rose.", "2021-36"),
    ("Every Friday since October they gather.", "2022-10/.."),
    ("On the night of 12 to 13 November it passed.", "2022-11-12/2022-11-13"),
    ("It fell during the year ended 31 December 2021.", "2021-01/2021-12"),
    ("It fell from mid-2019 until early 2021.", "2019/2021"),
    ("It happened on 29 February.", "2020-02-29"),
]


@pytest.mark.parametrize(("text", "edtf"), ONE_READING)
def test_a_clear_date_is_read(text: str, edtf: str) -> None:
    assert accepted(text) == [edtf]


NO_DATE = [
    "The 44-day war took 30-year-old trucks.",
    "It may march on; august men sat down in fall.",
    "They felled 2014 hectares and moved 1991 tonnes.",
    "Some 2,020 people came, 1950 of them on foot.",
    "Resolution 2231 was read in room 1984.",
    "A mandate of five years covers 20 percent of it.",
    "The site lies at 39.82 N, 46.75 E, 2015 m up.",
    "May Petrosyan and April Smith spoke.",
    "It holds 1.2 million tonnes in a dam 17.5 m high.",
    "The ratio was 3:7 and the score 10-14.",
]


@pytest.mark.parametrize("text", NO_DATE)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert accepted(text) == []


TO_DECIDE = [
    ("It happened on 05/06/2017.", {date(2017, 6, 5), date(2017, 5, 6)}),
    ("It happened last Sunday.", {date(2022, 12, 11), date(2022, 12, 4)}),
    ("It began on December 28.", {date(2021, 12, 28), date(2022, 12, 28)}),
    ("It lasted from December 28 to January 3.", {date(2021, 12, 28), date(2022, 12, 28)}),
    ("It grew last winter.", {date(2021, 12, 1), date(2022, 12, 1)}),
    ("It will resume on Friday.", {date(2022, 12, 16), date(2022, 12, 9)}),
    ("In 2014 it opened. On May 3 it closed.", {date(2014, 5, 3), date(2022, 5, 3)}),
]


@pytest.mark.parametrize(("text", "days"), TO_DECIDE)
def test_two_possible_days_go_to_a_person_with_both(text: str, days: set[date]) -> None:
    found = [d for d in dates(text) if d.reading is None]
    assert len(found) == 1
    assert found[0].why_review
    assert {a.first for a in found[0].alternatives} == days


def test_last_thursday_is_one_day_where_both_readings_agree() -> None:
    assert accepted("It closed last Thursday.") == ["2022-12-08"]


UNKNOWN = [
    "On Monday it closed.",
    "Last week it closed.",
    "In August of this year it closed.",
    "It closed two days ago.",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_without_a_publication_day_nothing_relative_is_guessed(text: str) -> None:
    found = dates(text, None)
    assert [d.reading for d in found] == [None]
    assert "publication" in found[0].why_review


def test_a_wrong_publication_day_moves_only_relative_dates() -> None:
    text = "On Monday, after the war of September 27, 2020, it closed."
    assert accepted(text) == ["2022-12-12", "2020-09-28/.."]
    assert accepted(text, date(2024, 6, 16)) == ["2024-06-10", "2020-09-28/.."]


def test_impossible_days_are_no_dates() -> None:
    assert accepted("It closed on 31 June 2022 and on November 31, 2021.") == []


RUSSIAN = [
    ("Работы остановлены с 28 декабря 2022 года.", "2022-12-28/.."),
    ("Это было 4 декабря.", "2022-12-04"),
    ("Это было в понедельник.", "2022-12-12"),
    ("Это было в августе этого года.", "2022-08"),
    ("Это было на прошлой неделе.", "2022-12-05/2022-12-11"),
    ("Это было в 1994 году.", "1994"),
    ("Это было с 10 по 14 ноября.", "2022-11-10/2022-11-14"),
    ("Это было вчера.", "2022-12-11"),
    ("Они встретились 3 и 7 декабря.", "{2022-12-03,2022-12-07}"),
    ("Это было летом 2020 года.", "2020-22"),
    ("Это было два года назад.", "2020"),
    ("Это было 10.11.2020.", "2020-11-10"),
    ("Это было в ночь с 3 на 4 декабря.", "2022-12-03/2022-12-04"),
    ("Это было в III квартале 2021 года.", "2021-35"),
    ("Это было в первой половине 2019 года.", "2019-40"),
    ("Это было не позднее 1 марта 2022 года.", "../2022-03-01"),
    ("Это было не ранее 1 марта 2022 года.", "2022-03-01/.."),
    ("Это было к концу прошлого месяца.", "../2022-11"),
]


@pytest.mark.parametrize(("text", "edtf"), RUSSIAN)
def test_russian_dates(text: str, edtf: str) -> None:
    assert accepted(text, language="ru") == [edtf]


@settings(deadline=None, max_examples=25)
@given(
    st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.dates(date(1990, 1, 1), date(2030, 12, 31))
)
def test_a_full_date_means_itself_whenever_published(day: date, published: date) -> None:
    for text in (f"{day:%-d %B %Y}", f"{day:%B %-d, %Y}", day.isoformat()):
        assert accepted(f"It closed on {text}.", published) == [day.isoformat()]


@settings(deadline=None, max_examples=25)
@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_a_weekday_lies_in_the_seven_days_up_to_publication(published: date) -> None:
    for name in ("Monday", "Thursday", "Sunday"):
        (found,) = dates(f"It closed on {name}.", published)
        assert found.reading is not None
        day = found.reading.first
        assert day is not None
        assert day.strftime("%A") == name
        assert 0 <= (published - day).days < 7


def test_words_of_a_date_stand_where_the_span_says() -> None:
    text = "First line.\n\nIt was seen between November 10 and November 14, then on Monday."
    for d in dates(text):
        assert text[d.span[0] : d.span[1]] == d.text


BESIDE = [
    ("It closed on the eve of 4 December.", "2022-12-04"),
    ("It closed some weeks before 4 December.", "../2022-12-03"),
    ("It closed in the December quarter.", "2022-12"),
    ("It did not open until 4 December.", "../2022-12-04"),
    ("Сотрудники ушли накануне 4 декабря.", "2022-12-04"),
]


@pytest.mark.parametrize(("text", "edtf"), BESIDE)
def test_what_stands_unread_beside_a_date_sends_it_to_a_person(text: str, edtf: str) -> None:
    found = dates(text, language="ru" if text.startswith("С") else "en")[-1]
    assert found.reading is None
    assert edtf in [a.edtf for a in found.alternatives]
    assert found.why_review


NUMBERS = [
    "It cited Resolution 2625 (1970) and Case No. 12/03/2019-K.",
    "It held 2,019 tonnes in Hall 1999.",
    "It broke section 2018 of the code.",
    "It came under the 2015 Act.",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_what_numbers_a_case_or_a_law_is_no_date(text: str) -> None:
    assert accepted(text) == []


POINTING = [
    ("It began on 5 December; the same day it ended.", "2022-12-05"),
    ("It began on 5 December. The next morning it ended.", "2022-12-06"),
    ("It began on 5 December. Three days later it ended.", "2022-12-08"),
    ("It began on 5 December 2021. Two years earlier it was sold.", "2019"),
]


@pytest.mark.parametrize(("text", "edtf"), POINTING)
def test_dates_that_point_back_to_the_one_day_named(text: str, edtf: str) -> None:
    assert accepted(text)[1:] == [edtf]


UNSURE = [
    "It began on 5 December or on 7 May; the same day it ended.",
    "It began in November. Three days later it ended.",
    "Three days later it ended.",
    "It began on 5 December. The following Friday it ended.",
    "It began on 5 December. The next week it ended.",
    "It began on 5 December.\n\nThe same day it ended.",
]


@pytest.mark.parametrize("text", UNSURE)
def test_dates_that_point_back_to_several_or_to_none_go_to_a_person(text: str) -> None:
    last = dates(text)[-1]
    assert last.reading is None
    assert last.why_review


def test_a_quotation_may_count_from_the_day_on_which_it_was_said() -> None:
    first, second = dates('In a letter of 5 October he wrote: "It closed yesterday."')
    assert first.reading is not None
    assert second.reading is None
    assert [a.edtf for a in second.alternatives] == ["2022-10-04", "2022-12-11"]


SPANS = [
    ("It fell in the week of 30 November 2022.", "2022-11-28/2022-12-04"),
    ("It fell in the week ending 4 December.", "2022-11-28/2022-12-04"),
    ("It fell on the night of 4 December.", "2022-12-04/2022-12-05"),
    ("It fell ten days after 25 November.", "2022-12-05"),
    ("It fell in 2020/21.", "2020/2021"),
    ("It fell in fiscal year 2020/21.", "2020/2021"),
    ("It fell in 2018, 2019 and 2021.", "{2018,2019,2021}"),
    ("It fell in November and December 2021.", "{2021-11,2021-12}"),
    ("It fell in April-June 2021.", "2021-04/2021-06"),
    ("It fell in the past year.", "2021-12-12/2022-12-12"),
    ("It opens in late 2025 or early 2026.", "2025/2026"),
    ("It has been shut since early spring.", "2022-21/.."),
    ("It fell around 4 December.", "2022-12-04~"),
]


@pytest.mark.parametrize(("text", "edtf"), SPANS)
def test_spans_named_by_a_day_or_a_year(text: str, edtf: str) -> None:
    assert accepted(text) == [edtf]


def test_around_a_day_is_not_the_day() -> None:
    (found,) = dates("It fell around 4 December.")
    assert found.reading is not None
    assert (found.reading.first, found.reading.last) == (date(2022, 12, 1), date(2022, 12, 7))


ASKED = [
    "It fell in fiscal year 2021.",
    "It fell in the third quarter.",
    "It fell on the 5th.",
    "It fell in the last year.",
    "It fell since the 70s.",
]


@pytest.mark.parametrize("text", ASKED)
def test_what_leaves_the_year_or_month_open_is_asked(text: str) -> None:
    (found,) = dates(text)
    assert found.reading is None
    assert found.alternatives


def test_a_year_of_an_earlier_paragraph_makes_a_bare_month_doubtful() -> None:
    found = dates("It opened in March 2019.\n\nIn May it was widened.")
    assert found[1].reading is None
    assert {a.edtf for a in found[1].alternatives} == {"2022-05", "2019-05"}


ENDS = [
    ("It grew between 9 May 2019 and the summer of 2020.", "2019-05-09/2020-22"),
    ("It grew from March 2020 to the end of that year.", "2020-03/2020"),
    ("It grew between the summer and winter of 2018.", "2018-22/2018-24"),
    ("It grew from 2018 up to and including May 2020.", "2018/2020-05"),
    ("It grew between the second and fourth quarter of 2019.", "2019-34/2019-36"),
    ("It grew from 3 March 2020 to the following January.", "2020-03-03/2021-01"),
    ("It grew between the scenes of 3 March and 17 April 2021.", "2021-03-03/2021-04-17"),
    ("It grew from week 12 to week 20 of 2022.", "2022-03-21/2022-05-22"),
    ("It fell two days before the vote of 9 May 2021.", "2021-05-07"),
    ("It fell a fortnight after the fire of 9 May 2021.", "2021-05-23~"),
    ("It fell the day after the fire of 9 May 2021.", "2021-05-10"),
    ("It stood until the fire of 9 May 2021.", "../2021-05-09"),
    ("It stood before the fire on 9 May 2021.", "../2021-05-08"),
]


@pytest.mark.parametrize(("text", "edtf"), ENDS)
def test_ends_told_in_different_ways_and_days_beside_an_event(text: str, edtf: str) -> None:
    assert accepted(text) == [edtf]


BESIDE_AN_EVENT = [
    "It fell on the eve of the visit, scheduled for 9 May 2021.",
    "It fell shortly before the visit of 9 May 2021.",
    "It fell in the days following the visit of 9 May 2021.",
    "It fell by the time of the visit of 9 May 2021.",
    "It fell in the run-up to the vote of 9 May 2021.",
    "It fell half a year after the visit of 9 May 2021.",
    "It fell more than a week after 9 May 2021.",
    "It fell in the two years to May 2021.",
    "It fell ten days after the spill.",
    "It fell a fortnight earlier.",
    "It ran from last autumn until well into 2021.",
    "It ran from Monday until the end of the week.",
]


@pytest.mark.parametrize("text", BESIDE_AN_EVENT)
def test_what_only_says_where_a_date_lies_goes_to_a_person(text: str) -> None:
    assert any(d.reading is None for d in dates(text))
    assert not any(
        d.reading and d.reading.first and d.reading.first == d.reading.last for d in dates(text)
    )
