"""Simulated radar series with a known truth, to measure the radar monitor against.

Every pixel has a level, a season of its own and speckle of a known number of looks; every scene
moves all pixels by weather, bare (dark in VH) ground more than forest. Nothing of the monitor is
used to make them. Seeded: the same arguments give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEPER_DB = 10 / np.log(10)
FIRST_DAY = 17000


@dataclass(frozen=True)
class Series:
    """values (time, 2, 1, pixel) linear power, days (time,), changed (pixel,) day or -1, usable
    (time, 1, pixel)."""

    values: NDArray[np.float32]
    days: NDArray[np.int32]
    changed: NDArray[np.int32]
    usable: NDArray[np.bool_]


def make(
    pixels: int,
    looks: float,
    *,
    history: int = 60,
    watched: int = 61,
    revisit: int = 12,
    change_db: tuple[float, float] = (0.0, 0.0),
    share: float = 0.2,
    season_db: float = 1.0,
    weather_db: float = 1.0,
    spread: float = 0.0,
    seed: int = 0,
) -> Series:
    """Series of `history` and then `watched` scenes, `revisit` days apart.

    A `share` of the pixels changes by `change_db` (VV, VH) on a random day of the first half of
    the watched time. `spread`: standard deviation of ln(looks) from pixel to pixel.
    """
    rng = np.random.default_rng(seed)
    nt = history + watched
    days = (FIRST_DAY + revisit * np.arange(nt)).astype(np.int32)
    kind = rng.random(pixels)
    level = np.stack([-7.5 - 4.0 * kind, -13.5 - 5.0 * kind]) + rng.normal(0, 0.7, (2, pixels))
    turn = 2 * np.pi * days[:, None, None] / 365.2425 - rng.uniform(0, 2 * np.pi, (1, 2, pixels))
    db = level + np.abs(rng.normal(0, season_db, (2, pixels))) * np.cos(turn)
    wet = weather_db * rng.normal(0, 1, (nt, 1, 1))
    year = weather_db * np.cos(2 * np.pi * days / 365.2425)[:, None, None]
    db += (wet + year) * (0.5 + kind)
    changed = np.full(pixels, -1, np.int32)
    hit = rng.random(pixels) < share * (change_db != (0.0, 0.0))
    start = days[history] + rng.uniform(0, watched * revisit / 2, pixels).astype(np.int32)
    changed[hit] = start[hit]
    after = hit & (days[:, None] >= start)
    db += np.where(after[:, None], np.array(change_db)[:, None], 0)
    n = looks * np.exp(rng.normal(0, spread, pixels))
    values = np.exp(db / NEPER_DB) * rng.gamma(n, 1 / n, db.shape)
    return Series(
        values[:, :, None].astype(np.float32), days, changed, np.ones((nt, 1, pixels), bool)
    )
