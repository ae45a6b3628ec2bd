"""Mean of the usable intensities in a square around each pixel: fewer speckles, blunter edges.

Averaging intensities (not decibels) is the maximum likelihood estimate of equal backscatter from
independent looks (Oliver & Quegan, Understanding SAR Images, 4.3). A pixel's value depends on the
`size // 2` pixels around it: who works in blocks reads that much more on every side.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
BOOL = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def multilook(values: F32, usable: BOOL, size: int, out: F32, seen: BOOL) -> None:
    """Fill `out` (channels, y, x) with means and `seen` (y, x) with where they exist.

    values (channels, y, x) linear power, usable (y, x). A mean exists where the pixel itself and
    more than half of the square's pixels on the grid are usable; elsewhere `out` is NaN.
    """
    channels, ny, nx = values.shape
    half = size // 2
    for y in range(ny):
        for x in range(nx):
            n = 0
            for c in range(channels):
                out[c, y, x] = np.nan
            seen[y, x] = False
            if not usable[y, x]:
                continue
            rows = range(max(0, y - half), min(ny, y + half + 1))
            cols = range(max(0, x - half), min(nx, x + half + 1))
            for v in rows:
                for u in cols:
                    if usable[v, u]:
                        n += 1
            if 2 * n <= len(rows) * len(cols):
                continue
            seen[y, x] = True
            for c in range(channels):
                total = 0.0
                for v in rows:
                    for u in cols:
                        if usable[v, u]:
                            total += values[c, v, u]
                out[c, y, x] = total / n
