"""English spans of time that are named by a day or a year in them: weeks, nights, business
years, several months or years, and days counted from a date. One pattern and one function each,
as in `dates_en`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from gossan.claims import resolve
from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.claims.dates.en import (
    DAY,
    DM,
    EVENT,
    ISO,
    MD,
    MONTH,
    NOT_A_YEAR,
    NUM,
    TO,
    YEAR,
    YEARX,
    Rule,
    point,
)
from gossan.claims.resolve import Context, Found, Read
from gossan.claims.words import month, number
from gossan.core.statements import DateReading, Precision

_D = rf"(?P<day>{MD}|{DM}|{ISO})"
_MANY = rf"(?P<n>{NUM})\s+(?P<unit>day|week|month|year)s?|(?P<two_weeks>(?:a|one)?\s*fortnight)"
_DAY_NOT_RANGE = rf"{_D}(?!{TO}\s*{DAY})"
_BUSINESS = "The text does not say in which month this business year begins."
_YEAR_OPEN = "The year is not stated."
_DAY_ALONE = "Only the day of the month is stated."


def find(text: str, ctx_at: Callable[[int], Context]) -> Iterator[Found]:
    """Every match of every rule, overlapping ones too."""
    for rule in RULES:
        for m in rule.pattern.finditer(text):
            read = rule.read(m, ctx_at(m.start()))
            if read is not None:
                yield Found(m.start(), m.end(), *read)


def _from_day(m: re.Match[str], ctx: Context, made: Callable[[date], DateReading]) -> Read | None:
    """What `made` makes of the day named, for each day that it may be."""
    p = point(m["day"], ctx)
    if p is None or p.day is None:
        return None
    reading, others, why = resolve.partial(p, ctx, "calendar-day")
    if reading is not None and reading.first is not None:
        return resolve.sure(made(reading.first))
    return None, tuple(made(r.first) for r in others if r.first), why


def _week(m: re.Match[str], ctx: Context) -> Read | None:
    """ "the week of 6 February": the calendar week of that day; "ending": the seven days to it."""
    six = timedelta(6)
    how = m["how"].lower()

    def made(d: date) -> DateReading:
        first, last = cal.week_of(d)
        if how.startswith(("begin", "start", "commenc")):
            first, last = d, d + six
        elif how.startswith("end"):
            first, last = d - six, d
        return cal.days(first, last, "week-of-day", Precision.WEEK)

    return _from_day(m, ctx, made)


def _night(m: re.Match[str], ctx: Context) -> Read | None:
    return _from_day(m, ctx, lambda d: cal.days(d, d + timedelta(1), "night-of-day", Precision.DAY))


def _moved(d: date, n: int, unit: str) -> DateReading:
    """`n` units from a day; weeks are good to three days either way."""
    if unit == "day":
        return cal.day(d + timedelta(n), "days-from-date")
    if unit == "week":
        other, three = d + timedelta(7 * n), timedelta(3)
        return DateReading(
            f"{other}~", other - three, other + three, Precision.WEEK, "weeks-from-date"
        )
    other = cal.add_months(d, n if unit == "month" else 12 * n)
    p = Partial(other.year, other.month if unit == "month" else None)
    return cal.single(p, f"{unit}s-from-date")


def _counted(m: re.Match[str], ctx: Context) -> Read | None:
    """ "three days after 14 February", "a fortnight before the flood of 14 July"."""
    n, unit = (2, "week") if m["two_weeks"] else (number(m["n"]), (m["unit"] or "").lower())
    if n is None:
        return None
    back = m["way"].lower() not in ("after", "following")
    return _from_day(m, ctx, lambda d: _moved(d, -n if back else n, unit))


def _day_beside(m: re.Match[str], ctx: Context) -> Read | None:
    """ "the day after the vote of 16 April"."""
    step = timedelta(1 if m["way"].lower() in ("after", "following") else -1)
    return _from_day(m, ctx, lambda d: cal.day(d + step, "days-from-date"))


def _eve(m: re.Match[str], ctx: Context) -> Read | None:
    """ "on the eve of the hearing of 17 March": the day before, or loosely some days before it."""
    made = _from_day(m, ctx, lambda d: cal.day(d - timedelta(1), "days-from-date"))
    same = _from_day(m, ctx, lambda d: cal.day(d, "calendar-day"))
    if made is None or same is None:
        return None
    offered = [r for read in (made, same) for r in (read[0], *read[1]) if r is not None]
    return None, tuple(offered), '"The eve" may be the day before, or loosely the time before it.'


def _weeks_to(m: re.Match[str], ctx: Context) -> Read | None:
    """ "in the three weeks before the election of 25 October": the whole of that time."""
    n, unit = (2, "week") if m["two_weeks"] else (number(m["n"] or "1"), (m["unit"] or "").lower())
    if n is None:
        return None
    after = m["way"].lower() in ("after", "following")

    def made(d: date) -> DateReading:
        step = 1 if after else -1
        if unit in ("day", "week"):
            other = d + timedelta(step * n * (1 if unit == "day" else 7))
        else:
            other = cal.add_months(d, step * n * (1 if unit == "month" else 12))
        near = d + timedelta(step)
        return cal.days(min(near, other), max(near, other), "range-beside-date", Precision.RANGE)

    return _from_day(m, ctx, made)


def _two_years(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    """ "2020/21": both years whole, since the month it begins in is not said."""
    first = int(m["first"])
    if int(m["second"]) % 100 != (first + 1) % 100:
        return None
    return resolve.sure(
        cal.span(
            cal.single(Partial(first), ""),
            cal.single(Partial(first + 1), ""),
            "range-of-split-year",
        )
    )


def _business_year(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    """ "fiscal year 2021" may have begun in 2020 or in 2021."""
    text = m["year"]
    year = int(text) if len(text) == 4 else 2000 + int(text)
    one = cal.single(Partial(year), "range-of-business-year")
    two = cal.span(cal.single(Partial(year - 1), ""), one, "range-of-business-year")
    return None, (one, two), _BUSINESS


def _years(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    parts = [cal.single(Partial(int(y)), "") for y in re.findall(r"\d{4}", m[0])]
    return resolve.sure(cal.each(parts, "listed-years"))


def _months(m: re.Match[str], ctx: Context) -> Read | None:
    """ "in April and May 2021": the year belongs to all of them."""
    last = point(m["last"], ctx)
    if last is None or last.day is not None:
        return None
    numbers = [month(n) for n in re.findall(MONTH, m["firsts"])]
    reading, others, why = resolve.partial(last, ctx, "listed-months")
    made = []
    for r in [reading] if reading else others:
        assert r.last is not None
        year, limit = r.last.year, r.last.month
        firsts = [Partial(year - 1 if n > limit else year, n) for n in numbers]
        made.append(cal.each([*(cal.single(p, "") for p in firsts), r], "listed-months"))
    return (made[0], (), "") if reading else (None, tuple(made), why)


def _month_range(m: re.Match[str], ctx: Context) -> Read | None:
    """ "in April-June", "April to June": the year may stand behind, or nowhere."""
    a, b = Partial(month=month(m["a"])), point(m["b"], ctx)
    return None if b is None or b.day is not None else resolve.ends(a, b, ctx, "range")


def _past_unit(m: re.Match[str], ctx: Context) -> Read | None:
    """ "in the past year": the twelve months up to publication, not the calendar year before."""
    which, unit = m["which"].lower(), m["unit"].lower()
    if which != "last":
        return resolve.lasting(1, unit, ctx, ahead=which in ("next", "coming"))
    rolling, calendar = resolve.lasting(1, unit, ctx)[0], resolve.unit("last", unit, ctx)[0]
    if rolling is None or calendar is None:
        return resolve.unknown()
    return resolve.either(
        [rolling, calendar], f'"The last {unit}" may be the one before this or up to now.'
    )


def _named_month(m: re.Match[str], ctx: Context) -> Read | None:
    """ "last March", "this May": of which year depends on who says it."""
    if ctx.published is None:
        return resolve.unknown()
    p = Partial(month=month(m["month"]))
    year = ctx.published.year
    if m["which"].lower() == "this":
        return resolve.sure(cal.single(p.in_year(year), "this-month-by-name"))
    step = -1 if m["which"].lower() in ("last", "this past", "past") else 1
    near = [y for y in (year, year + step) if step * (_beside(p, y, ctx.published)) > 0][:1]
    years = dict.fromkeys([*near, year + step])
    readings = [cal.single(p.in_year(y), "month-by-name") for y in years]
    return resolve.either(
        readings, f'"{m["which"]}" may mean the nearest one or that of the other year.'
    )


def _beside(p: Partial, year: int, published: date) -> int:
    """-1, 0 or 1 where a month of a year lies before, in or after that of publication."""
    there, here = (year, p.month or 1), (published.year, published.month)
    return (there > here) - (there < here)


def _season(m: re.Match[str], ctx: Context) -> Read | None:
    return resolve.season(cal.SEASONS[m["season"].lower()], "", ctx)


def _listed_with_the(m: re.Match[str], ctx: Context) -> Read | None:
    """ "from the 2nd through the 6th of November"."""
    b = point(m["b"], ctx)
    a = Partial(day=int(re.sub(r"\D", "", m["a"])))
    return None if b is None or b.day is None else resolve.ends(a, b, ctx, "range")


def _alone(m: re.Match[str], ctx: Context) -> Read | None:
    """ "on the 31st": of which month only a person can tell."""
    if ctx.published is None:
        return resolve.unknown()
    day = int(re.sub(r"\D", "", m["n"]))
    months = [cal.add_months(ctx.published.replace(day=1), n) for n in (0, -1, 1)]
    parts = [Partial(d.year, d.month, day) for d in months]
    return None, tuple(cal.single(p, "day-alone") for p in parts if cal.valid(p)), _DAY_ALONE


def _short_quarter(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    """ "1H22", "Q3'21", as companies write them."""
    n, year = int(m["n"] or m["n2"]), 2000 + int(m["year"])
    if (m["unit"] or m["unit2"]) == "H":
        return resolve.sure(cal.half(year, n, "half")) if n <= 2 else None
    return resolve.sure(cal.quarter(year, n, "quarter"))


def _bare_quarter(m: re.Match[str], ctx: Context) -> Read | None:
    """ "the third quarter": of which year, and of what kind of year, is not said."""
    if ctx.published is None:
        return resolve.unknown()
    word, unit = m["n"].lower(), m["unit"].lower()
    n = {"first": 1, "second": 2, "third": 3, "fourth": 4}[word]
    years = (ctx.published.year, ctx.published.year - 1)
    if unit == "half":
        return (None, tuple(cal.half(y, n, "half") for y in years), _YEAR_OPEN) if n <= 2 else None
    return None, tuple(cal.quarter(y, n, "quarter") for y in years), _YEAR_OPEN


def _bare_decade(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    return None, (cal.decade(1900 + int(m["y"]), "", "decade"),), "The century is not stated."


def _rule(pattern: str, read: Callable[[re.Match[str], Context], Read | None]) -> Rule:
    return Rule(re.compile(pattern), read)


RULES = (
    _rule(rf"(?i:\bweek\s+(?P<how>of|ended|ending|beginning|starting|commencing)\s+(?:on\s+)?(?:the\s+)?){_DAY_NOT_RANGE}", _week),
    _rule(rf"(?i:\bnight\s+of\s+(?:the\s+)?){_DAY_NOT_RANGE}", _night),
    _rule(rf"(?i:\b(?:{_MANY})\s+(?P<way>after|following|before|prior\s+to|ahead\s+of)\s+(?:the\s+)?)(?:{EVENT})?{_D}", _counted),
    _rule(rf"(?i:(?<!to )\b(?:the|one)\s+(?:day|morning|night)\s+(?P<way>after|following|before)\s+)(?:{EVENT})?{_D}", _day_beside),
    _rule(rf"(?i:\b(?:on\s+)?the\s+eve\s+of\s+)(?:{EVENT})?{_D}", _eve),
    _rule(rf"(?i:\b(?:in\s+the|(?:over|during|for|within|throughout)(?:\s+the)?)\s+(?:last\s+|first\s+)?(?:{_MANY})\s+"
          rf"(?P<way>after|following|before|prior\s+to|preceding|leading\s+up\s+to)\s+)(?:{EVENT})?{_D}", _weeks_to),
    _rule(r"\b(?i:(?:fiscal|financial|business|academic|school|budget)\s+years?\s+|FY\s*|the\s+)?"
          r"(?<![\d.,/-])(?P<first>(?:19|20)\d\d)\s?[/–-]\s?(?P<second>(?:(?:19|20)\d\d|\d\d))(?!\w|[/.–-]\d)", _two_years),
    _rule(r"\b(?i:(?:fiscal|financial|business)(?:\s+year)?\s+|FY\s*['’]?)(?P<year>(?:19|20)\d\d|\d\d)(?![\d/–-])", _business_year),
    _rule(rf"\b(?:[Ii]n|[Dd]uring|[Bb]oth|[Oo]f)\s+{YEAR}(?:,\s+{YEAR})*,?\s+(?:and|or)\s+(?:in\s+)?{YEAR}{NOT_A_YEAR}", _years),
    _rule(rf"\b(?:[Ii]n|[Dd]uring|[Bb]oth|[Oo]f)\s+(?P<firsts>{MONTH}(?:,\s+{MONTH})*),?\s+(?:and|or)\s+(?:in\s+)?"
          rf"(?P<last>{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?)(?!\s+\d)", _months),
    _rule(rf"(?<!\w)(?<!\d )(?P<a>{MONTH})(?:\s*[-–—/]\s*|\s+(?:to|through|until)\s+)(?P<b>{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?)(?!\s+\d)",
          _month_range),
    _rule(r"(?i:\b(?:(?:in|over|during|for|within|throughout)\s+)?the\s+(?P<which>past|last)\s+(?P<unit>week|month|year|decade)\b(?!\s+of\b|['’]s))",
          _past_unit),
    _rule(r"(?i:\b(?:over|during|within|throughout|in)\s+the\s+(?P<which>next|coming)\s+(?P<unit>week|month|year|decade)\b)", _past_unit),
    _rule(rf"\b(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast)\s+(?P<month>{MONTH})(?!\s+\d|\s+[A-Z])", _named_month),
    _rule(r"(?<=[Ss]ince )(?:(?i:early|mid|late)[\s-]+)?(?P<season>spring|summer|autumn|winter)\b(?!\s+(?:of\s+)?(?:\d|this|last|next))",
          _season),
    _rule(r"\b(?:(?P<unit>[QH])(?P<n>[1-4])|(?P<n2>[1-4])(?P<unit2>[QH]))[\s/-]?['’]?(?P<year>\d\d)\b(?!\d)", _short_quarter),
    _rule(r"(?i:\b(?:in\s+)?(?:the\s+)?(?:end\s+of\s+the\s+)?(?P<n>first|second|third|fourth)[\s-]+(?P<unit>quarter|half)\b(?!\s+(?:of|the)\b))",
          _bare_quarter),
    _rule(r"\b(?:in|since|of|from|during)\s+the\s+(?:(?:early|mid|late)[\s-]+)?['’]?(?P<y>[3-9]0)['’]?s\b", _bare_decade),
    _rule(rf"\b(?:[Ff]rom|[Bb]etween)\s+(?:the\s+)?(?P<a>{DAY})(?:{TO}|\s+and\s+)(?:the\s+)?(?P<b>{DM}|{MD})", _listed_with_the),
    _rule(r"\b[Oo]n\s+the\s+(?P<n>(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th))(?=[,.;)]|$|\s+(?:and|but|when|the)\b)", _alone),
)  # fmt: skip
