"""What a dossier shows against what its ledger recorded: images, sites and limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.power.rows import stored
from gossan.core.site_row import sites_hash, sites_hash_by_area
from gossan.core.values import Outcome, SceneRecord, Site
from gossan.core.words import tr
from gossan.dossier.model import DossierModel
from gossan.dossier.stored import Model
from gossan.evidence.ledger import Record, last_of
from gossan.run.audit_statements import documents_on_record
from gossan.run.checks import Check


def against_ledger(model: Model, head: str, chain: Sequence[Record]) -> Check:
    """Compare. Raises GossanError (LEDGER) naming the first thing that is on record otherwise."""
    if model.ledger_head != head:
        raise _wrong(
            tr(
                "The dossier rests on record {ledger_head}, the ledger ends at {head}.",
                ledger_head=model.ledger_head,
                head=head,
            )
        )
    said = documents_on_record(model.chronicle, chain)
    if not isinstance(model, DossierModel):
        return Check("record", True, tr("the ledger ends where the dossier says{said}", said=said))
    _images(model.scenes, chain)
    _sites(tuple(s.site for s in model.sites), chain)
    told = tr("images and sites")
    if model.power is not None:
        digest = hash_json(stored(model.power.found))
        if digest not in {r["outputs"]["hash"] for r, _ in chain if r["action"] == "limits"}:
            raise _wrong(tr("The detection limits shown are not those on record."))
        told = tr("images, sites and limits")
    return Check(
        "record", True, tr("{told} are those the ledger recorded{said}", told=told, said=said)
    )


def _images(shown: Sequence[SceneRecord], chain: Sequence[Record]) -> None:
    search = last_of(chain, "search")
    if search is None:
        raise _wrong(tr("The ledger holds no search for images."))
    answer: dict[str, Any] = search["outputs"]
    listed = {*answer["read"], *(name for name, *_ in answer["aside"])}
    there = {r.id for r in shown}
    if missing := sorted(listed - there):
        raise _wrong(
            tr("The image {image} was found by the search but is not listed.", image=missing[0])
        )
    if extra := sorted(there - listed):
        raise _wrong(tr("The image {image} is listed but no search found it.", image=extra[0]))
    aside = {name: (outcome, why) for name, outcome, why in answer["aside"]}
    read = {i for r, _ in chain if r["action"] == "read" for i in r["inputs"]["items"]}
    for record in shown:
        if record.id in aside and (record.outcome.value, record.reason) != aside[record.id]:
            raise _wrong(
                tr(
                    "The image {image} is said to be {outcome} ({said}), on record is {known}: "
                    "{reason}.",
                    image=record.id,
                    outcome=record.outcome.value,
                    said=record.reason,
                    known=aside[record.id][0],
                    reason=aside[record.id][1],
                )
            )
        if record.outcome is Outcome.USED and record.id not in read:
            raise _wrong(
                tr(
                    "The image {image} is said to be used, but no reading is on record.",
                    image=record.id,
                )
            )


def _sites(shown: Sequence[Site], chain: Sequence[Record]) -> None:
    recorded = last_of(chain, "sites")
    if recorded is None:
        raise _wrong(tr("The ledger holds no record of sites."))
    if len(shown) != recorded["outputs"]["n"]:
        raise _wrong(
            tr(
                "{n_shown} sites are shown, {n} are on record.",
                n_shown=len(shown),
                n=recorded["outputs"]["n"],
            )
        )
    if recorded["outputs"]["hash"] not in (sites_hash(shown), sites_hash_by_area(shown)):
        raise _wrong(tr("The sites shown (outlines, areas, dates) are not those on record."))


def _wrong(problem: str) -> GossanError:
    return GossanError(Code.LEDGER, problem)
