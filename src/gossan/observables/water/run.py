"""`gossan water`: standing water, turbidity and rivers of a case, from its scenes and from others.

The scenes that the case keeps are read again, block by block and look by look; what is done is
kept every few seconds, and the same question is not worked out twice.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox
from pyproj import Transformer

from gossan.case.context import OpenCase, consult_case, open_case
from gossan.case.documents import digest, document, given_names, name_given, record, series_of
from gossan.case.state import Monitored, monitored, stored_grid
from gossan.case.unfinished import keep, resumed
from gossan.core.case import WaterConfig
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file, hash_json
from gossan.core.measured import Series, Subject
from gossan.core.names import given_name
from gossan.core.progress import Progress
from gossan.core.serialise import from_plain, to_plain
from gossan.core.values import Measurement
from gossan.core.water import Reach, Role
from gossan.core.words import tr
from gossan.dossier.model import DossierModel
from gossan.io.case_db import Document
from gossan.io.water_files import read_external, read_reaches, read_samples
from gossan.observables.observable import Again
from gossan.observables.water import external as brought
from gossan.observables.water import lakes, river, turbidity, water_mask
from gossan.observables.water.calibrate import Calibration, calibrate
from gossan.observables.water.lake_claims import LakePlace
from gossan.observables.water.scenes import (
    Job,
    Part,
    matches_of,
    readings_of,
    standing_water,
    zone_of,
)
from gossan.observables.water.series import AREA, RATIO, TURBIDITY, series_from
from gossan.observables.water.turbidity_claims import WaterPlace

PART, FOUND = "water_part", "water_found"
BROUGHT = "brought-"
SENSOR = "Sentinel-2 L2A, turbidity of pure-water pixels"
SENSOR_BROUGHT = "measurements of others"


@dataclass(frozen=True)
class Asked:
    """What a person asks; None takes what `case.toml` says.

    Attributes
    ----------
    reaches, samples : files
    brought : files with measurements of others
    normal_until : last day on which the waters are taken to be as usual
    unit : of the files brought
    """

    reaches: Path | None = None
    samples: Path | None = None
    brought: tuple[Path, ...] = ()
    normal_until: date | None = None
    unit: str = "FNU"


@dataclass(frozen=True)
class Found:
    """What beside the series came of it, as kept in the database.

    Attributes
    ----------
    bodies : id of a water body -> row and column of a point in it, and its pixels
    changes : id of a ratio's series -> by what factor it changed after the last normal day
    calibration : None where there were too few samples, or none
    reaches : name -> role of every reach asked for
    normal_until : as asked
    formula : of turbidity, "" where it could not be had
    index : what told water from land, "" where nothing could
    notes : what a reader must know, one sentence each
    """

    bodies: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    changes: dict[str, Measurement] = field(default_factory=dict)
    calibration: Calibration | None = None
    reaches: dict[str, str] = field(default_factory=dict)
    normal_until: date | None = None
    formula: str = ""
    index: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watered:
    """Every series of water the case has, by id, and what else was found."""

    series: dict[str, Series]
    found: Found

    @property
    def sentence(self) -> str:
        """One line that says what there is now."""
        kinds = {s.quantity for s in self.series.values()}
        bodies = sum(s.quantity == AREA for s in self.series.values())
        rest = f"; {', '.join(sorted(kinds))}" if kinds else ""
        return tr(
            "{bodies} water bodies, {n_series} series{rest}.",
            bodies=bodies,
            n_series=len(self.series),
            rest=rest,
        )


def measure_water(folder: Path, asked: Asked, progress: Progress) -> Watered:
    """Measure the waters of a case; see `gossan water --help`.

    Raises GossanError (WATER) for its files, (STATE) for a case without images that is given
    none of others.
    """
    with consult_case(folder, progress) as case:
        return water_of_case(case, asked, progress)


def water_of_case(case: OpenCase, asked: Asked, progress: Progress) -> Watered:
    """The same for an opened case."""
    config = case.config.water
    files = {
        "reaches": asked.reaches or (case.folder / config.reaches if config.reaches else None),
        "samples": asked.samples or (case.folder / config.samples if config.samples else None),
    }
    until = asked.normal_until or config.normal_until
    reaches = read_reaches(files["reaches"]) if files["reaches"] else ()
    hashes = {name: hash_file(path) for name, path in files.items() if path}
    given = [read_external(path) for path in asked.brought]
    for b in given:
        progress.say(tr("Read {b}: {n_b:,} values.", b=b.name, n_b=len(b.value)))
    new = {
        s.id: s
        for s in (
            *brought.of_reaches(given, reaches, asked.unit),
            *brought.of_places(given, asked.unit),
        )
    }
    if given and not new:
        raise GossanError(
            Code.WATER,
            tr("None of the values brought lies in a reach, and they name no place."),
            tr("Give a file of reaches that holds them: --reaches FILE."),
        )
    known = {i: s for i, s in series_of(case.db).items() if _mine(s)}
    kept = {i: s for i, s in known.items() if i.startswith(BROUGHT)}
    outside = kept | {i: _joined(kept.get(i), s) for i, s in new.items()}
    found = Found(reaches={r.name: r.role.value for r in reaches}, normal_until=until)
    seen: dict[str, Series] = {}
    lie: dict[str, str] = {}
    if stored_grid(case) is not None:
        samples = read_samples(files["samples"]) if files["samples"] else ()
        seen, found, lie = _from_scenes(
            case, monitored(case), reaches, samples, known, found, hashes, progress
        )
    elif not outside:
        monitored(case)  # says what to do first
    inputs = {**hashes, "brought": sorted(b.digest for b in given)}
    _keep(case, known, {**seen, **outside}, found, inputs, lie)
    return Watered({**seen, **outside}, found)


def watered(case: OpenCase) -> Watered | None:
    """What an earlier `gossan water` found, None where it was never called."""
    text = case.db.get(FOUND)
    if text is None:
        return None
    series = {i: s for i, s in series_of(case.db).items() if _mine(s)}
    return Watered(series, from_plain(Found, json.loads(text)))


def waters_followed(
    case: OpenCase,
) -> tuple[tuple[WaterPlace, ...], tuple[LakePlace, ...], date | None]:
    """The waters whose turbidity is followed, those whose area is, and the last usual day.

    Nothing that was read of them is among it: questions are made of this.
    """
    known = watered(case)
    if known is None:
        return (), (), case.config.water.normal_until
    roles = known.found.reaches
    up = {
        s.method: s
        for s in known.series.values()
        if s.quantity == TURBIDITY and roles.get(s.place) == Role.UPSTREAM
    }
    places = [
        WaterPlace(
            s.id,
            s.place,
            Role(roles.get(s.place, Role.OTHER)),
            s.lon,
            s.lat,
            up[s.method].id if s.method in up and s.id != up[s.method].id else "",
            f"{SENSOR_BROUGHT} ({s.source})" if s.source else SENSOR,
        )
        for s in known.series.values()
        if s.quantity == TURBIDITY
    ]
    lakes = tuple(
        LakePlace(s.id, s.place, s.lon, s.lat) for s in known.series.values() if s.quantity == AREA
    )
    return tuple(places), lakes, known.found.normal_until


def _from_scenes(
    case: OpenCase,
    state: Monitored,
    reaches: Sequence[Reach],
    samples: Sequence[Any],
    known: Mapping[str, Series],
    found: Found,
    hashes: Mapping[str, str],
    progress: Progress,
) -> tuple[dict[str, Series], Found, dict[str, str]]:
    bands = state.frame.bands
    index = water_mask.index_for(bands)
    if index is None:
        note = tr("Water cannot be told from the bands {found}.", found=", ".join(bands))
        return {}, replace(found, notes=(*found.notes, note)), {}
    formula = turbidity.formula_for(bands)
    zones = tuple(z for r in reaches if (z := zone_of(state, r)))
    away = sorted({r.name for r in reaches} - {z.reach.name for z in zones})
    job = Job(state, formula, zones, tuple(samples))
    key = _key(state, hashes)
    part, kept = resumed(case, PART, key, Part), partial(keep, case, PART, key)

    standing = standing_water(job, part, kept, progress)
    found_now = lakes.find_basins(standing, state.frame.inside)
    basins, lie = named_basins(found_now, state.grid, known, given_names(case.db))
    if not set(basins) <= set(part.basins):
        part.looks, part.basins = {}, sorted(basins)
    readings_of(job, basins, part, kept, progress)
    calibration = calibrate(matches_of(part)) if samples else None
    series = series_from(job, basins, part, calibration)
    notes = list(found.notes)
    if away:
        notes.append(tr("Outside the images: {away}.", away=", ".join(away)))
    if samples and calibration is None:
        notes.append(
            tr(
                "{n_part} samples lie on clear water on a day with a scene: too few to calibrate "
                "with.",
                n_part=len(matches_of(part)),
            )
        )
    bodies = {name: (*b.point, b.pixels) for name, b in basins.items()}
    return (
        series,
        replace(
            found,
            bodies=bodies,
            changes=_changes(series, found.normal_until),
            calibration=calibration,
            index=index.value,
            formula="" if formula is None else turbidity.method(formula, bands),
            notes=tuple(notes),
        ),
        lie,
    )


def _changes(series: Mapping[str, Series], until: date | None) -> dict[str, Measurement]:
    """By how much the ratio of two reaches changed after the day up to which all was as usual."""
    if until is None:
        return {}
    ratios = {i: s for i, s in series.items() if s.quantity == RATIO}
    found = {i: river.change_of_ratio(s.readings, until + timedelta(1)) for i, s in ratios.items()}
    return {i: m for i, m in found.items() if m is not None}


def named_basins(
    basins: Sequence[lakes.Basin],
    grid: GeoBox,
    known: Mapping[str, Series],
    given: Mapping[str, str],
) -> tuple[dict[str, lakes.Basin], dict[str, str]]:
    """Basins by id, in their order: the one they were called by before, or one made of where they
    lie; and of each id where it lies. No id is given to two, or again to another than before."""
    to_grid = Transformer.from_crs("EPSG:4326", str(grid.crs), always_xy=True)
    points = {}
    for s in known.values():
        if s.quantity == AREA:
            col, row = ~grid.transform * to_grid.transform(s.lon, s.lat)
            points[s.subject_id] = (int(row), int(col))
    names: dict[str, str] = {}
    out: dict[str, lakes.Basin] = {}
    for basin, name in zip(basins, lakes.same_basin(basins, points), strict=True):
        where = f"{grid.crs} {grid.transform * (basin.point[1], basin.point[0])}"
        if name is None or name in out:
            name = given_name("W-", where, {*points, *out}, given)
        out[name], names[name] = basin, where
    return out, names


def _mine(s: Series) -> bool:
    return s.quantity in (AREA, TURBIDITY, RATIO)


def _joined(old: Series | None, new: Series) -> Series:
    """A series with days brought later: the new file's value where both have one."""
    if old is None:
        return new
    by_day = {r.day: r for r in (*old.readings, *new.readings)}
    sources = dict.fromkeys((*old.source.split("; "), *new.source.split("; ")))
    readings = tuple(by_day[d] for d in sorted(by_day))
    return replace(new, readings=readings, source="; ".join(sources))


def _key(state: Monitored, hashes: Mapping[str, str]) -> str:
    methods = (water_mask.METHOD, lakes.METHOD, river.METHOD)
    return hash_json(
        {
            "methods": methods,
            "state": state.head.chain,
            "files": dict(hashes),
            "looks": [look.name for look in state.looks],
        }
    )


def _keep(
    case: OpenCase,
    known: Mapping[str, Series],
    series: Mapping[str, Series],
    found: Found,
    inputs: Mapping[str, Any],
    lie: Mapping[str, str],
) -> None:
    """Series, names and ledger record in one; nothing is written where nothing changed."""
    changed = {i: s for i, s in series.items() if known.get(i) != s}
    gone = [i for i in known if i not in series]
    text = json.dumps(to_plain(found), sort_keys=True)
    if not changed and not gone and case.db.get(FOUND) == text:
        return
    documents: list[Document] = [document("series", i, s) for i, s in changed.items()]
    documents += [document("series", i, None) for i in gone]
    given = given_names(case.db)
    documents += [name_given(i, where) for i, where in sorted(lie.items()) if i not in given]
    record(
        case.db,
        "water",
        {**inputs, "state": case.db.get("sites_hash") or ""},
        {
            "series": {i: digest(s) for i, s in changed.items()},
            "gone": gone,
            "found": hash_json(json.loads(text)),
        },
        documents,
        {"normal_until": str(found.normal_until), "formula": found.formula},
    )
    case.db.put(FOUND, text)


def water_again(rerun: Again) -> tuple[str, ...]:
    """Measure the waters of the new case as the ledger says they were measured.

    Files of reaches and samples are no part of a dossier: they are taken from the case named where it
    still holds the very same. Returns, in words, why nothing was measured.
    """
    last, folder, case = rerun.last("water"), rerun.folder, rerun.case
    if last is None:
        return ()
    assert rerun.model.recipe is not None
    inputs = last["inputs"]
    if inputs.get("brought"):
        return (tr("Water was not computed anew: it rests on measurements that others brought."),)
    files = _files(rerun.model.recipe.config.water, inputs, case)
    missing = [name for name, path in files.items() if path is None]
    if missing:
        return (
            tr(
                "Water was not computed anew: it needs the file of {missing} that it was measured "
                "with. Name the case that holds it with --case.",
                missing=tr(" and ").join(missing),
            ),
        )
    paths = {n: Path(shutil.copy(p, folder / p.name)) for n, p in files.items() if p is not None}
    until = last["parameters"].get("normal_until", "None")
    normal = None if until == "None" else date.fromisoformat(until)
    _call_waters(folder, rerun.model)
    measure_water(
        folder, Asked(paths.get("reaches"), paths.get("samples"), (), normal), rerun.progress
    )
    return ()


def _call_waters(folder: Path, model: DossierModel) -> None:
    """Keep in the new case what the waters were called: a basin keeps the name it was first given
    while its shape changes with every image."""
    (table,) = (
        data
        for c in model.chapters
        if c.key == "water"
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
