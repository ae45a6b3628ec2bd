"""Bring the state up to date: fit where the history changed, go back where the past did, step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import days_of, to_day
from gossan.core.flags import usable
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress
from gossan.io.scenes import SceneStore, StoredScene, load_cube
from gossan.io.state_store import StateStore, Window
from gossan.monitor.fit import fit
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import (
    SCHEMA_VERSION,
    MonitorState,
    dynamic_arrays,
    from_arrays,
    to_arrays,
)
from gossan.monitor.step import step

METHOD = "monitor.v1"
"""Part of the key of a fit: a new method means a new fit, never a mix of two."""

BLOCK_BYTES = 192 * 2**20
"""Largest float32 history block held at once; the fit needs about three times this."""


HELD_PIXELS = 2**20
"""Areas up to this size keep their state in memory from scene to scene: about 300 MB."""


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
    bands : canonical bands the monitor follows, in order
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


@dataclass(frozen=True, slots=True)
class Brought:
    """What an update did to the state: newly fitted, scenes gone back, scenes stepped."""

    fitted: bool
    gone_back: int
    stepped: int


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


def bring_up_to_date(
    store: StateStore,
    frame: Frame,
    key: str,
    history: Sequence[Look],
    later: Sequence[Look],
    params: MonitorParams,
    progress: Progress,
) -> Brought:
    """Make the state what a run from scratch over `history` and `later` would give.

    Each scene stepped is one commit: stopped at any moment, the next call goes on after the
    last commit. A scene that arrives out of order, is withdrawn or reprocessed sends the
    state back to the commit before it.
    """
    wanted = [look.name for look in later]
    head = store.head()
    gone_back, fitted = 0, False
    if head is not None and head.key == key:
        same = _common(head.steps, wanted)
        gone_back = len(head.steps) - same
        if gone_back and not store.go_back(key, same):
            head = None
    if head is None or head.key != key:
        _fit(store, frame, key, history, params, progress)
        fitted, gone_back = True, 0
    head = store.head()
    assert head is not None
    todo = later[len(head.steps) :]
    held: dict[tuple[int, int], MonitorState] | None = (
        {} if frame.inside.size <= HELD_PIXELS else None
    )
    if todo:
        with progress.task("Following pixels", len(todo)) as task:
            for look in todo:
                _step(store, frame, look, head.meta, params, held)
                task.advance()
    return Brought(fitted, gone_back, len(todo))


def arrays_of(
    cube: xr.Dataset, bands: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """A cube as the monitor takes it: reflectance (time, band, y, x), usable (time, y, x)."""
    values = np.stack([cube[b].values for b in bands], axis=1)
    return values, usable(cube.flags.values)


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n


def _fit(
    store: StateStore,
    frame: Frame,
    key: str,
    history: Sequence[Look],
    params: MonitorParams,
    progress: Progress,
) -> None:
    blocks = list(frame.blocks(len(history)))
    meta = {"bands": list(frame.bands), "schema_version": SCHEMA_VERSION}
    writer = store.begin_fit(key, meta, frame.shape)
    with progress.task("Learning the history", len(blocks)) as task:
        for window in blocks:
            cube = frame.cube(history, window)
            values, clear = arrays_of(cube, frame.bands)
            state = fit(values, clear, days_of(cube.time.values), params, frame.bands)
            writer.write(window, to_arrays(state))
            task.advance()
    writer.commit_fit(key)


def _step(
    store: StateStore,
    frame: Frame,
    look: Look,
    meta: Mapping[str, Any],
    params: MonitorParams,
    held: dict[tuple[int, int], MonitorState] | None,
) -> None:
    """One scene, one commit; `held` keeps blocks between scenes where they all fit."""
    writer = store.begin_step(frame.shape)
    for window in frame.blocks(8):
        cube = frame.cube([look], window)
        values, clear = arrays_of(cube, frame.bands)
        if not clear.any():
            continue
        corner = (window[0].start, window[1].start)
        before = held.get(corner) if held else None
        if before is None:
            before = from_arrays(store.read(window), meta)
        after = step(before, values[0], clear[0], look.day, params)
        if held is not None:
            held[corner] = after
        writer.write(window, dynamic_arrays(after))
    writer.commit_step(look.name)
