"""Counts of trials as curves with intervals, and the smallest area seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gossan.core.power.trials import (
    DetectionLimit,
    PowerCurve,
    PowerCurves,
    PowerPoint,
    Season,
    Trial,
)
from gossan.core.proportions import exact_interval

QUANTITY = "disturbed area"


def half_width(n: int, power: float, level: float) -> float:
    """Half the width of the exact interval when a share of `power` of `n` trials is seen."""
    low, high = exact_interval(round(power * n), n, level)
    return (high - low) / 2


def curve(
    curves: PowerCurves,
    contrast: float,
    within: int,
    season: Season | None = None,
    spectrum: str | None = None,
) -> PowerCurve:
    """Recall against size. Sizes without a trial have no point.

    The estimate is the isotonic regression of the shares on size (more bare ground is never
    seen less), weighted by trials. Intervals are exact for each size alone, then widened: a
    lower bound is at most that of any larger size, an upper at least that of any smaller, and
    both hold the estimate.
    """
    chosen = select(curves.trials, contrast=contrast, season=season, spectrum=spectrum)
    counts = [
        (area, [t.seen_within(within) for t in chosen if t.area_ha == area])
        for area in curves.areas_ha
    ]
    counts = [(area, seen) for area, seen in counts if seen]
    return PowerCurve(
        contrast, within, season, spectrum, curves.level, _points(counts, curves.level)
    )


def _points(counts: Sequence[tuple[float, Sequence[bool]]], level: float) -> tuple[PowerPoint, ...]:
    if not counts:
        return ()
    shares = [sum(seen) / len(seen) for _, seen in counts]
    from scipy.optimize import isotonic_regression  # loads slowly, and not every case has limits

    smooth = isotonic_regression(shares, weights=[len(seen) for _, seen in counts]).x
    bounds = [exact_interval(sum(seen), len(seen), level) for _, seen in counts]
    points = []
    for i, (area, seen) in enumerate(counts):
        power = float(smooth[i])
        low = min(power, *(b[0] for b in bounds[i:]))
        high = max(power, *(b[1] for b in bounds[: i + 1]))
        points.append(PowerPoint(area, len(seen), sum(seen), power, low, high))
    return tuple(points)


def limit(curves: PowerCurves, of: PowerCurve) -> DetectionLimit:
    """The smallest size tried that reaches the power asked for; nothing is extrapolated."""
    wanted = curves.power - 1e-9

    def first(values: Iterable[float]) -> float | None:
        reached = (p.area_ha for p, v in zip(of.points, values, strict=True) if v >= wanted)
        return next(reached, None)

    return DetectionLimit(
        quantity=QUANTITY,
        area_ha=first(p.power for p in of.points),
        low=first(p.high for p in of.points),
        high=first(p.low for p in of.points),
        tried_ha=max((p.area_ha for p in of.points), default=0.0),
        contrast=of.contrast,
        within=of.within,
        season=of.season,
        spectrum=of.spectrum,
        power=curves.power,
        level=curves.level,
        n=sum(p.n for p in of.points),
        method=curves.method,
        scenes=curves.scenes,
        seed=curves.seed,
    )


def all_curves(curves: PowerCurves) -> tuple[PowerCurve, ...]:
    """By contrast and season, and at the highest contrast by bare spectrum, for every time."""
    seasons = [None, *sorted({Season.of(t.appeared) for t in curves.trials})]
    named: list[tuple[float, Season | None, str | None]] = [
        (contrast, season, None) for contrast in curves.contrasts for season in seasons
    ]
    named += [(curves.contrasts[-1], None, s.name) for s in curves.spectra]
    return tuple(
        curve(curves, contrast, within, season, spectrum)
        for contrast, season, spectrum in named
        for within in curves.within
    )


def headline(curves: PowerCurves) -> DetectionLimit:
    """Highest contrast, longest time, all seasons and spectra: what a measurement carries."""
    return limit(curves, curve(curves, curves.contrasts[-1], curves.within[-1]))


def select(
    trials: Iterable[Trial],
    *,
    contrast: float | None = None,
    area_ha: float | None = None,
    season: Season | None = None,
    spectrum: str | None = None,
) -> list[Trial]:
    """Trials that agree with every condition given."""
    return [
        t
        for t in trials
        if (contrast is None or t.contrast == contrast)
        and (area_ha is None or t.area_ha == area_ha)
        and (season is None or Season.of(t.appeared) is season)
        and (spectrum is None or t.spectrum == spectrum)
    ]
