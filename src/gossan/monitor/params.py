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
    alpha : probability (0..1) that one look at unchanged ground exceeds
    provisional_evidence, confirm_evidence : nats (ln of odds) of evidence gathered
    confirm_looks : fewest exceedances that confirm
    odd_share : share (0..1) of looks that deviate for a reason nobody knows; caps what one
        look can weigh
    cloud_share : the same for unmasked cloud and shadow
    step_back : nats that a look which fits takes away at most
    memory_days : days over which one look's accidents (weather, water on leaves) fade
    anomaly : standard deviation of dry-year anomalies, as a share (0..1) of reflectance
    recover_after, recover_days : looks in a row that fit the model from before a change, and
        days they must span, that make it recovered; longer than a leafless or snowy season, in
        which a clearing may look like the wood it was
    refit_days : every so many days changed ground, and ground without a model, is tried again
    break_alpha : probability (0..1) of a break found in an unchanged history
    break_before, break_after : observations needed on each side of a break in the history
    ridge_first, ridge_second : prior precision of the harmonics, in observations
    noise_floor : reflectance (0..1), standard deviation below which no pixel's noise is taken
    noise_share : the same as a share (0..1) of the pixel's mean reflectance
    """

    harmonics: int = 2
    min_observations: int = 12
    alpha: float = 0.02
    provisional_evidence: float = 5.0
    confirm_evidence: float = 10.0
    confirm_looks: int = 2
    odd_share: float = 0.0025
    cloud_share: float = 0.033
    step_back: float = 6.0
    memory_days: float = 10.0
    anomaly: float = 0.05
    recover_after: int = 6
    recover_days: int = 240
    refit_days: int = 91
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
        if self.confirm_evidence < self.provisional_evidence:
            raise GossanError(
                Code.CASE,
                f"monitor.confirm_evidence is {self.confirm_evidence}, less than "
                f"monitor.provisional_evidence ({self.provisional_evidence}).",
                "A change is provisional before it is confirmed: raise confirm_evidence.",
            )


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("harmonics", 1, 2),
    ("min_observations", 8, 1000),
    ("alpha", 1e-9, 0.2),
    ("provisional_evidence", 1, 15),
    ("confirm_evidence", 1, 15),
    ("confirm_looks", 1, 50),
    ("odd_share", 1e-6, 0.5),
    ("cloud_share", 1e-6, 0.5),
    ("step_back", 0.5, 15),
    ("memory_days", 0.1, 100),
    ("anomaly", 0, 0.5),
    ("recover_after", 1, 50),
    ("recover_days", 0, 3660),
    ("refit_days", 10, 3660),
    ("break_alpha", 1e-12, 0.2),
    ("break_before", 2, 100),
    ("break_after", 2, 100),
    ("ridge_first", 1e-4, 100),
    ("ridge_second", 1e-4, 100),
    ("noise_floor", 1e-4, 0.2),
    ("noise_share", 0, 0.5),
)
