"""Reference pixels, from which it is learned what a whole scene is off by: small squares on a
lattice over the area.

They are read beside the blocks, from the same state, so that what a scene has in common is known
before any block is stepped and does not depend on how the work is divided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Acquisition, Frame
from gossan.core.sensor import Monitor, Observation, S, Window, assemble
from gossan.io.scenes import TILE
from gossan.io.state.blocks import Reader
from gossan.monitor.loop import Stack

SIDE = 16
"""Side of a square, pixels."""
ACROSS = 8
"""Squares along the longer side of the grid, at most."""
FEWEST = 4
"""With fewer squares in a thin area the lattice is made denser."""


def squares_of(inside: NDArray[np.bool_]) -> tuple[Window, ...]:
    """The squares of a grid that hold any of the area, which is True (y, x)."""
    shape = (int(inside.shape[0]), int(inside.shape[1]))
    step_ = max(2 * SIDE, -(-max(shape) // (ACROSS * SIDE)) * SIDE)
    while True:
        found = [w for w in _lattice(shape, step_) if inside[w].any()]
        if len(found) >= FEWEST or step_ <= SIDE:
            return tuple(found)
        step_ = max(SIDE, step_ // 2 // SIDE * SIDE)


@dataclass(frozen=True)
class Reference:
    """The squares side by side as one block of pixels: see `monitor.loop.Seen`.

    Attributes
    ----------
    frame : how pixels are read
    looks : all that will be asked for, ascending
    squares : where they lie on the grid
    read : what was read of them, by look: at most 0.2 MB each
    """

    frame: Frame
    looks: tuple[Acquisition, ...]
    squares: tuple[Window, ...]
    read: dict[int, Observation] = field(default_factory=dict)

    @property
    def days(self) -> NDArray[np.int32]:
        """See `Seen.days`."""
        return np.array([look.day for look in self.looks], np.int32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the squares side by side."""
        return SIDE, SIDE * max(1, len(self.squares))

    def at(self, scene: int) -> Observation:
        """See `Seen.at`."""
        if scene not in self.read:
            windows = [(w, self.frame.inside[w]) for w in self.squares]
            parts = self.frame.observed(self.looks[scene], windows)
            values = np.zeros((len(self.frame.bands), *self.shape), parts[0].values.dtype)
            usable = np.zeros(self.shape, np.bool_)
            for i, part in enumerate(parts):
                height, width = part.usable.shape
                at = (slice(0, height), slice(SIDE * i, SIDE * i + width))
                values[:, *at], usable[at] = part.values, part.usable
            self.read[scene] = replace(parts[0], values=values, usable=usable)
        return self.read[scene]

    def stack(self, scenes: Sequence[int], window: Window) -> Stack:
        """See `Seen.stack`."""
        seen = [self.at(scene) for scene in scenes]
        values = np.stack([s.physical()[:, *window] for s in seen])
        return values, np.stack([s.usable[window] for s in seen])

    def pieces(self, _scenes: int, /) -> Iterator[Window]:
        """All of them at once."""
        yield slice(0, self.shape[0]), slice(0, self.shape[1])

    def state(self, monitor: Monitor[S, Any], reader: Reader, meta: Mapping[str, Any]) -> S:
        """The squares' state with a commit."""
        pieces = enumerate(reader.pieces(self.squares))
        blocks = {(0, SIDE * i): monitor.restored(arrays, meta) for i, arrays in pieces}
        return assemble(blocks, self.shape)


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
