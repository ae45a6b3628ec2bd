"""Omnibus test for equal backscatter over k dates, and its factors that date a change.

Multilooked intensities of one polarisation are gamma distributed around the ground's
backscatter with n equivalent looks. The likelihood ratio of "all k are equal" is

    ln Q = n (k ln k + sum ln x_i - k ln sum x_i)

(Conradsen, Nielsen & Skriver 2016, IEEE TGRS 54(5):3007-3024, with p = 1; dual polarisation
without its phase is two such channels side by side, so that logarithms and degrees of freedom add
up). -2 rho ln Q is chi-square distributed but for a term in omega_2 (Box's expansion):

    P(-2 rho ln Q > z) = S_f(z) + omega_2 (S_f+4(z) - S_f(z)),   f = channels (k - 1)
    rho = 1 - (1 / 6f) sum_c (k/n_c - 1/(n_c k)),   omega_2 = -(f/4) (1 - 1/rho)^2

Q is the product of R_2 .. R_k, where R_j asks whether date j equals all dates before it. R_j is the
case of two groups of j-1 and 1 looks; `two_groups` is the same for any sizes, so that "the last
m looks against the history" is one and the same test.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@njit(cache=True, nogil=True)
def chi2_sf(z: float, f: int) -> float:
    """Chance that chi-square with a whole number `f` >= 1 of degrees of freedom exceeds `z`."""
    if z <= 0.0:
        return 1.0
    half = 0.5 * z
    if f % 2 == 0:
        term = math.exp(-half)
        total = term
        for i in range(1, f // 2):
            term *= half / i
            total += term
        return total
    total = math.erfc(math.sqrt(half))
    term = 2.0 * math.exp(-half) * math.sqrt(half / math.pi)
    for i in range(1, (f + 1) // 2):
        total += term
        term *= half / (i + 0.5)
    return total


@njit(cache=True, nogil=True)
def expanded_sf(z: float, f: int, rho: float) -> float:
    """Chance that -2 rho ln Q of equal ground exceeds `z`, with the omega_2 term."""
    omega2 = -0.25 * f * (1.0 - 1.0 / rho) ** 2
    plain = chi2_sf(z, f)
    return float(min(1.0, max(0.0, plain + omega2 * (chi2_sf(z, f + 4) - plain))))


@njit(cache=True, nogil=True)
def omnibus(x: F64, looks: F64) -> tuple[float, float]:
    """Are k intensities equal? Returns (z = -2 rho ln Q, chance of a larger z).

    x (k, channels) linear power > 0, k >= 2; looks (channels,) equivalent number of looks.
    """
    k, channels = x.shape
    f = channels * (k - 1)
    ln_q = 0.0
    lost = 0.0
    for c in range(channels):
        logs = 0.0
        total = 0.0
        for i in range(k):
            logs += math.log(x[i, c])
            total += x[i, c]
        ln_q += looks[c] * (k * math.log(k) + logs - k * math.log(total))
        lost += (k - 1.0 / k) / looks[c]
    rho = 1.0 - lost / (6.0 * f)
    z = -2.0 * rho * ln_q
    return z, expanded_sf(z, f, rho)


@njit(cache=True, nogil=True)
def two_groups(a: float, sum_a: float, b: float, sum_b: float, looks: float) -> float:
    """-2 rho ln R of one channel: do `a` looks with sum `sum_a` equal `b` looks with `sum_b`?

    The sizes need not be whole: a look that counts half has size 0.5 and half its intensity. R_j
    is `two_groups(j - 1, sum before, 1, x_j, looks)`. One degree of freedom per channel.
    """
    both = a + b
    ln_r = looks * (
        both * math.log(both / (sum_a + sum_b)) + a * math.log(sum_a / a) + b * math.log(sum_b / b)
    )
    return float(-2.0 * two_groups_rho(a, b, looks) * ln_r)


@njit(cache=True, nogil=True)
def two_groups_rho(a: float, b: float, looks: float) -> float:
    """rho of `two_groups`; never below one half, where the expansion would no longer hold."""
    return max(0.5, 1.0 - (1.0 / a + 1.0 / b - 1.0 / (a + b)) / (6.0 * looks))
