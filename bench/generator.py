"""Synthetic reflectance cubes with a known truth, to measure the monitor against.

Each pixel is forest, steppe or bare rock with its own season; to it come a regional drought,
haze, 60 % cloud of which 4 % of the remaining looks are unmasked cloud or shadow, sensor noise
correlated between bands, and bare patches that grow from a point, half of them over 60 days.
Soils are mixtures of three materials and clouds have their own spectra: no direction that the
detector knows is used here. Seeded: the same arguments give the same bytes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BANDS = ("B02", "B04", "B08", "B11", "B12")
COVERS = np.array(
    [
        [0.03, 0.035, 0.28, 0.15, 0.07],
        [0.07, 0.11, 0.22, 0.28, 0.20],
        [0.13, 0.19, 0.25, 0.31, 0.27],
    ]
)
SEASONS = np.array([[0.08, 0.1, 0.3, 0.2, 0.2], [0.1, 0.2, 0.25, 0.12, 0.15], [0.03] * 5])
MATERIALS = np.array(
    [[0.09, 0.17, 0.24, 0.34, 0.30], [0.20, 0.27, 0.32, 0.38, 0.34], [0.06, 0.08, 0.10, 0.14, 0.13]]
)
CLOUD = np.array([0.42, 0.40, 0.43, 0.30, 0.22])
DROUGHT = np.array([0.05, 0.15, -0.18, 0.15, 0.22])


@dataclass(frozen=True)
class Cube:
    """values (time, bands, y, x), usable (time, y, x), days (time,), changed (y, x) day or -1,
    drought (y, x) True where the ground suffers from it."""

    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]
    changed: NDArray[np.int32]
    drought: NDArray[np.bool_]


def make(side: int = 100, years: int = 5, history_years: int = 3, seed: int = 0) -> Cube:
    """A cube of side x side pixels, one look each 5 days, patches only after the history."""
    rng = np.random.default_rng(seed)
    days = (17000 + np.arange(0, years * 365, 5)).astype(np.int32)
    cover = np.add.outer(np.arange(side) * 3 // side, np.zeros(side, int))
    phase = 200 + rng.normal(0, 10, (side, side))
    wave = np.cos(2 * np.pi * (days[:, None, None] - phase) / 365.2425)
    wave += 0.3 * np.cos(4 * np.pi * (days[:, None, None] - phase) / 365.2425)
    level = np.moveaxis(COVERS[cover] * rng.normal(1, 0.1, (side, side, 1)), -1, 0)
    season = np.moveaxis(SEASONS[cover], -1, 0)
    v = level * (1 + season * wave[:, None] * rng.normal(1, 0.15, (years * 73, 1, 1, 1)))
    drought = np.zeros((side, side), bool)
    drought[:, side // 2 :] = True
    dry = np.exp(-(((days - days[0] - (history_years + 0.6) * 365) / 60.0) ** 2))
    v *= 1 + dry[:, None, None, None] * DROUGHT[:, None, None] * drought
    changed = np.full((side, side), -1, np.int32)
    yy, xx = np.mgrid[:side, :side]
    for k in range(side // 5):
        cy, cx = rng.integers(4, side - 4, 2)
        start = days[0] + int(rng.uniform(history_years + 0.1, years - 0.5) * 365)
        radius = rng.uniform(1.5, 5)
        far = np.hypot(yy - cy, xx - cx)
        when = start + (far / radius * 60 if k % 2 else 0 * far)
        soil = rng.dirichlet([2, 1, 1]) @ MATERIALS
        severity = rng.uniform(0.4, 1.0)
        new = (far <= radius) & (changed < 0)
        after = (days[:, None, None] >= when) & new
        v = np.where(after[:, None], v + severity * (soil[:, None, None] - v), v)
        changed[new] = when[new]
    common = rng.normal(0, 0.02, (len(days), 1, side, side))
    v *= 1 + common + rng.normal(0, 0.03, v.shape)
    v += np.array([0.02, 0.012, 0.006, 0.002, 0.001])[:, None, None] * rng.exponential(
        0.4, (len(days), 1, 1, 1)
    )
    u = rng.random((len(days), side, side))
    share = rng.uniform(0.2, 0.9, (len(days), 1, side, side))
    v = np.where((u < 0.02)[:, None], v + share * (CLOUD[:, None, None] - v), v)
    v = np.where(((u >= 0.02) & (u < 0.04))[:, None], v * (1 - 0.7 * share), v)
    clear_scene = rng.random((len(days), 1, 1)) < 0.5
    usable = clear_scene & (rng.random((len(days), side, side)) < 0.8)
    return Cube(v.astype(np.float32), usable, days, changed, drought)
