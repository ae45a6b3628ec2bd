"""Radar items, search and reading: what is accepted, refused, merged and stored."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import box
from tests.support.radar_items import lonlat_bounds, rtc_item, write_local_catalogue, write_power
from tests.support.servers import stac_api

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_array
from gossan.core.sensor import POWER
from gossan.core.values import Outcome
from gossan.io.catalogue.harmonise import read_item
from gossan.io.catalogue.radar_items import (
    CHANNELS,
    SENTINEL_1,
    Geometry,
    geometry_of,
    radar_scene_of,
)
from gossan.io.catalogue.search import CatalogueScene, SearchResult, plan
from gossan.io.catalogue.sources import open_source
from gossan.io.pixels import RawScene, read_acquisition
from gossan.io.scenes import SceneStore

GRID = GeoBox((40, 60), Affine(10, 0, 500_000, 0, -10, 4_500_000), "EPSG:32634")
BOUNDS = lonlat_bounds(GRID)
AREA = box(*BOUNDS)
HREFS = {"vv": "https://example.org/vv.tif", "vh": "https://example.org/vh.tif"}


def item(name: str = "S1A_rtc", when: str = "2020-01-05T04:51:10Z", **more: Any) -> dict[str, Any]:
    return rtc_item(name, when, HREFS, BOUNDS, grid=GRID, **more)


def found(
    items: list[dict[str, Any]], orbit: Geometry | None = None, spec: str = ""
) -> SearchResult:
    with stac_api(items, page=3) as api:
        source = open_source(spec or api.url)
        return plan(source, AREA, date(2020, 1, 1), date(2020, 12, 31), 100, SENTINEL_1, orbit)


def read(acquisition: CatalogueScene, grid: GeoBox, **how: Any) -> RawScene:
    return read_acquisition(acquisition, grid, CHANNELS, numbers=POWER, **how)


def power(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).gamma(4, 0.025, (40, 60)).astype(np.float32)


def test_an_rtc_item_says_what_its_numbers_are() -> None:
    scene = radar_scene_of(read_item(item()))
    assert set(scene.bands) == {"VV", "VH"}
    assert scene.bands["VV"].nodata == -32768
    assert (scene.bands["VV"].scale, scene.bands["VV"].offset) == (1.0, 0.0)
    assert "gamma naught" in scene.offset_rule
    assert geometry_of(scene.item) == Geometry("descending", 106)
    assert scene.time.isoformat() == "2020-01-05T04:51:10+00:00"


def test_a_signature_never_stays_in_an_address() -> None:
    signed = item()
    signed["assets"]["vv"]["href"] += "?sv=2020&sig=secret"
    assert "sig" not in radar_scene_of(read_item(signed)).bands["VV"].href


def grd(data: dict[str, Any]) -> None:
    """As Earth Search's sentinel-1-grd: integers on the radar's grid, with calibration files."""
    data["collection"] = "sentinel-1-grd"
    for asset in data["assets"].values():
        asset["title"], asset["description"] = "VV Data", None
        asset["raster:bands"] = [{"data_type": "uint16"}]
    for name in ("proj:code", "proj:transform", "proj:shape"):
        data["properties"].pop(name)
    data["assets"]["schema-calibration-vv"] = {"href": "https://example.org/cal.xml"}


def other_satellite(data: dict[str, Any]) -> None:
    data["collection"], data["properties"]["platform"] = "sentinel-2-l2a", "sentinel-2a"
    data["properties"]["constellation"] = "sentinel-2"


def decibels(data: dict[str, Any]) -> None:
    for asset in data["assets"].values():
        asset["raster:bands"][0]["unit"] = "dB"


def polar(data: dict[str, Any]) -> None:
    data["assets"] = {"hh": data["assets"]["vv"], "hv": data["assets"]["vh"]}
    data["properties"]["sar:polarizations"] = ["HH", "HV"]


def lost(data: dict[str, Any]) -> None:
    del data["properties"]["sat:relative_orbit"]


def wide(data: dict[str, Any]) -> None:
    data["properties"]["sar:instrument_mode"] = "EW"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (grd, "not said to be terrain-corrected"),
        (other_satellite, "reads Sentinel-1"),
        (decibels, "decibels"),
        (polar, "offers HH, HV"),
        (lost, "from where it was seen"),
        (wide, "mode EW"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(spoil: Any, message: str) -> None:
    data = copy.deepcopy(item())
    spoil(data)
    with pytest.raises(GossanError, match=message) as error:
        radar_scene_of(read_item(data))
    assert error.value.code is Code.REFLECTANCE
    assert error.value.hint
    with pytest.raises(GossanError, match=message):
        found([data])


def test_an_rtc_collection_of_another_provider_is_known_by_its_name() -> None:
    data = item()
    data["collection"] = "s1_rtc"
    for asset in data["assets"].values():
        asset["description"] = "VV polarization backscatter"
    assert "by its name" in radar_scene_of(read_item(data)).offset_rule


@pytest.mark.parametrize("text", ["descending 106", "Ascending 7"])
def test_a_geometry_is_read_as_it_is_written(text: str) -> None:
    assert str(Geometry.parse(text)) == text.lower()


@pytest.mark.parametrize("text", ["106", "descending", "descending 0", "ascending 176", "left 5"])
def test_a_geometry_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(GossanError, match=r"radar\.orbit"):
        Geometry.parse(text)


def test_the_geometry_that_shows_most_is_followed_and_the_others_are_listed() -> None:
    half = (BOUNDS[0], BOUNDS[1], (BOUNDS[0] + BOUNDS[2]) / 2, BOUNDS[3])
    items = [
        rtc_item(f"half{d}", f"2020-02-{d:02d}T05:00:00Z", HREFS, half, orbit=("ascending", 9))
        for d in range(1, 5)
    ]
    items += [
        item(f"whole{d}", f"2020-03-{d:02d}T05:00:00Z", orbit=("descending", 80))
        for d in range(1, 4)
    ]
    seen = found(items)
    assert seen.view == "descending 80"
    assert seen.offered == (("descending 80", 3), ("ascending 9", 4))
    assert [a.scenes[0].id for a in seen.acquisitions] == ["whole1", "whole2", "whole3"]
    assert len(seen.aside) == 4
    assert {r.outcome for r in seen.aside} == {Outcome.OUTSIDE}
    assert "ascending 9, not from descending 80" in seen.aside[0].reason
    wanted = found(items, Geometry("ascending", 9))
    assert len(wanted.acquisitions) == 4
    with pytest.raises(GossanError, match=r"there are descending 80 \(3 days\)"):
        found(items, Geometry("descending", 81))


def test_slices_of_a_pass_are_one_acquisition_and_a_product_made_twice_counts_once() -> None:
    first = item("old_rtc", "2020-01-05T04:51:10Z", properties={"created": "2020-01-06"})
    again = item("new_rtc", "2020-01-05T04:51:10Z", properties={"created": "2021-01-06"})
    beside = item("beside_rtc", "2020-01-05T04:51:35Z")
    seen = found([first, again, beside])
    assert len(seen.acquisitions) == 1
    assert {s.id for s in seen.acquisitions[0].scenes} == {"new_rtc", "beside_rtc"}
    assert [r.outcome for r in seen.aside] == [Outcome.DUPLICATE]


def test_an_area_without_radar_is_said_so() -> None:
    with pytest.raises(GossanError, match="no radar scene"):
        found([])


def scenes(folder: Path, images: list[np.ndarray], base: str) -> list[dict[str, Any]]:
    """One slice a minute on the fifth of January, its VH half of VV."""
    items = []
    for k, image in enumerate(images):
        write_power(folder / f"{k}" / "vv.tif", image, GRID)
        write_power(folder / f"{k}" / "vh.tif", image / 2, GRID)
        hrefs = {c: f"{base}/{k}/{c}.tif" for c in ("vv", "vh")}
        items.append(rtc_item(f"s{k}_rtc", f"2020-01-05T04:5{k}:00Z", hrefs, BOUNDS, grid=GRID))
    return items


def test_half_swaths_are_merged_and_stored_bit_for_bit(tmp_path: Path) -> None:
    left, right = power(1), power(2)
    left[:, 35:], right[:, :25] = np.nan, np.nan
    with stac_api(scenes(tmp_path, [left, right], "{URL}"), folder=tmp_path) as api:
        source = open_source(api.url)
        seen = plan(source, AREA, date(2020, 1, 1), date(2020, 2, 1), 100, SENTINEL_1)
        store = SceneStore(tmp_path / "store", GRID, POWER)
        stored = store.write(
            read(seen.acquisitions[0], GRID, sign=source.sign, reach=source.reach, block=20)
        )
    expected = np.where(np.isfinite(left), left, right)
    window = (slice(0, 40), slice(0, 60))
    with store.opened(stored.key) as pixels:
        got = pixels.numbers(window, CHANNELS)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got[0], expected)
    np.testing.assert_array_equal(got[1], expected / 2)
    small = (slice(3, 9), slice(20, 50))
    with store.opened(stored.key) as pixels:
        np.testing.assert_array_equal(pixels.numbers(small, CHANNELS), got[:, 3:9, 20:50])
    assert stored.hashes == {"VV": hash_array(got[0]), "VH": hash_array(got[1])}
    assert stored.usable_share == 1.0
    assert stored.items == ("s0_rtc", "s1_rtc")
    assert store.has(seen.acquisitions[0])
    assert store.get(stored.key) == stored
    assert SceneStore(tmp_path / "store", GRID, POWER).list() == (stored,)


def test_no_data_stays_no_data(tmp_path: Path) -> None:
    image = power(3)
    image[:5], image[5:8] = np.nan, 0.0
    with stac_api(scenes(tmp_path, [image], "{URL}"), folder=tmp_path) as api:
        source = open_source(api.url)
        seen = plan(source, AREA, date(2020, 1, 1), date(2020, 2, 1), 100, SENTINEL_1)
        store = SceneStore(tmp_path / "store", GRID, POWER)
        stored = store.write(read(seen.acquisitions[0], GRID, sign=source.sign, reach=source.reach))
    with store.opened(stored.key) as pixels:
        got = pixels.numbers((slice(0, 40), slice(0, 60)), CHANNELS)
    assert np.isnan(got[:, :8]).all()
    assert np.isfinite(got[:, 8:]).all()
    assert stored.usable_share == pytest.approx(32 / 40)


def test_decibels_that_the_item_does_not_confess_are_found_out(tmp_path: Path) -> None:
    image = (10 * np.log10(power(4))).astype(np.float32)
    catalogue = write_local_catalogue(tmp_path, scenes(tmp_path, [image], tmp_path.as_uri()))
    source = open_source(f"local:{catalogue}")
    seen = plan(source, AREA, date(2020, 1, 1), date(2020, 2, 1), 100, SENTINEL_1)
    store = SceneStore(tmp_path / "store", GRID, POWER)
    with pytest.raises(GossanError, match="decibels"):
        store.write(read(seen.acquisitions[0], GRID, sign=source.sign, reach=source.reach))
    assert store.list() == ()


def test_a_missing_image_is_an_error_that_names_it_without_its_signature(tmp_path: Path) -> None:
    with stac_api(scenes(tmp_path, [power(5)], "{URL}"), folder=tmp_path) as api:
        (tmp_path / "0" / "vh.tif").unlink()
        source = open_source(api.url)
        seen = plan(source, AREA, date(2020, 1, 1), date(2020, 2, 1), 100, SENTINEL_1)
        raw = read(seen.acquisitions[0], GRID, sign=lambda h: h + "?sig=secret", reach=source.reach)
        with pytest.raises(GossanError, match="Asset vh of scene s0_rtc") as error:
            SceneStore(tmp_path / "store", GRID, POWER).write(raw)
    assert "secret" not in str(error.value)
