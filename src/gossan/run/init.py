"""Make a new case folder from what was given on the command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gossan.core.addresses import LOCAL
from gossan.core.case import CaseConfig, default_history_until
from gossan.core.dates import parse_day
from gossan.core.errors import Code, GossanError
from gossan.core.period import check_period, short_period
from gossan.core.settings import key_named
from gossan.core.words import tr
from gossan.io.areas import CheckedArea, area_from_bbox, area_from_file, area_from_point
from gossan.io.case_file import check_source, write_case


@dataclass(frozen=True)
class AreaChoice:
    """The area as typed: exactly one of `file`, `bbox` and `around` (with `radius_km`).

    Attributes
    ----------
    file : GeoJSON file
    bbox : "W,S,E,N", degrees
    around : "LAT,LON", degrees
    radius_km : radius around it, km
    offshore : True where the area may lie in the sea
    """

    file: Path | None = None
    bbox: str | None = None
    around: str | None = None
    radius_km: float | None = None
    offshore: bool = False


@dataclass(frozen=True)
class NewCase:
    """What `create_case` made: the configuration, the area with its size and warnings, and what the
    period is too short for."""

    config: CaseConfig
    area: CheckedArea
    short: tuple[str, ...] = ()


def create_case(
    folder: Path,
    *,
    name: str,
    area: AreaChoice,
    start: str,
    end: str | None,
    source: str,
    today: date | None = None,
) -> NewCase:
    """Check everything, then write the case folder. Dates are ISO texts.

    Raises GossanError, and then nothing was written.
    """
    first = parse_day(start, "--start")
    last = parse_day(end, "--end") if end is not None else None
    today = today or datetime.now(UTC).date()
    check_period(first, last, today)
    checked = choose_area(area)
    config = CaseConfig(
        name=key_named(CaseConfig, "name").read(name),
        geometry=checked.geometry,
        start=first,
        end=last,
        source=_source_for(folder, source),
        history_until=default_history_until(first, last),
        offshore=area.offshore,
    )
    write_case(folder, config)
    short = short_period(first, config.history_until, last or today)
    return NewCase(config, checked, tuple(short))


def choose_area(choice: AreaChoice) -> CheckedArea:
    """The checked area of a choice. Raises GossanError (AREA) unless exactly one is given."""
    given = [x for x in (choice.file, choice.bbox, choice.around) if x is not None]
    if len(given) != 1:
        raise GossanError(
            Code.AREA,
            tr("Expected one of --area, --bbox and --around, found {n_given}.", n_given=len(given)),
            tr("Give e.g. --area area.geojson, --bbox W,S,E,N or --around LAT,LON --radius KM."),
        )
    if (choice.around is None) != (choice.radius_km is None):
        raise GossanError(
            Code.AREA,
            tr("--around and --radius belong together, found only one of them."),
            tr("Give e.g. --around 39.82,46.75 --radius 5."),
        )
    if choice.file is not None:
        return area_from_file(choice.file, offshore=choice.offshore)
    if choice.bbox is not None:
        return area_from_bbox(choice.bbox, offshore=choice.offshore)
    assert choice.around is not None
    assert choice.radius_km is not None
    return area_from_point(choice.around, choice.radius_km, offshore=choice.offshore)


def _source_for(folder: Path, source: str) -> str:
    """The source as `case.toml` shall hold it.

    A relative local path is meant from where the user stands; in the file it starts at the
    case folder, so that both can be moved together.
    """
    absolute = check_source(source, Path.cwd())
    if not absolute.startswith(LOCAL):
        return absolute
    path = Path(absolute.removeprefix(LOCAL))
    if not path.exists():
        raise GossanError(
            Code.SOURCE,
            tr("source: {path} does not exist.", path=path),
            tr("Expected a STAC catalogue: its catalog.json or the folder that holds it."),
        )
    if Path(source.removeprefix(LOCAL)).is_absolute():
        return absolute
    return LOCAL + os.path.relpath(path, folder.resolve())
