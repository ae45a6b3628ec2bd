"""A sensor that gossan does not know, given as one value: 30 m images of another scale and offset,
searched, read, followed and recorded as any other, by nothing but the code that is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pystac
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from tools.catalogue import SCL, Raster, SceneArrays, write_catalogue

from gossan.case.context import read_case_folder
from gossan.case.sensors import OPTICAL, SENSORS, Sensor
from gossan.core.dates import to_day
from gossan.core.params import How
from gossan.core.progress import Silent
from gossan.core.values import Scene, Status
from gossan.evidence.ledger import verify_chain
from gossan.io.catalogue.harmonise import scene_of
from gossan.io.state.store import StateStore
from gossan.monitor.state import disturbances, from_arrays
from gossan.run.update import update
from tests.support.radar_case import (
    ABOUT,
    CLEARED,
    END,
    FOREST,
    SOIL,
    START,
    write_area,
    write_optical,
)

pytestmark = pytest.mark.slow

SCALE, OFFSET = 0.0000275, -0.2
"""Of Landsat's collection 2: reflectance = number * SCALE + OFFSET."""
GRID = GeoBox((16, 16), Affine(30, 0, 500_000, 0, -30, 4_900_000), "EPSG:32634")
PATCH = (slice(9, 12), slice(8, 12))
BLOCK = 32


def write_coarse(folder: Path) -> Path:
    """Images every sixteen days that see the ground throughout; returns the catalogue."""
    rng, scenes = np.random.default_rng(7), []
    for k in range((END - START).days // 16 + 1):
        day = START + timedelta(days=16 * k + 2)
        rasters = []
        for band, value in FOREST.items():
            pixels = np.full(GRID.shape, value)
            if day >= CLEARED:
                pixels[PATCH] = SOIL[band]
            noisy = pixels * (1 + 0.04 * rng.normal(size=pixels.shape))
            numbers = np.rint((noisy - OFFSET) / SCALE).astype(np.uint16)
            rasters.append(Raster(band, numbers, GRID))
        rasters.append(Raster(SCL, np.full(GRID.shape, 4, np.uint8), GRID))
        scenes.append(SceneArrays(f"COARSE_{day:%Y%m%d}", day, tuple(rasters)))
    return write_catalogue(folder, ABOUT, scenes)


def coarse(catalogue: Path) -> Sensor:
    """The sensor: a value and no code but what its items mean."""

    def of_item(item: pystac.Item) -> Scene:
        scene = scene_of(item)
        bands = {n: replace(b, scale=SCALE, offset=OFFSET) for n, b in scene.bands.items()}
        return replace(scene, bands=bands, offset_rule="collection 2 states it for all its images")

    return replace(
        OPTICAL,
        tag="coarse",
        rules=replace(OPTICAL.rules, word="coarse ", scene_of=of_item),
        source=lambda _: f"local:{catalogue}",
        offsets=False,
        method="coarse.v1",
        keyed=("bands", "dilation_m", "squares"),
    )


def make(folder: Path, optical: Path) -> Path:
    """A case without any word of the sensor."""
    folder.mkdir()
    write_area(folder / "area.geojson")
    (folder / "case.toml").write_text(
        f'name = "Seen by two"\narea = "area.geojson"\nstart = {START}\nend = {END}\n'
        f'source = "local:{optical}"\n[monitor]\nhistory_until = 2019-12-31\n',
        encoding="utf-8",
    )
    return folder


def test_a_third_sensor_is_one_value(tmp_path: Path) -> None:
    optical = write_optical(tmp_path / "optical")
    sensor = coarse(write_coarse(tmp_path / "coarse"))
    sensors = (*SENSORS, sensor)
    case = make(tmp_path / "case", optical)

    done = update(case, Silent(), sensors=sensors, how=How(block=BLOCK))
    told = done.others["coarse"]
    assert told.failed == 0
    assert told.brought is not None
    assert told.brought.fitted
    assert told.brought.stepped == sum(
        START + timedelta(days=16 * k + 2) > date(2019, 12, 31) for k in range(told.read)
    )
    assert "Coarse: " in done.sentence

    with read_case_folder(case) as opened:
        records = opened.db.ledger()
        store = StateStore(sensor.state(case))
        head = store.head()
        assert head is not None
        whole = (slice(0, head.shape[0]), slice(0, head.shape[1]))
        state = from_arrays(store.reader(head).read(whole), head.meta)
    assert verify_chain(records) == len(records)
    actions = [r["action"] for r, _ in records]
    assert actions.count("coarse-search") == 1
    assert actions.count("coarse-read") == told.read
    assert actions.count("coarse-fit") == 1
    assert actions.count("coarse-step") == told.brought.stepped
    read = next(r for r, _ in records if r["action"] == "coarse-read")
    assert set(read["parameters"]["scale"].values()) == {SCALE}
    assert set(read["parameters"]["offset"].values()) == {OFFSET}

    # 30 m pixels on the grid of 10 m that the first sensor fixed: the patch and nothing else
    said = disturbances(state, GeoBox(state.shape, Affine.identity(), "EPSG:32634"))
    found = said.status == Status.CONFIRMED
    assert found.sum() == 12 * 9
    assert (said.last_unchanged[found] < to_day(CLEARED)).all()
    assert (said.first_changed[found] >= to_day(CLEARED)).all()
    level = state.model.history[found]
    assert level.min() >= 12

    again = update(case, Silent(), sensors=sensors)
    assert again.others["coarse"].sentence == "Coarse: nothing new."
    assert again.others["coarse"].read == 0


def test_it_works_on_a_cluster_too(tmp_path: Path) -> None:
    optical = write_optical(tmp_path / "optical")
    sensor = coarse(write_coarse(tmp_path / "coarse"))
    hashes = []
    for name, how in {"threads": How(block=BLOCK), "dask": How("local", 2, BLOCK)}.items():
        case = make(tmp_path / name, optical)
        update(case, Silent(), sensors=(OPTICAL, sensor), how=how)
        line = StateStore(sensor.state(case)).line()
        hashes.append([commit.state_hash for commit in line])
    assert len(hashes[0]) > 20
    assert hashes[0] == hashes[1]
