"""Where the water goes from the sites of a case, how steep they are, what was moved."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from gossan.case.context import OpenCase, consult_case, read_case_folder
from gossan.case.documents import TERRAIN, document, terrain_of
from gossan.case.pixels import Pixels
from gossan.case.sites import sites_of
from gossan.case.state import Monitored, monitored
from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file, hash_json
from gossan.core.progress import Progress
from gossan.core.serialise import to_plain
from gossan.core.terrain import Alignment, SiteTerrain, SiteVolume
from gossan.core.values import Site, SiteStatus
from gossan.core.words import tr
from gossan.cube.series import site_series
from gossan.evidence.ledger import Step
from gossan.io.case_db import Document
from gossan.io.dem import KeptDem, kept_dem
from gossan.io.places import read_places
from gossan.observables.observable import Again
from gossan.observables.terrain.dem import MAIN, folder_of, later_dem, main_dem
from gossan.observables.terrain.erosion import EROSION, cover_factor
from gossan.observables.terrain.flow import Asked, Drawn, SiteCells, described, draw
from gossan.observables.terrain.reach import plane_of
from gossan.observables.terrain.routing import FLOW, FlowGrid, cells_of, ground_of
from gossan.observables.terrain.store import (
    ONLY,
    RUN,
    VOLUME,
    TerrainRun,
    run_of,
    sites_key,
    volumes_of,
)
from gossan.observables.terrain.volume import VOLUME as VOLUME_METHOD
from gossan.observables.terrain.volume import difference, site_volumes

MEMORY_BYTES = 2 * 2**30
BYTES_A_CELL = 100
"""What one realisation holds at once; so many work side by side as fit MEMORY_BYTES."""

COVER_DAYS = 365
"""The cover of a site is taken from the looks of so many last days."""


@dataclass(frozen=True)
class TerrainResult:
    """What `gossan terrain` found.

    Attributes
    ----------
    run : how it was worked out
    sites : ground and way of every site on the model, in the order of the sites
    volumes : what was moved at every site; empty without a later model
    provisional : ids of those of the sites that are not confirmed
    sentence : what this call did
    """

    run: TerrainRun
    sites: tuple[SiteTerrain, ...]
    volumes: tuple[SiteVolume, ...]
    sentence: str
    provisional: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        whole: dict[str, Any] = to_plain(self)
        return whole


def measure_terrain(
    folder: Path, dem: Path | None, after: Path | None, progress: Progress
) -> TerrainResult:
    """Follow the water from every site of a case; see `gossan terrain --help`.

    Asked again, nothing is computed again. Raises GossanError: STATE before the first update,
    DEM, SOURCE, READ for the elevation model, PLACES for the files of places.
    """
    with consult_case(folder, progress) as case:
        state = monitored(case)
        sites = sites_of(case).sites
        if not sites:
            raise GossanError(
                Code.DEM,
                tr("The case has no sites, so there is nothing to follow water from."),
                tr("Run `gossan update` when there are new images."),
            )
        model = main_dem(case, dem, progress)
        later = later_dem(case, after)
        key = _key(case, state, sites, model, later)
        known = run_of(case)
        if known is not None and known.key == key:
            return _result(case, known, sites, tr("Nothing new: terrain was worked out before."))
        run, found, volumes = _measure(case, state, sites, model, later, key, progress)
        _keep(case, run, found, volumes, model, later)
        return _result(case, run, sites, _sentence(run, found))


def _measure(
    case: OpenCase,
    state: Monitored,
    sites: Sequence[Site],
    model: KeptDem,
    later: KeptDem | None,
    key: str,
    progress: Progress,
) -> tuple[TerrainRun, tuple[SiteTerrain, ...], tuple[SiteVolume, ...]]:
    config = case.config.terrain
    ground = ground_of(model.elevation)
    box = shapely.box(*ground.grid.geographic_extent.boundingbox.bbox)
    places = read_places(case.folder, case.config.places, box)
    placed = _on(ground, state, sites)
    plane = plane_of(ground.grid, places, float(np.mean(ground.cell_m)))
    asked = Asked(ground, placed, plane, config)
    found = described(asked, _drawn(asked, progress)) if placed else ()
    volumes: tuple[SiteVolume, ...] = ()
    alignment: Alignment | None = None
    if later is not None:
        shapes = {s.id: s.geometry for s in sites}
        moved = difference(model.elevation, later.elevation, list(shapes.values()), config.seed)
        volumes, alignment = site_volumes(moved, shapes), moved.alignment
    on = {s.id for s in placed}
    run = TerrainRun(
        key=key,
        sites=sites_key(sites),
        realisations=config.realisations,
        error_m=config.error_m,
        error_range_m=config.error_range_m,
        reach_km=config.reach_km,
        aside_m=config.aside_m,
        channel_km2=config.channel_km2,
        cell_m=ground.cell_m,
        model=_named(model),
        places=len(places),
        off=tuple(s.id for s in sites if s.id not in on),
        later="" if later is None else _named(later),
        alignment=alignment,
    )
    return run, found, volumes


def _drawn(asked: Asked, progress: Progress) -> list[Drawn]:
    """All realisations, in their order whatever the number of threads."""
    n = asked.config.realisations
    fit = MEMORY_BYTES // (asked.ground.heights.size * BYTES_A_CELL)
    workers = max(1, min(os.cpu_count() or 1, fit))
    drawn: dict[int, Drawn] = {}
    with progress.task(tr("Following the water"), n) as task, ThreadPoolExecutor(workers) as pool:
        jobs = {pool.submit(draw, asked, i): i for i in range(n)}
        try:
            for job in as_completed(jobs):
                drawn[jobs[job]] = job.result()
                task.advance()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [drawn[i] for i in range(n)]


def _on(ground: FlowGrid, state: Monitored, sites: Sequence[Site]) -> tuple[SiteCells, ...]:
    """The sites that lie on the model, with their cover."""
    to_grid = Transformer.from_crs("EPSG:4326", str(ground.grid.crs), always_xy=True)
    shapes = [
        shapely.transform(s.geometry, lambda x, y: to_grid.transform(x, y), interleaved=False)
        for s in sites
    ]
    last = state.looks[-1].day
    recent = tuple(look for look in state.looks if look.day > last - COVER_DAYS)
    pixels = Pixels.of(replace(state, looks=recent))
    height = ground.heights.ravel()
    out = []
    for site, cells in zip(sites, cells_of(ground.grid, shapes), strict=True):
        known = cells[np.isfinite(height[cells])]
        if known.size:
            out.append(SiteCells(site.id, known, cover_factor(_ndvi(pixels, site))))
    return tuple(out)


def _ndvi(pixels: Pixels, site: Site) -> float | None:
    """Median NDVI of a site over the recent looks, None where it was not seen."""
    rows, cols = site.pixels
    window = (slice(rows.min(), rows.max() + 1), slice(cols.min(), cols.max() + 1))
    local = (rows - window[0].start, cols - window[1].start)
    seen = site_series(pixels.cube(window), local).ndvi
    known = seen[np.isfinite(seen)]
    return float(np.median(known)) if known.size else None


def _key(
    case: OpenCase, state: Monitored, sites: Sequence[Site], model: KeptDem, later: KeptDem | None
) -> str:
    """Hash of all the result depends on."""
    files = case.config.places
    names = [n for group in (files.settlements, files.intakes, files.protected) for n in group]
    paths = [case.folder / n for n in names]
    return hash_json(
        {
            "methods": [FLOW, EROSION, VOLUME_METHOD],
            "state": state.head.snapshot,
            "sites": sites_key(sites),
            "model": model.content,
            "later": None if later is None else later.content,
            "config": asdict(case.config.terrain),
            "places": {**asdict(files), "hashes": [hash_file(p) for p in paths if p.is_file()]},
        }
    )


def _keep(
    case: OpenCase,
    run: TerrainRun,
    found: Sequence[SiteTerrain],
    volumes: Sequence[SiteVolume],
    model: KeptDem,
    later: KeptDem | None,
) -> None:
    """Replace what was kept, and record it, in one transaction."""
    fresh: dict[str, dict[str, SiteTerrain | SiteVolume]] = {
        TERRAIN: {t.site: t for t in found},
        VOLUME: {v.site: v for v in volumes},
    }
    documents: list[Document] = [document(RUN, ONLY, run)]
    for kind, values in fresh.items():
        documents += [document(kind, name, value) for name, value in values.items()]
        documents += [(kind, name, None) for name in case.db.documents(kind) if name not in values]
    body = {"terrain": [to_plain(t) for t in found], "volume": [to_plain(v) for v in volumes]}
    step = Step(
        "terrain",
        {
            "model": model.content,
            "later": None if later is None else later.content,
            "sites": run.sites,
            "key": run.key,
        },
        {k: v for k, v in asdict(case.config.terrain).items() if k != "dem"},
        {"sites": len(found), "hash": hash_json(body)},
    )
    case.db.append(step.seal, documents)


def _result(case: OpenCase, run: TerrainRun, sites: Sequence[Site], sentence: str) -> TerrainResult:
    found, volumes = terrain_of(case.db), volumes_of(case)
    return TerrainResult(
        run,
        tuple(found[s.id] for s in sites if s.id in found),
        tuple(volumes[s.id] for s in sites if s.id in volumes),
        sentence,
        frozenset(s.id for s in sites if s.status is SiteStatus.PROVISIONAL),
    )


def _sentence(run: TerrainRun, found: Sequence[SiteTerrain]) -> str:
    named = len({(t.kind, t.name) for s in found for t in s.targets})
    off = tr(" {n_off} sites lie off the model.", n_off=len(run.off)) if run.off else ""
    return tr(
        "Followed water from {n_found} sites over {realisations} realisations of {model}; {named} "
        "of {places} places lie along the way.{off}",
        n_found=len(found),
        realisations=run.realisations,
        model=run.model,
        named=named,
        places=run.places,
        off=off,
    )


def _named(dem: KeptDem) -> str:
    """What a model is, for a reader."""
    return str(dem.origin.get("file") or dem.origin.get("collection") or dem.origin["source"])


def terrain_again(rerun: Again) -> tuple[str, ...]:
    """Follow the water from the sites of the new case with the elevation model that the case named
    keeps. Returns, in words, why it was not done."""
    last, folder, case = rerun.last("terrain"), rerun.folder, rerun.case
    if last is None:
        return ()
    if case is None:
        return (
            tr(
                "Terrain was not computed anew: it needs the elevation model and the files of "
                "places. Name the case that holds them with --case."
            ),
        )
    with read_case_folder(case) as old:
        kept = kept_dem(folder_of(old), MAIN)
        if kept is None or kept.content != last["inputs"]["model"]:
            return (
                tr(
                    "Terrain was not computed anew: the case no longer holds the elevation model "
                    "that was used."
                ),
            )
        shutil.copytree(folder_of(old), folder / "terrain")
        for name in _files_of(old.config):
            if (case / name).is_file():
                shutil.copy(case / name, folder / name)
    measure_terrain(folder, None, None, rerun.progress)
    return ()


def _files_of(config: CaseConfig) -> tuple[str, ...]:
    """Files in the case folder that terrain may need."""
    places, dem = config.places, config.terrain.dem
    return (*places.settlements, *places.intakes, *places.protected, *((dem,) if dem else ()))
