"""`gossan traffic`: moving bright large vehicles on the roads of a case, pass by pass.

No place of a vehicle leaves this module: what is kept are counts of whole roads by pass, and of
sections over all passes. Nothing is matched between scenes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from scipy import stats

from gossan.core import passes as many
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file, hash_json
from gossan.core.measured import Reading, Series, Subject
from gossan.core.plain import from_plain, to_plain
from gossan.core.progress import Progress
from gossan.core.traffic import Pass, Road, Section, Seen, TrafficRun
from gossan.core.values import Measurement
from gossan.io.roads import read_roads
from gossan.io.scenes import pixel_metres
from gossan.run import road_strips
from gossan.run.documents import all_of, digest, document, record
from gossan.run.monitoring import Look
from gossan.run.opened import OpenCase, open_case
from gossan.run.road_strips import Path as RoadPath
from gossan.run.road_strips import laid_roads, paths_of
from gossan.run.state import Monitored, monitored
from gossan.run.traffic_limits import SEED, limits_of_scenes
from gossan.traffic import null
from gossan.traffic.detect import LEAST, Detections, searched, strip_of, under_null
from gossan.traffic.limits import Laid
from gossan.traffic.motion import BANDS, null_orders

METHOD = "traffic.index.v1"
PART, RUN, ONLY = "traffic_part", "traffic-run", "last"
SERIES = "traffic"
FOLDER = "roads"
"""In the case, for a file of roads given from elsewhere."""
QUANTITY = "moving bright large vehicles, excess"
SECTION_M = 2000.0
"""The smallest stretch of road that is told of."""
LEAST_KM = 1.0
"""Usable road a pass needs."""
CLOUDY = 0.01
"""Detections gather beside cloud where chance does so in less than this share of cases."""
HEADING = (
    "No heading is told: it needs the detector of every pixel (MSK_DETFOO), which the catalogues "
    "do not offer; between odd and even detectors its sign turns round."
)


@dataclass(frozen=True)
class Asked:
    """What a person asks; None takes what `case.toml` says."""

    roads: Path | None = None
    split: date | None = None


@dataclass
class Part:
    """What is done so far, so that a killed run goes on.

    Attributes
    ----------
    looks : key of a look -> the pass, plain
    sections : key of a look -> for each section usable km, found, expected
    """

    looks: dict[str, Any]
    sections: dict[str, list[list[float]]]


def measure_traffic(folder: Path, asked: Asked, progress: Progress) -> TrafficRun:
    """Look for moving vehicles in every scene of a case; see `gossan traffic --help`.

    Asked again, nothing is computed again. Raises GossanError (STATE) before the first update,
    (TRAFFIC) for the roads, for bands that are missing and for pixels that are not of 10 m.
    """
    with open_case(folder) as case:
        state = monitored(case)
        file = _kept(case, asked.roads)
        _check(state)
        roads = read_roads(file, case.config.geometry)
        split = asked.split or case.config.traffic.split
        key = hash_json({"method": METHOD, "state": state.head.chain, "roads": hash_file(file),
                         "looks": [look.name for look in state.looks]})  # fmt: skip
        paths = paths_of(roads, state.grid, state.frame.inside)
        part = _part(case, key)
        _passes(case, state, paths, part, key, progress)
        passes = many.set_aside([from_plain(Pass, part.looks[x.key]) for x in state.looks])
        seen = limits_of_scenes(state, paths, passes, progress)
        name = file.relative_to(case.folder).as_posix()
        run = _run((key, name), roads, paths, passes, _sections(paths, part, passes), seen, split)
        _keep(case, run, hash_file(file))
        return run


def _kept(case: OpenCase, given: Path | None) -> Path:
    """The file of roads in the case folder; one given from elsewhere is copied there first, so
    that the dossier can be checked with it."""
    name = case.config.traffic.roads
    if given is None and name is None:
        kept = sorted((case.folder / FOLDER).glob("*"))
        if len(kept) == 1:
            return kept[0]
        raise GossanError(
            Code.TRAFFIC, "The case names no file of roads.",
            "Give one with --roads FILE, or as roads in [traffic] of case.toml.",
        )  # fmt: skip
    if given is None:
        assert name is not None
        return case.folder / name
    if given.resolve().is_relative_to(case.folder.resolve()):
        return case.folder / given.resolve().relative_to(case.folder.resolve())
    read_roads(given, case.config.geometry)  # nothing that cannot be read is kept
    shutil.rmtree(case.folder / FOLDER, ignore_errors=True)
    (case.folder / FOLDER).mkdir()
    return Path(shutil.copy(given, case.folder / FOLDER / given.name))


def traffic_of(case: OpenCase) -> TrafficRun | None:
    """What `gossan traffic` last found, None where it was never called."""
    return all_of(case.db, RUN, TrafficRun).get(ONLY)


def roads_followed(case: OpenCase) -> tuple[str, ...] | None:
    """Names of the roads looked at, None where none were. Nothing seen there is among it."""
    run = traffic_of(case)
    return None if run is None else run.names


def _check(state: Monitored) -> None:
    missing = [b for b in BANDS if b not in state.frame.bands]
    if missing:
        raise GossanError(
            Code.TRAFFIC, f"Moving vehicles need {', '.join(BANDS)}; the case reads no "
            f"{', '.join(missing)}.", "Use a collection that has all four.",
        )  # fmt: skip
    size = pixel_metres(state.grid)
    if not all(9.0 <= s <= 11.0 for s in size):
        raise GossanError(
            Code.TRAFFIC, "Moving vehicles need pixels of 10 m; those of the case have "
            f"{size[0]:.1f} x {size[1]:.1f} m.", "Use a source in its own projection.",
        )  # fmt: skip


def _part(case: OpenCase, key: str) -> Part:
    text = case.db.get(PART)
    body = json.loads(text) if text else {}
    if body.pop("key", None) != key:
        return Part({}, {})
    return Part(**body)


def _passes(
    case: OpenCase, state: Monitored, paths: Sequence[RoadPath], part: Part, key: str,
    progress: Progress,
) -> None:  # fmt: skip
    """Fill `part`; what is done is kept after every tenth pass and at the end."""
    open_ = [look for look in state.looks if look.key not in part.looks]
    if not open_:
        return
    try:
        with progress.task("Looking along roads", len(open_)) as task:
            for n, look in enumerate(open_):
                found, sections = _one(state, paths, look)
                part.looks[look.key] = to_plain(found)
                part.sections[look.key] = sections
                if n % 10 == 9:
                    case.db.put(PART, json.dumps({"key": key, **asdict(part)}))
                task.advance()
    finally:
        case.db.put(PART, json.dumps({"key": key, **asdict(part)}))


def _one(state: Monitored, paths: Sequence[RoadPath], look: Look) -> tuple[Pass, list[list[float]]]:
    """One pass, and what of it lies in each section."""
    day = from_day(look.day)
    with state.frame.scenes.opened(look.key) as pixels:
        laid = laid_roads(pixels, state.frame, paths)
        far = laid_roads(pixels, state.frame, paths, road_strips.BESIDE_M)
    km = sum(float(r.usable[r.middle].sum()) for r in laid) / 100
    empty = [[0.0, 0.0, 0.0] for p in paths for _ in _cuts(p)]
    if km < LEAST_KM:
        why = f"{km:.1f} km of road could be looked at: cloud, shade, snow or trees hide the rest."
        return Pass(day, look.key, km, 0, (), None, None, why), empty
    strips = [strip_of(r.values, r.usable) for r in laid]
    found, places, noise = searched(strips)
    open_km = km - sum(float((p & r.usable)[r.middle].sum())
                       for p, r in zip(places, laid, strict=True)) / 100  # fmt: skip
    scale = km / max(open_km, 0.1)
    counts = tuple(under_null(strips, places, noise, o) * scale for o in null_orders())
    total = sum(map(len, found))
    beside = _beside_cloud(laid, far, found, total)
    rate = sum(counts) / len(counts) / km
    rows = []
    for p, r, f in zip(paths, laid, found, strict=True):
        for cut in _cuts(p):
            length = float(r.usable[r.middle][cut].sum()) / 100
            inside = int(((f.at >= cut.start) & (f.at < cut.stop)).sum())
            rows.append([length, inside, rate * length])
    one = Pass(day, look.key, km, total, counts, null.expected(counts, look.key),
               null.excess(total, counts, look.key), beside)  # fmt: skip
    return one, rows


def _beside_cloud(
    laid: Sequence[Laid], far: Sequence[Laid], found: Sequence[Detections], total: int
) -> str:
    """Why a pass is not used whose detections gather beside cloud, "" where they do not."""
    near_km = all_km = 0.0
    near = 0
    for a, b, f in zip(laid, far, found, strict=True):
        beside = a.usable[a.middle] & ~b.usable[b.middle]
        near_km, all_km = near_km + beside.sum() / 100, all_km + a.usable[a.middle].sum() / 100
        near += int(beside[f.at].sum())
    if near < 3 or all_km == 0 or near_km == 0:
        return ""
    chance = float(stats.binom.sf(near - 1, total, near_km / all_km))
    if chance >= CLOUDY:
        return ""
    return (f"{near} of {total} detections lie within {road_strips.BESIDE_M:.0f} m of cloud, on "
            f"{near_km / all_km:.0%} of the road: cloud moves between bands too.")  # fmt: skip


def _cuts(p: RoadPath) -> list[slice]:
    """The sections of a road, as samples; a short rest belongs to the one before."""
    n, each = p.rows.shape[1], int(SECTION_M / 10)
    edges = [*range(0, max(n - each // 2, 1), each), n]
    return [slice(a, b) for a, b in pairwise(edges)]


def _sections(paths: Sequence[RoadPath], part: Part, passes: Sequence[Pass]) -> tuple[Section, ...]:
    """Sums over the passes that are used; roads without a name are numbered."""
    used = [part.sections[p.scene] for p in passes if not p.aside]
    out, row = [], 0
    for k, p in enumerate(paths):
        for cut in _cuts(p):
            mine = [rows[row] for rows in used]
            km, found, want = (float(sum(m[i] for m in mine)) for i in range(3))
            low, high = (float(stats.poisson.ppf(q, want)) if want > 0 else 0.0
                         for q in (0.025, 0.975))  # fmt: skip
            name = p.road.name or f"{p.road.kind} {k + 1}"
            told = f"{name}, km {cut.start / 100:.0f} to {cut.stop / 100:.1f}"
            expected = Measurement("expected false detections", want, "1", min(low, want),
                                   max(high, want), null.LEVEL, null.METHOD)  # fmt: skip
            out.append(Section(told, (cut.stop - cut.start) / 100, km, int(found), expected))
            row += 1
    return tuple(out)


def _run(
    of: tuple[str, str], roads: Sequence[Road], paths: Sequence[RoadPath], passes: tuple[Pass, ...],
    sections: tuple[Section, ...], seen: tuple[Seen, ...], split: date | None,
) -> TrafficRun:  # fmt: skip
    km = [float(p.inside[p.inside.shape[0] // 2].sum()) / 100 for p in paths]
    straight = [float((p.inside[p.inside.shape[0] // 2] & p.straight).sum()) / 100 for p in paths]
    by_kind: dict[str, float] = {}
    for p, length in zip(paths, km, strict=True):
        by_kind[p.road.kind] = by_kind.get(p.road.kind, 0.0) + length
    names = tuple(dict.fromkeys(r.name for r in roads if r.name))
    return TrafficRun(
        *of, len(names) or len(roads), sum(km), sum(straight), names, tuple(by_kind.items()), LEAST,
        null_orders(), passes, sections, seen, split,
        None if split is None else many.change(passes, split), HEADING,
    )  # fmt: skip


def _keep(case: OpenCase, run: TrafficRun, roads: str) -> None:
    """The run, its series and the ledger record in one; nothing where nothing changed."""
    if case.db.documents(RUN).get(ONLY) == to_plain(run):
        return
    series = series_from(case, run)
    record(
        case.db, "traffic", {"roads": roads, "file": run.file, "key": run.key},
        {"run": digest(run), "series": digest(series)},
        [document(RUN, ONLY, run), document("series", SERIES, series)],
        {"split": str(run.split), "least": run.least, "seed": SEED},
    )  # fmt: skip


def series_from(case: OpenCase, run: TrafficRun) -> Series:
    """Excess per usable km, a reading a pass."""
    at = case.config.geometry.representative_point()
    readings = tuple(_reading(p) for p in sorted(run.passes, key=lambda p: p.day))
    place = run.names[0] if len(run.names) == 1 else "all roads"
    return Series(SERIES, QUANTITY, "1/km", null.LEVEL, METHOD, Subject.ROAD, SERIES, place,
                  at.x, at.y, readings)  # fmt: skip


def _reading(p: Pass) -> Reading:
    if p.aside or p.excess is None:
        return Reading.missing(p.day, p.scene, p.aside)
    e = p.excess
    value, low, high = (round(v / p.usable_km, 6) for v in (e.value, e.low, e.high))
    return Reading(p.day, p.scene, value, low, high, p.found)
