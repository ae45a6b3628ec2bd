"""nrt EWMA (Brooks et al. 2014): a control chart on the residuals of NDVI."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.nrt_common import cube_of, watch
from bench.peers.pixels import Pixels

NAME = "nrt EWMA"


@dataclass(frozen=True)
class Setting:
    """nrt's own defaults: OLS fit, history screened by a Shewhart chart of 5 sigma."""

    index: str = "NDVI"
    sensitivity: float = 2.0
    lambda_: float = 0.3
    threshold_outlier: float = 10.0
    trend: bool = True


GRID = tuple(
    Setting(index, s, lam, cut, trend)
    for index in ("NDVI", "NBR")
    for s in (3.0, 4.0, 6.0, 8.0)
    for lam in (0.2, 0.3)
    for cut in (5.0, 10.0)
    for trend in (True, False)
)
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (1, n)."""
    from nrt.monitor.ewma import EWMA

    index = p.index(setting.index)
    monitor = EWMA(
        trend=setting.trend,
        sensitivity=setting.sensitivity,
        lambda_=setting.lambda_,
        threshold_outlier=setting.threshold_outlier,
    )
    monitor.fit(cube_of(p, index), method="OLS", screen_outliers="Shewhart", L=5)
    return watch(monitor, p, index)
