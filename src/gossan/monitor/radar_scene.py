"""What a whole radar scene has in common: rain, thaw, calibration, a shifted or snowy image.

A shower lifts the backscatter of a whole valley, a dry month lowers it, and neither is a change
of ground. So each scene is first compared with what its pixels are expected to show: the line of
the median difference over their level is the scene's and is taken off (bare soil answers rain more
than forest), and the spread around it says how far the scene can be trusted. This is learned on a
sample of the whole area that is the same for every block, so that no chunking can change it.

What it costs: a change of more than half of the area looks like weather, and is not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import polygamma
from scipy.stats import chi2

from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.params import RadarParams
from gossan.core.values import Status
from gossan.core.words import tr
from gossan.kernels.radar_break import RadarFitRules
from gossan.kernels.radar_fit import fit_block
from gossan.kernels.radar_season import TERMS, SceneTerms, yearly
from gossan.kernels.radar_track import KIND_NONE
from gossan.monitor.radar_state import RadarState, empty

F64 = NDArray[np.float64]
SAMPLE = 4096
"""Pixels of the sample: the median of as many is known to 1/50 of their spread."""

FEWEST = 30
"""Sampled pixels with a model without which weather cannot be told from change: not counted."""

NEPER_DB = 10 / np.log(10)
ROUNDS = 4
LEAST_DOF, MOST_DOF = 2.0, 200.0
LEAST_WEIGHT = 0.05
"""A scene that spreads more than 4.5 times as usual says nothing and is not counted."""


@dataclass(frozen=True)
class RadarScene:
    """What the history's scenes have in common, and the noise of the area's pixels.

    Attributes
    ----------
    days : int32 days of the history, ascending, shape (time,)
    shift, slope : of each scene, VV and VH, shape (time, 2): nepers, and nepers per neper of level
    weight : 0..1 by the spread of each scene, shape (time,)
    snow : True for scenes of wet snow, shape (time,)
    centre : level around which the slope turns, nepers, shape (2,)
    skew : median of a usual pixel's residuals, nepers, shape (2,): its level is such that the mean
        of its intensities is right, and the median of speckle's logarithm lies below that
    noise : variance of a usual pixel's residuals, nepers squared, shape (2,)
    noisy : the same that one ordinary pixel in twenty exceeds, shape (2,)
    prior_dof : how alike the pixels' noises are, degrees of freedom
    pixels : sampled pixels that had a model
    """

    days: NDArray[np.int32]
    shift: F64
    slope: F64
    weight: F64
    snow: NDArray[np.bool_]
    centre: F64
    skew: F64
    noise: F64
    noisy: F64
    prior_dof: float
    pixels: int

    def terms(self) -> SceneTerms:
        """The same for the kernels."""
        return SceneTerms(
            self.shift,
            self.slope,
            self.weight,
            self.centre,
            self.noise,
            self.noisy,
            self.prior_dof,
            self.snow,
        )

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON values, for the evidence and for a later run."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in self.__dict__.items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> RadarScene:
        """What `as_json` gave, bit for bit."""
        names = ("shift", "slope", "weight", "centre", "skew", "noise", "noisy")
        shift, slope, weight, centre, skew, noise, noisy = (
            np.array(values[n], float) for n in names
        )
        return cls(
            np.array(values["days"], np.int32),
            shift,
            slope,
            weight,
            np.array(values["snow"], np.bool_),
            centre,
            skew,
            noise,
            noisy,
            float(values["prior_dof"]),
            int(values["pixels"]),
        )


@dataclass(frozen=True)
class RadarObservation:
    """What one scene after the history has in common.

    Attributes
    ----------
    shift, slope, centre : as in RadarScene, shape (2,)
    weight : 0..1, how far the scene counts; below 0.05 it does not
    snow : True for a scene of wet snow
    pixels : sampled pixels it was learned from
    """

    shift: F64
    slope: F64
    centre: F64
    weight: float
    snow: bool
    pixels: int


def sample_pixels(inside: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the area's sample, spread evenly: the same for the same area."""
    rows, cols = np.nonzero(inside)
    take = np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).round().astype(np.int64)
    return rows[take], cols[take]


def learn_scene(
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    params: RadarParams,
) -> RadarScene:
    """Learn from the sample: values (time, 2, y, x) linear power, usable (time, y, x), days.

    Pixel models and what scenes have in common depend on each other and are found in turns.
    Raises GossanError(CUBE) where hardly a pixel of the sample has enough looks.
    """
    X = yearly(days)
    logs = _logs(values, usable)
    nt = len(days)
    noise = np.full(2, polygamma(1, 4.4))
    scene = RadarScene(
        days,
        _medians(logs),
        np.zeros((nt, 2)),
        np.ones(nt),
        np.zeros(nt, bool),
        np.zeros(2),
        np.zeros(2),
        noise,
        4 * noise,
        LEAST_DOF,
        0,
    )
    for _ in range(ROUNDS):
        state = empty(usable.shape[1:])
        fit_block(
            np.asarray(values, np.float32),
            usable,
            days,
            X,
            scene.terms(),
            fit_rules(scene, params),
            state.model,
            state.dynamic,
        )
        scene = _again(scene, state, logs, X, params)
    return scene


def look_of(
    state: RadarState,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    day: int,
    scene: RadarScene,
    params: RadarParams,
) -> RadarObservation:
    """What a scene has in common, from the sample's state before it and its values (2, y, x).

    Only pixels that are not changed so far are asked.
    """
    m = state.model
    stable = (m.kind != KIND_NONE) & (state.dynamic.status == Status.STABLE)
    logs = _logs(values[None], usable[None] & stable)[0]
    rest = logs - _predicted(state, yearly(np.array([day], np.int32)))[0]
    n = int(np.isfinite(rest).all(axis=0).sum())
    zero = np.zeros(2)
    if n < FEWEST:
        return RadarObservation(zero, zero, scene.centre, 0.0, False, n)
    level = m.coef[:, 0].astype(np.float64) - scene.centre[:, None, None]
    snow, rest = _without_snow(rest, day, params)
    lines = [_line(level[c], rest[c]) for c in range(2)]
    shift, slope = (np.array([line[i] for line in lines]) for i in range(2))
    if 2 * int(np.isfinite(rest).all(axis=0).sum()) < n:
        return RadarObservation(shift - scene.skew, slope, scene.centre, 0.0, snow, n)
    rest -= shift[:, None, None] + slope[:, None, None] * level
    # a prediction is as uncertain as a look and the model behind it
    sigma = np.sqrt(
        (1 + _lever(state, yearly(np.array([day], np.int32))[0])) / np.maximum(m.looks, 0.5)
    )
    spread = [_spread(rest[c] / sigma[c]) for c in range(2)]
    weight = min(1.0, 1.0 / max(max(spread), 1e-6) ** 2)
    return RadarObservation(shift - scene.skew, slope, scene.centre, weight, snow, n)


def fit_rules(scene: RadarScene, params: RadarParams) -> RadarFitRules:
    """Scalars of the fit. The ridge is the prior of the season's size against the noise."""
    size = (params.season_db / NEPER_DB) ** 2
    return RadarFitRules(
        params.min_observations,
        params.min_side,
        float(scene.noise.mean() / size),
        params.alpha_history,
        params.darkest_db / NEPER_DB,
        params.snow_db / NEPER_DB,
    )


def _again(
    scene: RadarScene, state: RadarState, logs: F64, X: F64, params: RadarParams
) -> RadarScene:
    """The scene's share given the pixels' models, and the noise that is left."""
    fitted = state.model.kind != KIND_NONE
    if int(fitted.sum()) < FEWEST:
        raise GossanError(
            Code.CUBE,
            tr(
                "Only {found} pixels of the sample have the {needed} "
                "radar looks a model needs in the {n_days} scenes of the history.",
                found=int(fitted.sum()),
                needed=params.min_observations,
                n_days=len(scene.days),
            ),
            tr("Start earlier, let the history end later, or choose another orbit."),
        )
    nt = len(scene.days)
    rest = np.where(fitted, logs - _predicted(state, X), np.nan)
    level = np.where(fitted, state.model.coef[:, 0], np.nan).astype(np.float64)
    centre = np.nanmedian(level, axis=(1, 2))
    level -= centre[:, None, None]
    shift, slope, spread = np.zeros((nt, 2)), np.zeros((nt, 2)), np.full((nt, 2), np.nan)
    snow = np.zeros(nt, bool)
    asked = np.isfinite(rest).all(axis=1).sum(axis=(1, 2))
    for t in range(nt):
        snow[t], rest[t] = _without_snow(rest[t], int(scene.days[t]), params)
        for c in range(2):
            shift[t, c], slope[t, c] = _line(level[c], rest[t, c])
        rest[t] -= shift[t][:, None, None] + slope[t][:, None, None] * level
        if 2 * int(np.isfinite(rest[t]).all(axis=0).sum()) >= max(asked[t], 1):
            spread[t] = [_spread(rest[t, c]) for c in range(2)]
    usual = _nanmedian(spread, 0)
    weight = np.nan_to_num(np.minimum(1.0, (usual / np.maximum(spread, 1e-6)) ** 2).min(axis=1))
    weight = np.where(weight < LEAST_WEIGHT, 0.0, weight)
    noise, noisy, dof = _noise(rest, weight)
    skew = np.median(shift, axis=0)
    return RadarScene(
        scene.days,
        shift - skew,
        slope,
        weight,
        snow,
        centre,
        skew,
        noise,
        noisy,
        dof,
        int(fitted.sum()),
    )


def _predicted(state: RadarState, X: F64) -> F64:
    """Level and season of every pixel without what scenes have in common, (time, 2, y, x)."""
    out: F64 = np.einsum("ta,cayx->tcyx", X, state.model.coef.astype(np.float64))
    return out


def _lever(state: RadarState, terms: F64) -> F64:
    """Variance of the model's prediction in units of one look's, shape (y, x)."""
    total = np.zeros(state.shape)
    k = 0
    for a in range(TERMS):
        for b in range(a + 1):
            total += (1 if a == b else 2) * terms[a] * terms[b] * state.model.spread[k]
            k += 1
    return total


def _logs(values: NDArray[np.float32], usable: NDArray[np.bool_]) -> F64:
    """ln of usable, positive power (time, 2, y, x); NaN elsewhere."""
    good = usable[:, None] & np.isfinite(values) & (values > 0)
    good &= good.all(axis=1, keepdims=True)
    return np.log(np.where(good, values, np.nan), dtype=np.float64)


def _medians(logs: F64) -> F64:
    """Median over pixels of each scene's difference to each pixel's median, (time, 2)."""
    with np.errstate(invalid="ignore"):
        level = _nanmedian(logs, 0)
    flat = (logs - level).reshape(*logs.shape[:2], -1)
    return np.nan_to_num(_nanmedian(flat, 2))


def _nanmedian(a: F64, axis: int) -> F64:
    """Median over what is known; NaN, without a warning, where nothing is."""
    known = np.isfinite(a).any(axis=axis, keepdims=True)
    median = np.nanmedian(np.where(known, a, 0.0), axis=axis, keepdims=True)
    return np.asarray(np.where(known, median, np.nan)).squeeze(axis)


def _line(level: F64, rest: F64) -> tuple[float, float]:
    """Shift at level 0 and slope of the median of `rest` over `level`: Huber's line."""
    good = np.isfinite(rest) & np.isfinite(level)
    if int(good.sum()) < FEWEST:
        return 0.0, 0.0
    x, y = level[good], rest[good]
    A = np.stack([np.ones_like(x), x], axis=1)
    spread = max(_spread(y), 1e-6)
    # as if ten looks at each side of a usual level had shown no slope: nothing to learn
    # from an area of one kind of ground
    prior = np.diag([0.0, 10.0 * 0.2**2])
    w = np.ones_like(y)
    at = np.array([np.median(y), 0.0])
    for _ in range(20):
        r = np.abs(y - A @ at) / spread
        w = 1.0 / np.maximum(1.0, r / 0.5)  # 0.5: close to the median, still smooth
        G = (A * w[:, None]).T @ A + prior
        at = np.linalg.solve(G, (A * w[:, None]).T @ y)
    return float(at[0]), float(at[1])


def _spread(a: F64) -> float:
    """Robust standard deviation about zero of what is known; NaN without pixels."""
    known = a[np.isfinite(a)]
    return 1.4826 * float(np.median(np.abs(known))) if known.size else float("nan")


def _noise(rest: F64, weight: F64) -> tuple[F64, F64, float]:
    """Noise of a usual pixel, of a noisy one, and the degrees of freedom of their likeness."""
    seen = np.isfinite(rest[:, 0]) & (weight > 0)[:, None, None]
    own = np.maximum(seen.sum(axis=0) - TERMS, 1)
    square = np.where(seen[:, None], rest, 0.0) ** 2 * weight[:, None, None, None]
    enough = seen.sum(axis=0) > 2 * TERMS
    noise, noisy, dofs = np.zeros(2), np.zeros(2), []
    typical = float(np.median(own[enough]))
    for c in range(2):
        logs = np.log(np.maximum((square[:, c].sum(axis=0) / own)[enough], 1e-6))
        low, middle, high = np.quantile(logs, [0.25, 0.5, 0.75])
        surplus = ((high - low) / 1.349) ** 2 - float(polygamma(1, typical / 2))
        dofs.append(_dof_of(surplus))
        noise[c] = np.exp(middle) / (chi2.median(typical) / typical)
    dof = float(np.mean(dofs))
    noisy[:] = noise * dof / chi2.ppf(0.05, dof)
    return noise, noisy, dof


def _dof_of(surplus: float) -> float:
    """Degrees of freedom d with trigamma(d / 2) = surplus, by bisection."""
    low, high = LEAST_DOF, MOST_DOF
    if surplus <= float(polygamma(1, high / 2)):
        return high
    if surplus >= float(polygamma(1, low / 2)):
        return low
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if polygamma(1, middle / 2) > surplus else (low, middle)
    return 0.5 * (low + high)


def _without_snow(rest: F64, day: int, params: RadarParams) -> tuple[bool, F64]:
    """Whether a scene shows wet snow, and `rest` (2, y, x) with NaN where it lies.

    Snow is looked for in the cold half of the year, poleward of 25 degrees, and found where many
    pixels fell: wet snow lies 3 dB or more below the same ground dry or bare (Nagler & Rott 2000,
    IEEE TGRS 38(2):754-765), in both polarisations. `rest` is what remains of the pixels' own level
    and season, before anything that the scene has in common: snow may cover all of it.
    """
    if params.latitude is None or abs(params.latitude) < 25:
        return False, rest
    month = from_day(day).month
    cold = month in (11, 12, 1, 2, 3, 4, 5) if params.latitude > 0 else 5 <= month <= 11
    known = np.isfinite(rest).all(axis=0)
    if not cold or not known.any():
        return False, rest
    fall = params.snow_db / NEPER_DB
    fallen = known & (rest[0] < -fall) & (rest[1] < -fall)
    if fallen[known].mean() < params.snow_share:
        return False, rest
    return True, np.where(fallen, np.nan, rest)
