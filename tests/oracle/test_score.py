"""The score of a scene, and the packing of models, against plain numpy in double precision."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gossan.core.params import MonitorParams
from gossan.core.values import BANDS
from gossan.kernels import pack
from gossan.kernels.harmonic import basis
from gossan.kernels.scene_shift import median_residual
from gossan.kernels.score import CLOUDY, GROUND, SCRATCH, SNOWY, score_strip
from gossan.kernels.track import size_code, size_of
from gossan.monitor.tables import ANOMALY, CORRELATION, band_tables, followed, scene_terms

P = MonitorParams()
FIVE = ("B02", "B04", "B08", "B11", "B12")


def models(bands, nx, seed=0):
    """Random models of a row of pixels: words, trust and, as unpacked, coef (x, 5, bands), sd."""
    rng = np.random.default_rng(seed)
    k, nb = band_tables(bands, P), len(bands)
    words, trust = np.zeros((pack.WORDS, 1, nx), np.uint32), np.zeros((1, nx), np.uint16)
    coef, sd = np.zeros((nx, 5, nb)), np.zeros((nx, nb))
    for x in range(nx):
        c = np.vstack([rng.uniform(0.02, 0.5, nb), rng.normal(0, 0.03, (4, nb))])
        pack.pack_mean(c, words, 0, x)
        pack.pack_season(c, k.gain, 1, words, 0, x)
        pack.pack_season(c, k.gain, 3, words, 0, x)
        pack.pack_noise(rng.uniform(0.004, 0.05, nb), 1, words, 0, x)
        trust[0, x] = pack.pack_trust(rng.uniform(0.1, 1, 4))
        assert pack.unpack(words, k.gain, 0, x, coef[x], sd[x]) == 1
    return words, trust, coef, sd


def expected_d2(bands, coef, sd, trust, values, day, shift, anomaly=P.anomaly):
    """D2 by a full covariance, its inverse and no trick."""
    c = np.eye(len(bands))
    for i, a in enumerate(bands):
        for j, b in enumerate(bands[:i]):
            c[i, j] = c[j, i] = CORRELATION[(b, a)]
    out = []
    season = day / 365.2425 % 1 * 4
    q, part = int(season), season % 1
    for x in range(len(coef)):
        pred = basis(np.array([day], np.int32), 2)[0] @ coef[x]
        cov = c * np.outer(sd[x], sd[x])
        for n in range(2):
            u = np.array([anomaly * ANOMALY[b][n] for b in bands]) * np.maximum(pred, 0.01)
            cov += np.outer(u, u)
        r = values[:, 0, x] - shift - pred
        share = [(((int(trust[0, x]) >> (4 * (i % 4))) & 15) + 1) / 16 for i in (q, q + 1)]
        out.append(r @ np.linalg.solve(cov, r) * (share[0] * (1 - part) + share[1] * part))
    return np.array(out)


def scored(bands, words, trust, values, day, shift):
    nb, _, nx = values.shape
    one, zero = np.ones(nb, np.float32), np.zeros(nb, np.float32)
    t = scene_terms(day, 2, one, zero, shift.astype(np.float32))
    d2, looks = np.zeros(nx, np.float32), np.zeros(nx, np.uint8)
    scratch = np.zeros(SCRATCH, np.float32)
    k = band_tables(bands, P)
    score_strip(values, words, trust, t, k, 0, 0, nx, scratch, d2, looks)
    return d2, looks


def test_d2_is_the_mahalanobis_distance_under_noise_and_anomaly():
    for bands in (FIVE, ("B02", "B03", "B04", "B08", "B11"), ("B04", "B8A", "B11")):
        rng = np.random.default_rng(len(bands))
        words, trust, coef, sd = models(bands, 40)
        values = rng.uniform(0, 0.5, (len(bands), 1, 40)).astype(np.float32)
        shift = rng.normal(0, 0.01, len(bands))
        for day in (17000, 17091, 17333):
            d2, _ = scored(bands, words, trust, values, day, shift)
            expected = expected_d2(bands, coef, sd, trust, values, day, shift)
            np.testing.assert_allclose(d2, expected, rtol=2e-3)


def test_a_dry_year_counts_less_than_as_large_a_change_of_another_kind():
    words, trust, coef, sd = models(FIVE, 30)
    day = 17000
    pred = (basis(np.array([day], np.int32), 2)[0] @ coef).T.astype(np.float32)
    leafless = np.array([ANOMALY[b][0] for b in FIVE], np.float32)[:, None] * np.maximum(pred, 0.01)
    left = {}
    for name, move in (("dry", leafless), ("dug", np.abs(leafless))):
        values = (pred + 0.3 * move)[:, None]
        d2, _ = scored(FIVE, words, trust, values, day, np.zeros(5))
        plain = expected_d2(FIVE, coef, sd, trust, values, day, np.zeros(5), anomaly=0.0)
        left[name] = np.median(d2 / plain)
    assert left["dry"] < 0.6 * left["dug"]


def test_what_a_deviation_looks_like():
    words, trust, coef, _ = models(FIVE, 6)
    pred = (basis(np.array([17000], np.int32), 2)[0] @ coef).T
    moves = {
        "soil": ([0.05, 0.1, -0.05, 0.1, 0.1], GROUND),
        "cloud": ([0.2, 0.2, 0.2, 0.1, 0.05], CLOUDY),
        "thin cloud over red soil": ([0.05, 0.07, 0.05, 0.02, 0.01], CLOUDY),
        "shadow": ([-0.02, -0.03, -0.1, -0.1, -0.05], CLOUDY),
        "bright soil": ([0.1, 0.15, 0.1, 0.2, 0.2], GROUND),
    }
    for move, look in moves.values():
        values = (pred + np.array(move)[:, None]).astype(np.float32)[:, None]
        assert (scored(FIVE, words, trust, values, 17000, np.zeros(5))[1] == look).all()
    snow = np.repeat(np.array([0.7, 0.7, 0.6, -0.3, -0.3], np.float32)[:, None, None], 6, axis=2)
    assert (scored(FIVE, words, trust, snow, 17000, np.zeros(5))[1] == SNOWY).all()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.19))
def test_packing_costs_less_than_the_noise_floor(seed, amplitude):
    rng = np.random.default_rng(seed)
    k = band_tables(FIVE, P)
    words = np.zeros((pack.WORDS, 1, 1), np.uint32)
    c = np.vstack([rng.uniform(0, 1, 5), rng.uniform(-amplitude, amplitude, (4, 5))])
    sd = rng.uniform(0.003, 0.3, 5)
    pack.pack_mean(c, words, 0, 0)
    pack.pack_season(c, k.gain, 1, words, 0, 0)
    pack.pack_season(c, k.gain, 3, words, 0, 0)
    pack.pack_noise(sd, 2, words, 0, 0)
    back, noise = np.zeros((5, 5)), np.zeros(5)
    assert pack.unpack(words, k.gain, 0, 0, back, noise) == 2
    assert np.abs(back[0] - c[0]).max() < 0.00015
    largest = np.abs(c[1:]).max()
    assert np.abs(back[1:] - c[1:]).max() <= max(1.5 * largest / 31, 2e-4)
    np.testing.assert_allclose(noise, sd, rtol=0.07)


def test_trust_is_never_rounded_up():
    for share in np.linspace(0.07, 1, 50):
        code = pack.pack_trust(np.full(4, share))
        assert ((code & 15) + 1) / 16 <= share + 1e-12


def test_sizes_survive_their_code():
    assert 1 <= size_of(size_code(0.3)) < 1.07
    for size in (1.1, 2.7, 13.0, 400.0, 20000.0):
        assert 0.93 <= size_of(size_code(size)) / size <= 1.0
    assert size_of(0) == 0


def test_the_shift_of_a_scene_is_the_median_residual_of_its_witnesses():
    words, _, coef, _ = models(FIVE, 300)
    rng = np.random.default_rng(3)
    pred = (basis(np.array([17100], np.int32), 2)[0] @ coef).T
    values = (pred + rng.normal(0.02, 0.01, pred.shape)).astype(np.float32)[:, None]
    witness = rng.random((1, 300)) < 0.5
    one, zero = np.ones(5, np.float32), np.zeros(5, np.float32)
    shift, level = np.zeros(5), np.zeros(5)
    t = scene_terms(17100, 2, one, zero, zero)
    k = band_tables(FIVE, P)
    assert median_residual(values, words, witness, t, k, shift, level) == witness.sum()
    off = np.sort((values[:, 0] - pred)[:, witness[0]], axis=1)
    np.testing.assert_allclose(shift, off[:, witness.sum() // 2], atol=1e-6)
    assert median_residual(values, words, witness & False, t, k, shift, level) == 0
    assert (shift == 0).all()


def test_every_pair_of_bands_has_a_correlation_that_makes_a_covariance():
    for drop in BANDS:
        five = followed(tuple(b for b in BANDS if b != drop))
        assert np.isfinite(band_tables(five, P).white).all()
    assert followed(("B02", "B03", "B04", "B08", "B8A", "B11")) == (
        "B02",
        "B04",
        "B08",
        "B8A",
        "B11",
    )
