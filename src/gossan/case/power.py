"""What would have been seen in a case's images: kept by `gossan limits`, used by every "no"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gossan.case.context import OpenCase
from gossan.case.state import Monitored
from gossan.core.hashing import hash_json
from gossan.core.power.rows import restored
from gossan.core.power.trials import METHOD, PowerCurves

WHOLE = "limits"
"""Key of the newest run of trials over the whole time watched."""


def state_key(case: OpenCase, state: Monitored) -> str:
    """Hash of what limits depend on beside their own parameters: the looks, the monitor and
    what counts as a site. Limits hold only as long as it stays."""
    return hash_json(
        {"method": METHOD, "state": state.head.chain, "sites": asdict(case.config.sites)}
    )


def limits_of(case: OpenCase, state: Monitored) -> PowerCurves | None:
    """The limits of the case over the whole time watched; None where none were computed, or
    only for other looks or other sites than the present ones."""
    body = read_slot(case, WHOLE)
    if body is None or body["state"] != state_key(case, state):
        return None
    return restored(body["curves"])


def read_slot(case: OpenCase, slot: str) -> Mapping[str, Any] | None:
    """What the database holds of a run of trials, None nothing."""
    text = case.db.get(slot)
    body: Mapping[str, Any] | None = None if text is None else json.loads(text)
    return body
