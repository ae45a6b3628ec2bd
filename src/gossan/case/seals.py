"""The case's seals: what the ledger's salted hashes stand for, kept where it can be struck."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gossan.core.hashing import canonical_json, hash_bytes
from gossan.core.sealed import Sealed, seal
from gossan.core.serialise import from_plain, to_plain
from gossan.core.statements import Report
from gossan.io.case_db import CaseDb, Document

SEAL = "seal"
"""Kind of their documents in `case.db`; the id of one is its mark."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A seal as the case keeps it: `of` names what it is of, `n` counts from the first."""

    sealed: Sealed
    of: str
    n: int


class Seals:
    """The seals of a case, and new ones until they are recorded with what they are of."""

    def __init__(self, db: CaseDb) -> None:
        self.kept = {m: from_plain(Kept, body) for m, body in db.documents(SEAL).items()}
        self._new: dict[str, Kept] = {}
        self._current: dict[tuple[str, str], Sealed] = {}
        for k in sorted(self.kept.values(), key=lambda k: k.n):
            self._current[k.sealed.kind, k.of] = k.sealed
        self._n = 1 + max((k.n for k in self.kept.values()), default=-1)

    def mark(self, kind: str, of: str, value: object) -> str:
        """The mark of a value: the one it has, where it was sealed as it is, else a new one."""
        plain = to_plain(value)
        known = self._current.get((kind, of))
        if known is not None and known.content == canonical_json(plain).decode():
            return known.mark
        made = seal(kind, plain)
        self._current[kind, of] = made
        self._new[made.mark] = Kept(made, of, self._n)
        self._n += 1
        return made.mark

    def strike(self, marks: Iterable[str]) -> None:
        """Forget these, so that what is left of what they were of is sealed anew."""
        gone = set(marks)
        self._current = {k: s for k, s in self._current.items() if s.mark not in gone}

    def sealed_before(self, kind: str, of: str) -> bool:
        """True where something was ever sealed, struck or not."""
        return any((k.sealed.kind, k.of) == (kind, of) for k in self.kept.values())

    def note(self, text: str) -> str:
        """The mark of words a person wrote, "" for none."""
        return self.mark("note", f"note-{self._n}", text) if text else ""

    def report(self, report: Report) -> str:
        """The mark of a report."""
        return self.mark("report", report.id, shown(report))

    def current(self, kind: str, of: str) -> Sealed | None:
        """The newest seal of something, None where an older gossan recorded it."""
        return self._current.get((kind, of))

    def documents(self) -> list[Document]:
        """The new ones, for the record that names them."""
        return [(SEAL, m, to_plain(k)) for m, k in self._new.items()]


def shown(report: Report) -> dict[str, Any]:
    """What is sealed of a report: everything but its text, of which the hash is."""
    plain: dict[str, Any] = to_plain(report)
    body = plain.pop("body")
    return {**plain, "body": hash_bytes(body.encode())}
