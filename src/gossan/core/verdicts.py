"""What a claim would look like from above, fixed before looking, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from gossan.core.measured import Change
from gossan.core.settings import ADDED
from gossan.core.values import Measurement
from gossan.core.words import tr_later

NEW_GROUND = "new disturbed ground"
NO_NEW_GROUND = "no new disturbed ground"
TOTAL_AREA = "area of disturbed ground"
ON_GROUND = (NEW_GROUND, NO_NEW_GROUND, TOTAL_AREA)
"""What is asked of disturbed ground."""
NOTHING = "nothing measured yet"
"""What is asked where nothing of a claim is measured."""


class Answer(StrEnum):
    """The four verdicts."""

    SUPPORTED = tr_later("supported")
    CONTRADICTED = tr_later("contradicted")
    INCONCLUSIVE = tr_later("inconclusive")
    NOT_OBSERVABLE = tr_later("not observable")


class WaterState(StrEnum):
    """What a claim says of a water."""

    TURBID = tr_later("turbid")
    USUAL = tr_later("as usual")


@dataclass(frozen=True, slots=True)
class StateAsked:
    """A state of a water at a time.

    Attributes
    ----------
    state : see there
    first, last : days on which a look decides, both inclusive
    throughout : True where every look must show it, False where the last one decides
    text : the claim's words
    """

    state: WaterState
    first: date
    last: date
    throughout: bool
    text: str


@dataclass(frozen=True, slots=True)
class WaterAsked:
    """What of which water is asked, and what counts as usual there, fixed before looking.

    Attributes
    ----------
    series : id of the series of turbidity that is looked at
    reference : id of an upstream reach's series: as turbid as that on the same day is usual;
        "" where the place is held against its own past
    normal_until : last day of that past
    states : in the order of the text
    """

    series: str
    reference: str
    normal_until: date
    states: tuple[StateAsked, ...]


@dataclass(frozen=True, slots=True)
class LakesAsked:
    """What is said to have happened to which standing waters.

    Attributes
    ----------
    change : what
    bodies : ids of the series of water area that are looked at
    one : True where the claim can mean none but the one body listed
    denied : True where the claim says that it did not happen
    """

    change: Change
    bodies: tuple[str, ...]
    one: bool
    denied: bool


@dataclass(frozen=True, slots=True)
class WayAsked:
    """Whether water from the sites of the circle goes past a place.

    Attributes
    ----------
    target : name of the place, as in the user's file
    lies : True where the claim is about the lie of the land ("drains to"); False where it says that
        something went that way, which terrain alone cannot show
    denied : True where the claim says that it does not
    """

    target: str
    lies: bool
    denied: bool


@dataclass(frozen=True, slots=True)
class TrafficAsked:
    """How many vehicles are said to have driven in the window.

    Attributes
    ----------
    vehicles : at least so many in all; 0 where the claim states none
    roads : names of the roads followed that the claim names
    denied : True where the claim says that none drove
    """

    vehicles: float
    roads: tuple[str, ...]
    denied: bool


@dataclass(frozen=True, slots=True)
class Circle:
    """Ground within `radius_km` of a point (degrees, EPSG:4326), and whose it is."""

    lon: float
    lat: float
    radius_km: float
    name: str


@dataclass(frozen=True)
class Question:
    """What a claim would look like from above. Recorded before measurements are read.

    Attributes
    ----------
    claim : its id
    observable : what would be measured, in words; `observables.registry` knows who measures it
    quantity, unit : in words, e.g. "new disturbed ground", "ha"
    where : None where the place has no coordinates
    first, last : window of looking, both inclusive; None where the claim has no date
    stated_low, stated_high : area the claim states, ha, None not stated
    minimum_ha : smallest change that would count, ha
    sensor : e.g. "Sentinel-2 L2A, 10 m"
    counts_for, counts_against : what would count, fixed now
    alternatives : other explanations of the same picture
    unanswerable : why nothing can be said, one sentence; empty where something can
    unanswerable_as : the verdict that follows from it
    times : separate times the claim names, first and last day each, of which every one has to be
        answered; empty where the window is one
    water, lakes, way, traffic : what of which water or road is asked, None for other claims
    asked : the same for an observable that another package brings: plain values by name
    """

    claim: str
    observable: str
    quantity: str
    unit: str
    where: Circle | None
    first: date | None
    last: date | None
    stated_low: float | None
    stated_high: float | None
    minimum_ha: float
    sensor: str
    counts_for: str
    counts_against: str
    alternatives: tuple[str, ...]
    unanswerable: str = ""
    unanswerable_as: Answer = Answer.NOT_OBSERVABLE
    water: WaterAsked | None = None
    lakes: LakesAsked | None = None
    way: WayAsked | None = None
    traffic: TrafficAsked | None = None
    asked: Annotated[dict[str, Any], ADDED] = field(default_factory=dict)
    times: Annotated[tuple[tuple[date, date], ...], ADDED] = ()


@dataclass(frozen=True, slots=True)
class Power:
    """How surely the thing claimed would have been seen in these very scenes.

    Attributes
    ----------
    probability : of seeing a change of `size_ha` in the window, 0..1, measured by injection
    low, high : interval of it at `level`
    level : e.g. 0.95
    size_ha : size of what was injected, ha
    n : injections behind it
    method : id of the method
    reason : what was tried and found, one sentence
    """

    probability: float
    low: float
    high: float
    level: float
    size_ha: float
    n: int
    method: str
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the ground says of a claim.

    Attributes
    ----------
    claim : its id
    question_hash : hash of the question it answers
    answer : one of the four
    reason : why, in plain words
    measurements : what it rests on
    sites : ids of the sites concerned
    scenes : ids of the scenes looked at in the window
    power : measured power, None not measured
    alternatives : other explanations, each tested or named as untested
    passes : Sentinel-2 passes in the window as far as known, or a sentence saying none is
    draft : True where the claim was not reviewed
    """

    claim: str
    question_hash: str
    answer: Answer
    reason: str
    measurements: tuple[Measurement, ...] = ()
    sites: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    power: Power | None = None
    alternatives: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    draft: bool = False
