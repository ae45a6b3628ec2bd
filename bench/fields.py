"""Random fields with the memory and the reach that the statistics give."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

F32 = NDArray[np.float32]


def smooth(rng: np.random.Generator, shape: tuple[int, ...], reach: float) -> F32:
    """Gaussian fields over the last two axes, mean 0, sd 1, correlated over `reach` pixels.

    Made on a grid with a margin and scaled by the filter's own gain, so that a field smaller
    than its reach does not lose its variance.
    """
    margin = int(1.5 * reach) + 1
    *lead, ny, nx = shape
    white = rng.standard_normal((*lead, ny + 2 * margin, nx + 2 * margin), np.float32)
    sigma = max(reach, 0.3)
    out = ndimage.gaussian_filter(
        white, (*[0.0] * len(lead), sigma, sigma), mode="wrap", truncate=3
    )[..., margin : margin + ny, margin : margin + nx]
    middle = int(4 * sigma) + 1
    line = np.zeros(2 * middle + 1)
    line[middle] = 1
    gain = float((ndimage.gaussian_filter1d(line, sigma, truncate=3) ** 2).sum())
    return np.asarray(out / gain, np.float32)


def neighbourly(rng: np.random.Generator, shape: tuple[int, ...], spread: dict[str, Any]) -> F32:
    """Fields of which `share` is correlated as exp(-d / reach), the rest is each pixel's own.

    Two Gaussian filters, of 0.5 and 1.6 times the reach, stand for the exponential.
    """
    share, reach = spread["share"], spread["reach"]
    near, far = smooth(rng, shape, 0.35 * reach), smooth(rng, shape, 1.1 * reach)
    own = rng.standard_normal(shape, np.float32)
    out = np.sqrt(share / 2) * (near + far) + np.sqrt(1 - share) * own
    return np.asarray(out, np.float32)


def remembered(fresh: F32, days: NDArray[np.int32], reach: float) -> F32:
    """Give independent fields (time, ...) a memory of `reach` days; the variance stays."""
    out = np.empty_like(fresh)
    out[0] = fresh[0]
    for i in range(1, len(days)):
        keep = np.exp(-(days[i] - days[i - 1]) / reach)
        out[i] = keep * out[i - 1] + np.sqrt(1 - keep * keep) * fresh[i]
    return out


def ranks(field: F32) -> F32:
    """A field's values replaced by their rank, 0..1."""
    flat = field.ravel()
    out = np.empty(flat.size, np.float32)
    out[np.argsort(flat, kind="stable")] = (np.arange(flat.size) + 0.5) / flat.size
    return out.reshape(field.shape)


def parcels(rng: np.random.Generator, side: int, size: float) -> NDArray[np.int32]:
    """Straight-edged parcels of about `size` pixels across: the nearest of random centres."""
    n = max(1, int((side / size) ** 2))
    centre = rng.uniform(0, side, (n, 2))
    yy, xx = np.mgrid[:side, :side]
    # the larger of the two distances, so that borders run along rows and columns too
    far = np.maximum(np.abs(yy[..., None] - centre[:, 0]), np.abs(xx[..., None] - centre[:, 1]))
    return np.asarray(far.argmin(-1), np.int32)
