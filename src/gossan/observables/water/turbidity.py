"""How turbid water is, by the bands there are, with glint and haze taken off by the SWIR.

Water is black at 1.6 um even where it is turbid, so that what a pixel of it shows there is light
that never entered it: glint, haze left by the correction, light scattered over from land. It
differs little from band to band and is taken off all of them (as Wang & Shi 2007,
doi:10.1364/OE.15.015722, choose SWIR as dark; bench/water.py says what it is worth).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gossan.kernels import turbidity as kernel
from gossan.observables.water.water_mask import Numbers

MOST_GLINT = 0.1
"""SWIR reflectance above which the rest of the light drowns in glint."""
DETECTION_FNU = 2.0
"""Turbidity of an error of 0.005 in red reflectance, the accuracy asked of atmospheric
correction (0.005 + 5 %, S2 MPC): less cannot be told from clear water."""
REPEAT_SD = 0.3
"""Standard error of ln turbidity that all of a scene shares, from scene to scene, where glint is
taken off: spread of the median errors of five dates with laboratory samples, 0.29 for
`dogliotti`, 0.35 to 0.40 for the others (bench/water.py)."""
REPEAT_SD_OTHER = 0.4
"""The same of the other formulas."""
REPEAT_SD_RAW = 1.0
"""The same where there is no SWIR to take glint off."""


class Formula(StrEnum):
    """How turbidity follows from reflectance."""

    DOGLIOTTI = "dogliotti"
    NECHAD_RED = "nechad-red"
    NECHAD_RED_EDGE = "nechad-red-edge"
    NECHAD_NIR = "nechad-nir"


@dataclass(frozen=True, slots=True)
class _Terms:
    """Bands of a formula and its A (FNU) and C (dimensionless) for each."""

    bands: tuple[str, ...]
    coefficients: tuple[float, ...]


FORMULAS: Mapping[Formula, _Terms] = {
    Formula.DOGLIOTTI: _Terms(("B04", "B8A"), (228.1, 0.1641, 3078.9, 0.2112)),
    Formula.NECHAD_RED: _Terms(("B04",), (366.14, 0.19563)),
    Formula.NECHAD_RED_EDGE: _Terms(("B05",), (439.09, 0.18753)),
    Formula.NECHAD_NIR: _Terms(("B8A",), (3250.32, 0.21151)),
}
"""Nechad's for Sentinel-2's bands (Nechad et al. 2016); Dogliotti's as published for 645 and
859 nm. Best first: the order in which `formula_for` tries them."""


def formula_for(bands: Sequence[str]) -> Formula | None:
    """The best formula these bands allow, None where there is none."""
    return next((f for f, t in FORMULAS.items() if set(t.bands) <= set(bands)), None)


def method(formula: Formula, bands: Sequence[str]) -> str:
    """Id of the method: the formula, and whether SWIR was there to take glint off."""
    glint = "swir" if {"B11", "B12"} & set(bands) else "no-glint-correction"
    return f"water.turbidity.{formula.value}.{glint}.v1"


def repeat_sd(formula: Formula, bands: Sequence[str]) -> float:
    """Standard error of ln turbidity that all of a scene shares."""
    if not {"B11", "B12"} & set(bands):
        return REPEAT_SD_RAW
    return REPEAT_SD if formula is Formula.DOGLIOTTI else REPEAT_SD_OTHER


def turbidity(
    rho: Mapping[str, NDArray[np.floating]], formula: Formula, *, glint: bool = True
) -> NDArray[np.float64]:
    """FNU of reflectance by band, all of one shape; NaN outside the formula's domain.

    Domain: below C of each band used, not below -0.01, and with `glint` (which takes the SWIR
    off where it is there) a SWIR of at most MOST_GLINT.
    """
    terms = FORMULAS[formula]
    swir = next((rho[b] for b in ("B11", "B12") if b in rho), None) if glint else None
    off = np.zeros(np.shape(rho[terms.bands[0]])) if swir is None else np.asarray(swir, float)
    used = [np.ravel(np.asarray(rho[b], float) - off) for b in terms.bands]
    c = np.array(terms.coefficients)
    if formula is Formula.DOGLIOTTI:
        flat = [kernel.blended(r, n, c) for r, n in zip(*used, strict=True)]
    else:
        flat = [kernel.nechad(r, c[0], c[1]) for r in used[0]]
    out = np.array(flat).reshape(off.shape)
    return np.where(off > MOST_GLINT, np.nan, out)


def turbidity_of_scene(
    dn: NDArray[np.uint16], numbers: Numbers, cover: NDArray[np.uint8], formula: Formula
) -> NDArray[np.float32]:
    """FNU of every water pixel of a scene as stored, (y, x); NaN elsewhere and out of domain.

    dn (bands, y, x) and cover as in `water_mask.cover`.
    """
    terms, find = FORMULAS[formula], {b: i for i, b in enumerate(numbers.bands)}
    swir = next((find[b] for b in ("B11", "B12") if b in find), -1)
    first, second = find[terms.bands[0]], find[terms.bands[1]] if len(terms.bands) > 1 else -1
    out = np.empty(cover.shape, np.float32)
    kernel.turbidity_pixels(
        dn,
        np.array([first, second, swir], np.int64),
        numbers.scale,
        numbers.offset,
        cover,
        np.array(terms.coefficients),
        MOST_GLINT,
        out,
    )
    return out
