"""Where water goes from cell to cell: eight directions, what lies above, the way down.

O'Callaghan & Mark (1984), The extraction of drainage networks from digital elevation data,
Computer Vision, Graphics and Image Processing 28, 323-344: each cell drains to the neighbour
of the steepest descent. A network is two arrays over cells numbered row by row: `below`, the
cell each drains into, and `step`, how far that is.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.flood import COL, ROW

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

OUT = -1
"""`below` of a cell that drains over the edge of what is known."""
UNKNOWN = -2
"""`below` of a cell whose height is unknown."""


@njit(cache=True, nogil=True)
def directions(filled: F64, steps: F32) -> tuple[I32, F32]:
    """`below` and `step` (m) of a surface without hollows (y, x), both of length y * x.

    steps (4, y, x): ground distance in m from each cell to its neighbour E, SE, S and SW. A
    cell on the edge drains inward where a neighbour is lower, and else OUT. Of equally steep
    neighbours the first in the order E, SE, S, SW, W, NW, N, NE is taken.
    """
    ny, nx = filled.shape
    below = np.full(ny * nx, UNKNOWN, np.int32)
    step = np.zeros(ny * nx, np.float32)
    for y in range(ny):
        for x in range(nx):
            if np.isnan(filled[y, x]):
                continue
            at = y * nx + x
            below[at] = OUT
            steepest = 0.0
            for k in range(8):
                v, u = y + ROW[k], x + COL[k]
                if v < 0 or v >= ny or u < 0 or u >= nx or not filled[v, u] < filled[y, x]:
                    continue
                # the way back of E, SE, S, SW is W, NW, N, NE
                length = steps[k, y, x] if k < 4 else steps[k - 4, v, u]
                slope = (filled[y, x] - filled[v, u]) / length
                if slope > steepest:
                    steepest = slope
                    below[at], step[at] = v * nx + u, length
    return below, step


@njit(cache=True, nogil=True)
def accumulate(below: I32, weight: F64) -> F64:
    """Sum of `weight` over each cell and all cells that drain into it, length of `below`.

    Cells are taken in the order in which everything above them is known, so the result does
    not depend on the heights. A cycle would leave its cells with their own weight; there is
    none on a filled surface.
    """
    n = below.shape[0]
    total = weight.copy()
    waiting = np.zeros(n, np.int32)
    for i in range(n):
        if below[i] >= 0:
            waiting[below[i]] += 1
    stack = np.empty(n, np.int32)
    top = 0
    for i in range(n):
        if waiting[i] == 0:
            stack[top] = i
            top += 1
    while top > 0:
        top -= 1
        i = stack[top]
        j = below[i]
        if j < 0:
            continue
        total[j] += total[i]
        waiting[j] -= 1
        if waiting[j] == 0:
            stack[top] = j
            top += 1
    return total


@njit(cache=True, nogil=True)
def follow(below: I32, step: F32, start: int, reach_m: float) -> tuple[I32, F64]:
    """Cells of the way down from `start` and the distance to each (m), the first 0.

    It ends at the last cell not farther than `reach_m`, or where the network does.
    """
    n, length, cell = 1, 0.0, start
    while below[cell] >= 0 and length + step[cell] <= reach_m:
        length += step[cell]
        cell = below[cell]
        n += 1
    cells, along = np.empty(n, np.int32), np.empty(n)
    cell, length = start, 0.0
    for i in range(n):
        cells[i], along[i] = cell, length
        length += step[cell]
        cell = below[cell]
    return cells, along


@njit(cache=True, nogil=True)
def leaves_by(below: I32, members: I32, is_member: NDArray[np.bool_]) -> I32:
    """For each cell of `members`, the last cell on its way down before it leaves them, length
    of `members`. is_member (cells of the grid): True for the same cells."""
    out = np.empty(members.shape[0], np.int32)
    for i in range(members.shape[0]):
        cell = members[i]
        while below[cell] >= 0 and is_member[below[cell]]:
            cell = below[cell]
        out[i] = cell
    return out


@njit(cache=True, nogil=True)
def joins(below: I32, members: I32, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For each cell of `members`, whether its way down meets a marked cell (cells of the grid)."""
    out = np.zeros(members.shape[0], np.bool_)
    for i in range(members.shape[0]):
        cell = members[i]
        while cell >= 0:
            if marked[cell]:
                out[i] = True
                break
            cell = below[cell]
    return out
