"""From a partial date to a whole one: which year is meant, and when only a person can say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.core.statements import DateReading, Precision

NO_PUBLICATION = "The date depends on the day of publication, which is not known."
FAR = timedelta(300)
NEAR = timedelta(60)


@dataclass(frozen=True, slots=True)
class Context:
    """What a date's meaning depends on.

    `published` is the day of publication; `future` says that the words around the date speak
    of what is to come; `other_year` is a year that the paragraph has just named.
    """

    published: date | None
    future: bool = False
    other_year: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A date found in a text: offsets into it, and readings as in `DateMention`."""

    start: int
    end: int
    reading: DateReading | None
    alternatives: tuple[DateReading, ...] = ()
    why: str = ""


Read = tuple[DateReading | None, tuple[DateReading, ...], str]
"""Reading, alternatives, and why a person must look."""


def sure(reading: DateReading) -> Read:
    """A reading without doubt."""
    return reading, (), ""


def unknown(why: str = NO_PUBLICATION) -> Read:
    """No reading at all."""
    return None, (), why


def either(readings: list[DateReading], why: str) -> Read:
    """Several readings, none of them preferred; one alone is sure."""
    distinct: list[DateReading] = []
    for r in readings:
        if (r.first, r.last) not in [(d.first, d.last) for d in distinct]:
            distinct.append(r)
    return sure(distinct[0]) if len(distinct) == 1 else (None, tuple(distinct), why)


def partial(p: Partial, ctx: Context, rule: str) -> Read:
    """A partial date as a reading; a missing year is the nearest one that the words allow."""
    if p.year is not None:
        return sure(cal.single(p, rule))
    if ctx.published is None:
        if ctx.other_year is None:
            return unknown()
        return either_year(p, [ctx.other_year], ctx, rule)
    read = _nearest(p, ctx.published, ctx, rule)
    other = ctx.other_year
    offered = [r for r in (read[0], *read[1]) if r is not None]
    if other is None or other == ctx.published.year or not cal.valid(p.in_year(other)):
        return read
    if any(r.first and r.first.year == other for r in offered):
        return read
    why = f"The year is not stated, and the text around it speaks of {other}."
    return either([*offered, cal.single(p.in_year(other), rule)], why)


def _nearest(p: Partial, pub: date, ctx: Context, rule: str) -> Read:
    """The latest such date before publication, or the next one where the words look ahead."""
    past, past_year = _latest_before(p, pub)
    coming, coming_year = _earliest_after(p, pub)
    to_past = pub - cal.bounds(past)[0]
    to_coming = cal.bounds(coming)[0] - pub
    if ctx.future and coming != past:
        if to_past < NEAR and to_coming < FAR and to_past < to_coming:
            return either_year(p, [past_year, coming_year], ctx, rule)
        return sure(cal.single(coming if to_coming < to_past else past, f"{rule}-to-come"))
    if to_past > FAR and timedelta(0) < to_coming < NEAR:
        return either_year(p, [past_year, coming_year], ctx, rule)
    return sure(cal.single(past, f"{rule}-latest-before-publication"))


def either_year(p: Partial, years: list[int], ctx: Context, rule: str) -> Read:
    """One reading a year, for a person to choose from, even where there is only one."""
    readings = [cal.single(p.in_year(y), rule) for y in years if cal.valid(p.in_year(y))]
    why = "The year is not stated; the text around it allows " + " or ".join(map(str, years)) + "."
    if ctx.published is None:
        return None, tuple(readings), why
    return either(readings, why)


def _latest_before(p: Partial, pub: date) -> tuple[Partial, int]:
    """The latest such date up to `pub`, and its year. 29 February may lie eight years back."""
    for year in range(pub.year, pub.year - 9, -1):
        q = replace(p, year=year)
        if cal.valid(q) and cal.bounds(q)[0] <= pub:
            return q, year
    raise AssertionError(f"{p} exists in no year")


def _earliest_after(p: Partial, pub: date) -> tuple[Partial, int]:
    """The earliest such date from `pub` on, and its year."""
    for year in range(pub.year, pub.year + 9):
        q = replace(p, year=year)
        if cal.valid(q) and cal.bounds(q)[1] >= pub:
            return q, year
    raise AssertionError(f"{p} exists in no year")


def ends(a: Partial, b: Partial, ctx: Context, rule: str) -> Read:
    """From `a` to `b`, each completed from the other; the year of `b` decides."""
    if a.month is None and a.day is not None:
        a = replace(a, month=b.month)
    if a.year is None and b.year is not None:
        year = b.year - 1 if (a.month or 0) > (b.month or 12) else b.year
        a = a.in_year(year)
    elif b.year is None and a.year is not None:
        year = a.year + 1 if (b.month or 12) < (a.month or 0) else a.year
        b = b.in_year(year)
    if a.year is not None and b.year is not None:
        return _pair(cal.single(a, rule), cal.single(b, rule), rule)
    last, others, why = partial(b, ctx, rule)
    if last is None:
        pairs = [_between(a, r, rule) for r in others]
        return None, tuple(x for x in pairs if x), why
    made = _between(a, last, rule)
    return sure(made) if made else unknown("The end of the range lies before its beginning.")


def _between(a: Partial, last: DateReading, rule: str) -> DateReading | None:
    assert last.last is not None
    for year in (last.last.year, last.last.year - 1):
        first = a.in_year(year)
        if cal.valid(first) and cal.bounds(first)[0] <= last.last:
            return cal.span(cal.single(first, rule), last, rule)
    return None


def _pair(first: DateReading, last: DateReading, rule: str) -> Read:
    if first.first and last.last and first.first > last.last:
        return unknown("The end of the range lies before its beginning.")
    return sure(cal.span(first, last, rule))


def weekday(number: int, which: str, ctx: Context) -> Read:
    """ "on Monday", "last Thursday", "next Friday" seen from the day of publication."""
    if ctx.published is None:
        return unknown()
    pub = ctx.published
    back = pub - timedelta((pub.weekday() - number) % 7)
    monday = pub - timedelta(pub.weekday())
    if which == "last":
        before = back if back < pub else back - timedelta(7)
        sunday_week = pub - timedelta((pub.weekday() + 1) % 7)
        in_weeks = [
            monday - timedelta(7) + timedelta(number),
            sunday_week - timedelta(7) + timedelta((number + 1) % 7),
        ]
        options = sorted({before, *in_weeks}, reverse=True)
        why = '"last" may mean the latest one or the one of last week.'
        return either([cal.day(d, "last-weekday") for d in options], why)
    ahead = pub + timedelta((number - pub.weekday()) % 7)
    if which == "next":
        after = ahead if ahead > pub else ahead + timedelta(7)
        options = sorted({after, monday + timedelta(7 + number)})
        why = '"next" may mean the coming one or the one of next week.'
        return either([cal.day(d, "next-weekday") for d in options], why)
    if which == "this":
        return sure(cal.day(monday + timedelta(number), "weekday-of-this-week"))
    if ctx.future and ahead != back:
        why = "The sentence speaks of what is to come; the day may lie before or after it."
        rule = "weekday-near-publication"
        return either([cal.day(ahead, rule), cal.day(back, rule)], why)
    return sure(cal.day(back, "weekday-before-publication"))


def unit(which: str, name: str, ctx: Context) -> Read:
    """ "last week", "this month", "next year" as the calendar unit they name."""
    if ctx.published is None:
        return unknown()
    step = {"last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1}
    n, pub = step.get(which, 1), ctx.published
    rule = f"{which}-{name}"
    if name == "week":
        first, last = cal.week_of(pub + timedelta(7 * n))
        return sure(cal.days(first, last, rule, Precision.WEEK))
    if name == "month":
        d = cal.add_months(pub, n)
        return sure(cal.single(Partial(d.year, d.month), rule))
    if name == "year":
        return sure(cal.single(Partial(pub.year + n), rule))
    if name == "quarter":
        d = cal.add_months(pub, 3 * n)
        return sure(cal.quarter(d.year, (d.month + 2) // 3, rule))
    return sure(cal.decade(pub.year // 10 * 10 + 10 * n, "", rule))


def ago(n: int, name: str, ctx: Context) -> Read:
    """ "three years ago": as coarse as the unit; weeks are good to three days either way."""
    if ctx.published is None:
        return unknown()
    pub, rule = ctx.published, f"{name}s-ago"
    if name == "day":
        return sure(cal.day(pub - timedelta(n), rule))
    if name == "week":
        d = pub - timedelta(7 * n)
        three = timedelta(3)
        return sure(DateReading(f"{d}~", d - three, d + three, Precision.WEEK, rule))
    if name == "month":
        d = cal.add_months(pub, -n)
        return sure(cal.single(Partial(d.year, d.month), rule))
    if name == "year":
        return sure(cal.single(Partial(pub.year - n), rule))
    return sure(cal.decade((pub.year - 10 * n) // 10 * 10, "", rule))


def lasting(n: int, name: str, ctx: Context, *, ahead: bool = False) -> Read:
    """ "in the past three months", "for the next two weeks": up to or from publication."""
    if ctx.published is None:
        return unknown()
    pub, sign = ctx.published, 1 if ahead else -1
    if name in ("hour", "day", "week"):
        length = {"hour": timedelta((n + 23) // 24), "day": timedelta(n), "week": timedelta(7 * n)}
        other = pub + sign * length[name]
    else:
        months = {"month": 1, "year": 12, "decade": 120}[name]
        other = cal.add_months(pub, sign * months * n)
    first, last = sorted((pub, other))
    return sure(cal.days(first, last, f"{'next' if ahead else 'past'}-{name}s", Precision.RANGE))


def nth_day(n: int, name: str, ctx: Context) -> Read:
    """ "for the seventeenth day": the first of them was sixteen days before publication."""
    if ctx.published is None:
        return unknown()
    days = n - 1 if name == "day" else 7 * (n - 1)
    first = ctx.published - timedelta(days)
    rule = f"for-the-nth-{name}"
    if name == "day":
        return sure(cal.days(first, ctx.published, rule, Precision.RANGE))
    return sure(
        DateReading(
            f"{first}~/{ctx.published}", first - timedelta(6), ctx.published, Precision.RANGE, rule
        )
    )


def season(code: int, which: str, ctx: Context) -> Read:
    """ "this autumn", "last winter", "the summer"."""
    if ctx.published is None:
        return unknown()
    pub = ctx.published
    rule = f"{which or 'latest'}-season"
    years = range(pub.year - 2, pub.year + 3)
    all_of = [cal.season(y, code, rule) for y in years]
    begun = [r for r in all_of if r.first and r.first <= pub]
    over = [r for r in all_of if r.last and r.last < pub]
    coming = [r for r in all_of if r.first and r.first > pub]
    current = begun[-1]
    running = current.last is not None and current.last >= pub
    if which in ("last", "past", "previous"):
        return (
            sure(over[-1])
            if not running
            else either(
                [over[-1], current], '"last" may mean the running season or the one before.'
            )
        )
    if which in ("next", "coming"):
        return sure(coming[0])
    if which == "this":
        same = [r for r in all_of if r.first and r.first.year == pub.year]
        return sure(current if running or code == 24 else same[0])
    return sure(coming[0] if ctx.future and not running else current)
