"""Files a person brings for waters: reaches, samples, and measurements of others."""

from __future__ import annotations

import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
import pandas as pd
import rasterio
import shapely
import xarray as xr
from pyproj import Transformer

from gossan.core.dates import days_of, to_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file
from gossan.core.water import ExternalMeasurement, Reach, Role, Sample
from gossan.core.words import tr
from gossan.io.rasters import open_raster
from gossan.io.vector_files import VectorError, read_vectors

MAX_BYTES = 500_000_000
MAX_REACHES = 200
MAX_VALUES = 20_000_000
MAX_CHUNK = 256_000_000
_COLUMNS: Mapping[str, Sequence[str]] = {
    "day": ("date", "day", "time", "datetime"),
    "lon": ("lon", "longitude", "x"),
    "lat": ("lat", "latitude", "y"),
    "value": ("value", "turbidity", "turb", "fnu", "ntu"),
    "low": ("low", "lower"),
    "high": ("high", "upper"),
    "place": ("place", "station", "site", "reach"),
}
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_]?([01]\d)[-_]?([0-3]\d)(?!\d)")


def read_reaches(path: Path) -> tuple[Reach, ...]:
    """Reaches of a GeoJSON or GeoPackage file: properties `name` and `role`.

    `role` is "upstream", "downstream" or "other" (also where it is missing). Raises GossanError
    (WATER).
    """
    _check(path)
    try:
        info, _, wkb, columns = read_vectors(path, max_features=MAX_REACHES + 1)
    except VectorError as error:
        _fail(
            path,
            tr("it cannot be read as GeoJSON or GeoPackage ({reason})", reason=str(error)[:120]),
        )
    if wkb is None or not len(wkb):
        _fail(path, tr("it holds no geometry"))
    if len(wkb) > MAX_REACHES:
        _fail(path, tr("it holds more than {most_reaches} reaches", most_reaches=MAX_REACHES))
    to_degrees = Transformer.from_crs(info["crs"] or "EPSG:4326", "EPSG:4326", always_xy=True)
    fields = dict(zip((str(f).lower() for f in info["fields"]), columns, strict=True))
    out = []
    for i, blob in enumerate(wkb):
        shape = shapely.from_wkb(blob)
        if shape is None or shape.is_empty or shape.geom_type in ("Point", "MultiPoint"):
            _fail(path, tr("reach {number} is no line and no polygon", number=i + 1))
        shape = shapely.transform(shape, to_degrees.transform, interleaved=False)
        out.append(Reach(_name(path, fields, i), _role(path, fields, i), shape))
    if len({r.name for r in out}) < len(out):
        _fail(path, tr("two reaches have the same name"))
    return tuple(out)


def read_samples(path: Path) -> tuple[Sample, ...]:
    """Samples of a CSV file with the columns date, lon, lat, value. Raises GossanError (WATER)."""
    table = _table(path)
    for name in ("day", "lon", "lat", "value"):
        if name not in table:
            _fail(path, tr("the column {column} is missing", column=_COLUMNS[name][0]))
    table = table[table["value"] > 0].dropna(subset=["day", "lon", "lat", "value"])
    rows = zip(table["day"], table["lon"], table["lat"], table["value"], strict=True)
    return tuple(Sample(d, float(x), float(y), float(v)) for d, x, y, v in rows)


def read_external(path: Path) -> ExternalMeasurement:
    """Measurements of a CSV (also .gz), GeoTIFF or NetCDF file. Raises GossanError (WATER).

    A CSV has a value and either coordinates or a place a row; a GeoTIFF one band of values. The
    day stands in a column, in the NetCDF's `time`, or in the file's name (2021-08-15).
    """
    _check(path)
    kind = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if kind in ("tif", "tiff"):
        table = _geotiff(path)
    elif kind in ("nc", "nc4", "h5"):
        table = _netcdf(path)
    else:
        table = _table(path)
    if "value" not in table:
        _fail(path, tr("it has no column of values (value, turbidity, fnu or ntu)"))
    if "day" not in table:
        table = table.assign(day=_day_in_name(path))
    if "place" not in table and not {"lon", "lat"} <= set(table):
        _fail(path, tr("its values have neither coordinates (lon, lat) nor a place"))
    table = table[np.isfinite(table["value"]) & table["day"].notna()]
    if table.empty:
        _fail(path, tr("it holds no value"))

    def column(name: str) -> Any:
        return table[name].to_numpy(np.float64) if name in table else np.full(len(table), np.nan)

    places = table["place"].astype(str) if "place" in table else [""] * len(table)
    days = np.array([to_day(d) for d in table["day"]], np.int32)
    return ExternalMeasurement(
        path.name,
        hash_file(path),
        days,
        column("lon"),
        column("lat"),
        column("value"),
        column("low"),
        column("high"),
        tuple(places),
    )


def _table(path: Path) -> pd.DataFrame:
    """A CSV with our names for its columns, days as dates and numbers as numbers."""
    _check(path)
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as f:
            data = f.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            _fail(path, tr("it unpacks to more than {most_mb} MB", most_mb=MAX_BYTES // 10**6))
        table = pd.read_csv(io.BytesIO(data), nrows=MAX_VALUES, encoding="utf-8-sig")
    except (ValueError, OSError, EOFError, zlib.error) as error:  # pandas' own are ValueErrors
        _fail(path, tr("it cannot be read as CSV ({reason})", reason=str(error)[:120]))
    names = {str(c).strip().lower(): c for c in table.columns}
    found = {
        ours: next((names[n] for n in theirs if n in names), None)
        for ours, theirs in _COLUMNS.items()
    }
    out = pd.DataFrame({o: table[c] for o, c in found.items() if c is not None})
    for name in ("lon", "lat", "value", "low", "high"):
        if name in out:
            out[name] = pd.to_numeric(out[name], errors="coerce")
    if "day" in out:
        out["day"] = [_day(path, text) for text in out["day"].astype(str)]
    return out


def _geotiff(path: Path) -> pd.DataFrame:
    try:
        with open_raster(path) as data:
            if data.crs is None:
                _fail(
                    path,
                    tr("it names no coordinate reference system"),
                    tr("Give it one: gdal_edit.py -a_srs EPSG:32733 FILE."),
                )
            if data.width * data.height > MAX_VALUES:
                _fail(path, tr("it has more than {most_values:,} pixels", most_values=MAX_VALUES))
            values = data.read(1, masked=True).astype(np.float64).filled(np.nan)
            rows, cols = np.nonzero(np.isfinite(values))
            x, y = rasterio.transform.xy(data.transform, rows, cols)
            to_degrees = Transformer.from_crs(data.crs, "EPSG:4326", always_xy=True)
    except (rasterio.errors.RasterioError, rasterio.errors.CRSError) as error:
        _fail(path, tr("it cannot be read as GeoTIFF ({reason})", reason=str(error)[:120]))
    lon, lat = to_degrees.transform(np.asarray(x), np.asarray(y))
    return pd.DataFrame({"lon": lon, "lat": lat, "value": values[rows, cols]})


def _netcdf(path: Path) -> pd.DataFrame:
    """The first variable that has latitude and longitude, over all its times."""
    _check_hdf(path)
    try:
        data = xr.open_dataset(path, engine="h5netcdf")
    except (OSError, ValueError) as error:
        _fail(path, tr("it cannot be read as NetCDF 4 ({reason})", reason=str(error)[:120]))
    with data:
        names = {str(n).lower(): str(n) for n in data.dims}
        lon, lat = (
            next((names[n] for n in _COLUMNS[k] if n in names), None) for k in ("lon", "lat")
        )
        wanted = [v for v in data.data_vars if lon in data[v].dims and lat in data[v].dims]
        if lon is None or lat is None or not wanted:
            _fail(path, tr("no variable in it has latitude and longitude"))
        array = data[wanted[0]]
        if array.size > MAX_VALUES:
            _fail(path, tr("it has more than {most_values:,} values", most_values=MAX_VALUES))
        table = array.to_dataframe(name="value").reset_index().dropna(subset=["value"])
    out = pd.DataFrame({"lon": table[lon], "lat": table[lat], "value": table["value"]})
    if "time" in table:
        days = days_of(table["time"].to_numpy(dtype="datetime64[ns]"))
        out["day"] = [date.fromordinal(date(1970, 1, 1).toordinal() + int(d)) for d in days]
    return out


def _check_hdf(path: Path) -> None:
    """HDF5 can take values from other files, and declare any number of them in a few bytes."""
    why: list[str] = []

    def look(name: str, link: Any) -> None:
        if isinstance(link, h5py.ExternalLink):
            why.append(tr("{name!r:.60} in it points to another file", name=name))
            return
        found = file.get(name)
        if not isinstance(found, h5py.Dataset):
            return
        if found.external or found.is_virtual:
            why.append(tr("{name!r:.60} in it takes its values from other files", name=name))
        elif found.size is not None and found.size > MAX_VALUES:
            why.append(tr("it has more than {most_values:,} values", most_values=MAX_VALUES))
        elif math.prod(found.chunks or ()) * found.dtype.itemsize > MAX_CHUNK:
            why.append(
                tr(
                    "{name!r:.60} in it lies in pieces of more than {most_bytes:,} bytes",
                    name=name,
                    most_bytes=MAX_CHUNK,
                )
            )

    try:
        with h5py.File(path, "r") as file:
            file.visititems_links(look)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        _fail(path, tr("it cannot be read as NetCDF 4 ({reason})", reason=str(error)[:120]))
    if why:
        _fail(path, why[0])


def _name(path: Path, fields: Mapping[str, Any], i: int) -> str:
    name = fields.get("name", [None] * (i + 1))[i]
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        _fail(
            path,
            tr("reach {number} has no name", number=i + 1),
            tr('Give every reach a property "name".'),
        )
    return " ".join(name.split())[:120]


def _role(path: Path, fields: Mapping[str, Any], i: int) -> Role:
    given = fields.get("role", [None] * (i + 1))[i]
    if given is None:
        return Role.OTHER
    try:
        return Role(str(given).strip().lower())
    except ValueError:
        _fail(
            path,
            tr('the role "{given}" of reach {number} is not known', given=given, number=i + 1),
            tr("Known roles: {roles}.", roles=", ".join(Role)),
        )


def _day(path: Path, text: str) -> date | None:
    return None if text.strip().lower() in ("", "nan", "nat") else _must(path, text)


def _must(path: Path, text: str) -> date:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        _fail(path, tr('"{text}" is no date', text=text[:40]), tr("Write dates as 2021-08-15."))


def _day_in_name(path: Path) -> date:
    found = _DAY_IN_NAME.search(path.name)
    if not found:
        _fail(
            path,
            tr("neither a column nor its name says the day"),
            tr("Add a column `date`, or the day to the name: turbidity_2021-08-15.csv."),
        )
    return _must(path, "-".join(found.groups()))


def _check(path: Path) -> None:
    if not path.is_file():
        _fail(path, tr("there is no such file"))
    if path.stat().st_size > MAX_BYTES:
        _fail(path, tr("it is larger than {most_mb} MB", most_mb=MAX_BYTES // 10**6))


def _fail(path: Path, problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.WATER, f"{path.name}: {problem}.", hint)


def as_geojson(places: Mapping[str, tuple[Mapping[str, Any], shapely.Geometry]]) -> bytes:
    """Named shapes (EPSG:4326) with properties as a FeatureCollection, coordinates to 1 cm."""

    def features() -> Iterator[dict[str, Any]]:
        for name, (properties, shape) in places.items():
            rounded = shapely.transform(shape, lambda xy: xy.round(7))
            yield {
                "type": "Feature",
                "id": name,
                "geometry": shapely.geometry.mapping(rounded),
                "properties": dict(properties),
            }

    document = {"type": "FeatureCollection", "features": list(features())}
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
