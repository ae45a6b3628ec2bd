"""Calendar arithmetic for dates as people write them: partial dates to intervals and EDTF.

EDTF is ISO 8601-2:2019: months and years by precision, `198X` for a decade, `2022-23` for a
season (21 spring to 24 winter, northern hemisphere), `2022-35` for a quarter (33 to 36),
`2023-40` for a half year, `../x` and `x/..` for open ends, `{a,b}` for a set of days, `~` for
approximately.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from gossan.core.statements import DateReading, Precision

SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
FIRST_MONTH = {21: 3, 22: 6, 23: 9, 24: 12}
PART_OF_DECADE = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}


@dataclass(frozen=True, slots=True)
class Partial:
    """A date with parts left out. `day` needs `month`. `approximate` for "mid" or "around"."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    approximate: bool = False

    @property
    def precision(self) -> Precision:
        """The finest part given."""
        if self.day is not None:
            return Precision.DAY
        return Precision.MONTH if self.month is not None else Precision.YEAR

    def in_year(self, year: int) -> Partial:
        """The same with `year` where none is given."""
        if self.year is not None:
            return self
        return Partial(year, self.month, self.day, self.approximate)


def valid(p: Partial) -> bool:
    """False for 31 June, month 13 and the like."""
    if p.month is not None and not 1 <= p.month <= 12:
        return False
    if p.day is not None:
        return p.month is not None and 1 <= p.day <= monthrange(p.year or 2024, p.month)[1]
    return True


def bounds(p: Partial) -> tuple[date, date]:
    """First and last day of a partial date with a year."""
    assert p.year is not None
    if p.month is None:
        return date(p.year, 1, 1), date(p.year, 12, 31)
    if p.day is None:
        return date(p.year, p.month, 1), date(p.year, p.month, monthrange(p.year, p.month)[1])
    day = date(p.year, p.month, p.day)
    return day, day


def edtf(p: Partial) -> str:
    """EDTF of a partial date with a year."""
    assert p.year is not None
    parts = [f"{p.year:04d}"]
    if p.month is not None:
        parts.append(f"{p.month:02d}")
    if p.day is not None:
        parts.append(f"{p.day:02d}")
    return "-".join(parts) + ("~" if p.approximate else "")


def single(p: Partial, rule: str) -> DateReading:
    """Reading of one partial date with a year."""
    first, last = bounds(p)
    return DateReading(edtf(p), first, last, p.precision, rule)


def day(d: date, rule: str) -> DateReading:
    """Reading of one day."""
    return DateReading(d.isoformat(), d, d, Precision.DAY, rule)


def span(first: DateReading, last: DateReading, rule: str) -> DateReading:
    """From the beginning of one reading to the end of another."""
    return DateReading(f"{first.edtf}/{last.edtf}", first.first, last.last, Precision.RANGE, rule)


def days(first: date, last: date, rule: str, precision: Precision) -> DateReading:
    """An interval by its first and last day."""
    text = first.isoformat() if first == last else f"{first}/{last}"
    return DateReading(text, first, last, precision, rule)


def each(readings: list[DateReading], rule: str) -> DateReading:
    """A set of separate dates: "3 and 7 December" is not the days between."""
    text = "{" + ",".join(r.edtf for r in readings) + "}"
    return DateReading(text, readings[0].first, readings[-1].last, readings[0].precision, rule)


def opened(r: DateReading, how: str) -> DateReading:
    """ "since", "until", "before" or "after" a reading."""
    rule = f"{how}:{r.rule}"
    whole = Precision.RANGE if "/" in r.edtf else r.precision
    start, end = (r.edtf.split("/") * 2)[:2] if "/" in r.edtf else (r.edtf, r.edtf)
    if how == "since":
        return DateReading(f"{start}/..", r.first, None, whole, rule)
    if how == "until":
        return DateReading(f"../{end}", None, r.last, whole, rule)
    if how == "after":
        after = r.last + timedelta(1) if r.last and r.precision is Precision.DAY else r.first
        text = f"{after}/.." if r.precision is Precision.DAY else f"{start}/.."
        return DateReading(text, after, None, whole, rule)
    assert r.first is not None
    before = r.first - timedelta(1)
    return DateReading(f"../{before}", None, before, whole, rule)


def decade(start: int, part: str, rule: str) -> DateReading:
    """A decade or a part of one, e.g. the late 1980s: 1987 to 1989."""
    if not part:
        text = f"{start // 10}X"
        return DateReading(text, date(start, 1, 1), date(start + 9, 12, 31), Precision.DECADE, rule)
    low, high = (start + k for k in PART_OF_DECADE[part])
    return DateReading(
        f"{low}~/{high}~", date(low, 1, 1), date(high, 12, 31), Precision.DECADE, rule
    )


def season(year: int, code: int, rule: str) -> DateReading:
    """A season by EDTF code; winter belongs to the year in which it begins."""
    first = date(year, FIRST_MONTH[code], 1)
    last_year, last_month = (year + 1, 2) if code == 24 else (year, FIRST_MONTH[code] + 2)
    last = date(last_year, last_month, monthrange(last_year, last_month)[1])
    return DateReading(f"{year}-{code}", first, last, Precision.SEASON, rule)


def quarter(year: int, number: int, rule: str) -> DateReading:
    """A quarter, 1 to 4."""
    first = date(year, 3 * number - 2, 1)
    last = date(year, 3 * number, monthrange(year, 3 * number)[1])
    return DateReading(f"{year}-{32 + number}", first, last, Precision.QUARTER, rule)


def half(year: int, number: int, rule: str) -> DateReading:
    """A half year, 1 or 2."""
    first = date(year, 6 * number - 5, 1)
    last = date(year, 6 * number, 30 if number == 1 else 31)
    return DateReading(f"{year}-{39 + number}", first, last, Precision.QUARTER, rule)


def week_of(d: date) -> tuple[date, date]:
    """Monday and Sunday of the week of a day."""
    monday = d - timedelta(d.weekday())
    return monday, monday + timedelta(6)


def add_months(d: date, n: int) -> date:
    """`d` moved by `n` months; the day is cut to the length of the month."""
    index = d.year * 12 + d.month - 1 + n
    year, month = divmod(index, 12)
    return date(year, month + 1, min(d.day, monthrange(year, month + 1)[1]))
