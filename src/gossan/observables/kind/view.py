"""The looks at one site, pixel by pixel, as its traits are measured from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY, days_of
from gossan.core.flags import usable
from gossan.core.kinds import Setting
from gossan.core.sensor import Window
from gossan.core.values import BANDS, Disturbances, Site
from gossan.cube.surfaces import Surfaces, surfaces

F32 = NDArray[np.float32]

MOST_PIXELS = 120
"""Pixels a site is described by, evenly taken: its cost does not grow with its size."""


@dataclass(frozen=True)
class View:
    """One site and its looks.

    Attributes
    ----------
    site : the site
    bands : band -> reflectance (time, pixel), NaN where not usable
    shows : what each look shows (time, pixel); None without red and near infrared
    days : int32 (time,)
    changed : int32 (pixel,), first look of each pixel's change
    last_same : int32 (pixel,), its last look before; NO_DAY none
    ring_bare, ring_water : share of the looks before the site began on which ground around it
        was bare or water, and water, by pixel of the ring; NaN where never seen
    shape : bool (y, x), the site's pixels in its own window
    first_days : int32 (y, x) of the same window, first change; NO_DAY elsewhere
    setting : terrain, as far as known
    """

    site: Site
    bands: Mapping[str, F32]
    shows: Surfaces | None
    days: NDArray[np.int32]
    changed: NDArray[np.int32]
    last_same: NDArray[np.int32]
    ring_bare: F32
    ring_water: F32
    shape: NDArray[np.bool_]
    first_days: NDArray[np.int32]
    setting: Setting

    @property
    def age(self) -> NDArray[np.int32]:
        """Days since each pixel's change (time, pixel); below 0 before."""
        return self.days[:, None] - self.changed[None, :]

    @property
    def before(self) -> NDArray[np.bool_]:
        """Looks at a pixel before its change (time, pixel), seen or not."""
        return self.days[:, None] <= self.last_same[None, :]

    @property
    def since(self) -> NDArray[np.bool_]:
        """Looks at a pixel from its change on (time, pixel), seen or not."""
        return self.age >= 0


def view_of(
    site: Site, cube: xr.Dataset, window: Window, dist: Disturbances, setting: Setting
) -> View:
    """The view of a site from the cube of all looks in its `case.site_pixels.window_of` a grid of `dist`."""
    rows, cols = site.pixels
    local = rows - window[0].start, cols - window[1].start
    seen = usable(cube["flags"].values)
    every = max(1, -(-len(rows) // MOST_PIXELS))
    r, c = local[0][::every], local[1][::every]
    names = [b for b in BANDS if b in cube]
    bands = {b: _seen(cube[b].values[:, r, c], seen[:, r, c]) for b in names}
    shape = np.zeros(seen.shape[1:], bool)
    shape[local] = True
    first = np.full(shape.shape, NO_DAY, np.int32)
    first[local] = dist.first_changed[rows, cols]
    days = days_of(cube["time"].values)
    at = rows[::every], cols[::every]
    began = int(np.quantile(first[local], 0.05))
    return View(
        site,
        bands,
        surfaces(bands),
        days,
        dist.first_changed[at],
        dist.last_unchanged[at],
        *_ring(cube, seen, shape, days < began, names),
        shape,
        first,
        setting,
    )


def _seen(values: F32, clear: NDArray[np.bool_]) -> F32:
    out: F32 = np.where(clear, values, np.float32(np.nan))
    return out


def _ring(
    cube: xr.Dataset,
    seen: NDArray[np.bool_],
    shape: NDArray[np.bool_],
    looks: NDArray[np.bool_],
    names: list[str],
) -> tuple[F32, F32]:
    """How often each pixel outside the site was bare or water, and water, before it began."""
    r, c = np.nonzero(~shape)
    every = max(1, -(-len(r) // MOST_PIXELS))
    r, c = r[::every], c[::every]
    clear = seen[:, r, c] & looks[:, None]
    shows = surfaces({b: _seen(cube[b].values[:, r, c], clear) for b in names})
    n = clear.sum(axis=0)
    blank = np.full(len(r), np.nan, np.float32)
    if shows is None or not n.any():
        return blank, blank
    naked, wet = ((flag & clear).sum(axis=0) for flag in (shows.bare | shows.water, shows.water))
    return _share(naked, n), _share(wet, n)


def _share(some: NDArray[np.int64], of: NDArray[np.int64]) -> F32:
    out = np.full(len(of), np.nan, np.float32)
    np.divide(some, of, out=out, where=of > 0)
    return out
