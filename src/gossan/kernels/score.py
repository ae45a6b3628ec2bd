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
The compiler does so only where it sees that no number written is one still to be read. Hence one
flat scratch with rows at distances it knows, the five bands written out, and few arrays a loop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gossan.kernels.pack import KIND_WORD, MEAN_MIN, MEAN_STEP, SCALE_BASE, SLOTS, WEIGHT_BASE

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]

STRIP = 256
"""Pixels at a time: their scratch stays in the first cache."""
SCRATCH = (3 * SLOTS + 1) * STRIP
"""Numbers of scratch a strip needs: for each band what the model expects, what was seen, and the
residual, each at a row of its own; and a row more."""
_SEEN, _RESIDUAL, _STEP = SLOTS * STRIP, 2 * SLOTS * STRIP, 3 * SLOTS * STRIP

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


@njit(cache=True, nogil=True)
def _levels(words: U32, y: int, x0: int, n: int, out: F32) -> None:
    """out[b * STRIP : b * STRIP + n]: mean reflectance; see `pack` for the bits."""
    w0, w1 = words[0, y, x0 : x0 + n], words[1, y, x0 : x0 + n]
    for b in range(SLOTS - 1):
        w = w0 if b < 2 else w1
        bits = np.uint32(12 * (b & 1))
        for i in range(n):
            q = np.int32((w[i] >> bits) & np.uint32(4095))
            out[b * STRIP + i] = np.float32(q) * MEAN_STEP + MEAN_MIN
    for i in range(n):
        high = (w0[i] >> np.uint32(24)) << np.uint32(4)
        low = (w1[i] >> np.uint32(24)) & np.uint32(15)
        q = np.int32(high | low)
        out[(SLOTS - 1) * STRIP + i] = np.float32(q) * MEAN_STEP + MEAN_MIN


@njit(cache=True, nogil=True)
def _add_season(
    a: U32, c: U32, n: int, cos: np.float32, sin: np.float32, gain: F32, out: F32
) -> None:
    """Add one harmonic, its cosines in the words `a` and its sines in `c` (n,), to the strip.

    Where six bits stand does not matter once they are a float: a power of two takes them down.
    """
    for i in range(n):
        code = (a[i] >> np.uint32(30)) | ((c[i] >> np.uint32(30)) << np.uint32(2))
        octave = (np.uint32(2) + (code & np.uint32(1))) << (code >> np.uint32(1))
        out[_STEP + i] = np.float32(np.int32(octave)) * SCALE_BASE
    half = np.float32(32)
    for b in range(SLOTS):
        bits, down, g = np.uint32(63 << (6 * b)), np.float32(1 / (1 << (6 * b))), gain[b]
        for i in range(n):
            p = np.float32(np.int32(a[i] & bits)) * down - half
            q = np.float32(np.int32(c[i] & bits)) * down - half
            out[b * STRIP + i] += (p * cos + q * sin) * out[_STEP + i] * g


@njit(cache=True, nogil=True)
def predict_strip(words: U32, t: SceneTerms, k: Bands, y: int, x0: int, n: int, out: F32) -> None:
    """Reflectance the models of `n` pixels from (y, x0) expect, band b from out[b * STRIP] on;
    out (SCRATCH,)."""
    _levels(words, y, x0, n, out)
    for h in range(2):
        a, c = words[2 + 2 * h, y, x0 : x0 + n], words[3 + 2 * h, y, x0 : x0 + n]
        _add_season(a, c, n, t.basis[1 + 2 * h], t.basis[2 + 2 * h], k.gain, out)


@njit(cache=True, nogil=True)
def _looks_like(k: Bands, scratch: F32, n: int, looks: U8) -> None:
    """Which kind of deviation the residuals are, see `score_strip`."""
    for i in range(n):
        looks[i] = CLOUDY
    for b in range(SLOTS):
        if k.on[b] > 0:
            for i in range(n):
                down = scratch[_RESIDUAL + b * STRIP + i] < 0
                looks[i] = looks[i] if down else np.uint8(GROUND)
    if k.blue >= 0 and k.red >= 0:
        blue, red = _row(scratch, _RESIDUAL, k.blue), _row(scratch, _RESIDUAL, k.red)
        for i in range(n):
            cloud = (blue[i] > 0) & (blue[i] >= np.float32(0.9) * red[i])
            looks[i] = np.uint8(CLOUDY) if cloud else looks[i]
    if k.blue >= 0 and k.swir >= 0:
        bright = _row(scratch, _SEEN, k.blue)
        blue, swir = _row(scratch, _RESIDUAL, k.blue), _row(scratch, _RESIDUAL, k.swir)
        for i in range(n):
            snow = (bright[i] > SNOW_BLUE) & (blue[i] > 0) & (swir[i] < 0)
            looks[i] = np.uint8(SNOWY) if snow else looks[i]
        if k.nir >= 0:
            nir = _row(scratch, _RESIDUAL, k.nir)
            for i in range(n):
                cloud = (blue[i] > 0) & (nir[i] > 0) & (blue[i] >= swir[i]) & (looks[i] != SNOWY)
                looks[i] = np.uint8(CLOUDY) if cloud else looks[i]


@njit(cache=True, nogil=True, inline="always")
def _row(scratch: F32, first: int, band: int) -> F32:
    return scratch[first + band * STRIP : first + (band + 1) * STRIP]


@njit(cache=True, nogil=True)
def score_strip(
    values: NDArray[np.float32] | NDArray[np.uint16],
    words: U32,
    trust: U16,
    t: SceneTerms,
    k: Bands,
    y: int,
    x0: int,
    n: int,
    scratch: F32,
    d2: F32,
    looks: U8,
) -> None:
    """D2 and look of `n` pixels from (y, x0).

    values (bands, y, x): reflectance, or raw numbers with `t.scale` and `t.offset`. d2 (n,) is
    chi-square with as many degrees of freedom as bands where nothing changed. looks (n,):
    CLOUDY where blue rises as much as red (soil lifts red more), where blue and near infrared
    rise and blue as much as the short-wave infrared, or where everything darkens; SNOWY where
    it is bright and brighter in blue, and darker in the short-wave infrared. scratch (SCRATCH,).
    """
    nb = values.shape[0]
    predict_strip(words, t, k, y, x0, n, scratch)
    for b in range(SLOTS):
        c = min(b, nb - 1)
        scale, shift, on = t.scale[b], t.offset[b] - t.shift[b], k.on[b]
        row = values[c, y, x0 : x0 + n]
        for i in range(n):
            seen = np.float32(row[i]) * scale + shift
            scratch[_SEEN + b * STRIP + i] = seen
            scratch[_RESIDUAL + b * STRIP + i] = (seen - scratch[b * STRIP + i]) * on
    _looks_like(k, scratch, n, looks)
    _distance(words[KIND_WORD, y, x0 : x0 + n], k, n, scratch, d2)
    shares = trust[y, x0 : x0 + n]
    now, later = np.uint32(4 * t.season), np.uint32(4 * ((t.season + 1) & 3))
    for i in range(n):
        q = np.uint32(shares[i])
        before = np.float32(np.int32((q >> now) & np.uint32(15)))
        after = np.float32(np.int32((q >> later) & np.uint32(15)))
        d2[i] *= (before + np.float32(1) + (after - before) * t.part) * np.float32(0.0625)


Five = tuple[np.float32, np.float32, np.float32, np.float32, np.float32]
"""One number of each band slot."""


@njit(cache=True, nogil=True, inline="always")
def _weight(word: np.uint32, bits: np.uint32) -> np.float32:
    """As `pack.weight_of`."""
    code = (word >> bits) & np.uint32(63)
    mantissa = (np.uint32(8) + (code & np.uint32(7))) << (code >> np.uint32(3))
    return np.float32(np.int32(mantissa)) * WEIGHT_BASE


@njit(cache=True, nogil=True, inline="always")
def _fives(a: F32) -> Five:
    return a[0], a[1], a[2], a[3], a[4]


@njit(cache=True, nogil=True, inline="always")
def _whitened(w0: Five, w1: Five, w2: Five, w3: Five, w4: Five, a: Five) -> Five:
    """Lower triangle W, by rows, times a."""
    return (
        w0[0] * a[0],
        w1[0] * a[0] + w1[1] * a[1],
        w2[0] * a[0] + w2[1] * a[1] + w2[2] * a[2],
        w3[0] * a[0] + w3[1] * a[1] + w3[2] * a[2] + w3[3] * a[3],
        w4[0] * a[0] + w4[1] * a[1] + w4[2] * a[2] + w4[3] * a[3] + w4[4] * a[4],
    )


@njit(cache=True, nogil=True, inline="always")
def _times(a: Five, b: Five) -> Five:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3], a[4] * b[4]


@njit(cache=True, nogil=True, inline="always")
def _dot(a: Five, b: Five, start: np.float32) -> np.float32:
    return start + a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + a[4] * b[4]


@njit(cache=True, nogil=True, error_model="numpy")
def _distance(kinds: U32, k: Bands, n: int, scratch: F32, d2: F32) -> None:
    """z'z - h'(I + G)^-1 h of what `scratch` holds, pixel by pixel; kinds (n,) are the words
    with the noise."""
    zero, one, two, least = np.float32(0), np.float32(1), np.float32(2), np.float32(0.01)
    w = k.white
    w0, w1, w2, w3, w4 = _fives(w[0]), _fives(w[1]), _fives(w[2]), _fives(w[3]), _fives(w[4])
    first, second = _fives(k.anomaly[0]), _fives(k.anomaly[1])
    for i in range(n):
        noise = kinds[i]
        weights = (
            _weight(noise, np.uint32(0)),
            _weight(noise, np.uint32(6)),
            _weight(noise, np.uint32(12)),
            _weight(noise, np.uint32(18)),
            _weight(noise, np.uint32(24)),
        )
        levels = (
            max(scratch[i], least),
            max(scratch[STRIP + i], least),
            max(scratch[2 * STRIP + i], least),
            max(scratch[3 * STRIP + i], least),
            max(scratch[4 * STRIP + i], least),
        )
        r = _RESIDUAL + i
        resid = (
            scratch[r],
            scratch[r + STRIP],
            scratch[r + 2 * STRIP],
            scratch[r + 3 * STRIP],
            scratch[r + 4 * STRIP],
        )
        scaled = _times(levels, weights)
        z = _whitened(w0, w1, w2, w3, w4, _times(resid, weights))
        u = _whitened(w0, w1, w2, w3, w4, _times(first, scaled))
        v = _whitened(w0, w1, w2, w3, w4, _times(second, scaled))
        zu, zv, uv = _dot(z, u, zero), _dot(z, v, zero), _dot(u, v, zero)
        uu, vv = _dot(u, u, one), _dot(v, v, one)
        top = vv * zu * zu - two * uv * zu * zv + uu * zv * zv
        d2[i] = _dot(z, z, zero) - top / (uu * vv - uv * uv)
