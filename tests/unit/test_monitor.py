import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from gossan.core.dates import NO_DAY
from gossan.core.errors import GossanError
from gossan.core.values import Status
from gossan.kernels import track
from gossan.monitor.fit import fit, predict
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import disturbances, from_arrays, meta, to_arrays
from gossan.monitor.step import step

BANDS = ("B02", "B03", "B04", "B08", "B11")
FOREST = np.array([0.03, 0.05, 0.04, 0.30, 0.15], np.float32)
SEASON = np.array([0.004, 0.01, 0.01, 0.09, 0.03], np.float32)
GROUND = np.array([0.07, 0.11, 0.15, 0.22, 0.30], np.float32)
P = MonitorParams()


def series(n=120, side=12, seed=1, clear=0.6, first=17000):
    """Forest with a season, noise and gaps: values (time, bands, y, x), usable, days."""
    rng = np.random.default_rng(seed)
    days = (first + np.sort(rng.choice(n * 10, n, replace=False))).astype(np.int32)
    wave = np.cos(2 * np.pi * (days - 200) / 365.2425)[:, None]
    mean = FOREST + SEASON * wave
    noise = (
        rng.normal(size=(n, len(BANDS), side, side)) * 0.04
        + rng.normal(size=(n, 1, side, side)) * 0.02
    )
    values = (mean[:, :, None, None] * (1 + noise)).astype(np.float32)
    return values, rng.random((n, side, side)) < clear, days


def follow(values, usable, days, n_history, params=P):
    state = fit(values[:n_history], usable[:n_history], days[:n_history], params, BANDS)
    for i in range(n_history, len(days)):
        state = step(state, values[i], usable[i], int(days[i]), params)
    return state


def ground(values, start, seed=5):
    rng = np.random.default_rng(seed)
    out = values.copy()
    out[start:] = GROUND[None, :, None, None] * (1 + 0.05 * rng.normal(size=out[start:].shape))
    return out


def neighbours(usable, days, start, y, x):
    """Last usable day before scene `start` and first one from it on."""
    seen = usable[:, y, x]
    return days[:start][seen[:start]][-1], days[start:][seen[start:]][0]


def test_status_codes_of_the_kernel_are_those_of_the_core():
    names = ("NO_MODEL", "STABLE", "PROVISIONAL", "CONFIRMED", "RECOVERED")
    assert [getattr(track, n) for n in names] == [int(Status[n]) for n in names]


def test_a_clearing_while_monitoring_is_found_with_its_interval():
    values, usable, days = series()
    state = follow(ground(values, 90), usable, days, 70)
    d = state.dynamic
    assert (d.status == Status.CONFIRMED).mean() > 0.98
    for y, x in zip(*np.nonzero(d.status == Status.CONFIRMED), strict=True):
        last, first = neighbours(usable, days, 90, y, x)
        assert (d.last_unchanged[y, x], d.first_changed[y, x]) == (last, first)
        assert d.confirmed_on[y, x] == days[90:][usable[90:, y, x]][P.confirm_after - 1]
    assert np.median(d.magnitude) > 5


def test_a_clearing_inside_the_history_is_found_with_its_interval():
    values, usable, days = series()
    d = follow(ground(values, 30), usable, days, 80).dynamic
    found = d.status == Status.CONFIRMED
    assert found.mean() > 0.95
    for y, x in zip(*np.nonzero(found), strict=True):
        last, first = neighbours(usable, days, 30, y, x)
        assert d.last_unchanged[y, x] <= last  # widened where an observation dates nothing
        assert d.first_changed[y, x] >= first
    exact = [d.first_changed[y, x] == neighbours(usable, days, 30, y, x)[1]
             for y, x in zip(*np.nonzero(found), strict=True)]  # fmt: skip
    assert np.mean(exact) > 0.85


def test_after_a_break_in_the_history_the_model_describes_the_new_ground():
    values, usable, days = series(side=4)
    state = fit(ground(values, 30), usable, days, P, BANDS)
    y, x = np.argwhere(state.model.kind == 2)[0]
    expected, noise = predict(state, y, x, days[-5:])
    assert np.abs(expected - GROUND).max() < 0.03
    assert (noise > 0).all()


def test_stable_ground_stays_quiet_and_exceeds_at_the_nominal_rate():
    values, usable, days = series(n=160, side=24)
    state = follow(values, usable, days, 80)
    assert (state.dynamic.status == Status.STABLE).mean() > 0.995
    loose = replace(
        P, alpha=0.05, provisional_after=1, confirm_after=50, noise_floor=1e-4, noise_share=0,
        guard_limit=0,
    )  # fmt: skip
    state = fit(values[:80], usable[:80], days[:80], loose, BANDS)
    exceeded = total = 0
    for i in range(80, 160):
        state = step(state, values[i], usable[i], int(days[i]), loose)
        seen = usable[i] & (state.model.kind == 1)
        exceeded += ((state.dynamic.run > 0) & seen).sum()
        total += seen.sum()
    assert 0.02 < exceeded / total < 0.07


def test_slow_regrowth_in_the_history_is_no_break():
    values, usable, days = series(side=10)
    grow = np.linspace(0, 0.12, len(days), dtype=np.float32)
    values[:, 3] += grow[:, None, None]
    state = fit(values, usable, days, P, BANDS)
    assert (state.model.kind == 2).mean() < 0.05


def test_too_few_observations_are_marked_not_guessed():
    values, usable, days = series(side=3)
    usable[:, 0, 0] = False
    usable[: P.min_observations - 1, 0, 0] = True
    usable[:, 1, 1] = False
    state = follow(values, usable, days, 80)
    assert state.dynamic.status[0, 0] == Status.NO_MODEL
    assert state.dynamic.status[1, 1] == Status.NO_MODEL
    assert state.dynamic.last_seen[1, 1] == NO_DAY
    assert state.dynamic.last_seen[0, 0] == days[P.min_observations - 2]
    assert np.isnan(predict(state, 0, 0, days[:2])[0]).all()
    assert state.dynamic.status[2, 2] == Status.STABLE


@pytest.mark.parametrize("sign", ["cloud", "shadow"])
def test_a_run_of_unmasked_cloud_or_shadow_confirms_nothing(sign):
    values, usable, days = series(side=6)
    usable[70:] = True
    for i in range(80, 80 + P.guard_limit):
        values[i] = 0.35 if sign == "cloud" else values[i] * 0.3
    d = follow(values, usable, days, 70).dynamic
    assert (d.status == Status.STABLE).all()
    assert (d.confirmed_on == NO_DAY).all()


def test_lasting_whiteness_is_a_change_all_the_same():
    values, usable, days = series(side=4)
    values[80:] = 0.35
    d = follow(values, usable, days, 70).dynamic
    assert (d.status == Status.CONFIRMED).all()


def test_two_exceedances_are_provisional_and_a_fit_takes_them_back():
    values, usable, days = series(side=3)
    usable[70:] = True
    bare = ground(values, 80)
    state = follow(bare[:82], usable[:82], days[:82], 70)
    assert (state.dynamic.status == Status.PROVISIONAL).all()
    assert (state.dynamic.first_changed == days[80]).all()
    assert (state.dynamic.last_unchanged == days[79]).all()
    state = step(state, values[82], usable[82], int(days[82]), P)
    assert (state.dynamic.status == Status.STABLE).all()
    assert (state.dynamic.first_changed == NO_DAY).all()
    assert (state.dynamic.magnitude == 0).all()


def test_a_change_that_goes_back_is_recovered_and_the_next_one_replaces_it():
    values, usable, days = series(n=140, side=3)
    usable[70:] = True
    v = values.copy()
    v[80:90] = ground(values, 0)[80:90]
    d = follow(v[:110], usable[:110], days[:110], 70).dynamic
    assert (d.status == Status.RECOVERED).all()
    assert (d.first_changed == days[80]).all()
    assert (d.recovered_on == days[90]).mean() > 0.8
    v[120:] = ground(values, 0)[120:]
    d = follow(v, usable, days, 70).dynamic
    assert (d.status == Status.CONFIRMED).all()
    assert (d.first_changed == days[120]).all()
    assert (d.recovered_on == NO_DAY).all()


def test_a_change_begun_at_the_end_of_the_history_is_not_lost():
    values, usable, days = series(side=4)
    usable[60:] = True
    d = follow(ground(values, 78), usable, days, 80).dynamic
    assert (d.status == Status.CONFIRMED).all()
    assert (d.first_changed == days[78]).all()


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
    with pytest.raises(GossanError, match="alpha is"):
        MonitorParams(alpha=0.9)
    with pytest.raises(GossanError, match="confirm_after"):
        MonitorParams(provisional_after=5, confirm_after=4)


def test_a_state_that_is_incomplete_or_newer_is_refused():
    values, usable, days = series(side=2)
    state = fit(values, usable, days, P, BANDS)
    arrays = to_arrays(state)
    with pytest.raises(GossanError, match="schema version 9"):
        from_arrays(arrays, meta(state) | {"schema_version": 9})
    del arrays["run"]
    with pytest.raises(GossanError, match="lacks run"):
        from_arrays(arrays, meta(state))


def test_disturbances_carry_the_state_on_the_grid():
    values, usable, days = series(side=4)
    state = follow(ground(values, 90), usable, days, 70)
    grid = GeoBox.from_bbox((0, 0, 40, 40), "EPSG:32634", resolution=10)
    d = disturbances(state, grid)
    assert d.grid is grid
    assert (d.first_changed == state.dynamic.first_changed).all()
    assert d.n_history.dtype == np.int16
    assert (d.n_history <= usable[:70].sum(axis=0)).all()


def test_a_step_inside_the_history_is_reported_early_and_never_confirmed():
    values, usable, days = series(side=4)
    state = fit(ground(values, 30), usable, days, P, BANDS)
    grid = GeoBox((state.shape), Affine(10, 0, 0, 0, -10, 0), "EPSG:32634")
    d = disturbances(state, grid)
    stepped = state.model.kind == 2
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
np.savez(sys.argv[2], **t.to_arrays(state))
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
    assert set(np.unique(compiled["kind"])) >= {1, 2}
    for name in compiled.files:
        if compiled[name].dtype.kind == "f":
            np.testing.assert_allclose(compiled[name], plain[name], rtol=1e-3, atol=1e-4)
        else:
            np.testing.assert_array_equal(compiled[name], plain[name])
