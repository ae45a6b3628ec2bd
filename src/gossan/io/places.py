"""Sensitive places from files a user supplies, read guardedly: GeoPackage and GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from gossan.core.case import PlaceFiles
from gossan.core.errors import Code, GossanError
from gossan.core.terrain import Place, PlaceKind
from gossan.core.words import tr
from gossan.io.vector_files import VectorError, read_vectors, vector_info

DRIVERS = ("GPKG", "GeoJSON")
MAX_BYTES = 200_000_000
MAX_PLACES = 20_000
"""Of one file within reach of the case."""

MAX_NAME = 200
KEYS = {
    "settlements": PlaceKind.SETTLEMENT,
    "intakes": PlaceKind.INTAKE,
    "protected": PlaceKind.PROTECTED,
}


def read_places(folder: Path, files: PlaceFiles, box: BaseGeometry) -> list[Place]:
    """All places of a case's files that touch `box` (lon/lat degrees), in the files' order.

    Raises GossanError (PLACES) naming the file that is missing, too large, of another format,
    without CRS or with too many places there.
    """
    return [
        place
        for key, kind in KEYS.items()
        for name in getattr(files, key)
        for place in _read(folder / name, kind, box)
    ]


def _read(path: Path, kind: PlaceKind, box: BaseGeometry) -> Iterator[Place]:
    crs = _checked(path)
    to_lonlat = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    bounds = there.transform_bounds(*box.bounds)
    try:
        meta, fids, shapes, fields = read_vectors(
            path, bbox=bounds, max_features=MAX_PLACES + 1, force_2d=True, return_fids=True
        )
    except VectorError as error:
        raise _unreadable(path, str(error)) from error
    if len(fids) > MAX_PLACES:
        raise GossanError(
            Code.PLACES,
            tr(
                "{file} has more than {most_places:,} places within reach of the case.",
                file=path.name,
                most_places=MAX_PLACES,
            ),
            tr("Leave out those that do not matter."),
        )
    names = _names([str(f) for f in meta["fields"]], fields, fids)
    for name, wkb in zip(names, shapes, strict=True):
        if wkb is None:
            continue
        shape = shapely.make_valid(shapely.from_wkb(wkb))
        moved = shapely.transform(shape, lambda x, y: to_lonlat.transform(x, y), interleaved=False)
        whole = not moved.is_empty and np.isfinite(shapely.get_coordinates(moved)).all()
        if whole and moved.intersects(box):
            yield Place(kind, name, moved, path.name)


def _checked(path: Path) -> pyproj.CRS:
    """The CRS of a file that may be read."""
    if not path.is_file():
        raise GossanError(
            Code.PLACES,
            tr("The file of places {file} does not exist in the case folder.", file=path.name),
            tr("Put it there, or take it out of [places] in case.toml."),
        )
    if path.stat().st_size > MAX_BYTES:
        raise GossanError(
            Code.PLACES,
            tr(
                "{file} has {size:,} bytes, expected at most {most_bytes:,}.",
                file=path.name,
                size=path.stat().st_size,
                most_bytes=MAX_BYTES,
            ),
            tr("Cut it to the region: ogr2ogr -spat W S E N places.gpkg FILE."),
        )
    try:
        about = vector_info(path, drivers=DRIVERS)
    except VectorError as error:
        raise _unreadable(path, str(error)) from error
    if not about["crs"]:
        raise GossanError(
            Code.PLACES,
            tr("{file} has no coordinate reference system.", file=path.name),
            tr("Set it: ogr2ogr -a_srs EPSG:XXXX places.gpkg FILE."),
        )
    return pyproj.CRS.from_user_input(about["crs"])


def _names(columns: list[str], fields: list[np.ndarray], fids: np.ndarray) -> list[str]:
    """The field "name" in whatever case, without control characters."""
    at = next((i for i, c in enumerate(columns) if c.casefold() == "name"), None)
    given = [None] * len(fids) if at is None else list(fields[at])
    return [_printable(value) or f"(no name) {fid}" for value, fid in zip(given, fids, strict=True)]


def _printable(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c.isprintable()).strip()[:MAX_NAME]


def _unreadable(path: Path, why: str) -> GossanError:
    return GossanError(
        Code.PLACES,
        tr("{file} cannot be read: {reason}.", file=path.name, reason=why[:200]),
        tr("Give a GeoPackage or GeoJSON."),
    )
