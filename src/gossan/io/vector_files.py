"""The only door through which a vector file is opened: GeoPackage, GeoJSON, OpenStreetMap.

pyogrio cannot be told which drivers may open a file, and GDAL has many that only name other files
and addresses. So its other drivers are taken out when it is loaded, the file's first bytes say
which driver is expected, and nothing else may have opened it. See docs/decisions/0042.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from gossan.core.words import tr

DRIVERS = {"GPKG": "GeoPackage", "GeoJSON": "GeoJSON", "OSM": "OpenStreetMap"}
_OTHERS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CAD,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRI Shapefile,"
    "ESRIJSON,Elasticsearch,FlatGeobuf,GDALG,GML,GMLAS,GPSBabel,GPX,GTFS,GeoJSONSeq,GeoRSS,HTTP,"
    "Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MBTiles,MVT,MapInfo File,MapML,MiraMonVector,MongoDBv3,"
    "MySQL,NAS,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OpenFileGDB,PCIDSK,PDF,PDS4,PGDUMP,"
    "PLSCENES,PMTiles,PostgreSQL,S57,SQLite,SXF,Selafin,TIGER,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,"
    "XLS,XLSX"
)
"""Vector drivers of GDAL 3.12; a test fails where a newer one brings another."""
MAX_CORNERS = 1_000_000
"""Of one shape: more would take minutes to make valid."""


def _load() -> Any:
    before = {name: os.environ.get(name) for name in ("GDAL_SKIP", "CPL_LOG")}
    os.environ |= {"GDAL_SKIP": _OTHERS, "CPL_LOG": os.devnull}  # it complains of absent ones
    try:
        import pyogrio
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    pyogrio.set_gdal_config_options(
        {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}
    )
    return pyogrio


pyogrio = _load()
VectorError = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FieldError,
    ValueError,
    RuntimeError,
)
"""What reading a vector file raises."""


def vector_info(
    path: Path, layer: int | str = 0, drivers: Collection[str] = DRIVERS
) -> dict[str, Any]:
    """What pyogrio.read_info says of a file. Raises one of `VectorError`."""
    path = path.resolve()
    driver = _expected_driver(path)
    if driver not in drivers:
        names = tr(" or ").join(name for key, name in DRIVERS.items() if key in drivers)
        raise ValueError(
            tr(
                "expected {names}, found {driver}",
                names=names,
                driver=DRIVERS.get(driver, tr("something else")),
            )
        )
    about: dict[str, Any] = pyogrio.read_info(path, layer=layer)
    if about["driver"] != driver:
        raise ValueError(
            tr("expected {driver}, found {found}", driver=driver, found=about["driver"])
        )
    return about


def read_vectors(path: Path, layer: int | str = 0, **how: Any) -> tuple[Any, Any, Any, Any]:
    """What pyogrio.raw.read gives: meta, ids, WKB, columns. Raises one of `VectorError`."""
    vector_info(path, layer=layer)
    found: tuple[Any, Any, Any, Any] = pyogrio.raw.read(path.resolve(), layer=layer, **how)
    if max((len(wkb) for wkb in found[2] if wkb is not None), default=0) > MAX_CORNERS * 16:
        raise ValueError(
            tr("a shape in it has more than {most_corners:,} corners", most_corners=MAX_CORNERS)
        )
    return found


def _expected_driver(path: Path) -> str:
    """The driver a file's first bytes ask for, empty for any other. Raises ValueError."""
    if "!" in str(path) or path.suffix.lower() == ".zip" or not path.is_file():
        raise ValueError(tr("expected a file that is no archive"))  # pyogrio would look into it
    with path.open("rb") as f:
        start = f.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"SQLite format 3\x00"):
        _check_tables(path)
        return "GPKG"
    if start.startswith(b"{"):
        return "GeoJSON"
    if b"OSMHeader" in start[:64] or re.match(rb"(<\?xml[^>]*\?>\s*)?<osm[\s>]", start):
        return "OSM"
    return ""


def _check_tables(path: Path) -> None:
    """A layer that is a view computes when it is read, and GDAL's own functions in it open files
    and ask servers. Raises ValueError."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            views = db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'view' AND name IN "
                "(SELECT table_name FROM gpkg_contents)"
            ).fetchall()
            made = [sql for (sql,) in db.execute("SELECT sql FROM sqlite_master") if sql]
    except sqlite3.Error as error:
        raise ValueError(tr("it is no GeoPackage ({reason})", reason=error)) from error
    if views or any(
        re.search(r"\b(ogr_|gdal_|load_extension)", sql, re.I)
        for sql in made
        if not re.match(r"CREATE TRIGGER", sql, re.I)
    ):
        raise ValueError(tr("one of its layers is computed; export it as a table of its own"))
