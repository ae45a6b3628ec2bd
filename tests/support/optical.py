"""The optical step for tests that keep the state before it."""

from __future__ import annotations

from typing import Any

from gossan.monitor.state import MonitorState, copied
from gossan.monitor.step import step_into


def step(state: MonitorState, *scene: Any) -> MonitorState:
    """State after one more scene; `state` stays as it is. Arguments as `step_into`."""
    after = copied(state)
    step_into(after, *scene)
    return after
