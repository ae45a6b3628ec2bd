"""Bring the state up to date: fit where the history changed, go back where the past did, step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import Any

from gossan import __version__
from gossan.case.monitoring import Frame, Look
from gossan.case.reference import Shifts, Witnesses, shifts_of
from gossan.core.dates import from_day
from gossan.core.hashing import hash_json
from gossan.core.params import MonitorParams
from gossan.core.progress import Progress, Task
from gossan.io.state_blocks import Draft, windows
from gossan.io.state_store import Commit, StateStore, chained
from gossan.monitor.fit import relearns_between
from gossan.monitor.state import MonitorState
from gossan.run.blocks import (
    Before,
    Block,
    Done,
    Job,
    Tally,
    blocks_of,
    example,
    fit_block,
    step_block,
)
from gossan.run.engine import BlockTask, Engine

BATCH = 8
"""Scenes a block is taken through at once, so that its state is read once for all of them.
As many are stepped again at most after a kill."""


@dataclass(frozen=True)
class Target:
    """What the state shall be.

    Attributes
    ----------
    key : see `monitoring.fit_key`
    history, later : the looks to learn from, and those to follow after them, ascending
    params : the monitor's
    settings : what else the evidence of a fit names, JSON
    """

    key: str
    history: tuple[Look, ...]
    later: tuple[Look, ...]
    params: MonitorParams
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brought:
    """What an update did to the state: newly fitted, scenes gone back, scenes stepped."""

    fitted: bool
    gone_back: int
    stepped: int


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
    """

    store: StateStore
    frame: Frame
    engine: Engine
    block: int
    on_commit: Callable[[], None]
    progress: Progress

    def bring(self, target: Target) -> Brought:
        """Make the state what a run from scratch over the target's looks would give.

        Each scene stepped is one commit: stopped at any moment, the next call goes on after
        the last one. A scene that arrives out of order, is withdrawn or reprocessed sends the
        state back to the commit before it.
        """
        head, gone_back, fitted = self._common(target), 0, False
        newest, witnesses = self.store.head(), Witnesses.of(self.frame)
        if head is None:
            head, fitted = self._fit(target, witnesses), True
        elif newest is not None and newest.snapshot != head.snapshot:
            self.store.go_back(head)
            gone_back = newest.n - head.n
        self.on_commit()
        todo = target.later[head.n :]
        if todo:
            self._follow(target, head, witnesses, todo)
        return Brought(fitted, gone_back, len(todo))

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

    def _fit(self, target: Target, witnesses: Witnesses) -> Commit:
        shape, bands = self.frame.shape, self.frame.bands
        arrays, meta = example(bands)
        with self.progress.task("Comparing scenes", 1) as task:
            shifts = witnesses.learn(target.history, target.params)
            task.advance()
        draft = self.store.begin_fit(arrays, shape, self.block)
        job = self._job(draft, target.params, target.history, shifts)
        blocks = blocks_of(self.frame.inside, list(windows(shape, self.block)))
        with self.progress.task("Learning the history", len(blocks)) as task:
            done = self._run(fit_block, job, blocks, task, 1)
        tally = reduce(add, (d.tallies[0] for d in done))
        note = {
            "day": str(from_day(target.history[-1].day)),
            "history": [look.name for look in target.history],
            "shifts": shifts,
            "parameters": {**asdict(target.params), **target.settings},
            **_made(target.params),
            **tally.as_json("modelled", "early"),
        }
        return self.store.commit_fit(
            [w for d in done for w in d.written if w is not None],
            key=target.key,
            meta=meta,
            shape=shape,
            block=self.block,
            note=note,
        )

    def _follow(
        self, target: Target, head: Commit, witnesses: Witnesses, todo: Sequence[Look]
    ) -> None:
        blocks = blocks_of(self.frame.inside, list(head.windows()))
        total = int(self.frame.inside.sum())
        with self.progress.task("Following pixels", len(todo) * len(blocks)) as task:
            seen: MonitorState | None = None
            for looks in _batches(target, head.n, todo):
                job, seen = self._steps(target, head, witnesses, looks, seen)
                done = self._run(step_block, job, blocks, task, len(looks))
                for i in range(len(looks)):
                    head = self._commit(head, job, done, i, total)

    def _steps(
        self,
        target: Target,
        head: Commit,
        witnesses: Witnesses,
        looks: tuple[Look, ...],
        seen: MonitorState | None,
    ) -> tuple[Job, MonitorState]:
        """The job of stepping a batch: by how much each of its scenes is off is found here.

        `seen` is the witnesses' state at `head` where an earlier batch left it; that after
        this batch is returned too.
        """
        past = (*target.history, *target.later[: head.n])
        relearn = relearns_between(past[-1].day, looks[0].day, target.params)
        reader = self.store.reader(head)
        known = shifts_of(self.store) if relearn else ()
        state = witnesses.state(reader, head) if seen is None else seen
        if relearn:
            state = witnesses.relearned(state, past, known, target.params)
        shifts, state = witnesses.follow(state, looks, target.params)
        before = Before(reader, head.meta, past, known, relearn)
        return self._job(self.store.begin_steps(), target.params, looks, shifts, before), state

    def _commit(self, head: Commit, job: Job, done: Iterable[Done], i: int, total: int) -> Commit:
        """Commit the `i`-th scene of a batch."""
        look = job.looks[i]
        tally = reduce(add, (d.tallies[i] for d in done), Tally())
        note = {
            "day": str(from_day(look.day)),
            "scene": look.key,
            "content": look.content,
            "shift": job.shifts[i],
            **_made(job.params),
            "usable_share": tally.usable / total,
            **tally.as_json("provisional", "confirmed", "recovered"),
        }
        written = [d.written[i] for d in done]
        made = self.store.commit_step([w for w in written if w is not None], head, look.name, note)
        self.on_commit()
        return made

    def _job(
        self,
        draft: Draft,
        params: MonitorParams,
        looks: tuple[Look, ...],
        shifts: Shifts,
        before: Before | None = None,
    ) -> Job:
        f = self.frame
        return Job(f.scenes, f.bands, f.dilation_m, params, draft, looks, shifts, before)

    def _run(
        self, work: BlockTask, job: Job, blocks: Sequence[Block], task: Task, weight: int
    ) -> list[Done]:
        """All blocks; each moves the bar by `weight`."""
        out = []
        for done in self.engine.run(work, job, blocks):
            out.append(done)
            task.advance(weight)
        return out


def _batches(target: Target, done: int, todo: Sequence[Look]) -> Iterator[tuple[Look, ...]]:
    """At most BATCH looks at a time; the first look after a day of learning anew comes first."""
    last = (*target.history, *target.later[:done])[-1].day
    batch: list[Look] = []
    for look in todo:
        if batch and (len(batch) == BATCH or relearns_between(last, look.day, target.params)):
            yield tuple(batch)
            batch = []
        batch.append(look)
        last = look.day
    if batch:
        yield tuple(batch)


def _made(params: MonitorParams) -> dict[str, str]:
    """By what, from which settings and when: the last is the only thing a clock decides."""
    return {
        "version": __version__,
        "params": hash_json(asdict(params)),
        "processed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
