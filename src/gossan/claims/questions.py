"""What a claim would look like from above. Made from the claim alone, before anything is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from gossan.claims.where import circle_of
from gossan.claims.windows import UNDECIDED, apart, times
from gossan.core.case import SENTINEL2_START
from gossan.core.statements import (
    Claim,
    ClaimType,
    DateReading,
    Direction,
    Modality,
    Precision,
    Quantity,
    Report,
)
from gossan.core.verdicts import Answer, Observable, Question
from gossan.observables.kind.tailings import NOT_SEEN, about_new_ground
from gossan.observables.terrain.claims import way_question
from gossan.observables.traffic.claims import traffic_question
from gossan.observables.vegetation.claims import about_vegetation
from gossan.observables.water.lake_claims import LakePlace, lake_change, lake_question
from gossan.observables.water.turbidity_claims import WaterPlace, says_a_state, water_question

SENSOR = "Sentinel-2 L2A, 10 m pixels"
AFTER_HALT = timedelta(90)
"""How long after a halt the ground is watched, where the claim names no end."""

NEVER_JUDGED = (ClaimType.EVENT, ClaimType.OWNERSHIP, ClaimType.OTHER)
NOT_MEASURED: Mapping[ClaimType, str] = {
    ClaimType.TAILINGS: NOT_SEEN,
    ClaimType.TRAFFIC: (
        "Single vehicles cannot be told from images with 10 m pixels taken every few days: a "
        "truck fills less than one pixel for one moment, and what it carries is not seen at all. How "
        "many passes it would take gossan traffic says, given a file of roads."
    ),
}
NO_DATE = "The claim states no date that could be looked at."
AREAS = (Observable.TOTAL_AREA, Observable.VEGETATION_LOST)
_UNDERGROUND = re.compile(r"(?i)\bunderground|\bshaft|\btunnel|подземн|штольн")
UNTESTED = ("works of somebody else within the circle",)
"""Other explanations that nothing measured can test; those that can be are in `explanations`."""
UNMEASURED: Mapping[ClaimType, tuple[str, ...]] = {
    ClaimType.TAILINGS: ("a natural pond, a reservoir or wet ground in the same place",),
    ClaimType.TRAFFIC: ("other vehicles on the same road, or loads of another kind",),
}
"""The same for claims of which nothing is measured."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What of the case a question fixes.

    Attributes
    ----------
    minimum_ha : smallest patch kept, ha
    waters : the waters whose turbidity is followed, without what was read of them
    lakes : the standing waters whose area is followed, likewise
    targets : names of the places that water could reach
    roads : names of the roads on which vehicles are looked for; None where none are
    normal_until : last day on which the waters are taken to be as usual; None not said
    """

    minimum_ha: float
    waters: tuple[WaterPlace, ...] = ()
    lakes: tuple[LakePlace, ...] = ()
    targets: tuple[str, ...] = ()
    roads: tuple[str, ...] | None = None
    normal_until: date | None = None


def judged(claim: Claim) -> bool:
    """False for what stands in the chronicle only: events, seats, demands and plans."""
    return claim.type not in NEVER_JUDGED and claim.modality not in (Modality.DEMAND, Modality.PLAN)


def question(claim: Claim, report: Report, seen: Seen) -> Question | None:
    """The question for a claim, None where nothing is ever judged."""
    if not judged(claim):
        return None
    wet = _of_water(claim, report, seen)
    if wet is not None:
        return wet
    if claim.type is ClaimType.TRAFFIC and seen.roads is not None:
        return traffic_question(claim, report.published.day, seen.roads)
    observable = _observable(claim)
    told = times(claim)
    if told and observable in AREAS:
        told = told[:1]  # one area is stated, of one time
    first, last, several = apart(
        [_window(claim, t, report.published.day, observable) for t in told or (None,)]
    )
    where, vague = circle_of(claim)
    low, high = _stated(claim)
    made = Question(
        claim=claim.id,
        observable=observable,
        quantity=observable.value,
        unit="ha",
        where=where,
        first=first,
        last=last,
        stated_low=low,
        stated_high=high,
        minimum_ha=seen.minimum_ha,
        sensor=SENSOR,
        counts_for=_for(claim, observable),
        counts_against=_against(claim, observable),
        alternatives=UNMEASURED.get(claim.type, UNTESTED),
        times=several,
    )
    if observable is Observable.NONE:
        return replace(made, unanswerable=NOT_MEASURED[claim.type])
    if last is not None and last < SENTINEL2_START:
        why = f"The window ends before the first Sentinel-2 images ({SENTINEL2_START})."
        return replace(made, unanswerable=why)
    if _UNDERGROUND.search(claim.text):
        return replace(made, unanswerable="Works under ground are not seen from above.")
    open_ends = [
        w
        for w, missing in (
            (vague, where is None),
            (NO_DATE if told is not None else UNDECIDED, first is None),
        )
        if missing
    ]
    if open_ends:
        why = " ".join(open_ends)
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    if observable in AREAS and low is None and high is None:
        why = "The claim states no area that could be compared."
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    return made


def _of_water(claim: Claim, report: Report, seen: Seen) -> Question | None:
    """The question for a claim on water or tailings that asks for a water's colour, area or way."""
    if claim.type not in (ClaimType.WATER, ClaimType.TAILINGS):
        return None
    if says_a_state(claim):
        return water_question(claim, seen.waters, seen.normal_until)
    if lake_change(claim.text) is not None:
        return lake_question(claim, seen.lakes, report.published.day)
    way = way_question(claim, seen.targets)
    if way is not None or claim.type is ClaimType.TAILINGS:
        return way
    return water_question(claim, seen.waters, seen.normal_until)


def _observable(claim: Claim) -> Observable:
    if claim.type is ClaimType.TAILINGS and about_new_ground(claim):
        return Observable.TAILINGS
    if claim.type in NOT_MEASURED:
        return Observable.NONE
    if claim.type is ClaimType.AREA:
        plants = about_vegetation(claim.text)
        return Observable.VEGETATION_LOST if plants else Observable.TOTAL_AREA
    halted = claim.direction is Direction.HALTED
    denied = claim.modality is Modality.DENIAL
    return Observable.NO_NEW_GROUND if halted != denied else Observable.NEW_GROUND


def _window(
    claim: Claim, reading: DateReading | None, published: date | None, observable: Observable
) -> tuple[date | None, date | None]:
    """First and last day looked at. A statement says nothing of days after its publication,
    but a halt is watched for a time, since a single day without works shows nothing."""
    if reading is None:
        if claim.type is ClaimType.AREA and not claim.dates and published:
            return published, published
        return None, None
    first, last = reading.first, reading.last or published
    halt = observable is Observable.NO_NEW_GROUND and claim.direction is Direction.HALTED
    if (
        halt
        and first is not None
        and (last is None or reading.precision is Precision.DAY or reading.last is None)
    ):
        last = first + AFTER_HALT
    return (None, None) if first is None or last is None or last < first else (first, last)


def _stated(claim: Claim) -> tuple[float | None, float | None]:
    """The area a claim states, ha."""
    factor = {"ha": 1.0, "km2": 100.0, "m2": 1e-4}
    areas = [q for q in claim.quantities if q.unit in factor]
    if not areas:
        return None, None
    q: Quantity = areas[0]
    by = factor[q.unit]
    low = None if q.low is None else q.low * by
    return low, None if q.high is None else q.high * by


def _for(claim: Claim, observable: Observable) -> str:
    if observable is Observable.NO_NEW_GROUND:
        return "no new ground in the window, though it would have been seen with known power"
    if observable in AREAS:
        return f"an {observable.value} whose interval meets the stated one"
    if observable is Observable.NONE:
        return "nothing: it is not measured"
    if observable is Observable.TAILINGS:
        return "ground broken inside the window, confirmed, whose kind is tailings or pit lake"
    kind = "a site that begins" if claim.type is ClaimType.FIRST_APPEARANCE else "ground broken"
    return f"{kind} inside the window, confirmed, at least as large as the minimum"


def _against(claim: Claim, observable: Observable) -> str:
    if observable is Observable.NO_NEW_GROUND:
        return "a known site that grows inside the window, confirmed"
    if observable is Observable.VEGETATION_LOST:
        return "an area whose interval lies above the stated one"
    if observable is Observable.TOTAL_AREA:
        return "an area whose interval lies above the stated one; below it only with known power"
    if observable is Observable.NONE:
        return "nothing: it is not measured"
    if observable is Observable.TAILINGS:
        return "nothing: tailings can spread over ground that was bare before"
    if claim.type is ClaimType.ACTIVITY:
        return "nothing: works can run without breaking new ground"
    return "no new ground in the window, though it would have been seen with known power"
