"""Laws of the radar monitor: chunking, streaming and storing change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.radar import Scenes

from gossan.core.errors import GossanError
from gossan.core.params import RadarParams
from gossan.core.sensor import assemble, changed, cut, flat, pick
from gossan.monitor.radar import average, fit_radar, step_radar
from gossan.monitor.radar_scene import (
    RadarObservation,
    RadarScene,
    learn_scene,
    look_of,
    sample_pixels,
)
from gossan.monitor.radar_state import RadarState, empty, from_arrays, meta

SLOW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P = RadarParams(min_observations=8, latitude=60.0)
HISTORY = 20


@st.composite
def cubes(draw: st.DrawFn) -> Scenes:
    """A small area with gaps, weather, a snow scene, a shifted scene and changes anywhere."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nt = HISTORY + draw(st.integers(5, 18))
    ny, nx = draw(st.integers(7, 11)), draw(st.integers(7, 9))
    days = (17000 + np.sort(rng.choice(nt * 9, nt, replace=False))).astype(np.int32)
    db = np.array([-8, -14])[:, None, None] + rng.normal(0, 1, (2, ny, nx))
    db = db + rng.normal(0, 1, (nt, 2, 1, 1))
    after = np.arange(nt)[:, None, None] >= rng.integers(0, 2 * nt, (ny, nx))
    db = db + np.where(after[:, None], rng.normal(0, 4, (2, 1, 1)), 0)
    db[rng.integers(nt), :, : ny // 2] -= 5
    n = draw(st.sampled_from([4.4, 20.0]))
    values = 10 ** (db / 10) * rng.gamma(n, 1 / n, db.shape)
    values[rng.integers(nt)] *= rng.gamma(2, 0.5, (2, ny, nx))
    values = np.where(rng.random((nt, 1, ny, nx)) < 0.03, np.nan, values)
    usable = rng.random((nt, ny, nx)) < draw(st.sampled_from([0.8, 0.95, 1.0]))
    return Scenes(values.astype(np.float32), usable, days)


def averaged(s: Scenes) -> Scenes:
    pairs = [average(v, u, P.support) for v, u in zip(s.values, s.usable, strict=True)]
    return Scenes(np.stack([v for v, _ in pairs]), np.stack([u for _, u in pairs]), s.days)


def common(s: Scenes) -> tuple[RadarScene, list[RadarObservation]]:
    """What the whole area tells of each scene."""
    rows, cols = sample_pixels(np.ones(s.usable.shape[1:], bool))
    v, u = (a[..., rows, cols][..., None, :] for a in (s.values, s.usable))
    scene = learn_scene(v[:HISTORY], u[:HISTORY], s.days[:HISTORY], P)
    state = fit_radar(v[:HISTORY], u[:HISTORY], s.days[:HISTORY], P, scene)
    looks = []
    for t in range(HISTORY, len(s.days)):
        looks.append(look_of(state, v[t], u[t], int(s.days[t]), scene, P))
        state = step_radar(state, v[t], u[t], int(s.days[t]), P, looks[-1])
    return scene, looks


def run(
    s: Scenes,
    scene: RadarScene,
    looks: list[RadarObservation],
    stop: int | None = None,
    state: RadarState | None = None,
    start: int = HISTORY,
) -> RadarState:
    if state is None:
        state = fit_radar(s.values[:HISTORY], s.usable[:HISTORY], s.days[:HISTORY], P, scene)
    for t in range(start, len(s.days) if stop is None else stop):
        state = step_radar(state, s.values[t], s.usable[t], int(s.days[t]), P, looks[t - HISTORY])
    return state


def same(a: RadarState, b: RadarState) -> None:
    one, two = flat(a), flat(b)
    for name in one:
        assert one[name].dtype == two[name].dtype
        assert one[name].tobytes() == two[name].tobytes(), name


@SLOW
@given(cubes(), st.integers(1, 5), st.integers(1, 5))
def test_any_chunking_equals_one_block_bit_for_bit(cube: Scenes, row: int, col: int) -> None:
    """Each block is averaged with one pixel around it, then cut: as the driver reads it."""
    whole = averaged(cube)
    scene, looks = common(whole)
    expected = run(whole, scene, looks)
    ny, nx = expected.shape
    blocks = {}
    for rows in (slice(0, row), slice(row, ny)):
        for cols in (slice(0, col), slice(col, nx)):
            top, left = max(0, rows.start - 1), max(0, cols.start - 1)
            wide = (..., slice(top, rows.stop + 1), slice(left, cols.stop + 1))
            part = averaged(Scenes(cube.values[wide], cube.usable[wide], cube.days))
            down, right = rows.start - top, cols.start - left
            inner = (..., slice(down, rows.stop - top), slice(right, cols.stop - left))
            part = Scenes(part.values[inner], part.usable[inner], cube.days)
            blocks[rows.start, cols.start] = run(part, scene, looks)
    same(assemble(blocks, (ny, nx)), expected)
    same(cut(expected, slice(row, ny), slice(0, col)), blocks[row, 0])


@SLOW
@given(cubes(), st.integers(0, 18))
def test_stored_and_resumed_is_bit_equal(cube: Scenes, more: int) -> None:
    scene, looks = common(cube)
    stop = min(HISTORY + more, len(cube.days))
    half = run(cube, scene, looks, stop)
    stored = {k: v.copy() for k, v in flat(half).items()}
    again = RadarScene.from_json(scene.as_json())
    resumed = run(cube, again, looks, state=from_arrays(stored, meta()), start=stop)
    same(resumed, run(cube, scene, looks))


@SLOW
@given(cubes())
def test_what_cannot_be_seen_changes_nothing(cube: Scenes) -> None:
    scene, looks = common(cube)
    other = np.where(cube.usable[:, None], cube.values, np.float32(0.77))
    same(run(cube, scene, looks), run(Scenes(other, cube.usable, cube.days), scene, looks))
    state = run(cube, scene, looks)
    nothing = np.zeros_like(cube.usable[-1])
    day = int(cube.days[-1]) + 1
    same(state, step_radar(state, cube.values[-1], nothing, day, P, looks[-1]))


@SLOW
@given(cubes())
def test_a_step_leaves_the_state_before_it_alone_and_cannot_be_repeated(cube: Scenes) -> None:
    scene, looks = common(cube)
    state = run(cube, scene, looks, len(cube.days) - 1)
    before = {k: v.copy() for k, v in flat(state).items()}
    at = (cube.values[-1], cube.usable[-1], int(cube.days[-1]), P)
    after = step_radar(state, *at, RadarObservation(*_whole(looks[-1])))
    same(state, from_arrays(before, meta()))
    if (after.dynamic.last_seen == at[2]).any():
        with pytest.raises(GossanError, match="after one of"):
            step_radar(after, *at, looks[-1])


@SLOW
@given(cubes())
def test_writing_only_what_a_step_changed_is_enough(cube: Scenes) -> None:
    scene, looks = common(cube)
    state = fit_radar(cube.values[:HISTORY], cube.usable[:HISTORY], cube.days[:HISTORY], P, scene)
    stored = {k: v.copy() for k, v in flat(state).items()}
    for t in range(HISTORY, len(cube.days)):
        after = run(cube, scene, looks, t + 1, state, t)
        for group, new in changed(state.groups(), after.groups()).items():
            assert group != "model"
            stored |= new
        same(from_arrays(stored, meta()), after)
        state = after


def test_empty_is_what_no_observation_gives() -> None:
    values = np.full((20, 2, 2, 3), np.nan, np.float32)
    days = np.arange(17000, 17020, dtype=np.int32)
    some = np.ones((20, 2, 1, 40), np.float32) * np.array([0.1, 0.02], np.float32)[:, None, None]
    some *= np.random.default_rng(0).gamma(9, 1 / 9, some.shape).astype(np.float32)
    scene = learn_scene(some, np.ones((20, 1, 40), bool), days, P)
    state = fit_radar(values, np.ones((20, 2, 3), bool), days, P, scene)
    same(state, empty((2, 3)))


def test_single_pixels_keep_their_order() -> None:
    state = empty((3, 4))
    state.model.n_history[:] = np.arange(12).reshape(3, 4)
    picked = pick(state, np.array([2, 0]), np.array([1, 3]))
    assert picked.model.n_history.tolist() == [[9, 3]]


def _whole(look: RadarObservation) -> tuple:
    """The look counted fully, so that the scene is seen."""
    return look.shift, look.slope, look.centre, 1.0, look.snow, look.pixels
