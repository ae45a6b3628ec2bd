"""An observable that another package brings, installed beside gossan as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cases import catalogue, sample_items, small_case
from tests.support.commands import run

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "support" / "snow_observable"
UV = ROOT / ".uv" / "bin" / "uv"
SNOWY = (0, 60, 24)
REPORT = """Winter at the quarry

The whole valley lay under deep snow in February 2019, the villagers said on Monday.
No snow lay at the quarry in July 2019, according to the mining company and its spokesman.
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, as an installer lays it out; no network."""
    folder = tmp_path_factory.mktemp("packages")
    uv = UV if UV.is_file() else shutil.which("uv")
    assert uv, "make puts uv into .uv"
    command = [uv, "pip", "install", "--offline", "--no-deps", "--quiet", "--target", folder]
    subprocess.run([*command, "--python", sys.executable, PACKAGE], check=True)
    return folder


def test_it_is_small() -> None:
    (code,) = (PACKAGE / "gossan_snow").glob("*.py")
    assert len(code.read_text(encoding="utf-8").splitlines()) < 150


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("snowy")
    folder = small_case(root / "case", catalogue(root / "source", sample_items()), SNOWY)
    with (folder / "case.toml").open("a", encoding="utf-8") as toml:
        toml.write("\n[snow]\nleast_seen = 0.3\n")
    (root / "report.txt").write_text(REPORT, encoding="utf-8")
    return folder


def test_a_package_adds_an_observable_to_every_command(
    case: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    dossier = case / "dossier"
    added = ("--published", "2020-03-02", "--outlet", "Valley News")
    done = run(
        [
            ["update", case],
            ["snow", case],
            ["snow", case, "--json"],
            ["report", "add", case, case.parent / "report.txt", *added],
            ["claims", case, "--only", "snow"],
            ["claims", case, "accept", "all"],
            ["check", case, "--json"],
            ["dossier", case],
            ["verify", dossier],
            ["verify", dossier, "--rerun", "--case", case],
        ]
    )
    unsigned = 4
    wanted = [0] * 8 + [unsigned] * 2
    assert [d.status for d in done] == wanted, [d.err for d in done if d.status]
    snow, plain, listed, check, again = (done[i] for i in (1, 2, 4, 6, 9))
    assert "shows most snow:" in snow.out
    series = json.loads(plain.out)
    assert series["quantity"] == "snow-covered area"
    by_day = {r["day"]: r for r in series["readings"]}
    assert by_day["2019-02-16"]["low"] > 1  # hectares; half of the square, by its SCL
    assert listed.out.count("snow") >= 2
    first, second = json.loads(check.out)["answers"]
    assert first["claim"]["type"] == "snow"
    assert first["question"]["observable"] == "snow-covered area"
    assert first["question"]["asked"] == {"denied": False}
    assert first["verdict"]["answer"] == "supported"
    assert second["question"]["asked"] == {"denied": True}
    assert second["verdict"]["answer"] == "inconclusive"
    assert (dossier / "data" / "snow.csv").read_bytes().startswith(b"day,scene,ha,low")
    assert "Snow-covered area by scene" in (dossier / "index.html").read_text(encoding="utf-8")
    assert "Identical: every image and every figure" in again.out
    assert "was not computed anew" not in again.out
    ledger = (dossier / "evidence" / "ledger.jsonl").read_text(encoding="utf-8")
    recorded = [json.loads(line) for line in ledger.splitlines()]
    assert any('"action":"snow"' in json.dumps(r, separators=(",", ":")) for r in recorded)


def test_the_other_side_reads_the_dossier_without_the_package(case: Path) -> None:
    verified, rerun, unknown, told = run(
        [
            ["verify", case / "dossier"],
            ["verify", case / "dossier", "--rerun", "--source", f"local:{case.parent / 'source'}"],
            ["snow", case],
            ["history", case],
        ]
    )
    assert verified.status == 4, verified.err
    assert "ok record" in verified.out
    assert "Snow was not computed anew." in rerun.out
    assert unknown.status == 2
    assert told.status == 2
    assert 'unknown key "snow"' in told.err


def test_a_wrong_setting_is_one_sentence(
    case: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    toml = case / "case.toml"
    good = toml.read_text(encoding="utf-8")
    for said, words in (("least_seen = 3.0", "0.1 to 1"), ("deep = 1", '"deep"')):
        toml.write_text(good.replace("least_seen = 0.3", said), encoding="utf-8")
        (done,) = run([["snow", case]])
        assert done.status == 2
        assert words in done.err
        assert "[snow]" in done.err
    toml.write_text(good, encoding="utf-8")


def test_a_package_that_fails_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = tmp_path / "broken-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[gossan.observables]\nwind = no_such_module:WIND\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (done,) = run([["history", tmp_path]])
    assert done.status == 2
    assert "The package broken brings no observable that gossan can use" in done.err
