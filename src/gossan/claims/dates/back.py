"""Dates that point back: "the same day", "three days later", "since then".

They count from a day that the text has just named. One such day, in the same sentence or else in
the one before, is taken; several, or none, go to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from gossan.claims.dates import calendar as cal
from gossan.claims.dates.calendar import Partial
from gossan.claims.dates.en import NUM, WEEKDAY
from gossan.claims.resolve import Found
from gossan.claims.words import CARDINALS, WEEKDAYS
from gossan.core.statements import DateReading, Precision

FROM_DAY = "-from-day"
"""How the rules of this module end."""

_PARTS = r"(?:day|morning|afternoon|evening|night)"
_RU_NUMBERS = {
    "день": 1,
    "два": 2,
    "две": 2,
    "три": 3,
    "четыре": 4,
    "пять": 5,
    "шесть": 6,
    "семь": 7,
    "десять": 10,
}
_RU_UNITS = {
    "дн": "day",
    "ден": "day",
    "сут": "day",
    "нед": "week",
    "мес": "month",
    "год": "year",
    "лет": "year",
}
_RU_N = rf"(?:\d{{1,3}}|{'|'.join(_RU_NUMBERS)})"
_RU_UNIT = r"(?:дн[яей]+|день|суток|недел\w+|месяц\w*|год\w?|лет)"

_SHIFT = re.compile(
    rf"\b(?:(?P<n>{NUM})\s+(?P<unit>day|week|month|year)s?|(?P<two_weeks>(?:a|one)\s+fortnight))\s+(?P<way>later|afterwards?|earlier|before\s+that|after\s+that|"
    r"thereafter)\b(?!\s+than)"
    rf"|\b(?P<ru_n>{_RU_N})?\s*(?P<ru_unit>{_RU_UNIT})\s+спустя\b"
    rf"|\b(?:спустя|через)\s+(?:(?P<ru_n2>{_RU_N})\s+)?(?P<ru_unit2>{_RU_UNIT})(?=[\s,.])",
    re.IGNORECASE,
)
_FROM_EVENT = re.compile(
    rf"\b(?:(?P<n>{NUM})\s+(?P<unit>day|week|month|year)s?|(?P<two_weeks>(?:a|one)\s+fortnight)|(?P<one>the\s+day)|(?P<eve>(?:on\s+)?the\s+eve))"
    r"\s+(?P<way>after|following|before|prior\s+to|ahead\s+of|of)\s+(?:the|its|his|her|their|our|this|that|a|an)\s+(?!(?:first|end|start)\b)[\w’'-]+",
    re.IGNORECASE,
)
"""Counted from something that happened on a day that is not said here."""
_DAY = re.compile(
    rf"\b(?P<same>the\s+(?:very\s+)?same\s+{_PARTS}|в\s+(?:тот|этот)\s+же\s+день)\b"
    rf"|\b(?P<that>that\s+{_PARTS}(?=[\s,]*(?:[,.;]|$)))"
    rf"|\b(?P<next>the\s+(?:next|following)\s+{_PARTS}|на\s+следующ\w+\s+(?:день|утро))\b"
    rf"|\b(?P<before>the\s+(?:previous|preceding)\s+{_PARTS}|the\s+day\s+before(?=[,.;]|$))",
    re.IGNORECASE,
)
_OTHER = re.compile(
    rf"\b(?:the|that)\s+(?:(?P<way>next|following|previous|preceding|same)\s+)?(?P<day>{WEEKDAY})\b"
    r"|\b(?:the\s+(?:next|following|previous|preceding|same)|that)\s+"
    r"(?:week|month|year|quarter|decade|spring|summer|autumn|fall|winter)\b(?!\s+(?:of|in)\s+\w*\d)"
    r"|\b(?P<then>since\s+then|from\s+then\s+on|с\s+тех\s+пор|until\s+then)\b"
    r"|\b(?:накануне|на\s+следующей\s+неделе\s+после)(?!\w)",
    re.IGNORECASE,
)
_ASK = "It counts from a day named before, which only a person can tell."


def pointing(text: str, found: Sequence[Found], earlier: Sequence[Found]) -> list[Found]:
    """Dates that point back, in one sentence. `found` are its own, `earlier` those of the
    sentence before it in the paragraph; both in the order they stand."""
    out = [_day(m, _anchors(m.start(), found, earlier)) for m in _DAY.finditer(text)]
    out += [
        f
        for m in _SHIFT.finditer(text)
        if (f := _shifted(m, _anchors(m.start(), found, earlier))) is not None
    ]
    out += [_other(m, _anchors(m.start(), found, earlier)) for m in _OTHER.finditer(text)]
    out += [
        _from_event(m, _anchors(m.start(), found, earlier))
        for m in _FROM_EVENT.finditer(text)
        if not any(f.start <= m.start() < f.end for f in found)
    ]
    return out


def _anchors(at: int, found: Sequence[Found], earlier: Sequence[Found]) -> list[DateReading]:
    """Dates that may be meant: those before it in its sentence, else those of the one before."""
    here = [f for f in found if f.end <= at]
    near = here or list(earlier)
    readings: dict[tuple[date | None, date | None], DateReading] = {}
    for f in near:
        for r in (f.reading, *f.alternatives):
            if r is not None:
                readings[r.first, r.last] = r
    return list(readings.values())


def _day(m: re.Match[str], anchors: Sequence[DateReading]) -> Found:
    shift = {"same": 0, "that": 0, "next": 1, "before": -1}[m.lastgroup or "same"]
    made = [_moved(a, shift, "day") for a in anchors]
    return _told(m, [r for r in made if r], anchors, sure=m.lastgroup != "that")


def _shifted(m: re.Match[str], anchors: Sequence[DateReading]) -> Found | None:
    russian = m["ru_unit"] or m["ru_unit2"]
    if russian:
        word = (m["ru_n"] or m["ru_n2"] or "1").lower()
        n = int(word) if word.isdigit() else _RU_NUMBERS[word]
        unit = next(v for k, v in _RU_UNITS.items() if russian.lower().startswith(k))
    else:
        word = (m["n"] or "two").lower()
        n = int(word) if word.isdigit() else CARDINALS[word]
        unit = (m["unit"] or "week").lower()
        n = -n if re.match(r"(?i)earlier|before", m["way"]) else n
    if russian and not anchors:
        return None
    made = [r for a in anchors if (r := _moved(a, n, unit)) is not None]
    return _told(m, made, anchors, sure=not russian)


def _from_event(m: re.Match[str], anchors: Sequence[DateReading]) -> Found:
    """ "Ten days after the spill": whether it happened on the day just named, only a person can
    tell."""
    unit = "week" if m["two_weeks"] else (m["unit"] or "day").lower()
    word = (m["n"] or ("two" if m["two_weeks"] else "one")).lower()
    n = int(word) if word.isdigit() else CARDINALS[word]
    back = m["way"].lower() not in ("after", "following")
    made = [r for a in anchors if (r := _moved(a, -n if back else n, unit)) is not None]
    return Found(m.start(), m.end(), None, tuple(made), _ASK)


def _other(m: re.Match[str], anchors: Sequence[DateReading]) -> Found:
    """Weekdays and longer units that point back: offered, never taken."""
    made: list[DateReading] = []
    if m["then"] and not m["then"].lower().startswith("until"):
        made = [cal.opened(a, "since") for a in (_closed(a) for a in anchors) if a.first]
    elif re.search(r"(?i)\b(?:that|same|next|following)\s+year$", m[0]):
        ahead = re.search(r"(?i)next|following", m[0]) is not None
        made = [
            cal.single(Partial(a.first.year + ahead), f"year{FROM_DAY}")
            for a in anchors
            if a.first and a.last and a.first.year == a.last.year
        ]
    elif m["day"]:
        number = WEEKDAYS[m["day"].lower()]
        back = (m["way"] or "").lower() in ("previous", "preceding")
        for a in anchors:
            if a.precision is Precision.DAY and a.first and a.first == a.last:
                gap = (a.first.weekday() - number if back else number - a.first.weekday()) % 7 or 7
                made.append(
                    cal.day(a.first + timedelta(-gap if back else gap), f"weekday{FROM_DAY}")
                )
    return Found(m.start(), m.end(), None, tuple(made), _ASK)


def _closed(r: DateReading) -> DateReading:
    """The date itself of "until 2012": what "since then" counts from."""
    if r.first is None and r.last is not None:
        edge = r.edtf.split("/")[-1]
        start = {4: date(r.last.year, 1, 1), 7: r.last.replace(day=1)}.get(len(edge), r.last)
        return DateReading(edge, start, r.last, r.precision, r.rule)
    return r


def _told(
    m: re.Match[str], made: Sequence[DateReading], anchors: Sequence[DateReading], *, sure: bool
) -> Found:
    if sure and len(made) == 1 and len(anchors) == 1:
        return Found(m.start(), m.end(), made[0])
    return Found(m.start(), m.end(), None, tuple(made), _ASK)


def _moved(a: DateReading, n: int, unit: str) -> DateReading | None:
    """`a` moved by `n` units, None where `a` is coarser than the unit."""
    if a.first is None or a.last is None:
        return None
    rule = f"{unit}s{FROM_DAY}"
    if unit in ("day", "week"):
        if a.first != a.last or a.precision is not Precision.DAY:
            return None
        d = a.first + timedelta(n if unit == "day" else 7 * n)
        if unit == "day":
            return cal.day(d, rule)
        three = timedelta(3)
        return DateReading(f"{d}~", d - three, d + three, Precision.WEEK, rule)
    if unit == "month" and a.precision in (Precision.DAY, Precision.MONTH):
        d = cal.add_months(a.first, n)
        return cal.single(Partial(d.year, d.month), rule)
    if unit == "year" and a.first.year == a.last.year:
        return cal.single(Partial(a.first.year + n), rule)
    return None
