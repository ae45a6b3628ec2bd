"""Other explanations of the same picture, each tested on what was measured.

An explanation is a function of the question and the ground that returns one sentence, or None
where it does not apply. Those that rest on looks and sites alone stand here in `TESTED`; an
observable brings its own (the kind of a site, say), which `Measurements` holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import fsum

from gossan.claims.measurements import Explanation, Measurements, inside, steps_of, touches
from gossan.core.values import Site
from gossan.core.verdicts import Question
from gossan.core.words import tr, tr_now


def explanations(q: Question, ground: Measurements, near: Sequence[Site]) -> tuple[str, ...]:
    """Every explanation that can be tested, then those the question names that cannot."""
    found = [test(q, ground, near) for test in (*ground.explanations, *TESTED)]
    return (*(tr("tested: {what}", what=f) for f in found if f), *untested(q))


def untested(q: Question) -> tuple[str, ...]:
    """The explanations that the question names and nothing measured can test."""
    return tuple(tr("not tested: {what}", what=tr_now(a)) for a in q.alternatives)


def _whole_region(q: Question, ground: Measurements, near: Sequence[Site]) -> str:
    far = [s for s in ground.sites if s not in near]
    return tr(
        "a change of the whole region: {outside} of {n_far} sites outside the circle changed in "
        "the window, {inside} of {n_near} inside",
        outside=_changed(q, ground, far),
        n_far=len(far),
        inside=_changed(q, ground, near),
        n_near=len(near),
    )


def _changed(q: Question, ground: Measurements, sites: Sequence[Site]) -> int:
    return sum(any(touches(t, q) for t in steps_of(s, ground.looks)) for s in sites)


def _earlier_change(q: Question, ground: Measurements, near: Sequence[Site]) -> str:
    """Works that were there before are no news, and new ground may be theirs."""
    steps = [steps_of(s, ground.looks) for s in near]
    before = sum(
        any(not touches(t, q) and q.first is not None and t.by < q.first for t in of)
        for of in steps
    )
    return tr(
        "an earlier change at the place: {before} of {n_near} sites in the circle had changed "
        "before the window",
        before=before,
        n_near=len(near),
    )


def _passing(q: Question, ground: Measurements, near: Sequence[Site]) -> str | None:
    """Snow, floods and harvests pass: the ground goes back to what it was."""
    mine = [s for s in near if any(touches(t, q) for t in steps_of(s, ground.looks))]
    if not mine:
        return None
    area = fsum(s.area.value for s in mine)
    back = fsum(s.area.value * s.recovered_share for s in mine)
    return tr(
        "a passing change (snow, a wet season, ploughing): {back:.0%} of the ground changed there "
        "has since gone back to what it was",
        back=back / area if area else 0.0,
    )


def _drift(q: Question, ground: Measurements, near: Sequence[Site]) -> str | None:  # noqa: ARG001
    """Haze or a season in which everything is darker moves all ground of a scene alike."""
    if ground.drift is None or q.first is None or q.last is None:
        return None
    days = list(zip(ground.looks, ground.drift, strict=True))
    mine = [float(d) for day, d in days if q.first <= day <= q.last]
    if not mine:
        return None
    usual = sorted(float(d) for _, d in days)[len(days) // 2]
    return tr(
        "a drift of whole scenes: all ground was off by at most {mine:.3f} (reflectance) in the "
        "window, usually by {usual:.3f}; it was taken out before comparing",
        mine=max(mine),
        usual=usual,
    )


def _gap(q: Question, ground: Measurements, near: Sequence[Site]) -> str | None:
    """What was not looked at for long may have come and gone, or not show yet."""
    if q.first is None or q.last is None:
        return None
    looks = [d for d in ground.looks if q.first <= d <= q.last]
    days = [q.first, *looks, q.last]
    longest = max((b - a).days for a, b in pairwise(days))
    fixed = sum(inside(t, q) for s in near for t in steps_of(s, ground.looks))
    return tr(
        "a gap in the images: {n_looks} usable days in the window, at most {longest} days apart; "
        "{fixed} changes are fixed to it",
        n_looks=len(looks),
        longest=longest,
        fixed=fixed,
    )


TESTED: tuple[Explanation, ...] = (_whole_region, _earlier_change, _passing, _drift, _gap)
