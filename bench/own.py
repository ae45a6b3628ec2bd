"""gossan on a cube, scene by scene, through the interface every caller uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from bench.cube import BANDS
from gossan.case.reference import squares_of
from gossan.core.params import MonitorParams
from gossan.core.values import Disturbances, Status
from gossan.monitor.loop import Follower, Held, learn
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.state import MonitorState, disturbances

NAME = "gossan"
NEVER = -1


@dataclass(frozen=True)
class Watched:
    """What was said in the watched time, int32 days, NEVER for none.

    Attributes
    ----------
    confirmed : days of confirmation, ascending, (k, y, x)
    before, after : last look said to fit and first said not to, of each of these (k, y, x)
    warned : first day of the provisional warning that led to each of these (k, y, x)
    ever_warned : True where a warning was given at all, also one taken back (y, x)
    no_model : True where the history was too short (y, x)
    """

    confirmed: NDArray[np.int32]
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    warned: NDArray[np.int32]
    ever_warned: NDArray[np.bool_]
    no_model: NDArray[np.bool_]


def watch(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    n_history: int,
    params: MonitorParams,
    bands: tuple[str, ...] = BANDS,
) -> Watched:
    """Fit the first `n_history` looks and step through the rest, noting what each step says.

    As an update does it: every scene's shift from reference pixels on the lattice of a case,
    changed ground learned anew on the fixed days.
    """
    shape = (usable.shape[1], usable.shape[2])
    grid = GeoBox.from_bbox((0, 0, shape[1] * 10, shape[0] * 10), "EPSG:32638", resolution=10)
    said, notes = None, None
    for day, state in states(values, usable, days, n_history, params, bands):
        now = disturbances(state, grid)
        if said is None or notes is None:
            said, notes = now, Notes(now)
        else:
            notes.take(now, day)
    assert said is not None
    assert notes is not None
    return notes.told(said.status == Status.NO_MODEL)


def states(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    n_history: int,
    params: MonitorParams,
    bands: tuple[str, ...],
) -> Iterator[tuple[int, MonitorState]]:
    """Day and state after the history and after each later scene in which ground was seen; the
    same state, written to again and again. Arguments as `watch`."""
    seen = Held(values, usable, days)
    here = np.zeros(seen.shape, np.bool_)
    for window in squares_of(np.ones(seen.shape, np.bool_)):
        here[window] = True
    history = range(n_history)
    squares = values[:n_history, :, here][:, :, None], usable[:n_history, here][:, None]
    monitor = OpticalMonitor(params, bands).prepared(*squares, days[:n_history])
    shifts = dict(enumerate(np.asarray(monitor.shifts)))
    learned = learn(monitor, seen, history)
    yield int(days[n_history - 1]), learned
    pixels = Follower(monitor, seen, lambda: learned, history, shifts, here)
    for scene in range(n_history, len(days)):
        if usable[scene].any():
            pixels.take(scene)
            yield int(days[scene]), pixels.state


class Notes:
    """What was said after each scene, kept where it was new."""

    def __init__(self, said: Disturbances) -> None:
        self.changes = said.changes.copy()
        self.warning = np.full(said.status.shape, NEVER, np.int32)
        self.ever = np.zeros(said.status.shape, bool)
        self.records: list[tuple[NDArray[Any], ...]] = []

    def take(self, said: Disturbances, day: int) -> None:
        """Note what is new after the scene of a day."""
        warns = said.status == Status.PROVISIONAL
        self.ever |= warns
        self.warning[warns & (self.warning == NEVER)] = day
        new = said.changes > self.changes
        if new.any():
            y, x = np.nonzero(new)
            main = said.confirmed_on[y, x] == day
            before = np.where(main, said.last_unchanged[y, x], said.unchanged_until[y, x])
            after = np.where(main, said.first_changed[y, x], said.changed_again[y, x])
            warned = np.where(self.warning[y, x] == NEVER, day, self.warning[y, x])
            self.records.append((y, x, np.full(len(y), day), before, after, warned))
        self.changes = said.changes.copy()
        self.warning[~warns] = NEVER

    def told(self, no_model: NDArray[np.bool_]) -> Watched:
        """All of it."""
        confirmed, before, after, warned = _stacked(self.records, self.ever.shape)
        return Watched(confirmed, before, after, warned, self.ever, no_model)


def _stacked(
    records: list[tuple[NDArray[Any], ...]], shape: tuple[int, ...]
) -> list[NDArray[np.int32]]:
    """Records of (y, x, four days) as four arrays (k, y, x)."""
    count = np.zeros(shape, np.int32)
    for y, x, *_ in records:
        count[y, x] += 1
    out = [np.full((max(1, int(count.max())), *shape), NEVER, np.int32) for _ in range(4)]
    count[:] = 0
    for y, x, *days in records:
        for target, day in zip(out, days, strict=True):
            target[count[y, x], y, x] = day
        count[y, x] += 1
    return out
