"""Each step of the work leaves one record; each record holds the hash of the one before.

Changing, removing or reordering a record breaks every hash after it. The chain proves that
nothing was altered afterwards, not that what was written was true: for that the inputs are
named by hash and the work can be run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from gossan.core.addresses import clean
from gossan.core.agent import Agent
from gossan.core.clock import in_words, set_back
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.words import tr

GENESIS = "sha256:" + "0" * 64

Record = tuple[dict[str, Any], str]
"""A record as JSON values, and the hash stored beside it."""

OWN = ("dossier",)
"""Actions that a dossier does not rest on: written again, it gives the same bytes."""


@dataclass(frozen=True)
class EvidenceRecord:
    """One step of the work.

    Attributes
    ----------
    seq : position in the chain, from 0
    when : UTC, ISO 8601, when the step ended
    action : e.g. "search", "read", "fit", "step", "sites", "verdicts", "dossier"
    inputs, parameters, outputs : JSON values; files and arrays by hash
    who, software, code, packages : as in `core.agent.Agent`
    previous : hash of the record before, GENESIS for the first
    """

    seq: int
    when: str
    action: str
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]
    who: str
    software: str
    code: str
    packages: str
    previous: str


@dataclass(frozen=True)
class Step:
    """What a step of the work has to say for the ledger, before it has a place in the chain."""

    action: str
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def seal(
        self, seq: int, previous: str | None, when: str, maker: Agent
    ) -> tuple[dict[str, Any], str]:
        """The record at position `seq` after `previous`, as JSON, and its hash.

        Addresses lose what lets somebody in: a chain is handed on with every dossier.
        """
        record = EvidenceRecord(
            seq,
            when,
            self.action,
            clean(self.inputs),
            clean(self.parameters),
            clean(self.outputs),
            **_flat(maker),
            previous=previous or GENESIS,
        )
        body = _flat(record)
        return body, hash_json(body)


def _flat(value: Any) -> dict[str, Any]:
    """Fields by name; what they hold is not copied, as `dataclasses.asdict` would."""
    return {f.name: getattr(value, f.name) for f in fields(value)}


def verify_chain(records: Iterable[tuple[Mapping[str, Any], str]]) -> int:
    """Check records as stored (JSON and the hash beside it), in order.

    Returns the number of records. Raises GossanError (LEDGER) naming the first record at
    which the chain is broken, and how.
    """
    previous, n = GENESIS, 0
    for body, stored in records:
        seq, action = body.get("seq"), str(body.get("action"))[:40]
        if seq != n or isinstance(seq, bool):
            raise GossanError(
                Code.LEDGER,
                tr("The ledger should continue with record {n}, found {seq!r:.20}.", n=n, seq=seq),
            )
        if body.get("previous") != previous:
            raise GossanError(
                Code.LEDGER, tr("Ledger record {n} does not follow the record before it.", n=n)
            )
        if not _has(body, stored):
            raise GossanError(
                Code.LEDGER,
                tr(
                    "Ledger record {n} ({action}) was changed after it was written.",
                    n=n,
                    action=action,
                ),
            )
        previous, n = stored, n + 1
    return n


def clock_of(records: Iterable[Record]) -> str:
    """What to say of a clock that was set back between records, beginning with "; ", or "".

    It breaks no chain: the order is that of the records, the times are what the clock said.
    """
    words = in_words(set_back(str(body.get("when")) for body, _ in records), tr("record"))
    return f"; {words}" if words else ""


def _has(body: Mapping[str, Any], stored: str) -> bool:
    try:
        return hash_json(body) == stored
    except (ValueError, RecursionError):  # what cannot be written was never hashed
        return False


def resting_on(records: Iterable[Record]) -> list[Record]:
    """The chain up to the newest record a dossier rests on: what is only its own is cut off."""
    chain = list(records)
    while chain and chain[-1][0]["action"] in OWN:
        chain.pop()
    return chain


def last_of(records: Iterable[tuple[Mapping[str, Any], str]], action: str) -> dict[str, Any] | None:
    """The newest record of an action, None without one."""
    found = None
    for body, _ in records:
        if body["action"] == action:
            found = dict(body)
    return found
