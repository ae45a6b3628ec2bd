"""Laws of the monitor: chunking, streaming and storing change nothing."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.optical import step

from gossan.core.errors import GossanError
from gossan.core.params import MonitorParams
from gossan.core.sensor import assemble, cut, flat
from gossan.monitor.fit import fit
from gossan.monitor.state import copied, empty, from_arrays, meta
from gossan.monitor.step import step_into

BANDS = ("B02", "B04", "B08", "B11")
P = MonitorParams(min_observations=8)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cubes(draw):
    """A small cube with gaps, NaN, clouds and changes at random places: (values, usable, days)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, ny, nx = draw(st.integers(30, 60)), draw(st.integers(1, 7)), draw(st.integers(1, 7))
    days = (16500 + np.sort(rng.choice(n * 9, n, replace=False))).astype(np.int32)
    level = np.array([0.04, 0.05, 0.3, 0.2])[None, :, None, None]
    season = 1 + 0.2 * np.cos(2 * np.pi * days / 365.2425)[:, None, None, None]
    values = level * season * (1 + 0.05 * rng.normal(size=(n, 4, ny, nx)))
    when = rng.integers(0, 2 * n, (ny, nx))
    changed = np.arange(n)[:, None, None] >= when
    soil = np.array([0.08, 0.16, 0.2, 0.3])[None, :, None, None]
    values = np.where(changed[:, None], soil * (1 + 0.03 * rng.normal(size=values.shape)), values)
    values = np.where(rng.random((n, 1, ny, nx)) < 0.05, 0.4, values)
    values = np.where(rng.random((n, 1, ny, nx)) < 0.05, np.nan, values)
    usable = rng.random((n, ny, nx)) < draw(st.sampled_from([0.3, 0.7, 1.0]))
    return values.astype(np.float32), usable, days


def run(values, usable, days, n_history, state=None):
    if state is None:
        state = fit(values[:n_history], usable[:n_history], days[:n_history], P, BANDS)
    for i in range(n_history, len(days)):
        state = step(state, values[i], usable[i], int(days[i]), P)
    return state


def same(a, b):
    one, two = flat(a), flat(b)
    for name in one:
        assert one[name].dtype == two[name].dtype
        assert one[name].tobytes() == two[name].tobytes(), name


@SLOW
@given(cubes(), st.integers(0, 7), st.integers(0, 7))
def test_any_chunking_equals_one_block_bit_for_bit(cube, row, col):
    values, usable, days = cube
    whole = run(*cube, 25)
    ny, nx = whole.shape
    rows = [slice(0, min(row, ny)), slice(min(row, ny), ny)]
    cols = [slice(0, min(col, nx)), slice(min(col, nx), nx)]
    blocks = {
        (r.start, c.start): run(values[..., r, c], usable[:, r, c], days, 25)
        for r in rows
        for c in cols
        if r.stop > r.start and c.stop > c.start
    }
    same(assemble(blocks, (ny, nx)), whole)
    same(cut(whole, rows[1], cols[1]), cut(assemble(blocks, (ny, nx)), rows[1], cols[1]))


@SLOW
@given(cubes())
def test_in_place_is_the_same_and_tells_when_an_event_changed(cube):
    values, usable, days = cube
    state = fit(values[:25], usable[:25], days[:25], P, BANDS)
    own = copied(state)
    for i in range(25, len(days)):
        before = {k: v.tobytes() for k, v in own.groups()["events"].items()}
        told = step_into(own, values[i], usable[i], int(days[i]), P)
        differs = any(v.tobytes() != before[k] for k, v in own.groups()["events"].items())
        assert told or not differs, "an event that changed is written"
        state = step(state, values[i], usable[i], int(days[i]), P)
        same(own, state)


@SLOW
@given(cubes(), st.integers(25, 60))
def test_stored_and_resumed_is_bit_equal(cube, stop):
    values, usable, days = cube
    stop = min(stop, len(days))
    half = run(values[:stop], usable[:stop], days[:stop], 25)
    stored = {k: v.copy() for k, v in flat(half).items()}
    resumed = from_arrays(stored, meta(half))
    same(run(values, usable, days, stop, resumed), run(*cube, 25))


@SLOW
@given(cubes())
def test_what_cannot_be_seen_changes_nothing(cube):
    values, usable, days = cube
    other = np.where(usable[:, None], values, np.float32(0.77))
    same(run(values, usable, days, 25), run(other, usable, days, 25))
    state = run(values, usable, days, 25)
    unseen = step(state, values[-1], np.zeros_like(usable[-1]), int(days[-1]) + 1, P)
    same(state, unseen)


@SLOW
@given(cubes())
def test_a_step_leaves_the_state_before_it_alone_and_cannot_be_repeated(cube):
    values, usable, days = cube
    state = run(values[:-1], usable[:-1], days[:-1], 25)
    before = {k: v.copy() for k, v in flat(state).items()}
    after = step(state, values[-1], usable[-1], int(days[-1]), P)
    same(state, from_arrays(before, meta(state)))
    seen = usable[-1] & np.isfinite(values[-1]).all(axis=0)
    if seen.any():
        with pytest.raises(GossanError, match="after one of"):
            step(after, values[-1], usable[-1], int(days[-1]), P)


def test_empty_is_what_no_observation_gives():
    values = np.full((20, 4, 2, 3), np.nan, np.float32)
    days = np.arange(17000, 17020, dtype=np.int32)
    state = fit(values, np.ones((20, 2, 3), bool), days, P, BANDS)
    same(state, empty(BANDS, (2, 3)))
