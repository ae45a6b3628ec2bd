"""Robust harmonic regression of a strip of pixels, all bands with one Gram matrix.

y_b(t) = c_b0 + sum_k c_b,2k-1 cos(2 pi k t / year) + c_b,2k sin(2 pi k t / year) + noise.

No trend: a slope fitted on a short history and carried forward invents change. The
observations share one weight over all bands, because a cloud covers all bands, so one Gram
matrix serves them all (Zhu & Woodcock 2014, CCDC; Ye et al. 2021, S-CCD). A weak ridge on the
harmonic terms is a prior on their amplitude: seasons never observed stay near the mean,
and (G + Lambda)^-1 then gives the honest variance of a prediction there. Weights: Huber once,
then Tukey's biweight (Holland & Welsch 1977).

The last axis of every array is the strip: all its pixels have the same dates, so one pass over
the dates serves them all with vector instructions; what was not seen has weight 0. Each pixel's
own sums have a fixed order, so its result does not depend on its neighbours.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
YEAR_DAYS = 365.2425
TERMS = 5
TRIANGLE = TERMS * (TERMS + 1) // 2


def basis(days: NDArray[np.int32], harmonics: int) -> F64:
    """Design matrix, shape (time, 5), of int days since 1970-01-01.

    With one harmonic the columns of the second are 0.
    """
    phase = 2 * np.pi * np.asarray(days, dtype=np.float64) / YEAR_DAYS
    columns = [np.ones_like(phase)]
    for k in (1, 2):
        wave = 1.0 if k <= harmonics else 0.0
        columns += [wave * np.cos(k * phase), wave * np.sin(k * phase)]
    return np.ascontiguousarray(np.stack(columns, axis=1))


@njit(cache=True, nogil=True, error_model="numpy")
def solve(X: F64, Y: F64, w: F64, nt: int, ridge: F64, gram: F64, coef: F64) -> None:
    """Weighted ridge least squares of every pixel of the strip.

    X (time, 5), Y (time, bands, strip), w (time, strip), of which the first `nt` times count;
    ridge (5,). Fills coef (5, bands,
    strip) and gram (15, strip) = lower triangle of (G + Lambda)^-1. The ridge must be positive
    where a term may be unobserved; a pixel with no weight at all gets nonsense, not an error.
    """
    nb, ns = Y.shape[1], Y.shape[2]
    gram[:] = 0.0
    coef[:] = 0.0
    for i in range(nt):
        wi = w[i]
        k = 0
        for a in range(TERMS):
            for c in range(a + 1):
                f = X[i, a] * X[i, c]
                g = gram[k]
                for j in range(ns):
                    g[j] += wi[j] * f
                k += 1
        for b in range(nb):
            yb = Y[i, b]
            for a in range(TERMS):
                f = X[i, a]
                m = coef[a, b]
                for j in range(ns):
                    m[j] += wi[j] * yb[j] * f
    k = 0
    for a in range(TERMS):
        k += a + 1
        for j in range(ns):
            gram[k - 1, j] += ridge[a]
    _invert(gram)
    _multiply(gram, coef)


@njit(cache=True, nogil=True, error_model="numpy")
def _invert(a: F64) -> None:
    """Inverse of symmetric positive definite 5 x 5 matrices, lower triangles (15, strip), in
    place: Cholesky factor, its inverse W, then W'W (Golub & Van Loan, 4.2)."""
    ns = a.shape[1]
    for j in range(TERMS):
        for c in range(j):
            for i in range(j, TERMS):
                p, q, r = i * (i + 1) // 2 + j, i * (i + 1) // 2 + c, j * (j + 1) // 2 + c
                for s in range(ns):
                    a[p, s] -= a[q, s] * a[r, s]
        d = j * (j + 1) // 2 + j
        for s in range(ns):
            a[d, s] = 1.0 / np.sqrt(max(a[d, s], 1e-12))
        for i in range(j + 1, TERMS):
            p = i * (i + 1) // 2 + j
            for s in range(ns):
                a[p, s] *= a[d, s]
    for j in range(TERMS):  # the diagonal already holds its inverse
        for i in range(j + 1, TERMS):
            p, d = i * (i + 1) // 2 + j, i * (i + 1) // 2 + i
            for s in range(ns):
                total = 0.0
                for c in range(j, i):
                    total += a[i * (i + 1) // 2 + c, s] * a[c * (c + 1) // 2 + j, s]
                a[p, s] = -total * a[d, s]
    for i in range(TERMS):
        for j in range(i + 1):
            p = i * (i + 1) // 2 + j
            for s in range(ns):
                total = 0.0
                for c in range(i, TERMS):
                    total += a[c * (c + 1) // 2 + i, s] * a[c * (c + 1) // 2 + j, s]
                a[p, s] = total


@njit(cache=True, nogil=True, error_model="numpy")
def _multiply(inverse: F64, moment: F64) -> None:
    """moment (5, bands, strip) becomes inverse times moment."""
    nb, ns = moment.shape[1], moment.shape[2]
    m = np.empty(TERMS)
    for b in range(nb):
        for s in range(ns):
            for c in range(TERMS):
                m[c] = moment[c, b, s]
            for a in range(TERMS):
                total = 0.0
                for c in range(TERMS):
                    hi, lo = max(a, c), min(a, c)
                    total += inverse[hi * (hi + 1) // 2 + lo, s] * m[c]
                moment[a, b, s] = total


@njit(cache=True, nogil=True, error_model="numpy")
def residuals(X: F64, Y: F64, nt: int, coef: F64, R: F64) -> None:
    """R = Y - X coef, shape (time, bands, strip), of the first `nt` times."""
    nb, ns = Y.shape[1], Y.shape[2]
    for i in range(nt):
        for b in range(nb):
            r, yb = R[i, b], Y[i, b]
            c0, c1, c2, c3, c4 = coef[0, b], coef[1, b], coef[2, b], coef[3, b], coef[4, b]
            x1, x2, x3, x4 = X[i, 1], X[i, 2], X[i, 3], X[i, 4]
            for j in range(ns):
                r[j] = yb[j] - c0[j] - x1 * c1[j] - x2 * c2[j] - x3 * c3[j] - x4 * c4[j]


@njit(cache=True, nogil=True, error_model="numpy")
def noise_floor(level: float, absolute: float, relative: float) -> float:
    """Sensor and correction noise: a constant and a share of the level, in quadrature."""
    return float(np.sqrt(absolute**2 + (relative * level) ** 2))


@njit(cache=True, nogil=True, error_model="numpy")
def scales(
    R: F64, seen: F64, nt: int, coef: F64, floor_abs: float, floor_rel: float, scale: F64
) -> None:
    """scale (bands, strip) = 1.4826 x median |residual| of what was seen, corrected for the
    fitted terms, never below the noise floor."""
    nb, ns = R.shape[1], R.shape[2]
    size, count = np.empty((ns, nt), np.float32), np.empty(ns, np.int64)
    for b in range(nb):
        for j in range(ns):
            count[j] = 0
        for i in range(nt):  # in the order in which it lies in memory
            for j in range(ns):
                size[j, count[j]] = abs(R[i, b, j])
                count[j] += seen[i, j] > 0
        for j in range(ns):
            n = count[j]
            s = 1.4826 * select(size[j], n, n // 2) * np.sqrt(n / max(n - TERMS, 1.0))
            scale[b, j] = max(s, noise_floor(coef[0, b, j], floor_abs, floor_rel))


@njit(cache=True, nogil=True, error_model="numpy")
def select(a: F32, n: int, k: int) -> float:
    """The number that would stand at place `k` of a[:n] in order, none of them negative.
    0 for n = 0.

    Found bit by bit from the top, counting how many are smaller: the bits of such floats are in
    the order of the floats. Thirty passes, but with vector instructions and without a branch to
    mispredict, which is what a selection by exchanging spends its time on.
    """
    if n == 0:
        return 0.0
    bits = a[:n].view(np.uint32)
    found = np.uint32(0)
    for bit in range(30, -1, -1):
        trial = np.uint32(found | np.uint32(1 << bit))
        less = np.int32(0)
        for i in range(n):
            less += np.int32(bits[i] < trial)
        if less <= k:
            found = trial
    last = np.empty(1, np.uint32)
    last[0] = found
    return float(last.view(np.float32)[0])


@njit(cache=True, nogil=True, error_model="numpy")
def weigh(R: F64, seen: F64, nt: int, scale: F64, cut: float, w: F64) -> None:
    """Weights (time, strip) by the mean over bands of the squared scaled residual d2.

    cut > 0: Tukey, (1 - d2/cut)^2 below cut, else 0. cut = 0: Huber, 1 / max(1, sqrt(d2)).
    """
    nb, ns = R.shape[1], R.shape[2]
    per = np.empty((nb, ns))
    for b in range(nb):
        for j in range(ns):
            per[b, j] = 1.0 / (scale[b, j] * scale[b, j] * nb)
    for i in range(nt):
        wi, si = w[i], seen[i]
        for j in range(ns):
            wi[j] = 0.0
        for b in range(nb):
            r, p = R[i, b], per[b]
            for j in range(ns):
                wi[j] += r[j] * r[j] * p[j]
        if cut > 0:
            for j in range(ns):
                t = 1.0 - wi[j] / cut
                wi[j] = t * t * si[j] if t > 0.0 else 0.0
        else:
            for j in range(ns):
                wi[j] = si[j] / np.sqrt(wi[j]) if wi[j] > 1.0 else si[j]


@njit(cache=True, nogil=True, error_model="numpy")
def fit_robust(
    X: F64,
    Y: F64,
    seen: F64,
    nt: int,
    ridge: F64,
    floor_abs: float,
    floor_rel: float,
    cut: float,
    gram: F64,
    coef: F64,
    w: F64,
    R: F64,
    scale: F64,
) -> None:
    """Robust fit of a strip: least squares, Huber, then Tukey twice.

    `seen` (time, strip) is 1 or 0, Y is 0 where not seen; the first `nt` times count. Fills
    gram, coef, weights w and scale; R holds the residuals of the result.
    """
    for i in range(nt):
        for j in range(seen.shape[1]):
            w[i, j] = seen[i, j]
    for k in range(4):
        solve(X, Y, w, nt, ridge, gram, coef)
        residuals(X, Y, nt, coef, R)
        if k < 2:
            scales(R, seen, nt, coef, floor_abs, floor_rel, scale)
        weigh(R, seen, nt, scale, 0.0 if k == 0 else cut, w)
