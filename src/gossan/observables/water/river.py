"""Stretches of a river: which pixels of one are wholly water, what they say, and ratios of two.

Absolute turbidity of a river is weak without local samples. What all of a scene shares falls out
of the ratio of two reaches in it, and what two reaches always differ by falls out of the change
of that ratio: before/after control/impact (Stewart-Oaten et al. 1986, doi:10.2307/1939815).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from gossan.core.measured import Reading
from gossan.core.values import Measurement
from gossan.observables.water.turbidity import DETECTION_FNU
from gossan.observables.water.water_mask import Cover

LEVEL = 0.95
Z = 1.959964
ACROSS = 3
"""Pure-water pixels a reach must be wide."""
LEAST_PIXELS = 9
"""Pure pixels a reading needs: one square of ACROSS."""
LEAST_SHARE = 0.2
"""Share of a reach's usual pure pixels that a scene must show: a corner of a reach is not it."""
PATCH = 10
"""Side of the patches, pixels, that are drawn again and again: neighbours are no new samples."""
LEAST_DATES = 3
"""Dates before, and dates after, that a change of ratio needs."""
DRAWS = 2000
SEED = 20210727
AWAY = 2
"""Pure pixels so many farther from land are preferred: beside a shore the SWIR, seen with 20 m
pixels and lit by the land, is too bright, and what is taken off for glint too much."""
METHOD = "water.reach.v2"
BACI = "water.baci.v1"

_SQUARE = np.ones((ACROSS, ACROSS), bool)
_WIDE = np.ones((2 * AWAY + 1, 2 * AWAY + 1), bool)


def pure_water(cover: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Water without land beside it, and at least ACROSS such pixels wide both ways, (y, x)."""
    water = (cover == Cover.WATER) | (cover == Cover.DIM)
    inner = ndimage.binary_erosion(water, _SQUARE)
    opened: NDArray[np.bool_] = ndimage.binary_opening(inner, _SQUARE)
    return opened


def sampled_water(cover: NDArray[np.uint8], where: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pure pixels of a water at `where`, (y, x): those AWAY from land where they suffice."""
    pure = pure_water(cover)
    away: NDArray[np.bool_] = ndimage.binary_erosion(pure, _WIDE) & where
    return away if away.sum() >= LEAST_PIXELS else pure & where


@dataclass(frozen=True, slots=True)
class Sampled:
    """Turbidity of a reach's pure pixels in one scene.

    Attributes
    ----------
    values : float (pixels,), FNU, finite
    patches : int (pixels,), which patch each lies in
    """

    values: NDArray[np.float64]
    patches: NDArray[np.int64]


def sample(turbidity: NDArray[np.float32], pure: NDArray[np.bool_]) -> Sampled:
    """The pure pixels of a reach that have a turbidity, in patches of PATCH pixels."""
    rows, cols = np.nonzero(pure & np.isfinite(turbidity))
    keys = (rows // PATCH) * (turbidity.shape[1] // PATCH + 1) + cols // PATCH
    return Sampled(
        turbidity[rows, cols].astype(np.float64), np.unique(keys, return_inverse=True)[1]
    )


def spread(sampled: Sampled, rng: np.random.Generator) -> float:
    """Standard error of ln median turbidity, by drawing whole patches again.

    A single patch has no spread of its own: its pixels then stand for patches.
    """
    values = np.maximum(sampled.values, DETECTION_FNU)
    parts = [values[sampled.patches == k] for k in range(int(sampled.patches.max()) + 1)]
    parts = [values[i : i + 1] for i in range(len(values))] if len(parts) == 1 else parts
    logs = [
        math.log(float(np.median(np.concatenate([parts[i] for i in chosen]))))
        for chosen in rng.integers(0, len(parts), (200, len(parts)))
    ]
    return float(np.std(logs))


def reading(day: date, scene: str, sampled: Sampled, shared_sd: float, why_not: str) -> Reading:
    """Median turbidity of a reach with its interval; what the whole scene may be off by is in it.

    shared_sd: of ln turbidity, what the scene may be off by; `why_not` is said where fewer than
    LEAST_PIXELS pixels have a turbidity.
    """
    n = len(sampled.values)
    if n < LEAST_PIXELS:
        return Reading.missing(day, scene, why_not, n)
    value = float(np.median(sampled.values))
    sd = math.hypot(spread(sampled, _rng(day)), shared_sd)
    low, high = value * math.exp(-Z * sd), max(value, DETECTION_FNU) * math.exp(Z * sd)
    return Reading(day, scene, value, 0.0 if value < DETECTION_FNU else low, high, n)


def ratio(day: date, scene: str, down: Sampled, up: Sampled, why_not: str) -> Reading:
    """Turbidity of one reach over that of another in the same scene, dimensionless."""
    n = min(len(down.values), len(up.values))
    if n < LEAST_PIXELS:
        return Reading.missing(day, scene, why_not, n)
    medians = [float(np.median(s.values)) for s in (down, up)]
    if max(medians) < DETECTION_FNU:
        return Reading.missing(day, scene, "Both reaches are too clear to compare.", n)
    d, u = (max(m, DETECTION_FNU) for m in medians)
    rng = _rng(day)
    sd = math.hypot(spread(down, rng), spread(up, rng))
    return Reading(day, scene, d / u, d / u * math.exp(-Z * sd), d / u * math.exp(Z * sd), n)


def change_of_ratio(ratios: Sequence[Reading], split: date) -> Measurement | None:
    """By what factor the ratio of two reaches changed after `split` (first day after).

    [ln down - ln up] after minus the same before, as means over dates, with an interval from
    drawing blocks of successive dates again (Kuensch 1989), since a river remembers. None where
    either side has fewer than LEAST_DATES dates.
    """
    seen = [r for r in ratios if r.value is not None]
    sides = [[r for r in seen if r.day < split], [r for r in seen if r.day >= split]]
    if min(map(len, sides)) < LEAST_DATES:
        return None
    before, after = (np.log([r.value or math.nan for r in side]) for side in sides)
    rng = np.random.default_rng(SEED)
    drawn = _means(after, rng) - _means(before, rng)
    value = float(after.mean() - before.mean())
    low, high = value + _few(min(map(len, sides))) * (np.quantile(drawn, [0.025, 0.975]) - value)
    low, high = min(float(low), value), max(float(high), value)
    return Measurement(
        "change of the downstream/upstream turbidity ratio",
        math.exp(value),
        "1",
        math.exp(low),
        math.exp(high),
        LEVEL,
        BACI,
        tuple(r.scene for r in seen),
    )


def _block(n: int) -> int:
    """Dates in a block: n^(1/2). The n^(1/3) that is best for large n held the truth in 83 % of
    95 for 15 dates of a river with a memory of 0.4; this one, with `_few`, in 94 %."""
    return max(1, round(math.sqrt(n)))


def _few(n: int) -> float:
    """By how much wider an interval from few blocks is: Student's t, and n / (n - 1)."""
    blocks = max(2, n // _block(n))
    widest = float(stats.t.ppf(0.5 + LEVEL / 2, 2 * (blocks - 1))) / Z
    return widest * math.sqrt(blocks / (blocks - 1))


def _means(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Means of DRAWS series made of blocks of successive values, round the end."""
    n = len(values)
    length = _block(n)
    starts = rng.integers(0, n, (DRAWS, -(-n // length)))
    at = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, :n] % n
    means: NDArray[np.float64] = values[at].mean(axis=1)
    return means


def _rng(day: date) -> np.random.Generator:
    return np.random.default_rng([SEED, day.toordinal()])
