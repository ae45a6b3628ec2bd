"""What one look at one pixel shows: plants, bare ground, water, snow.

Rules of thumb of the field with fixed thresholds, on reflectance alone. They describe, and
never decide alone: a site's kind is weighed from many looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

GREEN_NDVI = 0.5
"""Full cover of plants (Sobrino et al. 2004, doi:10.1016/j.rse.2004.02.003)."""

BARE_NDVI = 0.3
"""Below it plants cover less than a tenth, ((NDVI - 0.2)/0.3)^2 (Carlson & Ripley 1997,
doi:10.1016/S0034-4257(97)00104-1 with the limits of Sobrino et al.)."""

SNOW_NDSI, SNOW_VISIBLE = 0.4, 0.2
"""Snow: (visible - B11)/(visible + B11) above, and visible reflectance above (Hall et al. 1995,
doi:10.1016/0034-4257(95)00137-P; Gascoin et al. 2019, doi:10.5194/essd-11-493-2019)."""

WATER_SWIR, WATER_NIR = 0.10, 0.15
"""Open water reflects less than this in B11 and in the near infrared, also where it is turbid."""


@dataclass(frozen=True)
class Surfaces:
    """What looks show, bool arrays of one shape; a look that is none of them shows a mixture.

    Attributes
    ----------
    green : closed plants
    bare : ground or rock with less than a tenth of plants
    water : open water, clear or turbid
    snow : snow that the masks let through
    """

    green: Bools
    bare: Bools
    water: Bools
    snow: Bools


def ratio(a: F32, b: F32) -> F32:
    """(a - b)/(a + b), NaN where an input is NaN or the sum is not positive; clipped to -1..1."""
    total = a + b
    out = np.full(np.shape(total), np.nan, np.float32)
    np.divide(a - b, total, out=out, where=total > 0)
    clipped: F32 = np.clip(out, -1, 1)
    return clipped


def bsi(bands: Mapping[str, F32]) -> F32 | None:
    """Bare soil index ((B11 + R) - (N + B))/(sum), Rikimaru et al. 2002; None without a band."""
    nir = near_infrared(bands)
    if nir is None or not {"B02", "B04", "B11"} <= set(bands):
        return None
    return ratio(bands["B11"] + bands["B04"], nir + bands["B02"])


def near_infrared(bands: Mapping[str, F32]) -> F32 | None:
    """B08, else B8A, else None."""
    return bands.get("B08", bands.get("B8A"))


def surfaces(bands: Mapping[str, F32]) -> Surfaces | None:
    """What looks show, from reflectance by band (arrays of one shape, NaN where not seen).

    Needs red and near infrared, else None. Without B11 neither water nor snow is told, and bare
    ground by NDVI alone.
    """
    nir, red, swir = near_infrared(bands), bands.get("B04"), bands.get("B11")
    if nir is None or red is None:
        return None
    index = ratio(nir, red)
    nothing = np.zeros(index.shape, bool)
    snow = water = nothing
    with np.errstate(invalid="ignore"):
        if swir is not None:
            visible = [bands[b] for b in ("B02", "B03", "B04") if b in bands]
            brightest = np.maximum.reduce(visible)
            darkest = np.minimum.reduce(visible)
            snow = (darkest > SNOW_VISIBLE) & (ratio(darkest, swir) > SNOW_NDSI)
            dark = (swir < WATER_SWIR) & (nir < WATER_NIR)
            water = dark & (brightest > swir) & ~snow
        soil = bsi(bands)
        bare = (index < BARE_NDVI) & ~snow & ~water
        if soil is not None:
            bare &= soil > 0
        return Surfaces(index >= GREEN_NDVI, bare, water, snow)
