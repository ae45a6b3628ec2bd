"""A page with gaps where its charts stand: to compare all of a page but its charts.

Drawing the charts takes most of a dossier's time. With gaps in their places a page is drawn in a
blink; laid over a page as found, everything outside the gaps must agree byte for byte, and what
shows through the gaps are its charts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from gossan.core.words import tr
from gossan.dossier.book import Book
from gossan.dossier.plots import Plot

_MARK = secrets.token_hex(8)
"""New for each process, so that no document can hold what looks like a gap."""
_GAP = re.compile(f"\ue000{_MARK} ([^\ue001]*)\ue001")
_END = "</svg>"
_SVG = "{http://www.w3.org/2000/svg}"
_ALLOWED = frozenset(
    _SVG + name
    for name in ("svg", "g", "path", "text", "rect", "line", "defs", "clipPath", "title", "tspan")
)
_NUMBER = r"-?[\d.]+(?:e-?\d+)?"
_COLOUR = r"#[0-9a-f]{3,8}|[a-z]+|rgba?\([\d., ]+\)"
_TURN = rf"(?:translate|rotate|scale)\({_NUMBER}(?:,{_NUMBER})*\)"
_ATTRIBUTES = {
    name: re.compile(pattern)
    for names, pattern in (
        ("x y x2 y2 width height opacity fill-opacity stroke-opacity", _NUMBER),
        ("stroke-width stroke-miterlimit", _NUMBER),
        ("fill stroke", _COLOUR),
        ("d", rf"(?:[A-Za-z]|{_NUMBER}|[ ,])*"),
        ("transform", rf"{_TURN}(?: ?{_TURN})*"),
        ("id", r"[A-Za-z0-9-]+"),
        ("clip-path", r"url\(#[A-Za-z0-9-]+\)"),
        ("viewBox", rf"0 0 {_NUMBER} {_NUMBER}"),
        ("class", r"[\w -]*"),
        ("stroke-dasharray", rf"{_NUMBER}(?:,{_NUMBER})*"),
        ("stroke-linecap stroke-linejoin text-anchor font-weight font-style version", r"[\w.]+"),
        ("font-size", r"\d{1,2}(?:\.\d+)?px"),
        ("font-family", "DejaVu Sans"),
        ("display pointer-events", "none"),
        ("aria-hidden aria-roledescription aria-label role", r"[^<>]*"),
    )
    for name in names.split()
}
"""What a chart's elements may say, by attribute: shapes, colours and words in their places."""
_LARGEST = 2000
"""Pixels a chart may be wide or high."""


class MismatchError(Exception):
    """A page does not fit: `at` is the position of the first byte that differs."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at


def gaps(book: Book) -> dict[str, str]:
    """A gap for every chart of the book, by the key of its block."""
    return {k: f"\ue000{_MARK} {k}\ue001" for k, b in book.blocks() if isinstance(b, Plot)}


def show_through(with_gaps: str, page: str) -> dict[str, str]:
    """The charts of `page` by key, found where `with_gaps` has its gaps. Raises MismatchError."""
    at, last, found = 0, 0, dict[str, str]()
    for gap in _GAP.finditer(with_gaps):
        at = _same(with_gaps[last : gap.start()], page, at)
        end = page.find(_END, at) + len(_END)
        svg = page[at:end]
        if end < len(_END) or not _is_chart(svg):
            raise MismatchError(at, tr("a chart is missing or is no plain drawing"))
        found[gap[1]] = svg
        at, last = end, gap.end()
    at = _same(with_gaps[last:], page, at)
    if at != len(page):
        raise MismatchError(at, tr("it goes on after its end"))
    return found


def _same(expected: str, page: str, at: int) -> int:
    end = at + len(expected)
    if page[at:end] != expected:
        there = page[at:end]
        same = next(
            (i for i, (a, b) in enumerate(zip(expected, there, strict=False)) if a != b), len(there)
        )
        raise MismatchError(at + same, tr("it says something else"))
    return end


def _is_chart(svg: str) -> bool:
    """A drawing of shapes and words: nothing in it acts, nothing is fetched, and nothing of it
    lies outside its own place on the page."""
    if not svg.startswith("<svg ") or "<!" in svg or "<?" in svg:
        return False
    try:
        root = ET.fromstring(svg)  # noqa: S314  (no doctype, so no entities)
        sides = [float(root.attrib[k]) for k in ("width", "height")]
    except (ET.ParseError, KeyError, ValueError):
        return False
    if root.get("class") != "marks" or not all(0 < s <= _LARGEST for s in sides):
        return False
    return all(
        e.tag in _ALLOWED and (e is root or e.tag != root.tag) and _is_plain(e.attrib)
        for e in root.iter()
    )


def _is_plain(attributes: Mapping[str, str]) -> bool:
    return all(k in _ATTRIBUTES and _ATTRIBUTES[k].fullmatch(v) for k, v in attributes.items())
