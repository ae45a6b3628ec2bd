"""Where patches may be implanted, and what bare ground looks like in a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.case.monitoring import arrays_of
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import days_of
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.params import SiteParams
from gossan.core.power.trials import Spectrum
from gossan.core.sensor import Window
from gossan.core.values import Disturbances, Status
from gossan.cube.inject import reach
from gossan.cube.spectra import AFTER_DAYS, LIBRARY, always_bare, own_spectrum
from gossan.io.scenes import pixel_metres
from gossan.observables.limits.design import Places
from gossan.sites.listing import listed

COPIES = 4
"""Looks of a block are in memory as read, as a row of pixels, and in the fit: blocks are so many
times smaller than those of an update."""

MOST_BLOCKS = 8
"""Parts of the area, evenly spread, that are searched for the case's own bare ground."""


@dataclass(frozen=True)
class CandidateMask:
    """Ground on which a patch may appear.

    Attributes
    ----------
    places : for each size (ha) rows and columns of the centres with room for it
    sites : bool (y, x), pixels within sites listed now that changed while watching: those whose
        four neighbours belong to one too, so that no edge mixes them with what lies beside
    share : share (0..1) of the area that is away from listed sites
    no_model_share : share (0..1) of the area where the monitor has no model
    """

    places: Mapping[float, Places]
    sites: NDArray[np.bool_]
    share: float
    no_model_share: float


def ground_of(
    state: Monitored,
    dist: Disturbances,
    sites: SiteParams,
    areas_ha: Sequence[float],
    margin_m: float,
) -> CandidateMask:
    """Ground inside the area and further than `margin_m` from every listed site.

    A centre lies on a pixel the monitor calls stable. The whole patch lies on such ground;
    single pixels in it without a model, or once disturbed, are left in: they are part of how
    well the ground can be watched.
    """
    inside = state.frame.inside
    pixel_m = pixel_metres(state.grid)
    changed = inside & (dist.status >= Status.PROVISIONAL)
    labels = listed(changed, dist.status == Status.EARLY, pixel_areas_m2(state.grid), sites)
    free = inside & (labels == 0)
    if labels.any():
        free &= ndimage.distance_transform_edt(labels == 0, sampling=pixel_m) > margin_m
    # what lies beyond the grid is no ground either
    room = ndimage.distance_transform_edt(np.pad(free, 1), sampling=pixel_m)[1:-1, 1:-1]
    stable = dist.status == Status.STABLE
    places = {}
    for area in areas_ha:
        radius = reach(area * 1e4, pixel_m)[0] + max(pixel_m)
        rows, cols = np.nonzero(stable & (room > radius))
        places[area] = (rows.astype(np.int32), cols.astype(np.int32))
    n = int(inside.sum())
    blind = inside & (dist.status == Status.NO_MODEL)
    within = ndimage.binary_erosion((labels > 0) & (dist.status != Status.EARLY))
    return CandidateMask(places, within, float(free.sum()) / n, float(blind.sum()) / n)


def spectra_of(
    state: Monitored, dist: Disturbances, ground: CandidateMask, pixels: Pixels
) -> tuple[Spectrum, ...]:
    """The case's own bare ground where it has enough, then the published spectra.

    Only spectra that have every band of the case.
    """
    bands = state.bands
    parts = [_bare_looks(state, dist, ground, pixels, w) for w in _some_blocks(state)]
    found = []
    for kind, (name, words, source) in enumerate(_OWN):
        values = np.concatenate([p[kind][0] for p in parts], axis=2)
        looks = np.concatenate([p[kind][1] for p in parts], axis=1)
        spectrum = own_spectrum(values, looks, bands, name, words, source)
        found += [spectrum] if spectrum is not None else []
    return (*found, *(s for s in LIBRARY if set(bands) <= {b for b, _ in s.values}))


_OWN = (
    (
        "own-bare",
        "the case's own bare ground",
        "median of {n} pixels of this case that never green (NDVI below 0.2)",
    ),
    (
        "own-changed",
        "the case's own fresh changes",
        f"median of {{n}} pixels within sites of this case in the {AFTER_DAYS} days after they "
        "changed",
    ),
)


def _some_blocks(state: Monitored) -> list[Window]:
    blocks = list(state.frame.blocks(COPIES * len(state.looks)))
    at = np.linspace(0, len(blocks) - 1, min(MOST_BLOCKS, len(blocks))).round().astype(int)
    return [blocks[i] for i in at]


def _bare_looks(
    state: Monitored, dist: Disturbances, ground: CandidateMask, pixels: Pixels, window: Window
) -> list[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """For each of `_OWN`: values (time, bands, pixel), and the looks that show bare ground."""
    cube = pixels.cube(window)
    values, clear = arrays_of(cube, state.bands)
    clear = clear & np.isfinite(values).all(axis=1)
    days = days_of(cube.time.values)
    bare = always_bare(values, clear, state.bands)
    fresh = ground.sites[window] & np.isin(
        dist.status[window], (Status.CONFIRMED, Status.RECOVERED)
    )
    since = dist.first_changed[window][fresh].astype(np.int64)
    age = days[:, None] - since[None, :]
    return [
        (values[:, :, bare], clear[:, bare]),
        (values[:, :, fresh], clear[:, fresh] & (age >= 0) & (age <= AFTER_DAYS)),
    ]
