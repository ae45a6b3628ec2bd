"""One lasting step in a pixel's radar history, and whether the rest of it was steady.

Season and step are fitted together, because a season fitted across a step takes part of it. What is
left must pass the omnibus test of equal intensity (Conradsen et al. 2016).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.omnibus import omnibus
from gossan.kernels.radar_evidence import evidence_of
from gossan.kernels.radar_season import LEAST_NOISE, TERMS, SceneTerms, enl_of, inverse, residuals
from gossan.kernels.radar_track import COUNTS

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


class RadarFitRules(NamedTuple):
    """Scalars of a fit; see `RadarParams`."""

    min_observations: int
    min_side: int
    ridge: float
    alpha: float
    darkest: float
    snow: float


@njit(cache=True, nogil=True)
def equal(R: F64, at: I64, scene: SceneTerms, alpha: float) -> bool:
    """The omnibus test of a history, or of a part of it, whose season is taken off.

    Told against the noise of the noisiest ordinary pixel of the scene: what varies more is
    not noise. Looks of scenes that spread more than twice as usual are left out.
    """
    n = 0
    V, looks = np.empty(R.shape), np.empty(2)
    for i in range(R.shape[0]):
        if scene.weight[at[i]] >= COUNTS:
            V[n, 0], V[n, 1] = math.exp(R[i, 0]), math.exp(R[i, 1])
            n += 1
    for c in range(2):
        looks[c] = enl_of(scene.noisy[c])
    return bool(n < 2 or omnibus(V[:n], looks)[1] >= alpha)


@njit(cache=True, nogil=True)
def step_in(
    L: F64, at: I64, X: F64, scene: SceneTerms, rules: RadarFitRules, coef: F64, R: F64
) -> int:
    """The first look after the one lasting step of a history, or 0.

    A season fitted across a step takes part of it, so both are fitted together, at the split that
    leaves least. The step must be significant against the noise that is left (the tail of F with 2
    degrees of freedom, Bonferroni over the splits), and the looks before it and after it must
    each be equal among themselves. `coef` and `R` then get this fit, the step left in `R`.
    """
    n = L.shape[0]
    dof = max(n - TERMS - 1.0, 1.0)
    season, rest = np.zeros((TERMS, 2)), np.empty((n, 2))
    split, saved, left = _best_split(L, at, X, scene, rules, season)
    if split == 0:
        return 0
    z = 0.0
    for c in range(2):
        variance = (left[c] + scene.prior_dof * scene.noise[c]) / (dof + scene.prior_dof)
        z += saved[c] / max(variance, LEAST_NOISE**2)
    splits = n - 2 * rules.min_side + 1
    if evidence_of(z, dof + scene.prior_dof) < math.log(splits / rules.alpha):
        return 0
    residuals(L, at, X, scene, season, rest)
    if not (
        equal(rest[:split], at[:split], scene, rules.alpha)
        and equal(rest[split:], at[split:], scene, rules.alpha)
    ):
        return 0
    coef[:] = season
    R[:] = rest
    return int(split)


@njit(cache=True, nogil=True)
def _best_split(
    L: F64, at: I64, X: F64, scene: SceneTerms, rules: RadarFitRules, season: F64
) -> tuple[int, F64, F64]:
    """Least squares of level, season and a step: (split, squares saved by the step, squares left).

    Both channels count, each in units of the scene's noise; level and season go into (3, 2).
    """
    n = L.shape[0]
    size = TERMS + 1
    gram, low = np.zeros((size, size)), np.zeros((size, size))
    inv, ginv = np.zeros((size, size)), np.zeros((size, size))
    moment, b = np.zeros((size, 2)), np.zeros((size, 2))
    square, base, saved, left = np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2)
    row = np.ones(size)
    for i in range(n):
        t = at[i]
        row[:TERMS] = X[t]
        for a in range(size):
            for d in range(a + 1):
                gram[a, d] += scene.weight[t] * row[a] * row[d]
        for c in range(2):
            v = L[i, c] - scene.shift[t, c]
            square[c] += scene.weight[t] * v * v
            for a in range(size):
                moment[a, c] += scene.weight[t] * row[a] * v
    gram[1, 1] += rules.ridge
    gram[2, 2] += rules.ridge
    best, least = 0, np.inf
    # a split of 0 is no step: the first pass, with the step's column left out
    for split in range(n - rules.min_side + 1):
        p = TERMS if split == 0 else size
        if split == 0 or split >= rules.min_side:
            low[:] = gram
            if inverse(low, p, inv, ginv):
                total = 0.0
                for c in range(2):
                    left[c] = square[c]
                    for a in range(p):
                        b[a, c] = 0.0
                        for d in range(p):
                            b[a, c] += ginv[a, d] * moment[d, c]
                        left[c] -= b[a, c] * moment[a, c]
                    total += left[c] / scene.noise[c]
                if split == 0:
                    base[:] = left
                elif total < least:
                    best, least = split, total
                    season[:] = b[:TERMS]
                    saved[:] = base - left
        t = at[split]
        for d in range(TERMS):  # the look leaves the part after the step
            gram[TERMS, d] -= scene.weight[t] * X[t, d]
        gram[TERMS, TERMS] -= scene.weight[t]
        for c in range(2):
            moment[TERMS, c] -= scene.weight[t] * (L[split, c] - scene.shift[t, c])
    return best, saved, base - saved
