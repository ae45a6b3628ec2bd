"""True ground area of pixels: no projection, and no degree, is taken for square metres."""

from __future__ import annotations

import math

import numpy as np
import pyproj
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.core.errors import Code, GossanError

LATTICE = 65
"""Nodes per axis at which a projection's scale is computed; between them it is interpolated.
The scale is smooth: over 100 km of UTM the interpolation error is below 1e-8."""


def pixel_areas_m2(grid: GeoBox) -> NDArray[np.float64]:
    """Ellipsoidal area of every pixel of `grid`, m2, float64 of shape (y, x), read-only.

    Geographic grids: the exact area between two parallels and two meridians on the CRS's
    own ellipsoid (Snyder 1987, Map Projections, eq. 3-12, via the authalic q). Projected
    grids: the pixel's area in map units divided by the areal scale of the projection at
    the pixel's centre (PROJ factors). Raises GossanError(AREA) for a grid without CRS,
    a rotated geographic grid, or pixels where the projection is undefined.
    """
    if grid.crs is None:
        raise GossanError(
            Code.AREA,
            "The working grid has no coordinate reference system, so its pixels have no area.",
            "Give the grid a CRS such as EPSG:32635.",
        )
    crs = pyproj.CRS.from_user_input(grid.crs.proj)
    areas = _geographic(grid, crs) if crs.is_geographic else _projected(grid, crs)
    if not bool(np.isfinite(areas).all()):
        raise GossanError(
            Code.AREA,
            f"Some pixels of the grid lie where {crs.name} is not defined.",
            "Choose a CRS whose area of use covers the case, for example its UTM zone.",
        )
    areas.flags.writeable = False
    return areas


def _geographic(grid: GeoBox, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Row areas between parallels, repeated along each row."""
    a = grid.affine
    if a.b != 0 or a.d != 0:
        raise GossanError(
            Code.AREA,
            "The working grid is in degrees and rotated; only upright grids in degrees are known.",
            "Use an upright grid, or a projected CRS such as UTM.",
        )
    height, width = grid.shape
    to_radians = crs.axis_info[0].unit_conversion_factor
    edges = (a.f + a.e * np.arange(height + 1, dtype=np.float64)) * to_radians
    if np.abs(edges).max() > math.pi / 2 + 1e-9:
        raise GossanError(
            Code.AREA,
            "The working grid reaches beyond a pole: a latitude is greater than 90 degrees.",
            "Check that longitude and latitude are not swapped.",
        )
    ellipsoid = crs.get_geod()
    assert ellipsoid is not None
    q = _authalic_q(np.sin(edges), math.sqrt(ellipsoid.es))
    rows = 0.5 * ellipsoid.a**2 * abs(a.a) * to_radians * np.abs(np.diff(q))
    return np.array(np.broadcast_to(rows[:, None], (height, width)))


def _authalic_q(sine: NDArray[np.float64], e: float) -> NDArray[np.float64]:
    """Snyder's q(latitude), dimensionless; 2 sin on a sphere."""
    if e < 1e-12:
        return 2.0 * sine
    log = np.log((1 - e * sine) / (1 + e * sine)) / (2 * e)
    q: NDArray[np.float64] = (1 - e * e) * (sine / (1 - (e * sine) ** 2) - log)
    return q


def _projected(grid: GeoBox, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Map area over areal scale, the scale from a lattice of pixel centres."""
    a = grid.affine
    height, width = grid.shape
    metres = crs.axis_info[0].unit_conversion_factor
    map_area = abs(a.a * a.e - a.b * a.d) * metres**2
    rows, cols = _nodes(height), _nodes(width)
    x = a.a * (cols[None, :] + 0.5) + a.b * (rows[:, None] + 0.5) + a.c
    y = a.d * (cols[None, :] + 0.5) + a.e * (rows[:, None] + 0.5) + a.f
    projection = pyproj.Proj(crs)
    lon, lat = projection(x, y, inverse=True)
    scale = np.asarray(projection.get_factors(lon, lat).areal_scale, dtype=np.float64)
    by_row = _interpolate(scale, rows, height)
    full = _interpolate(by_row.T, cols, width).T
    return np.ascontiguousarray(map_area / full)


def _nodes(n: int) -> NDArray[np.float64]:
    """Pixel indices at which the scale is computed: all, or LATTICE of them."""
    return np.linspace(0.0, n - 1.0, min(n, LATTICE))


def _interpolate(
    values: NDArray[np.float64], nodes: NDArray[np.float64], n: int
) -> NDArray[np.float64]:
    """Linear interpolation of (nodes, k) along the first axis to (n, k)."""
    if len(nodes) == n:
        return values
    at = np.arange(n, dtype=np.float64)
    left = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    share = ((at - nodes[left]) / (nodes[left + 1] - nodes[left]))[:, None]
    between: NDArray[np.float64] = values[left] * (1 - share) + values[left + 1] * share
    return between
