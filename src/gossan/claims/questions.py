"""What a claim would look like from above. Made from the claim alone, before anything is read.

Claims of disturbed ground are asked here; what else can be asked, the observables know.
"""

from __future__ import annotations

import re
from dataclasses import replace
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
from gossan.core.verdicts import NEW_GROUND, NO_NEW_GROUND, NOTHING, TOTAL_AREA, Answer, Question
from gossan.core.words import tr, tr_later, tr_now

SENSOR = "Sentinel-2 L2A, 10 m pixels"
AFTER_HALT = timedelta(90)
"""How long after a halt the ground is watched, where the claim names no end."""

GROUND_TYPES = (ClaimType.ACTIVITY, ClaimType.EXPANSION, ClaimType.FIRST_APPEARANCE, ClaimType.AREA)
NEVER_JUDGED = (ClaimType.EVENT, ClaimType.OWNERSHIP, ClaimType.OTHER)
NO_DATE = tr_later("The claim states no date that could be looked at.")
_UNDERGROUND = re.compile(r"(?i)\bunderground|\bshaft|\btunnel|подземн|штольн")
UNTESTED = (tr_later("works of somebody else within the circle"),)
"""Other explanations that nothing measured can test; those that can be are in `explanations`."""


def judged(claim: Claim) -> bool:
    """False for what stands in the chronicle only: events, seats, demands and plans."""
    return claim.type not in NEVER_JUDGED and claim.modality not in (Modality.DEMAND, Modality.PLAN)


def ground_question(claim: Claim, report: Report, minimum_ha: float) -> Question | None:
    """The question for a claim of disturbed ground, None for a claim of something else.

    `minimum_ha` is the smallest patch kept.
    """
    if claim.type not in GROUND_TYPES:
        return None
    if claim.type == ClaimType.AREA:
        counts = area_counts(TOTAL_AREA)
        against = tr("{counts}; below it only with known power", counts=counts[1])
        return with_area(asked_of(TOTAL_AREA, claim, report, minimum_ha, (counts[0], against)))
    seen = tr("no new ground in the window, though it would have been seen with known power")
    if (claim.direction is Direction.HALTED) != (claim.modality is Modality.DENIAL):
        counts = seen, tr("a known site that grows inside the window, confirmed")
        return asked_of(NO_NEW_GROUND, claim, report, minimum_ha, counts)
    kind = (
        tr("a site that begins")
        if claim.type == ClaimType.FIRST_APPEARANCE
        else tr("ground broken")
    )
    works = tr("nothing: works can run without breaking new ground")
    counts = (
        tr("{kind} inside the window, confirmed, at least as large as the minimum", kind=kind),
        works if claim.type == ClaimType.ACTIVITY else seen,
    )
    return asked_of(NEW_GROUND, claim, report, minimum_ha, counts)


def area_counts(observable: str) -> tuple[str, str]:
    """What counts for and against a stated area."""
    return (
        tr("an {observable} whose interval meets the stated one", observable=observable),
        tr("an area whose interval lies above the stated one"),
    )


def nothing_measured(
    claim: Claim,
    report: Report,
    minimum_ha: float,
    why: str,
    alternatives: tuple[str, ...] = UNTESTED,
) -> Question:
    """The question for a claim of which nothing is measured, and why not, in one sentence."""
    nothing = tr("nothing: it is not measured")
    made = _made(NOTHING, claim, report, minimum_ha, (nothing, nothing), alternatives)
    return replace(made, unanswerable=why)


def asked_of(
    observable: str,
    claim: Claim,
    report: Report,
    minimum_ha: float,
    counts: tuple[str, str],
    alternatives: tuple[str, ...] = UNTESTED,
    *,
    anywhere: bool = False,
) -> Question:
    """A question on what was seen in the circle and the window that a claim names.

    `counts` says what would count for the claim and what against it; `anywhere` is True for what
    holds for the whole area. Unanswerable where the claim names no date, or no place where it
    needs one, or what no image shows.
    """
    made = _made(observable, claim, report, minimum_ha, counts, alternatives)
    if made.last is not None and made.last < SENTINEL2_START:
        why = tr(
            "The window ends before the first Sentinel-2 images ({first}).", first=SENTINEL2_START
        )
        return replace(made, unanswerable=why)
    if _UNDERGROUND.search(claim.text):
        return replace(made, unanswerable=tr("Works under ground are not seen from above."))
    undated = (
        "" if made.first else (tr_now(NO_DATE) if times(claim) is not None else tr_now(UNDECIDED))
    )
    missing = "" if made.where or anywhere else circle_of(claim)[1]
    if missing or undated:
        why = " ".join(w for w in (missing, undated) if w)
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    return made


def with_area(made: Question) -> Question:
    """A question about an area, which only a claim that states one can be held to."""
    if made.unanswerable or made.stated_low is not None or made.stated_high is not None:
        return made
    why = tr("The claim states no area that could be compared.")
    return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)


def _made(
    observable: str,
    claim: Claim,
    report: Report,
    minimum_ha: float,
    counts: tuple[str, str],
    alternatives: tuple[str, ...],
) -> Question:
    told = times(claim)
    if told and observable not in (NEW_GROUND, NO_NEW_GROUND):
        told = told[:1]  # an area is stated of one time
    first, last, several = apart(
        [_window(claim, t, report.published.day, observable) for t in told or (None,)]
    )
    low, high = _stated(claim)
    return Question(
        claim=claim.id,
        observable=observable,
        quantity=observable,
        unit="ha",
        where=circle_of(claim)[0],
        first=first,
        last=last,
        stated_low=low,
        stated_high=high,
        minimum_ha=minimum_ha,
        sensor=SENSOR,
        counts_for=counts[0],
        counts_against=counts[1],
        alternatives=alternatives,
        times=several,
    )


def _window(
    claim: Claim, reading: DateReading | None, published: date | None, observable: str
) -> tuple[date | None, date | None]:
    """First and last day looked at. A statement says nothing of days after its publication,
    but a halt is watched for a time, since a single day without works shows nothing."""
    if reading is None:
        if claim.type == ClaimType.AREA and not claim.dates and published:
            return published, published
        return None, None
    first, last = reading.first, reading.last or published
    halt = observable == NO_NEW_GROUND and claim.direction is Direction.HALTED
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
