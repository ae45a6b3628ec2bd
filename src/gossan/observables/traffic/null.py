"""What chance makes of a scene: counts under orders of bands that no motion can make."""

from __future__ import annotations

import math
from collections.abc import Sequence
from math import fsum

from scipy import stats

from gossan.core.values import Measurement

LEVEL = 0.95
METHOD = "traffic.null.v1"
EXCESS = "traffic.excess.v1"


def expected(counts: Sequence[float], scene: str) -> Measurement:
    """The false detections to expect in one scene, from its counts under the null's orders.

    The interval holds one more such count: a gamma-Poisson predictive one, in which orders that
    differ by more than chance count for fewer.
    """
    n = len(counts)
    mean = fsum(counts) / n
    variance = fsum((c - mean) ** 2 for c in counts) / max(n - 1, 1)
    worth = n / max(1.0, variance / mean if mean > 0 else 1.0)
    shape, rate = mean * worth + 0.5, worth
    predictive = stats.nbinom(shape, rate / (rate + 1))
    tail = (1 - LEVEL) / 2
    low, high = float(predictive.ppf(tail)), float(predictive.ppf(1 - tail))
    return Measurement(
        "expected false detections",
        mean,
        "1",
        min(low, mean),
        max(high, mean),
        LEVEL,
        METHOD,
        (scene,),
    )


def excess(found: int, counts: Sequence[float], scene: str) -> Measurement:
    """Detections in excess of the null, with an interval.

    Two counts and their difference: the intervals of each are put together by the method of
    variance estimates recovery (Zou & Donner 2008, doi:10.1002/sim.3095).
    """
    n = len(counts)
    mean = fsum(counts) / n
    variance = fsum((c - mean) ** 2 for c in counts) / max(n - 1, 1)
    over = max(1.0, variance / mean if mean > 0 else 1.0)
    low, high = poisson_interval(found)
    total = fsum(counts) / over
    null_low, null_high = (v * over / n for v in poisson_interval(total))
    value = found - mean
    return Measurement(
        "detections in excess of the null",
        value,
        "1",
        value - math.hypot(found - low, null_high - mean),
        value + math.hypot(high - found, mean - null_low),
        LEVEL,
        EXCESS,
        (scene,),
    )


def poisson_interval(count: float) -> tuple[float, float]:
    """Exact interval of the mean behind a Poisson count (Garwood 1936); the count may be a
    fraction, as after scaling."""
    tail = (1 - LEVEL) / 2
    low = float(stats.gamma.ppf(tail, count)) if count > 0 else 0.0
    return low, float(stats.gamma.ppf(1 - tail, count + 1))
