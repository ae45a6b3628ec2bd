"""PNG pictures of the area and of sites, for the dossier."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from PIL import Image
from pyproj import Transformer
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gossan.dossier.chapter import LonLat, Ring

CROP_WIDTH = 260
"""Wished width of a crop, image pixels: small areas are enlarged by whole numbers."""


def png(rgba: NDArray[np.uint8], scale: int = 1) -> bytes:
    """A (y, x, 4) picture as PNG, each pixel repeated `scale` times; equal input, equal bytes."""
    big = rgba.repeat(scale, axis=0).repeat(scale, axis=1)
    buffer = io.BytesIO()
    Image.fromarray(big, "RGBA").save(buffer, "PNG")
    return buffer.getvalue()


def corners(grid: GeoBox) -> tuple[LonLat, LonLat, LonLat, LonLat]:
    """Outer corners in lon/lat: top left, top right, bottom right, bottom left."""
    to_lonlat = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    height, width = grid.shape
    found = [
        to_lonlat.transform(*(grid.transform * xy))
        for xy in ((0, 0), (width, 0), (width, height), (0, height))
    ]
    a, b, c, d = [(float(x), float(y)) for x, y in found]
    return a, b, c, d


def crop_window(
    rows: NDArray[np.int32], cols: NDArray[np.int32], shape: tuple[int, int]
) -> tuple[slice, slice]:
    """A window around pixels with room to see the surroundings, inside a grid of `shape`."""
    spans = []
    for index, size in ((rows, shape[0]), (cols, shape[1])):
        low, high = int(index.min()), int(index.max()) + 1
        side = min(size, max(40, high - low + 2 * max(8, (high - low) // 3)))
        start = min(max(0, (low + high - side) // 2), size - side)
        spans.append(slice(start, start + side))
    return spans[0], spans[1]


def crop_scale(window: tuple[slice, slice]) -> int:
    """Whole number by which a crop is enlarged."""
    width: int = window[1].stop - window[1].start
    return max(1, round(CROP_WIDTH / width))


def outline(
    geometry: BaseGeometry, grid: GeoBox, window: tuple[slice, slice], scale: int
) -> tuple[Ring, ...]:
    """Rings of a geometry in the grid's CRS as (x, y) image pixels of an enlarged crop."""
    inverse = ~grid.transform
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    return tuple(
        tuple(_to_pixel(inverse * (x, y), window, scale) for x, y in ring.coords)
        for part in parts
        for ring in (part.exterior, *part.interiors)
    )


def _to_pixel(
    at: tuple[float, float], window: tuple[slice, slice], scale: int
) -> tuple[float, float]:
    col, row = at
    return (round((col - window[1].start) * scale, 2), round((row - window[0].start) * scale, 2))


def stride_for(shape: Sequence[int], longest: int = 1024) -> int:
    """Every how many pixels a picture takes one, so that it stays within `longest`."""
    return max(1, math.ceil(int(max(shape)) / longest))
