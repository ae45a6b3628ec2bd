"""The one loop: pixels of any sensor through its scenes (learn, learn anew where due, step).

Update, reference pixels, detection limits, sensitivity, re-run and benchmarks all follow pixels
with it. Whoever calls it says where the pixels come from (`Seen`) and what is known of the scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gossan.core.sensor import Groups, Monitor, Observation, State, Window, assemble, cut

S = TypeVar("S", bound=State)
C = TypeVar("C")
Stack = tuple[NDArray[np.float32], NDArray[np.bool_]]
"""Physical values (time, bands, y, x) and usable (time, y, x)."""


class Seen(Protocol):
    """All that was seen of some pixels; scenes are named by their place in `days`."""

    @property
    def days(self) -> NDArray[np.int32]:
        """Day of each scene, ascending."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    def at(self, scene: int) -> Observation:
        """One scene."""

    def stack(self, scenes: Sequence[int], window: Window) -> Stack:
        """Several scenes in a window of the pixels."""

    def pieces(self, scenes: int, /) -> Iterable[Window]:
        """Windows that cover the pixels, each small enough for so many scenes at once."""


@dataclass(frozen=True)
class Held:
    """Pixels that lie in memory: physical `values` (time, bands, y, x) and `usable` (time, y, x)
    on ascending `days`."""

    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.usable.shape[1]), int(self.usable.shape[2])

    def at(self, scene: int) -> Observation:
        """See `Seen.at`."""
        return Observation(int(self.days[scene]), self.values[scene], self.usable[scene])

    def stack(self, scenes: Sequence[int], window: Window) -> Stack:
        """See `Seen.stack`; not copied where the scenes follow each other."""
        first, n = scenes[0], len(scenes)
        which = slice(first, first + n) if scenes[-1] - first == n - 1 else list(scenes)
        return self.values[which][..., *window], self.usable[which][..., *window]

    def pieces(self, _scenes: int, /) -> Iterable[Window]:
        """All of them at once."""
        yield slice(0, self.shape[0]), slice(0, self.shape[1])


def learn(monitor: Monitor[S, C], seen: Seen, history: Sequence[int]) -> S:
    """State after a history, for whose scenes the monitor is prepared."""
    days, fitted = seen.days[list(history)], {}
    for rows, cols in seen.pieces(len(history)):
        # no name for the pixels: they would be held while the next piece is read
        fitted[rows.start, cols.start] = monitor.fit(*seen.stack(history, (rows, cols)), days)
    return next(iter(fitted.values())) if len(fitted) == 1 else assemble(fitted, seen.shape)


class Follower(Generic[S, C]):
    """Some pixels on their way through the scenes.

    Parameters
    ----------
    start : gives the state before the first scene, when it is needed; it is used up
    past : the scenes behind it, ascending; empty: nothing is ever learned anew
    common : what scenes have in common, by scene. What is not known yet is found from these very
        pixels (`reference`: from those that are True, (y, x)) and put there
    """

    def __init__(
        self,
        monitor: Monitor[S, C],
        seen: Seen,
        start: Callable[[], S],
        past: Sequence[int],
        common: dict[int, C],
        reference: NDArray[np.bool_] | None = None,
    ) -> None:
        self.monitor, self.seen, self.common = monitor, seen, common
        self.past, self.reference = list(past), reference
        self._start = start
        self._state: S | None = None
        self._ready = -1
        """The scene before which pixels were learned anew last."""

    @property
    def state(self) -> S:
        """The state after the scenes so far; copy it to keep it."""
        if self._state is None:
            self._state = self._start()
        return self._state

    def due(self, scene: int) -> bool:
        """Whether pixels may have to be learned anew before a scene."""
        days = self.seen.days
        return bool(self.past) and self.monitor.relearns(int(days[self.past[-1]]), int(days[scene]))

    def relearn(self, scene: int) -> S:
        """The state before a scene: learned anew where that is due, from all scenes so far."""
        if not self.due(scene):
            return self.state
        self._ready = scene
        if not self.monitor.due(self.state).any():
            return self.state
        days = self.seen.days[self.past]
        common = [self.common[i] for i in self.past]
        pieces = {}
        for rows, cols in self.seen.pieces(len(self.past)):
            whole = (rows.stop - rows.start, cols.stop - cols.start) == self.state.shape
            piece = self.state if whole else cut(self.state, rows, cols)
            if self.monitor.due(piece).any():
                pixels = self.seen.stack(self.past, (rows, cols))
                piece = self.monitor.refit(piece, *pixels, days, common)
                del pixels
            pieces[rows.start, cols.start] = piece
        one = next(iter(pieces.values()))
        self._state = one if len(pieces) == 1 else assemble(pieces, self.state.shape)
        return self._state

    def take(self, scene: int, observed: Observation | None = None) -> Groups:
        """One scene further; returns the arrays it changed. `observed` where it was read already.

        Raises GossanError (STATE) for a scene that is not newer than those so far.
        """
        if self.due(scene):
            self.relearn(scene)
        observed = self.seen.at(scene) if observed is None else observed
        if scene not in self.common:
            self.common[scene] = self.monitor.common(self.state, self._asked(observed))
        if self.past:
            self.past.append(scene)
        if not observed.usable.any():
            return {}
        self._state, touched = self.monitor.step(self.state, observed, self.common[scene])
        return touched

    def _asked(self, observed: Observation) -> Observation:
        if self.reference is None:
            return observed
        usable = observed.usable & self.reference
        return Observation(observed.day, observed.values, usable, observed.scale, observed.offset)
