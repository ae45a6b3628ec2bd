"""Learn every pixel's radar history: season, noise, one step, and whether it was steady.

The noise is the variance of the residuals, drawn toward the scene's own by as many degrees of
freedom as the scene's pixels are alike (empirical Bayes, Smyth 2004, doi:10.2202/1544-6115.1027).
Ground that is neither steady nor steady but for one step is unsteady: fields, water, sites at work.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.radar_break import RadarFitRules, equal, step_in
from gossan.kernels.radar_evidence import RadarDynamic, RadarModel, remember
from gossan.kernels.radar_season import LEAST_NOISE, TERMS, SceneTerms, enl_of, season_fit
from gossan.kernels.radar_track import KIND_AFTER_STEP, KIND_STEADY, KIND_UNSTEADY, STABLE

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


@njit(cache=True, nogil=True)
def fit_block(
    values: F32,
    usable: NDArray[np.bool_],
    days: I32,
    X: F64,
    scene: SceneTerms,
    rules: RadarFitRules,
    m: RadarModel,
    s: RadarDynamic,
) -> None:
    """Fit every pixel of `values` (time, 2, y, x), filling `m` and `s` in place; X (time, 3)."""
    nt, _, ny, nx = values.shape
    L = np.empty((nt, 2))
    at = np.empty(nt, np.int64)
    for y in range(ny):
        for x in range(nx):
            n = 0
            for i in range(nt):
                if not usable[i, y, x] or scene.weight[i] <= 0:
                    continue
                a, b = values[i, 0, y, x], values[i, 1, y, x]
                if np.isfinite(a) and np.isfinite(b) and a > 0 and b > 0:
                    L[n, 0], L[n, 1] = math.log(a), math.log(b)
                    at[n] = i
                    n += 1
            if n == 0:
                continue
            s.last_seen[y, x] = days[at[n - 1]]
            n = _without_snow(L, at, n, scene, rules.snow)
            if n >= rules.min_observations:
                _fit_pixel(L[:n], at[:n], days, X, scene, rules, m, s, y, x)


@njit(cache=True, nogil=True)
def _without_snow(L: F64, at: I64, n: int, scene: SceneTerms, fall: float) -> int:
    """Drop looks of snow scenes that lie `fall` below the pixel's median in both channels."""
    covered = False
    for i in range(n):
        covered = covered or scene.snow[at[i]]
    if not covered:
        return n
    level = np.empty(2)
    y = np.empty(n)
    for c in range(2):
        for i in range(n):
            y[i] = L[i, c] - scene.shift[at[i], c]
        level[c] = np.median(y)
    kept = 0
    for i in range(n):
        t = at[i]
        wet = scene.snow[t]
        for c in range(2):
            wet = wet and L[i, c] - scene.shift[t, c] < level[c] - fall
        if not wet:
            L[kept, 0], L[kept, 1], at[kept] = L[i, 0], L[i, 1], t
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _fit_pixel(
    L: F64,
    at: I64,
    days: I32,
    X: F64,
    scene: SceneTerms,
    rules: RadarFitRules,
    m: RadarModel,
    s: RadarDynamic,
    y: int,
    x: int,
) -> None:
    n = L.shape[0]
    coef, ginv = np.zeros((TERMS, 2)), np.zeros((TERMS, TERMS))
    R = np.empty((n, 2))
    if not season_fit(L, at, X, scene, rules.ridge, coef, ginv, R):
        return
    if coef[0, 0] < rules.darkest:
        return
    kind, start = KIND_STEADY, step_in(L, at, X, scene, rules, coef, R)
    if start > 0:
        kind = KIND_AFTER_STEP
    elif not equal(R, at, scene, rules.alpha):
        kind = KIND_UNSTEADY
    if kind == KIND_AFTER_STEP:
        m.step_before[y, x] = days[at[start - 1]]
        m.step_after[y, x] = days[at[start]]
        before, after = _mean_log(R[:start]), _mean_log(R[start:])
        for c in range(2):
            m.step_change[c, y, x] = after[c] - before[c]
        if n - start >= rules.min_observations:
            L, at, R = L[start:], at[start:], R[start:]
            if not season_fit(L, at, X, scene, rules.ridge, coef, ginv, R):
                return
        else:  # too few to stand alone: the season of all, the level of those after the step
            for c in range(2):
                coef[0, c] += after[c]
                R[:start, c] -= before[c]
                R[start:, c] -= after[c]
            ginv[0, 0] += 1.0 / (n - start)
    m.kind[y, x] = kind
    m.n_history[y, x] = R.shape[0]
    m.history_end[y, x] = days[at[-1]]
    _store(coef, ginv, R, at, scene, m, y, x)
    s.status[y, x] = STABLE
    s.last_unchanged[y, x] = days[at[-1]]
    for i in range(max(0, R.shape[0] - s.recent.shape[0]), R.shape[0]):
        remember(s, y, x, days[at[i]], R[i], scene.weight[at[i]])


@njit(cache=True, nogil=True)
def _mean_log(R: F64) -> F64:
    """ln of the mean of exp(R) over looks, (2,)."""
    out = np.zeros(2)
    for c in range(2):
        for i in range(R.shape[0]):
            out[c] += math.exp(R[i, c]) / R.shape[0]
        out[c] = math.log(out[c])
    return out


@njit(cache=True, nogil=True)
def _store(
    coef: F64, ginv: F64, R: F64, at: I64, scene: SceneTerms, m: RadarModel, y: int, x: int
) -> None:
    n = R.shape[0]
    own = float(max(n - TERMS, 1))
    m.dof[y, x] = own + scene.prior_dof
    for c in range(2):
        square = 0.0
        for i in range(n):
            square += scene.weight[at[i]] * R[i, c] ** 2
        variance = (square + scene.prior_dof * scene.noise[c]) / (own + scene.prior_dof)
        m.looks[c, y, x] = enl_of(max(variance, LEAST_NOISE**2))
        for a in range(TERMS):
            m.coef[c, a, y, x] = coef[a, c]
    k = 0
    for a in range(TERMS):
        for b in range(a + 1):
            m.spread[k, y, x] = ginv[a, b]
            k += 1
