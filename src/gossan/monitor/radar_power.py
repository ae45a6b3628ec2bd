"""What radar would have seen: the smallest change it confirms with a stated chance.

No formula covers a rule with several conditions, so the monitor itself is run on simulated speckle,
seeded, and the change is found by bisection.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gossan.core.params import RadarParams
from gossan.core.values import Status
from gossan.kernels.radar_track import KIND_STEADY, STABLE
from gossan.monitor.loop import Follower, Held
from gossan.monitor.radar import RadarMonitor
from gossan.monitor.radar_scene import NEPER_DB, RadarObservation
from gossan.monitor.radar_state import RadarState, empty

PIXELS = 2000
"""Simulated pixels: a chance of 0.9 is known to 0.007."""
LARGEST_DB = 20.0
ROUNDS = 10
"""Of bisection: to 0.02 dB."""


@dataclass(frozen=True, slots=True)
class PixelStatistics:
    """Ground as the monitor knows it.

    Attributes
    ----------
    looks : equivalent number of looks of its noise, after averaging
    dof : degrees of freedom with which that is known
    history : looks its model is worth: those it rests on over the terms fitted, on average
    weight : how far a usual scene counts, 0..1
    revisit : days from scene to scene
    """

    looks: float
    dof: float
    history: float
    weight: float = 1.0
    revisit: int = 12


def detectable_db(
    ground: PixelStatistics, run: int, params: RadarParams, power: float = 0.9
) -> float:
    """Smallest fall of VV and VH together, dB, that is confirmed by its first `run` looks with
    the chance `power`. Infinite where not even 20 dB are."""
    low, high = 0.0, LARGEST_DB
    if _confirmed(ground, run, params, high) < power:
        return float("inf")
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        found = _confirmed(ground, run, params, middle) >= power
        low, high = (low, middle) if found else (middle, high)
    return high


def _confirmed(ground: PixelStatistics, run: int, params: RadarParams, db: float) -> float:
    """Share of simulated pixels confirmed after `run` looks at ground `db` darker."""
    rng = np.random.default_rng(0)
    zero = np.zeros(2)
    look = RadarObservation(zero, zero, zero, ground.weight, False, PIXELS)
    # a scene that counts by w spreads 1 / sqrt(w) times as much
    shape = ground.looks * ground.weight
    power = np.exp(-db / NEPER_DB) * rng.gamma(shape, 1 / shape, (run, 2, 1, PIXELS))
    days = ground.revisit * np.arange(1, run + 1, dtype=np.int32)
    seen = Held(power.astype(np.float32), np.ones((run, 1, PIXELS), np.bool_), days)
    monitor, common = RadarMonitor(params), dict.fromkeys(range(run), look)
    pixels = Follower(monitor, seen, lambda: _known(ground), (), common)
    for scene in range(run):
        pixels.take(scene)
    return float((pixels.state.dynamic.status == Status.CONFIRMED).mean())


def _known(ground: PixelStatistics) -> RadarState:
    """Pixels of level 1 and no season, with the model's uncertainty."""
    state = empty((1, PIXELS))
    m, d = state.model, state.dynamic
    m.kind[:], m.n_history[:], m.history_end[:] = KIND_STEADY, int(ground.history), 0
    m.spread[0] = 1 / ground.history
    m.looks[:], m.dof[:] = ground.looks, ground.dof
    d.status[:], d.last_unchanged[:] = STABLE, 0
    return state
