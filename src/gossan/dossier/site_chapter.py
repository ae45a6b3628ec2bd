"""Chapters of the area and its sites: map, table of sites, and each site in words and pictures."""

from __future__ import annotations

from gossan.core.values import SiteStatus
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import (
    AreaMap,
    Badge,
    Block,
    Cell,
    Chapter,
    Grid,
    Heading,
    Link,
    MapSite,
    PicturePair,
    Strip,
    Words,
)
from gossan.dossier.figures import lon_lat, site_cells, year_colours
from gossan.dossier.kind_words import kind_sentences, kind_table
from gossan.dossier.model import DossierModel, SiteSection
from gossan.dossier.plots import Point, SeriesPlot, StepPlot
from gossan.dossier.sentences import plain_date, site_sentences
from gossan.dossier.tables import site_files

HEAD = (
    tr_later("No."),
    tr_later("Site"),
    tr_later("Status"),
    tr_later("Area, ha"),
    tr_later("Interval, ha"),
    tr_later("Last seen unchanged"),
    tr_later("First seen changed"),
    tr_later("Grew until"),
    tr_later("Recovered"),
    tr_later("Kind"),
    tr_later("Longitude"),
    tr_later("Latitude"),
)
HOW_TO_READ = tr_later(
    "Colour of an outline: year in which the change was first seen. The map of the page shows a "
    "site from the date on which it was first seen changed."
)
NO_SITES = tr_later(
    "No site is listed. This does not say that nothing happened: see what was not seen."
)
ONLY_LARGER = tr_later(
    "Only the larger sites are shown in pictures; the figures of this one are in the table above "
    "and in the folder data."
)
NOT_READ = tr_later("No series is shown for this site: its pixels could not be read back.")


def map_chapter(model: DossierModel) -> Chapter:
    """The map of the area with everything that stands on it."""
    colours = year_colours(model)
    sites = tuple(
        MapSite(
            s.number,
            s.site.id,
            s.site.geometry,
            s.site.began.first_changed,
            colours[s.site.began.first_changed.year],
            s.site.status is SiteStatus.PROVISIONAL,
        )
        for s in model.sites
    )
    area = AreaMap(
        model.images,
        model.bounds,
        model.area,
        model.natural_label,
        model.false_label,
        sites,
        tuple(line for c in model.chapters for line in c.lines if len(line.way) > 1),
        tuple(point for c in model.chapters for point in c.points),
        tuple((str(year), colour) for year, colour in colours.items()),
    )
    return Chapter("area", tr("Map"), "", (area, Words(tr_now(HOW_TO_READ), small=True)))


def sites_chapter(model: DossierModel) -> Chapter:
    """The table of all sites."""
    files = tuple(site_files(model).items())
    if not model.sites:
        return Chapter("sites", tr("Sites"), "", (Words(tr_now(NO_SITES)),), files)
    level = model.sites[0].site.area.level
    rows: list[tuple[Cell, ...]] = []
    for section in model.sites:
        number, name, *rest = site_cells(section)
        rows.append((number, Link(name, key_of(section)), *rest))
    grid = Grid(
        tr(
            "Areas in hectares with their intervals ({level:.0f} %); coordinates of a point "
            "inside, degrees, WGS 84",
            level=level * 100,
        ),
        tuple(map(tr_now, HEAD)),
        tuple(rows),
        frozenset({0, 3, 4, 8, 10, 11}),
    )
    return Chapter("sites", tr("Sites"), "", (grid,), files)


def key_of(section: SiteSection) -> str:
    """Key of a site's chapter."""
    return f"site-{section.number}"


def site_chapters(model: DossierModel) -> tuple[Chapter, ...]:
    """A chapter for each site, in the order of the table."""
    colours = year_colours(model)
    return tuple(_site(s, model, colours) for s in model.sites)


def _site(section: SiteSection, model: DossierModel, colours: dict[int, str]) -> Chapter:
    site, n = section.site, section.number
    began = site.began.first_changed
    blocks: list[Block] = []
    if section.kind is not None:
        blocks.append(Words(" ".join(kind_sentences(section.kind))))
        blocks.append(kind_table(section.kind))
    if section.before is not None and section.after is not None:
        pair = PicturePair(tr("Site {n}", n=n), section.before, section.after)
        blocks += [Heading(tr("Before and after")), pair]
    blocks += _through_time(section, model)
    if section.strip:
        blocks += [Heading(tr("Decisive dates")), Strip(tr("Site {n}", n=n), section.strip)]
    return Chapter(
        key_of(section),
        tr("Site {site_id}", site_id=site.id),
        " ".join(site_sentences(section)),
        tuple(blocks),
        badge=Badge(str(n), colours[began.year]),
        status=tr(
            "{status}, first seen {began}; {section}",
            status=tr_now(site.status.value),
            began=plain_date(began),
            section=position(section),
        ),
    )


def position(section: SiteSection) -> str:
    """Where the site is, e.g. "22.15012 E, 45.20345 N": a point inside it, WGS 84."""
    lon, lat = lon_lat(section.site)
    east, north = "W" if lon < 0 else "E", "S" if lat < 0 else "N"
    return f"{abs(lon):.5f}\u00a0{east}, {abs(lat):.5f}\u00a0{north}"


def _through_time(section: SiteSection, model: DossierModel) -> list[Block]:
    """Area and observations through time, or why they are not shown."""
    if not section.shown:
        return [Words(tr_now(ONLY_LARGER), small=True)]
    site, n = section.site, section.number
    points = tuple(Point(g.day, g.area_ha, g.low_ha, g.high_ha) for g in site.growth)
    growth = StepPlot(
        tr(
            "Changed area of site {n} through time, in steps, with its interval; last value "
            "{area:.2f} ha",
            n=n,
            area=site.area.value,
        ),
        tr("Changed ground, ha"),
        site.began.last_unchanged or points[0].day,
        model.as_of,
        points,
    )
    out: list[Block] = [Heading(tr("Area through time")), growth]
    if section.series is None:
        return [*out, Words(tr_now(NOT_READ), small=True)]
    observed = SeriesPlot(
        tr(
            "Observed {index} of site {n} as points against the model of its own past; numbers in "
            "data/series.csv",
            index=section.series.index,
            n=n,
        ),
        section.series,
        site.began,
    )
    return [*out, Heading(tr("Observations, and the model's prediction from the past")), observed]
