"""What the monitor looks at: acquisitions, in windows of the grid, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import to_day
from gossan.core.flags import usable
from gossan.core.hashing import hash_json
from gossan.core.sensor import Observation, Window
from gossan.io.scenes import TILE, SceneStore, grown, load_cube, load_raw
from gossan.io.stored_scene import OpenScene, StoredScene
from gossan.monitor.loop import Stack
from gossan.monitor.radar import average

BLOCK_BYTES = 192 * 2**20
"""Largest float32 history block held at once; the fit needs about three times this."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One stored acquisition: its key in the scene store, its day, the hash of its pixels."""

    key: str
    day: int
    content: str

    @classmethod
    def at(cls, stored: StoredScene) -> Acquisition:
        """The look a stored scene gives; other pixels, scale or offset make it another."""
        content = {"hashes": stored.hashes, "scale": stored.scale, "offset": stored.offset}
        return cls(stored.key, to_day(stored.time), hash_json(content))

    @property
    def name(self) -> str:
        """How a step is recorded, so that reprocessed pixels make it another step."""
        return f"{self.key}@{self.content}"


class Observe(Protocol):
    """How a sensor's stored pixels become an observation of the ground."""

    def __call__(
        self, pixels: OpenScene, frame: Frame, window: Window, inside: NDArray[np.bool_], day: int
    ) -> Observation:
        """One open scene in a window of the grid; `inside` is that of the window. It sees beyond
        the window where it must, so that any windows joined give exactly the whole."""


def clear_ground(
    pixels: OpenScene, frame: Frame, window: Window, inside: NDArray[np.bool_], day: int
) -> Observation:
    """Numbers as they are stored, usable where the scene classification shows clear ground."""
    scale, offset = pixels.stored.scale, pixels.stored.offset
    numbers, clear = load_raw(
        pixels, frame.scenes.grid, window, frame.bands, frame.dilation_m, inside
    )
    return Observation(
        day,
        numbers,
        clear,
        np.array([scale.get(b, 1.0) for b in frame.bands], np.float32),
        np.array([offset.get(b, 0.0) for b in frame.bands], np.float32),
    )


def mean_power(
    pixels: OpenScene,
    frame: Frame,
    window: Window,
    inside: NDArray[np.bool_],
    day: int,
    *,
    support: int,
) -> Observation:
    """Linear power averaged over `support` x `support` pixels, usable where any is known."""
    half = support // 2
    outer, inner = grown(window, (half, half), frame.scenes.grid.shape)
    power = pixels.numbers(outer, frame.bands)
    values, seen = average(power, np.asarray(np.isfinite(power).all(axis=0)), support)
    return Observation(day, values[:, *inner], seen[inner] & inside)


@dataclass(frozen=True)
class Frame:
    """Where and how pixels are read for the monitor.

    Attributes
    ----------
    scenes : the stored acquisitions
    bands : canonical names of the bands read, in order
    inside : bool (y, x), True within the area's polygon
    dilation_m : cloud and shadow are widened by this
    observe : the sensor's rule for what is usable
    """

    scenes: SceneStore
    bands: tuple[str, ...]
    inside: NDArray[np.bool_]
    dilation_m: float
    observe: Observe = clear_ground

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return (int(self.inside.shape[0]), int(self.inside.shape[1]))

    def cube(self, looks: Sequence[Acquisition], window: Window) -> xr.Dataset:
        """The looks as a cube in a window."""
        keys = [look.key for look in looks]
        return load_cube(self.scenes, keys, window, self.bands, self.dilation_m, self.inside)

    def observed(
        self, look: Acquisition, windows: Sequence[tuple[Window, NDArray[np.bool_]]]
    ) -> list[Observation]:
        """One look in several windows, each with what of it lies inside; the scene opened once."""
        with self.scenes.opened(look.key) as pixels:
            return [self.observe(pixels, self, w, inside, look.day) for w, inside in windows]

    def thin(self, look: Acquisition, step: int) -> dict[str, NDArray[np.float32]]:
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


@dataclass(frozen=True)
class Stored:
    """What stored looks show of a window: see `monitor.loop.Seen`.

    Attributes
    ----------
    frame : how they are read; its `inside` is not asked
    looks : ascending
    window : of the grid
    inside : which of its pixels lie in the area, (y, x)
    """

    frame: Frame
    looks: tuple[Acquisition, ...]
    window: Window
    inside: NDArray[np.bool_]

    @property
    def days(self) -> NDArray[np.int32]:
        """See `Seen.days`."""
        return np.array([look.day for look in self.looks], np.int32)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.inside.shape[0]), int(self.inside.shape[1])

    def at(self, scene: int) -> Observation:
        """See `Seen.at`."""
        return self.frame.observed(self.looks[scene], [(self.window, self.inside)])[0]

    def stack(self, scenes: Sequence[int], window: Window) -> Stack:
        """See `Seen.stack`."""
        rows, cols = (
            slice(w.start + part.start, w.start + part.stop)
            for w, part in zip(self.window, window, strict=True)
        )
        inside = self.inside[window]
        values = np.empty((len(scenes), len(self.frame.bands), *inside.shape), np.float32)
        usable = np.empty((len(scenes), *inside.shape), np.bool_)
        for k, scene in enumerate(scenes):
            (seen,) = self.frame.observed(self.looks[scene], [((rows, cols), inside)])
            values[k], usable[k] = seen.physical(), seen.usable
        return values, usable

    def pieces(self, scenes: int, /) -> Iterator[Window]:
        """Pieces whose history fits BLOCK_BYTES, along the tiles of the stored scenes, so that
        each tile is read once."""
        rows, cols = self.shape
        width = min(TILE, cols)
        height = int(BLOCK_BYTES / (4 * max(1, scenes) * len(self.frame.bands) * width))
        height = TILE if height >= TILE else max(1, height)
        for y in range(0, rows, height):
            for x in range(0, cols, width):
                yield slice(y, min(y + height, rows)), slice(x, min(x + width, cols))


def arrays_of(
    cube: xr.Dataset, bands: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A cube as the monitor takes it: reflectance (time, band, y, x), usable (time, y, x)."""
    values = np.stack([cube[b].values for b in bands], axis=1)
    return values, usable(cube.flags.values)
