"""A case with radar: ground cleared under months of cloud is found, dated, and recorded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gossan.case.context import read_case_folder
from gossan.case.state import monitored
from gossan.core.dates import from_day, to_day
from gossan.core.errors import GossanError
from gossan.core.params import How
from gossan.core.progress import Silent
from gossan.core.values import Status
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.io.state.store import StateStore
from gossan.monitor.combine import Sensor
from gossan.run.update import update
from tests.support.radar_case import CLEARED, PATCH, write_case, write_optical, write_radar
from tests.support.radar_items import write_local_catalogue
from tests.support.servers import stac_api

from .conftest import gossan

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("case")]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Updated over HTTP from servers that are gone afterwards."""
    folder = tmp_path_factory.mktemp("radar")
    optical = write_optical(folder / "optical")
    items = write_radar(folder / "radar", "{URL}")
    with stac_api(items, page=40, folder=folder / "radar") as api:
        write_case(folder / "case", optical, api.url)
        done = gossan("update", folder / "case")
    assert done.returncode == 0, done.stderr
    assert "Radar (descending 80): 91 scenes read, history learned, 30 scenes followed." in (
        " ".join(done.stdout.split())
    )
    assert "Will read 91 radar scenes of descending 80" in " ".join(done.stderr.split())
    return folder / "case"


def local_items(case: Path) -> list[dict[str, Any]]:
    """The radar items with hrefs to the files."""
    return write_radar(case.parent / "again", (case.parent / "again").as_uri())


def point_at(copy: Path, catalogue: Path, case: Path) -> None:
    """Take radar from a local catalogue whose images lie where `local_items` wrote them."""
    toml = (copy / "case.toml").read_text(encoding="utf-8").partition("[radar]")[0]
    if "local_folders" not in toml:
        toml = f'local_folders = ["{case.parent / "again"}"]\n{toml}'
    (copy / "case.toml").write_text(f'{toml}[radar]\nsource = "local:{catalogue}"\n', "utf-8")


def test_ground_cleared_under_cloud_is_a_site_with_radars_dates(case: Path) -> None:
    sites = json.loads(gossan("sites", case, "--json").stdout)
    assert len(sites) == 1
    (site,) = sites
    assert site["status"] == "confirmed"
    assert date.fromisoformat(site["last_unchanged"]) < CLEARED
    assert CLEARED <= date.fromisoformat(site["first_changed"]) <= date(2020, 2, 15)
    assert site["area_ha"] == pytest.approx(1.2, rel=0.2)


def test_it_was_known_while_every_optical_image_was_cloud(case: Path) -> None:
    with read_case_folder(case) as opened:
        state = monitored(opened, date(2020, 4, 15))
        found = state.combined()
        alone = state.optical()
    assert found is not None
    patch = np.zeros(alone.status.shape, bool)
    patch[tuple(slice(p.start - 1, p.stop - 3) for p in PATCH)] = True
    assert (alone.status[patch] == Status.STABLE).all()
    assert alone.last_seen[patch].max() <= to_day(date(2020, 1, 9))
    said = found.disturbances
    assert (said.status[patch] == Status.CONFIRMED).mean() > 0.9
    assert (found.changed_by[patch] == Sensor.RADAR).mean() > 0.9
    assert said.confirmed_on[patch].max() <= to_day(date(2020, 4, 15))
    quiet = (said.status == Status.STABLE) & state.frame.inside
    assert (found.unchanged_by[quiet] & Sensor.RADAR).all()
    assert from_day(int(np.median(said.last_unchanged[quiet]))) > date(2020, 4, 1)


def test_after_the_cloud_both_sensors_stand_behind_it(case: Path) -> None:
    with read_case_folder(case) as opened:
        state = monitored(opened)
        found = state.combined()
    assert found is not None
    confirmed = found.disturbances.status == Status.CONFIRMED
    assert confirmed.sum() > 90
    both = Sensor.OPTICAL | Sensor.RADAR
    assert (found.changed_by[confirmed] == both).mean() > 0.7
    assert found.by_chance < 1


def test_a_re_run_follows_radar_again(case: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(case, tmp_path / "case"))
    assert gossan("dossier", copy).returncode == 0
    done = gossan("verify", copy / "dossier", "--rerun", "--case", copy)
    assert "Identical: every image and every figure" in done.stdout, done.stdout + done.stderr
    assert "not computed anew" not in done.stdout
    first, *_, last = sorted((copy / "scenes-radar").glob("*.tif"))
    shutil.copyfile(first, last)
    done = gossan("verify", copy / "dossier", "--rerun", "--case", copy)
    assert f"{last.stem}" in done.stdout
    assert "its radar pixels were changed" in " ".join(done.stdout.split())


def test_an_orbit_is_never_mixed_with_another(case: Path) -> None:
    with CaseDb(case / "case.db") as db:
        assert db.get("radar_orbit") == "descending 80"
        read = [r["inputs"]["scene"] for r, _ in db.ledger() if r["action"] == "radar-read"]
        (search,) = [r for r, _ in db.ledger() if r["action"] == "radar-search"]
    assert len(read) == 91
    assert not any("T163000" in key for key in read)
    assert len(search["outputs"]["aside"]) == 2
    assert "ascending 29, not from descending 80" in search["outputs"]["aside"][0][2]


def test_everything_read_and_followed_is_in_the_ledger(case: Path) -> None:
    with CaseDb(case / "case.db") as db:
        records = db.ledger()
    assert verify_chain(records) == len(records)
    actions = [r["action"] for r, _ in records]
    assert actions.count("radar-fit") == 1
    assert actions.count("radar-step") == 30
    step = next(r for r, _ in records if r["action"] == "radar-step")
    assert step["outputs"]["usable_share"] == 1.0
    read = next(r for r, _ in records if r["action"] == "radar-read")
    assert set(read["outputs"]["hashes"]) == {"VV", "VH"}
    assert "gamma naught" in next(iter(read["parameters"]["offset_rule"].values()))


def test_a_late_scene_gives_what_a_run_from_scratch_gives(case: Path, tmp_path: Path) -> None:
    items = [i for i in local_items(case) if i["properties"]["sat:relative_orbit"] == 80]
    late = next(k for k, i in enumerate(items) if i["properties"]["datetime"] > "2020-03")
    hashes = []
    without = items[:late] + items[late + 1 :]
    for name, rounds in {"whole": [items], "late": [without, items]}.items():
        copy = tmp_path / name
        shutil.copytree(case, copy)
        shutil.rmtree(copy / "state-radar.icechunk")
        for offered in rounds:
            catalogue = write_local_catalogue(tmp_path / f"{name}-{len(offered)}", offered)
            point_at(copy, catalogue, case)
            done = update(copy, Silent()).others["radar"]
        assert done.brought is not None
        head = StateStore(copy / "state-radar.icechunk").head()
        assert head is not None
        hashes.append(head.state_hash)
        if name == "late":
            assert done.brought.gone_back > 0
            assert not done.brought.fitted
    assert hashes[0] == hashes[1]


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "killed"
    shutil.copytree(case, copy)
    shutil.rmtree(copy / "state-radar.icechunk")
    catalogue = write_local_catalogue(tmp_path / "items", local_items(case))
    point_at(copy, catalogue, case)
    program = [Path(sys.executable).with_name("gossan"), "update", copy]
    with subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 300
        while _steps(copy) < 3:
            assert running.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        running.kill()
    half = _steps(copy)
    assert 3 <= half < 30, "killed too late to mean anything"
    done = gossan("update", copy, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["radar"]["brought"]["stepped"] == 30 - half
    heads = [StateStore(folder / "state-radar.icechunk").head() for folder in (case, copy)]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].state_hash == heads[1].state_hash
    with CaseDb(copy / "case.db") as db:
        records = db.ledger()
    assert verify_chain(records) == len(records)


def _steps(case: Path) -> int:
    """Radar scenes stepped and committed so far, -1 before the fit."""
    if not (case / "state-radar.icechunk").is_dir():
        return -1
    try:
        head = StateStore(case / "state-radar.icechunk").head()
    except GossanError:  # looked at while it is being made
        return -1
    return -1 if head is None else head.n


def test_smaller_blocks_give_the_same_answer(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "blocks"
    shutil.copytree(case, copy)
    shutil.rmtree(copy / "state-radar.icechunk")
    catalogue = write_local_catalogue(tmp_path / "items", local_items(case))
    point_at(copy, catalogue, case)
    update(copy, Silent(), how=How(block=32))
    answers = []
    for folder in (case, copy):
        with read_case_folder(folder) as opened:
            state = monitored(opened)
            assert state.radar is not None
            answers.append(state.radar.answer(state.grid, state.frame.inside))
    for name in ("status", "last_unchanged", "first_changed", "confirmed_on", "magnitude"):
        one, two = (getattr(a, name) for a, _ in answers)
        inside = state.frame.inside
        np.testing.assert_array_equal(one[inside], two[inside], err_msg=name)
    np.testing.assert_array_equal(answers[0][1], answers[1][1])


def test_threads_and_a_cluster_give_the_same_state(case: Path, tmp_path: Path) -> None:
    """Each of the commits, on four blocks."""
    catalogue = write_local_catalogue(tmp_path / "items", local_items(case))
    hashes = []
    for name, how in {
        "one": How(workers=1, block=32),
        "threads": How(workers=4, block=32),
        "dask": How(dask="local", workers=2, block=32),
    }.items():
        copy = tmp_path / name
        shutil.copytree(case, copy)
        shutil.rmtree(copy / "state-radar.icechunk")
        point_at(copy, catalogue, case)
        done = update(copy, Silent(), how=how).others["radar"]
        assert done.brought is not None
        assert done.brought.stepped == 30
        line = StateStore(copy / "state-radar.icechunk").line()
        hashes.append([commit.state_hash for commit in line])
    assert len(hashes[0]) == 31
    assert hashes[0] == hashes[1] == hashes[2]


def test_raw_grd_is_refused_with_what_to_do(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "grd"
    shutil.copytree(case, copy)
    items = local_items(case)[:3]
    for item in items:
        item["collection"] = "sentinel-1-grd"
        for asset in item["assets"].values():
            asset["description"], asset["raster:bands"] = None, [{"data_type": "uint16"}]
    catalogue = write_local_catalogue(tmp_path / "grd-items", items)
    point_at(copy, catalogue, case)
    done = gossan("update", copy)
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "not said to be terrain-corrected (uint16)" in said
    assert "sentinel-1-rtc" in said


def test_a_case_without_the_section_knows_nothing_of_radar(case: Path, tmp_path: Path) -> None:
    copy = tmp_path / "without"
    shutil.copytree(case, copy)
    toml = (copy / "case.toml").read_text(encoding="utf-8").partition("[radar]")[0]
    (copy / "case.toml").write_text(toml, encoding="utf-8")
    with read_case_folder(copy) as opened:
        state = monitored(opened, date(2020, 4, 15))
        assert state.radar is None
        assert not (state.disturbances().status == Status.CONFIRMED).any()
