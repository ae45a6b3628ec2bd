"""The harmonic fit against numpy's least squares, its noise and the break scan by brute force."""

import numpy as np

from gossan.kernels.breaks import null_residuals, scan
from gossan.kernels.harmonic import TRIANGLE, basis, fit_robust, select, solve
from gossan.kernels.noise import leave_years_out

RIDGE = np.array([1e-9, 0.02, 0.02, 0.1, 0.1])


def looks(n=60, bands=5, seed=0, strip=1):
    """Days, design, true coefficients and noisy looks (n, bands, strip)."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(1100, n, replace=False)).astype(np.int32) + 17000
    X = basis(days, 2)
    truth = rng.normal(size=(5, bands)) * 0.05 + 0.2
    mix = np.linalg.cholesky(np.eye(bands) * 0.5 + 0.5) * 0.01
    Y = (X @ truth)[..., None] + np.einsum("bc,ncs->nbs", mix, rng.normal(size=(n, bands, strip)))
    return days, X, truth, Y


def room(n, bands, strip):
    """Gram, coefficients, weights, residuals and scales for a fit."""
    return (
        np.zeros((TRIANGLE, strip)),
        np.zeros((5, bands, strip)),
        np.zeros((n, strip)),
        np.zeros((n, bands, strip)),
        np.zeros((bands, strip)),
    )


def test_weighted_ridge_equals_numpy_on_augmented_rows():
    _, X, _, Y = looks(strip=3)
    w = np.random.default_rng(1).random((60, 3))
    gram, coef, *_ = room(60, 5, 3)
    solve(X, Y, w, 60, RIDGE, gram, coef)
    for s in range(3):
        rows = np.vstack([X * np.sqrt(w[:, s])[:, None], np.diag(np.sqrt(RIDGE))])
        right = np.vstack([Y[..., s] * np.sqrt(w[:, s])[:, None], np.zeros((5, 5))])
        expected = np.linalg.lstsq(rows, right, rcond=None)[0]
        np.testing.assert_allclose(coef[..., s], expected, atol=1e-10)
        inverse = np.linalg.inv(rows.T @ rows)
        np.testing.assert_allclose(gram[:, s], inverse[np.tril_indices(5)], atol=1e-10)


def test_a_strip_gives_each_pixel_what_it_gets_alone():
    _, X, _, Y = looks(strip=7)
    seen = (np.random.default_rng(2).random((60, 7)) < 0.7).astype(float)
    Y *= seen[:, None]
    together = room(60, 5, 7)
    fit_robust(X, Y, seen, 60, RIDGE, 0.005, 0.05, 7.0, *together)
    for s in range(7):
        alone = room(60, 5, 1)
        one = np.ascontiguousarray(Y[..., s : s + 1]), np.ascontiguousarray(seen[:, s : s + 1])
        fit_robust(X, *one, 60, RIDGE, 0.005, 0.05, 7.0, *alone)
        assert (alone[1][..., 0] == together[1][..., s]).all()


def test_robust_fit_ignores_clouds_and_loses_little_without_them():
    _, X, truth, Y = looks()
    clouded = Y.copy()
    clouded[::10] = 0.6
    for y in (Y, clouded):
        gram, coef, w, R, scale = room(60, 5, 1)
        fit_robust(X, y, np.ones((60, 1)), 60, RIDGE, 1e-3, 0.0, 7.0, gram, coef, w, R, scale)
        assert np.abs(coef[..., 0] - truth).max() < 0.008
    assert (w[::10] == 0).all()
    assert (w > 0).sum() >= 50


def test_selection_gives_the_number_at_its_place():
    rng = np.random.default_rng(5)
    for n in (1, 2, 7, 50):
        a = np.abs(np.round(rng.normal(size=n), 1)).astype(np.float32)
        for k in range(n):
            assert select(np.append(a, np.float32(0)), n, k) == np.sort(a)[k]


def test_residuals_of_years_left_out_are_those_of_fits_without_them():
    days, X, _, Y = looks(n=80)
    y, w = Y[..., 0], np.random.default_rng(3).random((80, 1))
    rows = np.vstack([X * np.sqrt(w), np.diag(np.sqrt(RIDGE))])
    right = np.vstack([y * np.sqrt(w), np.zeros((5, 5))])
    R = y - X @ np.linalg.lstsq(rows, right, rcond=None)[0]
    assert leave_years_out(X, R, w, days, 80, RIDGE)
    span = days[-1] - days[0] + 1
    part = (days[-1] - days) * 3 // span
    for p in range(3):
        kept = part != p
        rows = np.vstack([(X * np.sqrt(w))[kept], np.diag(np.sqrt(RIDGE + 1e-9))])
        right = np.vstack([(y * np.sqrt(w))[kept], np.zeros((5, 5))])
        expected = y[~kept] - X[~kept] @ np.linalg.lstsq(rows, right, rcond=None)[0]
        np.testing.assert_allclose(R[~kept], expected, atol=1e-6)


def test_one_year_cannot_be_left_out():
    _, X, _, Y = looks(n=30)
    short = np.linspace(17000, 17300, 30).astype(np.int32)
    R = Y[..., 0].copy()
    assert not leave_years_out(X, R, np.ones((30, 1)), short, 30, RIDGE)
    assert (Y[..., 0] == R).all()


def test_scan_finds_the_split_brute_force_finds():
    days, X, _, Y = looks(n=40, bands=3, seed=8)
    Y = Y[..., 0].copy()
    Y[:13] += np.array([0.0, 0.02, -0.03])
    R, ginv = np.zeros((40, 3)), np.zeros((5, 5))
    assert null_residuals(X, Y, 40, np.zeros(5), R, ginv)
    np.testing.assert_allclose(ginv, np.linalg.inv(X.T @ X), atol=1e-10)
    found, q = scan(X, R, 40, ginv, 3, 4, days)
    wilks = {}
    for k in range(3, 37):
        full = np.column_stack([X, np.arange(40) < k])
        E = Y - full @ np.linalg.lstsq(full, Y, rcond=None)[0]
        wilks[k] = np.linalg.det(E.T @ E) / np.linalg.det(R.T @ R)
    best = min(wilks, key=wilks.get)
    assert found == best == 13
    np.testing.assert_allclose(1 - q, wilks[best], rtol=1e-6)
