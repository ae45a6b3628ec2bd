"""Russian spans whose two ends are told in different ways, and days counted from something that
happened: "с 14 марта 2018 года по лето 2020 года", "через три недели после проверки 4 мая 2021
года". As in `dates_between` and `dates_en_spans`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from gossan.claims import resolve
from gossan.claims.dates import calendar as cal
from gossan.claims.dates.between import End, completed, joined, of_some_year
from gossan.claims.dates.calendar import Partial
from gossan.claims.dates.ru import DAY, MONTH, YEAR
from gossan.claims.resolve import Context, Found, Read
from gossan.claims.words import month
from gossan.core.statements import DateReading, Precision

_G = r"(?:\s+(?:года?|году|годом|гг?\.))?"
_SEASONS = {"вес": 21, "лет": 22, "осен": 23, "зим": 24}
_NTHS = {"перв": 1, "втор": 2, "трет": 3, "четв": 4, "четверт": 4}
_NUMBERS = {
    "один": 1,
    "одну": 1,
    "два": 2,
    "две": 2,
    "три": 3,
    "четыре": 4,
    "пять": 5,
    "шесть": 6,
    "семь": 7,
    "восемь": 8,
    "девять": 9,
    "десять": 10,
}


def _end(n: str) -> str:
    year = rf"(?:\s+(?P<{{0}}year{n}>{YEAR}|того\s+же|этого|прошлого|следующего){_G})?"
    return (
        rf"(?:(?P<season{n}>весн\w+|лет[оаеу]\w*|осен\w+|зим\w+){year.replace('{0}', 's')}"
        rf"|(?P<nth{n}>перв\w+|втор\w+|треть\w+|четв[её]рт\w+)(?:\s+(?P<unit{n}>квартал\w*|полугоди\w*|половин\w+){year.replace('{0}', 'q')})?"
        rf"|конц\w+\s+(?P<whole{n}>того\s+же|этого|прошлого|следующего)?\s*года"
        rf"|(?:начал\w+\s+|конц\w+\s+|середин\w+\s+)?(?P<point{n}>(?:(?P<day{n}>{DAY})\s+)?(?P<month{n}>{MONTH})){year.replace('{0}', 'm')}"
        rf"|(?:начал\w+\s+|конц\w+\s+|середин\w+\s+)?(?P<bare{n}>{YEAR}){_G})"
    )


_SPAN = re.compile(
    rf"(?<![\w.-])(?:(?:с|со|начиная\s+с)\s+{_end('a')}\s*,?\s+(?:и\s+)?(?:по|до|вплоть\s+до)\s+{_end('b')}"
    rf"|между\s+{_end('c')}\s+и\s+{_end('d')})(?!\w)",
    re.IGNORECASE,
)
_DATE = rf"(?P<day>{DAY})\s+(?P<month>{MONTH})(?:\s+(?P<year>{YEAR}){_G})?"
_EVENT = r"(?:(?!(?:и|но|что|который)\b)[а-яё-]+,?\s+){0,4}?(?:(?:назначенн\w+|намеченн\w+|запланированн\w+)\s+на\s+|от\s+)?"
_N = rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)})?\s*(?P<unit>дн[яей]+|день|суток|недел\w+|месяц\w*|год\w?|лет)"
_COUNTED = re.compile(
    rf"(?<!\w)(?:(?:через|спустя)\s+{_N}\s+(?P<after>после)|за\s+{_N.replace('<n>', '<n2>').replace('<unit>', '<unit2>')}\s+до)\s+{_EVENT}{_DATE}",
    re.IGNORECASE,
)
_EVE = re.compile(rf"(?<!\w)накануне\s+{_EVENT}{_DATE}", re.IGNORECASE)


def find(text: str, ctx_at: Callable[[int], Context]) -> Iterator[Found]:
    """Every such span and day, overlapping ones too."""
    for pattern, read in ((_SPAN, _span), (_COUNTED, _counted), (_EVE, _eve)):
        for m in pattern.finditer(text):
            made = read(m, ctx_at(m.start()))
            if made is not None:
                yield Found(m.start(), m.end(), *made)


def _span(m: re.Match[str], ctx: Context) -> Read | None:
    groups = {k: v for k, v in m.groupdict().items() if v is not None}
    first, second = ("c", "d") if m[0].lower().startswith("между") else ("a", "b")
    a = _made(groups, first, groups.get(f"unit{second}", ""))
    b = _made(groups, second, groups.get(f"unit{first}", ""))
    if a is None or b is None:
        return None
    days = [e.partial is not None and e.partial.day is not None for e in (a, b)]
    if all(days) and not (a.relative or b.relative):
        return None  # two days are read by `dates_ru`
    if b.relative == "this" and a.year is not None:
        return resolve.unknown("«Этого года» may be the year just named or that of publication.")
    a, b = completed(a, b, ctx)
    if a.year is not None and b.year is not None:
        return joined(a, b)
    return of_some_year(a, b, ctx)


def _year_of(words: str) -> tuple[int | None, str]:
    bare = " ".join(words.split()).lower()
    if bare[:4].isdigit():
        return int(bare[:4]), ""
    return None, {
        "того же": "that",
        "этого": "this",
        "прошлого": "last",
        "следующего": "the following",
    }.get(bare, "")


def _made(groups: dict[str, str], n: str, other_unit: str) -> End | None:
    season, nth = groups.get(f"season{n}"), groups.get(f"nth{n}")
    if season:
        code = next(v for k, v in _SEASONS.items() if season.lower().startswith(k))
        year, word = _year_of(groups.get(f"syear{n}", ""))
        return End(lambda y: cal.season(y, code, ""), year, cal.FIRST_MONTH[code], word)
    if nth:
        unit = (groups.get(f"unit{n}") or other_unit).lower()
        k = next(v for key, v in _NTHS.items() if nth.lower().replace("ё", "е").startswith(key))
        year, word = _year_of(groups.get(f"qyear{n}", ""))
        if not unit:
            return None
        if unit.startswith("кварт"):
            return End(lambda y: cal.quarter(y, k, ""), year, 3 * k - 2, word)
        return End(lambda y: cal.half(y, k, ""), year, 6 * k - 5, word) if k <= 2 else None
    if groups.get(f"point{n}"):
        day = groups.get(f"day{n}")
        p = Partial(None, month(groups[f"month{n}"]), _number(day) if day else None)
        year, word = _year_of(groups.get(f"myear{n}", ""))
        return _of_partial(p, year, word)
    if groups.get(f"bare{n}"):
        return _of_partial(Partial(), int(groups[f"bare{n}"][:4]), "")
    word = _year_of(groups.get(f"whole{n}", ""))[1] or "the"
    return End(lambda y: cal.single(Partial(y), ""), None, 12, word)


def _of_partial(p: Partial, year: int | None, word: str) -> End:
    def span(y: int) -> DateReading | None:
        made = p.in_year(y)
        return cal.single(made, "") if cal.valid(made) else None

    return End(span, year, p.month or 1, word, replace(p, year=year))


def _number(day: str) -> int:
    """The figure of "4" and "4-го"."""
    return int(re.sub(r"\D", "", day))


def _from_day(m: re.Match[str], ctx: Context, made: Callable[[date], DateReading]) -> Read | None:
    p = Partial(int(m["year"][:4]) if m["year"] else None, month(m["month"]), _number(m["day"]))
    if not cal.valid(p):
        return None
    reading, others, why = resolve.partial(p, ctx, "calendar-day")
    if reading is not None and reading.first is not None:
        return resolve.sure(made(reading.first))
    return None, tuple(made(r.first) for r in others if r.first), why


def _counted(m: re.Match[str], ctx: Context) -> Read | None:
    word = (m["n"] or m["n2"] or "один").lower()
    n = int(word) if word.isdigit() else _NUMBERS[word]
    unit = (m["unit"] or m["unit2"]).lower()
    n = n if m["after"] else -n

    def made(d: date) -> DateReading:
        if unit.startswith(("дн", "ден", "сут")):
            return cal.day(d + timedelta(n), "days-from-date")
        if unit.startswith("нед"):
            other, three = d + timedelta(7 * n), timedelta(3)
            return DateReading(
                f"{other}~", other - three, other + three, Precision.WEEK, "weeks-from-date"
            )
        other = cal.add_months(d, n if unit.startswith("мес") else 12 * n)
        return cal.single(
            Partial(other.year, other.month if unit.startswith("мес") else None), "months-from-date"
        )

    return _from_day(m, ctx, made)


def _eve(m: re.Match[str], ctx: Context) -> Read | None:
    """Left to a person, as "the eve" in English: the day before, or loosely some days."""
    before = _from_day(m, ctx, lambda d: cal.day(d - timedelta(1), "days-from-date"))
    same = _from_day(m, ctx, lambda d: cal.day(d, "calendar-day"))
    if before is None or same is None:
        return None
    offered = [r for read in (before, same) for r in (read[0], *read[1]) if r is not None]
    return None, tuple(offered), "«Накануне» may be the day before, or loosely the time before it."
