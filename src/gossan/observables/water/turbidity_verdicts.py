"""A claim on the turbidity of a water against the readings of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from statistics import NormalDist

from gossan.claims.explanations import untested
from gossan.core.measured import Reading, Series
from gossan.core.statements import Claim
from gossan.core.verdicts import Answer, Question, StateAsked, Verdict, WaterAsked, WaterState

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


def judge_water(
    q: Question, question_hash: str, claim: Claim, known: Mapping[str, Series]
) -> Verdict:
    """The verdict on a claim whose question asks for a state of a water."""
    assert q.water is not None
    base = Verdict(
        claim.id,
        question_hash,
        Answer.INCONCLUSIVE,
        "",
        draft=not claim.reviewed,
        alternatives=untested(q),
    )
    series = known.get(q.water.series)
    if series is None:
        return replace(base, reason="The series asked for is no longer there: run gossan water.")
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
    span = f"{asked.first} to {asked.last}"
    if not seen:
        hidden = "; ".join(f"{r.day}: {r.why_not}" for r in inside[:3])
        return _Part(_Fits.UNSEEN, f"No reading of {series.place} from {span}. {hidden}".strip())
    decided = seen if asked.throughout or asked.last - asked.first > A_LOOK else seen[-1:]
    judged = []
    for r in decided:
        usual = _usual(r.day, water, series, known)
        if usual is None:
            why = (
                f"What is usual for {series.place} is not known: no reading up to "
                f"{water.normal_until}, and no upstream reach seen on {r.day}. Say the last "
                "usual day with gossan water --normal-until."
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
    chance = f"{power:.2f}" if power < 0.99 else "at least 0.99"
    seen = f"A doubling would have been seen with a chance of {chance}."
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
        why = f"On {r.day} {_number(r)} may be usual or not ({_words(usual)})."
    else:
        why = f"Looks from {asked.first} to {asked.last} lie more than {LONGEST_GAP} days apart."
    return _Part(_Fits.UNSURE, why, tuple(decided))


def _usual(
    day: date, water: WaterAsked, series: Series, known: Mapping[str, Series]
) -> _Range | None:
    """Upstream on the same day where it was seen; else the place's own past."""
    upstream = known.get(water.reference)
    if upstream is not None:
        same = [r for r in upstream.seen if r.day == day]
        if same:
            return _span(same, f"{upstream.place}, upstream, on the same day")
    before = [r for r in series.seen if r.day <= water.normal_until and r.day < day]
    if not before:
        return None
    looks = "1 look" if len(before) == 1 else f"{len(before)} looks"
    return _span(before, f"{looks} at the same place up to {water.normal_until}")


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
    is_ = "turbid" if state is WaterState.TURBID else "as usual"
    return f"On {r.day} it was {is_}: {_number(r)}; {_words(usual)}."


def _number(r: Reading) -> str:
    return f"{r.value:.0f} ({r.low:.0f} to {r.high:.0f}) FNU"


def _words(usual: _Range) -> str:
    return f"usual is {usual.low:.0f} to {usual.high:.0f}, from {usual.of}"
