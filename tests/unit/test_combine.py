"""Two sensors, one answer: every pair of answers, and the arithmetic of chance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from gossan.core.dates import NO_DAY
from gossan.core.errors import GossanError
from gossan.core.values import Disturbances, Status
from gossan.monitor.combine import WINDOW_DAYS, Combined, Sensor, combine

S = Status
BOTH = Sensor.OPTICAL | Sensor.RADAR


def answer(
    status: Status,
    before: int = NO_DAY,
    first: int = NO_DAY,
    confirmed: int = NO_DAY,
    recovered: int = NO_DAY,
    seen: int = NO_DAY,
    magnitude: float = 0.0,
    n: int = 20,
) -> Disturbances:
    """One pixel."""

    def day(value: int) -> np.ndarray:
        return np.full((1, 1), value, np.int32)

    grid = GeoBox.from_bbox((0, 0, 10, 10), "EPSG:32634", resolution=10)
    return Disturbances(
        grid,
        np.full((1, 1), status, np.uint8),
        day(before),
        day(first),
        day(confirmed),
        day(recovered),
        np.full((1, 1), magnitude, np.float32),
        np.full((1, 1), n, np.int16),
        day(seen),
        np.zeros((1, 1), np.uint8),
        day(NO_DAY),
        day(NO_DAY),
    )


def join(o: Disturbances, r: Disturbances, since: int = NO_DAY) -> tuple[Combined, dict[str, int]]:
    found = combine(o, r, np.full((1, 1), since, np.int32))
    values = {
        f.name: getattr(found.disturbances, f.name)[0, 0].item()
        for f in dataclasses.fields(Disturbances)
        if f.name != "grid"
    }
    return found, values | {
        "by": int(found.changed_by[0, 0]),
        "safe": int(found.unchanged_by[0, 0]),
    }


def test_what_both_suspect_of_one_time_is_confirmed_within_the_dates_both_allow() -> None:
    o = answer(S.PROVISIONAL, before=100, first=130, seen=140, magnitude=5.0)
    r = answer(S.PROVISIONAL, before=112, first=124, seen=170, magnitude=7.0)
    found, v = join(o, r, since=136)
    assert v["status"] == S.CONFIRMED
    assert (v["last_unchanged"], v["first_changed"]) == (112, 124)
    assert v["confirmed_on"] == 140
    assert v["by"] == BOTH
    assert v["magnitude"] == 7.0
    assert v["last_seen"] == 170
    assert join(o, r, since=150)[1]["confirmed_on"] == 150
    assert found.by_chance == 1.0


def test_dates_that_do_not_overlap_but_lie_near_give_all_of_both() -> None:
    o = answer(S.CONFIRMED, before=100, first=110, confirmed=150, seen=150)
    r = answer(S.PROVISIONAL, before=130, first=142, seen=160)
    _, v = join(o, r, since=154)
    assert (v["last_unchanged"], v["first_changed"]) == (100, 142)
    assert v["confirmed_on"] == 150
    assert v["by"] == BOTH


@pytest.mark.parametrize("gap", [WINDOW_DAYS - 1, WINDOW_DAYS, 400])
def test_suspicions_of_two_times_do_not_confirm_each_other(gap: int) -> None:
    o = answer(S.PROVISIONAL, before=100, first=110, seen=120, magnitude=4.0)
    r = answer(S.PROVISIONAL, before=110 + gap, first=122 + gap, seen=130 + gap, magnitude=9.0)
    _, v = join(o, r, since=130 + gap)
    near = gap < WINDOW_DAYS
    assert v["status"] == (S.CONFIRMED if near else S.PROVISIONAL)
    assert v["by"] == (BOTH if near else Sensor.OPTICAL)
    if not near:
        assert (v["last_unchanged"], v["first_changed"]) == (100, 110)
        assert v["magnitude"] == 4.0
        assert v["confirmed_on"] == NO_DAY
    # the same the other way round in time
    _, v = join(dataclasses.replace(r, grid=o.grid), dataclasses.replace(o, grid=r.grid), 120)
    assert v["status"] == (S.CONFIRMED if near else S.PROVISIONAL)


def test_radar_alone_confirms_while_cloud_hides_the_ground() -> None:
    o = answer(S.STABLE, before=100, seen=100)
    r = answer(S.CONFIRMED, before=108, first=120, confirmed=144, seen=180, magnitude=6.0)
    _, v = join(o, r, since=132)
    assert v["status"] == S.CONFIRMED
    assert (v["last_unchanged"], v["first_changed"], v["confirmed_on"]) == (108, 120, 144)
    assert v["by"] == Sensor.RADAR
    assert join(answer(S.NO_MODEL, n=0), r, since=132)[1]["status"] == S.CONFIRMED
    assert join(answer(S.NO_MODEL, n=0), r, since=132)[1]["n_history"] == 20


@pytest.mark.parametrize(
    ("radar", "expected", "by"),
    [
        (S.CONFIRMED, S.PROVISIONAL, Sensor.RADAR),
        (S.PROVISIONAL, S.STABLE, 0),
        (S.RECOVERED, S.STABLE, 0),
    ],
)
def test_radar_alone_is_not_enough_once_optical_has_looked(
    radar: Status, expected: Status, by: int
) -> None:
    o = answer(S.STABLE, before=150, seen=150)
    r = answer(radar, before=108, first=120, confirmed=144, recovered=170, seen=180)
    _, v = join(o, r, since=132)
    assert v["status"] == expected
    assert v["by"] == by
    assert v["confirmed_on"] == NO_DAY
    assert v["recovered_on"] == NO_DAY
    if expected is S.STABLE:
        assert v["last_unchanged"] == 150
        assert v["first_changed"] == NO_DAY
        assert v["safe"] == Sensor.OPTICAL


def test_optical_confirmation_needs_no_radar() -> None:
    o = answer(S.CONFIRMED, before=100, first=110, confirmed=150, seen=200)
    for r in (
        answer(S.STABLE, before=190, seen=190),
        answer(S.NO_MODEL),
        answer(S.PROVISIONAL, before=400, first=412, seen=420),
        answer(S.CONFIRMED, before=400, first=412, confirmed=436, seen=440),
    ):
        _, v = join(o, r)
        assert v["status"] == S.CONFIRMED
        assert (v["last_unchanged"], v["first_changed"], v["confirmed_on"]) == (100, 110, 150)
        assert v["by"] == Sensor.OPTICAL


def test_ground_is_back_only_when_no_sensor_still_sees_the_change() -> None:
    o = answer(S.CONFIRMED, before=100, first=110, confirmed=150, seen=300)
    r = answer(S.RECOVERED, before=104, first=116, confirmed=140, recovered=250, seen=300)
    assert join(o, r)[1]["status"] == S.CONFIRMED
    assert join(o, r)[1]["recovered_on"] == NO_DAY
    back = answer(S.RECOVERED, before=100, first=110, confirmed=150, recovered=270, seen=300)
    _, v = join(back, r)
    assert v["status"] == S.RECOVERED
    assert v["recovered_on"] == 270
    assert v["confirmed_on"] == 140


def test_unchanged_ground_is_dated_by_who_saw_it_last() -> None:
    o, r = answer(S.STABLE, before=100, seen=101), answer(S.STABLE, before=190, seen=190)
    _, v = join(o, r)
    assert v["status"] == S.STABLE
    assert (v["last_unchanged"], v["last_seen"], v["safe"]) == (190, 190, Sensor.RADAR)
    assert join(r, o)[1]["safe"] == Sensor.OPTICAL
    assert join(r, r)[1]["safe"] == BOTH
    assert v["by"] == 0
    assert join(answer(S.NO_MODEL), answer(S.NO_MODEL))[1]["status"] == S.NO_MODEL
    assert join(answer(S.NO_MODEL), answer(S.NO_MODEL))[1]["safe"] == 0
    assert join(answer(S.NO_MODEL), r)[1]["status"] == S.STABLE


def test_a_suspicion_of_one_sensor_does_not_hide_that_the_other_saw_unchanged_ground_later() -> (
    None
):
    o = answer(S.PROVISIONAL, before=100, first=110, seen=120)
    _, v = join(o, answer(S.STABLE, before=190, seen=190))
    assert v["status"] == S.PROVISIONAL
    assert (v["last_unchanged"], v["first_changed"]) == (100, 110)


def test_a_step_in_a_history_stays_early_and_apart() -> None:
    early = answer(S.EARLY, before=10, first=20)
    stable = answer(S.STABLE, before=190, seen=190)
    for o, r, by in ((early, stable, Sensor.OPTICAL), (stable, early, Sensor.RADAR)):
        _, v = join(o, r)
        assert v["status"] == S.EARLY
        assert (v["last_unchanged"], v["first_changed"]) == (10, 20)
        assert v["by"] == by
        assert v["confirmed_on"] == NO_DAY
    later = answer(S.CONFIRMED, before=108, first=120, confirmed=144, seen=180)
    assert join(early, later)[1]["status"] == S.CONFIRMED


def test_independent_false_suspicions_meet_as_often_as_chance_says() -> None:
    """Two false shares multiply: of 1 % and 2 % provisional ground 0.02 % is confirmed."""
    shape = (400, 500)
    grid = GeoBox.from_bbox((0, 0, 5000, 4000), "EPSG:32634", resolution=10)

    def sensor(share: float, seed: int) -> Disturbances:
        false = np.random.default_rng(seed).random(shape) < share
        none = np.full(shape, NO_DAY, np.int32)
        before = np.where(false, 1000, 1040).astype(np.int32)
        first = np.where(false, 1012, NO_DAY).astype(np.int32)
        return Disturbances(
            grid,
            np.where(false, S.PROVISIONAL, S.STABLE).astype(np.uint8),
            before,
            first,
            none,
            none,
            np.zeros(shape, np.float32),
            np.full(shape, 20, np.int16),
            np.full(shape, 1040, np.int32),
            np.zeros(shape, np.uint8),
            none,
            none,
        )

    o, r = sensor(0.01, 1), sensor(0.02, 2)
    found = combine(o, r, np.full(shape, NO_DAY, np.int32))
    confirmed = int((found.disturbances.status == S.CONFIRMED).sum())
    assert found.by_chance == pytest.approx(200_000 * 0.01 * 0.02, rel=0.1)
    assert abs(confirmed - found.by_chance) < 5 * found.by_chance**0.5


def test_two_grids_are_refused() -> None:
    o = answer(S.STABLE)
    other = GeoBox.from_bbox((0, 0, 20, 20), "EPSG:32634", resolution=20)
    with pytest.raises(GossanError, match="two grids"):
        combine(o, dataclasses.replace(o, grid=other), np.full((1, 1), NO_DAY, np.int32))
