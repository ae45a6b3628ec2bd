"""Pictures and series of one site."""

from __future__ import annotations

from datetime import date

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.case.pictures import crop_scale, crop_window, outline, png
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import from_day, to_day
from gossan.core.flags import usable
from gossan.core.values import Site
from gossan.core.words import tr
from gossan.cube import series as cube_series
from gossan.cube.composites import Kind, Stretch, decisive, rgb
from gossan.dossier.chapter import CropImage
from gossan.dossier.model import SiteSection
from gossan.dossier.plots import BandSeries, SiteSeries
from gossan.monitor.fit import predict
from gossan.monitor.state import MonitorState, from_arrays, learned_early

MODEL_EVERY_DAYS = 10
MODEL_PIXELS = 100
"""The model drawn for a site is the median over at most so many of its pixels, evenly taken."""

CLOUDY_BELOW = 0.5


def site_section(
    number: int, site: Site, state: Monitored, pixels: Pixels, stretch: Stretch, history_until: date
) -> SiteSection:
    """Everything the dossier shows of a site."""
    window = crop_window(*site.pixels, state.frame.shape)
    cube = pixels.cube(window)
    local = (
        (site.pixels[0] - window[0].start).astype(np.int32),
        (site.pixels[1] - window[1].start).astype(np.int32),
    )
    share = usable(cube["flags"].values)[:, local[0], local[1]].mean(axis=1).astype(np.float32)
    days = np.array([look.day for look in state.looks], np.int32)
    chosen = decisive(days, share, site.began, site.ended)
    strip = tuple(_crop(i, site, cube, state, stretch, window, share) for i in chosen)
    clear = [c for c in strip if not c.cloudy]
    before = [c for c in clear if c.date < site.began.first_changed]
    after = [c for c in clear if c.date >= site.ended.first_changed]
    return SiteSection(
        number,
        site,
        _series(site, cube, local, state, history_until),
        strip,
        before[-1] if before and after else None,
        after[-1] if before and after else None,
    )


def _crop(
    index: int,
    site: Site,
    cube: xr.Dataset,
    state: Monitored,
    stretch: Stretch,
    window: tuple[slice, slice],
    share: NDArray[np.float32],
) -> CropImage:
    scale = crop_scale(window)
    bands = {b: cube[b].values[index] for b in state.frame.bands}
    look = state.looks[index]
    day = from_day(look.day)
    return CropImage(
        day,
        look.key,
        png(rgb(bands, Kind.FALSE, stretch), scale),
        ((window[1].stop - window[1].start) * scale, (window[0].stop - window[0].start) * scale),
        outline(site.geometry_grid, state.grid, window, scale),
        _caption(day, site),
        bool(share[index] < CLOUDY_BELOW),
    )


def _caption(day: date, site: Site) -> str:
    if day < site.began.first_changed:
        return tr("before the change")
    if day < site.ended.first_changed:
        return tr("while it grew")
    return tr("after the change")


def _series(
    site: Site,
    cube: xr.Dataset,
    local: tuple[NDArray[np.int32], NDArray[np.int32]],
    state: Monitored,
    history_until: date,
) -> SiteSeries:
    seen = cube_series.site_series(cube, local)
    days = np.arange(int(seen.days[0]), int(seen.days[-1]) + 1, MODEL_EVERY_DAYS, dtype=np.int32)
    predicted, sd = _model(site, days, state)
    return SiteSeries(
        "NDVI",
        tuple(from_day(int(d)) for d in seen.days),
        seen.ndvi,
        seen.share,
        tuple(from_day(int(d)) for d in days),
        predicted,
        sd,
        from_day(to_day(history_until) + 1),
        tuple(BandSeries(band, values) for band, values in seen.bands.items()),
    )


def _model(
    site: Site, days: NDArray[np.int32], state: Monitored
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """NDVI the models of the site's pixels expect, and the scatter of one look around it.

    Medians over pixels; the scatter is propagated from the two bands to first order, their
    errors taken as independent. NaN where no pixel has a model or NDVI cannot be made.
    """
    blank = np.full(len(days), np.nan, np.float32)
    rows, cols = site.pixels
    every = max(1, len(rows) // MODEL_PIXELS)
    window = (slice(rows.min(), rows.max() + 1), slice(cols.min(), cols.max() + 1))
    # as learned from the history: ground that changed may have a new model by now
    block = from_arrays(state.learned.read(window), state.head.meta)
    bands = block.bands
    nir = "B08" if "B08" in bands else "B8A"
    if nir not in bands or "B04" not in bands:
        return blank, blank
    # A model made after a break in the history describes the ground since then only
    since = to_day(site.began.first_changed) if _mostly_after_break(block, site) else days[0]
    expected, spread = [], []
    for r, c in zip(rows[::every] - rows.min(), cols[::every] - cols.min(), strict=True):
        values, noise = predict(block, int(r), int(c), days, state.params)
        n, red = values[:, bands.index(nir)], values[:, bands.index("B04")]
        total = n + red
        expected.append(cube_series.ndvi(n, red))
        sn, sr = noise[bands.index(nir)], noise[bands.index("B04")]
        with np.errstate(divide="ignore", invalid="ignore"):
            spread.append(2 * np.hypot(red * sn, n * sr) / total**2)
    stack, scatter = np.stack(expected), np.stack(spread)
    if np.isnan(stack).all():
        return blank, blank
    known = days >= since
    return (
        np.where(known, np.nanmedian(stack, axis=0), np.nan).astype(np.float32),
        np.where(known, np.nanmedian(scatter, axis=0), np.nan).astype(np.float32),
    )


def _mostly_after_break(block: MonitorState, site: Site) -> bool:
    """True where most of the site's pixels changed within the history."""
    rows, cols = site.pixels[0] - site.pixels[0].min(), site.pixels[1] - site.pixels[1].min()
    return float(learned_early(block)[rows, cols].mean()) > 0.5
