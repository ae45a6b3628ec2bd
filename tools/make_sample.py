"""Convert the Romania series of `nrt` (two NetCDF files) to the sample shipped with gossan.

    python -m tools.make_sample SRC_FOLDER DEST

SRC_FOLDER holds sentinel2_cube_subset_romania_10m.nc, _20m.nc and LICENSE, as in nrt/data of
the PyPI source distribution nrt 0.2.1. Pixel values are taken over unchanged, on their own
grids. The same sources give the same bytes again (with the libraries of uv.lock).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pystac
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely.geometry import box
from tools.catalogue import SCL, About, Raster, SceneArrays, write_catalogue

SOURCE_10M = "sentinel2_cube_subset_romania_10m.nc"
SOURCE_20M = "sentinel2_cube_subset_romania_20m.nc"
BANDS_10M = {"B2": "B02", "B3": "B03", "B4": "B04", "B8": "B08"}
BANDS_20M = {"B8A": "B8A", "B11": "B11"}
LICENCE = "LICENSE.EUPL-1.2.txt"
INSET_M = 5.0  # half a 10 m pixel, so that the polygon lies within the images
ATTRIBUTION = "Contains modified Copernicus Sentinel data 2015-2021"

ABOUT = About(
    id="sentinel-2-l2a-romania",
    title="Sentinel-2 L2A over a forest in Romania, 2015-2021",
    description=(
        "140 dates of Sentinel-2 L2A surface reflectance over one square kilometre of forest in "
        "south-western Romania with patch logging, clouds and all. The source gives only the "
        "day of each image, so every item spans its whole UTC day (start_datetime to "
        "end_datetime) and its datetime is the start of that day, not the time of overpass. "
        "Platform, tile and processing baseline are not given by the source either. All images "
        "are older than the offset of processing baseline 04.00, and their dark pixels lie "
        "below DN 1000, so the offset is 0. "
        f"{ATTRIBUTION}. Packaged by the Joint Research Centre (JRC) of the European Commission "
        "in nrt 0.2.1 under the EUPL-1.2; converted to GeoTIFF for gossan, pixels unchanged."
    ),
    attribution=ATTRIBUTION,
    license="other",
    links=(
        ("license", f"./{LICENCE}", "EUPL-1.2, the licence of the packaged files"),
        (
            "license",
            "https://sentinels.copernicus.eu/documents/247904/690755/Sentinel_Data_Legal_Notice",
            "Legal notice on the use of Copernicus Sentinel data",
        ),
        ("via", "https://pypi.org/project/nrt/0.2.1/", "nrt 0.2.1, where the files come from"),
    ),
    providers=(
        pystac.Provider(
            "European Union / ESA / Copernicus",
            roles=[pystac.ProviderRole.PRODUCER, pystac.ProviderRole.LICENSOR],
            url="https://sentinels.copernicus.eu/",
        ),
        pystac.Provider(
            "European Commission, Joint Research Centre (JRC)",
            description="Selected and packaged the images in nrt (EUPL-1.2)",
            roles=[pystac.ProviderRole.PROCESSOR, pystac.ProviderRole.LICENSOR],
            url="https://github.com/ec-jrc/nrt",
        ),
    ),
)


def main() -> None:
    """Read the two arguments, convert, and say what was written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", type=Path, help="folder with the two NetCDF files and LICENSE")
    parser.add_argument("dest", type=Path, help="folder to write")
    args = parser.parse_args()
    make_sample(args.source, args.dest)
    files = [p for p in args.dest.rglob("*") if p.is_file()]
    total = sum(p.stat().st_size for p in files)
    print(f"{len(files)} files, {total / 1e6:.2f} MB in {args.dest}")


def make_sample(source: Path, dest: Path) -> None:
    """Write the catalogue, the area's polygon and the licence. Raises OSError, GossanError."""
    with (
        xr.open_dataset(source / SOURCE_10M, engine="h5netcdf", mask_and_scale=False) as fine,
        xr.open_dataset(source / SOURCE_20M, engine="h5netcdf", mask_and_scale=False) as coarse,
    ):
        if not np.array_equal(fine.time.values, coarse.time.values):
            raise SystemExit("The 10 m and the 20 m file must have the same dates.")
        write_catalogue(dest, ABOUT, scenes(fine, coarse))
        area = area_feature(grid_of(fine, 10.0))
    (dest / "area.geojson").write_text(json.dumps(area, indent=1) + "\n", encoding="utf-8")
    (dest / LICENCE).write_bytes((source / "LICENSE").read_bytes())


def scenes(fine: xr.Dataset, coarse: xr.Dataset) -> Iterator[SceneArrays]:
    """One scene a date: four bands at 10 m, two bands and SCL at 20 m."""
    grid_10m, grid_20m = grid_of(fine, 10.0), grid_of(coarse, 20.0)
    for k, time in enumerate(fine.time.values):
        day = date.fromisoformat(str(time)[:10])
        rasters = [Raster(band, fine[name].values[k], grid_10m) for name, band in BANDS_10M.items()]
        rasters += [
            Raster(band, coarse[name].values[k], grid_20m) for name, band in BANDS_20M.items()
        ]
        rasters.append(Raster(SCL, coarse["SCL"].values[k].astype(np.uint8), grid_20m))
        yield SceneArrays(f"S2_L2A_ROMANIA_{day:%Y%m%d}", day, tuple(rasters))


def grid_of(cube: xr.Dataset, pixel_m: float) -> GeoBox:
    """The grid of a file: EPSG:3035, square pixels of `pixel_m` metres, rows from the north."""
    x, y = cube.x.values, cube.y.values
    if not (np.allclose(np.diff(x), pixel_m) and np.allclose(np.diff(y), -pixel_m)):
        raise SystemExit(f"Expected pixels of {pixel_m} m, rows from the north.")
    west, north = float(x[0]) - pixel_m / 2, float(y[0]) + pixel_m / 2
    return GeoBox((y.size, x.size), Affine(pixel_m, 0, west, 0, -pixel_m, north), "EPSG:3035")


def area_feature(grid: GeoBox) -> dict[str, object]:
    """GeoJSON feature, lon/lat degrees, of the grid's square less `INSET_M` on each side."""
    left, bottom, right, top = grid.boundingbox.bbox
    inner = box(left + INSET_M, bottom + INSET_M, right - INSET_M, top - INSET_M)
    to_degrees = Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    corners = [to_degrees.transform(x, y) for x, y in inner.exterior.coords]
    points = [[round(lon, 6), round(lat, 6)] for lon, lat in corners]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "Forest in south-western Romania"},
                "geometry": {"type": "Polygon", "coordinates": [points]},
            }
        ],
    }


if __name__ == "__main__":
    main()
