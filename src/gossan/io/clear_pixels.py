"""A stored scene as who measures water or roads wants it: numbers, where clear, where dark."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.cube import mask
from gossan.io.scenes import grown, pixel_metres
from gossan.io.stored_scene import OpenScene


def load_clear(
    pixels: OpenScene,
    grid: GeoBox,
    window: tuple[slice, slice],
    bands: Sequence[str],
    dilation_m: float,
    inside: NDArray[np.bool_],
) -> tuple[NDArray[np.uint16], NDArray[np.bool_], NDArray[np.bool_]]:
    """One stored scene in a window: numbers (band, y, x), clear (y, x), dark area (y, x).

    `grid` is the scene's, `inside` that of the window. The dilation sees beyond the window, so
    any windows joined give exactly the whole.
    """
    pixel = pixel_metres(grid)
    outer, inner = grown(window, mask.margin(dilation_m, pixel), grid.shape)
    dn, scl = pixels.numbers(window, bands), pixels.classes(outer)
    corner = inner[0].start, inner[1].start
    clear = mask.clear_ground(scl, corner, dn, inside, dilation_m, pixel, dark_is_clear=True)
    return dn, clear, scl[inner] == mask.DARK
