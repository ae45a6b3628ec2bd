"""Real Sentinel-1 through the whole program: 80 slices over Myanmar, read from a server."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import box, mapping
from tools.catalogue import SCL, About, Raster, SceneArrays, write_catalogue

from gossan.case.context import read_case_folder
from gossan.case.sensors import RADAR
from gossan.case.state import monitored
from gossan.core.dates import from_day, to_day
from gossan.core.sensor import POWER
from gossan.core.values import Status
from gossan.io.scenes import SceneStore
from tests.support.myanmar import Granules, granules, points
from tests.support.radar_case import ABOUT, FOREST
from tests.support.radar_items import lonlat_bounds, write_granules
from tests.support.servers import stac_api

from .conftest import gossan

pytestmark = pytest.mark.slow

START, HISTORY_END, END = date(2015, 6, 23), date(2016, 12, 31), date(2018, 12, 31)


def write_forest(folder: Path, found: Granules) -> Path:
    """Optical images of unchanging forest every 20 days: radar needs their grid, no more."""
    rng = np.random.default_rng(0)
    about = About(**{**ABOUT.__dict__, "id": "forest"})
    scenes = []
    for k in range((END - START).days // 20):
        day = START + timedelta(days=20 * k)
        shape = tuple(found.grid.shape)
        rasters = [
            Raster(b, np.rint(v * 1e4 * rng.normal(1, 0.04, shape)).astype(np.uint16), found.grid)
            for b, v in FOREST.items()
        ]
        rasters.append(Raster(SCL, np.full(shape, 4, np.uint8), found.grid))
        scenes.append(SceneArrays(f"S2_FOREST_{day:%Y%m%d}", day, tuple(rasters)))
    return write_catalogue(folder, about, scenes)


@pytest.fixture(scope="module")
def real(shared: Path) -> Granules:
    if not (shared / "s1_myanmar").is_dir():
        pytest.skip("../shared/data/s1_myanmar is not here: real radar is not tested")
    return granules(shared)


@pytest.fixture(scope="module")
def case(real: Granules, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("myanmar")
    optical, case = write_forest(folder / "optical", real), folder / "case"
    case.mkdir()
    area = mapping(box(*lonlat_bounds(real.grid)))
    feature = {"type": "Feature", "properties": {}, "geometry": area}
    (case / "area.geojson").write_text(json.dumps(feature), encoding="utf-8")
    items = write_granules(real, folder / "radar", "{URL}")
    asked = [i for i in items if str(START) <= i["properties"]["datetime"] <= str(END)]
    with stac_api(asked, page=50, folder=folder / "radar") as api:
        (case / "case.toml").write_text(
            f'name = "Bago"\narea = "area.geojson"\nstart = {START}\nend = {END}\n'
            f'source = "local:{optical}"\n[monitor]\nhistory_until = {HISTORY_END}\n'
            f'[radar]\nsource = "{api.url}"\n',
            encoding="utf-8",
        )
        done = gossan("update", case)
    assert done.returncode == 0, done.stderr
    assert "Radar (descending 106)" in done.stdout
    return case


def test_half_swaths_of_a_day_become_one_image_with_the_providers_pixels(
    case: Path, real: Granules
) -> None:
    values, _, days = real.merged()
    with read_case_folder(case) as opened:
        store = SceneStore(RADAR.scenes(case), monitored(opened).grid, POWER)
        left, top = ~store.grid.affine * (real.grid.affine.c, real.grid.affine.f)
    # the case's grid covers the area's bounds in degrees, a little more than the images
    corner = round(top), round(left)
    whole = (slice(corner[0], corner[0] + 120), slice(corner[1], corner[1] + 120))
    stored = {to_day(s.time): s for s in store.list()}
    wanted = [t for t, d in enumerate(days) if START <= from_day(int(d)) <= END]
    assert len(stored) == len(wanted)
    for t in wanted:
        scene = stored[int(days[t])]
        with store.opened(scene.key) as pixels:
            got = pixels.numbers(whole, scene.bands)
        np.testing.assert_array_equal(got, values[t])
    halves = [s for s in stored.values() if len(s.items) == 2]
    assert len(halves) > 10


def test_dated_disturbances_are_found_and_quiet_forest_stays_quiet(
    case: Path, real: Granules, shared: Path
) -> None:
    with read_case_folder(case) as opened:
        state = monitored(opened)
        assert state.radar is not None
        said, _ = state.radar.answer(state.grid, state.frame.inside)
    ever = np.isin(said.status, (Status.CONFIRMED, Status.RECOVERED))
    known = points(shared / "s1_myanmar" / "reference_dates.csv", state.grid)
    watched = [p for p in known if p.day is not None and p.day > to_day(HISTORY_END)]
    calm = [p for p in known if p.day is None]
    assert len(watched) > 25
    assert np.mean([ever[p.row, p.col] for p in watched]) > 0.4
    assert np.mean([ever[p.row, p.col] for p in calm]) < 0.15
