"""Roads from a file a user supplies: GeoPackage, GeoJSON or an OpenStreetMap extract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pyproj
import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.traffic import Road
from gossan.core.words import tr
from gossan.io.vector_files import VectorError, read_vectors, vector_info

MAX_BYTES = 1_000_000_000
MAX_ROADS = 50_000
MAX_NAME = 80
MAGIC = {b"SQLite format 3": "GPKG", b"{": "GeoJSON", b"<": "OSM"}
PBF = b"OSMHeader"
HALF_WIDTH_M = {"motorway": 15.0, "trunk": 10.0, "motorway_link": 5.0, "trunk_link": 5.0}
"""As far to each side of the line as vehicles drive; other roads NARROW_M. A line of a map is off
by some metres too."""
NARROW_M = 5.0
DRIVEN = frozenset(
    (
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "service",
        "track",
        "road",
        "living_street",
        "haul",
        "motorway_link",
        "trunk_link",
        "primary_link",
        "secondary_link",
        "tertiary_link",
    )
)
UNPAVED = frozenset(
    (
        "unpaved",
        "gravel",
        "fine_gravel",
        "dirt",
        "earth",
        "ground",
        "compacted",
        "sand",
        "mud",
        "grass",
        "pebblestone",
        "rock",
    )
)
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_FIELDS = {
    "name": ("name",),
    "kind": ("highway", "fclass", "class", "type"),
    "surface": ("surface",),
    "tunnel": ("tunnel",),
    "tags": ("other_tags",),
}


def read_roads(path: Path, area: BaseGeometry) -> tuple[Road, ...]:
    """The roads of a file that cross `area` (EPSG:4326), cut to it, pieces of one road joined.

    A field `highway`, `fclass`, `class` or `type` is the class (foot and cycle ways are left out),
    `name` the name, `surface` and `tunnel` as in OpenStreetMap. Without a class every line is a
    road. Raises GossanError (TRAFFIC) naming the file that cannot be used, and why.
    """
    driver, layer = _checked(path)
    try:
        about = vector_info(path, layer=layer)
        crs = pyproj.CRS.from_user_input(about["crs"] or "EPSG:4326")
        there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        meta, _, shapes, columns = read_vectors(
            path,
            layer,
            bbox=there.transform_bounds(*area.bounds),
            max_features=MAX_ROADS + 1,
            force_2d=True,
        )
    except (*VectorError, pyproj.exceptions.CRSError) as error:
        _fail(
            path,
            tr("it cannot be read as {driver} ({reason})", driver=driver, reason=str(error)[:120]),
        )
    if len(shapes) > MAX_ROADS:
        _fail(path, tr("it has more than {most_roads:,} lines in the area", most_roads=MAX_ROADS))
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    fields = {str(f).lower(): c for f, c in zip(meta["fields"], columns, strict=True)}
    classed = any(f in fields for f in _FIELDS["kind"])
    parts: dict[tuple[str, str, bool], list[LineString]] = {}
    for i, blob in enumerate(shapes):
        told = _told(fields, i)
        kind = told["kind"] if classed else "road"
        if blob is None or kind not in DRIVEN or told["tunnel"] not in ("", "no"):
            continue
        shape = shapely.transform(shapely.from_wkb(blob), back.transform, interleaved=False)
        paved = kind != "track" and told["surface"] not in UNPAVED
        parts.setdefault((told["name"], kind, paved), []).extend(_lines(shape.intersection(area)))
    out = []
    for (name, kind, paved), lines in parts.items():
        joined = shapely.line_merge(MultiLineString(lines)) if lines else None
        half = HALF_WIDTH_M.get(kind, NARROW_M)
        out += [Road(name, kind, paved, half, line) for line in _lines(joined)]
    if not out:
        _fail(
            path,
            tr("no road in it crosses the area"),
            tr("Give lines with a field highway, e.g. from an OpenStreetMap extract."),
        )
    return tuple(out)


def _checked(path: Path) -> tuple[str, str | int]:
    """Driver and layer of a file that may be read."""
    if not path.is_file():
        _fail(
            path,
            tr("there is no such file"),
            tr("Put it into the case folder, or name it with --roads."),
        )
    if path.stat().st_size > MAX_BYTES:
        _fail(
            path,
            tr("it is larger than {most_mb:,} MB", most_mb=MAX_BYTES // 10**6),
            tr("Cut it to the region: ogr2ogr -spat W S E N roads.gpkg FILE."),
        )
    with path.open("rb") as f:
        start = f.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if PBF in start:
        return "OpenStreetMap PBF", "lines"
    driver = next((d for m, d in MAGIC.items() if start.startswith(m)), None)
    if driver is None:  # a virtual file could point elsewhere
        _fail(path, tr("expected GeoPackage, GeoJSON or OpenStreetMap, found something else"))
    return driver, "lines" if driver == "OSM" else 0


def _told(fields: Mapping[str, Any], i: int) -> dict[str, str]:
    """What a feature says of name, class, surface and tunnel, "" where it says nothing."""
    out = {}
    for ours, theirs in _FIELDS.items():
        value = next((fields[t][i] for t in theirs if t in fields), None)
        out[ours] = value if isinstance(value, str) else ""
    tags = dict(_TAG.findall(out.pop("tags")))
    out["surface"] = out["surface"] or tags.get("surface", "")
    out["tunnel"] = out["tunnel"] or tags.get("tunnel", "")
    out["name"] = "".join(c for c in out["name"] if c.isprintable()).strip()[:MAX_NAME]
    return out


def _lines(shape: BaseGeometry | None) -> Iterator[LineString]:
    if shape is None or shape.is_empty:
        return
    for part in getattr(shape, "geoms", [shape]):
        if isinstance(part, LineString):
            yield part


def _fail(path: Path, problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.TRAFFIC, f"{path.name}: {problem}.", hint)
