"""Residual statistics of real series, for the generator: `python -m bench.derive_statistics`.

Reads the real sets (by default ../shared/data) and writes `bench/statistics.json`: numbers only,
so that anyone can run the generator without the sets. docs/bench.md says where every one of
them comes from. What is worked out for each kind of ground:

season    the mean pixel, harmonics by a robust fit of every pixel
level     spread of pixels around it, log of the ratio, covariance between bands
scene     what a whole scene is off by: a slow part (the year) and a fast part (air, light)
pixel     what is left: covariance, memory in time, spread over neighbours, heavy tails
missed    cloud and shadow that the scene classification called clear ground
drought   what the bands do in years drier and wetter than the usual, relative to NDVI
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats
from scipy.cluster.vq import kmeans2

from bench.real_series import (
    B02,
    B11,
    BANDS,
    CLOUD_SCL,
    F64,
    Series,
    covers_of_india,
    forest_of,
    india,
    laboratory_soils,
    landsat,
    month_of,
    ndvi,
    quiet_nanmedian,
    robust_season,
    romania,
    swir_rule,
    terms,
    year_of,
)
from bench.residuals import LAGS_DAYS, LAGS_PIXELS, Ground, covariance, describe, ground, rounded

TARGET = Path(__file__).parent / "statistics.json"


def opaque(series: list[Series]) -> dict[str, Any]:
    """Spectrum of what the classification calls cloud: mean and covariance of its log."""
    rows = np.concatenate(
        [
            np.moveaxis(s.values, 1, -1)[np.isin(s.scl, CLOUD_SCL) & (s.values[:, B02] > 0.15)]
            for s in series
        ]
    )
    five = np.log(rows[np.isfinite(rows).all(1) & (rows > 0).all(1)])
    return {"log_mean": rounded(np.median(five, 0)), "log_cov": rounded(np.cov(five.T))}


def missed_looks(grounds: list[Ground], cloud: F64) -> dict[str, Any]:
    """How thick missed clouds are, how much of it each band sees, and how dark shadows are.

    A look through cloud of thickness s is expected + k s (cloud - expected); k is 1 in blue and
    fitted by least squares in the other bands.
    """
    thick, over, reach, dark = [], [], [], []
    for g in grounds:
        t, p = np.nonzero(g.leak == 1)
        whole = cloud - g.expected[t, :, p]
        share = g.r[t, B02, p] / whole[:, B02]
        thick.append(share)
        over.append(g.r[t, :, p])
        reach.append(share[:, None] * whole)
        t, p = np.nonzero(g.leak == 2)
        dark.append(np.log(np.maximum(g.r + g.expected, 1e-3)[t, :, p] / g.expected[t, :, p]))
    share, delta, full, shade = (np.concatenate(x) for x in (thick, over, reach, dark))
    k = np.nansum(delta * full, 0) / np.nansum(full**2, 0)
    left = delta - k * full
    return {
        "cloud_looks": len(share),
        "cloud_thickness": rounded(np.clip(np.quantile(share, np.linspace(0.05, 0.95, 10)), 0, 1)),
        "cloud_band_share": rounded(k, 3),
        "cloud_band_sd": rounded(1.4826 * quiet_nanmedian(np.abs(left), 0), 3),
        "shadow_looks": len(shade),
        "shadow_log": rounded(quiet_nanmedian(shade, 0), 3),
        "shadow_log_cov": rounded(covariance(shade), 3),
    }


def beside_cloud(s: Series, g: Ground) -> float:
    """Share of missed looks within three pixels of a look the classification refused."""
    near = 0
    t, p = np.nonzero(g.leak)
    for scene in np.unique(t):
        refused = ndimage.binary_dilation(~s.usable[scene], iterations=3)
        y, x = g.at[p[t == scene]].T
        near += int(refused[y, x].sum())
    return near / max(len(t), 1)


def drought(days: NDArray[np.int64], v: F64, months: tuple[int, ...]) -> dict[str, Any]:
    """Yearly anomalies of one series (time, 5): log response of each band to NDVI.

    Returns the slope of ln reflectance on NDVI (per unit), the sd and the lowest of the
    yearly NDVI anomalies, and how many years they rest on.
    """
    X = terms(days)
    n = ndvi(v)
    log = np.log(v)
    n_off = n - X @ robust_season(days, n)
    off = log - np.stack([X @ robust_season(days, log[:, b]) for b in range(5)], 1)
    use = np.isin(month_of(days), months)
    year = year_of(days)
    years = [y for y in np.unique(year[use]) if (use & (year == y)).sum() >= 3]
    a = np.array([np.median(n_off[use & (year == y)]) for y in years])
    b = np.array([np.median(off[use & (year == y)], 0) for y in years])
    a, b = a - np.median(a), b - np.median(b, 0)
    slope = [float(stats.theilslopes(b[:, k], a).slope) for k in range(5)]
    return {
        "years": len(years),
        "log_per_ndvi": rounded(slope, 3),
        "ndvi_sd": rounded(a.std(ddof=1), 3),
        "ndvi_lowest": rounded(a.min(), 3),
    }


def quarry_ground(s: Series) -> F64:
    """Dry-season median spectra (n, 5) of every pixel of India that was bare and dry in a year."""
    rows = []
    for year in np.unique(year_of(s.days)):
        dry = (year_of(s.days) == year) & np.isin(month_of(s.days), (2, 3, 4, 5))
        v = quiet_nanmedian(np.where(s.usable[dry][:, None], s.values[dry], np.nan), 0)
        v = v.reshape(5, -1).T
        n = ndvi(v)
        rows.append(v[(n > 0.02) & (n < 0.16) & (v[:, B11] > v[:, B02])])
    return np.concatenate(rows)


def grouped(spectra: F64, groups: int) -> dict[str, Any]:
    """Spectra (n, 5) as centres of groups in log reflectance and the spread within them."""
    log = np.log(spectra)
    centres, label = kmeans2(log, groups, minit="++", seed=0)
    return {
        "looked_at": len(log),
        "spectra": rounded(np.exp(centres)),
        "log_cov": rounded(np.cov((log - centres[label]).T), 3),
    }


def derive(folder: Path, soils: F64) -> dict[str, Any]:
    """All statistics from the real sets in `folder` and laboratory spectra of soils (n, 5)."""
    rng = np.random.default_rng(1)
    ro, ind = romania(folder), india(folder)
    masks = covers_of_india(ind)
    swir = swir_rule(folder, ind, masks)
    grounds = {name: ground(ind, m, rng) for name, m in masks.items()}
    out: dict[str, Any] = {n: describe(g, swir, None) for n, g in grounds.items()}
    forest = ground(ro, forest_of(ro), rng)
    covers = {"forest": describe(forest, swir, out["crops"]), **out}
    pixels = folder / "pixel_series"
    grass = drought(*landsat(pixels / "lcmap_pyccd" / "sample_2.csv"), (5, 6, 7, 8, 9, 10))
    wood = landsat(pixels / "pyxccd" / "1_hls_sc.csv")
    before_fire = wood[0] < np.datetime64("2024-01-01").astype(int)
    green = np.where(ind.usable, ndvi(ind.values), np.nan)
    ratio = float(np.nanmedian(green[:, masks["bare"]]) / np.nanmedian(green[:, masks["steppe"]]))
    bare = grass | {n: rounded(grass[n] * ratio, 3) for n in ("ndvi_sd", "ndvi_lowest")}
    dry_wood = drought(wood[0][before_fire], wood[1][before_fire], tuple(range(1, 13)))
    cloud = opaque([ind])
    both = [forest, *grounds.values()]
    return {
        "bands": list(BANDS),
        "swir_rule": rounded(swir),
        "lags_days": list(LAGS_DAYS),
        "lags_pixels": list(LAGS_PIXELS),
        "covers": covers,
        "drought": {"forest": dry_wood, "steppe": grass, "crops": grass, "bare": bare},
        "cloud": cloud,
        "soils": {"quarry": grouped(quarry_ground(ind), 8), "library": grouped(soils, 12)},
        "missed": {
            **missed_looks(both, np.exp(np.array(cloud["log_mean"]))),
            "beside_refused": rounded(beside_cloud(ro, forest), 3),
        },
    }


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description="Statistics of the real series as JSON.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the real sets")
    parser.add_argument("--earthlib", type=Path, help="earthlib 1.1: its folder data")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args()
    found = importlib.util.find_spec("earthlib")
    library = given.earthlib or (Path(str(found.origin)).parent / "data" if found else None)
    if library is None:
        parser.error("earthlib is not here: uv pip install --no-deps earthlib==1.1.0")
    statistics = derive(given.data, laboratory_soils(library))
    given.out.write_text(json.dumps(statistics, indent=1) + "\n")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
