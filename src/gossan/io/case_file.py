"""`case.toml` and `area.geojson`: what a person writes, read strictly, and written with comments.

All of it follows from the declarations of `core.case`; what they say is explained there.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import shapely

from gossan.core.addresses import LOCAL
from gossan.core.case import (
    NAMED_SOURCES,
    CaseConfig,
    LocalConfig,
    RadarConfig,
    default_history_until,
)
from gossan.core.errors import Code, GossanError
from gossan.core.others import others
from gossan.core.period import check_period
from gossan.core.serialise import to_plain
from gossan.core.settings import (
    Key,
    is_section,
    key_named,
    keys,
    read,
    read_fields,
    section_of,
    sections,
    settings_in,
    value_of,
)
from gossan.core.words import tr, tr_later, tr_now
from gossan.io.areas import area_from_file
from gossan.io.network.guard import RefusedError, places_of
from gossan.io.outputs import CASE_FILE, case_place
from gossan.io.whole import put, put_new

AREA_FILE = "area.geojson"
MAX_CASE_BYTES = 1_000_000

HOSTS = key_named(LocalConfig, "private_hosts")

HEAD = tr_later(
    """\
# A gossan case. Lines starting with # are explanations or defaults; remove the # in front of a
# key to change it. `gossan settings .` lists all keys, also those that are not named here.
# Then run: gossan update .
"""
)


def read_case(folder: Path, today: date | None = None) -> CaseConfig:
    """The checked configuration in `folder`; `local:` sources become absolute.

    `today` (UTC by default) bounds the period. Raises GossanError: CASE for the file and its
    keys, PERIOD for dates, SOURCE for the source, AREA for the area.
    """
    return _case(folder, _load(folder / CASE_FILE), today)


def read_local(folder: Path) -> LocalConfig:
    """What a case says of the user's own machine. Raises GossanError (CASE)."""
    return _local(_split(_load(folder / CASE_FILE))[1])


def read_plugged(config: CaseConfig) -> dict[str, Any]:
    """Settings of all observables of other packages that the case has a section of, by name."""
    return {
        name: settings_in(config.sections, name, _settings_of(name)) for name in config.sections
    }


def _case(folder: Path, data: Mapping[str, Any], today: date | None) -> CaseConfig:
    mine, local, plugged = _split(data)
    _local(local)
    with _naming_the_file():
        found = read_fields(CaseConfig, mine, beside=(LocalConfig,))
        for name, table in plugged.items():
            read(_settings_of(name), table, (name,))
    start, end = found["start"], found.setdefault("end", None)
    check_period(start, end, today or datetime.now(UTC).date())
    until = found.setdefault("history_until", default_history_until(start, end))
    if not start < until < (end or date.max):
        raise GossanError(
            Code.PERIOD,
            tr(
                "case.toml: history_until in [monitor] is {until}, expected a day inside the "
                "period {start} to {end}.",
                until=until,
                start=start,
                end=end or tr("today"),
            ),
            tr("Changes are looked for after it; leave the key out for an automatic choice."),
        )
    area, offshore = folder / found.pop("geometry"), found.get("offshore", False)
    geometry = area_from_file(area, offshore=offshore).geometry
    config = CaseConfig(**found, geometry=geometry, sections=to_plain(plugged))
    folders = (folder / Path(name).expanduser() for name in config.local_folders)
    return replace(
        config,
        source=check_source(config.source, folder),
        local_folders=tuple(str(f.resolve()) for f in folders),
        radar=None if config.radar is None else _radar(config.radar, folder),
        terrain=replace(config.terrain, source=check_source(config.terrain.source, folder)),
    )


def _local(data: Mapping[str, Any]) -> LocalConfig:
    with _naming_the_file():
        local = read(LocalConfig, data)
        try:
            for host in local.private_hosts:
                places_of(host)
        except RefusedError:
            HOSTS.wrong(list(local.private_hosts))
    return local


def _split(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What the file says of the case, of this machine, and in sections of installed observables."""
    local = {k.name for k in keys(LocalConfig) if not k.path} | {
        at[0] for at in sections(LocalConfig)
    }
    known = {(k.path or (k.name,))[0] for k in keys(CaseConfig)}
    plugged = {n for n, v in data.items() if n not in known | local and isinstance(v, dict)}
    if plugged:
        plugged &= {e.name for e in others()}
    parts: tuple[dict[str, Any], dict[str, Any], dict[str, Any]] = ({}, {}, {})
    for name, value in data.items():
        parts[1 if name in local else 2 if name in plugged else 0][name] = value
    return parts


def _settings_of(name: str) -> Any:
    entry = next(e for e in others() if e.name == name)
    try:
        kind = getattr(entry.load(), "settings", None)
    except Exception as error:  # whatever another package does wrong
        raise GossanError(
            Code.CASE,
            tr(
                "the observable of section [{name}] cannot be loaded: {error}.",
                name=name,
                error=error,
            ),
        ) from error
    if not is_section(kind):
        raise GossanError(
            Code.CASE,
            tr("the observable {name} has no settings, and so no section [{name}].", name=name),
        )
    return kind


@contextmanager
def _naming_the_file() -> Iterator[None]:
    """Have what is wrong with a value say in which file it stands."""
    try:
        yield
    except GossanError as error:
        raise GossanError(Code.CASE, f"{CASE_FILE}: {error.problem}", error.hint) from None


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.CASE, f"{CASE_FILE}: {problem}", hint)


def _load(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > MAX_CASE_BYTES:
            told = tr("{size:,} bytes, expected at most {most:,}.", size=size, most=MAX_CASE_BYTES)
            _fail(told, tr("Is it the right file?"))
        return _parsed(path.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        raise GossanError(
            Code.CASE,
            tr("No case here: {path} does not exist.", path=path),
            tr("Make one with: gossan init {folder} --help", folder=path.parent),
        ) from None
    except OSError as error:
        _fail(tr("cannot be read: {why}.", why=error.strerror), tr("Check its permissions."))
    except UnicodeDecodeError:
        _fail(tr("not UTF-8 text."), tr("Save it as UTF-8."))


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _fail(
            tr("no valid TOML: {error}.", error=error),
            tr("Texts need quotes; dates are written 2019-01-31."),
        )


def _radar(radar: RadarConfig, folder: Path) -> RadarConfig:
    if "#" in radar.collection or "#" in radar.source:
        _fail(
            tr(
                "source and collection in [radar]: expected an address and a collection's name, "
                'without #, found "{source}" and "{collection}".',
                source=radar.source,
                collection=radar.collection,
            )
        )
    orbit = radar.orbit.strip().lower()
    if orbit != "auto":
        from gossan.io.catalogue.radar_items import Geometry  # brings pystac, which takes a while

        with _naming_the_file():
            orbit = str(Geometry.parse(orbit))
    return replace(radar, source=check_source(radar.source, folder), orbit=orbit)


def check_source(source: str, folder: Path) -> str:
    """The source with a `local:` path made absolute (relative means: to `folder`).

    Raises GossanError (SOURCE) for anything but a known name, `local:PATH` or an http(s) URL.
    """
    if source in NAMED_SOURCES:
        return source
    if source.startswith(LOCAL) and source != LOCAL and source.isprintable():
        return LOCAL + str((folder / source.removeprefix(LOCAL)).resolve())
    if _is_web(source):
        return source
    guess = difflib.get_close_matches(source.lower(), NAMED_SOURCES, n=1, cutoff=0.5)
    if guess:
        hint = tr('Did you mean "{guess}"?', guess=guess[0])
    elif source.isprintable() and (folder / source).exists():
        hint = tr('For files on this machine write "local:{path}".', path=source)
    else:
        hint = tr("For files on this machine write local:PATH.")
    raise GossanError(
        Code.SOURCE,
        tr(
            "source: expected {names}, local:PATH or the http(s) URL of a STAC API, found "
            '"{source}".',
            names=", ".join(NAMED_SOURCES),
            source=source,
        ),
        hint,
    )


def _is_web(source: str) -> bool:
    try:
        url = urlsplit(source)
    except ValueError:  # an unclosed IPv6 address
        return False
    return url.scheme in ("http", "https") and bool(url.hostname) and source.isprintable()


def write_case(folder: Path, case: CaseConfig) -> None:
    """Write `case.toml` and `area.geojson` into `folder`, made where missing.

    Values equal to their default are written as comments. Raises GossanError (CASE) where
    `folder` already holds a case or another area, or cannot be written, (OUTPUT) where it holds
    something in a place that a case needs.
    """
    toml, area = folder / CASE_FILE, folder / AREA_FILE
    if toml.exists():
        raise GossanError(
            Code.CASE,
            tr("{path} exists already: nothing was written.", path=toml),
            tr("Edit it, or choose another folder."),
        )
    case_place(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if area.exists():
            _same_area(area, case)
        else:
            put_new(area, _geojson(case).encode())
        put_new(toml, _text(case).encode())  # last: with it the folder is a case
    except OSError as error:
        raise GossanError(
            Code.CASE,
            tr(
                "{path} cannot be written: {why}.",
                path=error.filename or folder,
                why=error.strerror,
            ),
            tr("Choose a folder you may write to."),
        ) from error


def _same_area(path: Path, case: CaseConfig) -> None:
    """An area file drawn in the case folder itself may stay, any other is not overwritten."""
    found = area_from_file(path, offshore=True).geometry
    if not found.equals(case.geometry):
        raise GossanError(
            Code.CASE,
            tr("{path} exists already and holds another area: nothing was written.", path=path),
            tr("Move it away, or choose another folder."),
        )


def _geojson(case: CaseConfig) -> str:
    feature = {
        "type": "Feature",
        "properties": {"name": case.name},
        "geometry": shapely.geometry.mapping(case.geometry),
    }
    return json.dumps(feature, ensure_ascii=False, indent=1) + "\n"


def _text(case: CaseConfig) -> str:
    """A new case.toml: every key explained, those with their default as comments."""
    lines = [tr_now(HEAD)]
    whole = ((case, CaseConfig), (LocalConfig(), LocalConfig))
    for config, kind in whole:
        lines += [line for k in keys(kind) if not k.path for line in _lines(config, k)]
    for config, kind in whole:
        for at, section in sections(kind).items():
            body = [x for k in keys(kind) if k.path == at for x in _lines(config, k)]
            live = any(not x.startswith("#") for x in body)
            if section.added and not live:
                continue
            there = live or section_of(config, at) is not None
            lines += [
                "",
                *_comment(tr_now(section.about)),
                f"{'' if there else '# '}[{'.'.join(at)}]",
            ]
            lines += body
    for name, table in case.sections.items():
        lines += ["", f"[{name}]", *(f"{k} = {toml_of(v)}" for k, v in table.items())]
    return "\n".join(lines) + "\n"


def _lines(config: Any, key: Key) -> list[str]:
    """A key with its comment, itself a comment where its value is the default."""
    value = AREA_FILE if key.field == "geometry" else value_of(config, key)
    live = value is not None and value != key.default
    if key.setting.added and not live:
        return []
    shown = toml_of(value) if live else example_of(key)
    words = tr_now(key.setting.about) + (
        f" {key.span[:1].upper()}{key.span[1:]}." if key.number else ""
    )
    return [*_comment(words), f"{'' if live else '# '}{key.name} = {shown}"]


def _comment(words: str) -> list[str]:
    return textwrap.wrap(words, 96, initial_indent="# ", subsequent_indent="# ")


def example_of(key: Key) -> str:
    """The default as TOML, or an example where it is no value."""
    empty = key.default in (MISSING, None, "", ())
    return key.setting.example if empty else toml_of(key.default)


def toml_of(value: Any) -> str:
    """A value as TOML has it."""
    import tomlkit  # only where a file is written or shown

    text: str = tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()
    return text


def change_case(folder: Path, changes: Mapping[str, str], today: date | None = None) -> None:
    """Set keys, by section and name ("monitor.alpha"), to a value as TOML has it or, without
    quotes, a text; "" makes it a comment. Comments and order of the file stay.

    Raises GossanError (CASE, PERIOD, SOURCE, AREA) where the case would not be valid: then
    nothing was written.
    """
    import tomlkit

    path = folder / CASE_FILE
    _load(path)  # says what is wrong with the file itself
    text = path.read_bytes().decode("utf-8-sig")
    for dotted, value in changes.items():
        *at, name = dotted.split(".")
        default = next((example_of(k) for k in _all_keys() if k.dotted == dotted), "")
        document: Any = tomlkit.parse(text)
        table = document
        for part in at:
            table = table.get(part, {})
            table = table if isinstance(table, dict) else {}
        if name in table:
            table[name] = _typed(value or default)
            text = document.as_string()
        elif value:
            text = _with_line(text, at, name, f"{name} = {toml_of(_typed(value))}")
        if name in table and not value:
            text = _commented(text, at, name)
    _case(folder, _parsed(text), today)
    try:
        put(path, text.encode())
    except OSError as error:
        _fail(tr("cannot be written: {why}.", why=error.strerror), tr("Check its permissions."))


def _typed(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value


def _all_keys() -> tuple[Key, ...]:
    return (*keys(CaseConfig), *keys(LocalConfig))


def _with_line(text: str, at: Sequence[str], name: str, line: str) -> str:
    """The text with a line more: in the place of the comment that shows the key, else first in
    its section, which is made where there is none."""
    lines = text.splitlines()
    place = _line_of(lines, at, rf"#\s*{re.escape(name)}\s*=")
    if place is not None:
        lines[place] = line
    elif not at:
        lines.insert(0, line)
    else:
        head = _line_of(lines, at, r"\[")
        if head is None:
            lines += ["", f"[{'.'.join(at)}]"]
            head = len(lines) - 1
        lines.insert(head + 1, line)
    return "\n".join(lines) + "\n"


def _commented(text: str, at: Sequence[str], name: str) -> str:
    """The text with the line of a key as a comment."""
    lines = text.splitlines()
    place = _line_of(lines, at, rf"{re.escape(name)}\s*=")
    assert place is not None, "the key stands in the text"
    lines[place] = f"# {lines[place].lstrip()}"
    return "\n".join(lines) + "\n"


def _line_of(lines: Sequence[str], at: Sequence[str], pattern: str) -> int | None:
    """Number of the first line in a section that begins with a pattern; None without one."""
    here: list[str] = []
    for i, line in enumerate(lines):
        if head := re.fullmatch(r"\[([\w.-]+)\]\s*(#.*)?", line.strip()):
            here = head[1].split(".")
        if here == list(at) and re.match(pattern, line.strip()):
            return i
    return None
