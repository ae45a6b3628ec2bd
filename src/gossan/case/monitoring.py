"""What the monitor looks at: acquisitions, in windows of the grid, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import to_day
from gossan.core.flags import usable
from gossan.core.hashing import hash_json
from gossan.core.params import MonitorParams
from gossan.io.scenes import SceneStore, load_cube, load_raw
from gossan.io.state_blocks import Window
from gossan.io.stored_scene import StoredScene
from gossan.monitor.step import Calibration

METHOD = "monitor.v3"
"""Part of the key of a fit: a new method means a new fit, never a mix of two."""

BLOCK_BYTES = 192 * 2**20
"""Largest float32 history block held at once; the fit needs about three times this."""

Raw = tuple[NDArray[np.uint16], NDArray[np.bool_], Calibration]
"""Numbers as stored (band, y, x), usable (y, x), and how the numbers become reflectance."""


@dataclass(frozen=True, slots=True)
class Look:
    """One stored acquisition: its key in the scene store, its day, the hash of its pixels."""

    key: str
    day: int
    content: str

    @classmethod
    def at(cls, stored: StoredScene) -> Look:
        """The look a stored scene gives; other pixels, scale or offset make it another."""
        content = {"hashes": stored.hashes, "scale": stored.scale, "offset": stored.offset}
        return cls(stored.key, to_day(stored.time), hash_json(content))

    @property
    def name(self) -> str:
        """How a step is recorded, so that reprocessed pixels make it another step."""
        return f"{self.key}@{self.content}"


@dataclass(frozen=True)
class Frame:
    """Where and how pixels are read for the monitor.

    Attributes
    ----------
    scenes : the stored acquisitions
    bands : canonical names of the bands read, in order
    inside : bool (y, x), True within the area's polygon
    dilation_m : cloud and shadow are widened by this
    """

    scenes: SceneStore
    bands: tuple[str, ...]
    inside: NDArray[np.bool_]
    dilation_m: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return (int(self.inside.shape[0]), int(self.inside.shape[1]))

    def cube(self, looks: Sequence[Look], window: Window) -> xr.Dataset:
        """The looks as a cube in a window."""
        keys = [look.key for look in looks]
        return load_cube(self.scenes, keys, window, self.bands, self.dilation_m, self.inside)

    def raw(
        self,
        look: Look,
        window: Window,
        inside: NDArray[np.bool_],
        shift: Sequence[float] | NDArray[np.float32],
    ) -> Raw:
        """One look in a window as it is stored. `inside` is that of the window, `shift` what
        the calibration shall take off by band."""
        return self.raws(look, [(window, inside)], shift)[0]

    def raws(
        self,
        look: Look,
        windows: Sequence[tuple[Window, NDArray[np.bool_]]],
        shift: Sequence[float] | NDArray[np.float32],
    ) -> list[Raw]:
        """The same in several windows, the scene opened once."""
        with self.scenes.opened(look.key) as pixels:
            scale, offset = pixels.stored.scale, pixels.stored.offset
            told = (
                [scale.get(b, 1.0) for b in self.bands],
                [offset.get(b, 0.0) for b in self.bands],
                shift,
            )
            known = Calibration(*(np.array(v, np.float32) for v in told))
            return [
                (*load_raw(pixels, self.scenes.grid, w, self.bands, self.dilation_m, i), known)
                for w, i in windows
            ]

    def thin(self, look: Look, step: int) -> dict[str, NDArray[np.float32]]:
        """Reflectance of one look, every `step`-th pixel in row and column, a strip at a time."""
        parts = []
        for y in range(0, self.shape[0], 512 * step):
            window = (slice(y, min(y + 512 * step, self.shape[0])), slice(0, self.shape[1]))
            parts.append(self.cube([look], window).isel(time=0)[list(self.bands)])
        thinned = [p.isel(y=slice(None, None, step), x=slice(None, None, step)) for p in parts]
        return {b: np.concatenate([t[b].values for t in thinned]) for b in self.bands}

    def blocks(self, n_looks: int) -> Iterator[Window]:
        """Windows that cover the grid, small enough for `n_looks` at once; those wholly
        outside the area are left out."""
        side = int((BLOCK_BYTES / (4 * max(1, n_looks) * len(self.bands))) ** 0.5)
        side = max(32, min(1024, side // 32 * 32))
        for y in range(0, self.shape[0], side):
            for x in range(0, self.shape[1], side):
                window = (
                    slice(y, min(y + side, self.shape[0])),
                    slice(x, min(x + side, self.shape[1])),
                )
                if self.inside[window].any():
                    yield window


def fit_key(
    frame: Frame, grid: Mapping[str, Any], params: MonitorParams, history: Sequence[Look]
) -> str:
    """Hash of everything the fit depends on."""
    return hash_json(
        {
            "method": METHOD,
            "grid": dict(grid),
            "bands": list(frame.bands),
            "inside": np.packbits(frame.inside).tobytes().hex(),
            "dilation_m": frame.dilation_m,
            "params": asdict(params),
            "history": [look.name for look in history],
        }
    )


def arrays_of(
    cube: xr.Dataset, bands: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A cube as the monitor takes it: reflectance (time, band, y, x), usable (time, y, x)."""
    values = np.stack([cube[b].values for b in bands], axis=1)
    return values, usable(cube.flags.values)
