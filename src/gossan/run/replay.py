"""Follow some pixels of a case again, with other images or other parameters.

Pixels do not know each other: a row of them, taken from anywhere, is fitted and stepped by the
same code as an update, and every image's own shift is the one the case found. Leaving out one
of the later images changes nothing before it, so that each replay starts where it can.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.case.monitoring import arrays_of
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import days_of
from gossan.core.params import MonitorParams
from gossan.core.values import Disturbances
from gossan.monitor.loop import Follower, Held, learn
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.state import MonitorState, disturbances

BLOCK = 8192
"""Pixels replayed at once: their states after every image are kept, 75 bytes each."""


@dataclass(frozen=True)
class Row:
    """A row of pixels: `rows`, `cols` on the grid, and what was `seen` of them, (1, pixel)."""

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    seen: Held


def rows_of(state: Monitored, pixels: Pixels, wanted: NDArray[np.bool_]) -> Iterator[Row]:
    """All looks at the wanted pixels (y, x), a bounded number of them at a time."""
    for window in state.frame.blocks(len(state.looks)):
        part = wanted[window]
        if not part.any():
            continue
        cube = pixels.cube(window)
        values, clear = arrays_of(cube, state.bands)
        clear = clear & np.isfinite(values).all(axis=1)
        days = days_of(cube.time.values)
        ys, xs = np.nonzero(part)
        for i in range(0, len(ys), BLOCK):
            y, x = ys[i : i + BLOCK], xs[i : i + BLOCK]
            seen = Held(
                np.ascontiguousarray(values[:, :, y, x][:, :, None]),
                np.ascontiguousarray(clear[:, y, x][:, None]),
                days,
            )
            yield Row(y + window[0].start, x + window[1].start, seen)


class Replay:
    """One row of pixels, followed as often as asked."""

    def __init__(self, state: Monitored, row: Row, until: int) -> None:
        self._state, self._seen = state, row.seen
        self._history = int((row.seen.days <= until).sum())
        self._all = list(range(len(row.seen.days)))
        self._before: dict[int, MonitorState] = {}
        """State before each later image, where all images are used as chosen."""

    def chosen(self) -> MonitorState:
        """With every image and the case's own parameters."""
        return self._run(self._all, self._state.params, keep=True)

    def without(self, look: int) -> MonitorState:
        """Without one image."""
        looks = [i for i in self._all if i != look]
        at = self._before.get(look)
        if at is None:
            return self.with_acquisitions(looks)
        monitor = OpticalMonitor(self._state.params, self._state.bands)
        return self._follow(monitor, monitor.copied(at), looks[:look], looks[look:])

    def with_acquisitions(self, looks: list[int]) -> MonitorState:
        """With some of the images."""
        return self._run(looks, self._state.params)

    def with_params(self, params: MonitorParams) -> MonitorState:
        """With other parameters."""
        return self._run(self._all, params)

    def _run(self, looks: list[int], params: MonitorParams, keep: bool = False) -> MonitorState:
        case = self._state
        n = sum(i < self._history for i in looks)
        monitor = OpticalMonitor(params, case.bands, case.shifts[looks[:n]])
        learned = learn(monitor, self._seen, looks[:n])
        return self._follow(monitor, learned, looks[:n], looks[n:], keep)

    def _follow(
        self,
        monitor: OpticalMonitor,
        state: MonitorState,
        past: list[int],
        later: list[int],
        keep: bool = False,
    ) -> MonitorState:
        shifts = dict(enumerate(self._state.shifts))
        pixels = Follower(monitor, self._seen, lambda: state, past, shifts)
        for look in later:
            if keep:
                self._before[look] = monitor.copied(pixels.state)
            pixels.take(look)
        return pixels.state


def put(dist: Disturbances, row: Row, state: MonitorState) -> None:
    """Write what a replayed row says into the arrays of a whole grid."""
    line = disturbances(state, GeoBox(state.shape, dist.grid.affine, dist.grid.crs))
    for f in fields(Disturbances):
        if f.name != "grid":
            getattr(dist, f.name)[row.rows, row.cols] = getattr(line, f.name)[0]


def copied(dist: Disturbances) -> Disturbances:
    """The same with arrays of its own."""
    arrays = {f.name: getattr(dist, f.name).copy() for f in fields(dist) if f.name != "grid"}
    return Disturbances(dist.grid, **arrays)
