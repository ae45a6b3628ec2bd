"""What counts as false and what as found, and how sure the figures are.

false     a pixel on which nothing was dug and nothing ploughed, with any confirmed change in the
          watched years; apart for stable ground and for ground under the drought
found     a dug pixel with a confirmation on or after the day it was dug; the first such counts
in 60 d   the same not more than 60 days after that day; shares are of all dug pixels
delay     from that day to the confirmation, median over the pixels found
early     a dug pixel with a confirmation before that day: false, and not a finding
again     a pixel dug a second time, with a confirmation on or after the second day
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.cube import COVERS, Cube, Kind

SOON_DAYS = 60
DRAWS = 2000
LEVEL = 0.95
Days = NDArray[np.int32]


@dataclass(frozen=True)
class Truth:
    """Of n pixels: day changed, day dug again, ploughed and regrown (-1 never), kind, cover,
    drought; and the first day watched."""

    changed: Days
    again: Days
    kind: NDArray[np.uint8]
    cover: NDArray[np.uint8]
    drought: NDArray[np.bool_]
    watched_from: int


def truth_of(cube: Cube, mask: NDArray[np.bool_]) -> Truth:
    """Truth of the pixels of a mask (y, x), row-major."""
    return Truth(
        cube.changed[mask],
        cube.again[mask],
        cube.kind[mask],
        cube.cover[mask],
        cube.drought[mask],
        int(cube.days[cube.n_history]),
    )


@dataclass(frozen=True)
class Score:
    """Counts of one cube: name -> (how many, of how many), and delays in days by name."""

    shares: dict[str, tuple[int, int]] = field(default_factory=dict)
    delays: dict[str, Days] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """A value with its interval, NaN where nothing can be said."""

    value: float
    low: float
    high: float


def first_from(confirmed: Days, day: Days) -> Days:
    """First of the days (k, n) that is on or after `day` (n,); -1 none."""
    late = np.where((confirmed >= 0) & (confirmed >= day), confirmed, np.iinfo(np.int32).max)
    first = late.min(0)
    return np.where(first == np.iinfo(np.int32).max, -1, first).astype(np.int32)


def score(confirmed: Days, t: Truth) -> Score:
    """Score of days of confirmation (k, n)."""
    said = (confirmed >= t.watched_from).any(0)
    untouched = t.kind == Kind.NONE
    stable, dry = untouched & ~t.drought, untouched & t.drought
    dug = t.changed >= 0
    first = first_from(confirmed, t.changed)
    found = dug & (first >= 0)
    soon = found & (first - t.changed <= SOON_DAYS)
    early = dug & ((confirmed >= t.watched_from) & (confirmed < t.changed)).any(0)
    twice = t.again >= 0
    second = first_from(confirmed, t.again)
    seen_again = twice & (second >= 0)
    ploughed = t.kind == Kind.PLOUGHED
    share = lambda a, of: (int((a & of).sum()), int(of.sum()))  # noqa: E731
    shares = {
        "false stable": share(said, stable),
        "false drought": share(said, dry),
        "found": share(found, dug),
        "in 60 d": share(soon, dug),
        "early": share(early, dug),
        "again": share(seen_again, twice),
        "again in 60 d": share(seen_again & (second - t.again <= SOON_DAYS), twice),
        "ploughed": share(said, ploughed),
    }
    for k, name in enumerate(COVERS):
        shares[f"found {name}"] = share(found, dug & (t.cover == k))
        shares[f"false {name}"] = share(said, stable & (t.cover == k))
    return Score(
        shares, {"delay": (first - t.changed)[found], "delay again": (second - t.again)[seen_again]}
    )


def _share(parts: Sequence[tuple[int, int]], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Percent of pooled counts for rows of chosen parts (draws, parts)."""
    counts = np.array(parts, float)[rows].sum(-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(100 * counts[..., 0] / counts[..., 1])


def pooled(scores: Sequence[Score], seed: int = 0) -> dict[str, Figure]:
    """All figures over cubes; intervals by drawing whole cubes with replacement.

    Pixels of one cube share weather, drought and patches, so that cubes and not pixels are the
    independent units. One cube alone has no interval.
    """
    n = len(scores)
    rows = np.random.default_rng(seed).integers(0, n, (DRAWS, n))
    out = {}
    tails = [50 * (1 - LEVEL), 50 * (1 + LEVEL)]

    def interval(draws: NDArray[np.float64]) -> tuple[float, float]:
        draws = draws[np.isfinite(draws)]
        if n < 2 or draws.size == 0:
            return float("nan"), float("nan")
        low, high = np.percentile(draws, tails)
        return float(low), float(high)

    for name in scores[0].shares:
        parts = [s.shares[name] for s in scores]
        value = float(_share(parts, np.arange(n)[None])[0])
        out[name] = Figure(value, *interval(_share(parts, rows)))
    for name in scores[0].delays:
        delays = [s.delays[name] for s in scores]
        median = lambda chosen: (  # noqa: E731
            float(np.median(a)) if (a := np.concatenate(chosen)).size else float("nan")
        )
        draws = np.array([median([delays[k] for k in row]) for row in rows[:400]])
        out[name] = Figure(median(delays), *interval(draws))
    return out
