"""Exact interval of a share that was counted."""

from __future__ import annotations

from scipy.special import betaincinv


def exact_interval(seen: int, n: int, level: float) -> tuple[float, float]:
    """Interval of the chance behind `seen` of `n` (Clopper & Pearson 1934); (0, 1) for none."""
    rest = (1 - level) / 2
    low = 0.0 if seen == 0 else float(betaincinv(seen, n - seen + 1, rest))
    high = 1.0 if seen == n else float(betaincinv(seen + 1, n - seen, 1 - rest))
    return low, high
