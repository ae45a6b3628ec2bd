"""Limits kept in the case's database, and whether they still hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gossan.case.context import OpenCase
from gossan.case.power import WHOLE, read_slot, state_key
from gossan.case.state import Monitored
from gossan.core.hashing import hash_json
from gossan.core.params import LimitsParams
from gossan.core.power.rows import restored, stored, trial_of, trial_row
from gossan.core.power.trials import PowerCurves, Trial
from gossan.observables.limits.chances import Counts

WINDOW, PART = "limits_window", "limits_part"
"""Keys of the newest run over a window of the time watched, and of one not finished."""


@dataclass(frozen=True)
class Part:
    """What a run has done so far: trials by index, and counts of the finished blocks."""

    trials: dict[int, Trial]
    blocks: dict[str, Counts]


def run_key(case: OpenCase, state: Monitored, params: LimitsParams) -> str:
    """Hash of everything a run of trials depends on."""
    asked = {**asdict(params), "first": str(params.first), "last": str(params.last)}
    return hash_json({"state": state_key(case, state), "params": asked})


def finished(case: OpenCase, params: LimitsParams, key: str) -> PowerCurves | None:
    """The result of exactly this run, if it was made before."""
    body = read_slot(case, _slot(params))
    return restored(body["curves"]) if body is not None and body["key"] == key else None


def keep(
    case: OpenCase, state: Monitored, params: LimitsParams, key: str, curves: PowerCurves
) -> None:
    """Keep a result and forget the unfinished run."""
    body = {"key": key, "state": state_key(case, state), "curves": stored(curves)}
    case.db.put(_slot(params), json.dumps(body))
    case.db.put(PART, json.dumps(None))


def is_recorded(case: OpenCase, params: LimitsParams, key: str) -> bool:
    """Whether the ledger holds this run."""
    return case.db.get(f"{_slot(params)}_recorded") == key


def set_recorded(case: OpenCase, params: LimitsParams, key: str) -> None:
    """The ledger holds this run."""
    case.db.put(f"{_slot(params)}_recorded", key)


def part_of(case: OpenCase, key: str) -> Part:
    """What an earlier call of this very run got done; empty for another run."""
    body = read_slot(case, PART)
    if body is None or body["key"] != key:
        return Part({}, {})
    trials = (trial_of(row) for row in body["trials"])
    return Part({t.index: t for t in trials}, body["blocks"])


def keep_part(case: OpenCase, key: str, part: Part) -> None:
    """Keep what is done, so that the next call goes on from there."""
    rows: Sequence[Any] = [trial_row(t) for t in part.trials.values()]
    case.db.put(PART, json.dumps({"key": key, "trials": rows, "blocks": part.blocks}))


def _slot(params: LimitsParams) -> str:
    return WHOLE if params.first is None and params.last is None else WINDOW
