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
from gossan.monitor.fit import fit, refit, relearns_between
from gossan.monitor.state import MonitorState, disturbances
from gossan.monitor.step import Calibration, step

BLOCK = 8192
"""Pixels replayed at once: their states after every image are kept, 75 bytes each."""


@dataclass(frozen=True)
class Row:
    """The looks at a row of pixels: `rows`, `cols` on the grid, `days` (time,), `values` (time,
    bands, 1, pixel), `clear` (time, 1, pixel)."""

    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    days: NDArray[np.int32]
    values: NDArray[np.float32]
    clear: NDArray[np.bool_]


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
            yield Row(
                y + window[0].start,
                x + window[1].start,
                days,
                np.ascontiguousarray(values[:, :, y, x][:, :, None]),
                np.ascontiguousarray(clear[:, y, x][:, None]),
            )


class Replay:
    """One row of pixels, followed as often as asked."""

    def __init__(self, state: Monitored, row: Row, until: int) -> None:
        self._state, self._row, self._until = state, row, until
        self._before: dict[int, MonitorState] = {}
        """State before each later image, where all images are used as chosen."""

    def chosen(self) -> MonitorState:
        """With every image and the case's own parameters."""
        return self._run(list(range(len(self._row.days))), self._state.params, keep=True)

    def without(self, look: int) -> MonitorState:
        """Without one image."""
        looks = [i for i in range(len(self._row.days)) if i != look]
        at = self._before.get(look)
        if at is None:
            return self._run(looks, self._state.params)
        return self._follow(at, [i for i in looks if i > look], looks, self._state.params)

    def with_looks(self, looks: list[int]) -> MonitorState:
        """With some of the images."""
        return self._run(looks, self._state.params)

    def with_params(self, params: MonitorParams) -> MonitorState:
        """With other parameters."""
        return self._run(list(range(len(self._row.days))), params)

    def _run(self, looks: list[int], params: MonitorParams, keep: bool = False) -> MonitorState:
        row, case = self._row, self._state
        history = [i for i in looks if row.days[i] <= self._until]
        state = fit(
            row.values[history],
            row.clear[history],
            row.days[history],
            params,
            case.bands,
            case.shifts[history],
        )
        return self._follow(state, looks[len(history) :], looks, params, keep)

    def _follow(
        self,
        state: MonitorState,
        later: list[int],
        looks: list[int],
        params: MonitorParams,
        keep: bool = False,
    ) -> MonitorState:
        row, case = self._row, self._state
        for look in later:
            if keep:
                self._before[look] = state
            past = looks[: looks.index(look)]
            if relearns_between(int(row.days[past[-1]]), int(row.days[look]), params):
                state = refit(
                    state,
                    row.values[past],
                    row.clear[past],
                    row.days[past],
                    params,
                    case.shifts[past],
                )
            told = Calibration.reflectance(len(case.bands), case.shifts[look])
            state = step(
                state, row.values[look], row.clear[look], int(row.days[look]), params, told
            )
        return state


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
