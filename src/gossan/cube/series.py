"""Indices, and the series of a site through time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gossan.core.dates import days_of
from gossan.core.errors import Code, GossanError
from gossan.core.flags import usable
from gossan.core.values import BANDS
from gossan.core.words import tr

Float = NDArray[np.float32]


def ndvi(nir: Float, red: Float) -> Float:
    """Vegetation: (N - R)/(N + R), -1..1; NaN as in `_normalised` (Rouse et al. 1974)."""
    return _normalised(nir, red)


def _normalised(a: Float, b: Float) -> Float:
    """(a - b)/(a + b), float32, clipped to -1..1.

    NaN where an input is NaN, and where the sum is not positive: such reflectance is an
    artefact of atmospheric correction in the dark, and its ratio means nothing.
    """
    total = a + b
    ratio = np.full(np.shape(total), np.nan, dtype=np.float32)
    np.divide(a - b, total, out=ratio, where=total > 0)
    clipped: Float = np.clip(ratio, -1, 1)
    return clipped


@dataclass(frozen=True)
class SiteSeries:
    """A site through time. All arrays of shape (time,).

    Attributes
    ----------
    days : int32 days since 1970, as the cube's times
    share : float32, fraction 0..1 of the site's pixels that could be seen
    bands : band -> float32 median reflectance over the seen pixels; NaN where too few
    ndvi : float32 median over the seen pixels of their NDVI; NaN where too few or no NIR/red
    """

    days: NDArray[np.int32]
    share: Float
    bands: dict[str, Float]
    ndvi: Float


def site_series(
    cube: xr.Dataset, pixels: tuple[NDArray[np.int32], NDArray[np.int32]], min_share: float = 0.5
) -> SiteSeries:
    """Medians over the `pixels` (rows, columns) of a site on every date of the cube.

    A date with less than `min_share` of the pixels usable is a gap (NaN). Raises
    GossanError(CUBE) where there is no pixel.
    """
    if len(pixels[0]) == 0:
        raise GossanError(
            Code.CUBE,
            tr("A series needs at least one pixel; the site has none."),
            tr("This is a fault in gossan: report it with the case."),
        )
    at = {"y": xr.DataArray(pixels[0], dims="pixel"), "x": xr.DataArray(pixels[1], dims="pixel")}
    seen = usable(cube["flags"].isel(at).transpose("time", "pixel").to_numpy())
    share = seen.mean(axis=1).astype(np.float32)
    enough = share >= min_share
    values = {
        band: np.where(
            seen, cube[band].isel(at).transpose("time", "pixel").to_numpy(), np.float32(np.nan)
        )
        for band in BANDS
        if band in cube
    }
    nir = values.get("B08", values.get("B8A"))
    red = values.get("B04")
    blank = np.full(len(share), np.nan, dtype=np.float32)
    return SiteSeries(
        days=days_of(cube["time"].to_numpy()),
        share=share,
        bands={band: _medians(v, enough) for band, v in values.items()},
        ndvi=blank if nir is None or red is None else _medians(ndvi(nir, red), enough),
    )


def _medians(values: Float, enough: NDArray[np.bool_]) -> Float:
    """Median of (time, pixel) over pixels where `enough` and any is a number, else NaN."""
    out = np.full(len(values), np.nan, dtype=np.float32)
    chosen = enough & np.isfinite(values).any(axis=1)
    if chosen.any():
        out[chosen] = np.nanmedian(values[chosen], axis=1)
    return out
