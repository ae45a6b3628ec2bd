"""Sentinel-1 items and images as catalogues hold them, made by tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely import transform
from shapely.geometry import box, mapping

from gossan.core.dates import from_day
from tests.support.myanmar import Granules

GAMMA = (
    "Terrain-corrected gamma naught values of signal transmitted with vertical polarization and "
    "received with {} polarization with radiometric terrain correction applied."
)


def write_power(path: Path, power: NDArray[np.float32], grid: GeoBox) -> Path:
    """A tiled, deflated float32 GeoTIFF with -32768 for no data, as sentinel-1-rtc has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="COG",
        height=power.shape[0],
        width=power.shape[1],
        count=1,
        dtype="float32",
        crs=str(grid.crs),
        transform=grid.affine,
        nodata=-32768,
        compress="deflate",
        blocksize=128,
        overviews="NONE",
    ) as data:
        data.write(np.where(np.isfinite(power), power, np.float32(-32768)), 1)
    return path


def rtc_item(
    name: str,
    when: str,
    hrefs: dict[str, str],
    bounds: tuple[float, float, float, float],
    *,
    grid: GeoBox | None = None,
    orbit: tuple[str, int] = ("descending", 106),
    properties: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An item of Planetary Computer's sentinel-1-rtc as JSON; `bounds` in lon/lat."""
    words = {"vv": "vertical", "vh": "horizontal"}
    assets: dict[str, Any] = {
        key: {
            "href": href,
            "type": "image/tiff; application=geotiff; profile=cloud-optimized",
            "title": f"{key.upper()}: vertical transmit, {words[key]} receive",
            "description": GAMMA.format(words[key]),
            "roles": ["data"],
            "raster:bands": [{"nodata": -32768, "data_type": "float32", "spatial_resolution": 10}],
        }
        for key, href in hrefs.items()
    }
    placed: dict[str, Any] = {}
    if grid is not None:
        placed = {
            "proj:code": f"EPSG:{grid.crs.epsg}",
            "proj:shape": list(grid.shape),
            "proj:transform": [float(v) for v in tuple(grid.affine)[:6]],
        }
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "sentinel-1-rtc",
        "geometry": mapping(box(*bounds)),
        "bbox": list(bounds),
        "properties": {
            "datetime": when,
            "platform": "SENTINEL-1A",
            "constellation": "Sentinel-1",
            "sar:instrument_mode": "IW",
            "sar:product_type": "GRD",
            "sar:polarizations": ["VV", "VH"],
            "sar:looks_equivalent_number": 4.4,
            "sat:orbit_state": orbit[0],
            "sat:relative_orbit": orbit[1],
            **placed,
            **(properties or {}),
        },
        "assets": assets,
        "links": [],
    }


def lonlat_bounds(grid: GeoBox) -> tuple[float, float, float, float]:
    """Bounds of a grid in lon/lat degrees."""
    to_degrees = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    edge = transform(
        box(*grid.boundingbox.bbox), lambda x, y: to_degrees.transform(x, y), interleaved=False
    )
    return edge.bounds


def write_granules(found: Granules, folder: Path, base: str) -> list[dict[str, Any]]:
    """Every slice as two images in `folder`, and its item, with hrefs below `base`.

    The second of two files of one slice is left out: the set holds one product twice.
    """
    bounds = lonlat_bounds(found.grid)
    items, slices = [], set()
    for k, name in enumerate(found.ids):
        start = name[17:32]
        if start in slices:
            continue
        slices.add(start)
        for c, channel in enumerate(("vv", "vh")):
            write_power(folder / name / f"{channel}.tif", found.power[k, c], found.grid)
        day = from_day(int(found.days[k]))
        clock = f"{day}T{start[9:11]}:{start[11:13]}:{start[13:15]}Z"
        hrefs = {c: f"{base}/{name}/{c}.tif" for c in ("vv", "vh")}
        items.append(rtc_item(f"{name}_rtc", clock, hrefs, bounds, grid=found.grid))
    return items


def write_local_catalogue(folder: Path, items: list[dict[str, Any]]) -> Path:
    """A static catalogue of items; returns its `catalog.json`."""
    import json

    links = [{"rel": "item", "href": f"./items/{i['id']}.json"} for i in items]
    (folder / "items").mkdir(parents=True, exist_ok=True)
    for item in items:
        (folder / "items" / f"{item['id']}.json").write_text(json.dumps(item), encoding="utf-8")
    root = {
        "type": "Catalog",
        "id": "radar",
        "stac_version": "1.0.0",
        "description": "radar",
        "links": links,
    }
    path = folder / "catalog.json"
    path.write_text(json.dumps(root), encoding="utf-8")
    return path
