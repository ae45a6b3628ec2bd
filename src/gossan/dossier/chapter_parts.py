"""Blocks as the two templates take them: one table of parts for the page, one for paper."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from gossan.core.serialise import to_plain
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier import mapview
from gossan.dossier.chapter import (
    KINDS,
    AreaMap,
    Block,
    Cell,
    Chapter,
    CropImage,
    Grid,
    Noted,
    Picture,
    PicturePair,
    Strip,
    keyed,
    words_of,
)
from gossan.dossier.plots import Plot
from gossan.dossier.sentences import percent, plain_date

Part = dict[str, Any]
Charts = Mapping[str, str]
"""SVG text of each plot, by the key of its block."""
PICTURE_MM, MAP_MM = (150.0, 130.0), (170.0, 122.0)
"""Largest width and height on paper, mm."""
WORDY, LONGEST = 24, 60
"""A column with a cell of more letters than the first takes part in the room that is left, by its
letters up to the second."""
NARROW = 7
"""Tables with as many columns are set smaller on paper."""
CODE = 16
"""Letters of a hash in one line on paper."""
UNSEEN = tr_later(" (ground not seen)")
_INTERVAL = re.compile(r"(?<=\d)/(?=[\d.])")


def page_chapter(chapter: Chapter, charts: Charts, out: dict[str, bytes]) -> Part:
    """A chapter for the page; its pictures go to `out` under `assets/images/`."""
    return {"c": chapter, "parts": [_on_page(k, b, charts, out) for k, b in keyed(chapter)]}


def _on_page(key: str, block: Block, charts: Charts, out: dict[str, bytes]) -> Part:
    part: Part = {"kind": KINDS[type(block)], "b": block, "id": key.replace("/", "-")}
    name = f"assets/images/{part['id']}"
    if isinstance(block, Plot):
        part["svg"] = Markup(charts[key])  # noqa: S704  (our own SVG)
    elif isinstance(block, Picture):
        part |= {"src": f"{name}.png", "size": mapview.size_of(block.png)}
        out[part["src"]] = block.png
    elif isinstance(block, PicturePair):
        part["before"] = _crop(block.name, block.before, f"{name}-before.png", out)
        part["after"] = _crop(block.name, block.after, f"{name}-after.png", out)
    elif isinstance(block, Strip):
        named = enumerate(block.pictures)
        part["crops"] = [_crop(block.name, c, f"{name}-{i}.png", out) for i, c in named]
    elif isinstance(block, AreaMap):
        part |= _map_on_page(block, out)
    return part


def _crop(name: str, crop: CropImage, path: str, out: dict[str, bytes]) -> Part:
    out[path] = crop.png
    day = plain_date(crop.date)
    return {
        "src": path,
        "width": crop.size[0],
        "height": crop.size[1],
        "paths": mapview.path_of(crop.outline),
        "date": day,
        "caption": crop.caption,
        "cloudy": crop.cloudy,
        "alt": tr("{name} on {day}, {caption}", name=name, day=day, caption=crop.caption),
    }


def _map_on_page(area: AreaMap, out: dict[str, bytes]) -> Part:
    clear = mapview.latest_clear(area)
    still = clear.natural or clear.false_colour
    if still is not None:
        out["assets/images/map.png"] = still
    return {
        "json": script_json(mapview.map_data(area)),
        "still": None if still is None else mapview.size_of(still),
        "still_date": plain_date(clear.date),
        "outlines": mapview.outlines(area, clear),
        "provisional": any(s.provisional for s in area.sites),
    }


def script_json(value: dict[str, Any]) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  (every markup character was replaced above)


def pdf_chapter(chapter: Chapter, charts: Charts) -> Part:
    """A chapter for typst: JSON only, pictures as SVG text, so that typst reads no file but the
    template and the fonts."""
    files = ", ".join(name for name, _ in chapter.files)
    return {
        "title": chapter.title,
        "badge": None if chapter.badge is None else asdict(chapter.badge),
        "status": chapter.status,
        "lead": chapter.lead,
        "blocks": [_on_paper(k, b, charts) for k, b in keyed(chapter)],
        "files": tr("Numbers: {files}, in the folder data", files=files) if files else "",
    }


def _on_paper(key: str, block: Block, charts: Charts) -> Part:
    kind: Part = {"kind": KINDS[type(block)]}
    if isinstance(block, Plot):
        return kind | {"svg": charts[key], "caption": block.caption}
    if isinstance(block, Picture):
        width = _width(block.png, PICTURE_MM)
        svg = mapview.svg_of(block.png)
        return kind | {"svg": svg, "width": width, "alt": block.alt, "caption": block.caption}
    if isinstance(block, PicturePair):
        return kind | {"pictures": [_printed(block.name, c) for c in (block.before, block.after)]}
    if isinstance(block, Strip):
        return kind | {"pictures": [_printed(block.name, c) for c in block.pictures]}
    if isinstance(block, Grid):
        return kind | _table_on_paper(block)
    if isinstance(block, AreaMap):
        return kind | _map_on_paper(block)
    plain: Part = to_plain(block)
    return kind | plain


def _width(png: bytes, most: tuple[float, float]) -> float:
    width, height = mapview.size_of(png)
    return min(most[0], most[1] * width / height)


def _printed(name: str, crop: CropImage) -> Part:
    caption = f"{plain_date(crop.date)}: {crop.caption}{tr_now(UNSEEN) if crop.cloudy else ''}"
    svg = mapview.svg_of(crop.png, crop.outline)
    return {
        "svg": svg,
        "alt": tr("{name} on {caption}", name=name, caption=caption),
        "caption": caption,
    }


def _table_on_paper(grid: Grid) -> Part:
    return {
        "caption": grid.caption,
        "folded": grid.folded,
        "head": list(grid.head),
        "rows": [[_cell(c, i in grid.code) for i, c in enumerate(r)] for r in grid.rows],
        "numeric": sorted(grid.numeric),
        "columns": _columns(grid),
        "narrow": len(grid.head) >= NARROW,
    }


def _cell(cell: Cell, code: bool) -> Part:
    """Text and note of a cell; what has no blank in it gets places to break."""
    text = words_of(cell) if not isinstance(cell, Noted) else cell.text
    if code:
        lines = [text[i : i + CODE] for i in range(0, len(text), CODE)]
        return {"lines": lines if len(text) > 2 * CODE else [text], "note": ""}
    if isinstance(cell, Noted) and cell.quoted:
        text = f"\u201c{text}\u201d"
    note = cell.note if isinstance(cell, Noted) else ""
    return {"lines": [_INTERVAL.sub("/\u200b", text)], "note": note}


def _columns(grid: Grid) -> list[float]:
    """Width of each column on paper: 0 as wide as its words, or its part of what is left; the last
    takes what nobody wants, unless its numbers would then stand far from the others."""
    columns = list(zip(*grid.rows, strict=True)) or [()] * len(grid.head)
    longest = [
        max([len(words_of(c)) for c in column] + [len(w) for w in head.split()])
        for head, column in zip(grid.head, columns, strict=True)
    ]
    wide = [
        float(min(n, LONGEST)) if n > WORDY and i not in grid.code else 0.0
        for i, n in enumerate(longest)
    ]
    last = len(wide) - 1
    return wide if any(wide) or last in grid.numeric else [*wide[:-1], 1.0]


def _map_on_paper(area: AreaMap) -> Part:
    picture, clear = mapview.map_picture(area), mapview.latest_clear(area)
    ids = ", ".join(tr("{number} is {site}", number=s.number, site=s.id) for s in area.sites)
    day, share = plain_date(clear.date), percent(clear.usable_share)
    sure = tr("A grey number and an outline without black edge: provisional.")
    provisional = any(s.provisional for s in area.sites)
    return {
        "svg": mapview.svg_of(picture),
        "width": _width(picture, MAP_MM),
        "alt": tr("Map of the area with numbered outlines: {ids}", ids=ids or tr("no sites")),
        "legend": [list(pair) for pair in area.legend],
        "captions": [
            tr("Ground on {day}, {share} of the area seen that day.", day=day, share=share),
            *([sure] if provisional else []),
        ],
    }
