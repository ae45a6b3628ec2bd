import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from tests.support.optical import step

from gossan.core.dates import NO_DAY
from gossan.core.errors import GossanError
from gossan.core.params import MonitorParams
from gossan.core.sensor import flat
from gossan.core.values import Status
from gossan.kernels.track import KIND_AFTER_BREAK, KIND_AFTER_CHANGE
from gossan.monitor.fit import fit, predict, refit, refit_due, relearns_between
from gossan.monitor.state import disturbances, from_arrays, meta
from gossan.monitor.step import Calibration

BANDS = ("B02", "B03", "B04", "B08", "B11")
FOREST = np.array([0.03, 0.05, 0.04, 0.30, 0.15], np.float32)
SEASON = np.array([0.004, 0.01, 0.01, 0.09, 0.03], np.float32)
GROUND = np.array([0.07, 0.11, 0.15, 0.22, 0.30], np.float32)
P = MonitorParams()


def series(n=120, side=12, seed=1, clear=0.6, every=None):
    """Forest with a season, noise and gaps: values (time, bands, y, x), usable, days.

    With `every`, one look each so many days from look 80 on, all of them usable.
    """
    rng = np.random.default_rng(seed)
    days = (17000 + np.sort(rng.choice(n * 10, n, replace=False))).astype(np.int32)
    if every:
        days[80:] = days[79] + every * (1 + np.arange(n - 80))
    wave = np.cos(2 * np.pi * (days - 200) / 365.2425)[:, None]
    mean = FOREST + SEASON * wave
    noise = (
        rng.normal(size=(n, len(BANDS), side, side)) * 0.04
        + rng.normal(size=(n, 1, side, side)) * 0.02
    )
    values = (mean[:, :, None, None] * (1 + noise)).astype(np.float32)
    usable = rng.random((n, side, side)) < clear
    if every:
        usable[70:] = True
    return values, usable, days


def follow(values, usable, days, n_history, params=P):
    state = fit(values[:n_history], usable[:n_history], days[:n_history], params, BANDS)
    for i in range(n_history, len(days)):
        state = step(state, values[i], usable[i], int(days[i]), params)
    return state


def told(state):
    """What the state says, as anybody outside the monitor reads it."""
    return disturbances(state, GeoBox(state.shape, Affine(10, 0, 0, 0, -10, 0), "EPSG:32634"))


def ground(values, start, seed=5):
    rng = np.random.default_rng(seed)
    out = values.copy()
    out[start:] = GROUND[None, :, None, None] * (1 + 0.05 * rng.normal(size=out[start:].shape))
    return out


def neighbours(usable, days, start, y, x):
    """Last usable day before scene `start` and first one from it on."""
    seen = usable[:, y, x]
    return days[:start][seen[:start]][-1], days[start:][seen[start:]][0]


def test_a_clearing_while_monitoring_is_found_with_its_interval():
    values, usable, days = series()
    d = told(follow(ground(values, 90), usable, days, 70))
    assert (d.status == Status.CONFIRMED).mean() > 0.98
    for y, x in zip(*np.nonzero(d.status == Status.CONFIRMED), strict=True):
        last, first = neighbours(usable, days, 90, y, x)
        assert (d.last_unchanged[y, x], d.first_changed[y, x]) == (last, first)
        after = days[90:][usable[90:, y, x]]
        assert d.confirmed_on[y, x] in after[1:5]
    assert np.median(d.magnitude) > 5


def test_looks_close_together_weigh_less_than_looks_weeks_apart():
    confirmed = {}
    for apart in (2, 16):
        values, usable, days = series(side=6, every=apart)
        d = told(follow(ground(values, 80), usable, days, 70))
        confirmed[apart] = np.median((d.confirmed_on - days[80]) / apart)
    assert confirmed[2] > confirmed[16]


def test_a_clearing_inside_the_history_is_found_with_its_interval():
    values, usable, days = series()
    d = told(follow(ground(values, 30), usable, days, 80))
    found = d.status == Status.EARLY
    assert found.mean() > 0.95
    for y, x in zip(*np.nonzero(found), strict=True):
        last, first = neighbours(usable, days, 30, y, x)
        assert d.last_unchanged[y, x] <= last  # widened where an observation dates nothing
        assert d.first_changed[y, x] >= first
    exact = [
        d.first_changed[y, x] == neighbours(usable, days, 30, y, x)[1]
        for y, x in zip(*np.nonzero(found), strict=True)
    ]
    assert np.mean(exact) > 0.85


def test_after_a_break_in_the_history_the_model_describes_the_new_ground():
    values, usable, days = series(side=4)
    state = fit(ground(values, 30), usable, days, P, BANDS)
    y, x = np.argwhere(state.kind == KIND_AFTER_BREAK)[0]
    expected, noise = predict(state, y, x, days[-5:], P)
    assert np.abs(expected - GROUND).max() < 0.03
    assert (noise > 0).all()


def test_stable_ground_stays_quiet_and_exceeds_at_most_at_the_nominal_rate():
    values, usable, days = series(n=160, side=24)
    d = told(follow(values, usable, days, 80))
    assert (d.status == Status.STABLE).mean() > 0.995
    plain = replace(P, noise_floor=1e-4, noise_share=0, anomaly=0)
    state = fit(values[:80], usable[:80], days[:80], plain, BANDS)
    exceeded = total = 0
    for i in range(80, 160):
        after = step(state, values[i], usable[i], int(days[i]), plain)
        exceeded += ((after.dynamic.first == days[i]) & usable[i]).sum()
        total += usable[i].sum()
        state = after
    assert 0.001 < exceeded / total < plain.alpha


def test_slow_regrowth_in_the_history_is_no_break():
    values, usable, days = series(side=10)
    grow = np.linspace(0, 0.12, len(days), dtype=np.float32)
    values[:, 3] += grow[:, None, None]
    state = fit(values, usable, days, P, BANDS)
    assert (state.kind == KIND_AFTER_BREAK).mean() < 0.05


def test_too_few_observations_are_marked_not_guessed():
    values, usable, days = series(side=3)
    usable[:, 0, 0] = False
    usable[: P.min_observations - 1, 0, 0] = True
    usable[:, 1, 1] = False
    state = follow(values, usable, days, 80)
    d = told(state)
    assert d.status[0, 0] == d.status[1, 1] == Status.NO_MODEL
    assert d.last_seen[1, 1] == NO_DAY
    assert d.last_seen[0, 0] == days[P.min_observations - 2]
    assert np.isnan(predict(state, 0, 0, days[:2], P)[0]).all()
    assert d.status[2, 2] == Status.STABLE


def test_a_pixel_without_a_model_gets_one_when_it_has_been_seen_enough():
    values, usable, days = series(side=3)
    usable[:, 0, 0] = False
    usable[60:90, 0, 0] = True
    state = follow(values[:95], usable[:95], days[:95], 60)
    assert refit_due(state).sum() == 1
    after = refit(state, values[:95], usable[:95], days[:95], P)
    assert told(after).status[0, 0] == Status.STABLE
    assert told(after).n_history[0, 0] > 20
    assert (after.model.words[..., 1:, 1:] == state.model.words[..., 1:, 1:]).all()


@pytest.mark.parametrize("sign", ["cloud", "shadow"])
def test_two_looks_like_unmasked_cloud_or_shadow_confirm_nothing(sign):
    values, usable, days = series(side=6, every=12)
    for i in (80, 81):
        values[i] = 0.35 if sign == "cloud" else values[i] * 0.3
    d = told(follow(values, usable, days, 70))
    assert (d.confirmed_on == NO_DAY).all()
    assert (d.status == Status.STABLE).all()


def test_lasting_whiteness_is_a_change_all_the_same_but_takes_longer():
    values, usable, days = series(side=4, every=12)
    white = values.copy()
    white[80:] = 0.24
    d = told(follow(white, usable, days, 70))
    soil = told(follow(ground(values, 80), usable, days, 70))
    assert (d.status == Status.CONFIRMED).all()
    assert np.median(d.confirmed_on) > np.median(soil.confirmed_on)


def test_snow_the_mask_missed_is_no_change_however_long_it_lies():
    values, usable, days = series(side=4)
    usable[70:] = True
    values[80:100, :4] = 0.6
    values[80:100, 4] = 0.03
    d = told(follow(values, usable, days, 70))
    assert (d.confirmed_on == NO_DAY).all()


def test_one_strong_look_is_provisional_and_fits_take_it_back():
    values, usable, days = series(side=3)
    usable[70:] = True
    bare = ground(values, 80)
    state = follow(bare[:81], usable[:81], days[:81], 70)
    d = told(state)
    assert (d.status == Status.PROVISIONAL).all()
    assert (d.first_changed == days[80]).all()
    assert (d.last_unchanged == days[79]).all()
    assert (d.magnitude > 1).all()
    for i in (81, 82):
        state = step(state, values[i], usable[i], int(days[i]), P)
    d = told(state)
    assert (d.status == Status.STABLE).all()
    assert (d.first_changed == NO_DAY).all()
    assert (d.magnitude == 0).all()


def test_a_change_that_goes_back_is_recovered_and_the_next_one_replaces_it():
    values, usable, days = series(n=160, side=3, every=10)
    v = values.copy()
    v[80:90] = ground(values, 0)[80:90]
    halfway = told(follow(v[:105], usable[:105], days[:105], 70))
    assert (halfway.status == Status.CONFIRMED).all()  # 150 days could be one leafless season
    d = told(follow(v[:130], usable[:130], days[:130], 70))
    assert (d.status == Status.RECOVERED).all()
    assert (d.first_changed == days[80]).all()
    assert (d.recovered_on == days[90]).mean() > 0.8
    v[140:] = ground(values, 0)[140:]
    d = told(follow(v, usable, days, 70))
    assert (d.status == Status.CONFIRMED).all()
    assert (d.first_changed == days[140]).all()
    assert (d.recovered_on == NO_DAY).all()
    assert (d.changes == 2).all()


def learned_anew(values, usable, days, n_history, params=P):
    """As `run` does it: changed ground is learned anew on fixed days."""
    n = n_history
    state = fit(values[:n], usable[:n], days[:n], params, BANDS)
    for i in range(n, len(days)):
        if relearns_between(int(days[i - 1]), int(days[i]), params):
            state = refit(state, values[:i], usable[:i], days[:i], params)
        state = step(state, values[i], usable[i], int(days[i]), params)
    return state


def test_changed_ground_is_learned_anew_and_a_second_change_is_found():
    values, usable, days = series(n=200, side=4, every=10)
    v = ground(values, 80)
    lake = np.array([0.06, 0.08, 0.05, 0.02, 0.01], np.float32)
    v[150:] = lake[:, None, None] * (values[150:] / values[150:].mean((2, 3), keepdims=True))
    state = learned_anew(v, usable, days, 70)
    d = told(state)
    assert (d.status == Status.CONFIRMED).all()
    assert (d.first_changed == days[80]).all()
    assert (d.changed_again == days[150]).mean() > 0.8
    assert (d.changes == 2).all()
    without = told(follow(v, usable, days, 70))
    assert (without.changes == 1).all()


def test_ground_that_greens_again_has_recovered_and_did_not_change_twice():
    values, usable, days = series(n=200, side=4, every=10)
    v = ground(values, 80)
    half = FOREST * 0.75 + GROUND * 0.25
    v[150:] = half[:, None, None] * (values[150:] / values[150:].mean((2, 3), keepdims=True))
    state = learned_anew(v[:170], usable[:170], days[:170], 70)
    assert (state.events.changes == 1).all()
    assert (state.events.recovered == days[150]).mean() > 0.8
    assert (state.events.again_first == 0).all()


def test_a_model_of_changed_ground_describes_it():
    values, usable, days = series(n=160, side=4)
    usable[70:] = True
    state = learned_anew(ground(values, 80), usable, days, 70)
    assert (state.kind == KIND_AFTER_CHANGE).all()
    expected, _ = predict(state, 1, 1, days[-5:], P)
    assert np.abs(expected - GROUND).max() < 0.04


def test_a_change_begun_at_the_end_of_the_history_is_not_lost():
    values, usable, days = series(side=4)
    usable[60:] = True
    d = told(follow(ground(values, 78), usable, days, 80))
    assert (d.status == Status.CONFIRMED).all()
    assert (d.first_changed == days[78]).all()


def test_raw_numbers_with_a_calibration_are_the_reflectance_they_stand_for():
    values, usable, days = series(side=6)
    state = fit(values[:70], usable[:70], days[:70], P, BANDS)
    raw = np.round(values[70] * 10000 + 1000).astype(np.uint16)
    one = np.ones(5, np.float32)
    cal = Calibration(one * np.float32(1e-4), one * np.float32(-0.1), one * 0)
    a = step(state, raw, usable[70], int(days[70]), P, cal)
    b = step(state, (raw * 1e-4 - 0.1).astype(np.float32), usable[70], int(days[70]), P)
    assert (a.dynamic.phase == b.dynamic.phase).all()
    assert (a.dynamic.fitted == b.dynamic.fitted).all()


def test_what_a_whole_scene_is_off_by_is_taken_off():
    values, usable, days = series(side=6)
    usable[70:] = True
    off = np.array([0.03, 0.03, 0.03, 0.02, 0.01], np.float32)
    hazy = values.copy()
    hazy[80:] += off[:, None, None]
    state = fit(values[:70], usable[:70], days[:70], P, BANDS)
    blind = sighted = state
    for i in range(70, 90):
        shift = off if i >= 80 else off * 0
        told_ = Calibration.reflectance(5, shift)
        sighted = step(sighted, hazy[i], usable[i], int(days[i]), P, told_)
        blind = step(blind, hazy[i], usable[i], int(days[i]), P)
    assert (told(sighted).status == Status.STABLE).all()
    assert (told(blind).status != Status.STABLE).any()


def test_repeated_and_earlier_scenes_are_refused():
    values, usable, days = series(side=3)
    usable[70:] = True
    state = follow(values[:80], usable[:80], days[:80], 70)
    for day in (days[79], days[78]):
        with pytest.raises(GossanError, match="after one of"):
            step(state, values[79], usable[79], int(day), P)


def test_wrong_shapes_and_days_are_named():
    values, usable, days = series(side=3)
    with pytest.raises(GossanError, match="shape"):
        fit(values, usable[:, :2], days, P, BANDS)
    with pytest.raises(GossanError, match="ascending"):
        fit(values, usable, days[::-1].copy(), P, BANDS)
    state = fit(values[:70], usable[:70], days[:70], P, BANDS)
    with pytest.raises(GossanError, match="B02, B03"):
        step(state, values[70, :3], usable[70], int(days[70]), P)


def test_parameters_that_cannot_work_are_named():
    with pytest.raises(GossanError, match="alpha in"):
        MonitorParams(alpha=0.9)
    with pytest.raises(GossanError, match="confirm_evidence"):
        MonitorParams(provisional_evidence=5, confirm_evidence=4)


def test_a_state_that_is_incomplete_or_newer_is_refused():
    values, usable, days = series(side=2)
    state = fit(values, usable, days, P, BANDS)
    arrays = flat(state)
    with pytest.raises(GossanError, match="schema version 9"):
        from_arrays(arrays, meta(state) | {"schema_version": 9})
    with pytest.raises(GossanError, match=r"version 1; .*reads 2"):
        from_arrays(arrays, meta(state) | {"schema_version": 1})
    del arrays["phase"]
    with pytest.raises(GossanError, match="lacks phase"):
        from_arrays(arrays, meta(state))


def test_disturbances_carry_the_state_on_the_grid():
    values, usable, days = series(side=4)
    state = follow(ground(values, 90), usable, days, 70)
    grid = GeoBox.from_bbox((0, 0, 40, 40), "EPSG:32634", resolution=10)
    d = disturbances(state, grid)
    assert d.grid is grid
    assert (d.first_changed == state.events.first).all()
    assert d.n_history.dtype == np.int16
    assert (d.n_history <= usable[:70].sum(axis=0)).all()


def test_a_step_inside_the_history_is_reported_early_and_never_confirmed():
    values, usable, days = series(side=4)
    state = fit(ground(values, 30), usable, days, P, BANDS)
    grid = GeoBox((state.shape), Affine(10, 0, 0, 0, -10, 0), "EPSG:32634")
    d = disturbances(state, grid)
    stepped = state.kind == KIND_AFTER_BREAK
    assert stepped.any()
    assert (d.status[stepped] == Status.EARLY).all()
    assert (d.confirmed_on[stepped] == NO_DAY).all()
    assert (d.first_changed[stepped] != NO_DAY).all()


SCRIPT = """
import sys, numpy as np
sys.path.insert(0, sys.argv[1])
import test_monitor as t
v, u, d = t.series(n=60, side=3)
v = np.concatenate([t.ground(v[..., :1], 20), t.ground(v[..., 1:2], 45), v[..., 2:]], axis=3)
state = t.follow(v, u, d, 40, t.MonitorParams(min_observations=10))
np.savez(sys.argv[2], **t.flat(state))
"""


def test_kernels_give_the_same_with_the_jit_off(tmp_path):
    outs = []
    for off in ("0", "1"):
        out = tmp_path / f"{off}.npz"
        env = os.environ | {"NUMBA_DISABLE_JIT": off}
        here = str(Path(__file__).parent)
        subprocess.run([sys.executable, "-c", SCRIPT, here, str(out)], check=True, env=env)
        outs.append(np.load(out))
    compiled, plain = outs
    assert set(np.unique(compiled["words"][6] >> 30)) >= {1, 2}
    assert (compiled["event_confirmed"] > 0).any()
    for name in compiled.files:
        np.testing.assert_array_equal(compiled[name], plain[name], err_msg=name)
