"""Gather everything a dossier shows and write its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import mapping

from gossan import __version__
from gossan.case.confirmable import judged, observations_of_pixels
from gossan.case.context import OpenCase, consult_case
from gossan.case.observability import MOST_OF_THE_AREA, longest_gaps, observations_by_month
from gossan.case.pixels import Pixels
from gossan.case.power import limits_of
from gossan.case.radar_known import radar_acquisitions
from gossan.case.sites import CaseSites, sites_of
from gossan.case.state import Monitored, monitored, stored_grid
from gossan.core.addresses import LOCAL, public
from gossan.core.case import CaseConfig
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.kinds import KindOfSite
from gossan.core.power.trials import PowerCurves
from gossan.core.progress import Progress
from gossan.core.settings import keys, value_of
from gossan.core.values import SceneRecord, SiteStatus, Status
from gossan.core.words import ENGLISH, tr, tr_now, use_language
from gossan.cube.composites import Kind, Stretch, channels
from gossan.dossier.figures import summary_of
from gossan.dossier.model import (
    DossierModel,
    GridInfo,
    Observability,
    Parameter,
    PowerSection,
    RadarSummary,
    SiteSection,
)
from gossan.dossier.power_chapter import section_of
from gossan.dossier.recipe import Recipe
from gossan.dossier.stored import read_back
from gossan.io.scenes import pixel_metres
from gossan.monitor.combine import Combined, Sensor
from gossan.observables.kind.run import kinds_of
from gossan.observables.observable import Updated
from gossan.run.chapters import chapters_of
from gossan.run.check import answer_again, held_claims
from gossan.run.chronicle import chronicle_of, write_statements
from gossan.run.dossier_target import target_of
from gossan.run.map_images import map_images
from gossan.run.publish import Signing, chain_of, publish, signed_by
from gossan.run.site_sections import site_section

TUNED = (("monitor",), ("sites",), ("radar", "monitor"), ("limits",))
"""Sections whose settings are listed in the dossier where they are not the default."""

DETAILED = 40
"""Sites that get pictures and plots, confirmed ones first; the table lists them all."""


def write_dossier(
    folder: Path, output: Path | None, progress: Progress, signs: Signing | None = None
) -> Path:
    """Write the dossier of a case, signed where a key is given; returns its folder.

    It is written beside the old one and takes its place when whole; a signed one is set aside.
    A case that has documents but no images yet gets a dossier of what was said. Raises
    GossanError (STATE) before the first update of a case without either, (OUTPUT) where the
    folder holds anything but an older dossier of this case, (DOSSIER) where it cannot be written,
    (TIMESTAMP) where an authority was named and gives none. Where the case cannot be written to,
    the dossier still rests on a whole chain: its last records stand in the dossier alone, and
    `progress` is told how many.
    """
    given = output or folder / "dossier"
    with consult_case(folder, progress) as case:
        _require_elsewhere(case, given)
        target = target_of(case, given)
        on_record = len(case.db.ledger())
        if changed := answer_again(case):
            progress.say(
                tr(
                    "{changed} answers were given anew or withdrawn: what they rest on changed.",
                    changed=changed,
                )
            )
        said = chronicle_of(case)
        if said is not None and stored_grid(case) is None:
            write_statements(case, target, said, progress, signs)
        else:
            _write(case, target, progress, signs)
        alone = len(chain_of(case)) - on_record
        if case.db.private and alone > 0:
            progress.say(
                tr(
                    "The last {alone} records of the dossier's ledger stand in it alone.",
                    alone=alone,
                )
            )
    return given


def _write(case: OpenCase, target: Path, progress: Progress, signs: Signing | None) -> None:
    state = monitored(case)
    found = sites_of(case)
    model = read_back(gather(case, state, found, progress, signed_by(signs)))
    publish(case, target, model, signs, progress)


def _require_elsewhere(case: OpenCase, target: Path) -> None:
    if case.db.private and target.resolve().is_relative_to(case.folder.resolve()):
        raise GossanError(
            Code.DOSSIER,
            tr("The case cannot be written to now, so the dossier has no place in it."),
            tr("Write it elsewhere with -o FOLDER, or run the command again later."),
        )


@use_language(ENGLISH)
def gather(
    case: OpenCase, state: Monitored, found: CaseSites, progress: Progress, signer: str = ""
) -> DossierModel:
    """The model of the dossier. Everything in it comes from the case, nothing from the clock."""
    config, looks = case.config, state.looks
    now = Updated(case, state, found)
    pixels = now.pixels
    as_of = from_day(looks[-1].day)
    usable, days = observations_of_pixels(state, pixels)
    areas = pixel_areas_m2(state.grid)[state.frame.inside]
    share = usable.mean(axis=1).astype(np.float32)
    period = (config.start, config.end or as_of)
    images, stretch = map_images(state, pixels, share, progress)
    both = state.combined()
    kinds = kinds_of(now, progress)
    # what chapters measure is recorded first, so that the ledger's head is the same next time
    chapters = chapters_of(replace(now, sites=replace(found, kinds=kinds)))
    sections = _sections(case, state, found, pixels, stretch, both, kinds, progress)
    records, power = _seen(case, state, share), _power(case, state)
    west, south, east, north = config.geometry.bounds
    return DossierModel(
        case_name=config.name,
        area=dict(mapping(config.geometry)),
        bounds=(west, south, east, north),
        area_ha=float(areas.sum()) / 1e4,
        period=period,
        as_of=as_of,
        source=_source_name(config.source),
        attribution=_attribution(state),
        version=__version__,
        scenes=records,
        grid=_grid_info(state),
        bands=state.frame.bands,
        parameters=_parameters(case, state),
        summary=summary_of(found.sites),
        images=images,
        natural_label=_label(tr("Natural colour"), Kind.NATURAL, state.frame.bands),
        false_label=_label(tr("False colour"), Kind.FALSE, state.frame.bands),
        sites=sections,
        observability=_observability(case, state, both, usable, days, share, areas),
        power=power,
        ledger_head="",
        commands=_commands(power),
        chapters=chapters,
        signer=signer,
        recipe=_recipe(case, state),
        chronicle=chronicle_of(case),
    )


def _sections(
    case: OpenCase,
    state: Monitored,
    found: CaseSites,
    pixels: Pixels,
    stretch: Stretch,
    both: Combined | None,
    kinds: Mapping[str, KindOfSite],
    progress: Progress,
) -> tuple[SiteSection, ...]:
    """What is shown of each site, the confirmed ones first."""
    sections = []
    until = case.config.history_until
    with progress.task(tr("Describing sites"), len(found.sites)) as task:
        surest = sorted(found.sites, key=lambda s: s.status is not SiteStatus.CONFIRMED)
        for number, site in enumerate(surest, start=1):
            section = SiteSection(number, site, None, (), None, None)
            if number <= DETAILED:
                section = site_section(number, site, state, pixels, stretch, until)
                section = _with_sensors(section, both)
            sections.append(replace(section, kind=kinds.get(site.id)))
            task.advance()
    return tuple(sections)


def _seen(case: OpenCase, state: Monitored, share: NDArray[np.float32]) -> tuple[SceneRecord, ...]:
    """All scenes of the window; those used with the share of the area they showed."""
    of_item = {
        item: float(s)
        for look, s in zip(state.looks, share, strict=True)
        for item in state.frame.scenes.get(look.key).items
    }
    return tuple(
        replace(r, usable_share=of_item.get(r.id, r.usable_share)) for r in case.db.scenes()
    )


def _observability(
    case: OpenCase,
    state: Monitored,
    both: Combined | None,
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    share: NDArray[np.float32],
    areas: NDArray[np.float64],
) -> Observability:
    config = case.config
    period = (config.start, config.end or from_day(int(days[-1])))
    said = state.optical() if both is None else both.disturbances
    status = said.status[state.frame.inside]
    radar = () if state.radar is None else radar_acquisitions(case, state.radar)
    looks = usable.sum(axis=0)
    total = float(areas.sum())
    return Observability(
        months=observations_by_month(period, case.db.scenes(), days, usable, radar),
        gaps=longest_gaps(period, days, share),
        no_model_share=float(areas[status == Status.NO_MODEL].sum()) / total,
        never_seen_share=float(areas[looks == 0].sum()) / total,
        median_looks=float(np.median(looks)),
        smallest_site_ha=config.sites.min_area_ha,
        monitored_from=_noticeable_from(state, days, share),
        radar=_radar(state, both, radar),
        judged=judged(case, state, usable, days, status),
    )


def _with_sensors(section: SiteSection, found: Combined | None) -> SiteSection:
    """The section with the share of its pixels that each sensor saw changed."""
    if found is None:
        return section
    both, radar = _shares(found.changed_by[section.site.pixels])
    return replace(section, by_both=both, by_radar=radar)


def _shares(changed_by: NDArray[np.uint8]) -> tuple[float, float]:
    """Share of changed pixels that both sensors saw, and radar alone."""
    if not changed_by.size:
        return 0.0, 0.0
    both = changed_by == (Sensor.OPTICAL | Sensor.RADAR)
    return float(both.mean()), float((changed_by == Sensor.RADAR).mean())


def _radar(
    state: Monitored, found: Combined | None, looks: Sequence[tuple[int, float]]
) -> RadarSummary | None:
    """What radar adds, None where the case has none."""
    if found is None or state.radar is None or not looks:
        return None
    both, radar = _shares(found.changed_by[(found.changed_by > 0) & state.frame.inside])
    return RadarSummary(
        orbit=state.radar.orbit,
        images=len(looks),
        first=from_day(looks[0][0]),
        last=from_day(looks[-1][0]),
        finds_db=state.radar.finds_db,
        by_both=both,
        by_radar=radar,
    )


def _power(case: OpenCase, state: Monitored) -> PowerSection | None:
    """What would have been seen, where it was computed for just these looks."""
    curves = limits_of(case, state)
    return None if curves is None else section_of(curves)


def _noticeable_from(
    state: Monitored, days: NDArray[np.int32], share: NDArray[np.float32]
) -> date | None:
    """The look after as many as a step needs before it, None where there are not so many."""
    looks = days[share >= MOST_OF_THE_AREA]
    needed = state.params.break_before
    return from_day(int(looks[needed])) if len(looks) > needed else None


def _grid_info(state: Monitored) -> GridInfo:
    height_m, width_m = pixel_metres(state.grid)
    height, width = state.grid.shape
    return GridInfo(str(state.grid.crs), (width_m, height_m), width, height)


def _label(name: str, kind: Kind, bands: tuple[str, ...]) -> str:
    return f"{name} ({', '.join(channels(kind, bands))})"


def _source_name(source: str) -> str:
    """The source without secrets and without the path of the machine it was read on."""
    shown = public(source)
    name = shown.removeprefix(LOCAL)
    return tr("local catalogue {name}", name=name) if name != shown else shown


def _recipe(case: OpenCase, state: Monitored) -> Recipe:
    """What is needed to compute the dossier anew."""
    config = case.config
    radar = config.radar and replace(config.radar, source=public(config.radar.source))
    terrain = replace(config.terrain, source=public(config.terrain.source))
    return Recipe(
        replace(
            config, source=public(config.source), radar=radar, terrain=terrain, local_folders=()
        ),
        str(state.grid.crs),
        (int(state.grid.shape[0]), int(state.grid.shape[1])),
        tuple(float(v) for v in tuple(state.grid.affine)[:6]),
        state.frame.bands,
        held_claims(case),
    )


def _attribution(state: Monitored) -> tuple[str, ...]:
    years = sorted({from_day(look.day).year for look in state.looks})
    span = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
    return (tr("Contains modified Copernicus Sentinel data {span}.", span=span),)


def _parameters(case: OpenCase, state: Monitored) -> tuple[Parameter, ...]:
    config, params = case.config, state.params
    given = {
        "history_until": (
            str(config.history_until),
            "",
            tr("last day of the history learned from"),
        ),
        "max_cloud_percent": (
            f"{config.masks.max_cloud_percent:g}",
            "%",
            tr("scenes cloudier than this by their catalogue are not read"),
        ),
        "dilation_m": (f"{config.masks.dilation_m:g}", "m", tr("cloud and shadow widened by")),
        "min_area_ha": (f"{config.sites.min_area_ha:g}", "ha", tr("smaller pieces are no site")),
    }
    rows = [Parameter(name, *rest) for name, rest in given.items()]
    known = {
        "alpha": tr("chance that one look at unchanged ground exceeds the model's limit"),
        "provisional_evidence": tr("evidence (nats) that makes a change provisional"),
        "confirm_evidence": tr("evidence (nats) that confirms a change"),
        "recover_after": tr("looks in a row within the limit that count as recovery"),
        "min_observations": tr("usable looks a pixel's model needs"),
        "harmonics": tr("yearly harmonics of the season"),
        "break_alpha": tr("chance of a break found in an unchanged history"),
    }
    names = {f.name for f in fields(params)}
    rows += [
        Parameter(name, f"{getattr(params, name):g}", "", meaning)
        for name, meaning in known.items()
        if name in names
    ]
    told = {f"{section}.{row.name}" for row in rows for section in ("monitor", "sites")}
    rows += [
        Parameter(k.dotted, _told(value), k.number.unit, tr_now(k.setting.about))
        for k in keys(CaseConfig)
        if k.path in TUNED and k.number is not None and k.dotted not in told
        for value in [value_of(config, k)]
        if value != k.default
    ]
    return tuple(rows)


def _told(value: Any) -> str:
    return ", ".join(f"{v:g}" for v in (value if isinstance(value, tuple) else (value,)))


def _commands(power: PowerSection | None) -> tuple[str, ...]:
    """What makes the dossier again; the folder's name is the reader's own."""
    limits = [] if power is None else [_limits_command(power.found)]
    return ("gossan update CASE", *limits, "gossan sites CASE", "gossan dossier CASE")


def _limits_command(found: PowerCurves) -> str:
    sizes = sorted({*found.areas_ha, *found.dropped_ha})
    return (
        f"gossan limits CASE --implants {len(found.trials)} --seed {found.seed} "
        f"--areas {','.join(f'{a:g}' for a in sizes)} "
        f"--contrasts {','.join(f'{c:g}' for c in found.contrasts)}"
    )
