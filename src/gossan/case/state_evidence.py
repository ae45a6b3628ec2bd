"""The ledger's records of the state: one for each commit, made from what the commit holds.

A commit is made first and recorded after. Killed in between, the next update finds the commit
without a record and makes it then: the same record, for all of it stands in the commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gossan.evidence.ledger import Step
from gossan.io.case_db import CaseDb
from gossan.io.state.store import Commit, StateStore

ACTIONS = ("fit", "step", "back")
"""Records that name a commit of the state in their outputs; of radar's with `radar-` before."""


class StateEvidence:
    """Keeps the ledger level with the line of commits of one state; `sensor` is put before
    the actions of any other than the optical one's."""

    def __init__(self, db: CaseDb, sensor: str = "") -> None:
        self._db = db
        self._sensor = sensor
        mine = {sensor + action for action in ACTIONS}
        named = [r["outputs"]["snapshot"] for r, _ in db.ledger() if r["action"] in mine]
        self._recorded = set(named)
        self._last = named[-1] if named else None

    def catch_up(self, store: StateStore) -> None:
        """Record every commit of the line that has no record, oldest first.

        Where the line does not go on from the commit recorded last, a record says first to
        which one it went back; a new fit says itself that it starts anew.
        """
        missing, base = [], None
        for commit in store.line():
            if commit.snapshot in self._recorded:
                base = commit
                break
            missing.append(commit)
        if base is not None and base.snapshot != self._last:
            self._append(_back(self._last, base), base)
        for commit in reversed(missing):
            self._append(_fit(commit) if commit.n == 0 else _step(commit), commit)

    def _append(self, step: Step, commit: Commit) -> None:
        self._db.append(replace(step, action=self._sensor + step.action).seal)
        self._recorded.add(commit.snapshot)
        self._last = commit.snapshot


def _outputs(commit: Commit, *counts: str) -> dict[str, Any]:
    told = {name: commit.note[name] for name in counts}
    return {"snapshot": commit.snapshot, "hash": commit.state_hash, **told}


def _fit(commit: Commit) -> Step:
    note = commit.note
    parameters: Mapping[str, Any] = {
        **note["parameters"],
        "key": commit.key,
        "version": note["version"],
    }
    return Step(
        "fit", {"history": note["history"]}, parameters, _outputs(commit, "modelled", "early")
    )


def _step(commit: Commit) -> Step:
    note = commit.note
    return Step(
        "step",
        {"scene": note["scene"], "content": note["content"], "snapshot": commit.parent},
        {"key": commit.key, "params": note["params"], "version": note["version"]},
        _outputs(commit, "usable_share", "provisional", "confirmed", "recovered"),
    )


def _back(last: str | None, to: Commit) -> Step:
    return Step("back", {"snapshot": last}, {}, {**_outputs(to), "n": to.n})
