"""A real plume below a spill, measured by others: told, and turned round, in real commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb

from .conftest import gossan

TOLD = "The river below the spill was turbid by 15 August and back to normal by 30 August 2021."
TURNED = "The river below the spill was clear by 15 August and still turbid on 30 August 2021."
UNSEEN = "The river below the spill was turbid on 20 July 2021."


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*features: tuple[dict[str, str], dict[str, object]]) -> str:
    made = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": made})


@pytest.fixture(scope="module")
def case(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kasai")
    case = folder / "case"
    (folder / "area.geojson").write_text(collection(({}, box(16.5, -3.2, 16.7, -3.0))))
    lower = {"name": "Lower Kasai", "role": "downstream"}
    (folder / "reaches.geojson").write_text(collection((lower, box(16.17, -3.4, 16.8, -3.0))))
    (folder / "said.txt").write_text(f"After the spill\n\n{TOLD} {TURNED} {UNSEEN}\n")
    files = sorted((shared / "water_catoca").glob("data_*.csv.gz"))
    assert len(files) == 6
    run = [
        (
            "init",
            case,
            "--name",
            "Kasai",
            "--area",
            folder / "area.geojson",
            "--start",
            "2021-06-01",
            "--end",
            "2021-12-31",
            "--source",
            "earth-search",
        ),
        (
            "water",
            case,
            "--reaches",
            folder / "reaches.geojson",
            *(a for f in files for a in ("--measured", f)),
        ),
        ("report", "add", case, folder / "said.txt", "--published", "2021-09-10"),
        ("claims", case, "accept", "all"),
        ("check", case),
    ]
    for words in run:
        done = gossan(*words)
        assert done.returncode == 0, done.stderr
    return case


def test_the_claim_is_supported_and_its_opposite_contradicted(case: Path) -> None:
    answers = json.loads(gossan("check", case, "--json").stdout)["answers"]
    by_text = {a["claim"]["text"]: a["verdict"] for a in answers}
    told, turned = by_text[TOLD], by_text[TURNED]
    assert told["answer"] == "supported"
    assert turned["answer"] == "contradicted"
    assert by_text[UNSEEN]["answer"] == "not observable"
    turbid, back = told["measurements"]
    assert turbid["low"] > 3 * back["value"]
    assert turbid["low"] < turbid["value"] < turbid["high"]
    assert back["unit"] == "FNU"
    assert turbid["scenes"] == ["data_2021-08-15.csv.gz"]
    assert "1 look" in told["reason"]  # how thin the ground for "normal" is, is said


def test_its_ledger_holds_the_files_and_the_question_before_the_verdict(case: Path) -> None:
    with CaseDb(case / "case.db") as db:
        ledger = db.ledger()
    verify_chain(ledger)
    actions = [r["action"] for r, _ in ledger]
    assert actions.index("water") < actions.index("questions") < actions.index("verdicts")
    read = next(r for r, _ in ledger if r["action"] == "water")["inputs"]
    assert len(read["brought"]) == 6
    assert all(h.startswith("sha256:") for h in read["brought"])
    assert read["reaches"].startswith("sha256:")


def test_bringing_the_same_file_again_changes_nothing(case: Path, shared: Path) -> None:
    with CaseDb(case / "case.db") as db:
        before, kept = len(db.ledger()), db.documents("series")
    file = shared / "water_catoca" / "data_2021-08-15.csv.gz"
    reaches = case.parent / "reaches.geojson"
    again = gossan("water", case, "--reaches", reaches, "--measured", file, "--json")
    assert again.returncode == 0, again.stderr
    with CaseDb(case / "case.db") as db:
        assert db.documents("series") == kept
        assert len(db.ledger()) == before
    (series,) = json.loads(again.stdout)["series"]
    assert [r["day"] for r in series["readings"] if r["value"] is None] == [
        "2021-08-17",
        "2021-08-22",
    ]


def test_what_is_no_measurement_is_refused_with_a_reason(case: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("lat,lon,value\n-3.1,16.5,20\n")
    done = gossan("water", case, "--measured", tmp_path / "x.csv")
    assert done.returncode == 2
    assert "the day" in done.stderr
    (tmp_path / "2021-08-01.csv").write_text("lat,lon,value\n50,10,20\n")
    done = gossan("water", case, "--measured", tmp_path / "2021-08-01.csv")
    assert done.returncode == 2
    assert "--reaches" in done.stderr
