"""Whether a catalogue's item is built as everything behind this door takes for granted.

pystac checks little of what it reads, and a field of another kind fails far from where it came
in. So every item is looked through here, before it becomes one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from shapely import get_num_coordinates
from shapely.errors import ShapelyError
from shapely.geometry import shape

from gossan.core.visible import unsafe
from gossan.core.words import tr

MAX_TEXT = 4096
"""Letters of an id, an address or a number written as text."""
MAX_DEPTH = 40
MAX_LINKS, MAX_ASSETS, MAX_CORNERS = 10_000, 1_000, 10_000
NUMBERS: Mapping[str, tuple[float, float]] = {
    "gsd": (1e-3, 1e6),
    "scale": (1e-12, 1e6),
    "offset": (-1e6, 1e6),
    "nodata": (-1e300, 1e300),
    "spatial_resolution": (1e-3, 1e6),
    "eo:cloud_cover": (-1, 101),
    "file:size": (0, 1e15),
    "proj:epsg": (1, 1e6),
    "sat:relative_orbit": (0, 1e4),
}
"""Numbers that are used, each with all it may reasonably be."""
TEXTS = frozenset(
    {
        "file:checksum",
        "s2:mgrs_tile",
        "grid:code",
        "s2:processing_baseline",
        "type",
        "processing:version",
        "s2:generation_time",
        "updated",
        "platform",
        "proj:code",
        "sat:orbit_state",
        "eo:common_name",
        "common_name",
        "name",
        "s2:product_uri",
        "constellation",
    }
)
OBJECTS = frozenset({"raster:bands", "eo:bands", "bands"})
NOT_FINITE = ("nan", "inf", "-inf")
"""What the raster extension writes for a nodata value that is no number."""


def unsound(data: Any) -> str:
    """What is wrong with an item's JSON, in words; empty where nothing is."""
    if not isinstance(data, Mapping):
        return tr("it is no object")
    if not _text(data.get("id")) or not data["id"].strip() or unsafe(data["id"]):
        return tr("its id is no text that can be shown")
    if _deeper(data, MAX_DEPTH):
        return tr("it is nested too deep")
    try:
        return (
            _geometry(data)
            or _links(data)
            or _assets(data)
            or _fields(data.get("properties"), "properties", 0)
        )
    except RecursionError:
        return tr("it is nested too deep")


def _geometry(data: Mapping[str, Any]) -> str:
    geometry, box = data.get("geometry"), data.get("bbox")
    if geometry is not None:
        try:
            found = shape(geometry)
            if get_num_coordinates(found) > MAX_CORNERS:
                return tr("its geometry has more than {most:,} corners", most=MAX_CORNERS)
            bounds = found.bounds
        except (
            ShapelyError,
            AttributeError,
            IndexError,
            KeyError,
            OverflowError,
            TypeError,
            ValueError,
        ):
            return tr("its geometry is none")
        if len(bounds) != 4 or not all(map(math.isfinite, bounds)):
            return tr("its geometry has no extent")
    if box is not None and not (
        isinstance(box, list) and len(box) in (4, 6) and all(map(_number, box))
    ):
        return tr("its bbox is not four or six numbers")
    return ""


def _links(data: Mapping[str, Any]) -> str:
    links = data.get("links", [])
    if not isinstance(links, list) or len(links) > MAX_LINKS:
        return tr("its links are no list of at most {most_links:,}", most_links=MAX_LINKS)
    for link in links:
        if not isinstance(link, Mapping) or not _address(link.get("href")):
            return tr("a link of it has no address")
        if not _text(link.get("rel")):
            return tr("a link of it does not say what it is")
    return ""


def _assets(data: Mapping[str, Any]) -> str:
    assets = data.get("assets", {})
    if not isinstance(assets, Mapping) or len(assets) > MAX_ASSETS:
        return tr("its assets are no object of at most {most_assets:,}", most_assets=MAX_ASSETS)
    for key, asset in assets.items():
        if not _text(key) or unsafe(key):
            return tr("the name of its asset {key!r} is no text that can be shown", key=key[:40])
        if not isinstance(asset, Mapping) or not _address(asset.get("href")):
            return tr("its asset {key!r} has no address", key=key[:40])
        roles = asset.get("roles")
        if roles is not None and not (isinstance(roles, list) and all(map(_text, roles))):
            return tr("the roles of its asset {key!r} are no list of texts", key=key[:40])
        wrong = _fields(asset, tr("asset {key}", key=key[:40]), 0)
        if wrong:
            return wrong
    return ""


def _fields(value: Any, where: str, depth: int) -> str:
    """The fields gossan reads, wherever they stand within `value`."""
    if not isinstance(value, Mapping) or depth > MAX_DEPTH:
        return (
            tr("{where} is no object", where=where)
            if depth <= MAX_DEPTH
            else tr("{where} is nested too deep", where=where)
        )
    for key, inner in value.items():
        if inner is None:
            continue
        if key in NUMBERS and not (key == "nodata" and inner in NOT_FINITE):
            if not _number(inner):
                return tr("{key} in {where} is no number", key=key, where=where)
            low, high = NUMBERS[key]
            if not low <= inner <= high:
                return tr(
                    "{key} in {where} is {inner:.6g}, expected {low:g} to {high:g}",
                    key=key,
                    where=where,
                    inner=inner,
                    low=low,
                    high=high,
                )
        if key in TEXTS and not (_text(inner) or _number(inner)):
            return tr("{key} in {where} is no text", key=key, where=where)
        if key == "proj:transform" and not _numbers(inner, 6):
            return tr("{key} in {where} is not six numbers", key=key, where=where)
        if key == "proj:shape" and not (
            _numbers(inner, 2) and all(1 <= n <= 1e9 for n in inner[:2])
        ):
            return tr("{key} in {where} is not two sizes", key=key, where=where)
        if key in OBJECTS:
            if not isinstance(inner, list):
                return tr("{key} in {where} is no list", key=key, where=where)
            for part in inner:
                wrong = _fields(part, tr("{key} in {where}", key=key, where=where), depth + 1)
                if wrong:
                    return wrong
    return ""


def _text(value: Any) -> bool:
    return (
        isinstance(value, str) and len(value) <= MAX_TEXT and "\x00" not in value and _utf8(value)
    )


def _address(value: Any) -> bool:
    if not value or not _text(value) or unsafe(value):
        return False
    try:
        urlsplit(value)
    except ValueError:
        return False
    return True


def _deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists stand in each other more than `levels` deep."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, Mapping) else outer)
            if isinstance(inner, (Mapping, list))
        ]
        if not layer:
            return False
    return True


def _utf8(value: str) -> bool:
    return not any(0xD800 <= ord(c) <= 0xDFFF for c in value)


def _number(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return isinstance(value, (int, float)) and math.isfinite(value)
    except OverflowError:
        return False


def _numbers(value: Any, least: int) -> bool:
    return isinstance(value, list) and len(value) >= least and all(map(_number, value))
