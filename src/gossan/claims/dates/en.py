"""English dates: one pattern and one small function for each way of saying them.

Every pattern is tried over the sentence; where matches overlap the longest one stands
(`dates.py`). Month names count only with a capital, bare months and years only behind a word
that makes them a date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from gossan.claims import resolve
from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.claims.resolve import Context, Found, Read
from gossan.claims.words import CARDINALS, ORDINALS, WEEKDAYS, month, number, ordinal
from gossan.core.statements import Precision

MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
    r"|Sep(?:tember|t\.?|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?"
    r"|JANUARY|FEBRUARY|MARCH|APRIL|MAY|JUNE|JULY|AUGUST|SEPTEMBER|OCTOBER|NOVEMBER|DECEMBER)\b\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d,.]*\d)"
YEAR = r"(?:1[5-9]\d\d|20\d\d)(?![\d,]*\d|\.\d)"
WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
YEARX = rf"(?:{YEAR}|(?:this|last|next|the (?:same|previous|following)) year)"
PART = (
    r"(?:(?:early|mid|late)[\s-]+(?:in\s+)?"
    r"|the\s+(?:beginning|start|middle|end)\s+of\s+|(?:beginning|end|start)\s+of\s+)"
)
TO = r"\s*(?:-|–|—|\b(?:up\s+)?to\b|\bthrough\b|\b(?:up\s+)?until\b|\btill\b)(?:\s+and\s+including\b)?\s*"
NUM = rf"(?:\d{{1,3}}|{'|'.join(sorted(CARDINALS, key=len, reverse=True))})"
NTH = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{'|'.join(sorted(ORDINALS, key=len, reverse=True))})"
UNIT = r"(?:day|week|month|year|decade)s?"
MD = rf"(?:{WEEKDAY},?\s+)?{MONTH}\s+{DAY}(?:(?:,\s*|\s+){YEARX})?"
DM = rf"(?:{WEEKDAY},?\s+)?(?:the\s+)?{DAY}\s+(?:of\s+)?{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?"
ISO = r"(?<![\d-])\d{4}-\d\d-\d\d(?![\d-])"
MY = rf"{PART}?{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?"
PY = rf"{PART}?{YEAR}"
POINT = rf"(?:{MD}|{DM}|{ISO}|{MY}|{PY}|{DAY})"
EVENT = (
    r"(?:(?:the|a|an|its|his|her|their|our|this|that)\s+(?:(?!(?:and|or|but|that|which|who|when|while|said|says|since|until|before|after|in|at)\b)"
    r"[\w’'-]+\s+){0,5}?(?!(?:end|beginning|start|middle|close|first|second|third|fourth|last|spring|summer|autumn|winter|week|night|weekend|eve|month|quarter|half)\b)"
    r"[\w’'-]+,?\s+(?:(?:in|at|near)\s+[A-Z]\w+\s+)?(?:of|on|from|dated|(?:which\s+(?:was|is)\s+|that\s+was\s+)?(?:held|issued|signed|scheduled|set|planned|due|called|fixed|expected)"
    r"\s+(?:for|on))\s+(?:the\s+)?)"
)
"""What may stand between "before" or "after" and the date of something: "the ceasefire of", "the
inspection, scheduled for"."""
BARE_CUE = (
    r"(?:[Ii]n|[Oo]f|[Ss]ince|[Uu]ntil|[Tt]ill|[Bb]y|[Ff]rom|[Bb]efore|[Aa]fter|[Dd]uring|"
    r"[Tt]hroughout|[Aa]round|[Ll]ate|[Ee]arly|[Mm]id|[Aa]s of|[Ss]ummer|[Tt]he|[Aa]bout|[Cc]irca|"
    r"[Bb]ack in|[Ee]nded|[Ee]nding)[\s-]+|\("
)
NOT_A_YEAR = (
    r"(?!\s*(?:%|hectares?|ha\b|tonn?e?s?\b|kilomet|km\b|met(?:re|er)s?\b|m[²³23]?\b|people|persons|"
    r"houses|famil|trucks?|vehicles?|workers|soldiers|troops|settlements|square|cubic|dollars|"
    r"times|of\s+(?:them|these|the)))"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A way of saying dates: a pattern and what a match of it means."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Context], Read | None]


def find(text: str, ctx_at: Callable[[int], Context]) -> Iterator[Found]:
    """Every match of every rule, overlapping ones too. `ctx_at` gives the context there."""
    for rule in RULES:
        for m in rule.pattern.finditer(text):
            read = rule.read(m, ctx_at(m.start()))
            if read is not None:
                start = m.start("date") if "date" in rule.pattern.groupindex else m.start()
                yield Found(start, m.end(), *read)


def point(text: str, ctx: Context) -> Partial | None:
    """A calendar date as written, with what it leaves out; None where it is none."""
    text = re.sub(rf"^{WEEKDAY},?\s+|^the\s+(?=\d)", "", text.strip())
    coarse = re.match(PART, text)
    text = text[coarse.end() :] if coarse else text
    year = _year(text, ctx)
    named = re.search(MONTH, text)
    if re.fullmatch(ISO, text):
        y, m, d = map(int, text.split("-"))
        made = Partial(y, m, d)
    elif named:
        rest = text[: named.start()] + text[named.end() :]
        rest = re.sub(YEARX, "", rest)
        digits = re.search(r"\d{1,2}", rest)
        made = Partial(year, month(named[0]), int(digits[0]) if digits else None)
    elif re.fullmatch(YEAR, text):
        made = Partial(int(text))
    elif re.fullmatch(DAY, text):
        return Partial(day=int(re.sub(r"\D", "", text)))
    else:
        return None
    return made if cal.valid(made) else None


def _year(text: str, ctx: Context) -> int | None:
    found = re.search(YEARX + r"$", text.strip())
    if not found:
        return None
    if found[0].isdigit():
        return int(found[0])
    if "same" in found[0] or "previous" in found[0] or "following" in found[0]:
        shift = {"same": 0, "previous": -1, "following": 1}
        word = next(w for w in shift if w in found[0])
        return ctx.other_year + shift[word] if ctx.other_year else None
    if ctx.published is None:
        return None
    return ctx.published.year + {"this": 0, "last": -1, "next": 1}[found[0].split()[0]]


def _one(m: re.Match[str], ctx: Context) -> Read | None:
    text = m["date"]
    made = point(text, ctx)
    if made is None:
        return None
    if made.year is None and re.search(r"year$", text):
        return resolve.unknown()
    coarse = re.match(PART, text)
    rule = f"part-of-{made.precision}" if coarse else f"calendar-{made.precision}"
    return resolve.partial(made, ctx, rule)


def _range(m: re.Match[str], ctx: Context) -> Read | None:
    a, b = point(m["a"], ctx), point(m["b"], ctx)
    if a is None or b is None or (a.day is not None) != (b.day is not None):
        return None
    if b.month is None and b.day is not None:  # November 10 to 14
        b = Partial(a.year if b.year is None else b.year, a.month, b.day)
    if a.month is None and a.day is not None and b.month is None:
        return None
    if a.month is None and a.day is None and b.month is not None:
        return None
    return resolve.ends(a, b, ctx, "range")


def _days_of_month(m: re.Match[str], ctx: Context) -> Read | None:
    """ "16-18 November", "November 16-18, 2022": two days and one month."""
    year = _year(m["year"], ctx) if m["year"] else None
    mon = month(m["month"])
    a, b = (Partial(year, mon, int(re.sub(r"\D", "", m[k]))) for k in ("a", "b"))
    if not cal.valid(a) or not cal.valid(b):
        return None
    return resolve.ends(a, b, ctx, "range-within-month")


def _listed_days(m: re.Match[str], ctx: Context) -> Read | None:
    """ "3 and 7 December", "December 3, 5 and 7, 2022": separate days of one month."""
    year = _year(m["year"], ctx) if m["year"] else None
    days = [int(d) for d in re.findall(r"\d{1,2}", m["days"])]
    parts = [Partial(year, month(m["month"]), d) for d in days]
    if not all(cal.valid(p) for p in parts):
        return None
    last, others, why = resolve.partial(parts[-1], ctx, "listed-days")
    options = [last] if last else list(others)
    sets = []
    for option in options:
        assert option.last is not None
        sets.append(
            cal.each(
                [cal.single(p.in_year(option.last.year), "listed-days") for p in parts],
                "listed-days",
            )
        )
    return (sets[0], (), "") if last else (None, tuple(sets), why)


def _two_dates(m: re.Match[str], ctx: Context) -> Read | None:
    """ "14 May and 3 June 2021": the year belongs to both."""
    a, b = point(m["a"], ctx), point(m["b"], ctx)
    if a is None or b is None or b.year is None or a.year is not None:
        return None
    year = b.year - 1 if (a.month or 0) > (b.month or 12) else b.year
    parts = [cal.single(p.in_year(year), "listed-days") for p in (a,) if cal.valid(p.in_year(year))]
    return resolve.sure(cal.each([*parts, cal.single(b, "listed-days")], "listed-days"))


def numeric(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    """ "12.10.2022" is day first; "05/06/2017" may be either."""
    a, b, year = int(m[1]), int(m[3]), int(m[4])
    day_first, month_first = Partial(year, b, a), Partial(year, a, b)
    if m[2] == ".":
        options = [p for p in (day_first,) if cal.valid(p)]
    else:
        options = [p for p in (day_first, month_first) if cal.valid(p)]
    if not options:
        return None
    why = "Day and month may be swapped: the text does not say which comes first."
    return resolve.either([cal.single(p, "numeric") for p in options], why)


def _season(m: re.Match[str], ctx: Context) -> Read | None:
    code = cal.SEASONS[m["season"].lower()]
    stated = m.groupdict().get("year")
    if stated and stated[:4].isdigit():
        return resolve.sure(cal.season(int(stated[:4]), code, "season-of-year"))
    if stated:
        year = _year(stated, ctx)
        return resolve.sure(cal.season(year, code, "season-of-year")) if year else resolve.unknown()
    which = (m["which"] or "").lower().strip()
    return resolve.season(code, "" if which == "the" else which, ctx)


def _quarter(m: re.Match[str], ctx: Context) -> Read | None:
    groups = m.groupdict()
    year = _year(groups.get("year") or groups.get("year2") or groups.get("year3") or "", ctx)
    if year is None:
        return resolve.unknown() if ctx.published is None else None
    text = groups.get("n") or groups.get("n2") or groups.get("n3") or ""
    is_half = "half" in m[0].lower() or re.search(r"\b[12]?H[12]?\b", m[0]) is not None
    ends = text.lower() in ("last", "final")
    n = (2 if is_half else 4) if ends else int(text) if text.isdigit() else ordinal(text) or 0
    if not 1 <= n <= (2 if is_half else 4):
        return None
    if is_half:
        return resolve.sure(cal.half(year, n, "half-year"))
    return resolve.sure(cal.quarter(year, n, "quarter"))


def _decade(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    part = {"e": "early", "m": "mid", "l": "late"}.get((m["part"] or " ")[0].lower(), "")
    return resolve.sure(cal.decade(int(m["y"]), part, "decade"))


def _weekday(m: re.Match[str], ctx: Context) -> Read | None:
    which = (m["which"] or "").lower().strip()
    which = {"this past": "last", "past": "last", "coming": "next", "this coming": "next"}.get(
        which, which
    )
    return resolve.weekday(WEEKDAYS[m["day"].lower()], which, ctx)


def _weekdays(m: re.Match[str], ctx: Context) -> Read | None:
    """ "on Saturday and Sunday", "from Monday to Wednesday"."""
    last = resolve.weekday(WEEKDAYS[m["b"].lower()], "", ctx)[0]
    if last is None or last.first is None:
        return resolve.unknown("The weekdays may lie before or after the publication.")
    gap = (WEEKDAYS[m["b"].lower()] - WEEKDAYS[m["a"].lower()]) % 7
    first = cal.day(last.first - timedelta(gap), "weekday-before-publication")
    if gap > 1 and "and" in m["join"] and not m["pre"]:
        return resolve.sure(cal.each([first, last], "two-weekdays"))
    return resolve.sure(cal.span(first, last, "weekday-range"))


def _unit(m: re.Match[str], ctx: Context) -> Read | None:
    read = resolve.unit(m["which"].lower(), m["unit"].lower(), ctx)
    part = (m["part"] or "").lower()
    reading = read[0]
    if m["unit"].lower() != "week" or not part or reading is None or reading.first is None:
        return read
    half = reading.first + timedelta(3)
    late = "end" in part or "late" in part
    narrow = (half, reading.last) if late else (reading.first, half)
    if "mid" in part or narrow[1] is None:
        return read
    note = cal.days(narrow[0], narrow[1], f"part-of-{reading.rule}", reading.precision)
    return reading, (note,), ""


def _near_day(m: re.Match[str], ctx: Context) -> Read | None:
    if ctx.published is None:
        return resolve.unknown()
    word = re.sub(r"\s+", " ", m[0].lower())
    one = timedelta(1)
    pub = ctx.published
    if "overnight" in word or "last night" in word:
        return resolve.sure(cal.days(pub - one, pub, "overnight", Precision.DAY))
    if "weekend" in word:
        saturday = pub - timedelta((pub.weekday() - 5) % 7)
        if "last" in word and saturday + one >= pub:
            saturday -= timedelta(7)
        return resolve.sure(cal.days(saturday, saturday + one, "weekend", Precision.DAY))
    shift = (
        -2
        if "before yesterday" in word
        else 2
        if "after tomorrow" in word
        else (-1 if "yesterday" in word else 1 if "tomorrow" in word else 0)
    )
    return resolve.sure(cal.day(pub + shift * one, "day-near-publication"))


def _before_last(m: re.Match[str], ctx: Context) -> Read | None:
    if ctx.published is None:
        return resolve.unknown()
    name, pub = m["unit"].lower(), ctx.published
    back = {
        "week": pub - timedelta(7),
        "month": cal.add_months(pub, -1),
        "year": cal.add_months(pub, -12),
    }[name]
    return resolve.unit("last", name, Context(back))


def _ago(m: re.Match[str], ctx: Context) -> Read | None:
    n = number(m["n"])
    return None if n is None else resolve.ago(n, m["unit"].lower().rstrip("s"), ctx)


def _lasting(m: re.Match[str], ctx: Context) -> Read | None:
    n = number(m["n"]) if m["n"] else 1
    ahead = m["which"].lower() in ("next", "coming")
    name = m["unit"].lower().rstrip("s")
    return None if n is None else resolve.lasting(n, name, ctx, ahead=ahead)


def _nth(m: re.Match[str], ctx: Context) -> Read | None:
    n = ordinal(m["n"])
    return resolve.nth_day(n, m["unit"].lower(), ctx) if n else None


def _months_ended(m: re.Match[str], ctx: Context) -> Read | None:
    """ "the three months ended 30 June 2020", as companies report."""
    n, end = number(m["n"] or "one"), point(m["until"], ctx)
    if n is None or end is None or end.year is None or end.month is None:
        return None
    if m["unit"].lower().startswith("year"):
        n *= 12
    last = cal.bounds(end)[1]
    first = cal.add_months(last.replace(day=1), 1 - n)
    reading = cal.span(
        cal.single(Partial(first.year, first.month), ""),
        cal.single(Partial(last.year, last.month), ""),
        "months-ended",
    )
    return resolve.sure(reading)


def _rule(pattern: str, read: Callable[[re.Match[str], Context], Read | None]) -> Rule:
    return Rule(re.compile(pattern), read)


_A, _B = rf"(?P<a>{POINT})", rf"(?P<b>{POINT})"
_WHICH = r"(?P<which>[Ll]ast|[Tt]his|[Nn]ext|[Cc]urrent|[Pp]revious)"
_CI = r"(?i:"

RULES = (
    _rule(rf"(?<![\w.-])(?P<date>{MD}|{DM}|{ISO})(?![\w-]*\d)", _one),
    _rule(rf"(?<!\w)(?<=[\w(,] |.[(-]|. )(?P<date>{PART}{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?)", _one),
    _rule(rf"^(?P<date>{PART}{MONTH}(?:,?\s+(?:of\s+)?{YEARX})?)", _one),
    _rule(rf"(?<!\w)(?<!\d )(?<!\d(?:st|nd|rd|th) )(?<!\d of )(?<!th of )(?P<date>{MONTH},?\s+(?:of\s+)?{YEARX})", _one),
    _rule(rf"(?<!\w)(?:{BARE_CUE})(?P<date>{PART}?{MONTH})(?!\s+\d)(?!\s+[A-Z][a-z])", _one),
    _rule(rf"(?<!\w)(?:{BARE_CUE})(?P<date>{PART}?{YEAR}){NOT_A_YEAR}(?![-–/]\w)", _one),
    _rule(rf"(?<!\w)(?P<date>{PART}{YEAR}){NOT_A_YEAR}", _one),
    _rule(rf"\b(?:[Bb]etween)\s+{_A}\s+and\s+{_B}", _range),
    _rule(rf"\b(?:[Ff]rom|[Tt]hrough|[Dd]uring)\s+{_A}(?:{TO}|\s+and\s+){_B}", _range),
    _rule(rf"\bthe\s+years\s+(?:of\s+|from\s+|between\s+)?(?P<a>{YEAR})(?:{TO}|\s+and\s+)(?P<b>{YEAR})", _range),
    _rule(rf"(?<![\w.-])(?P<a>{MD}|{DM}|{ISO}){TO}(?P<b>{MD}|{DM}|{ISO})", _range),
    _rule(rf"(?<![\w.-])(?P<a>{MY}){TO}(?P<b>{MONTH}(?:,?\s+(?:of\s+)?{YEARX}))", _range),
    _rule(rf"(?<![\w.,-])(?P<a>{YEAR})\s*[-–—]\s*(?P<b>{YEAR}){NOT_A_YEAR}(?![-–/]\d)", _range),
    _rule(rf"(?<!\w)(?P<month>{MONTH})\s+(?P<a>{DAY})(?:{TO})(?P<b>{DAY})"
          rf"(?:(?:,\s*|\s+)(?P<year>{YEARX}))?", _days_of_month),
    _rule(rf"(?<![\w.,-])(?P<a>{DAY})(?:{TO}|/)(?P<b>{DAY})\s+(?:of\s+)?(?P<month>{MONTH})"
          rf"(?:,?\s+(?:of\s+)?(?P<year>{YEARX}))?", _days_of_month),
    _rule(rf"\b(?:[Bb]etween)\s+(?:the\s+)?(?P<a>{DAY})\s+and\s+(?:the\s+)?(?P<b>{DAY})\s+(?:of\s+)?"
          rf"(?P<month>{MONTH})(?:,?\s+(?P<year>{YEARX}))?", _days_of_month),
    _rule(rf"\b(?:[Bb]etween)\s+(?P<month>{MONTH})\s+(?P<a>{DAY})\s+and\s+(?P<b>{DAY})"
          rf"(?:,?\s+(?P<year>{YEARX}))?", _days_of_month),
    _rule(rf"(?<![\w.,-])(?P<days>{DAY}(?:,\s*{DAY})*,?\s+(?:and|or|&)\s+{DAY})\s+(?:of\s+)?"
          rf"(?P<month>{MONTH})(?:,?\s+(?P<year>{YEARX}))?", _listed_days),
    _rule(rf"(?<!\w)(?P<month>{MONTH})\s+(?P<days>{DAY}(?:,\s*{DAY})*,?\s+(?:and|or|&)\s+{DAY})"
          rf"(?:(?:,\s*|\s+)(?P<year>{YEARX}))?", _listed_days),
    _rule(rf"(?<![\w.-])(?P<a>{MD}|{DM})\s+(?:and|or|&)\s+(?P<b>{MD}|{DM})", _two_dates),
    _rule(r"(?<![\d./])(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d\d)(?![\d/])", numeric),
    _rule(rf"{_CI}(?:\b(?:in|during|over|by)\s+)?(?P<which>this|last|next|past|coming|the)\s+(?:(?:early|late|mid)[ -])?"
          rf"(?P<season>spring|summer|autumn|fall|winter)\b(?!\s+(?:of\s+)?(?:\d{{4}}|(?:this|last|next) year)))", _season),
    _rule(rf"(?P<which>\b)(?P<season>(?i:spring|summer|autumn|fall|winter))\s+(?:of\s+)?"
          rf"(?P<year>{YEAR}(?:[-–/]\d{{2,4}})?|(?:this|last|next) year)", _season),
    _rule(rf"{_CI}(?P<n>first|second|third|fourth|last|final|[1-4](?:st|nd|rd|th))\s+(?:quarter|half)\s+(?:of\s+)?(?P<year>{YEARX}))", _quarter),
    _rule(rf"\b[QH](?P<n>[1-4])[\s,/-]*(?P<year>{YEAR})|\b(?P<n2>[1-4])[QH][\s,/-]*(?P<year2>{YEAR})"
        rf"|\b(?P<year3>{YEAR})[\s,/-]*[QH](?P<n3>[1-4])\b", _quarter),
    _rule(r"(?:\b(?P<part>[Ee]arly|[Mm]id|[Ll]ate)[\s-]+)?(?<!\d)(?P<y>1[5-9]\d0|20\d0)['’]?s\b", _decade),
    _rule(rf"(?:\b(?P<which>[Ll]ast|[Tt]his past|[Tt]his coming|[Tt]his|[Nn]ext|[Pp]ast|[Cc]oming)\s+)?(?:[Ee]arly\s+|[Ll]ate\s+)?(?<![Ee]very )(?<![Ee]ach )(?<!\b[Aa] )(?<![Oo]ne )(?<![Gg]ood )(?<!Black )(?<!Bloody )(?<!Palm )(?<!Easter )(?<!Ash )(?<!first )\b(?P<day>{WEEKDAY})\b(?!\s+(?:{MONTH}|\d))", _weekday),
    _rule(rf"\b(?P<pre>[Ff]rom\s+|[Bb]etween\s+)?(?P<a>{WEEKDAY})(?P<join>\s+and\s+|{TO})(?P<b>{WEEKDAY})\b", _weekdays),
    _rule(rf"(?:\b(?P<part>[Ee]arlier|[Ee]arly|[Ll]ate|[Ll]ater|[Mm]id|(?:[Aa]t\s+)?the\s+(?:beginning|start|end)\s+of|"
          rf"(?:[Tt]owards?\s+)?the\s+end\s+of)[\s-]+)?\b{_WHICH}\s+(?P<unit>week|month|year|quarter|decade)\b(?!['’]s|\s+of\b)", _unit),
    _rule(r"(?i:\bthe day before yesterday|\bthe day after tomorrow|\b(?:yesterday|today|tomorrow|tonight|overnight|last night|"
          r"this (?:morning|afternoon|evening)|(?:this |last |the |over the )(?:past )?weekend(?! of)))\b", _near_day),
    _rule(r"(?i:\bthe (?P<unit>week|month|year) before last)\b", _before_last),
    _rule(rf"(?i:\b(?P<n>{NUM})\s+(?P<unit>{UNIT})\s+(?:ago|earlier than publication))\b", _ago),
    _rule(rf"(?i:\b(?:(?:in|over|during|for|within|throughout)\s+)?the\s+(?P<which>past|last|next|coming)\s+"
          rf"(?:(?P<n>{NUM})\s+)?(?P<unit>(?:hour|day|week|month|year|decade)s|decade))\b", _lasting),
    _rule(rf"(?i:\bfor\s+(?:the|a)\s+(?P<n>{NTH})\s+(?:consecutive\s+|straight\s+|successive\s+)?(?P<unit>day|week))\b", _nth),
    _rule(rf"(?i:\b(?:(?P<n>{NUM})[\s-]+)?(?P<unit>months?|years?)\s+(?:period\s+)?(?:ended|ending|to)\s+)(?P<until>{MD}|{DM})", _months_ended),
)  # fmt: skip
