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

    @property
    def named(self) -> dict[str, str]:
        """The charts by name, those that are drawn at all."""
        found = {"of the months": self.months, "of the chronicle": self.chronicle or ""}
        found |= {f"of site {n}, series": svg for n, svg in self.series.items()}
        found |= {f"of site {n}, growth": svg for n, svg in self.growth.items()}
        found |= {f"of detection limits, {n}": c.svg for n, c in enumerate(self.power, 1)}
        found |= {f"of chapter {k}, block {i + 1}": svg for (k, i), svg in self.chapters.items()}
        return {name: svg for name, svg in found.items() if svg}
