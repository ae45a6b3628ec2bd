"""What is left of real looks once every pixel's own season is taken away, and how it behaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bench.real_series import (
    B02,
    B04,
    B08,
    B11,
    B12,
    F64,
    TERMS,
    Series,
    month_of,
    quiet_nanmedian,
    robust_season,
    terms,
)

LAGS_DAYS = (7, 15, 30, 60, 120, 240)
LAGS_PIXELS = (1, 2, 3, 5, 8, 12)
MAX_PIXELS = 600


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
