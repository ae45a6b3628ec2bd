"""English spans whose two ends are told in different ways: "between 22 June 2018 and the summer of
2020", "from January 2019 to the end of that year", "between the first and third quarters of 2020".

Each end is read by itself; what one leaves out (its year, or that it is a quarter) is the other's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gossan.claims import resolve
from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.claims.dates.en import DAY, DM, EVENT, ISO, MD, MONTH, MY, YEAR, point
from gossan.claims.resolve import Context, Found, Read
from gossan.claims.words import number, ordinal
from gossan.core.statements import DateReading, Precision

_NTH = r"(?:first|second|third|fourth|[1-4](?:st|nd|rd|th))"
_SEASON = r"(?i:spring|summer|autumn|fall|winter)"
_OF_YEAR = rf"(?:\s*,?\s*(?:of\s+|in\s+)?(?P<year{{0}}>{YEAR}|(?:that|the\s+same|the\s+following|the\s+next|this|last)\s+year))?"
_PART = r"(?:the\s+)?(?:(?:very\s+)?(?:beginning|start|middle|end|close)\s+of\s+|early[\s-]+|mid[\s-]*|late[\s-]+)?(?:the\s+)?"


def _end(n: str) -> str:
    """Pattern of one end; its groups end in `n`."""
    year = _OF_YEAR.replace("{0}", n)
    return (
        rf"(?:{_PART}(?P<season{n}>{_SEASON})\b{year.replace('year' + n, 'syear' + n)}"
        rf"|{_PART}(?P<nth{n}>{_NTH})(?:\s+(?P<unit{n}>quarter|half|halves)s?\b{year.replace('year' + n, 'qyear' + n)})?"
        rf"|(?:the\s+)?(?:end|close)\s+of\s+(?P<whole{n}>(?:that|the|the\s+same|this|last|the\s+following|the\s+next)\s+year)\b"
        rf"|the\s+(?:following|next)\s+(?P<nextm{n}>{MONTH})(?!\s+\d)"
        rf"|[Ww]eek\s+(?P<week{n}>\d{{1,2}})\b{year.replace('year' + n, 'wyear' + n)}"
        rf"|(?P<point{n}>{MD}|{DM}|{ISO}|{_PART}{MONTH}(?:,?\s+(?:of\s+)?(?:{YEAR}|(?:that|the\s+same|the\s+following|the\s+next|this|last)\s+year))?|{MY}|{_PART}{YEAR}|{DAY}))"
    )


_TO = r"(?:\s*[-–—]\s*|\s*,?\s+(?:(?:right\s+)?up\s+to|to|until|till|through|up\s+until)(?:\s+and\s+including)?\s+(?:about\s+|around\s+)?)"
_ROUGH = r"(?:(?:some\s*time|as\s+early\s+as|at\s+(?:the\s+)?(?:least|latest|earliest)|no\s+(?:later|earlier)\s+than|roughly|about|around|approximately)\s+(?:(?:in|on|by)\s+)?)?"
_BETWEEN = re.compile(
    rf"\b[Bb]etween\s+{_ROUGH}(?:(?P<eventa>{EVENT}){_ROUGH})?{_end('a')}\s+and\s+{_ROUGH}(?:{EVENT}|(?:that|those)\s+of\s+)?{_end('b')}(?!\w)"
)
_FROM = re.compile(
    rf"\b(?:[Ff]rom|[Ss]tarting\s+(?:in|on|from)|[Bb]eginning\s+(?:in|on)|[Ss]ince)\s+{_ROUGH}(?P<eventa>{EVENT})?{_end('a')}{_TO}{_ROUGH}(?P<eventb>{EVENT})?{_end('b')}(?!\w)"
)
_AND = re.compile(
    rf"\b(?:[Ii]n|[Oo]ver|[Dd]uring|[Tt]hroughout)\s+(?:the\s+)?(?P<seasona>{_SEASON})\s+and\s+(?:the\s+)?(?P<seasonb>{_SEASON})\s+(?:of\s+)?(?P<syearb>{YEAR})\b"
)
RULE = "range-of-two-ends"
_NEXT = "next by name"


@dataclass(frozen=True, slots=True)
class End:
    """One end of a span: `span(year)` is its first and last day in a year; `year` None where not stated.
    `turn` is the first month it may begin in, by which a missing year is told. `relative` is the
    word that stands for a year."""

    span: Callable[[int], DateReading | None]
    year: int | None
    turn: int
    relative: str = ""
    partial: Partial | None = None


def find(text: str, ctx_at: Callable[[int], Context]) -> Iterator[Found]:
    """Every such span, overlapping ones too."""
    for pattern in (_BETWEEN, _FROM, _AND):
        for m in pattern.finditer(text):
            read = _read(m, ctx_at(m.start()))
            if read is not None:
                yield Found(m.start(), m.end(), *read)


def _read(m: re.Match[str], ctx: Context) -> Read | None:
    groups = {k: v for k, v in m.groupdict().items() if v is not None}
    a, b = _made(groups, "a", groups.get("unitb", "")), _made(groups, "b", groups.get("unita", ""))
    plain = not (groups.get("eventa") or groups.get("eventb"))
    if (
        a is None
        or b is None
        or (plain and a.partial and b.partial and _alike(a.partial, b.partial))
    ):
        return None  # two ends of one form are read by `dates_en`
    a, b = completed(a, b, ctx)
    if a.year is not None and b.year is not None:
        return joined(a, b)
    return of_some_year(a, b, ctx)


def _alike(a: Partial, b: Partial) -> bool:
    """Both are days, both months, or both years; but "2017 to June 2019" is not."""
    return a.precision is b.precision and not (a.day is not None and b.month is None)


def _made(groups: dict[str, str], n: str, other_unit: str) -> End | None:
    season, nth = groups.get(f"season{n}"), groups.get(f"nth{n}")
    if season:
        code = cal.SEASONS[season.lower()]
        year, word = _year_of(groups.get(f"syear{n}", ""))
        return End(lambda y: cal.season(y, code, ""), year, cal.FIRST_MONTH[code], word)
    if nth:
        unit = groups.get(f"unit{n}", "") or other_unit
        k = ordinal(nth) or 0
        if not unit or not 1 <= k <= (4 if unit == "quarter" else 2):
            return None
        year, word = _year_of(groups.get(f"qyear{n}", ""))
        if unit == "quarter":
            return End(lambda y: cal.quarter(y, k, ""), year, 3 * k - 2, word)
        return End(lambda y: cal.half(y, k, ""), year, 6 * k - 5, word)
    if groups.get(f"whole{n}"):
        _, word = _year_of(groups[f"whole{n}"])
        return End(lambda y: cal.single(Partial(y), ""), None, 12, word or "the")
    if groups.get(f"nextm{n}"):
        named = _of_point(groups[f"nextm{n}"])
        return named and replace(named, relative=_NEXT, partial=None)
    if groups.get(f"week{n}"):
        k = number(groups[f"week{n}"]) or 0
        year, word = _year_of(groups.get(f"wyear{n}", ""))
        return End(lambda y: _week(y, k), year, min(12, k // 5 + 1), word)
    return _of_point(groups[f"point{n}"])


def _of_point(words: str) -> End | None:
    relative = re.search(r"(?:that|the\s+same|the\s+following|the\s+next|this|last)\s+year$", words)
    bare = words[: relative.start()] if relative else words
    bare = re.sub(
        r"^(?:the\s+)?(?:very\s+)?(?:beginning|start|middle|end|close)\s+of\s+(?:the\s+)?",
        "",
        bare.strip(),
    )
    bare = re.sub(r"^(?:early|mid|late)[\s-]*|,?\s*(?:of\s*)?$", "", bare)
    p = point(bare, Context(None))
    if p is None:
        return None
    word = _year_of(relative[0])[1] if relative else ""
    fixed = replace(p, year=None)

    def span(y: int) -> DateReading | None:
        made = fixed.in_year(y)
        return cal.single(made, "") if cal.valid(made) else None

    if p.month is None and p.day is not None:
        return None
    return End(span, p.year, p.month or 1, word, p)


def _year_of(words: str) -> tuple[int | None, str]:
    """A stated year, or the word that stands for one."""
    if words[:4].isdigit():
        return int(words[:4]), ""
    return None, " ".join(words.split()).removesuffix(" year").removesuffix("year").strip()


def _week(year: int, n: int) -> DateReading | None:
    try:
        monday = date.fromisocalendar(year, n, 1)
    except ValueError:
        return None
    return cal.days(monday, monday + timedelta(6), "", Precision.WEEK)


def completed(a: End, b: End, ctx: Context) -> tuple[End, End]:
    """The ends with the years that the words give them."""
    pub = ctx.published.year if ctx.published else None
    for word, shift in (("this", 0), ("last", -1)):
        if pub is not None and a.relative == word:
            a = replace(a, year=pub + shift)
        if pub is not None and b.relative == word:
            b = replace(b, year=pub + shift)
    if a.year is not None and b.year is None:
        shift = {"the following": 1, "the next": 1}.get(b.relative, 0)
        if (not b.relative and b.turn < a.turn) or (b.relative == _NEXT and b.turn <= a.turn):
            shift = 1
        b = replace(b, year=a.year + shift)
    elif b.year is not None and a.year is None and not a.relative:
        a = replace(a, year=b.year - 1 if a.turn > b.turn else b.year)
    return a, b


def joined(a: End, b: End) -> Read | None:
    """From the first day of one end to the last of the other; both have their years."""
    assert a.year is not None
    assert b.year is not None
    first, last = a.span(a.year), b.span(b.year)
    if first is None or last is None or first.first is None or last.last is None:
        return None
    if first.first > last.last:
        return resolve.unknown("The end of the range lies before its beginning.")
    edtf = f"{first.edtf.split('/')[0]}/{last.edtf.split('/')[-1]}"
    return resolve.sure(DateReading(edtf, first.first, last.last, Precision.RANGE, RULE))


def of_some_year(a: End, b: End, ctx: Context) -> Read | None:
    """Neither end has a year: the latest that began before publication, as for other dates; a
    year that the text has just named is offered beside it."""
    if a.relative in ("that", "the same", "the following", "the next"):
        return resolve.unknown("It counts from a year named before, which only a person can tell.")
    if ctx.published is None:
        return resolve.unknown()
    shift = (
        1
        if b.relative in ("the following", "the next")
        or (b.turn < a.turn and not b.relative)
        or (b.turn <= a.turn and b.relative == _NEXT)
        else 0
    )
    years = []
    for year in range(ctx.published.year, ctx.published.year - 9, -1):
        first = a.span(year)
        if first is not None and first.first is not None and first.first <= ctx.published:
            years.append(year)
            break
    if ctx.other_year is not None:
        years.append(ctx.other_year)
    made = [joined(replace(a, year=y), replace(b, year=y + shift)) for y in dict.fromkeys(years)]
    readings = [r[0] for r in made if r and r[0]]
    if not readings:
        return resolve.unknown("The end of the range lies before its beginning.")
    why = "The year is not stated, and the text around it speaks of another one."
    last = readings[0].last
    if len(readings) == 1 and last is not None and last > ctx.published and not ctx.future:
        # "until the end of the year", said in that year: of what is to come, or of the last one
        earlier = joined(replace(a, year=years[0] - 1), replace(b, year=years[0] - 1 + shift))
        both = (readings[0], *((earlier[0],) if earlier and earlier[0] else ()))
        return None, both, "It ends after the day of publication, or is of the year before."
    return resolve.either(readings, why)
