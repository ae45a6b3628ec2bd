"""The case's own list of places (CSV), and country dumps of geonames.org."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

MAX_LIST_BYTES = 5_000_000
MAX_DUMP_BYTES = 500_000_000
COLUMNS = ("id", "names", "lat", "lon", "radius_km", "kind", "source")
KINDS = ("settlement", "region", "road", "water", "site", "country")


def read_list(path: Path) -> Iterator[dict[str, Any]]:
    """Places of a case, as bodies for the gazetteer.

    Columns: `id`; `names`, parted by "|", the one to show first; `lat` and `lon` in degrees,
    both empty where no coordinates are known; `radius_km` the place is sure to lie within;
    `kind`; `source` of name and coordinates. No id stands twice. Raises GossanError (CASE)
    naming the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GossanError(
            Code.CASE,
            tr(
                "The list of places {file} cannot be read: {reason}.",
                file=path.name,
                reason=error.strerror,
            ),
            tr("Check `places` in [reports] of case.toml."),
        ) from error
    if len(data) > MAX_LIST_BYTES:
        _fail(
            path,
            0,
            tr(
                "{size:,} bytes, expected at most {most_list_bytes:,}",
                size=len(data),
                most_list_bytes=MAX_LIST_BYTES,
            ),
        )
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    except UnicodeDecodeError:
        _fail(path, 0, tr("not UTF-8 text"))
    try:
        if tuple(rows.fieldnames or ()) != COLUMNS:
            _fail(
                path,
                1,
                tr(
                    "expected the columns {columns}, found {found}",
                    columns=",".join(COLUMNS),
                    found=rows.fieldnames,
                ),
            )
        ids = set()
        for row in rows:
            body = _row(path, rows.line_num, row)
            if body["id"] in ids:
                _fail(
                    path,
                    rows.line_num,
                    tr('the id "{place_id}" stands in a line before', place_id=row["id"]),
                )
            ids.add(body["id"])
            yield body
    except csv.Error as error:
        _fail(
            path, rows.line_num, tr("no table of comma-separated values ({reason})", reason=error)
        )


def _row(path: Path, line: int, row: Mapping[str, str | None]) -> dict[str, Any]:
    names = [n.strip() for n in (row["names"] or "").split("|") if n.strip()]
    if not names or not row["id"] or not row["source"]:
        _fail(path, line, tr("expected an id, at least one name and a source"))
    if row["kind"] not in KINDS:
        _fail(
            path,
            line,
            tr(
                'kind: expected one of {kinds}, found "{kind}"',
                kinds=", ".join(KINDS),
                kind=row["kind"],
            ),
        )
    lat = _number(path, line, row, "lat", -90, 90)
    lon = _number(path, line, row, "lon", -180, 180)
    if (lat is None) != (lon is None):
        _fail(path, line, tr("lat and lon: expected both or neither"))
    return {
        "id": f"case:{row['id']}",
        "name": names[0],
        "names": names,
        "lon": lon,
        "lat": lat,
        "radius_km": _number(path, line, row, "radius_km", 0.01, 1000),
        "kind": row["kind"],
        "source": row["source"],
        "country": "",
    }


def _number(
    path: Path, line: int, row: Mapping[str, str | None], key: str, low: float, high: float
) -> float | None:
    text = (row[key] or "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        _fail(
            path,
            line,
            tr(
                '{key}: expected a number of {low:g} to {high:g}, found "{text}"',
                key=key,
                low=low,
                high=high,
                text=text,
            ),
        )
    return value


def _fail(path: Path, line: int, what: str) -> NoReturn:
    where = tr(", line {line}", line=line) if line else ""
    raise GossanError(
        Code.CASE,
        tr("The list of places {file}{where}: {what}.", file=path.name, where=where, what=what),
    )


def read_dump(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    """Populated places, mines, waters and mountains of a GeoNames dump ("AZ.txt"), tab-separated.

    Yields (body, population). Raises GossanError (CASE) where it is no such dump.
    """
    kinds = {"P": "settlement", "H": "water", "S": "site", "T": "site", "A": "region", "R": "road"}
    try:
        if path.stat().st_size > MAX_DUMP_BYTES:
            _fail(
                path,
                0,
                tr("expected at most {most_dump_bytes:,} bytes", most_dump_bytes=MAX_DUMP_BYTES),
            )
        with path.open(encoding="utf-8") as f:
            for number, line in enumerate(f, start=1):
                cells = line.rstrip("\n").split("\t")
                if len(cells) != 19:
                    _fail(
                        path,
                        number,
                        tr(
                            "expected 19 columns of GeoNames, found {n_columns}",
                            n_columns=len(cells),
                        ),
                    )
                if cells[6] in kinds:
                    names = dict.fromkeys([cells[1], *(n for n in cells[3].split(",") if n)])
                    yield (
                        {
                            "id": f"geonames:{cells[0]}",
                            "name": cells[1],
                            "names": list(names),
                            "lon": float(cells[5]),
                            "lat": float(cells[4]),
                            "radius_km": 30.0 if cells[6] == "A" else 2.0,
                            "kind": kinds[cells[6]],
                            "source": "GeoNames (CC BY 4.0)",
                            "country": cells[8],
                        },
                        int(cells[14] or 0),
                    )
    except (OSError, UnicodeDecodeError) as error:
        raise GossanError(
            Code.CASE, tr("The dump {file} cannot be read: {reason}.", file=path.name, reason=error)
        ) from error
