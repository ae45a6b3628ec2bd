"""gossan on a cube, scene by scene, through the interface every caller uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from bench.cube import BANDS
from gossan.core.dates import NO_DAY
from gossan.core.values import Status
from gossan.monitor.fit import fit
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import disturbances
from gossan.monitor.step import step

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
    """Fit the first `n_history` looks and step through the rest, noting what each step says."""
    n = n_history
    shape = usable.shape[1:]
    grid = GeoBox.from_bbox((0, 0, shape[1] * 10, shape[0] * 10), "EPSG:32638", resolution=10)
    state = fit(values[:n], usable[:n], days[:n], params, bands)
    said = disturbances(state, grid)
    no_model = said.status == Status.NO_MODEL
    known, warning = said.confirmed_on.copy(), np.full(shape, NEVER, np.int32)
    ever = np.zeros(shape, bool)
    records: list[tuple[NDArray[np.int32], ...]] = []
    for i in range(n, len(days)):
        if not usable[i].any():
            continue
        day = int(days[i])
        state = step(state, values[i], usable[i], day, params)
        said = disturbances(state, grid)
        warns = said.status == Status.PROVISIONAL
        ever |= warns
        new = (said.confirmed_on != known) & (said.confirmed_on != NO_DAY)
        known = said.confirmed_on.copy()
        warning[warns & (warning == NEVER)] = day
        if new.any():
            y, x = np.nonzero(new)
            first = np.where(warning[y, x] == NEVER, day, warning[y, x])
            records.append(
                (y, x, said.confirmed_on[y, x], said.last_unchanged[y, x],
                 said.first_changed[y, x], first)
            )  # fmt: skip
        warning[~warns] = NEVER
    return Watched(*_stacked(records, shape), ever, no_model)


def _stacked(
    records: list[tuple[NDArray[np.int32], ...]], shape: tuple[int, ...]
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
