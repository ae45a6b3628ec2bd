"""The question a verdict asks: would it have been seen?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from gossan.core.power.curves import select
from gossan.core.power.trials import PowerAnswer, PowerCurves, Trial
from gossan.core.proportions import exact_interval

Window = tuple[date, date]


def power_for(
    curves: PowerCurves,
    area_ha: float,
    contrast: float,
    window: Window,
    within: int | None = None,
    spectrum: str | None = None,
) -> PowerAnswer:
    """Probability that bare ground of this size and contrast, appearing in `window` (first and
    last day, inclusive) at a day and a place not known, was confirmed `within` days.

    Conservative at every turn: trials of the largest size and contrast tried that are not
    larger than asked for; only trials that appeared within the window; days of the window on
    which nothing was tried, because they lie before the watched time or too near its end,
    count as not seen. `within` is one of the curves' own (default: the longest), `spectrum`
    one of its bare spectra (default: all in equal shares). It holds for ground like that of
    the trials: `curves.ground_share` of the area. Raises ValueError for a `within` or
    `spectrum` that was not tried, or a window that ends before it begins.
    """
    asked = _Asked(
        max((a for a in curves.areas_ha if a <= area_ha * (1 + 1e-9)), default=0.0),
        max((c for c in curves.contrasts if c <= contrast + 1e-9), default=0.0),
        window,
        curves.within[-1] if within is None else within,
        spectrum,
    )
    _check(curves, asked)
    cell = select(curves.trials, contrast=asked.contrast, area_ha=asked.area_ha, spectrum=spectrum)
    tried = [t for t in cell if window[0] <= t.appeared <= window[1]]
    why_not = _unsupported(curves, asked, tried)
    return _answer(curves, asked, [] if why_not else tried, why_not)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in terms of what was tried: size and contrast are 0 where nothing is as small
    or as faint."""

    area_ha: float
    contrast: float
    window: Window
    within: int
    spectrum: str | None


def _check(curves: PowerCurves, asked: _Asked) -> None:
    if asked.within not in curves.within:
        raise ValueError(f"recall was counted within {curves.within} days, not {asked.within}")
    if asked.spectrum is not None and asked.spectrum not in {s.name for s in curves.spectra}:
        raise ValueError(f"no bare spectrum is called {asked.spectrum}")
    if asked.window[0] > asked.window[1]:
        raise ValueError("the window ends before it begins")


def _unsupported(curves: PowerCurves, asked: _Asked, tried: list[Trial]) -> str:
    """Why nothing supports an answer; empty where something does."""
    if asked.area_ha == 0 or asked.contrast == 0:
        return (
            "Nothing as small or as faint was tried: the smallest size is "
            f"{curves.areas_ha[0]:g} ha, the lowest contrast {curves.contrasts[0]:g}."
        )
    if _judged(curves, asked.window) is None:
        return (
            f"The window lies outside the days that can be judged, {curves.first} to {curves.last}."
        )
    if _all_blind(curves, asked):
        return (
            f"Blind: no place had the {curves.needed} usable looks within {asked.within} days that "
            "a confirmation needs."
        )
    if not tried:
        return (
            f"No patch of {asked.area_ha:g} ha and contrast {asked.contrast:g} was tried in the "
            "window: run the limits for it."
        )
    return ""


def _answer(curves: PowerCurves, asked: _Asked, tried: list[Trial], why_not: str) -> PowerAnswer:
    seen = sum(t.seen_within(asked.within) for t in tried)
    low, high = exact_interval(seen, len(tried), curves.level) if tried else (0.0, 0.0)
    share = _share(curves, asked.window)
    part = "" if share == 1 else f"; {share:.0%} of its days can be judged"
    return PowerAnswer(
        observable=not why_not,
        reason=why_not
        or f"{seen} of {len(tried)} patches of {asked.area_ha:g} ha at contrast "
        f"{asked.contrast:g} that appeared in the window were confirmed within "
        f"{asked.within} days{part}.",
        power=share * seen / len(tried) if tried else 0.0,
        low=share * low,
        high=share * high,
        level=curves.level,
        n=len(tried),
        seen=seen,
        area_ha=asked.area_ha,
        contrast=asked.contrast,
        window=asked.window,
        within=asked.within,
        method=curves.method,
    )


def _judged(curves: PowerCurves, window: Window) -> Window | None:
    """The part of the window on which a patch could appear and still be judged."""
    first, last = max(window[0], curves.first), min(window[1], curves.last)
    return (first, last) if first <= last else None


def _share(curves: PowerCurves, window: Window) -> float:
    """Share (0..1) of the window's days that can be judged."""
    judged = _judged(curves, window)
    days = 0 if judged is None else (judged[1] - judged[0]).days + 1
    return days / ((window[1] - window[0]).days + 1)


def _all_blind(curves: PowerCurves, asked: _Asked) -> bool:
    """Whether every judged day of the window lies in a blind month."""
    judged = _judged(curves, asked.window)
    assert judged is not None
    blind = set(curves.blind(asked.within))
    day = judged[0]
    while day <= judged[1]:
        if day.replace(day=1) not in blind:
            return False
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return True
