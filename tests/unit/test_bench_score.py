"""What the accuracy bench calls false, found and late; pits as the sensor sees them."""

from __future__ import annotations

import numpy as np
import pytest
from bench.accuracy import measure, notes, own_lines, rows_of, sample, table
from bench.cube import Kind, Scenario
from bench.generator import make
from bench.own import watch
from bench.peers.pixels import Pixels, nth_look, pixels
from bench.pits import Pit, cover_of
from bench.score import Truth, first_from, pooled, score

from gossan.core.params import MonitorParams

D = 1000


def truth(changed, again=None, drought=None):
    changed = np.array(changed, np.int32)
    n = len(changed)
    return Truth(
        changed,
        np.full(n, -1, np.int32) if again is None else np.array(again, np.int32),
        np.where(changed >= 0, Kind.AT_ONCE, Kind.NONE).astype(np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, bool) if drought is None else np.array(drought),
        D,
    )


def test_false_is_any_confirmation_on_untouched_ground():
    t = truth([-1, -1, -1, -1], drought=[False, False, True, True])
    s = score(np.array([[-1, D + 10, D + 5, D + 7]]), t)
    assert s.shares["false stable"] == (1, 2)
    assert s.shares["false drought"] == (2, 2)
    assert s.shares["found"] == (0, 0)


def test_a_confirmation_before_the_day_is_false_and_no_finding():
    t = truth([D + 100, D + 100, D + 100])
    s = score(np.array([[D + 50, D + 130, D + 90], [-1, -1, D + 170]]), t)
    assert s.shares["early"] == (2, 3)
    assert s.shares["found"] == (2, 3)
    assert s.shares["in 60 d"] == (1, 3)
    assert sorted(s.delays["delay"]) == [30, 70]


def test_on_the_day_itself_and_sixty_days_after_count():
    s = score(np.array([[D + 100, D + 160, D + 161]]), truth([D + 100] * 3))
    assert s.shares["found"] == (3, 3)
    assert s.shares["in 60 d"] == (2, 3)


def test_a_second_change_needs_a_confirmation_of_its_own():
    t = truth([D + 100, D + 100], again=[D + 300, D + 300])
    s = score(np.array([[D + 120, D + 120], [-1, D + 330]]), t)
    assert s.shares["again"] == (1, 2)
    assert list(s.delays["delay again"]) == [30]


def test_first_from_takes_the_first_on_or_after():
    days = np.array([[5, 20, -1], [9, 30, -1]], np.int32)
    assert first_from(days, np.array([6, 20, 1])).tolist() == [9, 20, -1]


def test_intervals_draw_whole_cubes():
    good, bad = truth([D] * 10), truth([D] * 10)
    all_found = score(np.full((1, 10), D + 10), good)
    none_found = score(np.full((1, 10), -1), bad)
    figure = pooled([all_found, none_found])["found"]
    assert figure.value == 50
    assert (figure.low, figure.high) == (0, 100)
    alone = pooled([all_found])["found"]
    assert alone.value == 100
    assert np.isnan(alone.low)


def test_nth_look_counts_usable_looks_from_a_day_on():
    usable = np.array([[True], [False], [True], [True]])
    p = Pixels(np.zeros((4, 5, 1), np.float32), usable, np.array([10, 15, 20, 25], np.int32), 1)
    assert nth_look(p, 0, 10, 2) == 20
    assert nth_look(p, 0, 15, 2) == 25
    assert nth_look(p, 0, 21, 2) == -1


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("radius", [5.0, 15.0, 30.0])
def test_a_pit_keeps_its_area_through_blur_and_pixels(size, radius):
    share = cover_of(Pit(21.3, 18.8, radius, 1.0, 0), (40, 40), size)
    assert share.sum() * 100 == pytest.approx(np.pi * radius**2, rel=0.03)
    assert share.max() <= 1 + 1e-6
    y, x = np.indices(share.shape)
    middle = ((share * y).sum() / share.sum(), (share * x).sum() / share.sum())
    assert middle == pytest.approx((21.3, 18.8), abs=0.05)
    if size == 2:
        assert np.array_equal(share[::2], share[1::2])
    if radius == 5.0:
        assert share.max() < 0.6  # smaller than a pixel: never pure


@pytest.mark.slow
def test_gossan_is_asked_after_every_scene():
    c = make(
        side=24,
        years=4,
        history_years=2,
        seed=1,
        scenario=Scenario(drought=0.0, severity=(1.0, 1.0)),
    )
    w = watch(c.values, c.usable, c.days, c.n_history, MonitorParams())
    dug = c.changed >= 0
    said = w.confirmed[0] >= 0
    assert said[dug].mean() > 0.3
    first = w.confirmed[0][said]
    assert np.isin(first, c.days[c.n_history :]).all()
    assert (w.warned[0][said] <= first).all()
    assert (w.after[0][said] <= first).all()
    assert w.ever_warned[said].all()


def test_pixels_keep_row_major_order():
    c = make(side=16, years=2, history_years=1, seed=1)
    mask = np.zeros((16, 16), bool)
    mask[3, 4] = mask[7, 2] = True
    p = pixels(c, mask)
    assert np.array_equal(p.values[:, :, 0], c.values[:, :, 3, 4])
    assert np.array_equal(p.usable[:, 1], c.usable[:, 7, 2])
    red, nir = p.values[:, 1], p.values[:, 2]
    seen = np.where(p.usable, (nir - red) / (nir + red), np.nan)
    assert np.allclose(p.index("NDVI"), seen, equal_nan=True)


def test_the_table_fits_a_terminal_and_names_every_method():
    cubes = [lambda s=s: make(side=16, years=3, history_years=2, seed=s) for s in (1, 2)]
    said: list[str] = []
    runs = measure(cubes, [], "plain", said.append)
    rows = rows_of(runs, "plain", 2)
    assert [r.method for r in rows] == ["gossan"]
    assert rows[0].pixels == 2 * 16 * 16
    assert len(runs["gossan", "default"].scores) == 2
    lines = [*table(rows), *own_lines(rows), *notes(rows, 2, 16, 1001)]
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("gossan") for line in lines)
    assert len(said) == 4
    figures = rows[0].figures
    looks = [figures[f"{k} looks in 60 d"].value for k in (2, 3, 4)]
    assert 100 >= looks[0] >= looks[1] >= looks[2] > 0


def test_a_sample_holds_a_third_of_each_kind():
    c = make(side=40, years=3, history_years=2, seed=1)
    mask = sample(c, 90)
    assert mask.sum() == 90
    assert (mask & (c.changed >= 0)).sum() == 30
    assert (mask & c.untouched & c.drought).sum() == 30
    assert np.array_equal(mask, sample(c, 90))
