"""Geometry, blur and arithmetic of implanted ground, and the spectra it is made of."""

import math

import numpy as np
import pytest

from gossan.core.values import BANDS
from gossan.cube.inject import (
    FINE,
    MTF,
    NATIVE_M,
    Shape,
    expected_on,
    ground_cover,
    injected,
    pixel_cover,
    reach,
    season_of,
    seen_cover,
)
from gossan.cube.spectra import LIBRARY, always_bare, own_spectrum

CIRCLE = Shape(np.zeros(4), np.zeros(4), (0.0, 0.0), (0, 0))
SQUARE = (10.0, 10.0)
OBLONG = (10.0, 7.1)


@pytest.mark.parametrize("area_m2", [40.0, 100.0, 333.3, 1600.0, 12800.0])
@pytest.mark.parametrize("pixel_m", [SQUARE, OBLONG])
def test_area_is_exact_whatever_the_shape(area_m2: float, pixel_m: tuple[float, float]) -> None:
    for seed in range(5):
        fine = ground_cover(area_m2, Shape.drawn(np.random.default_rng(seed)), pixel_m)
        assert 0 <= fine.min() <= fine.max() <= 1
        cell = pixel_m[0] * pixel_m[1] / FINE**2
        assert fine.sum() * cell == pytest.approx(area_m2, rel=1e-9)
        assert pixel_cover(fine).sum() * pixel_m[0] * pixel_m[1] == pytest.approx(area_m2)


def test_a_patch_is_whole_inside_and_cut_at_the_rim_only() -> None:
    area = 12800.0
    cover = pixel_cover(ground_cover(area, CIRCLE, SQUARE))
    middle = (cover.shape[0] - 1) / 2
    y, x = np.indices(cover.shape)
    away = np.hypot(y - middle, x - middle) * 10
    radius = math.sqrt(area / math.pi)
    assert (cover[away < radius - 8] == 1).all()
    assert (cover[away > radius + 8] == 0).all()
    rim = (cover > 0) & (cover < 1)
    assert rim.sum() > 2 * math.pi * radius / 10 * 0.8


def test_shapes_differ_and_stay_within_their_reach() -> None:
    drawn = [Shape.drawn(np.random.default_rng(i)) for i in range(30)]
    radius, half = reach(6400.0, SQUARE)
    covers = [ground_cover(6400.0, shape, SQUARE) for shape in drawn]
    assert len({c.tobytes() for c in covers}) == 30
    for shape, cover in zip(drawn, covers, strict=True):
        assert cover.shape == ((2 * half[0] + 1) * FINE, (2 * half[1] + 1) * FINE)
        y, x = np.nonzero(cover)
        centre = np.array(cover.shape) / 2 + np.array(shape.offset) * FINE
        away = np.hypot(y + 0.5 - centre[0], x + 0.5 - centre[1]) * 10 / FINE
        assert away.max() <= radius + 10 / FINE


@pytest.mark.parametrize("band", sorted(MTF))
def test_blur_keeps_the_light_and_repeats_coarse_pixels(band: str) -> None:
    shape = Shape.drawn(np.random.default_rng(3))
    fine = ground_cover(1600.0, shape, SQUARE)
    seen = seen_cover(fine, band, SQUARE, shape.parity)
    assert seen.shape == pixel_cover(fine).shape
    assert seen.sum() * 100 == pytest.approx(1600.0, rel=0.01)
    if NATIVE_M[band] == 20:
        r, c = shape.parity
        even = seen[r:, c:][: (len(seen) - r) // 2 * 2, : (len(seen[0]) - c) // 2 * 2]
        assert np.array_equal(even[::2, ::2], even[1::2, 1::2])
        assert not np.array_equal(seen[:-1], seen[1:])


def test_coarse_bands_blur_more() -> None:
    fine = ground_cover(400.0, CIRCLE, SQUARE)
    peak = {band: seen_cover(fine, band, SQUARE, (0, 0)).max() for band in MTF}
    assert max(peak[b] for b in MTF if NATIVE_M[b] == 20) < min(
        peak[b] for b in MTF if NATIVE_M[b] == 10
    )


@pytest.mark.parametrize("band", sorted(MTF))
def test_transfer_at_nyquist_is_the_measured_one(band: str) -> None:
    """Stripes of half the sampling frequency keep just the stated share of their contrast."""
    n, native = 63, NATIVE_M[band]
    x = (np.arange(n * FINE) + 0.5) * 10 / FINE
    stripes = np.broadcast_to(
        0.5 + 0.5 * np.cos(math.pi * (x - native / 2) / native), (n * FINE,) * 2
    )
    seen = seen_cover(np.array(stripes), band, SQUARE, (0, 0))[n // 2, 10:-11]
    assert (seen.max() - seen.min()) / 1.0 == pytest.approx(MTF[band], rel=0.04)


def test_full_cover_of_quiet_ground_is_the_bare_spectrum() -> None:
    own = np.array([[0.03, 0.04], [0.3, 0.33]], np.float32)
    bare = np.array([[0.2], [0.25]])
    shown = injected(own, own.astype(float), bare, np.ones((2, 2)))
    assert shown == pytest.approx(np.broadcast_to(bare, (2, 2)), abs=1e-6)


def test_partial_cover_mixes_and_noise_stays_in_full() -> None:
    expected = np.array([[0.05], [0.30]])
    own = (expected + np.array([[0.02], [-0.03]])).astype(np.float32)
    bare = np.array([[0.2], [0.28]])
    for share in (0.0, 0.35, 1.0):
        shown = injected(own, expected, bare, np.full((2, 1), share))
        mixed = (1 - share) * expected + share * bare
        assert shown - mixed == pytest.approx(own - expected, abs=1e-6)
    assert np.array_equal(injected(own, expected, bare, np.zeros((2, 1))), own)


def test_implants_stay_physical_and_gaps_stay_gaps() -> None:
    own = np.array([[0.01, -0.002, np.nan]], np.float32)
    expected = np.array([[0.3, 0.3, 0.3]])
    shown = injected(own, expected, np.array([[0.1]]), np.ones((1, 3)))
    assert shown[0, 0] == 0
    assert shown[0, 1] == own[0, 1]
    assert np.isnan(shown[0, 2])


def test_the_season_is_found_through_gaps_and_cloud() -> None:
    rng = np.random.default_rng(5)
    days = (17000 + np.sort(rng.choice(1500, 120, replace=False))).astype(np.int32)
    wave = np.cos(2 * np.pi * days / 365.2425)
    truth = np.stack([0.05 + 0.01 * wave, 0.3 + 0.1 * wave], axis=1)[:, :, None] * np.ones(4)
    values = truth + rng.normal(0, 0.004, truth.shape)
    cloudy = rng.random((120, 4)) < 0.05
    values = np.where(cloudy[:, None], 0.5, values).astype(np.float32)
    usable = rng.random((120, 4)) < 0.7
    values[~usable[:, None].repeat(2, axis=1)] = np.nan
    usable[:, 3] = False
    coef = season_of(values, usable, days)
    for day in (17100, 17300, 17700):
        wave = np.cos(2 * np.pi * day / 365.2425)
        course = expected_on(coef, day)
        assert course[0, :3] == pytest.approx(0.05 + 0.01 * wave, abs=0.01)
        assert course[1, :3] == pytest.approx(0.3 + 0.1 * wave, abs=0.02)
    assert np.isfinite(coef).all()


def test_the_library_covers_every_band_and_runs_from_bright_to_dark() -> None:
    assert len({s.name for s in LIBRARY}) == len(LIBRARY)
    for spectrum in LIBRARY:
        assert tuple(b for b, _ in spectrum.values) == BANDS
        assert all(0 < v < 0.6 for _, v in spectrum.values)
        assert "10.3133/ds1035" in spectrum.source
    bright = [dict(s.values)["B08"] for s in LIBRARY]
    assert bright == sorted(bright, reverse=True)


def test_bare_ground_is_told_from_water_grass_and_fields() -> None:
    bands = ("B04", "B08")
    t = np.arange(40)
    rock = np.stack([np.full(40, 0.2), np.full(40, 0.24)], 1)
    water = np.stack([np.full(40, 0.03), np.full(40, 0.01)], 1)
    grass = np.stack([np.full(40, 0.05), np.full(40, 0.3)], 1)
    field = np.where((t % 20 < 10)[:, None], grass, rock)
    values = np.stack([rock, water, grass, field], axis=2)[:, :, None].astype(np.float32)
    usable = np.ones((40, 1, 4), bool)
    assert always_bare(values, usable, bands).tolist() == [[True, False, False, False]]
    usable[11:] = False
    assert not always_bare(values, usable, bands).any()
    assert not always_bare(values[:, :1], usable, ("B04",)).any()


def test_own_spectrum_needs_enough_pixels_and_ignores_other_looks() -> None:
    values = np.full((6, 2, 10), 0.9, np.float32)
    looks = np.zeros((6, 10), bool)
    looks[2:5] = True
    values[2:5, 0], values[2:5, 1] = 0.1, 0.25
    found = own_spectrum(values, looks, ("B04", "B08"), "own", "ours", "from {n} pixels")
    assert found is not None
    assert dict(found.values) == pytest.approx({"B04": 0.1, "B08": 0.25})
    assert found.source == "from 10 pixels"
    looks[:, 0] = False
    assert own_spectrum(values, looks, ("B04", "B08"), "own", "ours", "") is None
