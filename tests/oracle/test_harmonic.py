"""The harmonic fit against numpy's least squares, the break scan against brute force."""

import numpy as np
from gossan.monitor.limits import d2_limits

from gossan.kernels.breaks import scan
from gossan.kernels.harmonic import basis, fit_robust, solve_weighted, whitener


def pixel(n=60, bands=5, seed=0):
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(1100, n, replace=False)).astype(np.int32) + 17000
    X = basis(days, 2)
    truth = rng.normal(size=(5, bands)) * 0.05 + 0.2
    mix = np.linalg.cholesky(np.eye(bands) * 0.5 + 0.5) * 0.01
    return days, X, truth, X @ truth + rng.normal(size=(n, bands)) @ mix.T


def test_weighted_ridge_equals_numpy_on_augmented_rows():
    _, X, _, Y = pixel()
    w = np.random.default_rng(1).random(60)
    ridge = np.array([0.0, 0.02, 0.02, 0.1, 0.1])
    coef, ginv = np.zeros((5, 5)), np.zeros((5, 5))
    assert solve_weighted(X, Y, w, ridge, coef, ginv)
    rows = np.vstack([X * np.sqrt(w)[:, None], np.diag(np.sqrt(ridge))])
    right = np.vstack([Y * np.sqrt(w)[:, None], np.zeros((5, 5))])
    np.testing.assert_allclose(coef, np.linalg.lstsq(rows, right, rcond=None)[0], atol=1e-10)
    np.testing.assert_allclose(ginv, np.linalg.inv(rows.T @ rows), atol=1e-10)


def test_robust_fit_ignores_clouds_and_loses_little_without_them():
    _, X, truth, Y = pixel()
    clouded = Y.copy()
    clouded[::10] = 0.6
    zero, floor = np.zeros(5), np.full(5, 1e-3)
    for y in (Y, clouded):
        coef, ginv, w, R = np.zeros((5, 5)), np.zeros((5, 5)), np.zeros(60), np.zeros((60, 5))
        assert fit_robust(X, y, zero, floor, 5, 7.0, coef, ginv, w, R)
        assert np.abs(coef - truth).max() < 0.008
    assert (w[::10] == 0).all()
    assert (w > 0).sum() >= 50


def test_whitened_residuals_have_unit_covariance():
    rng = np.random.default_rng(3)
    mix = np.linalg.cholesky(np.eye(4) * 0.3 + 0.7) * 0.02
    R = rng.normal(size=(4000, 4)) @ mix.T
    white = np.zeros((4, 4))
    dof = whitener(R, np.ones(4000), 0.0, 0.0, np.zeros(4), white)
    assert dof == 4000
    Z = R @ np.tril(white).T
    np.testing.assert_allclose(Z.T @ Z / 4000, np.eye(4), atol=1e-6)


def test_d2_of_a_new_observation_exceeds_at_most_at_the_nominal_rate():
    rng = np.random.default_rng(4)
    hits, total = 0, 0
    limits = d2_limits(5, 0.02)
    mix = np.linalg.cholesky(np.eye(5) * 0.2 + 0.8)
    for _ in range(3000):
        R = rng.normal(size=(20, 5)) @ mix.T
        white = np.zeros((5, 5))
        dof = whitener(R, np.ones(20), 0.0, 7.0, np.zeros(5), white)
        z = np.tril(white) @ (mix @ rng.normal(size=5))
        hits += z @ z > limits[int(dof)]
        total += 1
    assert 0.001 < hits / total < 0.025  # shrinking correlations errs on the quiet side


def test_scan_finds_the_split_brute_force_finds():
    days, X, _, Y = pixel(n=40, bands=3, seed=8)
    Y = Y[:, :3].copy()
    Y[:13] += np.array([0.0, 0.02, -0.03])
    coef, ginv = np.zeros((5, 3)), np.zeros((5, 5))
    solve_weighted(X, Y, np.ones(40), np.zeros(5), coef, ginv)
    R = Y - X @ coef
    found, q = scan(
        X, R, ginv, 3, 4, np.empty(40), np.empty(3), np.zeros((3, 3)), days.astype(float)
    )
    wilks = {}
    for k in range(3, 37):
        full = np.column_stack([X, np.arange(40) < k])
        E = Y - full @ np.linalg.lstsq(full, Y, rcond=None)[0]
        wilks[k] = np.linalg.det(E.T @ E) / np.linalg.det(R.T @ R)
    best = min(wilks, key=wilks.get)
    assert found == best == 13
    np.testing.assert_allclose(1 - q, wilks[best], rtol=1e-6)
