"""Land or sea, from the outline shipped in `gossan/data` (Natural Earth 1:50 million)."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files

import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

COAST_MARGIN_DEG = 0.1
"""The outline is coarse: whatever lies this near to it counts as land."""


def on_land(geometry: BaseGeometry) -> bool:
    """True where any part of a lon/lat geometry touches land, inland seas and lakes included."""
    return bool(_land().query(geometry, predicate="dwithin", distance=COAST_MARGIN_DEG).size)


@cache
def _land() -> STRtree:
    data = files("gossan.data").joinpath("land.wkb.gz").read_bytes()
    return STRtree(shapely.get_parts(shapely.from_wkb(gzip.decompress(data))))
