"""Read what is new, bring the state up to date and record the evidence of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase
from gossan.case.monitoring import Acquisition, Frame
from gossan.case.offsets import offset_findings
from gossan.case.sensors import Sensor
from gossan.case.state import frame_of, stored_grid
from gossan.case.state_evidence import StateEvidence
from gossan.core.addresses import asset, public
from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.core.values import REFUTED, UNTESTED, Outcome, Scene, SceneRecord
from gossan.core.words import tr, tr_now
from gossan.evidence.ledger import Step
from gossan.io.catalogue.search import CatalogueScene, SearchResult
from gossan.io.catalogue.sources import Source
from gossan.io.dark_object import DarkFinding, DarkVerdict
from gossan.io.grids import estimate, grid_for
from gossan.io.scenes import SceneStore, grid_json
from gossan.io.state.store import StateStore
from gossan.io.stored_scene import StoredScene
from gossan.run.blocks import Engine
from gossan.run.engine import Threads
from gossan.run.follow import Driver, Target, UpdateSummary, fit_key
from gossan.run.reading import read_all

IN_WORK = "state_in_work"
"""Mark in the database while the state is being written."""


@dataclass(frozen=True)
class Work:
    """What an update has to do for a sensor: read `new` onto `grid` in `bands`, then monitor
    `found`."""

    sensor: Sensor
    source: Source
    found: SearchResult
    grid: GeoBox
    bands: tuple[str, ...]
    new: tuple[CatalogueScene, ...]

    @property
    def announcement(self) -> str:
        """What will be read, for a person."""
        size = estimate(self.new, self.grid, self.bands, self.sensor.numbers)
        about = "" if size.exact_sizes else tr("at most about ")
        first, last = self.new[0].time.date(), self.new[-1].time.date()
        height, width = self.grid.shape
        of = tr(" of {view}", view=self.found.view) if self.found.view else ""
        return tr(
            "Will read {n_new} {kind}scenes{of} from {first} to {last}, {about}{bytes:.1f} MB: "
            "{width} x {height} pixels, bands {bands}.",
            n_new=len(self.new),
            kind=tr_now(self.sensor.rules.word),
            of=of,
            first=first,
            last=last,
            about=about,
            bytes=size.bytes / 1e6,
            width=width,
            height=height,
            bands=" ".join(self.bands),
        )


def work_of(
    case: OpenCase, sensor: Sensor, source: Source, found: SearchResult, grid: GeoBox | None = None
) -> Work:
    """What is to be done for a search result, on the grid and bands the case has fixed.

    They are those of the first update, so that one case is one method; before it, `grid` is what
    another sensor will fix, None for the one that fixes it.
    """
    kept = case.db.get(sensor.value("bands"))
    bands = found.bands if kept is None else tuple(json.loads(kept))
    grid = stored_grid(case) or grid
    if grid is None:
        geometry = case.config.geometry
        grid = grid_for(found.scenes, geometry, bands, sign=source.sign, reach=source.reach)
    store = SceneStore(sensor.scenes(case.folder), grid, sensor.numbers)
    new = tuple(a for a in found.acquisitions if not store.has(a, bands))
    return Work(sensor, source, found, grid, bands, new)


def do(
    case: OpenCase, work: Work, how: How, engine: Engine, progress: Progress
) -> tuple[UpdateSummary, int]:
    """Do it; returns what happened to the state and how many acquisitions could not be read.

    Raises GossanError (READ) where no scene at all can be used, (DASK) where no worker is to
    be had, (PERIOD) where none lies in the history.
    """
    sensor, found, grid, bands = work.sensor, work.found, work.grid, work.bands
    if stored_grid(case) is None:
        case.db.put("grid", json.dumps(grid_json(grid)))
    if case.db.get(sensor.value("bands")) is None:
        case.db.put(sensor.value("bands"), json.dumps(bands))
    view = {"orbit": found.view} if found.view else {}
    for name, value in view.items():
        case.db.put(sensor.value(name), value)
    _record_search(case, sensor, found, view)
    frame = frame_of(case, grid, bands, sensor)
    failures = read_all(frame.scenes, work.new, bands, work.source, progress)
    stored = {
        a.key: frame.scenes.get(a.key) for a in found.acquisitions if frame.scenes.has(a, bands)
    }
    record_reads(case, sensor, stored.values())
    findings: dict[str, DarkFinding] = {}
    if sensor.offsets:
        first = {a.key: a.scenes[0] for a in found.acquisitions}
        seen = {k: (s, first[k]) for k, s in stored.items() if s.usable_share > 0}
        findings = offset_findings(frame, seen)
    records, looks = _sort_out(found, stored, failures, findings)
    _list_scenes(case, sensor, found, records, stored, failures)
    if not looks:
        raise GossanError(
            Code.READ,
            tr(
                "None of {n_acquisitions} {kind}scenes could be read or used: {reason}",
                n_acquisitions=len(found.acquisitions),
                kind=tr_now(sensor.rules.word),
                reason=next(iter(failures.values()), tr("the area is nodata in all of them")),
            ),
            tr("Check the connection and the source, then run `gossan update` again."),
        )
    return follow(case, sensor, frame, looks, how, engine, progress, view), len(failures)


@contextmanager
def open_engine(how: How, folder: Path, progress: Progress) -> Iterator[Engine]:
    """What runs the blocks of the case in `folder`. Raises GossanError (DASK)."""
    if how.dask is None:
        yield Threads(how.workers)
        return
    from gossan.run.dask import cluster  # takes a second to load

    with cluster(how.dask, how.workers, folder, progress) as engine:
        yield engine


def follow(
    case: OpenCase,
    sensor: Sensor,
    frame: Frame,
    looks: Sequence[Acquisition],
    how: How,
    engine: Engine,
    progress: Progress,
    view: Mapping[str, Any] | None = None,
) -> UpdateSummary:
    """Bring the state of a sensor to these looks, ascending, whose scenes are stored; `view` says
    from where it saw them, where that matters.

    A mark in the database stands while this works. Found standing, the update before was
    killed and left blocks that no commit holds. Raises GossanError (PERIOD) where no look lies in
    the history.
    """
    until = to_day(case.config.history_until)
    history = tuple(look for look in looks if look.day <= until)
    if not history:
        raise GossanError(
            Code.PERIOD,
            tr(
                "No {kind}scene lies in the history, which ends on {history_until}.",
                kind=tr_now(sensor.rules.word),
                history_until=case.config.history_until,
            ),
            tr("Set an earlier start or a later history_until in case.toml."),
        )
    frame = replace(frame, bands=sensor.bands(frame.bands))
    monitor = sensor.monitor(case.config, frame.bands)
    key = fit_key(sensor, frame, monitor, history, view or {})
    settings = {"history_until": str(case.config.history_until)}
    target = Target(key, history, tuple(looks[len(history) :]), monitor, settings, view or {})
    case.db.put(sensor.value("looks"), json.dumps([[x.key, x.day, x.content] for x in looks]))
    store = StateStore.made(sensor.state(case.folder))
    evidence = StateEvidence(case.db, sensor.action)
    replaced, in_work = store.head() is not None, sensor.value(IN_WORK)
    broken_off = bool(case.db.get(in_work))
    case.db.put(in_work, key)
    driver = Driver(
        store,
        frame,
        engine,
        how.block,
        lambda: evidence.catch_up(store),
        progress,
        sensor.rules.word,
    )
    brought = driver.bring(target)
    if broken_off or brought.gone_back or (brought.fitted and replaced):
        store.collect()
    case.db.put(in_work, "")
    return brought


def _record_search(
    case: OpenCase, sensor: Sensor, found: SearchResult, view: Mapping[str, Any]
) -> None:
    """One record when the catalogue's answer differs from the last one recorded."""
    answer = {
        **view,
        "read": [s.id for s in found.scenes],
        "aside": [[r.id, r.outcome.value, r.reason] for r in found.aside],
    }
    digest, kept = hash_json(answer), sensor.value("search_hash")
    if case.db.get(kept) == digest:
        return
    config = case.config
    asked = {
        "source": public(str(sensor.source(config))),
        "start": str(config.start),
        "end": str(config.end),
        "area": config.geometry.wkt,
        **sensor.asked(config),
    }
    case.db.append(Step(f"{sensor.action}search", asked, {}, {**answer, "hash": digest}).seal)
    case.db.put(kept, digest)


def record_reads(case: OpenCase, sensor: Sensor, stored: Iterable[StoredScene]) -> None:
    """One record for each stored scene of a sensor that has none yet.

    A scene is stored before it is recorded, so one whose process was killed in between is
    recorded by the next update.
    """
    source, action = str(sensor.source(case.config)), f"{sensor.action}read"
    done = {
        (r["inputs"]["scene"], hash_json(r["outputs"]))
        for r, _ in case.db.ledger()
        if r["action"] == action
    }
    new = []
    for s in stored:
        outputs = {"hashes": s.hashes}
        if (s.key, hash_json(outputs)) in done:
            continue
        hrefs = {
            i: {a: asset(h, source) for a, h in assets.items()} for i, assets in s.hrefs.items()
        }
        inputs = {
            "scene": s.key,
            "items": s.items,
            "hrefs": hrefs,
            "checksums": s.checksums,
            "etags": s.etags,
            "ranges": s.ranges,
        }
        parameters = {"scale": s.scale, "offset": s.offset, "offset_rule": s.offset_rule}
        new.append(Step(action, inputs, parameters, outputs).seal)
    if new:
        case.db.append_all(new)


def _sort_out(
    found: SearchResult,
    stored: dict[str, StoredScene],
    failures: dict[str, str],
    offsets: dict[str, DarkFinding],
) -> tuple[list[SceneRecord], list[Acquisition]]:
    """What became of every scene of the window, and the looks that count."""
    records, looks = list(found.aside), []
    for acquisition in found.acquisitions:
        s = stored.get(acquisition.key)
        if s is None:
            outcome, reason = Outcome.FAILED, failures.get(acquisition.key, "not read")
        elif s.usable_share == 0:
            outcome, reason = Outcome.EMPTY, tr("no usable pixel in the area")
        else:
            outcome, reason = _judge(offsets.get(acquisition.key))
        if outcome is Outcome.USED and s is not None:
            looks.append(Acquisition.at(s))
        for scene in acquisition.scenes:
            record = SceneRecord(
                scene.id, scene.time, outcome, reason, None, scene.offset_rule, _checksum(scene)
            )
            records.append(replace(record, usable_share=s.usable_share if s else None))
    return sorted(records, key=lambda r: (r.time, r.id)), looks


def _list_scenes(
    case: OpenCase,
    sensor: Sensor,
    found: SearchResult,
    records: list[SceneRecord],
    stored: Mapping[str, StoredScene],
    failures: Mapping[str, str],
) -> None:
    """Keep what became of every scene, for the dossier. Of all sensors but the first the case
    keeps [day, key, share seen or reason] of each acquisition."""
    if not sensor.tag:
        case.db.put_scenes(records)
        return
    rows = [
        [a.day, a.key, stored[a.key].usable_share if a.key in stored else failures.get(a.key, "")]
        for a in found.acquisitions
    ]
    case.db.put(sensor.value("scenes"), json.dumps(rows))


def _judge(offset: DarkFinding | None) -> tuple[Outcome, str]:
    """A scene whose pixels contradict its stated offset is not used; one that was not tested is,
    and says so. None: there is nothing to test."""
    if offset is None:
        return Outcome.USED, ""
    if offset.verdict is DarkVerdict.IMPLAUSIBLE:
        return Outcome.FAILED, f"{REFUTED}: {offset.reason}"
    tested = offset.verdict is DarkVerdict.PLAUSIBLE
    return Outcome.USED, "" if tested else f"{UNTESTED}: {offset.reason}"


def _checksum(scene: Scene) -> str | None:
    return next((b.checksum for b in scene.bands.values() if b.checksum), None)
