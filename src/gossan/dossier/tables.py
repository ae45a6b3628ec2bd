"""CSV files of every figure shown: UTF-8, LF, ISO dates, empty where there is no number."""

from __future__ import annotations

from datetime import date

from gossan.core.csv_text import csv_bytes
from gossan.core.power.trials import Season
from gossan.dossier.figures import lon_lat
from gossan.dossier.kind_words import KIND_HEAD, kind_cell, kind_lines
from gossan.dossier.model import DossierModel, PowerSection, SiteSection
from gossan.dossier.sentences import found

Files = dict[str, bytes]
"""Content by name below data/."""


def site_files(model: DossierModel) -> Files:
    """Sites with their steps, kinds, observations and models."""
    return {
        "sites.csv": _sites(model),
        "growth.csv": _growth(model),
        "kinds.csv": csv_bytes(KIND_HEAD, kind_lines(model.sites)),
        "series.csv": _series(model),
        "model.csv": _model(model),
    }


def scene_files(model: DossierModel) -> Files:
    """Every scene of the window."""
    return {"scenes.csv": _scenes(model)}


def seen_files(model: DossierModel) -> Files:
    """What was seen, month by month, what was not, and what could be judged."""
    return {
        "observability.csv": _months(model),
        "gaps.csv": _gaps(model),
        "judged.csv": _judged(model),
    }


def parameter_files(model: DossierModel) -> Files:
    """The settings that the figures depend on."""
    return {"parameters.csv": _parameters(model)}


def power_files(section: PowerSection) -> Files:
    """Recall, limits, every trial and the months that can be judged."""
    return {
        "power.csv": _recall(section),
        "detection_limits.csv": _detection_limits(section),
        "implants.csv": _implants(section),
        "confirmable.csv": _confirmable(section),
        "bare_spectra.csv": _spectra(section),
    }


SITE_COLUMNS = (
    "number",
    "id",
    "status",
    "area",
    "low",
    "high",
    "last_unchanged",
    "first_changed",
    "grew_until",
    "recovered",
    "kind",
    "lon",
    "lat",
)


def _sites(model: DossierModel) -> bytes:
    """Areas in hectares, `recovered` a share 0..1, `lon`, `lat` a point inside (WGS 84)."""
    return csv_bytes(SITE_COLUMNS, (_site(s) for s in model.sites))


def _site(section: SiteSection) -> tuple[object, ...]:
    site, kind = section.site, kind_cell(section)
    areas = (f"{v:.2f}" for v in (site.area.value, site.area.low, site.area.high))
    place = (f"{v:.5f}" for v in lon_lat(site))
    days = (site.began.last_unchanged, site.began.first_changed, site.ended.first_changed)
    share = site.recovered_share
    return section.number, site.id, site.status.value, *areas, *days, share, kind, *place


def _growth(model: DossierModel) -> bytes:
    return csv_bytes(
        ("site", "status", "date", "area_ha", "low_ha", "high_ha"),
        (
            (s.site.id, s.site.status.value, g.day.isoformat(), g.area_ha, g.low_ha, g.high_ha)
            for s in model.sites
            for g in s.site.growth
        ),
    )


def _bands(model: DossierModel) -> tuple[str, ...]:
    named = (b.band for s in model.sites if s.series for b in s.series.bands)
    return tuple(dict.fromkeys(named))


def _series(model: DossierModel) -> bytes:
    bands = _bands(model)
    rows = [row for s in model.sites for row in _series_rows(s, bands)]
    return csv_bytes(("site", "status", "date", "index", "observed", "usable_share", *bands), rows)


def _series_rows(section: SiteSection, bands: tuple[str, ...]) -> list[tuple[object, ...]]:
    series = section.series
    if series is None:
        return []
    columns = {b.band: b.values.tolist() for b in series.bands}
    return [
        (
            section.site.id,
            section.site.status.value,
            day.isoformat(),
            series.index,
            float(series.observed[i]),
            float(series.usable_share[i]),
            *(columns[b][i] if b in columns else None for b in bands),
        )
        for i, day in enumerate(series.dates)
    ]


def _model(model: DossierModel) -> bytes:
    rows: list[tuple[object, ...]] = []
    for s in model.sites:
        if s.series is None:
            continue
        lines = zip(
            s.series.model_dates,
            s.series.predicted.tolist(),
            s.series.predicted_sd.tolist(),
            strict=True,
        )
        status = s.site.status.value
        rows += [(s.site.id, status, d.isoformat(), s.series.index, p, sd) for d, p, sd in lines]
    return csv_bytes(("site", "status", "date", "index", "predicted", "predicted_sd"), rows)


def _scenes(model: DossierModel) -> bytes:
    return csv_bytes(
        ("time", "id", "outcome", "reason", "usable_share", "offset_rule", "checksum"),
        (
            (
                r.time.isoformat(),
                r.id,
                r.outcome.value,
                r.reason,
                r.usable_share,
                r.offset_rule,
                r.checksum,
            )
            for r in model.scenes
        ),
    )


def _months(model: DossierModel) -> bytes:
    return csv_bytes(
        ("month", "n_scenes", "n_used", "best_share", "seen_share", "n_radar", "radar_share"),
        (
            (
                f"{m.month:%Y-%m}",
                m.n_scenes,
                m.n_used,
                m.best_share,
                m.seen_share,
                m.n_radar,
                m.radar_share,
            )
            for m in model.observability.months
        ),
    )


def _gaps(model: DossierModel) -> bytes:
    return csv_bytes(
        ("start", "end", "days"),
        ((g.start.isoformat(), g.end.isoformat(), g.days) for g in model.observability.gaps),
    )


def _judged(model: DossierModel) -> bytes:
    """Where and when a change could have been confirmed, and the headline that follows."""
    j = model.observability.judged
    return csv_bytes(
        ("share_of_area", "first", "last", "lacking", "headline"),
        [] if j is None else [(j.share, _iso(j.first), _iso(j.last), j.why, found(model)[0])],
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _parameters(model: DossierModel) -> bytes:
    return csv_bytes(
        ("name", "value", "unit", "meaning"),
        ((p.name, p.value, p.unit, p.meaning) for p in model.parameters),
    )


def _recall(section: PowerSection) -> bytes:
    head = (
        "contrast",
        "within_days",
        "season",
        "spectrum",
        "area_ha",
        "n",
        "seen",
        "power",
        "low",
        "high",
        "level",
    )
    return csv_bytes(
        head,
        (
            (
                c.contrast,
                c.within,
                _season(c.season),
                c.spectrum,
                p.area_ha,
                p.n,
                p.seen,
                p.power,
                p.low,
                p.high,
                c.level,
            )
            for c in section.curves
            for p in c.points
        ),
    )


def _detection_limits(section: PowerSection) -> bytes:
    head = (
        "quantity",
        "contrast",
        "within_days",
        "season",
        "spectrum",
        "power",
        "area_ha",
        "low_ha",
        "high_ha",
        "tried_to_ha",
        "level",
        "n",
        "method",
        "seed",
    )
    return csv_bytes(
        head,
        (
            (
                x.quantity,
                x.contrast,
                x.within,
                _season(x.season),
                x.spectrum,
                x.power,
                x.area_ha,
                x.low,
                x.high,
                x.tried_ha,
                x.level,
                x.n,
                x.method,
                x.seed,
            )
            for x in section.limits
        ),
    )


def _implants(section: PowerSection) -> bytes:
    looks = [f"looks_{w}_days" for w in section.found.within]
    head = (
        "index",
        "area_ha",
        "contrast",
        "spectrum",
        "appeared",
        "row",
        "col",
        "step",
        *looks,
        "provisional_after_days",
        "confirmed_after_days",
    )
    return csv_bytes(
        head,
        (
            (
                t.index,
                t.area_ha,
                t.contrast,
                t.spectrum,
                t.appeared.isoformat(),
                t.row,
                t.col,
                t.step,
                *t.looks,
                t.provisional_after,
                t.confirmed_after,
            )
            for t in section.found.trials
        ),
    )


def _confirmable(section: PowerSection) -> bytes:
    head = ("month", *(f"share_within_{w}_days" for w in section.found.within))
    return csv_bytes(head, ((f"{m.month:%Y-%m}", *m.chances) for m in section.found.months))


def _spectra(section: PowerSection) -> bytes:
    return csv_bytes(
        ("spectrum", "meaning", "source", "band", "reflectance"),
        ((s.name, s.words, s.source, b, v) for s in section.found.spectra for b, v in s.values),
    )


def _season(season: Season | None) -> str | None:
    return None if season is None else season.value
