"""What a re-run computes beside the optical images: radar, waters, terrain and traffic.

What they rest on beside images (files of reaches and places, an elevation model, radar images) is
no part of a dossier. It is taken from the case that still holds it; where none is named, or what it
holds is another by now, that is said in words and the part is left out.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase, open_case, read_case_folder
from gossan.case.documents import document, record
from gossan.case.monitoring import Look
from gossan.core.case import CaseConfig, WaterConfig
from gossan.core.hashing import hash_file
from gossan.core.measured import Series, Subject
from gossan.core.params import How
from gossan.core.progress import Progress
from gossan.dossier.model import DossierModel
from gossan.evidence.ledger import Record
from gossan.io.dem import kept_dem
from gossan.io.radar_scenes import RadarStore
from gossan.io.scene_copies import hashes_now
from gossan.observables.terrain.dem import MAIN, folder_of
from gossan.observables.terrain.run import measure_terrain
from gossan.observables.traffic.run import Asked as OnRoads
from gossan.observables.traffic.run import measure_traffic
from gossan.observables.water.run import Asked, measure_water
from gossan.observables.water.series import AREA
from gossan.run.radar import follow_radar

WATER, TERRAIN, TRAFFIC, RADAR = "water", "terrain", "traffic", "radar"
"""Actions in the ledger, and keys of the chapters of the first three."""
APART = (WATER, TERRAIN, TRAFFIC)
"""Chapters that say for themselves why they were not computed anew."""


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


def terrain_again(
    folder: Path,
    model: DossierModel,
    chain: Sequence[Record],
    case: Path | None,
    progress: Progress,
) -> tuple[str, ...]:
    """Follow the water from the sites of the new case in `folder` with the elevation model that
    `case` keeps. Returns, in words, why it was not done."""
    last = next((b for b, _ in reversed(chain) if b["action"] == TERRAIN), None)
    if last is None or all(c.key != TERRAIN for c in model.chapters):
        return ()
    if case is None:
        return (
            "Terrain was not computed anew: it needs the elevation model and the files of "
            "places. Name the case that holds them with --case.",
        )
    with read_case_folder(case) as old:
        kept = kept_dem(folder_of(old), MAIN)
        if kept is None or kept.content != last["inputs"]["model"]:
            return (
                "Terrain was not computed anew: the case no longer holds the elevation model "
                "that was used.",
            )
        shutil.copytree(folder_of(old), folder / "terrain")
        for name in _named(old.config):
            if (case / name).is_file():
                shutil.copy(case / name, folder / name)
    measure_terrain(folder, None, None, progress)
    return ()


def _named(config: CaseConfig) -> tuple[str, ...]:
    """Files in the case folder that terrain may need."""
    places, dem = config.places, config.terrain.dem
    return (*places.settlements, *places.intakes, *places.protected, *((dem,) if dem else ()))


def water_again(
    folder: Path,
    model: DossierModel,
    chain: Sequence[Record],
    case: Path | None,
    progress: Progress,
) -> tuple[str, ...]:
    """Measure the waters of the new case in `folder` as the ledger says they were measured.

    Files of reaches and samples are no part of a dossier: they are taken from `case` where it
    still holds the very same. Returns, in words, why nothing was measured.
    """
    last = next((b for b, _ in reversed(chain) if b["action"] == WATER), None)
    if last is None or all(c.key != WATER for c in model.chapters):
        return ()
    assert model.recipe is not None
    inputs = last["inputs"]
    if inputs.get("brought"):
        return ("Water was not computed anew: it rests on measurements that others brought.",)
    files = _files(model.recipe.config.water, inputs, case)
    missing = [name for name, path in files.items() if path is None]
    if missing:
        return (
            f"Water was not computed anew: it needs the file of {' and '.join(missing)} that it "
            "was measured with. Name the case that holds it with --case.",
        )
    paths = {n: Path(shutil.copy(p, folder / p.name)) for n, p in files.items() if p is not None}
    until = last["parameters"].get("normal_until", "None")
    normal = None if until == "None" else date.fromisoformat(until)
    _call_waters(folder, model)
    measure_water(folder, Asked(paths.get("reaches"), paths.get("samples"), (), normal), progress)
    return ()


def _call_waters(folder: Path, model: DossierModel) -> None:
    """Keep in the new case what the waters were called: a basin keeps the name it was first given
    while its shape changes with every image."""
    (table,) = (
        data
        for c in model.chapters
        if c.key == WATER
        for name, data in c.files
        if name == "water.csv"
    )
    known = {
        row["id"]: Series(
            row["id"],
            AREA,
            row["unit"],
            0.0,
            row["method"],
            Subject.WATER_BODY,
            row["subject"],
            row["place"],
            float(row["lon"]),
            float(row["lat"]),
            (),
        )
        for row in csv.DictReader(io.StringIO(table.decode()))
        if row["quantity"] == AREA
    }
    if known:
        with open_case(folder) as case:
            documents = [document("series", i, s) for i, s in known.items()]
            record(case.db, "rerun", {"ledger": model.ledger_head}, {}, documents)


def _files(
    config: WaterConfig, inputs: Mapping[str, Any], case: Path | None
) -> dict[str, Path | None]:
    """Of each kind of file that was used the one the case still holds, None where it does not."""
    out: dict[str, Path | None] = {}
    for name, said in (("reaches", config.reaches), ("samples", config.samples)):
        if name not in inputs:
            continue
        path = case / said if case is not None and said else None
        same = path is not None and path.is_file() and hash_file(path) == inputs[name]
        out[name] = path if same else None
    return out


def traffic_again(
    folder: Path,
    model: DossierModel,
    chain: Sequence[Record],
    case: Path | None,
    progress: Progress,
) -> tuple[str, ...]:
    """Look along the roads again in the new case in `folder`, with the file of roads that `case`
    still holds. Returns, in words, why it was not done."""
    last = next((b for b, _ in reversed(chain) if b["action"] == TRAFFIC), None)
    if last is None or all(c.key != TRAFFIC for c in model.chapters):
        return ()
    name, wanted = last["inputs"]["file"], last["inputs"]["roads"]
    path = None if case is None else case / name
    if path is None or not path.is_file() or hash_file(path) != wanted:
        return (
            "Traffic was not computed anew: it needs the file of roads. Name the case that "
            "holds it with --case.",
        )
    (folder / name).parent.mkdir(exist_ok=True)
    roads = Path(shutil.copy(path, folder / name))
    until = last["parameters"]["split"]
    split = None if until == "None" else date.fromisoformat(until)
    measure_traffic(folder, OnRoads(roads, split), progress)
    return ()
