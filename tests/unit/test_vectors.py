"""Files written and read again by other people's readers."""

import io
import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import shapely
from shapely.geometry import MultiPolygon, Polygon, box, shape

from gossan.core.dates import DateInterval
from gossan.core.site_row import COLUMNS, site_row
from gossan.core.values import GrowthStep, Measurement, Site, SiteStatus
from gossan.io.vectors import geojson_bytes, geoparquet_bytes, is_geojson, is_geoparquet


def site(name: str, geometry, before: date | None = date(2016, 5, 1)) -> Site:
    return Site(
        id=name,
        status=SiteStatus.CONFIRMED,
        geometry=geometry,
        geometry_grid=geometry,
        area=Measurement("disturbed area", 1.23456, "ha", 1.0, 1.5, 0.95, "area.pixel-edge.v1"),
        began=DateInterval(before, date(2016, 5, 11)),
        ended=DateInterval(before, date(2018, 7, 9)),
        growth=(GrowthStep(date(2016, 5, 11), 1.23456, 1.0, 1.5),),
        pixels=(np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int32)),
        magnitude=4.25,
        recovered_share=1 / 3,
        again_share=0.0,
    )


CLOCKWISE = Polygon([(22, 45), (22, 46), (23, 46), (23, 45)])
HOLED = box(46.123456789, 40, 47, 41) - box(46.4, 40.4, 46.6, 40.6)
SITES = [
    site("S-000001", CLOCKWISE),
    site("S-000002", MultiPolygon([box(10, 10, 11, 11), box(11, 11, 12, 12)]), before=None),
    site("S-000003", HOLED),
]


def test_geojson_is_rfc_7946(tmp_path: Path) -> None:
    path = tmp_path / "sites.geojson"
    path.write_bytes(geojson_bytes(SITES))
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in document
    assert document["bbox"] == [10, 10, 47, 46]
    for feature, expected in zip(document["features"], SITES, strict=True):
        geometry = shape(feature["geometry"])
        assert geometry.is_valid
        for part in shapely.get_parts(geometry):
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
        assert geometry.symmetric_difference(expected.geometry).area < 1e-6
        properties = feature["properties"]
        growth = properties.pop("growth")
        assert properties == site_row(expected)
        assert growth == [{"day": "2016-05-11", "area_ha": 1.2346, "low_ha": 1.0, "high_ha": 1.5}]
    digits = [len(n.split(".")[1].rstrip("]")) for n in path.read_text().split(",") if "46.12" in n]
    assert digits
    assert max(digits) <= 7


def test_geojson_opens_in_gdal(tmp_path: Path) -> None:
    (tmp_path / "sites.geojson").write_bytes(geojson_bytes(SITES))
    frame = gpd.read_file(tmp_path / "sites.geojson")
    assert frame.crs.to_epsg() == 4326
    assert frame["area_ha"].tolist() == [1.2346] * 3


def test_geoparquet_opens_in_geopandas_with_types(tmp_path: Path) -> None:
    path = tmp_path / "sites.parquet"
    path.write_bytes(geoparquet_bytes(SITES))
    frame = gpd.read_parquet(path)
    assert list(frame.columns) == [*COLUMNS, "geometry"]
    assert frame.crs.equals("OGC:CRS84")
    assert frame["first_changed"].tolist() == [date(2016, 5, 11)] * 3
    assert frame["last_unchanged"].isna().tolist() == [False, True, False]
    for read, expected in zip(frame.geometry, SITES, strict=True):
        assert read.equals(expected.geometry)
        assert all(part.exterior.is_ccw for part in shapely.get_parts(read))


def test_no_sites_still_make_valid_files_of_the_same_types(tmp_path: Path) -> None:
    (tmp_path / "none.geojson").write_bytes(geojson_bytes([]))
    assert json.loads((tmp_path / "none.geojson").read_text()) == {
        "type": "FeatureCollection",
        "features": [],
    }
    (tmp_path / "none.parquet").write_bytes(geoparquet_bytes([]))
    (tmp_path / "some.parquet").write_bytes(geoparquet_bytes(SITES))
    assert len(gpd.read_parquet(tmp_path / "none.parquet")) == 0
    none, some = (pq.read_schema(tmp_path / f"{n}.parquet") for n in ("none", "some"))
    assert none.equals(some, check_metadata=False)


def test_equal_inputs_give_equal_bytes_which_are_known_again() -> None:
    for make, ours in ((geojson_bytes, is_geojson), (geoparquet_bytes, is_geoparquet)):
        for some in (SITES, []):
            assert make(some) == make(some)
            assert ours(make(some))


def test_what_somebody_did_with_an_export_is_no_export(tmp_path: Path) -> None:
    document = json.loads(geojson_bytes(SITES))
    for feature in document["features"]:
        feature["properties"]["note"] = "seen on the ground"
    assert not is_geojson(json.dumps(document, separators=(",", ":")).encode() + b"\n")
    assert not is_geojson(json.dumps(json.loads(geojson_bytes(SITES)), indent=1).encode())
    frame = gpd.read_file(io.BytesIO(geojson_bytes(SITES)))
    frame.to_file(tmp_path / "again.geojson", driver="GeoJSON")
    assert not is_geojson((tmp_path / "again.geojson").read_bytes())
    gpd.read_parquet(io.BytesIO(geoparquet_bytes(SITES))).to_parquet(tmp_path / "again.parquet")
    assert not is_geoparquet((tmp_path / "again.parquet").read_bytes())
    for junk in (b"null", b"[]", b"{}", b"PAR1", b"\xff", b'{"features":[1]}', b"[" * 100_000):
        assert not is_geojson(junk)
        assert not is_geoparquet(junk)
