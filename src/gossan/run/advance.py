"""Read what is new, bring the state up to date and record the evidence of both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase
from gossan.case.monitoring import Frame, Look, fit_key
from gossan.case.offsets import offset_findings
from gossan.case.state import frame_of, stored_grid
from gossan.case.state_evidence import StateEvidence
from gossan.core.addresses import asset, public
from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.core.values import REFUTED, UNTESTED, Outcome, Scene, SceneRecord
from gossan.evidence.ledger import Step
from gossan.io.dark_object import DarkFinding, DarkVerdict
from gossan.io.grids import estimate, grid_for
from gossan.io.scenes import SceneStore, grid_json
from gossan.io.search import Acquisition, SearchResult
from gossan.io.sources import Source
from gossan.io.state_store import StateStore
from gossan.io.stored_scene import StoredScene
from gossan.monitor.tables import followed
from gossan.run.engine import Engine, open_engine
from gossan.run.follow import Brought, Driver, Target
from gossan.run.reading import read_all

IN_WORK = "state_in_work"
"""Mark in the database while the state is being written."""


@dataclass(frozen=True)
class Work:
    """What an update has to do: read `new` onto `grid` in `bands`, then monitor `found`."""

    source: Source
    found: SearchResult
    grid: GeoBox
    bands: tuple[str, ...]
    new: tuple[Acquisition, ...]

    @property
    def announcement(self) -> str:
        """What will be read, for a person."""
        size = estimate(self.new, self.grid, self.bands)
        about = "" if size.exact_sizes else "at most about "
        first, last = self.new[0].time.date(), self.new[-1].time.date()
        height, width = self.grid.shape
        return (
            f"Will read {len(self.new)} scenes from {first} to {last}, {about}"
            f"{size.bytes / 1e6:.1f} MB: {width} x {height} pixels, bands {' '.join(self.bands)}."
        )


def work_of(case: OpenCase, source: Source, found: SearchResult) -> Work:
    """What is to be done for a search result, on the grid and bands the case has fixed.

    The grid and the bands are those of the first update, so that one case is one method.
    """
    kept = case.db.get("bands")
    bands = found.bands if kept is None else tuple(json.loads(kept))
    grid = stored_grid(case) or grid_for(
        found.scenes, case.config.geometry, bands, sign=source.sign, reach=source.reach
    )
    store = SceneStore(case.scenes, grid)
    new = tuple(a for a in found.acquisitions if not store.has(a, bands))
    return Work(source, found, grid, bands, new)


def do(case: OpenCase, work: Work, how: How, progress: Progress) -> tuple[Brought, int]:
    """Do it; returns what happened to the state and how many acquisitions could not be read.

    Raises GossanError (READ) where no scene at all can be used, (DASK) where no worker is to
    be had.
    """
    with open_engine(how, case.folder, progress) as engine:
        return _do(case, work, how, engine, progress)


def _do(
    case: OpenCase, work: Work, how: How, engine: Engine, progress: Progress
) -> tuple[Brought, int]:
    found, grid, bands = work.found, work.grid, work.bands
    if stored_grid(case) is None:
        case.db.put("grid", json.dumps(grid_json(grid)))
        case.db.put("bands", json.dumps(bands))
    store = SceneStore(case.scenes, grid)
    _record_search(case, found)
    failures = read_all(store, work.new, grid, bands, work.source, progress)
    stored = {a.key: store.get(a.key) for a in found.acquisitions if store.has(a, bands)}
    record_reads(case, stored.values())
    first = {a.key: a.scenes[0] for a in found.acquisitions}
    seen = {k: (s, first[k]) for k, s in stored.items() if s.usable_share > 0}
    findings = offset_findings(frame_of(case, grid, bands), seen)
    records, looks = _sort_out(found, stored, failures, findings)
    case.db.put_scenes(records)
    if not looks:
        raise GossanError(
            Code.READ,
            f"None of {len(found.acquisitions)} scenes could be read or used: "
            f"{next(iter(failures.values()), 'the area is nodata in all of them')}",
            "Check the connection and the source, then run `gossan update` again.",
        )
    return follow(case, grid, bands, looks, how, engine, progress), len(failures)


def follow(
    case: OpenCase,
    grid: GeoBox,
    bands: tuple[str, ...],
    looks: Sequence[Look],
    how: How,
    engine: Engine,
    progress: Progress,
) -> Brought:
    """Bring the state to these looks, ascending, whose scenes are stored."""
    frame, params = frame_of(case, grid, bands), case.config.monitor
    frame = replace(frame, bands=followed(bands))
    until = to_day(case.config.history_until)
    history = tuple(look for look in looks if look.day <= until)
    if not history:
        raise GossanError(
            Code.PERIOD,
            f"No scene lies in the history, which ends on {case.config.history_until}.",
            "Set an earlier start or a later history_until in case.toml.",
        )
    key = fit_key(frame, grid_json(grid), params, history)
    settings = {"history_until": str(case.config.history_until)}
    target = Target(key, history, tuple(looks[len(history) :]), params, settings)
    case.db.put("looks", json.dumps([[x.key, x.day, x.content] for x in looks]))
    return _bring(case, frame, target, how, engine, progress)


def _bring(
    case: OpenCase, frame: Frame, target: Target, how: How, engine: Engine, progress: Progress
) -> Brought:
    """Have the state brought to the target, each commit recorded, and clean up after it.

    A mark in the database stands while this works. Found standing, the update before was
    killed and left blocks that no commit holds.
    """
    store, evidence = StateStore.made(case.state), StateEvidence(case.db)
    replaced, broken_off = store.head() is not None, bool(case.db.get(IN_WORK))
    case.db.put(IN_WORK, target.key)
    driver = Driver(store, frame, engine, how.block, lambda: evidence.catch_up(store), progress)
    brought = driver.bring(target)
    if broken_off or brought.gone_back or (brought.fitted and replaced):
        store.collect()
    case.db.put(IN_WORK, "")
    return brought


def _record_search(case: OpenCase, found: SearchResult) -> None:
    """One record when the catalogue's answer differs from the last one recorded."""
    answer = {
        "read": [s.id for s in found.scenes],
        "aside": [[r.id, r.outcome.value, r.reason] for r in found.aside],
    }
    digest = hash_json(answer)
    if case.db.get("search_hash") == digest:
        return
    config = case.config
    asked = {
        "source": public(config.source),
        "start": str(config.start),
        "end": str(config.end),
        "area": config.geometry.wkt,
        "max_cloud_percent": config.masks.max_cloud_percent,
    }
    case.db.append(Step("search", asked, {}, {**answer, "hash": digest}).seal)
    case.db.put("search_hash", digest)


def record_reads(case: OpenCase, stored: Iterable[StoredScene], sensor: str = "") -> None:
    """One record for each stored scene that has none yet; `sensor` is put before the action of
    any other than the optical one.

    A scene is stored before it is recorded, so one whose process was killed in between is
    recorded by the next update.
    """
    radar = case.config.radar
    source = radar.source if sensor and radar is not None else case.config.source
    done = {
        (r["inputs"]["scene"], hash_json(r["outputs"]))
        for r, _ in case.db.ledger()
        if r["action"] == f"{sensor}read"
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
        new.append(Step(f"{sensor}read", inputs, parameters, outputs).seal)
    if new:
        case.db.append_all(new)


def _sort_out(
    found: SearchResult,
    stored: dict[str, StoredScene],
    failures: dict[str, str],
    offsets: dict[str, DarkFinding],
) -> tuple[list[SceneRecord], list[Look]]:
    """What became of every scene of the window, and the looks that count."""
    records, looks = list(found.aside), []
    for acquisition in found.acquisitions:
        s = stored.get(acquisition.key)
        if s is None:
            outcome, reason = Outcome.FAILED, failures.get(acquisition.key, "not read")
        elif s.usable_share == 0:
            outcome, reason = Outcome.EMPTY, "no usable pixel in the area"
        else:
            outcome, reason = _judge(offsets[acquisition.key])
        if outcome is Outcome.USED and s is not None:
            looks.append(Look.at(s))
        for scene in acquisition.scenes:
            record = SceneRecord(
                scene.id, scene.time, outcome, reason, None, scene.offset_rule, _checksum(scene)
            )
            records.append(replace(record, usable_share=s.usable_share if s else None))
    return sorted(records, key=lambda r: (r.time, r.id)), looks


def _judge(offset: DarkFinding) -> tuple[Outcome, str]:
    """A scene whose pixels contradict its stated offset is not used; one that was not tested is,
    and says so."""
    if offset.verdict is DarkVerdict.IMPLAUSIBLE:
        return Outcome.FAILED, f"{REFUTED}: {offset.reason}"
    tested = offset.verdict is DarkVerdict.PLAUSIBLE
    return Outcome.USED, "" if tested else f"{UNTESTED}: {offset.reason}"


def _checksum(scene: Scene) -> str | None:
    return next((b.checksum for b in scene.bands.values() if b.checksum), None)
