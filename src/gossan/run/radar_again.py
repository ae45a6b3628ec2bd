"""What a re-run follows beside the optical images: radar, from the case that holds its images."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase, read_case_folder
from gossan.case.monitoring import Acquisition
from gossan.case.sensors import RADAR
from gossan.case.state import frame_of
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.evidence.ledger import Record
from gossan.io.scene_copies import hashes_now
from gossan.run.advance import follow, open_engine


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
        shutil.copytree(RADAR.scenes(old.folder), RADAR.scenes(case.folder))
        for name in ("radar_orbit", "radar_scenes"):
            case.db.put(name, old.db.get(name) or "")
    frame = frame_of(case, grid, RADAR.rules.bands, RADAR)
    store, looks, changed = frame.scenes, [], []
    for stored in (s for s in store.list() if s.key in read):
        if hashes_now(store, stored.key) != read[stored.key]:
            changed.append((stored.key, tr("its radar pixels were changed")))
        if stored.usable_share > 0:
            looks.append(Acquisition.at(stored))
    missing = {k for k in read if not (store.folder / f"{k}.json").is_file()}
    changed += [(k, tr("the case no longer holds this radar image")) for k in sorted(missing)]
    view = {"orbit": case.db.get("radar_orbit") or ""}
    with open_engine(How(), case.folder, progress) as engine:
        follow(case, RADAR, frame, looks, How(), engine, progress, view)
    return changed
