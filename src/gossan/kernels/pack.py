"""One pixel's model in 30 bytes: seven 32-bit words and one of 16 bits.

Reading the state is the cost that grows with the area, so the model is stored at the
precision it needs and no more. A word holds one number of each of the five band slots:

=====  ==========================================  =======================================
word   bits 0-29                                   bits 30-31
=====  ==========================================  =======================================
0, 1   mean, 12 bits a slot: slots 0, 1 and 2, 3;  (bits 28-31 of word 1 unused)
       slot 4 is split, 8 bits and 4 bits
2, 3   cosine and sine of the year, 6 bits a slot  scale of the first harmonic, low, high
4, 5   the same of the half year                   scale of the second harmonic
6      1 / standard deviation, 6 bits a slot       kind of model
=====  ==========================================  =======================================

`trust` (16 bits): four times 4 bits, the share of a squared deviation that counts on 1
January, 1 April, 1 July and 1 October (few observations, or none in that season: less).

The noise of a pixel is measured against its packed model, so what packing costs is in it.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
U32 = NDArray[np.uint32]

SLOTS = 5
WORDS = 7
TERMS = 5
KIND_WORD = 6

MEAN_MIN = np.float32(-0.05)
MEAN_STEP = np.float32(1.15 / 4095)
SEASON_HALF = 31
SCALE_BASE = np.float32(0.4 / (SEASON_HALF * 2 * (3 << 7)))
"""Largest harmonic that fits: amplitude 0.4 in slots of gain 2, 0.2 in slots of gain 1."""
WEIGHT_BASE = np.float32(500 / (15 << 7))
"""Standard deviations from 0.002 to 0.48."""


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def scale_of(code: int | np.int64) -> np.float32:
    """Step of a harmonic by its 4-bit code: two codes an octave."""
    return np.float32((2 + (code & 1)) << (code >> 1)) * SCALE_BASE


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def weight_of(code: int | np.int64) -> np.float32:
    """1 / standard deviation by its 6-bit code: eight codes an octave."""
    return np.float32((8 + (code & 7)) << (code >> 3)) * WEIGHT_BASE


@njit(cache=True, nogil=True, error_model="numpy")
def scale_code(largest: float) -> int:
    """Smallest code whose range holds `largest` (reflectance over gain)."""
    for code in range(16):
        if largest <= scale_of(code) * SEASON_HALF:
            return code
    return 15


@njit(cache=True, nogil=True, error_model="numpy")
def weight_code(sd: float) -> int:
    """Code of the nearest 1 / sd."""
    scaled = min(max(1.0 / max(sd, 1e-6) / float(WEIGHT_BASE), 8.0), 1920.0)
    octave = 0
    while scaled >= 15.5:
        scaled /= 2
        octave += 1
    return min(63, (octave << 3) | (int(np.rint(scaled)) - 8))


@njit(cache=True, nogil=True, error_model="numpy")
def pack_season(
    coef: F64, gain: F32, first: int, words: NDArray[np.uint32], y: int, x: int
) -> None:
    """Pack the cosine (row `first` of coef (terms, bands)) and sine of one harmonic."""
    nb = coef.shape[1]
    largest = 0.0
    for t in range(first, first + 2):
        for b in range(nb):
            largest = max(largest, abs(coef[t, b]) / float(gain[b]))
    code = scale_code(largest)
    step = float(scale_of(code))
    for t in range(first, first + 2):
        part = code & 3 if t == first else code >> 2
        word = np.int64(part) << 30
        for b in range(nb):
            q = int(np.rint(coef[t, b] / (step * float(gain[b]))))
            q = max(-SEASON_HALF, min(SEASON_HALF, q)) + 32
            word |= np.int64(q) << (6 * b)
        words[t + 1, y, x] = np.uint32(word)


@njit(cache=True, nogil=True, error_model="numpy")
def pack_mean(coef: F64, words: U32, y: int, x: int) -> None:
    """Pack row 0 of coef (terms, bands): reflectance, clipped to -0.05..1.1."""
    word0 = np.int64(0)
    word1 = np.int64(0)
    for b in range(coef.shape[1]):
        q = int(np.rint((coef[0, b] - float(MEAN_MIN)) / float(MEAN_STEP)))
        q = max(0, min(4095, q))
        if b < 2:
            word0 |= np.int64(q) << (12 * b)
        elif b < 4:
            word1 |= np.int64(q) << (12 * (b - 2))
        else:
            word0 |= np.int64(q >> 4) << 24
            word1 |= np.int64(q & 15) << 24
    words[0, y, x] = np.uint32(word0)
    words[1, y, x] = np.uint32(word1)


@njit(cache=True, nogil=True, error_model="numpy")
def pack_noise(sd: F64, kind: int, words: U32, y: int, x: int) -> None:
    """Pack standard deviations (bands,), reflectance, and the kind of model (0..3)."""
    word = np.int64(kind) << 30
    for b in range(sd.shape[0]):
        word |= np.int64(weight_code(sd[b])) << (6 * b)
    words[KIND_WORD, y, x] = np.uint32(word)


@njit(cache=True, nogil=True, error_model="numpy")
def pack_trust(share: F64) -> int:
    """Four shares (0..1] as 4 bits each, rounded down: never more trust than there is."""
    out = 0
    for i in range(4):
        out |= max(0, min(15, int(share[i] * 16) - 1)) << (4 * i)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def unpack_mean(words: U32, y: int, x: int, level: F64) -> None:
    """Fill level (bands,), reflectance, from the first two words of one pixel."""
    w0 = np.int64(words[0, y, x])
    w1 = np.int64(words[1, y, x])
    for b in range(level.shape[0]):
        if b < 2:
            q = (w0 >> (12 * b)) & 4095
        elif b < 4:
            q = (w1 >> (12 * (b - 2))) & 4095
        else:
            q = ((w0 >> 24) << 4) | ((w1 >> 24) & 15)
        level[b] = float(np.float32(q) * MEAN_STEP + MEAN_MIN)


@njit(cache=True, nogil=True, error_model="numpy")
def unpack(words: U32, gain: F32, y: int, x: int, coef: F64, sd: F64) -> int:
    """Fill coef (terms, bands) and sd (bands,) of one pixel; returns the kind of model."""
    nb = coef.shape[1]
    unpack_mean(words, y, x, coef[0])
    for h in range(2):
        a = np.int64(words[2 + 2 * h, y, x])
        c = np.int64(words[3 + 2 * h, y, x])
        step = float(scale_of((a >> 30) | ((c >> 30) << 2)))
        for b in range(nb):
            coef[1 + 2 * h, b] = (((a >> (6 * b)) & 63) - 32) * step * float(gain[b])
            coef[2 + 2 * h, b] = (((c >> (6 * b)) & 63) - 32) * step * float(gain[b])
    w = np.int64(words[KIND_WORD, y, x])
    for b in range(nb):
        sd[b] = 1.0 / float(weight_of((w >> (6 * b)) & 63))
    return int(w >> 30)
