"""A level shift of all bands at once inside the history of one pixel.

For every split date the shared harmonics are kept and each band gets one extra level before
the split. With null residuals R (orthogonal to X), e = M z the part of the split's indicator
that the harmonics do not explain and h = R'e, the share q = h'(R'R)^-1 h / e'e of the
residual scatter that the shift explains is, for one split, exactly F-distributed:
F = q/(1-q) (v - bands + 1)/bands with v = n - terms - 1 (rank-one MANOVA; Anderson 2003,
ch. 8). The largest over all splits is tested at alpha / splits (Bonferroni; the sup-F of
Andrews 1993 without its asymptotics, on the safe side). Residuals are winsorised first, so
that one cloud cannot make a step.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.harmonic import residuals, scaled_distance, solve_weighted
from gossan.kernels.linalg import cholesky, invert_lower, quadratic

F64 = NDArray[np.float64]
MAJORITY = 0.75
"""Share of each side that must lie nearer to its own level: a step, not a few outliers."""


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def winsorise(R: F64, p: int, floor: F64, limit: float, out: F64) -> None:
    """Residual vectors (n, bands) shortened to `limit` robust standard deviations."""
    n, nb = R.shape
    d2 = np.empty(n)
    scaled_distance(R, p, floor, d2)
    for i in range(n):
        f = min(1.0, limit / np.sqrt(max(d2[i], 1e-12)))
        for b in range(nb):
            out[i, b] = f * R[i, b]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def explained(z: F64, X: F64, ginv: F64, R: F64, white: F64, e: F64, h: F64) -> float:
    """Share of scatter explained by regressor `z` (n,): q; fills e = M z and h = R'e."""
    n, p = X.shape
    nb = R.shape[1]
    s = np.zeros(p)
    for i in range(n):
        if z[i] != 0.0:
            for a in range(p):
                s[a] += X[i, a] * z[i]
    h[:] = 0.0
    ee = 0.0
    for i in range(n):
        v = z[i]
        for a in range(p):
            g = 0.0
            for c in range(p):
                g += ginv[a, c] * s[c]
            v -= X[i, a] * g
        e[i] = v
        ee += v * v
        for b in range(nb):
            h[b] += R[i, b] * v
    if ee < 1e-6:
        return 0.0
    return float(quadratic(white, h, nb) / ee)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def scan(
    X: F64, R: F64, ginv: F64, before: int, after: int, e: F64, h: F64, white: F64, t: F64
) -> tuple[int, float]:
    """Best split of null residuals R: (first index after it, its q), or (0, 0.0) for none.

    `white` (bands, bands) is scratch; `t` (n,) days. No split is given when a straight trend
    in time explains as much: regrowth and slow drift are not a break.
    """
    n, nb = R.shape
    S = np.zeros((nb, nb))
    for i in range(n):
        for a in range(nb):
            for b in range(a + 1):
                S[a, b] += R[i, a] * R[i, b]
    for a in range(nb):
        S[a, a] *= 1.0 + 1e-9
    if not cholesky(S, nb):
        return 0, 0.0
    invert_lower(S, nb, white)
    z = np.zeros(n)
    z[:before] = 1.0
    best = 0
    top = 0.0
    for k in range(before, n - after + 1):
        z[k - 1] = 1.0
        q = explained(z, X, ginv, R, white, e, h)
        if q > top:
            top = q
            best = k
    mean = t.mean()
    for i in range(n):
        z[i] = (t[i] - mean) / 1000.0
    if best == 0 or explained(z, X, ginv, R, white, e, h) >= top:
        return 0, 0.0
    return best, top


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def find_break(
    X: F64, Y: F64, t: F64, coef0: F64, ridge: F64, floor: F64, clip: float, before: int,
    after: int, f_crit: float, d2_limit: float, shrink: float, shift: F64,
) -> tuple[int, int, int, float]:  # fmt: skip
    """Look for one level shift in a history of one pixel.

    X (n, terms), Y (n, bands), t (n,) days, coef0 the robust null fit. Returns
    (last index before, first index after, first index of the new level's segment, magnitude);
    (-1, -1, -1, 0) when there is none. `shift` (bands,) becomes level before minus level
    after. `d2_limit`: squared whitened size from which one observation would count as an
    exceedance while monitoring; a smaller shift is not reported, however significant.
    """
    n, p = X.shape
    nb = Y.shape[1]
    R = np.empty((n, nb))
    C = np.empty((n, nb))
    residuals(X, Y, coef0, R)
    winsorise(R, p, floor, clip, C)
    coef = np.zeros((p, nb))
    ginv = np.zeros((p, p))
    if not solve_weighted(X, C, np.ones(n), ridge, coef, ginv):
        return -1, -1, -1, 0.0
    N = np.empty((n, nb))
    residuals(X, C, coef, N)
    e = np.empty(n)
    h = np.empty(nb)
    white = np.zeros((nb, nb))
    k, q = scan(X, N, ginv, before, after, e, h, white, t)
    v = n - p - 1
    if k == 0 or v < nb + 1 or q / max(1.0 - q, 1e-9) * (v - nb + 1) / nb < f_crit:
        return -1, -1, -1, 0.0
    z = np.zeros(n)
    z[:k] = 1.0
    explained(z, X, ginv, N, white, e, h)
    ee = 0.0
    for i in range(n):
        ee += e[i] * e[i]
    for b in range(nb):
        shift[b] = h[b] / ee
    d_pre = np.empty(n)
    d_post = np.empty(n)
    size = _distances(R, C, N, e, z, shift, v, floor, shrink, d_pre, d_post)
    if size < d2_limit or not _two_levels(d_pre, d_post, k):
        return -1, -1, -1, 0.0
    last, first = _tighten(d_pre, d_post, k, d2_limit)
    return last, first, k, np.sqrt(size / nb)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _distances(
    R: F64, C: F64, N: F64, e: F64, z: F64, shift: F64, v: int, floor: F64, shrink: float,
    d_pre: F64, d_post: F64,
) -> float:  # fmt: skip
    """Whitened squared distance of every observation to both levels; that of the shift itself."""
    n, nb = R.shape
    S = np.zeros((nb, nb))
    white = np.zeros((nb, nb))
    r = np.empty(nb)
    keep = v / (v + shrink)
    for i in range(n):
        for b in range(nb):
            r[b] = N[i, b] - e[i] * shift[b]
        for a in range(nb):
            for b in range(a + 1):
                S[a, b] += r[a] * r[b] / v * (1.0 if a == b else keep)
    for a in range(nb):
        S[a, a] = max(S[a, a], floor[a] ** 2)
    if not cholesky(S, nb):
        d_pre[:] = 0.0
        d_post[:] = 0.0
        return 0.0
    invert_lower(S, nb, white)
    for i in range(n):
        for b in range(nb):  # what winsorising took off belongs to the observation again
            own = N[i, b] - e[i] * shift[b] + R[i, b] - C[i, b]
            r[b] = own + (z[i] - 1.0) * shift[b]
        d_pre[i] = quadratic(white, r, nb)
        for b in range(nb):
            r[b] += shift[b]
        d_post[i] = quadratic(white, r, nb)
    return float(quadratic(white, shift, nb))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _two_levels(d_pre: F64, d_post: F64, k: int) -> bool:
    """True when a clear majority on each side lies nearer to its own level."""
    n = d_pre.shape[0]
    own_before = 0
    own_after = 0
    for i in range(n):
        if i < k and d_pre[i] < d_post[i]:
            own_before += 1
        if i >= k and d_post[i] < d_pre[i]:
            own_after += 1
    return own_before >= MAJORITY * k and own_after >= MAJORITY * (n - k)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _tighten(d_pre: F64, d_post: F64, k: int, limit: float) -> tuple[int, int]:
    """Last observation that fits the old level and first that fits the new one, around k.

    An observation that fits neither (cloud, a clearing half done) dates nothing.
    """
    last = k - 1
    while last > 0 and (d_pre[last] > limit or d_post[last] < d_pre[last]):
        last -= 1
    first = k
    n = d_pre.shape[0]
    while first < n - 1 and (d_post[first] > limit or d_pre[first] < d_post[first]):
        first += 1
    return last, first
