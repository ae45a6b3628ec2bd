"""One scene further."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams
from gossan.core.words import tr
from gossan.kernels.track import step_block
from gossan.monitor.state import MonitorState
from gossan.monitor.tables import band_tables, rules, scene_terms


@dataclass(frozen=True)
class Calibration:
    """How the numbers of a scene become reflectance, by band, float32 arrays (bands,).

    Attributes
    ----------
    scale, offset : reflectance = number * scale + offset
    shift : reflectance all ground is off by in this scene, taken off (see `monitor.scene`)
    """

    scale: NDArray[np.float32]
    offset: NDArray[np.float32]
    shift: NDArray[np.float32]

    @classmethod
    def reflectance(cls, bands: int, shift: NDArray[np.float32] | None = None) -> Calibration:
        """For numbers that are reflectance already."""
        zero = np.zeros(bands, np.float32)
        return cls(zero + 1, zero, zero if shift is None else np.asarray(shift, np.float32))


def step_into(
    state: MonitorState,
    values: NDArray[np.float32] | NDArray[np.uint16],
    usable: NDArray[np.bool_],
    day: int,
    params: MonitorParams,
    calibration: Calibration | None = None,
) -> bool:
    """Take `state`, which is written to, one scene further: copying 34 bytes a pixel would cost
    as much as the step. Returns whether any event changed.

    Parameters
    ----------
    values : shape (bands, y, x): float32 reflectance, a pixel with a NaN is not usable; or
        uint16 numbers with a calibration
    usable : True where the ground was seen, shape (y, x)
    day : days since 1970-01-01
    params : those of the fit
    calibration : None for reflectance without a shift

    Raises GossanError(STATE) when a usable pixel was already seen on that day or later, after
    which `state` is of no further use, and GossanError(CUBE) when shapes do not fit.
    """
    expected = (len(state.bands), *state.shape)
    if values.shape != expected or usable.shape != state.shape:
        raise GossanError(
            Code.CUBE,
            tr(
                "Expected values of shape {expected} for bands {bands}; "
                "found {found} and usable {usable}.",
                expected=expected,
                bands=", ".join(state.bands),
                found=values.shape,
                usable=usable.shape,
            ),
        )
    seen = usable
    if values.dtype != np.uint16:
        values = np.asarray(values, np.float32)
        seen = usable & np.isfinite(values).all(axis=0)
    c = calibration or Calibration.reflectance(len(state.bands))
    eventful, late = step_block(
        state.dynamic,
        state.events,
        state.model.words,
        state.model.trust,
        values,
        np.asarray(seen, np.bool_),
        day,
        scene_terms(day, params.harmonics, c.scale, c.offset, c.shift),
        band_tables(state.bands, params),
        rules(state.bands, params),
    )
    if late:
        raise too_late(day, late)
    return bool(eventful)


def too_late(day: int, late: int | np.int64) -> GossanError:
    """A scene of `day` came after one of `late`, days since 1970-01-01."""
    return GossanError(
        Code.STATE,
        tr(
            "A scene of {day} came after one of {late} was counted.",
            day=from_day(day),
            late=from_day(late),
        ),
        tr("Go back to the state before it and count the scenes in order."),
    )
