"""The times that a claim names, all of them, as the intervals a question asks about.

A date that opens an interval and one that closes it make one interval; what overlaps or meets is one
time; separate dates stay separate ("in April and again in November"), and each has to be answered.
The day on which something was said is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from gossan.claims import calendar as cal
from gossan.claims.cues import DENY, PLAN, SAY
from gossan.core.statements import Claim, DateMention, DateReading, Precision

UNDECIDED = "A date of the claim has no single reading yet: choose one first."
SEPARATE = "The claim names separate times: split it, so that each is asked about by itself."

_SAYING_BEFORE = re.compile(
    rf"(?:\b(?:{SAY}|{DENY}|{PLAN})|сообщил\w*|заявил\w*)\s+(?:\w+\s+)?(?:on\s+|in\s+|в\s+)?$"
)
_DATELINE = re.compile(r"\s*[–—-]\s")
_DAY = timedelta(1)


def of_saying(text: str, start: int, end: int) -> bool:
    """True where the date at `start` to `end` of a sentence is the day on which it was said."""
    return bool((start == 0 and _DATELINE.match(text[end:])) or _SAYING_BEFORE.search(text[:start]))


def times(claim: Claim) -> tuple[DateReading, ...] | None:
    """The times a claim names, in the order of days; empty where it names none, None where a date
    of it is still open."""
    if claim.dates and claim.dates[0].reading and claim.dates[0].reading.rule == "person":
        return (claim.dates[0].reading,)
    return of_dates(claim.dates, claim.text, claim.span[0])


def of_dates(
    dates: Sequence[DateMention], text: str, offset: int
) -> tuple[DateReading, ...] | None:
    """The same of the dates of a sentence that stands at `offset` of the body."""
    told = [
        d
        for d in dates
        if d.inherited or not of_saying(text, d.span[0] - offset, d.span[1] - offset)
    ]
    readings: list[DateReading] = []
    for d in told or dates:
        if d.reading is None:
            return None
        readings += _apart(d.reading)
    return _merged(_closed(readings))


def one_time(claim: Claim) -> tuple[DateReading | None, str]:
    """The one time of a claim, or None and why there is not one, "" where none is stated."""
    found = times(claim)
    if found is None:
        return None, UNDECIDED
    if len(found) > 1:
        return None, SEPARATE
    return (found[0], "") if found else (None, "")


def _apart(r: DateReading) -> list[DateReading]:
    """The days of "3 and 7 December", which its reading holds as a set."""
    if not (r.edtf.startswith("{") and r.first and r.last):
        return [r]
    parts = [p for p in (_of_edtf(e, r) for e in r.edtf.strip("{}").split(",")) if p]
    return parts if len(parts) > 1 else [r]


def _of_edtf(text: str, r: DateReading) -> DateReading | None:
    if not re.fullmatch(r"\d{4}(?:-\d\d){0,2}", text):
        return None
    numbers = [int(n) for n in text.split("-")]
    month = numbers[1] if len(numbers) > 1 else None
    p = cal.Partial(numbers[0], month, numbers[2] if len(numbers) > 2 else None)
    return cal.single(p, r.rule) if cal.valid(p) else None


def _closed(readings: Sequence[DateReading]) -> list[DateReading]:
    """ "Not before 1 April" and "not after 15 June" are the two ends of one time."""
    opening = [r for r in readings if r.first and r.last is None]
    closing = [r for r in readings if r.last and r.first is None]
    if len(opening) != 1 or len(closing) != 1:
        return list(readings)
    (start,), (end,) = opening, closing
    assert start.first is not None
    assert end.last is not None
    if start.first > end.last:
        return list(readings)
    whole = DateReading(
        f"{start.edtf.split('/')[0]}/{end.edtf.split('/')[-1]}",
        start.first,
        end.last,
        Precision.RANGE,
        "range-of-two-dates",
    )
    return [whole, *(r for r in readings if r is not start and r is not end)]


def _merged(readings: Sequence[DateReading]) -> tuple[DateReading, ...]:
    """What overlaps or meets as one, in the order of days."""
    out: list[DateReading] = []
    for r in sorted(readings, key=lambda r: (r.first or date.min, r.last or date.max)):
        last = out[-1] if out else None
        if last is None or (
            last.last is not None and r.first is not None and r.first > last.last + _DAY
        ):
            out.append(r)
            continue
        if last.last is not None and (r.last is None or r.last > last.last):
            edtf = f"{last.edtf.split('/')[0]}/{r.edtf.split('/')[-1]}"
            out[-1] = replace(last, edtf=edtf, last=r.last, precision=Precision.RANGE)
    return tuple(out)
