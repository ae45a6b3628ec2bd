"""What a re-run follows beside the optical images: radar, from the case that holds its images."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase, read_case_folder
from gossan.case.execution import How
from gossan.case.monitoring import Look
from gossan.core.progress import Progress
from gossan.evidence.ledger import Record
from gossan.io.radar_scenes import RadarStore
from gossan.io.scene_copies import hashes_now
from gossan.run.radar import follow_radar


def radar_again(
    case: OpenCase, chain: Sequence[Record], grid: GeoBox, there: Path, progress: Progress
) -> list[tuple[str, str]]:
    """Follow radar in the new case with the images of the case `there`; returns key and words of
    those that are not as they were read."""
    read = {
        b["inputs"]["scene"]: b["outputs"]["hashes"]
        for b, _ in chain
        if b["action"] == "radar-read"
    }
    with read_case_folder(there) as old:
        shutil.copytree(old.radar_scenes, case.radar_scenes)
        for name in ("radar_orbit", "radar_scenes"):
            case.db.put(name, old.db.get(name) or "")
    store, looks, changed = RadarStore(case.radar_scenes, grid), [], []
    for stored in (s for s in store.list() if s.key in read):
        if hashes_now(store, stored.key) != read[stored.key]:
            changed.append((stored.key, "its radar pixels were changed"))
        if stored.usable_share > 0:
            looks.append(Look.at(stored))
    missing = {k for k in read if not (case.radar_scenes / f"{k}.json").is_file()}
    changed += [(k, "the case no longer holds this radar image") for k in sorted(missing)]
    orbit = case.db.get("radar_orbit") or ""
    follow_radar(case, grid, orbit, looks, How(), progress)
    return changed
