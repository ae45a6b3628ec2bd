"""Moving vehicles: their pictures, the search, the null, and what many passes say."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString

from gossan.core.overpasses import change, passes_needed, rate, set_aside
from gossan.core.traffic import Pass
from gossan.observables.traffic import null
from gossan.observables.traffic.detect import LEAST, Strip, searched, strip_of, under_null
from gossan.observables.traffic.limits import Laid, added, alone, convoy, shares
from gossan.observables.traffic.motion import SECONDS, TRUE_ORDER, null_orders, reversed_order
from gossan.observables.traffic.road import sample_image, samples
from gossan.observables.traffic.vehicles import (
    ASPHALT,
    FLEET,
    SEMI_GREY,
    SEMI_WHITE,
    TIPPER_DULL,
    WIDTH_M,
    share_of_light,
)


def test_no_motion_makes_an_order_of_the_null_nor_its_reverse() -> None:
    """Reversed, a null order is the same test, and the true one is never among them."""
    orders = null_orders()
    assert len(orders) >= 4
    assert all(reversed_order(o) not in orders for o in orders)
    assert TRUE_ORDER not in orders
    assert reversed_order(TRUE_ORDER) not in orders
    times = np.array(SECONDS)
    assert all(abs(np.corrcoef(times[list(o)], times)[0, 1]) < 0.35 for o in orders)
    reverse = np.corrcoef(times[list(reversed_order(TRUE_ORDER))], times)[0, 1]
    assert reverse < -0.95  # driven the other way it is the same test: no null


def test_a_vehicle_lights_what_it_covers_and_moves_between_bands() -> None:
    v = 20.0
    share = share_of_light(SEMI_WHITE, (v, 0.0), (0.0, 0.0))
    assert share.sum(axis=(1, 2)) == pytest.approx([16.5 * WIDTH_M / 100] * 4, rel=0.02)
    x = (np.arange(share.shape[2]) - share.shape[2] // 2) * 10
    middle = (share.sum(axis=1) * x).sum(axis=1) / share.sum(axis=(1, 2))
    assert np.diff(middle) == pytest.approx(np.diff(SECONDS) * v, abs=0.2)


def road(n: int = 600, seed: int = 1, noise: float = 0.004) -> tuple[Laid, NDArray[np.bool_]]:
    """A straight paved road of n samples in an image: ground alike in all bands, and noise."""
    rng = np.random.default_rng(seed)
    shape = (24, n + 20)
    ground = ndimage.gaussian_filter(rng.normal(0, 0.02, shape), 1.5)
    image = np.array(ASPHALT)[:, None, None] + ground + rng.normal(0, noise, (4, *shape))
    rows = np.repeat(np.array([[-0.5], [0.0], [0.5]]) + 12.0, n, axis=1)
    cols = np.repeat(np.arange(n)[None] + 10.0, 3, axis=0)
    values = sample_image(image.astype(np.float32), rows, cols)
    usable = np.ones((3, n), bool)
    return Laid(values, rows, cols, usable, True), usable


def _near(found: NDArray[np.int64], at: int) -> bool:
    return bool((np.abs(found - at) <= 12).any())


def strip(laid: Laid) -> Strip:
    return strip_of(laid.values, laid.usable)


def test_vehicles_are_found_where_they_are_and_as_fast_as_they_drive() -> None:
    laid, usable = road()
    values = laid.values.copy()
    driven = [(60, SEMI_WHITE, 60.0, 1), (200, SEMI_GREY, 80.0, -1), (400, TIPPER_DULL, 40.0, 1)]
    for at, vehicle, kmh, way in driven:
        values += added(laid, vehicle, at, kmh, way, 0.0)
    ((found,), _, _) = searched([strip_of(values, usable)])
    assert len(found) <= 4  # noise may add one in six kilometres
    for at, _, kmh, way in driven:
        k = int(np.abs(found.at - at).argmin())
        assert abs(int(found.at[k]) - at) <= 1
        assert np.sign(found.speed[k]) == way
        assert abs(abs(found.speed[k]) * 3.6 - kmh) <= 25


def test_what_stands_still_is_no_vehicle_however_bright() -> None:
    """A parked lorry, a white line of 40 m, a bridge: alike in place in all bands."""
    laid, usable = road()
    values = laid.values.copy()
    values += added(laid, SEMI_WHITE, 100, 0.01, 1, 0.0)
    values[:, :, 250:254] += 0.15
    values[:, :, 400:] += 0.05
    ((found,), _, _) = searched([strip_of(values, usable)])
    assert not any(_near(found.at, at) for at in (100, 252, 400))


def test_a_convoy_does_not_hide_itself() -> None:
    laid, _ = road(2000)
    rng = np.random.default_rng(3)
    hits = [convoy([laid], [strip(laid)], TIPPER_DULL, 40.0, rng) for _ in range(10)]
    assert all(h is not None and h[1] == 8 for h in hits)
    together = sum(h[0] for h in hits if h) / 80
    _, _, noise = searched([strip(laid)])
    tried = alone([laid], [strip(laid)], noise, 40, rng)
    apart = np.mean([hit for v, _, kmh, hit in tried if v is TIPPER_DULL and kmh == 40.0])
    assert apart > 0.6
    assert together > apart - 0.15


def test_noise_alone_is_found_about_as_often_as_its_null_says() -> None:
    """Bands of equal noise may be exchanged, so that every order finds as much; but where the true
    one found something the null does not look, and noise is high there: that takes a third off."""
    false, want, held = 0, 0.0, 0
    for seed in range(40):
        laid, _ = road(600, seed=seed, noise=0.008)
        strips = [strip(laid)]
        (found,), places, noise = searched(strips)
        counts = [under_null(strips, places, noise, o) for o in null_orders()]
        e = null.expected(counts, "s")
        held += e.low <= len(found) <= e.high
        false, want = false + len(found), want + e.value
    assert held >= 32
    assert 0.5 * want < false < 1.8 * want
    assert false / (40 * 6) < 0.5  # a km


def test_the_null_does_not_see_the_vehicles_themselves() -> None:
    laid, usable = road(2000, seed=4)
    empty = [strip(laid)]
    values = laid.values.copy()
    rng = np.random.default_rng(0)
    for at in range(40, 1960, 40):
        values += added(laid, FLEET[at // 40 % len(FLEET)], at, float(rng.uniform(40, 90)), 1, 0.0)
    busy = [strip_of(values, usable)]
    (found,), places, noise = searched(busy)
    assert len(found) >= 35
    counts = sum(under_null(busy, places, noise, o) for o in null_orders())
    _, none, quiet = searched(empty)
    before = sum(under_null(empty, none, quiet, o) for o in null_orders())
    assert counts <= 1.5 * before + 3


def test_dark_and_far_from_the_road_is_not_found() -> None:
    laid, usable = road()
    values = laid.values - 3 * added(laid, SEMI_WHITE, 300, 60.0, 1, 0.0) / 5
    ((found,), _, _) = searched([strip_of(values, usable)])
    assert not _near(found.at, 300)
    hidden = usable.copy()
    hidden[:, 290:310] = False
    bright = laid.values + added(laid, SEMI_WHITE, 300, 60.0, 1, 0.0)
    ((found,), _, _) = searched([strip_of(bright, hidden)])
    assert not _near(found.at, 300)  # cloud over it: neither found nor taken for empty


def test_limits_fall_with_paint_and_hold_their_interval() -> None:
    laid, _ = road(noise=0.012)
    strips = [strip(laid)]
    _, _, noise = searched(strips)
    tried = alone([laid], strips, noise, 12, np.random.default_rng(2))
    rows = [(v.name, paved, speed, 0.0, int(hit), 1) for v, paved, speed, hit in tried]
    seen = {(s.vehicle, s.speed_kmh): s for s in shares(rows)}
    white, dull = seen[SEMI_WHITE.name, 60.0], seen[TIPPER_DULL.name, 60.0]
    assert white.share > 0.9
    assert dull.share < white.share
    assert dull.low <= dull.share <= dull.high
    assert white.n == 12


def test_bends_are_taken_out_and_tracks_lie_beside_the_line() -> None:
    found = samples(LineString([(0, 0), (500, 0), (500, 500)]), 5.0)
    assert found is not None
    assert found.xy.shape == (3, 100, 2)
    assert not found.straight[48:52].any()
    assert found.straight[:40].all()
    assert np.ptp(found.xy[:, 10, 1]) == pytest.approx(10.0)
    assert samples(LineString([(0, 0), (15, 0)]), 5.0) is None


DAY = date(2020, 1, 1)


def passed(k: int, found: int, counts: tuple[float, ...], km: float = 10.0) -> Pass:
    name = f"s{k}"
    return Pass(
        DAY + timedelta(5 * k),
        name,
        km,
        found,
        counts,
        null.expected(counts, name),
        null.excess(found, counts, name),
    )


def test_the_excess_holds_nothing_where_nothing_drives_and_something_where_it_does() -> None:
    none, some = passed(0, 1, (1, 0, 2, 1, 1)), passed(1, 12, (1, 0, 2, 1, 1))
    assert none.excess is not None
    assert some.excess is not None
    assert none.excess.low < 0 < none.excess.high
    assert some.excess.low > 4
    assert some.excess.value == 11


def test_the_excess_covers_the_truth() -> None:
    rng = np.random.default_rng(9)
    held = 0
    for _ in range(400):
        false, true = 0.8, 3.0
        m = null.excess(
            int(rng.poisson(true + false)), [float(c) for c in rng.poisson(false, 5)], ""
        )
        held += m.low <= true <= m.high
    assert held >= 0.92 * 400


def test_the_excess_is_less_sure_where_the_nulls_orders_differ_by_more_than_chance() -> None:
    """The same 20 false detections in five orders: as chance spreads them, and all in one."""
    even = null.excess(10, (3.0, 5.0, 4.0, 2.0, 6.0), "")
    clustered = null.excess(10, (0.0, 0.0, 20.0, 0.0, 0.0), "")
    assert even.value == clustered.value == 6
    assert even.low > 0 > clustered.low
    assert clustered.high - clustered.low > 1.5 * (even.high - even.low)


def test_a_scene_whose_null_stands_out_is_set_aside_with_the_reason() -> None:
    many = [passed(k, 1, (1, 0, 1, 0, 0)) for k in range(10)]
    odd = passed(10, 30, (14, 11, 12, 9, 13))
    out = set_aside([*many, odd])
    assert [bool(p.aside) for p in out] == [False] * 10 + [True]
    assert "null is abnormal" in out[-1].aside
    whole = rate(out)
    assert whole is not None
    assert odd.scene not in whole.scenes


def test_a_change_needs_passes_on_both_sides_and_rests_on_how_they_differ() -> None:
    rng = np.random.default_rng(1)
    quiet = [passed(k, int(rng.poisson(1)), (1, 0, 1, 1, 0)) for k in range(8)]
    busy = [passed(k, int(rng.poisson(11)), (1, 0, 1, 1, 0)) for k in range(8, 16)]
    split = busy[0].day
    found = change([*quiet, *busy], split)
    assert found is not None
    assert found.low > 0.5
    assert found.low < 1.0 < found.high
    assert change([*quiet, *busy[:2]], split) is None
    same = change([*quiet[:4], *quiet[4:]], quiet[4].day)
    assert same is not None
    assert same.low < 0 < same.high
    wild = [passed(k, n, (1, 0, 1, 1, 0)) for k, n in enumerate((0, 40, 0, 40, 0, 40))]
    tame = [passed(k, 20, (1, 0, 1, 1, 0)) for k in range(6)]
    a, b = rate(wild), rate(tame)
    assert a is not None
    assert b is not None
    assert a.high - a.low > 2 * (b.high - b.low)


def test_few_vehicles_take_many_passes() -> None:
    assert passes_needed(8, 0.5) == 2
    assert passes_needed(0.05, 0.5) == 3780
    assert passes_needed(0, 0.5) is None


def test_the_threshold_is_the_one_measured() -> None:
    assert LEAST == 4.0  # bench/traffic.py: one false detection in twenty kilometres
