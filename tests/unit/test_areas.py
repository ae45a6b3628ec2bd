"""Areas: what is accepted, and the one sentence a bad one gets."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import shapely

from gossan.core.errors import Code, GossanError
from gossan.io.areas import area_from_bbox, area_from_file, area_from_point
from gossan.io.land import on_land

SQUARE = [[46.7, 39.8], [46.8, 39.8], [46.8, 39.9], [46.7, 39.9], [46.7, 39.8]]
BOW_TIE = [[46.7, 39.8], [46.8, 39.9], [46.8, 39.8], [46.7, 39.9], [46.7, 39.8]]


def polygon(ring: list[list[float]]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [ring]}


def feature(ring: list[list[float]]) -> dict[str, object]:
    return {"type": "Feature", "properties": {}, "geometry": polygon(ring)}


def written(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "area.geojson"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def refusal(tmp_path: Path, data: object) -> str:
    with pytest.raises(GossanError) as caught:
        area_from_file(written(tmp_path, data))
    assert caught.value.code is Code.AREA
    return str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        polygon(SQUARE),
        feature(SQUARE),
        {"type": "FeatureCollection", "features": [feature(SQUARE)]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        polygon([[x, y, 500.0] for x, y in SQUARE]),
        polygon(SQUARE[::-1]),
        {**polygon(SQUARE), "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}},
        {
            **polygon(SQUARE),
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        },
        "\ufeff" + json.dumps(polygon(SQUARE)),
    ],
)
def test_reads_every_way_of_writing_one_polygon(tmp_path: Path, data: object) -> None:
    area = area_from_file(written(tmp_path, data))
    assert area.geometry.equals(shapely.box(46.7, 39.8, 46.8, 39.9))
    # 0.1 degree of latitude is 11.10 km here, of longitude 111.32 km * cos(39.85) * 0.1
    assert area.km2 == pytest.approx(11.10 * 11.132 * math.cos(math.radians(39.85)), rel=5e-3)
    assert area.warnings == ()


def test_parts_of_a_collection_are_united(tmp_path: Path) -> None:
    moved = [[x + 0.05, y] for x, y in SQUARE]
    data = {"type": "FeatureCollection", "features": [feature(SQUARE), feature(moved)]}
    area = area_from_file(written(tmp_path, data))
    assert area.geometry.area == pytest.approx(0.015)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (polygon(BOW_TIE), ["crosses itself", "46.75", "39.85"]),
        (polygon([[95, 120], [95, 121], [96, 121], [95, 120]]), ["latitude 121", "out of range"]),
        (
            polygon([[y, x] for x, y in [[120, 60], [121, 60], [121, 61], [120, 60]]]),
            ["latitude 121", "latitude,longitude order", "swap"],
        ),
        (polygon([[5e5, 4e6], [5.1e5, 4e6], [5.1e5, 4.1e6], [5e5, 4e6]]), ["metres", "ogr2ogr"]),
        (polygon([[179, 60], [-179, 60], [-179, 61], [179, 60]]), ["180th meridian", "two cases"]),
        (polygon([[20, 40], [30, 40], [30, 50], [20, 50], [20, 40]]), ["km²", "100,000"]),
        (polygon([[20, 40], [20, 40], [20, 40], [20, 40]]), ["no proper polygon"]),
        (polygon([[20, 40], [21, 41], [20, 40]]), ["at least 4 positions"]),
        (polygon([[20, 40], [21, "x"], [20, 41], [20, 40]]), ["finite numbers", '"x"']),
        ('{"type":"Polygon","coordinates":[[[20,40],[NaN,40],[21,41],[20,40]]]}', ["finite"]),
        ('{"type":"Polygon","coordinates":[[[20,40],[1e999,40],[21,41],[20,40]]]}', ["finite"]),
        ({"type": "Point", "coordinates": [46.7, 39.8]}, ["Point", "--around"]),
        ({"type": "Feature", "geometry": None}, ["Feature", "without content"]),
        ({"type": "FeatureCollection", "features": []}, ["no polygon"]),
        ({"type": "Polygon", "coordinates": []}, ["empty polygon"]),
        ([1], ["expected an object", "list"]),
        ("{ nonsense", ["line 1", "column 3", "ogr2ogr"]),
        ("[" * 200_000, ["not GeoJSON"]),
        (
            {**polygon(SQUARE), "crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::32638"}}},
            ["32638", "EPSG:4326"],
        ),
    ],
)
def test_bad_file_is_named_with_its_fix(tmp_path: Path, data: object, words: list[str]) -> None:
    message = refusal(tmp_path, data)
    assert "area.geojson" in message
    for word in words:
        assert word in message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(GossanError, match=r"nowhere\.geojson does not exist"):
        area_from_file(tmp_path / "nowhere.geojson")


def test_large_file_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gossan.io.areas.MAX_FILE_BYTES", 50)
    assert "at most 50" in refusal(tmp_path, polygon(SQUARE))


def test_bbox() -> None:
    area = area_from_bbox("-58.9, -27.6,-58.8,-27.5")
    assert area.geometry.bounds == (-58.9, -27.6, -58.8, -27.5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("46.9,39.6,46.5,39.9", ["west 46.9", "east 46.5"]),
        ("46.5,39.9,46.9,39.6", ["south 39.9", "north 39.6"]),
        ("46.5,39.9,46.9", ["4 numbers", "west,south,east,north"]),
        ("46.5;39.6;46.9;39.9", ["commas"]),
        ("46.5,nan,46.9,39.9", ["4 numbers"]),
        ("39.6,146.5,39.9,146.9", ["south 146.5", "out of range"]),
        ("10,10,30,30", ["km²"]),
    ],
)
def test_bad_bbox(text: str, words: list[str]) -> None:
    with pytest.raises(GossanError) as caught:
        area_from_bbox(text)
    for word in ["--bbox", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(("lat", "lon"), [(39.82, 46.75), (-27.5, -58.8), (66.0, 25.0)])
def test_circle_is_round_on_the_ground(lat: float, lon: float) -> None:
    area = area_from_point(f"{lat},{lon}", 5.0)
    # a polygon of 64 corners on a circle covers 0.16 % less than the circle
    assert area.km2 == pytest.approx(math.pi * 25 * 0.9984, rel=1e-3)
    assert area.geometry.centroid.y == pytest.approx(lat, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "radius", "words"),
    [
        ("46.75,200", 5.0, ["longitude 200", "out of range"]),
        ("120.5,46.75", 5.0, ["latitude 120.5", "--around 46.75,120.5"]),
        ("39.82,46.75", 0.0, ["--radius", "0 km"]),
        ("39.82,46.75", math.nan, ["--radius", "nan"]),
        ("39.82,46.75", 400.0, ["--radius", "400 km", "178 km"]),
        ("66.5,179.99", 5.0, ["180th meridian"]),
        ("89.99,10", 5.0, ["180th meridian"]),
        ("39.82", 5.0, ["2 numbers"]),
    ],
)
def test_bad_circle(text: str, radius: float, words: list[str]) -> None:
    with pytest.raises(GossanError) as caught:
        area_from_point(text, radius)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("place", "lon", "lat", "land"),
    [
        ("Stepanakert", 46.75, 39.82, True),
        ("Corrientes", -58.8, -27.5, True),
        ("Chhattisgarh", 82.0, 22.0, True),
        ("Catoca", 20.3, -9.4, True),
        ("Suceava", 25.5, 47.6, True),
        ("Chukotka, beyond the antimeridian", -175.0, 66.5, True),
        ("Wrangel Island, on the antimeridian", -179.5, 71.2, True),
        ("South Pole", 0.0, -89.5, True),
        ("Pacific", -150.0, 0.0, False),
        ("Bay of Bengal", 88.0, 15.0, False),
        ("Corrientes swapped, South Atlantic", -27.5, -58.8, False),
    ],
)
def test_land(place: str, lon: float, lat: float, land: bool) -> None:
    assert on_land(shapely.Point(lon, lat)) is land, place


def test_swapped_into_the_sea_is_refused_with_the_swap() -> None:
    with pytest.raises(GossanError) as caught:
        area_from_bbox("-27.6,-58.9,-27.5,-58.8")
    assert "lies in the sea" in str(caught.value)
    assert "try longitude -58.85, latitude -27.55" in str(caught.value)
    assert area_from_bbox("-27.6,-58.9,-27.5,-58.8", offshore=True).warnings == ()


def test_sea_both_ways_is_a_warning() -> None:
    (warning,) = area_from_bbox("-40.1,30.0,-40.0,30.1").warnings
    assert "lies in the sea" in warning
