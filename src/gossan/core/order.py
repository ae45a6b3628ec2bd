"""Order that does not hang on the last bits, in which machines and libraries disagree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def as_shown(value: float, decimals: int = 2) -> float:
    """A number as a table shows it: lists are ordered by this, and ties by name."""
    return round(value, decimals) + 0.0


def steady(value: float) -> float:
    """A number to seven significant digits: what is chosen by this, e.g. the largest, is the same
    on another machine. Its own digits are left as they are wherever it is shown."""
    return float(f"{value:.7g}")


def steady_all(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """An array to seven digits of its largest finite size, for choosing among its elements."""
    largest = float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))
    if largest == 0.0:
        return values
    rounded: NDArray[np.float64] = np.round(values, 6 - int(np.floor(np.log10(largest))))
    return rounded
