"""The chapter of a dossier on terrain: ways of the water, what lies below, volumes."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10
from typing import Any

import shapely

from gossan.case.context import OpenCase
from gossan.case.documents import terrain_of
from gossan.case.sites import CaseSites
from gossan.core.csv_text import csv_bytes
from gossan.core.order import steady
from gossan.core.terrain import FlowEnd, SiteTerrain, SiteVolume, Target
from gossan.core.values import Measurement, SiteStatus
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import Block, Chapter, Grid, Heading, MapLine, MapPoint, Picture, Words
from gossan.io.dem import kept_dem
from gossan.observables.observable import Updated
from gossan.observables.terrain.dem import MAIN, folder_of
from gossan.observables.terrain.picture import way_picture
from gossan.observables.terrain.store import TerrainRun, run_of, sites_key, volumes_of

KEY, TITLE = "terrain", tr_later("Where the water goes")
BESIDE_M = 15.0
"""A place nearer to the way than half a cell of 30 m lies on it."""
MAP_DEGREES = 5e-5
"""A way on the map is drawn this true, degrees: about 5 m."""

MOST_ROWS = 60
"""Rows of a table on the page; the file beside it has them all."""


def terrain_chapter(now: Updated) -> Chapter | None:
    """The chapter; None before `gossan terrain`, and a single sentence where sites have changed
    since."""
    case, found = now.case, now.sites
    run = run_of(case)
    if run is None:
        return None
    if run.sites != sites_key(found.sites):
        name = case.folder.resolve().name
        return Chapter(
            KEY,
            tr_now(TITLE),
            tr(
                "The sites have changed since terrain was worked out, so nothing of it is shown. "
                "Run `gossan terrain {name}`, then write the dossier again.",
                name=name,
            ),
            (),
        )
    known, moved = terrain_of(case.db), volumes_of(case)
    sites = [known[s.id] for s in found.sites if s.id in known]
    volumes = [moved[s.id] for s in found.sites if s.id in moved]
    status = {s.id: s.status.value for s in found.sites}
    blocks = [*_way_blocks(case, run, found, sites, status), *_volume_blocks(run, volumes, status)]
    return Chapter(
        KEY,
        tr_now(TITLE),
        _lead(run, sites, status),
        tuple(blocks),
        tuple(_files(sites, volumes, status)),
        lines=tuple(_line(s) for s in sites if len(s.way) > 1),
        points=_points(sites),
    )


Status = Mapping[str, str]
"""Status of every site by id, in words."""


def _lead(run: TerrainRun, sites: Sequence[SiteTerrain], status: Status) -> str:
    if not sites:
        return tr("No site lies on the elevation model, so its water cannot be followed.")
    nearest = min(
        ((steady(t.along.value), t.name, s.site, t) for s in sites for t in s.targets),
        key=lambda row: row[:3],
        default=None,
    )
    start = tr("Water was followed downhill from {sites}", sites=_counted(sites, status))
    if run.places == 0:
        return tr(
            "{start}. No file of settlements, intakes or protected areas was given, or none of "
            "its places lies on the elevation model.",
            start=start,
        )
    if nearest is None:
        return tr(
            "{start}. None of the {places} places given lies within {aside_m:g} m of a way as far "
            "as it is known. That is no proof that none is reached: see where the ways end.",
            start=start,
            places=run.places,
            aside_m=run.aside_m,
        )
    along, name, site, target = nearest
    named = len({(t.kind, t.name) for s in sites for t in s.targets})
    return tr(
        "{start}; {named} of the {places} places given lie along the way. The nearest is {name} "
        "({kind}), {along:.1f} km below {site} ({status}); it is passed in {passed:.0f} % of the "
        "models with errors.",
        start=start,
        named=named,
        places=run.places,
        name=name,
        kind=target.kind.value,
        along=along,
        site=site,
        status=status[site],
        passed=100 * target.passed.value,
    )


def _counted(sites: Sequence[SiteTerrain], status: Status) -> str:
    """Sites by status, e.g. "3 confirmed and 1 provisional sites"."""
    counts = Counter(status[s.site] for s in sites)
    named = [s.value for s in (SiteStatus.CONFIRMED, SiteStatus.PROVISIONAL) if counts[s.value]]
    parts = tr(" and ").join(f"{counts[s]} {tr_now(s)}" for s in named)
    return f"{parts} {'site' if len(sites) == 1 else 'sites'}"


def _with_head(head: Sequence[str]) -> tuple[str, ...]:
    """The head of such rows, each on one line."""
    return tuple(tr_now(h).replace("\n", " ") for h in (head[0], tr_later("Status"), *head[1:]))


def _with_status(row: tuple[str, ...], status: Status) -> tuple[str, ...]:
    """A row that begins with a site, its status put beside it."""
    return (row[0], status[row[0]], *row[1:])


def _way_blocks(
    case: OpenCase, run: TerrainRun, found: CaseSites, sites: Sequence[SiteTerrain], status: Status
) -> Iterable[Block]:
    if not sites:
        return
    model = kept_dem(folder_of(case), MAIN)
    if model is not None:
        on = {s.site for s in sites}
        shapes = [s.geometry for s in found.sites if s.id in on]
        yield Picture(
            way_picture(model.elevation, shapes, sites),
            tr(
                "Relief of the ground with the sites in orange, the ways of their water in blue "
                "and the places beside them."
            ),
            tr(
                "Sites (orange) and the way of their water (blue) on {model}. Names stand where "
                "the way comes nearest. The map of the page shows the ways too.",
                model=run.model,
            ),
        )
    rows = [_with_status(target_row(s.site, t), status) for s in sites for t in s.targets]
    if rows:
        cut = (
            tr(" The first {most_rows} of {n_rows}.", most_rows=MOST_ROWS, n_rows=len(rows))
            if len(rows) > MOST_ROWS
            else ""
        )
        yield Grid(
            tr(
                "Places beside the way, by site and distance along the flow (95 % interval over "
                "models).{cut} All: data/targets.csv.",
                cut=cut,
            ),
            _with_head(TARGET_HEAD),
            tuple(rows[:MOST_ROWS]),
            frozenset({4, 5, 6, 7}),
        )
    yield Grid(
        tr(
            "Slope (95 % of the site's ground), distance to the channel, length of the way "
            "followed, and rank by relative erosion index (1: most prone). The rank is no amount "
            "of soil."
        ),
        _with_head(GROUND_HEAD),
        tuple(_with_status(ground_row(s), status) for s in sites[:MOST_ROWS]),
        frozenset({2, 3, 4, 5}),
    )
    yield Words(means(run), small=True)
    yield from (Words(text, small=True) for text in _cautions(run, sites))


def _cautions(run: TerrainRun, sites: Sequence[SiteTerrain]) -> Iterable[str]:
    ends = sorted({ending(s, run.reach_km) for s in sites})
    yield (
        ends[0]
        if len(ends) == 1
        else tr(
            'Some ways leave the elevation model before the distance asked for (marked "edge"): what '
            "lies beyond is not known."
        )
    )
    split = [s for s in sites if s.joins < 0.9]
    if split:
        parts = ", ".join(f"{s.site} ({100 * s.joins:.0f} %)" for s in split[:12])
        yield tr(
            "Only part of the ground of these sites drains into the way followed: {parts}.",
            parts=parts,
        )
    hollow = [s for s in sites if s.hollow_m > 0]
    if hollow:
        parts = ", ".join(f"{s.site} ({s.hollow_m:.1f} m)" for s in hollow[:12])
        yield tr(
            "These sites lie in a hollow of the model (depth): {parts}. Water leaves it only when "
            "it is full, or is pumped; a model can show hollows that are not there.",
            parts=parts,
        )
    if run.off:
        yield tr("{n_off} sites do not lie on the elevation model.", n_off=len(run.off))
    yield tr(
        "The model is of one date, and a surface with trees and buildings; dams, culverts, canals "
        "and pipes are not in it."
    )


def _volume_blocks(
    run: TerrainRun, volumes: Sequence[SiteVolume], status: Status
) -> Iterable[Block]:
    if not volumes or run.alignment is None:
        return
    a = run.alignment
    east, north, up = a.shift_m
    yield Heading(tr("Volumes moved"))
    yield Words(
        tr(
            "Heights of {later} minus those of {model}, in cells of {cell_m:.0f} m: what a site "
            "gained is positive, what was dug negative. The later model was moved by {east} m "
            "east, {north} m north and {up} m up to fit ground outside the sites; there the "
            "differences then spread by {nmad_after:.2f} m (NMAD; before {nmad_before:.2f} m).",
            later=run.later,
            model=run.model,
            cell_m=a.cell_m,
            east=shown(east, 1),
            north=shown(north, 1),
            up=shown(up, 1),
            nmad_after=a.nmad_after,
            nmad_before=a.nmad_before,
        )
    )
    yield Grid(
        tr("Volume and mean change of height with 95 % intervals. All: data/volumes.csv."),
        _with_head(VOLUME_HEAD),
        tuple(_with_status(volume_row(v), status) for v in volumes[:MOST_ROWS]),
        frozenset({2, 3}),
    )


def _line(site: SiteTerrain) -> MapLine:
    """The way with as few corners as the map can show; the whole is in data/flow.geojson."""
    few = shapely.LineString(site.way).simplify(MAP_DEGREES)
    way = tuple((float(x), float(y)) for x, y in few.coords)
    return MapLine(tr("Way of the water from {site}", site=site.site), way)


def _points(sites: Sequence[SiteTerrain]) -> tuple[MapPoint, ...]:
    """Every place once, where the first site's way passes it."""
    seen: dict[tuple[str, str], MapPoint] = {}
    for site in sites:
        for t in site.targets:
            seen.setdefault((t.kind.value, t.name), MapPoint(f"{t.name} ({t.kind.value})", t.at))
    return tuple(seen.values())


def _files(
    sites: Sequence[SiteTerrain], volumes: Sequence[SiteVolume], status: Status
) -> Iterable[tuple[str, bytes]]:
    yield "flow.geojson", _geojson(sites, status)
    yield "terrain.csv", _csv(
        ("site", "status", "slope_degrees", "slope_low", "slope_high", "channel_m", "channel_low",
         "channel_high", "channel_km2", "outlet_lon", "outlet_lat", "drains_into_way",
         "hollow_m", "length_km", "end", "relief_index", "rank", "rank_low", "rank_high"),
        ((s.site, status[s.site], *_three(s.slope), *_three(s.channel), s.channel_km2, *s.outlet,
          s.joins, s.hollow_m, s.length_km, s.end.value, s.relief_index,
          *_three(s.rank)) for s in sites),
    )  # fmt: skip
    yield "targets.csv", _csv(
        ("site", "status", "place", "kind", "file", "along_km", "along_low", "along_high",
         "aside_m", "above_m", "passed", "passed_low", "passed_high", "lon", "lat", "method"),
        ((s.site, status[s.site], t.name, t.kind.value, t.source, *_three(t.along), t.aside_m,
          t.above_m, *_three(t.passed), *t.at, t.along.method) for s in sites for t in s.targets),
    )  # fmt: skip
    if volumes:
        yield "volumes.csv", _csv(
            ("site", "status", "volume_m3", "low", "high", "depth_m", "depth_low", "depth_high",
             "known_share", "cells"),
            ((v.site, status[v.site], *_three(v.volume), *_three(v.depth), v.known_share, v.cells)
             for v in volumes),
        )  # fmt: skip


def _three(m: Measurement | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if m is None else (m.value, m.low, m.high)


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table whose numbers have six decimals, as coordinates need them."""
    return csv_bytes(head, ([_decimals(v) for v in row] for row in rows))


def _decimals(value: object) -> object:
    if not isinstance(value, float) or not math.isfinite(value):
        return value
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _geojson(sites: Sequence[SiteTerrain], status: Status) -> bytes:
    features: list[dict[str, Any]] = []
    for s in sites:
        if len(s.way) > 1:
            line = {"type": "LineString", "coordinates": [list(p) for p in s.way]}
            about = {
                "site": s.site,
                "status": status[s.site],
                "length_km": round(s.length_km, 4),
                "end": s.end.value,
            }
            features.append({"type": "Feature", "geometry": line, "properties": about})
        for t in s.targets:
            point = {"type": "Point", "coordinates": list(t.at)}
            said = {
                "site": s.site,
                "status": status[s.site],
                "place": t.name,
                "kind": t.kind.value,
                "along_km": round(t.along.value, 4),
                "passed": round(t.passed.value, 4),
            }
            features.append({"type": "Feature", "geometry": point, "properties": said})
    whole = {"type": "FeatureCollection", "features": features}
    return (json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def ground_row(site: SiteTerrain) -> tuple[str, ...]:
    """Site, slope, distance to the channel, length of the way, how it ends, erosion rank."""
    slope = tr("not known") if site.slope is None else _range(site.slope, 0)
    channel = tr("not within the way") if site.channel is None else _range(site.channel, 0)
    rank = site.rank
    rank_range = (
        ""
        if rank.low == rank.high
        else tr(" ({low:.0f} to {high:.0f})", low=rank.low, high=rank.high)
    )
    return (
        site.site,
        slope,
        channel,
        f"{site.length_km:.1f}{', edge' if site.end is FlowEnd.EDGE else ''}",
        f"{rank.value:.0f}{rank_range}",
    )


GROUND_HEAD = (
    tr_later("Site"),
    tr_later("Slope,\ndegrees"),
    tr_later("To channel,\nm"),
    tr_later("Followed,\nkm"),
    tr_later("Erosion\nrank"),
)


def target_row(site: str, target: Target) -> tuple[str, ...]:
    """Site, place, kind, distance along the flow, how far aside, height above it, how often."""
    return (
        site,
        target.name,
        tr_now(target.kind.value),
        _range(target.along, 1),
        aside(target),
        "" if target.above_m is None else shown(target.above_m, sign="+"),
        f"{100 * target.passed.value:.0f} %",
    )


TARGET_HEAD = (
    tr_later("Site"),
    tr_later("Place"),
    tr_later("Kind"),
    tr_later("Along the\nflow, km"),
    tr_later("Aside, m"),
    tr_later("Above,\nm"),
    tr_later("In models"),
)


def aside(target: Target) -> str:
    """How far a place lies from the way, in words where it lies on it or off it."""
    if target.aside_m is None:
        return tr("only in some models")
    return tr("on the way") if target.aside_m < BESIDE_M else f"{target.aside_m:.0f}"


def volume_row(site: SiteVolume) -> tuple[str, ...]:
    """Site, volume and mean change of height with their intervals."""
    if site.volume is None or site.depth is None:
        why = tr(
            "{cells} cells, {known_share:.0f} % with heights",
            cells=site.cells,
            known_share=100 * site.known_share,
        )
        return site.site, tr("not measurable"), why
    return site.site, _range(site.volume, _digits(site.volume)), _range(site.depth, 1)


VOLUME_HEAD = (
    tr_later("Site"),
    tr_later("Volume gained, m3"),
    tr_later("Mean change of height, m"),
)


def means(run: TerrainRun) -> str:
    """How the figures are to be read."""
    return tr(
        "Ways follow the steepest descent on {model} (cells of {cell_m:.0f} x {cell_m2:.0f} m) "
        "with hollows filled. 'In models': share of {realisations} models with errors of "
        "{error_m:g} m (alike over {error_range_m:g} m) whose way passes the place within "
        "{aside_m:g} m. A channel is a way with at least {channel_km2:g} km2 of land above it. "
        "Distance is along the flow; how long water takes is not known.",
        model=run.model,
        cell_m=run.cell_m[0],
        cell_m2=run.cell_m[1],
        realisations=run.realisations,
        error_m=run.error_m,
        error_range_m=run.error_range_m,
        aside_m=run.aside_m,
        channel_km2=run.channel_km2,
    )


def ending(site: SiteTerrain, reach_km: float) -> str:
    """How a way ends, one sentence."""
    if site.end is FlowEnd.EDGE:
        return tr(
            "After {length_km:.1f} km the way leaves the elevation model: not known beyond here.",
            length_km=site.length_km,
        )
    return tr("The way was followed for the {reach_km:g} km asked for.", reach_km=reach_km)


def _digits(m: Measurement) -> int:
    """Decimals (negative: tens, hundreds) that leave two digits of half the interval."""
    half = (m.high - m.low) / 2
    return 1 - floor(log10(half)) if half > 0 else 0


def _range(m: Measurement, digits: int) -> str:
    """Value and interval; one number where both are the same to the digits shown."""
    low, value, high = (shown(v, digits) for v in (m.low, m.value, m.high))
    return (
        value
        if low == value == high
        else tr("{value} ({low} to {high})", value=value, low=low, high=high)
    )


def shown(value: float, digits: int = 0, sign: str = "") -> str:
    """A number to so many decimals (negative: tens, hundreds), never minus zero."""
    return f"{round(value, digits) + 0.0:{sign},.{max(digits, 0)}f}"
