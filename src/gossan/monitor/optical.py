"""The optical monitor as the loop asks it: fit, step and scene shifts bound to parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.core.params import MonitorParams
from gossan.core.sensor import Groups, Observation
from gossan.monitor import state as states
from gossan.monitor.fit import fit, refit, refit_due, relearns_between
from gossan.monitor.scene import history_biases, scene_bias
from gossan.monitor.state import MonitorState
from gossan.monitor.step import Calibration, step_into

Shift = NDArray[np.float32]
"""Reflectance all ground is off by in a scene, (bands,)."""


@dataclass(frozen=True)
class OpticalMonitor:
    """See `core.sensor.Monitor`; what a scene has in common is its shift.

    Attributes
    ----------
    params, bands : of the monitor, and what it follows (`tables.followed`)
    shifts : of each scene of the history it is prepared for; None: taken as they are
    """

    params: MonitorParams
    bands: tuple[str, ...]
    shifts: Sequence[Sequence[float]] | NDArray[np.float32] | None = None

    def prepared(
        self, values: NDArray[np.float32], usable: NDArray[np.bool_], days: NDArray[np.int32]
    ) -> OpticalMonitor:
        """See `Monitor.prepared`."""
        return replace(self, shifts=history_biases(values, usable, days, self.params, self.bands))

    def resumed(self, _meta: Mapping[str, Any], /) -> OpticalMonitor:
        """Itself: a history's shifts matter to its fit alone."""
        return self

    def fit(
        self, values: NDArray[np.float32], usable: NDArray[np.bool_], days: NDArray[np.int32]
    ) -> MonitorState:
        """See `fit.fit`."""
        known = None if self.shifts is None else np.asarray(self.shifts, np.float32)
        return fit(values, usable, days, self.params, self.bands, known)

    def relearns(self, before: int, day: int) -> bool:
        """See `fit.relearns_between`."""
        return relearns_between(before, day, self.params)

    def due(self, state: MonitorState) -> NDArray[np.bool_]:
        """See `fit.refit_due`."""
        return refit_due(state)

    def refit(
        self,
        state: MonitorState,
        values: NDArray[np.float32],
        usable: NDArray[np.bool_],
        days: NDArray[np.int32],
        common: Sequence[Shift],
    ) -> MonitorState:
        """See `fit.refit`."""
        return refit(state, values, usable, days, self.params, np.array(common, np.float32))

    def common(self, state: MonitorState, seen: Observation) -> Shift:
        """See `scene.scene_bias`."""
        return scene_bias(state, seen.physical(), seen.usable, seen.day, self.params)

    def step(
        self, state: MonitorState, seen: Observation, common: Shift
    ) -> tuple[MonitorState, Groups]:
        """See `step.step_into`: `state` itself is written to."""
        told = Calibration.reflectance(len(self.bands), common)
        if seen.scale is not None and seen.offset is not None:
            told = Calibration(seen.scale, seen.offset, told.shift)
        eventful = step_into(state, seen.values, seen.usable, seen.day, self.params, told)
        touched = ("dynamic", "events") if eventful else ("dynamic",)
        groups = state.groups()
        return state, {name: groups[name] for name in touched}

    def copied(self, state: MonitorState) -> MonitorState:
        """See `Monitor.copied`; the model is shared, for a step does not touch it."""
        return states.copied(state)

    def restored(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> MonitorState:
        """See `state.from_arrays`."""
        return states.from_arrays(arrays, meta)

    def blank(self) -> MonitorState:
        """See `Monitor.blank`."""
        return states.empty(self.bands, (1, 1))

    def meta(self) -> dict[str, Any]:
        """See `state.meta`."""
        return states.meta(self.blank())

    def status(self, state: MonitorState) -> NDArray[np.uint8]:
        """See `state.status`."""
        return states.status(state)

    def fit_note(self) -> dict[str, Any]:
        """The history's shifts, as plain numbers that JSON gives back exactly."""
        return {"shifts": np.asarray(self.shifts, np.float32).tolist()}

    def note(self, common: Shift) -> dict[str, Any]:
        """The scene's shift."""
        return {"shift": np.asarray(common, np.float32).tolist()}

    def noted(self, notes: Sequence[Mapping[str, Any]]) -> list[Shift]:
        """Shifts of the history's scenes and of those after it."""
        rows = [row for n in notes for row in (n["shifts"] if "shifts" in n else [n["shift"]])]
        return [np.array(row, np.float32) for row in rows]
