"""Turbidity of water from reflectance, the whole scene in one pass.

Nechad, Ruddick & Park 2010 (doi:10.1016/j.rse.2009.11.022): T = A r / (1 - r / C), r the
water-leaving reflectance of one band. Dogliotti et al. 2015 (doi:10.1016/j.rse.2014.09.020):
red where red is dark, near infrared where it is bright, a linear blend between.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.water import DIM, WATER

CLEAREST = -0.01
"""Reflectance below this after the correction means that the correction failed; from here up to
0 the water is clear."""
BLEND_LOW, BLEND_HIGH = 0.05, 0.07


@njit(cache=True, nogil=True)
def nechad(r: float, A: float, C: float) -> float:
    """Turbidity (FNU) of one reflectance; NaN outside the formula's domain."""
    if r != r or r < CLEAREST or r >= C:
        return np.nan
    r = max(r, 0.0)
    return A * r / (1.0 - r / C)


@njit(cache=True, nogil=True)
def blended(red: float, nir: float, coefficients: NDArray[np.float64]) -> float:
    """Dogliotti's blend; coefficients: A and C of red, A and C of NIR."""
    share = min(max((red - BLEND_LOW) / (BLEND_HIGH - BLEND_LOW), 0.0), 1.0)
    out = 0.0
    if share < 1.0:
        out += (1.0 - share) * nechad(red, coefficients[0], coefficients[1])
    if share > 0.0:
        out += share * nechad(nir, coefficients[2], coefficients[3])
    return out if red == red else np.nan


@njit(cache=True, nogil=True)
def turbidity_pixels(
    dn: NDArray[np.uint16],
    at: NDArray[np.int64],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    cover: NDArray[np.uint8],
    coefficients: NDArray[np.float64],
    most_glint: float,
    out: NDArray[np.float32],
) -> None:
    """Fill `out` (y, x) with FNU where `cover` says water, NaN elsewhere and out of domain.

    dn (bands, y, x): numbers as stored; reflectance = dn * scale + offset by band; at (3,): red
    (or the single band of the formula), NIR or -1, SWIR or -1, the last taken off as glint.
    coefficients as in `blended`; those of NIR are not read where at[1] is -1.
    """
    ny, nx = cover.shape
    for y in range(ny):
        for x in range(nx):
            out[y, x] = np.nan
            if cover[y, x] != WATER and cover[y, x] != DIM:
                continue
            glint = 0.0
            if at[2] >= 0:
                glint = dn[at[2], y, x] * scale[at[2]] + offset[at[2]]
                if glint > most_glint:
                    continue
            red = dn[at[0], y, x] * scale[at[0]] + offset[at[0]] - glint
            if at[1] >= 0:
                nir = dn[at[1], y, x] * scale[at[1]] + offset[at[1]] - glint
                out[y, x] = blended(red, nir, coefficients)
            else:
                out[y, x] = nechad(red, coefficients[0], coefficients[1])
