"""Russian dates. Months and weekdays by their stems, since they are declined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from gossan.claims import resolve
from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.claims.dates.en import Rule, numeric
from gossan.claims.resolve import Context, Found, Read
from gossan.claims.words import RU_WEEKDAYS, month
from gossan.core.statements import DateReading, Precision

MONTH = (
    r"(?:январ(?:[яеью]|[её]м)|феврал(?:[яеью]|[её]м)|март(?:[аеу]|ом)?|апрел(?:[яеью]|ем)|ма(?:[яейю]|ем)|июн(?:[яеью]|ем)|июл(?:[яеью]|ем)|"
    r"август(?:[аеу]|ом)?|(?:сент|окт|но|дек)[ая]?бр(?:[яеью]|[её]м))(?!\w)"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:-?го)?(?!\d)"
YEAR = r"(?:19|20)\d\d(?!\d)"
YEARX = rf"(?:{YEAR}(?:\s*г(?:од(?:[ауе]|ом)?|\.)?)?|(?:этого|прошлого|следующего|текущего)\s+года)"
WEEKDAY = r"(?:понедельник|вторник|сред[уы]|четверг|пятниц[уы]|суббот[уы]|воскресень[ея])а?"
UNITS = {
    "день": "day",
    "дня": "day",
    "дней": "day",
    "недел": "week",
    "месяц": "month",
    "год": "year",
    "лет": "year",
}
SEASONS = {"весн": 21, "лет": 22, "осен": 23, "зим": 24}
WHICH = {"прошл": "last", "эт": "this", "текущ": "this", "следующ": "next", "нынешн": "this"}


def find(text: str, ctx_at: Callable[[int], Context]) -> Iterator[Found]:
    """Every match of every rule, overlapping ones too."""
    for rule in RULES:
        for m in rule.pattern.finditer(text):
            read = rule.read(m, ctx_at(m.start()))
            if read is not None:
                start = m.start("date") if "date" in rule.pattern.groupindex else m.start()
                yield Found(start, m.end(), *read)


def _year(text: str | None, ctx: Context) -> int | None:
    if not text:
        return None
    digits = re.search(YEAR, text)
    if digits:
        return int(digits[0])
    if ctx.published is None:
        return None
    shift = {"эт": 0, "те": 0, "пр": -1, "сл": 1}[text.strip()[:2].lower()]
    return ctx.published.year + shift


def _digits(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _day_month(m: re.Match[str], ctx: Context) -> Read | None:
    p = Partial(_year(m["year"], ctx), month(m["month"]), _digits(m["day"]))
    return resolve.partial(p, ctx, "calendar-day") if cal.valid(p) else None


def _month(m: re.Match[str], ctx: Context) -> Read | None:
    return resolve.partial(Partial(_year(m["year"], ctx), month(m["month"])), ctx, "calendar-month")


def _in_year(m: re.Match[str], ctx: Context) -> Read | None:
    year = _year(m["year"], ctx)
    return (
        resolve.unknown()
        if year is None
        else resolve.sure(cal.single(Partial(year), "calendar-year"))
    )


def _days(m: re.Match[str], ctx: Context) -> Read | None:
    mon, year = month(m["month"]), _year(m["year"], ctx)
    a, b = (Partial(year, mon, _digits(d)) for d in (m["a"] or m["a2"], m["b"]))
    if not cal.valid(a) or not cal.valid(b):
        return None
    return resolve.ends(a, b, ctx, "range-within-month")


def _two_months(m: re.Match[str], ctx: Context) -> Read | None:
    a = Partial(_year(m["year_a"], ctx), month(m["month_a"]), _digits(m["a"]))
    b = Partial(_year(m["year"], ctx), month(m["month"]), _digits(m["b"]))
    if not cal.valid(a) or not cal.valid(b):
        return None
    return resolve.ends(a, b, ctx, "range")


def _listed(m: re.Match[str], ctx: Context) -> Read | None:
    mon, year = month(m["month"]), _year(m["year"], ctx)
    parts = [Partial(year, mon, int(d)) for d in re.findall(r"\d+", m["days"])]
    if not all(cal.valid(p) for p in parts):
        return None
    last, others, why = resolve.partial(parts[-1], ctx, "listed-days")
    sets = [
        cal.each([cal.single(p.in_year(r.last.year), "") for p in parts], "listed-days")
        for r in ([last] if last else others)
        if r.last
    ]
    return (sets[0], (), "") if last else (None, tuple(sets), why)


def _weekday(m: re.Match[str], ctx: Context) -> Read | None:
    number = next(v for k, v in RU_WEEKDAYS.items() if m["day"].lower().startswith(k))
    which = next((v for k, v in WHICH.items() if (m["which"] or "").lower().startswith(k)), "")
    return resolve.weekday(number, which, ctx)


def _unit(m: re.Match[str], ctx: Context) -> Read | None:
    which = next(v for k, v in WHICH.items() if m["which"].lower().startswith(k))
    name = next(v for k, v in UNITS.items() if m["unit"].lower().startswith(k))
    return resolve.unit(which, name, ctx)


def _near(m: re.Match[str], ctx: Context) -> Read | None:
    if ctx.published is None:
        return resolve.unknown()
    shift = {"позавчера": -2, "вчера": -1, "сегодня": 0, "завтра": 1}[m[0].lower()]
    return resolve.sure(cal.day(ctx.published + shift * timedelta(1), "day-near-publication"))


def _ago(m: re.Match[str], ctx: Context) -> Read | None:
    words = {"один": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6}
    text = (m["n"] or "один").lower()
    n = int(text) if text.isdigit() else words[text]
    name = next((v for k, v in UNITS.items() if m["unit"].lower().startswith(k)), None)
    return resolve.ago(n, name, ctx) if name else None


def _season(m: re.Match[str], ctx: Context) -> Read | None:
    code = next(v for k, v in SEASONS.items() if m["season"].lower().startswith(k))
    year = _year(m["year"], ctx)
    if year is not None:
        return resolve.sure(cal.season(year, code, "season-of-year"))
    if m["year"]:
        return resolve.unknown()
    which = next((v for k, v in WHICH.items() if (m["which"] or "").lower().startswith(k)), "")
    return resolve.season(code, which, ctx) if which else None


def _decade(m: re.Match[str], ctx: Context) -> Read | None:  # noqa: ARG001
    return resolve.sure(cal.decade(int(m["y"]), "", "decade"))


def _quarter(m: re.Match[str], ctx: Context) -> Read | None:
    year = _year(m["year"], ctx) if m["year"] else ctx.published and ctx.published.year
    if not year:
        return resolve.unknown()
    stems = {"перв": 1, "втор": 2, "трет": 3, "четв": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
    word = m["n"].lower()
    quarter = m["unit"].lower().startswith("кварт")
    n = stems.get(word) or stems.get(word[:4]) or int(re.sub(r"\D", "", word) or 0)
    if word.startswith("посл"):  # the last one
        n = 4 if quarter else 2
    if quarter:
        return resolve.sure(cal.quarter(year, n, "quarter")) if 1 <= n <= 4 else None
    return resolve.sure(cal.half(year, n, "half")) if 1 <= n <= 2 else None


def _night(m: re.Match[str], ctx: Context) -> Read | None:
    """ "в ночь на 4 июля" begins on the third."""
    p = Partial(_year(m["year"], ctx), month(m["month"]), _digits(m["b"]))
    if not cal.valid(p):
        return None
    reading, others, why = resolve.partial(p, ctx, "calendar-day")

    def made(r: DateReading) -> DateReading:
        assert r.last is not None
        return cal.days(r.last - timedelta(1), r.last, "range-of-night", Precision.DAY)

    return (made(reading), (), "") if reading else (None, tuple(made(r) for r in others), why)


def _rule(pattern: str, read: Callable[[re.Match[str], Context], Read | None]) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), read)


RULES = (
    _rule(rf"(?<![\w.-])(?P<day>{DAY})\s+(?P<month>{MONTH})(?:\s+(?P<year>{YEARX}))?", _day_month),
    _rule(rf"\b(?:в|во|с|до|к|за|на)\s+(?:начале\s+|конце\s+|середине\s+|концу\s+|началу\s+|начала\s+|конца\s+)?"
          rf"(?P<date>(?P<month>{MONTH})(?:\s+(?P<year>{YEARX}))?)", _month),
    _rule(rf"(?P<month>{MONTH})\s+(?P<year>{YEARX})", _month),
    _rule(rf"(?<!\d)(?P<year>{YEAR})(?=\s*(?:год|гг?\.))(?:\s*(?:год[ауе]?м?|гг?\.))", _in_year),
    _rule(rf"(?<![\w.-])(?:между\s+(?P<a>{DAY})\s+и|(?:с\s+)?(?P<a2>{DAY})\s*(?:-|–|—|по|до))\s*(?P<b>{DAY})\s+"
          rf"(?P<month>{MONTH})(?:\s+(?P<year>{YEARX}))?", _days),
    _rule(rf"(?<![\w.-])(?:с|между)\s+(?P<a>{DAY})\s+(?P<month_a>{MONTH})(?:\s+(?P<year_a>{YEARX}))?"
          rf"\s+(?:по|до|и)\s+(?P<b>{DAY})\s+(?P<month>{MONTH})(?:\s+(?P<year>{YEARX}))?", _two_months),
    _rule(rf"(?<![\w.-])(?<!между )(?P<days>\d{{1,2}}(?:,\s*\d{{1,2}})*\s+и\s+\d{{1,2}})\s+(?P<month>{MONTH})"
          rf"(?:\s+(?P<year>{YEARX}))?", _listed),
    _rule(r"(?<![\d./])(\d{1,2})(\.)(\d{1,2})\.((?:19|20)\d\d)(?![\d/])", numeric),
    _rule(rf"\b(?:в|во|к|до|с)\s+(?:(?P<which>прошл\w+|эт\w+|следующ\w+)\s+)?(?P<day>{WEEKDAY})\b", _weekday),
    _rule(r"\b(?:в|на|с)\s+(?P<which>прошл|эт|текущ|следующ|нынешн)\w+\s+(?P<unit>недел\w*|месяц\w*|год\w*)", _unit),
    _rule(r"\b(?:начал|конц|середин)\w+\s+(?P<which>прошл|эт|текущ|следующ|нынешн)\w+\s+(?P<unit>недел\w*|месяц\w*|год\w*)", _unit),
    _rule(r"\b(?:позавчера|вчера|сегодня|завтра)\b", _near),
    _rule(r"\b(?:(?P<n>\d+|один|два|две|три|четыре|пять|шесть)\s+)?(?P<unit>дн\w+|день|недел\w+|месяц\w*|год\w*|лет)\s+назад\b", _ago),
    _rule(rf"\b(?:(?P<which>прошл|эт|следующ|нынешн)\w+\s+)?(?P<season>весной|летом|осенью|зимой|весны|лета|осени|зимы)(?:\s+(?P<year>{YEARX}))?", _season),
    _rule(r"(?<!\d)(?P<y>(?:19|20)\d0)-[ех]\w*", _decade),
    _rule(rf"(?:\bв[о]?\s+)?\b(?P<n>перв\w+|втор\w+|трет\w+|четв[её]рт\w+|последн\w+|I{{1,3}}|IV|[1-4](?:-?[а-я]{{1,2}})?)\s+"
          rf"(?P<unit>квартал\w*|половин\w*|полугоди\w*)(?:\s+(?P<year>{YEARX}))?", _quarter),
    _rule(rf"\bв\s+ночь\s+(?:с\s+{DAY}\s+(?:{MONTH}\s+)?)?на\s+(?P<b>{DAY})\s+(?P<month>{MONTH})(?:\s+(?P<year>{YEARX}))?", _night),
)  # fmt: skip
