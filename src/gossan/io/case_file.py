"""`case.toml` and `area.geojson`: what a person writes, read strictly and written with comments."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from gossan.core.case import (
    CaseConfig,
    MaskConfig,
    MonitorConfig,
    PlaceFiles,
    RadarConfig,
    ReportConfig,
    SiteConfig,
    TerrainConfig,
    TrafficConfig,
    VegetationConfig,
    WaterConfig,
    default_history_until,
)
from gossan.core.errors import Code, GossanError
from gossan.core.others import others
from gossan.core.period import check_period
from gossan.io.areas import area_from_file
from gossan.io.case_checks import check_name, check_source
from gossan.io.guard import RefusedError, places_of

CASE_FILE = "case.toml"
AREA_FILE = "area.geojson"
MAX_CASE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class _Number:
    """A numeric key: inclusive range, unit for messages, whole numbers only or not."""

    low: float
    high: float
    unit: str
    whole: bool = False


_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "masks": ("max_cloud_percent", "dilation_m"),
    "monitor": ("history_until", "provisional_evidence", "confirm_evidence", "alpha"),
    "sites": ("min_area_ha",),
    "reports": ("places", "dumps", "keep_originals", "allow_private", "countries"),
    "vegetation": ("land_cover", "classes"),
    "radar": ("source", "collection", "orbit"),
    "water": ("reaches", "samples", "normal_until"),
    "terrain": tuple(f.name for f in fields(TerrainConfig)),
    "places": ("settlements", "intakes", "protected"),
    "traffic": ("roads", "split"),
}
_TOP = (
    "name",
    "area",
    "offshore",
    "start",
    "end",
    "source",
    "local_folders",
    "private_hosts",
    "by",
    *_SECTIONS,
)
_NUMBERS: Mapping[str, _Number] = {
    "max_cloud_percent": _Number(0, 100, "percent"),
    "dilation_m": _Number(0, 1000, "metres"),
    "provisional_evidence": _Number(1, 15, "nats"),
    "confirm_evidence": _Number(1, 15, "nats"),
    "alpha": _Number(1e-9, 0.2, "probability"),
    "min_area_ha": _Number(0, 10_000, "hectares"),
    "margin_km": _Number(0, 200, "kilometres"),
    "reach_km": _Number(0.1, 1000, "kilometres"),
    "channel_km2": _Number(0.001, 1000, "square kilometres"),
    "aside_m": _Number(0, 20_000, "metres"),
    "error_m": _Number(0, 100, "metres"),
    "error_range_m": _Number(0, 10_000, "metres"),
    "realisations": _Number(20, 5000, "", whole=True),
    "seed": _Number(0, 2**31 - 1, "", whole=True),
}


def read_case(folder: Path, today: date | None = None) -> CaseConfig:
    """The checked configuration in `folder`; `local:` sources become absolute.

    `today` (UTC by default) bounds the period. Raises GossanError: CASE for the file and its
    keys, PERIOD for dates, SOURCE for the source, AREA for the area.
    """
    data = _load(folder / CASE_FILE)
    _check_keys(data)
    private_hosts(folder)
    today = today or datetime.now(UTC).date()
    start, end = _date(data, "start", None), _day(data, "end", None)
    check_period(start, end, today)
    offshore = data.get("offshore", False)
    if not isinstance(offshore, bool):
        _wrong("offshore", "true or false", offshore)
    history_until = _day(monitor := _section(data, "monitor"), "history_until", "monitor")
    history_until = history_until or default_history_until(start, end)
    if not start < history_until < (end or date.max):
        raise GossanError(
            Code.PERIOD,
            f"{CASE_FILE}: history_until in [monitor] is {history_until}, expected a day inside "
            f"the period {start} to {end or 'today'}.",
            "Changes are looked for after it; leave the key out for an automatic choice.",
        )
    return CaseConfig(
        name=check_name(_text(data, "name")),
        geometry=area_from_file(folder / _area_name(data), offshore=offshore).geometry,
        start=start,
        end=end,
        source=check_source(_text(data, "source"), folder),
        local_folders=_folders(data, folder),
        history_until=history_until,
        offshore=offshore,
        masks=_masks(_section(data, "masks")),
        monitor=_monitor(monitor),
        sites=SiteConfig(
            _number(_section(data, "sites"), "min_area_ha", "sites", SiteConfig().min_area_ha)
        ),
        reports=_reports(_section(data, "reports")),
        vegetation=VegetationConfig(**_files(data, "vegetation")),
        radar=_radar(_section(data, "radar"), folder) if "radar" in data else None,
        by=check_name(_text(data, "by")) if "by" in data else "",
        water=_water(_section(data, "water")),
        terrain=_terrain(_section(data, "terrain"), folder),
        places=_places(_section(data, "places")),
        traffic=_traffic(_section(data, "traffic")),
        sections={e.name: _section(data, e.name) for e in others() if e.name in data},
    )


def private_hosts(folder: Path) -> tuple[str, ...]:
    """What a case lists as private_hosts. It tells of the user's own network, and so is no part
    of `CaseConfig`, which goes into dossiers."""
    hosts = _load(folder / CASE_FILE).get("private_hosts", [])
    try:
        places = [place for host in hosts for place in places_of(host)]
    except (RefusedError, TypeError):
        places = []
    if not isinstance(hosts, list) or len(places) < len(hosts):
        _wrong("private_hosts", 'a list such as ["127.0.0.1:8080"]', hosts)
    return tuple(hosts)


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.CASE, f"{CASE_FILE}: {problem}", hint)


def _wrong(key: str, expected: str, found: Any, section: str | None = None) -> NoReturn:
    where = f"{key} in [{section}]" if section else key
    shown = f'"{found}"' if isinstance(found, str) else str(found)
    _fail(f"{where}: expected {expected}, found {shown[:80]}.")


def _load(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > MAX_CASE_BYTES:
            _fail(f"{size:,} bytes, expected at most {MAX_CASE_BYTES:,}.", "Is it the right file?")
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise GossanError(
            Code.CASE,
            f"No case here: {path} does not exist.",
            f"Make one with: gossan init {path.parent} --help",
        ) from None
    except OSError as error:
        _fail(f"cannot be read: {error.strerror}.", "Check its permissions.")
    except UnicodeDecodeError:
        _fail("not UTF-8 text.", "Save it as UTF-8.")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _fail(f"no valid TOML: {error}.", "Texts need quotes; dates are written 2019-01-31.")


def _check_keys(data: dict[str, Any]) -> None:
    for key in data:
        if key not in (*_TOP, *(e.name for e in others())):  # those check their own
            _unknown(key, None)
    for section, keys in _SECTIONS.items():
        for key in _section(data, section):
            if key not in keys:
                _unknown(key, section)
    for key in ("name", "area", "start", "source"):
        if key not in data:
            _fail(f'the key "{key}" is missing.', f"`gossan init` writes a {CASE_FILE} to copy.")


def _unknown(key: str, section: str | None) -> NoReturn:
    """Name the key and the nearest one, first in its own section, then anywhere."""
    own = _SECTIONS[section] if section else _TOP
    homes = {k: s for s, keys in _SECTIONS.items() for k in keys}
    everywhere = (*_TOP, *homes)
    for choices in (own, everywhere):
        guess = difflib.get_close_matches(key.lower(), choices, n=1, cutoff=0.6)
        if guess:
            break
    where = f" in [{section}]" if section else ""
    if not guess:
        _fail(f'unknown key "{key}"{where}.', f"Known keys there: {', '.join(own)}.")
    home = None if guess[0] in _TOP else homes.get(guess[0])
    place = "" if guess[0] in own else (f" in [{home}]" if home else " above all sections")
    _fail(f'unknown key "{key}"{where}; did you mean "{guess[0]}"{place}?')


def _section(data: dict[str, Any], name: str) -> dict[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, dict):
        _wrong(name, f"a section [{name}]", section)
    return section


def _text(data: dict[str, Any], key: str) -> str:
    value = data[key]
    if not isinstance(value, str):
        _wrong(key, "a text in quotes", value)
    return value


def _area_name(data: dict[str, Any]) -> str:
    return _file_name(_text(data, "area"), "area", None)


def _file_name(name: Any, key: str, section: str | None) -> str:
    """A file's name; it must lie in the case folder, so that the folder can be handed on."""
    good = isinstance(name, str) and Path(name).name == name and name not in ("", ".", "..")
    if not good or not name.isprintable():
        _wrong(key, "the name of a file in the case folder", name, section)
    return str(name)


def _folders(data: dict[str, Any], folder: Path) -> tuple[str, ...]:
    given = data.get("local_folders", [])
    if not isinstance(given, list) or not all(isinstance(f, str) and f.strip() for f in given):
        _wrong("local_folders", 'a list of folders such as ["/data/s2"]', given)
    return tuple(str((folder / Path(name).expanduser()).resolve()) for name in given)


def _day(data: dict[str, Any], key: str, section: str | None) -> date | None:
    return _date(data, key, section) if key in data else None


def _date(data: dict[str, Any], key: str, section: str | None) -> date:
    value = data[key]
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            _wrong(key, "a date such as 2019-01-31", value, section)
    if isinstance(value, datetime) or not isinstance(value, date):
        _wrong(key, "a date such as 2019-01-31", value, section)
    return value


def _number(data: dict[str, Any], key: str, section: str, default: float) -> float:
    value = data.get(key, default)
    rule = _NUMBERS[key]
    kind = (int,) if rule.whole else (int, float)
    good = isinstance(value, kind) and not isinstance(value, bool)
    if not good or not rule.low <= value <= rule.high:  # a NaN lies in no range
        what = "a whole number" if rule.whole else "a number"
        _wrong(key, f"{what} of {rule.low:g} to {rule.high:g} {rule.unit}", value, section)
    return value if rule.whole else float(value)


def _masks(data: dict[str, Any]) -> MaskConfig:
    d = MaskConfig()
    return MaskConfig(
        max_cloud_percent=_number(data, "max_cloud_percent", "masks", d.max_cloud_percent),
        dilation_m=_number(data, "dilation_m", "masks", d.dilation_m),
    )


def _monitor(data: dict[str, Any]) -> MonitorConfig:
    d = MonitorConfig()
    monitor = MonitorConfig(
        provisional_evidence=_number(
            data, "provisional_evidence", "monitor", d.provisional_evidence
        ),
        confirm_evidence=_number(data, "confirm_evidence", "monitor", d.confirm_evidence),
        alpha=_number(data, "alpha", "monitor", d.alpha),
    )
    if monitor.provisional_evidence > monitor.confirm_evidence:
        _fail(
            f"provisional_evidence ({monitor.provisional_evidence:g}) in [monitor] exceeds "
            f"confirm_evidence ({monitor.confirm_evidence:g}).",
            "A change is provisional first: lower provisional_evidence or raise the other.",
        )
    return monitor


def _reports(data: dict[str, Any]) -> ReportConfig:
    flags = {}
    for key in ("keep_originals", "allow_private"):
        flags[key] = data.get(key, False)
        if not isinstance(flags[key], bool):
            _wrong(key, "true or false", flags[key], "reports")
    dumps = data.get("dumps", [])
    if not isinstance(dumps, list):
        _wrong("dumps", 'a list of file names such as ["AZ.txt"]', dumps, "reports")
    countries = data.get("countries", [])
    if not isinstance(countries, list) or not all(_is_country(c) for c in countries):
        _wrong("countries", 'a list of countries such as ["AZ", "AM"]', countries, "reports")
    return ReportConfig(
        places=_file_name(data["places"], "places", "reports") if "places" in data else None,
        dumps=tuple(_file_name(name, "dumps", "reports") for name in dumps),
        keep_originals=flags["keep_originals"],
        allow_private=flags["allow_private"],
        countries=tuple(countries),
    )


def _is_country(code: object) -> bool:
    """Two capital letters, as ISO 3166 has them."""
    return isinstance(code, str) and bool(re.fullmatch("[A-Z]{2}", code))


def _water(data: dict[str, Any]) -> WaterConfig:
    files = {k: _file_name(data[k], k, "water") for k in ("reaches", "samples") if k in data}
    return WaterConfig(**files, normal_until=_day(data, "normal_until", "water"))


def _radar(data: dict[str, Any], folder: Path) -> RadarConfig:
    d = RadarConfig()
    for key in data:
        _text(data, key)
    source = check_source(data.get("source", d.source), folder)
    collection = check_name(data.get("collection", d.collection))
    if "#" in collection or "#" in source:
        _wrong(
            "source and collection",
            "an address and a collection's name, without #",
            data.get("collection", source),
            "radar",
        )
    orbit = data.get("orbit", d.orbit).strip().lower()
    if orbit != d.orbit:
        from gossan.io.radar_items import Geometry  # brings pystac, which takes a while

        try:
            orbit = str(Geometry.parse(orbit))
        except GossanError as error:
            _fail(error.problem, error.hint)
    return RadarConfig(source, collection, orbit)


def _terrain(data: dict[str, Any], folder: Path) -> TerrainConfig:
    d = TerrainConfig()
    for key in ("source", "collection"):
        _text({key: getattr(d, key), **data}, key)
    numbers: dict[str, Any] = {
        k: _number(data, k, "terrain", getattr(d, k)) for k in _NUMBERS if hasattr(d, k)
    }
    return TerrainConfig(
        dem=_file_name(data["dem"], "dem", "terrain") if "dem" in data else None,
        source=check_source(data.get("source", d.source), folder),
        collection=check_name(data.get("collection", d.collection)),
        **numbers,
    )


def _places(data: dict[str, Any]) -> PlaceFiles:
    """Of each kind one file or a list of them."""
    files = {}
    for key, value in data.items():
        names = value if isinstance(value, list) else [value]
        files[key] = tuple(_file_name(name, key, "places") for name in names)
    return PlaceFiles(**files)


def _files(data: dict[str, Any], section: str) -> dict[str, str]:
    return {k: _file_name(v, k, section) for k, v in _section(data, section).items()}


def _traffic(data: dict[str, Any]) -> TrafficConfig:
    roads = _file_name(data["roads"], "roads", "traffic") if "roads" in data else None
    return TrafficConfig(roads, _day(data, "split", "traffic"))
