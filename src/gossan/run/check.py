"""`gossan check`: fix the questions, then read what was measured, then answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from gossan.case.context import OpenCase, consult_case
from gossan.case.documents import (
    claims_of,
    document,
    names_of,
    questions_of,
    record,
    reports_of,
    verdicts_of,
)
from gossan.case.power import limits_of
from gossan.case.seals import Seals
from gossan.case.sites import sites_of
from gossan.case.state import Monitored, monitored, stored_grid
from gossan.claims.judge import looked_at, undecided
from gossan.claims.measurements import Doubt, Explanation, Measurements, PowerOf
from gossan.claims.questions import judged, nothing_measured
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.power.answer import power_for
from gossan.core.power.trials import PowerCurves
from gossan.core.progress import Progress, Silent
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, Report, ReviewStatus
from gossan.core.values import Site
from gossan.core.verdicts import NOTHING, Power, Question, Verdict
from gossan.core.words import ENGLISH, tr, tr_now, use_language
from gossan.dossier.recipe import Held
from gossan.observables.observable import Asker, Updated
from gossan.observables.registry import answering, observables

CONTRAST = 0.5
"""Half the way from the ground's own reflectance to bare ground: works leave some cover, so that
power is not taken from the plainest case."""


@dataclass(frozen=True)
class Checked:
    """What came of a check.

    Attributes
    ----------
    claims : those answered, in order
    questions, verdicts : by id of the claim
    only_told : claims that are never judged (events, seats, demands, plans)
    waiting : claims that wait for review
    names : ids of claims -> as they are shown in this case
    draft : True where unreviewed claims were answered too
    """

    claims: tuple[Claim, ...]
    reports: dict[str, Report]
    questions: dict[str, Question]
    verdicts: dict[str, Verdict]
    only_told: int
    waiting: int
    names: Mapping[str, str]
    draft: bool

    @property
    def sentence(self) -> str:
        """One line that says what came of it."""
        counts: dict[str, int] = {}
        for v in self.verdicts.values():
            counts[v.answer.value] = counts.get(v.answer.value, 0) + 1
        parts = [f"{n} {tr_now(answer)}" for answer, n in sorted(counts.items())]
        told = (
            tr("; {only_told} stand in the chronicle only", only_told=self.only_told)
            if self.only_told
            else ""
        )
        wait = tr("; {waiting} wait for review", waiting=self.waiting) if self.waiting else ""
        draft = tr("DRAFT, with unreviewed claims: ") if self.draft else ""
        answers = ", ".join(parts) or tr("no claim was answered")
        return f"{draft}{answers}{told}{wait}."

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "draft": self.draft,
            "only_told": self.only_told,
            "waiting": self.waiting,
            "answers": [
                {
                    "claim": to_plain(c),
                    "question": to_plain(self.questions[c.id]),
                    "verdict": to_plain(self.verdicts[c.id]),
                }
                for c in self.claims
            ],
        }


def check(folder: Path, progress: Progress, *, draft: bool = False) -> Checked:
    """Answer every reviewed claim of a case, with `draft` the unreviewed ones too.

    Raises GossanError (CLAIM) where there is none to answer.
    """
    with consult_case(folder, progress) as case:
        reports, claims = reports_of(case.db), claims_of(case.db)
        live = [c for c in claims.values() if c.status is not ReviewStatus.REJECTED]
        wanted = [c for c in live if c.reviewed or draft]
        if not live:
            raise GossanError(
                Code.CLAIM,
                tr("This case has no claims to check."),
                tr("Add a document first: gossan report add CASE FILE."),
            )
        if not wanted:
            raise GossanError(
                Code.CLAIM,
                tr("None of the {n_live} claims is reviewed.", n_live=len(live)),
                tr("Accept or correct some with gossan claims, or say --draft."),
            )
        answered = [c for c in wanted if judged(c)]
        questions = _fixed(case, answered, reports)
        kept = tr("fixed") if case.db.private else tr("fixed and recorded")
        progress.say(
            tr(
                "{n_questions} questions are {kept}; now reading the ground.",
                n_questions=len(questions),
                kept=kept,
            )
        )
        verdicts = _answered(case, answered, questions, measured(case))
        told = len(wanted) - len(answered)
        return Checked(
            tuple(answered),
            reports,
            questions,
            verdicts,
            told,
            len(live) - len(wanted),
            names_of(case.db),
            any(not c.reviewed for c in answered),
        )


@use_language(ENGLISH)
def answer_again(case: OpenCase) -> int:
    """Give every answer of an earlier check anew where what it rests on was measured or reviewed
    since, so that a dossier shows none that its own measurements do not bear out.

    Questions stay as they were fixed; answers on claims rejected since are withdrawn. Returns
    how many changed.
    """
    known, questions = verdicts_of(case.db), questions_of(case.db)
    if not known:
        return 0
    claims = [
        c
        for i, c in claims_of(case.db).items()
        if i in known and i in questions and c.status is not ReviewStatus.REJECTED
    ]
    now = _answered(case, claims, questions, measured(case))
    return sum(now.get(i) != v for i, v in known.items())


@use_language(ENGLISH)
def _fixed(case: OpenCase, claims: list[Claim], reports: dict[str, Report]) -> dict[str, Question]:
    """The question of each claim: the one already fixed, or a new one, recorded now."""
    known = questions_of(case.db)
    askers = [o.asks(case) for o in observables()]
    ask = first_asked(askers, case.config.sites.min_area_ha)
    out: dict[str, Question] = {}
    new: dict[str, Question] = {}
    for c in claims:
        if c.id in known:
            out[c.id] = known[c.id]
            continue
        out[c.id] = new[c.id] = ask(c, reports[c.report])
    if new:
        seals = Seals(case.db)
        record(
            case.db,
            "questions",
            {"claims": [seals.mark("claim", c.id, c) for c in claims if c.id in new]},
            {"questions": [seals.mark("question", i, q) for i, q in sorted(new.items())]},
            [*(document("question", i, q) for i, q in new.items()), *seals.documents()],
        )
    return out


def first_asked(askers: Sequence[Asker], minimum_ha: float) -> Callable[[Claim, Report], Question]:
    """What fixes the question of a claim: the first asker that knows something measured to ask
    for; else the first that says why nothing of it is measured. `minimum_ha` as in a question."""

    def ask(claim: Claim, report: Report) -> Question:
        unmeasured = None
        for question_of in askers:
            made = question_of(claim, report)
            if made is not None and made.observable != NOTHING:
                return made
            unmeasured = unmeasured or made
        why = tr("Nothing installed here measures claims of the type {type}.", type=claim.type)
        return unmeasured or nothing_measured(claim, report, minimum_ha, why)

    return ask


@use_language(ENGLISH)
def _answered(
    case: OpenCase, claims: list[Claim], questions: dict[str, Question], held: Measured
) -> dict[str, Verdict]:
    verdicts = {c.id: _verdict(questions[c.id], c, held) for c in claims}
    known = verdicts_of(case.db)
    changed = {i: v for i, v in verdicts.items() if known.get(i) != v}
    gone = [i for i in known if i not in verdicts]
    if changed or gone:
        seals = Seals(case.db)
        record(
            case.db,
            "verdicts",
            {
                "questions": [seals.mark("question", i, questions[i]) for i in sorted(changed)],
                "state": case.db.get("sites_hash") or "",
            },
            {
                "verdicts": [seals.mark("verdict", i, v) for i, v in sorted(changed.items())],
                "withdrawn": len(gone),
            },
            [
                *(document("verdict", i, v) for i, v in changed.items()),
                *(document("verdict", i, None) for i in gone),
                *seals.documents(),
            ],
        )
    return verdicts


def _verdict(q: Question, claim: Claim, held: Measured) -> Verdict:
    judge = answering(q)
    if q.unanswerable:
        return looked_at(q, claim, held.ground)[0]
    if judge is None:
        return replace(
            undecided(q, claim),
            reason=tr("Nothing installed here measures {quantity}.", quantity=q.quantity),
        )
    return judge.judge(q, claim, held.found[judge.key], held.ground)


def held_claims(case: OpenCase) -> tuple[Held, ...]:
    """Every claim that has a question and a verdict, by id."""
    questions, verdicts = questions_of(case.db), verdicts_of(case.db)
    return tuple(
        Held(c, questions[i], verdicts[i])
        for i, c in sorted(claims_of(case.db).items())
        if i in questions and i in verdicts
    )


@use_language(ENGLISH)
def verdicts_on(
    case: OpenCase,
    held: Sequence[Held],
    sites: Sequence[Site],
    looks: tuple[date, ...],
    state: Monitored,
) -> tuple[tuple[str, str], ...]:
    """(claim, verdict) with other sites and looks than the case's; nothing is recorded.

    Left out are claims on what is not measured anew.
    """
    held = [h for h in held if (o := answering(h.question)) is None or o.varies]
    if not held:
        return ()
    varied = [o for o in observables() if o.varies]
    found = {o.key: o.with_images(o.found(case, None, Silent()), looks) for o in varied}
    config = case.config
    ground = Measurements(
        tuple(sites),
        tuple(case.db.scenes()),
        looks,
        config.history_until,
        config.geometry,
        None,
        _power_of(limits_of(case, state)),
        *_tests(found),
    )
    on = Measured(ground, found)
    return tuple((h.claim.id, _verdict(h.question, h.claim, on).answer.value) for h in held)


@use_language(ENGLISH)
def judge_again(
    case: OpenCase, claims: list[Claim], questions: dict[str, Question]
) -> dict[str, Verdict]:
    """Verdicts on claims whose questions are fixed, by id; nothing is recorded."""
    if not claims:
        return {}
    held = measured(case)
    return {c.id: _verdict(questions[c.id], c, held) for c in claims}


@dataclass(frozen=True)
class Measured:
    """What claims are held against: the ground, None before the first update, and what each
    observable found, by its key."""

    ground: Measurements | None
    found: Mapping[str, Any]


def measured(case: OpenCase) -> Measured:
    """What was measured of a case, and now where that takes no command."""
    if stored_grid(case) is None:
        return Measured(None, {o.key: o.found(case, None, Silent()) for o in observables()})
    now = Updated(case, monitored(case), sites_of(case))
    found = {o.key: o.found(case, now, Silent()) for o in observables()}
    looks = tuple(from_day(look.day) for look in now.state.looks)
    ground = Measurements(
        now.sites.sites,
        tuple(case.db.scenes()),
        looks,
        # a step inside the history is less sure, so that verdicts rest on what came after it
        case.config.history_until,
        case.config.geometry,
        np.abs(now.state.shifts).max(axis=1, initial=0.0),
        _power_of(limits_of(case, now.state)),
        *_tests(found),
    )
    return Measured(ground, found)


def _tests(found: Mapping[str, Any]) -> tuple[tuple[Explanation, ...], tuple[Doubt, ...]]:
    """What the observables that found something have to say of changed ground."""
    these = [(o, found[o.key]) for o in observables() if o.key in found]
    return (
        tuple(partial(o.explains, of) for o, of in these),
        tuple(partial(o.doubts, of) for o, of in these),
    )


def _power_of(curves: PowerCurves | None) -> PowerOf:
    """Measured power of a question, from implants in this case's own images."""

    def power(q: Question, size_ha: float) -> Power | None:
        if curves is None or q.first is None or q.last is None:
            return None
        a = power_for(curves, size_ha, CONTRAST, (q.first, q.last))
        return Power(a.power, a.low, a.high, a.level, a.area_ha, a.n, a.method, a.reason)

    return power
