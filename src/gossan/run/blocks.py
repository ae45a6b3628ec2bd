"""One block of pixels from state to state: the work that threads and machines share.

A block is read, fitted or stepped, and written as a draft by whoever gets it; only the driver
(`follow`) commits. Tasks and results are small, so that they can be sent anywhere the case's
folder can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import days_of
from gossan.core.values import Status
from gossan.io.scenes import SceneStore
from gossan.io.state_layout import Groups, changed
from gossan.io.state_store import Draft, Reader, Window, Written
from gossan.monitor.fit import fit
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import (
    MonitorState,
    assemble,
    disturbances,
    dynamic_arrays,
    empty,
    from_arrays,
    meta,
    model_arrays,
)
from gossan.monitor.step import step
from gossan.run.monitoring import BLOCK_BYTES, Frame, Look, arrays_of

ALIGN = 256
"""Scenes are stored in squares of this side: a history is read along them, each once."""


@dataclass(frozen=True)
class Job:
    """What all blocks of a piece of work share.

    Attributes
    ----------
    scenes : the stored acquisitions
    bands, dilation_m : as in `Frame`
    params : the monitor's
    draft : where blocks are written
    looks : the history to fit, or the scenes to step, ascending
    before : None for a fit; for steps the state they start from
    """

    scenes: SceneStore
    bands: tuple[str, ...]
    dilation_m: float
    params: MonitorParams
    draft: Draft
    looks: tuple[Look, ...]
    before: Before | None = None

    def frame(self, block: Block) -> Frame:
        """A frame that knows the area within the block, and nothing outside it."""
        inside = np.zeros(tuple(self.scenes.grid.shape), np.bool_)
        inside[block.window] = block.inside
        return Frame(self.scenes, self.bands, inside, self.dilation_m)


@dataclass(frozen=True)
class Before:
    """Where steps start: the state to read, its meta data, and the looks it has seen."""

    state: Reader
    meta: dict[str, Any]
    past: tuple[Look, ...]


@dataclass(frozen=True)
class Block:
    """A window of the grid, and which of its pixels (bool, (y, x)) lie in the area."""

    window: Window
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tally:
    """Pixels of one scene: usable; and those that became provisional, confirmed, recovered.
    Of a fit: those with a model, and those that changed within the history."""

    usable: int = 0
    provisional: int = 0
    confirmed: int = 0
    recovered: int = 0
    modelled: int = 0
    early: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def as_json(self, *names: str) -> dict[str, int]:
        """Some of the counts by name."""
        told = asdict(self)
        return {name: int(told[name]) for name in names}


@dataclass(frozen=True)
class Done:
    """One block, one entry for each scene: what was written (None: nothing) and counted."""

    written: tuple[Written | None, ...]
    tallies: tuple[Tally, ...]


def groups_of(state: MonitorState) -> Groups:
    """The state's arrays, those together that change together."""
    return {"model": model_arrays(state), "dynamic": dynamic_arrays(state)}


def example(bands: tuple[str, ...], params: MonitorParams) -> tuple[Groups, dict[str, Any]]:
    """Arrays as a state has them, of one pixel, and its meta data."""
    state = empty(bands, params.harmonics, (1, 1))
    return groups_of(state), meta(state)


def fit_block(job: Job, block: Block) -> Done:
    """Learn a block's history."""
    frame = job.frame(block)
    fitted = {}
    for part in parts(block.window, len(job.looks), len(job.bands)):
        cube = frame.cube(job.looks, part)
        values, clear = arrays_of(cube, job.bands)
        corner = part[0].start - block.window[0].start, part[1].start - block.window[1].start
        fitted[corner] = fit(values, clear, days_of(cube.time.values), job.params, job.bands)
    rows, cols = block.inside.shape
    whole = assemble(fitted, (rows, cols))
    status = _status(frame, whole, block.window)
    tally = Tally(
        modelled=int((status != Status.NO_MODEL).sum()), early=int((status == Status.EARLY).sum())
    )
    return Done((job.draft.write(block.window, groups_of(whole)),), (tally,))


def step_block(job: Job, block: Block) -> Done:
    """Take a block through the scenes, in order."""
    assert job.before is not None
    frame = job.frame(block)
    state: MonitorState | None = None
    status: NDArray[np.uint8] | None = None
    written: list[Written | None] = []
    tallies: list[Tally] = []
    for look in job.looks:
        values, clear = frame.look(look, block.window)
        if not clear.any():
            written.append(None)
            tallies.append(Tally())
            continue
        if state is None or status is None:
            state = from_arrays(job.before.state.read(block.window), job.before.meta)
            status = _status(frame, state, block.window)
        after = step(state, values, clear, look.day, job.params)
        new = changed(groups_of(state), groups_of(after))
        written.append(job.draft.write(block.window, new) if new else None)
        now = _status(frame, after, block.window)
        tallies.append(_tally(clear, status, now))
        state, status = after, now
    return Done(tuple(written), tuple(tallies))


def parts(window: Window, n_looks: int, n_bands: int) -> list[Window]:
    """Pieces of a window whose history fits BLOCK_BYTES, along the squares of the scenes."""
    rows, cols = window
    width = min(ALIGN, cols.stop - cols.start)
    height = int(BLOCK_BYTES / (4 * max(1, n_looks) * n_bands * width))
    height = ALIGN if height >= ALIGN else max(1, height)
    return [
        (slice(y, min(y + height, rows.stop)), slice(x, min(x + width, cols.stop)))
        for y in range(rows.start, rows.stop, height)
        for x in range(cols.start, cols.stop, width)
    ]


def blocks_of(inside: NDArray[np.bool_], windows: Sequence[Window]) -> list[Block]:
    """The blocks that hold any of the area."""
    return [Block(w, inside[w]) for w in windows if inside[w].any()]


def _status(frame: Frame, state: MonitorState, window: Window) -> NDArray[np.uint8]:
    return disturbances(state, frame.scenes.grid[window]).status


def _tally(clear: NDArray[np.bool_], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Tally:
    new = after[after != before]
    return Tally(
        usable=int(clear.sum()),
        provisional=int((new == Status.PROVISIONAL).sum()),
        confirmed=int((new == Status.CONFIRMED).sum()),
        recovered=int((new == Status.RECOVERED).sum()),
    )
