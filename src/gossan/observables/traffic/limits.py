"""What would have been found: vehicles put into the case's own scenes and looked for again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from gossan.core.traffic import Seen
from gossan.observables.traffic.detect import LEAST, Search, Strip, searched, strip_of
from gossan.observables.traffic.motion import STEP_M
from gossan.observables.traffic.vehicles import (
    ASPHALT,
    FLEET,
    GRAVEL,
    REACH,
    Vehicle,
    share_of_light,
)

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SPEEDS_KMH = (25.0, 40.0, 60.0, 80.0)
CONVOY, GAP_M = 8, 60.0
LEVEL = 0.95
ASIDE_M = 5.0
"""A vehicle drives up to so far beside the line: lanes, and maps and images that are off."""
AHEAD = 14
"""Samples on each side of an implant that are looked at again."""
NEAR = 3
"""Samples between an implant and the detection that counts for it."""


@dataclass(frozen=True)
class Laid:
    """A road of a scene as sampled.

    Attributes
    ----------
    values : float32 (bands, tracks, samples), reflectance
    rows, cols : of the samples in the image, (tracks, samples), pixel centres at whole numbers
    usable : bool (tracks, samples)
    paved : True for an asphalt road
    """

    values: F32
    rows: F64
    cols: F64
    usable: NDArray[np.bool_]
    paved: bool

    @property
    def middle(self) -> int:
        """The track on the line itself."""
        return int(self.rows.shape[0] // 2)


def added(laid: Laid, vehicle: Vehicle, at: float, speed_kmh: float, way: int, aside: float) -> F32:
    """What a vehicle adds to the samples of a road, (bands, tracks, samples), reflectance.

    at: sample along the road, a fraction; way 1 or -1; aside: metres to the side of the line.
    """
    i = int(np.clip(round(at), 1, laid.rows.shape[1] - 2))
    m = laid.middle
    along = np.array(
        [laid.cols[m, i + 1] - laid.cols[m, i - 1], laid.rows[m, i + 1] - laid.rows[m, i - 1]]
    )
    along /= max(float(np.hypot(*along)), 1e-9)
    step = (at - i) * STEP_M / 10
    col = laid.cols[m, i] + along[0] * step - along[1] * aside / 10
    row = laid.rows[m, i] + along[1] * step + along[0] * aside / 10
    c0, r0 = round(col), round(row)
    velocity = (float(along[0]) * way * speed_kmh / 3.6, float(along[1]) * way * speed_kmh / 3.6)
    share = share_of_light(vehicle, velocity, ((col - c0) * 10, (row - r0) * 10))
    contrast = np.array(vehicle.paint) - np.array(ASPHALT if laid.paved else GRAVEL)
    light = share * contrast[:, None, None]
    out = np.zeros(laid.values.shape, np.float32)
    near = slice(max(0, i - AHEAD), i + AHEAD + 1)
    places = [laid.rows[:, near] - r0 + REACH, laid.cols[:, near] - c0 + REACH]
    for band in range(len(out)):
        out[band][:, near] = ndimage.map_coordinates(light[band], places, order=3, mode="constant")
    return out


def alone(
    laid: Sequence[Laid],
    strips: Sequence[Strip],
    noise: F64,
    n: int,
    rng: np.random.Generator,
    aside_m: float = ASIDE_M,
) -> list[tuple[Vehicle, bool, float, bool]]:
    """Implant `n` vehicles of each kind and speed into a scene, each alone, and look for them.

    Returns (vehicle, paved, speed, found), one an implant. The scene's noise is taken as it is;
    each drives up to `aside_m` to either side of the line.
    """
    search = Search.of(noise)
    places = [
        (k, i)
        for k, road in enumerate(laid)
        for i in np.nonzero(_room(road.usable[road.middle]))[0]
    ]
    if not places:
        return []
    out = []
    for vehicle in FLEET:
        for speed in SPEEDS_KMH:
            for pick in rng.integers(0, len(places), n):
                k, i = places[int(pick)]
                way, aside = int(rng.choice((-1, 1))), float(rng.uniform(-aside_m, aside_m))
                more = added(laid[k], vehicle, i + rng.uniform(-0.5, 0.5), speed, way, aside)
                near = slice(i - AHEAD, i + AHEAD + 1)
                strip = strips[k]
                part = Strip(
                    strip.away[..., near] + more[..., near] / strip.restless[..., near],
                    strip.usable[:, near],
                    strip.restless[..., near],
                )
                found = search.peaks(part, LEAST)
                hit = bool(len(found) and np.abs(found.at - AHEAD).min() <= NEAR)
                out.append((vehicle, laid[k].paved, speed, hit))
    return out


def convoy(
    laid: Sequence[Laid],
    strips: Sequence[Strip],
    vehicle: Vehicle,
    speed_kmh: float,
    rng: np.random.Generator,
) -> tuple[int, int, bool] | None:
    """Implant a convoy of CONVOY vehicles GAP_M apart into a scene, and search it anew.

    Returns (found, implanted, paved), None where no road is long enough.
    """
    step = GAP_M / STEP_M
    long = int(step * (CONVOY - 1)) + 2 * AHEAD
    places = [
        (k, i)
        for k, road in enumerate(laid)
        for i in np.nonzero(_room(road.usable[road.middle], long))[0]
    ]
    if not places:
        return None
    k, first = places[int(rng.integers(len(places)))]
    way, aside = int(rng.choice((-1, 1))), float(rng.uniform(-ASIDE_M, ASIDE_M))
    at = first + AHEAD + step * np.arange(CONVOY) + rng.uniform(-0.5, 0.5)
    more = sum(added(laid[k], vehicle, float(a), speed_kmh, way, aside) for a in at)
    changed = list(strips)
    changed[k] = strip_of(laid[k].values + more, laid[k].usable)
    found = searched(changed)[0][k].at
    hits = sum(bool(len(found) and np.abs(found - a).min() <= NEAR) for a in at)
    return hits, CONVOY, laid[k].paved


def _room(usable: NDArray[np.bool_], long: int = 1) -> NDArray[np.bool_]:
    """Samples around (or from) which there is usable road enough."""
    n = len(usable)
    need = 2 * AHEAD + 1 if long == 1 else long
    out = np.zeros(n, bool)
    if n < need:
        return out
    run = np.convolve(usable, np.ones(need, int), mode="valid") == need
    start = AHEAD if long == 1 else 0
    out[start : start + len(run)] = run
    return out


def shares(results: Sequence[tuple[str, bool, float, float, int, int]]) -> tuple[Seen, ...]:
    """Found of implanted by (vehicle, paved, speed, gap), with Wilson's interval."""
    total: dict[tuple[str, bool, float, float], list[int]] = {}
    for vehicle, paved, speed, gap, found, n in results:
        sums = total.setdefault((vehicle, paved, speed, gap), [0, 0])
        sums[0] += found
        sums[1] += n
    out = []
    for (vehicle, paved, speed, gap), (found, n) in total.items():
        low, high = stats.binomtest(found, n).proportion_ci(LEVEL, method="wilson")
        out.append(
            Seen(
                vehicle,
                "paved" if paved else "unpaved",
                speed,
                gap,
                n,
                found,
                float(low),
                float(high),
                LEVEL,
            )
        )
    return tuple(out)
