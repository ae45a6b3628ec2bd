"""The question a verdict asks: would it have been seen?"""

from __future__ import annotations

from datetime import date, timedelta

from gossan.core.power import PowerAnswer, PowerCurves
from gossan.limits.curves import interval, select


def power_for(
    curves: PowerCurves,
    area_ha: float,
    contrast: float,
    window: tuple[date, date],
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
    days = curves.within[-1] if within is None else within
    if days not in curves.within:
        raise ValueError(f"recall was counted within {curves.within} days, not {days}")
    if spectrum is not None and spectrum not in {s.name for s in curves.spectra}:
        raise ValueError(f"no bare spectrum is called {spectrum}")
    if window[0] > window[1]:
        raise ValueError("the window ends before it begins")

    def no(reason: str, size: float = 0.0, share: float = 0.0, n: int = 0) -> PowerAnswer:
        return PowerAnswer(
            False, reason, 0.0, 0.0, 0.0, curves.level, n, 0, size, share, window, days,
            curves.method,
        )  # fmt: skip

    sizes = [a for a in curves.areas_ha if a <= area_ha * (1 + 1e-9)]
    shares = [c for c in curves.contrasts if c <= contrast + 1e-9]
    if not sizes or not shares:
        return no(
            "Nothing as small or as faint was tried: the smallest size is "
            f"{curves.areas_ha[0]:g} ha, the lowest contrast {curves.contrasts[0]:g}."
        )
    judged = _judged_days(curves, window)
    if judged == 0:
        return no(
            f"The window lies outside the days that can be judged, {curves.first} to {curves.last}."
        )
    if _all_blind(curves, window, days):
        return no(
            f"Blind: no place had the {curves.needed} usable looks within {days} days that a "
            "confirmation needs.",
            sizes[-1],
            shares[-1],
        )
    cell = select(curves.trials, contrast=shares[-1], area_ha=sizes[-1], spectrum=spectrum)
    tried = [t for t in cell if window[0] <= t.appeared <= window[1]]
    if not tried:
        return no(
            f"No patch of {sizes[-1]:g} ha and contrast {shares[-1]:g} was tried in the window: "
            "run the limits for it.",
            sizes[-1],
            shares[-1],
        )
    seen = sum(t.seen_within(days) for t in tried)
    low, high = interval(seen, len(tried), curves.level)
    share = judged / ((window[1] - window[0]).days + 1)
    return PowerAnswer(
        True,
        f"{seen} of {len(tried)} patches of {sizes[-1]:g} ha at contrast {shares[-1]:g} that "
        f"appeared in the window were confirmed within {days} days"
        + ("." if share == 1 else f"; {share:.0%} of its days can be judged."),
        share * seen / len(tried),
        share * low,
        share * high,
        curves.level,
        len(tried),
        seen,
        sizes[-1],
        shares[-1],
        window,
        days,
        curves.method,
    )


def _judged_days(curves: PowerCurves, window: tuple[date, date]) -> int:
    """Days of the window on which a patch could appear and still be judged."""
    first, last = max(window[0], curves.first), min(window[1], curves.last)
    return max(0, (last - first).days + 1)


def _all_blind(curves: PowerCurves, window: tuple[date, date], within: int) -> bool:
    """Whether every judged day of the window lies in a blind month."""
    first, last = max(window[0], curves.first), min(window[1], curves.last)
    blind = set(curves.blind(within))
    day = first
    while day <= last:
        if day.replace(day=1) not in blind:
            return False
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return True
