"""Claims on waters: which water, in what state, when, and what counts as usual there; and the
verdict by the readings of it.

The question is made from the claim's words and the list of waters that are followed, before any
reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from statistics import NormalDist

from gossan.claims.denial import says_not
from gossan.claims.judge import undecided
from gossan.core.measured import Reading, Series
from gossan.core.statements import Claim, DateMention
from gossan.core.transliterate import strict_keys
from gossan.core.verdicts import (
    NOTHING,
    Answer,
    Circle,
    Question,
    StateAsked,
    Verdict,
    WaterAsked,
    WaterState,
)
from gossan.core.water import Role
from gossan.core.words import tr, tr_later
from gossan.observables.water.observable import WATER_STATE

REVISIT = timedelta(5)
"""Sentinel-2 looks at a place every five days: a state by a day is that of the look in the
five days up to it or the two after. What was seen before that is the water's past."""
AFTER = timedelta(2)
RADIUS_KM = 2.0
_TURBID = (
    r"turbid\w*|mudd(?:y|ied)|murky|cloudy|brown|red(?:dish)?|discolou?red|silty|dirty|clouded|"
    r"мутн\w*|бур(?:ой|ая|ый)|грязн\w*"
)
_USUAL = (
    r"clear\b|clean\b|normal\w*|usual|as before|transparent|recovered|чист\w*|прозрачн\w*|норм\w*"
)
_STATE = re.compile(rf"(?i)\b(?:(?P<turbid>{_TURBID})|(?P<usual>{_USUAL}))")
_NOT = re.compile(r"(?i)\b(?:not|never|n't|no longer|не|без)\s+(?:\w+\s+)?$")
_DOWN = re.compile(r"(?i)\b(?:below|downstream|down the river|down-river|ниже)\b")
_UP = re.compile(r"(?i)\b(?:above|upstream|up the river|up-river|выше)\b")
_ALTERNATIVES = (
    tr_later("rain that washed soil into the river"),
    tr_later("another source above the place"),
    tr_later("low water, algae or the bed showing through"),
)


@dataclass(frozen=True, slots=True)
class WaterPlace:
    """A water whose turbidity is followed.

    Attributes
    ----------
    series : id of the series
    name, role : of the reach or lake
    lon, lat : a point on it, degrees
    reference : id of the series of an upstream reach measured in the same way, "" none
    sensor : what it is measured with, in words
    """

    series: str
    name: str
    role: Role
    lon: float
    lat: float
    reference: str
    sensor: str


def water_question(
    claim: Claim, waters: Sequence[WaterPlace], normal_until: date | None
) -> Question:
    """The question for a claim on water; unanswerable where place, state or day is missing."""
    states = states_of(claim)
    place, vague = _place(claim, waters)
    made = Question(
        claim=claim.id,
        observable=WATER_STATE,
        quantity="turbidity",
        unit="FNU",
        where=None if place is None else Circle(place.lon, place.lat, RADIUS_KM, place.name),
        first=min((s.first for s in states), default=None),
        last=max((s.last for s in states), default=None),
        stated_low=None,
        stated_high=None,
        minimum_ha=0.0,
        sensor="" if place is None else place.sensor,
        counts_for=tr(" and ").join(f"{s.state.value} {s.text}" for s in states),
        counts_against=tr(
            "a look at its time that shows the opposite, and would have shown a doubling"
        ),
        alternatives=_ALTERNATIVES,
    )
    if not says_a_state(claim):
        why = tr(
            "The claim says nothing of turbidity; pollution that does not colour the water, "
            "metals and fish are not seen from above."
        )
        return replace(made, observable=NOTHING, unanswerable=why)
    if not states:
        why = tr("The claim states no date that could be looked at.")
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    if place is None:
        return replace(made, unanswerable=vague, unanswerable_as=Answer.INCONCLUSIVE)
    until = normal_until or min(s.first for s in states) - timedelta(1)
    return replace(made, water=WaterAsked(place.series, place.reference, until, states))


def says_a_state(claim: Claim) -> bool:
    """True where a claim says that a water was turbid, or as usual."""
    return bool(_STATE.search(claim.text))


def states_of(claim: Claim) -> tuple[StateAsked, ...]:
    """States with their times: a date belongs to the state said last before it, or, where none
    is, to the next one. A denial turns them round."""
    found = []
    for m in _STATE.finditer(claim.text):
        not_so = says_not(claim, words=_NOT.search(claim.text[: m.start()]) is not None)
        found.append((m.start(), m.end(), (m["turbid"] is not None) != not_so))
    out = []
    for mention in claim.dates:
        at = mention.span[0] - claim.span[0]
        before = [s for s in found if s[1] <= at]
        after = [s for s in found if s[0] >= at]
        if mention.reading is None or not (before or after):
            continue
        turbid = (before[-1] if before else after[0])[2]
        asked = _when(mention, WaterState.TURBID if turbid else WaterState.USUAL)
        if asked is not None:
            out.append(asked)
    return tuple(out)


def _when(mention: DateMention, state: WaterState) -> StateAsked | None:
    """A day stands for the look of its revisit; a longer time for every look in it."""
    assert mention.reading is not None
    first, last = mention.reading.first, mention.reading.last
    if last is None:
        return None
    if first is None or first == last:
        return StateAsked(state, last - REVISIT + timedelta(1), last + AFTER, False, mention.text)
    return StateAsked(state, first, last, state is WaterState.USUAL, mention.text)


def _place(claim: Claim, waters: Sequence[WaterPlace]) -> tuple[WaterPlace | None, str]:
    """The water meant: by name, else by "below" or "above", else the only one there is."""
    if not waters:
        return None, tr("No water of this case is followed: run gossan water.")
    words = strict_keys(claim.text)
    named = [w for w in waters if any(k and k in t for k in strict_keys(w.name) for t in words)]
    role = Role.DOWNSTREAM if _DOWN.search(claim.text) else None
    role = Role.UPSTREAM if role is None and _UP.search(claim.text) else role
    by_role = [w for w in waters if role is not None and w.role is role]
    for found in (named, by_role, list(waters)):
        if len({w.name for w in found}) == 1:
            return found[0], ""
    names = ", ".join(dict.fromkeys(w.name for w in named or by_role or waters))
    return None, tr("Which water is meant has to be decided; followed are: {names}.", names=names)


DOUBLING = 2.0
"""A rise that small must have been likely to be seen before "not turbid" counts."""
ENOUGH_POWER = 0.8
LONGEST_GAP = 10
"""Days without a look in a time of which something is said throughout: a plume may pass."""
A_LOOK = timedelta(7)
"""A time up to this long is one day's: its last look decides, not each of them."""
Z = 1.959964


class _Fits(Enum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class _Range:
    """What is usual: lowest low and highest high, FNU, and in words what they rest on."""

    low: float
    high: float
    of: str


@dataclass(frozen=True)
class _Part:
    """What came of one state asked: whether it fits, why, and the readings that decide."""

    fits: _Fits
    why: str
    readings: tuple[Reading, ...] = ()


def judge_water(q: Question, claim: Claim, known: Mapping[str, Series]) -> Verdict:
    """The verdict on a claim whose question asks for a state of a water."""
    assert q.water is not None
    base = undecided(q, claim)
    series = known.get(q.water.series)
    if series is None:
        return replace(
            base, reason=tr("The series asked for is no longer there: run gossan water.")
        )
    parts = [_part(asked, q.water, series, known) for asked in q.water.states]
    used = {r.day: r for part in parts for r in part.readings}
    base = replace(
        base,
        reason=" ".join(p.why for p in parts),
        measurements=tuple(series.measured(used[d]) for d in sorted(used)),
        scenes=tuple(dict.fromkeys(used[d].scene for d in sorted(used))),
    )
    fits = {p.fits for p in parts}
    if _Fits.NO in fits:
        return replace(base, answer=Answer.CONTRADICTED)
    if fits == {_Fits.YES}:
        return replace(base, answer=Answer.SUPPORTED)
    return replace(base, answer=Answer.NOT_OBSERVABLE) if fits == {_Fits.UNSEEN} else base


def _part(
    asked: StateAsked, water: WaterAsked, series: Series, known: Mapping[str, Series]
) -> _Part:
    inside = [r for r in series.readings if asked.first <= r.day <= asked.last]
    seen = [r for r in inside if r.value is not None]
    span = tr("{first} to {last}", first=asked.first, last=asked.last)
    if not seen:
        hidden = "; ".join(f"{r.day}: {r.why_not}" for r in inside[:3])
        return _Part(
            _Fits.UNSEEN,
            tr(
                "No reading of {place} from {span}. {hidden}",
                place=series.place,
                span=span,
                hidden=hidden,
            ).strip(),
        )
    decided = seen if asked.throughout or asked.last - asked.first > A_LOOK else seen[-1:]
    judged = []
    for r in decided:
        usual = _usual(r.day, water, series, known)
        if usual is None:
            why = tr(
                "What is usual for {place} is not known: no reading up to {normal_until}, and no "
                "upstream reach seen on {day}. Say the last usual day with gossan water "
                "--normal-until.",
                place=series.place,
                normal_until=water.normal_until,
                day=r.day,
            )
            return _Part(_Fits.UNSURE, why, (r,))
        judged.append((r, usual, _state(r, usual)))
    turbid = [j for j in judged if j[2] is WaterState.TURBID]
    usual_now = [j for j in judged if j[2] is WaterState.USUAL]
    if asked.state is WaterState.TURBID:
        if turbid:
            return _Part(_Fits.YES, _said(*turbid[0]), (turbid[0][0],))
        return _against(judged, usual_now, asked, decided)
    if turbid:
        return _Part(_Fits.NO, _said(*turbid[0]), (turbid[0][0],))
    if len(usual_now) == len(judged) and (not asked.throughout or not _gap(asked, decided)):
        r, usual, _ = judged[-1]
        return _Part(_Fits.YES, _said(r, usual, WaterState.USUAL), tuple(decided))
    return _unsure(judged, asked, decided)


def _against(
    judged: Sequence[tuple[Reading, _Range, WaterState | None]],
    usual_now: Sequence[tuple[Reading, _Range, WaterState | None]],
    asked: StateAsked,
    decided: Sequence[Reading],
) -> _Part:
    """Said to be turbid, and no look shows it: that counts where a doubling would have shown."""
    long = asked.last - asked.first > A_LOOK
    if len(usual_now) < len(judged) or (long and _gap(asked, decided)):
        return _unsure(judged, asked, decided)
    r, usual, _ = judged[-1]
    power = min(_power(x) for x in decided)
    chance = f"{power:.2f}" if power < 0.99 else tr("at least 0.99")
    seen = tr("A doubling would have been seen with a chance of {chance}.", chance=chance)
    why = f"{_said(r, usual, WaterState.USUAL)} {seen}"
    return _Part(_Fits.NO if power >= ENOUGH_POWER else _Fits.UNSURE, why, tuple(decided))


def _unsure(
    judged: Sequence[tuple[Reading, _Range, WaterState | None]],
    asked: StateAsked,
    decided: Sequence[Reading],
) -> _Part:
    open_ = next((j for j in judged if j[2] is None), None)
    if open_ is not None:
        r, usual, _ = open_
        why = tr(
            "On {day} {r} may be usual or not ({usual}).",
            day=r.day,
            r=_number(r),
            usual=_words(usual),
        )
    else:
        why = tr(
            "Looks from {first} to {last} lie more than {longest_gap} days apart.",
            first=asked.first,
            last=asked.last,
            longest_gap=LONGEST_GAP,
        )
    return _Part(_Fits.UNSURE, why, tuple(decided))


def _usual(
    day: date, water: WaterAsked, series: Series, known: Mapping[str, Series]
) -> _Range | None:
    """Upstream on the same day where it was seen; else the place's own past."""
    upstream = known.get(water.reference)
    if upstream is not None:
        same = [r for r in upstream.seen if r.day == day]
        if same:
            return _span(same, tr("{place}, upstream, on the same day", place=upstream.place))
    before = [r for r in series.seen if r.day <= water.normal_until and r.day < day]
    if not before:
        return None
    looks = tr("1 look") if len(before) == 1 else tr("{n_before} looks", n_before=len(before))
    return _span(
        before,
        tr(
            "{looks} at the same place up to {normal_until}",
            looks=looks,
            normal_until=water.normal_until,
        ),
    )


def _span(readings: Sequence[Reading], of: str) -> _Range:
    return _Range(min(r.low or 0.0 for r in readings), max(r.high or 0.0 for r in readings), of)


def _state(r: Reading, usual: _Range) -> WaterState | None:
    """Turbid where all of the interval lies above what is usual; usual where the value does not;
    None where only a part of the interval does."""
    assert r.value is not None
    assert r.low is not None
    if r.low > usual.high:
        return WaterState.TURBID
    return WaterState.USUAL if r.value <= usual.high else None


def _power(r: Reading) -> float:
    """Chance that water twice as turbid as the highest usual would have read above it."""
    assert r.value is not None
    assert r.high is not None
    sd = math.log(max(r.high, 1e-6) / max(r.value, 1e-6)) / Z if r.value > 0 else math.inf
    return NormalDist().cdf(math.log(DOUBLING) / sd) if sd > 0 else 1.0


def _gap(asked: StateAsked, seen: Sequence[Reading]) -> bool:
    days = [asked.first, *(r.day for r in seen), asked.last]
    return any((b - a).days > LONGEST_GAP for a, b in pairwise(days))


def _said(r: Reading, usual: _Range, state: WaterState | None) -> str:
    is_ = "turbid" if state is WaterState.TURBID else tr("as usual")
    return tr(
        "On {day} it was {is_}: {r}; {usual}.",
        day=r.day,
        is_=is_,
        r=_number(r),
        usual=_words(usual),
    )


def _number(r: Reading) -> str:
    return tr("{r:.0f} ({low:.0f} to {high:.0f}) FNU", r=r.value, low=r.low, high=r.high)


def _words(usual: _Range) -> str:
    return tr(
        "usual is {low:.0f} to {high:.0f}, from {of}", low=usual.low, high=usual.high, of=usual.of
    )
