"""Small images and items made by tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import Affine
from shapely.geometry import box, mapping


def write_cog(
    path: Path, pixels: NDArray[Any], transform: Affine, crs: str = "EPSG:32634", tile: int = 256
) -> Path:
    """A tiled, deflated GeoTIFF with overviews, as public catalogues hold them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="COG",
        height=pixels.shape[0],
        width=pixels.shape[1],
        count=1,
        dtype=pixels.dtype,
        crs=crs,
        transform=transform,
        nodata=0,
        compress="deflate",
        blocksize=tile,
    ) as data:
        data.write(pixels, 1)
    return path


def item_of(
    name: str,
    when: str,
    hrefs: dict[str, str],
    bounds: tuple[float, float, float, float],
    transforms: dict[str, Affine] | None = None,
    crs: str = "EPSG:32634",
    properties: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A Sentinel-2 L2A item as JSON; `bounds` in lon/lat, transforms per asset where known."""
    assets: dict[str, Any] = {}
    for key, href in hrefs.items():
        assets[key] = {"href": href, "roles": ["data"]}
        if transforms and key in transforms:
            assets[key]["proj:transform"] = [float(v) for v in tuple(transforms[key])[:6]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "sentinel-2-l2a",
        "geometry": mapping(box(*bounds)),
        "bbox": list(bounds),
        "properties": {
            "datetime": when,
            "platform": "sentinel-2a",
            "eo:cloud_cover": 10,
            "s2:processing_baseline": "02.12",
            "proj:code": crs,
            **(properties or {}),
        },
        "assets": assets,
        "links": [],
    }


def noise(shape: tuple[int, int], seed: int, low: int = 1, high: int = 10000) -> NDArray[Any]:
    """uint16 noise without nodata."""
    return np.random.default_rng(seed).integers(low, high, shape, dtype=np.uint16)
