"""A level shift of all bands at once inside the history of one pixel.

For every split date the shared harmonics are kept and each band gets one extra level before
the split. With null residuals R (orthogonal to X), e = M z the part of the split's indicator
that the harmonics do not explain and h = R'e = R'z, the share q = h'(R'R)^-1 h / e'e of the
residual scatter that the shift explains is, for one split, exactly F-distributed:
F = q/(1-q) (v - bands + 1)/bands with v = n - terms - 1 (rank-one MANOVA; Anderson 2003,
ch. 8). Sums over the looks before a split give all splits in one pass: e'e = k - s'G^-1 s with
s the sum of X. The largest F over all splits is tested at alpha / splits (Bonferroni; the sup-F
of Andrews 1993 without its asymptotics, on the safe side). Residuals are winsorised first, so
that one cloud cannot make a step.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.harmonic import noise_floor
from gossan.kernels.linalg import cholesky, invert_lower, quadratic

F64 = NDArray[np.float64]
MAJORITY = 0.75
"""Share of each side that must lie nearer to its own level: a step, not a few outliers."""


@njit(cache=True, nogil=True, error_model="numpy")
def null_residuals(X: F64, C: F64, n: int, ridge: F64, N: F64, ginv: F64) -> bool:
    """N = C minus its ridge regression on X, the first `n` rows; ginv (terms, terms) =
    (X'X + Lambda)^-1. False when that does not exist."""
    p, nb = X.shape[1], C.shape[1]
    low = np.zeros((p, p))
    moment = np.zeros((p, nb))
    for i in range(n):
        for a in range(p):
            for c in range(a + 1):
                low[a, c] += X[i, a] * X[i, c]
            for b in range(nb):
                moment[a, b] += X[i, a] * C[i, b]
    for a in range(p):
        low[a, a] += ridge[a]
    if not cholesky(low, p):
        return False
    inv = np.zeros((p, p))
    invert_lower(low, p, inv)
    for a in range(p):
        for c in range(p):
            s = 0.0
            for k in range(max(a, c), p):
                s += inv[k, a] * inv[k, c]
            ginv[a, c] = s
    coef = np.zeros((p, nb))
    for a in range(p):
        for c in range(p):
            for b in range(nb):
                coef[a, b] += ginv[a, c] * moment[c, b]
    for i in range(n):
        for b in range(nb):
            v = C[i, b]
            for a in range(p):
                v -= X[i, a] * coef[a, b]
            N[i, b] = v
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def scan(
    X: F64, R: F64, n: int, ginv: F64, before: int, after: int, t: NDArray[np.int32]
) -> tuple[int, float]:
    """Best split of the first `n` null residuals R: (first index after it, its q), or (0, 0.0)
    for none.

    `t` (n,) days. No split is given when a straight trend in time explains as much: regrowth
    and slow drift are not a break.
    """
    p, nb = X.shape[1], R.shape[1]
    S = np.zeros((nb, nb))
    for i in range(n):
        for a in range(nb):
            for b in range(a + 1):
                S[a, b] += R[i, a] * R[i, b]
    for a in range(nb):
        S[a, a] = S[a, a] * (1.0 + 1e-9) + 1e-30
    if not cholesky(S, nb):
        return 0, 0.0
    white = np.zeros((nb, nb))
    invert_lower(S, nb, white)
    s = np.zeros(p)
    h = np.zeros(nb)
    best = 0
    top = 0.0
    for k in range(1, n - after + 1):
        for a in range(p):
            s[a] += X[k - 1, a]
        for b in range(nb):
            h[b] += R[k - 1, b]
        if k < before:
            continue
        ee = k - _form(ginv, s, p)
        q = quadratic(white, h, nb) / ee if ee > 1e-6 else 0.0
        if q > top:
            top = q
            best = k
    if best == 0 or _trend(X, R, n, ginv, white, t) >= top:
        return 0, 0.0
    return best, top


@njit(cache=True, nogil=True, error_model="numpy")
def _form(A: F64, s: F64, p: int) -> float:
    """s'A s."""
    total = 0.0
    for a in range(p):
        row = 0.0
        for c in range(p):
            row += A[a, c] * s[c]
        total += s[a] * row
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _trend(X: F64, R: F64, n: int, ginv: F64, white: F64, t: NDArray[np.int32]) -> float:
    """Share q of the scatter that a straight line in time explains."""
    p, nb = X.shape[1], R.shape[1]
    mean = 0.0
    for i in range(n):
        mean += t[i] / n
    s = np.zeros(p)
    h = np.zeros(nb)
    ee = 0.0
    for i in range(n):
        z = (t[i] - mean) / 1000.0
        ee += z * z
        for a in range(p):
            s[a] += X[i, a] * z
        for b in range(nb):
            h[b] += R[i, b] * z
    ee -= _form(ginv, s, p)
    return float(quadratic(white, h, nb) / ee) if ee > 1e-6 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def find_break(
    X: F64, R: F64, C: F64, t: NDArray[np.int32], coef: F64, scale: F64, n: int, ridge: F64,
    floor_abs: float, floor_rel: float, clip: float, before: int, after: int, f_crit: float,
    d2_limit: float, shrink: float, shift: F64,
) -> tuple[int, int, int, float]:  # fmt: skip
    """Look for one level shift in a history of one pixel.

    X (n, terms), R (n, bands, 1) residuals of the robust null fit, C (n, bands) scratch, t (n,)
    days, of all of them the first `n`; coef (terms, bands, 1) and scale (bands, 1) of that fit.
    Returns (last index before, first index after, first index of the new level's segment,
    magnitude); all 0 when there is none. `shift` (bands,) becomes level before minus level
    after. `d2_limit`: squared whitened size that a shift must have to be reported, however
    significant it is.
    """
    p, nb = X.shape[1], C.shape[1]
    for i in range(n):
        d = 0.0
        for b in range(nb):
            d += (R[i, b, 0] / scale[b, 0]) ** 2 / nb
        f = min(1.0, clip / np.sqrt(max(d, 1e-12)))
        for b in range(nb):
            C[i, b] = f * R[i, b, 0]
    N = np.empty((n, nb))
    ginv = np.zeros((p, p))
    v = n - p - 1
    if v < nb + 1 or not null_residuals(X, C, n, ridge, N, ginv):
        return 0, 0, 0, 0.0
    k, q = scan(X, N, n, ginv, before, after, t)
    if k == 0 or q / max(1.0 - q, 1e-9) * (v - nb + 1) / nb < f_crit:
        return 0, 0, 0, 0.0
    e, floor = np.empty(n), np.empty(nb)
    for b in range(nb):
        floor[b] = noise_floor(coef[0, b, 0], floor_abs, floor_rel)
    _indicator(X, N, ginv, k, e, shift)
    d_pre, d_post = np.empty(n), np.empty(n)
    size = _distances(R, C, N, e, k, shift, v, floor, shrink, d_pre, d_post)
    if size < d2_limit or not _two_levels(d_pre, d_post, k):
        return 0, 0, 0, 0.0
    last, first = _tighten(d_pre, d_post, k, d2_limit)
    return last, first, k, np.sqrt(size / nb)


@njit(cache=True, nogil=True, error_model="numpy")
def _indicator(X: F64, N: F64, ginv: F64, k: int, e: F64, shift: F64) -> None:
    """Fill e = M z of the split at k, and shift = N'e / e'e."""
    n, p = N.shape[0], X.shape[1]
    s = np.zeros(p)
    for i in range(k):
        for a in range(p):
            s[a] += X[i, a]
    ee = 0.0
    for i in range(n):
        v = 1.0 if i < k else 0.0
        for a in range(p):
            g = 0.0
            for c in range(p):
                g += ginv[a, c] * s[c]
            v -= X[i, a] * g
        e[i] = v
        ee += v * v
    for b in range(N.shape[1]):
        h = 0.0
        for i in range(n):
            h += N[i, b] * e[i]
        shift[b] = h / ee


@njit(cache=True, nogil=True, error_model="numpy")
def _distances(
    R: F64,
    C: F64,
    N: F64,
    e: F64,
    k: int,
    shift: F64,
    v: int,
    floor: F64,
    shrink: float,
    d_pre: F64,
    d_post: F64,
) -> float:
    """Whitened squared distance of every observation to both levels; that of the shift itself.

    The covariance of so few observations is noisy off the diagonal: correlations are shrunk by
    v / (v + shrink), and no variance is taken below `floor` squared.
    """
    n, nb = N.shape
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
        return 0.0
    invert_lower(S, nb, white)
    for i in range(n):
        for b in range(nb):  # what winsorising took off belongs to the observation again
            own = N[i, b] - e[i] * shift[b] + R[i, b, 0] - C[i, b]
            r[b] = own if i < k else own - shift[b]
        d_pre[i] = quadratic(white, r, nb)
        for b in range(nb):
            r[b] += shift[b]
        d_post[i] = quadratic(white, r, nb)
    return float(quadratic(white, shift, nb))


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
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
