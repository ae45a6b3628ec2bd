"""The chapters of a dossier: what else was measured of a case, in the order shown."""

from __future__ import annotations

from gossan.dossier.chapter import Chapter
from gossan.observables.observable import Updated
from gossan.observables.registry import observables
from gossan.run.sensitivity_chapter import sensitivity_chapter


def chapters_of(now: Updated) -> tuple[Chapter, ...]:
    """Every chapter the case has something for; last what all of them hang on."""
    shown = sorted(observables(), key=lambda o: o.place)
    made = (*(o.chapter(now) for o in shown), sensitivity_chapter(now))
    return tuple(c for c in made if c is not None)
