"""All looks of a case at once, kept in memory where they fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.case.monitoring import Acquisition
from gossan.case.state import Monitored
from gossan.core.sensor import Window

HELD_BYTES = 512 * 2**20
"""Largest cube of all looks that is read once and kept: small areas are opened once instead
of once for every site."""


@dataclass(frozen=True)
class Pixels:
    """Cubes of all looks of a case by window.

    Attributes
    ----------
    state : whose looks
    held : the cube of the whole grid, None where it is too large to keep
    """

    state: Monitored
    held: xr.Dataset | None

    @classmethod
    def of(cls, state: Monitored) -> Pixels:
        """Read everything now if it is small enough."""
        frame = state.frame
        size = frame.inside.size * len(state.looks) * (4 * len(frame.bands) + 2)
        whole = (slice(0, frame.shape[0]), slice(0, frame.shape[1]))
        return cls(state, frame.cube(state.looks, whole) if size <= HELD_BYTES else None)

    def cube(self, window: Window) -> xr.Dataset:
        """All looks in a window of the grid."""
        if self.held is None:
            return self.state.frame.cube(self.state.looks, window)
        return self.held.isel(y=window[0], x=window[1])

    def thin(self, look: Acquisition, step: int) -> dict[str, NDArray[np.float32]]:
        """Reflectance of one look, every `step`-th pixel in row and column."""
        if self.held is None:
            return self.state.frame.thin(look, step)
        at = self.state.looks.index(look)
        one = self.held.isel(time=at, y=slice(None, None, step), x=slice(None, None, step))
        return {b: one[b].values for b in self.state.frame.bands}
