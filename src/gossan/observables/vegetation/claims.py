"""A stated area of forest or other plants lost, held against what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gossan.claims.judge import looked_at, total_area
from gossan.claims.kinds import about_plants
from gossan.claims.measurements import Measurements
from gossan.claims.questions import area_counts, asked_of, with_area
from gossan.core.statements import Claim, ClaimType, Report
from gossan.core.values import Measurement, Site
from gossan.core.vegetation import SiteVegetation
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.core.words import tr
from gossan.observables.vegetation.observable import VEGETATION_LOST

METHOD = "claims.vegetation-lost.v1"


def vegetation_question(claim: Claim, report: Report, minimum_ha: float) -> Question | None:
    """The question for a stated area of forest or other plants lost."""
    if claim.type != ClaimType.AREA or not about_plants(claim.text):
        return None
    counts = area_counts(VEGETATION_LOST)
    return with_area(asked_of(VEGETATION_LOST, claim, report, minimum_ha, counts))


def judge_vegetation(
    q: Question, claim: Claim, known: Mapping[str, SiteVegetation], ground: Measurements | None
) -> Verdict:
    """The verdict on a stated area of plants lost; by the area of disturbed ground where the loss
    was not measured."""
    base, near = looked_at(q, claim, ground)
    if near is None or ground is None:
        return base
    if not known:
        return total_area(base, q, near.sites, ground.power_of)
    return _lost(base, q, known, near.sites)


def _lost(
    base: Verdict, q: Question, losses: Mapping[str, SiteVegetation], near: Sequence[Site]
) -> Verdict:
    """The verdict on an area of vegetation lost up to the window's end.

    More than stated contradicts; less leaves it open, since only ground that became a site is
    measured and what fell before the images is not in it.
    """
    assert q.last is not None
    known = [losses[s.id] for s in near if s.id in losses]
    if not known:
        return replace(
            base, reason=tr("No loss of vegetation was measured there: run gossan dossier.")
        )
    found = lost_until(known, q.last.year, q.last.timetuple().tm_yday > 360)
    base = replace(base, measurements=(found,), sites=tuple(k.site for k in known if k.lost.value))
    low, high = q.stated_low or 0.0, q.stated_high if q.stated_high is not None else math.inf
    said = tr(
        "{found:.2f} ha ({low:.2f} to {high:.2f}) were measured.",
        found=found.value,
        low=found.low,
        high=found.high,
    )
    if found.low > high:
        return replace(
            base,
            answer=Answer.CONTRADICTED,
            reason=tr("More vegetation was lost than stated: {said}", said=said),
        )
    if found.high >= low and found.value > 0:
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=tr("The measured loss of vegetation meets the stated: {said}", said=said),
        )
    return replace(
        base,
        reason=tr(
            "Less loss of vegetation than stated was seen: {said} What fell before the images, or "
            "made no site, is not in it.",
            said=said,
        ),
    )


def lost_until(known: Sequence[SiteVegetation], year: int, whole: bool) -> Measurement:
    """Hectares lost up to a day in `year`; `whole` True where that year counts in full.

    Losses are known by year, so those of a year that is not whole count for the upper bound only.
    """
    low = mid = high = 0.0
    for y in (y for k in known for y in k.years if y.year <= year):
        sure = whole or y.year < year
        low, mid, high = (low + sure * y.lost.low, mid + sure * y.lost.value, high + y.lost.high)
    level = known[0].lost.level
    return Measurement(
        "vegetation lost up to the window's end", mid, "ha", low, high, level, METHOD
    )
