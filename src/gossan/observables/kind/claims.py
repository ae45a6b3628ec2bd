"""What the kinds of sites say of claims: new ground of tailings, and works that are something else.

The water of tailings is asked of `water`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gossan.claims.judge import looked_at
from gossan.claims.kinds import about_plants
from gossan.claims.measurements import Measurements, Step, steps_of, touches
from gossan.claims.questions import asked_of, nothing_measured
from gossan.core.kinds import MINING, KindOfSite, SiteKind
from gossan.core.statements import Claim, ClaimType, Report
from gossan.core.values import Site, SiteStatus
from gossan.core.verdicts import Answer, Question, Verdict
from gossan.core.words import tr, tr_later, tr_now
from gossan.observables.kind.observable import TAILINGS

WORKS = (*MINING, SiteKind.CONSTRUCTION, SiteKind.UNKNOWN)
"""Kinds that do not speak against works having broken the ground."""
MOST = 6
"""Sites listed in one sentence."""
_NEW = re.compile(
    r"(?i)\b(?:new\b|built|build(?:s|ing)?\b|construct\w*|rais(?:ed|es|ing)\b|appear\w*|expan\w+|enlarg\w*|extend\w*|gr[eo]w\w*|"
    r"widen\w*|commission\w*|постро\w+|строит\w*|расшир\w+|увелич\w+|появил\w*|нов(?:ое|ый|ая|ого)\b)"
)
NOT_SEEN = tr_later(
    "Whether a dam leaks or broke, and what its mud holds, is not measured; water that came, grew "
    "or went, ground that was built on, and rivers that turned turbid are."
)


_COUNTS = (
    tr_later("ground broken inside the window, confirmed, whose kind is tailings or pit lake"),
    tr_later("nothing: tailings can spread over ground that was bare before"),
)
_ALTERNATIVES = (tr_later("a natural pond, a reservoir or wet ground in the same place"),)


def tailings_question(claim: Claim, report: Report, minimum_ha: float) -> Question | None:
    """The question for a claim on tailings: whether they or their dam took new ground."""
    if claim.type != ClaimType.TAILINGS:
        return None
    if _NEW.search(claim.text):
        return asked_of(TAILINGS, claim, report, minimum_ha, _COUNTS, _ALTERNATIVES)
    return nothing_measured(claim, report, minimum_ha, tr_now(NOT_SEEN), _ALTERNATIVES)


def judge_tailings(
    q: Question, claim: Claim, kinds: Mapping[str, KindOfSite], ground: Measurements | None
) -> Verdict:
    """The verdict on a claim of new ground of tailings."""
    base, near = looked_at(q, claim, ground)
    return base if near is None else _tailings(base, q, kinds, near.fixed, near.touching)


def another_kind(
    kinds: Mapping[str, KindOfSite], q: Question, ground: Measurements, near: Sequence[Site]
) -> str | None:
    """The kind of each site that changed in the window; None where none was weighed."""
    mine = [s for s in near if any(touches(t, q) for t in steps_of(s, ground.looks))]
    told = [_said(kinds[s.id]) for s in mine if s.id in kinds]
    if not told:
        return None
    more = tr("; and {n_told} more", n_told=len(told) - MOST) if len(told) > MOST else ""
    return tr("another kind of change: {found}{more}", found="; ".join(told[:MOST]), more=more)


def _said(kind: KindOfSite) -> str:
    mining = tr("mine or its ponds p = {mining:.2f}", mining=kind.mining)
    if kind.decision is not None:
        return tr(
            "{site} {kind}, decided by {by} (by images {mining})",
            site=kind.site,
            kind=kind.kind.value,
            by=kind.decision.by,
            mining=mining,
        )
    likeliest, p = kind.likeliest
    if kind.kind is SiteKind.UNKNOWN:
        return tr(
            "{site} unknown ({likeliest} p = {p:.2f}, {mining})",
            site=kind.site,
            likeliest=likeliest.value,
            p=p,
            mining=mining,
        )
    apart = "" if kind.kind in MINING else tr(", not a mine")
    return f"{kind.site} {kind.kind.value}{apart}: p = {kind.probability(kind.kind):.2f} ({mining})"


def held_to_kind(verdict: Verdict, claim: Claim, kinds: Mapping[str, KindOfSite]) -> Verdict:
    """The verdict, left open where all ground that supports works is named as something else."""
    if verdict.answer is not Answer.SUPPORTED or not verdict.sites or about_plants(claim.text):
        return verdict
    named = [kinds[i].kind for i in verdict.sites if i in kinds]
    if len(named) < len(verdict.sites) or any(k in WORKS for k in named):
        return verdict
    what = ", ".join(sorted({k.value for k in named}))
    return replace(
        verdict,
        answer=Answer.INCONCLUSIVE,
        reason=tr(
            "{reason} But by its kind that ground is no works: {what}.",
            reason=verdict.reason,
            what=what,
        ),
    )


def _tailings(
    base: Verdict,
    q: Question,
    kinds: Mapping[str, KindOfSite],
    fixed: Sequence[Step],
    touching: Sequence[Step],
) -> Verdict:
    """New ground of tailings in the window, by the kinds of the sites it belongs to.

    None seen leaves it open: tailings may spread over ground that was bare before.
    """
    sure = [s for s in fixed if s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha]
    named = {s.site.id: _kind(kinds, s) for s in (sure or touching or fixed)}
    told = "; ".join(tr("{i} is {k}", i=i, k=k.value) for i, k in sorted(named.items()))
    if any(_kind(kinds, s) is SiteKind.TAILINGS for s in sure):
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=tr("Ground was newly broken in the window, by its kind: {told}.", told=told),
        )
    if sure and any(_kind(kinds, s) in MINING for s in sure):
        return replace(
            base,
            reason=tr(
                "New ground of a mine was broken in the window, but its kind is not tailings: "
                "{told}.",
                told=told,
            ),
        )
    if named:
        return replace(
            base,
            reason=tr(
                "Ground changed there ({told}), but it is not sure that it is tailings and "
                "belongs to the window.",
                told=told,
            ),
        )
    return replace(
        base,
        reason=tr(
            "No new ground was seen; tailings can spread over ground that was bare before, which "
            "this does not show."
        ),
    )


def _kind(kinds: Mapping[str, KindOfSite], s: Step) -> SiteKind:
    return kinds[s.site.id].kind if s.site.id in kinds else SiteKind.UNKNOWN
