"""Calibration by samples somebody took in the water, and the error it leaves on other dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEAST_DATES = 2
LEAST_SAMPLES = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A sample and what the scene of its day says at its place, both > 0, same unit."""

    day: date
    sampled: float
    seen: float


@dataclass(frozen=True, slots=True)
class Errors:
    """How far estimates lie from samples.

    Attributes
    ----------
    n : pairs
    bias : median of estimate / sample - 1
    error : median of |estimate / sample - 1|
    rank : Spearman's correlation, NaN where it has no meaning
    log_sd : standard deviation of ln(estimate / sample)
    date_sd : the same of the dates' medians: what all of a scene shares
    """

    n: int
    bias: float
    error: float
    rank: float
    log_sd: float
    date_sd: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """One factor for all dates.

    Attributes
    ----------
    factor : sample / estimate, median over samples
    before : errors without it
    left_out : errors of each date with the factor of the other dates
    dates, samples : how many it rests on
    """

    factor: float
    before: Errors
    left_out: Errors
    dates: int
    samples: int


def calibrate(matches: Sequence[Match]) -> Calibration | None:
    """The factor and its leave-one-date-out errors; None with too few dates or samples.

    One factor and no more: a few dates bear no slope (bench/water.py shows what one costs).
    """
    days = sorted({m.day for m in matches})
    if len(days) < LEAST_DATES or len(matches) < LEAST_SAMPLES:
        return None
    at = np.array([days.index(m.day) for m in matches])
    sampled, seen = (np.array([getattr(m, k) for m in matches]) for k in ("sampled", "seen"))
    log = np.log(sampled / seen)
    held_out = np.array([np.median(log[at != i]) for i in at])
    return Calibration(
        float(np.exp(np.median(log))),
        errors(seen, sampled, at),
        errors(seen * np.exp(held_out), sampled, at),
        len(days),
        len(matches),
    )


def errors(
    estimated: NDArray[np.float64], sampled: NDArray[np.float64], at: NDArray[np.int64]
) -> Errors:
    """Errors of estimates, all > 0; `at` numbers the date of each pair."""
    ratio = estimated / sampled
    flat = len(set(estimated)) < 2 or len(set(sampled)) < 2
    rank = float("nan") if flat else float(stats.spearmanr(estimated, sampled).statistic)
    medians = [float(np.median(np.log(ratio[at == i]))) for i in np.unique(at)]
    spread = float(np.std(medians, ddof=1)) if len(medians) > 1 else float("nan")
    return Errors(
        len(ratio),
        float(np.median(ratio) - 1),
        float(np.median(np.abs(ratio - 1))),
        rank,
        float(np.std(np.log(ratio), ddof=1)) if len(ratio) > 1 else float("nan"),
        spread,
    )
