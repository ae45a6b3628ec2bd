"""Learn a block: robust harmonics, break scan, packed models and the first state."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.breaks import find_break
from gossan.kernels.harmonic import TERMS, TRIANGLE, fit_robust, noise_floor
from gossan.kernels.noise import leave_years_out, seasonal_shares
from gossan.kernels.pack import (
    WORDS,
    pack_mean,
    pack_noise,
    pack_season,
    pack_trust,
    unpack,
)
from gossan.kernels.score import ROWS, STRIP, Bands, SceneTerms, score_strip
from gossan.kernels.track import (
    KIND_AFTER_BREAK,
    KIND_STABLE,
    WATCHING,
    Dynamic,
    Events,
    Rules,
    advance,
    confirm,
    size_code,
)

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
SIDE_BY_SIDE = 32
"""Pixels fitted together: their looks stay in the second cache."""


class Model(NamedTuple):
    """Arrays (..., y, x) that change only at a fit: words (7, y, x) uint32 and trust uint16 as
    in `kernels.pack`; history uint16: looks with weight behind the model."""

    words: NDArray[np.uint32]
    trust: NDArray[np.uint16]
    history: NDArray[np.uint16]


class FitRules(NamedTuple):
    """Scalars and tables of a fit.

    min_observations: looks a model needs; cut, clip: of the robust weights and of winsorising,
    in robust standard deviations (cut squared); shrink: looks the prior of uncorrelated bands
    is worth; before, after: looks needed on each side of a break; floor_abs, floor_rel: noise
    floor; d2_limit: squared size a break must have; ridge (5,); f_crit (n + 1,): critical F by
    number of looks; share (dof + 1,): share of a squared deviation that counts; nodes (4, 5):
    basis on the days of `trust`; usual: what four in five D2 of a history stay below.
    """

    min_observations: int
    cut: float
    clip: float
    shrink: float
    before: int
    after: int
    floor_abs: float
    floor_rel: float
    d2_limit: float
    ridge: F64
    f_crit: F64
    share: F64
    nodes: F64
    usual: float


class Dates(NamedTuple):
    """What a fit needs to know of each date: day (time,) int32, X (time, 5), season (time,)
    index of the trust nibble before it, part (time,) of the way to the next."""

    day: NDArray[np.int32]
    X: F64
    season: NDArray[np.int64]
    part: F32


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fit_block(
    values: F32, usable: NDArray[np.bool_], which: NDArray[np.bool_], dates: Dates, shift: F64,
    k: Bands, fr: FitRules, rules: Rules, kind: int, m: Model, s: Dynamic, e: Events,
) -> None:  # fmt: skip
    """Fit the pixels `which` (y, x) of `values` (time, bands, y, x), in place on m, s and e.

    shift (time, bands): reflectance all ground is off by on a date. kind: that of the models;
    a break is looked for, and the last look noted, with KIND_STABLE only. A pixel with too few
    looks keeps what it has.
    """
    nt, nb, ny, nx = values.shape
    Y = np.zeros((nt, nb, SIDE_BY_SIDE))
    seen = np.zeros((nt, SIDE_BY_SIDE))
    gram = np.zeros((TRIANGLE, SIDE_BY_SIDE))
    coef = np.zeros((TERMS, nb, SIDE_BY_SIDE))
    w = np.zeros((nt, SIDE_BY_SIDE))
    R = np.zeros((nt, nb, SIDE_BY_SIDE))
    scale = np.ones((nb, SIDE_BY_SIDE))
    for y in range(ny):
        for x0 in range(0, nx, SIDE_BY_SIDE):
            n = min(SIDE_BY_SIDE, nx - x0)
            if not which[y, x0 : x0 + n].any():
                continue
            _load(values, usable, shift, y, x0, n, Y, seen)
            fit_robust(
                dates.X, Y, seen, fr.ridge, fr.floor_abs, fr.floor_rel, fr.cut, gram, coef, w, R,
                scale,
            )  # fmt: skip
            for j in range(n):
                if not which[y, x0 + j]:
                    continue
                looks = np.flatnonzero(seen[:, j])
                if kind == KIND_STABLE and looks.size > 0:
                    s.seen[y, x0 + j] = dates.day[looks[-1]]
                if looks.size >= fr.min_observations:
                    _fit_pixel(
                        looks, Y, gram, coef, w, R, scale, j, dates, k, fr, rules, kind, m, s, e,
                        y, x0 + j,
                    )  # fmt: skip


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _load(
    values: F32, usable: NDArray[np.bool_], shift: F64, y: int, x0: int, n: int, Y: F64, seen: F64
) -> None:
    nt, nb = values.shape[:2]
    for i in range(nt):
        for j in range(SIDE_BY_SIDE):
            ok = j < n and usable[i, y, x0 + j]
            if ok:
                for b in range(nb):
                    ok = ok and np.isfinite(values[i, b, y, x0 + j])
            seen[i, j] = 1.0 if ok else 0.0
            for b in range(nb):
                Y[i, b, j] = values[i, b, y, x0 + j] - shift[i, b] if ok else 0.0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fit_pixel(
    looks: NDArray[np.int64], Y: F64, gram: F64, coef: F64, w: F64, R: F64, scale: F64, j: int,
    dates: Dates, k: Bands, fr: FitRules, rules: Rules, kind: int, m: Model, s: Dynamic,
    e: Events, y: int, x: int,
) -> None:  # fmt: skip
    """Search a break, fit again after one, pack the model and take the first steps."""
    n, nb = looks.size, Y.shape[1]
    split, last, first, size = -1, -1, -1, 0.0
    shift = np.zeros(nb)
    X, r = np.empty((n, TERMS)), np.empty((n, nb))
    for i in range(n):
        X[i] = dates.X[looks[i]]
        r[i] = R[looks[i], :, j]
    if kind == KIND_STABLE:
        floor, own = np.empty(nb), np.empty(nb)
        for b in range(nb):
            floor[b] = noise_floor(coef[0, b, j], fr.floor_abs, fr.floor_rel)
            own[b] = scale[b, j]
        last, first, split, size = find_break(
            X, r, dates.day[looks].astype(np.float64), own, fr.ridge, floor, fr.clip, fr.before,
            fr.after, fr.f_crit[n], fr.d2_limit, fr.shrink, shift,
        )  # fmt: skip
    values = np.empty((n, nb, 1))
    for i in range(n):
        values[i, :, 0] = Y[looks[i], :, j]
    g, c, weight = np.empty((TRIANGLE, 1)), np.empty((TERMS, nb, 1)), np.empty((n, 1))
    start = 0
    if split > 0:
        if n - split >= fr.min_observations:
            start = split
        else:  # too few after it to stand alone: lift the old level onto the new one
            for i in range(split):
                values[i, :, 0] -= shift
        fit_robust(
            X[start:], values[start:], np.ones((n - start, 1)), fr.ridge, fr.floor_abs,
            fr.floor_rel, fr.cut, g, c, weight[start:], np.empty((n - start, nb, 1)),
            np.empty((nb, 1)),
        )  # fmt: skip
    else:
        g[:, 0], c[:, :, 0] = gram[:, j], coef[:, :, j]
        for i in range(n):
            weight[i, 0] = w[looks[i], j]
    kind = KIND_AFTER_BREAK if split > 0 else kind
    own_days, own_season = dates.day[looks[start:]], dates.season[looks[start:]]
    if not _pack(
        X[start:], values[start:], weight[start:], own_days, own_season, g, c, kind, k, fr, m, y, x
    ):  # fmt: skip
        return
    s.phase[y, x] = WATCHING
    s.evidence[y, x] = 0
    s.looks[y, x] = 0
    if split > 0:
        e.unchanged[y, x] = dates.day[looks[last]]
        e.first[y, x] = dates.day[looks[first]]
        e.size[y, x] = size_code(size)
    _begin(looks[start:], values[start:], dates, k, rules, m, s, e, y, x)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _pack(
    X: F64, Y: F64, w: F64, days: NDArray[np.int32], season: NDArray[np.int64], gram: F64,
    coef: F64, kind: int, k: Bands, fr: FitRules, m: Model, y: int, x: int,
) -> bool:  # fmt: skip
    """Pack one pixel's model with its noise. False, and nothing changed, where no degree of
    freedom is left."""
    n, nb = Y.shape[0], Y.shape[1]
    kept = 0
    for i in range(n):
        kept += w[i, 0] > 0
    dof = kept - TERMS
    if dof < 1:
        return False
    c, sd = np.empty((TERMS, nb)), np.empty(nb)
    c[:, :] = coef[:, :, 0]
    pack_mean(c, m.words, y, x)
    pack_season(c, k.gain, 1, m.words, y, x)
    pack_season(c, k.gain, 3, m.words, y, x)
    unpack(m.words, k.gain, y, x, c, sd)
    r = np.empty((n, nb))
    for i in range(n):
        for b in range(nb):
            r[i, b] = Y[i, b, 0]
            for a in range(TERMS):
                r[i, b] -= X[i, a] * c[a, b]
    left_out = leave_years_out(X, r, w[:, 0], days, fr.ridge)
    for b in range(nb):
        total = 0.0
        for i in range(n):
            if w[i, 0] > 0:
                total += r[i, b] ** 2
        sd[b] = np.sqrt(total / (kept if left_out else dof))
        sd[b] = max(sd[b], noise_floor(c[0, b], fr.floor_abs, fr.floor_rel))
    pack_noise(sd, kind, m.words, y, x)
    share = np.empty(4)
    seasonal_shares(r, sd, season, k, fr.usual, share)
    for q in range(4):
        lever = 1.0
        for a in range(TERMS):
            for b in range(TERMS):
                hi, lo = max(a, b), min(a, b)
                lever += gram[hi * (hi + 1) // 2 + lo, 0] * fr.nodes[q, a] * fr.nodes[q, b]
        share[q] *= fr.share[min(dof, fr.share.size - 1)] / lever
    m.trust[y, x] = pack_trust(share)
    m.history[y, x] = kept
    return True


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _begin(
    looks: NDArray[np.int64], Y: F64, dates: Dates, k: Bands, rules: Rules, m: Model, s: Dynamic,
    e: Events, y: int, x: int,
) -> None:  # fmt: skip
    """Start from the last look that fits; what follows it in the history may already be the
    beginning of a change and is counted as if it had been stepped."""
    n, nb = Y.shape[0], Y.shape[1]
    words, trust = np.empty((WORDS, 1, 1), np.uint32), np.empty((1, 1), np.uint16)
    words[:, 0, 0] = m.words[:, y, x]
    trust[0, 0] = m.trust[y, x]
    scratch = np.zeros((ROWS, STRIP), np.float32)
    d2, kinds = np.empty(n, np.float32), np.empty(n, np.uint8)
    one = np.ones(k.gain.size, np.float32)
    last = -1
    for i in range(n - 1, -1, -1):
        at = looks[i]
        t = SceneTerms(
            dates.X[at].astype(np.float32), one, one * 0, one * 0, dates.season[at],
            dates.part[at],
        )  # fmt: skip
        value = Y[i].astype(np.float32).reshape((nb, 1, 1))
        score_strip(value, words, trust, t, k, 0, 0, 1, scratch, d2[i:], kinds[i:])
        if d2[i] <= rules.limit:
            last = i
            break
    s.fitted[y, x] = dates.day[looks[max(last, 0)]]
    for i in range(last + 1, n):
        day = dates.day[looks[i]]
        if advance(s, e, m.words, y, x, day, d2[i], kinds[i], rules):
            confirm(s, e, m.words, k, y, x, day, Y[i, :, 0], dates.X[looks[i]])
