"""What the kernels need, computed once from the parameters and the bands."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams
from gossan.core.values import BANDS
from gossan.core.words import tr
from gossan.kernels.harmonic import YEAR_DAYS, basis
from gossan.kernels.history import Dates, FitRules
from gossan.kernels.noise import USUAL_SHARE
from gossan.kernels.pack import SLOTS
from gossan.kernels.score import Bands, SceneTerms
from gossan.kernels.track import EVIDENCE_STEP, Rules

MAX_DOF = 400
FOLLOWED = ("B02", "B04", "B08", "B11", "B12", "B8A", "B03")
"""Bands in the order in which the monitor wants them; it follows the first five there are."""

CORRELATION = {
    ("B02", "B03"): 0.8, ("B02", "B04"): 0.6, ("B02", "B08"): 0.3, ("B02", "B8A"): 0.3,
    ("B02", "B11"): 0.15, ("B02", "B12"): 0.2, ("B03", "B04"): 0.8, ("B03", "B08"): 0.4,
    ("B03", "B8A"): 0.4, ("B03", "B11"): 0.35, ("B03", "B12"): 0.35, ("B04", "B08"): 0.15,
    ("B04", "B8A"): 0.15, ("B04", "B11"): 0.5, ("B04", "B12"): 0.55, ("B08", "B8A"): 0.9,
    ("B08", "B11"): 0.4, ("B08", "B12"): 0.25, ("B8A", "B11"): 0.4, ("B8A", "B12"): 0.25,
    ("B11", "B12"): 0.8,
}  # fmt: skip
"""How the errors of two bands go together, in round numbers: aerosol joins the visible bands,
leaf water joins the two short-wave ones, leaf area the two near-infrared ones."""

ANOMALY = {
    "B02": (0.0, 0.0),
    "B03": (0.0, 0.0),
    "B04": (0.3, 0.3),
    "B08": (-1.0, 0.0),
    "B8A": (-1.0, 0.0),
    "B11": (0.3, 1.0),
    "B12": (0.5, 1.2),
}
"""Relative change of a band when plants lose leaves, and when they lose water: less near
infrared and more red; more short-wave infrared (Ceccato et al. 2001; Gao 1996)."""


FOUL_SHARE = 0.05
"""About so many looks of a history are unmasked cloud or shadow."""


def followed(bands: tuple[str, ...]) -> tuple[str, ...]:
    """The bands a monitor follows of those there are, in canonical order.

    Raises GossanError (CUBE) for fewer than two.
    """
    chosen = [b for b in FOLLOWED if b in bands][:SLOTS]
    if len(chosen) < 2:
        raise GossanError(
            Code.CUBE,
            tr(
                "The monitor needs at least two of the bands {bands}; found {found}.",
                bands=", ".join(BANDS),
                found=", ".join(bands) or tr("none"),
            ),
        )
    return tuple(b for b in BANDS if b in chosen)


@lru_cache(maxsize=16)
def band_tables(bands: tuple[str, ...], params: MonitorParams) -> Bands:
    """What the score needs to know of the bands, by slot."""
    n = len(bands)
    if not 1 <= n <= SLOTS or any(b not in BANDS for b in bands):
        raise GossanError(
            Code.CUBE,
            tr(
                "The monitor follows one to {most} of the bands {bands}; found {found}.",
                most=SLOTS,
                bands=", ".join(BANDS),
                found=", ".join(bands),
            ),
        )
    c = np.eye(SLOTS)
    for i, a in enumerate(bands):
        for j, b in enumerate(bands[:i]):
            c[i, j] = c[j, i] = CORRELATION[(b, a)]
    white = np.linalg.inv(np.linalg.cholesky(c)).astype(np.float32)
    gain, on = np.ones(SLOTS, np.float32), np.zeros(SLOTS, np.float32)
    anomaly = np.zeros((2, SLOTS), np.float32)
    for i, b in enumerate(bands):
        gain[i] = 1 if b in ("B02", "B03", "B04") else 2
        on[i] = 1
        anomaly[:, i] = np.float32(params.anomaly) * np.array(ANOMALY[b], np.float32)

    def slot(*names: str) -> int:
        return next((bands.index(b) for b in names if b in bands), -1)

    return Bands(
        gain, on, white, anomaly, slot("B02"), slot("B04"), slot("B08", "B8A"), slot("B12", "B11")
    )


@lru_cache(maxsize=16)
def rules(bands: tuple[str, ...], params: MonitorParams) -> Rules:
    """Scalars of the state machine."""

    def steps(nats: float) -> int:
        return round(nats * EVIDENCE_STEP)

    return Rules(
        np.float32(chi2.ppf(1 - params.alpha, len(bands))),
        steps(-np.log(params.odd_share)),
        steps(-np.log(params.cloud_share)),
        steps(params.step_back),
        np.float32(1 / params.memory_days),
        steps(params.provisional_evidence),
        steps(params.confirm_evidence),
        params.confirm_looks,
        params.recover_after,
        params.recover_days,
        len(bands),
    )


def fit_rules(bands: tuple[str, ...], params: MonitorParams, n: int) -> FitRules:
    """Scalars and tables of a fit of at most `n` looks.

    Tukey's cut at sqrt(bands) + 3.7 keeps 95 % efficiency in any dimension (4.685 for one);
    winsorising at 3.5 standard deviations per band.
    """
    nb = len(bands)
    steps = (params.ridge_first, params.ridge_second)
    ridge = np.array([0.0, *(r for r in steps for _ in range(2))])
    quarters = np.round(np.arange(4) * YEAR_DAYS / 4).astype(np.int32)
    return FitRules(
        params.min_observations,
        float((np.sqrt(nb) + 3.685) ** 2 / nb),
        3.5,
        float(nb + 2),
        params.break_before,
        params.break_after,
        params.noise_floor,
        params.noise_share,
        float(chi2.ppf(1 - params.break_alpha, nb)),
        ridge,
        break_limits(n, nb, params),
        shares(),
        basis(quarters, params.harmonics),
        float(chi2.ppf(USUAL_SHARE / (1 - FOUL_SHARE), nb)),
    )


@lru_cache(maxsize=1)
def shares() -> NDArray[np.float64]:
    """Share of a squared deviation that counts by degrees of freedom, shape (MAX_DOF + 1,).

    A standard deviation learned from few looks makes Student's t of a normal deviate: a
    deviation counts by how rare it is, taken where it matters (two-sided 0.0002).
    """
    rare = 1e-4
    dof = np.maximum(np.arange(MAX_DOF + 1), 1)
    share: NDArray[np.float64] = (norm.ppf(1 - rare) / t_distribution.ppf(1 - rare, dof)) ** 2
    return share


@lru_cache(maxsize=16)
def break_limits(n: int, bands: int, params: MonitorParams) -> NDArray[np.float64]:
    """Critical F of the best split by number of observations, shape (n + 1,); inf if too few."""
    out = np.full(n + 1, np.inf)
    terms = 1 + 2 * params.harmonics
    for k in range(n + 1):
        splits = k - params.break_before - params.break_after + 1
        rest = k - terms - 1 - bands + 1
        if splits > 0 and rest > 1:
            out[k] = f_distribution.ppf(1 - params.break_alpha / splits, bands, rest)
    return out


def dates(days: NDArray[np.int32], harmonics: int) -> Dates:
    """What a fit needs to know of its dates."""
    phase = np.asarray(days, np.float64) / YEAR_DAYS % 1 * 4
    season = np.floor(phase).astype(np.int64)
    return Dates(
        np.asarray(days, np.int32),
        basis(days, harmonics),
        season,
        (phase - season).astype(np.float32),
    )


def scene_terms(
    day: int,
    harmonics: int,
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    shift: NDArray[np.float32],
) -> SceneTerms:
    """What the score needs to know of one scene; scale, offset and shift by band."""
    d = dates(np.array([day], np.int32), harmonics)

    def slots(a: NDArray[np.float32]) -> NDArray[np.float32]:
        out = np.zeros(SLOTS, np.float32)
        out[: len(a)] = a
        return out

    return SceneTerms(
        d.X[0].astype(np.float32),
        slots(scale),
        slots(offset),
        slots(shift),
        int(d.season[0]),
        d.part[0],
    )
