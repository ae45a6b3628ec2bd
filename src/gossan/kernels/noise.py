"""How far off a pixel's model is on looks it has not seen.

Looks of one season share that year's weather: residuals of the looks a model was fitted to are
too small by more than the number of its terms says. Predicting each year from the others is
the honest figure (cross-validation by blocks; Roberts et al. 2017), and costs one small system
a year: with G the weighted Gram matrix, leaving out year y moves the coefficients by
-(G - G_y)^-1 X_y' W_y r_y.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.harmonic import TERMS, select
from gossan.kernels.linalg import cholesky
from gossan.kernels.score import Bands

F64 = NDArray[np.float64]
YEAR = 365.25
MOST_YEARS = 12
USUAL_SHARE = 0.8
"""Share of looks whose size is held against what it should be."""
ENOUGH = 10
"""Looks of a season that can speak for it alone."""


@njit(cache=True, nogil=True, error_model="numpy")
def leave_years_out(X: F64, r: F64, w: F64, days: NDArray[np.int32], n: int, ridge: F64) -> bool:
    """Residuals r (n, bands) become those of predictions from the other years, in place.

    X (n, 5), weights w (n, 1), days (n,) ascending; of all of them the first `n`. The time is
    divided evenly into as many parts as it is years long. False, and nothing changed, where
    that is one: a part of a year cannot be predicted from the rest of it.
    """
    nb = r.shape[1]
    last = days[n - 1]
    span = int(last - days[0]) + 1
    years = min(int(span / YEAR + 0.5), MOST_YEARS)
    if years < 2:
        return False
    gram = np.zeros((years + 1, TERMS, TERMS))
    moment = np.zeros((years, TERMS, nb))
    for i in range(n):
        y = (last - days[i]) * years // span
        for a in range(TERMS):
            f = w[i, 0] * X[i, a]
            for c in range(a + 1):
                gram[y, a, c] += f * X[i, c]
            for b in range(nb):
                moment[y, a, b] += f * r[i, b]
    for y in range(years):
        for a in range(TERMS):
            for c in range(a + 1):
                gram[years, a, c] += gram[y, a, c]
    for y in range(years):
        for a in range(TERMS):
            for c in range(a + 1):
                gram[y, a, c] = gram[years, a, c] - gram[y, a, c]
            gram[y, a, a] += ridge[a] + 1e-9
        if cholesky(gram[y], TERMS):
            _solve(gram[y], moment[y])
        else:
            for a in range(TERMS):
                for b in range(nb):
                    moment[y, a, b] = 0.0
    for i in range(n):
        y = (last - days[i]) * years // span
        for b in range(nb):
            for a in range(TERMS):
                r[i, b] += X[i, a] * moment[y, a, b]
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _solve(low: F64, right: F64) -> None:
    """right (5, bands) becomes (L L')^-1 right, L the lower triangle of `low`."""
    for b in range(right.shape[1]):
        for i in range(TERMS):
            for c in range(i):
                right[i, b] -= low[i, c] * right[c, b]
            right[i, b] /= low[i, i]
        for i in range(TERMS - 1, -1, -1):
            for c in range(i + 1, TERMS):
                right[i, b] -= low[c, i] * right[c, b]
            right[i, b] /= low[i, i]


@njit(cache=True, nogil=True, error_model="numpy")
def seasonal_shares(
    r: F64, sd: F64, season: NDArray[np.int64], n: int, k: Bands, usual: float, share: F64
) -> None:
    """share (4,), at most 1: what makes four in five D2 of each quarter stay below `usual`.

    r (n, bands) residuals, season (n,) 0..3; of both the first `n`. The tails of real residuals
    are heavier than normal, and heavier in some seasons. A quarter counts half for itself and
    half with all the others; with few looks, only with all.
    """
    nb = r.shape[1]
    d2, some, z = np.empty(n, np.float32), np.empty(n, np.float32), np.empty(nb)
    for i in range(n):
        total = 0.0
        for b in range(nb):
            z[b] = r[i, b] / sd[b]
        for b in range(nb):
            s = 0.0
            for c in range(b + 1):
                s += k.white[b, c] * z[c]
            total += s * s
        d2[i] = total
    everywhere = select(d2, n, min(n - 1, int(USUAL_SHARE * n)))
    for q in range(4):
        m = 0
        for i in range(n):
            # a node speaks for the quarters before and after it
            if season[i] == q or (season[i] + 1) % 4 == q:
                some[m] = d2[i]
                m += 1
        own = everywhere
        if m >= ENOUGH:
            own = (own + select(some, m, int(USUAL_SHARE * m))) / 2
        share[q] = min(1.0, usual / max(own, 1e-9))
