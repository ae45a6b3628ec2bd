"""case.toml: written readable, read strictly."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.settings import sections_of, values

from gossan.core.case import CaseConfig, LocalConfig, MaskConfig, RadarConfig, default_history_until
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams, SiteParams
from gossan.core.serialise import from_plain, to_plain
from gossan.core.settings import Key, keys, sections, settings_in, value_of
from gossan.io.case_file import change_case, read_case, read_local, toml_of, write_case

TODAY = date(2026, 11, 24)
AREA = shapely.normalize(shapely.box(25.5, 47.6, 25.6, 47.7))
KEYS = (*keys(CaseConfig), *keys(LocalConfig))
MINIMAL = """\
name = "Quarry"
area = "area.geojson"
start = 2018-01-01
source = "earth-search"
"""


def case_with(tmp_path: Path, toml: str) -> Path:
    tmp_path.mkdir(exist_ok=True)
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


SECTIONS = {
    name: type(getattr(CaseConfig("x", AREA, TODAY, None, "x", TODAY, radar=RadarConfig()), name))
    for (name, *below) in sections(CaseConfig)
    if not below
}


@st.composite
def cases(draw: st.DrawFn) -> CaseConfig:
    """Any valid case."""
    own = {k.field: values(k) for k in keys(CaseConfig) if k.field in ("name", "source", "by")}
    end = draw(st.none() | st.dates(date(2022, 2, 1), TODAY))
    below = {name: sections_of(kind) for name, kind in SECTIONS.items()}
    return CaseConfig(
        geometry=AREA,
        start=draw(st.dates(date(2015, 6, 23), date(2022, 1, 1))),
        end=end,
        history_until=draw(st.dates(date(2022, 1, 2), date(2022, 1, 31))),
        offshore=draw(st.booleans()),
        local_folders=draw(st.sampled_from([(), ("/data/a", "/data/ü")])),
        **draw(st.fixed_dictionaries(own)),
        **draw(st.fixed_dictionaries({}, optional=below)),
    )


@settings(deadline=None)  # files on a busy disk
@given(cases())
def test_what_is_written_is_read_again(case: CaseConfig) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_case(Path(folder) / "new" / "case", case)
        assert read_case(Path(folder) / "new" / "case", TODAY) == case


def test_written_file_explains_every_key_of_old(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write_case(folder, read_case(case_with(tmp_path, MINIMAL), TODAY))
    lines = (folder / "case.toml").read_text(encoding="utf-8").splitlines()
    added = {at for at, section in sections(CaseConfig).items() if section.added}
    shown = [k for k in KEYS if not k.setting.added and k.path not in added | {("execution",)}]
    for name in {k.name for k in shown}:
        found = [i for i, line in enumerate(lines) if line.lstrip("# ").startswith(f"{name} = ")]
        assert len(found) == sum(k.name == name for k in shown), name
        assert all(lines[at - 1].startswith("# ") for at in found), name


@settings(deadline=None)  # files on a busy disk
@given(st.sampled_from(KEYS).flatmap(lambda k: st.tuples(st.just(k), values(k))))
def test_any_key_can_be_set_and_taken_out(change: tuple[Key, Any]) -> None:
    key, value = change
    with tempfile.TemporaryDirectory() as folder:
        case = case_with(Path(folder), MINIMAL)
        text = toml_of(value)
        try:
            change_case(case, {key.dotted: text}, TODAY)
        except GossanError:  # it does not go together with the others of the minimal case
            assert (case / "case.toml").read_text(encoding="utf-8") == MINIMAL
            return
        read = read_local if key in keys(LocalConfig) else partial(read_case, today=TODAY)
        if key.field != "geometry":
            assert value_of(read(case), key) == value
        if not key.required:
            change_case(case, {key.dotted: ""}, TODAY)
            usual = case_with(Path(folder) / "new", MINIMAL)
            assert value_of(read(case), key) == value_of(read(usual), key)


COMMENTED = """\
# mine
name = "Quarry"
area = "area.geojson"   # the area
start = 2018-01-01
source = "earth-search"
[monitor] # my section
# my word
alpha = 0.015 # why
[reports]
dumps = [
  "A.txt", # one
  "B.txt",
]
# places = "mine.csv"
"""


def test_a_change_keeps_comments_and_order(tmp_path: Path) -> None:
    case = case_with(tmp_path, COMMENTED)
    change_case(case, {"monitor.alpha": "0.01", "reports.places": "p.csv", "by": "Desk"}, TODAY)
    text = (case / "case.toml").read_text(encoding="utf-8")
    changed = COMMENTED.replace("alpha = 0.015", "alpha = 0.01")
    changed = changed.replace('# places = "mine.csv"', 'places = "p.csv"')
    assert text == 'by = "Desk"\n' + changed
    change_case(case, {"monitor.alpha": "", "reports.dumps": ""}, TODAY)
    text = (case / "case.toml").read_text(encoding="utf-8")
    assert "# my word\n# alpha = 0.02 # why\n" in text
    assert read_case(case, TODAY).reports.dumps == ()
    before = text
    for wrong in ({"monitor.alpha": "7"}, {"monitor.alpa": "0.1"}, {"end": "2017-01-01"}):
        with pytest.raises(GossanError):
            change_case(case, {"by": "Other", **wrong}, TODAY)
        assert (case / "case.toml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("key", [k for k in KEYS if k.number], ids=lambda k: k.dotted)
def test_a_number_out_of_range_is_named_in_one_sentence(tmp_path: Path, key: Key) -> None:
    assert key.number is not None
    for wrong in (key.number.low - 1, 2 * key.number.high + 1):
        text = f"{wrong:.0f}" if key.kind is int else repr(float(wrong))
        section = f"[{'.'.join(key.path)}]\n" if key.path else ""
        error = refusal(tmp_path, f"{MINIMAL}{section}{key.name} = {text}\n")
        assert error.code is Code.CASE
        assert error.problem.startswith(f"case.toml: {key.where}: expected ")
        assert str(key.number) in error.problem
        assert error.problem.endswith(f"found {text}.")
        assert error.hint


PLUGIN = """\
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from gossan.core.settings import Number, Setting

@dataclass(frozen=True)
class SnowSettings:
    share: Annotated[float, Setting("Least share of snow."), Number(0, 1)] = 0.5
    since: Annotated[date | None, Setting("First day.", example="2020-01-01")] = None

class Snow:
    settings = SnowSettings
"""


@pytest.fixture
def snow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A package, installed, that adds an observable with settings."""
    place = tmp_path / "site"
    about = place / "gossan_snow-1.dist-info"
    about.mkdir(parents=True)
    (place / "gossan_snow.py").write_text(PLUGIN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: gossan-snow\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[gossan.observables]\nsnow = gossan_snow:Snow\n")
    monkeypatch.syspath_prepend(place)
    yield lambda: importlib.import_module("gossan_snow").SnowSettings
    sys.modules.pop("gossan_snow", None)


def test_an_installed_observable_has_its_section(tmp_path: Path, snow: Any) -> None:
    read_case(case_with(tmp_path, MINIMAL), TODAY)
    assert "gossan_snow" not in sys.modules  # loaded where its section is present
    toml = MINIMAL + "[snow]\nshare = 0.25\nsince = 2020-02-03\n"
    case = read_case(case_with(tmp_path, toml), TODAY)
    kind = snow()
    wanted = kind(0.25, date(2020, 2, 3))
    assert settings_in(case.sections, "snow", kind) == wanted
    assert settings_in(from_plain(CaseConfig, to_plain(case)).sections, "snow", kind) == wanted
    write_case(tmp_path / "again", case)
    assert read_case(tmp_path / "again", TODAY) == case
    error = refusal(tmp_path, MINIMAL + "[snow]\nshare = 2\n")
    assert "case.toml: share in [snow]: expected a number of 0 to 1, found 2." in str(error)
    assert 'did you mean "share"' in str(refusal(tmp_path, MINIMAL + "[snow]\nshar = 2\n"))
    assert '"sno"' in str(refusal(tmp_path, MINIMAL + "[sno]\nshare = 2\n"))


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
