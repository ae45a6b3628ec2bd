"""The state machine of one pixel and the kernel that scores one scene.

An observation is scored by D2, its squared whitened residual over all bands divided by the
variance of the prediction. Consecutive exceedances make a change provisional, then confirmed;
consecutive fits afterwards make it recovered. An exceedance that looks like unmasked cloud
(blue up as much as red, where soil lifts red more) or shadow (everything darker) neither counts nor
ends a run, unless it comes `guard_limit` times in a row: white tailings and new ponds stay.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]
NO_MODEL, STABLE, PROVISIONAL, CONFIRMED, RECOVERED = 0, 1, 2, 3, 4
"""`core.values.Status`, repeated because that module brings pystac; a test keeps them equal."""
FULL = 255
KIND_NONE, KIND_STABLE, KIND_AFTER_BREAK = 0, 1, 2


class Dynamic(NamedTuple):
    """Arrays (y, x) that change with a scene; see `gossan.monitor.state` for their meaning."""

    status: U8
    run: U8
    fits: U8
    guarded: U8
    last_fit: I32
    run_first: I32
    last_unchanged: I32
    first_changed: I32
    confirmed_on: I32
    recovered_on: I32
    last_seen: I32
    run_magnitude: F32
    magnitude: F32


class Rules(NamedTuple):
    """Counts of consecutive observations, and where the guard finds its bands (-1 absent)."""

    provisional_after: int
    confirm_after: int
    recover_after: int
    guard_limit: int
    blue: int
    red: int


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def cloudlike(r: F32, rules: Rules) -> bool:
    """True for residuals (bands,) as unmasked cloud or shadow leaves them."""
    darker = True
    for b in range(r.shape[0]):
        if not r[b] < 0:
            darker = False
    if darker:
        return True
    if rules.blue < 0 or rules.red < 0:
        return False
    blue, red = r[rules.blue], r[rules.red]
    return bool(blue > 0 and red > 0 and blue >= red * np.float32(0.9))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def advance(
    s: Dynamic, y: int, x: int, day: int, kind: int, d2: np.float32, limit: np.float32,
    bands: int, looks_cloudy: bool, rules: Rules,
) -> None:  # fmt: skip
    """Count one usable observation of one pixel, in place."""
    s.last_seen[y, x] = day
    if kind != KIND_STABLE:
        return
    if d2 <= limit:
        _fits(s, y, x, day, rules)
        return
    if looks_cloudy and s.guarded[y, x] < rules.guard_limit:
        s.guarded[y, x] += 1
        return
    _exceeds(s, y, x, day, np.float32(np.sqrt(d2 / np.float32(bands))), rules)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fits(s: Dynamic, y: int, x: int, day: int, rules: Rules) -> None:
    status = s.status[y, x]
    s.run[y, x] = 0
    s.guarded[y, x] = 0
    s.last_fit[y, x] = day
    if status == CONFIRMED:
        if s.fits[y, x] == 0:
            s.recovered_on[y, x] = day
        s.fits[y, x] += 1
        if s.fits[y, x] >= rules.recover_after:
            s.status[y, x] = RECOVERED
            s.fits[y, x] = 0
    elif status != RECOVERED:
        s.status[y, x] = STABLE
        s.last_unchanged[y, x] = day
        s.first_changed[y, x] = NO_DAY
        s.magnitude[y, x] = 0


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _exceeds(s: Dynamic, y: int, x: int, day: int, size: np.float32, rules: Rules) -> None:
    status = s.status[y, x]
    if status == CONFIRMED:
        s.fits[y, x] = 0
        s.recovered_on[y, x] = NO_DAY
        return
    if s.run[y, x] == 0:
        s.run_first[y, x] = day
        s.run_magnitude[y, x] = 0
    run = min(int(s.run[y, x]) + 1, FULL)
    s.run[y, x] = run
    s.run_magnitude[y, x] += (size - s.run_magnitude[y, x]) / np.float32(run)
    confirmed = run >= rules.confirm_after
    if confirmed:
        s.status[y, x] = CONFIRMED
        s.confirmed_on[y, x] = day
        s.recovered_on[y, x] = NO_DAY
        s.fits[y, x] = 0
        s.run[y, x] = 0
        s.guarded[y, x] = 0
    elif status != RECOVERED and run >= rules.provisional_after:
        s.status[y, x] = PROVISIONAL
    if confirmed or s.status[y, x] == PROVISIONAL:
        s.last_unchanged[y, x] = s.last_fit[y, x]
        s.first_changed[y, x] = s.run_first[y, x]
        s.magnitude[y, x] = s.run_magnitude[y, x]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def predict_residual(
    values: F32, coef: F32, terms: F32, y: int, x: int, r: F32
) -> None:  # fmt: skip
    """r (bands,) = values[:, y, x] minus the model at the scene's basis `terms`."""
    for b in range(values.shape[0]):
        p = np.float32(0)
        for t in range(terms.shape[0]):
            p += coef[b, t, y, x] * terms[t]
        r[b] = values[b, y, x] - p


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def score(white: F32, spread: F32, terms: F32, y: int, x: int, r: F32) -> np.float32:
    """D2 of residuals r: squared whitened length over one plus the model's own variance."""
    d2 = np.float32(0)
    i = 0
    for b in range(r.shape[0]):
        z = np.float32(0)
        for c in range(b + 1):
            z += white[i, y, x] * r[c]
            i += 1
        d2 += z * z
    lever = np.float32(1)
    i = 0
    for a in range(terms.shape[0]):
        for c in range(a + 1):
            v = spread[i, y, x] * terms[a] * terms[c]
            lever += v if a == c else v + v
            i += 1
    return d2 / lever


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def step_block(
    s: Dynamic, kind: U8, dof: NDArray[np.int16], coef: F32, white: F32, spread: F32, values: F32,
    usable: NDArray[np.bool_], day: int, terms: F32, limits: F32, rules: Rules,
) -> None:  # fmt: skip
    """Score one scene (bands, y, x) of a block, in place on `s`.

    coef (bands, terms, y, x), white (bands(bands+1)/2, y, x), spread
    (terms(terms+1)/2, y, x), limits (dof + 1,): D2 that counts as exceedance.
    """
    nb = values.shape[0]
    r = np.empty(nb, np.float32)
    for y in range(values.shape[1]):
        for x in range(values.shape[2]):
            if not usable[y, x]:
                continue
            seen = True
            for b in range(nb):
                seen = seen and np.isfinite(values[b, y, x])
            if not seen:
                continue
            d2 = np.float32(0)
            cloudy = False
            if kind[y, x] == KIND_STABLE:
                predict_residual(values, coef, terms, y, x, r)
                d2 = score(white, spread, terms, y, x, r)
                cloudy = cloudlike(r, rules)
            limit = limits[min(int(dof[y, x]), limits.shape[0] - 1)]
            advance(s, y, x, day, kind[y, x], d2, limit, nb, cloudy, rules)
