"""Measurements of others and samples, as files bring them."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from gossan.core.errors import Code, GossanError
from gossan.core.water import ExternalMeasurement
from gossan.io.water_files import read_external, read_reaches, read_samples
from gossan.observables.water.external import of_places, of_reaches

VALUES = np.array([[10, 20, 30], [np.nan, 40, 20]], np.float32)
SEEN = [10.0, 20.0, 30.0, 40.0, 20.0]
REACH = """{"type": "FeatureCollection", "features": [{"type": "Feature",
"properties": {"name": "Lower", "role": "downstream"}, "geometry": {"type": "Polygon",
"coordinates": [[[16.4, -3.1], [16.6, -3.1], [16.6, -2.9], [16.4, -2.9], [16.4, -3.1]]]}}]}"""


def tiff(path: Path, crs: str | None = "EPSG:32733") -> Path:
    """Six pixels of 100 m near 16.5 E 3 S, one without a value."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=3,
        height=2,
        count=1,
        dtype="float32",
        nodata=np.nan,
        crs=crs,
        transform=from_origin(666_600, 9_668_350, 100, 100),
    ) as out:
        out.write(VALUES, 1)
    return path


def netcdf(path: Path) -> Path:
    days = pd.to_datetime(["2021-08-15", "2021-08-30"])
    cube = np.stack([VALUES, VALUES * 2])
    data = xr.Dataset(
        {"tur": (("time", "lat", "lon"), cube), "flag": ("time", [1, 2])},
        {"time": days, "lat": [-3.0, -3.001], "lon": [16.5, 16.501, 16.502]},
    )
    data.to_netcdf(path, engine="h5netcdf")
    return path


def test_a_geotiff_brings_a_value_a_pixel_on_the_day_in_its_name(tmp_path: Path) -> None:
    found = read_external(tiff(tmp_path / "turbidity_2021-08-15.tif"))
    assert found.value.tolist() == SEEN  # what has no value is left out, not zero
    assert set(found.days.tolist()) == {(date(2021, 8, 15) - date(1970, 1, 1)).days}
    assert np.allclose(found.lon, 16.5, atol=0.01)
    assert np.allclose(found.lat, -3.0, atol=0.01)
    reaches = read_reaches(written(tmp_path / "r.geojson", REACH))
    (series,) = of_reaches([found], reaches, "FNU")
    assert (series.place, series.seen[0].value) == ("Lower", pytest.approx(20.0))
    assert series.source.startswith("turbidity_2021-08-15.tif sha256:")


def test_a_netcdf_brings_its_own_days(tmp_path: Path) -> None:
    found = read_external(netcdf(tmp_path / "cube.nc"))
    assert len(found.value) == 10
    by_day = {d: found.value[found.days == d].tolist() for d in np.unique(found.days)}
    assert list(by_day.values()) == [SEEN, [2 * v for v in SEEN]]


def test_a_packed_csv_may_name_places_and_intervals(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv.gz"
    with gzip.open(path, "wt") as out:
        out.write(
            "place,date,NTU,low,high\nIntake 7,2021-08-15,31,28,35\nIntake 7,2021-08-16,n/a,,\n"
        )
    found: ExternalMeasurement = read_external(path)
    (series,) = of_places([found], "NTU")
    (reading,) = series.seen
    assert (reading.value, reading.low, reading.high) == (31.0, 28.0, 35.0)
    assert series.unit == "NTU"


def test_samples_need_day_place_and_value(tmp_path: Path) -> None:
    path = written(
        tmp_path / "s.csv", "date,lon,lat,value\n2021-08-15,16.5,-3,12\n2021-08-15,,-3,5\n"
    )
    (sample,) = read_samples(path)
    assert (sample.day, sample.lon, sample.value) == (date(2021, 8, 15), 16.5, 12.0)
    with pytest.raises(GossanError, match="column lat is missing"):
        read_samples(written(tmp_path / "t.csv", "date,lon,value\n2021-08-15,16.5,12\n"))


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("x_2021-08-15.tif", b"II*\x00not a tiff", "cannot be read as GeoTIFF"),
        ("x.nc", b"\x89HDF not", "cannot be read as NetCDF"),
        ("x.csv", b"lon,lat,value\n1,2,3\n", "neither a column nor its name says the day"),
        ("x.csv", b"date,value\n2021-08-15,3\n", "neither coordinates"),
        ("x.csv", b"date,lon,lat,value\nyesterday,1,2,3\n", "is no date"),
        ("x.csv", b"date,lon,lat,value\n2021-08-15,1,2,\n", "it holds no value"),
        ("x.csv", b"\xff\xfe\x00", "cannot be read as CSV"),
    ],
)
def test_what_is_no_measurement_is_refused_in_words(
    name: str, body: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(GossanError, match=why) as caught:
        read_external(tmp_path / name)
    assert caught.value.code is Code.WATER


def test_a_geotiff_without_a_place_on_earth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GossanError, match="coordinate reference system"):
        read_external(tiff(tmp_path / "x_2021-08-15.tif", crs=None))


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
