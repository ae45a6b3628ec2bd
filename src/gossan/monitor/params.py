"""What a user may set about the monitor, with units and defaults."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.errors import Code, GossanError


@dataclass(frozen=True, slots=True)
class MonitorParams:
    """Parameters of fit and step. Reasons for the defaults: docs/decisions/0009-monitor.md.

    Attributes
    ----------
    harmonics : yearly harmonics of the season, 1 or 2
    min_observations : usable observations a model needs; fewer is NO_MODEL
    alpha : probability (0..1) that one observation of unchanged ground exceeds
    provisional_after, confirm_after : consecutive exceedances
    recover_after : consecutive fitting observations after a confirmed change
    guard_limit : consecutive cloud- or shadow-like exceedances that are disregarded
    passes : reweighting passes of the robust fit
    break_alpha : probability (0..1) of a break found in an unchanged history
    break_before, break_after : observations needed on each side of a break in the history
    ridge_first, ridge_second : prior precision of the harmonics, in observations
    noise_floor : reflectance (0..1), standard deviation below which no pixel's noise is taken
    noise_share : the same as a share (0..1) of the pixel's median reflectance
    """

    harmonics: int = 2
    min_observations: int = 12
    alpha: float = 0.001
    provisional_after: int = 2
    confirm_after: int = 4
    recover_after: int = 6
    guard_limit: int = 5
    passes: int = 5
    break_alpha: float = 0.001
    break_before: int = 3
    break_after: int = 4
    ridge_first: float = 0.02
    ridge_second: float = 0.1
    noise_floor: float = 0.005
    noise_share: float = 0.05

    def __post_init__(self) -> None:
        """Raise GossanError(CASE) for a value that cannot work, naming it."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise GossanError(
                    Code.CASE,
                    f"monitor.{name} is {value}; it must lie between {low} and {high}.",
                    "Correct it or leave it out to use the default.",
                )
        if self.confirm_after < self.provisional_after:
            raise GossanError(
                Code.CASE,
                f"monitor.confirm_after is {self.confirm_after}, fewer than "
                f"monitor.provisional_after ({self.provisional_after}).",
                "A change is provisional before it is confirmed: raise confirm_after.",
            )


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("harmonics", 1, 2),
    ("min_observations", 8, 1000),
    ("alpha", 1e-9, 0.2),
    ("provisional_after", 1, 50),
    ("confirm_after", 1, 50),
    ("recover_after", 1, 50),
    ("guard_limit", 0, 50),
    ("passes", 1, 20),
    ("break_alpha", 1e-12, 0.2),
    ("break_before", 2, 100),
    ("break_after", 2, 100),
    ("ridge_first", 1e-4, 100),
    ("ridge_second", 1e-4, 100),
    ("noise_floor", 1e-4, 0.2),
    ("noise_share", 0, 0.5),
)
