"""A chapter as the two templates take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from gossan.dossier import mapview
from gossan.dossier.chapter import (
    BarPlot,
    Block,
    Chapter,
    Grid,
    Heading,
    Picture,
    TimePlot,
    Words,
    words_of,
)

Part = dict[str, Any]
Charts = Mapping[tuple[str, int], str]
PICTURE_MM = (150.0, 130.0)
"""Largest width and height of a chapter's picture on paper, mm."""
WORDY = 18
"""A column with a cell of more letters than this takes the room that is left."""


def page_chapter(chapter: Chapter, charts: Charts, out: dict[str, bytes]) -> Part:
    """A chapter for the page; its pictures go to `out` under `assets/images/`."""
    parts = []
    for i, block in enumerate(chapter.blocks):
        part = _common(block)
        if isinstance(block, TimePlot | BarPlot):
            part["svg"] = Markup(charts[chapter.key, i])  # noqa: S704  (our own SVG)
        elif isinstance(block, Picture):
            part["src"] = f"assets/images/{chapter.key}-{i}.png"
            part["size"] = mapview.size_of(block.png)
            out[part["src"]] = block.png
        parts.append(part)
    return _whole(chapter, parts)


def pdf_chapter(chapter: Chapter, charts: Charts) -> Part:
    """A chapter for typst: JSON only, pictures as SVG text."""
    parts = []
    for i, block in enumerate(chapter.blocks):
        part = _common(block)
        if isinstance(block, TimePlot | BarPlot):
            part |= {"svg": charts[chapter.key, i], "alt": block.caption}
        elif isinstance(block, Picture):
            width, height = mapview.size_of(block.png)
            part["svg"] = mapview.svg_of(block.png)
            part["width"] = min(PICTURE_MM[0], PICTURE_MM[1] * width / height)
        elif isinstance(block, Grid):
            part["columns"] = _columns(block)
        parts.append(part)
    return _whole(chapter, parts)


def _whole(chapter: Chapter, parts: list[Part]) -> Part:
    return {
        "key": chapter.key,
        "title": chapter.title,
        "lead": chapter.lead,
        "blocks": parts,
        "files": [name for name, _ in chapter.files],
    }


def _common(block: Block) -> Part:
    match block:
        case Words():
            return {"kind": "words", "text": block.text, "small": block.small}
        case Heading():
            return {"kind": "heading", "text": block.text}
        case Grid():
            return {
                "kind": "grid",
                "caption": block.caption,
                "head": list(block.head),
                "rows": [[words_of(c) for c in r] for r in block.rows],
                "numeric": sorted(block.numeric),
            }
        case TimePlot() | BarPlot():
            return {"kind": "plot", "caption": block.caption}
        case Picture():
            return {"kind": "picture", "alt": block.alt, "caption": block.caption}
        case _:
            raise TypeError(f"a chapter shows no {type(block).__name__} yet")


def _columns(grid: Grid) -> list[str]:
    """Width of each column on paper: as wide as its words, or what is left where they are long."""
    longest = [
        max(len(words_of(c)) for c in col) for col in zip(grid.head, *grid.rows, strict=True)
    ]
    wide = ["rest" if n > WORDY else "auto" for n in longest]
    return wide if "rest" in wide else [*wide[:-1], "rest"]
