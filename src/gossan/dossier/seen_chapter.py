"""Chapters of what was not seen, of the images, and of how it was done."""

from __future__ import annotations

from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import Block, Chapter, Commands, Grid, Heading, Listing, Words
from gossan.dossier.figures import facts, scenes_table
from gossan.dossier.model import DossierModel, MonthCounts
from gossan.dossier.plots import Month, MonthPlot
from gossan.dossier.sentences import METHOD, gap_sentence, unseen_sentences
from gossan.dossier.tables import parameter_files, scene_files, seen_files

SEEN, BY_RADAR, NOT_USABLE, NO_IMAGE = (
    (tr_later("share of the area seen"), "#2b6cb0"),
    (tr_later("by radar alone"), "#a99bc9"),
    (tr_later("images, none usable"), "#f0b8a0"),
    (tr_later("no image at all"), "#d5dade"),
)
"""What a month can be, with its colour."""


def unseen_chapter(model: DossierModel) -> Chapter:
    """What was not seen, month by month, and the longest times without a look."""
    lead, *more = unseen_sentences(model)
    gaps = model.observability.gaps
    blocks: list[Block] = [Words(s) for s in more]
    if model.observability.months:
        blocks.append(months_plot(model.observability.months))
    if gaps:
        blocks.append(Heading(tr("Longest times without a usable look")))
        blocks.append(Listing(tuple(gap_sentence(g) for g in gaps)))
    files = tuple(seen_files(model).items())
    return Chapter("unseen", tr("What was not seen"), lead, tuple(blocks), files)


def months_plot(months: tuple[MonthCounts, ...]) -> MonthPlot:
    """Share of the area seen in each month; radar stands in its legend only where it answered a
    month."""
    drawn = tuple(_month(m) for m in months)
    radar = any(m.by_radar_alone for m in months)
    return MonthPlot(
        tr(
            "Share of the area seen at least once in each month; months without a usable look are "
            "marked"
        ),
        tr("Seen at least once"),
        drawn,
        tuple(
            (tr_now(name), colour)
            for name, colour in (SEEN, *((BY_RADAR,) if radar else ()), NOT_USABLE, NO_IMAGE)
        ),
    )


def _month(m: MonthCounts) -> Month:
    if m.by_radar_alone:
        return Month(m.month, m.radar_share or 0.0, tr_now(BY_RADAR[0]))
    if m.n_scenes == 0:
        return Month(m.month, 1.0, tr_now(NO_IMAGE[0]), blind=True)
    if not m.seen_share:
        return Month(m.month, 1.0, tr_now(NOT_USABLE[0]), blind=True)
    return Month(m.month, m.seen_share, tr_now(SEEN[0]))


def images_chapter(model: DossierModel) -> Chapter:
    """Every image of the period."""
    return Chapter(
        "images", tr("Images"), "", (scenes_table(model),), tuple(scene_files(model).items())
    )


def method_chapter(model: DossierModel) -> Chapter:
    """How it was computed, from what, and how to run it again."""
    parameters = Grid(
        tr("Settings that the figures depend on"),
        (tr("Name"), tr("Value"), tr("Unit"), tr("Meaning")),
        tuple((p.name, p.value, p.unit, p.meaning) for p in model.parameters),
        frozenset({1}),
    )
    blocks: tuple[Block, ...] = (
        facts(model),
        Heading(tr("Parameters")),
        parameters,
        Heading(tr("How to run it again")),
        Commands(model.commands),
    )
    files = tuple(parameter_files(model).items())
    return Chapter("method", tr("Method and sources"), tr_now(METHOD), blocks, files)
