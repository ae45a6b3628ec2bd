"""Roads from files of every kind, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box
from tests.support.osm import write_pbf

from gossan.core.errors import Code, GossanError
from gossan.io.roads import read_roads

AREA = box(22.0, 45.0, 22.2, 45.2)
WEST, MIDDLE, EAST, OUTSIDE = (22.01, 45.1), (22.1, 45.1), (22.19, 45.1), (22.5, 45.1)
WAYS = [
    ({"highway": "primary", "name": "Valley road"}, [WEST, MIDDLE]),
    ({"highway": "primary", "name": "Valley road"}, [MIDDLE, EAST, OUTSIDE]),
    ({"highway": "track"}, [(22.05, 45.05), (22.05, 45.15)]),
    (
        {"highway": "tertiary", "name": "Haul", "surface": "gravel"},
        [(22.06, 45.05), (22.06, 45.15)],
    ),
    ({"highway": "motorway", "name": "Under", "tunnel": "yes"}, [(22.07, 45.05), (22.07, 45.15)]),
    ({"highway": "footway", "name": "Path"}, [(22.08, 45.05), (22.08, 45.15)]),
    ({"waterway": "river", "name": "Brook"}, [(22.09, 45.05), (22.09, 45.15)]),
    ({"highway": "motorway", "name": "A1"}, [(22.11, 45.05), (22.11, 45.15)]),
]


def geojson(path: Path) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": dict(tags),
            "geometry": {"type": "LineString", "coordinates": [list(p) for p in points]},
        }
        for tags, points in WAYS
        if "highway" in tags
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def gpkg(path: Path) -> Path:
    rows = [
        (t.get("highway"), t.get("name"), t.get("surface"), t.get("tunnel"), LineString(p))
        for t, p in WAYS
        if "highway" in t
    ]
    kind, name, surface, tunnel, shape = zip(*rows, strict=True)
    table = {"fclass": kind, "name": name, "surface": surface, "tunnel": tunnel}
    gpd.GeoDataFrame(table, geometry=list(shape), crs="EPSG:4326").to_crs(32634).to_file(path)
    return path


def osm(path: Path) -> Path:
    return write_pbf(path, WAYS)


@pytest.mark.parametrize(
    ("make", "name"), [(geojson, "r.geojson"), (gpkg, "r.gpkg"), (osm, "r.osm.pbf")]
)
def test_roads_come_out_alike_from_every_kind_of_file(make, name: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    roads = {(r.name, r.kind): r for r in read_roads(make(tmp_path / name), AREA)}
    assert set(roads) == {
        ("Valley road", "primary"),
        ("", "track"),
        ("Haul", "tertiary"),
        ("A1", "motorway"),
    }
    valley = roads["Valley road", "primary"]
    assert valley.line.bounds == pytest.approx((22.01, 45.1, 22.2, 45.1), abs=1e-6)  # joined, cut
    assert valley.paved
    assert not roads["", "track"].paved
    assert not roads["Haul", "tertiary"].paved
    assert roads["A1", "motorway"].half_width_m == 15.0


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<VRTDataset/>", "cannot be read|no road"),
        (b"PK\x03\x04 something", "expected GeoPackage, GeoJSON or OpenStreetMap"),
        (b'{"type": "FeatureCollection", "features": [', "cannot be read"),
        (b'{"type": "FeatureCollection", "features": []}', "no road in it crosses|cannot be read"),
        (b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7f", "cannot be read|no road"),
    ],
)
def test_what_holds_no_roads_is_refused_in_words(body: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "roads.bin").write_bytes(body)
    with pytest.raises(GossanError, match=why) as caught:
        read_roads(tmp_path / "roads.bin", AREA)
    assert caught.value.code is Code.TRAFFIC


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GossanError, match=r"roads\.gpkg: there is no such file"):
        read_roads(tmp_path / "roads.gpkg", AREA)
