"""From a source to the radar scenes that will be read: one geometry, slices of a day together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import fsum

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.values import Outcome, Scene, SceneRecord
from gossan.core.visible import one_line
from gossan.io.radar_items import Geometry, geometry_of, radar_scene_of
from gossan.io.search import Acquisition
from gossan.io.sources import Refused, Source, why_not
from gossan.io.told_apart import told_apart


@dataclass(frozen=True)
class RadarFound:
    """What a search for radar found.

    Attributes
    ----------
    geometry : the one that is followed
    offered : every geometry over the area with its number of days, most days first
    acquisitions : to be read, ascending in time
    aside : one record for each scene that will not be read, ascending in time
    """

    geometry: Geometry
    offered: tuple[tuple[Geometry, int], ...]
    acquisitions: tuple[Acquisition, ...]
    aside: tuple[SceneRecord, ...]


def radar_plan(
    source: Source, geometry: BaseGeometry, start: date, end: date, orbit: Geometry | None
) -> RadarFound:
    """Search and sort out. `geometry` lon/lat degrees; `orbit` None takes the one that shows most
    of the area most often.

    Raises GossanError: SOURCE (nothing answers, or nothing is found), REFLECTANCE (items were
    found but none is terrain-corrected Sentinel-1).
    """
    kept, aside, refusal = _sorted(source, geometry, start, end)
    if not kept:
        if refusal is not None:
            raise refusal
        raise GossanError(
            Code.SOURCE,
            f"{source.spec} has no radar scene over the area from {start} to {end}.",
            "Check the period and radar.collection in case.toml, or remove its [radar] section.",
        )
    offered = _offered(kept, geometry)
    chosen = orbit or offered[0][0]
    mine = [s for s in kept if geometry_of(s.item) == chosen]
    if not mine:
        others = ", ".join(f"{g} ({n} days)" for g, n in offered)
        raise GossanError(
            Code.SOURCE,
            f"No radar scene over the area is {chosen}; there are {others}.",
            "Set radar.orbit in case.toml to one of them, or to auto.",
        )
    for scene in kept:
        if geometry_of(scene.item) != chosen:
            reason = f"seen from {geometry_of(scene.item)}, not from {chosen}"
            aside.append(_record(scene.id, scene.time, Outcome.OUTSIDE, reason, scene.offset_rule))
    acquisitions, duplicates = _by_day(mine, geometry)
    records = sorted([*aside, *duplicates], key=lambda r: (r.time, r.id))
    return RadarFound(chosen, offered, tuple(acquisitions), tuple(records))


def _sorted(
    source: Source, geometry: BaseGeometry, start: date, end: date
) -> tuple[list[Scene], list[SceneRecord], GossanError | None]:
    kept: list[Scene] = []
    aside: list[SceneRecord] = []
    refusal: GossanError | None = None
    for item in told_apart(source.items(geometry, start, end)):
        if isinstance(item, Refused):
            aside.append(_record(item.id, None, Outcome.FAILED, item.reason))
            continue
        try:
            scene = radar_scene_of(item)
        except GossanError as error:
            refusal = error
            aside.append(_record(item.id, item.datetime, Outcome.FAILED, error.problem))
            continue
        if not _part(scene, geometry).area > 0:
            reason = "its footprint does not touch the area"
            aside.append(_record(scene.id, scene.time, Outcome.OUTSIDE, reason, scene.offset_rule))
        elif reason := next(
            filter(None, (why_not(source, b.asset, b.href) for b in scene.bands.values())), ""
        ):
            refusal = GossanError(Code.SOURCE, f"Item {scene.id} is not read: {reason}.")
            aside.append(_record(scene.id, scene.time, Outcome.FAILED, reason, scene.offset_rule))
        else:
            kept.append(scene)
    return kept, aside, refusal


def _offered(scenes: Sequence[Scene], geometry: BaseGeometry) -> tuple[tuple[Geometry, int], ...]:
    """Geometries by the area they show, summed over days; the number of days of each."""
    parts: dict[Geometry, dict[int, list[BaseGeometry]]] = defaultdict(lambda: defaultdict(list))
    for scene in scenes:
        parts[geometry_of(scene.item)][to_day(scene.time)].append(_part(scene, geometry))
    shown = {g: fsum(unary_union(p).area for p in days.values()) for g, days in parts.items()}
    order = sorted(parts, key=lambda g: (-round(shown[g], 9), g))
    return tuple((g, len(parts[g])) for g in order)


def _by_day(
    scenes: Sequence[Scene], geometry: BaseGeometry
) -> tuple[list[Acquisition], list[SceneRecord]]:
    """Slices of one pass lie side by side; the same slice processed twice counts once."""
    days: dict[int, list[Scene]] = defaultdict(list)
    for scene in scenes:
        days[to_day(scene.time)].append(scene)
    acquisitions: list[Acquisition] = []
    duplicates: list[SceneRecord] = []
    for day in sorted(days):
        slices: dict[datetime, Scene] = {}
        for scene in sorted(days[day], key=_processed, reverse=True):
            better = slices.setdefault(scene.time, scene)
            if better is not scene:
                reason = f"the same slice as {better.id}, which is newer"
                duplicates.append(
                    _record(scene.id, scene.time, Outcome.DUPLICATE, reason, scene.offset_rule)
                )
        kept = sorted(
            slices.values(), key=lambda s: (-round(_part(s, geometry).area, 9), s.time, s.id)
        )
        acquisitions.append(Acquisition(day, tuple(kept)))
    return acquisitions, duplicates


def _processed(scene: Scene) -> tuple[str, str, str]:
    """Greater is newer."""
    props = scene.item.properties
    return (
        str(props.get("s1:processing_datetime") or props.get("created") or ""),
        str(props.get("updated") or ""),
        scene.id,
    )


def _part(scene: Scene, geometry: BaseGeometry) -> BaseGeometry:
    if scene.item.geometry is None:
        return geometry
    part: BaseGeometry = shape(scene.item.geometry).buffer(0).intersection(geometry)
    return part


def _record(
    scene: str, time: datetime | None, outcome: Outcome, reason: str, rule: str = ""
) -> SceneRecord:
    when = time or datetime(1970, 1, 1, tzinfo=UTC)
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return SceneRecord(one_line(scene)[:200], when, outcome, reason, None, rule, None)
