"""`gossan traffic` on real images with roads and vehicles laid into them; a real motorway."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bench.traffic import CHIP, chip

from gossan.data import SAMPLE
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from tests.support.traffic import busy_catalogue, write_roads

from .conftest import gossan

FROM, PER_KM = date(2019, 6, 1), 2.0


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roads")
    busy_catalogue(folder / "busy", FROM, PER_KM)
    write_roads(folder / "roads.geojson")
    for words in (
        (
            "init",
            folder / "case",
            "--name",
            "Roads",
            "--area",
            SAMPLE / "area.geojson",
            "--start",
            "2015-08-01",
            "--end",
            "2021-01-31",
            "--source",
            f"local:{folder / 'busy'}",
        ),
        ("update", folder / "case"),
        ("traffic", folder / "case", "--roads", folder / "roads.geojson", "--split", str(FROM)),
    ):
        done = gossan(*words)
        assert done.returncode == 0, done.stderr
    return folder / "case"


@pytest.fixture(scope="module")
def run(case: Path) -> dict[str, Any]:
    done = gossan("traffic", case, "--split", str(FROM), "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_the_excess_is_what_was_put_there(run: dict[str, Any]) -> None:
    used = [p for p in run["passes"] if not p["aside"]]
    before, after = (
        [p for p in used if (date.fromisoformat(p["day"]) >= FROM) == later]
        for later in (False, True)
    )
    assert len(before) > 30
    assert len(after) > 20
    none = [p for p in before if p["excess"]["low"] <= 0 <= p["excess"]["high"]]
    assert len(none) >= 0.9 * len(before)
    false = sum(p["found"] for p in before) / sum(p["usable_km"] for p in before)
    assert false < 0.1
    assert run["change"]["low"] <= PER_KM <= 1.3 * run["change"]["high"]
    assert run["change"]["low"] > 1


@pytest.mark.slow
def test_a_null_holds_the_false_count_of_nine_passes_in_ten(run: dict[str, Any]) -> None:
    empty = [p for p in run["passes"] if not p["aside"] and date.fromisoformat(p["day"]) < FROM]
    held = [p["expected"]["low"] <= p["found"] <= p["expected"]["high"] for p in empty]
    assert sum(held) >= 0.9 * len(held)


@pytest.mark.slow
def test_cloudy_passes_are_set_aside_with_a_reason(run: dict[str, Any]) -> None:
    aside = [p for p in run["passes"] if p["aside"]]
    assert len(aside) > 10
    assert all(p["excess"] is None or "null" in p["aside"] or "cloud" in p["aside"] for p in aside)
    assert any("km of road could be looked at" in p["aside"] for p in aside)


@pytest.mark.slow
def test_no_place_below_a_section_leaves_it(case: Path, run: dict[str, Any]) -> None:
    assert all(s["km"] >= 0.9 for s in run["sections"])
    assert {s["name"].partition(",")[0] for s in run["sections"]} >= {"Valley road", "Ridge road"}
    with CaseDb(case / "case.db") as db:
        kept = json.dumps([db.documents(k) for k in ("traffic-run", "series")]) + str(
            db.get("traffic_part")
        )
        ledger = db.ledger()
    assert not re.search(r'"(?:at|track|lon|lat|speed)": \[', kept)
    verify_chain(ledger)
    (record,) = [r for r, _ in ledger if r["action"] == "traffic"]
    assert record["inputs"]["roads"].startswith("sha256:")
    assert record["inputs"]["file"] == "roads/roads.geojson"


@pytest.mark.slow
def test_asked_again_it_says_the_same_at_80_columns(case: Path) -> None:
    first = gossan("traffic", case, "--split", str(FROM), watched=True)
    assert first.returncode == 0, first.stderr
    assert max(map(len, first.stdout.splitlines())) <= 80
    assert "After 2019-06-01 less before:" in first.stdout
    assert "Looking along roads" not in first.stderr  # every pass is kept


@pytest.mark.slow
def test_eight_trucks_are_not_observable_and_the_dossier_says_so(case: Path) -> None:
    said = "Eight trucks used the Valley road between 10 and 20 July 2020."
    (case / "said.txt").write_text(f"From the valley\n\n{said}\n")
    for words in (
        ("report", "add", case, case / "said.txt", "--published", "2020-08-01"),
        ("claims", case, "accept", "all"),
        ("check", case),
        ("dossier", case),
    ):
        done = gossan(*words)
        assert done.returncode == 0, done.stderr
    (answer,) = json.loads(gossan("check", case, "--json").stdout)["answers"]
    assert answer["verdict"]["answer"] == "not observable"
    assert re.search(r"needs [\d,]+ clear passes", answer["verdict"]["reason"])
    page = (case / "dossier" / "index.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "Traffic on roads" in page
    assert "moving bright large vehicles" in page
    assert "clear passes" in page
    rows = (case / "dossier" / "data" / "traffic.csv").read_text().splitlines()
    assert len(rows) == 1 + 110


@pytest.mark.slow
def test_computed_anew_it_is_the_same(case: Path) -> None:
    done = gossan("verify", case / "dossier", "--rerun", "--case", case)
    assert "Identical: every image and every figure" in done.stdout + done.stderr, done.stdout


def test_without_roads_it_says_what_to_give(demo: Path, tmp_path: Path) -> None:
    done = gossan("traffic", demo, "--roads", tmp_path / "none.gpkg")
    assert done.returncode == 2
    assert "there is no such file" in done.stderr
    done = gossan("traffic", demo)
    assert "names no file of roads" in done.stderr


def test_a_motorway_shows_its_vehicles_on_the_right() -> None:
    if not CHIP.is_file():
        pytest.skip("../shared/data is not here: the real motorway is not tested")
    (told,) = chip()
    found, right = (int(n) for n in re.findall(r"(\d+) (?:found|of them)", told))
    assert found >= 15
    assert right == found
    assert "14 of 14 sure" in told
