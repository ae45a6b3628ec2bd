"""Vehicles put into the scenes of a case, and how many of them are found again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gossan.case.state import Monitored
from gossan.core.order import as_shown
from gossan.core.progress import Progress
from gossan.core.traffic import Pass, Seen
from gossan.core.words import tr
from gossan.observables.traffic.detect import searched, strip_of
from gossan.observables.traffic.limits import GAP_M, alone, convoy, shares
from gossan.observables.traffic.strips import Path, laid_roads
from gossan.observables.traffic.vehicles import SEMI_WHITE, TIPPER_DULL

SCENES = 12
"""Passes with most usable road into which vehicles are implanted."""
IMPLANTS = 17
"""Of each kind and speed into each of them."""
CONVOY_KMH = 40.0
SEED = 20221110


def limits_of_scenes(
    state: Monitored, paths: Sequence[Path], passes: Sequence[Pass], progress: Progress
) -> tuple[Seen, ...]:
    """Share of implanted vehicles found, by kind, surface, speed and gap; empty without a pass."""
    used = sorted(
        (p for p in passes if not p.aside), key=lambda p: (-as_shown(p.usable_km), p.scene)
    )[:SCENES]
    rows: list[tuple[str, bool, float, float, int, int]] = []
    if not used:
        return ()
    with progress.task(tr("Implanting vehicles"), len(used)) as task:
        for p in used:
            rng = np.random.default_rng([SEED, p.day.toordinal()])
            with state.frame.scenes.opened(p.scene) as pixels:
                laid = laid_roads(pixels, state.frame, paths)
            strips = [strip_of(r.values, r.usable) for r in laid]
            _, _, noise = searched(strips)
            rows += [
                (v.name, paved, speed, 0.0, int(hit), 1)
                for v, paved, speed, hit in alone(laid, strips, noise, IMPLANTS, rng)
            ]
            for vehicle in (SEMI_WHITE, TIPPER_DULL):
                found = convoy(laid, strips, vehicle, CONVOY_KMH, rng)
                if found is not None:
                    hits, n, paved = found
                    rows.append((vehicle.name, paved, CONVOY_KMH, GAP_M, hits, n))
            task.advance()
    return shares(rows)
