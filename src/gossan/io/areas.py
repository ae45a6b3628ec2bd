"""Areas from files, boxes and points, checked before anything is searched with them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import shapely
from pyproj import Geod
from shapely import LinearRing, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.land import on_land

MAX_FILE_BYTES = 20_000_000
MAX_AREA_KM2 = 100_000.0
CIRCLE_POINTS = 64
GEOD = Geod(ellps="WGS84")

_LONLAT_CRS = re.compile(r"(CRS84|EPSG:(.*:)?4326)$", re.IGNORECASE)


@dataclass(frozen=True)
class CheckedArea:
    """An area that can be searched with.

    Attributes
    ----------
    geometry : valid (multi)polygon in EPSG:4326, lon/lat degrees
    km2 : geodesic area
    warnings : sentences for the user, possibly none
    """

    geometry: BaseGeometry
    km2: float
    warnings: tuple[str, ...]


def area_from_file(path: Path, *, offshore: bool = False) -> CheckedArea:
    """Area of a GeoJSON file: polygons of a geometry, Feature or FeatureCollection, united.

    Raises GossanError (AREA) where the file is missing, too large, no GeoJSON, not in
    EPSG:4326, or its polygons fail the checks of `checked`.
    """
    where = tr("area file {file}", file=path.name)
    data = _load(path, where)
    _check_crs(data, where)
    polygons = [_polygon(rings, where) for rings in _polygons(data, where)]
    if not polygons:
        _fail(tr("{where} holds no polygon.", where=where), tr("Draw at least one polygon in it."))
    return checked(polygons, where, offshore=offshore)


def area_from_bbox(text: str, *, offshore: bool = False) -> CheckedArea:
    """Area of "W,S,E,N" in degrees. Raises GossanError (AREA)."""
    west, south, east, north = _numbers(text, "--bbox", ("west", "south", "east", "north"))
    order = tr("The order is west,south,east,north in degrees, e.g. 46.5,39.6,46.9,39.9.")
    for name, value, limit in (
        ("west", west, 180),
        ("south", south, 90),
        ("east", east, 180),
        ("north", north, 90),
    ):
        if abs(value) > limit:
            _fail(
                tr(
                    "--bbox: {name} {value:g} is out of range, expected -{limit}..{limit}.",
                    name=name,
                    value=value,
                    limit=limit,
                ),
                order,
            )
    if west >= east:
        _fail(
            tr("--bbox: west {west:g} is not less than east {east:g}.", west=west, east=east),
            order + " " + tr("An area across the 180th meridian must be split into two cases."),
        )
    if south >= north:
        _fail(
            tr(
                "--bbox: south {south:g} is not less than north {north:g}.",
                south=south,
                north=north,
            ),
            order,
        )
    return checked([shapely.box(west, south, east, north)], "--bbox", offshore=offshore)


def area_from_point(text: str, radius_km: float, *, offshore: bool = False) -> CheckedArea:
    """Geodesic circle of `radius_km` around "LAT,LON" in degrees. Raises GossanError (AREA)."""
    lat, lon = _numbers(text, "--around", ("latitude", "longitude"))
    if abs(lat) > 90 or abs(lon) > 180:
        swap = abs(lon) <= 90 and abs(lat) <= 180
        _fail(
            tr(
                "--around: latitude {lat:g}, longitude {lon:g} is out of range, "
                "expected latitude -90..90 and longitude -180..180.",
                lat=lat,
                lon=lon,
            ),
            tr("It looks like longitude,latitude: try --around {lon:g},{lat:g}.", lon=lon, lat=lat)
            if swap
            else "",
        )
    limit_km = math.sqrt(MAX_AREA_KM2 / math.pi)
    if not 0 < radius_km <= limit_km:
        _fail(
            tr(
                "--radius: {radius_km:g} km, expected more than 0 and at most {limit_km:.0f} km.",
                radius_km=radius_km,
                limit_km=limit_km,
            )
        )
    n = CIRCLE_POINTS
    bearings = [-360.0 * i / n for i in range(n)]
    lons, lats, _ = GEOD.fwd([lon] * n, [lat] * n, bearings, [radius_km * 1000.0] * n)
    return checked([Polygon(zip(lons, lats, strict=True))], "--around", offshore=offshore)


def checked(polygons: list[Polygon], where: str, *, offshore: bool = False) -> CheckedArea:
    """Unite polygons after checking range, crossings, antimeridian, size and land.

    `where` names the field in messages. An area wholly in the sea is refused where swapping
    longitude and latitude puts it on land, and otherwise warned of, unless `offshore`.
    Swapped coordinates that lie on land both ways cannot be told: the caller shows the centre.
    Raises GossanError (AREA).
    """
    bounds = [float(b) for b in shapely.total_bounds(polygons)]
    _check_range(bounds, where)
    if bounds[2] - bounds[0] > 180:
        _fail(
            tr(
                "{where} crosses the 180th meridian or spans more than half the globe "
                "(longitude {west:g} to {east:g}).",
                where=where,
                west=bounds[0],
                east=bounds[2],
            ),
            tr("Split it there into two cases."),
        )
    for number, polygon in enumerate(polygons, 1):
        _check_valid(
            polygon,
            tr("{where}, polygon {number}", where=where, number=number)
            if len(polygons) > 1
            else where,
        )
    geometry = shapely.normalize(shapely.union_all(polygons))
    km2 = abs(GEOD.geometry_area_perimeter(geometry)[0]) / 1e6
    if km2 > MAX_AREA_KM2:
        _fail(
            tr(
                "{where} covers {km2:,.0f} km², more than the {most_km2:,.0f} km² of one case.",
                where=where,
                km2=km2,
                most_km2=MAX_AREA_KM2,
            ),
            tr("Draw a smaller area or make several cases."),
        )
    return CheckedArea(geometry, km2, () if offshore else _check_land(geometry, where))


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.AREA, problem, hint)


def _load(path: Path, where: str) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            _fail(
                tr(
                    "{where} has {size:,} bytes, expected at most {most_file_bytes:,}.",
                    where=where,
                    size=size,
                    most_file_bytes=MAX_FILE_BYTES,
                ),
                tr("Simplify the outline."),
            )
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        _fail(
            tr("{where} does not exist (looked for {path}).", where=where, path=path),
            tr("Check the path."),
        )
    except OSError as error:
        _fail(
            tr("{where} cannot be read: {reason}.", where=where, reason=error.strerror),
            tr("Check the path and its permissions."),
        )
    except json.JSONDecodeError as error:
        _fail(
            tr(
                "{where} is not GeoJSON: {problem} at line {line}, column {column}.",
                where=where,
                problem=error.msg,
                line=error.lineno,
                column=error.colno,
            ),
            tr("Other formats can be converted: ogr2ogr -t_srs EPSG:4326 area.geojson FILE."),
        )
    except (ValueError, RecursionError):  # also of numbers too long to be any
        _fail(
            tr("{where} is not GeoJSON text.", where=where),
            tr("Other formats can be converted: ogr2ogr -t_srs EPSG:4326 area.geojson FILE."),
        )
    if not isinstance(data, dict):
        _fail(
            tr(
                "{where} is not GeoJSON: expected an object, found {kind}.",
                where=where,
                kind=type(data).__name__,
            )
        )
    return data


def _check_crs(data: dict[str, Any], where: str) -> None:
    """Old GeoJSON may carry a `crs` member; RFC 7946 knows only longitude and latitude."""
    if data.get("crs") is None:
        return
    crs = data["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not _LONLAT_CRS.search(name):
        _fail(
            tr(
                '{where} is in "{crs}", expected longitude and latitude (EPSG:4326).',
                where=where,
                crs=name or crs,
            ),
            tr("Convert it: ogr2ogr -t_srs EPSG:4326 area.geojson FILE."),
        )


def _polygons(data: Any, where: str) -> Iterable[Any]:
    """Coordinates (list of rings) of every polygon in a GeoJSON object."""
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "FeatureCollection" and isinstance(data.get("features"), list):
        for feature in data["features"]:
            yield from _polygons(feature, where)
    elif kind == "Feature" and isinstance(data.get("geometry"), dict):
        yield from _polygons(data["geometry"], where)
    elif kind == "Polygon":
        yield data.get("coordinates")
    elif kind == "MultiPolygon" and isinstance(data.get("coordinates"), list):
        yield from data["coordinates"]
    else:
        found = json.dumps(kind) if kind else tr("no type")
        if kind in ("Feature", "FeatureCollection", "MultiPolygon"):
            found = tr("{kind} without content", kind=found)
        _fail(
            tr(
                "{where}: expected Polygon or MultiPolygon, found {found}.",
                where=where,
                found=found,
            ),
            tr("Draw the outline as a polygon; for a point use --around LAT,LON --radius KM."),
        )


def _polygon(rings: Any, where: str) -> Polygon:
    if not isinstance(rings, list) or not rings:
        _fail(
            tr("{where} holds an empty polygon.", where=where), tr("Remove it or draw its outline.")
        )
    shell, *holes = [_ring(ring, where) for ring in rings]
    return Polygon(shell, holes)


def _ring(ring: Any, where: str) -> LinearRing:
    if not isinstance(ring, list) or len(ring) < 4:
        _fail(
            tr(
                "{where}: a polygon's ring needs at least 4 positions, first and last the same.",
                where=where,
            )
        )
    points = []
    for position in ring:
        if not isinstance(position, list) or len(position) < 2 or not all(map(_finite, position)):
            _fail(
                tr(
                    "{where}: expected positions [longitude, latitude] of finite numbers, "
                    "found {position}.",
                    where=where,
                    position=json.dumps(position)[:60],
                )
            )
        points.append((float(position[0]), float(position[1])))
    return LinearRing(points)


def _finite(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and abs(value) < 1e300  # a longer integer would not fit a float


def _numbers(text: str, field: str, names: tuple[str, ...]) -> list[float]:
    parts = text.split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != len(names) or not all(map(math.isfinite, values)):
        _fail(
            tr(
                '{field}: expected {n} numbers {names}, found "{text}".',
                field=field,
                n=len(names),
                names=",".join(names),
                text=text,
            ),
            tr("Use a point as decimal sign and commas between numbers."),
        )
    return values


def _check_range(bounds: list[float], where: str) -> None:
    west, south, east, north = bounds
    if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90:
        return
    lon = west if abs(west) > abs(east) else east
    lat = south if abs(south) > abs(north) else north
    problem = tr(
        "{where}: longitude {lon:g} / latitude {lat:g} is out of range, "
        "expected -180..180 / -90..90.",
        where=where,
        lon=lon,
        lat=lat,
    )
    if max(abs(south), abs(north)) <= 180 and max(abs(west), abs(east)) <= 90:
        _fail(problem, tr("It looks like latitude,longitude order: swap the two."))
    if max(map(abs, bounds)) > 1000:
        _fail(problem, tr("It looks like metres: convert it, ogr2ogr -t_srs EPSG:4326."))
    _fail(problem, tr("Give degrees east of Greenwich from -180 to 180, then degrees north."))


def _check_valid(polygon: Polygon, where: str) -> None:
    reason = explain_validity(polygon)
    if reason == "Valid Geometry":
        return
    found = re.match(r"(.*)\[(\S+) (\S+)\]", reason)
    if found and "ntersection" in found[1]:
        _fail(
            tr(
                "{where}: the outline crosses itself at longitude {lon:.6g}, latitude {lat:.6g}.",
                where=where,
                lon=float(found[2]),
                lat=float(found[3]),
            ),
            tr("Put its corners in order around the area there, or use Fix geometries in QGIS."),
        )
    what = reason.lower()
    if found:
        what = tr(
            "{what} at longitude {lon}, latitude {lat}",
            what=found[1].lower(),
            lon=found[2],
            lat=found[3],
        )
    _fail(
        tr("{where} is no proper polygon: {what}.", where=where, what=what),
        tr("Redraw the outline there."),
    )


def _check_land(geometry: BaseGeometry, where: str) -> tuple[str, ...]:
    if on_land(geometry):
        return ()
    swapped = shapely.transform(geometry, lambda xy: xy[:, ::-1])
    lon, lat = geometry.centroid.x, geometry.centroid.y
    sea = tr(
        "{where} lies in the sea (centre at longitude {lon:.4g}, latitude {lat:.4g})",
        where=where,
        lon=lon,
        lat=lat,
    )
    if max(abs(swapped.bounds[1]), abs(swapped.bounds[3])) <= 90 and on_land(swapped):
        _fail(
            tr("{sea}, but on land with the two swapped.", sea=sea),
            tr(
                "Longitude and latitude look swapped: try longitude {lon:.4g}, latitude {lat:.4g}; "
                "if it is meant to lie in the sea, add --offshore (offshore = true in case.toml).",
                lon=lat,
                lat=lon,
            ),
        )
    return (
        tr("{sea}; if that is not meant, check the order and signs of the coordinates.", sea=sea),
    )
