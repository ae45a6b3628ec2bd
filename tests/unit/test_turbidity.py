"""Turbidity by published formulas, glint taken off, calibration, reaches and their ratios."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from gossan.core.measured import Reading
from gossan.observables.water.calibrate import Match, calibrate
from gossan.observables.water.river import (
    Sampled,
    change_of_ratio,
    pure_water,
    ratio,
    reading,
    sample,
    sampled_water,
)
from gossan.observables.water.turbidity import (
    FORMULAS,
    Formula,
    formula_for,
    method,
    turbidity,
    turbidity_of_scene,
)
from gossan.observables.water.water_mask import Cover, Numbers

DAY = date(2021, 8, 15)


def test_formulas_give_the_published_numbers() -> None:
    red = {"B04": np.array([0.02, 0.1, 0.1956, 0.3, -0.005, -0.05, np.nan])}
    got = turbidity(red, Formula.NECHAD_RED)
    assert got[:2] == pytest.approx([366.14 * 0.02 / (1 - 0.02 / 0.19563), 74.916], rel=1e-3)
    assert got[2] > 1e5
    assert np.isnan(got[[3, 5, 6]]).all()
    assert got[4] == 0


def test_the_blend_goes_from_red_to_nir_without_a_step() -> None:
    red, nir = np.array([0.04, 0.05, 0.06, 0.07, 0.1, 0.3]), np.full(6, 0.03)
    got = turbidity({"B04": red, "B8A": nir}, Formula.DOGLIOTTI)
    by_red = 228.1 * red / (1 - red / 0.1641)
    by_nir = 3078.9 * 0.03 / (1 - 0.03 / 0.2112)
    assert got[:2] == pytest.approx(by_red[:2])
    assert got[2] == pytest.approx((by_red[2] + by_nir) / 2)
    assert got[3:] == pytest.approx(by_nir)  # red is out of its domain at 0.3, but not used


def test_glint_is_taken_off_and_too_much_of_it_refused() -> None:
    clean = {"B04": np.array([0.03, 0.03]), "B8A": np.array([0.01, 0.01])}
    glint = np.array([0.05, 0.15])
    with_glint = {b: v + glint for b, v in clean.items()} | {"B11": glint}
    got = turbidity(with_glint, Formula.DOGLIOTTI)
    assert got[0] == pytest.approx(turbidity(clean, Formula.DOGLIOTTI)[0])
    assert np.isnan(got[1])
    assert turbidity(with_glint, Formula.DOGLIOTTI, glint=False)[0] > 5 * got[0]


@pytest.mark.parametrize("formula", list(FORMULAS))
def test_a_whole_scene_equals_pixel_by_pixel(formula: Formula) -> None:
    bands = ("B04", "B05", "B8A", "B11")
    rng = np.random.default_rng(1)
    dn = rng.integers(900, 4000, (4, 20, 30)).astype(np.uint16)
    dn[3] = rng.integers(1000, 2300, (20, 30))
    scale, offset = np.full(4, 1e-4, np.float32), np.full(4, -0.1, np.float32)
    cover = rng.integers(0, 5, (20, 30)).astype(np.uint8)
    got = turbidity_of_scene(dn, Numbers(bands, scale, offset), cover, formula)
    rho = {b: dn[i] * scale[i] + offset[i] for i, b in enumerate(bands)}
    wet = (cover == Cover.WATER) | (cover == Cover.DIM)
    want = np.where(wet, turbidity(rho, formula), np.nan)
    near = np.isclose(got, want, rtol=1e-3, equal_nan=True)
    assert near.mean() > 0.995  # a float32 lies on the other side of a bound now and then
    assert np.isfinite(got).sum() > 30


def test_the_method_says_whether_glint_could_be_seen() -> None:
    assert formula_for(("B02", "B04", "B8A")) is Formula.DOGLIOTTI
    assert formula_for(("B02", "B04", "B08")) is Formula.NECHAD_RED
    assert formula_for(("B02", "B08")) is None
    assert method(Formula.NECHAD_RED, ("B04", "B11")) == "water.turbidity.nechad-red.swir.v1"
    assert "no-glint" in method(Formula.NECHAD_RED, ("B04",))


def matches(factor: float, sd: float, seed: int = 0) -> list[Match]:
    rng = np.random.default_rng(seed)
    out = []
    for i in range(5):
        day = DAY + timedelta(30 * i)
        for _ in range(10):
            truth = float(np.exp(rng.normal(3, 1)))
            out.append(Match(day, truth, truth / factor * float(np.exp(rng.normal(0, sd)))))
    return out


def test_calibration_finds_the_factor_and_tells_its_error_on_other_dates() -> None:
    found = calibrate(matches(2.5, 0.2))
    assert found is not None
    assert found.factor == pytest.approx(2.5, rel=0.1)
    assert found.before.bias == pytest.approx(-0.6, abs=0.05)
    assert abs(found.left_out.bias) < 0.1
    assert found.left_out.log_sd == pytest.approx(0.2, rel=0.3)
    assert found.left_out.rank > 0.9


def test_a_date_unlike_the_others_shows_in_the_error_left_out() -> None:
    """Had the date itself been used, its error would have vanished."""
    odd = [Match(m.day, m.sampled, m.seen * (3 if m.day == DAY else 1)) for m in matches(1, 0.01)]
    few = [m for m in odd if m.day <= DAY + timedelta(30)]
    found = calibrate(few)
    assert found is not None
    assert found.left_out.error > 0.5
    assert calibrate([m for m in odd if m.day == DAY]) is None


def river(width: int) -> np.ndarray:
    cover = np.full((40, 60), Cover.LAND, np.uint8)
    cover[20 : 20 + width] = Cover.WATER
    return cover


def test_a_reach_narrower_than_three_pure_pixels_is_not_observable() -> None:
    assert not pure_water(river(4)).any()
    assert pure_water(river(5)).sum() == 3 * 58
    turbid = np.full((40, 60), 30, np.float32)
    got = reading(DAY, "s", sample(turbid, pure_water(river(4))), 0.25, "Too narrow.")
    assert got.value is None
    assert got.why_not == "Too narrow."


def test_pixels_beside_the_shore_are_left_out_where_there_are_enough_others() -> None:
    """Land lights the SWIR there, and what is taken off for glint is too much."""
    everywhere = np.ones((40, 60), bool)
    wide, narrow = sampled_water(river(13), everywhere), sampled_water(river(6), everywhere)
    assert sorted(set(np.nonzero(wide)[0])) == list(range(23, 30))  # 3 rows on each side left out
    assert (narrow == pure_water(river(6))).all()
    corner = np.zeros((40, 60), bool)
    corner[20:22] = True  # a reach that takes in the shore only
    assert (sampled_water(river(13), corner) == (pure_water(river(13)) & corner)).all()


def field(level: float, seed: int, pixels: int = 400) -> Sampled:
    rng = np.random.default_rng(seed)
    patches = np.arange(pixels) // 40
    patchy = rng.normal(0, 0.1, pixels // 40)[patches]
    return Sampled(level * np.exp(patchy + rng.normal(0, 0.1, pixels)), patches)


def test_the_interval_holds_what_patches_and_the_scene_may_be_off_by() -> None:
    """The scene's own error of a quarter is common to both reaches and falls out of the ratio."""
    rng, held, ratios = np.random.default_rng(3), 0, 0
    for seed in range(60):
        scene = float(np.exp(rng.normal(0, 0.25)))
        up, down = field(20 * scene, seed), field(60 * scene, seed + 1000)
        got, of_two = reading(DAY, "", up, 0.25, ""), ratio(DAY, "", down, up, "")
        held += got.low <= 20 <= got.high
        ratios += of_two.low <= 3 <= of_two.high
        assert of_two.high / of_two.low < 1.6 < got.high / got.low
    assert held >= 53
    assert ratios >= 52


def series(before: float, after: float, n: int, seed: int) -> list[Reading]:
    rng = np.random.default_rng(seed)
    out, state = [], 0.0
    for i in range(2 * n):
        state = 0.4 * state + float(rng.normal(0, 0.15))  # a river remembers
        v = (before if i < n else after) * float(np.exp(state))
        out.append(Reading(DAY + timedelta(5 * i), f"s{i}", v, v / 1.2, v * 1.2, 50))
    return out


def test_a_change_of_ratio_lies_in_its_interval_and_none_is_found_where_none_is() -> None:
    split, held, false = DAY + timedelta(5 * 15), 0, 0
    for seed in range(80):
        changed = change_of_ratio(series(0.8, 2.0, 15, seed), split)
        same = change_of_ratio(series(0.8, 0.8, 15, seed), split)
        assert changed is not None
        assert same is not None
        held += changed.low <= 2.5 <= changed.high
        false += not same.low <= 1 <= same.high
        assert changed.low > 1
    assert held >= 71, held  # 95 % of 80 is 76
    assert false <= 9, false
    assert change_of_ratio(series(1, 2, 2, 0), DAY + timedelta(10)) is None


def test_the_same_dates_give_the_same_interval() -> None:
    split = DAY + timedelta(50)
    assert change_of_ratio(series(1, 2, 10, 4), split) == change_of_ratio(
        series(1, 2, 10, 4), split
    )
