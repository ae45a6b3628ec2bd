"""How a claim stands to earlier ones: repeats, contradicts, refines. Only proposed to a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from gossan.claims.copies import changed_dates
from gossan.core.statements import (
    Claim,
    ClaimType,
    Direction,
    Modality,
    Relation,
    RelationKind,
    Report,
)
from gossan.core.transliterate import loose_key

ALIKE = 85.0
"""Likeness of words, 0..100, from which a sentence repeats another."""
AKIN = 55.0
"""Likeness from which a narrower date or number refines another."""
_APART = ({Direction.HALTED, Direction.RUNNING}, {Direction.HALTED, Direction.RESUMED})


def related(
    new: Sequence[Claim], known: Sequence[Claim], clusters: Mapping[str, str]
) -> tuple[Claim, ...]:
    """`new` with their relations to `known`. `clusters` maps reports to their cluster."""
    return tuple(replace(c, relations=tuple(_relations(c, known, clusters))) for c in new)


def clusters_of(reports: Iterable[Report]) -> dict[str, str]:
    """Report id -> id of its cluster."""
    return {r.id: r.cluster or r.id for r in reports}


def _relations(
    claim: Claim, known: Sequence[Claim], clusters: Mapping[str, str]
) -> Iterable[Relation]:
    others = [k for k in known if k.report != claim.report]
    home = clusters.get(claim.report, claim.report)
    copies: dict[str, list[Claim]] = {}
    for k in others:
        if clusters.get(k.report) == home:
            copies.setdefault(k.report, []).append(k)
    changed = dict(changed_dates(claim, copies))
    for other in others:
        owned = list(_ownership(claim, other))
        yield from owned
        relation = None
        if other.id in changed:
            why = f"A near copy, but the date changed: {changed[other.id]}."
            relation = Relation(RelationKind.CONTRADICTS, other.id, why)
        elif not owned:
            relation = _by_works(claim, other) or _by_words(claim, other)
        if relation is not None:
            yield relation


def _ownership(claim: Claim, other: Claim) -> Iterable[Relation]:
    """Who owns whom and where it sits: agreement, or a contradiction in which both stand."""
    for a in claim.ownership:
        for b in other.ownership:
            if a.relation != b.relation or not _same_name(a.subject, b.subject):
                continue
            said = f"{a.subject} {a.relation.replace('-', ' ')} {a.object}"
            if _same_name(a.object, b.object):
                yield Relation(RelationKind.REPEATS, other.id, f"Both: {said}.")
            elif a.relation in ("seated-in", "subsidiary-of"):
                why = f"{said} here, {b.object} there. Both stand."
                yield Relation(RelationKind.CONTRADICTS, other.id, why)


def _same_name(a: str, b: str) -> bool:
    return loose_key(a) == loose_key(b)


def _by_words(claim: Claim, other: Claim) -> Relation | None:
    likeness = fuzz.token_sort_ratio(claim.text, other.text)
    if likeness >= ALIKE:
        return Relation(
            RelationKind.REPEATS, other.id, "It says the same in nearly the same words."
        )
    if likeness < AKIN or claim.type != other.type or not _share_place(claim, other):
        return None
    mine, theirs = _interval(claim), _interval(other)
    if mine and theirs and theirs[0] <= mine[0] and mine[1] <= theirs[1] and mine != theirs:
        return Relation(RelationKind.REFINES, other.id, "The same matter with a narrower date.")
    return None


def _by_works(claim: Claim, other: Claim) -> Relation | None:
    """Works at one place and time: said to stand and to run, or by both the same."""
    if claim.type != ClaimType.ACTIVITY or other.type != ClaimType.ACTIVITY:
        return None
    told = (Modality.ASSERTED, Modality.HEARSAY, Modality.DENIAL)
    if claim.modality not in told or other.modality not in told or not _share_place(claim, other):
        return None
    apart = {claim.direction, other.direction} in _APART
    denied = (claim.modality is Modality.DENIAL) != (other.modality is Modality.DENIAL)
    mine, theirs = _interval(claim), _interval(other)
    if mine is None or theirs is None or mine[0] > theirs[1] or theirs[0] > mine[1]:
        return None
    if apart == denied:
        same = claim.direction is other.direction and not denied and mine == theirs
        why = "The same is said of works at the same place and time."
        return Relation(RelationKind.REPEATS, other.id, why) if same else None
    return Relation(
        RelationKind.CONTRADICTS,
        other.id,
        "The works are said to stand and to run at the same place and time.",
    )


def _share_place(a: Claim, b: Claim) -> bool:
    def ids(c: Claim) -> set[str]:
        return {p.place.id for p in c.places if p.place and p.place.kind != "country"}

    return bool(ids(a) & ids(b))


def _interval(claim: Claim) -> tuple[int, int] | None:
    """First and last day as ordinals, open ends far away; None without a date."""
    reading = claim.dates[0].reading if claim.dates else None
    if reading is None:
        return None
    first = reading.first.toordinal() if reading.first else 0
    last = reading.last.toordinal() if reading.last else 10**7
    return first, last
