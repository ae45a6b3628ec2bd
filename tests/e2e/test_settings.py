"""What is set in case.toml is what is computed with, recorded, shown and computed anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gossan.io.case_db import CaseDb
from tests.support.cases import catalogue, sample_items, small_case

from .conftest import gossan

SET = {
    "monitor.confirm_looks": "3",
    "monitor.recover_days": "300",
    "sites.min_pixels": "9",
    "limits.implants": "24",
    "limits.within": "[60, 90]",
    "execution.workers": "1",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small case with settings that once could not be set, brought up to date."""
    folder = tmp_path_factory.mktemp("settings")
    source = catalogue(folder / "catalogue", sample_items()[:100])
    case = small_case(folder / "case", source)
    done = gossan("settings", case, *(f"{k}={v}" for k, v in SET.items()))
    assert done.returncode == 0, done.stderr
    for words in (("update", case), ("sites", case), ("limits", case), ("dossier", case)):
        done = gossan(*words)
        assert done.returncode == 0, (words, done.stderr)
    return case


def records(case: Path, action: str) -> list[dict[str, Any]]:
    with CaseDb(case / "case.db") as db:
        return [body for body, _ in db.ledger() if body["action"] == action]


def test_the_ledger_holds_what_was_set(case: Path) -> None:
    (fit,) = records(case, "fit")
    assert fit["parameters"]["confirm_looks"] == 3
    assert fit["parameters"]["recover_days"] == 300
    assert records(case, "sites")[-1]["parameters"]["min_pixels"] == 9
    limits = records(case, "limits")[-1]
    assert (limits["parameters"]["implants"], limits["parameters"]["within"]) == (24, [60, 90])
    assert limits["outputs"]["n"] == 24


def test_the_dossier_says_it_and_nothing_of_this_machine(case: Path) -> None:
    model = json.loads((case / "dossier" / "data" / "dossier.json").read_text("utf-8"))["model"]
    told = {p["name"]: p["value"] for p in model["parameters"]}
    assert told["monitor.confirm_looks"] == "3"
    assert told["sites.min_pixels"] == "9"
    assert told["limits.within"] == "60, 90"
    assert "monitor.refit_days" not in told
    config = model["recipe"]["config"]
    assert config["monitor"]["recover_days"] == 300
    assert "refit_days" not in config["monitor"]
    assert "execution" not in json.dumps(config)


def test_it_is_computed_anew_with_the_same(case: Path) -> None:
    done = gossan("verify", case / "dossier", "--rerun", "--case", case)
    assert "Identical: every image and every figure" in done.stdout, done.stdout + done.stderr


def test_the_list_shows_what_was_set(case: Path) -> None:
    listed = json.loads(gossan("settings", case, "--json").stdout)
    changed = {
        f"{s['name']}.{x['key']}": x["value"] for s in listed for x in s["settings"] if x["changed"]
    }
    assert changed == SET
    shown = gossan("settings", case).stdout.splitlines()
    assert "* confirm_looks = 3" in shown
    assert max(map(len, shown[1:])) <= 200  # only a value that was set may be longer than 80
    plain = gossan("settings").stdout.splitlines()
    assert all(len(line) <= 80 for line in plain)
