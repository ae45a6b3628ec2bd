"""Which pixels lie within a distance of others, and which pixels of a scene can be used.

An exact Euclidean dilation by a disc: every row is widened to each half width the disc has, one
column at a time, and the rows around a row are then joined, each at the width the disc has
there. All loops run along a row without a branch, so that the compiler can use vector
instructions; the cost does not depend on how much is cloud.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]


def disc(distance: float, pixel: tuple[float, float]) -> NDArray[np.int64]:
    """Half width in columns of a disc, by rows from its centre to its rim.

    distance and pixel (height, width) in the same unit; a pixel counts when its centre lies
    within the distance.
    """
    reach = distance + 1e-6
    rows = np.arange(int(reach / pixel[0]) + 1) * pixel[0]
    width: NDArray[np.int64] = (np.sqrt(reach**2 - rows**2) / pixel[1]).astype(np.int64)
    return width


@njit(cache=True, nogil=True)
def _widened(row: U8, out: U8) -> None:
    """out (x,): 1 where row (x,) or a neighbour is 1."""
    n = row.shape[0]
    for x in range(n):
        out[x] = row[x]
    for x in range(n - 1):
        out[x] |= row[x + 1]
    for x in range(1, n):
        out[x] |= row[x - 1]


@njit(cache=True, nogil=True)
def _join(wide: U8, y: int, width: NDArray[np.int64], close: U8) -> None:
    """close (y, x) |= the source row y, seen from each row within the disc.

    wide (1 + widest, x): the row, and it widened by 1, 2, ... columns.
    """
    ny, nx = close.shape
    for dy in range(width.shape[0]):
        w = wide[width[dy]]
        if y - dy >= 0:
            out = close[y - dy]
            for x in range(nx):
                out[x] |= w[x]
        if dy > 0 and y + dy < ny:
            out = close[y + dy]
            for x in range(nx):
                out[x] |= w[x]


@njit(cache=True, nogil=True)
def near(source: U8, width: NDArray[np.int64]) -> U8:
    """1 within the disc of half widths `width` (see `disc`) around a source, (y, x)."""
    ny, nx = source.shape
    wide = np.empty((1 + width[0], nx), np.uint8)
    close = np.zeros((ny, nx), np.uint8)
    for y in range(ny):
        some = np.uint8(0)
        for x in range(nx):
            some |= source[y, x]
        if not some:
            continue
        wide[0] = source[y]
        for k in range(width[0]):
            _widened(wide[k], wide[k + 1])
        _join(wide, y, width, close)
    return close


@njit(cache=True, nogil=True)
def _coded(row: U16, codes: np.uint32, out: U8) -> None:
    """out (x,): 1 where the bit of the code in row (x,) is set in `codes`; 31 stands for all
    codes from there on."""
    for x in range(row.shape[0]):
        code = np.uint32(min(row[x], np.uint16(31)))
        out[x] = np.uint8((codes >> code) & np.uint32(1))


@njit(cache=True, nogil=True)
def clear_pixels(
    scl: U16,
    spreads: np.uint32,
    blocks: np.uint32,
    width: NDArray[np.int64],
    top: int,
    left: int,
    dn: U16,
    inside: Bool,
) -> Bool:
    """True where the ground was seen, shape of `inside` (y, x).

    scl: scene classification of a larger window whose pixel (top, left) is the first one of
    dn (bands, y, x); spreads, blocks: bit c set where its code c spreads, and is not ground;
    width: how far they spread, see `disc`. A number of 0 is no number.
    """
    source = np.empty(scl.shape, np.uint8)
    for y in range(scl.shape[0]):
        _coded(scl[y], spreads, source[y])
    close = near(source, width)
    nb, ny, nx = dn.shape
    out = np.empty((ny, nx), np.bool_)
    blocked = np.empty(nx, np.uint8)
    for y in range(ny):
        _coded(scl[top + y, left : left + nx], blocks, blocked)
        edge, row = close[top + y, left : left + nx], out[y]
        for x in range(nx):
            row[x] = inside[y, x] & ((edge[x] | blocked[x]) == 0)
        for b in range(nb):
            d = dn[b, y]
            for x in range(nx):
                row[x] &= d[x] != 0
    return out
