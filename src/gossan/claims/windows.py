"""The times that a claim names, all of them, as the intervals a question asks about.

A date that opens an interval and one that closes it make one interval; what overlaps or meets is one
time; separate dates stay separate ("in April and again in November"), and each has to be answered.
The day on which something was said is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from gossan.claims.cues import DENY, PLAN, SAY
from gossan.claims.dates import calendar as cal
from gossan.core.hashing import hash_json
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, DateMention, DateReading, Precision
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.core.words import tr, tr_later, tr_now

UNDECIDED = tr_later("A date of the claim has no single reading yet: choose one first.")
SEPARATE = tr_later(
    "The claim names separate times: split it, so that each is asked about by itself."
)

_SAYING_BEFORE = re.compile(
    rf"(?:\b(?:{SAY}|{DENY}|{PLAN})|сообщил\w*|заявил\w*)\s+(?:\w+\s+)?(?:on\s+|in\s+|в\s+)?$"
)
_DATELINE = re.compile(r"\s*[–—-]\s")
_BEGAN = re.compile(
    r"(?i)\b(?:began|begun|started|commenced|opened|launched|initiated|нача\w+)\b[^.;]{0,60}$"
)
_ENDED = re.compile(
    r"(?i)\b(?:ended|finished|stopped|ceased|completed|concluded|closed|halted|over|done|законч\w+|заверш\w+|прекра\w+)\b"
)
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
    ] or list(dates)
    readings = [d.reading for d in told if d.reading is not None]
    if len(readings) < len(told):
        return None
    if len(told) == 2 and not told[0].inherited:
        first, second = sorted(told, key=lambda d: d.span)
        between = text[first.span[1] - offset : second.span[0] - offset]
        if _BEGAN.search(text[: first.span[0] - offset]) and _ENDED.search(between):
            assert first.reading is not None
            assert second.reading is not None
            return _begun_and_ended(first.reading, second.reading)
    closed = _closed(_without_frames(readings))
    return None if closed is None else _merged([p for r in closed for p in _apart(r)])


def _without_frames(readings: Sequence[DateReading]) -> list[DateReading]:
    """Without "after the war of 2020" where the sentence also names the day itself."""
    own = [r for r in readings if r.first and r.last]

    def frames(r: DateReading) -> bool:
        if r.rule.startswith("after:") and r.first and not r.last:
            return any(o.first and o.first >= r.first for o in own)
        if r.rule.startswith("before:") and r.last and not r.first:
            return any(o.last and o.last <= r.last for o in own)
        return False

    return [r for r in readings if not frames(r)]


def _begun_and_ended(a: DateReading, b: DateReading) -> tuple[DateReading, ...] | None:
    """ "Began in March 2019 and ended in October 2020" is all of that time."""
    if a.first is None or b.last is None or a.first > b.last:
        return None
    return (_span(a, b),)


def _span(a: DateReading, b: DateReading) -> DateReading:
    edtf = f"{a.edtf.split('/')[0]}/{b.edtf.split('/')[-1]}"
    return DateReading(edtf, a.first, b.last, Precision.RANGE, "range-of-two-dates")


def one_time(claim: Claim) -> tuple[DateReading | None, str]:
    """The one time of a claim, or None and why there is not one, "" where none is stated."""
    found = times(claim)
    if found is None:
        return None, tr_now(UNDECIDED)
    if len(found) > 1:
        return None, tr_now(SEPARATE)
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


def _closed(readings: Sequence[DateReading]) -> list[DateReading] | None:
    """Ends that belong together as one time: "not before 1 April" and "not after 15 June", "on 3
    March" and "until October". None where several ends leave open which do."""
    opening = [r for r in readings if r.first and r.last is None]
    closing = [r for r in readings if r.last and r.first is None]
    if not closing:
        return list(readings) if len(opening) < 2 else None
    if len(closing) > 1 or len(opening) > 1:
        return None
    (end,) = closing
    assert end.last is not None
    if opening:
        start = opening[0]
        assert start.first is not None
        if start.first <= end.last:
            return [_span(start, end), *(r for r in readings if r is not start and r is not end)]
        # "until 2018, and again since 2020" are two times; "since 2020 ... until 2018" is none
        return list(readings) if readings.index(end) < readings.index(start) else None
    before = [r for r in readings if r is not end and r.first and r.first <= end.last]
    if not before:
        return list(readings)
    start = min(before, key=lambda r: r.first or date.min)
    return [_span(start, end), *(r for r in readings if r not in before and r is not end)]


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


def apart(
    spans: Sequence[tuple[date | None, date | None]],
) -> tuple[date | None, date | None, tuple[tuple[date, date], ...]]:
    """First and last day of all windows, and each of them where there are several."""
    whole = [(a, b) for a, b in spans if a is not None and b is not None]
    if not whole or len(whole) < len(spans):
        return None, None, ()
    first, last = min(a for a, _ in whole), max(b for _, b in whole)
    return first, last, tuple(whole) if len(whole) > 1 else ()


def each(question: Question, one: Callable[[Question], Verdict]) -> Verdict:
    """The verdict on a claim that names separate times, from that of each: supported where all are,
    contradicted where any is, else open."""
    parts = [
        (first, last, one(replace(question, first=first, last=last, times=())))
        for first, last in question.times
    ]
    verdicts = [v for _, _, v in parts]
    answers = [v.answer for v in verdicts]
    if Answer.CONTRADICTED in answers:
        answer = Answer.CONTRADICTED
    elif all(a is answers[0] for a in answers):
        answer = answers[0]
    else:
        answer = Answer.INCONCLUSIVE
    powers = [v.power for v in verdicts if v.power is not None]
    weakest = min(powers, key=lambda p: p.low) if len(powers) == len(verdicts) else None
    return replace(
        verdicts[0],
        question_hash=hash_json(to_plain(question)),
        answer=answer,
        reason=" ".join(
            tr("{a} to {b}: {answer}. {reason}", a=a, b=b, answer=v.answer, reason=v.reason)
            for a, b, v in parts
        ),
        measurements=tuple(m for v in verdicts for m in v.measurements),
        sites=tuple(dict.fromkeys(s for v in verdicts for s in v.sites)),
        scenes=tuple(dict.fromkeys(s for v in verdicts for s in v.scenes)),
        power=weakest,
        alternatives=tuple(dict.fromkeys(x for v in verdicts for x in v.alternatives)),
        passes=tuple(dict.fromkeys(x for v in verdicts for x in v.passes)),
    )
