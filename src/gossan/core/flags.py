"""What is known of one pixel in one scene. A mask derived from it says True for usable."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray


class Flag(IntFlag):
    """Bits of the `flags` variable (uint16) of a cube."""

    NODATA = 1  # no pixel was delivered, or a band of it is missing
    OUTSIDE = 2  # outside the area's polygon
    SATURATED = 4  # SCL 1: saturated or defective
    SHADOW = 8  # SCL 2, 3: dark or cloud shadow
    CLOUD = 16  # SCL 8, 9: cloud, medium and high probability
    CIRRUS = 32  # SCL 10
    SNOW = 64  # SCL 11, kept apart: the ground is covered but the sky was clear
    WATER = 128  # SCL 6, usable
    EDGE = 256  # within the dilation distance of cloud or shadow
    OUTLIER = 512  # rejected by the time-series screen


BLOCKING = (
    Flag.NODATA
    | Flag.OUTSIDE
    | Flag.SATURATED
    | Flag.SHADOW
    | Flag.CLOUD
    | Flag.CIRRUS
    | Flag.SNOW
    | Flag.EDGE
    | Flag.OUTLIER
)


def usable(flags: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """True where the ground was seen, same shape as `flags`."""
    clear: NDArray[np.bool_] = (flags & np.uint16(BLOCKING)) == 0
    return clear
