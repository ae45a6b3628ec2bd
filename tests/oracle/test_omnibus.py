"""The omnibus test against the paper's formulas in scipy, and against simulated speckle."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, chi2
from scipy.stats import f as f_distribution

from gossan.kernels.omnibus import chi2_sf, expanded_sf, omnibus, two_groups, two_groups_rho

REPEATS = 40_000


def paper(x: np.ndarray, n: float, p: int = 1) -> tuple[float, float]:
    """Conradsen et al. 2016, equations of ln Q, rho, omega_2 and P, written out for p = 1."""
    k = len(x)
    ln_q = n * (p * k * np.log(k) + np.log(x).sum() - k * np.log(x.sum()))
    f = (k - 1) * p**2
    rho = 1 - (2 * p**2 - 1) / (6 * (k - 1) * p) * (k / n - 1 / (n * k))
    w2 = p**2 * (p**2 - 1) / (24 * rho**2) * (k / n**2 - 1 / (n * k) ** 2)
    w2 -= p**2 * (k - 1) / 4 * (1 - 1 / rho) ** 2
    z = -2 * rho * ln_q
    return z, chi2.sf(z, f) + w2 * (chi2.sf(z, f + 4) - chi2.sf(z, f))


def paper_factor(x: np.ndarray, j: int, n: float) -> tuple[float, float]:
    """R_j of the paper (p = 1): date j (from 1) against all before it."""
    before = x[: j - 1].sum()
    ln_r = n * (
        j * np.log(j)
        - (j - 1) * np.log(j - 1)
        + (j - 1) * np.log(before)
        + np.log(x[j - 1])
        - j * np.log(before + x[j - 1])
    )
    rho = 1 - (1 + 1 / (j * (j - 1))) / (6 * n)
    z = -2 * rho * ln_r
    w2 = -((1 - 1 / rho) ** 2) / 4
    return z, chi2.sf(z, 1) + w2 * (chi2.sf(z, 5) - chi2.sf(z, 1))


def factors(x: np.ndarray, looks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z and p (k,) of R_1 = 1, R_2 .. R_k: each date against all before it."""
    k, channels = x.shape
    z, p = np.zeros(k), np.ones(k)
    for j in range(1, k):
        before = x[:j].sum(axis=0)
        size = float(j)
        z[j] = sum(two_groups(size, before[c], 1.0, x[j, c], looks[c]) for c in range(channels))
        rho = np.mean([two_groups_rho(size, 1.0, n) for n in looks])
        p[j] = expanded_sf(z[j], channels, float(rho))
    return z, p


def speckle(k: int, channels: int, n: float, seed: int, repeats: int = REPEATS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ground = np.array([0.2, 0.05, 0.1])[:channels]
    return rng.gamma(n, 1 / n, (repeats, k, channels)) * ground


def inside_binomial(count: int, trials: int, chance: float) -> bool:
    """Whether a count lies within what chance gives in all but one of 100,000 runs."""
    low, high = binom.ppf([5e-6, 1 - 5e-6], trials, chance)
    return bool(low <= count <= high)


@pytest.mark.parametrize("f", [1, 2, 3, 4, 7, 12, 39])
def test_chi_square_tail_equals_scipy(f: int) -> None:
    for z in (0.0, 0.01, 0.5, 1.0, 3.84, 20.0, 80.0):
        assert chi2_sf(z, f) == pytest.approx(chi2.sf(z, f), rel=1e-10, abs=1e-300)


@pytest.mark.parametrize("k", [2, 3, 7, 20])
@pytest.mark.parametrize("n", [2.0, 4.4, 20.0])
def test_one_channel_equals_the_paper(k: int, n: float) -> None:
    for x in speckle(k, 1, n, seed=k, repeats=20):
        z, p = omnibus(x, np.array([n]))
        expected = paper(x[:, 0], n)
        assert z == pytest.approx(expected[0], rel=1e-9, abs=1e-12)
        assert p == pytest.approx(min(1.0, max(0.0, expected[1])), rel=1e-9)


def test_factors_equal_the_paper_and_multiply_to_the_omnibus() -> None:
    n, k = 4.4, 9
    for x in speckle(k, 1, n, seed=3, repeats=20):
        z, p = factors(x, np.array([n]))
        for j in range(2, k + 1):
            expected = paper_factor(x[:, 0], j, n)
            assert z[j - 1] == pytest.approx(expected[0], rel=1e-9, abs=1e-12)
            assert p[j - 1] == pytest.approx(expected[1], rel=1e-9)
        rho = [1 - (1 + 1 / (j * (j - 1))) / (6 * n) for j in range(2, k + 1)]
        ln_q = (-0.5 * z[1:] / rho).sum()
        whole, _ = omnibus(x, np.array([n]))
        rho_q = 1 - (k / n - 1 / (n * k)) / (6 * (k - 1))
        assert -2 * rho_q * ln_q == pytest.approx(whole, rel=1e-9)


def test_two_channels_add_up_with_their_own_looks() -> None:
    x = speckle(6, 2, 4.4, seed=4, repeats=1)[0]
    looks = np.array([4.4, 9.0])
    ln_q = sum(
        n * (6 * np.log(6) + np.log(v).sum() - 6 * np.log(v.sum()))
        for n, v in zip(looks, x.T, strict=True)
    )
    lost = sum((6 - 1 / 6) / n for n in looks) / (6 * 10)
    z, p = omnibus(x, looks)
    assert z == pytest.approx(-2 * (1 - lost) * ln_q)
    assert p == pytest.approx(chi2.sf(z, 10), abs=2e-3)


@pytest.mark.parametrize(
    ("k", "channels", "n"), [(2, 1, 4.4), (8, 1, 4.4), (8, 2, 4.4), (20, 2, 12)]
)
def test_equal_ground_is_rejected_at_the_nominal_rate(k: int, channels: int, n: float) -> None:
    looks = np.full(channels, float(n))
    p = np.array([omnibus(x, looks)[1] for x in speckle(k, channels, n, seed=10 * k + channels)])
    for alpha in (0.05, 0.01, 0.001):
        assert inside_binomial(int((p < alpha).sum()), REPEATS, alpha), (alpha, (p < alpha).mean())


def test_each_factor_is_rejected_at_the_nominal_rate_and_independently() -> None:
    k, looks, repeats = 6, np.array([4.4, 4.4]), 10_000
    p = np.array([factors(x, looks)[1] for x in speckle(k, 2, 4.4, 6, repeats)])
    for j in range(1, k):
        assert inside_binomial(int((p[:, j] < 0.01).sum()), repeats, 0.01), j
    both = ((p[:, 2] < 0.05) & (p[:, 4] < 0.05)).sum()
    assert inside_binomial(int(both), repeats, 0.05 * 0.05)


def test_wrong_looks_are_noticed() -> None:
    """The rate is a property of n: told twice the looks, the test rejects far too often."""
    x = speckle(8, 2, 4.4, seed=1, repeats=4000)
    p = np.array([omnibus(v, np.array([8.8, 8.8]))[1] for v in x])
    assert (p < 0.01).mean() > 0.1


def test_two_groups_orders_ground_as_the_exact_ratio_test_does() -> None:
    """The ratio of the two means is F distributed: chances must agree to a few percent."""
    a, b, n = 14.0, 3.0, 6.0
    for ratio in (0.4, 0.6, 1.5, 2.5):
        z = two_groups(a, a, b, b * ratio, n)
        # the exact chance of a ratio as unlikely, on either side of one
        grid = np.exp(np.linspace(-4, 4, 400_001))
        zs = 2 * n * ((a + b) * np.log((a + b * grid) / (a + b)) - b * np.log(grid))
        rho = 1 - (1 / a + 1 / b - 1 / (a + b)) / (6 * n)
        edges = grid[np.flatnonzero(np.diff(np.sign(rho * zs - z)))]
        cdf = f_distribution.cdf(edges, 2 * n * b, 2 * n * a)
        assert chi2.sf(z, 1) == pytest.approx(cdf[0] + 1 - cdf[-1], rel=0.03)


def test_a_change_is_dated_by_the_first_factor_that_rejects() -> None:
    rng = np.random.default_rng(8)
    x = rng.gamma(20, 0.05, (500, 12, 2))
    x[:, 7:] *= 0.25
    first = []
    for v in x:
        _, p = factors(v, np.array([20.0, 20.0]))
        first.append(int(np.argmax(p < 1e-4)))
    assert np.mean(np.array(first) == 7) > 0.95
