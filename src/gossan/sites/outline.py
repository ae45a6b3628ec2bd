"""The outline of a site along pixel edges."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio import features
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry


def outline(
    inside: NDArray[np.bool_], row: int, col: int, grid: GeoBox, to_lonlat: pyproj.Transformer
) -> tuple[BaseGeometry, BaseGeometry]:
    """Polygon(s) of the True pixels of a window: in EPSG:4326 and in the grid's CRS.

    `inside` is bool (y, x), its upper left pixel at `row`, `col` of `grid`; `to_lonlat`
    leads from the grid's CRS to EPSG:4326 (x before y) and is shared by all sites, because
    it takes long to make. Pixels that touch at a corner only become parts of one
    MultiPolygon, so the geometry is valid. Rings run counter-clockwise outside and
    clockwise inside, in both CRS.
    """
    found = features.shapes(inside.astype(np.uint8), mask=inside, connectivity=4)
    parts = sorted((shape(geometry) for geometry, _ in found), key=lambda p: p.bounds)
    pixels = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    a = grid.affine

    def to_grid(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        c, r = xy[:, 0] + col, xy[:, 1] + row
        return np.column_stack([a.a * c + a.b * r + a.c, a.d * c + a.e * r + a.f])

    on_grid = shapely.transform(pixels, to_grid)

    def degrees(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_lonlat.transform(xy[:, 0], xy[:, 1]))

    lonlat = shapely.transform(on_grid, degrees)
    return shapely.orient_polygons(lonlat), shapely.orient_polygons(on_grid)
