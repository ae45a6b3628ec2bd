"""Pictures of scenes that can be compared, and the dates worth a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import fsum

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import DateInterval, to_day
from gossan.core.errors import Code, GossanError
from gossan.core.flags import usable
from gossan.core.values import BANDS
from gossan.core.words import tr

SYNTHETIC_GREEN = {"B02": 0.45, "B04": 0.45, "NIR": 0.10}
"""Green where a cube has no B03: the weights of Bah et al. 2018 (doi:10.1029/2018EA000379),
made for GOES ABI, which lacks green too. For the eye only: nothing is measured from it."""

_SAMPLE = 2_000_000
_MIN_SPAN = 0.03


class Kind(StrEnum):
    """Which bands a picture shows as red, green and blue."""

    NATURAL = "natural"
    FALSE = "false"


@dataclass(frozen=True)
class Stretch:
    """One brightness for a whole series, so that pictures of different dates compare.

    Attributes
    ----------
    limits : band -> (reflectance shown black, reflectance shown full)
    gamma : exponent of the display, > 1 lifts the shadows
    """

    limits: Mapping[str, tuple[float, float]]
    gamma: float = 1.4


def channels(kind: Kind, available: Collection[str]) -> tuple[str, str, str]:
    """Bands shown as red, green, blue; "green" stands for the synthetic green.

    Natural: B04 B03 B02, or with synthetic green, or false colour where blue is missing
    too. False: B11 NIR B04, else B12 NIR B04, else NIR B04 B03, else NIR B04 B02, where
    NIR is B08 or B8A: bare ground pink to white, plants green (or red in the last two).
    Raises GossanError(CUBE) where no combination is complete.
    """
    nir = "B08" if "B08" in available else "B8A"
    natural = [("B04", "B03", "B02")]
    if nir in available and {"B02", "B04"} <= set(available):
        natural.append(("B04", "green", "B02"))
    false = [("B11", nir, "B04"), ("B12", nir, "B04"), (nir, "B04", "B03"), (nir, "B04", "B02")]
    wanted = natural + false if kind is Kind.NATURAL else false + natural
    for trio in wanted:
        if all(band == "green" or band in available for band in trio):
            return trio
    raise GossanError(
        Code.CUBE,
        tr(
            "A colour picture needs at least red and near infrared; the cube has {found}.",
            found=", ".join(sorted(available)) or tr("no band"),
        ),
        tr("Choose a collection with B02, B04 and B08, or B04, B08 and B11."),
    )


def stretch_of(cube: xr.Dataset) -> Stretch:
    """Limits per band from the usable pixels of the whole series.

    On every date the 1st and 99th percentile of an even sample of pixels (about 2 million
    values a band in all); then the lower quartile of the low ones and the median of the
    high ones over the dates. So dates of unflagged snow or haze do not darken the others,
    and clouds show white. Only dates at least half usable count, or the clearest where
    none is. Where nothing was ever usable: 0 to 0.3.
    """
    names = [band for band in BANDS if band in cube]
    step = max(1, int(np.ceil((cube["flags"].size / _SAMPLE) ** (1 / 2))))
    thin = cube.isel(y=slice(None, None, step), x=slice(None, None, step))
    seen = usable(thin["flags"].transpose("time", "y", "x").to_numpy())
    share = seen.mean(axis=(1, 2))
    dates = np.flatnonzero((share > 0) & (share >= min(0.5, float(share.max(initial=0)))))
    limits: dict[str, tuple[float, float]] = {}
    for band in names:
        values = thin[band].transpose("time", "y", "x").to_numpy()
        limits[band] = _limits([values[t][seen[t]] for t in dates])
    return Stretch(limits)


def _limits(dates: list[NDArray[np.float32]]) -> tuple[float, float]:
    """Limits of one band from its usable values date by date."""
    finite = [values[np.isfinite(values)] for values in dates]
    ends = [np.percentile(values, (1, 99)) for values in finite if len(values)]
    if not ends:
        return 0.0, 0.3
    low = float(np.percentile([e[0] for e in ends], 25))
    high = float(np.median([e[1] for e in ends]))
    return low, max(high, low + _MIN_SPAN)


def rgb(
    bands: Mapping[str, NDArray[np.float32]], kind: Kind, stretch: Stretch
) -> NDArray[np.uint8]:
    """Picture of one scene, uint8 (y, x, 4), from float32 reflectance bands (y, x).

    NaN in any band shown is transparent; clouds stay visible. Raises GossanError(CUBE) as
    `channels`, and KeyError for a band without limits in `stretch`.
    """
    layers, clear = [], None
    for name in channels(kind, list(bands)):
        values, (low, high) = _layer(name, bands, stretch)
        here = np.isfinite(values)
        clear = here if clear is None else clear & here
        shade = np.clip((np.where(here, values, low) - low) / (high - low), 0, 1)
        layers.append(np.rint(255 * shade ** (1 / stretch.gamma)).astype(np.uint8))
    assert clear is not None
    picture = np.dstack([*layers, np.where(clear, np.uint8(255), np.uint8(0))])
    picture[~clear] = 0
    return picture


def _layer(
    name: str, bands: Mapping[str, NDArray[np.float32]], stretch: Stretch
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Values of a channel and the limits it is shown between."""
    if name != "green":
        return bands[name], stretch.limits[name]
    nir = "B08" if "B08" in bands else "B8A"
    parts = [(nir if b == "NIR" else b, w) for b, w in SYNTHETIC_GREEN.items()]
    values = sum((np.float32(w) * bands[b] for b, w in parts), np.float32(0))
    low = fsum(w * stretch.limits[b][0] for b, w in parts)
    high = fsum(w * stretch.limits[b][1] for b, w in parts)
    return np.asarray(values, dtype=np.float32), (low, high)


def decisive(
    days: NDArray[np.int32], share: NDArray[np.float32], began: DateInterval, ended: DateInterval
) -> list[int]:
    """Indices, ascending, of up to five scenes that tell the story of a site.

    `days` int32 ascending and `share` 0..1, the part of the site's window usable, both
    (time,). Chosen: the same season a year before; the last clear view before the change;
    the first clear view from `began`; the first clear view from `ended`; and, of the time
    since, the same season in the last year seen, because pictures of one season compare.
    Each is the scene nearest to its date among the clear ones (at least 0.9 usable, or as
    clear as any in its part of time); scenes without any usable pixel are never chosen, so
    fewer than five may come back.
    """
    first, last = to_day(began.first_changed), to_day(ended.first_changed)
    before = first - 1 if began.last_unchanged is None else to_day(began.last_unchanged)
    never = np.iinfo(np.int32).max
    years = max(0, int((int(days.max(initial=first)) - first) / 365.25))
    wishes = [
        (-never, before, first - 365),
        (-never, before, before),
        (first, never, first),
        (last, never, last),
        (last, never, first + round(years * 365.25)),
    ]
    chosen = (_clearest(days, share, *wish) for wish in wishes)
    return sorted({index for index in chosen if index is not None})


def _clearest(
    days: NDArray[np.int32], share: NDArray[np.float32], start: int, end: int, near: int
) -> int | None:
    """The clear scene from `start` to `end` (inclusive) nearest to `near`; None: none."""
    within = (days >= start) & (days <= end) & (share > 0)
    if not within.any():
        return None
    clear = within & (share >= min(0.9, float(share[within].max())))
    at = np.flatnonzero(clear)
    away = np.abs(days[at].astype(np.int64) - near)
    return int(at[np.argmin(away)])
