"""Bare ground as Sentinel-2 sees it: from the case's own images, and a few published spectra."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.power.trials import Spectrum
from gossan.cube.series import ndvi

F32 = NDArray[np.float32]

BARE_NDVI = 0.2
"""Soil without plants stays below (Sobrino et al. 2004, doi:10.1016/j.rse.2004.02.003)."""

GREENEST = 0.9
"""The quantile of a pixel's looks that must be below: it never greens."""

MIN_LOOKS = 12
MIN_PIXELS = 10
"""Fewer looks, or fewer pixels, make no spectrum."""

AFTER_DAYS = 60
"""Fresh ground is what is seen within this after its change: later it may green again."""

USGS = (
    "USGS Spectral Library Version 7, splib07b resampled to Sentinel-2 "
    "(Kokaly et al. 2017, doi:10.3133/ds1035), record "
)

_ORDER = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")


def _usgs(name: str, words: str, record: str, *values: float) -> Spectrum:
    return Spectrum(name, words, USGS + record, tuple(zip(_ORDER, values, strict=True)))


LIBRARY = (
    _usgs("dry-mud", "bright dry mud", "4300 Stonewall_Playa_Dry_Mud 2001",
          0.2832, 0.3808, 0.4854, 0.5329, 0.5314, 0.5592, 0.5014),
    _usgs("sand", "quartz sand", "4269 Sand DWO-3-DEL2ar1 no oil",
          0.1819, 0.2247, 0.2564, 0.2906, 0.2941, 0.3867, 0.3786),
    _usgs("limestone", "limestone", "4104 Limestone CU02-11A",
          0.1718, 0.1942, 0.2160, 0.2438, 0.2477, 0.3262, 0.3265),
    _usgs("basalt", "dark fresh basalt", "3727 Basalt_fresh BR93-46B",
          0.0832, 0.0933, 0.1084, 0.1130, 0.1107, 0.1143, 0.0982),
    _usgs("pyrite-tailings", "tailings with weathered pyrite", "4220 Pyrite LV95-6A Weath on Tail",
          0.0883, 0.1056, 0.1146, 0.1057, 0.1037, 0.0918, 0.0800),
    _usgs("black-tailings", "tailings coated black", "4340 Blck_Mn_Coat_Tailngs LV95-3",
          0.0659, 0.0676, 0.0700, 0.0739, 0.0736, 0.1031, 0.1523),
)  # fmt: skip
"""Dry samples from bright to dark; the numbers are in the public domain."""


def always_bare(
    values: F32, usable: NDArray[np.bool_], bands: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Pixels that were bare, dry ground on nearly every look, shape (y, x).

    `values` (time, bands, y, x), `usable` (time, y, x). NDVI is positive on most looks (open
    water is negative) and below `BARE_NDVI` on nine of ten. None where a band for NDVI lacks.
    """
    nir = "B08" if "B08" in bands else "B8A"
    none = np.zeros(usable.shape[1:], dtype=bool)
    if nir not in bands or "B04" not in bands:
        return none
    enough = usable.sum(axis=0) >= MIN_LOOKS
    if not enough.any():
        return none
    index = ndvi(values[:, bands.index(nir)], values[:, bands.index("B04")])
    ranked = np.sort(np.where(usable, index, np.nan)[:, enough], axis=0)  # NaN come last
    seen = np.isfinite(ranked).sum(axis=0)
    last = np.maximum(seen - 1, 0)
    low, high = (
        np.take_along_axis(ranked, np.rint(q * last).astype(int)[None], axis=0)[0]
        for q in (1 - GREENEST, GREENEST)
    )
    none[enough] = (seen >= MIN_LOOKS) & (low > 0) & (high < BARE_NDVI)
    return none


def own_spectrum(
    values: F32,
    looks: NDArray[np.bool_],
    bands: tuple[str, ...],
    name: str,
    words: str,
    source: str,
) -> Spectrum | None:
    """Median over pixels of their medians over `looks`, or None where too few were seen.

    `values` (time, bands, pixel), `looks` (time, pixel): those that show the bare ground.
    """
    chosen = looks.any(axis=0)
    if int(chosen.sum()) < MIN_PIXELS:
        return None
    shown = np.where(looks[:, None, chosen], values[:, :, chosen], np.nan)
    medians = np.median(np.nanmedian(shown, axis=0), axis=1)
    return Spectrum(
        name,
        words,
        source.format(n=int(chosen.sum())),
        tuple((b, round(float(v), 4)) for b, v in zip(bands, medians, strict=True)),
    )
