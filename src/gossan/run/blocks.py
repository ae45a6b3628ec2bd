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

from gossan.case.monitoring import BLOCK_BYTES, Frame, Look, arrays_of
from gossan.case.reference import Shifts
from gossan.core.dates import days_of
from gossan.core.params import MonitorParams
from gossan.core.values import Status
from gossan.io.scenes import TILE, SceneStore
from gossan.io.state_blocks import Draft, Reader, Window, Written
from gossan.io.state_layout import Groups, changed
from gossan.monitor.fit import fit, refit, refit_due
from gossan.monitor.state import (
    MonitorState,
    assemble,
    cut,
    dynamic_arrays,
    empty,
    event_arrays,
    from_arrays,
    meta,
    model_arrays,
    status,
)
from gossan.monitor.step import step_into


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
    shifts : reflectance all ground is off by, for each look by band
    before : None for a fit; for steps the state they start from
    """

    scenes: SceneStore
    bands: tuple[str, ...]
    dilation_m: float
    params: MonitorParams
    draft: Draft
    looks: tuple[Look, ...]
    shifts: Shifts
    before: Before | None = None

    def frame(self, block: Block | None = None) -> Frame:
        """A frame that knows the area within the block, and nothing outside it."""
        inside = np.zeros(tuple(self.scenes.grid.shape) if block else (0, 0), np.bool_)
        if block:
            inside[block.window] = block.inside
        return Frame(self.scenes, self.bands, inside, self.dilation_m)


@dataclass(frozen=True)
class Before:
    """Where steps start.

    Attributes
    ----------
    state, meta : the state to read, and its meta data
    past, shifts : the looks it has seen and their shifts
    relearn : whether changed ground is learned anew from them before the first step
    """

    state: Reader
    meta: dict[str, Any]
    past: tuple[Look, ...]
    shifts: Shifts
    relearn: bool


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
    return {
        "model": model_arrays(state),
        "dynamic": dynamic_arrays(state),
        "events": event_arrays(state),
    }


def example(bands: tuple[str, ...]) -> tuple[Groups, dict[str, Any]]:
    """Arrays as a state has them, of one pixel, and its meta data."""
    state = empty(bands, (1, 1))
    return groups_of(state), meta(state)


def fit_block(job: Job, block: Block) -> Done:
    """Learn a block's history."""
    frame = job.frame(block)
    fitted = {}
    for part in parts(block.window, len(job.looks), len(job.bands)):
        cube = frame.cube(job.looks, part)
        values, clear = arrays_of(cube, job.bands)
        corner = part[0].start - block.window[0].start, part[1].start - block.window[1].start
        days, shifts = days_of(cube.time.values), np.array(job.shifts, np.float32)
        fitted[corner] = fit(values, clear, days, job.params, job.bands, shifts)
    rows, cols = block.inside.shape
    whole = assemble(fitted, (rows, cols))
    told = status(whole)
    tally = Tally(
        modelled=int((told != Status.NO_MODEL).sum()), early=int((told == Status.EARLY).sum())
    )
    return Done((job.draft.write(block.window, groups_of(whole)),), (tally,))


def step_block(job: Job, block: Block) -> Done:
    """Take a block through the scenes, in order."""
    assert job.before is not None
    frame = job.frame()
    state: MonitorState | None = None
    said = np.zeros(0, np.uint8)
    written: list[Written | None] = []
    tallies: list[Tally] = []
    for look, shift in zip(job.looks, job.shifts, strict=True):
        values, clear, told = frame.raw(look, block.window, block.inside, shift)
        relearn = not written and job.before.relearn
        if not clear.any() and not relearn:
            written.append(None)
            tallies.append(Tally())
            continue
        new: Groups = {}
        if state is None:
            stored = from_arrays(job.before.state.read(block.window), job.before.meta)
            state = _relearned(job, block, stored) if relearn else stored
            new = {} if state is stored else changed(groups_of(stored), groups_of(state))
            said = status(state)
        eventful = step_into(state, values, clear, look.day, job.params, told)
        after = groups_of(state)
        touched = ["dynamic"] * bool(clear.any()) + ["events"] * eventful
        new = {**new, **{name: after[name] for name in touched}}
        written.append(job.draft.write(block.window, new) if new else None)
        before, said = said, status(state)
        tallies.append(_tally(clear, before, said))
    return Done(tuple(written), tuple(tallies))


def _relearned(job: Job, block: Block, state: MonitorState) -> MonitorState:
    """The block with new models where they are due, from all looks so far."""
    assert job.before is not None
    if not refit_due(state).any():
        return state
    past, shifts = job.before.past, np.array(job.before.shifts, np.float32)
    frame, window = job.frame(block), block.window
    pieces = {}
    for part in parts(window, len(past), len(job.bands)):
        rows, cols = (
            slice(p.start - w.start, p.stop - w.start) for p, w in zip(part, window, strict=True)
        )
        piece = cut(state, rows, cols)
        if refit_due(piece).any():
            cube = frame.cube(past, part)
            values, clear = arrays_of(cube, job.bands)
            days = days_of(cube.time.values)
            piece = refit(piece, values, clear, days, job.params, shifts)
        pieces[rows.start, cols.start] = piece
    return assemble(pieces, state.shape)


def parts(window: Window, n_looks: int, n_bands: int) -> list[Window]:
    """Pieces of a window whose history fits BLOCK_BYTES, along the tiles of the stored scenes, so
    that each is read once."""
    rows, cols = window
    width = min(TILE, cols.stop - cols.start)
    height = int(BLOCK_BYTES / (4 * max(1, n_looks) * n_bands * width))
    height = TILE if height >= TILE else max(1, height)
    return [
        (slice(y, min(y + height, rows.stop)), slice(x, min(x + width, cols.stop)))
        for y in range(rows.start, rows.stop, height)
        for x in range(cols.start, cols.stop, width)
    ]


def blocks_of(inside: NDArray[np.bool_], windows: Sequence[Window]) -> list[Block]:
    """The blocks that hold any of the area."""
    return [Block(w, inside[w]) for w in windows if inside[w].any()]


def _tally(clear: NDArray[np.bool_], before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Tally:
    new = after[after != before]
    return Tally(
        usable=int(clear.sum()),
        provisional=int((new == Status.PROVISIONAL).sum()),
        confirmed=int((new == Status.CONFIRMED).sum()),
        recovered=int((new == Status.RECOVERED).sum()),
    )
