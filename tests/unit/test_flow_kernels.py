"""Filling and routing on surfaces small enough to work out by hand; compiled and not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gossan.kernels import flood, flow

UNIT = np.ones((4, 20, 20), np.float32)
UNIT[[1, 3]] = np.sqrt(2)


def steps(shape: tuple[int, int]) -> NDArray[np.float32]:
    return np.ascontiguousarray(UNIT[:, : shape[0], : shape[1]])


@pytest.fixture(params=["compiled", "plain"])
def fill(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return flood.fill if request.param == "compiled" else flood.fill.py_func


@pytest.fixture(params=["compiled", "plain"])
def directions(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return flow.directions if request.param == "compiled" else flow.directions.py_func


def test_a_hollow_is_filled_to_its_lowest_rim(fill: Callable[..., Any]) -> None:
    dem = np.full((5, 5), 9.0)
    dem[1:4, 1:4] = [[3, 3, 3], [3, 1, 3], [3, 3, 3]]
    dem[2, 4] = 5.0  # the rim's lowest place
    filled = fill(dem)
    assert filled[1:4, 1:4] == pytest.approx(5.0, abs=1e-9)
    assert (filled[1:4, 1:4] > 5.0).all(), "it rises from the outlet"
    assert (filled[[0, 4]] == 9.0).all()
    assert filled[2, 4] == 5.0


def test_unknown_ground_is_an_edge_and_stays_unknown(fill: Callable[..., Any]) -> None:
    dem = np.full((5, 5), 9.0)
    dem[2, 2] = 1.0
    assert fill(dem)[2, 2] == pytest.approx(9.0)
    dem[2, 3] = np.nan
    filled = fill(dem)
    assert filled[2, 2] == 1.0, "it drains into the gap"
    assert np.isnan(filled[2, 3])


def test_each_cell_drains_down_the_steepest_of_eight(directions: Callable[..., Any]) -> None:
    dem = np.array([[9.0, 8.0, 9.0], [9.0, 5.0, 4.2], [9.0, 6.0, 3.9]])
    below, step = directions(dem, steps((3, 3)))
    # south-east falls 1.1 over 1.41, east 0.8 over 1
    assert below[4] == 5
    assert step[4] == 1.0
    assert below[5] == 8
    assert below[8] == flow.OUT
    assert below[0] == 4
    assert step[0] == pytest.approx(np.sqrt(2))
    dem[2, 2] = 3.8
    assert directions(dem, steps((3, 3)))[0][4] == 8, "1.2 over 1.41 is steeper than 0.8 over 1"


def test_steps_of_unequal_length_decide(directions: Callable[..., Any]) -> None:
    dem = np.array([[9.0, 9.0, 9.0], [9.0, 5.0, 4.0], [9.0, 4.2, 9.0]])
    narrow = steps((3, 3))
    assert directions(dem, narrow)[0][4] == 5
    wide = narrow.copy()
    wide[0] *= 2.0  # as if a column were twice as wide as a row is high
    assert directions(dem, wide)[0][4] == 7


def test_area_above_and_the_way_down() -> None:
    # a gully along row 1 to the east, two cells wide of slope on each side
    dem = np.array([[5.0, 4.0, 3.0, 2.0], [3.0, 2.0, 1.0, 0.0], [5.0, 4.0, 3.0, 2.0]])
    below, step = flow.directions(dem, steps((3, 4)))
    above = flow.accumulate(below, np.full(12, 2.5))
    assert above[7] == 12 * 2.5
    cells, along = flow.follow(below, step, 4, 100.0)
    assert cells.tolist() == [4, 5, 6, 7]
    assert along.tolist() == [0.0, 1.0, 2.0, 3.0]
    cells, _ = flow.follow(below, step, 4, 2.5)
    assert cells.tolist() == [4, 5, 6], "not farther than asked"


def test_exits_and_joining() -> None:
    dem = np.add([[9.0, 8.0, 7.0, 6.0, 5.0]] * 2, [[0.0], [0.5]])
    below, _ = flow.directions(dem, steps((2, 5)))
    members = np.array([0, 1, 2], np.int32)
    inside = np.zeros(10, np.bool_)
    inside[members] = True
    assert flow.leaves_by(below, members, inside).tolist() == [2, 2, 2]
    marked = np.zeros(10, np.bool_)
    marked[4] = True
    assert flow.joins(below, members, marked).all()
    marked[4], marked[5] = False, True
    assert not flow.joins(below, members, marked).any()
