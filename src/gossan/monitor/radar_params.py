"""What a user may set about the radar monitor, with units and defaults."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.errors import Code, GossanError

MEMORY = 12
"""Looks kept for the test: a change is found within its first twelve looks or not at all."""


@dataclass(frozen=True, slots=True)
class RadarParams:
    """Parameters of fit and step. Reasons: docs/decisions/0013-radar-test-and-filter.md.

    Attributes
    ----------
    support : side of the square over which intensities are averaged, pixels, odd
    min_observations : looks a model needs; fewer is NO_MODEL
    alpha_provisional, alpha_confirmed : chance (0..1) that at one look unchanged ground is
        provisional, or begins to be confirmed
    provisional_after, confirm_after : looks in the run that says so, count
    confirm_days : days from the first to the last look of a run that confirms
    recover_after : looks nearer to the history than to the change, count
    alpha_history : chance (0..1) that a steady history is called unsteady
    min_side : looks needed on each side of a step in the history
    season_db : likely size of a pixel's own season beside the scene's, dB, one standard deviation
    darkest_db : VV below this is the sensor's noise, not the ground, dB
    interval_doubt : fall of the likelihood (chi-square) over which a beginning stays possible
    snow_db : fall of both polarisations that wet snow explains, dB
    snow_share : share (0..1) of the sampled pixels with that fall that makes a scene a snow scene
    latitude : degrees north, of the area; None: no screen for wet snow
    """

    support: int = 3
    min_observations: int = 12
    alpha_provisional: float = 1e-3
    alpha_confirmed: float = 1e-4
    provisional_after: int = 2
    confirm_after: int = 2
    confirm_days: int = 24
    recover_after: int = 4
    alpha_history: float = 1e-3
    min_side: int = 4
    season_db: float = 2.0
    darkest_db: float = -22.0
    interval_doubt: float = 9.0
    snow_db: float = 3.0
    snow_share: float = 0.1
    latitude: float | None = None

    def __post_init__(self) -> None:
        """Raise GossanError(CASE) for a value that cannot work, naming it."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise _wrong(f"radar.{name} is {value}; it must lie between {low} and {high}.")
        if self.support % 2 == 0:
            raise _wrong(f"radar.support is {self.support}; it must be odd.")
        if self.confirm_after < self.provisional_after:
            raise _wrong("radar.confirm_after must not be smaller than radar.provisional_after.")
        if self.alpha_confirmed > self.alpha_provisional:
            raise _wrong("radar.alpha_confirmed must not be greater than radar.alpha_provisional.")


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("support", 1, 15),
    ("min_observations", 8, 1000),
    ("alpha_provisional", 1e-12, 0.2),
    ("alpha_confirmed", 1e-15, 0.2),
    ("provisional_after", 1, MEMORY),
    ("confirm_after", 1, MEMORY),
    ("confirm_days", 0, 365),
    ("recover_after", 1, MEMORY),
    ("alpha_history", 1e-12, 0.2),
    ("min_side", 2, 100),
    ("season_db", 0.5, 20),
    ("darkest_db", -60, 20),
    ("interval_doubt", 0, 100),
    ("snow_db", 0.1, 30),
    ("snow_share", 0.001, 1),
    ("latitude", -90, 90),
)


def _wrong(problem: str) -> GossanError:
    return GossanError(Code.CASE, problem, "Correct it or leave it out to use the default.")
