"""nrt IQR: consecutive looks outside the interquartile range of the residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.nrt_common import cube_of, watch
from bench.peers.pixels import Pixels

NAME = "nrt IQR"


@dataclass(frozen=True)
class Setting:
    """nrt's own defaults, NDVI."""

    index: str = "NDVI"
    sensitivity: float = 1.5
    boundary: int = 3
    harmonic_order: int = 3
    trend: bool = True


GRID = tuple(
    Setting(index, s, b, order, trend)
    for index in ("NDVI", "NBR")
    for s in (1.5, 2.0, 3.0, 4.0)
    for b in (3, 4, 5)
    for order, trend in ((3, True), (2, False))
)
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (1, n)."""
    from nrt.monitor.iqr import IQR

    index = p.index(setting.index)
    monitor = IQR(
        trend=setting.trend,
        harmonic_order=setting.harmonic_order,
        sensitivity=setting.sensitivity,
        boundary=setting.boundary,
    )
    monitor.fit(cube_of(p, index), method="OLS")
    return watch(monitor, p, index)
