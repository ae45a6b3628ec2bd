"""Detection limits of a case: implant, look, count, keep."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gossan.case.context import OpenCase, consult_case
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored, monitored
from gossan.core.dates import from_day, to_day
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.hashing import hash_json
from gossan.core.params import LimitsParams, default_areas
from gossan.core.power.rows import stored
from gossan.core.power.trials import PowerCurves, Spectrum
from gossan.core.progress import Progress, Task
from gossan.core.sensor import Window
from gossan.core.words import tr
from gossan.evidence.ledger import Step
from gossan.observables.limits.candidates import COPIES, CandidateMask, ground_of, spectra_of
from gossan.observables.limits.chances import counted, together
from gossan.observables.limits.design import InjectedTarget, days_of_trials, draw
from gossan.observables.limits.store import (
    Part,
    finished,
    is_recorded,
    keep,
    keep_part,
    part_of,
    run_key,
    set_recorded,
)
from gossan.observables.limits.trials import Field, Series, series_of, try_block
from gossan.observables.observable import Again

AT_ONCE = 4000
"""Implants tried side by side: about 0.1 MB each while it is followed."""

KEEP_EVERY_S = 5.0
"""Seconds of work that a kill may cost; Ctrl-C costs none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of a run; fields as in `LimitsParams`, None takes what `case.toml` says,
    and empty `areas_ha` there means sizes around the case's smallest site."""

    implants: int | None = None
    seed: int | None = None
    areas_ha: tuple[float, ...] | None = None
    contrasts: tuple[float, ...] | None = None
    first: date | None = None
    last: date | None = None


def measure_limits(folder: Path, asked: Asked, progress: Progress) -> PowerCurves:
    """Limits of the case in `folder`; see `gossan limits --help`.

    Stopped at any moment, the next call goes on; asked again, the same result is given
    without any work. Raises GossanError (STATE) before the first update, (LIMITS) where
    nothing can be tried.
    """
    with consult_case(folder, progress) as case:
        return limits_for(case, monitored(case), asked, progress)


def limits_for(case: OpenCase, state: Monitored, asked: Asked, progress: Progress) -> PowerCurves:
    """The same for an opened case."""
    params = _params(case, state, asked)
    key = run_key(case, state, params)
    curves = finished(case, params, key)
    if curves is None:
        curves = _measure(case, state, params, key, progress)
        keep(case, state, params, key, curves)
    if not is_recorded(case, params, key):  # also where a kill came between the two
        case.db.append(_evidence(state, params, key, curves).seal)
        set_recorded(case, params, key)
    return curves


def _measure(
    case: OpenCase, state: Monitored, params: LimitsParams, key: str, progress: Progress
) -> PowerCurves:
    until, last_look = to_day(case.config.history_until), state.looks[-1].day
    days = days_of_trials(params, until, last_look)
    sites, dist, pixels = case.config.sites, state.disturbances(), Pixels.of(state)
    ground = ground_of(state, dist, sites, params.areas_ha, params.margin_m)
    spectra = spectra_of(state, dist, ground, pixels)
    implants = draw(params, days, ground.places, [s.name for s in spectra])
    field = Field(
        state, pixels, pixel_areas_m2(state.grid), until, sites, params, _by_name(state, spectra)
    )
    part = part_of(case, key)
    try:
        _try_all(case, key, field, implants, days, part, progress)
    finally:
        keep_part(case, key, part)
    return _curves(case, state, params, ground, spectra, days, part)


def _params(case: OpenCase, state: Monitored, asked: Asked) -> LimitsParams:
    sites = case.config.sites
    pixel_ha = float(np.median(pixel_areas_m2(state.grid))) / 1e4
    smallest = max(sites.min_area_ha, sites.min_pixels * pixel_ha)
    given = {f.name: getattr(asked, f.name) for f in fields(asked)}
    params = replace(case.config.limits, **{k: v for k, v in given.items() if v is not None})
    return params if params.areas_ha else replace(params, areas_ha=default_areas(smallest))


def _by_name(state: Monitored, spectra: Sequence[Spectrum]) -> dict[str, NDArray[np.float64]]:
    return {s.name: np.array([dict(s.values)[b] for b in state.bands]) for s in spectra}


def _try_all(
    case: OpenCase,
    key: str,
    field: Field,
    implants: Sequence[InjectedTarget],
    days: tuple[int, int],
    part: Part,
    progress: Progress,
) -> None:
    """Make every trial that is not yet in `part`, block by block, keeping what is done."""
    kept = time.monotonic()
    with progress.task(tr("Trying implants"), len(implants)) as task:
        task.advance(len(part.trials))
        for name, mine in _by_block(field.state, implants):
            if name in part.blocks and all(i.index in part.trials for i in mine):
                continue
            for _ in _try_block(field, name, mine, days, part, task):
                if time.monotonic() - kept > KEEP_EVERY_S:
                    keep_part(case, key, part)
                    kept = time.monotonic()


def _try_block(
    field: Field,
    name: str,
    implants: Sequence[InjectedTarget],
    days: tuple[int, int],
    part: Part,
    task: Task,
) -> Iterator[None]:
    """The trials of one block into `part`; a chance to pause after some."""
    series = series_of(field, implants)
    todo = [i for i in implants if i.index not in part.trials]
    for trials in try_block(field, todo, series):
        part.trials.update({t.index: t for t in trials})
        task.advance(len(trials))
        yield
    part.blocks[name] = counted(
        series.seen.days,
        _centres(series, implants),
        *days,
        field.params.within,
        field.state.params.confirm_looks,
    )


def _centres(series: Series, implants: Sequence[InjectedTarget]) -> NDArray[np.bool_]:
    """Usable looks (time, place) at the centres of all patches."""
    return series.seen.usable[:, 0, [int(series.at[i.row, i.col]) for i in implants]]


def _by_block(
    state: Monitored, implants: Sequence[InjectedTarget]
) -> Iterator[tuple[str, list[InjectedTarget]]]:
    """The implants of every block of the grid that has any, at most `AT_ONCE` together, under a
    name that stays the same when the run is called again."""
    for window in state.frame.blocks(COPIES * len(state.looks)):
        mine = [i for i in implants if _inside(window, i)]
        for start in range(0, len(mine), AT_ONCE):
            name = f"{window[0].start},{window[1].start},{start}"
            yield name, mine[start : start + AT_ONCE]


def _inside(window: Window, implant: InjectedTarget) -> bool:
    rows, cols = window
    return implant.row in range(rows.start, rows.stop) and implant.col in range(
        cols.start, cols.stop
    )


def _curves(
    case: OpenCase,
    state: Monitored,
    params: LimitsParams,
    ground: CandidateMask,
    spectra: Sequence[Spectrum],
    days: tuple[int, int],
    part: Part,
) -> PowerCurves:
    return PowerCurves(
        trials=tuple(part.trials[i] for i in sorted(part.trials)),
        spectra=tuple(spectra),
        months=together(part.blocks.values()),
        first=from_day(days[0]),
        last=from_day(days[1]),
        within=params.within,
        needed=state.params.confirm_looks,
        power=params.power,
        level=params.level,
        ground_share=ground.share,
        no_model_share=ground.no_model_share,
        smallest_site_ha=case.config.sites.min_area_ha,
        dropped_ha=tuple(a for a in params.areas_ha if not len(ground.places[a][0])),
        scenes=tuple(look.key for look in state.looks),
        seed=params.seed,
    )


def _evidence(state: Monitored, params: LimitsParams, key: str, curves: PowerCurves) -> Step:
    """What the ledger says of a run: what it rested on, what was asked, the hash of the result."""
    asked = {**asdict(params), "first": str(params.first), "last": str(params.last)}
    used = {s.name: dict(s.values) for s in curves.spectra}
    return Step(
        "limits",
        {"state": state.head.snapshot, "key": key, "spectra": used},
        asked,
        {"n": len(curves.trials), "hash": hash_json(stored(curves))},
    )


def limits_again(rerun: Again) -> tuple[str, ...]:
    """Inject the patches of a dossier in its re-run; see `Observable.again`."""
    if rerun.model.power is not None:
        found = rerun.model.power.found
        sizes = tuple(sorted({*found.areas_ha, *found.dropped_ha}))
        asked = Asked(len(found.trials), found.seed, sizes, tuple(found.contrasts))
        measure_limits(rerun.folder, asked, rerun.progress)
    return ()
