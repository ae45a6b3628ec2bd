"""Sites as files other programs open. Equal inputs give equal bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gossan.core.kinds import KindOfSite
from gossan.core.site_row import COLUMNS, site_row
from gossan.core.values import Site

DECIMALS = 7
"""Of a coordinate in GeoJSON, degrees: 1 cm."""

_DATES = ("last_unchanged", "first_changed", "ended_last_unchanged", "ended_first_changed")
_ARROW = {str: pa.string(), float: pa.float64(), int: pa.int32()}
_TYPES = {
    **{n: pa.date32() if n in _DATES else _ARROW[kind] for n, kind in COLUMNS.items()},
    "geometry": pa.binary(),
}


Kinds = Mapping[str, KindOfSite]
"""Kind of each site by id; may be empty."""


def geojson_bytes(sites: Sequence[Site], kinds: Kinds | None = None, note: str = "") -> bytes:
    """A FeatureCollection (RFC 7946: lon/lat, right-hand rule, bbox), with `note` where there is
    one: what an empty list does and does not say.

    Properties are the columns of `core.site_row` and `growth`, a list of cumulative areas.
    """
    features = [_feature(site, (kinds or {}).get(site.id)) for site in sites]
    document: dict[str, Any] = {"type": "FeatureCollection"}
    if note:
        document["note"] = note
    if sites:
        bounds = shapely.total_bounds([site.geometry for site in sites])
        document["bbox"] = [round(float(b), DECIMALS) for b in bounds]
    document["features"] = features
    return _compact(document)


def is_geojson(data: bytes) -> bool:
    """Whether these are bytes of `geojson_bytes`: other programs write other columns, or lay the
    same ones out in another way."""
    try:
        document = json.loads(data)
        features = [f["properties"] for f in document["features"]]
        columns = all(set(f) == {*COLUMNS, "growth"} for f in features)
        return columns and _compact(document) == data
    except (ValueError, TypeError, LookupError, RecursionError):
        return False


def _compact(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (text + "\n").encode()


def geoparquet_bytes(sites: Sequence[Site], kinds: Kinds | None = None, _note: str = "") -> bytes:
    """GeoParquet 1.0 (WKB, OGC:CRS84), one row per site; the format has no room for a note.

    Columns as in `core.site_row`, dates as date32; types hold for an empty list too.
    """
    cells, geo = _columns(sites, kinds)
    columns = {name: pa.array(cells[name], type=kind) for name, kind in _TYPES.items()}
    return _written(pa.table(columns).replace_schema_metadata({"geo": geo}))


def is_geoparquet(data: bytes) -> bool:
    """Whether these are bytes of `geoparquet_bytes`: written again they come out the same."""
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
    except (pa.ArrowException, OSError):
        return False
    return {f.name: f.type for f in table.schema} == _TYPES and _written(table) == data


def _written(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def geoparquet_says(data: bytes, sites: Sequence[Site], kinds: Kinds | None = None) -> bool:
    """Whether a file is the GeoParquet of these sites, whatever its compression.

    Reading one is much quicker than writing one, for which pyarrow loads pandas.
    """
    cells, geo = _columns(sites, kinds)
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
        found = {name: table.column(name).to_pylist() for name in table.column_names}
    except (pa.ArrowException, OSError):
        return False
    types = {name: table.schema.field(name).type for name in table.column_names}
    return found == cells and types == _TYPES and table.schema.metadata == {b"geo": geo.encode()}


def _columns(sites: Sequence[Site], kinds: Kinds | None) -> tuple[dict[str, list[Any]], str]:
    """Cells by column, in the order of `_TYPES`, and the metadata GeoParquet asks for."""
    rows = [site_row(site, (kinds or {}).get(site.id)) for site in sites]
    cells: dict[str, list[Any]] = {}
    for name in COLUMNS:
        column = [row[name] for row in rows]
        if name in _DATES:
            cells[name] = [None if c is None else date.fromisoformat(str(c)) for c in column]
        else:
            cells[name] = column
    shapes = [shapely.orient_polygons(site.geometry) for site in sites]
    cells["geometry"] = [shapely.to_wkb(s) for s in shapes]
    meta: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({s.geom_type for s in shapes}),
        "orientation": "counterclockwise",
    }
    if shapes:
        meta["bbox"] = [float(b) for b in shapely.total_bounds(shapes)]
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": meta}}
    return cells, json.dumps(geo, sort_keys=True)


def _feature(site: Site, kind: KindOfSite | None) -> dict[str, Any]:
    """One site as a GeoJSON feature."""
    growth = [
        {
            "day": step.day.isoformat(),
            "area_ha": round(step.area_ha, 4),
            "low_ha": round(step.low_ha, 4),
            "high_ha": round(step.high_ha, 4),
        }
        for step in site.growth
    ]
    return {
        "type": "Feature",
        "id": site.id,
        "geometry": rounded(site.geometry),
        "properties": {**site_row(site, kind), "growth": growth},
    }


def rounded(geometry: BaseGeometry) -> dict[str, Any]:
    """GeoJSON geometry, exterior counter-clockwise, coordinates rounded."""
    oriented = shapely.orient_polygons(geometry)
    rounded = shapely.transform(oriented, lambda xy: xy.round(DECIMALS))
    return dict(mapping(rounded))
