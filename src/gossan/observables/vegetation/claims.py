"""A stated area of forest or other plants lost, held against what was measured."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from gossan.claims.ground import Ground
from gossan.core.values import Measurement, Site
from gossan.core.vegetation import SiteVegetation
from gossan.core.verdicts import Answer, Question, Verdict

METHOD = "claims.vegetation-lost.v1"
_PLANTS = re.compile(
    r"(?i)\b(?:forest|deforest|wood(?:s|land)\b|trees?\b|vegetation|felled|clear-?cut|logg(?:ed|ing)|"
    r"лес(?:а|у|ом|е|ов|ной|ных)?\b|деревь|вырубк|вырублен)"
)


def about_vegetation(text: str) -> bool:
    """True where a claim speaks of forest, trees or other plants that were lost."""
    return bool(_PLANTS.search(text))


def vegetation_lost(base: Verdict, q: Question, ground: Ground, near: Sequence[Site]) -> Verdict:
    """The verdict on an area of vegetation lost up to the window's end.

    More than stated contradicts; less leaves it open, since only ground that became a site is
    measured and what fell before the images is not in it.
    """
    assert q.last is not None
    known = [ground.vegetation[s.id] for s in near if s.id in ground.vegetation]
    if not known:
        return replace(base, reason="No loss of vegetation was measured there: run gossan dossier.")
    found = lost_until(known, q.last.year, q.last.timetuple().tm_yday > 360)
    base = replace(base, measurements=(found,), sites=tuple(k.site for k in known if k.lost.value))
    low, high = q.stated_low or 0.0, q.stated_high if q.stated_high is not None else math.inf
    said = f"{found.value:.2f} ha ({found.low:.2f} to {found.high:.2f}) were measured."
    if found.low > high:
        return replace(
            base, answer=Answer.CONTRADICTED, reason=f"More vegetation was lost than stated: {said}"
        )
    if found.high >= low and found.value > 0:
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=f"The measured loss of vegetation meets the stated: {said}",
        )
    return replace(
        base,
        reason=f"Less loss of vegetation than stated was seen: {said} What fell "
        "before the images, or made no site, is not in it.",
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
