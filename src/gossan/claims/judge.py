"""A question against what was measured. Not seen contradicts only with measured power."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import fsum

import shapely

from gossan.claims.explanations import explanations, untested
from gossan.claims.ground import Ground, Step, inside, steps_of, touches, within
from gossan.claims.windows import each
from gossan.core.case import SENTINEL2_START
from gossan.core.statements import Claim, ClaimType
from gossan.core.values import Measurement, SceneRecord, Site, SiteStatus
from gossan.core.verdicts import Answer, Observable, Power, Question, Verdict
from gossan.observables.kind.claims import held_to_kind
from gossan.observables.kind.tailings import tailings_ground
from gossan.observables.vegetation.claims import vegetation_lost

ENOUGH_POWER = 0.8
"""Lower bound of the power from which "not seen" may count against a claim, 0..1."""
NO_POWER = "Detection limits were not computed for this window: run gossan limits."
PASSES = 40
"""Most passes listed in a verdict."""

PowerOf = Callable[[Question, float], Power | None]
"""(question, size in ha) -> measured power, None where it was not measured."""


def judge(
    question: Question, question_hash: str, claim: Claim, ground: Ground | None, power_of: PowerOf
) -> Verdict:
    """The verdict on a claim. `ground` is None where no image was read yet."""
    if question.times and not question.unanswerable:
        return each(question, lambda q: judge(q, question_hash, claim, ground, power_of))
    base = Verdict(
        question.claim,
        question_hash,
        Answer.INCONCLUSIVE,
        "",
        draft=not claim.reviewed,
        passes=_passes(question, ground),
        alternatives=untested(question),
    )
    if question.unanswerable:
        return replace(base, answer=question.unanswerable_as, reason=question.unanswerable)
    missing = _missing(question, ground)
    if missing or ground is None:
        return replace(base, reason=missing)
    assert question.where is not None
    near = [s for s in ground.sites if within(s, question.where)]
    steps = [step for s in near for step in steps_of(s, ground.looks)]
    fixed = [s for s in steps if inside(s, question)]
    touching = [s for s in steps if touches(s, question) and s not in fixed]
    base = replace(
        base,
        sites=tuple(dict.fromkeys(s.site.id for s in (*fixed, *touching))),
        scenes=tuple(r.id for r in _in_window(question, ground.scenes)),
        alternatives=explanations(question, ground, near),
        measurements=(_added(fixed, question, base),),
    )
    if question.observable is Observable.VEGETATION_LOST and ground.vegetation:
        return vegetation_lost(base, question, ground, near)
    if question.observable is Observable.TAILINGS:
        return tailings_ground(base, question, ground, fixed, touching)
    answers = {
        Observable.NEW_GROUND: _new_ground,
        Observable.NO_NEW_GROUND: _no_new_ground,
        Observable.TOTAL_AREA: _total_area,
        Observable.VEGETATION_LOST: _total_area,
    }
    found = answers[question.observable](base, question, claim, fixed, touching, near, power_of)
    return held_to_kind(found, claim, ground.kinds)


def _new_ground(
    base: Verdict,
    q: Question,
    claim: Claim,
    inside: Sequence[Step],
    touching: Sequence[Step],
    near: Sequence[Site],  # noqa: ARG001
    power_of: PowerOf,
) -> Verdict:
    first = claim.type is ClaimType.FIRST_APPEARANCE
    wanted = [s for s in inside if s.first or not first]
    sure = [s for s in wanted if s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha]
    if sure:
        ids = ", ".join(sorted({s.site.id for s in sure}))
        what = "began" if first else "broke new ground"
        return replace(
            base, answer=Answer.SUPPORTED, reason=f"Site {ids} {what} inside the window."
        )
    if wanted:
        return replace(
            base,
            reason="Ground changed inside the window, but only provisionally or "
            "within the uncertainty of its edge.",
        )
    if touching:
        s = touching[0]
        return replace(
            base,
            reason=f"Ground at site {s.site.id} changed after {s.after} and by "
            f"{s.by}: the images do not fix it to the window.",
        )
    if claim.type is ClaimType.ACTIVITY:
        return replace(base, reason="No new ground was seen, but works can run without any.")
    return _by_power(base, q, power_of, Answer.CONTRADICTED, "No new ground was seen.")


def _no_new_ground(
    base: Verdict,
    q: Question,
    claim: Claim,  # noqa: ARG001
    inside: Sequence[Step],
    touching: Sequence[Step],
    near: Sequence[Site],  # noqa: ARG001
    power_of: PowerOf,
) -> Verdict:
    grew = [
        s
        for s in inside
        if not s.first and s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha
    ]
    if grew:
        ids = ", ".join(sorted({s.site.id for s in grew}))
        return replace(base, answer=Answer.CONTRADICTED, reason=f"Site {ids} grew in the window.")
    if inside or touching:
        s = (*inside, *touching)[0]
        return replace(
            base,
            reason=f"Ground at {s.site.id} changed by {s.by}, but it is not sure "
            "that it belongs to these works and to the window.",
        )
    return _by_power(base, q, power_of, Answer.SUPPORTED, "No new ground was seen.")


def _total_area(
    base: Verdict,
    q: Question,
    claim: Claim,  # noqa: ARG001
    inside: Sequence[Step],  # noqa: ARG001
    touching: Sequence[Step],  # noqa: ARG001
    near: Sequence[Site],
    power_of: PowerOf,
) -> Verdict:
    assert q.last is not None
    total = _until(near, q.last, base)
    if total is None:
        return replace(
            base,
            reason="No changed ground was seen there; ground opened before the "
            "images begin is not counted.",
        )
    base = replace(base, measurements=(total,))
    low, high = q.stated_low or 0.0, q.stated_high if q.stated_high is not None else math.inf
    if total.low > high:
        return replace(base, answer=Answer.CONTRADICTED, reason="More ground changed than stated.")
    if total.high >= low:
        return replace(base, answer=Answer.SUPPORTED, reason="The measured area meets the stated.")
    return _by_power(
        base,
        replace(q, minimum_ha=low - total.high),
        power_of,
        Answer.INCONCLUSIVE,
        "Less changed ground was seen than stated; older ground is not counted.",
    )


def _by_power(base: Verdict, q: Question, power_of: PowerOf, answer: Answer, seen: str) -> Verdict:
    """What "not seen" is worth: nothing without a measured power that is high enough."""
    size = max(q.minimum_ha, q.stated_low or 0.0)
    power = power_of(q, size)
    if power is None:
        return replace(base, reason=f"{seen} {NO_POWER}")
    said = power.reason or f"Power {power.probability:.2f}, at least {power.low:.2f}."
    if power.low < ENOUGH_POWER:
        return replace(base, power=power, reason=f"{seen} But that is too unsure to count: {said}")
    return replace(base, answer=answer, power=power, reason=f"{seen} {said}")


def _missing(q: Question, ground: Ground | None) -> str:
    """Why the images cannot answer, or ""."""
    if ground is None:
        return "No image of this case was read yet: run gossan update."
    assert q.where is not None
    assert q.first is not None
    assert q.last is not None
    if not ground.area.intersects(shapely.Point(q.where.lon, q.where.lat).buffer(1e-4)):
        return f"{q.where.name} lies outside the area of this case."
    if ground.monitored_from is None or q.first < ground.monitored_from:
        begin = ground.monitored_from or "never"
        return f"Changes can be noticed from {begin} on; the window begins on {q.first}."
    if not ground.looks or q.last > ground.looks[-1]:
        until = ground.looks[-1] if ground.looks else "never"
        return f"The images end on {until}; the window ends on {q.last}."
    if not any(q.first <= day <= q.last for day in ground.looks):
        return f"No usable image lies between {q.first} and {q.last}."
    return ""


def _added(inside: Sequence[Step], q: Question, base: Verdict) -> Measurement:  # noqa: ARG001
    level = inside[0].site.area.level if inside else 0.95
    return Measurement(
        "new disturbed ground in the window",
        fsum(s.added for s in inside),
        "ha",
        fsum(s.low for s in inside),
        fsum(s.high for s in inside),
        level,
        "claims.added-ground.v1",
        detection_limit=None,
    )


def _until(near: Sequence[Site], day: date, base: Verdict) -> Measurement | None:  # noqa: ARG001
    rows = [[g for g in s.growth if g.day <= day] for s in near]
    last = [r[-1] for r in rows if r]
    if not last:
        return None
    return Measurement(
        "disturbed ground up to the window's end",
        fsum(g.area_ha for g in last),
        "ha",
        fsum(g.low_ha for g in last),
        fsum(g.high_ha for g in last),
        near[0].area.level,
        "claims.total-ground.v1",
    )


def _in_window(q: Question, scenes: Sequence[SceneRecord]) -> list[SceneRecord]:
    if q.first is None or q.last is None:
        return []
    return [r for r in scenes if q.first <= r.time.date() <= q.last]


def _passes(q: Question, ground: Ground | None) -> tuple[str, ...]:
    """Passes of the satellite in the window as far as the case knows them."""
    if q.first is None or q.last is None or q.last < SENTINEL2_START:
        return ()
    found = _in_window(q, ground.scenes if ground else ())
    if not found:
        return (
            f"Passes between {q.first} and {q.last} are not known: no catalogue was asked for "
            "this window.",
        )
    lines = [f"{r.time.date()} {r.id}: {r.outcome.value}{_why(r)}" for r in found[:PASSES]]
    more = len(found) - PASSES
    return (*lines, f"and {more} more") if more > 0 else tuple(lines)


def _why(r: SceneRecord) -> str:
    return f" ({r.reason})" if r.reason else ""
