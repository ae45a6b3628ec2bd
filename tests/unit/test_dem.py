"""Elevation models and places: what is read, from where, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import Geod, Transformer
from tests.support.servers import stac_api
from tests.support.terrain import ARCSEC, glo30_grid, glo30_item, valley, write_dem, write_points

from gossan.core.case import PlaceFiles
from gossan.core.errors import Code, GossanError
from gossan.core.terrain import PlaceKind
from gossan.io.dem import around, dem_source, find_dem, keep_dem, kept_dem, read_dem, read_dem_file
from gossan.io.places import read_places

GRID = glo30_grid(22.0, 45.2, (240, 300))
HEIGHTS = valley(GRID, 22.04)
AREA = shapely.box(22.03, 45.16, 22.05, 45.17)


def code(caught: pytest.ExceptionInfo[GossanError]) -> Code:
    return caught.value.code


def test_the_box_is_the_margin_wider_on_every_side() -> None:
    geod = Geod(ellps="WGS84")
    west, south, east, north = around(AREA, 5.0).bounds
    for a, b in (
        ((west, 45.17), (22.03, 45.17)),
        ((east, 45.17), (22.05, 45.17)),
        ((22.04, south), (22.04, 45.16)),
        ((22.04, north), (22.04, 45.17)),
    ):
        assert geod.inv(*a, *b)[2] == pytest.approx(5000.0, rel=1e-3)


def test_a_file_is_read_on_its_own_grid(tmp_path: Path) -> None:
    path = write_dem(tmp_path / "heights.tif", GRID, HEIGHTS)
    found = read_dem_file(path, around(AREA, 1.0))
    grid, z = found.elevation.grid, found.elevation.heights
    row = round((GRID.affine.f - grid.affine.f) / ARCSEC)
    col = round((grid.affine.c - GRID.affine.c) / ARCSEC)
    assert np.array_equal(z, HEIGHTS[row : row + z.shape[0], col : col + z.shape[1]])
    west, south, east, north = grid.boundingbox.bbox
    assert shapely.box(west, south, east, north).covers(around(AREA, 1.0))
    assert found.origin["file"] == "heights.tif"
    assert found.origin["sha256"].startswith("sha256:")


def test_a_file_smaller_than_the_margin_is_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_dem(tmp_path / "heights.tif", GRID, HEIGHTS)
    found = read_dem_file(path, around(AREA, 50.0))
    assert np.array_equal(found.elevation.heights, HEIGHTS)
    assert found.elevation.grid == GRID


def test_integers_with_a_value_for_no_data(tmp_path: Path) -> None:
    z = HEIGHTS.astype(np.int16)
    z[:100] = -32768
    path = write_dem(tmp_path / "srtm.tif", GRID, z, nodata=-32768)
    heights = read_dem_file(path, around(AREA, 50.0)).elevation.heights
    assert np.isnan(heights[:100]).all()
    assert np.array_equal(heights[100:], HEIGHTS.astype(np.int16)[100:])


def without_crs(path: Path) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=9,
        width=9,
        count=1,
        dtype="float32",
        transform=GRID.affine,
    ) as data:
        data.write(np.ones((9, 9), np.float32), 1)


def rotated(path: Path) -> None:
    turned = GRID.affine @ Affine.rotation(30)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=9,
        width=9,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=turned,
    ) as data:
        data.write(np.ones((9, 9), np.float32), 1)


def colours(path: Path) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=9,
        width=9,
        count=3,
        dtype="uint8",
        crs="EPSG:4326",
        transform=GRID.affine,
    ) as data:
        data.write(np.ones((3, 9, 9), np.uint8))


def virtual(path: Path) -> None:
    write_dem(path.with_name("real.tif"), GRID, HEIGHTS)
    path.write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Float32" band="1">'
        '<SimpleSource><SourceFilename relativeToVRT="1">real.tif</SourceFilename></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )


def no_metres(path: Path) -> None:
    write_dem(path, GRID, HEIGHTS * 100)


def elsewhere(path: Path) -> None:
    write_dem(path, glo30_grid(30.0, 45.2, (50, 50)), HEIGHTS[:50, :50])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (without_crs, "no coordinate reference system"),
        (rotated, "rotated"),
        (colours, "3 bands"),
        (virtual, "no raster"),
        (no_metres, "expected metres"),
        (elsewhere, "does not touch"),
        (lambda p: p.write_text("hello"), "no raster"),
        (lambda p: None, "does not exist"),
    ],
)
def test_what_cannot_serve_is_refused_in_words(tmp_path: Path, make: Any, words: str) -> None:
    make(tmp_path / "model.tif")
    with pytest.raises(GossanError, match=words) as caught:
        read_dem_file(tmp_path / "model.tif", around(AREA, 1.0))
    assert code(caught) is Code.DEM
    assert caught.value.hint


def test_a_catalogue_gives_tiles_side_by_side(tmp_path: Path) -> None:
    """Two real COGs over HTTP, items in the shape of cop-dem-glo-30, one tile beside the other."""
    left, right = GRID[:, :150], GRID[:, 150:]
    write_dem(tmp_path / "left.tif", left, HEIGHTS[:, :150])
    write_dem(tmp_path / "right.tif", right, HEIGHTS[:, 150:])
    items = [
        glo30_item("Copernicus_DSM_COG_10_N45_00_E022_00_DEM", "{URL}/left.tif", left),
        glo30_item("Copernicus_DSM_COG_10_N45_00_E023_00_DEM", "{URL}/right.tif", right),
    ]
    with stac_api(items, folder=tmp_path) as api:
        source = dem_source(api.url, "cop-dem-glo-30", tmp_path)
        box = around(AREA, 2.0)
        tiles = find_dem(source, box)
        done: list[int] = []
        found = read_dem(tiles, source, box, lambda: done.append(1))
    assert api.bodies[0]["collections"] == ["cop-dem-glo-30"]
    assert len(tiles) == len(done) == 2
    grid, z = found.elevation.grid, found.elevation.heights
    row = round((GRID.affine.f - grid.affine.f) / ARCSEC)
    col = round((grid.affine.c - GRID.affine.c) / ARCSEC)
    known = np.full(z.shape, np.nan, np.float32)
    part = HEIGHTS[max(row, 0) : row + z.shape[0], max(col, 0) : col + z.shape[1]]
    known[
        max(-row, 0) : max(-row, 0) + part.shape[0], max(-col, 0) : max(-col, 0) + part.shape[1]
    ] = part
    assert np.array_equal(z, known, equal_nan=True)
    assert found.origin["items"].keys() == {t.id for t in tiles}


def test_a_tile_that_cannot_be_read_is_no_edge_of_the_world(tmp_path: Path) -> None:
    left, right = GRID[:, :150], GRID[:, 150:]
    write_dem(tmp_path / "left.tif", left, HEIGHTS[:, :150])
    items = [
        glo30_item("a", "{URL}/left.tif", left),
        glo30_item("b", "{URL}/gone.tif?sig=secret", right),
    ]
    with stac_api(items, folder=tmp_path) as api:
        source = dem_source(api.url, "cop-dem-glo-30", tmp_path)
        tiles = find_dem(source, around(AREA, 2.0))
        with pytest.raises(GossanError, match="Tile b") as caught:
            read_dem(tiles, source, around(AREA, 2.0), lambda: None)
    assert code(caught) is Code.READ
    assert "secret" not in str(caught.value)


def test_public_buckets_are_asked_over_https(tmp_path: Path) -> None:
    href = "s3://copernicus-dem-30m/Copernicus_DSM_COG_10_N45_00_E022_00_DEM/x_DEM.tif"
    with stac_api([glo30_item("x", href, GRID)]) as api:
        (tile,) = find_dem(dem_source(api.url, "cop-dem-glo-30", tmp_path), AREA)
    assert tile.bands["DEM"].href == (
        "https://copernicus-dem-30m.s3.amazonaws.com/"
        "Copernicus_DSM_COG_10_N45_00_E022_00_DEM/x_DEM.tif"
    )


def test_what_is_no_elevation_model_is_refused(tmp_path: Path) -> None:
    strange = glo30_item("x", "https://a.org/x.tif", GRID)
    strange["assets"] = {"red": strange["assets"]["data"], "blue": strange["assets"]["data"]}
    with stac_api([strange]) as api:
        with pytest.raises(GossanError, match="no single image of heights") as caught:
            find_dem(dem_source(api.url, "other", tmp_path), AREA)
        assert code(caught) is Code.DEM
    with stac_api([]) as api, pytest.raises(GossanError, match="no elevation model of the area"):
        find_dem(dem_source(api.url, "other", tmp_path), AREA)


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    path = write_dem(tmp_path / "heights.tif", GRID, HEIGHTS)
    found = read_dem_file(path, around(AREA, 1.0))
    assert kept_dem(tmp_path / "terrain", "dem") is None
    keep_dem(tmp_path / "terrain", "dem", found)
    again = kept_dem(tmp_path / "terrain", "dem")
    assert again is not None
    assert np.array_equal(again.elevation.heights, found.elevation.heights)
    assert again.elevation.grid == found.elevation.grid
    assert (again.origin, again.content) == (found.origin, found.content)
    with rasterio.open(tmp_path / "terrain" / "dem.tif", "r+") as data:
        data.write(found.elevation.heights + 1, 1)
    with pytest.raises(GossanError, match="was changed after it was read"):
        kept_dem(tmp_path / "terrain", "dem")


def polygons(path: Path, crs: str) -> None:
    """Two parks, one of them without a name, one far off."""
    to = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    boxes = [
        shapely.box(22.03, 45.1, 22.04, 45.15),
        shapely.box(22.0, 45.1, 22.01, 45.2),
        shapely.box(25, 45, 26, 46),
    ]
    moved = [
        shapely.transform(b, lambda x, y: to.transform(x, y), interleaved=False) for b in boxes
    ]
    frame = geopandas.GeoDataFrame(
        {"NAME": ["Piatra \x07 Albă", None, "Far"]}, geometry=moved, crs=crs
    )
    frame.to_file(path, driver="GPKG" if path.suffix == ".gpkg" else "GeoJSON")


def test_places_keep_their_names_and_come_in_degrees(tmp_path: Path) -> None:
    polygons(tmp_path / "parks.gpkg", "EPSG:32634")
    write_points(tmp_path / "v.geojson", {"Băile =1+1 <b>": (22.04, 45.15), "Away": (10, 10)})
    files = PlaceFiles(settlements=("v.geojson",), protected=("parks.gpkg",))
    village, park, unnamed = read_places(tmp_path, files, around(AREA, 5.0))
    assert (village.kind, village.name) == (PlaceKind.SETTLEMENT, "Băile =1+1 <b>")
    assert village.geometry.coords[0] == pytest.approx((22.04, 45.15))
    assert (park.kind, park.name, park.source) == (
        PlaceKind.PROTECTED,
        "Piatra  Albă",
        "parks.gpkg",
    )
    assert park.geometry.bounds == pytest.approx((22.03, 45.1, 22.04, 45.15), abs=1e-4)
    assert unnamed.name.startswith("(no name)")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gone.gpkg", None, "does not exist"),
        ("text.geojson", "hello", "cannot be read"),
        ("list.csv", "name,lon,lat\nA,1,2\n", "expected GeoPackage or GeoJSON"),
        ("virtual.geojson", "<OGRVRTDataSource></OGRVRTDataSource>", "cannot be read"),
    ],
)
def test_files_that_hold_no_places_are_refused(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(GossanError, match=words) as caught:
        read_places(tmp_path, PlaceFiles(settlements=(name,)), AREA)
    assert code(caught) is Code.PLACES
    assert caught.value.hint


def test_a_broken_geometry_does_not_stop_the_reading(tmp_path: Path) -> None:
    bow = [[22.03, 45.16], [22.04, 45.17], [22.04, 45.16], [22.03, 45.17], [22.03, 45.16]]
    features = [
        {
            "type": "Feature",
            "properties": {"name": "Bow"},
            "geometry": {"type": "Polygon", "coordinates": [bow]},
        },
        {"type": "Feature", "properties": {"name": "Nothing"}, "geometry": None},
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    (tmp_path / "x.geojson").write_text(text)
    (found,) = read_places(tmp_path, PlaceFiles(protected=("x.geojson",)), AREA)
    assert found.name == "Bow"
    assert found.geometry.is_valid
