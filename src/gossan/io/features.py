"""Shapes with properties as bytes of GeoJSON and GeoParquet. Equal inputs give equal bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry.base import BaseGeometry

from gossan.io.vectors import DECIMALS, rounded

Value = str | int | float | None


@dataclass(frozen=True)
class Feature:
    """A geometry in EPSG:4326 and its properties, the same keys in all features of a file."""

    geometry: BaseGeometry
    properties: Mapping[str, Value]


def geojson_bytes(features: Sequence[Feature]) -> bytes:
    """A FeatureCollection (RFC 7946: lon/lat, right-hand rule, bbox)."""
    document: dict[str, object] = {"type": "FeatureCollection"}
    if features:
        bounds = shapely.total_bounds([f.geometry for f in features])
        document["bbox"] = [round(float(b), DECIMALS) for b in bounds]
    document["features"] = [
        {"type": "Feature", "geometry": rounded(f.geometry), "properties": dict(f.properties)}
        for f in features
    ]
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (text + "\n").encode()


def geoparquet_bytes(features: Sequence[Feature], kinds: Mapping[str, type]) -> bytes:
    """GeoParquet 1.0 (WKB, OGC:CRS84); `kinds` gives every column its type, str, int or float."""
    types = {str: pa.string(), float: pa.float64(), int: pa.int32()}
    columns = {
        name: pa.array([f.properties[name] for f in features], type=types[kind])
        for name, kind in kinds.items()
    }
    shapes = [shapely.orient_polygons(f.geometry) for f in features]
    columns["geometry"] = pa.array([shapely.to_wkb(s) for s in shapes], type=pa.binary())
    meta: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted({s.geom_type for s in shapes}),
        "orientation": "counterclockwise",
    }
    if shapes:
        meta["bbox"] = [float(b) for b in shapely.total_bounds(shapes)]
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": meta}}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo, sort_keys=True)})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
