"""The dossier's chapter on vegetation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from gossan.case.pictures import png, stride_for
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.csv_text import csv_bytes
from gossan.core.dates import from_day
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.order import as_shown, steady
from gossan.core.progress import Silent
from gossan.core.values import Measurement, Site, SiteStatus
from gossan.core.vegetation import SiteVegetation, VegetationYear
from gossan.core.words import tr
from gossan.cube.composites import Kind, rgb, stretch_of
from gossan.dossier.chapter import Block, Chapter, Grid, Picture, Words
from gossan.dossier.plots import Bar, BarPlot
from gossan.dossier.sentences import sites_counted
from gossan.io.features import Feature, geojson_bytes, geoparquet_bytes
from gossan.observables.observable import Updated
from gossan.observables.vegetation.run import Loss, sum_of, totals, vegetation_of
from gossan.sites.outline import outline

LOST, BACK, PROVISIONAL = (214, 39, 40), (44, 160, 44), (240, 180, 40)
"""Colours of the picture: lost and not back, back (both confirmed); lost at provisional sites."""
SHOWN = 40
"""Sites listed in the chapter, largest loss first; data/ has them all."""
COLUMNS: dict[str, type] = {"site": str, "status": str, "year": int, "back": str, "area_ha": float}


def vegetation_chapter(now: Updated) -> Chapter | None:
    """What was lost and what came back, at confirmed and at provisional sites apart; None where
    the case has no site."""
    found, state = now.sites, now.state
    if not found.sites:
        return None
    losses = vegetation_of(now, Silent())
    parts = tuple(
        _Part(status, tuple(losses[s.id].figures for s in found.sites if s.status is status))
        for status in (SiteStatus.CONFIRMED, SiteStatus.PROVISIONAL)
        if any(s.status is status for s in found.sites)
    )
    status = {s.id: s.status.value for s in found.sites}
    figures = [losses[s.id].figures for s in found.sites]
    if not any(f.lost.value for f in figures):
        return Chapter(
            "vegetation", tr("Vegetation"), _none_lost(parts), _notes(), _files(figures, [], status)
        )
    ranked = sorted(
        (f for f in figures if f.lost.value),
        key=lambda f: (status[f.site], -as_shown(f.lost.value), f.site),
    )
    blocks: list[Block] = [
        _bars(parts),
        _by_year(parts),
        _picture(found.sites, losses, state, now.pixels),
        _by_site(ranked, status),
        *_cover(ranked, status),
        *_notes(),
    ]
    areas = pixel_areas_m2(state.grid)
    features = [f for s in found.sites for f in _features(s, losses[s.id], state, areas)]
    return Chapter(
        "vegetation",
        tr("Vegetation"),
        _lead(parts),
        tuple(blocks),
        _files(figures, features, status),
    )


@dataclass(frozen=True)
class _Part:
    """The sites of one status."""

    status: SiteStatus
    figures: tuple[SiteVegetation, ...]

    @property
    def years(self) -> tuple[VegetationYear, ...]:
        """All of them together, year by year."""
        return totals(self.figures)

    @property
    def sites(self) -> str:
        """E.g. "3 confirmed sites"."""
        return sites_counted(len(self.figures), self.status)


def _none_lost(parts: Sequence[_Part]) -> str:
    sites = tr(" and ").join(p.sites for p in parts)
    return tr(
        "At none of {sites} was a loss of vegetation seen between the same months before and "
        "after.",
        sites=sites,
    )


def _lead(parts: Sequence[_Part]) -> str:
    said = []
    for part in parts:
        lost, back = sum_of(part.figures)
        if not lost.value:
            said.append(tr("At {sites} no loss of vegetation was seen.", sites=part.sites))
            continue
        worst = max(part.years, key=lambda y: steady(y.lost.value))
        if part.status is SiteStatus.PROVISIONAL:
            said.append(
                tr(
                    "Provisional, not yet confirmed: {lost} at {sites}, most of it in {year} "
                    "({most}); {back} of it green again.",
                    lost=_ha(lost),
                    sites=part.sites,
                    year=worst.year,
                    most=_ha(worst.lost),
                    back=_ha(back),
                )
            )
        else:
            said.append(
                tr(
                    "{lost} of vegetation were lost at {sites}; in {year}, the year with most, "
                    "{most}. Of all that, {back} were green again as before by the last year seen.",
                    lost=_ha(lost),
                    sites=part.sites,
                    year=worst.year,
                    most=_ha(worst.lost),
                    back=_ha(back),
                )
            )
    return " ".join(said)


def _ha(m: Measurement) -> str:
    return tr("{m:.2f} ha ({low:.2f} to {high:.2f})", m=m.value, low=m.low, high=m.high)


def _bars(parts: Sequence[_Part]) -> BarPlot:
    known = {(y.year, p.status): y for p in parts for y in p.years}
    bars = []
    for year in sorted({y for y, _ in known}):
        for part in parts:  # a bar of every group in every year, so that their order is the same
            y = known.get((year, part.status))
            for name, m in (("lost", y and y.lost), ("back", y and y.back)):
                span = (m.value, m.low, m.high) if m else (0.0, 0.0, 0.0)
                bars.append(Bar(str(year), f"{name}, {part.status.value}", *span))
    caption = tr("Vegetation lost and recovered by year, with intervals, by status of the site")
    return BarPlot(caption, "hectares", tuple(bars))


def _by_year(parts: Sequence[_Part]) -> Grid:
    known = {(y.year, p.status): y for p in parts for y in p.years}
    rows = []
    for year in sorted({y for y, _ in known}):
        row = [str(year)]
        for part in parts:
            y = known.get((year, part.status))
            row += ["", ""] if y is None else [_ha(y.lost), _ha(y.back)]
        rows.append(tuple(row))
    head = [f"{what}, {p.status.value}" for p in parts for what in (tr("Lost"), "Back")]
    return Grid(
        tr("By year, hectares (95 % interval), by status of the site"),
        (tr("Year"), *head),
        tuple(rows),
        frozenset(range(1, 1 + len(head))),
    )


def _by_site(ranked: Sequence[SiteVegetation], status: Mapping[str, str]) -> Grid:
    rows = []
    for f in ranked[:SHOWN]:
        ndvi = next((s for s in f.severity if s.index == "NDVI"), None)
        canopy = next((s for s in f.severity if s.index != "NDVI"), None)
        rows.append(
            (
                f.site,
                status[f.site],
                f"{f.lost.value:.2f}",
                f"{f.back.value:.2f}",
                ""
                if ndvi is None
                else tr("{before:.2f} to {after:.2f}", before=ndvi.before, after=ndvi.after),
                "" if ndvi is None or ndvi.relative is None else f"{100 * ndvi.relative:.0f} %",
                "" if canopy is None else f"{canopy.index} {canopy.delta:+.2f}",
            )
        )
    more = (
        tr("; the first {shown} of {n_ranked}", shown=SHOWN, n_ranked=len(ranked))
        if len(ranked) > SHOWN
        else ""
    )
    return Grid(
        tr(
            "By site: hectares, NDVI of the same months before and in the first year after, share "
            "of the green lost, change of NBR (of NDMI without B12){more}",
            more=more,
        ),
        (
            tr("Site"),
            tr("Status"),
            tr("Lost"),
            tr("Back"),
            tr("NDVI"),
            tr("Green lost"),
            tr("Canopy"),
        ),
        tuple(rows),
        frozenset({2, 3, 5, 6}),
    )


def _cover(ranked: Sequence[SiteVegetation], status: Mapping[str, str]) -> list[Block]:
    area: dict[str, dict[str, float]] = {}
    for f in ranked:
        for c in f.cover:
            by = area.setdefault(c.name, {s.value: 0.0 for s in SiteStatus})
            by[status[f.site]] += c.area_ha
    if not area:
        return []
    sure, maybe = SiteStatus.CONFIRMED.value, SiteStatus.PROVISIONAL.value
    ordered = sorted(
        area.items(), key=lambda x: (-as_shown(x[1][sure]), -as_shown(x[1][maybe]), x[0])
    )
    rows = tuple((n, f"{a[sure]:.2f}", f"{a[maybe]:.2f}") for n, a in ordered)
    return [
        Grid(
            tr("What stood there before, by the land-cover map of the case, hectares"),
            (tr("Class"), tr("Lost, confirmed"), tr("Lost, provisional")),
            rows,
            frozenset({1, 2}),
        )
    ]


def _notes() -> tuple[Block, ...]:
    return (
        Words(
            tr(
                "The first year after a pixel changed is compared with the same months before. "
                "Vegetation was lost where NDVI fell by a fifth or more of what plants added to "
                "bare soil, or NBR (NDMI where there is no B12) by 0.1 or more; it is back in the "
                "first later year in which both reached four fifths of the old level again. The "
                "interval holds the edge (half a pixel) and the date: a change between two looks "
                "in different years counts for the later one, and its area is left out of the "
                "lower and put into the upper bound of both. Green again does not mean the same "
                "plants."
            ),
            small=True,
        ),
    )


def _picture(
    sites: Sequence[Site], losses: dict[str, Loss], state: Monitored, pixels: Pixels
) -> Picture:
    """The area on its clearest late look: lost pixels red, those that came back green, those of
    provisional sites yellow."""
    step = stride_for(state.frame.shape)
    height, width = (-(-n // step) for n in state.frame.shape)
    look = _clearest(state, pixels, step)
    bands = pixels.thin(state.looks[look], step)
    cube = pixels.state.frame.cube([state.looks[look]], next(iter(state.frame.blocks(1))))
    picture = rgb(bands, Kind.NATURAL, stretch_of(cube))
    grey = picture[..., :3].mean(axis=2, keepdims=True)
    picture[..., :3] = (0.6 * grey + 90).clip(0, 255).astype(np.uint8)
    for site in sites:
        loss = losses[site.id]
        rows, cols = site.pixels[0] // step, site.pixels[1] // step
        sure = site.status is SiteStatus.CONFIRMED
        colours = ((loss.year > 0, LOST if sure else PROVISIONAL), ((loss.back > 0) & sure, BACK))
        for chosen, colour in colours:
            picture[rows[chosen], cols[chosen]] = (*colour, 255)
    scale = max(1, 640 // max(height, width))
    day = from_day(state.looks[look].day)
    caption = tr(
        "Vegetation lost (red) and lost but back (green) at confirmed sites, and lost at "
        "provisional ones (yellow), over the image of {day} in grey",
        day=day,
    )
    return Picture(png(picture, scale), tr("Map of lost vegetation over the area"), caption)


def _clearest(state: Monitored, pixels: Pixels, step: int) -> int:
    """Of the last looks, the one that shows most of the area."""
    last = range(max(0, len(state.looks) - 24), len(state.looks))
    seen = [
        float(np.isfinite(next(iter(pixels.thin(state.looks[i], step * 4).values()))).mean())
        for i in last
    ]
    return last[int(np.argmax(seen))]


def _features(
    site: Site, loss: Loss, state: Monitored, areas: NDArray[np.float64]
) -> list[Feature]:
    """Polygons of a site by year of the loss, and of those whether it is back."""
    assert state.grid.crs is not None
    to_lonlat = pyproj.Transformer.from_crs(state.grid.crs.proj, "EPSG:4326", always_xy=True)
    rows, cols = site.pixels
    top, left = int(rows.min()), int(cols.min())
    shape = (int(rows.max()) - top + 1, int(cols.max()) - left + 1)
    out = []
    for year in (int(y) for y in np.unique(loss.year[loss.year > 0])):
        for back in (False, True):
            chosen = (loss.year == year) & ((loss.back > 0) == back)
            if not chosen.any():
                continue
            mask: NDArray[np.bool_] = np.zeros(shape, bool)
            mask[rows[chosen] - top, cols[chosen] - left] = True
            lonlat, _ = outline(mask, top, left, state.grid, to_lonlat)
            area = float(areas[rows[chosen], cols[chosen]].sum()) / 1e4
            out.append(
                Feature(
                    lonlat,
                    {
                        "site": site.id,
                        "status": site.status.value,
                        "year": year,
                        "back": str(back).lower(),
                        "area_ha": round(area, 4),
                    },
                )
            )
    return out


def _files(
    figures: Sequence[SiteVegetation], features: Sequence[Feature], status: Mapping[str, str]
) -> tuple[tuple[str, bytes], ...]:
    rows = [
        (
            f.site,
            status[f.site],
            y.year,
            y.lost.value,
            y.lost.low,
            y.lost.high,
            y.back.value,
            y.back.low,
            y.back.high,
        )
        for f in figures
        for y in f.years
    ]
    severity = [
        (f.site, status[f.site], s.index, s.before, s.after, s.delta, s.low, s.high, s.relative)
        for f in figures
        for s in f.severity
    ]
    cover = [(f.site, status[f.site], c.code, c.name, c.area_ha) for f in figures for c in f.cover]
    files = [
        ("vegetation.csv", csv_bytes(
            ("site", "status", "year", "lost_ha", "lost_low_ha", "lost_high_ha", "back_ha",
             "back_low_ha", "back_high_ha"), rows)),
        ("vegetation_severity.csv", csv_bytes(
            ("site", "status", "index", "before", "after", "change", "change_p05", "change_p95",
             "share_of_green_lost"), severity)),
        ("vegetation.geojson", geojson_bytes(features)),
        ("vegetation.parquet", geoparquet_bytes(features, COLUMNS)),
    ]  # fmt: skip
    if cover:
        files.append(
            (
                "vegetation_cover.csv",
                csv_bytes(("site", "status", "class", "name", "lost_ha"), cover),
            )
        )
    return tuple(files)
