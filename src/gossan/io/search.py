"""From a source to what will be read: acquisitions, scenes set aside with reasons, bytes, grid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pystac
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.values import BANDS, Outcome, Scene, SceneRecord
from gossan.core.visible import one_line
from gossan.io.harmonise import processing_baseline, scene_of
from gossan.io.sources import Refused, Source, why_not
from gossan.io.told_apart import told_apart

SAME_PLACE = 0.95
"""A scene is a duplicate if a better one of its tile and day covers this share of its part."""


@dataclass(frozen=True)
class Acquisition:
    """All scenes of one UTC day that together show the area; earlier scenes win per pixel."""

    day: int
    scenes: tuple[Scene, ...]

    @property
    def key(self) -> str:
        """`<YYYY-MM-DD>_<safe id of the first scene>`: the name under which it is stored."""
        first = self.scenes[0]
        return f"{first.time:%Y-%m-%d}_{re.sub(r'[^A-Za-z0-9._-]+', '_', first.id)[:120]}"

    @property
    def time(self) -> datetime:
        """Acquisition time of the first scene, UTC."""
        return self.scenes[0].time


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Attributes
    ----------
    acquisitions : to be read, ascending in time
    aside : one record for each scene that will not be read, ascending in time
    bands : bands that at least half of the scenes have, canonical order
    """

    acquisitions: tuple[Acquisition, ...]
    aside: tuple[SceneRecord, ...]
    bands: tuple[str, ...]

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """All scenes to be read."""
        return tuple(s for a in self.acquisitions for s in a.scenes)


def plan(
    source: Source, geometry: BaseGeometry, start: date, end: date, max_cloud: float
) -> SearchResult:
    """Search and sort out. `geometry` lon/lat degrees, `max_cloud` percent (0..100).

    Raises GossanError: SOURCE (nothing answers, or nothing is found), REFLECTANCE (items were
    found but none is Sentinel-2 L2A).
    """
    kept: list[Scene] = []
    aside: list[SceneRecord] = []
    refusal: GossanError | None = None
    for item in told_apart(source.items(geometry, start, end)):
        if isinstance(item, Refused):
            refusal = GossanError(Code.SOURCE, f"{item.id} is not read: {item.reason.rstrip('.')}.")
            aside.append(_record(item.id, None, Outcome.FAILED, item.reason))
            continue
        try:
            scene = scene_of(item)
        except GossanError as error:
            refusal = error
            aside.append(_record(item.id, item.datetime, Outcome.FAILED, error.problem))
            continue
        verdict = _set_aside(scene, source, geometry, max_cloud)
        if verdict is None:
            kept.append(scene)
        else:
            if verdict[0] is Outcome.FAILED:
                refusal = GossanError(Code.SOURCE, f"Item {scene.id} is not read: {verdict[1]}.")
            aside.append(_record(scene.id, scene.time, *verdict, scene.offset_rule))
    if not kept and refusal is not None and all(r.outcome is Outcome.FAILED for r in aside):
        raise refusal
    if not kept and not aside:
        raise GossanError(
            Code.SOURCE,
            f"{source.spec} has no scene over the area from {start} to {end}.",
            "Check the area and the period, or name another collection with #collection.",
        )
    acquisitions, duplicates = _by_day(kept, geometry)
    records = sorted([*aside, *duplicates], key=lambda r: (r.time, r.id))
    return SearchResult(tuple(acquisitions), tuple(records), _common_bands(kept))


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


def _set_aside(
    scene: Scene, source: Source, geometry: BaseGeometry, max_cloud: float
) -> tuple[Outcome, str] | None:
    if scene.item.geometry is not None and not shape(scene.item.geometry).intersects(geometry):
        return Outcome.OUTSIDE, "its footprint does not touch the area"
    cloud = scene.item.properties.get("eo:cloud_cover")
    if cloud is not None and float(cloud) > max_cloud:
        return Outcome.CLOUDY, f"cloud cover {float(cloud):.0f} % exceeds {max_cloud:.0f} %"
    hrefs = {b.asset: b.href for b in scene.bands.values()}
    if scene.scl is not None:
        hrefs[scene.scl] = scene.item.assets[scene.scl].href
    for asset, href in hrefs.items():
        wrong = why_not(source, asset, href)
        if wrong:
            return Outcome.FAILED, wrong
    return None


def _record(
    scene: str, time: datetime | None, outcome: Outcome, reason: str, rule: str = ""
) -> SceneRecord:
    when = time or datetime(1970, 1, 1, tzinfo=UTC)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return SceneRecord(one_line(scene)[:200], when, outcome, reason, None, rule, None)


def _rank(scene: Scene) -> tuple[tuple[int, int], str, str, str]:
    """Greater is better: newest baseline, then newest processing, then update, then id."""
    props = scene.item.properties
    baseline, _ = processing_baseline(scene.item)
    generated = str(props.get("s2:generation_time") or "")
    return baseline or (0, 0), generated, str(props.get("updated") or ""), scene.id


def _part(scene: Scene, geometry: BaseGeometry) -> BaseGeometry:
    if scene.item.geometry is None:
        return geometry
    part: BaseGeometry = shape(scene.item.geometry).buffer(0).intersection(geometry)
    return part


def _by_day(
    scenes: Sequence[Scene], geometry: BaseGeometry
) -> tuple[list[Acquisition], list[SceneRecord]]:
    days: dict[int, list[Scene]] = {}
    for scene in scenes:
        days.setdefault(to_day(scene.time), []).append(scene)
    acquisitions: list[Acquisition] = []
    duplicates: list[SceneRecord] = []
    for day in sorted(days):
        kept: list[Scene] = []
        for scene in sorted(days[day], key=_rank, reverse=True):
            twin = next((k for k in kept if _duplicates(scene, k, geometry)), None)
            if twin is None:
                kept.append(scene)
            else:
                reason = f"same day and place as {twin.id}, which is newer"
                duplicates.append(
                    _record(scene.id, scene.time, Outcome.DUPLICATE, reason, scene.offset_rule)
                )
        # the widest view of the area first: fewest seams
        kept.sort(key=lambda s: (-round(_part(s, geometry).area, 9), s.id))
        acquisitions.append(Acquisition(day, tuple(kept)))
    return acquisitions, duplicates


def _duplicates(scene: Scene, better: Scene, geometry: BaseGeometry) -> bool:
    """Same tile and the better one covers what this one shows (halves of a tile do not)."""
    if tile_of(scene.item) != tile_of(better.item):
        return False
    mine = _part(scene, geometry)
    if mine.area == 0:
        return True
    return bool(mine.intersection(_part(better, geometry)).area >= SAME_PLACE * mine.area)


def _common_bands(scenes: Sequence[Scene]) -> tuple[str, ...]:
    count = Counter(b for s in scenes for b in s.bands)
    return tuple(b for b in BANDS if count[b] * 2 >= len(scenes) > 0)
