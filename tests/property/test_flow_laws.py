"""What holds of the flow on any ground."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from gossan.kernels.flood import fill
from gossan.kernels.flow import OUT, UNKNOWN, accumulate, directions, follow

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))
HEIGHTS = SHAPES.flatmap(
    lambda shape: arrays(
        np.float64, shape, elements=st.sampled_from([0.0, 1.0, 1.0, 2.0, 2.5, 3.0, 7.0, np.nan])
    )
)
"""Few distinct heights: flats and nested hollows everywhere, gaps anywhere."""


def steps(shape: tuple[int, int]) -> NDArray[np.float32]:
    unit = np.ones((4, *shape), np.float32)
    unit[0], unit[[1, 3]] = 0.7, np.hypot(1, 0.7)
    return unit


@settings(deadline=None)
@given(HEIGHTS)
def test_filling_raises_only_and_only_as_far_as_needed(dem: NDArray[np.float64]) -> None:
    filled = fill(dem)
    known = np.isfinite(dem)
    assert (np.isfinite(filled) == known).all()
    assert (filled[known] >= dem[known]).all()
    # no more than the smallest steps above a height that is there
    assert np.isin(np.round(filled[known], 6), np.round(dem[known], 6)).all()
    again = fill(filled)
    assert np.array_equal(again, filled, equal_nan=True)


@settings(deadline=None)
@given(HEIGHTS)
def test_every_cell_drains_to_the_edge_without_cycles(dem: NDArray[np.float64]) -> None:
    filled = fill(dem)
    below, step = directions(filled, steps(dem.shape))
    nx = dem.shape[1]
    padded = np.pad(np.isnan(dem), 1, constant_values=True)
    for start in np.flatnonzero(np.isfinite(dem.ravel())):
        cells, along = follow(below, step, int(start), np.inf)
        assert len(set(cells.tolist())) == len(cells), "no cell twice"
        assert (np.diff(filled.ravel()[cells]) < 0).all(), "always down"
        assert (np.diff(along) > 0).all()
        y, x = divmod(int(cells[-1]), nx)
        assert below[cells[-1]] == OUT
        assert padded[y : y + 3, x : x + 3].any(), "it ends where knowledge does"
    assert (below[np.isnan(dem.ravel())] == UNKNOWN).all()


@settings(deadline=None)
@given(HEIGHTS, st.integers(0, 99))
def test_what_flows_out_is_what_fell(dem: NDArray[np.float64], seed: int) -> None:
    weight = np.random.default_rng(seed).integers(1, 9, dem.size).astype(np.float64)
    below, step = directions(fill(dem), steps(dem.shape))
    total = accumulate(below, weight)
    known = np.isfinite(dem.ravel())
    assert total[below == OUT].sum() == weight[known].sum()
    # and of each cell it is what the ways through it say
    counted = np.zeros(dem.size)
    for start in np.flatnonzero(known):
        counted[follow(below, step, int(start), np.inf)[0]] += weight[start]
    assert np.array_equal(total[known], counted[known])
