"""nrt CUSUM: cumulative sums of the residuals of NDVI, as R's bfast does it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.nrt_common import cube_of, watch
from bench.peers.pixels import Pixels

NAME = "nrt CUSUM"


@dataclass(frozen=True)
class Setting:
    """nrt's own defaults: reverse-ordered cusum (ROC) picks the stable part of the history."""

    index: str = "NDVI"
    sensitivity: float = 0.05
    trend: bool = True


GRID = tuple(
    Setting(index, s, trend)
    for index in ("NDVI", "NBR")
    for s in (0.05, 0.01, 0.001)
    for trend in (True, False)
)
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (1, n)."""
    from nrt.monitor.cusum import CuSum

    index = p.index(setting.index)
    monitor = CuSum(trend=setting.trend, sensitivity=setting.sensitivity)
    monitor.fit(cube_of(p, index), method="ROC", alpha=0.05)
    return watch(monitor, p, index)
