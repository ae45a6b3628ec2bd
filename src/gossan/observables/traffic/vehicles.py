"""Vehicles put into images by calculation: how one covers the pixels of each band as it moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.cube.inject import MTF
from gossan.observables.traffic.motion import BANDS, SECONDS

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

WIDTH_M = 2.55
REACH = 6
"""Pixels on each side of the middle that a vehicle may light: 60 m."""
FINE = 10
"""Cells a pixel on which it is drawn: 1 m in a pixel of 10 m."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A kind of vehicle.

    Attributes
    ----------
    name : for a reader
    length_m : of what is seen from above, metres
    paint : reflectance in BANDS, seen from above
    """

    name: str
    length_m: float
    paint: tuple[float, float, float, float]


SEMI_WHITE = Vehicle("semi-trailer, white", 16.5, (0.55, 0.60, 0.57, 0.58))
SEMI_BLUE = Vehicle("semi-trailer, blue", 16.5, (0.28, 0.35, 0.18, 0.12))
SEMI_RED = Vehicle("semi-trailer, red", 16.5, (0.07, 0.45, 0.09, 0.35))
SEMI_GREY = Vehicle("semi-trailer, grey", 16.5, (0.20, 0.22, 0.20, 0.20))
TIPPER_BRIGHT = Vehicle("tipper, bright load", 8.5, (0.38, 0.45, 0.42, 0.44))
TIPPER_DULL = Vehicle("tipper, dull", 8.5, (0.24, 0.30, 0.26, 0.28))
FLEET = (SEMI_WHITE, SEMI_BLUE, SEMI_RED, SEMI_GREY, TIPPER_BRIGHT, TIPPER_DULL)
"""Paints are plausible mean reflectances of roofs and loads, not measurements; results are told by
paint, for it decides."""

ASPHALT = (0.08, 0.14, 0.09, 0.10)
GRAVEL = (0.14, 0.28, 0.18, 0.22)
"""Reflectance of road surfaces in BANDS (aged asphalt; unpaved, pale)."""


def share_of_light(
    vehicle: Vehicle, velocity: tuple[float, float], offset: tuple[float, float]
) -> F64:
    """Share of each pixel's light that comes from a vehicle, (bands, 2 REACH + 1, 2 REACH + 1).

    velocity: metres a second by (column, row), its direction being that of the vehicle; offset: of
    its middle at half time from the middle pixel's centre, metres (column, row). Pixels are 10 m.
    """
    n = (2 * REACH + 1) * FINE
    at = (np.arange(n) + 0.5) * 10 / FINE - (REACH + 0.5) * 10
    speed = math.hypot(*velocity)
    ux, uy = (velocity[0] / speed, velocity[1] / speed)
    out = np.empty((len(BANDS), 2 * REACH + 1, 2 * REACH + 1))
    middle = SECONDS[-1] / 2
    for k, (band, second) in enumerate(zip(BANDS, SECONDS, strict=True)):
        x = at[None, :] - offset[0] - velocity[0] * (second - middle)
        y = at[:, None] - offset[1] - velocity[1] * (second - middle)
        along, across = np.abs(x * ux + y * uy), np.abs(-x * uy + y * ux)
        cell = 10 / FINE
        cover = np.clip((vehicle.length_m / 2 - along) / cell + 0.5, 0, 1) * np.clip(
            (WIDTH_M / 2 - across) / cell + 0.5, 0, 1
        )
        cover *= vehicle.length_m * WIDTH_M / cell**2 / max(float(cover.sum()), 1e-9)
        sigma = math.sqrt(-2 * math.log(MTF[band] * math.pi / 2)) / math.pi * FINE
        blurred = ndimage.gaussian_filter(cover, sigma, mode="constant", truncate=4.0)
        out[k] = blurred.reshape(2 * REACH + 1, FINE, 2 * REACH + 1, FINE).mean(axis=(1, 3))
    return out


def put(
    image: F32,
    vehicle: Vehicle,
    at: tuple[float, float],
    velocity: tuple[float, float],
    surface: tuple[float, ...],
) -> None:
    """Add a vehicle to an image (bands in the order of BANDS, y, x), reflectance, in place.

    at: column and row of its middle at half time, pixel centres at whole numbers; velocity as in
    `share_of_light`; surface: reflectance of the road that it hides.
    """
    col, row = round(at[0]), round(at[1])
    offset = ((at[0] - col) * 10, (at[1] - row) * 10)
    share = share_of_light(vehicle, velocity, offset)
    contrast = np.array(vehicle.paint) - np.array(surface)
    y0, x0 = row - REACH, col - REACH
    ys = slice(max(0, y0), min(image.shape[1], row + REACH + 1))
    xs = slice(max(0, x0), min(image.shape[2], col + REACH + 1))
    part = share[:, ys.start - y0 : ys.stop - y0, xs.start - x0 : xs.stop - x0]
    image[:, ys, xs] += (part * contrast[:, None, None]).astype(np.float32)
