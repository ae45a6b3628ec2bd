"""The radar monitor on simulated ground: what is found, dated, and left alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from scipy.ndimage import uniform_filter
from tests.support.radar import HISTORY, Scenes, changed, follow, scenes

from gossan.core.dates import NO_DAY, from_day
from gossan.core.errors import GossanError
from gossan.core.params import RadarParams
from gossan.core.sensor import flat
from gossan.core.values import Status
from gossan.kernels import radar_track
from gossan.monitor.radar import average, fit_radar, step_radar
from gossan.monitor.radar_power import PixelStatistics, detectable_db
from gossan.monitor.radar_scene import FEWEST, RadarScene, learn_scene, look_of, sample_pixels
from gossan.monitor.radar_state import disturbances, empty, from_arrays, meta

P = RadarParams()
PATCH = (slice(4, 8), slice(4, 8))
HIT = np.zeros((12, 12), bool)
HIT[PATCH] = True


def test_status_numbers_are_those_of_the_core() -> None:
    for name in ("STABLE", "PROVISIONAL", "CONFIRMED", "RECOVERED"):
        assert getattr(radar_track, name) == Status[name]


def test_cleared_ground_is_found_dated_and_measured() -> None:
    when = HISTORY + 5
    s = changed(scenes(), when, *PATCH, (-3.0, -5.0))
    d = follow(s, P).last.dynamic
    assert (d.status[HIT] == Status.CONFIRMED).all()
    assert (d.status[~HIT] == Status.STABLE).mean() > 0.97
    assert not (d.status[~HIT] == Status.CONFIRMED).any()
    assert (d.last_unchanged[HIT] < s.days[when]).all()
    assert (d.first_changed[HIT] >= s.days[when]).mean() > 0.9
    assert np.median(d.first_changed[HIT]) == s.days[when]
    assert np.median(d.last_unchanged[HIT]) == s.days[when - 1]
    assert np.median(d.confirmed_on[HIT]) == s.days[when] + P.confirm_days
    assert (d.provisional_on[HIT] <= d.confirmed_on[HIT]).all()
    found = np.median(d.change[:, HIT], axis=1) * 10 / np.log(10)
    np.testing.assert_allclose(found, [-3.0, -5.0], atol=0.7)


def test_what_passes_within_days_is_not_confirmed_however_often_it_was_seen() -> None:
    """Water that stands on a field for three weeks is looked at four times at 6 days."""
    s = changed(scenes(revisit=6), HISTORY + 5, *PATCH, (-6.0, -6.0))
    s = changed(s, HISTORY + 9, *PATCH, (6.0, 6.0))
    followed = follow(s, P)
    provisional = [x.dynamic.status[HIT] == Status.PROVISIONAL for x in followed.states]
    assert np.any(provisional, axis=0).all()
    assert not any((x.dynamic.status[HIT] == Status.CONFIRMED).any() for x in followed.states[:10])
    stays = changed(scenes(revisit=6), HISTORY + 5, *PATCH, (-6.0, -6.0))
    d = follow(stays, P).last.dynamic
    assert (d.status[HIT] == Status.CONFIRMED).all()
    assert np.median(d.confirmed_on[HIT]) == s.days[HISTORY + 5] + P.confirm_days


def test_a_rise_is_a_change_too() -> None:
    s = changed(scenes(seed=3), HISTORY + 4, *PATCH, (4.0, 4.0))
    d = follow(s, P).last.dynamic
    assert (d.status[HIT] == Status.CONFIRMED).all()
    assert (d.change[:, HIT] > 0).all()


def test_a_small_lasting_change_is_found_later_than_a_large_one() -> None:
    delays = []
    for db in ((-1.5, -2.5), (-4.0, -6.0)):
        s = changed(scenes(later=30, seed=4), HISTORY + 2, *PATCH, db)
        d = follow(s, P).last.dynamic
        found = HIT & (d.status == Status.CONFIRMED)
        assert found.sum() >= 12
        delays.append(np.median(d.confirmed_on[found] - s.days[HISTORY + 2]))
    assert delays[0] > delays[1]


def test_one_strange_look_confirms_nothing() -> None:
    s = scenes(seed=5)
    values = s.values.copy()
    values[HISTORY + 6][:, HIT] *= 100
    followed = follow(Scenes(values, s.usable, s.days), P)
    for state in followed.states:
        assert not (state.dynamic.status == Status.CONFIRMED).any()
    assert (followed.last.dynamic.status[HIT] == Status.STABLE).all()


def test_rain_over_the_whole_area_is_no_change() -> None:
    """Bare ground answers more than forest: the line over the level takes that off as well."""
    s = scenes(seed=6, side=20)
    values = s.values.copy()
    bare = np.zeros((20, 20), bool)
    bare[:, 10:] = True
    values[:, 1, bare] *= 0.3
    for t, db in ((8, 3.0), (25, 2.0), (HISTORY + 4, 4.0), (HISTORY + 5, 4.0), (HISTORY + 6, 4.0)):
        values[t] *= 10 ** (np.where(bare, db, 0.4 * db) / 10)
    followed = follow(Scenes(values.astype(np.float32), s.usable, s.days), P)
    assert (followed.last.dynamic.status == Status.STABLE).mean() > 0.97
    for state in followed.states:
        assert not (state.dynamic.status == Status.CONFIRMED).any()


def test_a_season_of_its_own_is_no_change() -> None:
    s = scenes(later=40, seed=7, side=20)
    field = np.zeros((20, 20), bool)
    field[:6, :6] = True
    db = 3 * np.cos(2 * np.pi * s.days / 365.2425)
    values = s.values.copy()
    values[:, :, field] *= 10 ** (db / 10)[:, None, None]
    followed = follow(Scenes(values.astype(np.float32), s.usable, s.days), P)
    for state in followed.states:
        assert not (state.dynamic.status == Status.CONFIRMED).any()
    amplitude = np.hypot(*followed.last.model.coef[1, 1:]) * 10 / np.log(10)
    assert np.median(amplitude[field]) == pytest.approx(3, abs=0.4)
    assert np.median(amplitude[~field]) < 0.6


def test_a_displaced_image_is_weighed_down_and_changes_nothing() -> None:
    s = scenes(seed=8, side=20)
    values = s.values.copy()
    rng = np.random.default_rng(8)
    for t in (20, HISTORY + 5, HISTORY + 6, HISTORY + 7):
        values[t] *= np.exp(rng.normal(0, 0.9, (2, 20, 20)))
    odd = Scenes(values.astype(np.float32), s.usable, s.days)
    followed = follow(odd, P)
    assert followed.scene.weight[20] < 0.3
    assert np.delete(followed.scene.weight, 20).min() > 0.5
    for state in followed.states:
        assert not (state.dynamic.status == Status.CONFIRMED).any()


def snowy(s: Scenes, rows: slice, t: int) -> Scenes:
    values = s.values.copy()
    values[t, :, rows] *= 0.3
    return Scenes(values, s.usable, s.days)


@pytest.mark.parametrize(("latitude", "snow"), [(60.0, True), (10.0, False), (-60.0, False)])
def test_wet_snow_is_screened_in_winter_and_only_where_there_is_winter(
    latitude: float, snow: bool
) -> None:
    s = scenes(seed=9, side=20)
    winter = range(HISTORY + 2, HISTORY + 7)
    assert {from_day(int(s.days[t])).month for t in winter} <= {12, 1}
    for t in winter:
        s = snowy(s, slice(0, 6), t)
    followed = follow(s, dataclasses.replace(P, latitude=latitude))
    d = followed.last.dynamic
    ever = np.any([x.dynamic.status == Status.CONFIRMED for x in followed.states], axis=0)
    assert ever[:6].any() != snow
    if snow:
        state = followed.states[winter[0] - HISTORY + 1]
        assert (state.dynamic.last_seen[:6] < s.days[winter[0]]).mean() > 0.9
        assert (state.dynamic.last_seen[6:] == s.days[winter[0]]).all()
    assert not (d.status[6:] == Status.CONFIRMED).any()


def test_snow_over_everything_is_not_counted_at_all() -> None:
    s = scenes(seed=9, side=20)
    t = HISTORY + 3
    s = snowy(s, slice(0, 20), t)
    followed = follow(s, dataclasses.replace(P, latitude=60.0))
    assert (followed.states[t - HISTORY + 1].dynamic.last_seen < s.days[t]).all()


def test_restless_ground_is_never_confirmed_by_radar_alone() -> None:
    """A field that was ploughed, sown and reaped in its history may be so again."""
    s = scenes(seed=10, side=20, later=30)
    rng = np.random.default_rng(10)
    values = s.values.copy()
    crop = np.repeat(rng.normal(0, 4, (len(s.days) // 4 + 1, 1, 1, 1)), 4, axis=0)[: len(s.days)]
    values[:, :, :5, :5] *= 10 ** (crop / 10)
    values[HISTORY + 5 :, :, :5, :5] *= 0.1
    followed = follow(Scenes(values.astype(np.float32), s.usable, s.days), P)
    assert (followed.last.model.kind[:5, :5] == radar_track.KIND_UNSTEADY).mean() > 0.9
    for state in followed.states:
        assert not (state.dynamic.status[:5, :5] == Status.CONFIRMED).any()
    assert np.any([state.dynamic.status[:5, :5] == Status.PROVISIONAL for state in followed.states])
    assert (followed.last.model.kind[8:, 8:] == radar_track.KIND_STEADY).mean() > 0.98


def test_a_step_inside_the_history_is_early_and_the_ground_after_it_is_followed() -> None:
    s = changed(scenes(seed=11, side=16, revisit=24), 18, slice(0, 6), slice(0, 6), (-4.0, -6.0))
    part = (slice(0, 6), slice(0, 6))
    s = changed(s, HISTORY + 4, slice(0, 3), slice(0, 6), (6.0, 6.0))
    state = follow(s, P).last
    early = state.model.kind[part] == radar_track.KIND_AFTER_STEP
    assert early.mean() > 0.8
    grid = GeoBox.from_bbox((0, 0, 160, 160), "EPSG:32634", resolution=10)
    d = disturbances(state, grid, 1)
    quiet = np.zeros((16, 16), bool)
    quiet[3:6, :6] = early[3:]
    assert (d.status[quiet] == Status.EARLY).all()
    assert (d.last_unchanged[quiet] == s.days[17]).mean() > 0.9
    assert (d.first_changed[quiet] == s.days[18]).mean() > 0.9
    assert (d.confirmed_on[quiet] == NO_DAY).all()
    assert (d.magnitude[quiet] > 3).all()
    again = np.zeros((16, 16), bool)
    again[:3, :6] = early[:3]
    assert (d.status[again] == Status.CONFIRMED).mean() > 0.9


def test_ground_that_returns_is_recovered_and_a_second_change_is_found() -> None:
    s = changed(scenes(later=40, seed=12), HISTORY + 3, *PATCH, (-3.0, -5.0))
    s = changed(s, HISTORY + 13, *PATCH, (3.0, 5.0))
    s2 = changed(s, HISTORY + 28, *PATCH, (-3.0, -5.0))
    d = follow(s, P).last.dynamic
    assert (d.status[HIT] == Status.RECOVERED).all()
    assert np.median(d.recovered_on[HIT]) == s.days[HISTORY + 13]
    assert np.median(d.first_changed[HIT]) == s.days[HISTORY + 3]
    second = follow(s2, P).last.dynamic
    assert (second.status[HIT] == Status.CONFIRMED).all()
    assert np.median(second.first_changed[HIT]) == s.days[HISTORY + 28]
    assert (second.recovered_on[HIT] == NO_DAY).all()


def test_a_change_that_grew_out_of_the_memory_keeps_a_wide_interval() -> None:
    """Too small to be found in time: its beginning is only bounded by the end of the history."""
    s = changed(scenes(later=70, seed=13, looks=9), HISTORY + 1, *PATCH, (-0.8, -1.4))
    followed = follow(s, P)
    late = [
        x.dynamic
        for x in followed.states[20:]
        if (HIT & (x.dynamic.status >= Status.PROVISIONAL)).any()
    ]
    assert late
    for d in late:
        found = HIT & (d.status >= Status.PROVISIONAL)
        assert (d.last_unchanged[found] <= s.days[HISTORY + 20]).mean() > 0.3


def test_water_and_shadow_have_no_model() -> None:
    s = scenes(seed=14)
    values = s.values.copy()
    values[:, :, :3, :3] *= 0.01
    state = follow(Scenes(values, s.usable, s.days), P).last
    assert (state.model.kind[:3, :3] == 0).all()
    assert (state.dynamic.status[:3, :3] == Status.NO_MODEL).all()
    assert (state.model.kind[3:, 3:] > 0).all()
    assert (state.dynamic.last_seen[:3, :3] == s.days[-1]).all()


def test_noise_is_learned_from_the_data() -> None:
    """The equivalent number of looks is whatever the provider's processing has left."""
    for looks in (4.4, 20.0):
        s = scenes(seed=15, side=30, looks=looks)
        scene = follow(s, P).scene
        got = 1 / scene.noise + 0.5
        np.testing.assert_allclose(got, looks, rtol=0.1)
        assert scene.prior_dof > 100
    mixed = scenes(seed=16, side=30)
    calm = np.random.default_rng(16).gamma(40, 1 / 40, mixed.values[..., :15].shape)
    mixed.values[..., :15] = calm * np.array([0.16, 0.035])[:, None, None]
    assert follow(mixed, P).scene.prior_dof < 30


def test_edges_are_drawn_where_half_of_the_change_is_reached() -> None:
    """Averaged over 3 x 3 pixels a patch looks two pixels wider; the map shows its own size."""
    s = changed(
        scenes(seed=17, side=24, looks=9), HISTORY + 3, slice(8, 16), slice(8, 16), (-5.0, -7.0)
    )
    pairs = [average(v, u, 3) for v, u in zip(s.values, s.usable, strict=True)]
    wide = Scenes(np.stack([v for v, _ in pairs]), np.stack([u for _, u in pairs]), s.days)
    state = follow(wide, P).last
    blurred = int((state.dynamic.status == Status.CONFIRMED).sum())
    grid = GeoBox.from_bbox((0, 0, 240, 240), "EPSG:32634", resolution=10)
    d = disturbances(state, grid, 3)
    sharp = d.status == Status.CONFIRMED
    assert blurred > 75
    assert sharp[8:16, 8:16].mean() > 0.9  # corners see less than half of it
    assert sharp.sum() <= 72
    outside = (state.dynamic.status == Status.CONFIRMED) & ~sharp
    assert (d.status[outside] == Status.STABLE).all()
    assert (d.confirmed_on[outside] == NO_DAY).all()
    assert (d.last_unchanged[outside] == s.days[-1]).all()


def test_average_is_the_mean_of_what_is_usable() -> None:
    rng = np.random.default_rng(18)
    values = rng.gamma(4, 0.25, (2, 9, 11)).astype(np.float32)
    out, seen = average(values, np.ones((9, 11), bool), 3)
    inner = (slice(None), slice(1, -1), slice(1, -1))
    expected = np.stack([uniform_filter(v.astype(float), 3) for v in values])
    np.testing.assert_allclose(out[inner], expected[inner], rtol=1e-6)
    assert seen.all()
    usable = rng.random((9, 11)) < 0.7
    out, seen = average(np.where(usable, values, 99.0), usable, 3)
    assert np.isfinite(out[:, seen]).all()
    assert np.isnan(out[:, ~seen]).all()
    assert not (seen & ~usable).any()
    assert out[:, seen].max() < values.max() + 1e-6
    for y, x in zip(*np.nonzero(usable), strict=True):
        near = usable[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
        assert seen[y, x] == (2 * near.sum() > near.size)


def test_every_area_has_the_same_sample_however_large() -> None:
    inside = np.random.default_rng(0).random((500, 300)) < 0.5
    rows, cols = sample_pixels(inside)
    assert len(rows) == 4096
    assert inside[rows, cols].all()
    assert len(set(zip(rows.tolist(), cols.tolist(), strict=True))) == 4096
    again = sample_pixels(inside)
    assert (again[0] == rows).all()
    assert len(sample_pixels(inside[:4, :5])[0]) == inside[:4, :5].sum()


def test_a_scene_that_shows_hardly_any_of_the_area_is_not_counted() -> None:
    s = scenes(seed=19)
    followed = follow(s, P)
    usable = np.zeros((12, 12), bool)
    usable.ravel()[: FEWEST - 1] = True
    look = look_of(followed.last, s.values[-1], usable, int(s.days[-1]) + 12, followed.scene, P)
    assert look.weight == 0
    after = step_radar(followed.last, s.values[-1], usable, int(s.days[-1]) + 12, P, look)
    assert (after.dynamic.last_seen == followed.last.dynamic.last_seen).all()


def test_what_scenes_have_in_common_survives_json_bit_for_bit() -> None:
    scene = follow(scenes(later=1), P).scene
    again = RadarScene.from_json(scene.as_json())
    for name, value in scene.__dict__.items():
        other = getattr(again, name)
        if isinstance(value, np.ndarray):
            assert value.dtype == other.dtype
            assert value.tobytes() == other.tobytes()
        else:
            assert value == other


def test_too_short_a_history_is_refused_with_what_to_do() -> None:
    s = scenes()
    with pytest.raises(GossanError, match="needs in the 10 scenes") as error:
        learn_scene(s.values[:10], s.usable[:10], s.days[:10], P)
    assert "orbit" in error.value.hint


def test_wrong_shapes_days_and_parameters_are_refused() -> None:
    s = scenes(later=2)
    state = follow(s, P).last
    with pytest.raises(GossanError, match="time, 2 for VV and VH"):
        fit_radar(s.values[:, :1], s.usable, s.days, P)
    with pytest.raises(GossanError, match="one observation per day"):
        fit_radar(s.values, s.usable, s.days[::-1], P)
    look = look_of(state, s.values[-1], s.usable[-1], 20000, follow(s, P).scene, P)
    with pytest.raises(GossanError, match="VV, VH"):
        step_radar(state, s.values[0, :1], s.usable[0], 20000, P, look)
    scene = follow(s, P).scene
    with pytest.raises(GossanError, match="other days"):
        fit_radar(s.values[:20], s.usable[:20], s.days[:20], P, scene)
    for wrong in (
        {"support": 2},
        {"alpha_confirmed": 0.1},
        {"confirm_after": 1},
        {"min_observations": 2},
        {"latitude": 91.0},
    ):
        with pytest.raises(GossanError, match="radar"):
            RadarParams(**wrong)


def test_a_state_from_the_future_or_with_a_hole_is_refused() -> None:
    arrays = flat(empty((2, 2)))
    with pytest.raises(GossanError, match="schema version 9"):
        from_arrays(arrays, meta() | {"schema_version": 9})
    del arrays["recent_day_3"]
    with pytest.raises(GossanError, match="recent_day"):
        from_arrays(arrays, meta())


@pytest.mark.parametrize("run", [4, 8])
def test_the_stated_power_is_reached(run: int) -> None:
    """Nine of ten pixels that change by the stated amount are confirmed by that look."""
    looks, side = 16.0, 60
    db = detectable_db(PixelStatistics(looks, 200, HISTORY / 3, weight=0.93), run, P)
    s = changed(
        scenes(later=run, side=side, looks=looks, seed=run),
        HISTORY,
        slice(0, 2),
        slice(0, side),
        (-db, -db),
    )
    d = follow(s, P).last.dynamic
    assert 0.8 < (d.status[:2] == Status.CONFIRMED).mean() < 0.98
    assert (d.status[2:] == Status.CONFIRMED).mean() < 0.01


def test_power_grows_with_looks_and_runs_too_short_confirm_nothing() -> None:
    def finds(looks: float, run: int, weight: float = 1.0) -> float:
        return detectable_db(PixelStatistics(looks, 100, 60, weight), run, P)

    assert finds(20, 12) < finds(20, 5) < finds(5, 5)
    assert finds(20, 5, weight=0.6) > finds(20, 5)
    assert finds(20, 2) == float("inf")
    assert detectable_db(PixelStatistics(20, 100, 60, revisit=24), 2, P) < 20
