"""Claims on waters: which water, in what state, when, and what counts as usual there.

Made from the claim's words and the list of waters that are followed, before any reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gossan.core.statements import Claim, DateMention, Modality
from gossan.core.transliterate import strict_keys
from gossan.core.verdicts import (
    Answer,
    Circle,
    Observable,
    Question,
    StateAsked,
    WaterAsked,
    WaterState,
)
from gossan.core.water import Role

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
    "rain that washed soil into the river",
    "another source above the place",
    "low water, algae or the bed showing through",
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
        observable=Observable.WATER_STATE,
        quantity="turbidity",
        unit="FNU",
        where=None if place is None else Circle(place.lon, place.lat, RADIUS_KM, place.name),
        first=min((s.first for s in states), default=None),
        last=max((s.last for s in states), default=None),
        stated_low=None,
        stated_high=None,
        minimum_ha=0.0,
        sensor="" if place is None else place.sensor,
        counts_for=" and ".join(f"{s.state.value} {s.text}" for s in states),
        counts_against="a look at its time that shows the opposite, and would have shown a doubling",
        alternatives=_ALTERNATIVES,
    )
    if not says_a_state(claim):
        why = (
            "The claim says nothing of turbidity; pollution that does not colour the water, "
            "metals and fish are not seen from above."
        )
        return replace(made, observable=Observable.NONE, unanswerable=why)
    if not states:
        why = "The claim states no date that could be looked at."
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
        turbid = (m["turbid"] is not None) == (_NOT.search(claim.text[: m.start()]) is None)
        found.append((m.start(), m.end(), turbid != (claim.modality is Modality.DENIAL)))
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
        return None, "No water of this case is followed: run gossan water."
    words = strict_keys(claim.text)
    named = [w for w in waters if any(k and k in t for k in strict_keys(w.name) for t in words)]
    role = Role.DOWNSTREAM if _DOWN.search(claim.text) else None
    role = Role.UPSTREAM if role is None and _UP.search(claim.text) else role
    by_role = [w for w in waters if role is not None and w.role is role]
    for found in (named, by_role, list(waters)):
        if len({w.name for w in found}) == 1:
            return found[0], ""
    names = ", ".join(dict.fromkeys(w.name for w in named or by_role or waters))
    return None, f"Which water is meant has to be decided; followed are: {names}."
