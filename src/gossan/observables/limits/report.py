"""Limits as they are shown."""

from __future__ import annotations

from statistics import median

from gossan.core.power import PowerCurves
from gossan.core.power_curves import all_curves, half_width, limit
from gossan.dossier import power_words
from gossan.dossier.chapter import Block, Grid, Words
from gossan.dossier.model import PowerSection


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
    found = section_of(curves)
    times = tuple(f"{w} days" for w in curves.within)
    numbers = frozenset(range(1, len(times) + 1))
    contrast = curves.contrasts[-1]
    longest = f"{curves.areas_ha[-1]:g} ha within {curves.within[-1]} days"
    grids = [
        Grid(
            f"Smallest area, ha, confirmed in {curves.power * 100:.0f} % of the trials",
            ("Contrast", "Appeared", *times),
            tuple((c, season, *cells) for c, season, cells in power_words.limit_rows(found)),
            frozenset({0, *(n + 1 for n in numbers)}),
        ),
        Grid(
            f"Share confirmed in time at contrast {contrast:g}, all seasons",
            ("Area, ha", *times),
            tuple((area, *cells) for area, cells in power_words.recall_rows(found)),
            frozenset({0, *numbers}),
        ),
        Grid(
            f"By bare ground: {longest}, contrast {contrast:g}",
            ("Bare ground", "Change of reflectance", "Confirmed"),
            tuple(power_words.material_rows(found)),
            frozenset({2}),
        ),
    ]
    said = (power_words.precision_note(found), *power_words.caveats(found))
    return [*grids, *(Words(text) for text in said)]
