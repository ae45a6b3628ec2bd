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
    KIND_WORD,
    SLOTS,
    pack_mean,
    pack_noise,
    pack_season,
    pack_trust,
    unpack,
)
from gossan.kernels.score import SCRATCH, Bands, SceneTerms, score_strip
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


@njit(cache=True, nogil=True, error_model="numpy")
def fit_block(
    values: F32,
    usable: NDArray[np.bool_],
    which: NDArray[np.bool_],
    dates: Dates,
    shift: F64,
    k: Bands,
    fr: FitRules,
    kind: int,
    m: Model,
    s: Dynamic,
    e: Events,
) -> None:
    """Fit the pixels `which` (y, x) of `values` (time, bands, y, x), in place on m, s and e.

    shift (time, bands): reflectance all ground is off by on a date. kind: that of the models;
    a break is looked for, and the last look noted, with KIND_STABLE only. A pixel with too few
    looks keeps what it has. `begin_block` then takes the first steps.
    """
    nt, nb, ny, nx = values.shape
    Y, seen = np.zeros((nt, nb, SIDE_BY_SIDE)), np.zeros((nt, SIDE_BY_SIDE))
    gram, coef = np.zeros((TRIANGLE, SIDE_BY_SIDE)), np.zeros((TERMS, nb, SIDE_BY_SIDE))
    w, R = np.zeros((nt, SIDE_BY_SIDE)), np.zeros((nt, nb, SIDE_BY_SIDE))
    scale = np.ones((nb, SIDE_BY_SIDE))
    one, at, X = _scratch(nt, nb), np.zeros(nt, np.int64), np.zeros((nt, TERMS))
    for y in range(ny):
        for x0 in range(0, nx, SIDE_BY_SIDE):
            n, n_dates = _load(values, usable, which, shift, dates, y, x0, Y, seen, at, X)
            if n_dates == 0:
                continue
            fit_robust(
                X,
                Y,
                seen,
                n_dates,
                fr.ridge,
                fr.floor_abs,
                fr.floor_rel,
                fr.cut,
                gram,
                coef,
                w,
                R,
                scale,
            )
            for j in range(n):
                if which[y, x0 + j]:
                    looks = _gather(dates, at, n_dates, Y, seen, w, R, coef, gram, scale, j, one)
                    if kind == KIND_STABLE and looks > 0:
                        s.seen[y, x0 + j] = one.days[looks - 1]
                    if looks >= fr.min_observations:
                        _learn(one, looks, k, fr, kind, m, s, e, y, x0 + j)


class Pixel(NamedTuple):
    """Scratch of one pixel: the looks at it alone, in order, and its fit.

    X (n, 5), Y, R (n, bands, 1), C (n, bands), w, seen (n, 1), days, season (n,), gram (15, 1),
    coef (5, bands, 1), scale (bands, 1).
    """

    X: F64
    Y: F64
    R: F64
    C: F64
    w: F64
    seen: F64
    days: NDArray[np.int32]
    season: NDArray[np.int64]
    gram: F64
    coef: F64
    scale: F64


@njit(cache=True, nogil=True, error_model="numpy")
def _scratch(nt: int, nb: int) -> Pixel:
    return Pixel(
        np.zeros((nt, TERMS)),
        np.zeros((nt, nb, 1)),
        np.zeros((nt, nb, 1)),
        np.zeros((nt, nb)),
        np.zeros((nt, 1)),
        np.ones((nt, 1)),
        np.zeros(nt, np.int32),
        np.zeros(nt, np.int64),
        np.zeros((TRIANGLE, 1)),
        np.zeros((TERMS, nb, 1)),
        np.ones((nb, 1)),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _load(
    values: F32,
    usable: NDArray[np.bool_],
    which: NDArray[np.bool_],
    shift: F64,
    dates: Dates,
    y: int,
    x0: int,
    Y: F64,
    seen: F64,
    at: NDArray[np.int64],
    X: F64,
) -> tuple[int, int]:
    """Fill Y, seen and X with a strip from (y, x0), on the dates `at` on which any of it was
    seen; returns how many pixels and dates these are, no date where no pixel counts."""
    nt, nb = values.shape[:2]
    n: int = min(SIDE_BY_SIDE, values.shape[3] - x0)
    some = False
    for j in range(n):
        some = some or which[y, x0 + j]
    m = 0
    if not some:
        return n, m
    for i in range(nt):
        some = False
        for j in range(SIDE_BY_SIDE):
            ok = j < n and usable[i, y, x0 + j]
            if ok:
                for b in range(nb):
                    ok = ok and np.isfinite(values[i, b, y, x0 + j])
            seen[m, j] = 1.0 if ok else 0.0
            some = some or ok
        if some:
            for b in range(nb):
                for j in range(SIDE_BY_SIDE):
                    ok = seen[m, j] > 0
                    Y[m, b, j] = values[i, b, y, x0 + j] - shift[i, b] if ok else 0.0
            for a in range(TERMS):
                X[m, a] = dates.X[i, a]
            at[m] = i
            m += 1
    return n, m


@njit(cache=True, nogil=True, error_model="numpy")
def _gather(
    dates: Dates,
    at: NDArray[np.int64],
    n_dates: int,
    Y: F64,
    seen: F64,
    w: F64,
    R: F64,
    coef: F64,
    gram: F64,
    scale: F64,
    j: int,
    one: Pixel,
) -> int:
    """Copy pixel `j` of the strip, its looks alone; returns how many."""
    nb = Y.shape[1]
    n = 0
    for i in range(n_dates):
        if seen[i, j] > 0:
            for a in range(TERMS):
                one.X[n, a] = dates.X[at[i], a]
            for b in range(nb):
                one.Y[n, b, 0] = Y[i, b, j]
                one.R[n, b, 0] = R[i, b, j]
            one.w[n, 0] = w[i, j]
            one.days[n] = dates.day[at[i]]
            one.season[n] = dates.season[at[i]]
            n += 1
    for b in range(nb):
        one.scale[b, 0] = scale[b, j]
        for a in range(TERMS):
            one.coef[a, b, 0] = coef[a, b, j]
    for a in range(TRIANGLE):
        one.gram[a, 0] = gram[a, j]
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def _learn(
    one: Pixel,
    n: int,
    k: Bands,
    fr: FitRules,
    kind: int,
    m: Model,
    s: Dynamic,
    e: Events,
    y: int,
    x: int,
) -> None:
    """Search a break, fit again after one, and pack the model."""
    nb = one.Y.shape[1]
    split, last, first, size = 0, 0, 0, 0.0
    shift = np.zeros(nb)
    if kind == KIND_STABLE:
        last, first, split, size = find_break(
            one.X, one.R, one.C, one.days, one.coef, one.scale, n, fr.ridge, fr.floor_abs,
            fr.floor_rel, fr.clip, fr.before, fr.after, fr.f_crit[n], fr.d2_limit, fr.shrink,
            shift,
        )  # fmt: skip
    unchanged, changed = one.days[last], one.days[first]
    if split > 0:
        n = _after_break(one, n, split, shift, fr.min_observations)
        fit_robust(
            one.X,
            one.Y,
            one.seen,
            n,
            fr.ridge,
            fr.floor_abs,
            fr.floor_rel,
            fr.cut,
            one.gram,
            one.coef,
            one.w,
            one.R,
            one.scale,
        )
    if not _pack(one, n, KIND_AFTER_BREAK if split > 0 else kind, k, fr, m, y, x):
        return
    s.phase[y, x] = WATCHING
    s.evidence[y, x] = 0
    s.looks[y, x] = 0
    if split > 0:
        e.unchanged[y, x] = unchanged
        e.first[y, x] = changed
        e.size[y, x] = size_code(size)


@njit(cache=True, nogil=True, error_model="numpy")
def _after_break(one: Pixel, n: int, split: int, shift: F64, enough: int) -> int:
    """Keep the looks after a break; where they are too few to stand alone, lift those before it
    onto the new level instead. Returns how many looks there are now."""
    nb = one.Y.shape[1]
    if n - split < enough:
        for i in range(split):
            for b in range(nb):
                one.Y[i, b, 0] -= shift[b]
        return n
    for i in range(split, n):
        for a in range(TERMS):
            one.X[i - split, a] = one.X[i, a]
        for b in range(nb):
            one.Y[i - split, b, 0] = one.Y[i, b, 0]
        one.days[i - split] = one.days[i]
        one.season[i - split] = one.season[i]
    return n - split


@njit(cache=True, nogil=True, error_model="numpy")
def _pack(one: Pixel, n: int, kind: int, k: Bands, fr: FitRules, m: Model, y: int, x: int) -> bool:
    """Pack one pixel's model with its noise. False, and nothing changed, where no degree of
    freedom is left."""
    nb = one.Y.shape[1]
    kept = 0
    for i in range(n):
        kept += one.w[i, 0] > 0
    dof = kept - TERMS
    if dof < 1:
        return False
    c, sd, share = np.empty((TERMS, nb)), np.empty(nb), np.empty(4)
    for a in range(TERMS):
        for b in range(nb):
            c[a, b] = one.coef[a, b, 0]
    pack_mean(c, m.words, y, x)
    pack_season(c, k.gain, 1, m.words, y, x)
    pack_season(c, k.gain, 3, m.words, y, x)
    unpack(m.words, k.gain, y, x, c, sd)
    for i in range(n):
        for b in range(nb):
            r = one.Y[i, b, 0]
            for a in range(TERMS):
                r -= one.X[i, a] * c[a, b]
            one.C[i, b] = r
    left_out = leave_years_out(one.X, one.C, one.w, one.days, n, fr.ridge)
    for b in range(nb):
        total = 0.0
        for i in range(n):
            if one.w[i, 0] > 0:
                total += one.C[i, b] ** 2
        sd[b] = np.sqrt(total / (kept if left_out else dof))
        sd[b] = max(sd[b], noise_floor(c[0, b], fr.floor_abs, fr.floor_rel))
    pack_noise(sd, kind, m.words, y, x)
    seasonal_shares(one.C, sd, one.season, n, k, fr.usual, share)
    for q in range(4):
        lever = 1.0
        for a in range(TERMS):
            for b in range(TERMS):
                hi, lo = max(a, b), min(a, b)
                lever += one.gram[hi * (hi + 1) // 2 + lo, 0] * fr.nodes[q, a] * fr.nodes[q, b]
        share[q] *= fr.share[min(dof, fr.share.size - 1)] / lever
    m.trust[y, x] = pack_trust(share)
    m.history[y, x] = kept
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def begin_block(
    values: F32,
    usable: NDArray[np.bool_],
    which: NDArray[np.bool_],
    dates: Dates,
    shift: F32,
    k: Bands,
    rules: Rules,
    m: Model,
    s: Dynamic,
    e: Events,
) -> None:
    """Start the pixels `which` that have just been fitted, in place on s and e.

    They start from the last look that fits; what follows it in the history may already be the
    beginning of a change and is counted as if it had been stepped. Arguments as `fit_block`;
    shift float32.
    """
    nt, nb, ny, nx = values.shape
    scratch = np.zeros(SCRATCH, np.float32)
    phase, before, fitted, first, evidence, looks, size = s
    recovered, changed_by, kind = e.recovered, e.size, m.words[KIND_WORD]
    d2, like = np.empty(1, np.float32), np.empty(1, np.uint8)
    one, zero = np.ones(SLOTS, np.float32), np.zeros(SLOTS, np.float32)
    off, basis, level = np.zeros(SLOTS, np.float32), np.zeros(SLOTS, np.float32), np.zeros(nb)
    terms = np.zeros(TERMS)
    for y in range(ny):
        for x in range(nx):
            if not which[y, x] or s.phase[y, x] != WATCHING or s.looks[y, x] > 0:
                continue
            since = e.first[y, x] if e.confirmed[y, x] == 0 else 0
            last, earliest = -1, -1
            for direction in range(2):  # back to the last look that fits, then on from there
                i = nt - 1 if direction == 0 else (last + 1 if last >= 0 else earliest)
                while 0 <= i < nt:
                    seen = usable[i, y, x] and dates.day[i] >= since
                    for b in range(nb):
                        seen = seen and np.isfinite(values[i, b, y, x])
                    if seen:
                        for a in range(TERMS):
                            basis[a], terms[a] = dates.X[i, a], dates.X[i, a]
                        for b in range(nb):
                            off[b] = shift[i, b]
                            level[b] = values[i, b, y, x] - shift[i, b]
                        t = SceneTerms(basis, one, zero, off, dates.season[i], dates.part[i])
                        score_strip(values[i], m.words, m.trust, t, k, y, x, 1, scratch, d2, like)
                        day = dates.day[i]
                        if direction == 0:
                            earliest = i
                            s.fitted[y, x] = day
                            if d2[0] <= rules.limit:
                                last = i
                                break
                        elif advance(
                            phase, before, fitted, first, evidence, looks, size, recovered,
                            changed_by, kind, y, x, day, d2[0], like[0], rules,
                        )[0]:  # fmt: skip
                            confirm(s, e, m.words, k, y, x, day, level, terms)
                    i += 1 if direction == 1 else -1
