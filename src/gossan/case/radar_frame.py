"""What the radar monitor looks at: averaged images in windows, and the area's sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Look
from gossan.case.reference import SIDE
from gossan.core.hashing import hash_json
from gossan.core.params import RadarParams
from gossan.io.radar_scenes import RadarStore
from gossan.io.scenes import grid_json
from gossan.io.state_blocks import Reader, Window
from gossan.monitor.radar import average
from gossan.monitor.radar_state import RadarState, assemble, from_arrays

METHOD = "radar.v1"
"""Part of the key of a fit: a new method means a new fit, never a mix of two."""

Seen = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""VV and VH, linear power, averaged (2, y, x), and where the ground was seen (y, x)."""


@dataclass(frozen=True)
class RadarFrame:
    """Where and how radar pixels are read.

    Attributes
    ----------
    scenes : the stored acquisitions, all of one geometry
    inside : bool (y, x), True within the area's polygon
    params : the monitor's
    squares : small windows spread over the area, from which a scene's weather is learned
    """

    scenes: RadarStore
    inside: NDArray[np.bool_]
    params: RadarParams
    squares: tuple[Window, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return (int(self.inside.shape[0]), int(self.inside.shape[1]))

    def look(self, look: Look, windows: Sequence[Window]) -> list[Seen]:
        """One image in windows. It is averaged with the pixels around each window, so that any
        windows joined give exactly the whole."""
        half = self.params.support // 2
        wide = [
            (_grown(rows, half, self.shape[0]), _grown(cols, half, self.shape[1]))
            for rows, cols in windows
        ]
        out = []
        for window, outer, power in zip(
            windows, wide, self.scenes.power(look.key, wide), strict=True
        ):
            usable = np.asarray(np.isfinite(power).all(axis=0))
            values, seen = average(power, usable, self.params.support)
            rows, cols = (
                slice(w.start - o.start, w.stop - o.start)
                for w, o in zip(window, outer, strict=True)
            )
            out.append((values[:, rows, cols], seen[rows, cols] & self.inside[window]))
        return out

    def stack(self, looks: Sequence[Look], window: Window) -> Seen:
        """Several images in one window: values (time, 2, y, x), usable (time, y, x)."""
        seen = [self.look(look, [window])[0] for look in looks]
        return np.stack([v for v, _ in seen]), np.stack([u for _, u in seen])

    def sample(self, look: Look) -> Seen:
        """One image in the squares, side by side."""
        shape = (SIDE, SIDE * len(self.squares))
        values, usable = np.full((2, *shape), np.nan, np.float32), np.zeros(shape, np.bool_)
        for i, (v, u) in enumerate(self.look(look, self.squares)):
            at = (slice(0, u.shape[0]), slice(SIDE * i, SIDE * i + u.shape[1]))
            values[(slice(None), *at)], usable[at] = v, u
        return values, usable

    def sample_state(self, reader: Reader, meta: dict[str, Any]) -> RadarState:
        """The squares' state with a commit."""
        pieces = enumerate(reader.pieces(self.squares))
        blocks = {(0, SIDE * i): from_arrays(arrays, meta) for i, arrays in pieces}
        return assemble(blocks, (SIDE, SIDE * len(self.squares)))

    def key(self, orbit: str, history: Sequence[Look]) -> str:
        """Hash of everything a fit depends on."""
        return hash_json(
            {
                "method": METHOD,
                "orbit": orbit,
                "grid": grid_json(self.scenes.grid),
                "inside": np.packbits(self.inside).tobytes().hex(),
                "squares": [[w.start for w in window] for window in self.squares],
                "params": asdict(self.params),
                "history": [look.name for look in history],
            }
        )


def _grown(part: slice, half: int, size: int) -> slice:
    return slice(max(0, part.start - half), min(size, part.stop + half))
