"""Search for scenes and, where there is anything to do, have it done.

The numerical libraries are loaded only then: an update with nothing new should end at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gossan import __version__
from gossan.case.context import OpenCase, open_case, read_case_folder
from gossan.case.sensors import SENSORS, Sensor
from gossan.core.addresses import LOCAL
from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.params import How
from gossan.core.period import short_period, too_few_acquisitions
from gossan.core.progress import Progress
from gossan.core.values import Outcome, Scene
from gossan.core.words import tr, tr_now
from gossan.io.case_file import read_local
from gossan.io.catalogue.search import SearchResult, plan
from gossan.io.catalogue.sources import open_source

if TYPE_CHECKING:
    from odc.geo.geobox import GeoBox

    from gossan.run.blocks import Engine
    from gossan.run.follow import UpdateSummary


@dataclass(frozen=True)
class SensorUpdate:
    """What an update did with one sensor.

    Attributes
    ----------
    orbit : from where the scenes that are followed were seen, "" where it does not matter
    listed, read, failed : scenes in the catalogue; acquisitions read now; not readable now
    brought : what happened to the state, None for a dry run or where nothing was new
    sentence : one line for a person
    """

    orbit: str
    listed: int
    read: int
    failed: int
    brought: UpdateSummary | None
    sentence: str


@dataclass(frozen=True)
class UpdateResult:
    """What an update did.

    Attributes
    ----------
    listed, read, failed, brought : of the first sensor, as in `SensorUpdate`
    sentence : one line for a person, of all sensors
    others : the same of each other sensor that the case follows, by tag
    notes : what a person should know of what was read, or will be: a sentence each
    """

    listed: int
    read: int
    failed: int
    brought: UpdateSummary | None
    sentence: str
    others: Mapping[str, SensorUpdate] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = asdict(self)
        return {"radar": None, **told.pop("others"), **told}


def update(
    folder: Path,
    progress: Progress,
    *,
    dry_run: bool = False,
    how: How | None = None,
    sensors: Sequence[Sensor] = SENSORS,
) -> UpdateResult:
    """Bring the case in `folder` up to date. See `gossan update --help`.

    `how` says who does the work, by default as case.toml says; `sensors` which images
    are followed where the case names a source for them. Raises GossanError for a broken case, a
    catalogue that cannot be searched, or when no scene at all could be read; a single scene that
    cannot is a gap, listed and tried again.
    """
    with read_case_folder(folder) if dry_run else open_case(folder) as case, ExitStack() as stack:
        run = _Run(case, progress, dry_run, how or read_local(folder).execution, stack)
        done = {s.tag: run.update(s) for s in sensors if s.source(case.config) is not None}
        first, notes = done.pop(sensors[0].tag), run.notes()
    sentence = " ".join(d.sentence for d in (first, *done.values()))
    return UpdateResult(
        first.listed, first.read, first.failed, first.brought, sentence, done, notes
    )


@dataclass
class _Run:
    """One update: what its sensors share."""

    case: OpenCase
    progress: Progress
    dry_run: bool
    how: How
    stack: ExitStack
    grid: GeoBox | None = None
    engine: Engine | None = None
    offered: Sequence[tuple[date, float]] = ()

    def update(self, sensor: Sensor) -> SensorUpdate:
        """Search for scenes of a sensor, read what is new and follow it."""
        case, config = self.case, self.case.config
        name, collection = sensor.source(config), sensor.collection(config)
        assert name is not None  # others are not asked for
        source = open_source(
            name if collection is None or name.startswith(LOCAL) else f"{name}#{collection}",
            base=case.folder,
            folders=config.local_folders,
            private_hosts=read_local(case.folder).private_hosts,
        )
        end = config.end or datetime.now(UTC).date()
        of = tr(" for {tag}", tag=tr_now(sensor.tag)) if sensor.tag else ""
        self.progress.say(
            tr(
                "Searching {name}{of} from {start} to {end}.",
                name=name,
                of=of,
                start=config.start,
                end=end,
            )
        )
        view = sensor.view(config, case.db.get(sensor.value("orbit")))
        found = plan(
            source, config.geometry, config.start, end, sensor.max_cloud(config), sensor.rules, view
        )
        _require(found, name, config.start, end)
        # of a sensor with views, those of the others are another case's
        listed = len(found.scenes) + (0 if found.view else len(found.aside))
        settled, kept = _settled(case, sensor, found), sensor.value("settled")
        if case.db.get(kept) == settled and sensor.state(case.folder).is_dir():
            said = _sentence(sensor, found, listed, 0, 0, None)
            return SensorUpdate(found.view, listed, 0, 0, None, said)
        from gossan.run.advance import do, open_engine, work_of

        work = work_of(case, sensor, source, found, self.grid)
        self.grid = work.grid
        if work.new:
            self.progress.say(work.announcement)
        if self.dry_run:
            if not sensor.tag:
                self.offered = _offered(found)
            would = _would(sensor, found, len(work.new))
            return SensorUpdate(
                found.view, listed, len(work.new) if found.view else 0, 0, None, would
            )
        if self.engine is None:
            self.engine = self.stack.enter_context(
                open_engine(self.how, case.folder, self.progress)
            )
        case.db.put(kept, "")  # or a run killed in a state that was begun anew would stay half
        brought, failed = do(case, work, self.how, self.engine, self.progress)
        if not failed:
            case.db.put(kept, settled)
        read = len(work.new) - failed
        said = _sentence(sensor, found, listed, read, failed, brought)
        return SensorUpdate(found.view, listed, read, failed, brought, said)

    def notes(self) -> tuple[str, ...]:
        """What a person should know."""
        config = self.case.config
        end = config.end or datetime.now(UTC).date()
        if not self.dry_run or not self.offered:
            return _notes(self.case, end)
        notes = short_period(config.start, config.history_until, end)
        return (*notes, *_few(config, list(self.offered)))


def _few(config: CaseConfig, looks: list[tuple[date, float]]) -> list[str]:
    return too_few_acquisitions(looks, config.start, config.history_until, config.monitor)


def _offered(found: SearchResult) -> list[tuple[date, float]]:
    """Day and clear share of what would be read, by the catalogue's figure of cloud."""
    return [
        (a.time.date(), 1 - float(a.scenes[0].item.properties.get("eo:cloud_cover") or 0) / 100)
        for a in found.acquisitions
    ]


def _notes(case: OpenCase, end: date) -> tuple[str, ...]:
    """What the scenes read do not suffice for, and what their pixels say of their offsets."""
    config, records = case.config, case.db.scenes()
    seen: dict[date, float] = {}
    for r in records:
        if r.outcome is Outcome.USED:
            seen[r.time.date()] = max(seen.get(r.time.date(), 0.0), r.usable_share or 0.0)
    said = short_period(config.start, config.history_until, end)
    if config.radar is None:
        said += _few(config, list(seen.items()))
    refuted = sum(r.offset_refuted for r in records)
    untested = sum(r.offset_untested for r in records)
    if refuted:
        said.append(
            tr(
                "{refuted} scenes were set aside: their pixels contradict the offset that the "
                "catalogue states. The dossier lists them with what was tested.",
                refuted=refuted,
            )
        )
    if untested:
        said.append(
            tr(
                "Of {untested} scenes used it could not be tested whether the stated offset is "
                "right; the dossier lists them with the reason.",
                untested=untested,
            )
        )
    return tuple(said)


def _settled(case: OpenCase, sensor: Sensor, found: SearchResult) -> str:
    """Hash of all an update's result depends on: the case, the catalogue's answer, gossan."""
    return hash_json(
        {
            "version": __version__,
            "case": hash_bytes((case.folder / "case.toml").read_bytes()),
            "area": hash_bytes(case.config.geometry.wkb),
            "read": [[s.id for s in a.scenes] for a in found.acquisitions],
            "scenes": [_fingerprint(s, sensor.rules.processed) for s in found.scenes],
            "aside": [[r.id, r.outcome.value, r.reason] for r in found.aside],
        }
    )


def _fingerprint(scene: Scene, processed: Sequence[str]) -> list[Any]:
    """What would differ if the provider had processed the scene again."""
    said = [scene.item.properties.get(k) for k in processed]
    bands = {k: [b.href, b.scale, b.offset, b.checksum] for k, b in scene.bands.items()}
    return [scene.id, scene.time.isoformat(), said, bands]


def _require(found: SearchResult, source: str, start: date, end: date) -> None:
    if not found.acquisitions:
        reasons = ", ".join(sorted({r.outcome.value for r in found.aside}))
        raise GossanError(
            Code.SOURCE,
            tr(
                "{source} lists {n_aside} scenes from {start} to {end}, none of them usable "
                "({reasons}).",
                source=source,
                n_aside=len(found.aside),
                start=start,
                end=end,
                reasons=reasons,
            ),
            tr("Raise masks.max_cloud_percent, widen the period or choose another source."),
        )


def _would(sensor: Sensor, found: SearchResult, new: int) -> str:
    """What an update would read, and for a sensor with views what the others would give."""
    if not found.view:
        return tr("{n_new} scenes would be read.", n_new=new)
    return tr(
        "{tag}: {n_new} scenes of {view} would be read; there are {offered}.",
        tag=tr_now(sensor.tag).capitalize(),
        n_new=new,
        view=found.view,
        offered=", ".join(tr("{v} ({n} days)", v=v, n=n) for v, n in found.offered),
    )


def _sentence(
    sensor: Sensor,
    found: SearchResult,
    listed: int,
    read: int,
    failed: int,
    brought: UpdateSummary | None,
) -> str:
    done = []
    if brought is not None and (read or brought.did):
        done = [tr("{read} scenes read", read=read)]
        done += [tr("history learned")] * brought.fitted
        done += [tr("{gone_back} scenes taken back", gone_back=brought.gone_back)] * bool(
            brought.gone_back
        )
        done.append(tr("{stepped} scenes followed", stepped=brought.stepped))
    if sensor.tag:
        gap = (
            tr(" {failed} could not be read; run again to retry.", failed=failed) if failed else ""
        )
        of = f" ({found.view})" if found.view else ""
        did = ", ".join(done) or tr("nothing new")
        return f"{tr_now(sensor.tag).capitalize()}{of}: {did}.{gap}"
    gap = (
        tr(" {failed} could not be read and count as gaps; run again to retry.", failed=failed)
        if failed
        else ""
    )
    if not done:
        return tr(
            "Nothing new: all {listed} scenes of the catalogue are accounted for.{gap}",
            listed=listed,
            gap=gap,
        )
    return tr(
        "Updated: {done}; {listed} scenes in the catalogue.{gap}",
        done=", ".join(done),
        listed=listed,
        gap=gap,
    )
