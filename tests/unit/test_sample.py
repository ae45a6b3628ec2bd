"""The shipped sample is a whole, unaltered and reproducible catalogue of real images."""

from __future__ import annotations

import hashlib
import json
import runpy
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox
from pystac.extensions.projection import ProjectionExtension
from pystac.extensions.raster import RasterExtension
from shapely.geometry import box, shape
from tests.support.india import make_india_catalogue
from tools.catalogue import (
    EXTENSIONS,
    SCL,
    About,
    Raster,
    SceneArrays,
    cloud_cover,
    write_catalogue,
)

import gossan.data
from gossan.core.errors import Code, GossanError

REPO = Path(__file__).parents[2]
SAMPLE = Path(gossan.data.__file__).parent / "sample"
SOURCE = REPO.parent / "shared" / "data" / "s2_romania_logging"
INDIA = SOURCE.parent / "s2_india_mine_1"
MAX_BYTES = 20_000_000
BANDS_10M = {"blue": "B2", "green": "B3", "red": "B4", "nir": "B8"}
BANDS_20M = {"nir08": "B8A", "swir16": "B11", "scl": "SCL"}

needs_source = pytest.mark.skipif(
    not SOURCE.is_dir(), reason="the NetCDF files of nrt are not in ../shared/data"
)


@pytest.fixture(scope="module")
def items() -> list[pystac.Item]:
    return list(pystac.Catalog.from_file(str(SAMPLE / "catalog.json")).get_items(recursive=True))


def _assets(items: list[pystac.Item]) -> Iterator[tuple[str, pystac.Asset, Path]]:
    for item in items:
        for key, asset in item.assets.items():
            yield key, asset, Path(str(asset.get_absolute_href()))


def test_catalogue_holds_every_date_once_under_the_size_limit(items: list[pystac.Item]) -> None:
    assert len(items) == len({item.datetime for item in items}) == 140
    assert {frozenset(item.assets) for item in items} == {frozenset(BANDS_10M | BANDS_20M)}
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) <= MAX_BYTES


def test_links_and_asset_paths_are_relative_so_the_folder_can_be_moved() -> None:
    for path in SAMPLE.rglob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        followed = {"root", "parent", "child", "collection", "item"}
        hrefs = [link["href"] for link in data["links"] if link["rel"] in followed]
        hrefs += [asset["href"] for asset in data.get("assets", {}).values()]
        assert all(href.startswith(".") for href in hrefs), path
        assert all((path.parent / href).is_file() for href in hrefs), path
        assert not any(link["rel"] == "self" for link in data["links"]), path


def test_items_name_their_day_and_invent_no_second(items: list[pystac.Item]) -> None:
    for item in items:
        assert set(EXTENSIONS) <= set(item.stac_extensions)
        assert item.properties["gossan:datetime_precision"] == "day"
        common = item.common_metadata
        assert item.datetime is not None
        assert common.start_datetime is not None
        assert common.end_datetime is not None
        assert item.datetime == common.start_datetime
        assert item.datetime.strftime("%H%M%S") == "000000"
        assert (common.end_datetime - common.start_datetime).total_seconds() == 86_399
        assert item.id.endswith(f"{item.datetime:%Y%m%d}")
        assert "s2:processing_baseline" not in item.properties
        assert 0 <= item.properties["eo:cloud_cover"] <= 100


def test_every_asset_is_the_file_its_item_describes(items: list[pystac.Item]) -> None:
    for _, asset, path in _assets(items):
        content = path.read_bytes()
        assert asset.extra_fields["file:checksum"] == "1220" + hashlib.sha256(content).hexdigest()
        assert asset.extra_fields["file:size"] == len(content)


def test_every_asset_is_a_cog_on_the_grid_its_item_tells(items: list[pystac.Item]) -> None:
    for key, asset, path in _assets(items):
        projection = ProjectionExtension.ext(asset)
        (band,) = asset.extra_fields["raster:bands"]
        with rasterio.open(path) as src:
            assert src.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert src.profile["tiled"]
            assert src.compression.name == "deflate"
            assert src.crs.to_epsg() == 3035
            assert projection.code == "EPSG:3035"
            assert projection.shape == list(src.shape)
            assert projection.transform == list(src.transform)[:6]
            assert src.shape == ((50, 50) if key in BANDS_20M else (100, 100))
            assert src.res == ((20, 20) if key in BANDS_20M else (10, 10))
            assert src.nodata == band["nodata"] == 0
            assert src.dtypes == (band["data_type"],)
            assert src.res[0] == band["spatial_resolution"]


def test_bands_tell_their_name_and_how_to_become_reflectance(items: list[pystac.Item]) -> None:
    for key, asset, _ in _assets(items):
        raster = RasterExtension.ext(asset).bands
        assert raster is not None
        if key == "scl":
            assert asset.roles == ["data"]
            continue
        assert (raster[0].scale, raster[0].offset) == (0.0001, 0.0)
        assert asset.roles == ["data", "reflectance"]
        (band,) = asset.extra_fields["eo:bands"]
        assert band["common_name"] == key


def test_items_and_collection_follow_the_core_stac_schemas(items: list[pystac.Item]) -> None:
    """Against the core schemas that pystac carries; those of extensions would need the network."""
    jsonschema = pytest.importorskip("jsonschema")
    from pystac.validation.local_validator import get_local_schema_cache
    from referencing import Registry, Resource

    schemas = get_local_schema_cache()
    registry = Registry().with_resources(
        [(uri, Resource.from_contents(schema)) for uri, schema in schemas.items()]
    )
    for kind, files in {
        "item": sorted((SAMPLE / "items").glob("*/*.json")),
        "collection": [SAMPLE / "collection.json"],
        "catalog": [SAMPLE / "catalog.json"],
    }.items():
        (schema,) = (s for uri, s in schemas.items() if uri.endswith(f"/json-schema/{kind}.json"))
        validator = jsonschema.Draft7Validator(schema, registry=registry)
        for path in files:
            errors = list(validator.iter_errors(json.loads(path.read_text(encoding="utf-8"))))
            assert not errors, f"{path}: {errors[0].message}"
    assert len(items) == 140


def test_attribution_and_licence_travel_with_the_images() -> None:
    collection = pystac.Collection.from_file(str(SAMPLE / "collection.json"))
    sentence = "Contains modified Copernicus Sentinel data 2015-2021"
    assert collection.extra_fields["attribution"] == sentence
    assert sentence in collection.description
    assert "only the day" in collection.description.replace("\n", " ")
    licences = [link.href for link in collection.links if link.rel == "license"]
    assert "./LICENSE.EUPL-1.2.txt" in licences
    assert "EUROPEAN UNION PUBLIC LICENCE" in (SAMPLE / "LICENSE.EUPL-1.2.txt").read_text("utf-8")
    assert sentence in (REPO / "NOTICE").read_text("utf-8")


def test_area_lies_within_every_footprint(items: list[pystac.Item]) -> None:
    area = json.loads((SAMPLE / "area.geojson").read_text("utf-8"))
    polygon = shape(area["features"][0]["geometry"])
    assert polygon.is_valid
    for item in items:
        footprint = shape(item.geometry)
        assert footprint.contains(polygon)
        assert polygon.area > 0.97 * footprint.area


@needs_source
@pytest.mark.parametrize("day", ["2015-08-31", "2017-06-06", "2019-02-16", "2020-11-22"])
def test_pixels_and_grids_are_those_of_the_source(day: str, items: list[pystac.Item]) -> None:
    (item,) = (i for i in items if i.datetime and f"{i.datetime:%Y-%m-%d}" == day)
    for size, names in (("10m", BANDS_10M), ("20m", BANDS_20M)):
        path = SOURCE / f"sentinel2_cube_subset_romania_{size}.nc"
        with xr.open_dataset(path, engine="h5netcdf") as cube:
            scene = cube.sel(time=day).squeeze()
            for key, name in names.items():
                with rasterio.open(item.assets[key].get_absolute_href()) as src:
                    np.testing.assert_array_equal(src.read(1), scene[name].values, err_msg=name)
                    assert src.xy(0, 0) == pytest.approx((cube.x.values[0], cube.y.values[0]))
                    assert src.xy(src.height - 1, src.width - 1) == pytest.approx(
                        (cube.x.values[-1], cube.y.values[-1])
                    )


@needs_source
def test_converter_gives_the_same_bytes_again(tmp_path: Path) -> None:
    make_sample: Callable[[Path, Path], None] = runpy.run_path(
        str(REPO / "tools" / "make_sample.py")
    )["make_sample"]
    make_sample(SOURCE, tmp_path)
    again, shipped = _tree(tmp_path), _tree(SAMPLE)
    assert again.keys() == shipped.keys()
    assert [name for name in shipped if again[name] != shipped[name]] == []


def _tree(folder: Path) -> dict[str, str]:
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.mark.skipif(not INDIA.is_dir(), reason="the mine's images are not in ../shared/data")
def test_a_mine_in_degrees_without_green_becomes_a_catalogue_too(tmp_path: Path) -> None:
    path = make_india_catalogue(INDIA.parent, tmp_path)
    items = list(pystac.Catalog.from_file(str(path)).get_items(recursive=True))
    assert len(items) == 107
    assert {tuple(i.assets) for i in items} == {("blue", "red", "nir", "swir16", "swir22", "scl")}
    area = shape(
        json.loads((tmp_path / "area.geojson").read_text("utf-8"))["features"][0]["geometry"]
    )
    with xr.open_dataset(INDIA / "mine_1_s2l2a.nc", engine="h5netcdf") as cube:
        for k in (0, 50, 106):
            with rasterio.open(items[k].assets["swir16"].get_absolute_href()) as src:
                dn, seen = src.read(1), np.isfinite(cube["B11"].values[k])
                assert src.crs.to_epsg() == 4326
                assert src.xy(76, 53) == pytest.approx((cube.x.values[-1], cube.y.values[-1]))
                assert box(*src.bounds).intersection(area).area > 0.9 * area.area
            np.testing.assert_array_equal(dn > 0, seen)
            np.testing.assert_allclose(dn[seen] / 1e4, cube["B11"].values[k][seen], atol=6e-5)


@pytest.mark.parametrize("name", ["romania_clearings.json", "india_mine.json"])
def test_truth_by_eye_lies_on_the_grid_and_its_dates_in_order(name: str) -> None:
    truth = json.loads((REPO / "tests" / "golden" / name).read_text("utf-8"))
    height, width = (100, 100) if name.startswith("romania") else (77, 54)
    changes = truth.get("clearings", truth.get("changes"))
    assert len({c["id"] for c in changes}) == len(changes)
    for place in changes + truth["stable"]:
        assert 0 <= place["row"] < height
        assert 0 <= place["col"] < width
    for c in changes:
        intact = c.get("last_intact", c.get("last_unchanged"))
        changed = c.get("first_cut", c.get("first_changed"))
        assert date.fromisoformat(intact) < date.fromisoformat(changed)
    assert "before any detector" in truth["note"]


GRID = GeoBox.from_bbox((0, 0, 40, 30), "EPSG:32634", resolution=10)
SHORT = About("tiny", "Tiny", "Four by three pixels.", "none", "other", (), ())


def _scene(name: str = "a", band: str = "B04", dtype: str = "uint16") -> SceneArrays:
    pixels = np.arange(12).reshape(3, 4).astype(dtype)
    return SceneArrays(name, date(2020, 2, 29), (Raster(band, pixels, GRID),))


def test_writer_writes_what_it_was_given(tmp_path: Path) -> None:
    path = write_catalogue(tmp_path, SHORT, [_scene("a"), _scene("b", "B12")])
    first, second = pystac.Catalog.from_file(str(path)).get_items(recursive=True)
    assert (list(first.assets), list(second.assets)) == (["red"], ["swir22"])
    assert first.datetime == datetime(2020, 2, 29, tzinfo=UTC)
    assert "eo:cloud_cover" not in first.properties
    with rasterio.open(first.assets["red"].get_absolute_href()) as src:
        np.testing.assert_array_equal(src.read(1), np.arange(12).reshape(3, 4))


@pytest.mark.parametrize(
    ("scenes", "found"),
    [
        ([], "none was given"),
        ([_scene(band="B99")], "B99"),
        ([_scene(dtype="float32")], "float32"),
        ([_scene(band=SCL)], "uint16"),
        ([_scene("a"), _scene("a")], "a came twice"),
    ],
)
def test_writer_refuses_what_no_reader_could_use(
    scenes: list[SceneArrays], found: str, tmp_path: Path
) -> None:
    with pytest.raises(GossanError, match=found) as caught:
        write_catalogue(tmp_path, SHORT, scenes)
    assert caught.value.code is Code.CATALOGUE
    assert caught.value.hint


def test_cloud_cover_counts_delivered_pixels_only() -> None:
    scl = np.array([[0, 0, 8, 9], [10, 4, 5, 11]], np.uint8)
    assert cloud_cover(scl) == 50.0
    assert cloud_cover(np.zeros((2, 2), np.uint8)) is None
