"""What stands between the ground and the looks: year, air, noise, cloud and shadow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from bench.cube import BANDS, COVERS, Leak, Scenario, statistics
from bench.fields import F32, neighbourly, ranks, remembered, smooth

LARGEST_TAIL = 6.0
"""No residual is drawn further out than this many times its Gaussian size."""


@dataclass(frozen=True)
class Noise:
    """Standard draws: scene_slow, scene_fast (time, 5); scene_tail (time,) rank 0..1 of the
    scene among scenes; pixel_old, pixel_new (time, 5, y, x); pixel_tail (time, y, x), ranks too:
    what lies far out is air and rims of cloud, and neighbours share it."""

    scene_slow: F32
    scene_fast: F32
    scene_tail: NDArray[np.float64]
    pixel_old: F32
    pixel_new: F32
    pixel_tail: F32


def noise(
    rng: np.random.Generator,
    days: NDArray[np.int32],
    cover: NDArray[np.uint8],
    plots: NDArray[np.int32],
) -> Noise:
    """Draw what all covers share; parcels under crops share half of what stays for months."""
    s = statistics()["covers"]
    shape = (len(days), len(BANDS))
    reach = {
        n: float(np.mean([s[c][n]["reach"] for c in COVERS]))
        for n in ("scene_memory", "pixel_memory", "pixel_spread")
    }
    share = float(np.mean([s[c]["pixel_spread"]["share"] for c in COVERS]))
    spread = {"share": share, "reach": reach["pixel_spread"]}
    draw = rng.standard_normal
    slow = remembered(draw(shape, np.float32), days, reach["scene_memory"])
    fast = draw(shape, np.float32)
    tail = rng.random(len(days))
    old = remembered(neighbourly(rng, (*shape, *cover.shape), spread), days, reach["pixel_memory"])
    plot = remembered(draw((*shape, int(plots.max()) + 1), np.float32), days, reach["pixel_memory"])
    crops = cover == COVERS.index("crops")
    old[:, :, crops] = np.sqrt(0.5) * (old[:, :, crops] + plot[:, :, plots[crops]])
    new = neighbourly(rng, (*shape, *cover.shape), spread)
    far = np.stack([ranks(f) for f in neighbourly(rng, (len(days), *cover.shape), spread)])
    return Noise(slow, fast, tail, old, new, far)


def heavy(rank: NDArray[np.floating], dof: float) -> NDArray[np.float64]:
    """Factors sqrt(dof / chi2) that turn Gaussian draws into Student's t, cut far out."""
    grid = np.linspace(0, 1, 2001)[1:-1]
    factor = np.sqrt(dof / stats.chi2.ppf(grid, dof))
    return np.minimum(np.interp(rank, grid, factor), LARGEST_TAIL)


@cache
def weights(share: float, dof: float) -> tuple[float, float, float]:
    """Weights of the part with a memory and of the fresh part, and the latter's own dof.

    The first has `share` of the variance; the sum has the median size of Student's t with `dof`,
    as the scale matrices of the statistics mean it, and its 99 % quantile as nearly as can be.
    """
    rng = np.random.default_rng(0)
    rank, a, b = rng.random(40_000), rng.standard_normal(40_000), rng.standard_normal(40_000)
    middle, rim = stats.t.ppf([0.75, 0.995], dof)
    best = (np.inf, 0.0, 0.0, dof)
    for own in np.geomspace(1.2, dof, 12):
        far = heavy(rank, own)
        kept, fresh = np.sqrt(share), np.sqrt((1 - share) / np.mean(far**2))
        draw = np.abs(kept * a + fresh * b * far)
        size = middle / np.median(draw)
        error = abs(np.quantile(draw, 0.99) * size / rim - 1)
        best = min(best, (float(error), float(kept * size), float(fresh * size), float(own)))
    return best[1:]


def residual(
    z: Noise, days: NDArray[np.int32], name: str, mask: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Residual of the pixels of a mask as ground of a cover, (time, bands, n)."""
    s = statistics()["covers"][name]
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    quarter = month % 12 // 3
    lower = lambda n: np.linalg.cholesky(np.array(s[n]) + 1e-9 * np.eye(5))  # noqa: E731
    scene, pixel = lower("scene_cov")[quarter], lower("pixel_cov")[quarter]
    kept, fresh, dof = weights(s["scene_memory"]["share"], s["scene_tail"])
    far = heavy(z.scene_tail, dof)[:, None]
    whole = kept * z.scene_slow + fresh * z.scene_fast * far
    kept, fresh, dof = weights(s["pixel_memory"]["share"], s["pixel_tail"])
    far = heavy(z.pixel_tail[:, mask], dof)[:, None].astype(np.float32)
    own = kept * z.pixel_old[:, :, mask] + fresh * z.pixel_new[:, :, mask] * far
    out = np.einsum("tij,tjn->tin", pixel.astype(np.float32), own)
    return np.asarray(out + np.einsum("tij,tj->ti", scene, whole)[:, :, None], np.float32)


def add_noise(
    v: F32, z: Noise, days: NDArray[np.int32], cover: NDArray[np.uint8], bare: F32, size: float
) -> None:
    """Add to v (time, bands, y, x) the residuals of its covers, `size` times as large as real
    ones; opened ground has bare's.

    What lowers a reflectance does so as a share of it, so that dark ground stays above zero.
    """
    opened = (bare > 0).any(0)
    r = np.zeros_like(v)
    r[:, :, opened] = residual(z, days, "bare", opened) * bare[:, opened][:, None]
    for k, name in enumerate(COVERS):
        mask = cover == k
        r[:, :, mask] += residual(z, days, name, mask) * (1 - bare[:, mask])[:, None]
    r *= np.float32(size)
    down = r < 0
    v[~down] += r[~down]
    v[down] *= np.exp(r[down] / np.maximum(v[down], 1e-3))


def clear_looks(
    rng: np.random.Generator, n: int, side: int, scenario: Scenario
) -> NDArray[np.bool_]:
    """Looks a cloud mask lets through, (time, y, x).

    The share of a scene under cloud is Beta distributed with most scenes nearly clear or nearly
    covered, drawn in strata so that its mean is kept; cloud comes as blobs.
    """
    spread = 0.75
    f = scenario.cloud_share
    strata = (rng.permutation(n) + rng.random(n)) / n
    covered = stats.beta.ppf(strata, f * spread, (1 - f) * spread)
    field = smooth(rng, (n, side, side), side / 8) + 0.5 * smooth(rng, (n, side, side), 2.0)
    return np.stack([ranks(a) >= c for a, c in zip(field, covered, strict=True)])


def leaks(
    rng: np.random.Generator, usable: NDArray[np.bool_], scenario: Scenario
) -> NDArray[np.uint8]:
    """Missed cloud and shadow among the usable looks, `Leak` (time, y, x).

    As blobs they prefer the neighbourhood of refused looks; their share of the usable looks of
    a scene is Gamma distributed, so that some scenes are bad and many are clean. Cloud to
    shadow is as in the statistics.
    """
    out = np.zeros(usable.shape, np.uint8)
    s = statistics()["covers"]
    cloud = sum(s[c]["missed_cloud_share"] for c in COVERS)
    shadow = sum(s[c]["missed_shadow_share"] for c in COVERS)
    is_cloud = cloud / (cloud + shadow)
    n, *shape = usable.shape
    if not scenario.leak_blobs:
        u = rng.random(usable.shape)
        out[usable & (u < scenario.leak_share)] = Leak.SHADOW
        out[usable & (u < scenario.leak_share * is_cloud)] = Leak.CLOUD
        return out
    share = np.minimum(rng.gamma(0.6, 1 / 0.6, n), 8.0)
    seen = usable.sum((1, 2))
    share *= scenario.leak_share * seen.sum() / max((share * seen).sum(), 1e-9)
    fields = smooth(rng, (n, *shape), 1.8) + 0.4 * smooth(rng, (n, *shape), 0.6)
    kinds = smooth(rng, (n, *shape), 6.0)
    for i in range(n):
        if seen[i] == 0:
            continue
        near = np.exp(-ndimage.distance_transform_edt(usable[i]) / 2.5)
        score = np.where(usable[i], fields[i] + (0 if usable[i].all() else 1.5 * near), -np.inf)
        take = round(min(share[i], 0.6) * seen[i])
        if take:
            chosen = score >= np.partition(score.ravel(), -take)[-take]
            out[i][chosen] = np.where(ranks(kinds[i])[chosen] < is_cloud, Leak.CLOUD, Leak.SHADOW)
    return out


def overcast(rng: np.random.Generator, v: F32, leak: NDArray[np.uint8]) -> F32:
    """Put missed cloud and shadow over v (time, bands, y, x), in place; returns v."""
    s, cloud = statistics()["missed"], statistics()["cloud"]
    n, shape = len(v), leak.shape[1:]
    white = np.exp(rng.multivariate_normal(cloud["log_mean"], np.array(cloud["log_cov"]) * 0.5, n))
    dark = rng.multivariate_normal(s["shadow_log"], np.array(s["shadow_log_cov"]), n)
    at = np.linspace(0.05, 0.95, len(s["cloud_thickness"]))
    k, sd = np.array(s["cloud_band_share"]), np.array(s["cloud_band_sd"])
    rank = np.stack([ranks(f) for f in smooth(rng, (n, *shape), 1.5)])
    for i in range(n):
        y, x = np.nonzero(leak[i] == Leak.CLOUD)
        thick = np.interp(rank[i, y, x], at, s["cloud_thickness"])
        through = np.clip(thick * k[:, None], 0, 1)
        v[i][:, y, x] += through * (white[i][:, None] - v[i][:, y, x]) + rng.normal(
            0, sd[:, None], (5, len(y))
        )
        y, x = np.nonzero(leak[i] == Leak.SHADOW)
        depth = 0.5 + rank[i, y, x]
        v[i][:, y, x] *= np.exp(np.minimum(dark[i][:, None] * depth, 0.05))
    return v
