"""Witnesses of what a whole scene is off by: small squares on a lattice over the area.

They are read beside the blocks, from the same state, so that a scene's shift is known before
any block is stepped and does not depend on how the work is divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Frame, Look, Raw
from gossan.core.params import MonitorParams
from gossan.io.scenes import TILE
from gossan.io.state_blocks import Reader, Window
from gossan.io.state_store import Commit, StateStore
from gossan.monitor.fit import refit, refit_due
from gossan.monitor.scene import history_shifts, shift_of
from gossan.monitor.state import MonitorState, assemble, from_arrays
from gossan.monitor.step import Calibration, step

SIDE = 16
"""Side of a square, pixels."""
ACROSS = 8
"""Squares along the longer side of the grid, at most."""
FEWEST = 4
"""With fewer squares in a thin area the lattice is made denser."""

Shifts = tuple[tuple[float, ...], ...]
"""One for each look, reflectance by band followed."""


@dataclass(frozen=True)
class Witnesses:
    """The squares of a case's area, side by side as one block of pixels.

    Attributes
    ----------
    frame : how pixels are read, with the bands followed
    windows : where the squares lie on the grid
    seen : what was read of them, by name of the look: at most 0.2 MB each
    """

    frame: Frame
    windows: tuple[Window, ...]
    seen: dict[str, Raw] = field(default_factory=dict)

    @classmethod
    def of(cls, frame: Frame) -> Witnesses:
        """The squares that hold any of the area."""
        step_ = max(2 * SIDE, -(-max(frame.shape) // (ACROSS * SIDE)) * SIDE)
        while True:
            found = [w for w in _lattice(frame.shape, step_) if frame.inside[w].any()]
            if len(found) >= FEWEST or step_ <= SIDE:
                return cls(frame, tuple(found))
            step_ = max(SIDE, step_ // 2 // SIDE * SIDE)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the squares side by side."""
        return SIDE, SIDE * max(1, len(self.windows))

    def learn(self, looks: Sequence[Look], params: MonitorParams) -> Shifts:
        """Shifts of a history."""
        values, usable, days = self._cube(looks)
        return _told(history_shifts(values, usable, days, params, self.frame.bands))

    def state(self, reader: Reader, head: Commit) -> MonitorState:
        """The witnesses' state with a commit."""
        blocks = {
            (0, SIDE * i): from_arrays(arrays, head.meta)
            for i, arrays in enumerate(reader.pieces(self.windows))
        }
        return assemble(blocks, self.shape)

    def relearned(
        self, state: MonitorState, past: Sequence[Look], shifts: Shifts, params: MonitorParams
    ) -> MonitorState:
        """The state with new models where they are due, from all looks so far."""
        if not refit_due(state).any():
            return state
        values, usable, days = self._cube(past)
        return refit(state, values, usable, days, params, np.array(shifts, np.float32))

    def follow(
        self, state: MonitorState, looks: Sequence[Look], params: MonitorParams
    ) -> tuple[Shifts, MonitorState]:
        """Shifts of looks that follow the state, in order, and the state after them."""
        out = []
        for look in looks:
            numbers, usable, told = self._look(look)
            scale, offset = told.scale[:, None, None], told.offset[:, None, None]
            shift = shift_of(state, numbers * scale + offset, usable, look.day, params)
            out.append(shift)
            state = step(state, numbers, usable, look.day, params, replace(told, shift=shift))
        return _told(np.array(out)), state

    def _look(self, look: Look) -> Raw:
        if look.name not in self.seen:
            numbers = np.zeros((len(self.frame.bands), *self.shape), np.uint16)
            usable = np.zeros(self.shape, np.bool_)
            told = Calibration.reflectance(len(self.frame.bands))
            windows = [(w, self.frame.inside[w]) for w in self.windows]
            for i, (n, u, t) in enumerate(self.frame.raws(look, windows, told.shift)):
                at = (slice(0, u.shape[0]), slice(SIDE * i, SIDE * i + u.shape[1]))
                numbers[(slice(None), *at)], usable[at], told = n, u, t
            self.seen[look.name] = numbers, usable, told
        return self.seen[look.name]

    def _cube(
        self, looks: Sequence[Look]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int32]]:
        shape = (len(looks), len(self.frame.bands), *self.shape)
        values, usable = np.empty(shape, np.float32), np.empty((len(looks), *self.shape), np.bool_)
        for k, look in enumerate(looks):
            numbers, usable[k], told = self._look(look)
            values[k] = numbers * told.scale[:, None, None] + told.offset[:, None, None]
            values[k][numbers == 0] = np.nan
        return values, usable, np.array([look.day for look in looks], np.int32)


def shifts_of(store: StateStore) -> Shifts:
    """Shifts of all looks the newest state rests on, the history's first."""
    later, history = [], []
    for commit in store.line():
        if commit.n == 0:
            history = commit.note["shifts"]
        else:
            later.append(commit.note["shift"])
    return tuple(tuple(row) for row in (*history, *reversed(later)))


def _lattice(shape: tuple[int, int], step_: int) -> list[Window]:
    """Squares in the middles of fields of `step_` pixels, moved where they would lie across two
    tiles of a stored scene: four tiles to read and not one."""

    def starts(n: int) -> list[int]:
        middles = range(min(max(0, step_ // 2 - SIDE // 2), max(0, n - SIDE)), n, step_)
        ends = [(m + SIDE - 1) // TILE * TILE for m in middles]
        return [e if m < e < n else m for m, e in zip(middles, ends, strict=True)]

    return [
        (slice(y, min(y + SIDE, shape[0])), slice(x, min(x + SIDE, shape[1])))
        for y in starts(shape[0])
        for x in starts(shape[1])
    ]


def _told(shifts: NDArray[np.float32]) -> Shifts:
    """As plain numbers that JSON gives back exactly."""
    return tuple(tuple(float(v) for v in row) for row in shifts)
