"""Bare ground put into images by calculation: how a patch covers pixels, and what they then show.

Cover is geometry (exact area, cut pixels at the rim) seen through the sensor: every band is
blurred to its modulation transfer at the Nyquist frequency, on its native pixels of 10 or 20 m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.order import steady_all
from gossan.kernels.harmonic import basis

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

MTF = {"B02": 0.26, "B03": 0.28, "B04": 0.24, "B08": 0.26, "B8A": 0.33, "B11": 0.22, "B12": 0.23}
"""Modulation transfer at Nyquist of Sentinel-2A, from ESA's monthly Data Quality Report
(S2-PDGS-MPC-DQR) as tabled in the code of Lanaras et al. 2017 (doi:10.1109/CVPRW.2017.194) and
Ulfarsson et al. 2019 (doi:10.1109/TGRS.2019.2906048). ESA asks for 0.15 to 0.30."""

NATIVE_M = dict.fromkeys(("B02", "B03", "B04", "B08"), 10.0) | dict.fromkeys(
    ("B8A", "B11", "B12"), 20.0
)
"""Native pixel, metres."""

FINE = 4
"""Cells of the grid on which a patch is drawn, per pixel and axis: 2.5 m in a pixel of 10 m."""

WAVES = 4
"""Waves in the outline of a patch: 2 to 5 around it."""

ROUGHNESS = 0.25
"""The wave of k periods has an amplitude of up to this / k of the radius."""

REACH_M = 40.0
"""Beyond this distance from its rim a patch changes no pixel by more than 1 %, metres."""

RIDGE = (1e-6, 0.02, 0.02, 0.1, 0.1)
"""Prior precision of mean and harmonics, in looks: keeps a season never seen near the mean."""

OUTLIER = 3.5
"""Looks further from the season than this many robust standard deviations do not shape it."""


AT_ONCE = 2**22
"""Values whose season is found at once: 32 MB in doubles, and a few copies of it."""


@dataclass(frozen=True)
class Shape:
    """What chance decides about a patch.

    Attributes
    ----------
    amplitudes, phases : of the waves in its outline, (WAVES,), share of the radius and radians
    offset : of its centre from the pixel's centre, (row, column), -0.5..0.5 pixel
    parity : (row, column) 0 or 1: how 20 m pixels lie on the grid of 10 m
    """

    amplitudes: F64
    phases: F64
    offset: tuple[float, float]
    parity: tuple[int, int]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Shape:
        """One shape by chance; the circle is the mean of all."""
        k = np.arange(2, 2 + WAVES)
        return cls(
            rng.uniform(0, ROUGHNESS, WAVES) / k,
            rng.uniform(0, 2 * np.pi, WAVES),
            (float(rng.uniform(-0.5, 0.5)), float(rng.uniform(-0.5, 0.5))),
            (int(rng.integers(2)), int(rng.integers(2))),
        )


def reach(area_m2: float, pixel_m: tuple[float, float]) -> tuple[float, tuple[int, int]]:
    """Largest radius (m) of a patch of this area, and half the size (rows, columns) of the
    window that holds all it changes, centred on its pixel."""
    wave = ROUGHNESS * fsum(1 / k for k in range(2, 2 + WAVES))
    radius = math.sqrt(area_m2 / math.pi) * (1 + wave)
    rows, cols = (math.ceil((radius + REACH_M) / size) + 1 for size in pixel_m)
    return radius, (rows, cols)


def ground_cover(area_m2: float, shape: Shape, pixel_m: tuple[float, float]) -> F64:
    """Share (0..1) of every fine cell that a patch covers, window of `reach`, `FINE` cells a pixel.

    The cells nearest to the centre in units of the outline's radius are covered, as many as
    the area asks for and a part of one more, so the area is exact. `pixel_m` is the pixel's
    (height, width) in metres.
    """
    _, (half_rows, half_cols) = reach(area_m2, pixel_m)
    height, width = pixel_m[0] / FINE, pixel_m[1] / FINE
    n_rows, n_cols = (2 * half_rows + 1) * FINE, (2 * half_cols + 1) * FINE
    y = (np.arange(n_rows) + 0.5 - n_rows / 2) * height - shape.offset[0] * pixel_m[0]
    x = (np.arange(n_cols) + 0.5 - n_cols / 2) * width - shape.offset[1] * pixel_m[1]
    angle = np.arctan2(y[:, None], x[None, :])
    outline = np.ones_like(angle)
    for k in range(WAVES):
        outline += shape.amplitudes[k] * np.cos((k + 2) * angle + shape.phases[k])
    away = steady_all((np.hypot(y[:, None], x[None, :]) / outline).ravel())
    cells = area_m2 / (height * width)
    whole = int(cells)
    edge = np.partition(away, whole)[whole]
    cover: F64 = np.where(away < edge, 1.0, 0.0)
    even, full = np.flatnonzero(away == edge), whole - int(cover.sum())
    cover[even[:full]] = 1.0
    cover[even[full]] = cells - whole
    covered: F64 = cover.reshape(n_rows, n_cols)
    return covered


def pixel_cover(fine: F64) -> F64:
    """Share of every pixel covered, from cells; what an ideal sensor of 10 m would see."""
    rows, cols = fine.shape
    means: F64 = fine.reshape(rows // FINE, FINE, cols // FINE, FINE).mean(axis=(1, 3))
    return means


def seen_cover(fine: F64, band: str, pixel_m: tuple[float, float], parity: tuple[int, int]) -> F64:
    """Share of the patch's light in every pixel of a band, shape as `pixel_cover`.

    Gaussian blur on the fine cells, then the mean over the band's native pixel. The blur is
    what remains of the transfer `MTF` at Nyquist once the native pixel's own aperture,
    sinc(1/2) = 2/pi, is taken out: sigma = R sqrt(-2 ln(MTF pi / 2)) / pi. Bands coarser than
    the grid repeat their pixel, as nearest neighbour reading does.
    """
    native = NATIVE_M[band]
    sigma = native * math.sqrt(-2 * math.log(MTF[band] * math.pi / 2)) / math.pi
    cells = [sigma * FINE / size for size in pixel_m]
    pixels = pixel_cover(ndimage.gaussian_filter(fine, cells, mode="constant", truncate=3.0))
    many = [max(1, round(native / size)) for size in pixel_m]
    if many == [1, 1]:
        return pixels
    before = [p % m for p, m in zip(parity, many, strict=True)]
    after = [-(n + b) % m for n, b, m in zip(pixels.shape, before, many, strict=True)]
    padded = np.pad(pixels, [(b, a) for b, a in zip(before, after, strict=True)])
    rows, cols = (n // m for n, m in zip(padded.shape, many, strict=True))
    coarse = padded.reshape(rows, many[0], cols, many[1]).mean(axis=(1, 3))
    wide = coarse.repeat(many[0], axis=0).repeat(many[1], axis=1)
    cut: F64 = wide[
        before[0] : before[0] + pixels.shape[0], before[1] : before[1] + pixels.shape[1]
    ]
    return cut


def season_of(values: F32, usable: NDArray[np.bool_], days: NDArray[np.int32]) -> F64:
    """Mean and yearly course of every pixel, coefficients (terms, bands, pixel) of `basis`.

    `values` (time, bands, pixel) reflectance, `usable` (time, pixel). Ridge least squares with
    two harmonics over all usable looks, once more without the looks that are far off in any
    band (unmasked cloud and shadow).
    """
    X = basis(days, 2)
    n = values.shape[2]
    step = max(1, AT_ONCE // max(1, values.shape[0] * values.shape[1]))
    parts = [slice(i, i + step) for i in range(0, n, step)]
    return np.concatenate([_season(X, values[:, :, p], usable[:, p]) for p in parts], axis=2)


def _season(X: F64, values: F32, usable: NDArray[np.bool_]) -> F64:
    Y = np.where(usable[:, None], np.nan_to_num(values), 0).astype(np.float64)
    coef = _least_squares(X, Y, usable)
    away = np.abs(Y - np.einsum("tk,kbn->tbn", X, coef))
    away[~np.broadcast_to(usable[:, None], away.shape)] = np.nan
    seen = usable.any(axis=0)
    spread = np.full(away.shape[1:], np.inf)
    spread[:, seen] = 1.4826 * np.nanmedian(away[:, :, seen], axis=0)
    near = usable & (np.nan_to_num(away) <= OUTLIER * np.maximum(spread, 1e-4)).all(axis=1)
    return _least_squares(X, Y, near)


def _least_squares(X: F64, Y: F64, weight: NDArray[np.bool_]) -> F64:
    """Coefficients (terms, bands, pixel) of ridge least squares, pixel by pixel."""
    w = weight.astype(np.float64)
    gram = np.einsum("tn,tj,tk->njk", w, X, X, optimize=True) + np.diag(RIDGE)
    right = np.einsum("tn,tj,tbn->njb", w, X, Y, optimize=True)
    return np.ascontiguousarray(np.linalg.solve(gram, right).transpose(1, 2, 0))


def expected_on(coef: F64, day: int) -> F64:
    """The course of `season_of` on a day, (bands, pixel)."""
    terms = basis(np.array([day], np.int32), 2)[0]
    course: F64 = np.einsum("k,kbn->bn", terms, coef)
    return course


def injected(own: F32, expected: F64, bare: F64, share: F64) -> F32:
    """Reflectance (bands, pixel) with `share` of the light from bare ground.

    `own` as seen, `expected` its seasonal course, both (bands, pixel); `bare` (bands, pixel) or
    (bands, 1); `share` (bands, pixel), cover times contrast. The result is
    (1 - share) own + share (bare + (own - expected)): what this scene adds to the pixel (haze,
    thin cloud, noise, registration) stays in full, only the expected ground is exchanged.
    Never below 0, unless `own` is. NaN stays NaN.
    """
    new = own + share * (bare - expected)
    return np.maximum(new, np.minimum(own, 0)).astype(np.float32)
