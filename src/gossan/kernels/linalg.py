"""Small symmetric positive definite systems, without allocation.

Plain Cholesky (Golub & Van Loan, Matrix Computations, 4.2) on the leading n x n corner of
float64 scratch arrays: the systems here are 3 to 8 wide, where a LAPACK call costs more
than the arithmetic.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@njit(cache=True, nogil=True, error_model="numpy")
def cholesky(a: F64, n: int) -> bool:
    """Lower Cholesky factor of `a[:n, :n]` in place; False when not positive definite."""
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s -= a[j, k] * a[j, k]
        if not s > 0.0:
            return False
        d = np.sqrt(s)
        a[j, j] = d
        for i in range(j + 1, n):
            s = a[i, j]
            for k in range(j):
                s -= a[i, k] * a[j, k]
            a[i, j] = s / d
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def invert_lower(low: F64, n: int, out: F64) -> None:
    """Inverse of a lower triangular matrix into the lower triangle of `out[:n, :n]`."""
    for j in range(n):
        out[j, j] = 1.0 / low[j, j]
        for i in range(j + 1, n):
            s = 0.0
            for k in range(j, i):
                s -= low[i, k] * out[k, j]
            out[i, j] = s / low[i, i]


@njit(cache=True, nogil=True, error_model="numpy")
def quadratic(inv: F64, v: F64, n: int) -> float:
    """v' A^-1 v = |W v|^2 with W = L^-1 in the lower triangle of `inv`."""
    total = 0.0
    for i in range(n):
        z = 0.0
        for j in range(i + 1):
            z += inv[i, j] * v[j]
        total += z * z
    return total
