"""Radar in an update: search, read what is new, follow it, record it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase
from gossan.case.monitoring import Look
from gossan.case.radar_frame import RadarFrame
from gossan.case.radar_known import radar_params
from gossan.case.reference import Witnesses
from gossan.case.state import frame_of, stored_grid
from gossan.case.state_evidence import StateEvidence
from gossan.core.addresses import public
from gossan.core.case import RadarConfig
from gossan.core.dates import to_day
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_json
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.core.serialise import to_plain
from gossan.evidence.ledger import Step
from gossan.io.case_file import read_local
from gossan.io.grids import estimate
from gossan.io.radar_items import CHANNELS, Geometry
from gossan.io.radar_scenes import RadarStore, read_radar
from gossan.io.radar_search import RadarFound, radar_plan
from gossan.io.search import Acquisition
from gossan.io.sources import Source, open_source
from gossan.io.state_store import StateStore
from gossan.io.stored_scene import StoredScene
from gossan.run.advance import record_reads
from gossan.run.follow import Brought
from gossan.run.radar_follow import RadarDriver, RadarTarget
from gossan.run.reading import read_each

IN_WORK = "radar_state_in_work"
"""Mark in the database while the radar state is being written, as `advance.IN_WORK`."""


@dataclass(frozen=True)
class RadarBrought:
    """What an update did with radar.

    Attributes
    ----------
    orbit : geometry that is followed
    listed, read, failed : scenes of it in the catalogue; acquisitions read now; not readable
    brought : what happened to the state, None where nothing was new or only asked for
    sentence : one line for a person
    """

    orbit: str
    listed: int
    read: int
    failed: int
    brought: Brought | None
    sentence: str


def update_radar(
    case: OpenCase, how: How, progress: Progress, *, dry_run: bool = False
) -> RadarBrought:
    """Bring radar up to date on the grid of the optical images.

    Raises GossanError as `radar_plan`, and READ where no radar scene at all can be used, PERIOD
    where none lies in the history.
    """
    config = case.config
    radar = config.radar
    assert radar is not None
    source = _source(radar, case)
    end = config.end or datetime.now(UTC).date()
    progress.say(f"Searching {radar.source} for radar from {config.start} to {end}.")
    found = radar_plan(source, config.geometry, config.start, end, _orbit(case, radar))
    orbit, listed = str(found.geometry), sum(len(a.scenes) for a in found.acquisitions)
    grid = stored_grid(case)
    store = None if grid is None else RadarStore(case.radar_scenes, grid)
    new = [a for a in found.acquisitions if store is None or not store.has(a)]
    if dry_run:
        offered = ", ".join(f"{g} ({n} days)" for g, n in found.offered)
        said = f"Radar: {len(new)} scenes of {orbit} would be read; there are {offered}."
        return RadarBrought(orbit, listed, len(new), 0, None, said)
    if new:
        progress.say(_announcement(orbit, new, grid))
    assert grid is not None  # the optical images have fixed it
    assert store is not None
    case.db.put("radar_orbit", orbit)
    _record_search(case, radar, found)
    failures = read_each(
        store, new, lambda a: read_radar(a, grid, sign=source.sign, reach=source.reach), progress
    )
    stored = {a.key: store.get(a.key) for a in found.acquisitions if store.has(a)}
    record_reads(case, stored.values(), "radar-")
    looks = [Look.at(s) for s in stored.values() if s.usable_share > 0]
    _keep_list(case, found, stored, failures)
    if not looks:
        raise GossanError(
            Code.READ,
            f"None of {len(found.acquisitions)} radar scenes could be read or used: "
            f"{next(iter(failures.values()), 'the area is nodata in all of them')}",
            "Check the connection and radar.source, then run `gossan update` again.",
        )
    brought = follow_radar(case, grid, orbit, looks, how, progress)
    read = len(new) - len(failures)
    return RadarBrought(
        orbit, listed, read, len(failures), brought, _sentence(orbit, read, len(failures), brought)
    )


def _announcement(orbit: str, new: Sequence[Acquisition], grid: GeoBox | None) -> str:
    """What will be read, for a person."""
    about = ""
    if grid is not None:
        size = estimate(new, grid, CHANNELS)
        # the estimate is of numbers of two bytes, radar's have four
        about = f", {size.bytes / 1e6 * (1 if size.exact_sizes else 2):.1f} MB at most"
    first, last = new[0].time.date(), new[-1].time.date()
    return f"Will read {len(new)} radar scenes of {orbit} from {first} to {last}{about}."


def _source(radar: RadarConfig, case: OpenCase) -> Source:
    local = radar.source.startswith("local:")
    spec = radar.source if local else f"{radar.source}#{radar.collection}"
    return open_source(
        spec,
        base=case.folder,
        folders=case.config.local_folders,
        private_hosts=read_local(case.folder).private_hosts,
    )


def _orbit(case: OpenCase, radar: RadarConfig) -> Geometry | None:
    """What the case asks for; with "auto" the geometry of its first update, which stays."""
    text = radar.orbit if radar.orbit != "auto" else case.db.get("radar_orbit")
    return None if text is None else Geometry.parse(text)


def follow_radar(
    case: OpenCase, grid: GeoBox, orbit: str, looks: Sequence[Look], how: How, progress: Progress
) -> Brought:
    """Bring the radar state to these looks, ascending, whose scenes are stored.

    Raises GossanError (PERIOD) where none lies in the history.
    """
    until = to_day(case.config.history_until)
    history = tuple(look for look in looks if look.day <= until)
    if not history:
        raise GossanError(
            Code.PERIOD,
            f"No radar scene lies in the history, which ends on {case.config.history_until}.",
            "Set an earlier start or a later history_until in case.toml.",
        )
    optical = frame_of(case, grid, tuple(json.loads(case.db.get("bands") or "[]")))
    frame = RadarFrame(
        RadarStore(case.radar_scenes, grid),
        optical.inside,
        radar_params(case.config),
        Witnesses.of(optical).windows,
    )
    store, evidence = StateStore.made(case.radar_state), StateEvidence(case.db, "radar-")
    case.db.put("radar_looks", json.dumps([[x.key, x.day, x.content] for x in looks]))
    driver = RadarDriver(store, frame, how.block, lambda: evidence.catch_up(store), progress)
    settings = {"history_until": str(case.config.history_until)}
    replaced, broken_off = store.head() is not None, bool(case.db.get(IN_WORK))
    case.db.put(IN_WORK, orbit)
    brought = driver.bring(RadarTarget(orbit, history, tuple(looks[len(history) :]), settings))
    if broken_off or brought.gone_back or (brought.fitted and replaced):
        store.collect()
    case.db.put(IN_WORK, "")
    return brought


def _record_search(case: OpenCase, radar: RadarConfig, found: RadarFound) -> None:
    """One record when the catalogue's answer differs from the last one recorded."""
    answer: dict[str, Any] = {
        "orbit": str(found.geometry),
        "read": [s.id for a in found.acquisitions for s in a.scenes],
        "aside": [[r.id, r.outcome.value, r.reason] for r in found.aside],
    }
    digest = hash_json(answer)
    if case.db.get("radar_search_hash") == digest:
        return
    config = case.config
    asked = {
        **to_plain(radar),
        "source": public(radar.source),
        "start": str(config.start),
        "end": str(config.end),
        "area": config.geometry.wkt,
    }
    case.db.append(Step("radar-search", asked, {}, {**answer, "hash": digest}).seal)
    case.db.put("radar_search_hash", digest)


def _keep_list(
    case: OpenCase, found: RadarFound, stored: dict[str, StoredScene], failures: dict[str, str]
) -> None:
    """What became of every radar scene, for the dossier: [day, key, share seen or reason]."""
    rows = [
        [a.day, a.key, stored[a.key].usable_share if a.key in stored else failures.get(a.key, "")]
        for a in found.acquisitions
    ]
    case.db.put("radar_scenes", json.dumps(rows))


def _sentence(orbit: str, read: int, failed: int, brought: Brought) -> str:
    gap = f" {failed} could not be read; run again to retry." if failed else ""
    if not (read or brought.fitted or brought.gone_back or brought.stepped):
        return f"Radar ({orbit}): nothing new.{gap}"
    did = [f"{read} scenes read"]
    if brought.fitted:
        did.append("history learned")
    if brought.gone_back:
        did.append(f"{brought.gone_back} scenes taken back")
    did.append(f"{brought.stepped} scenes followed")
    return f"Radar ({orbit}): {', '.join(did)}.{gap}"
