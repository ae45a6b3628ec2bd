"""Robust harmonic regression of one pixel, all bands with one Gram matrix.

y_b(t) = c_b0 + sum_k c_b,2k-1 cos(2 pi k t / year) + c_b,2k sin(2 pi k t / year) + noise.

No trend: a slope fitted on a short history and carried forward invents change. The
observations share one weight over all bands, because a cloud covers all bands, so one Gram
matrix serves them all (Zhu & Woodcock 2014, CCDC; Ye et al. 2021, S-CCD). A weak ridge on the
harmonic terms is a prior on their amplitude: seasons never observed stay near the mean,
and (G + Lambda)^-1 then gives the honest variance of a prediction there. Weights: Huber for
the first two passes, then Tukey's biweight (Holland & Welsch 1977).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.linalg import cholesky, inverse_from_lower_inverse, invert_lower

F64 = NDArray[np.float64]
YEAR_DAYS = 365.2425
HUBER_PASSES = 2


def basis(days: NDArray[np.int32], harmonics: int) -> F64:
    """Design matrix, shape (time, 1 + 2 * harmonics), of int days since 1970-01-01."""
    phase = 2 * np.pi * np.asarray(days, dtype=np.float64) / YEAR_DAYS
    columns = [np.ones_like(phase)]
    for k in range(1, harmonics + 1):
        columns += [np.cos(k * phase), np.sin(k * phase)]
    return np.ascontiguousarray(np.stack(columns, axis=1))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def solve_weighted(X: F64, Y: F64, w: F64, ridge: F64, coef: F64, ginv: F64) -> bool:
    """Weighted ridge least squares: `coef` (terms, bands) and `ginv` = (G + Lambda)^-1.

    X (n, terms), Y (n, bands), w (n,), ridge (terms,). False when the system is singular.
    """
    n, p = X.shape
    nb = Y.shape[1]
    low = np.zeros((p, p))
    inv = np.zeros((p, p))
    moment = np.zeros((p, nb))
    for i in range(n):
        if w[i] > 0.0:
            for a in range(p):
                wx = w[i] * X[i, a]
                for c in range(a + 1):
                    low[a, c] += wx * X[i, c]
                for b in range(nb):
                    moment[a, b] += wx * Y[i, b]
    for a in range(p):
        low[a, a] += ridge[a]
    if not cholesky(low, p):
        return False
    invert_lower(low, p, inv)
    inverse_from_lower_inverse(inv, p, ginv)
    for a in range(p):
        for b in range(nb):
            s = 0.0
            for c in range(p):
                s += ginv[a, c] * moment[c, b]
            coef[a, b] = s
    return True


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def residuals(X: F64, Y: F64, coef: F64, R: F64) -> None:
    """R = Y - X coef, shape (n, bands)."""
    n, p = X.shape
    for i in range(n):
        for b in range(Y.shape[1]):
            s = Y[i, b]
            for a in range(p):
                s -= X[i, a] * coef[a, b]
            R[i, b] = s


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def scaled_distance(R: F64, p: int, floor: F64, d2: F64) -> None:
    """Mean over bands of the squared residual in units of its robust scale, shape (n,).

    Scale: 1.4826 x median absolute residual per band, corrected for `p` fitted terms,
    never below `floor` (bands,).
    """
    n, nb = R.shape
    d2[:] = 0.0
    for b in range(nb):
        s = 1.4826 * np.median(np.abs(R[:, b])) * np.sqrt(n / max(n - p, 1.0))
        s = max(s, floor[b])
        for i in range(n):
            d2[i] += (R[i, b] / s) ** 2 / nb


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fit_robust(
    X: F64, Y: F64, ridge: F64, floor: F64, passes: int, cut: float, coef: F64, ginv: F64, w: F64,
    R: F64,
) -> bool:  # fmt: skip
    """Iteratively reweighted fit of one pixel; fills coef, ginv, weights (n,) and residuals.

    `cut` is the scaled distance (see `scaled_distance`) from which an observation has
    weight 0. False when the system is singular.
    """
    n, p = X.shape
    d2 = np.empty(n)
    w[:] = 1.0
    for k in range(passes):
        if not solve_weighted(X, Y, w, ridge, coef, ginv):
            return False
        residuals(X, Y, coef, R)
        scaled_distance(R, p, floor, d2)
        for i in range(n):
            if k < HUBER_PASSES:
                w[i] = 1.0 / max(1.0, np.sqrt(d2[i]))
            elif d2[i] < cut:
                w[i] = (1.0 - d2[i] / cut) ** 2
            else:
                w[i] = 0.0
    if not solve_weighted(X, Y, w, ridge, coef, ginv):
        return False
    residuals(X, Y, coef, R)
    return True


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def whitener(R: F64, w: F64, terms: float, shrink: float, floor: F64, white: F64) -> float:
    """Inverse Cholesky factor of the residual covariance of observations with weight.

    The covariance of so few observations is noisy off the diagonal, so the correlations are
    shrunk by shrink / (shrink + dof); no variance is
    taken below `floor` (bands,) squared.
    Fills the lower triangle of `white` (bands, bands); returns the degrees of freedom, or
    -1 when the covariance cannot be factored.
    """
    n, nb = R.shape
    S = np.zeros((nb, nb))
    kept = 0.0
    for i in range(n):
        if w[i] > 0.0:
            kept += 1.0
            for a in range(nb):
                for b in range(a + 1):
                    S[a, b] += R[i, a] * R[i, b]
    dof = kept - terms
    if dof < 1.0:
        return -1.0
    keep = dof / (dof + shrink)
    for a in range(nb):
        for b in range(a + 1):
            S[a, b] = S[a, b] / dof if a == b else keep * S[a, b] / dof
        S[a, a] = max(S[a, a], floor[a] ** 2)
    if not cholesky(S, nb):
        return -1.0
    invert_lower(S, nb, white)
    return dof
