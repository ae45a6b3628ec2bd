"""Numbers of the model as cells, facts and key figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import fsum

from gossan.core.site_row import site_row
from gossan.core.values import Measurement, Outcome, Site, SiteStatus
from gossan.core.words import tr, tr_now, trn
from gossan.dossier.chapter import Fact, Facts, Figure, Figures, Grid
from gossan.dossier.kind_words import kind_cell
from gossan.dossier.model import DossierModel, SiteSection, Summary
from gossan.dossier.sentences import (
    OUTCOME_WORDS,
    interval_of,
    number,
    percent,
    plain_date,
    signed_words,
)

YEAR_ANCHORS = (
    (0x35, 0xA7, 0xFF),
    (0x22, 0xE0, 0xB6),
    (0xA8, 0xF2, 0x3C),
    (0xFF, 0xD0, 0x2E),
    (0xFF, 0x7A, 0x1A),
    (0xE6, 0x1E, 0x50),
)
"""Early to late. Bright on dark forest, told apart by lightness as well as by hue."""


def year_colours(model: DossierModel) -> dict[int, str]:
    """Year of a site's beginning -> "#rrggbb", for every year from the first to the last."""
    years = sorted({s.site.began.first_changed.year for s in model.sites})
    if not years:
        return {}
    span = range(years[0], years[-1] + 1)
    return {y: _between_anchors(i / max(1, len(span) - 1)) for i, y in enumerate(span)}


def _between_anchors(t: float) -> str:
    at = t * (len(YEAR_ANCHORS) - 1)
    i = min(int(at), len(YEAR_ANCHORS) - 2)
    mixed = (round(a + (b - a) * (at - i)) for a, b in zip(*YEAR_ANCHORS[i : i + 2], strict=True))
    return "#" + "".join(f"{c:02x}" for c in mixed)


def _day(day: date | None) -> str:
    return day.isoformat() if day else tr("no earlier look")


def lon_lat(site: Site) -> tuple[float, float]:
    """A point inside a site, degrees, WGS 84: that of `core.site_row`, to the same digits."""
    row = site_row(site)
    lon, lat = row["lon"], row["lat"]
    assert isinstance(lon, float)
    assert isinstance(lat, float)
    return lon, lat


def site_cells(section: SiteSection) -> tuple[str, ...]:
    """The cells of a site in the table of sites. Areas in hectares with two decimals."""
    site = section.site
    lon, lat = lon_lat(site)
    return (
        str(section.number),
        site.id,
        tr_now(site.status.value),
        f"{site.area.value:.2f}",
        tr("{low:.2f} to {high:.2f}", low=site.area.low, high=site.area.high),
        _day(site.began.last_unchanged),
        site.began.first_changed.isoformat(),
        site.ended.first_changed.isoformat(),
        percent(site.recovered_share),
        kind_cell(section),
        f"{lon:.5f}",
        f"{lat:.5f}",
    )


def facts(model: DossierModel) -> Facts:
    """What the dossier was made of."""
    west, south, east, north = model.bounds
    px, py = model.grid.pixel_m
    named = (
        (
            tr("Area"),
            tr(
                "{area_ha} ha; {west:.4f} to {east:.4f} longitude, {south:.4f} to {north:.4f} "
                "latitude",
                area_ha=number(model.area_ha, 1),
                west=west,
                east=east,
                south=south,
                north=north,
            ),
        ),
        (
            tr("Period"),
            tr(
                "{first} to {last}",
                first=plain_date(model.period[0]),
                last=plain_date(model.period[1]),
            ),
        ),
        (tr("Source"), model.source),
        (tr("Bands"), ", ".join(model.bands)),
        (
            tr("Grid"),
            tr(
                "{crs}, {width} by {height} pixels of {px:.1f} by {py:.1f} m",
                crs=model.grid.crs,
                width=model.grid.width,
                height=model.grid.height,
                px=px,
                py=py,
            ),
        ),
        (tr("Program"), f"gossan {model.version}"),
        (tr("Evidence ledger"), model.ledger_head),
        (tr("Signed"), signed_words(model.signer)),
    )
    return Facts(tuple(Fact(name, (text,)) for name, text in named))


def _area_figure(n: int, total: Measurement | None, status: SiteStatus) -> Figure:
    label = tr(
        "{status} change in {places}",
        status=tr_now(status.value),
        places=trn("{n} place", "{n} places", n),
    )
    if total is None:
        return Figure(
            tr("none"),
            tr("see what was not seen"),
            tr("{status} change found", status=tr_now(status.value)),
        )
    return Figure(f"{number(total.value)} {total.unit}", interval_of(total), label)


def key_figures(model: DossierModel) -> Figures:
    """The four figures of the summary box."""
    s, o = model.summary, model.observability
    used = sum(r.outcome is Outcome.USED for r in model.scenes)
    gap = trn("{n} day", "{n} days", o.gaps[0].days) if o.gaps else tr("none")
    optical = "" if o.radar is None else tr("optical ")
    figures = (
        _area_figure(s.n_confirmed, s.confirmed_area, SiteStatus.CONFIRMED),
        _area_figure(s.n_provisional, s.provisional_area, SiteStatus.PROVISIONAL),
        Figure(
            tr("{used} of {n_scenes}", used=used, n_scenes=len(model.scenes)),
            tr("listed images"),
            tr("could be used"),
        ),
        Figure(
            percent(o.unseen_share),
            tr(
                "longest time without an {optical}image of most of it: {gap}",
                optical=optical,
                gap=gap,
            ),
            tr("of the area unseen, mean by month"),
        ),
    )
    return Figures(figures)


def scenes_table(model: DossierModel) -> Grid:
    """Every scene of the window, used or not, and why."""
    rows = tuple(
        (
            f"{r.time:%Y-%m-%d %H:%M}",
            r.id,
            tr_now(OUTCOME_WORDS[r.outcome]),
            r.reason,
            tr("not read") if r.usable_share is None else percent(r.usable_share),
        )
        for r in model.scenes
    )
    return Grid(
        tr("Area seen: share of the area that was usable"),
        (tr("Time (UTC)"), tr("Image"), tr("Outcome"), tr("Reason"), tr("Area seen")),
        rows,
        frozenset({4}),
        tr("All {n_rows} images listed for the period, used or not, and why", n_rows=len(rows)),
        frozenset({1}),
    )


def summary_of(sites: Sequence[Site]) -> Summary:
    """The key figures of these sites."""
    confirmed = [s for s in sites if s.status is SiteStatus.CONFIRMED]
    provisional = [s for s in sites if s.status is SiteStatus.PROVISIONAL]
    return Summary(len(confirmed), len(provisional), _total(confirmed), _total(provisional))


def _total(sites: list[Site]) -> Measurement | None:
    """Sum of areas; intervals are added end to end, as if all errors had one sign."""
    if not sites:
        return None
    first = sites[0].area
    return Measurement(
        "total area",
        fsum(s.area.value for s in sites),
        "ha",
        fsum(s.area.low for s in sites),
        fsum(s.area.high for s in sites),
        first.level,
        first.method,
    )
