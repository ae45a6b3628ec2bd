"""The multitemporal speckle filter, to measure what it would do to the radar monitor.

Quegan & Yu 2001 (IEEE TGRS 39(11):2373-2379): with E_i the local mean of image i,

    J_k = (E_k / M) sum_i I_i / E_i

has fewer speckles than I_k and keeps its resolution. Here the sum runs over images up to k only,
so that no image borrows from one that was not yet taken when it was judged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter


def causal(values: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Filtered images (time, channels, y, x) of linear power, each from itself and those before."""
    mean = uniform_filter(values.astype(np.float64), (1, 1, size, size), mode="nearest")
    ratio = np.cumsum(values / mean, axis=0)
    count = np.arange(1, len(values) + 1)[:, None, None, None]
    return (mean * ratio / count).astype(np.float32)
