"""Which pixels of a scene show open water: one pass over the numbers as they are stored.

Water takes up the near and short-wave infrared, whatever it carries: it is either brighter in
green than in the short-wave infrared (MNDWI, Xu 2006, doi:10.1080/01431160600589179) or dark in
both infrareds. Sun glint adds nearly the same to all bands, Fresnel's reflectance of water
falling by a fifth from 0.5 to 2.2 um: such a pixel is grey and bright, and tells neither.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

HIDDEN, LAND, WATER, GREY, DIM = 0, 1, 2, 3, 4
"""Codes of a cover: not seen; not water; water; too grey and bright to tell; water or shade."""

INDEX_MIN = 0.0
DARK_MAX = 0.12
DARK_INDEX_MIN = -0.4
GREY_RATIO = 0.6
BLUE, GREEN, RED, NIR, SWIR1, SWIR2 = range(6)
"""Positions in `at`."""


@njit(cache=True, nogil=True)
def cover_pixels(
    dn: NDArray[np.uint16],
    at: NDArray[np.int64],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    clear: NDArray[np.bool_],
    dim: NDArray[np.bool_],
    out: NDArray[np.uint8],
) -> None:
    """Fill `out` (y, x) with HIDDEN, LAND, WATER, GREY or DIM.

    dn (bands, y, x): numbers as stored; scale, offset (bands,): reflectance = dn * scale +
    offset; at (6,): where blue, green, red, NIR, SWIR 1.6 and 2.2 um are in dn, -1 for none.
    clear (y, x): True where the ground was seen; dim: True where the scene's own classes say
    dark, which is water or shade. Needs green or red or blue, and NIR or SWIR.
    """
    ny, nx = clear.shape
    vis = at[GREEN] if at[GREEN] >= 0 else (at[RED] if at[RED] >= 0 else at[BLUE])
    nir, swir = at[NIR], at[SWIR1] if at[SWIR1] >= 0 else at[SWIR2]
    against = swir if swir >= 0 else nir
    floor = np.float32(0.0005)
    for y in range(ny):
        for x in range(nx):
            if not clear[y, x]:
                out[y, x] = HIDDEN
                continue
            v = max(dn[vis, y, x] * scale[vis] + offset[vis], floor)
            a = max(dn[against, y, x] * scale[against] + offset[against], floor)
            low, high, total, n = v, v, np.float32(0), 0
            for k in range(6):
                b = at[k]
                if b >= 0:
                    r = max(dn[b, y, x] * scale[b] + offset[b], floor)
                    low, high, total, n = min(low, r), max(high, r), total + r, n + 1
            infrared = a
            if nir >= 0:
                infrared = max(infrared, dn[nir, y, x] * scale[nir] + offset[nir])
            index = (v - a) / (v + a)
            if swir >= 0 and low >= GREY_RATIO * high and total > DARK_MAX * n:
                out[y, x] = GREY
            elif index > INDEX_MIN or (infrared < DARK_MAX and index > DARK_INDEX_MIN):
                out[y, x] = DIM if dim[y, x] else WATER
            else:
                out[y, x] = LAND
