"""Moving vehicles in strips of road: the likelihood ratio of a picture in coloured noise.

What lies on the road beside vehicles (joints, shade, lines, cars at rest) is as bright in all bands
at the same place. Its covariance over bands and distances along the road is taken from the scene's
own road, and the picture of something that moves is held against it: the adaptive matched filter
(Robey et al. 1992, doi:10.1109/7.135446). Bright only: what is darker than the road is its shadow.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gossan.observables.traffic.motion import (
    HALF,
    TRUE_ORDER,
    WIDTH,
    Order,
    by_band,
    pictures,
    still_pictures,
)

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEAR = 121
"""Samples over which what is usual for a place of the road is taken: 1.2 km. A convoy fills half of
600 m, and hid itself there."""
MOST_AWAY = 4.0
"""Values further off are cut to this many standard deviations before covariances."""
RIDGE = 0.05
"""Share of the variance that is taken to be white: what the covariance does not know."""
APART = 4
"""Samples along the road in which one detection hides others: 40 m, less than a convoy's gaps."""
FAINT = 0.4
"""Share of a neighbour's score below which a detection is taken for its side lobe."""
LOBES = 6
"""Samples along the road in which it is taken so."""
LEAST = 4.0
"""Score from which a picture counts, standard deviations. On roads drawn into a series of the
Carpathians 3.5 gave one false detection in ten kilometres (bench/traffic.py); real roads have more
on them."""
ROUNDS = 3
"""Of looking for vehicles and leaving them out of the noise."""
ACROSS = 2
"""Tracks to each side in which it does: the other carriageway of a motorway lies further."""


@dataclass(frozen=True)
class Detections:
    """Detections on one road of one scene.

    Attributes
    ----------
    at : int, sample along the road
    track : int, which of the parallel tracks
    score : standard deviations above the noise
    speed : m/s along the samples, negative against; its sign is no heading without the parity
    """

    at: NDArray[np.int64]
    track: NDArray[np.int64]
    score: F64
    speed: F64

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True)
class Strip:
    """What a road shows beside what is usual nearby.

    Attributes
    ----------
    away : float32 (bands, tracks, samples), reflectance less the usual, divided by `restless`; 0
        where not usable
    usable : bool (tracks, samples)
    restless : float32 (1, tracks, samples), spread of the values nearby, 1 for the whole strip's
    """

    away: F32
    usable: Bools
    restless: F32


def strip_of(values: F32, usable: Bools) -> Strip:
    """The strip of a road from reflectance (bands, tracks, samples), NaN unknown.

    What other scenes show at the place is not taken off: tried, and it brought in more noise
    of other seasons than it took away (bench/traffic.py).
    """
    known = usable[None] & np.isfinite(values)
    away = np.where(known, values, np.nan)
    away -= _median(away)
    spread = _median(np.abs(away))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a band or a place without any value
        whole = np.nanmedian(np.abs(away), axis=(1, 2), keepdims=True)
        restless = np.nanmean(spread / whole, axis=0, keepdims=True)
    restless = np.clip(np.nan_to_num(restless, nan=1, posinf=1), 0.5, None)
    factor: F32 = restless.astype(np.float32)
    out = np.nan_to_num(away / factor).astype(np.float32)
    return Strip(out, usable & known.all(axis=0), factor)


def _median(values: F32) -> F32:
    """Running median along the samples over NEAR of them, NaN left out, by blocks of a third.

    A convoy fills a fifth of such a stretch, so that it does not hide itself.
    """
    n = values.shape[-1]
    step = NEAR // 3
    centres = np.arange(0, n, step)
    half = NEAR // 2
    with np.errstate(all="ignore"):
        found = np.stack(
            [_nanmedian(values[..., max(0, c - half) : c + half + 1]) for c in centres], axis=-1
        )
    at = np.arange(n) / step
    low = np.minimum(at.astype(int), len(centres) - 1)
    high = np.minimum(low + 1, len(centres) - 1)
    part = np.clip(at - low, 0, 1).astype(np.float32)
    out: F32 = found[..., low] * (1 - part) + found[..., high] * part
    return out


def _nanmedian(values: F32) -> F32:
    known = np.isfinite(values)
    none = ~known.any(axis=-1, keepdims=True)
    out: F32 = np.nanmedian(np.where(none, 0, values), axis=-1).astype(np.float32)
    return out


def covariance(strips: Sequence[Strip], busy: Sequence[Bools] | None = None) -> F64:
    """Covariance of a window's values, (bands x WIDTH)^2, from the strips of all roads.

    It depends on the distance along the road only, which hundreds of samples suffice for. Values
    far off are cut. busy: (tracks, samples) of each strip, places to leave out: vehicles found in
    a first round are no part of the noise.
    """
    bands = strips[0].away.shape[0]
    most = MOST_AWAY * 1.4826 * _medians_abs(strips)[:, None, None]
    sums, count = np.zeros((bands, bands, WIDTH)), np.zeros(WIDTH)
    for k, strip in enumerate(strips):
        quiet = strip.usable if busy is None else strip.usable & ~busy[k]
        values = np.where(quiet, np.clip(strip.away, -most, most), 0).astype(np.float64)
        n = quiet.shape[-1]
        for lag in range(min(WIDTH, n)):
            a, b = values[..., : n - lag], values[..., lag:]
            sums[:, :, lag] += np.einsum("itn,jtn->ij", a, b)
            count[lag] += (quiet[:, : n - lag] & quiet[:, lag:]).sum()
    by_lag = sums / np.maximum(count, 1)
    at = np.arange(WIDTH)
    ahead = at[None, :] - at[:, None]
    full: F64 = np.where(
        ahead >= 0, by_lag[:, :, np.abs(ahead)], by_lag.transpose(1, 0, 2)[:, :, np.abs(ahead)]
    )
    full = full.transpose(0, 2, 1, 3).reshape(bands * WIDTH, bands * WIDTH)
    values, vectors = np.linalg.eigh((full + full.T) / 2)
    positive = (vectors * np.maximum(values, 0)) @ vectors.T
    white = np.diag(np.maximum(np.diag(positive), 1e-9))
    noise: F64 = (1 - RIDGE) * positive + RIDGE * white
    return noise


def _medians_abs(strips: Sequence[Strip]) -> F64:
    """Median of the absolute value by band."""
    every = np.abs(np.concatenate([s.away[:, s.usable] for s in strips], axis=1))
    return np.median(every, axis=1) if every.size else np.ones(len(every))


def filters(noise: F64, order: Order = TRUE_ORDER) -> tuple[F64, F64]:
    """One filter a picture, (pictures, bands x WIDTH), with unit variance in `noise`; speeds."""
    shapes, speeds = pictures(order)
    whitened = np.linalg.solve(noise, shapes.T)
    return (whitened / np.sqrt((shapes.T * whitened).sum(axis=0))).T, speeds


@dataclass(frozen=True)
class Search:
    """How a scene is searched: filters in its own noise.

    Attributes
    ----------
    bank : (pictures, bands x WIDTH), answers have unit variance
    speeds : m/s of each picture
    moves, stands : the same with each band as bright as may be, (pictures, bands, bands x WIDTH):
        the squares of a picture's answers add up to its evidence
    """

    bank: F32
    speeds: F64
    moves: F32
    stands: F32

    @classmethod
    def of(cls, noise: F64, order: Order = TRUE_ORDER) -> Search:
        """The filters in this noise."""
        bank, speeds = filters(noise, order)
        return cls(
            bank.astype(np.float32),
            speeds,
            _evidence(noise, by_band(order)),
            _evidence(noise, still_pictures()),
        )

    def scores(self, strip: Strip) -> tuple[F32, NDArray[np.int64]]:
        """Best score (tracks, samples) over all pictures, and which; -inf where the window of a
        sample is not usable whole."""
        z, usable = strip.away, strip.usable
        n = z.shape[-1]
        best = np.full(usable.shape, -np.inf, np.float32)
        which = np.zeros(usable.shape, np.int64)
        if n < WIDTH:
            return best, which
        windows = sliding_window_view(z, WIDTH, axis=-1)  # bands, tracks, n - 2 HALF, WIDTH
        whole: Bools = np.asarray(sliding_window_view(usable, WIDTH, axis=-1).all(axis=-1))
        for track in range(z.shape[1]):
            flat = windows[:, track].transpose(1, 0, 2).reshape(n - 2 * HALF, -1)
            found = flat @ self.bank.T
            pick = found.argmax(axis=1)
            top = np.take_along_axis(found, pick[:, None], axis=1)[:, 0]
            best[track, HALF : n - HALF] = np.where(whole[track], top, -np.inf)
            which[track, HALF : n - HALF] = pick
        return best, which

    def moving(self, window: F32) -> bool:
        """True where the best motion explains a window better than the best thing at rest."""
        moves, stands = (
            float(((f @ window) ** 2).sum(axis=1).max()) for f in (self.moves, self.stands)
        )
        return moves > stands

    def peaks(self, strip: Strip, least: float) -> Detections:
        """Local maxima of at least `least` that motion explains better than what stands still.

        Of those nearer than APART along and ACROSS tracks to a stronger one the strongest counts,
        and those FAINT beside one further off are its side lobes.
        """
        score, which = self.scores(strip)
        tracks, at = np.nonzero(score >= least)
        taken = np.zeros(score.shape, np.float32)
        kept = []
        for k in np.argsort(-score[tracks, at], kind="stable"):
            t, i = int(tracks[k]), int(at[k])
            beside = taken[max(0, t - ACROSS) : t + ACROSS + 1, max(0, i - APART + 1) : i + APART]
            around = taken[
                max(0, t - ACROSS - 1) : t + ACROSS + 2, max(0, i - LOBES) : i + LOBES + 1
            ]
            if beside.any() or around.max() * FAINT > score[t, i]:
                continue
            taken[t, i] = score[t, i]  # what stands still hides its own side lobes too
            if self.moving(strip.away[:, t, i - HALF : i + HALF + 1].ravel()):
                kept.append((i, t))
        kept.sort()
        at = np.array([i for i, _ in kept], np.int64)
        tracks = np.array([t for _, t in kept], np.int64)
        return Detections(
            at, tracks, score[tracks, at].astype(np.float64), self.speeds[which[tracks, at]]
        )


def _evidence(noise: F64, shapes: F64) -> F32:
    out = []
    for shape in shapes:
        whitened = np.linalg.solve(noise, shape.T)
        root = np.linalg.cholesky(np.linalg.inv(shape @ whitened))
        out.append((whitened @ root).T)
    return np.array(out, np.float32)


def busy(found: Detections, shape: tuple[int, int]) -> Bools:
    """Where vehicles were found, (tracks, samples), with all that their pictures touch."""
    out = np.zeros(shape, bool)
    for t, i in zip(found.track, found.at, strict=True):
        out[max(0, t - ACROSS) : t + ACROSS + 1, max(0, i - HALF) : i + HALF + 1] = True
    return out


def searched(
    strips: Sequence[Strip], least: float = LEAST
) -> tuple[list[Detections], list[Bools], F64]:
    """Detections on each strip of a scene, where they are, and the noise they were held against.

    In ROUNDS: what one finds is left out of the noise of the next, so that traffic hides none.
    """
    noise = covariance(strips)
    for more in range(ROUNDS, 0, -1):
        search = Search.of(noise)
        found = [search.peaks(s, least) for s in strips]
        places = [busy(f, s.usable.shape) for f, s in zip(found, strips, strict=True)]
        if more > 1:
            noise = covariance(strips, places)
    return found, places, noise


def under_null(
    strips: Sequence[Strip], places: Sequence[Bools], noise: F64, order: Order, least: float = LEAST
) -> int:
    """Detections under an order of bands that no motion can make, away from `places`."""
    search = Search.of(noise, order)
    return sum(
        len(search.peaks(replace(s, usable=s.usable & ~p), least))
        for s, p in zip(strips, places, strict=True)
    )
