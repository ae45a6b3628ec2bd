"""Numbers of the model as rows of text: page, PDF and CSV print the same strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

from gossan.core.dates import DateInterval
from gossan.core.values import Measurement, Outcome, Site, SiteStatus
from gossan.dossier.kind_words import kind_cell
from gossan.dossier.model import DossierModel, SiteSection, Summary
from gossan.dossier.sentences import (
    OUTCOME_WORDS,
    interval_of,
    number,
    percent,
    plain_date,
    plural,
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


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One line of the site table, all text. Areas in hectares with two decimals."""

    number: str
    id: str
    status: str
    area: str
    low: str
    high: str
    last_unchanged: str
    first_changed: str
    grew_until: str
    recovered: str
    kind: str


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of the summary box: `value` large, `interval` and `label` small."""

    value: str
    interval: str
    label: str


@dataclass(frozen=True, slots=True)
class SceneRow:
    """One line of the list of scenes, all text."""

    date: str
    id: str
    outcome: str
    reason: str
    usable: str


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
    return day.isoformat() if day else "no earlier look"


def last_change(interval: DateInterval) -> str:
    """ISO date of the look that first showed the change."""
    return interval.first_changed.isoformat()


def site_row(section: SiteSection) -> SiteRow:
    """The table line of a site."""
    site = section.site
    return SiteRow(
        number=str(section.number),
        id=site.id,
        status=site.status.value,
        area=f"{site.area.value:.2f}",
        low=f"{site.area.low:.2f}",
        high=f"{site.area.high:.2f}",
        last_unchanged=_day(site.began.last_unchanged),
        first_changed=last_change(site.began),
        grew_until=last_change(site.ended),
        recovered=percent(site.recovered_share),
        kind=kind_cell(section),
    )


def cells(row: SiteRow) -> tuple[str, ...]:
    """The cells of a site's table line, in the order of its columns."""
    return (
        row.number,
        row.id,
        row.status,
        row.area,
        f"{row.low} to {row.high}",
        row.last_unchanged,
        row.first_changed,
        row.grew_until,
        row.recovered,
        row.kind,
    )


def facts(model: DossierModel) -> tuple[tuple[str, str], ...]:
    """What the dossier was made of: name and text."""
    west, south, east, north = model.bounds
    px, py = model.grid.pixel_m
    return (
        (
            "Area",
            f"{number(model.area_ha, 1)} ha; {west:.4f} to {east:.4f} longitude, "
            f"{south:.4f} to {north:.4f} latitude",
        ),
        ("Period", f"{plain_date(model.period[0])} to {plain_date(model.period[1])}"),
        ("Source", model.source),
        ("Bands", ", ".join(model.bands)),
        (
            "Grid",
            f"{model.grid.crs}, {model.grid.width} by {model.grid.height} pixels of "
            f"{px:.1f} by {py:.1f} m",
        ),
        ("Program", f"gossan {model.version}"),
        ("Evidence ledger", model.ledger_head),
        ("Signed", signed_words(model.signer)),
    )


def _area_figure(n: int, total: Measurement | None, status: SiteStatus) -> KeyFigure:
    label = f"{status.value} change in {plural(n, 'place')}"
    if total is None:
        return KeyFigure("none", "see what was not seen", f"{status.value} change found")
    return KeyFigure(f"{number(total.value)} {total.unit}", interval_of(total), label)


def key_figures(model: DossierModel) -> tuple[KeyFigure, ...]:
    """The four figures of the summary box."""
    s, o = model.summary, model.observability
    used = sum(r.outcome is Outcome.USED for r in model.scenes)
    gap = plural(o.gaps[0].days, "day") if o.gaps else "none"
    optical = "" if o.radar is None else "optical "
    return (
        _area_figure(s.n_confirmed, s.confirmed_area, SiteStatus.CONFIRMED),
        _area_figure(s.n_provisional, s.provisional_area, SiteStatus.PROVISIONAL),
        KeyFigure(f"{used} of {len(model.scenes)}", "listed images", "could be used"),
        KeyFigure(
            percent(o.unseen_share),
            f"longest time without an {optical}image of most of it: {gap}",
            "of the area unseen, mean by month",
        ),
    )


def scene_rows(model: DossierModel) -> tuple[SceneRow, ...]:
    """Every scene of the window, used or not, and why."""
    return tuple(
        SceneRow(
            date=f"{r.time:%Y-%m-%d %H:%M}",
            id=r.id,
            outcome=OUTCOME_WORDS[r.outcome],
            reason=r.reason,
            usable="not read" if r.usable_share is None else percent(r.usable_share),
        )
        for r in model.scenes
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
