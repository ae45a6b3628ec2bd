"""case.toml: written readable, read strictly."""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gossan.core.case import (
    CaseConfig,
    MaskConfig,
    PlaceFiles,
    RadarConfig,
    TerrainConfig,
    default_history_until,
)
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams, SiteParams
from gossan.io.case_file import read_case, write_case

TODAY = date(2026, 11, 24)
AREA = shapely.normalize(shapely.box(25.5, 47.6, 25.6, 47.7))
MINIMAL = """\
name = "Quarry"
area = "area.geojson"
start = 2018-01-01
source = "earth-search"
"""


def case_with(tmp_path: Path, toml: str) -> Path:
    (tmp_path / "case.toml").write_text(toml, encoding="utf-8")
    area = json.dumps(shapely.geometry.mapping(AREA))
    (tmp_path / "area.geojson").write_text(area, encoding="utf-8")
    return tmp_path


def refusal(tmp_path: Path, toml: str) -> GossanError:
    with pytest.raises(GossanError) as caught:
        read_case(case_with(tmp_path, toml), TODAY)
    return caught.value


def test_minimal_case_gets_the_documented_defaults(tmp_path: Path) -> None:
    assert read_case(case_with(tmp_path, MINIMAL), TODAY) == CaseConfig(
        name="Quarry",
        geometry=AREA,
        start=date(2018, 1, 1),
        end=None,
        source="earth-search",
        history_until=date(2020, 1, 2),
        masks=MaskConfig(max_cloud_percent=80.0, dilation_m=60.0),
        monitor=MonitorParams(provisional_evidence=5.0, confirm_evidence=10.0, alpha=0.02),
        sites=SiteParams(min_area_ha=0.1),
    )


def test_every_key_is_read(tmp_path: Path) -> None:
    case = read_case(
        case_with(
            tmp_path,
            MINIMAL
            + """
end = "2024-05-06"
offshore = true
[masks]
max_cloud_percent = 50
dilation_m = 120.5
[monitor]
history_until = 2019-07-01
provisional_evidence = 3
confirm_evidence = 6.5
alpha = 1e-4
[sites]
min_area_ha = 1
""",
        ),
        TODAY,
    )
    assert case.end == date(2024, 5, 6)
    assert case.offshore
    assert case.history_until == date(2019, 7, 1)
    assert case.masks == MaskConfig(50.0, 120.5)
    assert case.monitor == MonitorParams(provisional_evidence=3, confirm_evidence=6.5, alpha=1e-4)
    assert case.sites == SiteParams(1.0)


@st.composite
def cases(draw: st.DrawFn) -> CaseConfig:
    start = draw(st.dates(date(2015, 6, 23), date(2022, 1, 1)))
    end = draw(st.none() | st.dates(date(2022, 2, 1), TODAY))
    provisional = draw(st.floats(1, 15))
    text = st.characters(exclude_categories=("C", "Z"))
    return CaseConfig(
        name=draw(st.text(text, min_size=1, max_size=50)),
        geometry=AREA,
        start=start,
        end=end,
        source=draw(st.sampled_from(["earth-search", "local:/data/x \"y'", "https://a.org/v1"])),
        history_until=draw(st.dates(date(2022, 1, 2), date(2022, 1, 31))),
        offshore=draw(st.booleans()),
        masks=MaskConfig(draw(st.floats(0, 100)), draw(st.floats(0, 1000))),
        monitor=MonitorParams(
            provisional_evidence=provisional,
            confirm_evidence=draw(st.floats(provisional, 15)),
            alpha=draw(st.floats(1e-9, 0.2)),
        ),
        sites=SiteParams(draw(st.floats(0, 10_000))),
        radar=draw(
            st.none()
            | st.builds(
                RadarConfig,
                st.sampled_from(["planetary-computer", "local:/data/r", "https://b.org/v1"]),
                st.sampled_from(["sentinel-1-rtc", "s1_rtc"]),
                st.sampled_from(["auto", "ascending 7", "descending 106"]),
            )
        ),
        terrain=draw(
            st.builds(
                TerrainConfig,
                dem=st.sampled_from([None, "dem.tif", 'ß "x".tif']),
                source=st.sampled_from(["planetary-computer", "https://b.org/v1"]),
                reach_km=st.floats(0.1, 1000),
                realisations=st.integers(20, 5000),
            )
        ),
        places=draw(
            st.builds(
                PlaceFiles,
                st.sampled_from([(), ("villages.gpkg",), ("a.geojson", "b.gpkg")]),
                protected=st.sampled_from([(), ("parks.gpkg",)]),
            )
        ),
    )


@settings(deadline=None)  # files on a busy disk
@given(cases())
def test_what_is_written_is_read_again(case: CaseConfig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_case(Path(folder) / "new" / "case", case)
        assert read_case(Path(folder) / "new" / "case", TODAY) == case


def test_written_file_explains_every_key(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    source = case_with(tmp_path, MINIMAL)
    write_case(folder, read_case(source, TODAY))
    lines = (folder / "case.toml").read_text(encoding="utf-8").splitlines()
    for key in [
        "name",
        "area",
        "offshore",
        "start",
        "end",
        "source",
        "max_cloud_percent",
        "dilation_m",
        "history_until",
        "provisional_evidence",
        "confirm_evidence",
        "alpha",
        "min_area_ha",
        "collection",
        "orbit",
        *(f.name for f in fields(TerrainConfig)),
    ]:
        found = [i for i, line in enumerate(lines) if line.lstrip("# ").startswith(f"{key} = ")]
        assert len(found) == {"source": 3, "collection": 2}.get(key, 1), key
        for at in found:
            above = next(line for line in reversed(lines[:at]) if " = " not in line)
            assert above.startswith("#") or key == "name", key


def test_never_overwrites(tmp_path: Path) -> None:
    folder = case_with(tmp_path, MINIMAL)
    case = read_case(folder, TODAY)
    with pytest.raises(GossanError, match="exists already"):
        write_case(folder, case)
    assert (folder / "case.toml").read_text(encoding="utf-8") == MINIMAL
    (folder / "case.toml").unlink()
    other = CaseConfig(
        case.name, shapely.box(1, 45, 2, 46), case.start, None, case.source, case.history_until
    )
    with pytest.raises(GossanError, match="another area"):
        write_case(folder, other)
    assert not (folder / "case.toml").exists()
    before = (folder / "area.geojson").read_bytes()
    write_case(folder, case)
    assert (folder / "area.geojson").read_bytes() == before


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("[masks]\nmax_clod_percent = 5", ['"max_clod_percent" in [masks]', '"max_cloud_percent"']),
        ("strat = 2018-01-01", ['"strat"', 'did you mean "start"']),
        ("[mask]\n", ['"mask"', 'did you mean "masks"']),
        ("dilation_m = 5", ['"dilation_m"', "in [masks]"]),
        ("[sites]\nsource = 'x'", ['"source" in [sites]', "above all sections"]),
        ("[radar]\norbit = 'left 5'", ["radar.orbit", "descending 106"]),
        ("[radar]\norbit = 5", ["orbit", "expected a text"]),
        ("[radar]\nsource = 'https://a.org/v1#x'", ["in [radar]", "without #"]),
        ("[radar]\ncollection = 'a#b'", ["in [radar]", "without #"]),
        ("[radar]\ncolection = 'x'", ['"colection" in [radar]', '"collection"']),
        ("[sites]\nqqqqq = 1", ['"qqqqq" in [sites]', "Known keys there: min_area_ha"]),
        ("[masks]\nmax_cloud_percent = '5'", ["max_cloud_percent in [masks]", '"5"', "percent"]),
        ("[masks]\nmax_cloud_percent = 101", ["0 to 100", "101"]),
        ("[masks]\nmax_cloud_percent = true", ["0 to 100", "True"]),
        ("[masks]\ndilation_m = nan", ["metres", "nan"]),
        ("[monitor]\nconfirm_evidence = 25", ["1", "15", "nats", "25"]),
        (
            "[monitor]\nconfirm_evidence = 2\nprovisional_evidence = 3",
            ["exceeds", "confirm_evidence (2)"],
        ),
        ("masks = 3", ["[masks]", "found 3"]),
        ("offshore = 1", ["offshore", "true or false"]),
        ("name = 'twice'", ["TOML", "line 5"]),
        ("end = 2019-02-30", ["TOML", "line 5"]),
        ("end = '2019-02-30'", ["end", "date such as", "2019-02-30"]),
        ("end = 2019-02-03T10:00:00", ["end", "date such as"]),
    ],
)
def test_bad_key_or_value_is_named(tmp_path: Path, extra: str, words: list[str]) -> None:
    error = refusal(tmp_path, MINIMAL + extra + "\n")
    assert error.code is Code.CASE
    for word in ["case.toml", *words]:
        assert word in str(error)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2021-01-01", "2018-02-03", ["2021-01-01", "2018-02-03", "Swap"]),
        ("2021-01-01", "2021-01-01", ["reversed or empty"]),
        ("2014-01-01", "2018-02-03", ["2015-06-23"]),
        ("2018-01-01", "2099-01-01", ["2099-01-01", "today"]),
        ("2099-01-01", None, ["2099-01-01", "today"]),
    ],
)
def test_bad_period(tmp_path: Path, start: str, end: str | None, words: list[str]) -> None:
    toml = MINIMAL.replace("2018-01-01", start) + (f"end = {end}\n" if end else "")
    error = refusal(tmp_path, toml)
    assert error.code is Code.PERIOD
    for word in words:
        assert word in str(error)


@pytest.mark.parametrize("day", ["2017-12-31", "2018-01-01", "2019-06-01", "2024-01-01"])
def test_history_must_end_inside_the_period(tmp_path: Path, day: str) -> None:
    extra = f"end = 2019-06-01\n[monitor]\nhistory_until = {day}\n"
    error = refusal(tmp_path, MINIMAL + extra)
    assert error.code is Code.PERIOD
    assert day in str(error)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("earth_search", ['did you mean "earth-search"']),
        ("Planetary-Computer", ['did you mean "planetary-computer"']),
        ("area.geojson", ["local:area.geojson"]),
        ("local:", ["local:PATH"]),
        ("ftp://a.org/x", ["http(s)"]),
        ("file:///etc/passwd", ["http(s)"]),
        ("https://", ["http(s)"]),
        ("http://[::1", ["http(s)"]),
        ("local:a\\u0000b", ["local:PATH"]),
    ],
)
def test_unknown_source(tmp_path: Path, source: str, words: list[str]) -> None:
    error = refusal(tmp_path, MINIMAL.replace("earth-search", source))
    assert error.code is Code.SOURCE
    for word in words:
        assert word.lower() in str(error).lower()


def test_local_source_starts_at_the_case_folder(tmp_path: Path) -> None:
    folder = case_with(tmp_path, MINIMAL.replace("earth-search", "local:../catalogue"))
    assert read_case(folder, TODAY).source == f"local:{(tmp_path / '../catalogue').resolve()}"


@pytest.mark.parametrize("area", ["../area.geojson", "/etc/passwd", "", "..", "a\\u0000b"])
def test_area_stays_in_the_folder(tmp_path: Path, area: str) -> None:
    error = refusal(tmp_path, MINIMAL.replace("area.geojson", area))
    assert "file in the case folder" in str(error)


def test_file_missing_too_large_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(GossanError, match=r"No case here.*gossan init"):
        read_case(tmp_path / "nowhere", TODAY)
    assert "1,000,000" in str(refusal(tmp_path, MINIMAL + "#" * 1_000_000))
    (tmp_path / "case.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(GossanError, match="UTF-8"):
        read_case(tmp_path, TODAY)
    for key in ("name", "area", "start", "source"):
        lines = [line for line in MINIMAL.splitlines() if not line.startswith(key)]
        assert f'"{key}" is missing' in str(refusal(tmp_path, "\n".join(lines)))


def test_default_history() -> None:
    start = date(2015, 8, 1)
    assert default_history_until(start, date(2021, 1, 31)) == date(2017, 8, 1)
    assert default_history_until(start, date(2017, 8, 1)) == date(2016, 7, 31)
    assert default_history_until(start, None) == date(2017, 8, 1)
