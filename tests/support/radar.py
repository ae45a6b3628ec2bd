"""Simulated radar for tests: gamma speckle on a small area, two channels, changes on demand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gossan.core.params import RadarParams
from gossan.monitor.loop import Follower, Held, learn
from gossan.monitor.radar import RadarMonitor
from gossan.monitor.radar_scene import RadarScene, sample_pixels
from gossan.monitor.radar_state import RadarState

GROUND = np.array([0.16, 0.035])  # linear power of forest in VV and VH
HISTORY = 40
"""Looks of a history, 12 days apart."""


@dataclass(frozen=True)
class Scenes:
    """values (time, 2, y, x), usable (time, y, x), days (time,); `HISTORY` are learned."""

    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]


def scenes(
    later: int = 20, side: int = 12, looks: float = 16.0, seed: int = 0, revisit: int = 12
) -> Scenes:
    """Steady ground with levels that differ from pixel to pixel; `later` scenes to be stepped."""
    rng = np.random.default_rng(seed)
    nt = HISTORY + later
    level = GROUND[:, None, None] * np.exp(rng.normal(0, 0.25, (1, side, side)))
    values = level * rng.gamma(looks, 1 / looks, (nt, 2, side, side))
    days = (17000 + revisit * np.arange(nt)).astype(np.int32)
    return Scenes(values.astype(np.float32), np.ones((nt, side, side), bool), days)


def changed(s: Scenes, when: int, rows: slice, cols: slice, db: tuple[float, float]) -> Scenes:
    """The same with a part that is `db` (VV, VH) brighter from the scene `when` on."""
    values = s.values.copy()
    factor = 10 ** (np.array(db, np.float32) / 10)
    values[when:, :, rows, cols] *= factor[:, None, None]
    return Scenes(values, s.usable, s.days)


@dataclass(frozen=True)
class Followed:
    """The state after each stepped scene, first the fit; what the history had in common."""

    states: list[RadarState]
    scene: RadarScene

    @property
    def last(self) -> RadarState:
        """The newest state."""
        return self.states[-1]


def follow(s: Scenes, params: RadarParams, history: int = HISTORY) -> Followed:
    """Learn and step, with the sample taken from the area itself."""
    rows, cols = sample_pixels(np.ones(s.usable.shape[1:], bool))
    sample = np.zeros(s.usable.shape[1:], bool)
    sample[rows, cols] = True
    v, u = s.values[:history, :, rows, cols], s.usable[:history, rows, cols]
    monitor = RadarMonitor(params).prepared(v[:, :, None], u[:, None], s.days[:history])
    seen = Held(s.values, s.usable, s.days)
    states = [learn(monitor, seen, range(history))]
    pixels = Follower(monitor, seen, lambda: states[0], range(history), {}, sample)
    for t in range(history, len(s.days)):
        pixels.take(t)
        states.append(pixels.state)
    assert monitor.scene is not None
    return Followed(states, monitor.scene)
