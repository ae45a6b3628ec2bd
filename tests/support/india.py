"""A real mine as a local catalogue: pit lakes in India, no green band, degrees, a two-year gap.

The images are not part of the project; tests that call this skip where they are absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely import transform
from shapely.geometry import mapping, shape
from tools.catalogue import SCL, About, Raster, SceneArrays, write_catalogue

BANDS = ("B02", "B04", "B08", "B11", "B12")
MAX_DN = 10_000  # the source is clipped at reflectance 1

ABOUT = About(
    id="sentinel-2-l2a-india-mine-1",
    title="Sentinel-2 L2A over a quarry cluster in Chhattisgarh, India",
    description=(
        "107 dates in 2019-2020 and 2023-2024 over one cluster of quarries with pit lakes, cut to "
        "its outline. The source gives only the day of each image, so every item spans its whole "
        "UTC day. Made for tests; not to be passed on."
    ),
    attribution="Contains modified Copernicus Sentinel data 2019-2024",
    license="other",
    links=(("via", "https://github.com/mani9441/AURORA-2.0", "where the exports were published"),),
    providers=(
        pystac.Provider("European Union / ESA / Copernicus", roles=[pystac.ProviderRole.PRODUCER]),
    ),
)


def make_india_catalogue(shared: Path, dest: Path) -> Path:
    """Write the catalogue and `area.geojson` to `dest`; return the path of `catalog.json`.

    The area is the outline that comes with the images, in lon/lat. `shared` is the folder that
    holds `s2_india_mine_1`. Raises OSError where it is absent.
    """
    source = shared / "s2_india_mine_1"
    with xr.open_dataset(source / "mine_1_s2l2a.nc", engine="h5netcdf") as cube:
        catalog = write_catalogue(dest, ABOUT, _scenes(cube))
    area = _in_degrees(json.loads((source / "mine_1_aoi.geojson").read_text(encoding="utf-8")))
    (dest / "area.geojson").write_text(json.dumps(area), encoding="utf-8")
    return catalog


def to_dn(reflectance: NDArray[np.float32]) -> NDArray[np.uint16]:
    """DN = reflectance * 10000, rounded; NaN becomes 0, and nothing that was seen becomes 0."""
    seen = np.isfinite(reflectance)
    dn = np.clip(np.rint(np.where(seen, reflectance, 0) * 10_000), 1, MAX_DN)
    return np.where(seen, dn, 0).astype(np.uint16)


def _in_degrees(area: dict[str, Any]) -> dict[str, Any]:
    """The outline comes in UTM 44N with an old-style `crs` member; GeoJSON wants lon/lat."""
    (feature,) = area["features"]
    to_degrees = Transformer.from_crs("EPSG:32644", "EPSG:4326", always_xy=True)
    outline = transform(
        shape(feature["geometry"]), lambda x, y: to_degrees.transform(x, y), interleaved=False
    )
    properties = {"name": "Quarries with pit lakes, Chhattisgarh"}
    degrees = {"type": "Feature", "properties": properties, "geometry": mapping(outline)}
    return {"type": "FeatureCollection", "features": [degrees]}


def _scenes(cube: xr.Dataset) -> Iterator[SceneArrays]:
    grid = _grid(cube)
    for k, time in enumerate(cube.time.values):
        day = date.fromisoformat(str(time)[:10])
        rasters = [Raster(band, to_dn(cube[band].values[k]), grid) for band in BANDS]
        rasters.append(Raster(SCL, cube[SCL].values[k], grid))
        yield SceneArrays(f"S2_L2A_INDIA_{day:%Y%m%d}", day, tuple(rasters))


def grid_of(shared: Path) -> GeoBox:
    """The images' own grid, in degrees."""
    with xr.open_dataset(shared / "s2_india_mine_1" / "mine_1_s2l2a.nc", engine="h5netcdf") as cube:
        return _grid(cube)


def _grid(cube: xr.Dataset) -> GeoBox:
    """EPSG:4326; pixels are not square on the ground."""
    x, y = cube.x.values, cube.y.values
    dx, dy = (x[-1] - x[0]) / (x.size - 1), (y[-1] - y[0]) / (y.size - 1)
    west, north = float(x[0] - dx / 2), float(y[0] - dy / 2)
    return GeoBox((y.size, x.size), Affine(dx, 0, west, 0, dy, north), "EPSG:4326")
