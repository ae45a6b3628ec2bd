"""Limits as they are shown: in the dossier, in the terminal, to machines."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from gossan.core.power import PowerCurves
from gossan.core.power_curves import all_curves, half_width, limit
from gossan.dossier import power_words
from gossan.dossier.model import PowerSection


@dataclass(frozen=True)
class Shown:
    """Tables and sentences for a terminal; rows as in `dossier.power_words`."""

    limits: list[tuple[str, str, tuple[str, ...]]]
    recall: list[tuple[str, tuple[str, ...]]]
    materials: list[tuple[str, str, str]]
    within: tuple[int, ...]
    contrast: float
    power: float
    largest_ha: float
    caveats: tuple[str, ...]
    note: str


def section_of(curves: PowerCurves) -> PowerSection:
    """What a dossier shows of the trials."""
    drawn = all_curves(curves)
    counts = [p.n for c in drawn if c.season is None and c.spectrum is None for p in c.points]
    return PowerSection(
        curves,
        drawn,
        tuple(limit(curves, c) for c in drawn),
        half_width(int(median(counts)), curves.power, curves.level),
    )


def shown(curves: PowerCurves) -> Shown:
    """What a terminal shows of the trials."""
    section = section_of(curves)
    return Shown(
        power_words.limit_rows(section),
        power_words.recall_rows(section),
        power_words.material_rows(section),
        curves.within,
        curves.contrasts[-1],
        curves.power,
        curves.areas_ha[-1],
        power_words.caveats(section),
        power_words.precision_note(section),
    )
