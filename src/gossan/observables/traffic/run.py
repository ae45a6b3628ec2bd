"""`gossan traffic`: moving bright large vehicles on the roads of a case, pass by pass.

No place of a vehicle leaves this module: what is kept are counts of whole roads by pass, and of
sections over all passes. Nothing is matched between scenes.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import fsum
from pathlib import Path
from typing import Any

from scipy import stats

from gossan.case.context import OpenCase, consult_case
from gossan.case.documents import all_of, digest, document, record, series_of
from gossan.case.state import Monitored, monitored
from gossan.case.unfinished import keep, resumed
from gossan.core import overpasses as many
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file, hash_json
from gossan.core.measured import Reading, Series, Subject
from gossan.core.progress import Progress
from gossan.core.serialise import from_plain, to_plain
from gossan.core.traffic import Pass, Road, Section, Seen, TrafficRun
from gossan.core.values import Measurement
from gossan.core.words import tr
from gossan.io.roads import read_roads
from gossan.io.scenes import pixel_metres
from gossan.io.whole import copy
from gossan.observables.observable import Again
from gossan.observables.traffic import null
from gossan.observables.traffic.detect import LEAST
from gossan.observables.traffic.measured_width import opened, width_series
from gossan.observables.traffic.motion import BANDS, null_orders
from gossan.observables.traffic.overpasses import passed
from gossan.observables.traffic.strips import Path as RoadPath
from gossan.observables.traffic.strips import cuts, paths_of, section_name
from gossan.observables.traffic.trials import SEED, limits_of_scenes
from gossan.observables.traffic.width import REACH_M

METHOD = "traffic.index.v1"
PART, RUN, ONLY = "traffic_part", "traffic-run", "last"
SERIES = "traffic"
FOLDER = "roads"
"""In the case, for a file of roads given from elsewhere."""
QUANTITY = "moving bright large vehicles, excess"
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
    opens : key of a look -> for each section its open ground, plain
    """

    looks: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, list[list[float]]] = field(default_factory=dict)
    opens: dict[str, list[Any]] = field(default_factory=dict)


def measure_traffic(folder: Path, asked: Asked, progress: Progress) -> TrafficRun:
    """Look for moving vehicles in every scene of a case; see `gossan traffic --help`.

    Asked again, nothing is computed again. Raises GossanError (STATE) before the first update,
    (TRAFFIC) for the roads, for bands that are missing and for pixels that are not of 10 m.
    """
    with consult_case(folder, progress) as case:
        state = monitored(case)
        file, name = _kept(case, asked.roads)
        _check(state)
        roads = read_roads(file, case.config.geometry)
        split = asked.split or case.config.traffic.split
        key = hash_json(
            {
                "method": METHOD,
                "state": state.head.chain,
                "roads": hash_file(file),
                "looks": [look.name for look in state.looks],
            }
        )
        paths = paths_of(roads, state.grid, state.frame.inside)
        part = resumed(case, PART, key, Part)
        _passes(case, state, roads, paths, part, key, progress)
        passes = many.set_aside([from_plain(Pass, part.looks[x.key]) for x in state.looks])
        seen = limits_of_scenes(state, paths, passes, progress)
        run = _run((key, name), roads, paths, passes, _sections(paths, part, passes), seen, split)
        widths = width_series(case, paths, part.opens, state.looks)
        _keep(case, run, widths, hash_file(file))
        return run


def _kept(case: OpenCase, given: Path | None) -> tuple[Path, str]:
    """The file of roads to read and its name in the case folder; one given from elsewhere is
    copied there first, so that the dossier can be checked with it. No file there is replaced."""
    name = case.config.traffic.roads
    if given is None and name is None:
        before = traffic_of(case)
        if before is not None and (case.folder / before.file).is_file():
            return case.folder / before.file, before.file
        kept = [p for p in (case.folder / FOLDER).glob("*") if not p.name.startswith(".")]
        if len(kept) == 1:
            return kept[0], f"{FOLDER}/{kept[0].name}"
        raise GossanError(
            Code.TRAFFIC,
            tr("The case names no file of roads."),
            tr("Give one with --roads FILE, or as roads in [traffic] of case.toml."),
        )
    if given is None:
        assert name is not None
        return case.folder / name, name
    if given.resolve().is_relative_to(case.folder.resolve()):
        inside = given.resolve().relative_to(case.folder.resolve())
        return case.folder / inside, inside.as_posix()
    read_roads(given, case.config.geometry)  # nothing that cannot be read is kept
    place = case.folder / FOLDER / given.name
    if place.exists() and hash_file(place) != hash_file(given):
        mark = hash_file(given).removeprefix("sha256:")[:12]
        place = place.with_name(f"{given.stem}-{mark}{given.suffix}")
    name = f"{FOLDER}/{place.name}"
    if case.db.private:
        return given, name
    if not place.exists():
        place.parent.mkdir(exist_ok=True)
        copy(given, place)
    return place, name


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
            Code.TRAFFIC,
            tr(
                "Moving vehicles need {bands}; the case reads no {missing}.",
                bands=", ".join(BANDS),
                missing=", ".join(missing),
            ),
            tr("Use a collection that has all four."),
        )
    size = pixel_metres(state.grid)
    if not all(9.0 <= s <= 11.0 for s in size):
        raise GossanError(
            Code.TRAFFIC,
            tr(
                "Moving vehicles need pixels of 10 m; those of the case have {size:.1f} x "
                "{size2:.1f} m.",
                size=size[0],
                size2=size[1],
            ),
            tr("Use a source in its own projection."),
        )


def _passes(
    case: OpenCase,
    state: Monitored,
    roads: Sequence[Road],
    paths: Sequence[RoadPath],
    part: Part,
    key: str,
    progress: Progress,
) -> None:
    """Fill `part`; what is done is kept after every tenth pass and at the end."""
    open_ = [look for look in state.looks if look.key not in part.looks]
    if not open_:
        return
    wide = paths_of(roads, state.grid, state.frame.inside, REACH_M)
    try:
        with progress.task(tr("Looking along roads"), len(open_)) as task:
            for n, look in enumerate(open_):
                found, sections = passed(state, paths, look)
                part.looks[look.key] = to_plain(found)
                part.sections[look.key] = sections
                part.opens[look.key] = [to_plain(o) for o in opened(state, wide, look)]
                if n % 10 == 9:
                    keep(case, PART, key, part)
                task.advance()
    finally:
        keep(case, PART, key, part)


def _sections(paths: Sequence[RoadPath], part: Part, passes: Sequence[Pass]) -> tuple[Section, ...]:
    """Sums over the passes that are used; roads without a name are numbered."""
    used = [part.sections[p.scene] for p in passes if not p.aside]
    out, row = [], 0
    for k, p in enumerate(paths):
        for cut in cuts(p):
            mine = [rows[row] for rows in used]
            km, found, want = (float(fsum(m[i] for m in mine)) for i in range(3))
            low, high = (
                float(stats.poisson.ppf(q, want)) if want > 0 else 0.0 for q in (0.025, 0.975)
            )
            told = section_name(p, k, cut)
            expected = Measurement(
                "expected false detections",
                want,
                "1",
                min(low, want),
                max(high, want),
                null.LEVEL,
                null.METHOD,
            )
            out.append(Section(told, (cut.stop - cut.start) / 100, km, int(found), expected))
            row += 1
    return tuple(out)


def _run(
    of: tuple[str, str],
    roads: Sequence[Road],
    paths: Sequence[RoadPath],
    passes: tuple[Pass, ...],
    sections: tuple[Section, ...],
    seen: tuple[Seen, ...],
    split: date | None,
) -> TrafficRun:
    km = [float(p.inside[p.inside.shape[0] // 2].sum()) / 100 for p in paths]
    straight = [float((p.inside[p.inside.shape[0] // 2] & p.straight).sum()) / 100 for p in paths]
    by_kind: dict[str, float] = {}
    for p, length in zip(paths, km, strict=True):
        by_kind[p.road.kind] = by_kind.get(p.road.kind, 0.0) + length
    names = tuple(dict.fromkeys(r.name for r in roads if r.name))
    return TrafficRun(
        *of,
        len(names) or len(roads),
        fsum(km),
        fsum(straight),
        names,
        tuple(by_kind.items()),
        LEAST,
        null_orders(),
        passes,
        sections,
        seen,
        split,
        None if split is None else many.change(passes, split),
        HEADING,
    )


def _keep(case: OpenCase, run: TrafficRun, widths: Sequence[Series], roads: str) -> None:
    """The run, its series and the ledger record in one; nothing where nothing changed."""
    series = {s.id: s for s in (series_from(case, run), *widths)}
    known = {i: s for i, s in series_of(case.db).items() if s.subject is Subject.ROAD}
    if case.db.documents(RUN).get(ONLY) == to_plain(run) and known == series:
        return
    record(
        case.db,
        "traffic",
        {"roads": roads, "file": run.file, "key": run.key},
        {"run": digest(run), "series": {i: digest(s) for i, s in series.items()}},
        [
            document(RUN, ONLY, run),
            *(document("series", i, s) for i, s in series.items()),
            *(document("series", i, None) for i in known if i not in series),
        ],
        {"split": str(run.split), "least": run.least, "seed": SEED},
    )


def series_from(case: OpenCase, run: TrafficRun) -> Series:
    """Excess per usable km, a reading a pass."""
    at = case.config.geometry.representative_point()
    readings = tuple(_reading(p) for p in sorted(run.passes, key=lambda p: p.day))
    place = run.names[0] if len(run.names) == 1 else "all roads"
    return Series(
        SERIES,
        QUANTITY,
        "1/km",
        null.LEVEL,
        METHOD,
        Subject.ROAD,
        SERIES,
        place,
        at.x,
        at.y,
        readings,
    )


def _reading(p: Pass) -> Reading:
    if p.aside or p.excess is None:
        return Reading.missing(p.day, p.scene, p.aside)
    e = p.excess
    value, low, high = (round(v / p.usable_km, 6) for v in (e.value, e.low, e.high))
    return Reading(p.day, p.scene, value, low, high, p.found)


def traffic_again(rerun: Again) -> tuple[str, ...]:
    """Look along the roads again in the new case, with the file of roads that the case named
    still holds. Returns, in words, why it was not done."""
    last, folder, case = rerun.last("traffic"), rerun.folder, rerun.case
    if last is None:
        return ()
    name, wanted = last["inputs"]["file"], last["inputs"]["roads"]
    path = None if case is None else case / name
    if path is None or not path.is_file() or hash_file(path) != wanted:
        return (
            tr(
                "Traffic was not computed anew: it needs the file of roads. Name the case that "
                "holds it with --case."
            ),
        )
    (folder / name).parent.mkdir(exist_ok=True)
    roads = Path(shutil.copy(path, folder / name))
    until = last["parameters"]["split"]
    split = None if until == "None" else date.fromisoformat(until)
    measure_traffic(folder, Asked(roads, split), rerun.progress)
    return ()
