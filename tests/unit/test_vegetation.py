"""Vegetation lost and recovered: pixels of known course, hectares with what they leave open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.transform import from_origin
from shapely.geometry import box

from gossan.core.case import VegetationConfig
from gossan.core.dates import NO_DAY, to_day
from gossan.core.errors import Code, GossanError
from gossan.io.features import Feature, geojson_bytes, geoparquet_bytes
from gossan.io.land_cover import open_cover
from gossan.observables.vegetation.areas import Field, back_in, lost_ever, lost_in
from gossan.observables.vegetation.greenness import greenness, severity

DAYS = np.arange(to_day(date(2016, 1, 5)), to_day(date(2021, 1, 1)), 10, dtype=np.int32)
CUT = to_day(date(2018, 3, 6))
GREEN = {"B04": 0.03, "B08": 0.40, "B11": 0.18, "B12": 0.09}
SOIL = {"B04": 0.20, "B08": 0.26, "B11": 0.33, "B12": 0.30}


def course(share: np.ndarray, bands: tuple[str, ...] = ("B04", "B08", "B12")) -> dict:
    """Bands of one pixel whose ground is `share` (time,) soil; leaves come and go with the year."""
    leaf = 0.75 + 0.25 * np.sin(2 * np.pi * (DAYS - 100) / 365.25)
    out = {}
    for b in bands:
        plants = SOIL[b] + leaf * (GREEN[b] - SOIL[b])
        out[b] = (plants * (1 - share) + SOIL[b] * share).astype(np.float32)[:, None]
    return out


def after(day: int) -> np.ndarray:
    return (day <= DAYS).astype(float)


def found(bands: dict, changed: int = CUT):
    changed_at = DAYS[np.searchsorted(DAYS, changed)]
    same = np.array([changed_at - 10], np.int32)
    return greenness(bands, DAYS, same, np.array([changed_at], np.int32))


def test_a_cut_is_lost_and_its_severity_measured() -> None:
    g = found(course(0.8 * after(CUT)))
    assert g.lost.all()
    assert g.back_year[0] == 0
    ndvi, nbr = severity(g, "NBR")
    assert (ndvi.index, nbr.index) == ("NDVI", "NBR")
    assert ndvi.relative == pytest.approx((ndvi.before - ndvi.after) / (ndvi.before - 0.2))
    assert ndvi.relative > 0.6
    assert nbr.delta < -0.3


def test_seasons_alone_are_no_loss() -> None:
    assert not found(course(0 * DAYS)).lost.any()
    # also where only the leafless months after are seen
    bands = course(0 * DAYS)
    month = DAYS.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    hidden = (DAYS >= CUT) & ~np.isin(month, (10, 11, 0, 1))
    for v in bands.values():
        v[hidden] = np.nan
    g = found(bands)
    assert not g.unknown.any()
    assert not g.lost.any()


def test_a_felled_wood_that_greens_by_summer_shows_in_the_canopy_index() -> None:
    bands = course(0 * DAYS)
    bands["B12"][DAYS >= CUT] *= 1.6  # drier and more open, as green as before
    g = found(bands)
    assert abs(g.before[0] - g.after[0]) < 0.02
    assert g.lost.all()


def test_many_spring_looks_and_one_of_summer_are_no_loss() -> None:
    bands = course(0 * DAYS)
    month = DAYS.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    since = DAYS >= CUT
    rare = since & np.isin(month, (5, 6, 7, 8)) & (np.arange(len(DAYS)) % 4 != 0)
    often = ~since & np.isin(month, (11, 0, 1, 2)) & (np.arange(len(DAYS)) % 4 != 0)
    for v in bands.values():
        v[rare | often] = np.nan
    g = found(bands)
    assert abs(g.before[0] - g.after[0]) < 0.02
    assert not g.lost.any()


def test_regrowth_is_dated_to_the_first_year_that_reaches_four_fifths() -> None:
    share = 0.9 * after(CUT)
    share[to_day(date(2020, 1, 1)) <= DAYS] = 0.05
    assert found(course(share)).back_year[0] == 2020
    share[to_day(date(2020, 1, 1)) <= DAYS] = 0.4
    assert found(course(share)).back_year[0] == 0


def test_too_few_looks_are_unknown_not_unchanged() -> None:
    bands = course(0.9 * after(CUT))
    for v in bands.values():
        v[DAYS < CUT] = np.nan
    g = found(bands)
    assert g.unknown.all()
    assert not g.lost.any()
    no_red = found({"B12": bands["B12"]})
    assert no_red.unknown.all()


def test_a_pixel_never_seen_before_is_unknown() -> None:
    g = greenness(
        course(0.9 * after(CUT)), DAYS, np.array([NO_DAY], np.int32), np.array([CUT], np.int32)
    )
    assert g.unknown.all()
    assert not g.lost.any()


def test_bare_ground_has_no_vegetation_to_lose() -> None:
    bands = {b: np.full((len(DAYS), 1), SOIL[b], np.float32) for b in ("B04", "B08", "B12")}
    bands["B12"][DAYS >= CUT] *= 1.5
    assert not found(bands).lost.any()


def field(year: np.ndarray, earliest: np.ndarray, back: np.ndarray | None = None) -> Field:
    lost = year > 0
    return Field(
        lost,
        lost.copy(),
        np.ones(year.shape, bool),
        year,
        earliest,
        np.zeros(year.shape, np.int32) if back is None else back,
        np.full(year.shape, 100.0),
    )


def test_a_year_has_what_its_dates_and_edges_leave_open() -> None:
    year = np.zeros((9, 9), np.int32)
    year[2:7, 2:5] = 2018
    year[2:7, 5:7] = 2019
    earliest = year.copy()
    earliest[2:7, 5] = 2018  # seen unchanged in 2018, changed in 2019: may be of either year
    f = field(year, earliest)
    y18, y19, all_ = lost_in(f, 2018, "m"), lost_in(f, 2019, "m"), lost_ever(f, "m")
    assert (y18.value, y19.value, all_.value) == (0.15, 0.10, 0.25)
    assert y18.high >= 0.20  # with the five doubtful pixels
    assert y19.low <= 0.05
    for m in (y18, y19, all_):
        assert m.low <= m.value <= m.high
        assert (m.unit, m.method) == ("ha", "m")
    # the whole is surer than the sum of its parts
    assert all_.low >= y18.low + y19.low
    assert all_.high <= y18.high + y19.high
    # 9 inner pixels and half of 16 edge pixels, half of the 20 outside
    assert all_.low == pytest.approx(0.09 + 0.08)
    assert all_.high == pytest.approx(0.25 + 0.10)


def test_provisional_pixels_may_be_no_loss_at_all() -> None:
    year = np.zeros((6, 6), np.int32)
    year[1:5, 1:5] = 2020
    f = field(year, year.copy())
    f.sure[:] = False
    assert lost_in(f, 2020, "m").low == 0
    assert lost_in(f, 2020, "m").value == 0.16


def test_what_came_back_is_counted_in_its_year() -> None:
    year = np.zeros((6, 6), np.int32)
    year[1:5, 1:5] = 2017
    back = np.zeros_like(year)
    back[1:3, 1:5] = 2019
    f = field(year, year.copy(), back)
    assert back_in(f, 2019, "m").value == back_in(f, None, "m").value == 0.08
    assert back_in(f, 2018, "m").value == 0


UTM = GeoBox.from_bbox((300000, 5000000, 300100, 5000100), "EPSG:32634", resolution=10)


def world_cover(path: Path) -> Path:
    """A small map in degrees around `UTM`: trees in the west, crops in the east."""
    west, south, east, north = UTM.extent.to_crs("EPSG:4326").boundingbox
    pixels = np.full((20, 20), 10, np.uint8)
    pixels[:, 10:] = 40
    step = (east - west) / 20
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=20,
        width=20,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(west, north, step, (north - south) / 20),
        nodata=0,
    ) as out:
        out.write(pixels, 1)
    return path


def test_a_land_cover_map_in_other_coordinates_is_read_on_the_grid(tmp_path: Path) -> None:
    world_cover(tmp_path / "cover.tif")
    cover = open_cover(tmp_path, VegetationConfig("cover.tif"))
    assert cover is not None
    codes = cover.read(UTM)
    assert codes.shape == (10, 10)
    assert set(np.unique(codes[2:8, 1:4])) == {10}
    assert set(np.unique(codes[2:8, 6:9])) == {40}
    assert (cover.name(10), cover.name(77)) == ("tree cover", "class 77")
    beyond = GeoBox.from_bbox((310000, 5000000, 310100, 5000100), "EPSG:32634", resolution=10)
    assert set(np.unique(cover.read(beyond))) == {0}
    assert open_cover(tmp_path, VegetationConfig()) is None


def test_own_classes_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    world_cover(tmp_path / "cover.tif")
    (tmp_path / "c.csv").write_text("value,name\n10,old beech\n40,maize\n", encoding="utf-8")
    cover = open_cover(tmp_path, VegetationConfig("cover.tif", "c.csv"))
    assert cover is not None
    assert cover.name(10) == "old beech"
    for text in ("", "value\n10\n", "value,name\nten,wood\n", "value,name\n10,\n"):
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        with pytest.raises(GossanError) as caught:
            open_cover(tmp_path, VegetationConfig("cover.tif", "c.csv"))
        assert caught.value.code is Code.CASE


def test_a_missing_map_or_one_of_fractions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GossanError, match="cannot be opened"):
        open_cover(tmp_path, VegetationConfig("none.tif"))
    with rasterio.open(
        tmp_path / "f.tif",
        "w",
        driver="GTiff",
        height=2,
        width=2,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(0, 1, 0.5, 0.5),
    ) as out:
        out.write(np.ones((2, 2), np.float32), 1)
    with pytest.raises(GossanError, match="whole class numbers"):
        open_cover(tmp_path, VegetationConfig("f.tif"))


def test_features_open_in_other_programs_and_have_the_same_bytes(tmp_path: Path) -> None:
    rows = [
        Feature(box(1, 2, 3, 4), {"site": "S-1", "year": 2019, "area_ha": 1.5}),
        Feature(box(5, 6, 7, 8), {"site": "S-2", "year": 2020, "area_ha": 2.5}),
    ]
    kinds = {"site": str, "year": int, "area_ha": float}
    for data, name in (
        (geojson_bytes(rows), "f.geojson"),
        (geoparquet_bytes(rows, kinds), "f.parquet"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        frame = geopandas.read_parquet(path) if name.endswith("t") else geopandas.read_file(path)
        assert list(frame["site"]) == ["S-1", "S-2"]
        assert list(frame["year"]) == [2019, 2020]
        assert frame.crs.to_epsg() in (4326, None) or str(frame.crs) == "OGC:CRS84"
        assert frame.geometry[0].equals(box(1, 2, 3, 4))
    assert geojson_bytes(rows) == geojson_bytes(rows)
    assert geoparquet_bytes([], kinds)
    assert b'"features":[]' in geojson_bytes([])
