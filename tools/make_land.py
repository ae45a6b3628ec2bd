"""Make `src/gossan/data/land.wkb.gz`, the land outline that `gossan init` warns with.

Source: `land-50m.json` of the npm package world-atlas 2.0.2, which repackages Natural
Earth 4.1 (public domain). Made with:

    npm pack world-atlas@2.0.2
    python tools/make_land.py world-atlas-2.0.2.tgz src/gossan/data/land.wkb.gz

The same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import shapely
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

MEMBER = "package/land-50m.json"
TOLERANCE_DEG = 0.01  # about 1 km, finer than the 1:50 million outline itself
TILE_DEG = 15  # small pieces make the lookup fast

Ring = list[tuple[float, float]]


def main(source: Path, target: Path) -> None:
    """Read the npm package `source`, write gzipped WKB of one MultiPolygon to `target`."""
    with tarfile.open(source) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{source} holds no {MEMBER}")
        topology = json.load(member)
    land = shapely.union_all([_polygon(rings) for rings in _rings(topology)])
    land = shapely.simplify(land, TOLERANCE_DEG)
    pieces = [p for tile in _tiles() for p in _parts(shapely.intersection(land, tile))]
    pieces = list(shapely.set_precision(pieces, 1e-4))
    whole = MultiPolygon([p for piece in pieces for p in _parts(piece)])
    wkb = shapely.to_wkb(whole, byte_order=1)
    target.write_bytes(gzip.compress(wkb, compresslevel=9, mtime=0))


def _rings(topology: dict[str, Any]) -> list[list[Ring]]:
    """Polygons of object `land`, each a list of rings of (lon, lat), arcs decoded."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs: list[Ring] = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc: Ring = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((x * sx + tx, y * sy + ty))
        arcs.append(arc)

    def ring(indices: list[int]) -> Ring:
        points: Ring = []
        for i in indices:
            arc = arcs[i] if i >= 0 else arcs[~i][::-1]
            points += arc[1:] if points else arc
        return points

    geometries = topology["objects"]["land"]["geometries"]
    return [[ring(r) for r in poly] for g in geometries for poly in g["arcs"]]


def _polygon(rings: list[Ring]) -> BaseGeometry:
    """A polygon within -180..180: the package stitches rings across the antimeridian."""
    whole = shapely.make_valid(Polygon(_unwrap(rings[0]), [_unwrap(r) for r in rings[1:]]))
    world = box(-180, -90, 180, 90)
    turns = [translate(whole, xoff=360 * k) for k in (-1, 0, 1)]
    return shapely.union_all([shapely.intersection(t, world) for t in turns])


def _unwrap(ring: Ring) -> Ring:
    """Longitudes made continuous; a ring around the south pole is closed along it."""
    out = [ring[0]]
    for lon, lat in ring[1:]:
        out.append((lon - 360 * round((lon - out[-1][0]) / 360), lat))
    if abs(out[-1][0] - out[0][0]) > 180:
        out += [(out[-1][0], -90.0), (out[0][0], -90.0), out[0]]
    return out


def _tiles() -> list[Polygon]:
    step = TILE_DEG
    return [
        box(x, y, x + step, y + step) for x in range(-180, 180, step) for y in range(-90, 90, step)
    ]


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    return [p for p in shapely.get_parts(geometry) if p.geom_type == "Polygon" and p.area > 0]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
