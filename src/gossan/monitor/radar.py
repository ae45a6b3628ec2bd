"""Follow every pixel through radar images of one relative orbit, as `fit` and `step` do for
optical ones: learn a history, take one scene at a time, say what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.core.errors import Code, GossanError
from gossan.core.params import MEMORY, RadarParams
from gossan.core.sensor import Groups, NeverAnew, Observation, changed
from gossan.core.words import tr
from gossan.kernels.harmonic import YEAR_DAYS
from gossan.kernels.multilook import multilook as multilook_kernel
from gossan.kernels.radar_fit import fit_block
from gossan.kernels.radar_season import yearly
from gossan.kernels.radar_track import RadarRules, step_block
from gossan.monitor import radar_state as states
from gossan.monitor.radar_scene import (
    LEAST_WEIGHT,
    NEPER_DB,
    RadarObservation,
    RadarScene,
    fit_rules,
    learn_scene,
    look_of,
)
from gossan.monitor.radar_state import RadarState, copied, empty
from gossan.monitor.step import too_late

F32 = NDArray[np.float32]
BOOL = NDArray[np.bool_]


def average(values: F32, usable: BOOL, support: int) -> tuple[F32, BOOL]:
    """Mean over `support` x `support` pixels: values (2, y, x) and where there are any (y, x).

    A block needs `support // 2` pixels around it, cut off afterwards.
    """
    out = np.empty(values.shape, np.float32)
    seen = np.empty(usable.shape, np.bool_)
    multilook_kernel(np.asarray(values, np.float32), usable, support, out, seen)
    return out, seen


def fit_radar(
    values: F32,
    usable: BOOL,
    days: NDArray[np.int32],
    params: RadarParams,
    scene: RadarScene | None = None,
) -> RadarState:
    """State after a history.

    Parameters
    ----------
    values : VV and VH, linear power of one relative orbit, averaged (`average`), shape
        (time, 2, y, x); not positive or NaN is not usable
    usable : True where the ground was seen, shape (time, y, x)
    days : days since 1970-01-01, ascending, one observation per day, shape (time,)
    params : see RadarParams
    scene : what the scenes have in common, from `learn_scene` on a sample of the whole area. None
        learns it from these very values: only right where they are the whole area

    Raises GossanError(CUBE) when shapes or days do not fit together.
    """
    _check(values, usable, days)
    if scene is None:
        scene = learn_scene(values, usable, days, params)
    elif not np.array_equal(scene.days, days):
        raise GossanError(Code.CUBE, tr("The sample was learned on other days than the history."))
    state = empty((int(usable.shape[1]), int(usable.shape[2])))
    fit_block(
        np.asarray(values, np.float32),
        np.asarray(usable, np.bool_),
        np.asarray(days, np.int32),
        yearly(days),
        scene.terms(),
        fit_rules(scene, params),
        state.model,
        state.dynamic,
    )
    return state


def step_radar(
    state: RadarState,
    values: F32,
    usable: BOOL,
    day: int,
    params: RadarParams,
    look: RadarObservation,
) -> RadarState:
    """State after one more scene; `state` itself is not changed, the model is shared.

    Parameters
    ----------
    values : VV and VH, linear power, averaged, shape (2, y, x)
    usable : True where the ground was seen, shape (y, x)
    day : days since 1970-01-01
    params : those of the fit
    look : what the scene has in common, from `look_of` on the sample of the whole area

    Raises GossanError(STATE) when a usable pixel was already seen on that day or later, and
    GossanError(CUBE) when shapes do not fit.
    """
    if values.shape != (2, *state.shape) or usable.shape != state.shape:
        raise GossanError(
            Code.CUBE,
            tr(
                "Expected values of shape {expected} (VV, VH); found {found} and usable {usable}.",
                expected=(2, *state.shape),
                found=values.shape,
                usable=usable.shape,
            ),
        )
    seen = usable & (values > 0).all(axis=0) & np.isfinite(values).all(axis=0)
    late = seen & (state.dynamic.last_seen >= day)
    if late.any():
        newest = int(state.dynamic.last_seen[late].max())
        raise too_late(day, newest)
    dynamic = copied(state.dynamic)
    if look.weight >= LEAST_WEIGHT:
        step_block(
            dynamic,
            state.model,
            np.asarray(values, np.float32),
            seen,
            day,
            yearly(np.array([day], np.int32))[0],
            _season(),
            look.shift,
            look.slope,
            look.centre,
            look.weight,
            look.snow,
            rules(params),
        )
    return RadarState(state.model, dynamic)


@dataclass(frozen=True)
class RadarMonitor(NeverAnew[RadarState, RadarObservation]):
    """See `core.sensor.Monitor`; what a scene has in common is its weather and calibration.

    Attributes
    ----------
    params : of the monitor
    scene : what the scenes of the history have in common, None before it is prepared
    """

    params: RadarParams
    scene: RadarScene | None = None

    def prepared(self, values: F32, usable: BOOL, days: NDArray[np.int32]) -> RadarMonitor:
        """See `radar_scene.learn_scene`."""
        return replace(self, scene=learn_scene(values, usable, days, self.params))

    def resumed(self, meta: Mapping[str, Any]) -> RadarMonitor:
        """See `Monitor.resumed`."""
        return replace(self, scene=RadarScene.from_json(meta["scene"]))

    def fit(self, values: F32, usable: BOOL, days: NDArray[np.int32]) -> RadarState:
        """See `fit_radar`."""
        return fit_radar(values, usable, days, self.params, self.scene)

    def common(self, state: RadarState, seen: Observation) -> RadarObservation:
        """See `radar_scene.look_of`."""
        assert self.scene is not None
        values = seen.physical()
        return look_of(state, values, seen.usable, seen.day, self.scene, self.params)

    def step(
        self, state: RadarState, seen: Observation, common: RadarObservation
    ) -> tuple[RadarState, Groups]:
        """See `step_radar`."""
        values = seen.physical()
        after = step_radar(state, values, seen.usable, seen.day, self.params, common)
        return after, changed(state.groups(), after.groups())

    def copied(self, state: RadarState) -> RadarState:
        """Itself: a step leaves it as it is."""
        return state

    def restored(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> RadarState:
        """See `radar_state.from_arrays`."""
        return states.from_arrays(arrays, meta)

    def blank(self) -> RadarState:
        """See `Monitor.blank`."""
        return empty((1, 1))

    def meta(self) -> dict[str, Any]:
        """See `radar_state.meta`; with what the history's scenes have in common."""
        known = {} if self.scene is None else {"scene": self.scene.as_json()}
        return states.meta() | known

    def status(self, state: RadarState) -> NDArray[np.uint8]:
        """Status by the stored state: edges are sharpened when it is shown."""
        return state.dynamic.status

    def fit_note(self) -> dict[str, Any]:
        """Nothing: it stands in `meta`."""
        return {}

    def note(self, common: RadarObservation) -> dict[str, Any]:
        """Shift, slope, weight and snow of the scene."""
        return {
            "shift": common.shift.tolist(),
            "slope": common.slope.tolist(),
            "weight": common.weight,
            "snow": common.snow,
        }


def rules(params: RadarParams) -> RadarRules:
    """Scalars of the state machine; each look tests runs of `MEMORY` lengths (Bonferroni)."""
    return RadarRules(
        params.provisional_after,
        params.confirm_after,
        params.confirm_days,
        params.recover_after,
        float(-np.log(params.alpha_provisional / MEMORY)),
        float(-np.log(params.alpha_confirmed / MEMORY)),
        params.interval_doubt,
        params.snow_db / NEPER_DB,
    )


@lru_cache(maxsize=1)
def _season() -> NDArray[np.float64]:
    """Cosine and sine of the year by whole days of it, shape (366, 2)."""
    phase = 2 * np.pi * np.arange(366) / YEAR_DAYS
    return np.ascontiguousarray(np.stack([np.cos(phase), np.sin(phase)], axis=1))


def _check(values: F32, usable: BOOL, days: NDArray[np.int32]) -> None:
    nt = len(days)
    ny, nx = usable.shape[-2:]
    if values.shape != (nt, 2, ny, nx) or usable.shape != (nt, ny, nx):
        raise GossanError(
            Code.CUBE,
            tr(
                "Expected values of shape (time, 2 for VV and VH, y, x) and usable (time, y, x) "
                "for "
                "{nt} days; found {found} and {usable}.",
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
            tr("Merge the slices of one day before the fit."),
        )
