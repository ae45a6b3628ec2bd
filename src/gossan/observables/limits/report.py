"""Limits as they are shown."""

from __future__ import annotations

from statistics import median

from gossan.core.power import PowerCurves
from gossan.core.power_curves import all_curves, half_width, limit
from gossan.dossier import power_words
from gossan.dossier.chapter import Block, Words
from gossan.dossier.model import PowerSection
from gossan.dossier.power_chapter import limits_table, materials_table, recall_table


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


def limits_blocks(curves: PowerCurves) -> list[Block]:
    """Smallest areas seen, recall by size and by bare ground, then what they do not say."""
    section = section_of(curves)
    tables = (limits_table(section), recall_table(section), materials_table(section))
    words = (power_words.precision_note(section), *power_words.caveats(section))
    return [*tables, *(Words(w) for w in words)]
