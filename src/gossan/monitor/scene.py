"""What a whole scene is off by, from reference pixels: spread over the area, they show no change.

They are the same for every block, so that any division into blocks gives one result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.params import MonitorParams
from gossan.kernels.scene_shift import median_residual
from gossan.kernels.track import WATCHING
from gossan.monitor.fit import fit
from gossan.monitor.state import MonitorState
from gossan.monitor.tables import band_tables, scene_terms

MIN_REFERENCE = 50
"""Fewer seen reference pixels say nothing about a scene: it is taken as it is."""
MOST = (0.02, 0.15)
"""A shift is taken off up to this reflectance plus this share of the reference pixels' level: half
the area burnt at once is not a fault of the scene."""
ROUNDS = 3
"""Fits of the history between which its shifts are estimated: each pixel's model takes up part
of a lasting shift, and gives it back as the shift is taken off."""


def scene_bias(
    state: MonitorState,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    day: int,
    params: MonitorParams,
) -> NDArray[np.float32]:
    """Shift of one scene, float32 (bands,), from the state of the reference pixels before it.

    values (bands, y, x) reflectance and usable (y, x) of the reference pixels.
    """
    quiet = (state.dynamic.phase == WATCHING) & (state.dynamic.looks == 0)
    seen = usable & np.isfinite(values).all(axis=0)
    return _shift(state, values, seen & quiet, day, params)


def history_biases(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: MonitorParams,
    bands: tuple[str, ...],
) -> NDArray[np.float32]:
    """Shift of every date of a history, float32 (time, bands), from the cube of
    the reference pixels.

    Parameters as for `monitor.fit.fit`.
    """
    shift = np.zeros((len(days), len(bands)), np.float32)
    seen = usable & np.isfinite(values).all(axis=1)
    for _ in range(ROUNDS):
        state = fit(values, usable, days, params, bands, shift)
        has_model = state.dynamic.phase == WATCHING
        for i, day in enumerate(days):
            shift[i] = _shift(state, values[i], seen[i] & has_model, int(day), params)
    return shift


def _shift(
    state: MonitorState,
    values: NDArray[np.float32],
    reference: NDArray[np.bool_],
    day: int,
    params: MonitorParams,
) -> NDArray[np.float32]:
    nb = len(state.bands)
    zero = np.zeros(nb, np.float32)
    terms = scene_terms(day, params.harmonics, zero + 1, zero, zero)
    shift, level = np.zeros(nb), np.zeros(nb)
    n = median_residual(
        np.asarray(values, np.float32),
        state.model.words,
        reference,
        terms,
        band_tables(state.bands, params),
        shift,
        level,
    )
    if n < MIN_REFERENCE:
        return zero
    most = MOST[0] + MOST[1] * np.maximum(level, 0)
    return np.clip(shift, -most, most).astype(np.float32)
