"""One block of pixels from state to state: the work that threads and machines share.

A block is read, fitted or stepped, and written as a draft by whoever gets it; only the driver
(`follow`) commits. Tasks and results are small, so that they can be sent anywhere the case's
folder can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Acquisition, Frame, Stored
from gossan.core.sensor import Groups, Monitor, State, Window, changed
from gossan.core.values import Status
from gossan.io.state.blocks import Draft, Reader, Written
from gossan.monitor.loop import Follower, learn


@dataclass(frozen=True)
class Job:
    """What all blocks of a piece of work share.

    Attributes
    ----------
    frame : how pixels are read; its `inside` is left behind, each block brings its own
    monitor : of the sensor, prepared for its history
    draft : where blocks are written
    looks : the history to fit, or the scenes to step and before them those the state has seen;
        ascending
    before : None for a fit; for steps the state they start from
    """

    frame: Frame
    monitor: Monitor[Any, Any]
    draft: Draft
    looks: tuple[Acquisition, ...]
    before: Before | None = None


@dataclass(frozen=True)
class Before:
    """Where steps start.

    Attributes
    ----------
    state, meta : the state to read, and its meta data
    seen : how many of the job's looks it has seen
    common : what looks have in common, by their place among the job's: of those to step, and of
        all where pixels are learned anew
    """

    state: Reader
    meta: Mapping[str, Any]
    seen: int
    common: Mapping[int, Any]


@dataclass(frozen=True)
class Block:
    """A window of the grid, and which of its pixels (bool, (y, x)) lie in the area."""

    window: Window
    inside: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """Pixels of one scene: usable; and those that became provisional, confirmed, recovered.
    Of a fit: those with a model, and those that changed within the history."""

    usable: int = 0
    provisional: int = 0
    confirmed: int = 0
    recovered: int = 0
    modelled: int = 0
    early: int = 0

    def __add__(self, other: BlockCounts) -> BlockCounts:
        return BlockCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def as_json(self, *names: str) -> dict[str, int]:
        """Some of the counts by name."""
        told = asdict(self)
        return {name: int(told[name]) for name in names}


@dataclass(frozen=True)
class Done:
    """One block, one entry for each scene: what was written (None: nothing) and counted."""

    written: tuple[Written | None, ...]
    tallies: tuple[BlockCounts, ...]


BlockTask = Callable[[Job, Block], Done]


class Engine(Protocol):
    """Runs a task on many blocks. Which engine ran changes nothing in what comes out."""

    def run(self, task: BlockTask, job: Job, blocks: Sequence[Block]) -> Iterator[Done]:
        """The result of each block, in whatever order they end.

        Stopped in between, it starts nothing new. Raises what a task raises.
        """


def fit_block(job: Job, block: Block) -> Done:
    """Learn a block's history."""
    seen = Stored(job.frame, job.looks, block.window, block.inside)
    state: State = learn(job.monitor, seen, range(len(job.looks)))
    told = job.monitor.status(state)
    tally = BlockCounts(
        modelled=int((told != Status.NO_MODEL).sum()), early=int((told == Status.EARLY).sum())
    )
    return Done((job.draft.write(block.window, state.groups()),), (tally,))


def step_block(job: Job, block: Block) -> Done:
    """Take a block through the scenes, in order."""
    before, monitor = job.before, job.monitor
    assert before is not None

    def stored() -> State:
        state: State = monitor.restored(before.state.read(block.window), before.meta)
        return state

    seen = Stored(job.frame, job.looks, block.window, block.inside)
    pixels = Follower(monitor, seen, stored, range(before.seen), dict(before.common))
    said: NDArray[np.uint8] | None = None
    written: list[Written | None] = []
    tallies: list[BlockCounts] = []
    for scene in range(before.seen, len(job.looks)):
        new: Groups = {}
        if pixels.due(scene):
            old, learned = pixels.state, pixels.relearn(scene)
            new = {} if learned is old else changed(old.groups(), learned.groups())
            said = None
        observed = seen.at(scene)
        tally = BlockCounts()
        if observed.usable.any():
            was = monitor.status(pixels.state) if said is None else said
            new = {**new, **pixels.take(scene, observed)}
            said = monitor.status(pixels.state)
            tally = _tally(observed.usable, was, said)
        written.append(job.draft.write(block.window, new) if new else None)
        tallies.append(tally)
    return Done(tuple(written), tuple(tallies))


def blocks_of(inside: NDArray[np.bool_], windows: Sequence[Window]) -> list[Block]:
    """The blocks that hold any of the area."""
    return [Block(w, inside[w]) for w in windows if inside[w].any()]


def _tally(
    usable: NDArray[np.bool_], before: NDArray[np.uint8], after: NDArray[np.uint8]
) -> BlockCounts:
    new = after[after != before]
    return BlockCounts(
        usable=int(usable.sum()),
        provisional=int((new == Status.PROVISIONAL).sum()),
        confirmed=int((new == Status.CONFIRMED).sum()),
        recovered=int((new == Status.RECOVERED).sum()),
    )
