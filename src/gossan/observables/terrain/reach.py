"""What lies beside the way water takes, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj.enums import TransformDirection

from gossan.core.order import as_shown
from gossan.core.proportions import exact_interval
from gossan.core.terrain import LonLat, Place, Target
from gossan.core.values import Measurement
from gossan.observables.terrain.routing import FLOW, Way

LEVEL = 0.95
LEAST_PASSED = 0.05
"""Places that the model's own way misses are listed from this share of realisations."""


@dataclass(frozen=True)
class Plane:
    """Places and cells in one plane: azimuthal equidistant around the middle of the model, true
    to 1e-4 over 150 km.

    Attributes
    ----------
    grid : of the model
    places : as given
    shapes : their geometries in the plane, m, lines and polygons simplified by a quarter of a cell
    lay : from the grid's CRS into the plane
    """

    grid: GeoBox
    places: tuple[Place, ...]
    shapes: NDArray[np.object_]
    lay: pyproj.Transformer

    def points(self, cells: NDArray[np.int32]) -> NDArray[np.float64]:
        """Centres of cells in the plane, (n, 2), m."""
        x, y = _map_xy(self.grid, cells)
        east, north = self.lay.transform(x, y)
        return np.column_stack([east, north])


def plane_of(grid: GeoBox, places: Sequence[Place], cell_m: float) -> Plane:
    """The places laid into the plane of a model."""
    lay = _to_plane(grid, "EPSG:4326")
    shapes = [
        shapely.transform(p.geometry, lambda x, y: lay.transform(x, y), interleaved=False)
        for p in places
    ]
    array = np.array(shapes, dtype=object)
    simple = shapely.simplify(array, cell_m / 4) if shapes else array
    return Plane(grid, tuple(places), simple, _to_plane(grid, str(grid.crs)))


def lonlat(grid: GeoBox, cells: NDArray[np.int32]) -> list[LonLat]:
    """Centres of cells, lon/lat degrees to 0.1 m."""
    x, y = _map_xy(grid, cells)
    moved = pyproj.Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    lon, lat = moved.transform(x, y)
    return [(round(float(a), 6), round(float(b), 6)) for a, b in zip(lon, lat, strict=True)]


@dataclass(frozen=True)
class Passing:
    """Where a way passes the places, arrays over places.

    Attributes
    ----------
    along_m : distance along the way to where it is nearest, m; NaN where it stays farther
        away than asked
    aside_m : distance from the way there, m
    at : index into the way's cells
    """

    along_m: NDArray[np.float64]
    aside_m: NDArray[np.float64]
    at: NDArray[np.int64]


def passing(plane: Plane, way: Way, aside_m: float) -> Passing:
    """Places within `aside_m` of a way; one that it enters counts from where it enters."""
    n = len(plane.places)
    along, aside, at = np.full(n, np.nan), np.full(n, np.inf), np.zeros(n, np.int64)
    if n:
        xy = plane.points(way.cells)
        line = shapely.linestrings(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0))
        points = shapely.points(xy)
        for i in np.flatnonzero(shapely.dwithin(plane.shapes, line, aside_m)):
            distance = shapely.distance(points, plane.shapes[i])
            k = int(np.argmin(np.round(distance, 3)))
            # between two cells the line may come nearer than at either
            aside[i] = shapely.distance(line, plane.shapes[i])
            along[i], at[i] = way.along_m[k], k
    return Passing(along, aside, at)


def targets_of(
    plane: Plane,
    way: Way,
    nominal: Passing,
    drawn: NDArray[np.float64],
    heights: NDArray[np.float64],
) -> tuple[Target, ...]:
    """The places beside a way, by distance along it.

    drawn (realisations, places): `along_m` of the realisations; heights (y, x), m. A place is
    listed if the model's own way passes it, or that of at least LEAST_PASSED of the realisations.
    """
    where = lonlat(plane.grid, way.cells)
    out = []
    for i, place in enumerate(plane.places):
        hits = drawn[np.isfinite(drawn[:, i]), i]
        seen, n = len(hits), len(drawn)
        mine = bool(np.isfinite(nominal.along_m[i]))
        if not mine and seen < LEAST_PASSED * n:
            continue
        value = float(nominal.along_m[i]) if mine else float(np.median(hits))
        low, high = np.quantile(hits, [0.025, 0.975]) if seen else (value, value)
        own = place.geometry.representative_point()
        out.append(
            Target(
                name=place.name,
                kind=place.kind,
                source=place.source,
                along=Measurement(
                    "distance along the flow",
                    value / 1e3,
                    "km",
                    min(float(low), value) / 1e3,
                    max(float(high), value) / 1e3,
                    LEVEL,
                    FLOW,
                ),
                aside_m=float(nominal.aside_m[i]) if mine else None,
                above_m=_above(plane, i, way, nominal, heights) if mine else None,
                passed=Measurement(
                    "share of realisations",
                    seen / n,
                    "1",
                    *exact_interval(seen, n, LEVEL),
                    LEVEL,
                    FLOW,
                ),
                at=where[nominal.at[i]] if mine else (float(own.x), float(own.y)),
            )
        )
    return tuple(sorted(out, key=lambda t: (as_shown(t.along.value, 1), t.name)))


def _above(
    plane: Plane, i: int, way: Way, nominal: Passing, heights: NDArray[np.float64]
) -> float | None:
    """Height of a place above the way, both where they are nearest, m; None off the model."""
    cell = way.cells[nominal.at[i]]
    there = shapely.shortest_line(shapely.Point(plane.points(cell[None])[0]), plane.shapes[i])
    x, y = plane.lay.transform(
        float(there.coords[-1][0]), float(there.coords[-1][1]), direction=TransformDirection.INVERSE
    )
    col, row = (int(np.floor(v)) for v in ~plane.grid.affine @ (x, y))
    if not (0 <= row < heights.shape[0] and 0 <= col < heights.shape[1]):
        return None
    above = float(heights[row, col] - heights.ravel()[cell])
    return above if np.isfinite(above) else None


def _map_xy(
    grid: GeoBox, cells: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    row, col = np.divmod(np.asarray(cells, np.int64), grid.shape[1])
    a = grid.affine
    return a.a * (col + 0.5) + a.b * (row + 0.5) + a.c, a.d * (col + 0.5) + a.e * (row + 0.5) + a.f


def _to_plane(grid: GeoBox, crs: str) -> pyproj.Transformer:
    middle = grid.geographic_extent.centroid.coords[0]
    plane = f"+proj=aeqd +lon_0={middle[0]:.9f} +lat_0={middle[1]:.9f} +datum=WGS84 +units=m"
    return pyproj.Transformer.from_crs(crs, plane, always_xy=True)
