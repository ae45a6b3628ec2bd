"""What terrain says of a case, as kept in its database."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from gossan.case.context import OpenCase
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.serialise import from_plain
from gossan.core.terrain import Alignment, SiteVolume
from gossan.core.values import Site
from gossan.io.places import read_places

VOLUME, RUN = "volume", "terrain-run"
"""Kinds of documents: volume by site, and how ground and volumes were worked out."""

ONLY = "last"


@dataclass(frozen=True)
class TerrainRun:
    """How terrain was worked out.

    Attributes
    ----------
    key : hash of all it depends on
    sites : hash of the sites it was worked out for
    realisations : models drawn
    error_m, error_range_m : of the model's errors, m
    reach_km, aside_m, channel_km2 : as in `TerrainConfig`
    cell_m : height and width of a cell of the model, m
    model : what the model is, for a reader
    places : number of places within the model
    off : ids of sites that do not lie on the model
    later : what the later model is; empty where there is none
    alignment : how it was laid over; None where there is none
    """

    key: str
    sites: str
    realisations: int
    error_m: float
    error_range_m: float
    reach_km: float
    aside_m: float
    channel_km2: float
    cell_m: tuple[float, float]
    model: str
    places: int
    off: tuple[str, ...]
    later: str
    alignment: Alignment | None


def run_of(case: OpenCase) -> TerrainRun | None:
    """How terrain was last worked out, None where it never was."""
    body = case.db.documents(RUN).get(ONLY)
    return None if body is None else from_plain(TerrainRun, body)


def volumes_of(case: OpenCase) -> dict[str, SiteVolume]:
    """Volume by the id of the site; empty without a later model."""
    return {k: from_plain(SiteVolume, v) for k, v in case.db.documents(VOLUME).items()}


def places_below(case: OpenCase) -> dict[str, BaseGeometry]:
    """The places of the user's files that water could reach, by name; of two with one name the
    first. Empty before `gossan terrain`."""
    run = run_of(case)
    if run is None:
        return {}
    area = case.config.geometry
    wide = run.reach_km / 111.32 / max(math.cos(math.radians(area.centroid.y)), 0.1)
    out: dict[str, BaseGeometry] = {}
    for place in read_places(case.folder, case.config.places, area.buffer(wide)):
        out.setdefault(place.name, place.geometry)
    return out


def sites_key(sites: Sequence[Site]) -> str:
    """Hash of what terrain depends on of the sites."""
    return hash_json({s.id: hash_bytes(s.geometry.wkb) for s in sites})
