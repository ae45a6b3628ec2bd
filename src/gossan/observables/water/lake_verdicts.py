"""A claim that a standing water came, grew, shrank or went, against its area through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gossan.claims.explanations import untested
from gossan.core.measured import Change, Event, Reading, Series
from gossan.core.statements import Claim
from gossan.core.verdicts import Answer, Question, Verdict

LONGEST_GAP = 20
"""Days between two looks that both show water, within which it is not said to have been there
throughout: a pond can be pumped dry and fill again."""
_SHOWN_BY = {
    Change.APPEARED: (Change.APPEARED,),
    Change.GREW: (Change.GREW, Change.APPEARED),
    Change.SHRANK: (Change.SHRANK, Change.DISAPPEARED),
    Change.DISAPPEARED: (Change.DISAPPEARED,),
}
_TURNED = {Answer.SUPPORTED: Answer.CONTRADICTED, Answer.CONTRADICTED: Answer.SUPPORTED}


@dataclass(frozen=True)
class _Seen:
    """An answer to the claim as if it denied nothing, why, and the readings it rests on."""

    answer: Answer
    why: str
    readings: tuple[tuple[Series, Reading], ...] = ()


def judge_lakes(
    q: Question, question_hash: str, claim: Claim, known: Mapping[str, Series]
) -> Verdict:
    """The verdict on a claim whose question asks for a standing water.

    Water that was seen contradicts that it was gone; that none was seen contradicts nothing.
    """
    assert q.lakes is not None
    base = Verdict(
        claim.id,
        question_hash,
        Answer.INCONCLUSIVE,
        "",
        draft=not claim.reviewed,
        alternatives=untested(q),
    )
    bodies = [known[i] for i in q.lakes.bodies if i in known]
    if len(bodies) < len(q.lakes.bodies):
        return replace(base, reason="The series asked for is no longer there: run gossan water.")
    if not bodies:
        return replace(
            base,
            reason="No standing water of four pixels, at three looks in a row, was "
            "found there; smaller or shorter-lived ones are not kept.",
        )
    seen = _seen(q, bodies)
    answer = _TURNED.get(seen.answer, seen.answer) if q.lakes.denied else seen.answer
    return replace(
        base,
        answer=answer,
        reason=seen.why[:1].upper() + seen.why[1:],
        measurements=tuple(s.measured(r) for s, r in seen.readings),
        scenes=tuple(dict.fromkeys(r.scene for _, r in seen.readings if r.scene)),
    )


def _seen(q: Question, bodies: Sequence[Series]) -> _Seen:
    assert q.lakes is not None
    wanted = _SHOWN_BY[q.lakes.change]
    events = [(s, e) for s in bodies for e in s.events if e.change in wanted]
    fixed = [x for x in events if _fixed(x[1], q)]
    if fixed:
        return _Seen(Answer.SUPPORTED, _told(fixed), _around(fixed))
    touching = [x for x in events if _touches(x[1], q)]
    if touching:
        why = f"{_told(touching)} The images do not fix that to {q.first} to {q.last}."
        return _Seen(Answer.INCONCLUSIVE, why, _around(touching))
    inside = [(s, r) for s in bodies for r in s.readings if _within(r, q)]
    values = [(s, r) for s, r in inside if r.value is not None]
    if not values:
        hidden = "; ".join(f"{r.day}: {r.why_not}" for _, r in inside[:3])
        return _Seen(Answer.NOT_OBSERVABLE, f"No area from {q.first} to {q.last}. {hidden}".strip())
    if len(bodies) == 1:
        return _one(q, bodies[0], values)
    names = ", ".join(s.place for s in bodies)
    return _Seen(
        Answer.INCONCLUSIVE,
        f"None of {names} {q.lakes.change} then, as far as looks show; "
        "which one is meant has to be decided.",
        tuple(values[-1:]),
    )


def _one(q: Question, body: Series, values: Sequence[tuple[Series, Reading]]) -> _Seen:
    """One water for which no such event was found: do its looks show the opposite?"""
    assert q.lakes is not None
    change, wet = q.lakes.change, [r for _, r in values]
    sizes = f"{body.place} covered {_span(wet)} ha at {_looks(wet)} from {q.first} to {q.last}"
    if change is Change.DISAPPEARED and _throughout(q, body, wet):
        return _Seen(
            Answer.CONTRADICTED,
            f"{sizes}, at most {LONGEST_GAP} days apart: it was there throughout.",
            tuple(values),
        )
    opposite = {
        Change.GREW: (Change.SHRANK, Change.DISAPPEARED),
        Change.SHRANK: (Change.GREW, Change.APPEARED),
    }.get(change, ())
    against = [(body, e) for e in body.events if e.change in opposite and _fixed(e, q)]
    if against:
        return _Seen(Answer.CONTRADICTED, _told(against), _around(against))
    before = [r for r in body.seen if q.first is not None and r.day < q.first]
    if change is Change.APPEARED and q.lakes.one and before and _is_there(body, before[-1]):
        r = before[-1]
        return _Seen(
            Answer.CONTRADICTED,
            f"{body.place} was there before: {_area(r)} on {r.day}.",
            ((body, r),),
        )
    return _Seen(
        Answer.INCONCLUSIVE,
        f"{sizes}. No such change was found; looks far apart or a small change leave it open.",
        tuple(values[-1:]),
    )


def _throughout(q: Question, body: Series, wet: Sequence[Reading]) -> bool:
    assert q.first is not None
    assert q.last is not None
    days = [q.first, *(r.day for r in wet), q.last]
    close = all((b - a).days <= LONGEST_GAP for a, b in pairwise(days))
    return close and all(_is_there(body, r) for r in wet)


def _is_there(body: Series, r: Reading) -> bool:
    """Sure to be more than what counts as gone, which is a tenth of the largest area."""
    largest = max(x.value or 0.0 for x in body.seen)
    return (r.low or 0.0) > max(body.detection_limit or 0.0, 0.1 * largest)


def _fixed(e: Event, q: Question) -> bool:
    assert q.first is not None
    assert q.last is not None
    before = e.when.last_unchanged
    return before is not None and q.first <= before and e.when.first_changed <= q.last


def _touches(e: Event, q: Question) -> bool:
    assert q.first is not None
    assert q.last is not None
    before = e.when.last_unchanged
    return e.when.first_changed >= q.first and (before is None or before < q.last)


def _within(r: Reading, q: Question) -> bool:
    assert q.first is not None
    assert q.last is not None
    return q.first <= r.day <= q.last


def _around(events: Sequence[tuple[Series, Event]]) -> tuple[tuple[Series, Reading], ...]:
    """The readings between which each event lies."""
    return tuple(
        (s, r)
        for s, e in events
        for r in s.seen
        if r.day in (e.when.last_unchanged, e.when.first_changed)
    )


def _told(events: Sequence[tuple[Series, Event]]) -> str:
    parts = []
    for s, e in events:
        at = {r.day: r for r in s.seen}
        sizes = [_area(at[d]) for d in (e.when.last_unchanged, e.when.first_changed) if d in at]
        parts.append(
            f"{s.place} {e.change.value} after {e.when.last_unchanged} and by "
            f"{e.when.first_changed}: {', then '.join(sizes)}."
        )
    return " ".join(parts)


def _area(r: Reading) -> str:
    return f"{r.value:.2f} ha ({r.low:.2f} to {r.high:.2f})"


def _span(readings: Sequence[Reading]) -> str:
    values = [r.value or 0.0 for r in readings]
    return f"{min(values):.2f} to {max(values):.2f}"


def _looks(readings: Sequence[Reading]) -> str:
    return "1 look" if len(readings) == 1 else f"{len(readings)} looks"
