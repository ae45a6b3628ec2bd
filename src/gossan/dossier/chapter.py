"""Chapters and the blocks they are made of: all that a page, a PDF, a terminal and `data/` show.

Whoever measures something makes a chapter of it and writes no template. Words are plain text
everywhere; nothing in them is read as markup. `plain` is the one form in which a block or a
chapter is hashed, `keyed` the name of each block within its chapter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from gossan.core.hashing import hash_bytes
from gossan.core.serialise import to_plain
from gossan.dossier.plots import (
    BarPlot,
    MonthPlot,
    Plot,
    RecallPlot,
    SeriesPlot,
    SpanPlot,
    StepPlot,
    TimePlot,
)

LonLat = tuple[float, float]
Ring = tuple[LonLat, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """One paragraph. `small` for a note that qualifies what stands before it."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within the chapter."""

    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A cell with a note below it. `quoted` where `text` is somebody's own words."""

    text: str
    note: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads to the chapter of key `to`."""

    text: str
    to: str


Cell = str | Noted | Link


def words_of(cell: Cell) -> str:
    """A cell as text."""
    if isinstance(cell, Noted) and cell.note:
        return f"{cell.text} ({cell.note})"
    return cell if isinstance(cell, str) else cell.text


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader of the page may choose rows by.

    Attributes
    ----------
    label : of the choice, e.g. "Show only what is said by"
    names : to choose from
    of_rows : for each row the positions in `names` that it belongs to
    """

    label: str
    names: tuple[str, ...]
    of_rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes
    ----------
    caption : what it shows, with units
    head : one title a column
    rows : cells as they are to be read, each row as long as `head`
    numeric : columns that are set to the right, by position
    folded : words behind which the page hides it until asked, "" where it stands open
    code : columns of hashes and file names, by position
    choice : None where all rows are shown
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    folded: str = ""
    code: frozenset[int] = frozenset()
    choice: Choice | None = None

    def __post_init__(self) -> None:
        if any(len(r) != len(self.head) for r in self.rows):
            raise ValueError(f"{self.caption}: every row needs {len(self.head)} cells")


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure: `value` large, `interval` and `label` small."""

    value: str
    interval: str
    label: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The key figures, side by side."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is to be said of it: one text, or several as a list.

    `folded` are words behind which the page hides them until asked, "" where they stand open.
    """

    name: str
    values: tuple[str, ...]
    folded: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts one below the other, names at the left."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Short items one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """Command lines to type."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image (PNG). `caption` stands below it, `alt` is read aloud in its place."""

    png: bytes
    alt: str
    caption: str


@dataclass(frozen=True)
class CropImage:
    """A piece of one scene around a site.

    Attributes
    ----------
    date : of the scene (UTC)
    scene_id : item id
    png : bytes, one image pixel per grid pixel or an integer multiple of it
    size : width, height in image pixels
    outline : rings of the site's polygon in image pixels, (x, y), origin top left corner
    caption : short, plain, e.g. "last seen unchanged"
    cloudy : True where the site itself was not usable on that date
    """

    date: date
    scene_id: str
    png: bytes
    size: tuple[int, int]
    outline: tuple[Ring, ...]
    caption: str
    cloudy: bool


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two pictures of one place, of equal size, to hold against each other. `name` it has."""

    name: str
    before: CropImage
    after: CropImage


@dataclass(frozen=True, slots=True)
class Strip:
    """Pictures of one place in the order of time."""

    name: str
    pictures: tuple[CropImage, ...]


@dataclass(frozen=True)
class MapImage:
    """The whole area on one date.

    Attributes
    ----------
    date : of the scene (UTC)
    scene_id : item id
    natural : PNG in natural colour, None where a band for it is missing
    false_colour : PNG with infrared shown, None where a band for it is missing
    usable_share : fraction of the area seen, 0..1
    corners : lon/lat of the outer corners: top left, top right, bottom right, bottom left
    """

    date: date
    scene_id: str
    natural: bytes | None
    false_colour: bytes | None
    usable_share: float
    corners: tuple[LonLat, LonLat, LonLat, LonLat]


@dataclass(frozen=True, slots=True)
class MapSite:
    """The outline of a site on the map: `geometry` in lon/lat, first seen on `began`, drawn in
    `colour` ("#rrggbb")."""

    number: int
    id: str
    geometry: BaseGeometry
    began: date
    colour: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class MapLine:
    """A line on the page's map, lon/lat degrees; `name` is its title."""

    name: str
    way: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A place on the page's map, lon/lat degrees; `name` is its title."""

    name: str
    at: tuple[float, float]


@dataclass(frozen=True)
class AreaMap:
    """The area with its sites, through time on the page, on the latest clear day in print.

    Attributes
    ----------
    images : dates ascending, at least one
    bounds : west, south, east, north in degrees
    area : GeoJSON geometry, EPSG:4326
    natural_label, false_label : how each colouring is made, "" where no image has it
    sites, lines, points : drawn on it
    legend : names and their colours, e.g. ("2019", "#35a7ff")
    """

    images: tuple[MapImage, ...]
    bounds: tuple[float, float, float, float]
    area: dict[str, Any]
    natural_label: str
    false_label: str
    sites: tuple[MapSite, ...]
    lines: tuple[MapLine, ...]
    points: tuple[MapPoint, ...]
    legend: tuple[tuple[str, str], ...]


Block = (
    Words
    | Heading
    | Grid
    | Figures
    | Facts
    | Listing
    | Commands
    | Plot
    | Picture
    | PicturePair
    | Strip
    | AreaMap
)

KINDS: dict[type[Any], str] = {
    Words: "words",
    Heading: "heading",
    Grid: "table",
    Figures: "figures",
    Facts: "facts",
    Listing: "list",
    Commands: "commands",
    TimePlot: "plot",
    BarPlot: "plot",
    StepPlot: "plot",
    SeriesPlot: "plot",
    MonthPlot: "plot",
    RecallPlot: "plot",
    SpanPlot: "plot",
    Picture: "picture",
    PicturePair: "pair",
    Strip: "strip",
    AreaMap: "map",
}
"""What each block is, for the faces that draw it and for its key."""


@dataclass(frozen=True, slots=True)
class Badge:
    """A number on a coloured ground ("#rrggbb"), as a site has it on the map."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of the dossier.

    Attributes
    ----------
    key : short, lower case, for anchors and file names, e.g. "water"
    title : e.g. "Water"
    lead : the finding in one or two plain sentences
    blocks : what follows, in order
    files : name under `data/` and bytes, e.g. ("lakes.csv", b"...")
    lines, points : what it adds to the map at the top of the page
    badge : before the title, None without
    status : small words after the title, e.g. "draft"
    """

    key: str
    title: str
    lead: str
    blocks: tuple[Block, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    lines: tuple[MapLine, ...] = ()
    points: tuple[MapPoint, ...] = ()
    badge: Badge | None = None
    status: str = ""


def keyed(chapter: Chapter) -> Iterator[tuple[str, Block]]:
    """Each block with its key, e.g. "water/table-2": the chapter's key, the block's kind and its
    number among the chapter's blocks of that kind."""
    seen: Counter[str] = Counter()
    for block in chapter.blocks:
        kind = KINDS[type(block)]
        seen[kind] += 1
        yield f"{chapter.key}/{kind}-{seen[kind]}", block


def plain(shown: Block | Chapter) -> dict[str, Any]:
    """A block or a chapter as JSON values, the same for the same content on every machine.

    A block is its fields and its kind. A chapter holds its blocks by their keys (`keyed`). Bytes
    (pictures, files) are named by their hash.
    """
    if not isinstance(shown, Chapter):
        return {"kind": KINDS[type(shown)], "of": type(shown).__name__, **_plain_fields(shown)}
    fields = _plain_fields(shown)
    blocks = {key: plain(block) for key, block in keyed(shown)}
    return {"kind": "chapter", **fields, "blocks": blocks}


def _plain_fields(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = _hashed(to_plain(value))
    return found


def _hashed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": hash_bytes(value)}
    if isinstance(value, dict):
        return {k: _hashed(v) for k, v in value.items()}
    return [_hashed(v) for v in value] if isinstance(value, list) else value
