"""The PDF: the page's content set by typst, PDF/A-2a and PDF/UA-1, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.resources import files
from typing import Any

import typst

from gossan.core.errors import Code, GossanError
from gossan.core.values import SiteStatus
from gossan.core.visible import visible
from gossan.dossier import figures, mapview, power_words, sentences
from gossan.dossier.chapter import CropImage
from gossan.dossier.chapter_parts import pdf_chapter
from gossan.dossier.chronicle_parts import pdf_part
from gossan.dossier.drawn import Drawn
from gossan.dossier.kind_words import kind_sentences, kind_table
from gossan.dossier.maker import maker_view
from gossan.dossier.model import DossierModel, SiteSection

MAP_MM = (170.0, 150.0)
"""Largest width and height of the map on paper, mm."""

Part = dict[str, Any]


def render_pdf(model: DossierModel, drawn: Drawn) -> bytes:
    """The dossier as PDF. Raises GossanError(DOSSIER) where typst refuses.

    Words of the model reach typst as JSON data and are set as text, so nothing in a name is
    ever read as markup. The date inside the file is the model's `as_of`.
    """
    template = files("gossan.dossier") / "templates" / "dossier.typ"
    stamp = datetime.combine(model.as_of, time(), UTC)
    return set_pdf(str(template), _data(model, drawn), int(stamp.timestamp()))


def set_pdf(template: str, data: Part, stamp: int) -> bytes:
    """A template set with its data, dated `stamp` (seconds since 1970).

    Raises GossanError (DOSSIER) where typst refuses.
    """
    try:
        return typst.compile(
            template,
            format="pdf",
            font_paths=[str(files("gossan.dossier") / "assets" / "fonts")],
            ignore_system_fonts=True,
            sys_inputs={"data": visible(json.dumps(data, sort_keys=True, ensure_ascii=False))},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=stamp,
        )
    except RuntimeError as error:
        raise GossanError(
            Code.DOSSIER,
            f"The PDF could not be set by typst: {error}.",
            "The page (index.html) holds the same content; please report this with the case.",
        ) from error


def _data(model: DossierModel, drawn: Drawn) -> Part:
    """Everything the template shows; pictures as SVG text, so that typst reads no
    file but the template and the fonts.
    """
    picture = mapview.map_picture(model)
    clear = mapview.latest_clear(model)
    width, height = mapview.size_of(picture)
    day = sentences.plain_date
    return {
        "title": f"{model.case_name}: what changed on the ground",
        "case_name": model.case_name,
        "version": model.version,
        "as_of": day(model.as_of),
        "key_sentences": sentences.key_sentences(model),
        "maker": asdict(maker_view(model.signer)),
        "figures": [asdict(f) for f in figures.key_figures(model)],
        "map": _picture(mapview.svg_of(picture), _map_alt(model)),
        "map_width": min(MAP_MM[0], MAP_MM[1] * width / height),
        "map_caption": (
            f"Ground on {day(clear.date)}, {sentences.percent(clear.usable_share)} of the area "
            "seen that day. Colour of an outline: year in which the change was first seen."
            + (
                " A grey number and an outline without black edge: provisional."
                if any(s.site.status is SiteStatus.PROVISIONAL for s in model.sites)
                else ""
            )
        ),
        "legend": [[str(y), c] for y, c in figures.year_colours(model).items()],
        "sites": [_site(s, drawn) for s in model.sites],
        "chapters": [pdf_chapter(c, drawn.chapters) for c in model.chapters],
        "power": _power(model, drawn),
        "not_computed": power_words.NOT_COMPUTED,
        "unseen": sentences.unseen_sentences(model),
        "months": _picture(
            drawn.months,
            "Share of the area seen at least once in each month; months without a look are marked",
        ),
        "gaps": [sentences.gap_sentence(g) for g in model.observability.gaps],
        "method": sentences.METHOD,
        "facts": figures.facts(model),
        "parameters": [[p.name, p.value, p.unit, p.meaning] for p in model.parameters],
        "commands": model.commands,
        "scenes": [
            [r.date, r.id, r.outcome, r.reason, r.usable] for r in figures.scene_rows(model)
        ],
        "attribution": model.attribution,
        "chronicle": pdf_part(model.chronicle, drawn.chronicle)
        if model.chronicle is not None and drawn.chronicle is not None
        else None,
    }


def _power(model: DossierModel, drawn: Drawn) -> Part | None:
    section = model.power
    if section is None:
        return None
    limits = power_words.limit_rows(section)
    return {
        "sentences": power_words.power_sentences(section),
        "charts": [_picture(c.svg, c.caption, c.caption) for c in drawn.power],
        "head": ["Contrast", "Appeared", *(f"within {w} days" for w in section.found.within)],
        "limits": [[contrast, season, *cells] for contrast, season, cells in limits],
        "materials": power_words.material_rows(section),
        "limits_title": (
            f"Smallest area confirmed in {section.found.power * 100:.0f} % of the trials, ha "
            "(interval)"
        ),
        "materials_title": (
            "By kind of bare ground: largest patch, full contrast, "
            f"within {section.found.within[-1]} days"
        ),
        "note": power_words.precision_note(section),
    }


def _map_alt(model: DossierModel) -> str:
    ids = ", ".join(f"{s.number} is {s.site.id}" for s in model.sites)
    return f"Map of the area with numbered outlines: {ids or 'no sites'}"


def _picture(svg: str, alt: str, caption: str = "") -> Part:
    return {"svg": svg, "alt": alt, "caption": caption}


def _site(section: SiteSection, drawn: Drawn) -> Part:
    row = figures.site_row(section)
    n = row.number
    series = None
    if section.series is not None:
        series = _picture(
            drawn.series[section.number],
            f"Observed {section.series.index} of site {n} against the model of its own past",
        )
    pair = [section.before, section.after] if section.before and section.after else []
    return {
        "number": n,
        "id": row.id,
        "status": f"{row.status}, first seen {row.first_changed}",
        "row": figures.cells(row),
        "sentences": sentences.site_sentences(section),
        "kind_sentences": [] if section.kind is None else kind_sentences(section.kind),
        "kind": None if section.kind is None else asdict(kind_table(section.kind)),
        "growth": _picture(
            drawn.growth[section.number],
            f"Changed area of site {n} through time, at last {row.area} ha",
        )
        if section.shown
        else None,
        "series": series,
        "pair": [_crop(c, n) for c in pair if c],
        "strip": [_crop(c, n) for c in section.strip],
    }


def _crop(crop: CropImage, number: str) -> Part:
    unseen = " (ground not seen)" if crop.cloudy else ""
    caption = f"{sentences.plain_date(crop.date)}: {crop.caption}{unseen}"
    return _picture(mapview.svg_of(crop.png, crop.outline), f"Site {number} on {caption}", caption)
