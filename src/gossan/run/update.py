"""Search for scenes and, where there is anything to do, have it done.

The numerical libraries are loaded only then: an update with nothing new should end at once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gossan import __version__
from gossan.case.context import OpenCase, open_case, read_case_folder
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.params import How
from gossan.core.period import short_looks, short_period
from gossan.core.progress import Progress
from gossan.core.values import Outcome, Scene
from gossan.io.case_file import read_local
from gossan.io.search import SearchResult, plan
from gossan.io.sources import open_source

if TYPE_CHECKING:
    from gossan.run.follow import Brought
    from gossan.run.radar import RadarBrought


@dataclass(frozen=True)
class UpdateResult:
    """What an update did.

    Attributes
    ----------
    listed, read, failed : scenes in the catalogue; acquisitions read now; not readable now
    brought : what happened to the state, None for a dry run
    sentence : one line for a person
    radar : the same of radar, None where the case has none
    notes : what a person should know of what was read, or will be: a sentence each
    """

    listed: int
    read: int
    failed: int
    brought: Brought | None
    sentence: str
    radar: RadarBrought | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def update(
    folder: Path, progress: Progress, *, dry_run: bool = False, how: How | None = None
) -> UpdateResult:
    """Bring the case in `folder` up to date. See `gossan update --help`.

    `how` says who does the work, by default as case.toml says. Raises GossanError for
    a broken case, a catalogue that cannot be searched, or when no scene at all could be read; a
    single scene that cannot is a gap, listed and tried again.
    """
    with read_case_folder(folder) if dry_run else open_case(folder) as case:
        how = how or read_local(folder).execution
        result = _optical(case, progress, dry_run, how)
        if case.config.radar is None:
            return result
        radar = _radar(case, progress, dry_run, how)
        return replace(result, radar=radar, sentence=f"{result.sentence} {radar.sentence}")


def _optical(case: OpenCase, progress: Progress, dry_run: bool, how: How) -> UpdateResult:
    config = case.config
    source = open_source(
        config.source,
        base=case.folder,
        folders=config.local_folders,
        private_hosts=read_local(case.folder).private_hosts,
    )
    end = config.end or datetime.now(UTC).date()
    progress.say(f"Searching {config.source} from {config.start} to {end}.")
    found = plan(source, config.geometry, config.start, end, config.masks.max_cloud_percent)
    _require(found, config.source, config.start, end)
    listed = len(found.scenes) + len(found.aside)
    settled = _settled(case, found)
    if case.db.get("settled") == settled and case.state.is_dir():
        return UpdateResult(listed, 0, 0, None, _nothing_new(listed), notes=_notes(case, end))
    from gossan.run.advance import do, work_of

    work = work_of(case, source, found)
    if work.new:
        progress.say(work.announcement)
    if dry_run:
        notes = short_period(config.start, config.history_until, end)
        notes += short_looks(_offered(found), config.start, config.history_until, config.monitor)
        said = f"{len(work.new)} scenes would be read."
        return UpdateResult(listed, 0, 0, None, said, notes=tuple(notes))
    brought, failed = do(case, work, how, progress)
    if not failed:
        case.db.put("settled", settled)
    read = len(work.new) - failed
    said = _sentence(listed, read, failed, brought)
    return UpdateResult(listed, read, failed, brought, said, notes=_notes(case, end))


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
        said += short_looks(list(seen.items()), config.start, config.history_until, config.monitor)
    refuted = sum(r.offset_refuted for r in records)
    untested = sum(r.offset_untested for r in records)
    if refuted:
        said.append(
            f"{refuted} scenes were set aside: their pixels contradict the offset that the "
            "catalogue states. The dossier lists them with what was tested."
        )
    if untested:
        said.append(
            f"Of {untested} scenes used it could not be tested whether the stated offset is right; "
            "the dossier lists them with the reason."
        )
    return tuple(said)


def _radar(case: OpenCase, progress: Progress, dry_run: bool, how: How) -> RadarBrought:
    """Radar's turn, on the grid that the optical images have fixed."""
    from gossan.run.radar import update_radar

    return update_radar(case, how, progress, dry_run=dry_run)


def _settled(case: OpenCase, found: SearchResult) -> str:
    """Hash of all an update's result depends on: the case, the catalogue's answer, gossan."""
    return hash_json(
        {
            "version": __version__,
            "case": hash_bytes((case.folder / "case.toml").read_bytes()),
            "area": hash_bytes(case.config.geometry.wkb),
            "read": [[s.id for s in a.scenes] for a in found.acquisitions],
            "scenes": [_fingerprint(s) for s in found.scenes],
            "aside": [[r.id, r.outcome.value, r.reason] for r in found.aside],
        }
    )


def _fingerprint(scene: Scene) -> list[Any]:
    """What would differ if the provider had processed the scene again."""
    properties = scene.item.properties
    said = [properties.get(k) for k in ("updated", "s2:generation_time", "s2:processing_baseline")]
    bands = {k: [b.href, b.scale, b.offset, b.checksum] for k, b in scene.bands.items()}
    return [scene.id, scene.time.isoformat(), said, bands]


def _require(found: SearchResult, source: str, start: date, end: date) -> None:
    if not found.acquisitions:
        reasons = ", ".join(sorted({r.outcome.value for r in found.aside}))
        raise GossanError(
            Code.SOURCE,
            f"{source} lists {len(found.aside)} scenes from {start} to {end}, none of them "
            f"usable ({reasons}).",
            "Raise masks.max_cloud_percent, widen the period or choose another source.",
        )


def _nothing_new(listed: int) -> str:
    return f"Nothing new: all {listed} scenes of the catalogue are accounted for."


def _sentence(listed: int, read: int, failed: int, brought: Brought) -> str:
    gap = f" {failed} could not be read and count as gaps; run again to retry." if failed else ""
    if not (read or brought.fitted or brought.gone_back or brought.stepped):
        return _nothing_new(listed) + gap
    did = [f"{read} scenes read"]
    if brought.fitted:
        did.append("history learned")
    if brought.gone_back:
        did.append(f"{brought.gone_back} scenes taken back")
    did.append(f"{brought.stepped} scenes followed")
    return f"Updated: {', '.join(did)}; {listed} scenes in the catalogue.{gap}"
