"""The page: one HTML file and its assets, opened by double click, without any network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gossan.core.dates import DateInterval
from gossan.core.values import SiteStatus
from gossan.core.visible import visible
from gossan.dossier import figures, mapview, power_words, sentences
from gossan.dossier.chapter import CropImage
from gossan.dossier.chapter_parts import page_chapter
from gossan.dossier.chronicle_parts import page_parts
from gossan.dossier.drawn import Drawn
from gossan.dossier.kind_words import KindTable, kind_sentences, kind_table
from gossan.dossier.maker import maker_view
from gossan.dossier.model import DossierModel, SiteSection

STATIC = (
    "maplibre-gl.js",
    "maplibre-gl.css",
    "maplibre-gl.LICENSE.txt",
    "dossier.css",
    "dossier.js",
    "chronicle.js",
    "fonts/DejaVuSans.ttf",
    "fonts/DejaVuSans-Bold.ttf",
    "fonts/DejaVuSansMono.ttf",
    "fonts/LICENSE.txt",
)


@dataclass(frozen=True, slots=True)
class _Crop:
    """A crop as the template shows it: `src` relative to the page, `paths` SVG path data."""

    src: str
    width: int
    height: int
    paths: str
    date: str
    caption: str
    cloudy: bool
    scene_id: str


@dataclass(frozen=True, slots=True)
class _SiteView:
    """One site as the template shows it."""

    number: int
    row: figures.SiteRow
    sentences: tuple[str, ...]
    kind: KindTable | None
    kind_sentences: list[str]
    series: Markup | None
    growth: Markup | None
    strip: tuple[_Crop, ...]
    before: _Crop | None
    after: _Crop | None
    colour: str
    began: str


def render_page(model: DossierModel, drawn: Drawn) -> dict[str, bytes]:
    """All files of the page with its charts, by path relative to the dossier's folder.

    `index.html` refers to nothing but `assets/...`. Equal models give equal bytes.
    """
    out = {f"assets/{name}": asset(name) for name in STATIC}
    colours = figures.year_colours(model)
    views = [_site_view(s, drawn, colours, out) for s in model.sites]
    clear = mapview.latest_clear(model)
    still = clear.natural or clear.false_colour
    if still is not None:
        out["assets/images/map.png"] = still
    html = (
        environment()
        .get_template("index.html.j2")
        .render(
            page_parts(model.chronicle, drawn.chronicle),
            m=model,
            maker=maker_view(model.signer),
            title=f"{model.case_name}: what changed on the ground",
            key_sentences=sentences.key_sentences(model),
            figures=figures.key_figures(model),
            rows=[v.row for v in views],
            sites=views,
            chapters=[page_chapter(c, drawn.chapters, out) for c in model.chapters],
            power=_power_view(model, drawn),
            not_computed=power_words.NOT_COMPUTED,
            unseen=sentences.unseen_sentences(model),
            gaps=[sentences.gap_sentence(g) for g in model.observability.gaps],
            months=Markup(drawn.months),  # noqa: S704
            scenes=figures.scene_rows(model),
            colours=colours,
            has_provisional=any(s.site.status is SiteStatus.PROVISIONAL for s in model.sites),
            map_json=script_json(mapview.map_data(model)),
            still=mapview.size_of(still) if still is not None else None,
            still_date=sentences.plain_date(clear.date),
            outlines=mapview.outlines(model, clear),
            method=sentences.METHOD,
            facts=figures.facts(model),
        )
    )
    out["index.html"] = html.encode()
    return out


def script_json(value: dict[str, Any]) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  (every markup character was replaced above)


@cache
def environment() -> Environment:
    """The templates, escaping everything, with `day` for dates."""
    env = Environment(
        loader=PackageLoader("gossan.dossier", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    env.filters["day"] = sentences.plain_date
    return env


def asset(name: str) -> bytes:
    """Bytes of a file that ships with the page."""
    return (files("gossan.dossier") / "assets" / name).read_bytes()


def _site_view(
    section: SiteSection, drawn: Drawn, colours: dict[int, str], out: dict[str, bytes]
) -> _SiteView:
    return _SiteView(
        number=section.number,
        row=figures.site_row(section),
        sentences=sentences.site_sentences(section),
        kind=None if section.kind is None else kind_table(section.kind),
        kind_sentences=[] if section.kind is None else kind_sentences(section.kind),
        series=_markup(drawn.series.get(section.number)),
        growth=_markup(drawn.growth.get(section.number)),
        strip=tuple(
            _crop(c, f"site{section.number}-{i}", out) for i, c in enumerate(section.strip)
        ),
        before=_maybe(section.before, f"site{section.number}-before", out),
        after=_maybe(section.after, f"site{section.number}-after", out),
        colour=colours[section.site.began.first_changed.year],
        began=_short(section.site.began),
    )


@dataclass(frozen=True, slots=True)
class _PowerView:
    """What would have been seen, as the template shows it."""

    head: tuple[str, ...]
    sentences: tuple[str, ...]
    charts: tuple[tuple[Markup, str], ...]
    limits: list[tuple[str, str, tuple[str, ...]]]
    materials: list[tuple[str, str, str]]
    note: str


def _power_view(model: DossierModel, drawn: Drawn) -> _PowerView | None:
    section = model.power
    if section is None:
        return None
    return _PowerView(
        tuple(f"within {w} days" for w in section.found.within),
        power_words.power_sentences(section),
        tuple((Markup(c.svg), c.caption) for c in drawn.power),  # noqa: S704
        power_words.limit_rows(section),
        power_words.material_rows(section),
        power_words.precision_note(section),
    )


def _markup(svg: str | None) -> Markup | None:
    """Our own SVG, which the template must not escape."""
    return None if svg is None else Markup(svg)  # noqa: S704


def _short(interval: DateInterval) -> str:
    day = interval.first_changed
    return f"{sentences.MONTHS[day.month - 1]} {day.year}"


def _maybe(crop: CropImage | None, name: str, out: dict[str, bytes]) -> _Crop | None:
    return None if crop is None else _crop(crop, name, out)


def _crop(crop: CropImage, name: str, out: dict[str, bytes]) -> _Crop:
    path = f"assets/images/{name}.png"
    out[path] = crop.png
    return _Crop(
        path,
        *crop.size,
        mapview.path_of(crop.outline),
        sentences.plain_date(crop.date),
        crop.caption,
        crop.cloudy,
        crop.scene_id,
    )
