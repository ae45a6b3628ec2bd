"""Where a vehicle stands in each band, and what it then looks like along the road.

Sentinel-2 sees its bands one after another, so that what moves is displaced between them
(Fisser et al. 2022, doi:10.3390/rs14071595). The sign of the times alternates between odd and
even detectors; both directions are always tried.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

BANDS = ("B02", "B08", "B03", "B04")
"""In the order in which the sensor sees them."""
SECONDS = (0.0, 0.264, 0.527, 1.005)
"""After the first of them, seconds."""
SPEEDS_KMH = (25.0, 35.0, 45.0, 55.0, 65.0, 75.0, 85.0, 95.0, 105.0)
STEP_M = 10.0
"""Distance of samples along the road: the native pixel."""
HALF = 4
"""Samples on each side of the middle that a vehicle's picture takes: 40 m."""
WIDTH = 2 * HALF + 1
SHIFTS_M = (-3.3, 0.0, 3.3)
"""Of the middle against the sample."""
COLOURS = ((1.0, 1.0, 1.0, 1.0), (0.0, 1.0, 0.1, 0.8), (1.0, 1.0, 0.5, 0.2))
"""Brightness against the road in BANDS: white or grey, red, blue. Paint decides what is seen."""
STILL_M = (-15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0)
"""Places in the window at which something may stand still."""
STILL_WIDE_M = (11.0, 18.0)
"""Spread along the road of what stands still and is longer than a vehicle."""
BLUR_M = 4.3
"""Of the sensor in these bands, standard deviation: what its transfer at Nyquist (0.24 to 0.28)
leaves beside the pixel's own aperture, as in `cube.inject`."""
LENGTH_M = 12.0
"""Of the vehicle that the picture is drawn for."""
SPREAD_M = math.sqrt(BLUR_M**2 + STEP_M**2 / 12 + LENGTH_M**2 / 12)
"""Of a vehicle's picture along the road, standard deviation."""
LEAST_LIKE_MOTION = 0.35
"""A permuted order serves as null where its places correlate with the times by less than this."""

Order = tuple[int, ...]
"""For each band of BANDS which of SECONDS it is taken to be seen at, by position."""
TRUE_ORDER: Order = (0, 1, 2, 3)


def null_orders() -> tuple[Order, ...]:
    """Orders that no motion can make. A reversed order is the same test once both directions are
    searched, so that of each pair one is taken; those that resemble motion are left out."""
    times = np.array(SECONDS)
    out: list[Order] = []
    for order in itertools.permutations(range(len(SECONDS))):
        like = abs(float(np.corrcoef(times[list(order)], times)[0, 1]))
        if like < LEAST_LIKE_MOTION and tuple(reversed_order(order)) not in out:
            out.append(order)
    return tuple(out)


def reversed_order(order: Order) -> Order:
    """The order seen when driven the other way: the last time for the first."""
    last = len(SECONDS) - 1
    return tuple(last - i for i in order)


def pictures(order: Order = TRUE_ORDER) -> tuple[F64, F64]:
    """Pictures of a vehicle, one a row, (pictures, bands x WIDTH), and their speeds, m/s.

    A negative speed goes against the direction of the samples. Each of COLOURS in turn, blurred by
    sensor, pixel and the vehicle's own length. Another order exchanges bands whole, with their
    times and brightness, so that noise alike in all bands is found as often under each.
    """
    shapes, speeds = _lines(order)
    rows = [
        (np.array(colour)[list(order)][None, :, None] * shapes).reshape(len(shapes), -1)
        for colour in COLOURS
    ]
    return np.concatenate(rows), np.tile(speeds, len(COLOURS))


def by_band(order: Order = TRUE_ORDER) -> F64:
    """The same with each band apart, (pictures, bands, bands x WIDTH): as bright as may be."""
    shapes, _ = _lines(order)
    n = len(BANDS)
    apart = np.zeros((len(shapes), n, n, WIDTH))
    apart[:, np.arange(n), np.arange(n)] = shapes
    return apart.reshape(len(shapes), n, -1)


def _lines(order: Order) -> tuple[F64, F64]:
    """Brightness (pictures, bands, WIDTH) by speed, direction and shift, and the speeds."""
    times = np.array(SECONDS)[list(order)]
    middle = (times.min() + times.max()) / 2
    rows, speeds = [], []
    for kmh, way, shift in itertools.product(SPEEDS_KMH, (1.0, -1.0), SHIFTS_M):
        v = way * kmh / 3.6
        places = v * (times - middle) + shift
        rows.append(_bright_at(places))
        speeds.append(v)
    return np.array(rows), np.array(speeds)


def still_pictures() -> F64:
    """What stands still, (pictures, bands, bands x WIDTH): one picture a band, at one place.

    A thing as short as a vehicle, and ground that is brighter over STILL_WIDE_M: the edge of a
    clearing looks like something fast.
    """
    out = []
    for shift, wide in itertools.product(STILL_M, (SPREAD_M, *STILL_WIDE_M)):
        line = _bright_at(np.array([shift]), wide)[0]
        out.append(np.kron(np.eye(len(BANDS)), line))
    return np.array(out)


def _bright_at(places: F64, spread: float = SPREAD_M) -> F64:
    """Brightness along the road of a thing at each of `places`, metres from the middle."""
    at = (np.arange(WIDTH) - HALF) * STEP_M
    found: F64 = np.exp(-0.5 * ((at[None] - places[:, None]) / spread) ** 2)
    return found
