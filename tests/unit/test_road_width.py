"""Open ground of a road: its width whatever the pixels, its noise, what happened to it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from gossan.core.change_events import events_of
from gossan.core.measured import Change
from gossan.observables.traffic.width import (
    BARE_DVI,
    Open,
    brightness_readings,
    open_ground,
    smallest_step,
    width_readings,
)

OFFSETS = np.arange(-12, 13) * 5.0
DAY = date(2019, 1, 1)


def profile(width: float, seed: int = 0, plants: float = 0.3, n: int = 100, blur: float = 6.0):
    """DVI, visible and usable across a road of this width as the sensor blurs it."""
    rng = np.random.default_rng(seed)
    fine = np.arange(-600, 601) / 10
    road = (np.abs(fine) <= width / 2).astype(float)
    kernel = np.exp(-0.5 * (np.arange(-300, 301) / 10 / blur) ** 2)
    seen = np.convolve(road, kernel / kernel.sum(), mode="same")
    share = np.interp(OFFSETS, fine, seen)[:, None]
    dvi = share * BARE_DVI + (1 - share) * plants + rng.normal(0, 0.01, (len(OFFSETS), n))
    visible = share * 0.2 + (1 - share) * 0.05 + rng.normal(0, 0.003, (len(OFFSETS), n))
    return visible.astype(np.float32), dvi.astype(np.float32), np.ones(dvi.shape, bool)


def told(width: float, **more) -> Open:  # type: ignore[no-untyped-def]
    return open_ground(*profile(width, **more), OFFSETS)


@pytest.mark.parametrize("width", [0.0, 4.0, 8.0, 15.0, 25.0])
def test_the_width_comes_out_though_it_is_less_than_a_pixel(width: float) -> None:
    found = told(width)
    assert found.width is not None
    assert found.width == pytest.approx(width, abs=1.0)


def test_without_plants_beside_it_or_under_cloud_there_is_no_width_but_a_reason() -> None:
    dry = told(8.0, plants=0.1)
    assert dry.width is None
    assert "not green" in dry.why_not
    visible, dvi, usable = profile(8.0)
    usable[:, 15:] = False
    hidden = open_ground(visible, dvi, usable, OFFSETS)
    assert hidden.width is None
    assert "clear across the road" in hidden.why_not


def series(widths: list[float], noise: float = 0.0) -> list[tuple[date, str, Open]]:
    rng = np.random.default_rng(4)
    return [
        (DAY + timedelta(10 * k), f"s{k}", told(max(0.0, w + rng.normal(0, noise)), seed=k))
        for k, w in enumerate(widths)
    ]


def test_a_road_that_opens_and_widens_is_dated_and_a_steady_one_has_no_events() -> None:
    readings = width_readings(series([0.0] * 8 + [8.0] * 8 + [20.0] * 8))
    events = events_of(readings, 3.0)
    assert [e.change for e in events] == [Change.APPEARED, Change.GREW]
    assert events[0].when.last_unchanged == DAY + timedelta(70)
    assert events[0].when.first_changed == DAY + timedelta(80)
    assert not events_of(width_readings(series([8.0] * 24, noise=0.8)), 3.0)


def test_the_interval_holds_what_near_looks_differ_by() -> None:
    quiet, loud = (width_readings(series([8.0] * 24, noise=n)) for n in (0.1, 2.0))
    half = [(r[0].high or 0) - (r[0].value or 0) for r in (quiet, loud)]
    assert half[1] > 2 * half[0]
    held = [r for r in loud if (r.low or 0) <= 8 <= (r.high or 0)]
    assert len(held) >= 0.85 * len(loud)
    small, large = smallest_step(quiet), smallest_step(loud)
    assert small is not None
    assert large is not None
    assert small < large
    assert smallest_step(quiet[:12]) is None


def test_brightness_is_that_of_open_ground_only() -> None:
    readings = brightness_readings(series([25.0] * 12))
    assert readings[0].value == pytest.approx(0.19, abs=0.02)
    none = brightness_readings(series([2.0] * 12))
    assert none[0].value is None
    assert "mostly open ground" in none[0].why_not
