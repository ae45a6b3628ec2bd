"""What the five monitors of nrt 0.3 (EUPL-1.2) share: one index, fit, then scene by scene."""

from __future__ import annotations

import datetime as dt
import warnings
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bench.peers.pixels import NEVER, Pixels

CONFIRMED = 3
"""Value of nrt's mask for a confirmed break."""


def cube_of(p: Pixels, values: NDArray[np.float64]) -> xr.DataArray:
    """The history of an index or band (time, n) as nrt wants it: (time, y, x) with coordinates."""
    n = p.n_history
    return xr.DataArray(
        values[:n, None, :],
        dims=("time", "y", "x"),
        coords={
            "time": p.days[:n].astype("datetime64[D]").astype("datetime64[ns]"),
            "y": [0.0],
            "x": np.arange(values.shape[1], dtype=float),
        },
    )


def watch(monitor: Any, p: Pixels, index: NDArray[np.float64]) -> NDArray[np.int32]:
    """Feed the watched scenes; day of confirmation (1, n). nrt stops at a pixel's first one."""
    start = dt.datetime(1970, 1, 1)  # noqa: DTZ001  nrt wants naive dates
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for i in range(p.n_history, len(p.days)):
            if p.usable[i].any():
                monitor.monitor(index[i][None], start + dt.timedelta(days=int(p.days[i])))
    found = (monitor.mask == CONFIRMED) & (monitor.detection_date > 0)
    return np.where(found, monitor.detection_date.astype(np.int32), NEVER)
