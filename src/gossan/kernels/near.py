"""Which pixels lie within a distance of others, and which pixels of a scene can be used.

An exact Euclidean dilation by a disc in two passes: along each row the number of columns to
the nearest source, then, for each row within the disc, whether that number is within the
disc's width there. The cost does not depend on how much is cloud.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
FAR = 255
"""Columns to the nearest source are counted up to here: a disc is at most 254 pixels wide."""


def disc(distance: float, pixel: tuple[float, float]) -> NDArray[np.int64]:
    """Half width in columns of a disc, by rows from its centre to its rim.

    distance and pixel (height, width) in the same unit; a pixel counts when its centre lies
    within the distance.
    """
    reach = distance + 1e-6
    rows = np.arange(int(reach / pixel[0]) + 1) * pixel[0]
    width: NDArray[np.int64] = np.minimum(np.sqrt(reach**2 - rows**2) / pixel[1], FAR - 1).astype(
        np.int64
    )
    return width


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def columns_away(source: Bool, away: NDArray[np.uint8]) -> None:
    """away (y, x): columns to the nearest source in the same row, FAR for that many or none."""
    ny, nx = source.shape
    for y in range(ny):
        row, out = source[y], away[y]
        n = FAR
        for x in range(nx):
            n = 0 if row[x] else min(n + 1, FAR)
            out[x] = n
        n = FAR
        for x in range(nx - 1, -1, -1):
            n = 0 if row[x] else min(n + 1, FAR)
            if n < out[x]:
                out[x] = n


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def near(source: Bool, width: NDArray[np.int64]) -> Bool:
    """True within the disc of half widths `width` (see `disc`) around a source, (y, x)."""
    ny, nx = source.shape
    away = np.empty((ny, nx), np.uint8)
    columns_away(source, away)
    out = np.zeros((ny, nx), np.bool_)
    for y in range(ny):
        row = out[y]
        for dy in range(width.shape[0]):
            most = np.uint8(width[dy])
            if y - dy >= 0:
                a = away[y - dy]
                for x in range(nx):
                    row[x] |= a[x] <= most
            if dy > 0 and y + dy < ny:
                b = away[y + dy]
                for x in range(nx):
                    row[x] |= b[x] <= most
    return out


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def clear_pixels(
    scl: NDArray[np.uint16], spreads: Bool, blocks: Bool, width: NDArray[np.int64], top: int,
    left: int, dn: NDArray[np.uint16], inside: Bool,
) -> Bool:  # fmt: skip
    """True where the ground was seen, shape of `inside` (y, x).

    scl: scene classification of a larger window whose pixel (top, left) is the first one of
    dn (bands, y, x); spreads, blocks (256,): which of its codes spread, and which are not
    ground; width: how far they spread, see `disc`. A number of 0 is no number.
    """
    sy, sx = scl.shape
    source = np.empty((sy, sx), np.bool_)
    for y in range(sy):
        for x in range(sx):
            source[y, x] = spreads[min(scl[y, x], 255)]
    close = near(source, width)
    nb, ny, nx = dn.shape
    out = np.empty((ny, nx), np.bool_)
    for y in range(ny):
        edge, row = close[top + y], out[y]
        for x in range(nx):
            code = min(scl[top + y, left + x], 255)
            row[x] = inside[y, x] and not edge[left + x] and not blocks[code]
        for b in range(nb):
            d = dn[b, y]
            for x in range(nx):
                row[x] &= d[x] != 0
    return out
