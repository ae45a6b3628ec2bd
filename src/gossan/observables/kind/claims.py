"""Another kind of change as the explanation of a picture: tested by the kinds of the sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gossan.claims.ground import Ground, steps_of, touches
from gossan.core.kinds import MINING, KindOfSite, SiteKind
from gossan.core.statements import Claim
from gossan.core.values import Site
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.observables.vegetation.claims import about_vegetation

WORKS = (*MINING, SiteKind.CONSTRUCTION, SiteKind.UNKNOWN)
"""Kinds that do not speak against works having broken the ground."""
MOST = 6
"""Sites listed in one sentence."""


def another_kind(q: Question, ground: Ground, near: Sequence[Site]) -> str | None:
    """The kind of each site that changed in the window; None where none was weighed."""
    mine = [s for s in near if any(touches(t, q) for t in steps_of(s, ground.looks))]
    told = [_said(ground.kinds[s.id]) for s in mine if s.id in ground.kinds]
    if not told:
        return None
    more = f"; and {len(told) - MOST} more" if len(told) > MOST else ""
    return f"another kind of change: {'; '.join(told[:MOST])}{more}"


def _said(kind: KindOfSite) -> str:
    mining = f"mine or its ponds p = {kind.mining:.2f}"
    if kind.decision is not None:
        return f"{kind.site} {kind.kind.value}, decided by {kind.decision.by} (by images {mining})"
    likeliest, p = kind.likeliest
    if kind.kind is SiteKind.UNKNOWN:
        return f"{kind.site} unknown ({likeliest.value} p = {p:.2f}, {mining})"
    apart = "" if kind.kind in MINING else ", not a mine"
    return f"{kind.site} {kind.kind.value}{apart}: p = {kind.probability(kind.kind):.2f} ({mining})"


def held_to_kind(verdict: Verdict, claim: Claim, kinds: Mapping[str, KindOfSite]) -> Verdict:
    """The verdict, left open where all ground that supports works is named as something else."""
    if verdict.answer is not Answer.SUPPORTED or not verdict.sites or about_vegetation(claim.text):
        return verdict
    named = [kinds[i].kind for i in verdict.sites if i in kinds]
    if len(named) < len(verdict.sites) or any(k in WORKS for k in named):
        return verdict
    what = ", ".join(sorted({k.value for k in named}))
    return replace(
        verdict,
        answer=Answer.INCONCLUSIVE,
        reason=f"{verdict.reason} But by its kind that ground is no works: {what}.",
    )
