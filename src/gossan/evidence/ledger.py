"""Each step of the work leaves one record; each record holds the hash of the one before.

Changing, removing or reordering a record breaks every hash after it. The chain proves that
nothing was altered afterwards, not that what was written was true: for that the inputs are
named by hash and the work can be run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gossan import __version__
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json

GENESIS = "sha256:" + "0" * 64


@dataclass(frozen=True)
class EvidenceRecord:
    """One step of the work.

    Attributes
    ----------
    seq : position in the chain, from 0
    when : UTC, ISO 8601, when the step ended
    action : "search", "read", "monitor", "limits", "sites" or "dossier"
    inputs, parameters, outputs : JSON values; files and arrays by hash
    software : gossan's version
    previous : hash of the record before, GENESIS for the first
    """

    seq: int
    when: str
    action: str
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]
    software: str
    previous: str

    def as_json(self) -> dict[str, Any]:
        """Everything the hash covers, as plain JSON values."""
        return {
            "seq": self.seq,
            "when": self.when,
            "action": self.action,
            "inputs": dict(self.inputs),
            "parameters": dict(self.parameters),
            "outputs": dict(self.outputs),
            "software": self.software,
            "previous": self.previous,
        }

    @property
    def hash(self) -> str:
        """SHA-256 of the record's canonical JSON."""
        return hash_json(self.as_json())


@dataclass(frozen=True)
class Step:
    """What a step of the work has to say for the ledger, before it has a place in the chain."""

    action: str
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def seal(self, seq: int, previous: str | None, when: str) -> tuple[dict[str, Any], str]:
        """The record at position `seq` after `previous`, as JSON, and its hash."""
        record = EvidenceRecord(
            seq,
            when,
            self.action,
            self.inputs,
            self.parameters,
            self.outputs,
            __version__,
            previous or GENESIS,
        )
        return record.as_json(), record.hash


def verify_chain(records: Iterable[tuple[Mapping[str, Any], str]]) -> int:
    """Check records as stored (JSON and the hash beside it), in order.

    Returns the number of records. Raises GossanError (LEDGER) naming the first record at
    which the chain is broken, and how.
    """
    previous, n = GENESIS, 0
    for body, stored in records:
        record = EvidenceRecord(**body)
        if record.seq != n:
            raise GossanError(
                Code.LEDGER, f"The ledger should continue with record {n}, found {record.seq}."
            )
        if record.previous != previous:
            raise GossanError(
                Code.LEDGER, f"Ledger record {n} does not follow the record before it."
            )
        if record.hash != stored:
            raise GossanError(
                Code.LEDGER,
                f"Ledger record {n} ({record.action}) was changed after it was written.",
            )
        previous, n = stored, n + 1
    return n
