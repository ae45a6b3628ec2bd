"""What is measured of a site to tell its kind. Each is one number, or None where not known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from gossan.core.dates import NO_DAY
from gossan.cube.season import YEAR, median, peak, seasons_shared, shift
from gossan.cube.surfaces import near_infrared, ratio
from gossan.observables.kind.view import F32, View

FIRST_DAYS = 120
"""What a change looks like fresh: looks within this after it."""
CHAR_DAYS = 90
CHAR_RED, CHAR_NIR = 0.09, 0.17
"""Char is darker than this, mixed with what did not burn in the pixel."""
LASTING = 0.2
"""Share of its looks from which a pixel counts as standing in water."""
WATCHED_MONTHS = 9.0
"""A site watched for less since its beginning may still be growing."""
SOIL_NDVI = 0.2
"""NDVI of ground without plants (Sobrino et al. 2004, doi:10.1016/j.rse.2004.02.003)."""
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
    """Share of the green gone in the first year, each month compared with the same month.

    The fall of NDVI divided by what plants added to bare ground at the greenest time before:
    1 is all of it, below 0 is greener than before. None where nothing grew before.
    """
    moved, room = _moved(view, view.since & (view.age <= YEAR)), _room(view)
    return None if moved is None or room is None else -moved / room


def regrowth(view: View) -> float | None:
    """Share of that loss that was made good in the last year seen.

    None where there are not 18 months after the change, or less than a tenth was lost.
    """
    last = int(view.days[-1])
    if last - float(np.median(view.changed)) < 1.5 * YEAR:
        return None
    first = _moved(view, view.since & (view.age <= YEAR))
    now = _moved(view, view.since & (view.days > last - YEAR)[:, None])
    room = _room(view)
    if first is None or now is None or room is None or -first < 0.1 * room:
        return None
    return 1 - now / first


def _moved(view: View, looks: NDArray[np.bool_]) -> float | None:
    index = _ndvi(view)
    return None if index is None else shift(index, view.before, looks, view.days)


def _room(view: View) -> float | None:
    """What plants added to the NDVI of bare ground at the greenest time before, 0.1 or more."""
    was = green_before(view)
    return None if was is None or was - SOIL_NDVI < 0.1 else was - SOIL_NDVI


def canopy_drop(view: View) -> float | None:
    """Fall of NDMI, (NIR - B11)/(NIR + B11), in the first half year, same season."""
    return _fall(view, "B11")


def nbr_drop(view: View) -> float | None:
    """Fall of NBR, (NIR - B12)/(NIR + B12), in the first half year, same season."""
    return _fall(view, "B12")


def _fall(view: View, band: str) -> float | None:
    nir, swir = near_infrared(view.bands), view.bands.get(band)
    if nir is None or swir is None:
        return None
    moved = shift(ratio(nir, swir), view.before, view.since & (view.age <= YEAR / 2), view.days)
    return None if moved is None else -moved


def red_bias(view: View) -> float | None:
    """ln of red after to red before, same season, first year: bright soil up, char down."""
    return _brighter(view, ("B04",))


def light_bias(view: View) -> float | None:
    """ln of all bands together after to before, same season, first half year."""
    return _brighter(view, tuple(view.bands))


def _brighter(view: View, names: tuple[str, ...]) -> float | None:
    parts = [view.bands[b] for b in names if b in view.bands]
    if not parts:
        return None
    light = np.log(np.clip(np.mean(parts, axis=0), 1e-3, None)).astype(np.float32)
    return shift(light, view.before, view.since & (view.age <= YEAR / 2), view.days)


def months_of_growth(view: View) -> float | None:
    """Months it took at least: from when a tenth had changed to when a tenth had not yet.

    A pixel changed somewhere between its last look before and its first look of the change, so
    what may have come on one day, as through a gap without images, counts as 0. None where it
    has not been watched long enough since to say that it has ended.
    """
    first = float(np.quantile(view.changed, 0.1))
    still = view.last_same[view.last_same != NO_DAY]
    last = float(np.quantile(still, 0.9)) if still.size else first
    months = max(0.0, last - first) / (YEAR / 12)
    watched = (int(view.days[-1]) - first) / (YEAR / 12)
    return months if months >= WATCHED_MONTHS or watched >= WATCHED_MONTHS else None


def outward(view: View) -> float | None:
    """Rank correlation of the day of change with the distance from where it began.

    1 is growth outward from one edge. None where it may have come at once.
    """
    rows, cols = np.nonzero(view.shape)
    days = view.first_days[rows, cols].astype(np.float64)
    if len(days) < 8 or (months_of_growth(view) or 0) < 1:
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
        both = [
            (flag[mine] & seen[mine]).any(axis=0) for flag in (view.shows.green, view.shows.bare)
        ]
        found.append(float((both[0] & both[1]).mean() > 0.5))
    return float(np.mean(found)) if found else None


def char_fresh(view: View) -> float | None:
    """Share of the first looks after the change that look like char.

    Dark in red and near infrared, lighter in B11, without closed plants and without water: what
    a fire leaves for weeks to months (Chuvieco et al. 2002, doi:10.1080/01431160210153129, place
    char at red 0.1 and near infrared 0.06). None without B11.
    """
    nir, red, swir = near_infrared(view.bands), view.bands.get("B04"), view.bands.get("B11")
    fresh = view.since & (view.age <= CHAR_DAYS) & _seen(view)
    if view.shows is None or nir is None or red is None or swir is None or not fresh.any():
        return None
    with np.errstate(invalid="ignore"):
        dark = (red < CHAR_RED) & (nir < CHAR_NIR) & (swir > nir)
    char = dark & ~view.shows.green & ~view.shows.water
    return float(char[fresh].mean())


def snow_fresh(view: View) -> float | None:
    """Share of the first looks after the change that look like snow the masks let through."""
    if view.shows is None or "B11" not in view.bands:
        return None
    fresh = view.since & (view.age <= FIRST_DAYS) & _seen(view)
    return float(view.shows.snow[fresh].mean()) if fresh.any() else None


def elongation(view: View) -> float | None:
    """Length to width, from second moments: gaps and ragged edges do not count."""
    rows, cols = np.nonzero(view.shape)
    if len(rows) < 5:
        return None
    spread = np.linalg.eigvalsh(np.cov(np.stack([rows, cols])) + np.eye(2) / 12)
    return float(np.sqrt(spread[1] / spread[0]))


def bare_around(view: View) -> float | None:
    """Share of the ground around it that was bare or water on nearly every look before."""
    known = view.ring_bare[np.isfinite(view.ring_bare)]
    return float((known >= OFTEN).mean()) if known.size else None


def water_around(view: View) -> float | None:
    """Share of the ground around it that was water on most looks before."""
    known = view.ring_water[np.isfinite(view.ring_water)]
    return float((known >= 0.5).mean()) if known.size else None


def recovered(view: View) -> float | None:
    """Share of its pixels that follow their old course again; None within a year of the change."""
    watched = int(view.days[-1]) - float(np.median(view.changed))
    return view.site.recovered_share if watched >= YEAR else None


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
    "canopy-drop": canopy_drop,
    "nbr-drop": nbr_drop,
    "red": red_bias,
    "light": light_bias,
    "growth": months_of_growth,
    "outward": outward,
    "water": water_since,
    "water-colour": water_colour,
    "iron": iron,
    "yearly": yearly,
    "char": char_fresh,
    "snow": snow_fresh,
    "long": elongation,
    "bare-around": bare_around,
    "water-around": water_around,
    "recovered": recovered,
    "slope": slope,
    "channel": channel,
}
"""Every trait by its key."""


def measured(view: View) -> dict[str, float | None]:
    """All traits of a site."""
    assert (view.changed != NO_DAY).all()
    return {key: measure(view) for key, measure in MEASURES.items()}
