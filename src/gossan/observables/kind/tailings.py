"""Claims on tailings: their new ground, by the kinds of the sites. Their water is in `lakes`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gossan.claims.ground import Ground, Step
from gossan.core.kinds import MINING, SiteKind
from gossan.core.statements import Claim
from gossan.core.values import SiteStatus
from gossan.core.verdicts import Answer, Question, Verdict

_NEW = re.compile(
    r"(?i)\b(?:new\b|built|build(?:s|ing)?\b|construct\w*|rais(?:ed|es|ing)\b|appear\w*|expan\w+|enlarg\w*|extend\w*|gr[eo]w\w*|"
    r"widen\w*|commission\w*|постро\w+|строит\w*|расшир\w+|увелич\w+|появил\w*|нов(?:ое|ый|ая|ого)\b)"
)
NOT_SEEN = (
    "Whether a dam leaks or broke, and what its mud holds, is not measured; water that came, grew "
    "or went, ground that was built on, and rivers that turned turbid are."
)


def about_new_ground(claim: Claim) -> bool:
    """True where a claim says that tailings or their dam took new ground."""
    return bool(_NEW.search(claim.text))


def tailings_ground(
    base: Verdict, q: Question, ground: Ground, fixed: Sequence[Step], touching: Sequence[Step]
) -> Verdict:
    """New ground of tailings in the window, by the kinds of the sites it belongs to.

    None seen leaves it open: tailings may spread over ground that was bare before.
    """
    sure = [s for s in fixed if s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha]
    named = {s.site.id: _kind(ground, s) for s in (sure or touching or fixed)}
    told = "; ".join(f"{i} is {k.value}" for i, k in sorted(named.items()))
    if any(_kind(ground, s) is SiteKind.TAILINGS for s in sure):
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=f"Ground was newly broken in the window, by its kind: {told}.",
        )
    if sure and any(_kind(ground, s) in MINING for s in sure):
        return replace(
            base,
            reason=f"New ground of a mine was broken in the window, but its kind is "
            f"not tailings: {told}.",
        )
    if named:
        return replace(
            base,
            reason=f"Ground changed there ({told}), but it is not sure that it is "
            "tailings and belongs to the window.",
        )
    return replace(
        base,
        reason="No new ground was seen; tailings can spread over ground that was "
        "bare before, which this does not show.",
    )


def _kind(ground: Ground, s: Step) -> SiteKind:
    return ground.kinds[s.site.id].kind if s.site.id in ground.kinds else SiteKind.UNKNOWN
