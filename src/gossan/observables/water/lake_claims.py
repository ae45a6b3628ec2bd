"""Claims that a standing water came, grew, shrank or went: which water, what, and when; and the
verdict by its area through time.

The question is made from the claim's words and the list of waters that are followed, before any
reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from gossan.claims.denial import says_not
from gossan.claims.judge import undecided
from gossan.claims.where import circle_of
from gossan.claims.windows import one_time
from gossan.core.case import SENTINEL2_START
from gossan.core.measured import Change, Event, Reading, Series
from gossan.core.statements import Claim
from gossan.core.transliterate import strict_keys
from gossan.core.verdicts import Answer, Circle, LakesAsked, Question, Verdict
from gossan.core.words import tr, tr_later, tr_now
from gossan.observables.water.observable import WATER_AREA

_LAKE = (
    r"(?:lakes?|ponds?|reservoirs?|lagoons?|pools?|water bod(?:y|ies)|tailings (?:dams?|storage|facility)|"
    r"озер\w+|пруд\w*|водо[её]м\w*|водохранилищ\w*|хвостохранилищ\w*)\b"
)
_VERBS = {
    Change.DISAPPEARED: (
        r"dr(?:ied|y) (?:up|out)|(?:ran|run|fell|fallen|gone?|went|pumped|is|was|were|lay) dry|drained|empt(?:ied|y)|"
        r"disappeared?|vanish(?:ed)?|pumped out|высох\w*|пересох\w*|осуш\w+|исчез\w*|откач\w+|спущен\w*"
    ),
    Change.APPEARED: (
        r"appear(?:ed)?|formed|emerged?|came into being|(?:was|were|been) (?:created|built|dug)|flooded|"
        r"filled(?: up)?(?: with water)?|появил\w*|образовал\w*|возник\w*|заполнил\w*"
    ),
    Change.GREW: (
        r"gr(?:ew|own|ow(?:ing)?)|expand\w*|enlarg\w*|widen\w*|doubled|swell\w*|swollen|расшир\w+|увелич\w+|разросл\w+"
    ),
    Change.SHRANK: r"shr(?:ank|unk|ink\w*)|reced\w+|halved|уменьш\w+|сократил\w*|обмелел\w*",
}
_MADE = r"(?:new|появил\w*|образовал\w*|возник\w*)\s+(?:\w+\s+){0,2}"
_APART = r"(?:near|at|by|in|into|to|from|of|beside|along|above|below|around|у|около|возле|в|из|к)"
_AT = re.compile(rf"(?i)\b{_APART}\s+(?:(?:the|a|an|this|that)\s+)?(?:\w+\s+)?$")
_OF_LAKE = re.compile(
    r"(?i)\b(?:size|area|level|surface|extent|volume|water) of (?:the |a )?(?:\w+ )?$"
)
_NOT = re.compile(r"(?i)\b(?:not|never|n't|nor|не)\s+(?:\w+\s+)?$")
_PASSIVE = {
    change: re.compile(
        rf"(?i)\b(?P<lake>{_LAKE})(?:[\s,]+[^\s,.;]+){{0,6}}?[\s,]+(?P<verb>(?:{verbs})\b)"
    )
    for change, verbs in _VERBS.items()
}
_ACTIVE = {
    change: re.compile(
        rf"(?i)\b(?P<verb>(?:{verbs}))\s+(?:(?!{_APART}\b)\w+\s+){{0,4}}?(?P<lake>{_LAKE})"
    )
    for change, verbs in _VERBS.items()
}
_NEW = re.compile(rf"(?i)\b(?P<verb>{_MADE})(?P<lake>{_LAKE})")
_COUNTS = {
    Change.APPEARED: tr_later("a water that was not there before, first seen inside the window"),
    Change.DISAPPEARED: tr_later("a water that is gone, last seen inside the window"),
    Change.GREW: tr_later("a water larger by a fifth or more than before, inside the window"),
    Change.SHRANK: tr_later("a water smaller by a fifth or more than before, inside the window"),
}
_ALTERNATIVES = (
    tr_later("a smaller or shorter-lived water than those that are followed"),
    tr_later("a wet or a dry season, which fills and empties waters everywhere"),
)
SENSOR = "Sentinel-2 L2A, wet share of 10 m pixels"


@dataclass(frozen=True, slots=True)
class LakePlace:
    """A standing water that is followed: id of its series, its name, a point on it in degrees."""

    series: str
    name: str
    lon: float
    lat: float


def lake_change(text: str) -> tuple[Change, bool] | None:
    """What a sentence says happened to a lake or pond, and whether it denies it; None nothing."""
    for change in _VERBS:
        for pattern in (_PASSIVE[change], _ACTIVE[change]):
            for m in pattern.finditer(text):
                before = text[: m.start("lake")]
                if (
                    pattern is _PASSIVE[change]
                    and _AT.search(before)
                    and not _OF_LAKE.search(before)
                ):
                    continue  # "the mine near the lake expanded"
                return change, bool(_NOT.search(text[: m.start("verb")]))
    new = _NEW.search(text)
    return None if new is None else (Change.APPEARED, bool(_NOT.search(text[: new.start()])))


def lake_question(claim: Claim, lakes: Sequence[LakePlace], published: date | None) -> Question:
    """The question for a claim on a standing water's area."""
    said = lake_change(claim.text)
    assert said is not None
    change, denied = said[0], says_not(claim, words=said[1])
    first, last = _window(claim, published)
    where, vague = circle_of(claim)
    named = _named(claim, lakes)
    meant = named or [k for k in lakes if where is not None and _inside(k, where)]
    if where is None and not named and len(lakes) == 1:
        meant, vague = list(lakes), ""
    if where is None and len(meant) == 1:
        where = Circle(meant[0].lon, meant[0].lat, 1.0, meant[0].name)
    made = Question(
        claim=claim.id,
        observable=WATER_AREA,
        quantity=tr("standing water that {change}", change=change),
        unit="ha",
        where=where,
        first=first,
        last=last,
        stated_low=None,
        stated_high=None,
        minimum_ha=0.0,
        sensor=SENSOR,
        counts_for=tr_now(_COUNTS[change]),
        counts_against=tr(
            "looks that show the opposite: nothing counts as gone for not being seen"
        ),
        alternatives=_ALTERNATIVES,
    )
    why = ""
    if not lakes:
        why = tr("No standing water of this case is followed: run gossan water.")
    elif first is None:
        why = one_time(claim)[1] or tr("The claim states no date that could be looked at.")
    elif where is None and not meant:
        names = ", ".join(k.name for k in lakes)
        why = tr(
            "Which water is meant has to be decided. {vague} Followed are: {names}.",
            vague=vague,
            names=names,
        )
    if why:
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    if last is not None and last < SENTINEL2_START:
        why = tr(
            "The window ends before the first Sentinel-2 images ({first}).", first=SENTINEL2_START
        )
        return replace(made, unanswerable=why)
    bodies = tuple(k.series for k in meant)
    return replace(made, lakes=LakesAsked(change, bodies, len(named) == 1, denied))


def _window(claim: Claim, published: date | None) -> tuple[date | None, date | None]:
    reading, _ = one_time(claim)
    if reading is None:
        return None, None
    first, last = reading.first or SENTINEL2_START, reading.last or published
    return (None, None) if last is None or last < first else (first, last)


def _named(claim: Claim, lakes: Sequence[LakePlace]) -> list[LakePlace]:
    words = strict_keys(claim.text)
    return [
        k
        for k in lakes
        if any(
            key and re.search(rf"\b{re.escape(key)}\b", t)
            for key in strict_keys(k.name)
            for t in words
        )
    ]


def _inside(lake: LakePlace, circle: Circle) -> bool:
    east = (lake.lon - circle.lon) * 111.32 * math.cos(math.radians(circle.lat))
    return math.hypot(east, (lake.lat - circle.lat) * 110.57) <= circle.radius_km


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


def judge_lakes(q: Question, claim: Claim, known: Mapping[str, Series]) -> Verdict:
    """The verdict on a claim whose question asks for a standing water.

    Water that was seen contradicts that it was gone; that none was seen contradicts nothing.
    """
    assert q.lakes is not None
    base = undecided(q, claim)
    bodies = [known[i] for i in q.lakes.bodies if i in known]
    if len(bodies) < len(q.lakes.bodies):
        return replace(
            base, reason=tr("The series asked for is no longer there: run gossan water.")
        )
    if not bodies:
        return replace(
            base,
            reason=tr(
                "No standing water of four pixels, at three looks in a row, was found there; "
                "smaller or shorter-lived ones are not kept."
            ),
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
        why = tr(
            "{touching} The images do not fix that to {first} to {last}.",
            touching=_told(touching),
            first=q.first,
            last=q.last,
        )
        return _Seen(Answer.INCONCLUSIVE, why, _around(touching))
    inside = [(s, r) for s in bodies for r in s.readings if _within(r, q)]
    values = [(s, r) for s, r in inside if r.value is not None]
    if not values:
        hidden = "; ".join(f"{r.day}: {r.why_not}" for _, r in inside[:3])
        return _Seen(
            Answer.NOT_OBSERVABLE,
            tr(
                "No area from {first} to {last}. {hidden}",
                first=q.first,
                last=q.last,
                hidden=hidden,
            ).strip(),
        )
    if len(bodies) == 1:
        return _one(q, bodies[0], values)
    names = ", ".join(s.place for s in bodies)
    return _Seen(
        Answer.INCONCLUSIVE,
        tr(
            "None of {names} {change} then, as far as looks show; which one is meant has to be "
            "decided.",
            names=names,
            change=q.lakes.change,
        ),
        tuple(values[-1:]),
    )


def _one(q: Question, body: Series, values: Sequence[tuple[Series, Reading]]) -> _Seen:
    """One water for which no such event was found: do its looks show the opposite?"""
    assert q.lakes is not None
    change, wet = q.lakes.change, [r for _, r in values]
    sizes = tr(
        "{place} covered {wet} ha at {wet2} from {first} to {last}",
        place=body.place,
        wet=_span(wet),
        wet2=_looks(wet),
        first=q.first,
        last=q.last,
    )
    if change is Change.DISAPPEARED and _throughout(q, body, wet):
        return _Seen(
            Answer.CONTRADICTED,
            tr(
                "{sizes}, at most {longest_gap} days apart: it was there throughout.",
                sizes=sizes,
                longest_gap=LONGEST_GAP,
            ),
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
            tr("{place} was there before: {r} on {day}.", place=body.place, r=_area(r), day=r.day),
            ((body, r),),
        )
    return _Seen(
        Answer.INCONCLUSIVE,
        tr(
            "{sizes}. No such change was found; looks far apart or a small change leave it open.",
            sizes=sizes,
        ),
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
            tr(
                "{place} {change} after {last_unchanged} and by {first_changed}: {sizes}.",
                place=s.place,
                change=tr_now(e.change.value),
                last_unchanged=e.when.last_unchanged,
                first_changed=e.when.first_changed,
                sizes=tr(", then ").join(sizes),
            )
        )
    return " ".join(parts)


def _area(r: Reading) -> str:
    return tr("{r:.2f} ha ({low:.2f} to {high:.2f})", r=r.value, low=r.low, high=r.high)


def _span(readings: Sequence[Reading]) -> str:
    values = [r.value or 0.0 for r in readings]
    return tr("{values:.2f} to {values2:.2f}", values=min(values), values2=max(values))


def _looks(readings: Sequence[Reading]) -> str:
    return (
        tr("1 look") if len(readings) == 1 else tr("{n_readings} looks", n_readings=len(readings))
    )
