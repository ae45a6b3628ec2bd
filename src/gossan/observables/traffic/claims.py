"""Claims that vehicles drove on a road: what passes of one second each could have shown of them.

Most such claims cannot be seen, and the answer says so with the number of passes it would take.
Nothing is ever contradicted by vehicles not seen: they drive at night too, and dark ones hide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import fsum

from gossan.claims.denial import says_not
from gossan.claims.judge import undecided
from gossan.claims.questions import nothing_measured
from gossan.claims.windows import one_time
from gossan.core.case import SENTINEL2_START
from gossan.core.overpasses import passes_needed, rate
from gossan.core.statements import Claim, ClaimType, Report
from gossan.core.traffic import Pass, Seen, TrafficRun
from gossan.core.values import Measurement
from gossan.core.verdicts import Answer, Power, Question, TrafficAsked, Verdict
from gossan.core.words import tr, tr_later, tr_now
from gossan.observables.traffic.observable import TRAFFIC

KMH = 40.0
"""Speed that a loaded lorry is taken to drive at on such roads."""
SENSOR = "Sentinel-2 L2A, four bands within a second"
_A_DAY = re.compile(r"(?i)\b(?:a|per|each|every) day\b|\bdaily\b|\bв (?:день|сутки)\b|ежедневно")
_NONE = re.compile(
    r"(?i)\b(?:no|not a single|without any) (?:\w+ )?(?:trucks?|lorr|vehicles?|traffic|convoy|transport|shipments?)|ни одн\w+"
)
_OTHERS = tr_later("other vehicles on the same road, or loads of another kind")
_ALTERNATIVES = (
    _OTHERS,
    tr_later("traffic at hours when no satellite passes"),
    tr_later("vehicles too dark, too small or too slow to be told from the road"),
)


NOT_SEEN = tr_later(
    "Single vehicles cannot be told from images with 10 m pixels taken every few days: a "
    "truck fills less than one pixel for one moment, and what it carries is not seen at all. How "
    "many passes it would take gossan traffic says, given a file of roads."
)


def traffic_question(
    claim: Claim, report: Report, minimum_ha: float, roads: Sequence[str] | None
) -> Question | None:
    """The question for a claim on traffic, held against the roads that are followed; None for
    `roads` where none are."""
    if claim.type != ClaimType.TRAFFIC:
        return None
    if roads is None:
        return nothing_measured(claim, report, minimum_ha, tr_now(NOT_SEEN), (_OTHERS,))
    reading, why_not = one_time(claim)
    first = None if reading is None else reading.first
    last = None if reading is None else reading.last or report.published.day
    counted = [q for q in claim.quantities if q.unit == "vehicles"]
    stated = fsum(q.low if q.low is not None else q.value for q in counted)
    named = [r for r in roads if r and r.lower() in claim.text.lower()]
    made = Question(
        claim=claim.id,
        observable=TRAFFIC,
        quantity=tr("moving bright large vehicles in excess of the null"),
        unit="1/km",
        where=None,
        first=first,
        last=last,
        stated_low=stated or None,
        stated_high=None,
        minimum_ha=0.0,
        sensor=SENSOR,
        counts_for=tr(
            "more of them in the window than outside it, as many as said, at three sigma"
        ),
        counts_against=tr("for a claim that none drove: some in excess of chance; else nothing"),
        alternatives=_ALTERNATIVES,
    )
    if first is None or last is None or last < first:
        why = why_not or tr("The claim states no date that could be looked at.")
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    if last < SENTINEL2_START:
        why = tr(
            "The window ends before the first Sentinel-2 images ({first}).", first=SENTINEL2_START
        )
        return replace(made, unanswerable=why)
    denied = says_not(claim, words=bool(_NONE.search(claim.text)))
    days = (last - first).days + 1
    total = stated * days if _A_DAY.search(claim.text) else stated
    if not total and not denied:
        why = tr("The claim states no number of vehicles that could be looked for.")
        return replace(made, unanswerable=why, unanswerable_as=Answer.INCONCLUSIVE)
    return replace(made, traffic=TrafficAsked(total, tuple(named), denied))


def judge_traffic(q: Question, claim: Claim, run: TrafficRun | None) -> Verdict:
    """The verdict on a claim whose question asks for traffic."""
    assert q.traffic is not None
    assert q.first is not None
    assert q.last is not None
    inside = () if run is None else tuple(p for p in run.passes if q.first <= p.day <= q.last)
    used = [p for p in inside if not p.aside]
    base = replace(
        undecided(q, claim),
        answer=Answer.NOT_OBSERVABLE,
        scenes=tuple(p.scene for p in used),
        passes=_passes(inside),
    )
    if run is None:
        return replace(base, reason=tr("Roads are no longer followed: run gossan traffic."))
    here = rate(used)
    if q.traffic.denied:
        return _said_none(base, here, used)
    slow = _dull(run.limits)
    if slow is None:
        return replace(
            base, reason=tr("No pass was clear enough to say what would have been found.")
        )
    days = (q.last - q.first).days + 1
    km = run.straight_km if not used else fsum(p.usable_km for p in used) / len(used)
    on_road = q.traffic.vehicles * km / KMH / (24 * days)
    false = _false_per_km(run) * km
    needed = passes_needed(on_road * slow.share, false)
    at_once = passes_needed(q.traffic.vehicles * slow.share, false)
    told = tr(
        "{vehicles:.0f} vehicles in {days} {day}: in the one second of a pass {on_road} of them "
        "are on the {km:.0f} km followed, beside {false} false detections. A three-sigma answer "
        "needs {needed} clear passes ({at_once} if all were on it at every pass); the window has "
        "{n_used} of {n_inside}.",
        vehicles=q.traffic.vehicles,
        days=days,
        day=tr("day") if days == 1 else tr("days"),
        on_road=_small(on_road),
        km=km,
        false=_small(false),
        needed=_count(needed),
        at_once=_count(at_once),
        n_used=len(used),
        n_inside=len(inside),
    )
    base = replace(base, power=_power(slow), measurements=() if here is None else (here,))
    if here is None or needed is None or len(used) < needed:
        return replace(base, reason=told)
    return _compared(base, run, here, on_road * slow.low / km, told, (q.first, q.last))


def _power(slow: Seen) -> Power:
    words = tr(
        "Of {vehicle} vehicles at {speed_kmh:.0f} km/h put into these images {share:.0%} were "
        "found.",
        vehicle=slow.vehicle,
        speed_kmh=slow.speed_kmh,
        share=slow.share,
    )
    n, method = slow.n, "traffic.limits.v1"
    return Power(slow.share, slow.low, slow.high, slow.level, 0.0, n, method, words)


def _said_none(base: Verdict, here: Measurement | None, used: Sequence[Pass]) -> Verdict:
    if here is None:
        return replace(base, reason=tr("No pass of the window shows the roads."))
    base = replace(base, measurements=(here,))
    if here.low > 0:
        return replace(
            base,
            answer=Answer.CONTRADICTED,
            reason=tr(
                "Moving bright large vehicles in excess of chance: {here} a km over {n_used} "
                "passes.",
                here=_rate(here),
                n_used=len(used),
            ),
        )
    return replace(
        base,
        reason=tr(
            "None in excess of chance over {n_used} passes of one second each ({here} a km): that "
            "says nothing of the rest of the time.",
            n_used=len(used),
            here=_rate(here),
        ),
    )


def _compared(
    base: Verdict,
    run: TrafficRun,
    here: Measurement,
    least: float,
    told: str,
    window: tuple[date, date],
) -> Verdict:
    """Enough passes: as much as said, and more than outside the window?"""
    others = rate([p for p in run.used if not window[0] <= p.day <= window[1]])
    seen = tr("{told} Seen were {here} a km in excess of chance", told=told, here=_rate(here))
    if others is None:
        return replace(
            base,
            answer=Answer.INCONCLUSIVE,
            reason=tr("{seen}; no pass outside the window says what is usual.", seen=seen),
        )
    base = replace(base, measurements=(here, others))
    seen += tr(", {others} outside the window.", others=_rate(others))
    if here.low > others.high and here.high >= least:
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=tr("{seen} Whose they were and what they carried is not seen.", seen=seen),
        )
    return replace(
        base,
        answer=Answer.INCONCLUSIVE,
        reason=tr("{seen} That is no more than usual, or not sure to be.", seen=seen),
    )


def _dull(limits: Sequence[Seen]) -> Seen | None:
    """What is hardest to see of what a mine sends out: dull tippers, alone."""
    fit = [s for s in limits if s.speed_kmh == KMH and not s.gap_m and "dull" in s.vehicle]
    return min(fit, key=lambda s: s.share, default=None)


def _false_per_km(run: TrafficRun) -> float:
    km = fsum(p.usable_km for p in run.used)
    want = fsum(p.expected.value for p in run.used if p.expected)
    return want / km if km else 0.0


def _passes(inside: Sequence[Pass]) -> tuple[str, ...]:
    if not inside:
        return (tr("No pass of the window was read: run gossan update, then gossan traffic."),)
    seen = [p.aside or tr("{km:.1f} km of road seen", km=p.usable_km) for p in inside]
    return tuple(f"{p.day} {p.scene}: {words}" for p, words in zip(inside, seen, strict=True))


def _rate(m: Measurement) -> str:
    return tr("{m:.2f} ({low:.2f} to {high:.2f})", m=m.value, low=m.low, high=m.high)


def _small(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def _count(n: int | None) -> str:
    return tr("no number of") if n is None else f"{n:,}"
