"""From the shipped images to a dossier, held against clearings written down by eye."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest

from gossan.case.context import open_case
from gossan.case.state import monitored
from gossan.core.dates import from_day
from gossan.core.values import Disturbances, Status
from gossan.evidence.ledger import verify_chain

from .conftest import gossan

GOLDEN = Path(__file__).parents[1] / "golden"


def disturbances(case: Path) -> Disturbances:
    with open_case(case) as opened:
        return monitored(opened).disturbances()


def around(dist: Disturbances, place: dict[str, Any], radius: float) -> np.ndarray[Any, Any]:
    y, x = np.mgrid[: dist.status.shape[0], : dist.status.shape[1]]
    near = (y - place["row"]) ** 2 + (x - place["col"]) ** 2 <= radius**2
    return near & (dist.status >= Status.PROVISIONAL)


def dated_right(dist: Disturbances, place: dict[str, Any], last: str, first: str) -> int:
    """Changed pixels of a labelled place whose date agrees with the label.

    A label's dates are those of images looked at; clouds and the confirmation of thin cuts
    only after leaves are out make 90 days later still right, and never the year before.
    """
    low, high = date.fromisoformat(place[last]), date.fromisoformat(place[first])
    mine = around(dist, place, max(1.5, place["radius_px"]))
    days = [from_day(int(d)) for d in dist.first_changed[mine]]
    return sum(low - timedelta(days=15) < d <= high + timedelta(days=90) for d in days)


def test_clearings_seen_by_eye_come_out_with_the_right_dates(demo: Path) -> None:
    dist = disturbances(demo)
    golden = json.loads((GOLDEN / "romania_clearings.json").read_text(encoding="utf-8"))
    fair = [c for c in golden["clearings"] if "too early" not in c["note"]]
    large = [c for c in fair if c["area_ha_approx"] >= 0.25 and c["confidence"] == "high"]
    right = {c["id"] for c in fair if dated_right(dist, c, "last_intact", "first_cut") >= 3}
    # Floors, not targets: what was reached is in docs/limits.md. A clearing counts when at
    # least three pixels (0.03 ha) of it are dated right.
    assert sum(c["id"] in right for c in large) / len(large) >= 0.65
    assert len(right) / len(fair) >= 0.55
    years = {i[:4] for i in right}
    assert {"2017", "2018", "2019", "2020"} <= years


def test_forest_seen_by_eye_to_be_stable_stays_quiet(demo: Path) -> None:
    dist = disturbances(demo)
    golden = json.loads((GOLDEN / "romania_clearings.json").read_text(encoding="utf-8"))
    changed = [int(around(dist, place, 2.5).sum()) for place in golden["stable"]]
    assert sum(changed) <= 3, changed


def test_dossier_folder_holds_every_face_and_the_same_sites(demo: Path) -> None:
    folder = demo / "dossier"
    assert (folder / "dossier.pdf").read_bytes().startswith(b"%PDF-")
    page = (folder / "index.html").read_text(encoding="utf-8")
    with (folder / "data" / "sites.csv").open(encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    parquet = geopandas.read_parquet(folder / "data" / "sites.parquet")
    features = json.loads((folder / "data" / "sites.geojson").read_text(encoding="utf-8"))
    ids = [r["id"] for r in rows]
    assert len(ids) > 5
    assert sorted(parquet["id"]) == sorted(ids)
    assert sorted(f["properties"]["id"] for f in features["features"]) == sorted(ids)
    assert all(i in page for i in ids)


def test_nothing_new_does_nothing_and_says_so(demo: Path) -> None:
    before = (demo / "case.db").stat().st_size, ledger(demo)
    again = gossan("update", demo)
    assert again.returncode == 0
    assert "Nothing new: all 140 scenes" in again.stdout
    assert ((demo / "case.db").stat().st_size, ledger(demo)) == before


AFTER = ("limits", "sites", "kinds", "vegetation", "shown", "dossier")
"""What the demo makes of its state, in order."""


def test_every_step_is_in_the_ledger(demo: Path) -> None:
    rows = ledger(demo)
    actions = [r["action"] for r, _ in rows]
    assert verify_chain(rows) == len(rows)
    assert actions[0] == "search"
    assert actions.count("read") == len(list((demo / "scenes").glob("*.tif")))
    steps = len(history(demo)) - 1
    assert steps > 50
    others = [a for a in actions if a != "read"]
    assert others == ["search", "fit", *["step"] * steps, *AFTER]


def test_a_second_dossier_has_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    done = gossan("dossier", demo, "--output", other)
    assert done.returncode == 0, done.stderr
    assert hashes(other) == hashes(demo / "dossier")


def test_sites_table_fits_eighty_columns(demo: Path) -> None:
    shown = gossan("sites", demo, watched=True)
    assert shown.returncode == 0
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "…" not in shown.stdout


@pytest.mark.slow
def test_ids_survive_an_update_with_later_scenes(demo: Path, tmp_path: Path) -> None:
    """The case as it stood at the end of 2019, then brought to the present."""
    case = tmp_path / "case"
    case.mkdir()
    for name in ("case.toml", "area.geojson"):
        shutil.copy(demo / name, case / name)
    text = (case / "case.toml").read_text(encoding="utf-8")
    text = absolute_source(text, demo)
    (case / "case.toml").write_text(text.replace("2021-01-31", "2019-12-31"), encoding="utf-8")
    assert gossan("update", case).returncode == 0
    early = json.loads(gossan("sites", case, "--json").stdout)
    (case / "case.toml").write_text(text, encoding="utf-8")
    assert gossan("update", case).returncode == 0
    late = json.loads(gossan("sites", case, "--json").stdout)
    old = {r["id"]: r for r in early if r["status"] == "confirmed"}
    kept = {r["id"] for r in late} & set(old)
    # Two sites that grow together keep the older id, so not every id can survive
    assert len(kept) >= 0.8 * len(old)
    # What was stepped on top of the earlier state is what a run from scratch gives
    a, b = disturbances(case), disturbances(demo)
    for name in ("status", "first_changed", "last_unchanged", "confirmed_on", "magnitude"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


def history(case: Path) -> list[dict[str, Any]]:
    done = gossan("history", case, "--json")
    assert done.returncode == 0, done.stderr
    lines: list[dict[str, Any]] = json.loads(done.stdout)
    return lines


def absolute_source(text: str, case: Path) -> str:
    line = next(x for x in text.splitlines() if x.startswith("source"))
    path = line.split("local:")[1].strip('"')
    return text.replace(line, f'source = "local:{(case / path).resolve()}"')


def ledger(case: Path) -> list[tuple[dict[str, Any], str]]:
    db = sqlite3.connect(case / "case.db")
    rows = db.execute("SELECT record, hash FROM ledger ORDER BY seq").fetchall()
    db.close()
    return [(json.loads(r), h) for r, h in rows]


def hashes(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.mark.parametrize("args", [["update"], ["sites"], ["dossier"]])
def test_a_folder_that_is_no_case_gets_one_clear_error(tmp_path: Path, args: list[str]) -> None:
    done = gossan(*args, tmp_path)
    assert done.returncode == 2
    assert "case.toml" in done.stderr
    assert "Traceback" not in done.stderr
