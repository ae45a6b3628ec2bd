"""True ground area of pixels and distance between them: no projection, and no degree, is taken
for metres."""

from __future__ import annotations

import math

import numpy as np
import pyproj
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

LATTICE = 65
"""Nodes per axis at which a projection's scale is computed; between them it is interpolated.
The scale is smooth: over 100 km of UTM the interpolation error is below 1e-8."""
STEP_M = 100.0
"""Half the span of the central differences, m: truncation 1e-10, rounding below 1e-7."""

TOWARDS = ((0, 1), (1, 1), (1, 0), (1, -1))
"""Rows and columns from a pixel to its neighbours E, SE, S and SW."""


def pixel_areas_m2(grid: GeoBox) -> NDArray[np.float64]:
    """Ellipsoidal area of every pixel of `grid`, m2, float64 of shape (y, x), read-only.

    Geographic grids: the exact area between two parallels and two meridians on the CRS's
    own ellipsoid (Snyder 1987, Map Projections, eq. 3-12, via the authalic q). Projected
    grids: the pixel's area in map units times the ground area per map area at its centre,
    right to the second order of the pixel's size over the earth's radius. Raises
    GossanError(AREA) for a grid without CRS, a rotated geographic grid, or pixels where
    the projection is undefined.
    """
    if grid.crs is None:
        raise _without_crs(tr("area"))
    crs = pyproj.CRS.from_user_input(grid.crs.proj)
    areas = _geographic(grid, crs) if crs.is_geographic else _projected(grid, crs)
    if not bool(np.isfinite(areas).all()):
        raise _undefined(crs)
    areas.flags.writeable = False
    return areas


def neighbour_steps_m(grid: GeoBox) -> NDArray[np.float32]:
    """Geodesic distance in m from every pixel's centre to that of its neighbour E, SE, S and SW,
    float32 of shape (4, y, x), read-only; on the last rows and columns as if the grid went on.

    Solved exactly (Karney 2013, through PROJ) at a lattice of pixels and interpolated between,
    below 1e-7 of a step over half a degree or 45 km. Raises GossanError(AREA) for a grid without
    CRS, or pixels where it is undefined.
    """
    if grid.crs is None:
        raise _without_crs(tr("distance"))
    crs = pyproj.CRS.from_user_input(grid.crs.proj)
    geographic, ellipsoid = crs.geodetic_crs, crs.get_geod()
    assert geographic is not None
    assert ellipsoid is not None
    to_lonlat = pyproj.Transformer.from_crs(crs, geographic, always_xy=True).transform
    degrees = math.degrees(geographic.axis_info[0].unit_conversion_factor)
    height, width = grid.shape
    rows, cols = _nodes(height), _nodes(width)

    def lonlat(down: int, right: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lon, lat = to_lonlat(*_centres(grid, rows + down, cols + right))
        return lon * degrees, lat * degrees

    steps = np.empty((4, height, width), np.float32)
    for k, offset in enumerate(TOWARDS):
        _, _, length = ellipsoid.inv(*lonlat(0, 0), *lonlat(*offset))
        steps[k] = _interpolate(_interpolate(length, rows, height).T, cols, width).T
    if not bool(np.isfinite(steps).all()):
        raise _undefined(crs)
    steps.flags.writeable = False
    return steps


def _without_crs(what: str) -> GossanError:
    return GossanError(
        Code.AREA,
        tr("The grid has no coordinate reference system, so its pixels have no {what}.", what=what),
        tr("Give the grid a CRS such as EPSG:32635."),
    )


def _undefined(crs: pyproj.CRS) -> GossanError:
    return GossanError(
        Code.AREA,
        tr("Some pixels of the grid lie where {crs} is not defined.", crs=crs.name),
        tr("Choose a CRS whose area of use covers the case, for example its UTM zone."),
    )


def _centres(
    grid: GeoBox, rows: NDArray[np.float64], cols: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Map coordinates (x, y) of the centres of pixels, each of shape (rows, cols)."""
    a = grid.affine
    x = a.a * (cols[None, :] + 0.5) + a.b * (rows[:, None] + 0.5) + a.c
    y = a.d * (cols[None, :] + 0.5) + a.e * (rows[:, None] + 0.5) + a.f
    return x, y


def _geographic(grid: GeoBox, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Row areas between parallels, repeated along each row."""
    a = grid.affine
    if a.b != 0 or a.d != 0:
        raise GossanError(
            Code.AREA,
            tr(
                "The working grid is in degrees and rotated; only upright grids in degrees are "
                "known."
            ),
            tr("Use an upright grid, or a projected CRS such as UTM."),
        )
    height, width = grid.shape
    to_radians = crs.axis_info[0].unit_conversion_factor
    edges = (a.f + a.e * np.arange(height + 1, dtype=np.float64)) * to_radians
    if np.abs(edges).max() > math.pi / 2 + 1e-9:
        raise GossanError(
            Code.AREA,
            tr("The working grid reaches beyond a pole: a latitude is greater than 90 degrees."),
            tr("Check that longitude and latitude are not swapped."),
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
    """Area in map units times ground area per map area, the latter from a lattice of centres."""
    a = grid.affine
    height, width = grid.shape
    rows, cols = _nodes(height), _nodes(width)
    x, y = _centres(grid, rows, cols)
    by_row = _interpolate(_ground_per_map(x, y, crs), rows, height)
    full = _interpolate(by_row.T, cols, width).T
    return np.ascontiguousarray(abs(a.a * a.e - a.b * a.d) * full)


def _ground_per_map(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: pyproj.CRS
) -> NDArray[np.float64]:
    """Ground m2 per squared map unit at map coordinates of shape (y, x).

    The Jacobian of the inverse projection by central differences, times the ellipsoid's
    radii of curvature. PROJ's own areal scale is not used: for web Mercator it is that of
    the sphere, 0.1 % off.
    """
    geographic = crs.geodetic_crs
    ellipsoid = crs.get_geod()
    assert geographic is not None
    assert ellipsoid is not None
    inverse = pyproj.Transformer.from_crs(crs, geographic, always_xy=True).transform
    step = STEP_M / crs.axis_info[0].unit_conversion_factor
    (lon_e, lat_e), (lon_w, lat_w) = inverse(x + step, y), inverse(x - step, y)
    (lon_n, lat_n), (lon_s, lat_s) = inverse(x, y + step), inverse(x, y - step)
    unit = geographic.axis_info[0].unit_conversion_factor
    turn = 2 * math.pi / unit  # a pixel may lie on the 180th meridian
    d_lon_x, d_lon_y = _wrapped(lon_e - lon_w, turn), _wrapped(lon_n - lon_s, turn)
    d_lat_x, d_lat_y = lat_e - lat_w, lat_n - lat_s
    jacobian = np.abs(d_lon_x * d_lat_y - d_lon_y * d_lat_x) * (unit / (2 * step)) ** 2
    lat = 0.25 * (lat_e + lat_w + lat_n + lat_s) * unit
    radii = ellipsoid.a**2 * (1 - ellipsoid.es) / (1 - ellipsoid.es * np.sin(lat) ** 2) ** 2
    ground: NDArray[np.float64] = jacobian * radii * np.cos(lat)
    return ground


def _wrapped(difference: NDArray[np.float64], turn: float) -> NDArray[np.float64]:
    """Difference of longitudes brought to within half a turn."""
    nearest: NDArray[np.float64] = difference - turn * np.round(difference / turn)
    return nearest


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
