"""Pixels: windows over HTTP, grids, mosaics, broken files, the store, and cubes by window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.transform import Affine
from shapely.geometry import box
from tests.support.rasters import item_of, noise, write_cog
from tests.support.servers import file_server

from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.flags import Flag
from gossan.core.hashing import hash_array
from gossan.core.values import Scene
from gossan.cube.schema import validate
from gossan.io.catalogue.harmonise import read_item, scene_of
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.grids import estimate, grid_for
from gossan.io.network.guard import reach_of
from gossan.io.pixels import read_acquisition
from gossan.io.scenes import SceneStore, load_cube, pixel_metres

WIDE = (20.0, 44.0, 23.0, 47.0)
TEN = Affine(10, 0, 600000, 0, -10, 5000040)
TWENTY = Affine(20, 0, 600000, 0, -20, 5000040)


def same(href: str) -> str:
    return href


def scene(
    name: str,
    hrefs: dict[str, str],
    transforms: dict[str, Affine] | None = None,
    when: str = "2019-06-01T09:30:29Z",
    crs: str = "EPSG:32634",
    **properties: Any,
) -> Scene:
    props = {k.replace("__", ":"): v for k, v in properties.items()}
    return scene_of(read_item(item_of(name, when, hrefs, WIDE, transforms, crs, props)))


def acquisition(*scenes: Scene) -> CatalogueScene:
    return CatalogueScene(to_day(scenes[0].time), scenes)


def small_scene(folder: Path, name: str = "S2A_34TFR_a", seed: int = 1, **properties: Any) -> Scene:
    """60 x 50 px at 10 m (B02, B04) and 30 x 25 px at 20 m (B11, SCL)."""
    classes = np.random.default_rng(seed).choice([4, 4, 4, 4, 4, 5, 6, 9, 3, 11], (30, 25))
    pixels = {
        "B02": (noise((60, 50), seed), TEN),
        "B04": (noise((60, 50), seed + 1), TEN),
        "B11": (noise((30, 25), seed + 2), TWENTY),
        "SCL": (classes.astype(np.uint8), TWENTY),
    }
    hrefs = {k: str(write_cog(folder / f"{name}_{k}.tif", p, t)) for k, (p, t) in pixels.items()}
    return scene(name, hrefs, {k: t for k, (_, t) in pixels.items()}, **properties)


def values(href: str) -> NDArray[Any]:
    with rasterio.open(href) as data:
        return np.asarray(data.read(1))


WHOLE = GeoBox((60, 50), TEN, "EPSG:32634")


def test_a_window_of_a_large_image_reads_a_small_part(tmp_path: Path) -> None:
    pixels = noise((4096, 4096), 5)
    size = write_cog(tmp_path / "B02.tif", pixels, TEN, tile=512).stat().st_size
    write_cog(tmp_path / "SCL.tif", np.full((2048, 2048), 4, np.uint8), TWENTY, tile=512)
    grid = GeoBox((100, 100), TEN * Affine.translation(1900, 2100), "EPSG:32634")
    with file_server(tmp_path) as server:
        hrefs = {k: f"{server.url}/{k}.tif" for k in ("B02", "SCL")}
        raw = read_acquisition(
            acquisition(scene("a", hrefs)), grid, ["B02"], sign=same, reach=reach_of(server.url)
        )
        arrays = raw.arrays()
    assert np.array_equal(arrays["B02"], pixels[2100:2200, 1900:2000])
    assert (arrays["SCL"] == 4).all()
    assert server.sent < 0.1 * size, f"{server.sent} of {size} bytes"


def test_twenty_metre_pixels_lie_exactly_under_ten_metre_pixels(tmp_path: Path) -> None:
    one = small_scene(tmp_path)
    arrays = read_acquisition(acquisition(one), WHOLE, ["B02", "B04", "B11"], sign=same).arrays()
    for band in ("B02", "B04"):
        assert np.array_equal(arrays[band], values(one.bands[band].href))
    for name, href in (("B11", one.bands["B11"].href), ("SCL", one.item.assets["SCL"].href)):
        assert np.array_equal(arrays[name], np.kron(values(href), np.ones((2, 2), np.uint16)))


@pytest.mark.parametrize("block", [1, 7, 20, 37, 2048])
@pytest.mark.parametrize("crs", ["EPSG:32634", "EPSG:3035", "EPSG:4326"])
def test_any_block_gives_the_same_pixels(tmp_path: Path, block: int, crs: str) -> None:
    one = small_scene(tmp_path)
    grid = WHOLE if crs == "EPSG:32634" else WHOLE.to_crs(crs)
    bands = ["B02", "B11"]
    whole = read_acquisition(acquisition(one), grid, bands, sign=same).arrays()
    parts = read_acquisition(acquisition(one), grid, bands, sign=same, block=block).arrays()
    assert (whole["B02"] != 0).mean() > 0.5
    for name in whole:
        assert np.array_equal(whole[name], parts[name])


@pytest.mark.parametrize("fault", ["missing", "truncated", "not an image"])
def test_a_broken_asset_is_an_error_that_names_it(tmp_path: Path, fault: str) -> None:
    one = small_scene(tmp_path)
    path = Path(one.bands["B04"].href)
    if fault == "missing":
        path.unlink()
    else:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2] if fault == "truncated" else b"<html>")
    with file_server(tmp_path) as server:
        hrefs = {k: f"{server.url}/S2A_34TFR_a_{k}.tif" for k in ("B02", "B04", "SCL")}
        remote = scene("S2A_34TFR_a", hrefs)
        raw = read_acquisition(
            acquisition(remote),
            WHOLE,
            ["B02", "B04"],
            sign=lambda h: h + "?sig=secret",
            reach=reach_of(server.url),
        )
        store = SceneStore(tmp_path / "scenes", WHOLE)
        with pytest.raises(GossanError, match="Asset B04 of scene S2A_34TFR_a") as caught:
            store.write(raw)
    assert caught.value.code is Code.READ
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert list((tmp_path / "scenes").iterdir()) == []


def test_the_first_scene_of_a_day_wins_where_it_has_data(tmp_path: Path) -> None:
    left, right = noise((60, 50), 1), noise((60, 50), 2)
    left[:, 30:] = 0
    classes = np.full((30, 25), 4, np.uint8)
    scl = str(write_cog(tmp_path / "scl.tif", classes, TWENTY))
    one = scene("l", {"B02": str(write_cog(tmp_path / "l.tif", left, TEN)), "SCL": scl})
    # baseline 05.00: the same ground is 1000 DN higher
    shifted = (right + 1000).astype(np.uint16)
    two = scene(
        "r",
        {"B02": str(write_cog(tmp_path / "r.tif", shifted, TEN)), "SCL": scl},
        s2__processing_baseline="05.00",
    )
    raw = read_acquisition(acquisition(one, two), WHOLE, ["B02"], sign=same)
    arrays = raw.arrays()
    assert np.array_equal(arrays["B02"][:, :30], left[:, :30])
    assert np.array_equal(arrays["B02"][:, 30:], right[:, 30:])
    assert raw.offset == {"B02": 0.0}


def test_a_band_nobody_has_is_left_out(tmp_path: Path) -> None:
    one = small_scene(tmp_path)
    assert read_acquisition(acquisition(one), WHOLE, ["B02", "B03"], sign=same).bands == ("B02",)
    with pytest.raises(GossanError, match="none of the bands"):
        read_acquisition(acquisition(one), WHOLE, ["B12"], sign=same)


def lonlat(grid: GeoBox) -> Any:
    return grid.geographic_extent.geom


def test_the_working_grid_is_the_images_own(tmp_path: Path) -> None:
    one = small_scene(tmp_path)
    inner = WHOLE[10:40, 5:45]
    area = lonlat(inner).buffer(-2e-5)
    grid = grid_for([one], area, ["B02", "B11"], same)
    assert grid.resolution.xy == (10, -10)
    assert ((grid.affine.c - TEN.c) / 10) % 1 == 0
    assert grid.extent.geom.buffer(1e-6).covers(inner.extent.geom.buffer(-10))
    coarse = grid_for([one], area, ["B11"], same)
    assert coarse.resolution.xy == (20, -20)


def test_the_most_common_projection_is_taken(tmp_path: Path) -> None:
    one = small_scene(tmp_path)
    hrefs = {"B02": "x.tif", "SCL": "y.tif"}
    other = scene("o", hrefs, {"B02": Affine(10, 0, 3, 0, -10, 5)}, crs="EPSG:32635")
    assert grid_for([other, one, one], lonlat(WHOLE), ["B02"], same).crs.epsg == 32634


def test_one_fine_scene_among_coarse_ones_sets_the_grid(tmp_path: Path) -> None:
    coarse = scene("c", {"B02": "x.tif", "SCL": "y.tif"}, {"B02": TWENTY})
    grid = grid_for([coarse, coarse, small_scene(tmp_path)], lonlat(WHOLE), ["B02"], same)
    assert grid.resolution.xy == (10, -10)


def test_a_grid_in_degrees_keeps_every_pixel(tmp_path: Path) -> None:
    affine = Affine(9.02e-5, 0, 81.1531, 0, -8.98e-5, 21.1989)
    shape = (54, 77)
    grid = GeoBox(shape, affine, "EPSG:4326")
    pixels = noise(shape, 3)
    hrefs = {
        "B02": str(write_cog(tmp_path / "b.tif", pixels, affine, "EPSG:4326")),
        "SCL": str(write_cog(tmp_path / "s.tif", np.full(shape, 4, np.uint8), affine, "EPSG:4326")),
    }
    # no proj:transform in the item: the header is opened
    one = scene("deg", hrefs)
    found = grid_for([one], box(*grid.extent.boundingbox), ["B02"], same)
    assert found.shape == shape
    assert np.allclose(found.affine[:6], affine[:6], rtol=0, atol=1e-12)
    raw = read_acquisition(acquisition(one), found, ["B02"], sign=same)
    assert np.array_equal(raw.arrays()["B02"], pixels)
    height, width = pixel_metres(found)
    assert 9.9 < height < 10.1
    assert 9.2 < width < 9.5


def test_the_estimate_uses_sizes_of_the_catalogue(tmp_path: Path) -> None:
    one = small_scene(tmp_path)
    assert not estimate([acquisition(one)], WHOLE, ["B02"]).exact_sizes
    for asset in one.item.assets.values():
        asset.extra_fields["file:size"] = 1000
    both = estimate([acquisition(one)], WHOLE, ["B02", "B04"])
    assert both.exact_sizes
    assert both.bytes == 3000


def test_what_is_stored_is_what_was_read(tmp_path: Path) -> None:
    one = small_scene(tmp_path / "in", s2__processing_baseline="05.00")
    store = SceneStore(tmp_path / "scenes", WHOLE)
    day = acquisition(one)
    assert store.list() == ()
    assert not store.has(day)
    raw = read_acquisition(day, WHOLE, ["B02", "B11"], sign=same)
    rows: list[int] = []
    stored = store.write(raw, rows.append)
    assert sum(rows) == 60
    assert store.list() == (stored,)
    assert store.has(day, ["B02", "B11", "B12"])  # B12: no scene has it
    assert not store.has(day, ["B04"])
    arrays = raw.arrays()
    window = (slice(7, 31), slice(3, 50))
    with store.opened(day.key) as pixels:
        got = pixels.read(window, ["B02", "B03", "B11"])
    for name in ("B02", "B11", "SCL"):
        assert np.array_equal(got[name], arrays[name][window])
        assert stored.hashes[name] == hash_array(arrays[name])
    assert not got["B03"].any()
    assert stored.offset == {"B02": -0.1, "B11": -0.1}
    known = np.isin(arrays["SCL"], (2, 3, 4, 5, 6, 7))
    assert stored.dark_pixels == known.sum()
    lowest = np.sort(arrays["B02"][known])[int(np.ceil(0.001 * known.sum())) - 1]
    assert stored.darkest["B02"] == lowest
    assert stored.usable_share == np.isin(arrays["SCL"], (4, 5, 6, 7)).mean()
    # the same reading gives the same bytes
    again = SceneStore(tmp_path / "again", WHOLE)
    again.write(read_acquisition(day, WHOLE, ["B02", "B11"], sign=same, block=11))
    for name in (f"{day.key}.json",):
        assert (tmp_path / "again" / name).read_bytes() == (store.folder / name).read_bytes()


def test_half_a_scene_is_no_scene(tmp_path: Path) -> None:
    one = small_scene(tmp_path / "in")
    store = SceneStore(tmp_path / "scenes", WHOLE)
    day = acquisition(one)
    raw = read_acquisition(day, WHOLE, ["B02"], sign=same, block=10)
    store.write(raw)

    class Killed(BaseException):
        pass

    def kill(_rows: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        store.write(raw, kill)
    assert not store.has(day)
    assert store.list() == ()
    store.write(raw)
    assert store.has(day)
    assert sorted(p.suffix for p in store.folder.iterdir()) == [".json", ".tif"]


def test_another_grid_is_refused(tmp_path: Path) -> None:
    one = small_scene(tmp_path / "in")
    store = SceneStore(tmp_path / "scenes", WHOLE)
    day = acquisition(one)
    raw = read_acquisition(day, WHOLE, ["B02"], sign=same)
    store.write(raw)
    moved = SceneStore(store.folder, WHOLE[1:, :])
    with pytest.raises(GossanError, match="another grid"):
        moved.list()
    with pytest.raises(GossanError, match="another grid"):
        moved.write(raw)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> SceneStore:
    folder = tmp_path_factory.mktemp("store")
    store = SceneStore(folder / "scenes", WHOLE)
    for i, when in enumerate(("2019-06-11T09:30:29Z", "2019-06-01T09:30:29Z")):
        one = small_scene(folder, f"S2A_34TFR_{i}", seed=10 * i)
        data = json.loads(json.dumps(one.item.to_dict()))
        data["properties"]["datetime"] = when
        if i:
            data["properties"]["s2:processing_baseline"] = "05.00"
        again = scene_of(read_item(data))
        store.write(read_acquisition(acquisition(again), WHOLE, ["B02", "B11"], sign=same))
    return store


def test_a_cube_is_reflectance_and_flags_in_time(stored: SceneStore) -> None:
    keys = [s.key for s in stored.list()]
    inside = np.ones((60, 50), bool)
    inside[:, :5] = False
    whole = (slice(0, 60), slice(0, 50))
    cube = validate(load_cube(stored, keys[::-1], whole, ["B11", "B02", "B12"], 20.0, inside))
    assert [str(t)[:10] for t in cube.time.values] == ["2019-06-01", "2019-06-11"]
    assert cube.scene.values.tolist() == ["S2A_34TFR_1", "S2A_34TFR_0"]
    with stored.opened(keys[0]) as pixels:
        dn = pixels.read(whole, ["B02"])["B02"]
    expected = dn * np.float32(0.0001) + np.float32(-0.1)
    assert np.allclose(cube.B02.values[0], expected, atol=1e-7)
    assert np.isnan(cube.B12.values).all()
    assert (cube.flags.values & Flag.NODATA).all()  # B12 is missing: no pixel is complete
    assert (cube.flags.values[:, :, :5] & Flag.OUTSIDE).all()
    assert not (cube.flags.values[:, :, 5:] & Flag.OUTSIDE).any()
    assert cube.odc.geobox == WHOLE


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.integers(0, 58),
    st.integers(1, 60),
    st.integers(0, 48),
    st.integers(1, 50),
    st.sampled_from([0.0, 10.0, 25.0, 90.0]),
)
def test_windows_of_a_cube_equal_the_whole(
    stored: SceneStore, top: int, height: int, left: int, width: int, dilation: float
) -> None:
    keys = [s.key for s in stored.list()]
    window = (slice(top, min(60, top + height)), slice(left, min(50, left + width)))
    whole = load_cube(stored, keys, (slice(0, 60), slice(0, 50)), ["B02"], dilation)
    part = load_cube(stored, keys, window, ["B02"], dilation)
    same_part = whole.isel(y=window[0], x=window[1])
    assert np.array_equal(part.flags.values, same_part.flags.values)
    assert np.array_equal(part.B02.values, same_part.B02.values, equal_nan=True)
    assert part.odc.geobox == WHOLE[window]
