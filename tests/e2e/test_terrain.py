"""`gossan terrain` on the demo case: a catalogue's model, places, a later model, the chapter."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from gossan.case.context import read_case_folder
from gossan.case.documents import terrain_of
from gossan.case.sites import CaseSites
from gossan.case.state import monitored
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.observables.kind.run import case_sites_as_of
from gossan.observables.observable import Updated
from gossan.observables.terrain.chapter import terrain_chapter
from gossan.observables.terrain.store import volumes_of
from tests.support.dossier_model import make_model, page_of, pdf_of
from tests.support.servers import stac_api
from tests.support.terrain import glo30_grid, glo30_item, valley, write_dem, write_points

from .conftest import gossan

pytestmark = pytest.mark.slow

GRID = glo30_grid(22.1, 45.26, (360, 360))
AXIS = 22.156
HOSTILE = "Satu <script>alert(1)</script> Mare"


def drawn() -> np.ndarray:
    return valley(GRID, AXIS, fall=2.0, sides=2.0)


@pytest.fixture(scope="module")
def case(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo, its terrain from a catalogue whose server is gone afterwards."""
    folder = tmp_path_factory.mktemp("terrain")
    shutil.copytree(demo, folder / "case", ignore=shutil.ignore_patterns("dossier"))
    write_points(
        folder / "case" / "villages.geojson", {HOSTILE: (AXIS, 45.185), "Far": (22.18, 45.2)}
    )
    write_points(folder / "case" / "intakes.geojson", {"Intake 7": (AXIS + 0.001, 45.175)})
    halves = {"west": GRID[:, :180], "east": GRID[:, 180:]}
    items = []
    for name, part in halves.items():
        cols = slice(0, 180) if name == "west" else slice(180, 360)
        write_dem(folder / "tiles" / f"{name}.tif", part, drawn()[:, cols])
        items.append(glo30_item(f"Copernicus_{name}", f"{{URL}}/{name}.tif", part))
    with stac_api(items, folder=folder / "tiles") as api:
        text = (folder / "case" / "case.toml").read_text(encoding="utf-8")
        head, _, _ = text.partition("\n[terrain]")
        settings = (
            f'\n[terrain]\nsource = "{api.url}"\nmargin_km = 3\nrealisations = 20\n'
            'aside_m = 300\n[places]\nsettlements = "villages.geojson"\n'
            'intakes = ["intakes.geojson"]\n'
        )
        (folder / "case" / "case.toml").write_text(head + settings, encoding="utf-8")
        done = gossan("terrain", folder / "case", watched=True)
    assert done.returncode == 0, done.stderr
    assert "Followed water from" in done.stdout
    assert "Following the water" in done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    return folder / "case"


def test_a_re_run_follows_the_water_again(case: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(case, tmp_path / "case"))
    assert gossan("dossier", copy).returncode == 0
    done = gossan("verify", copy / "dossier", "--rerun", "--case", copy)
    assert "Identical: every image and every figure" in done.stdout, done.stdout + done.stderr
    assert "not computed anew" not in done.stdout
    shutil.rmtree(copy / "terrain")
    done = gossan("verify", copy / "dossier", "--rerun", "--case", copy)
    said = " ".join(done.stdout.split())
    assert "no longer holds the elevation model" in said, done.stdout + done.stderr


def actions(case: Path) -> list[str]:
    with CaseDb(case / "case.db") as db:
        rows = db.ledger()
        assert verify_chain(rows) == len(rows)
    return [r["action"] for r, _ in rows]


def test_every_site_has_its_ground_and_what_lies_below(case: Path) -> None:
    said = json.loads(gossan("terrain", case, "--json").stdout)
    sites = json.loads(gossan("sites", case, "--json").stdout)
    assert [s["site"] for s in said["sites"]] == [s["id"] for s in sites]
    assert not said["run"]["off"]
    first = said["sites"][0]
    assert 2.0 < first["slope"]["value"] < 8.0
    assert first["end"] == "edge"
    assert [t["name"] for t in first["targets"]] == [HOSTILE, "Intake 7"]
    along = [t["along"]["value"] for t in first["targets"]]
    # one arc minute of latitude further down the valley
    assert along[1] - along[0] == pytest.approx(0.01 * 111.13, abs=0.05)
    assert sorted(s["rank"]["value"] for s in said["sites"])[0] == 1
    with read_case_folder(case) as opened:
        assert [t.name for t in terrain_of(opened.db)[first["site"]].targets] == [
            HOSTILE,
            "Intake 7",
        ]
        assert terrain_of(opened.db).keys() == {s["id"] for s in sites}
        assert not volumes_of(opened)


def test_asked_again_nothing_is_read_or_computed(case: Path) -> None:
    before = actions(case)
    assert [a for a in before if a in ("dem", "terrain")] == ["dem", "terrain"]
    again = gossan("terrain", case)  # the catalogue is gone
    assert again.returncode == 0, again.stderr
    assert "Nothing new" in again.stdout
    assert actions(case) == before


def later_model(case: Path) -> Path:
    """The kept model with 5 m more everywhere and the first site dug out by 12 m."""
    with rasterio.open(case / "terrain" / "dem.tif") as data:
        z, profile = data.read(1), data.profile
    rng = np.random.default_rng(1)
    path = case.parent / "later.tif"
    with rasterio.open(path, "w", **profile) as out:
        out.write((z + 5 + rng.normal(0, 0.2, z.shape)).astype(np.float32), 1)
    return path


def chapter_of(case: Path) -> Any:
    found, _ = case_sites_as_of(case, date(2021, 1, 31))
    with read_case_folder(case) as opened:
        return terrain_chapter(Updated(opened, monitored(opened), found))


def test_a_later_model_gives_volumes_and_the_chapter_shows_all(case: Path) -> None:
    done = gossan("terrain", case, "--dem-after", later_model(case), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert len(said["volumes"]) == len(said["sites"])
    measured = [v for v in said["volumes"] if v["volume"] is not None]
    assert measured
    held = [v["volume"]["low"] <= 0 <= v["volume"]["high"] for v in measured]
    assert np.mean(held) > 0.6, "nothing was dug: the 5 m are taken out"
    assert said["run"]["alignment"]["shift_m"][2] == pytest.approx(-5.0, abs=0.2)
    chapter = chapter_of(case)
    assert HOSTILE in chapter.lead
    names = {name for name, _ in chapter.files}
    assert names == {"flow.geojson", "terrain.csv", "targets.csv", "volumes.csv"}
    assert len(chapter.lines) == len(said["sites"])
    assert {p.name.split(" (")[0] for p in chapter.points} == {HOSTILE, "Intake 7"}
    model = replace(make_model(), chapters=(chapter,))
    html = page_of(model)["index.html"].decode()
    assert "Where the water goes" in html
    assert "<script>alert(1)" not in html
    assert pdf_of(model).startswith(b"%PDF")


def test_a_chapter_of_other_sites_says_so(case: Path) -> None:
    found, _ = case_sites_as_of(case, date(2021, 1, 31))
    fewer = CaseSites(found.sites[1:], found.rows[1:])
    with read_case_folder(case) as opened:
        chapter = terrain_chapter(Updated(opened, monitored(opened), fewer))
    assert chapter is not None
    assert "The sites have changed" in chapter.lead
    assert not chapter.blocks


def test_a_missing_file_is_one_sentence_and_a_hint(case: Path) -> None:
    done = gossan("terrain", case, "--dem", "nowhere.tif")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "hint:" in done.stderr
