"""List, show and review the claims of a case; every decision is one ledger record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gossan.case.context import OpenCase, open_case, read_case_folder
from gossan.case.documents import (
    claim_named,
    claims_of,
    document,
    gazetteer_of,
    names_of,
    record,
    report_named,
    reports_of,
)
from gossan.case.redaction import redactor_of
from gossan.case.seals import Seals
from gossan.claims import bods, review
from gossan.claims.extract import claim_id
from gossan.claims.review import Correction
from gossan.core.errors import Code, GossanError
from gossan.core.statements import Claim, Report, ReviewStatus
from gossan.core.words import tr
from gossan.observables.registry import claim_types

WHOLE = re.compile(r"\b[CR]-[0-9a-f]{64}\b")
BEGINNING = re.compile(r"C-[0-9a-f]{8,64}")
"""An id of a claim, or enough of its beginning to have been shown for it."""

Door = Callable[[Path], AbstractContextManager[OpenCase]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which claims to list; None and "" mean all.

    `source` is looked for in the outlet and in every name of the chain, whatever its case.
    """

    status: ReviewStatus | None = None
    type: str | None = None
    source: str = ""


@dataclass(frozen=True)
class Listed:
    """Claims in order, the reports they stand in by id, and how ids are shown in this case."""

    claims: tuple[Claim, ...]
    reports: Mapping[str, Report]
    names: Mapping[str, str]


@contextmanager
def _opened(folder: Path, door: Door = open_case) -> Iterator[OpenCase]:
    """A case opened by a door of `case.context`; what goes wrong is told with ids as shown."""
    with door(folder) as case:
        try:
            yield case
        except GossanError as error:
            names = names_of(case.db)
            told = WHOLE.sub(lambda i: names.get(i[0], i[0]), error.problem)
            raise GossanError(error.code, told, error.hint) from error


def list_claims(folder: Path, wanted: Wanted) -> Listed:
    """The claims of a case that are wanted."""
    with _opened(folder, read_case_folder) as case:
        claims = [c for c in claims_of(case.db).values() if _is_wanted(c, wanted)]
        return Listed(tuple(claims), reports_of(case.db), names_of(case.db))


def shown_names(folder: Path) -> dict[str, str]:
    """Ids of reports and claims -> as they are shown in this case."""
    with read_case_folder(folder) as case:
        return names_of(case.db)


def show_claims(folder: Path, names: Sequence[str]) -> Listed:
    """Claims by id. Raises GossanError (CLAIM) for an id that names none."""
    with _opened(folder, read_case_folder) as case:
        claims = claims_of(case.db)
        found = tuple(claim_named(claims, n) for n in names)
        return Listed(found, reports_of(case.db), names_of(case.db))


def _is_wanted(claim: Claim, wanted: Wanted) -> bool:
    names = " ".join(link.name for link in claim.attribution).lower()
    return (
        (wanted.status is None or claim.status is wanted.status)
        and (wanted.type is None or claim.type == wanted.type)
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
    with _opened(folder) as case, gazetteer_of(case) as gazetteer:
        old = claim_named(claims_of(case.db), name)
        change = redactor_of(case.config).correction(change)
        new = review.correct(old, change, gazetteer)
        return _decide(case, "correct", [old], [new], change.note)[0]


def split_claim(folder: Path, name: str, at: int, note: str) -> list[Claim]:
    """Part one claim in two at an offset into its words."""
    with _opened(folder) as case:
        old = claim_named(claims_of(case.db), name)
        new = review.split(old, at, reports_of(case.db)[old.report].body)
        return _decide(case, "split", [old], list(new), note)


def merge_claims(folder: Path, names: Sequence[str], note: str) -> Claim:
    """Make one claim of several of the same report."""
    with _opened(folder) as case:
        claims = claims_of(case.db)
        old = list({c.id: c for c in (claim_named(claims, n) for n in names)}.values())
        if not old:
            raise GossanError(Code.CLAIM, tr("Expected the ids of two or more claims, found none."))
        new = review.merge(old, reports_of(case.db)[old[0].report].body)
        return _decide(case, "merge", old, [new], note)[0]


def import_claims(folder: Path, data: object, note: str) -> list[Claim]:
    """Take in claims as `--json` gave them, edited elsewhere. All of them, or none.

    A claim that changed, and was not already decided on in the file, counts as corrected. One
    whose id names no claim of the case is new and gets an id of its own.
    Raises GossanError (CLAIM) naming the first that does not fit its report.
    """
    rows = data.get("claims") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise GossanError(Code.CLAIM, tr("Expected a list of claims, as `--json` writes it."))
    with _opened(folder) as case:
        reports, claims = reports_of(case.db), claims_of(case.db)
        old: list[Claim] = []
        new: dict[str, Claim] = {}
        for row in rows:
            if not isinstance(row, dict):
                raise GossanError(Code.CLAIM, tr("Expected a claim, as `--json` writes it."))
            report = report_named(reports, str(row.get("report")))
            row, known = _identified(row, report, claims)
            claim = review.edited(row, report, known, claim_types())
            if claim.id in new:
                raise GossanError(
                    Code.CLAIM,
                    tr('The claim "{claim_id}" stands twice in the file.', claim_id=claim.id),
                )
            if claim == known:
                continue
            if known is None:
                claim = replace(claim, extractor="person")
            elif claim.status is known.status:
                claim = replace(claim, status=ReviewStatus.CORRECTED)
            if claim.status is ReviewStatus.ACCEPTED:
                review.accept(claim)
            old += [known] if known else []
            new[claim.id] = claim
        return _decide(case, "import", old, list(new.values()), note) if new else []


def _identified(
    row: Mapping[str, Any], report: Report, claims: Mapping[str, Claim]
) -> tuple[dict[str, Any], Claim | None]:
    """A row with whole ids, and the claim of the case that it is: by its id, by the beginning of
    it, or taken in from such a row before."""
    given = str(row.get("id"))
    name = given
    if given not in claims:
        if BEGINNING.fullmatch(given) and any(i.startswith(given) for i in claims):
            name = claim_named(claims, given).id
        else:
            span = row.get("span")
            start, end = span if isinstance(span, list) and len(span) == 2 else (0, 0)
            name = claim_id(report.id, start, end, f"taken in as {given}")
    return {**row, "id": name, "report": report.id}, claims.get(name)


def export_bods(folder: Path) -> list[dict[str, Any]]:
    """Ownership in claims that were not rejected, as BODS statements."""
    with _opened(folder, read_case_folder) as case:
        claims = [c for c in claims_of(case.db).values() if c.status is not ReviewStatus.REJECTED]
        day = datetime.now(UTC).date().isoformat()
        return bods.statements(claims, reports_of(case.db), day)


def _each(
    folder: Path, names: Sequence[str], action: str, note: str, change: Callable[[Claim], Claim]
) -> list[Claim]:
    with _opened(folder) as case:
        claims = claims_of(case.db)
        everything = list(names) == ["all"]
        named = claims.values() if everything else (claim_named(claims, n) for n in names)
        old = list({c.id: c for c in named}.values())
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
        case.db,
        f"claims-{action}",
        {"claims": [seals.mark("claim", c.id, c) for c in old]},
        {
            "claims": [seals.mark("claim", c.id, c) for c in new],
            "note": seals.note(redactor.text(note)),
        },
        [*documents, *seals.documents()],
    )
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
            "id": listed.names[c.id],
            "report": listed.names[c.report],
            "type": c.type,
            "modality": c.modality.value,
            "date": edtf,
            "places": ", ".join(dict.fromkeys(names)),
            "source": c.source.name,
            "status": c.status.value,
            "text": c.text,
        }
