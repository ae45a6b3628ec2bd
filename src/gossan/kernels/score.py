"""How far one scene lies from what the pixels' models expect: D2 of a strip of pixels.

With residuals r of five bands in units of the pixel's own noise, z = W r where W'W is the
inverse of the correlation C of the bands' errors. Ground that stays the same may still be
drier or greener than in any year the model has seen; such an anomaly moves the spectrum along
known directions u (loss of leaves, loss of water), in proportion to its level. It enters the
covariance as C + U U', so that by Woodbury's identity

    D2 = z'z - h'(I + G)^-1 h,   V = W U, G = V'V, h = V'z,

is the squared Mahalanobis distance of the observation under noise and anomaly together
(Hotelling's statistic with a random effect; Rencher 2002, ch. 5). What is left is deviation
that neither noise nor a dry year makes.

All loops run over neighbouring pixels of a row, so that the compiler can use vector
instructions; every pixel's own sum has a fixed order, so that any blocking gives the same bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.pack import (
    KIND_WORD,
    MEAN_MIN,
    MEAN_STEP,
    SCALE_BASE,
    SLOTS,
    WEIGHT_BASE,
)

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]

STRIP = 256
"""Pixels at a time: their scratch stays in the first cache."""
ROWS = 4 * SLOTS + 7
"""Rows of scratch a strip needs."""

GROUND, CLOUDY, SNOWY = 0, 1, 2
"""What a deviation looks like; cloudy also stands for cloud shadow."""
SNOW_BLUE = np.float32(0.25)


class Bands(NamedTuple):
    """What the score needs to know of the bands, by slot; unused slots have `on` 0.

    gain (5,): step of harmonics, see `pack`; on (5,): 1 or 0; white (5, 5): lower triangle W;
    anomaly (2, 5): u per unit of predicted reflectance; blue, red, nir, swir: slot or -1.
    """

    gain: F32
    on: F32
    white: F32
    anomaly: F32
    blue: int
    red: int
    nir: int
    swir: int


class SceneTerms(NamedTuple):
    """What the score needs to know of one scene.

    basis (5,): 1, cos, sin, cos 2, sin 2; scale, offset (5,): reflectance = value * scale +
    offset; shift (5,): reflectance all ground is off by in this scene; season: index of the
    trust nibble before it, and part: share (0..1) of the way to the next one.
    """

    basis: F32
    scale: F32
    offset: F32
    shift: F32
    season: int
    part: np.float32


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _levels(words: U32, y: int, x0: int, n: int, out: F32) -> None:
    """out[b, :n]: mean reflectance; see `pack` for the bits."""
    w0, w1 = words[0, y, x0 : x0 + n], words[1, y, x0 : x0 + n]
    for b in range(SLOTS - 1):
        w = w0 if b < 2 else w1
        bits = np.uint32(12 * (b & 1))
        to = out[b]
        for i in range(n):
            to[i] = np.float32(np.int32((w[i] >> bits) & np.uint32(4095))) * MEAN_STEP + MEAN_MIN
    to = out[SLOTS - 1]
    for i in range(n):
        high = (w0[i] >> np.uint32(24)) << np.uint32(4)
        low = (w1[i] >> np.uint32(24)) & np.uint32(15)
        to[i] = np.float32(np.int32(high | low)) * MEAN_STEP + MEAN_MIN


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def predict_strip(words: U32, t: SceneTerms, k: Bands, y: int, x0: int, n: int, out: F32) -> None:
    """out[b, :n]: reflectance the models expect; out[SLOTS] is scratch."""
    _levels(words, y, x0, n, out)
    step = out[SLOTS]
    for h in range(2):
        a, c = words[2 + 2 * h, y, x0 : x0 + n], words[3 + 2 * h, y, x0 : x0 + n]
        cos, sin = t.basis[1 + 2 * h], t.basis[2 + 2 * h]
        for i in range(n):
            code = (a[i] >> np.uint32(30)) | ((c[i] >> np.uint32(30)) << np.uint32(2))
            octave = (np.uint32(2) + (code & np.uint32(1))) << (code >> np.uint32(1))
            step[i] = np.float32(np.int32(octave)) * SCALE_BASE
        for b in range(SLOTS):
            bits, gain, to = np.uint32(6 * b), k.gain[b], out[b]
            for i in range(n):
                p = np.int32((a[i] >> bits) & np.uint32(63)) - np.int32(32)
                q = np.int32((c[i] >> bits) & np.uint32(63)) - np.int32(32)
                to[i] += (np.float32(p) * cos + np.float32(q) * sin) * step[i] * gain


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _whiten(k: Bands, source: F32, n: int) -> None:
    """source[b, :n] = sum over c <= b of W[b, c] source[c, :n], in place."""
    r0, r1, r2, r3, r4 = source[0], source[1], source[2], source[3], source[4]
    w = k.white
    for i in range(n):
        a, b, c, d = r0[i], r1[i], r2[i], r3[i]
        r4[i] = w[4, 0] * a + w[4, 1] * b + w[4, 2] * c + w[4, 3] * d + w[4, 4] * r4[i]
        r3[i] = w[3, 0] * a + w[3, 1] * b + w[3, 2] * c + w[3, 3] * d
        r2[i] = w[2, 0] * a + w[2, 1] * b + w[2, 2] * c
        r1[i] = w[1, 0] * a + w[1, 1] * b
        r0[i] = w[0, 0] * a


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _looks_like(k: Bands, values: F32, resid: F32, n: int, looks: U8) -> None:
    """Which kind of deviation residuals (5, n) are, see `score_strip`."""
    for i in range(n):
        looks[i] = CLOUDY
    for b in range(SLOTS):
        r, on = resid[b], k.on[b]
        if on > 0:
            for i in range(n):
                looks[i] = looks[i] if r[i] < 0 else np.uint8(GROUND)
    if k.blue >= 0 and k.red >= 0:
        blue, red = resid[k.blue], resid[k.red]
        for i in range(n):
            cloud = (blue[i] > 0) & (blue[i] >= np.float32(0.9) * red[i])
            looks[i] = np.uint8(CLOUDY) if cloud else looks[i]
    if k.blue >= 0 and k.swir >= 0:
        bright, blue, swir = values[k.blue], resid[k.blue], resid[k.swir]
        for i in range(n):
            snow = (bright[i] > SNOW_BLUE) & (blue[i] > 0) & (swir[i] < 0)
            looks[i] = np.uint8(SNOWY) if snow else looks[i]
        if k.nir >= 0:
            nir = resid[k.nir]
            for i in range(n):
                cloud = (blue[i] > 0) & (nir[i] > 0) & (blue[i] >= swir[i]) & (looks[i] != SNOWY)
                looks[i] = np.uint8(CLOUDY) if cloud else looks[i]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def score_strip(
    values: NDArray[np.float32] | NDArray[np.uint16], words: U32, trust: U16, t: SceneTerms,
    k: Bands, y: int, x0: int, n: int, scratch: F32, d2: F32, looks: U8,
) -> None:  # fmt: skip
    """D2 and look of `n` pixels from (y, x0).

    values (bands, y, x): reflectance, or raw numbers with `t.scale` and `t.offset`. d2 (n,) is
    chi-square with as many degrees of freedom as bands where nothing changed. looks (n,):
    CLOUDY where blue rises as much as red (soil lifts red more), where blue and near infrared
    rise and blue as much as the short-wave infrared, or where everything darkens; SNOWY where
    it is bright and brighter in blue, and darker in the short-wave infrared. scratch (ROWS, STRIP).
    """
    nb = values.shape[0]
    kinds, shares = words[KIND_WORD, y, x0 : x0 + n], trust[y, x0 : x0 + n]
    pred, resid = scratch[: SLOTS + 1], scratch[SLOTS + 1 : 2 * SLOTS + 1]
    u, v = scratch[2 * SLOTS + 1 : 3 * SLOTS + 1], scratch[3 * SLOTS + 1 : 4 * SLOTS + 1]
    predict_strip(words, t, k, y, x0, n, pred)
    for b in range(SLOTS):
        c = min(b, nb - 1)
        scale, shift, on = t.scale[b], t.offset[b] - t.shift[b], k.on[b]
        row, p, r, seen = values[c, y, x0 : x0 + n], pred[b], resid[b], u[b]
        for i in range(n):
            seen[i] = np.float32(row[i]) * scale + shift
            r[i] = (seen[i] - p[i]) * on
    _looks_like(k, u, resid, n, looks)
    for b in range(SLOTS):
        g0, g1 = k.anomaly[0, b], k.anomaly[1, b]
        bits = np.uint32(6 * b)
        p, r, ub, vb = pred[b], resid[b], u[b], v[b]
        for i in range(n):
            code = (kinds[i] >> bits) & np.uint32(63)
            mantissa = (np.uint32(8) + (code & np.uint32(7))) << (code >> np.uint32(3))
            weight = np.float32(np.int32(mantissa)) * WEIGHT_BASE
            level = max(p[i], np.float32(0.01)) * weight
            r[i] *= weight
            ub[i] = g0 * level
            vb[i] = g1 * level
    _whiten(k, resid, n)
    _whiten(k, u, n)
    _whiten(k, v, n)
    _distance(resid, u, v, scratch[4 * SLOTS + 1 :], n, d2)
    now, later = np.uint32(4 * t.season), np.uint32(4 * ((t.season + 1) & 3))
    for i in range(n):
        q = np.uint32(shares[i])
        before = np.float32(np.int32((q >> now) & np.uint32(15)))
        after = np.float32(np.int32((q >> later) & np.uint32(15)))
        d2[i] *= (before + np.float32(1) + (after - before) * t.part) * np.float32(0.0625)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _distance(z: F32, u: F32, v: F32, sums: F32, n: int, d2: F32) -> None:
    """z'z - h'(I + G)^-1 h for V = (u, v), pixel by pixel."""
    one, two = np.float32(1), np.float32(2)
    zz, zu, zv, uu, vv, uv = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    for i in range(n):
        zz[i] = zu[i] = zv[i] = uv[i] = np.float32(0)
        uu[i] = vv[i] = one
    for b in range(SLOTS):
        zb, ub, vb = z[b], u[b], v[b]
        for i in range(n):
            zz[i] += zb[i] * zb[i]
            zu[i] += zb[i] * ub[i]
            zv[i] += zb[i] * vb[i]
            uu[i] += ub[i] * ub[i]
            vv[i] += vb[i] * vb[i]
            uv[i] += ub[i] * vb[i]
    for i in range(n):
        top = vv[i] * zu[i] * zu[i] - two * uv[i] * zu[i] * zv[i] + uu[i] * zv[i] * zv[i]
        d2[i] = zz[i] - top / (uu[i] * vv[i] - uv[i] * uv[i])
