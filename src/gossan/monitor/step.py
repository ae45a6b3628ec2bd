"""One scene further."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.kernels.harmonic import basis
from gossan.kernels.track import step_block
from gossan.monitor.limits import d2_limits, rules
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import MonitorState, copied


def step(
    state: MonitorState,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    day: int,
    params: MonitorParams,
) -> MonitorState:
    """State after one more scene; `state` itself is not changed, the model is shared.

    Parameters
    ----------
    values : reflectance, shape (bands, y, x); a pixel with a NaN is not usable
    usable : True where the ground was seen, shape (y, x)
    day : days since 1970-01-01
    params : those of the fit

    Raises GossanError(STATE) when a usable pixel was already seen on that day or later, and
    GossanError(CUBE) when shapes do not fit.
    """
    expected = (len(state.bands), *state.shape)
    if values.shape != expected or usable.shape != state.shape:
        raise GossanError(
            Code.CUBE,
            f"Expected values of shape {expected} for bands {', '.join(state.bands)}; "
            f"found {values.shape} and usable {usable.shape}.",
        )
    seen = usable & np.isfinite(values).all(axis=0)
    late = seen & (state.dynamic.last_seen >= day)
    if late.any():
        newest = int(state.dynamic.last_seen[late].max())
        raise GossanError(
            Code.STATE,
            f"A scene of {from_day(day)} came after one of {from_day(newest)} was counted.",
            "Go back to the state before it and count the scenes in order.",
        )
    dynamic = copied(state.dynamic)
    m = state.model
    terms = basis(np.array([day], np.int32), params.harmonics)[0].astype(np.float32)
    step_block(
        dynamic, m.kind, m.dof, m.coef, m.white, m.spread, np.asarray(values, np.float32), seen,
        day, terms, d2_limits(len(state.bands), params.alpha), rules(state.bands, params),
    )  # fmt: skip
    return MonitorState(state.bands, m, dynamic)
