"""Learn every pixel's history, and say what the model expects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.errors import Code, GossanError
from gossan.kernels.harmonic import basis
from gossan.kernels.history import fit_block
from gossan.monitor.limits import break_limits, d2_limits, fit_rules, ridge, rules
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import MonitorState, empty


def fit(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: MonitorParams,
    bands: tuple[str, ...],
) -> MonitorState:
    """State after a history.

    Parameters
    ----------
    values : reflectance, shape (time, bands, y, x); NaN is not usable
    usable : True where the ground was seen, shape (time, y, x)
    days : days since 1970-01-01, ascending, one observation per day, shape (time,)
    params : see MonitorParams
    bands : canonical names of the bands axis

    Pixels with fewer than `params.min_observations` stay NO_MODEL. A level shift inside the
    history is a CONFIRMED change, and its model (kind 2) describes the ground after it.
    Raises GossanError(CUBE) when shapes or days do not fit together.
    """
    _check(values, usable, days, bands)
    nt, nb, ny, nx = values.shape
    state = empty(bands, params.harmonics, (ny, nx))
    X = basis(days, params.harmonics)
    fit_block(
        np.asarray(values, np.float32),
        np.asarray(usable, np.bool_),
        np.asarray(days, np.int32),
        X,
        ridge(params),
        d2_limits(nb, params.alpha),
        break_limits(nt, nb, X.shape[1], params),
        fit_rules(bands, params),
        rules(bands, params),
        state.model,
        state.dynamic,
    )
    return state


def predict(
    state: MonitorState, row: int, col: int, days: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Model of one pixel: reflectance (days, bands) and its noise, one sd per band (bands,).

    All NaN where the pixel has no model.
    """
    nb, p = state.model.coef.shape[:2]
    if state.model.kind[row, col] == 0:
        return np.full((len(days), nb), np.nan, np.float32), np.full(nb, np.nan, np.float32)
    X = basis(days, (p - 1) // 2)
    values = X @ state.model.coef[:, :, row, col].T.astype(np.float64)
    white = np.zeros((nb, nb))
    white[np.tril_indices(nb)] = state.model.white[:, row, col]
    low = np.linalg.inv(white)
    return values.astype(np.float32), np.sqrt((low**2).sum(axis=1)).astype(np.float32)


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
            f"Expected values of shape (time, {len(bands)} bands, y, x) and usable (time, y, x) "
            f"for {nt} days; found {values.shape} and {usable.shape}.",
        )
    if nt > 1 and not (np.diff(days) > 0).all():
        raise GossanError(
            Code.CUBE,
            "Expected one observation per day in ascending order; found a repeated or earlier day.",
            "Merge scenes of one day before the fit.",
        )
