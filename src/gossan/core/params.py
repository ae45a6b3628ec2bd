"""What a user may set about monitors, sites, trials and how work is done: sections of case.toml.

Reasons for the defaults: docs/decisions/0009-monitor.md and 0013-radar-test-and-filter.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, NoReturn

from gossan.core.errors import Code, GossanError
from gossan.core.settings import Form, Number, Setting, later, validate
from gossan.core.words import tr, tr_later

MEMORY = 12
"""Radar looks kept for the test: a change is found within its first twelve or not at all."""

IMPLANTS = 3840
"""160 for each of 6 sizes and 4 contrasts, about 40 in each season: 36 of 36 seen is the least
that puts the lower end of an exact 95 % interval above a power of 0.9."""

CONTRASTS = (0.3, 0.5, 0.7, 1.0)

AREA_STEPS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Sizes tried where none are named, in units of the smallest site the case lists."""

BLOCK = 1024
"""Side of a block in pixels; why this one: docs/decisions/0011-state-store.md."""

WORKPLACE = Form(
    tr_later("text"),
    tr_later('"local" or the address of a scheduler, such as "tcp://192.0.2.1:8786"'),
    lambda text: text == "local" or "://" in text,
)


@dataclass(frozen=True, slots=True)
class MonitorParams:
    """Section [monitor]: parameters of fit and step.

    Raises GossanError (CASE) for a value that cannot work, naming it.
    """

    harmonics: Annotated[int, later("Yearly harmonics of the season."), Number(1, 2)] = 2
    min_observations: Annotated[
        int, later("Usable observations that a pixel's model needs."), Number(8, 1000)
    ] = 12
    provisional_evidence: Annotated[
        float,
        Setting(
            "Evidence, the logarithm of the odds, that makes a change provisional: 5 is 150 to 1."
        ),
        Number(1, 15, "nats"),
    ] = 5.0
    confirm_evidence: Annotated[
        float,
        Setting("Evidence that confirms it, 10 is 22000 to 1; more is later."),
        Number(1, 15, "nats"),
    ] = 10.0
    alpha: Annotated[
        float,
        Setting("Chance that an undisturbed observation counts as unusual."),
        Number(1e-9, 0.2),
    ] = 0.02
    confirm_looks: Annotated[
        int, later("Fewest unusual observations that confirm."), Number(1, 50)
    ] = 2
    odd_share: Annotated[
        float,
        later(
            "Share of observations that deviate for an unknown reason; it caps what one can weigh."
        ),
        Number(1e-6, 0.5),
    ] = 0.0025
    cloud_share: Annotated[
        float, later("The same for unmasked cloud and shadow."), Number(1e-6, 0.5)
    ] = 0.033
    step_back: Annotated[
        float,
        later("Evidence that an observation which fits takes away at most."),
        Number(0.5, 15, "nats"),
    ] = 6.0
    memory_days: Annotated[
        float,
        later("Time over which accidents of one observation (weather, water on leaves) fade."),
        Number(0.1, 100, "days"),
    ] = 10.0
    anomaly: Annotated[
        float,
        later("Standard deviation of dry-year anomalies, as a share of reflectance."),
        Number(0, 0.5),
    ] = 0.05
    recover_after: Annotated[
        int,
        later(
            "Observations in a row that fit the model from before a change and make it recovered."
        ),
        Number(1, 50),
    ] = 6
    recover_days: Annotated[
        int,
        later(
            "Time these must span: longer than a leafless or snowy season, in which a clearing "
            "may look like the wood it was."
        ),
        Number(0, 3660, "days"),
    ] = 240
    refit_days: Annotated[
        int,
        later("Every so often changed ground, and ground without a model, is tried again."),
        Number(10, 3660, "days"),
    ] = 91
    break_alpha: Annotated[
        float, later("Chance of a break found in an unchanged history."), Number(1e-12, 0.2)
    ] = 0.001
    break_before: Annotated[
        int, later("Observations needed before a break in the history."), Number(2, 100)
    ] = 3
    break_after: Annotated[
        int, later("Observations needed after a break in the history."), Number(2, 100)
    ] = 4
    ridge_first: Annotated[
        float, later("Prior precision of the first harmonic."), Number(1e-4, 100, "observations")
    ] = 0.02
    ridge_second: Annotated[
        float, later("Prior precision of the second harmonic."), Number(1e-4, 100, "observations")
    ] = 0.1
    noise_floor: Annotated[
        float,
        later("Standard deviation below which no pixel's noise is taken."),
        Number(1e-4, 0.2, "reflectance"),
    ] = 0.005
    noise_share: Annotated[
        float, later("The same as a share of the pixel's mean reflectance."), Number(0, 0.5)
    ] = 0.05

    def __post_init__(self) -> None:
        validate(self, "monitor")
        if self.provisional_evidence > self.confirm_evidence:
            raise GossanError(
                Code.CASE,
                tr(
                    "provisional_evidence ({first:g}) in [monitor] exceeds confirm_evidence "
                    "({second:g}).",
                    first=self.provisional_evidence,
                    second=self.confirm_evidence,
                ),
                tr("A change is provisional first: lower provisional_evidence or raise the other."),
            )


@dataclass(frozen=True, slots=True)
class RadarParams:
    """Section [radar.monitor]: parameters of fit and step.

    Raises GossanError (CASE) for a value that cannot work, naming it.

    Attributes
    ----------
    latitude : degrees north, of the area; None: no screen for wet snow
    """

    support: Annotated[
        int,
        Setting("Side of the square over which intensities are averaged, odd."),
        Number(1, 15, "pixels"),
    ] = 3
    min_observations: Annotated[
        int, Setting("Observations that a pixel's model needs."), Number(8, 1000)
    ] = 12
    alpha_provisional: Annotated[
        float,
        Setting("Chance that at one observation unchanged ground is provisional."),
        Number(1e-12, 0.2),
    ] = 1e-3
    alpha_confirmed: Annotated[
        float,
        Setting("Chance that at one observation unchanged ground begins to be confirmed."),
        Number(1e-15, 0.2),
    ] = 1e-4
    provisional_after: Annotated[
        int, Setting("Observations in the run that is provisional."), Number(1, MEMORY)
    ] = 2
    confirm_after: Annotated[
        int, Setting("Observations in the run that is confirmed."), Number(1, MEMORY)
    ] = 2
    confirm_days: Annotated[
        int, Setting("From the first to the last of a run that confirms."), Number(0, 365, "days")
    ] = 24
    recover_after: Annotated[
        int,
        Setting("Observations nearer to the history than to the change that make it recovered."),
        Number(1, MEMORY),
    ] = 4
    alpha_history: Annotated[
        float, Setting("Chance that a steady history is called unsteady."), Number(1e-12, 0.2)
    ] = 1e-3
    min_side: Annotated[
        int, Setting("Observations needed on each side of a step in the history."), Number(2, 100)
    ] = 4
    season_db: Annotated[
        float,
        Setting("Likely size of a pixel's own season beside the scene's, one standard deviation."),
        Number(0.5, 20, "dB"),
    ] = 2.0
    darkest_db: Annotated[
        float,
        Setting("VV below this is the sensor's noise, not the ground."),
        Number(-60, 20, "dB"),
    ] = -22.0
    interval_doubt: Annotated[
        float,
        Setting("Fall of the likelihood over which a beginning stays possible."),
        Number(0, 100, "chi-square"),
    ] = 9.0
    snow_db: Annotated[
        float, Setting("Fall of both polarisations that wet snow explains."), Number(0.1, 30, "dB")
    ] = 3.0
    snow_share: Annotated[
        float,
        Setting("Share of the sampled pixels with that fall that makes a snow scene."),
        Number(0.001, 1),
    ] = 0.1
    latitude: float | None = None

    def __post_init__(self) -> None:
        validate(self, "radar.monitor")
        if self.latitude is not None and not -90 <= self.latitude <= 90:
            _wrong_radar(tr("latitude must lie between -90 and 90"), self.latitude)
        if self.support % 2 == 0:
            _wrong_radar(tr("support must be odd"), self.support)
        if self.confirm_after < self.provisional_after:
            told = tr("confirm_after must not be smaller than provisional_after")
            _wrong_radar(told, self.confirm_after)
        if self.alpha_confirmed > self.alpha_provisional:
            told = tr("alpha_confirmed must not be greater than alpha_provisional")
            _wrong_radar(told, self.alpha_confirmed)


def _wrong_radar(rule: str, found: float) -> NoReturn:
    raise GossanError(
        Code.CASE,
        tr("[radar.monitor]: {rule}, found {found:g}.", rule=rule, found=found),
        tr("Correct it, or leave it out to use the default."),
    )


@dataclass(frozen=True, slots=True)
class SiteParams:
    """Section [sites]: sizes below which changed pixels are no site, and how they join.

    Raises GossanError (CASE) for a value that cannot work, naming it.
    """

    min_area_ha: Annotated[
        float,
        Setting("Smaller pieces of changed ground are no site; a 10 m pixel is 0.01."),
        Number(0, 10_000, "hectares"),
    ] = 0.1
    min_pixels: Annotated[
        int, later("Fewer changed pixels are no site either."), Number(1, 10_000, "pixels")
    ] = 5
    speck_pixels: Annotated[
        int,
        later(
            "Smaller groups of touching pixels are dropped before any are joined, so that false "
            "alarms link no two sites; 1 keeps all."
        ),
        Number(1, 10_000, "pixels"),
    ] = 2
    join_distance: Annotated[
        int,
        later(
            "Pixels at most so far apart in row and column are of one site: 1 is touching, "
            "2 bridges one unchanged pixel, which is not counted."
        ),
        Number(1, 100, "pixels"),
    ] = 2
    odd_share: Annotated[
        float,
        later(
            "Share of a site's area that may be odd: its beginning is when more than this had "
            "changed, its end when all but this had."
        ),
        Number(0, 0.49),
    ] = 0.05

    def __post_init__(self) -> None:
        validate(self, "sites")


@dataclass(frozen=True, slots=True)
class LimitsParams:
    """Section [limits]: parameters of the trials that measure what would have been seen.

    Raises GossanError (LIMITS) for a value that cannot work, naming it.

    Attributes
    ----------
    first, last : targets appear between these days only, None: the whole time watched
    """

    areas_ha: Annotated[
        tuple[float, ...],
        Setting(
            "Sizes of injected targets, ascending.",
            default=tr_later("around the smallest site"),
            example="[0.1, 0.5, 2.0]",
        ),
        Number(0.001, 1000, "hectares"),
    ] = ()
    contrasts: Annotated[
        tuple[float, ...],
        Setting(
            "Shares of the way from each pixel to bare ground, ascending.", example="[0.3, 1.0]"
        ),
        Number(0.01, 1),
    ] = CONTRASTS
    within: Annotated[
        tuple[int, ...],
        Setting("After so long recall is counted, ascending.", example="[30, 120]"),
        Number(1, 3660, "days"),
    ] = (30, 60, 120)
    implants: Annotated[
        int,
        Setting("Targets to inject, spread over sizes, contrasts and seasons."),
        Number(1, 1_000_000),
    ] = IMPLANTS
    seed: Annotated[int, Setting("Of everything drawn by chance."), Number(0, 2**31 - 1)] = 1
    power: Annotated[float, Setting("What a detection limit asks for."), Number(0.5, 0.999)] = 0.9
    level: Annotated[float, Setting("Level of intervals."), Number(0.5, 0.999)] = 0.95
    margin_m: Annotated[
        float, Setting("Distance that targets keep from sites."), Number(0, 10_000, "metres")
    ] = 30.0
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        try:
            validate(self, "limits")
        except GossanError as error:
            raise GossanError(Code.LIMITS, error.problem, error.hint) from None
        for name in ("areas_ha", "contrasts", "within"):
            values = getattr(self, name)
            if not all(a < b for a, b in pairwise(values)) or (not values and name != "areas_ha"):
                _wrong_trials(name, tr("ascending numbers, each once"), list(values))
        if self.first is not None and self.last is not None and self.first > self.last:
            days = [str(self.first), str(self.last)]
            _wrong_trials("from, to", tr("the earlier day first"), days)


def default_areas(smallest_ha: float) -> tuple[float, ...]:
    """Sizes around the smallest site that the case lists, hectares."""
    return tuple(round(step * smallest_ha, 6) for step in AREA_STEPS)


def _wrong_trials(name: str, expected: str, found: object) -> NoReturn:
    told = tr(
        "{name} in [limits]: expected {expected}, found {found}.",
        name=name,
        expected=expected,
        found=found,
    )
    raise GossanError(Code.LIMITS, told, tr("Correct it."))


@dataclass(frozen=True)
class How:
    """Section [execution]: how the work of an update is done; none of it changes the result.

    Raises GossanError (DASK) for what cannot work.
    """

    dask: Annotated[
        str | None,
        Setting(
            'Work in processes of a Dask cluster: "local", or the address of a scheduler.',
            form=WORKPLACE,
            default=tr_later("threads"),
            example='"local"',
        ),
    ] = None
    workers: Annotated[
        int | None,
        Setting("Threads, or local Dask processes.", default=tr_later("all cores"), example="2"),
        Number(1, 4096),
    ] = None
    block: Annotated[
        int, Setting("Side of a block of a new state."), Number(32, 65_536, "pixels")
    ] = BLOCK

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            told = tr("--workers must be at least 1, found {n}.", n=self.workers)
            raise GossanError(Code.DASK, told)
        if self.block < 32:
            told = tr("--block must be at least 32, found {n}.", n=self.block)
            raise GossanError(Code.DASK, told)
        if self.dask in (None, "local"):
            return
        if "://" not in str(self.dask):
            raise GossanError(
                Code.DASK,
                tr(
                    '--dask: expected "local" or the address of a scheduler, found "{found}".',
                    found=self.dask,
                ),
                tr("Give the address that `dask scheduler` prints, e.g. tcp://192.0.2.1:8786."),
            )
        if self.workers is not None:
            raise GossanError(
                Code.DASK,
                tr(
                    "--workers counts what gossan starts itself, but this cluster is already "
                    "running."
                ),
                tr("Leave --workers out, and start workers of the cluster with `dask worker`."),
            )
