"""Bring the state up to date: fit where the history changed, go back where the past did, step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from gossan import __version__
from gossan.case.monitoring import Acquisition, Frame
from gossan.case.reference import Reference, squares_of
from gossan.case.sensors import Sensor
from gossan.core.dates import from_day
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress, Task
from gossan.core.sensor import Monitor
from gossan.core.words import tr, tr_now
from gossan.io.scenes import grid_json
from gossan.io.state.blocks import windows
from gossan.io.state.store import Commit, StateStore, chained
from gossan.monitor.loop import Follower
from gossan.run.blocks import (
    Before,
    Block,
    BlockCounts,
    BlockTask,
    Done,
    Engine,
    Job,
    blocks_of,
    fit_block,
    step_block,
)

BATCH = 8
"""Scenes a block is taken through at once, so that its state is read once for all of them.
As many are stepped again at most after a kill."""


@dataclass(frozen=True)
class Target:
    """What the state shall be.

    Attributes
    ----------
    key : see `fit_key`
    history, later : the looks to learn from, and those to follow after them, ascending
    monitor : of the sensor
    settings : what else the evidence of a fit names, JSON
    view : what the state and the evidence of its fit say of from where it was seen, JSON
    """

    key: str
    history: tuple[Acquisition, ...]
    later: tuple[Acquisition, ...]
    monitor: Monitor[Any, Any]
    settings: Mapping[str, Any]
    view: Mapping[str, Any] = field(default_factory=dict)


def fit_key(
    sensor: Sensor,
    frame: Frame,
    monitor: Monitor[Any, Any],
    history: Sequence[Acquisition],
    view: Mapping[str, Any],
) -> str:
    """Hash of everything the fit depends on."""
    reading: dict[str, Any] = {
        "bands": list(frame.bands),
        "dilation_m": frame.dilation_m,
        "squares": [[w.start for w in window] for window in squares_of(frame.inside)],
    }
    return hash_json(
        {
            "method": sensor.method,
            "grid": grid_json(frame.scenes.grid),
            "inside": np.packbits(frame.inside).tobytes().hex(),
            "params": asdict(monitor.params),
            "history": [look.name for look in history],
            **{name: reading[name] for name in sensor.keyed},
            **view,
        }
    )


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """What an update did to the state: newly fitted, scenes gone back, scenes stepped."""

    fitted: bool
    gone_back: int
    stepped: int

    @property
    def did(self) -> bool:
        """Whether anything happened."""
        return bool(self.fitted or self.gone_back or self.stepped)


@dataclass(frozen=True)
class Driver:
    """Who brings a state up to date.

    Attributes
    ----------
    store, frame : the state, and how pixels are read, with the bands followed
    engine : does the work on blocks
    block : side of a block of a new state, pixels
    on_commit : called as soon as a commit is made
    progress : hears of the work
    word : which images, in what it hears: "radar " or nothing
    """

    store: StateStore
    frame: Frame
    engine: Engine
    block: int
    on_commit: Callable[[], None]
    progress: Progress
    word: str = ""

    def bring(self, target: Target) -> UpdateSummary:
        """Make the state what a run from scratch over the target's looks would give.

        Each scene stepped is one commit: stopped at any moment, the next call goes on after
        the last one. A scene that arrives out of order, is withdrawn or reprocessed sends the
        state back to the commit before it.
        """
        head, gone_back, fitted = self._common(target), 0, False
        looks = (*target.history, *target.later)
        newest = self.store.head()
        reference = Reference(self.frame, looks, squares_of(self.frame.inside))
        if head is None:
            head, fitted = self._fit(target, reference), True
        elif newest is not None and newest.snapshot != head.snapshot:
            self.store.go_back(head)
            gone_back = newest.n - head.n
        self.on_commit()
        todo = len(target.later) - head.n
        if todo:
            self._follow(target, head, reference)
        return UpdateSummary(fitted, gone_back, todo)

    def _common(self, target: Target) -> Commit | None:
        """The newest commit that the target's looks lead to, None where there is none."""
        head = self.store.head()
        if head is None or head.key != target.key:
            return None
        chains = [target.key]
        for look in target.later:
            chains.append(chained(chains[-1], look.name))
        same = (c for c in self.store.line() if c.n < len(chains) and c.chain == chains[c.n])
        return next(same, None)

    def _fit(self, target: Target, reference: Reference) -> Commit:
        shape, history = self.frame.shape, range(len(target.history))
        with self.progress.task(
            tr("Comparing {kind}scenes", kind=tr_now(self.word)), len(history)
        ) as task:
            for scene in history:
                reference.at(scene)
                task.advance()
            (whole,) = reference.pieces(len(history))
            pixels = reference.stack(history, whole)
            monitor = target.monitor.prepared(*pixels, reference.days[: len(history)])
        draft = self.store.begin_fit(monitor.blank().groups(), shape, self.block)
        job = Job(self._bare, monitor, draft, target.history)
        blocks = blocks_of(self.frame.inside, list(windows(shape, self.block)))
        with self.progress.task(
            tr("Learning the {kind}history", kind=tr_now(self.word)), len(blocks)
        ) as task:
            done = self._run(fit_block, job, blocks, task, 1)
        tally = reduce(add, (d.tallies[0] for d in done))
        note = {
            "day": str(from_day(target.history[-1].day)),
            "history": [look.name for look in target.history],
            **target.view,
            **monitor.fit_note(),
            "parameters": {**asdict(monitor.params), **target.settings, **target.view},
            **_made(monitor),
            **tally.as_json("modelled", "early"),
        }
        return self.store.commit_fit(
            [w for d in done for w in d.written if w is not None],
            key=target.key,
            meta={**monitor.meta(), **target.view},
            shape=shape,
            block=self.block,
            note=note,
        )

    def _follow(self, target: Target, head: Commit, reference: Reference) -> None:
        blocks = blocks_of(self.frame.inside, list(head.windows()))
        learned, todo = len(target.history), len(target.later) - head.n
        monitor = target.monitor.resumed(head.meta)
        reader = self.store.reader(head)
        squares: Follower[Any, Any] = Follower(
            monitor,
            reference,
            lambda: reference.state(monitor, reader, head.meta),
            range(learned + head.n),
            {},
        )
        with self.progress.task(
            tr("Following {kind}pixels", kind=tr_now(self.word)), todo * len(blocks)
        ) as task:
            for batch in _batches(monitor, reference.looks, learned + head.n):
                before = self._before(squares, head, batch)
                looks = reference.looks[: batch.stop]
                job = Job(self._bare, monitor, self.store.begin_steps(), looks, before)
                done = self._run(step_block, job, blocks, task, len(batch))
                for i, scene in enumerate(batch):
                    note = monitor.note(squares.common[scene])
                    head = self._commit(head, job, looks[scene], done, i, note)

    def _before(self, squares: Follower[Any, Any], head: Commit, batch: range) -> Before:
        """Where a batch starts: what each of its scenes has in common is found here."""
        anew = squares.due(batch.start)
        if anew and 0 not in squares.common:
            notes = [commit.note for commit in self.store.line()][::-1]
            squares.common |= dict(enumerate(squares.monitor.noted(notes)))
        for scene in batch:
            squares.take(scene)
        known = {i: c for i, c in squares.common.items() if anew or i in batch}
        return Before(self.store.reader(head), head.meta, batch.start, known)

    def _commit(
        self,
        head: Commit,
        job: Job,
        look: Acquisition,
        done: Iterable[Done],
        i: int,
        common: Mapping[str, Any],
    ) -> Commit:
        """Commit the `i`-th scene of a batch."""
        tally = reduce(add, (d.tallies[i] for d in done), BlockCounts())
        note = {
            "day": str(from_day(look.day)),
            "scene": look.key,
            "content": look.content,
            **common,
            **_made(job.monitor),
            "usable_share": tally.usable / int(self.frame.inside.sum()),
            **tally.as_json("provisional", "confirmed", "recovered"),
        }
        written = [d.written[i] for d in done]
        made = self.store.commit_step([w for w in written if w is not None], head, look.name, note)
        self.on_commit()
        return made

    @property
    def _bare(self) -> Frame:
        """The frame as it is sent to blocks."""
        return replace(self.frame, inside=np.zeros((0, 0), np.bool_))

    def _run(
        self, work: BlockTask, job: Job, blocks: Sequence[Block], task: Task, weight: int
    ) -> list[Done]:
        """All blocks; each moves the bar by `weight`."""
        out = []
        for done in self.engine.run(work, job, blocks):
            out.append(done)
            task.advance(weight)
        return out


def _batches(
    monitor: Monitor[Any, Any], looks: Sequence[Acquisition], done: int
) -> Iterator[range]:
    """At most BATCH looks at a time; the first look after a day of learning anew comes first."""
    start = done
    for i in range(done, len(looks)):
        if i > start and (i - start == BATCH or monitor.relearns(looks[i - 1].day, looks[i].day)):
            yield range(start, i)
            start = i
    yield range(start, len(looks))


def _made(monitor: Monitor[Any, Any]) -> dict[str, str]:
    """By what, from which settings and when: the last is the only thing a clock decides."""
    return {
        "version": __version__,
        "params": hash_json(asdict(monitor.params)),
        "processed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
