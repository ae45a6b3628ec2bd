"""Charts once drawn: SVG text, apart from the library that draws it, which takes long to load."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Captioned:
    """A chart as SVG text, with the sentence that stands above it and describes it."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Drawn:
    """All charts of a dossier as SVG, drawn once for the page and the PDF.

    `months` of the whole area; `series` and `growth` by number of the site, absent where the
    site has none; `power` as of `power_charts.power_charts`, empty where no limits were computed;
    `chapters` by a chapter's key and its block's position; `chronicle` None without documents.
    """

    months: str
    series: dict[int, str]
    growth: dict[int, str]
    power: tuple[Captioned, ...]
    chapters: dict[tuple[str, int], str] = field(default_factory=dict)
    chronicle: str | None = None
