"""A question against what was measured. Not seen contradicts only with measured power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import fsum

import shapely

from gossan.claims.explanations import explanations, untested
from gossan.claims.measurements import (
    Measurements,
    PowerOf,
    Step,
    inside,
    steps_of,
    touches,
    within,
)
from gossan.claims.windows import each
from gossan.core.case import SENTINEL2_START
from gossan.core.hashing import hash_json
from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, ClaimType
from gossan.core.values import Measurement, SceneRecord, Site, SiteStatus
from gossan.core.verdicts import NEW_GROUND, NO_NEW_GROUND, Answer, Question, Verdict
from gossan.core.words import tr, tr_later, tr_now

ENOUGH_POWER = 0.8
"""Lower bound of the power from which "not seen" may count against a claim, 0..1."""
NO_POWER = tr_later("Detection limits were not computed for this window: run gossan limits.")
PASSES = 40
"""Most passes listed in a verdict."""


@dataclass(frozen=True)
class Near:
    """What changed near the place a question is about.

    Attributes
    ----------
    sites : those within the circle
    fixed : steps of theirs that the images fix to the window
    touching : steps that may lie in it
    """

    sites: tuple[Site, ...]
    fixed: tuple[Step, ...]
    touching: tuple[Step, ...]


def undecided(q: Question, claim: Claim) -> Verdict:
    """The verdict on a claim before anything was read: inconclusive, for no reason yet."""
    return Verdict(
        q.claim,
        hash_json(to_plain(q)),
        Answer.INCONCLUSIVE,
        "",
        draft=not claim.reviewed,
        alternatives=untested(q),
    )


def looked_at(
    q: Question, claim: Claim, ground: Measurements | None
) -> tuple[Verdict, Near | None]:
    """What the images show at the place and in the window of a question, not yet decided; with
    None a verdict to keep, because they can show nothing. `ground` is None where no image was
    read yet."""
    base = replace(undecided(q, claim), passes=_passes(q, ground))
    if q.unanswerable:
        return replace(base, answer=q.unanswerable_as, reason=q.unanswerable), None
    missing = _missing(q, ground)
    if missing or ground is None:
        return replace(base, reason=missing), None
    assert q.where is not None
    sites = tuple(s for s in ground.sites if within(s, q.where))
    steps = [step for s in sites for step in steps_of(s, ground.looks)]
    fixed = tuple(s for s in steps if inside(s, q))
    touching = tuple(s for s in steps if touches(s, q) and s not in fixed)
    base = replace(
        base,
        sites=tuple(dict.fromkeys(s.site.id for s in (*fixed, *touching))),
        scenes=tuple(r.id for r in _in_window(q, ground.scenes)),
        alternatives=explanations(q, ground, sites),
        measurements=(_added(fixed),),
    )
    return base, Near(sites, fixed, touching)


def judge(q: Question, claim: Claim, ground: Measurements | None) -> Verdict:
    """The verdict on a claim of disturbed ground. `ground` is None where no image was read yet."""
    if q.times and not q.unanswerable:
        return each(q, lambda part: judge(part, claim, ground))
    found, near = looked_at(q, claim, ground)
    if near is None or ground is None:
        return found
    if q.observable == NEW_GROUND:
        found = _new_ground(found, q, claim, near, ground.power_of)
    elif q.observable == NO_NEW_GROUND:
        found = _no_new_ground(found, q, near, ground.power_of)
    else:
        found = total_area(found, q, near.sites, ground.power_of)
    for doubt in ground.doubts:
        found = doubt(found, claim)
    return found


def _new_ground(base: Verdict, q: Question, claim: Claim, near: Near, power_of: PowerOf) -> Verdict:
    first = claim.type == ClaimType.FIRST_APPEARANCE
    wanted = [s for s in near.fixed if s.first or not first]
    sure = [s for s in wanted if s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha]
    if sure:
        ids = ", ".join(sorted({s.site.id for s in sure}))
        what = tr("began") if first else tr("broke new ground")
        return replace(
            base,
            answer=Answer.SUPPORTED,
            reason=tr("Site {ids} {what} inside the window.", ids=ids, what=what),
        )
    if wanted:
        return replace(
            base,
            reason=tr(
                "Ground changed inside the window, but only provisionally or within the "
                "uncertainty of its edge."
            ),
        )
    if near.touching:
        s = near.touching[0]
        return replace(
            base,
            reason=tr(
                "Ground at site {site_id} changed after {after} and by {by}: the images do not "
                "fix it to the window.",
                site_id=s.site.id,
                after=s.after,
                by=s.by,
            ),
        )
    if claim.type == ClaimType.ACTIVITY:
        return replace(base, reason=tr("No new ground was seen, but works can run without any."))
    return _by_power(base, q, power_of, Answer.CONTRADICTED, tr("No new ground was seen."))


def _no_new_ground(base: Verdict, q: Question, near: Near, power_of: PowerOf) -> Verdict:
    grew = [
        s
        for s in near.fixed
        if not s.first and s.site.status is SiteStatus.CONFIRMED and s.low >= q.minimum_ha
    ]
    if grew:
        ids = ", ".join(sorted({s.site.id for s in grew}))
        return replace(
            base, answer=Answer.CONTRADICTED, reason=tr("Site {ids} grew in the window.", ids=ids)
        )
    if near.fixed or near.touching:
        s = (*near.fixed, *near.touching)[0]
        return replace(
            base,
            reason=tr(
                "Ground at {site_id} changed by {by}, but it is not sure that it belongs to these "
                "works and to the window.",
                site_id=s.site.id,
                by=s.by,
            ),
        )
    return _by_power(base, q, power_of, Answer.SUPPORTED, tr("No new ground was seen."))


def total_area(base: Verdict, q: Question, near: Sequence[Site], power_of: PowerOf) -> Verdict:
    """The verdict on an area that changed up to the window's end."""
    assert q.last is not None
    total = _until(near, q.last)
    if total is None:
        return replace(
            base,
            reason=tr(
                "No changed ground was seen there; ground opened before the images begin is not "
                "counted."
            ),
        )
    base = replace(base, measurements=(total,))
    low, high = q.stated_low or 0.0, q.stated_high if q.stated_high is not None else math.inf
    if total.low > high:
        return replace(
            base, answer=Answer.CONTRADICTED, reason=tr("More ground changed than stated.")
        )
    if total.high >= low:
        return replace(
            base, answer=Answer.SUPPORTED, reason=tr("The measured area meets the stated.")
        )
    return _by_power(
        base,
        replace(q, minimum_ha=low - total.high),
        power_of,
        Answer.INCONCLUSIVE,
        tr("Less changed ground was seen than stated; older ground is not counted."),
    )


def _by_power(base: Verdict, q: Question, power_of: PowerOf, answer: Answer, seen: str) -> Verdict:
    """What "not seen" is worth: nothing without a measured power that is high enough."""
    size = max(q.minimum_ha, q.stated_low or 0.0)
    power = power_of(q, size)
    if power is None:
        return replace(base, reason=f"{seen} {tr_now(NO_POWER)}")
    said = power.reason or tr(
        "Power {power:.2f}, at least {low:.2f}.", power=power.probability, low=power.low
    )
    if power.low < ENOUGH_POWER:
        return replace(
            base,
            power=power,
            reason=tr("{seen} But that is too unsure to count: {said}", seen=seen, said=said),
        )
    return replace(base, answer=answer, power=power, reason=f"{seen} {said}")


def _missing(q: Question, ground: Measurements | None) -> str:
    """Why the images cannot answer, or ""."""
    if ground is None:
        return tr("No image of this case was read yet: run gossan update.")
    assert q.where is not None
    assert q.first is not None
    assert q.last is not None
    if not ground.area.intersects(shapely.Point(q.where.lon, q.where.lat).buffer(1e-4)):
        return tr("{where} lies outside the area of this case.", where=q.where.name)
    if ground.monitored_from is None or q.first < ground.monitored_from:
        begin = ground.monitored_from or tr("never")
        return tr(
            "Changes can be noticed from {begin} on; the window begins on {first}.",
            begin=begin,
            first=q.first,
        )
    if not ground.looks or q.last > ground.looks[-1]:
        until = ground.looks[-1] if ground.looks else tr("never")
        return tr("The images end on {until}; the window ends on {last}.", until=until, last=q.last)
    if not any(q.first <= day <= q.last for day in ground.looks):
        return tr("No usable image lies between {first} and {last}.", first=q.first, last=q.last)
    return ""


def _added(inside: Sequence[Step]) -> Measurement:
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


def _until(near: Sequence[Site], day: date) -> Measurement | None:
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


def _passes(q: Question, ground: Measurements | None) -> tuple[str, ...]:
    """Passes of the satellite in the window as far as the case knows them."""
    if q.first is None or q.last is None or q.last < SENTINEL2_START:
        return ()
    found = _in_window(q, ground.scenes if ground else ())
    if not found:
        return (
            tr(
                "Passes between {first} and {last} are not known: no catalogue was asked for this "
                "window.",
                first=q.first,
                last=q.last,
            ),
        )
    lines = [f"{r.time.date()} {r.id}: {r.outcome.value}{_why(r)}" for r in found[:PASSES]]
    more = len(found) - PASSES
    return (*lines, tr("and {more} more", more=more)) if more > 0 else tuple(lines)


def _why(r: SceneRecord) -> str:
    return f" ({r.reason})" if r.reason else ""
