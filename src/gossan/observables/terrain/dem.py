"""Which elevation model a case uses, brought into its folder and recorded."""

from __future__ import annotations

from pathlib import Path

from shapely.geometry.base import BaseGeometry

from gossan.case.context import OpenCase
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.evidence.ledger import Step
from gossan.io.case_file import read_local
from gossan.io.dem import (
    KeptDem,
    around,
    dem_source,
    find_dem,
    keep_dem,
    kept_dem,
    read_dem,
    read_dem_file,
)
from gossan.io.scenes import grid_json

MAIN, LATER = "dem", "later"
"""Names under which the model that water is followed on and a later one are kept."""


def folder_of(case: OpenCase) -> Path:
    """Where elevation models are kept."""
    return case.folder / "terrain"


def main_dem(case: OpenCase, given: Path | None, progress: Progress) -> KeptDem:
    """The model water is followed on: the file given now, the file named in case.toml, the file
    given before, or the catalogue's, in this order.

    Read anew only where another is asked for, or another area or margin. Raises GossanError: DEM,
    SOURCE, READ as in `io.dem`.
    """
    config = case.config.terrain
    box = around(case.config.geometry, config.margin_km)
    named = given or (case.folder / config.dem if config.dem is not None else None)
    if named is not None:
        return _from_file(case, MAIN, named, box)
    kept = _kept(case, MAIN, box)
    mine = {"source": config.source, "collection": config.collection}
    if kept is not None and ("file" in kept.origin or mine.items() <= kept.origin.items()):
        return kept
    source = dem_source(
        config.source,
        config.collection,
        case.folder,
        case.config.local_folders,
        read_local(case.folder).private_hosts,
    )
    progress.say(
        tr(
            "Searching {collection} of {source} for an elevation model.",
            collection=config.collection,
            source=config.source,
        )
    )
    tiles = find_dem(source, box)
    with progress.task(tr("Reading elevation"), len(tiles)) as task:
        found = read_dem(tiles, source, box, task.advance)
    found = KeptDem(found.elevation, {**found.origin, **mine}, found.content)
    return _keep(case, MAIN, found, box)


def later_dem(case: OpenCase, given: Path | None) -> KeptDem | None:
    """The later model: the file given now or before, None where none ever was."""
    box = around(case.config.geometry, case.config.terrain.margin_km)
    if given is not None:
        return _from_file(case, LATER, given, box)
    return _kept(case, LATER, box)


def _from_file(case: OpenCase, name: str, path: Path, box: BaseGeometry) -> KeptDem:
    if not path.is_file():
        raise GossanError(
            Code.DEM,
            tr("The elevation model {path} does not exist.", path=path),
            tr("Check the path, or leave it out to search a catalogue."),
        )
    kept = _kept(case, name, box)
    if kept is not None and kept.origin.get("sha256") == hash_file(path):
        return kept
    return _keep(case, name, read_dem_file(path, box), box)


def _kept(case: OpenCase, name: str, box: BaseGeometry) -> KeptDem | None:
    """What is kept under a name, if it was read over this box."""
    found = kept_dem(folder_of(case), name)
    return found if found is not None and found.origin.get("box") == _bounds(box) else None


def _keep(case: OpenCase, name: str, dem: KeptDem, box: BaseGeometry) -> KeptDem:
    whole = KeptDem(dem.elevation, {**dem.origin, "box": _bounds(box)}, dem.content)
    if not case.db.private:
        keep_dem(folder_of(case), name, whole)
    step = Step(
        "dem",
        {k: v for k, v in whole.origin.items() if k != "file"},  # the hash stands for the name
        {"name": name},
        {"content": whole.content, "grid": grid_json(whole.elevation.grid)},
    )
    case.db.append(step.seal)
    return whole


def _bounds(box: BaseGeometry) -> list[float]:
    return [round(float(v), 7) for v in box.bounds]
