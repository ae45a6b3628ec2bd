"""The chapter of what would have been seen, from trials with injected bare ground."""

from __future__ import annotations

from statistics import median

from gossan.core.power.curves import all_curves, half_width, limit
from gossan.core.power.trials import PowerCurves, Season
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier import power_words
from gossan.dossier.chapter import Block, Chapter, Grid, Words
from gossan.dossier.model import PowerSection
from gossan.dossier.plots import Curve, Month, MonthPlot, RecallPlot
from gossan.dossier.tables import power_files

SHADES = ("#b6c2cc", "#7fa3c7", "#2b6cb0", "#12304d")
"""Pale to dark, told apart by lightness."""
SEASON_COLOURS = {
    Season.DJF: "#2b6cb0",
    Season.MAM: "#3f8f4f",
    Season.JJA: "#d19a00",
    Season.SON: "#c2410c",
}
KEY, TITLE = "power", tr_later("What would have been seen")


def section_of(curves: PowerCurves) -> PowerSection:
    """What a dossier shows of the trials."""
    drawn = all_curves(curves)
    counts = [p.n for c in drawn if c.season is None and c.spectrum is None for p in c.points]
    return PowerSection(
        curves,
        drawn,
        tuple(limit(curves, c) for c in drawn),
        half_width(int(median(counts)), curves.power, curves.level),
    )


def power_chapter(section: PowerSection | None) -> Chapter:
    """What the trials say in words, curves and tables; that there are none where it was not
    computed."""
    if section is None:
        return Chapter(KEY, tr_now(TITLE), tr_now(power_words.NOT_COMPUTED), ())
    lead, *more = power_words.power_sentences(section)
    blocks: tuple[Block, ...] = (
        *(Words(s) for s in more),
        *power_plots(section),
        limits_table(section),
        materials_table(section),
        Words(power_words.precision_note(section), small=True),
    )
    return Chapter(KEY, tr_now(TITLE), lead, blocks, tuple(power_files(section).items()))


def power_plots(section: PowerSection) -> tuple[RecallPlot | MonthPlot, ...]:
    """By time, by season, by contrast, and the months in which nothing could be confirmed."""
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    seasons = [s for s in Season if any(c.season is s for c in section.curves)]
    by_time = [(tr("within {w} days", w=w), section.pick(full, w)[0]) for w in found.within]
    by_season = [(s.words, section.pick(full, long, s)[0]) for s in seasons]
    by_contrast = [(tr("contrast {c:g}", c=c), section.pick(c, long)[0]) for c in found.contrasts]
    drawn = (
        (by_time, SHADES[-len(by_time) :]),
        (by_season, [SEASON_COLOURS[s] for s in seasons]),
        (by_contrast, SHADES[-len(by_contrast) :]),
    )
    captions = power_words.chart_captions(section)
    plots = tuple(
        RecallPlot(
            caption,
            found.power,
            tuple(
                Curve(name, colour, curve.points)
                for (name, curve), colour in zip(curves, colours, strict=True)
            ),
        )
        for caption, (curves, colours) in zip(captions, drawn, strict=False)
    )
    if not found.months:
        return plots
    blind = set(found.blind(long))
    months = tuple(Month(m.month, m.chances[-1], "", m.month in blind) for m in found.months)
    return *plots, MonthPlot(captions[-1], tr("Could be confirmed"), months)


def limits_table(section: PowerSection) -> Grid:
    """The smallest area confirmed, by contrast, season and time."""
    times = tuple(tr("within {w} days", w=w) for w in section.found.within)
    return Grid(
        tr(
            "Smallest area confirmed in {power:.0f} % of the trials, ha (interval)",
            power=section.found.power * 100,
        ),
        (tr("Contrast"), tr("Appeared"), *times),
        tuple((c, season, *cells) for c, season, cells in power_words.limit_rows(section)),
        frozenset({0, *range(2, 2 + len(times))}),
    )


def recall_table(section: PowerSection) -> Grid:
    """The share confirmed in time, by size."""
    found = section.found
    times = tuple(tr("within {w} days", w=w) for w in found.within)
    return Grid(
        tr(
            "Share confirmed in time at contrast {contrasts:g}, all seasons",
            contrasts=found.contrasts[-1],
        ),
        (tr("Area, ha"), *times),
        tuple((area, *cells) for area, cells in power_words.recall_rows(section)),
        frozenset(range(1 + len(times))),
    )


def materials_table(section: PowerSection) -> Grid:
    """The share confirmed, by kind of bare ground."""
    return Grid(
        tr(
            "By kind of bare ground: largest patch, full contrast, within {within} days",
            within=section.found.within[-1],
        ),
        (tr("Bare ground"), tr("Change of reflectance"), tr("Confirmed (interval)")),
        tuple(power_words.material_rows(section)),
        frozenset({1, 2}),
    )
