"""Fit a block: robust harmonics, break scan and the first state, pixel by pixel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.breaks import find_break
from gossan.kernels.harmonic import fit_robust, whitener
from gossan.kernels.track import (
    CONFIRMED,
    KIND_AFTER_BREAK,
    KIND_STABLE,
    STABLE,
    Dynamic,
    Rules,
    advance,
    cloudlike,
    score,
)

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]


class Model(NamedTuple):
    """Arrays that change only at a fit; see `gossan.monitor.state` for their meaning."""

    kind: NDArray[np.uint8]
    n_history: NDArray[np.int16]
    dof: NDArray[np.int16]
    coef: F32
    white: F32
    spread: F32


class FitRules(NamedTuple):
    """Scalars of a fit; `cut`, `clip` in robust standard deviations (see MonitorParams)."""

    min_observations: int
    passes: int
    cut: float
    clip: float
    shrink: float
    min_before: int
    min_after: int
    floor_abs: float
    floor_rel: float


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fit_block(
    values: F32, usable: NDArray[np.bool_], days: NDArray[np.int32], X: F64, ridge: F64,
    limits: F32, f_crit: F64, fr: FitRules, rules: Rules, m: Model, s: Dynamic,
) -> None:  # fmt: skip
    """Fit every pixel of `values` (time, bands, y, x), filling `m` and `s` in place.

    X (time, terms); limits (dof + 1,) of D2; f_crit (n + 1,) of the break scan.
    """
    nt, nb, ny, nx = values.shape
    p = X.shape[1]
    Xi = np.empty((nt, p))
    Yi = np.empty((nt, nb))
    ti = np.empty(nt, np.int32)
    for y in range(ny):
        for x in range(nx):
            n = 0
            for i in range(nt):
                if not usable[i, y, x]:
                    continue
                seen = True
                for b in range(nb):
                    v = values[i, b, y, x]
                    seen = seen and np.isfinite(v)
                    Yi[n, b] = v
                if seen:
                    for a in range(p):
                        Xi[n, a] = X[i, a]
                    ti[n] = days[i]
                    n += 1
            if n > 0:
                s.last_seen[y, x] = ti[n - 1]
            if n >= fr.min_observations:
                _fit_pixel(
                    Xi[:n], Yi[:n], ti[:n], ridge, limits, f_crit, fr, rules, m, s, y, x
                )  # fmt: skip


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fit_pixel(
    X: F64, Y: F64, t: NDArray[np.int32], ridge: F64, limits: F32, f_crit: F64, fr: FitRules,
    rules: Rules, m: Model, s: Dynamic, y: int, x: int,
) -> None:  # fmt: skip
    n, nb = Y.shape
    p = X.shape[1]
    coef = np.zeros((p, nb))
    ginv = np.zeros((p, p))
    w = np.empty(n)
    R = np.empty((n, nb))
    floor = _noise_floor(Y, fr)
    if not fit_robust(X, Y, ridge, floor, fr.passes, fr.cut, coef, ginv, w, R):
        return
    shift = np.zeros(nb)
    last, first, split, size = find_break(
        X, Y, t.astype(np.float64), coef, ridge, floor, fr.clip, fr.min_before, fr.min_after,
        f_crit[n], float(limits[-1]), fr.shrink, shift,
    )  # fmt: skip
    start = 0
    if split > 0:
        if n - split >= fr.min_observations:
            start = split
        else:  # too few after it to stand alone: lift the old level onto the new one
            for i in range(split):
                for b in range(nb):
                    Y[i, b] -= shift[b]
        w = np.empty(n - start)
        R = np.empty((n - start, nb))
        if not fit_robust(
            X[start:], Y[start:], ridge, floor, fr.passes, fr.cut, coef, ginv, w, R
        ):  # fmt: skip
            return
    white = np.zeros((nb, nb))
    dof = whitener(R, w, float(p), fr.shrink, floor, white)
    if dof < 1.0:
        return
    m.dof[y, x] = int(dof)
    m.n_history[y, x] = int(dof) + p
    _store(coef, ginv, white, m, y, x)
    if split > 0:
        m.kind[y, x] = KIND_AFTER_BREAK
        s.status[y, x] = CONFIRMED
        s.last_unchanged[y, x] = t[last]
        s.last_fit[y, x] = t[last]
        s.first_changed[y, x] = t[first]
        s.confirmed_on[y, x] = t[min(first + rules.confirm_after - 1, n - 1)]
        s.magnitude[y, x] = size
    else:
        m.kind[y, x] = KIND_STABLE
        s.status[y, x] = STABLE
        _begin(X, R, t, limits, rules, m, s, y, x)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _noise_floor(Y: F64, fr: FitRules) -> F64:
    """Sensor and correction noise per band: a constant and a share of the level, in quadrature."""
    nb = Y.shape[1]
    floor = np.empty(nb)
    for b in range(nb):
        level = np.median(Y[:, b])
        floor[b] = np.sqrt(fr.floor_abs**2 + (fr.floor_rel * level) ** 2)
    return floor


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _store(coef: F64, ginv: F64, white: F64, m: Model, y: int, x: int) -> None:
    p, nb = coef.shape
    k = 0
    for b in range(nb):
        for a in range(p):
            m.coef[b, a, y, x] = coef[a, b]
        for c in range(b + 1):
            m.white[k, y, x] = white[b, c]
            k += 1
    k = 0
    for a in range(p):
        for c in range(a + 1):
            m.spread[k, y, x] = ginv[a, c]
            k += 1


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _begin(
    X: F64, R: F64, t: NDArray[np.int32], limits: F32, rules: Rules, m: Model, s: Dynamic,
    y: int, x: int,
) -> None:  # fmt: skip
    """Start from the last observation that fits; what follows it in the history may already
    be the beginning of a change and is counted as if it had been stepped."""
    n = X.shape[0]
    limit = limits[min(int(m.dof[y, x]), limits.shape[0] - 1)]
    last = n - 1
    while last > 0 and score(
        m.white, m.spread, X[last].astype(np.float32), y, x, R[last].astype(np.float32)
    ) > limit:  # fmt: skip
        last -= 1
    s.last_unchanged[y, x] = t[last]
    s.last_fit[y, x] = t[last]
    for i in range(last + 1, n):
        r = R[i].astype(np.float32)
        d2 = score(m.white, m.spread, X[i].astype(np.float32), y, x, r)
        advance(s, y, x, t[i], KIND_STABLE, d2, limit, R.shape[1], cloudlike(r, rules), rules)
