"""The last radar looks of a pixel, and the evidence in them that the ground is no longer the same.

Every look is kept as the logarithm of its intensity over what the model expects of the pixel on
that day in that scene. The last m looks, for every m up to the length of the memory, are tested
against the history by the factor of the omnibus test for groups of any size (`omnibus.two_groups`,
Conradsen et al. 2016), both polarisations together: a window-limited generalised likelihood
ratio (Lai 1998, IEEE Trans. Inf. Theory 44(7):2917-2929), which finds a large change in few looks
and a small one in many. The noise of a pixel is an estimate with `dof` degrees of freedom, so
2 x 1 degree of freedom of chi-square become F(2, dof), whose tail is (1 + z/dof)^(-dof/2). The
evidence is minus its logarithm; against it stands -ln(alpha / memory) (Bonferroni over m).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY
from gossan.kernels.harmonic import YEAR_DAYS
from gossan.kernels.omnibus import two_groups

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

STEPS_PER_NEPER = 2048.0
"""Looks are kept as int16 in these steps: 0.002 dB, range 69 dB either way."""
WEIGHT_STEPS = 200.0
"""Weights 0..1 are kept as uint8 in these steps."""

_COARSE = np.exp((np.arange(256) * 256.0 - 32768.0) / STEPS_PER_NEPER)
_FINE = np.exp(np.arange(256) / STEPS_PER_NEPER)


class RadarModel(NamedTuple):
    """Arrays that change only at a fit; see `gossan.monitor.radar_state` for their meaning."""

    kind: U8
    n_history: NDArray[np.int16]
    history_end: I32
    coef: F32
    spread: F32
    looks: F32
    dof: F32
    step_before: I32
    step_after: I32
    step_change: F32


class RadarDynamic(NamedTuple):
    """Arrays that change with a scene; see `gossan.monitor.radar_state` for their meaning."""

    status: U8
    last_unchanged: I32
    first_changed: I32
    provisional_on: I32
    confirmed_on: I32
    recovered_on: I32
    last_seen: I32
    evidence: F32
    change: F32
    changes: U8
    recent: NDArray[np.int16]
    recent_day: I32
    recent_weight: U8


@njit(cache=True, nogil=True)
def remember(s: RadarDynamic, y: int, x: int, day: int, r: F64, weight: float) -> None:
    """Put a look in the place of the oldest."""
    memory = s.recent.shape[0]
    newest = 0
    for i in range(1, memory):
        if s.recent_day[i, y, x] > s.recent_day[newest, y, x]:
            newest = i
    empty = s.recent_day[newest, y, x] == NO_DAY
    at = 0 if empty else (newest + 1) % memory
    for c in range(2):
        steps = min(max(r[c] * STEPS_PER_NEPER, -32767.0), 32767.0)
        s.recent[at, c, y, x] = int(np.rint(steps))
    s.recent_day[at, y, x] = day
    s.recent_weight[at, y, x] = int(np.rint(weight * WEIGHT_STEPS))


@njit(cache=True, nogil=True)
def recall(s: RadarDynamic, y: int, x: int, look: F64, w: F64, days: I32) -> int:
    """The remembered looks, newest first, into look (memory, 2), w and days; returns how many."""
    memory = s.recent.shape[0]
    at = 0
    for i in range(1, memory):
        if s.recent_day[i, y, x] > s.recent_day[at, y, x]:
            at = i
    n = 0
    while n < memory and s.recent_day[at, y, x] != NO_DAY:
        for c in range(2):
            look[n, c] = s.recent[at, c, y, x] / STEPS_PER_NEPER
        w[n] = s.recent_weight[at, y, x] / WEIGHT_STEPS
        days[n] = s.recent_day[at, y, x]
        n += 1
        at = (at + memory - 1) % memory
    return n


@njit(cache=True, nogil=True)
def compare(
    m: RadarModel, y: int, x: int, sums: F64, size: float, cosine: float, sine: float
) -> float:
    """z of a run against the history: `size` looks whose intensities add up to `sums` (2,).

    `cosine` and `sine` are the run's mean season, which says how well the history knows it: a
    prediction with variance h (per look) is worth 1/h looks of history.
    """
    g = m.spread
    h = (
        g[0, y, x]
        + 2 * cosine * g[1, y, x]
        + cosine * cosine * g[2, y, x]
        + 2 * sine * (g[3, y, x] + cosine * g[4, y, x])
        + sine * sine * g[5, y, x]
    )
    before = 1.0 / max(h, 1e-6)
    z = 0.0
    for c in range(2):
        z += two_groups(before, before, size, sums[c], m.looks[c, y, x])
    return z


@njit(cache=True, nogil=True)
def evidence_of(z: float, dof: float) -> float:
    """Minus the logarithm of the chance of a larger z on unchanged ground."""
    return 0.5 * dof * math.log1p(z / dof)


@njit(cache=True, nogil=True)
def quiet(s: RadarDynamic, m: RadarModel, y: int, x: int, suspect: float) -> bool:
    """True where no run can reach the evidence `suspect`: most pixels, at a tenth of the cost.

    With q the run's mean intensity over the history's, b and a the sizes of run and history,
    z <= looks ab/(a + b) (q (q - 1)^2 for q > 1, (q - 1)^2 / q below), which needs no logarithm;
    z grows with a, and no history of N looks is worth more than N.
    """
    memory = s.recent.shape[0]
    dof = m.dof[y, x]
    limit = dof * (math.exp(2.0 * suspect / dof) - 1.0) * 0.9999
    a = float(m.n_history[y, x])
    at = 0
    for i in range(1, memory):
        if s.recent_day[i, y, x] > s.recent_day[at, y, x]:
            at = i
    b, first, second = 0.0, 0.0, 0.0
    for _ in range(memory):
        if s.recent_day[at, y, x] == NO_DAY:
            break
        w = s.recent_weight[at, y, x] / WEIGHT_STEPS
        b += w
        first += w * intensity(s.recent[at, 0, y, x])
        second += w * intensity(s.recent[at, 1, y, x])
        if b > 0.0:
            worth = a * b / (a + b)
            z = m.looks[0, y, x] * worth * bound(first / b)
            z += m.looks[1, y, x] * worth * bound(second / b)
            if z >= limit:
                return False
        at = at - 1 if at > 0 else memory - 1
    return True


@njit(cache=True, nogil=True)
def bound(q: float) -> float:
    """At least (ln q)^2, and at least what `two_groups` makes of it."""
    return q * (q - 1.0) ** 2 if q > 1.0 else (q - 1.0) ** 2 / q


@njit(cache=True, nogil=True)
def intensity(steps: int) -> float:
    """exp(steps / STEPS_PER_NEPER) of an int16 from two short tables."""
    at = steps + 32768
    return float(_COARSE[at >> 8] * _FINE[at & 255])


@njit(cache=True, nogil=True)
def without_strongest(
    m: RadarModel,
    y: int,
    x: int,
    look: F64,
    w: F64,
    days: I32,
    run: int,
    sums: F64,
    size: float,
    season: F64,
) -> float:
    """z of a run of `run` looks when the one that carries most of it is left out."""
    strongest, most = 0, -np.inf
    for i in range(run):
        pull = 0.0
        for c in range(2):
            pull += m.looks[c, y, x] * w[i] * look[i, c] * math.log(sums[c] / size)
        if pull > most:
            strongest, most = i, pull
    rest = np.empty(2)
    for c in range(2):
        rest[c] = sums[c] - w[strongest] * math.exp(look[strongest, c])
    left = size - w[strongest]
    if left < 0.1:
        return 0.0
    cosine, sine = 0.0, 0.0
    for i in range(run):
        if i != strongest:
            d = int(days[i] % YEAR_DAYS)
            cosine += w[i] * season[d, 0]
            sine += w[i] * season[d, 1]
    return float(compare(m, y, x, rest, left, cosine / left, sine / left))
