"""The area of a case: a name, a polygon and the grid all arrays live on."""

from __future__ import annotations

from dataclasses import dataclass

from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Area:
    """Where the case looks.

    Attributes
    ----------
    name : as the user wrote it
    geometry : (multi)polygon in EPSG:4326, lon/lat degrees
    grid : working grid; its pixels may lie outside `geometry` (flag OUTSIDE)
    """

    name: str
    geometry: BaseGeometry
    grid: GeoBox
