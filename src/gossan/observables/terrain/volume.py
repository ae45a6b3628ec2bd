"""Volume moved between two elevation models, laid over each other on ground that did not change.

Method `volume.dem-difference.v1`: coregistration after Nuth & Kaab (2011), The Cryosphere 5, 271,
by xdem, and the error of a mean over a site from the means over stable ground of patches of the
site's own shape (the patches method: Rolstad, Haug & Denby 2009, J. Glaciol. 55, 666; Hugonnet et
al. 2022, IEEE JSTARS 15, 6456). The patches hold whatever correlation the errors have; no model of
it is fitted. xdem's own patches (0.2.3) count cells in eight bits and fail beyond 127 of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_utm_crs_info
from scipy.ndimage import binary_dilation
from scipy.optimize import OptimizeWarning
from scipy.signal import fftconvolve
from scipy.stats import t as student
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.terrain import Alignment, Elevation, SiteVolume
from gossan.core.values import Measurement
from gossan.core.words import tr
from gossan.observables.terrain.routing import cells_of

VOLUME = "volume.dem-difference.v1"
LEVEL = 0.95
UNSTABLE_M = 100.0
"""Ground so close to a site does not count as stable, m."""

LEAST_STABLE = 1000
"""Cells of stable ground without which nothing is laid over anything."""

LEAST_KNOWN = 0.8
"""Share of a site that must have a height in both models."""

LEAST_CELLS = 9
"""Cells of the model that a site must cover: of a smaller one the surroundings are measured."""

LEAST_PATCHES = 5
"""Patches beside each other from which a spread is taken; with fewer all errors count as one."""

FITS = 0.9
"""Share of a patch that must be stable ground."""

FARTHEST_CELLS = 10.0
"""A larger shift than this, in cells, is a failed fit: then only the median is taken out."""


@dataclass(frozen=True)
class Difference:
    """Later minus earlier heights.

    Attributes
    ----------
    grid : common grid in metres
    change : float64 (y, x), m, NaN where one of the two has no height
    stable : bool (y, x), ground that counts as unchanged
    alignment : how the two were laid over each other
    """

    grid: GeoBox
    change: NDArray[np.float64]
    stable: NDArray[np.bool_]
    alignment: Alignment


def difference(
    before: Elevation, after: Elevation, moved: Sequence[BaseGeometry], seed: int
) -> Difference:
    """Lay `after` over `before` and subtract. moved: ground (lon/lat) that may have changed.

    Raises GossanError (DEM) where xdem is not installed, the two do not overlap, or too little
    stable ground is left.
    """
    xdem = _xdem()
    first = _in_metres(xdem, before)
    second = _dem(xdem, after).reproject(
        first, resampling="average" if _finer(after, first) else "bilinear", silent=True
    )
    grid = GeoBox(first.shape, first.transform, str(first.crs.to_string()))
    stable = _stable(grid, moved) & _known(first) & _known(second)
    if stable.sum() < LEAST_STABLE:
        raise GossanError(
            Code.DEM,
            tr(
                "The two elevation models share {sum:,} cells of stable ground, expected at least "
                "{least_stable:,}.",
                sum=int(stable.sum()),
                least_stable=LEAST_STABLE,
            ),
            tr("Give models that reach farther beyond the sites."),
        )
    raw = _heights(second) - _heights(first)
    laid, shift = _laid_over(xdem, first, second, stable, raw, seed)
    change = _heights(laid) - _heights(first)
    stable &= np.isfinite(change)
    rest = float(np.median(change[stable]))
    change -= rest
    spread = [_nmad(raw[stable]), _nmad(change[stable])]
    known = np.isfinite(change)
    alignment = Alignment(
        shift_m=(shift[0], shift[1], shift[2] - rest),
        nmad_before=spread[0],
        nmad_after=spread[1],
        stable_share=float(stable.sum() / known.sum()),
        cell_m=float(abs(first.res[0])),
    )
    return Difference(grid, change, stable, alignment)


def site_volumes(found: Difference, sites: Mapping[str, BaseGeometry]) -> tuple[SiteVolume, ...]:
    """What each site (id -> lon/lat) gained or lost.

    V = sum dh a^2 over its cells and those that touch them but no other site: walls are blurred
    where a model was moved by a part of a cell. The interval is that of a mean over patches of
    this shape on stable ground.
    """
    to_grid = Transformer.from_crs("EPSG:4326", str(found.grid.crs), always_xy=True)
    placed = [
        shapely.transform(s, lambda x, y: to_grid.transform(x, y), interleaved=False)
        for s in sites.values()
    ]
    own = cells_of(found.grid, placed)
    taken = np.zeros(found.grid.shape, np.bool_)
    for cells in own:
        taken.ravel()[cells] = True
    areas = pixel_areas_m2(found.grid).ravel()
    return tuple(
        _measured(found, site, cells, _grown(cells, taken), areas)
        for site, cells in zip(sites, own, strict=True)
    )


def _grown(cells: NDArray[np.int32], taken: NDArray[np.bool_]) -> NDArray[np.int32]:
    """The cells and their neighbours that no site has."""
    mine = np.zeros(taken.shape, np.bool_)
    mine.ravel()[cells] = True
    grown = binary_dilation(mine, np.ones((3, 3))) & (mine | ~taken)
    return np.flatnonzero(grown).astype(np.int32)


def _measured(
    found: Difference,
    site: str,
    own: NDArray[np.int32],
    cells: NDArray[np.int32],
    areas: NDArray[np.float64],
) -> SiteVolume:
    change = found.change.ravel()
    share = float(np.isfinite(change[own]).mean()) if own.size else 0.0
    if share < LEAST_KNOWN or own.size < LEAST_CELLS:
        return SiteVolume(site, None, None, share, int(own.size))
    ground = float(areas[cells].sum())
    volume, depth = float(np.nanmean(change[cells])) * ground, float(np.nanmean(change[own]))
    half, deep = _half_width(found, cells) * ground, _half_width(found, own)
    return SiteVolume(
        site,
        Measurement("volume gained", volume, "m3", volume - half, volume + half, LEVEL, VOLUME,
                    detection_limit=half),
        Measurement("mean change of height", depth, "m", depth - deep, depth + deep, LEVEL, VOLUME,
                    detection_limit=deep),
        share,
        int(own.size),
    )  # fmt: skip


def _half_width(found: Difference, cells: NDArray[np.int32]) -> float:
    """Half the interval of a mean change of height over `cells`, m."""
    means, independent = patch_means(found, cells)
    if independent < LEAST_PATCHES:
        # hardly any ground to compare with: as if all cells erred alike
        return float(student.ppf(0.5 + LEVEL / 2, 1000)) * found.alignment.nmad_after
    # a t for the few patches; the mean of stable ground is zero but for its own error
    factor = student.ppf(0.5 + LEVEL / 2, independent - 1) * np.sqrt(1 + 1 / independent)
    return float(np.sqrt(np.mean(means**2)) * factor)


def patch_means(found: Difference, cells: NDArray[np.int32]) -> tuple[NDArray[np.float64], float]:
    """Means of the change of stable ground over the shape of `cells` wherever it fits, m, and how
    many of them do not overlap, on average over where one begins."""
    row, col = np.divmod(cells, found.grid.shape[1])
    shape = np.zeros((np.ptp(row) + 1, np.ptp(col) + 1))
    shape[row - row.min(), col - col.min()] = 1.0
    turned = shape[::-1, ::-1]
    total = fftconvolve(np.where(found.stable, found.change, 0.0), turned, mode="valid")
    count = fftconvolve(found.stable.astype(np.float64), turned, mode="valid").round()
    fits = count >= FITS * len(cells)
    return total[fits] / count[fits], float(fits.sum() / shape.size)


def _laid_over(
    xdem: Any,
    first: Any,
    second: Any,
    stable: NDArray[np.bool_],
    raw: NDArray[np.float64],
    seed: int,
) -> tuple[Any, tuple[float, float, float]]:
    """The later model moved, and by how much (m); unmoved where no shift can be found."""
    fit = xdem.coreg.NuthKaab()
    try:
        with warnings.catch_warnings():
            # of the covariance of a fit to models without errors; it is not used
            warnings.simplefilter("ignore", OptimizeWarning)
            fit.fit(first, second, inlier_mask=stable, random_state=seed)
        found = fit.meta["outputs"]["affine"]
        shift = tuple(float(found[f"shift_{axis}"]) for axis in "xyz")
        laid = fit.apply(second)
    except (ValueError, RuntimeError, KeyError):  # flat ground says nothing of a shift
        return second, (0.0, 0.0, 0.0)
    far = max(abs(shift[0]), abs(shift[1])) > FARTHEST_CELLS * abs(first.res[0])
    change = (_heights(laid) - _heights(first))[stable]
    worse = not np.isfinite(shift).all() or _nmad(change) > _nmad(raw[stable])
    return (second, (0.0, 0.0, 0.0)) if far or worse else (laid, (shift[0], shift[1], shift[2]))


def _in_metres(xdem: Any, elevation: Elevation) -> Any:
    """The model on its own grid if that is in metres, else in its UTM zone."""
    crs = CRS.from_user_input(str(elevation.grid.crs))
    dem = _dem(xdem, elevation)
    if crs.is_projected and crs.axis_info[0].unit_conversion_factor == 1.0:
        return dem
    box = elevation.grid.geographic_extent.boundingbox
    lon, lat = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    zone = query_utm_crs_info("WGS 84", AreaOfInterest(lon, lat, lon, lat))[0]
    side = float(np.sqrt(np.median(pixel_areas_m2(elevation.grid))))
    return dem.reproject(crs=int(zone.code), res=side, resampling="bilinear", silent=True)


def _dem(xdem: Any, elevation: Elevation) -> Any:
    heights = np.ma.masked_invalid(elevation.heights.astype(np.float32))
    return xdem.DEM.from_array(
        heights, elevation.grid.affine, str(elevation.grid.crs), nodata=-9999
    )


def _finer(after: Elevation, first: Any) -> bool:
    """Whether several cells of `after` lie in one of `first`."""
    side = float(np.sqrt(np.median(pixel_areas_m2(after.grid))))
    return bool(side < 0.67 * abs(first.res[0]))


def _heights(dem: Any) -> NDArray[np.float64]:
    heights: NDArray[np.float64] = np.ma.filled(np.ma.asarray(dem.data).astype(float), np.nan)
    return heights


def _known(dem: Any) -> NDArray[np.bool_]:
    return np.isfinite(_heights(dem))


def _nmad(values: NDArray[np.float64]) -> float:
    """1.4826 times the median absolute deviation, as the field's measure of spread."""
    known = values[np.isfinite(values)]
    return float(1.4826 * np.median(np.abs(known - np.median(known))))


def _stable(grid: GeoBox, moved: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
    """True farther than UNSTABLE_M from every site, (y, x)."""
    out = np.ones(grid.shape, np.bool_)
    if moved:
        to_grid = Transformer.from_crs("EPSG:4326", str(grid.crs), always_xy=True)
        united = shapely.transform(
            shapely.union_all(list(moved)), lambda x, y: to_grid.transform(x, y), interleaved=False
        )
        out.ravel()[cells_of(grid, [united.buffer(UNSTABLE_M)])[0]] = False
    return out


def _xdem() -> Any:
    try:
        import xdem  # brings pandas and much else: only where volumes are asked for
    except ImportError:
        raise GossanError(
            Code.DEM,
            tr("Volumes need the package xdem, which is not installed."),
            tr("Install it: pip install 'gossan[volume]'."),
        ) from None
    return xdem
