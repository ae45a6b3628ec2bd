"""What radar would have seen: the smallest change it finds with a stated chance."""

from __future__ import annotations

import numpy as np
from scipy.stats import ncx2

from gossan.monitor.radar import rules
from gossan.monitor.radar_params import RadarParams
from gossan.monitor.radar_scene import NEPER_DB


def detectable_db(
    looks: float, history: float, run: int, params: RadarParams, power: float = 0.9
) -> float:
    """Smallest change of VV and VH together, dB, confirmed by its first `run` looks.

    looks : equivalent number of looks of the pixel's noise, after averaging
    history : looks the model rests on

    z of a true change u (nepers) is non-central chi-square with 2 degrees of freedom and
    non-centrality 2 looks ab/(a + b) u^2, a and b being the looks of history and run; it must
    reach what `params` ask of a confirmation. Infinite where the run is too short to confirm.
    """
    if run < params.confirm_after:
        return float("inf")
    needed = 2.0 * rules(params).sure
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if ncx2.sf(needed, 2, middle) < power else (low, middle)
    worth = history * run / (history + run)
    return float(NEPER_DB * np.sqrt(high / (2.0 * looks * worth)))
