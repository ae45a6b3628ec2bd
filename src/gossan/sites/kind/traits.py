"""What is measured of a site to tell its kind. Each is one number, or None where not known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from gossan.core.dates import NO_DAY
from gossan.cube.surfaces import near_infrared, ratio
from gossan.cube.season import YEAR, median, peak, seasons_shared, shift
from gossan.sites.kind.view import F32, View

FIRST_DAYS = 120
"""What a change looks like fresh: looks within this after it."""
LASTING = 0.2
"""Share of its looks from which a pixel counts as standing in water."""
OFTEN = 0.8
"""Share of looks from which ground counts as always bare."""


def _seen(view: View) -> NDArray[np.bool_]:
    return np.isfinite(next(iter(view.bands.values())))


def _ndvi(view: View) -> F32 | None:
    nir, red = near_infrared(view.bands), view.bands.get("B04")
    return None if nir is None or red is None else ratio(nir, red)


def bare_since(view: View) -> float | None:
    """Share of the seasons since the change in which most looks show bare ground or water."""
    if view.shows is None:
        return None
    found = seasons_shared(view.shows.bare | view.shows.water, view.since & _seen(view), view.days)
    return None if found is None else found[0]


def bare_before(view: View) -> float | None:
    """The same share of the seasons before the change."""
    if view.shows is None:
        return None
    found = seasons_shared(view.shows.bare, view.before & _seen(view), view.days)
    return None if found is None else found[0]


def green_before(view: View) -> float | None:
    """NDVI of the greenest time before the change."""
    index = _ndvi(view)
    return None if index is None else peak(index, view.before)


def green_lost(view: View) -> float | None:
    """How much of that was gone in the first year after the change, 0..1 (below 0: greener)."""
    index = _ndvi(view)
    if index is None:
        return None
    was, then = peak(index, view.before), peak(index, view.since & (view.age <= YEAR))
    return None if was is None or then is None or was < 0.1 else (was - then) / was


def regrowth(view: View) -> float | None:
    """Share of the lost green peak that was back in the last year seen.

    None where there are not 18 months after the change, or nothing was lost.
    """
    index = _ndvi(view)
    if index is None:
        return None
    last = int(view.days[-1])
    if last - float(np.median(view.changed)) < 1.5 * YEAR:
        return None
    was = peak(index, view.before)
    then = peak(index, view.since & (view.age <= YEAR))
    now = peak(index, view.since & (view.days > last - YEAR)[:, None])
    if was is None or then is None or now is None or was - then < 0.1:
        return None
    return (now - then) / (was - then)


def nbr_drop(view: View) -> float | None:
    """Fall of NBR from before to the first months after, same season with same season."""
    nir, swir = near_infrared(view.bands), view.bands.get("B12")
    if nir is None or swir is None:
        return None
    moved = shift(ratio(nir, swir), view.before, view.since & (view.age <= YEAR / 2), view.days)
    return None if moved is None else -moved


def red_shift(view: View) -> float | None:
    """ln of red after to red before, same season, first year: bright soil up, char down."""
    return _brighter(view, ("B04",))


def light_shift(view: View) -> float | None:
    """ln of all bands together after to before, same season, first half year."""
    return _brighter(view, tuple(view.bands))


def _brighter(view: View, names: tuple[str, ...]) -> float | None:
    parts = [view.bands[b] for b in names if b in view.bands]
    if not parts:
        return None
    light = np.log(np.clip(np.mean(parts, axis=0), 1e-3, None)).astype(np.float32)
    return shift(light, view.before, view.since & (view.age <= YEAR / 2), view.days)


def months_of_growth(view: View) -> float | None:
    """Months between the days by which a tenth and nine tenths of it had changed."""
    low, high = np.quantile(view.changed, (0.1, 0.9))
    return float(high - low) / (YEAR / 12)


def outward(view: View) -> float | None:
    """Rank correlation of the day of change with the distance from where it began.

    1 is growth outward from one edge. None where it grew for less than two months.
    """
    rows, cols = np.nonzero(view.shape)
    days = view.first_days[rows, cols].astype(np.float64)
    if len(days) < 8 or (months_of_growth(view) or 0) < 2:
        return None
    early = days <= np.quantile(days, 0.1)
    away = np.hypot(rows - rows[early].mean(), cols - cols[early].mean())
    a, b = rankdata(days), rankdata(away)
    return None if a.std() == 0 or b.std() == 0 else float(np.corrcoef(a, b)[0, 1])


def water_since(view: View) -> float | None:
    """Share of its pixels that stand in water on a fifth of the looks since, less that before."""
    if view.shows is None or "B11" not in view.bands:
        return None

    def wet(looks: NDArray[np.bool_]) -> float | None:
        assert view.shows is not None
        chosen = looks & _seen(view)
        n = chosen.sum(axis=0)
        if not n.any():
            return None
        share = (view.shows.water & chosen).sum(axis=0)[n > 0] / n[n > 0]
        return float((share >= LASTING).mean())

    now, was = wet(view.since), wet(view.before)
    return None if now is None else now - (was or 0.0)


def water_colour(view: View) -> float | None:
    """Red to blue of the water in it: below 1 clear, above 1 brown or red. None without water."""
    if view.shows is None or (water_since(view) or 0) <= 0:
        return None
    return _red_to_blue(view, view.shows.water & view.since)


def iron(view: View) -> float | None:
    """Red to blue of its bare ground: iron oxide (and organic matter the other way)."""
    return None if view.shows is None else _red_to_blue(view, view.shows.bare & view.since)


def _red_to_blue(view: View, looks: NDArray[np.bool_]) -> float | None:
    red, blue = view.bands.get("B04"), view.bands.get("B02")
    if red is None or blue is None or looks.sum() < 5:
        return None
    chosen = looks & (blue > 0.005)
    return median((red / np.where(chosen, blue, np.nan)).astype(np.float32)[chosen])


def yearly(view: View) -> float | None:
    """Share of the years, before and since, that show both closed plants and bare ground.

    Of the years with looks in three seasons or more, each by its own pixels' majority.
    """
    if view.shows is None:
        return None
    year = np.floor(view.days / YEAR).astype(np.int64)
    quarter = np.floor(view.days / YEAR * 4).astype(np.int64)
    seen, found = _seen(view), []
    for y in np.unique(year):
        mine = year == y
        if len(np.unique(quarter[mine & (seen.mean(axis=1) > 0.5)])) < 3:
            continue
        both = [(flag[mine] & seen[mine]).any(axis=0) for flag in (view.shows.green, view.shows.bare)]
        found.append(float((both[0] & both[1]).mean() > 0.5))
    return float(np.mean(found)) if found else None


def snow_fresh(view: View) -> float | None:
    """Share of the first looks after the change that look like snow the masks let through."""
    if view.shows is None or "B11" not in view.bands:
        return None
    fresh = view.since & (view.age <= FIRST_DAYS) & _seen(view)
    return float(view.shows.snow[fresh].mean()) if fresh.any() else None


def compactness(view: View) -> float | None:
    """4 pi area / perimeter^2 along pixel edges: a square 0.79, a road below 0.2."""
    padded = np.pad(view.shape, 1)
    edges = sum(int((padded != np.roll(padded, 1, axis)).sum()) for axis in (0, 1))
    return float(4 * np.pi * view.shape.sum() / edges**2)


def bare_around(view: View) -> float | None:
    """Share of the ground around it that was bare or water on nearly every look before."""
    known = view.ring_bare[np.isfinite(view.ring_bare)]
    return float((known >= OFTEN).mean()) if known.size else None


def recovered(view: View) -> float | None:
    """Share of its pixels that follow their old course again."""
    return view.site.recovered_share


def slope(view: View) -> float | None:
    """Slope of the ground, degrees."""
    return view.setting.slope_deg


def channel(view: View) -> float | None:
    """Metres to the nearest channel."""
    return view.setting.channel_m


MEASURES: dict[str, Callable[[View], float | None]] = {
    "bare-since": bare_since,
    "bare-before": bare_before,
    "green-before": green_before,
    "green-lost": green_lost,
    "regrowth": regrowth,
    "nbr-drop": nbr_drop,
    "red": red_shift,
    "light": light_shift,
    "growth": months_of_growth,
    "outward": outward,
    "water": water_since,
    "water-colour": water_colour,
    "iron": iron,
    "yearly": yearly,
    "snow": snow_fresh,
    "compact": compactness,
    "bare-around": bare_around,
    "recovered": recovered,
    "slope": slope,
    "channel": channel,
}
"""Every trait by its key."""


def measured(view: View) -> dict[str, float | None]:
    """All traits of a site."""
    assert (view.changed != NO_DAY).all()
    return {key: measure(view) for key, measure in MEASURES.items()}
