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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats
from scipy.cluster.vq import kmeans2

from bench.real_series import (
    B02,
    B04,
    B08,
    B11,
    B12,
    BANDS,
    CLOUD_SCL,
    F64,
    TERMS,
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
)  # fmt: skip

LAGS_DAYS = (7, 15, 30, 60, 120, 240)
LAGS_PIXELS = (1, 2, 3, 5, 8, 12)
MAX_PIXELS = 600
TARGET = Path(__file__).parent / "statistics.json"


@dataclass(frozen=True)
class Ground:
    """Pixels of one cover. r, expected (time, 5, n): residual of each pixel's own season and
    that season; coef (n, 5, terms); days (time,); at (n, 2) row and column; leak (time, n)
    1 missed cloud, 2 missed shadow."""

    r: F64
    expected: F64
    coef: F64
    days: NDArray[np.int64]
    at: NDArray[np.int64]
    leak: NDArray[np.int8]


def rounded(a: Any, digits: int = 4) -> Any:
    """Numbers with few digits, as JSON values."""
    return np.vectorize(lambda x: float(f"{x:.{digits}g}"))(np.asarray(a, float)).tolist()


def ground(s: Series, mask: NDArray[np.bool_], rng: np.random.Generator) -> Ground:
    """Fit every pixel's own season and mark missed cloud and shadow."""
    at = np.argwhere(mask)
    if len(at) > MAX_PIXELS:  # a contiguous part, so that neighbours stay neighbours
        middle = at[rng.integers(len(at))]
        at = at[np.argsort(np.abs(at - middle).max(1), kind="stable")[:MAX_PIXELS]]
    v = np.where(s.usable[:, None], s.values, np.nan)[:, :, at[:, 0], at[:, 1]]
    coef = np.full((len(at), 5, TERMS), np.nan)
    for p in range(len(at)):
        for b in range(5):
            if np.isfinite(v[:, b, p]).sum() > 20:
                coef[p, b] = robust_season(s.days, v[:, b, p])
    expected = np.einsum("tk,pbk->tbp", terms(s.days), coef)
    r = v - expected
    return Ground(r, expected, coef, s.days, at, missed(r, expected))


def missed(r: F64, expected: F64) -> NDArray[np.int8]:
    """1 where a look is a missed cloud, 2 where a missed shadow, relative to its own scene.

    Cloud: blue at least 0.02 and four times the pixel noise above, red above by 0.01. Shadow:
    near infrared and shortwave both below 70 % of what was expected, blue not above.
    """
    scene = quiet_nanmedian(r, 2)[:, :, None]
    u = r - scene
    noise = 1.4826 * quiet_nanmedian(np.abs(u), 0)
    leak = np.zeros(u[:, 0].shape, np.int8)
    limit = np.maximum(0.02, 4 * noise[B02])
    leak[(u[:, B02] > limit) & (u[:, B04] > 0.01)] = 1
    with np.errstate(invalid="ignore"):
        dark = 1 + u / np.maximum(expected + scene, 0.01)
    leak[(dark[:, B08] < 0.7) & (dark[:, B11] < 0.7) & (u[:, B02] < 0)] = 2
    return leak


def filled(cov: F64, swir_ratio: float, like: F64) -> F64:
    """Covariance with its absent B12: sd from B11's, correlations from another cover's `like`."""
    if np.isfinite(cov).all():
        return cov
    sd = np.sqrt(np.diag(cov))
    sd[B12] = sd[B11] * swir_ratio
    corr = cov / np.outer(sd, sd)
    sd_like = np.sqrt(np.diag(like))
    corr[B12], corr[:, B12] = (
        (like / np.outer(sd_like, sd_like))[B12],
        (like / sd_like / sd_like[:, None])[:, B12],
    )
    corr[B12, B12] = 1
    return nearest(corr) * np.outer(sd, sd)


def nearest(corr: F64) -> F64:
    """A correlation matrix without negative eigenvalues."""
    w, q = np.linalg.eigh((corr + corr.T) / 2)
    fixed = (q * np.maximum(w, 1e-3)) @ q.T
    d = np.sqrt(np.diag(fixed))
    return fixed / np.outer(d, d)


def covariance(rows: F64) -> F64:
    """Covariance between bands of rows (n, 5), each band cut at five robust sd; NaN stays."""
    out = np.full((5, 5), np.nan)
    have = np.isfinite(rows).any(0)
    x = rows[:, have]
    x = x[np.isfinite(x).all(1)]
    x = x - np.median(x, 0)
    limit = 5 * 1.4826 * np.median(np.abs(x), 0)
    out[np.ix_(have, have)] = np.cov(np.clip(x, -limit, limit).T)
    return out


def scale(rows: F64, dof: float) -> F64:
    """Scale matrix of Student's t with `dof`: correlations of `covariance`, robust widths.

    The width of a band is such that the median of its absolute values is that of the rows.
    """
    cov = covariance(rows)
    off = np.abs(rows - quiet_nanmedian(rows, 0))
    wide = quiet_nanmedian(off, 0) / stats.t.ppf(0.75, dof)
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd) * np.outer(wide, wide)


def quarters(rows: F64, days: NDArray[np.int64], dof: float, fill: Any) -> list[F64]:
    """`scale` of rows (time, n, 5) in each quarter, December to February first.

    Correlations are those of the whole year; a quarter with fewer than eight scenes has the
    year's widths too.
    """
    whole = scale(rows.reshape(-1, 5), dof)
    year = np.sqrt(np.diag(whole))
    out = []
    for quarter in range(4):
        use = month_of(days) % 12 // 3 == quarter
        part = rows[use]
        few = np.isfinite(part[:, :, B02]).any(1).sum() < 8
        own = year if few else np.sqrt(np.diag(scale(part.reshape(-1, 5), dof)))
        out.append(fill(whole / np.outer(year, year) * np.outer(own, own), quarter))
    return out


def tail(rows: F64) -> float:
    """Degrees of freedom of Student's t whose 99 % to 50 % ratio is that of the bands."""
    ratio = []
    for b in range(5):
        x = np.abs(rows[np.isfinite(rows[:, b]), b])
        if len(x) > 50:
            ratio.append(np.quantile(x, 0.99) / np.quantile(x, 0.5))
    grid = np.arange(2.5, 30.1, 0.5)
    want = [stats.t.ppf(0.995, k) / stats.t.ppf(0.75, k) for k in grid]
    return float(grid[np.argmin(np.abs(np.array(want) - np.median(ratio)))])


def pairs(days: NDArray[np.int64]) -> Iterator[tuple[float, NDArray[np.int64], NDArray[np.int64]]]:
    """For every lag in days: earlier and later looks that lie about so far apart."""
    gap = days[None] - days[:, None]
    for lag in LAGS_DAYS:
        i, j = np.nonzero((gap > lag * 0.6) & (gap <= lag * 1.4))
        yield lag, i, j


def memory(x: F64, days: NDArray[np.int64]) -> list[float]:
    """Correlation of x (time, bands, n) with itself at LAGS_DAYS, mean over bands."""
    sd = np.sqrt(np.nanmean(x**2, axis=(0, 2), keepdims=True))
    z = np.clip(x / sd, -4, 4)
    norm = np.nanmean(z**2)
    return [float(np.nanmean(z[i] * z[j]) / norm) for _, i, j in pairs(days)]


def neighbours(u: F64, at: NDArray[np.int64]) -> list[float]:
    """Correlation of u (time, bands, n) between pixels LAGS_PIXELS apart in row or column."""
    sd = np.sqrt(np.nanmean(u**2, axis=(0, 2), keepdims=True))
    z = np.clip(u / sd, -4, 4)
    norm = np.nanmean(z**2)
    place = {(int(a), int(b)): k for k, (a, b) in enumerate(at)}
    out = []
    for lag in LAGS_PIXELS:
        links = [
            (k, place[y + dy, x + dx])
            for (y, x), k in place.items()
            for dy, dx in ((lag, 0), (0, lag))
            if (y + dy, x + dx) in place
        ]
        i, j = np.array(links).T
        out.append(float(np.nanmean(z[:, :, i] * z[:, :, j]) / norm))
    return out


def decay(lags: tuple[int, ...], corr: list[float], reach: tuple[float, float]) -> dict[str, float]:
    """Share and reach of share * exp(-lag / reach), least squares on a grid."""
    best = (np.inf, 0.0, reach[0])
    for length in np.geomspace(*reach, 40):
        shape = np.exp(-np.array(lags) / length)
        share = float(np.clip(shape @ corr / (shape @ shape), 0, 0.98))
        error = float(((share * shape - corr) ** 2).sum())
        best = min(best, (error, share, float(length)))
    return {"share": rounded(best[1], 3), "reach": rounded(best[2], 3)}


def describe(g: Ground, swir: tuple[float, float], like: Any) -> dict[str, Any]:
    """Everything the generator needs of one cover; `like` lends what B12 lacks."""
    coef = quiet_nanmedian(g.coef, 0)
    X = terms(np.arange(0, 366, 5))
    if np.isnan(coef[B12]).any():
        curve = coef @ X.T
        n = (curve[B08] - curve[B04]) / (curve[B08] + curve[B04])
        coef[B12] = np.linalg.lstsq(X, curve[B11] * np.exp(swir[0] + swir[1] * n), rcond=None)[0]
    ratio = float(coef[B12, 0] / coef[B11, 0])
    r = np.where((g.leak == 0)[:, None], g.r, np.nan)
    full = np.isfinite(r[:, B02]).sum(1) > 0.3 * r.shape[2]
    scene = np.where(full[:, None], quiet_nanmedian(r, 2), np.nan)
    u = r - scene[:, :, None]
    level = np.log(np.maximum(g.coef[:, :, 0], 1e-3) / coef[:, 0])
    wave, mean_wave = g.coef[:, :, 1:], coef[:, 1:]
    amplitude = (wave * mean_wave).sum(2) / (mean_wave**2).sum(1)
    have = [b for b in range(5) if np.isfinite(scene[:, b]).any()]
    flat = np.moveaxis(u, 1, 2)
    scene_dof, pixel_dof = tail(scene), tail(flat.reshape(-1, 5))

    def lent(name: str) -> Any:
        return lambda cov, k: filled(cov, ratio, np.array(like[name])[k] if like else cov)

    scene_cov = quarters(scene[:, None], g.days, scene_dof, lent("scene_cov"))
    pixel_cov = quarters(flat, g.days, pixel_dof, lent("pixel_cov"))
    level_cov = filled(covariance(level), 1.0, np.array(like["level_cov"]) if like else scene)
    slow = memory(scene[full][:, have, None], g.days[full])
    long = memory(u[:, have], g.days)
    wide = neighbours(u[:, have], g.at)
    return {
        "pixels": len(g.at),
        "scenes": int(full.sum()),
        "season": rounded(coef),
        "level_cov": rounded(level_cov),
        "amplitude_sd": rounded(1.4826 * np.nanmedian(np.abs(amplitude[:, have] - 1)), 3),
        "scene_cov": rounded(scene_cov),
        "scene_memory": {"corr": rounded(slow, 3), **decay(LAGS_DAYS, slow, (10, 400))},
        "scene_tail": scene_dof,
        "pixel_cov": rounded(pixel_cov),
        "pixel_memory": {"corr": rounded(long, 3), **decay(LAGS_DAYS, long, (10, 400))},
        "pixel_spread": {"corr": rounded(wide, 3), **decay(LAGS_PIXELS, wide, (0.5, 30))},
        "pixel_tail": pixel_dof,
        "missed_cloud_share": rounded((g.leak == 1).sum() / np.isfinite(g.r[:, B02]).sum(), 3),
        "missed_shadow_share": rounded((g.leak == 2).sum() / np.isfinite(g.r[:, B02]).sum(), 3),
    }


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
