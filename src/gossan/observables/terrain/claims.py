"""Claims that water, or what it carries, goes from the works to a place: asked of the terrain."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely

from gossan.claims.denial import says_not
from gossan.claims.judge import undecided
from gossan.claims.measurements import Measurements, within
from gossan.claims.where import circle_of
from gossan.core.order import steady
from gossan.core.statements import Claim, ClaimType
from gossan.core.terrain import SiteTerrain, Target
from gossan.core.transliterate import strict_keys
from gossan.core.values import Measurement
from gossan.core.verdicts import Answer, Question, Verdict, WayAsked
from gossan.core.words import tr, tr_later
from gossan.observables.terrain.observable import WAY_OF_WATER

SURE = 0.8
"""Share of the models with errors, its lower bound, whose way must pass the place."""
WINDING = 3.0
"""A way followed for so many times the straight distance would have come to the place."""
_LIES = re.compile(
    r"(?i)\b(?:drains? (?:in)?to|flows? (?:in|on)?to|flows? (?:past|through)|runs? (?:down |off )?(?:in)?to|(?:lies|lie|is|are) (?:\w+ )?(?:below|downstream)|"
    r"downstream of|впада\w+|стека\w+|течёт|течет|ниже по течению)"
)
_WENT = re.compile(
    r"(?i)\b(?:discharg\w+|released?|leak\w*|seep\w*|spill\w*|dump\w*|washed|carried|poured|drained (?:in)?to|flowed|ran (?:in)?to|"
    r"reached|сброс\w*|сбрасыва\w*|слива\w+|утеч\w+|попал\w*|попада\w+|достиг\w*)\b"
)
_NOT = re.compile(r"(?i)\b(?:not|never|n't|no|не)\s+(?:\w+\s+)?$")
_ALTERNATIVES = (
    tr_later("a pipe, a ditch or a lorry, which needs no slope"),
    tr_later("water under the ground"),
)


@dataclass(frozen=True)
class Ways:
    """What was worked out of the water's ways: by the id of the site; and the places that it could
    reach, EPSG:4326, by name."""

    sites: Mapping[str, SiteTerrain]
    places: Mapping[str, shapely.Geometry]


def way_question(claim: Claim, targets: Sequence[str]) -> Question | None:
    """The question for a claim that water goes from a place to one of `targets`.

    None where the claim says no such thing, or names none of the places that were given.
    """
    said = _LIES.search(claim.text) or _WENT.search(claim.text)
    target = _target(claim, targets)
    wet = claim.type in (ClaimType.WATER, ClaimType.TAILINGS)
    if said is None or target is None or not wet:
        return None
    others = tuple(p for p in claim.places if not _same(p.text, target))
    where, vague = circle_of(replace(claim, places=others))
    made = Question(
        claim=claim.id,
        observable=WAY_OF_WATER,
        quantity=tr("way of the water to {target}", target=target),
        unit="1",
        where=where,
        first=None,
        last=None,
        stated_low=None,
        stated_high=None,
        minimum_ha=0.0,
        sensor=tr("elevation model with drawn errors"),
        counts_for=tr(
            "the way from the works passes {target} in {sure:.0%} of the models drawn",
            target=target,
            sure=SURE,
        ),
        counts_against=tr(
            "no model's way does, followed for {winding:.0f} times the straight distance",
            winding=WINDING,
        ),
        alternatives=_ALTERNATIVES,
    )
    if where is None:
        return replace(made, unanswerable=vague, unanswerable_as=Answer.INCONCLUSIVE)
    denied = says_not(claim, words=bool(_NOT.search(claim.text[: said.start()])))
    return replace(made, way=WayAsked(target, said.re is _LIES, denied))


def judge_way(q: Question, claim: Claim, known: Ways, ground: Measurements | None) -> Verdict:
    """The verdict on a claim whose question asks which way water takes."""
    assert q.way is not None
    assert q.where is not None
    base = undecided(q, claim)
    terrain = known.sites
    if ground is None or not terrain:
        return replace(
            base, reason=tr("Where the water goes was not worked out: run gossan terrain.")
        )
    near = [s for s in ground.sites if within(s, q.where) and s.id in terrain]
    if not near:
        return replace(
            base,
            reason=tr("No site lies within {where}: nothing to follow from.", where=q.where.name),
        )
    ways = [(terrain[s.id], _to(terrain[s.id], q.way.target)) for s in near]
    passing = [(t, to) for t, to in ways if to is not None and to.passed.low >= SURE]
    base = replace(
        base,
        sites=tuple(s.id for s in near),
        measurements=tuple(m for _, to in ways if to for m in (to.passed, to.along)),
    )
    if passing:
        return _leads(base, q, passing)
    if all(to is None for _, to in ways):
        return _leads_elsewhere(base, q, known, [t for t, _ in ways])
    return replace(
        base,
        reason=tr(
            "Whether the way passes {target} hangs on errors of the elevation model: {ways}.",
            target=q.way.target,
            ways=_shares(ways),
        ),
    )


def _leads(base: Verdict, q: Question, passing: Sequence[tuple[SiteTerrain, Target]]) -> Verdict:
    assert q.way is not None
    site, to = min(passing, key=lambda pair: (steady(pair[1].along.value), pair[0].site))
    why = tr(
        "From {site} the ground leads water past {target} after {along:.1f} km, in {passed} of "
        "the models drawn.",
        site=site.site,
        target=q.way.target,
        along=to.along.value,
        passed=_share(to.passed),
    )
    if not q.way.lies:
        return replace(
            base,
            reason=tr(
                "{reason} Whether anything went that way is not seen from above.", reason=why
            ),
        )
    return replace(
        base, reason=why, answer=Answer.CONTRADICTED if q.way.denied else Answer.SUPPORTED
    )


def _leads_elsewhere(
    base: Verdict, q: Question, known: Ways, ways: Sequence[SiteTerrain]
) -> Verdict:
    assert q.way is not None
    place = known.places.get(q.way.target)
    if place is None:
        return replace(
            base, reason=tr("{target} is no longer among the places given.", target=q.way.target)
        )
    short = [t.site for t in ways if t.length_km < WINDING * _km(t.outlet, place)]
    why = tr("In none of the models drawn does water from there pass {target}", target=q.way.target)
    if short:
        return replace(
            base,
            reason=tr(
                "{reason}, but from {short} its way was followed for less than {winding:.0f} "
                "times the straight distance.",
                reason=why,
                short=", ".join(short),
                winding=WINDING,
            ),
        )
    if not q.way.lies:
        return replace(
            base,
            reason=tr(
                "{reason}. What a pipe or a ditch carries is not seen from above.", reason=why
            ),
        )
    return replace(
        base,
        reason=tr(
            "{reason}, followed for {winding:.0f} times the straight distance.",
            reason=why,
            winding=WINDING,
        ),
        answer=Answer.SUPPORTED if q.way.denied else Answer.CONTRADICTED,
    )


def _target(claim: Claim, targets: Sequence[str]) -> str | None:
    """The one given place that the text names, the longest name where several do."""
    named = [t for t in targets if _same(claim.text, t)]
    return max(named, key=len, default=None)


def _same(text: str, name: str) -> bool:
    keys = [k for k in strict_keys(name) if k]
    return any(re.search(rf"\b{re.escape(k)}\b", t) for k in keys for t in strict_keys(text))


def _to(terrain: SiteTerrain, name: str) -> Target | None:
    found = [t for t in terrain.targets if t.name == name]
    return max(found, key=lambda t: steady(t.passed.value), default=None)


def _km(at: tuple[float, float], place: shapely.Geometry) -> float:
    kx, ky = 111.32 * math.cos(math.radians(at[1])), 110.57
    local = shapely.transform(place, lambda xy: (xy - [at[0], at[1]]) * [kx, ky])
    return float(local.distance(shapely.Point(0, 0)))


def _share(m: Measurement) -> str:
    return tr("{m:.0%} ({low:.0%} to {high:.0%})", m=m.value, low=m.low, high=m.high)


def _shares(ways: Sequence[tuple[SiteTerrain, Target | None]]) -> str:
    return "; ".join(f"{t.site} {'none' if to is None else _share(to.passed)}" for t, to in ways)
