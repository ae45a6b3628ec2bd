"""nrt CCDC: a CCDC-like monitor of one index (Zhu and Woodcock 2014)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.nrt_common import cube_of, watch
from bench.peers.pixels import B02, B11, Pixels

NAME = "nrt CCDC"


@dataclass(frozen=True)
class Setting:
    """nrt's own defaults, NDVI; its screen of the history is given B02 where it wants green."""

    index: str = "NDVI"
    sensitivity: float = 3.0
    boundary: int = 3


GRID = tuple(
    Setting(index, s, b)
    for index in ("NDVI", "NBR")
    for s in (2.5, 3.0, 3.5, 4.0)
    for b in (3, 4, 5)
)
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (1, n)."""
    from nrt.monitor.ccdc import CCDC

    index = p.index(setting.index)
    monitor = CCDC(trend=True, sensitivity=setting.sensitivity, boundary=setting.boundary)
    monitor.fit(
        cube_of(p, index),
        method="CCDC-stable",
        screen_outliers="CCDC_RIRLS",
        green=cube_of(p, p.band(B02)),
        swir=cube_of(p, p.band(B11)),
        scaling_factor=1,
    )
    return watch(monitor, p, index)
