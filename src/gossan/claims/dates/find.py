"""Dates in sentences: own rules first, a second reader beside them, doubt to a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from gossan.claims.dates import between as dates_between
from gossan.claims.dates import between_ru as dates_between_ru
from gossan.claims.dates import calendar as cal
from gossan.claims.dates import en as dates_en
from gossan.claims.dates import en_spans as dates_en_spans
from gossan.claims.dates import ru as dates_ru
from gossan.claims.dates.back import FROM_DAY, pointing
from gossan.claims.dates.guard import guarded, numbers_a_thing
from gossan.claims.prefixes import with_prefix
from gossan.claims.resolve import Context, Found
from gossan.claims.second_opinion import Opinion, opinions
from gossan.claims.sentences import Sentence
from gossan.core.statements import DateMention, DateReading, Precision

_FUTURE = re.compile(
    r"\b(?:will|shall|would|'ll|plans? to|planned for|is to|are to|to be|expects?|expected|"
    r"scheduled|upcoming|due (?:to|on|in|by)|intends? to|going to|set to|aims? to|forthcoming|"
    r"будет|будут|планиру\w+|намерен\w*|ожида\w+|предстоит|запланирован\w*|состоится)\b",
    re.IGNORECASE,
)
_DEADLINE = re.compile(r"\b(?:until|till|by|no later than|до)\s+(?:the\s+)?$", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_TOLD_YEAR = re.compile(r"(?:\b[Ii]n|\bof|,|\d|[a-z])\s+(?P<y>(?:19|20)\d\d)(?!\d|\s*[-–]\s*\d)")
_DATED = re.compile(
    rf"(?:{dates_en.MONTH},?\s+(?:of\s+)?|{dates_ru.MONTH}\s+)(?P<y>(?:19|20)\d\d)(?!\d)"
)
_NOT_TOLD = re.compile(r"(?i)\b(?:since|until|till|from|to|by|before|between|and)\s+(?:\w+\s+)?$")


def find_dates(
    sentences: Sequence[Sentence], published: date | None, language: str
) -> list[tuple[DateMention, ...]]:
    """Dates of each sentence, in the order they stand; offsets are into the body."""
    out = []
    year: int | None = None
    dated: int | None = None  # the year of the last full date of an earlier paragraph
    before: list[Found] = []
    paragraph = -1
    for s in sentences:
        if s.paragraph != paragraph:
            year, before, paragraph = None, [], s.paragraph
        found = _own(s.text, _contexts(s.text, published, year or dated), published, language)
        found = _merged(s.text, _pointed(s.text, found, before))
        seen = opinions(s.text, published) if language == "en" and published else []
        checked = [_checked(f, seen) for f in found]
        checked += [f for f in _only_second(checked, seen) if not numbers_a_thing(s.text, f)]
        checked.sort(key=lambda f: f.start)
        out.append(tuple(_mention(s, f) for f in checked))
        before = checked or before
        year = _last_year(s.text) or year
        dated = int(m[-1]["y"]) if (m := list(_DATED.finditer(s.text))) else dated
    return out


def _contexts(text: str, published: date | None, year: int | None) -> Callable[[int], Context]:
    """The context at a position: years named before it, and whether the words look ahead."""
    years = _told_years(text)
    futures = [m.start() for m in _FUTURE.finditer(text)]

    def at(position: int) -> Context:
        named = [y for where, y in years if where < position]
        deadline = _DEADLINE.search(text[:position]) is not None
        ahead = deadline or any(0 <= position - f < 120 for f in futures)
        return Context(published, ahead, named[-1] if named else year)

    return at


def _told_years(text: str) -> list[tuple[int, int]]:
    """Years that the words tell of ("in 2014"), with their places; not "since 2014"."""
    return [
        (m.start("y"), int(m["y"]))
        for m in _TOLD_YEAR.finditer(text)
        if not _NOT_TOLD.search(text[: m.start("y")])
    ]


def _last_year(text: str) -> int | None:
    years = _told_years(text)
    return years[-1][1] if years else None


def _own(
    text: str, at: Callable[[int], Context], published: date | None, language: str
) -> list[Found]:
    """Own rules, in the order they stand; doubted where their neighbours change them."""
    russian = language == "ru"
    rules = (
        (dates_ru.find, dates_between_ru.find)
        if russian
        else (dates_en.find, dates_en_spans.find, dates_between.find)
    )
    every = [f for find in rules for f in find(text, at)]
    opened = [with_prefix(text, f, russian=russian) for f in every]
    core = {id(o): f for o, f in zip(opened, every, strict=True)}
    taken = _longest(opened)
    taken = [f for f in taken if not numbers_a_thing(text, f)]
    return guarded(text, taken, [core[id(f)] for f in taken], published, russian=russian)


def _longest(every: Sequence[Found]) -> list[Found]:
    """Of overlapping matches the longest, then the earliest in the rules; as they stand."""
    taken: list[Found] = []
    for f in sorted(every, key=lambda f: (f.start - f.end, f.start)):
        if all(f.end <= t.start or f.start >= t.end for t in taken):
            taken.append(f)
    return sorted(taken, key=lambda f: f.start)


def _pointed(text: str, found: Sequence[Found], before: Sequence[Found]) -> list[Found]:
    """`found`, and those that point back where they hold more words."""
    return _longest([*found, *pointing(text, found, before)])


def _merged(text: str, found: Sequence[Found]) -> list[Found]:
    """ "Late 2025 or early 2026" is one date that is not known better."""
    out: list[Found] = []
    for f in found:
        last = out[-1] if out else None
        if last and f.reading and last.reading and text[last.end : f.start].strip() == "or":
            ends = (last.reading.first, last.reading.last, f.reading.first, f.reading.last)
            if None not in ends and last.reading.first <= f.reading.first:  # type: ignore[operator]
                out[-1] = Found(
                    last.start, f.end, cal.span(last.reading, f.reading, "one-or-other")
                )
                continue
        out.append(f)
    return out


def _checked(found: Found, seen: Sequence[Opinion]) -> Found:
    """Doubt a reading that the second reader contradicts; both readings are kept."""
    mine = found.reading
    # the second reader counts those from the publication, or sees the other day only
    if mine is None or mine.rule.endswith((FROM_DAY, "-from-date", "-beside-date")):
        return found
    over = [o for o in seen if o.start < found.end and found.start < o.end]
    theirs = [i for o in over for i in o.intervals if _heeds_year(o.text, i)]
    if not theirs or any(_touch(mine, i) or _day_beside(mine, i) for i in theirs):
        return found
    readings = tuple(_as_reading(i) for i in theirs)
    why = "Two readers of dates disagree here."
    return replace(found, reading=None, alternatives=(mine, *readings), why=why)


def _day_beside(mine: DateReading, theirs: tuple[date | None, date | None]) -> bool:
    """True where the second reader sees the day itself of "before the visit of 4 May"."""
    day = theirs[0]
    if day is None or day != theirs[1]:
        return False
    before = mine.rule.startswith("before:") and mine.last == day - timedelta(1)
    return before or (mine.rule.startswith("after:") and mine.first == day + timedelta(1))


def _heeds_year(text: str, interval: tuple[date | None, date | None]) -> bool:
    """False where the second reader passed over a year that the words themselves state."""
    years = {int(y) for y in _YEAR.findall(text)}
    return not years or any(d is not None and d.year in years for d in interval)


def _touch(mine: DateReading, theirs: tuple[date | None, date | None]) -> bool:
    first, last = theirs
    week = timedelta(7) if mine.precision is Precision.SEASON else timedelta(0)
    starts = mine.first is None or last is None or mine.first - week <= last
    ends = mine.last is None or first is None or first <= mine.last + week
    return starts and ends


def _as_reading(interval: tuple[date | None, date | None]) -> DateReading:
    first, last = interval
    text = f"{first or '..'}/{last or '..'}" if first != last else str(first)
    precision = Precision.DAY if first == last else Precision.RANGE
    return DateReading(text, first, last, precision, "second-reader")


def _only_second(mine: Sequence[Found], seen: Sequence[Opinion]) -> list[Found]:
    """What only the second reader sees: never accepted alone, but shown to a person."""
    out = []
    for o in seen:
        covered = any(o.start < f.end and f.start < o.end for f in mine)
        telling = re.search(
            r"\d{4}|\d.*[A-Z]|[A-Z].*\d|(?i:monday|tuesday|wednesday|thursday|"
            r"friday|saturday|sunday|ago)",
            o.text,
        )
        if covered or not telling or not o.intervals:
            continue
        readings = tuple(_as_reading(i) for i in o.intervals)
        out.append(Found(o.start, o.end, None, readings, "Only the second reader sees a date."))
    return out


def _mention(s: Sentence, f: Found) -> DateMention:
    words = s.text[f.start : f.end].rstrip(".")  # the full stop of the sentence, or of "Nov."
    span = (s.start + f.start, s.start + f.start + len(words))
    return DateMention(span, words, f.reading, f.alternatives, f.why)
