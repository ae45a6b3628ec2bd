"""A chapter: one more thing that was measured, as the page, the PDF and `data/` show it.

Whoever measures something makes a chapter of it (in `run`) and writes no template. Words are
plain text everywhere; nothing in them is read as markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
class Grid:
    """A table of text cells.

    Attributes
    ----------
    caption : what it shows, with units
    head : one title a column
    rows : cells as they are to be read, each row as long as `head`
    numeric : columns that are set to the right, by position
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if any(len(r) != len(self.head) for r in self.rows):
            raise ValueError(f"{self.caption}: every row needs {len(self.head)} cells")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a line. `value` None where it was not observable that day."""

    day: date
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Values of one thing through time. `joined` draws a line between observed points."""

    name: str
    points: tuple[Point, ...]
    joined: bool = False


@dataclass(frozen=True, slots=True)
class TimePlot:
    """Values through time with their intervals; days without an answer are marked.

    Attributes
    ----------
    caption : what it shows; read aloud in place of the picture
    unit : title of the vertical axis, e.g. "turbidity, FNU"
    lines : at most eight
    marks : days with a short label, e.g. (date(2021, 7, 27), "spill")
    log : vertical axis in powers of ten
    """

    caption: str
    unit: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[date, str], ...] = ()
    log: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: category along the axis (e.g. "2018"), group (its colour), value and interval."""

    category: str
    group: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Bars side by side by group, e.g. hectares lost and recovered by year."""

    caption: str
    unit: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image (PNG). `caption` stands below it, `alt` is read aloud in its place."""

    png: bytes
    alt: str
    caption: str


Block = Words | Heading | Grid | TimePlot | BarPlot | Picture


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
    """

    key: str
    title: str
    lead: str
    blocks: tuple[Block, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    lines: tuple[MapLine, ...] = ()
    points: tuple[MapPoint, ...] = ()
