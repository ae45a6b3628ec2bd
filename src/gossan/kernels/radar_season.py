"""Level, season and noise of one pixel's radar history.

ln x_c(t) = level_c + cos_c cos(2 pi t / year) + sin_c sin(2 pi t / year)
            + shift_c(t) + slope_c(t) (level_c - centre_c) + noise

The shift and slope belong to the scene (rain, thaw, calibration; learned from the whole area,
`gossan.monitor.radar_scene`), the rest to the pixel. Huber weights (Holland & Welsch 1977) shared
by both polarisations; a ridge keeps seasons that were hardly seen near the mean. Speckle of n looks
has variance trigamma(n) = 1 / (n - 1/2) in logarithms to within 1.5 % from n = 2 on.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.harmonic import basis
from gossan.kernels.linalg import cholesky, invert_lower

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
TERMS = 3
PASSES = 4
HUBER = 1.345
LEAST_NOISE = 0.05
"""Nepers (0.2 dB): calibration from pass to pass is no better (S1 radiometric stability)."""


def yearly(days: NDArray[np.int32]) -> F64:
    """Design matrix, shape (time, 3), of int days since 1970-01-01: level, cosine and sine."""
    return np.ascontiguousarray(basis(days, 1)[:, :TERMS])


class SceneTerms(NamedTuple):
    """What the history's scenes have in common with their pixels; see `RadarScene`.

    shift, slope (time, 2) nepers; weight (time,); centre (2,); noise (2,) nepers squared;
    prior_dof, noisy (2,): the noise that one pixel in twenty exceeds; snow (time,).
    """

    shift: F64
    slope: F64
    weight: F64
    centre: F64
    noise: F64
    noisy: F64
    prior_dof: float
    snow: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def season_fit(
    L: F64, at: I64, X: F64, scene: SceneTerms, ridge: float, coef: F64, ginv: F64, R: F64
) -> bool:
    """Robust level and season of one pixel: coef (3, 2), ginv (3, 3), residuals R (n, 2).

    The level is set so that the mean intensity over the expected one is 1.
    """
    n = L.shape[0]
    w = np.ones(n)
    low, inv = np.zeros((TERMS, TERMS)), np.zeros((TERMS, TERMS))
    y = np.empty(n)
    for c in range(2):
        for i in range(n):
            y[i] = L[i, c] - scene.shift[at[i], c]
        coef[0, c] = np.median(y)
        coef[1, c], coef[2, c] = 0.0, 0.0
    for k in range(PASSES):
        low[:] = 0.0
        for i in range(n):
            t = at[i]
            wi = w[i] * scene.weight[t]
            for a in range(TERMS):
                for b in range(a + 1):
                    low[a, b] += wi * X[t, a] * X[t, b]
        low[1, 1] += ridge
        low[2, 2] += ridge
        if not inverse(low, TERMS, inv, ginv):
            return False
        for c in range(2):
            level = coef[0, c]
            moment = np.zeros(TERMS)
            for i in range(n):
                t = at[i]
                v = L[i, c] - scene.shift[t, c] - scene.slope[t, c] * (level - scene.centre[c])
                for a in range(TERMS):
                    moment[a] += w[i] * scene.weight[t] * X[t, a] * v
            for a in range(TERMS):
                coef[a, c] = 0.0
                for b in range(TERMS):
                    coef[a, c] += ginv[a, b] * moment[b]
        residuals(L, at, X, scene, coef, R)
        if k < PASSES - 1:
            huber(R, at, scene, w)
    for c in range(2):
        total, size = 0.0, 0.0
        for i in range(n):
            total += w[i] * scene.weight[at[i]] * math.exp(R[i, c])
            size += w[i] * scene.weight[at[i]]
        coef[0, c] += math.log(total / size)
    residuals(L, at, X, scene, coef, R)
    return True


@njit(cache=True, nogil=True)
def residuals(L: F64, at: I64, X: F64, scene: SceneTerms, coef: F64, R: F64) -> None:
    """R (n, 2): ln intensity minus level, season and what the scene has in common."""
    for i in range(L.shape[0]):
        t = at[i]
        for c in range(2):
            level = coef[0, c]
            v = L[i, c] - scene.shift[t, c] - scene.slope[t, c] * (level - scene.centre[c]) - level
            for a in range(1, TERMS):
                v -= X[t, a] * coef[a, c]
            R[i, c] = v


@njit(cache=True, nogil=True)
def huber(R: F64, at: I64, scene: SceneTerms, w: F64) -> None:
    """Weights by the worse of the two channels, each in units of its robust scale."""
    n = R.shape[0]
    u = np.empty(n)
    w[:] = 1.0
    for c in range(2):
        for i in range(n):
            u[i] = abs(R[i, c]) * math.sqrt(scene.weight[at[i]])
        scale = max(1.4826 * np.median(u) * math.sqrt(n / max(n - TERMS, 1)), LEAST_NOISE)
        for i in range(n):
            if u[i] > HUBER * scale:
                w[i] = min(w[i], HUBER * scale / u[i])


@njit(cache=True, nogil=True)
def enl_of(variance: float) -> float:
    """Equivalent number of looks of a variance of logarithms (nepers squared)."""
    return 1.0 / variance + 0.5


@njit(cache=True, nogil=True)
def inverse(gram: F64, n: int, scratch: F64, out: F64) -> bool:
    """Inverse of the leading n x n corner of a lower Gram matrix into `out`; `gram` is lost.

    False where it is not positive definite.
    """
    if not cholesky(gram, n):
        return False
    invert_lower(gram, n, scratch)
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for k in range(i, n):
                s += scratch[k, i] * scratch[k, j]
            out[i, j] = s
            out[j, i] = s
    return True
