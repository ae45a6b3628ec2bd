"""One radar scene further: what a pixel's looks say now, and what its status becomes.

Two looks or more that together are unlikely enough (`radar_evidence`) make a change provisional.
More evidence confirms it, if it has lasted and is still there: standing water and wet litter pass.
A change must not hang on one look either: the run without its strongest look would still have to be
provisional. The day it began is where the likelihood is greatest; every beginning whose likelihood
is not significantly smaller widens the interval of dates.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY
from gossan.kernels.harmonic import YEAR_DAYS
from gossan.kernels.radar_evidence import (
    RadarDynamic,
    RadarModel,
    compare,
    evidence_of,
    quiet,
    recall,
    remember,
    without_strongest,
)

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]

STABLE, PROVISIONAL, CONFIRMED, RECOVERED = 1, 2, 3, 4
"""`core.values.Status`, repeated because that module brings pystac; a test keeps them equal."""
KIND_NONE, KIND_STEADY, KIND_UNSTEADY, KIND_AFTER_STEP = 0, 1, 2, 3
COUNTS = 0.25
"""A look of a scene that spreads more than twice as usual is no look of its own: its evidence is
weighed, but it does not count toward the number of looks."""


class RadarRules(NamedTuple):
    """Scalars of the state machine.

    `suspect`, `sure`: evidence needed; counts of looks; `lasting`: days; `doubt`: fall of z from
    its greatest value over which a beginning is still possible; `snow`: fall (nepers, > 0) that
    snow explains.
    """

    provisional_after: int
    confirm_after: int
    lasting: int
    recover_after: int
    suspect: float
    sure: float
    doubt: float
    snow: float


@njit(cache=True, nogil=True)
def step_block(
    s: RadarDynamic,
    m: RadarModel,
    values: F32,
    usable: NDArray[np.bool_],
    day: int,
    terms: F64,
    season: F64,
    shift: F64,
    slope: F64,
    centre: F64,
    weight: float,
    snowing: bool,
    rules: RadarRules,
) -> None:
    """Count one scene (2, y, x) of a block, in place on `s`.

    terms (3,): basis at `day`; season (366, 2): cosine and sine by day of the year; shift, slope
    (2,): what the whole scene has in common (nepers), as a line over a pixel's level around
    `centre` (2,); weight: see `RadarObservation`.
    """
    memory = s.recent.shape[0]
    r = np.empty(2)
    look = np.empty((memory, 2))
    w = np.empty(memory)
    days = np.empty(memory, np.int32)
    for y in range(values.shape[1]):
        for x in range(values.shape[2]):
            if not usable[y, x]:
                continue
            good = True
            for c in range(2):
                v = values[c, y, x]
                good = good and np.isfinite(v) and v > 0
            if not good:
                continue
            if m.kind[y, x] == KIND_NONE:
                s.last_seen[y, x] = day
                continue
            for c in range(2):
                r[c] = math.log(values[c, y, x]) - expected(
                    m.coef, terms, shift, slope, centre, c, y, x
                )
            if snowing and r[0] < -rules.snow and r[1] < -rules.snow:
                continue
            remember(s, y, x, day, r, weight)
            s.last_seen[y, x] = day
            if s.status[y, x] == CONFIRMED:
                n = recall(s, y, x, look, w, days)
                recover(s, m, y, x, look[:n], days, rules)
            elif quiet(s, m, y, x, rules.suspect):
                settle(s, y, x, day)
            else:
                n = recall(s, y, x, look, w, days)
                judge(s, m, y, x, day, look[:n], w[:n], days[:n], season, rules)


@njit(cache=True, nogil=True)
def expected(
    coef: F32, terms: F64, shift: F64, slope: F64, centre: F64, c: int, y: int, x: int
) -> float:
    """ln intensity the model expects: level, season of the pixel, what the scene has in common."""
    level = coef[c, 0, y, x]
    total = level + shift[c] + slope[c] * (level - centre[c])
    for a in range(1, terms.shape[0]):
        total += coef[c, a, y, x] * terms[a]
    return float(total)


@njit(cache=True, nogil=True)
def judge(
    s: RadarDynamic,
    m: RadarModel,
    y: int,
    x: int,
    day: int,
    look: F64,
    w: F64,
    days: I32,
    season: F64,
    rules: RadarRules,
) -> None:
    """Test all runs that end now, and let the status follow."""
    n = look.shape[0]
    zs = np.zeros(n)
    sums = np.zeros(2)
    best_sums = np.zeros(2)
    size, cosine, sine, best_size, best, counted = 0.0, 0.0, 0.0, 1.0, -1, 0
    dof = m.dof[y, x]
    for i in range(n):
        d = int(days[i] % YEAR_DAYS)
        size += w[i]
        cosine += w[i] * season[d, 0]
        sine += w[i] * season[d, 1]
        for c in range(2):
            sums[c] += w[i] * math.exp(look[i, c])
        counted += w[i] >= COUNTS
        if size < 0.1:
            continue
        zs[i] = compare(m, y, x, sums, size, cosine / size, sine / size)
        enough = counted >= rules.provisional_after
        if enough and evidence_of(zs[i], dof) >= rules.suspect and (best < 0 or zs[i] > zs[best]):
            best, best_size = i, size
            best_sums[:] = sums
    if best < 0:
        settle(s, y, x, day)
        return
    evidence = evidence_of(zs[best], dof)
    sure = evidence >= rules.sure and m.kind[y, x] != KIND_UNSTEADY
    sure = sure and lasts(m, y, x, look[: best + 1], w, days, best_sums, best_size, season, rules)
    if s.status[y, x] == RECOVERED and not sure:
        return
    suspect(s, y, x, day, zs, best, days, int(m.history_end[y, x]), evidence, rules)
    for c in range(2):
        s.change[c, y, x] = math.log(best_sums[c] / best_size)
    if sure:
        s.status[y, x] = CONFIRMED
        s.confirmed_on[y, x] = day
        s.changes[y, x] = min(int(s.changes[y, x]) + 1, 255)
        s.recovered_on[y, x] = NO_DAY


@njit(cache=True, nogil=True)
def lasts(
    m: RadarModel,
    y: int,
    x: int,
    run: F64,
    w: F64,
    days: I32,
    sums: F64,
    size: float,
    season: F64,
    rules: RadarRules,
) -> bool:
    """Whether a run (looks, 2) has lasted, its newest look still shows it, and no single look makes
    it: looks of scenes that hardly count give no length."""
    newest, oldest, counted = -1, -1, 0
    for i in range(run.shape[0]):
        if w[i] >= COUNTS:
            counted += 1
            oldest = i
            if newest < 0:
                newest = i
    if counted < rules.confirm_after or days[newest] - days[oldest] < rules.lasting:
        return False
    along, whole = 0.0, 0.0
    for c in range(2):
        mean = math.log(sums[c] / size)
        along += m.looks[c, y, x] * run[newest, c] * mean
        whole += m.looks[c, y, x] * mean * mean
    if along < 0.5 * whole:
        return False
    z = without_strongest(m, y, x, run, w, days, run.shape[0], sums, size, season)
    return bool(evidence_of(z, m.dof[y, x]) >= rules.suspect)


@njit(cache=True, nogil=True)
def settle(s: RadarDynamic, y: int, x: int, day: int) -> None:
    """Nothing to suspect: what was provisional has passed."""
    if s.status[y, x] == RECOVERED:
        return
    s.status[y, x] = STABLE
    s.last_unchanged[y, x] = day
    s.first_changed[y, x] = NO_DAY
    s.provisional_on[y, x] = NO_DAY
    s.evidence[y, x] = 0
    for c in range(2):
        s.change[c, y, x] = 0


@njit(cache=True, nogil=True)
def suspect(
    s: RadarDynamic,
    y: int,
    x: int,
    day: int,
    zs: F64,
    best: int,
    days: I32,
    before: int,
    evidence: float,
    rules: RadarRules,
) -> None:
    """Provisional, with the interval of dates in which the run may have begun.

    Runs begin at `days` (newest first). A run that may take up the whole memory may have begun
    at any time since the history, whose last look is `before`; dates found earlier then stand.
    """
    n = zs.shape[0]
    first, last = best, best
    for i in range(n):
        if zs[best] - zs[i] <= rules.doubt:
            first, last = min(first, i), max(last, i)
    new = s.status[y, x] != PROVISIONAL
    if new:
        s.provisional_on[y, x] = day
    if new or last + 1 < n:
        s.first_changed[y, x] = days[first]
        s.last_unchanged[y, x] = days[last + 1] if last + 1 < n else before
    s.status[y, x] = PROVISIONAL
    s.evidence[y, x] = evidence


@njit(cache=True, nogil=True)
def recover(
    s: RadarDynamic, m: RadarModel, y: int, x: int, look: F64, days: I32, rules: RadarRules
) -> None:
    """Confirmed ground is back when every one of its last looks lies nearer to the history than to
    the change, measured along the change."""
    n = rules.recover_after
    if look.shape[0] < n or days[n - 1] <= s.confirmed_on[y, x]:
        return
    whole = 0.0
    for c in range(2):
        whole += m.looks[c, y, x] * s.change[c, y, x] ** 2
    back = True
    for i in range(n):
        along = 0.0
        for c in range(2):
            along += m.looks[c, y, x] * look[i, c] * s.change[c, y, x]
        back = back and along < 0.5 * whole
    if back:
        s.status[y, x] = RECOVERED
        s.recovered_on[y, x] = days[n - 1]
        for i in range(s.recent.shape[0]):  # the change must not be found again
            if s.recent_day[i, y, x] < days[n - 1]:
                s.recent_day[i, y, x] = NO_DAY
