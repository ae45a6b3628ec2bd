"""From a source to what will be read: acquisitions, scenes set aside with reasons, bytes, grid."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import fsum
from typing import Any

import pystac
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.values import Outcome, Scene, SceneRecord
from gossan.core.visible import one_line
from gossan.core.words import english, tr, tr_now
from gossan.io.catalogue.sources import Refused, Source, why_not
from gossan.io.catalogue.told_apart import told_apart


@dataclass(frozen=True)
class SceneRules:
    """Which items of a catalogue are scenes of a sensor, and which of them show the same.

    Attributes
    ----------
    word : which images, in sentences: "radar " or nothing
    bands : canonical names, in order
    scene_of : an item as a Scene; raises GossanError(REFLECTANCE) for another sensor's
    newer : sorts scenes; the greatest was processed last
    same : whether of two scenes of one day the first shows nothing that the second does not; given
        the area too
    twin : why it is left out, with the other one's id put in
    processed : properties that differ where a scene was processed again
    hint : what to do where there is no scene
    view : from where a scene was seen, sortable; images of two views are never compared. None for
        a sensor that always looks down
    """

    word: str
    bands: tuple[str, ...]
    scene_of: Callable[[pystac.Item], Scene]
    newer: Callable[[Scene], Any]
    same: Callable[[Scene, Scene, BaseGeometry], bool]
    twin: str
    processed: tuple[str, ...]
    hint: str
    view: Callable[[Scene], Any] | None = None


@dataclass(frozen=True)
class CatalogueScene:
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
    view : from where the scenes were seen, "" where it does not matter
    offered : every view of the area with its number of days, most days first
    """

    acquisitions: tuple[CatalogueScene, ...]
    aside: tuple[SceneRecord, ...]
    bands: tuple[str, ...]
    view: str = ""
    offered: tuple[tuple[str, int], ...] = ()

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """All scenes to be read."""
        return tuple(s for a in self.acquisitions for s in a.scenes)


def plan(
    source: Source,
    geometry: BaseGeometry,
    start: date,
    end: date,
    max_cloud: float,
    rules: SceneRules,
    view: Any = None,
) -> SearchResult:
    """Search and sort out. `geometry` lon/lat degrees, `max_cloud` percent (0..100); `view` None
    takes the one that shows most of the area most often.

    Raises GossanError: SOURCE (nothing answers, or nothing is found), REFLECTANCE (items were
    found but none is of the sensor).
    """
    kept, aside = _sorted_out(source, geometry, start, end, max_cloud, rules)
    if not kept and (rules.view or not aside):
        raise GossanError(
            Code.SOURCE,
            tr(
                "{source} has no {kind}scene over the area from {start} to {end}.",
                source=source.spec,
                kind=tr_now(rules.word),
                start=start,
                end=end,
            ),
            tr_now(rules.hint),
        )
    chosen: str = ""
    offered: tuple[tuple[str, int], ...] = ()
    if rules.view is not None:
        chosen, offered, kept = _of_view(kept, geometry, rules, view, aside)
    acquisitions, duplicates = _by_day(kept, geometry, rules)
    records = sorted([*aside, *duplicates], key=lambda r: (r.time, r.id))
    bands = _common_bands(kept, rules.bands)
    return SearchResult(tuple(acquisitions), tuple(records), bands, chosen, offered)


def _sorted_out(
    source: Source,
    geometry: BaseGeometry,
    start: date,
    end: date,
    max_cloud: float,
    rules: SceneRules,
) -> tuple[list[Scene], list[SceneRecord]]:
    """Scenes to read, and what is set aside with its reason. Raises GossanError where every item
    failed: the last one's reason."""
    kept: list[Scene] = []
    aside: list[SceneRecord] = []
    refusal: GossanError | None = None
    for item in told_apart(source.items(geometry, start, end)):
        if isinstance(item, Refused):
            refusal = GossanError(
                Code.SOURCE,
                tr("{item} is not read: {reason}.", item=item.id, reason=item.reason.rstrip(".")),
            )
            aside.append(_record(item.id, None, Outcome.FAILED, item.reason))
            continue
        try:
            scene = rules.scene_of(item)
        except GossanError as error:
            refusal = error
            aside.append(_record(item.id, item.datetime, Outcome.FAILED, error.problem))
            continue
        verdict = _set_aside(scene, source, geometry, max_cloud)
        if verdict is None:
            kept.append(scene)
        else:
            if verdict[0] is Outcome.FAILED:
                refusal = GossanError(
                    Code.SOURCE,
                    tr("Item {scene} is not read: {reason}.", scene=scene.id, reason=verdict[1]),
                )
            aside.append(_record(scene.id, scene.time, *verdict, scene.offset_rule))
    if not kept and refusal is not None and all(r.outcome is Outcome.FAILED for r in aside):
        raise refusal
    return kept, aside


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
    return SceneRecord(one_line(scene)[:200], when, outcome, english(reason), None, rule, None)


def part_of(scene: Scene, geometry: BaseGeometry) -> BaseGeometry:
    """What a scene shows of an area, all of it where it does not say."""
    if scene.item.geometry is None:
        return geometry
    part: BaseGeometry = shape(scene.item.geometry).buffer(0).intersection(geometry)
    return part


def _by_day(
    scenes: Sequence[Scene], geometry: BaseGeometry, rules: SceneRules
) -> tuple[list[CatalogueScene], list[SceneRecord]]:
    days: dict[int, list[Scene]] = {}
    for scene in scenes:
        days.setdefault(to_day(scene.time), []).append(scene)
    acquisitions: list[CatalogueScene] = []
    duplicates: list[SceneRecord] = []
    for day in sorted(days):
        kept: list[Scene] = []
        for scene in sorted(days[day], key=rules.newer, reverse=True):
            twin = next((k for k in kept if rules.same(scene, k, geometry)), None)
            if twin is None:
                kept.append(scene)
            else:
                reason = rules.twin.format(twin.id)
                duplicates.append(
                    _record(scene.id, scene.time, Outcome.DUPLICATE, reason, scene.offset_rule)
                )
        # the widest view of the area first: fewest seams
        kept.sort(key=lambda s: (-round(part_of(s, geometry).area, 9), s.id))
        acquisitions.append(CatalogueScene(day, tuple(kept)))
    return acquisitions, duplicates


def _of_view(
    scenes: Sequence[Scene],
    geometry: BaseGeometry,
    rules: SceneRules,
    view: Any,
    aside: list[SceneRecord],
) -> tuple[str, tuple[tuple[str, int], ...], list[Scene]]:
    """The view that is followed, all there are, and its scenes; the others are set aside."""
    assert rules.view is not None
    seen = {s.id: rules.view(s) for s in scenes}
    parts: dict[Any, dict[int, list[BaseGeometry]]] = defaultdict(lambda: defaultdict(list))
    for scene in scenes:
        parts[seen[scene.id]][to_day(scene.time)].append(part_of(scene, geometry))
    shown = {v: fsum(unary_union(p).area for p in days.values()) for v, days in parts.items()}
    order = sorted(parts, key=lambda v: (-round(shown[v], 9), v))
    offered = tuple((str(v), len(parts[v])) for v in order)
    chosen = order[0] if view is None else view
    mine = [s for s in scenes if seen[s.id] == chosen]
    if not mine:
        others = ", ".join(f"{v} ({n} days)" for v, n in offered)
        raise GossanError(
            Code.SOURCE,
            tr(
                "No {kind}scene over the area is {chosen}; there are {others}.",
                kind=tr_now(rules.word),
                chosen=chosen,
                others=others,
            ),
            tr("Set radar.orbit in case.toml to one of them, or to auto."),
        )
    for scene in scenes:
        if seen[scene.id] != chosen:
            reason = f"seen from {seen[scene.id]}, not from {chosen}"
            aside.append(_record(scene.id, scene.time, Outcome.OUTSIDE, reason, scene.offset_rule))
    return str(chosen), offered, mine


def _common_bands(scenes: Sequence[Scene], bands: tuple[str, ...]) -> tuple[str, ...]:
    count = Counter(b for s in scenes for b in s.bands)
    return tuple(b for b in bands if count[b] * 2 >= len(scenes) > 0)
