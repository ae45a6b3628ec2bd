"""Elevation models and places whose answers can be worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from shapely.geometry import box, mapping

ARCSEC = 1 / 3600


def glo30_grid(west: float, north: float, shape: tuple[int, int]) -> GeoBox:
    """A part of GLO-30's grid: one arc second, cells centred on whole arc seconds."""
    col, row = round(west / ARCSEC), round(north / ARCSEC)
    corner = Affine(ARCSEC, 0, (col - 0.5) * ARCSEC, 0, -ARCSEC, (row + 0.5) * ARCSEC)
    return GeoBox(shape, corner, "EPSG:4326")


def valley(grid: GeoBox, axis_lon: float, *, fall: float = 3.0, sides: float = 3.0) -> NDArray[Any]:
    """A straight valley along a meridian that falls southward: its floor is the column nearest to
    `axis_lon`; heights in m, float32. `fall`, `sides`: m per cell along and across."""
    height, width = grid.shape
    floor = int(np.floor((axis_lon - grid.affine.c) / grid.affine.a))
    row, col = np.mgrid[:height, :width]
    z = 1000.0 + fall * (height - row) + sides * np.abs(col - floor)
    return np.asarray(z, np.float32)


def write_dem(path: Path, grid: GeoBox, heights: NDArray[Any], nodata: float | None = None) -> Path:
    """A cloud-optimised GeoTIFF of heights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="COG",
        height=grid.shape[0],
        width=grid.shape[1],
        count=1,
        dtype=heights.dtype,
        crs=str(grid.crs),
        transform=grid.affine,
        nodata=nodata,
        compress="deflate",
        blocksize=256,
    ) as data:
        data.write(heights, 1)
    return path


def glo30_item(name: str, href: str, grid: GeoBox) -> dict[str, Any]:
    """An item in the shape of cop-dem-glo-30 (stactools-cop-dem), one tile."""
    edge = grid.geographic_extent.boundingbox
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.0.0/schema.json"],
        "id": name,
        "collection": "cop-dem-glo-30",
        "geometry": mapping(box(*edge.bbox)),
        "bbox": list(edge.bbox),
        "properties": {
            "gsd": 30,
            "datetime": "2021-04-22T00:00:00Z",
            "platform": "TanDEM-X",
            "proj:epsg": 4326,
            "proj:shape": list(grid.shape),
            "proj:transform": [float(v) for v in tuple(grid.affine)[:6]],
        },
        "assets": {
            "data": {
                "href": href,
                "type": "image/tiff; application=geotiff; profile=cloud-optimized",
                "title": name,
                "roles": ["data"],
            },
            "rendered_preview": {"href": href + ".png", "type": "image/png", "roles": ["overview"]},
        },
        "links": [],
    }


def write_points(path: Path, places: dict[str, tuple[float, float]]) -> Path:
    """GeoJSON of named points, lon/lat."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": list(at)},
        }
        for name, at in places.items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path
