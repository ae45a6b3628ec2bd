"""Critical values, computed once per run from the parameters."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from gossan.kernels.history import FitRules
from gossan.kernels.track import Rules
from gossan.monitor.params import MonitorParams

MAX_DOF = 400


@lru_cache(maxsize=16)
def d2_limits(bands: int, alpha: float) -> NDArray[np.float32]:
    """D2 that unchanged ground exceeds with probability `alpha`, shape (MAX_DOF + 1,).

    Hotelling: with a covariance from v degrees of freedom, D2 is distributed as
    bands v / (v - bands + 1) F(bands, v - bands + 1). Shrinking the correlations (see
    `shrinkage`) is worth `shrinkage` further degrees of freedom.
    """
    v = np.arange(MAX_DOF + 1, dtype=np.float64) + shrinkage(bands)
    rest = v - bands + 1
    limit: NDArray[np.float32] = (
        bands * v / rest * f_distribution.ppf(1 - alpha, bands, rest)
    ).astype(np.float32)
    return limit


@lru_cache(maxsize=16)
def break_limits(n: int, bands: int, terms: int, params: MonitorParams) -> NDArray[np.float64]:
    """Critical F of the best split by number of observations, shape (n + 1,); inf if too few."""
    out = np.full(n + 1, np.inf)
    for k in range(n + 1):
        splits = k - params.break_before - params.break_after + 1
        rest = k - terms - 1 - bands + 1
        if splits > 0 and rest > 1:
            out[k] = f_distribution.ppf(1 - params.break_alpha / splits, bands, rest)
    return out


def shrinkage(bands: int) -> float:
    """Observations the prior of uncorrelated bands is worth."""
    return float(bands + 2)


def ridge(params: MonitorParams) -> NDArray[np.float64]:
    """Prior precision of every term, shape (1 + 2 harmonics,)."""
    steps = (params.ridge_first, params.ridge_second)[: params.harmonics]
    return np.array([0.0, *(r for r in steps for _ in range(2))])


def rules(bands: tuple[str, ...], params: MonitorParams) -> Rules:
    """Scalars of the state machine."""
    return Rules(
        params.provisional_after,
        params.confirm_after,
        params.recover_after,
        params.guard_limit,
        bands.index("B02") if "B02" in bands else -1,
        bands.index("B04") if "B04" in bands else -1,
    )


def fit_rules(bands: tuple[str, ...], params: MonitorParams) -> FitRules:
    """Scalars of the fit. Tukey's cut at sqrt(bands) + 3.7 keeps 95 % efficiency in any
    dimension (4.685 for one); winsorising at 3.5 standard deviations per band."""
    nb = len(bands)
    return FitRules(
        params.min_observations,
        params.passes,
        float((np.sqrt(nb) + 3.685) ** 2 / nb),
        3.5,
        shrinkage(nb),
        params.break_before,
        params.break_after,
        params.noise_floor,
        params.noise_share,
    )
