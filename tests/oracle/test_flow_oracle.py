"""Filling, area above and distances against pyflwdir, on a real elevation model and a drawn one."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pyproj
import pytest
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.ndimage import gaussian_filter

from gossan.core.geodesy import neighbour_steps_m
from gossan.kernels.flood import COL, ROW, fill
from gossan.kernels.flow import accumulate, directions, follow

pyflwdir = pytest.importorskip("pyflwdir")

MYANMAR = Path(__file__).parents[2].parent / "shared" / "data" / "s1_myanmar" / "s1_vv_vh.nc"
D8 = {
    (0, 1): 1,
    (1, 1): 2,
    (1, 0): 4,
    (1, -1): 8,
    (0, -1): 16,
    (-1, -1): 32,
    (-1, 0): 64,
    (-1, 1): 128,
}

Model = tuple[NDArray[np.float64], GeoBox]


def drawn(crs: str, cell: float, north: float) -> Model:
    rng = np.random.default_rng(3)
    z = gaussian_filter(rng.normal(size=(90, 110)), 6) * 900
    z += gaussian_filter(rng.normal(size=z.shape), 1) * 3
    x = 22.0 if crs == "EPSG:4326" else 500_000.0
    return z, GeoBox(z.shape, Affine(cell, 0, x, 0, -cell, north), crs)


@pytest.fixture(params=["real, UTM", "drawn, UTM", "drawn, degrees"])
def model(request: pytest.FixtureRequest) -> Model:
    if request.param == "drawn, UTM":
        return drawn("EPSG:32634", 30.0, 5_000_000.0)
    if request.param == "drawn, degrees":
        return drawn("EPSG:4326", 1 / 3600, 65.0)
    if not MYANMAR.is_file():
        pytest.skip("../shared/data is not here: no real elevation model")
    data = xr.open_dataset(MYANMAR)
    x, y = data.x.values, data.y.values
    grid = GeoBox((120, 120), Affine(30, 0, x[0] - 15, 0, -30, y[0] + 15), "EPSG:32646")
    return data.elevation.values.astype(np.float64), grid


def routed(model: Model) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    z, grid = model
    return directions(fill(z), np.asarray(neighbour_steps_m(grid)))


def as_library(model: Model, below: NDArray[np.int32]) -> object:
    """The same directions as pyflwdir holds them."""
    z, grid = model
    ny, nx = z.shape
    here = np.arange(below.size)
    code = np.zeros(below.size, np.uint8)
    flows = below >= 0
    dy, dx = below // nx - here // nx, below % nx - here % nx
    code[flows] = [D8[int(a), int(b)] for a, b in zip(dy[flows], dx[flows], strict=True)]
    return pyflwdir.from_array(
        code.reshape(ny, nx),
        ftype="d8",
        check_ftype=True,
        transform=tuple(grid.affine)[:6],
        latlon=bool(grid.crs.geographic),
    )


def test_filled_as_the_library_fills(model: Model) -> None:
    z, _ = model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, _ = pyflwdir.dem.fill_depressions(z.astype(np.float32), outlets="edge")
    assert np.abs(fill(z.astype(np.float32).astype(np.float64)) - theirs).max() < 1e-4


def test_area_above_as_the_library_counts(model: Model) -> None:
    below, _ = routed(model)
    cells = as_library(model, below).upstream_area(unit="cell").ravel()  # type: ignore[attr-defined]
    assert np.array_equal(accumulate(below, np.ones(below.size)), cells)


def test_directions_are_the_steepest_of_eight(model: Model) -> None:
    """Against numpy on the whole array, wherever the ground is not level."""
    z, grid = model
    filled, steps = fill(z), np.asarray(neighbour_steps_m(grid), np.float64)
    ny, nx = z.shape
    slopes = np.full((8, ny, nx), -np.inf)
    for k in range(8):
        dy, dx = int(ROW[k]), int(COL[k])
        to = (slice(max(dy, 0), ny + min(dy, 0)), slice(max(dx, 0), nx + min(dx, 0)))
        at = (slice(max(-dy, 0), ny + min(-dy, 0)), slice(max(-dx, 0), nx + min(-dx, 0)))
        length = steps[k][at] if k < 4 else steps[k - 4][to]
        slopes[k][at] = (filled[at] - filled[to]) / length
    below, _ = directions(filled, np.asarray(neighbour_steps_m(grid)))
    best = slopes.argmax(axis=0)
    steep = slopes.max(axis=0) > 1e-6
    row, col = np.indices(z.shape)
    expected = (row + ROW[best]) * nx + col + COL[best]
    same = expected.ravel()[steep.ravel()] == below[steep.ravel()]
    if np.asarray(z % 1 == 0).all():  # whole metres: equally steep neighbours by the hundred
        slope_of = np.sort(slopes, axis=0)
        single = (slope_of[-1] - slope_of[-2] > 1e-7)[steep]
        same = same[single]
    assert same.mean() > 0.9999


def test_distances_are_geodesics(model: Model) -> None:
    """PROJ's own geodesics along the longest way. (pyflwdir 0.5.12 cannot follow a path with
    affine 3: its issue 108.)"""
    _, grid = model
    below, step = routed(model)
    ways = [follow(below, step, start, np.inf) for start in range(0, below.size, 37)]
    cells, along = max(ways, key=lambda way: float(way[1][-1]))
    row, col = np.divmod(cells.astype(np.int64), grid.shape[1])
    x, y = grid.affine @ (col + 0.5, row + 0.5)
    to_lonlat = pyproj.Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    length = pyproj.Geod(ellps="WGS84").line_length(*to_lonlat.transform(x, y))
    assert length > 1000
    assert along[-1] == pytest.approx(length, rel=1e-6)
