"""`gossan init` from the command line to the folder."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gossan.cli.init import init
from gossan.core.errors import Code, GossanError
from gossan.io.case_file import read_case
from gossan.run.init import AreaChoice, create_case

BBOX = AreaChoice(bbox="25.5,47.6,25.6,47.7")


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command()(init)
    return app


def create(folder: Path, area: AreaChoice = BBOX, **changes: str | None) -> None:
    given: dict[str, str | None] = {
        "name": "Suceava",
        "start": "2018-01-01",
        "end": "2021-01-01",
        "source": "earth-search",
    } | changes
    name, start, source = given["name"], given["start"], given["source"]
    assert name is not None
    assert start is not None
    assert source is not None
    create_case(folder, name=name, area=area, start=start, end=given["end"], source=source)


def test_command_makes_a_case_that_reads_back(tmp_path: Path, app: typer.Typer) -> None:
    folder = tmp_path / "case"
    result = CliRunner().invoke(
        app,
        [
            str(folder),
            "--name",
            "Taşlı yer",
            "--bbox",
            "-58.9,-27.6,-58.8,-27.5",
            "--start",
            "2018-01-01",
            "--end",
            "2019-01-01",
        ],
    )
    assert result.exit_code == 0, result.output
    case = read_case(folder)
    assert case.name == "Taşlı yer"
    assert case.geometry.bounds == (-58.9, -27.6, -58.8, -27.5)
    assert (case.start, case.end) == (date(2018, 1, 1), date(2019, 1, 1))
    assert case.history_until == date(2018, 7, 2)
    assert case.source == "earth-search"
    last = result.output.strip().splitlines()[-1]
    assert str(folder / "case.toml") in last
    assert f"gossan update {folder}" in last
    assert "latitude -27.5500, longitude -58.8500" in result.output


def test_sea_is_warned_of_on_the_command_line(tmp_path: Path, app: typer.Typer) -> None:
    arguments = [
        str(tmp_path / "case"),
        "--name",
        "x",
        "--around",
        "30,-40",
        "--radius",
        "2",
        "--start",
        "2018-01-01",
    ]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "warning: --around lies in the sea" in result.stderr


@pytest.mark.parametrize("meant", ["relative", "absolute"])
def test_local_source_is_found_again_from_the_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    catalogue = tmp_path / "images" / "catalog.json"
    catalogue.parent.mkdir()
    catalogue.write_text("{}", encoding="utf-8")
    given = "images/catalog.json" if meant == "relative" else str(catalogue)
    create(Path("deep/case"), source=f"local:{given}")
    assert read_case(Path("deep/case")).source == f"local:{catalogue}"
    text = Path("deep/case/case.toml").read_text(encoding="utf-8")
    assert (str(tmp_path) in text) is (meant == "absolute")


@pytest.mark.parametrize(
    ("area", "changes", "code", "words"),
    [
        (AreaChoice(), {}, Code.AREA, ["--area, --bbox and --around", "found 0"]),
        (AreaChoice(bbox="1,2,3,4", around="1,2"), {}, Code.AREA, ["found 2"]),
        (AreaChoice(around="47,25"), {}, Code.AREA, ["--radius"]),
        (AreaChoice(bbox="1,2,3,4", radius_km=3.0), {}, Code.AREA, ["--around"]),
        (BBOX, {"start": "01.02.2018"}, Code.PERIOD, ["--start", "01.02.2018", "2019-01-31"]),
        (BBOX, {"end": "2018-13-01"}, Code.PERIOD, ["--end", "2018-13-01"]),
        (BBOX, {"end": "2017-01-01"}, Code.PERIOD, ["2017-01-01", "2018-01-01", "Swap"]),
        (BBOX, {"source": "earthsearch"}, Code.SOURCE, ['"earth-search"']),
        (BBOX, {"source": "local:nowhere"}, Code.SOURCE, ["nowhere does not exist"]),
        (BBOX, {"name": "a\nb"}, Code.CASE, ["name"]),
        (BBOX, {"name": "  "}, Code.CASE, ["name"]),
    ],
)
def test_refusal_writes_nothing(
    tmp_path: Path, area: AreaChoice, changes: dict[str, str], code: Code, words: list[str]
) -> None:
    with pytest.raises(GossanError) as caught:
        create(tmp_path / "case", area, **changes)
    assert caught.value.code is code
    for word in words:
        assert word in str(caught.value)
    assert not (tmp_path / "case").exists()


def test_area_drawn_in_the_case_folder_may_stay(tmp_path: Path) -> None:
    ring = [[25.5, 47.6], [25.6, 47.6], [25.6, 47.7], [25.5, 47.6]]
    drawn = tmp_path / "area.geojson"
    drawn.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    before = drawn.read_bytes()
    create(tmp_path, AreaChoice(file=drawn))
    assert drawn.read_bytes() == before
    assert read_case(tmp_path).geometry.area == pytest.approx(0.005)


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GossanError, match="cannot be written"):
        create(tmp_path / "file" / "case")
