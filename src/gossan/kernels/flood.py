"""Depressions filled so that every cell has a way down to the edge: priority-flood with epsilon.

Barnes, Lehman & Mulla (2014), Priority-Flood: an optimal depression-filling and
watershed-labeling algorithm, Computers & Geosciences 62, 117-127, algorithm 3; here with one
queue for all cells, so that the surface is the lowest that drains, at n log n.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

ROW = np.array([0, 1, 1, 1, 0, -1, -1, -1], np.int64)
COL = np.array([1, 1, 0, -1, -1, -1, 0, 1], np.int64)
"""The eight neighbours: E, SE, S, SW, W, NW, N, NE."""


@njit(cache=True, nogil=True)
def fill(dem: F64) -> F64:
    """The lowest surface at or above `dem` (y, x), metres, on which every known cell has a
    strictly descending way to the edge; NaN (unknown) stays NaN and counts as edge.

    In a filled hollow the surface rises from the outlet by the smallest step a float64 has.
    """
    ny, nx = dem.shape
    out = dem.copy()
    done = np.zeros((ny, nx), np.bool_)
    keys, cells = np.empty(ny * nx), np.empty(ny * nx, np.int64)
    n = 0
    for y in range(ny):
        for x in range(nx):
            if np.isnan(dem[y, x]):
                done[y, x] = True
            elif _on_edge(dem, y, x):
                done[y, x] = True
                n = _push(keys, cells, n, dem[y, x], y * nx + x)
    while n > 0:
        cell = cells[0]
        n = _pop(keys, cells, n)
        y, x = cell // nx, cell % nx
        least = np.nextafter(out[y, x], np.inf)
        for k in range(8):
            v, u = y + ROW[k], x + COL[k]
            if v < 0 or v >= ny or u < 0 or u >= nx or done[v, u]:
                continue
            done[v, u] = True
            out[v, u] = max(out[v, u], least)
            n = _push(keys, cells, n, out[v, u], v * nx + u)
    return out


@njit(cache=True, nogil=True)
def _on_edge(dem: F64, y: int, x: int) -> bool:
    ny, nx = dem.shape
    for k in range(8):
        v, u = y + ROW[k], x + COL[k]
        if v < 0 or v >= ny or u < 0 or u >= nx or np.isnan(dem[v, u]):
            return True
    return False


@njit(cache=True, nogil=True)
def _first(key: float, cell: int, other_key: float, other_cell: int) -> bool:
    """Whether an entry comes before another: by key and, among equals, by cell."""
    return key < other_key or (key == other_key and cell < other_cell)


@njit(cache=True, nogil=True)
def _push(keys: F64, cells: I64, n: int, key: float, cell: int) -> int:
    """Add to the binary heap of n entries."""
    i = n
    while i > 0:
        up = (i - 1) // 2
        if not _first(key, cell, keys[up], cells[up]):
            break
        keys[i], cells[i] = keys[up], cells[up]
        i = up
    keys[i], cells[i] = key, cell
    return n + 1


@njit(cache=True, nogil=True)
def _pop(keys: F64, cells: I64, n: int) -> int:
    """Remove the first entry of the heap."""
    n -= 1
    key, cell = keys[n], cells[n]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= n:
            break
        other = child + 1
        if other < n and (
            keys[other] < keys[child]
            or (keys[other] == keys[child] and cells[other] < cells[child])
        ):
            child = other
        if key < keys[child] or (key == keys[child] and cell <= cells[child]):
            break
        keys[i], cells[i] = keys[child], cells[child]
        i = child
    keys[i], cells[i] = key, cell
    return n
