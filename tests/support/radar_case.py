"""A small case with optical and radar images made by tests: ground cleared under cloud."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pystac
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from shapely.geometry import box, mapping
from tools.catalogue import SCL, About, Raster, SceneArrays, write_catalogue

from tests.support.radar_items import lonlat_bounds, rtc_item, write_power

SIDE = 48
GRID = GeoBox((SIDE, SIDE), Affine(10, 0, 500_000, 0, -10, 4_900_000), "EPSG:32634")
BOUNDS = lonlat_bounds(GRID)
START, END = date(2018, 1, 1), date(2020, 12, 31)
CLEARED = date(2020, 2, 3)
PATCH = (slice(26, 36), slice(24, 36))
"""Cleared on `CLEARED`, while optical images show cloud only; it lies across blocks of 32."""

BLIND = (date(2020, 1, 10), date(2020, 7, 31))
"""From the first to the last day on which every optical image is cloud."""

FOREST = {"B02": 0.03, "B03": 0.05, "B04": 0.035, "B08": 0.28, "B11": 0.15, "B12": 0.07}
SOIL = {"B02": 0.09, "B03": 0.13, "B04": 0.17, "B08": 0.24, "B11": 0.34, "B12": 0.30}

ABOUT = About(
    id="sentinel-2-l2a-made",
    title="Made for tests",
    description="Forest, cleared under cloud.",
    attribution="none",
    license="other",
    links=(),
    providers=(pystac.Provider("tests", roles=[pystac.ProviderRole.PRODUCER]),),
)


def write_optical(folder: Path, until: date = END, soil: bool = True) -> Path:
    """Images every ten days; returns the catalogue. With `soil` the patch is bare after the
    blind months, without it optical images never see the change."""
    rng = np.random.default_rng(5)
    scenes = []
    for k in range((until - START).days // 10 + 1):
        day = START + timedelta(days=10 * k)
        scenes.append(_optical(day, rng, soil))
    return write_catalogue(folder, ABOUT, scenes)


def _optical(day: date, rng: np.random.Generator, soil: bool) -> SceneArrays:
    cloudy = BLIND[0] <= day <= BLIND[1]
    rasters = []
    for band, value in FOREST.items():
        pixels = np.full((SIDE, SIDE), value)
        if soil and day >= CLEARED:
            pixels[PATCH] = SOIL[band]
        if cloudy:
            pixels[:] = 0.5
        noisy = pixels * (1 + 0.04 * rng.normal(size=pixels.shape))
        rasters.append(Raster(band, np.rint(noisy * 10_000).astype(np.uint16), GRID))
    scl = np.full((SIDE, SIDE), 9 if cloudy else 4, np.uint8)
    if cloudy:
        scl[0, 0] = 4  # a hole in the cloud: the image is read, and shows next to nothing
    rasters.append(Raster(SCL, scl, GRID))
    return SceneArrays(f"S2_MADE_{day:%Y%m%d}", day, tuple(rasters))


def radar_power() -> tuple[NDArray[np.float32], list[date]]:
    """VV and VH every twelve days, (time, 2, y, x), the patch 3 and 5 dB darker once cleared."""
    rng = np.random.default_rng(6)
    days = [START + timedelta(days=3 + 12 * k) for k in range((END - START).days // 12)]
    level = np.array([0.16, 0.035])[:, None, None] * np.exp(rng.normal(0, 0.2, (SIDE, SIDE)))
    power = level * rng.gamma(4.4, 1 / 4.4, (len(days), 2, SIDE, SIDE))
    wet = 10 ** (rng.normal(0, 0.8, (len(days), 1, 1, 1)) / 10)
    after = np.array([day >= CLEARED for day in days])
    for c, db in enumerate((-3.0, -5.0)):
        power[after, c, *PATCH] *= 10 ** (db / 10)
    return (power * wet).astype(np.float32), days


def write_radar(folder: Path, base: str) -> list[dict[str, Any]]:
    """The radar images in `folder` and their items, with hrefs below `base`; and two of another
    orbit, which must not be mixed in."""
    power, days = radar_power()
    items = []
    for image, day in zip(power, days, strict=True):
        name = f"S1A_IW_GRDH_1SDV_{day:%Y%m%d}T045110_rtc"
        items.append(_radar_item(folder, base, name, day, image, ("descending", 80)))
    for day in (days[3], days[50]):
        name = f"S1A_IW_GRDH_1SDV_{day:%Y%m%d}T163000_rtc"
        other = np.full((2, SIDE, SIDE), 9.0, np.float32)
        items.append(_radar_item(folder, base, name, day, other, ("ascending", 29)))
    return items


def _radar_item(
    folder: Path,
    base: str,
    name: str,
    day: date,
    image: NDArray[np.float32],
    orbit: tuple[str, int],
) -> dict[str, Any]:
    for c, channel in enumerate(("vv", "vh")):
        write_power(folder / name / f"{channel}.tif", image[c], GRID)
    clock = f"{day}T{name[26:28]}:{name[28:30]}:10Z"
    hrefs = {c: f"{base}/{name}/{c}.tif" for c in ("vv", "vh")}
    return rtc_item(name, clock, hrefs, BOUNDS, grid=GRID, orbit=orbit)


def write_area(path: Path) -> Path:
    """The whole grid but for a rim of two pixels."""
    west, south, east, north = BOUNDS
    rim = 2.5e-4
    area = box(west + rim, south + rim, east - rim, north - rim)
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(area)}
    path.write_text(json.dumps(feature), encoding="utf-8")
    return path


def write_case(folder: Path, optical: Path, radar: str, collection: str = "") -> Path:
    """A case folder with a [radar] section."""
    folder.mkdir(parents=True)
    write_area(folder / "area.geojson")
    (folder / "case.toml").write_text(
        f'name = "Cleared under cloud"\narea = "area.geojson"\nstart = {START}\nend = {END}\n'
        f'source = "local:{optical}"\n[monitor]\nhistory_until = 2019-12-31\n'
        f'[radar]\nsource = "{radar}"\n' + (f'collection = "{collection}"\n' if collection else ""),
        encoding="utf-8",
    )
    return folder
