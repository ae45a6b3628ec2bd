"""Bring the state up to date: fit where the history changed, go back where the past did, step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import Any

from gossan import __version__
from gossan.core.dates import from_day
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress, Task
from gossan.io.state_store import Commit, Draft, StateStore, chained, windows
from gossan.monitor.params import MonitorParams
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
from gossan.run.monitoring import Frame, Look

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
    store, frame : the state, and how pixels are read
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
        newest = self.store.head()
        if head is None:
            head, fitted = self._fit(target), True
        elif newest is not None and newest.snapshot != head.snapshot:
            self.store.go_back(head)
            gone_back = newest.n - head.n
        self.on_commit()
        todo = target.later[head.n :]
        if todo:
            self._follow(target, head, todo)
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

    def _fit(self, target: Target) -> Commit:
        shape, bands = self.frame.shape, self.frame.bands
        arrays, meta = example(bands, target.params)
        draft = self.store.begin_fit(arrays, shape, self.block)
        job = self._job(draft=draft, params=target.params, looks=target.history)
        blocks = blocks_of(self.frame.inside, list(windows(shape, self.block)))
        with self.progress.task("Learning the history", len(blocks)) as task:
            done = self._run(fit_block, job, blocks, task, 1)
        tally = reduce(add, (d.tallies[0] for d in done))
        note = {
            "day": str(from_day(target.history[-1].day)),
            "history": [look.name for look in target.history],
            "parameters": {**asdict(target.params), **target.settings},
            **_made(target.params),
            **tally.as_json("modelled", "early"),
        }
        return self.store.commit_fit(
            [w for d in done for w in d.written if w is not None],
            key=target.key, meta=meta, shape=shape, block=self.block, note=note,
        )  # fmt: skip

    def _follow(self, target: Target, head: Commit, todo: Sequence[Look]) -> None:
        blocks = blocks_of(self.frame.inside, list(head.windows()))
        total = int(self.frame.inside.sum())
        with self.progress.task("Following pixels", len(todo) * len(blocks)) as task:
            for start in range(0, len(todo), BATCH):
                looks = tuple(todo[start : start + BATCH])
                past = (*target.history, *target.later[: head.n])
                before = Before(self.store.reader(head), head.meta, past)
                draft = self.store.begin_steps()
                job = self._job(draft=draft, params=target.params, looks=looks, before=before)
                done = self._run(step_block, job, blocks, task, len(looks))
                for i, look in enumerate(looks):
                    head = self._commit(head, look, done, i, target.params, total)

    def _commit(
        self,
        head: Commit,
        look: Look,
        done: Iterable[Done],
        i: int,
        params: MonitorParams,
        total: int,
    ) -> Commit:
        """Commit the `i`-th scene of a batch."""
        tally = reduce(add, (d.tallies[i] for d in done), Tally())
        note = {
            "day": str(from_day(look.day)),
            "scene": look.key,
            "content": look.content,
            **_made(params),
            "usable_share": tally.usable / total,
            **tally.as_json("provisional", "confirmed", "recovered"),
        }
        written = [d.written[i] for d in done]
        made = self.store.commit_step([w for w in written if w is not None], head, look.name, note)
        self.on_commit()
        return made

    def _job(
        self,
        *,
        draft: Draft,
        params: MonitorParams,
        looks: tuple[Look, ...],
        before: Before | None = None,
    ) -> Job:
        frame = self.frame
        return Job(frame.scenes, frame.bands, frame.dilation_m, params, draft, looks, before)

    def _run(
        self, work: BlockTask, job: Job, blocks: Sequence[Block], task: Task, weight: int
    ) -> list[Done]:
        """All blocks; each moves the bar by `weight`."""
        out = []
        for done in self.engine.run(work, job, blocks):
            out.append(done)
            task.advance(weight)
        return out


def _made(params: MonitorParams) -> dict[str, str]:
    """By what, from which settings and when: the last is the only thing a clock decides."""
    return {
        "version": __version__,
        "params": hash_json(asdict(params)),
        "processed": datetime.now(UTC).isoformat(timespec="seconds"),
    }
