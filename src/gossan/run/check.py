"""`gossan check`: fix the questions, then read what was measured, then answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from gossan.case.context import OpenCase, consult_case
from gossan.case.documents import (
    claims_of,
    digest,
    document,
    names_of,
    questions_of,
    record,
    reports_of,
    series_of,
    verdicts_of,
)
from gossan.case.pixels import Pixels
from gossan.case.seals import Seals
from gossan.case.sites import sites_of
from gossan.case.state import Monitored, monitored, stored_grid
from gossan.claims.ground import Ground
from gossan.claims.judge import PowerOf, judge
from gossan.claims.questions import Seen, judged, question
from gossan.core.change_events import events_of
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.measured import Series
from gossan.core.power import PowerCurves
from gossan.core.progress import Progress, Silent
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, Report, ReviewStatus
from gossan.core.values import Site
from gossan.core.verdicts import Observable, Power, Question, Verdict
from gossan.dossier.recipe import Held
from gossan.observables.kind.run import kinds_of
from gossan.observables.limits.answer import power_for
from gossan.observables.limits.store import limits_of
from gossan.observables.terrain.claims import judge_way
from gossan.observables.terrain.store import places_below, terrain_of
from gossan.observables.traffic.claims import judge_traffic
from gossan.observables.traffic.run import roads_followed, traffic_of
from gossan.observables.vegetation.run import vegetation_of
from gossan.observables.water.lake_verdicts import judge_lakes
from gossan.observables.water.run import waters_followed
from gossan.observables.water.turbidity_verdicts import judge_water

CONTRAST = 0.5
"""Half the way from the ground's own reflectance to bare ground: works leave some cover, so that
power is not taken from the plainest case."""

NOT_TRIED = (Observable.TAILINGS, Observable.WAY_OF_WATER, Observable.TRAFFIC)
"""Questions whose answers are not tried with other choices."""


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
        parts = [f"{n} {answer}" for answer, n in sorted(counts.items())]
        told = f"; {self.only_told} stand in the chronicle only" if self.only_told else ""
        wait = f"; {self.waiting} wait for review" if self.waiting else ""
        draft = "DRAFT, with unreviewed claims: " if self.draft else ""
        return f"{draft}{', '.join(parts) or 'no claim was answered'}{told}{wait}."

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
                "This case has no claims to check.",
                "Add a document first: gossan report add CASE FILE.",
            )
        if not wanted:
            raise GossanError(
                Code.CLAIM,
                f"None of the {len(live)} claims is reviewed.",
                "Accept or correct some with gossan claims, or say --draft.",
            )
        answered = [c for c in wanted if judged(c)]
        questions = _fixed(case, answered, reports)
        kept = "fixed" if case.db.private else "fixed and recorded"
        progress.say(f"{len(questions)} questions are {kept}; now reading the ground.")
        ground, power_of = measured(case)
        verdicts = _answered(case, answered, questions, ground, power_of)
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
    now = _answered(case, claims, questions, *measured(case))
    return sum(now.get(i) != v for i, v in known.items())


def _fixed(case: OpenCase, claims: list[Claim], reports: dict[str, Report]) -> dict[str, Question]:
    """The question of each claim: the one already fixed, or a new one, recorded now."""
    known = questions_of(case.db)
    waters, lakes, until = waters_followed(case)
    seen = Seen(
        case.config.sites.min_area_ha,
        waters,
        lakes,
        tuple(places_below(case)),
        roads_followed(case),
        until,
    )
    out: dict[str, Question] = {}
    new: dict[str, Question] = {}
    for c in claims:
        if c.id in known:
            out[c.id] = known[c.id]
            continue
        made = question(c, reports[c.report], seen)
        assert made is not None
        out[c.id] = new[c.id] = made
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


def _answered(
    case: OpenCase,
    claims: list[Claim],
    questions: dict[str, Question],
    ground: Ground | None,
    power_of: PowerOf,
) -> dict[str, Verdict]:
    water = series_of(case.db)
    verdicts = {c.id: _verdict(questions[c.id], c, ground, power_of, water) for c in claims}
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


def _verdict(
    q: Question, claim: Claim, ground: Ground | None, power_of: PowerOf, water: Mapping[str, Series]
) -> Verdict:
    if q.water is not None:
        return judge_water(q, digest(q), claim, water)
    if q.lakes is not None:
        return judge_lakes(q, digest(q), claim, water)
    if q.way is not None:
        return judge_way(q, digest(q), claim, ground)
    if q.traffic is not None:
        return judge_traffic(q, digest(q), claim, ground.traffic if ground else None)
    return judge(q, digest(q), claim, ground, power_of)


def held_claims(case: OpenCase) -> tuple[Held, ...]:
    """Every claim that has a question and a verdict, by id."""
    questions, verdicts = questions_of(case.db), verdicts_of(case.db)
    return tuple(
        Held(c, questions[i], verdicts[i])
        for i, c in sorted(claims_of(case.db).items())
        if i in questions and i in verdicts
    )


def verdicts_on(
    case: OpenCase,
    held: Sequence[Held],
    sites: Sequence[Site],
    looks: tuple[date, ...],
    state: Monitored,
) -> tuple[tuple[str, str], ...]:
    """(claim, verdict) with other sites and looks than the case's; nothing is recorded.

    Left out are claims that rest on the kinds of sites or on terrain, which are not weighed anew.
    """
    held = [h for h in held if h.question.observable not in NOT_TRIED]
    if not held:
        return ()
    config = case.config
    scenes = tuple(case.db.scenes())
    ground = Ground(tuple(sites), scenes, looks, config.history_until, config.geometry)
    power_of = _power_of(limits_of(case, state))
    water = {i: seen_on(s, looks) for i, s in series_of(case.db).items()}
    return tuple(
        (h.claim.id, _verdict(h.question, h.claim, ground, power_of, water).answer.value)
        for h in held
    )


def seen_on(series: Series, looks: Sequence[date]) -> Series:
    """A series as if only the images of `looks` had been there; one that others measured stays
    as it is."""
    if series.source:
        return series
    days = set(looks)
    readings = tuple(r for r in series.readings if r.day in days)
    happened = events_of(readings, series.detection_limit or 0.0) if series.events else ()
    return replace(series, readings=readings, events=happened)


def judge_again(
    case: OpenCase, claims: list[Claim], questions: dict[str, Question]
) -> dict[str, Verdict]:
    """Verdicts on claims whose questions are fixed, by id; nothing is recorded."""
    if not claims:
        return {}
    ground, power_of = measured(case)
    water = series_of(case.db)
    return {c.id: _verdict(questions[c.id], c, ground, power_of, water) for c in claims}


def measured(case: OpenCase) -> tuple[Ground | None, PowerOf]:
    """What was measured, None before the first update; and what would have been seen."""
    if stored_grid(case) is None:
        return None, _power_of(None)
    state = monitored(case)
    looks = tuple(from_day(look.day) for look in state.looks)
    # a step inside the history is less sure, so that verdicts rest on what came after it
    watched = case.config.history_until
    scenes = tuple(case.db.scenes())
    drift = np.abs(state.shifts).max(axis=1, initial=0.0)
    sites = sites_of(case).sites
    pixels = Pixels.of(state) if sites else None
    kinds = kinds_of(case, state, sites, pixels, Silent())
    lost = vegetation_of(case, state, sites, pixels, Silent())
    ground = Ground(
        sites,
        scenes,
        looks,
        watched,
        case.config.geometry,
        drift,
        kinds,
        {i: found.figures for i, found in lost.items()},
        terrain_of(case),
        places_below(case),
        traffic_of(case),
    )
    return ground, _power_of(limits_of(case, state))


def _power_of(curves: PowerCurves | None) -> PowerOf:
    """Measured power of a question, from implants in this case's own images."""

    def power(q: Question, size_ha: float) -> Power | None:
        if curves is None or q.first is None or q.last is None:
            return None
        a = power_for(curves, size_ha, CONTRAST, (q.first, q.last))
        return Power(a.power, a.low, a.high, a.level, a.area_ha, a.n, a.method, a.reason)

    return power
