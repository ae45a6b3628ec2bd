"""By how much all ground of a scene is off: the median residual of each band.

Haze, an atmosphere taken for clearer than it was, a low sun and a change in how the provider
processes move a whole scene at once; a mine moves a few pixels. The median over pixels that
show no change (the witnesses) is the simplest estimate of the first that half of them may
contradict.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.score import SCRATCH, STRIP, Bands, SceneTerms, predict_strip

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@njit(cache=True, nogil=True)
def median_residual(
    values: F32,
    words: NDArray[np.uint32],
    witness: NDArray[np.bool_],
    t: SceneTerms,
    k: Bands,
    shift: F64,
    level: F64,
) -> int:
    """Fill shift and level (bands,): median over `witness` (y, x) of values (bands, y, x) minus
    model, and of the model, reflectance. Returns the number of witnesses; 0 leaves both 0."""
    nb, ny, nx = values.shape
    n = 0
    for y in range(ny):
        for x in range(nx):
            n += witness[y, x]
    shift[:] = 0.0
    level[:] = 0.0
    if n == 0:
        return 0
    off, expected = np.empty((nb, n)), np.empty((nb, n))
    scratch = np.zeros(SCRATCH, np.float32)
    at = 0
    for y in range(ny):
        for x0 in range(0, nx, STRIP):
            m = min(STRIP, nx - x0)
            predict_strip(words, t, k, y, x0, m, scratch)
            for i in range(m):
                if witness[y, x0 + i]:
                    for b in range(nb):
                        expected[b, at] = scratch[b * STRIP + i]
                        off[b, at] = values[b, y, x0 + i] - scratch[b * STRIP + i]
                    at += 1
    for b in range(nb):
        shift[b] = np.partition(off[b], n // 2)[n // 2]
        level[b] = np.partition(expected[b], n // 2)[n // 2]
    return n
