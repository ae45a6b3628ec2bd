"""Which items of a catalogue are Sentinel-2 scenes, and which of them show the same."""

from __future__ import annotations

import re

import pystac
from shapely.geometry.base import BaseGeometry

from gossan.core.values import BANDS, Scene
from gossan.core.words import tr_later
from gossan.io.catalogue.harmonise import processing_baseline, scene_of
from gossan.io.catalogue.search import SceneRules, part_of

SAME_PLACE = 0.95
"""A scene is a duplicate if a better one of its tile and day covers this share of its part."""


def tile_of(item: pystac.Item) -> str:
    """MGRS tile such as `34TFR`, from properties or the id; empty where none is known."""
    props = item.properties
    for value in (props.get("s2:mgrs_tile"), props.get("grid:code")):
        match = re.search(r"(\d{1,2}[C-X][A-Z]{2})$", str(value or ""))
        if match:
            return match[1].zfill(5)
    for prefix, square in (("mgrs", "grid_square"), ("sentinel", "grid_square")):
        parts = [props.get(f"{prefix}:{n}") for n in ("utm_zone", "latitude_band", square)]
        if all(parts):
            return "".join(map(str, parts)).zfill(5)
    match = re.search(r"(?:^|_)T?(\d{2}[C-X][A-Z]{2})(?:_|$)", item.id)
    return match[1] if match else ""


def _newer(scene: Scene) -> tuple[tuple[int, int], str, str, str]:
    """Greater is better: newest baseline, then newest processing, then update, then id."""
    props = scene.item.properties
    baseline, _ = processing_baseline(scene.item)
    generated = str(props.get("s2:generation_time") or "")
    return baseline or (0, 0), generated, str(props.get("updated") or ""), scene.id


def _same(scene: Scene, better: Scene, geometry: BaseGeometry) -> bool:
    """Same tile and the better one covers what this one shows (halves of a tile do not)."""
    if tile_of(scene.item) != tile_of(better.item):
        return False
    mine = part_of(scene, geometry)
    if mine.area == 0:
        return True
    return bool(mine.intersection(part_of(better, geometry)).area >= SAME_PLACE * mine.area)


SENTINEL_2 = SceneRules(
    word="",
    bands=BANDS,
    scene_of=scene_of,
    newer=_newer,
    same=_same,
    twin="same day and place as {}, which is newer",
    processed=("updated", "s2:generation_time", "s2:processing_baseline"),
    hint=tr_later("Check the area and the period, or name another collection with #collection."),
)
"""Surface reflectance, level 2A."""
