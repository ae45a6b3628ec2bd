"""A road as samples: places along it every ten metres, on parallel tracks, and its bends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString

from gossan.observables.traffic.motion import STEP_M

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

TRACK_M = 5.0
"""Distance of parallel tracks: half a pixel."""
BEND_DEG = 20.0
"""A road that turns by more than this within BEND_M is a bend: a vehicle's picture is straight."""
BEND_M = 80.0


@dataclass(frozen=True)
class Samples:
    """Places on a road in metres of a plane.

    Attributes
    ----------
    xy : (tracks, samples, 2)
    straight : bool (samples,), False in bends
    """

    xy: F64
    straight: NDArray[np.bool_]


def samples(line: LineString, half_width_m: float) -> Samples | None:
    """Samples of a line in metres; None for one shorter than two steps.

    Tracks lie TRACK_M apart as far as `half_width_m` to each side; the middle is always one.
    """
    n = int(line.length // STEP_M)
    if n < 2:
        return None
    at = (np.arange(n) + 0.5) * STEP_M
    middle = np.array([line.interpolate(d).coords[0][:2] for d in at])
    along = np.gradient(middle, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    sides = int(half_width_m // TRACK_M)
    offsets = np.arange(-sides, sides + 1) * TRACK_M
    xy = middle[None] + offsets[:, None, None] * across[None]
    heading = np.unwrap(np.arctan2(along[:, 1], along[:, 0]))
    reach = max(1, round(BEND_M / STEP_M / 2))
    turn = ndimage.maximum_filter1d(heading, 2 * reach + 1) - ndimage.minimum_filter1d(
        heading, 2 * reach + 1
    )
    return Samples(xy, turn <= math.radians(BEND_DEG))


def sample_image(image: F32, rows: F64, cols: F64) -> F32:
    """Values (bands, ...) of an image (bands, y, x) at fractional pixels, pixel centres whole
    numbers; cubic, NaN where the image has none there or within two pixels."""
    out = np.empty((image.shape[0], *rows.shape), np.float32)
    places = np.stack([rows.ravel(), cols.ravel()])
    for band, values in enumerate(image):
        known = np.isfinite(values)
        filled = np.where(known, values, np.nanmedian(values) if known.any() else 0)
        found = ndimage.map_coordinates(filled, places, order=3, mode="nearest")
        weight = ndimage.map_coordinates(
            ndimage.binary_erosion(known, np.ones((3, 3), bool), border_value=0).astype(np.float32),
            places,
            order=0,
            mode="constant",
            cval=0,
        )
        out[band] = np.where(weight > 0, found, np.nan).reshape(rows.shape)
    return out
