"""List, show and review the claims of a case; every decision is one ledger record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gossan.claims import bods, review
from gossan.claims.review import Correction
from gossan.core.errors import Code, GossanError
from gossan.core.statements import Claim, ClaimType, Report, ReviewStatus
from gossan.run.documents import (
    claim_named,
    claims_of,
    document,
    gazetteer_of,
    record,
    reports_of,
)
from gossan.run.opened import OpenCase, open_case
from gossan.run.redaction import redactor_of
from gossan.run.seals import Seals


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims to list; None and "" mean all.

    `source` is looked for in the outlet and in every name of the chain, whatever its case.
    """

    status: ReviewStatus | None = None
    type: ClaimType | None = None
    source: str = ""


@dataclass(frozen=True)
class Listed:
    """Claims in order, and the reports they stand in by id."""

    claims: tuple[Claim, ...]
    reports: Mapping[str, Report]


def list_claims(folder: Path, wanted: Wanted) -> Listed:
    """The claims of a case that are wanted."""
    with open_case(folder) as case:
        claims = [c for c in claims_of(case.db).values() if _is_wanted(c, wanted)]
        return Listed(tuple(claims), reports_of(case.db))


def show_claims(folder: Path, names: Sequence[str]) -> Listed:
    """Claims by id. Raises GossanError (CLAIM) for an id that names none."""
    with open_case(folder) as case:
        claims = claims_of(case.db)
        return Listed(tuple(claim_named(claims, n) for n in names), reports_of(case.db))


def _is_wanted(claim: Claim, wanted: Wanted) -> bool:
    names = " ".join(link.name for link in claim.attribution).lower()
    return (
        (wanted.status is None or claim.status is wanted.status)
        and (wanted.type is None or claim.type is wanted.type)
        and wanted.source.lower() in names
    )


def accept_claims(folder: Path, names: Sequence[str], note: str) -> list[Claim]:
    """Accept claims as they stand."""
    return _each(folder, names, "accept", note, lambda c: review.accept(c, note))


def reject_claims(folder: Path, names: Sequence[str], note: str) -> list[Claim]:
    """Reject claims: they are none, or none of this case."""
    return _each(folder, names, "reject", note, lambda c: review.reject(c, note))


def correct_claim(folder: Path, name: str, change: Correction) -> Claim:
    """Correct one claim; a corrected claim counts as reviewed."""
    with open_case(folder) as case, gazetteer_of(case) as gazetteer:
        old = claim_named(claims_of(case.db), name)
        change = redactor_of(case.config).correction(change)
        new = review.correct(old, change, gazetteer)
        return _decide(case, "correct", [old], [new], change.note)[0]


def split_claim(folder: Path, name: str, at: int, note: str) -> list[Claim]:
    """Part one claim in two at an offset into its words."""
    with open_case(folder) as case:
        old = claim_named(claims_of(case.db), name)
        new = review.split(old, at, reports_of(case.db)[old.report].body)
        return _decide(case, "split", [old], list(new), note)


def merge_claims(folder: Path, names: Sequence[str], note: str) -> Claim:
    """Make one claim of several of the same report."""
    with open_case(folder) as case:
        claims = claims_of(case.db)
        old = [claim_named(claims, n) for n in names]
        if not old:
            raise GossanError(Code.CLAIM, "Expected the ids of two or more claims, found none.")
        new = review.merge(old, reports_of(case.db)[old[0].report].body)
        return _decide(case, "merge", old, [new], note)[0]


def import_claims(folder: Path, data: object, note: str) -> list[Claim]:
    """Take in claims as `--json` gave them, edited elsewhere. All of them, or none.

    A claim that changed, and was not already decided on in the file, counts as corrected.
    Raises GossanError (CLAIM) naming the first that does not fit its report.
    """
    rows = data.get("claims") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise GossanError(Code.CLAIM, "Expected a list of claims, as `--json` writes it.")
    with open_case(folder) as case:
        reports, claims = reports_of(case.db), claims_of(case.db)
        old, new = [], []
        for row in rows:
            name = row.get("report") if isinstance(row, dict) else None
            if name not in reports:
                raise GossanError(Code.CLAIM, f'No report "{name}" in this case.')
            known = claims.get(str(row.get("id")))
            claim = review.edited(row, reports[str(name)], known)
            if claim == known:
                continue
            if known is None:
                claim = replace(claim, extractor="person")
            elif claim.status is known.status:
                claim = replace(claim, status=ReviewStatus.CORRECTED)
            if claim.status is ReviewStatus.ACCEPTED:
                review.accept(claim)
            old += [known] if known else []
            new.append(claim)
        return _decide(case, "import", old, new, note) if new else new


def export_bods(folder: Path) -> list[dict[str, Any]]:
    """Ownership in claims that were not rejected, as BODS statements."""
    with open_case(folder) as case:
        claims = [c for c in claims_of(case.db).values() if c.status is not ReviewStatus.REJECTED]
        day = datetime.now(UTC).date().isoformat()
        return bods.statements(claims, reports_of(case.db), day)


def _each(
    folder: Path, names: Sequence[str], action: str, note: str, change: Callable[[Claim], Claim]
) -> list[Claim]:
    with open_case(folder) as case:
        claims = claims_of(case.db)
        everything = list(names) == ["all"]
        old = list(claims.values()) if everything else [claim_named(claims, n) for n in names]
        if everything:
            old = [c for c in old if c.status is ReviewStatus.UNREVIEWED]
        new = [change(c) for c in old]
        return _decide(case, action, old, new, note) if new else new


def _decide(
    case: OpenCase, action: str, old: Sequence[Claim], new: Sequence[Claim], note: str
) -> list[Claim]:
    """Record a decision, keep and return what came of it; claims it replaces are removed.

    A question fixed for a claim whose matter changed is no longer its question and goes with
    it; its seal stays, and what a claim was before stays in that of its own.
    """
    redactor, seals = redactor_of(case.config), Seals(case.db)
    new = redactor.claims(new)
    kept = {c.id: c for c in new}
    documents = [document("claim", c.id, c) for c in new]
    documents += [document("claim", c.id, None) for c in old if c.id not in kept]
    for c in old:
        if c.id not in kept or _matter(kept[c.id]) != _matter(c):
            documents += [document("question", c.id, None), document("verdict", c.id, None)]
    record(
        case.db, f"claims-{action}",
        {"claims": [seals.mark("claim", c.id, c) for c in old]},
        {"claims": [seals.mark("claim", c.id, c) for c in new],
         "note": seals.note(redactor.text(note))},
        [*documents, *seals.documents()],
    )  # fmt: skip
    return new


def _matter(claim: Claim) -> Claim:
    """What a question rests on: the claim without what review adds to it."""
    return replace(claim, status=ReviewStatus.UNREVIEWED, notes=(), relations=())


def rows(listed: Listed) -> Iterable[dict[str, Any]]:
    """One flat line a claim, for tables."""
    for c in listed.claims:
        when = c.dates[0] if c.dates else None
        edtf = when.reading.edtf if when and when.reading else ("?" if when else "")
        names = [p.text for p in c.places if p.place is None or p.place.kind != "country"]
        yield {
            "id": c.id, "report": c.report, "type": c.type.value, "modality": c.modality.value,
            "date": edtf, "places": ", ".join(dict.fromkeys(names)), "source": c.source.name,
            "status": c.status.value, "text": c.text,
        }  # fmt: skip
