"""Claims that a standing water came, grew, shrank or went: which water, what, and when.

Made from the claim's words and the list of waters that are followed, before any reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from gossan.claims.where import circle_of
from gossan.claims.windows import one_time
from gossan.core.case import SENTINEL2_START
from gossan.core.measured import Change
from gossan.core.statements import Claim, Modality
from gossan.core.transliterate import strict_keys
from gossan.core.verdicts import Answer, Circle, LakesAsked, Observable, Question

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
    Change.APPEARED: "a water that was not there before, first seen inside the window",
    Change.DISAPPEARED: "a water that is gone, last seen inside the window",
    Change.GREW: "a water larger by a fifth or more than before, inside the window",
    Change.SHRANK: "a water smaller by a fifth or more than before, inside the window",
}
_ALTERNATIVES = (
    "a smaller or shorter-lived water than those that are followed",
    "a wet or a dry season, which fills and empties waters everywhere",
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
    change, denied = said[0], said[1] != (claim.modality is Modality.DENIAL)
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
        observable=Observable.WATER_AREA,
        quantity=f"standing water that {change}",
        unit="ha",
        where=where,
        first=first,
        last=last,
        stated_low=None,
        stated_high=None,
        minimum_ha=0.0,
        sensor=SENSOR,
        counts_for=_COUNTS[change],
        counts_against="looks that show the opposite: nothing counts as gone for not being seen",
        alternatives=_ALTERNATIVES,
    )
    why = ""
    if not lakes:
        why = "No standing water of this case is followed: run gossan water."
    elif first is None:
        why = one_time(claim)[1] or "The claim states no date that could be looked at."
    elif where is None and not meant:
        names = ", ".join(k.name for k in lakes)
        why = f"Which water is meant has to be decided. {vague} Followed are: {names}."
    if why:
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    if last is not None and last < SENTINEL2_START:
        why = f"The window ends before the first Sentinel-2 images ({SENTINEL2_START})."
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
