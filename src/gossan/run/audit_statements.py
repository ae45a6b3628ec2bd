"""What a dossier shows of documents against the salted hashes that its ledger recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.dossier.chronicle import Chronicle
from gossan.evidence.ledger import Record
from gossan.run.checks import Check

ACTIONS = ("report", "questions", "verdicts")


def documents_on_record(chronicle: Chronicle | None, chain: Sequence[Record]) -> str:
    """Compare; returns what to say of it, "" for a dossier without documents.

    Raises GossanError (LEDGER) naming the first thing that is on record otherwise. What an older
    gossan recorded has no salted hash and is passed over.
    """
    if chronicle is None:
        return ""
    struck = {
        m for r, _ in chain if r["action"] == "redact" for m in _texts(r["outputs"], "struck")
    }
    known = set(_marks(chain)) - struck
    for s in chronicle.sealed:
        if not s.holds:
            raise _wrong(
                tr(
                    "The {kind} sealed as {mark} was changed, or its salt was.",
                    kind=s.kind,
                    mark=s.mark[:19],
                )
            )
        if s.mark not in known:
            raise _wrong(
                tr("The {kind} sealed as {mark} is on no record.", kind=s.kind, mark=s.mark[:19])
            )
    content = {
        (s.kind, _id(s.kind, d)): d
        for s in chronicle.sealed
        if isinstance(d := json.loads(s.content), dict)
    }
    _held(chronicle, content, old=recorded_unsealed(chain))
    return (
        tr("; {n_sealed} documents, claims and answers too", n_sealed=len(chronicle.sealed))
        if content
        else ""
    )


def recorded_unsealed(chain: Sequence[Record]) -> bool:
    """True where an older gossan recorded documents without sealing what it took from them."""
    return any(r["action"] == "report" and "sha256" in r["inputs"] for r, _ in chain)


def struck_check(chain: Sequence[Record]) -> list[Check]:
    """What is to be said of content struck from the case; nothing where none was."""
    found = [
        (str(r["when"])[:10], len(_texts(r["outputs"], "struck")))
        for r, _ in chain
        if r["action"] == "redact"
    ]
    if not found:
        return []
    days = ", ".join(dict.fromkeys(day for day, _ in found))
    n = sum(n for _, n in found)
    told = tr(
        "{n} things were struck from the case ({days}); the ledger keeps their salted hashes, ",
        n=n,
        days=days,
    )
    return [Check("struck", True, told + tr("which say nothing of them"))]


def _marks(chain: Sequence[Record]) -> Iterator[str]:
    """Every text that a record about documents names; those of an older gossan name no marks."""
    for record, _ in chain:
        action = str(record["action"])
        if action == "redact":
            yield from (*_texts(record["outputs"], "now"), *_texts(record["parameters"], "reason"))
        elif action in ACTIONS or action.startswith("claims-"):
            # what an older gossan recorded is sealed when it is first decided on
            for part in (record["outputs"], record["inputs"]):
                for key in part:
                    yield from _texts(part, key)


def _texts(part: Mapping[str, Any], key: str) -> list[str]:
    found = part.get(key, [])
    values = found if isinstance(found, list) else [found]
    return [v for v in values if isinstance(v, str)]


def _id(kind: str, content: Mapping[str, Any]) -> str:
    return str(content.get("claim" if kind in ("question", "verdict") else "id"))


def _held(
    chronicle: Chronicle, content: Mapping[tuple[str, str], Mapping[str, Any]], *, old: bool
) -> None:
    """Everything shown follows from what is sealed."""
    for d in chronicle.documents:
        _same(
            "report",
            d.id,
            content,
            old,
            lambda c: (
                c["title"] or c["origin"],
                c["outlet"],
                c["side"],
                c["sha256"],
                c["captured"],
            ),
            (d.title, d.outlet, d.side, d.sha256, d.captured),
        )
    for e in chronicle.entries:
        _same(
            "claim",
            e.id,
            content,
            old,
            lambda c, e=e: (
                " ".join(c["text"].split()),
                c["type"],
                c["modality"],
                c["report"].startswith(e.report),
                tuple(link["name"] for link in c["attribution"]),
            ),
            (e.text, e.kind, e.modality, True, e.chain),
        )
    for a in chronicle.answers:
        _same(
            "verdict",
            a.id,
            content,
            old,
            lambda c: (c["answer"], c["reason"], c["draft"]),
            (a.verdict, a.reason, a.draft),
        )


def _same(
    kind: str,
    name: str,
    content: Mapping[tuple[str, str], Mapping[str, Any]],
    old: bool,
    said: Any,
    shown: tuple[Any, ...],
) -> None:
    found = content.get((kind, _whole(kind, name, content)))
    if found is None:
        if old:
            return
        raise _wrong(tr("What is shown of {name} has no salted hash on record.", name=name))
    try:
        same = said(found) == shown
    except (KeyError, TypeError, AttributeError):
        same = False
    if not same:
        raise _wrong(tr("What is shown of {name} is not what was recorded of it.", name=name))


def _whole(kind: str, name: str, content: Mapping[tuple[str, str], Any]) -> str:
    """The id of which a shown name is the beginning; the name itself where none or several fit."""
    fits = [i for k, i in content if k == kind and i.startswith(name)]
    return fits[0] if len(fits) == 1 else name


def _wrong(problem: str) -> GossanError:
    return GossanError(Code.LEDGER, problem)
