"""Learn every pixel's history, learn changed ground anew, and say what the model expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams
from gossan.core.words import tr
from gossan.kernels.harmonic import basis
from gossan.kernels.history import begin_block, fit_block
from gossan.kernels.pack import TERMS, unpack
from gossan.kernels.track import CHANGED, KIND_AFTER_CHANGE, KIND_STABLE, NO_MODEL, WATCHING
from gossan.monitor.state import MonitorState, copied, empty
from gossan.monitor.tables import band_tables, dates, fit_rules, rules

Shift = NDArray[np.float32]
SETTLED = 40
"""Looks since a change from which a model is not made again: about two seasons of each kind."""


def fit(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: MonitorParams,
    bands: tuple[str, ...],
    shift: Shift | None = None,
) -> MonitorState:
    """State after a history.

    Parameters
    ----------
    values : reflectance, shape (time, bands, y, x); NaN is not usable
    usable : True where the ground was seen, shape (time, y, x)
    days : days since 1970-01-01, ascending, one observation per day, shape (time,)
    params : see MonitorParams
    bands : canonical names of the bands axis, at most five (see `tables.followed`)
    shift : reflectance all ground is off by on a date, shape (time, bands); None is 0 (see
        `monitor.scene`)

    Pixels with fewer than `params.min_observations` have no model. A level shift inside the
    history is an early change, and its model describes the ground after it.
    Raises GossanError(CUBE) when shapes or days do not fit together.
    """
    _check(values, usable, days, bands)
    state = empty(bands, (values.shape[2], values.shape[3]))
    everywhere = np.ones(state.shape, np.bool_)
    _fit(state, values, usable, everywhere, days, params, shift, KIND_STABLE)
    return state


def relearns_between(before: int, day: int, params: MonitorParams) -> bool:
    """Whether changed ground is learned anew between a look on day `before` and one on `day`.

    The days are fixed, so that it happens at the same look however the work is divided.
    """
    return before // params.refit_days != day // params.refit_days


def refit_due(state: MonitorState) -> NDArray[np.bool_]:
    """Pixels that should be learned anew, shape (y, x).

    Those that changed and are not on the way back to the model from before; those whose model
    since a change rests on few looks yet; those seen without having a model.
    """
    d, after_change = state.dynamic, state.kind == KIND_AFTER_CHANGE
    changed = (d.phase == CHANGED) & ((d.looks == 0) | after_change)
    young = after_change & (d.phase == WATCHING) & (d.looks == 0)
    young &= state.model.history < SETTLED
    due: NDArray[np.bool_] = changed | young | ((d.phase == NO_MODEL) & (d.seen > 0))
    return due


def refit(
    state: MonitorState,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: MonitorParams,
    shift: Shift | None = None,
) -> MonitorState:
    """State in which ground that changed has a model again, from the looks since its change.

    Parameters as for `fit`: all looks so far, the history's too. A pixel with too few looks
    since its latest change (twice `params.min_observations`), or at all, is left as it is.
    After this a further change at the same place is found. Raises GossanError(CUBE).
    """
    _check(values, usable, days, state.bands)
    due = refit_due(state)
    if not due.any():
        return state
    after, e = copied(state, model=True), state.events
    changed = due & (state.dynamic.phase != NO_MODEL)
    returned = np.where(state.kind == KIND_AFTER_CHANGE, e.recovered, 0)
    latest = np.maximum(np.maximum(e.first, e.again_first), returned)
    since = np.where(changed, latest, 0).astype(np.int32)
    seen = usable & due & (days[:, None, None] >= since)
    _fit(after, values, seen, changed, days, params, shift, KIND_AFTER_CHANGE)
    _fit(after, values, seen, due & ~changed, days, params, shift, KIND_STABLE)
    return after


def _fit(
    state: MonitorState,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    which: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: MonitorParams,
    shift: Shift | None,
    kind: int,
) -> None:
    nt, nb = values.shape[:2]
    if not which.any():
        return
    off = np.zeros((nt, nb), np.float32) if shift is None else np.asarray(shift, np.float32)
    looks = np.asarray(values, np.float32), np.asarray(usable, np.bool_), which
    when, tables = dates(days, params.harmonics), band_tables(state.bands, params)
    parts = state.model, state.dynamic, state.events
    fr = fit_rules(state.bands, params, nt)
    if kind == KIND_AFTER_CHANGE:  # new ground is restless, and has been seen in few seasons
        fr = fr._replace(min_observations=2 * params.min_observations)
    fit_block(*looks, when, off.astype(np.float64), tables, fr, kind, *parts)
    begin_block(*looks, when, off, tables, rules(state.bands, params), *parts)


def predict(
    state: MonitorState, row: int, col: int, days: NDArray[np.int32], params: MonitorParams
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Model of one pixel: reflectance (days, bands) and its noise, one sd per band (bands,).

    All NaN where the pixel has no model.
    """
    nb = len(state.bands)
    if state.dynamic.phase[row, col] == NO_MODEL:
        return np.full((len(days), nb), np.nan, np.float32), np.full(nb, np.nan, np.float32)
    coef, sd = np.zeros((TERMS, nb)), np.zeros(nb)
    unpack(state.model.words, band_tables(state.bands, params).gain, row, col, coef, sd)
    return (basis(days, params.harmonics) @ coef).astype(np.float32), sd.astype(np.float32)


def _check(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    bands: tuple[str, ...],
) -> None:
    nt = len(days)
    ny, nx = usable.shape[-2:]
    if values.shape != (nt, len(bands), ny, nx) or usable.shape != (nt, ny, nx):
        raise GossanError(
            Code.CUBE,
            tr(
                "Expected values of shape (time, {n_bands} bands, y, x) and usable (time, y, x) "
                "for {nt} days; found {found} and {usable}.",
                n_bands=len(bands),
                nt=nt,
                found=values.shape,
                usable=usable.shape,
            ),
        )
    if nt > 1 and not (np.diff(days) > 0).all():
        raise GossanError(
            Code.CUBE,
            tr(
                "Expected one observation per day in ascending order; found a repeated or earlier "
                "day."
            ),
            tr("Merge scenes of one day before the fit."),
        )
