"""What a user may set about the trials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from gossan.core.errors import Code, GossanError

IMPLANTS = 3840
"""160 for each of 6 sizes and 4 contrasts, about 40 in each season: 36 of 36 seen is the least
that puts the lower end of an exact 95 % interval above a power of 0.9."""

CONTRASTS = (0.3, 0.5, 0.7, 1.0)

AREA_STEPS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Sizes tried where none are named, in units of the smallest site the case lists."""


@dataclass(frozen=True, slots=True)
class LimitsParams:
    """Parameters of a run of trials.

    Attributes
    ----------
    areas_ha : sizes of patches, hectares, ascending
    contrasts : shares (0..1] of the way to the bare spectrum, ascending
    within : days after which recall is counted, ascending
    implants : trials, spread evenly over sizes and contrasts, over seasons as they have days
    seed : of everything drawn by chance
    power : what a detection limit asks for, 0..1
    level : of intervals, 0..1
    margin_m : distance kept from listed sites, metres
    first, last : appear between these days only, None: the whole time watched
    """

    areas_ha: tuple[float, ...]
    contrasts: tuple[float, ...] = CONTRASTS
    within: tuple[int, ...] = (30, 60, 120)
    implants: int = IMPLANTS
    seed: int = 1
    power: float = 0.9
    level: float = 0.95
    margin_m: float = 30.0
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        """Raise GossanError(LIMITS) for a value that cannot work, naming it."""
        for name, values, low, high in (
            ("areas", self.areas_ha, 0.001, 1000.0),
            ("contrasts", self.contrasts, 0.01, 1.0),
        ):
            ascending = all(a < b for a, b in pairwise(values))
            if not values or not ascending or values[0] < low or values[-1] > high:
                raise _wrong(
                    name, f"ascending numbers from {low:g} to {high:g}, each once", list(values)
                )
        if not 1 <= self.implants <= 1_000_000:
            raise _wrong("implants", "1 to 1,000,000", self.implants)
        if self.first is not None and self.last is not None and self.first > self.last:
            raise _wrong("from and to", "the earlier day first", f"{self.first} and {self.last}")


def default_areas(smallest_ha: float) -> tuple[float, ...]:
    """Sizes around the smallest site that the case lists, hectares."""
    return tuple(round(step * smallest_ha, 6) for step in AREA_STEPS)


def _wrong(name: str, expected: str, found: object) -> GossanError:
    return GossanError(
        Code.LIMITS, f"limits: {name} must be {expected}; found {found}.", "Correct it."
    )
