"""The page: one HTML file and its assets, opened by double click, without any network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gossan.core.visible import visible
from gossan.core.words import ENGLISH, language, tr, trn, use_language
from gossan.dossier.book import Book
from gossan.dossier.chapter import AreaMap, Grid
from gossan.dossier.chapter_parts import Charts, page_chapter
from gossan.dossier.maker import maker_view

ALWAYS = (
    "dossier.css",
    "fonts/DejaVuSans.ttf",
    "fonts/DejaVuSans-Bold.ttf",
    "fonts/DejaVuSansMono.ttf",
    "fonts/LICENSE.txt",
)
OF_MAP = ("maplibre-gl.js", "maplibre-gl.css", "maplibre-gl.LICENSE.txt", "dossier.js")
OF_CHOICE = ("chronicle.js",)


@use_language(ENGLISH)
def render_page(book: Book, charts: Charts) -> dict[str, bytes]:
    """All files of the page with its charts, by path relative to the dossier's folder.

    `index.html` refers to nothing but `assets/...`. Equal books give equal bytes.
    """
    blocks = [b for _, b in book.blocks()]
    with_map = any(isinstance(b, AreaMap) for b in blocks)
    with_choice = any(isinstance(b, Grid) and b.choice is not None for b in blocks)
    needed = (*ALWAYS, *(OF_MAP if with_map else ()), *(OF_CHOICE if with_choice else ()))
    out = {f"assets/{name}": asset(name) for name in needed}
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            book=book,
            maker=maker_view(book.signer),
            summary=page_chapter(book.summary, charts, out),
            chapters=[page_chapter(c, charts, out) for c in book.chapters],
            with_map=with_map,
            with_choice=with_choice,
            lang=language().code,
        )
    )
    out["index.html"] = html.encode()
    return out


@cache
def _environment() -> Environment:
    """The templates, escaping everything."""
    made = Environment(
        loader=PackageLoader("gossan.dossier", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_seen,
    )
    made.globals |= {"tr": tr, "trn": trn}
    return made


def _seen(value: object) -> object:
    """Words with nothing invisible in them; markup of our own as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def asset(name: str) -> bytes:
    """Bytes of a file that ships with the page."""
    return (files("gossan.dossier") / "assets" / name).read_bytes()
