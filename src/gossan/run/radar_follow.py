"""Bring the radar state up to date: fit where the history changed, go back where the past did,
step. The same rules as for the optical state (`follow`), on a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan import __version__
from gossan.case.monitoring import Look
from gossan.case.radar_frame import RadarFrame
from gossan.core.dates import from_day
from gossan.core.hashing import hash_json
from gossan.core.progress import Progress
from gossan.core.values import Status
from gossan.io.state_blocks import Reader, Written, windows
from gossan.io.state_layout import Groups, changed
from gossan.io.state_store import Commit, StateStore, chained
from gossan.monitor.radar import fit_radar, step_radar
from gossan.monitor.radar_scene import RadarLook, RadarScene, learn_scene, look_of
from gossan.monitor.radar_state import (
    RadarState,
    assemble,
    dynamic_arrays,
    empty,
    from_arrays,
    meta,
    model_arrays,
)
from gossan.run.blocks import Block, Tally, blocks_of, parts
from gossan.run.follow import BATCH, Brought

SLOT = "recent"
"""Arrays of this name hold one look each: a group of their own, for a scene writes only one."""


@dataclass(frozen=True)
class RadarTarget:
    """What the radar state shall be.

    Attributes
    ----------
    orbit : from where the scenes were seen, e.g. "descending 106"
    history, later : the looks to learn from, and those to follow after them, ascending
    settings : what else the evidence of a fit names, JSON
    """

    orbit: str
    history: tuple[Look, ...]
    later: tuple[Look, ...]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class RadarDriver:
    """Who brings a radar state up to date; the fields are as those of `follow.Driver`."""

    store: StateStore
    frame: RadarFrame
    block: int
    on_commit: Callable[[], None]
    progress: Progress

    def bring(self, target: RadarTarget) -> Brought:
        """Make the state what a run from scratch over the target's looks would give; each scene
        stepped is one commit."""
        key = self.frame.key(target.orbit, target.history)
        head, gone_back, fitted = self._common(key, target.later), 0, False
        newest = self.store.head()
        if head is None:
            head, fitted = self._fit(key, target), True
        elif newest is not None and newest.snapshot != head.snapshot:
            self.store.go_back(head)
            gone_back = newest.n - head.n
        self.on_commit()
        todo = target.later[head.n :]
        if todo:
            self._follow(head, todo)
        return Brought(fitted, gone_back, len(todo))

    def _common(self, key: str, later: Sequence[Look]) -> Commit | None:
        """The newest commit that the looks lead to, None where there is none."""
        head = self.store.head()
        if head is None or head.key != key:
            return None
        chains = [key]
        for look in later:
            chains.append(chained(chains[-1], look.name))
        same = (c for c in self.store.line() if c.n < len(chains) and c.chain == chains[c.n])
        return next(same, None)

    def _fit(self, key: str, target: RadarTarget) -> Commit:
        frame, looks = self.frame, target.history
        days = np.array([look.day for look in looks], np.int32)
        with self.progress.task("Comparing radar scenes", len(looks)) as task:
            sampled = []
            for look in looks:
                sampled.append(frame.sample(look))
                task.advance()
            values, usable = np.stack([v for v, _ in sampled]), np.stack([u for _, u in sampled])
            scene = learn_scene(values, usable, days, frame.params)
        draft = self.store.begin_fit(_groups(empty((1, 1))), frame.shape, self.block)
        blocks = blocks_of(frame.inside, list(windows(frame.shape, self.block)))
        written, tally = [], Tally()
        with self.progress.task("Learning the radar history", len(blocks)) as task:
            for block in blocks:
                state = self._learned(block, looks, days, scene)
                written.append(draft.write(block.window, _groups(state)))
                tally += Tally(modelled=int((state.model.kind > 0).sum()))
                task.advance()
        note = {
            "day": str(from_day(looks[-1].day)),
            "history": [look.name for look in looks],
            "orbit": target.orbit,
            "parameters": {**asdict(frame.params), **target.settings, "orbit": target.orbit},
            **self._made(),
            **tally.as_json("modelled", "early"),
        }
        told = meta() | {"orbit": target.orbit, "scene": scene.as_json()}
        return self.store.commit_fit(
            written, key=key, meta=told, shape=frame.shape, block=self.block, note=note
        )

    def _learned(
        self, block: Block, looks: Sequence[Look], days: NDArray[np.int32], scene: RadarScene
    ) -> RadarState:
        top, left = (part.start for part in block.window)
        fitted = {}
        for part in parts(block.window, len(looks), 2):
            values, usable = self.frame.stack(looks, part)
            state = fit_radar(values, usable, days, self.frame.params, scene)
            fitted[part[0].start - top, part[1].start - left] = state
        rows, cols = block.inside.shape
        return assemble(fitted, (rows, cols))

    def _follow(self, head: Commit, todo: Sequence[Look]) -> None:
        blocks = blocks_of(self.frame.inside, list(head.windows()))
        total = int(self.frame.inside.sum())
        with self.progress.task("Following radar pixels", len(todo) * len(blocks)) as task:
            for start in range(0, len(todo), BATCH):
                batch = todo[start : start + BATCH]
                reader, draft = self.store.reader(head), self.store.begin_steps()
                common = self._common_to(reader, head, batch)
                done = []
                for block in blocks:
                    done.append(self._stepped(block, reader, head, batch, common, draft.write))
                    task.advance(len(batch))
                for i, look in enumerate(batch):
                    tally = sum((t[i] for _, t in done), Tally())
                    note = self._note(look, common[i], tally, total)
                    mine = [w[i] for w, _ in done]
                    there = [w for w in mine if w is not None]
                    head = self.store.commit_step(there, head, look.name, note)
                    self.on_commit()

    def _common_to(self, reader: Reader, head: Commit, batch: Sequence[Look]) -> list[RadarLook]:
        """What each scene of a batch has in common, from the sample's state."""
        scene, params = RadarScene.from_json(head.meta["scene"]), self.frame.params
        state = self.frame.sample_state(reader, head.meta)
        out = []
        for look in batch:
            values, usable = self.frame.sample(look)
            out.append(look_of(state, values, usable, look.day, scene, params))
            state = step_radar(state, values, usable, look.day, params, out[-1])
        return out

    def _stepped(
        self,
        block: Block,
        reader: Reader,
        head: Commit,
        batch: Sequence[Look],
        common: Sequence[RadarLook],
        write: Callable[[Any, Groups], Written],
    ) -> tuple[list[Written | None], list[Tally]]:
        """Take a block through a batch of scenes, in order; what was written and counted."""
        state = from_arrays(reader.read(block.window), head.meta)
        written: list[Written | None] = []
        tallies = []
        for look, shared in zip(batch, common, strict=True):
            ((values, usable),) = self.frame.look(look, [block.window])
            after = step_radar(state, values, usable, look.day, self.frame.params, shared)
            new = changed(_groups(state), _groups(after))
            written.append(write(block.window, new) if new else None)
            tallies.append(_tally(usable, state, after))
            state = after
        return written, tallies

    def _note(self, look: Look, common: RadarLook, tally: Tally, total: int) -> dict[str, Any]:
        return {
            "day": str(from_day(look.day)),
            "scene": look.key,
            "content": look.content,
            "shift": common.shift.tolist(),
            "slope": common.slope.tolist(),
            "weight": common.weight,
            "snow": common.snow,
            **self._made(),
            "usable_share": tally.usable / total,
            **tally.as_json("provisional", "confirmed", "recovered"),
        }

    def _made(self) -> dict[str, str]:
        """By what, from which settings and when: the last is the only thing a clock decides."""
        return {
            "version": __version__,
            "params": hash_json(asdict(self.frame.params)),
            "processed": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def _groups(state: RadarState) -> Groups:
    """The state's arrays, those together that change together: each remembered look apart."""
    out: dict[str, dict[str, NDArray[Any]]] = {"model": model_arrays(state), "dynamic": {}}
    for name, array in dynamic_arrays(state).items():
        group = f"look_{name.rpartition('_')[2]}" if name.startswith(SLOT) else "dynamic"
        out.setdefault(group, {})[name] = array
    return out


def _tally(usable: NDArray[np.bool_], before: RadarState, after: RadarState) -> Tally:
    was, now = before.dynamic.status, after.dynamic.status
    new = now[now != was]
    return Tally(
        usable=int(usable.sum()),
        provisional=int((new == Status.PROVISIONAL).sum()),
        confirmed=int((new == Status.CONFIRMED).sum()),
        recovered=int((new == Status.RECOVERED).sum()),
    )
