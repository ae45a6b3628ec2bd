"""Volumes between two drawn models, one shifted and raised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from bench.volume import CELL, MOVED, PITS, field, pair
from odc.geo.geobox import GeoBox

from gossan.core.errors import Code, GossanError
from gossan.core.terrain import Alignment, Elevation
from gossan.observables.terrain.volume import Difference, difference, patch_means, site_volumes

pytest.importorskip("xdem")


def test_shift_and_volumes_are_found() -> None:
    made = pair(101, error_m=0.5, cells=3.0)
    found = difference(made.before, made.after, made.sites, 1)
    east, north, up = found.alignment.shift_m
    assert east == pytest.approx(-MOVED[1] * CELL, abs=1.0)
    assert north == pytest.approx(MOVED[0] * CELL, abs=1.0)
    assert up == pytest.approx(-3.0, abs=0.2)
    assert found.alignment.nmad_after < found.alignment.nmad_before
    measured = site_volumes(found, {str(i): s for i, s in enumerate(made.sites)})
    for one, true, (_, _, side) in zip(measured, made.volumes, PITS, strict=True):
        assert one.volume is not None
        assert one.depth is not None
        assert one.volume.low < one.volume.value < one.volume.high
        assert one.volume.value == pytest.approx(true, abs=1.0 * (side * CELL) ** 2)
        assert (one.volume.value < 0) == (true < 0)
        assert one.known_share == 1.0
        assert one.cells == side * side


def stable_ground(cells: float) -> Difference:
    """Nothing but errors of 1 m, correlated over so many cells."""
    side = 240
    grid = GeoBox((side, side), Affine(10, 0, 0, 0, -10, 4e6), "EPSG:32634")
    noise = field(np.random.default_rng(4), cells)
    about = Alignment((0, 0, 0), 1.0, 1.0, 1.0, 10.0)
    return Difference(grid, noise, np.ones((side, side), np.bool_), about)


def test_the_error_of_a_mean_follows_the_correlation() -> None:
    """White errors average out by the root of the number of cells; correlated ones do not."""
    square = (np.arange(8)[:, None] * 240 + np.arange(8)).ravel().astype(np.int32)
    white, independent = patch_means(stable_ground(0.0), square)
    assert white.std() == pytest.approx(1 / 8, rel=0.1)
    assert independent == pytest.approx((233 / 8) ** 2)
    alike, _ = patch_means(stable_ground(12.0), square)
    assert alike.std() > 0.8


def test_small_and_unseen_sites_are_not_measurable() -> None:
    made = pair(3, error_m=0.5, cells=3.0)
    z = made.after.heights.copy()
    row, col, side = PITS[0]
    z[row - 2 : row + side // 2, col - 2 : col + side + 2] = np.nan
    found = difference(made.before, replace(made.after, heights=z), made.sites, 1)
    tiny = made.sites[3].centroid.buffer(1e-4)
    unseen, small = site_volumes(found, {"unseen": made.sites[0], "small": tiny})
    assert unseen.volume is None
    assert unseen.known_share < 0.8
    assert small.volume is None
    assert small.cells < 9


def test_models_that_do_not_meet_are_refused() -> None:
    made = pair(3, error_m=0.5, cells=3.0)
    grid = made.after.grid
    away = GeoBox(grid.shape, Affine(10, 0, 600_000, 0, -10, 4_500_000), str(grid.crs))
    with pytest.raises(GossanError, match="stable ground") as caught:
        difference(made.before, Elevation(away, made.after.heights), made.sites, 1)
    assert caught.value.code is Code.DEM


def test_a_model_in_degrees_is_laid_over_in_metres(tmp_path: Path) -> None:
    grid = GeoBox((150, 150), Affine(1e-4, 0, 22.0, 0, -1e-4, 45.0), "EPSG:4326")
    rng = np.random.default_rng(2)
    z = 500 + 40 * field(rng, 25)[:150, :150]
    dug = z.copy()
    dug[60:80, 60:90] -= 6.0
    (w, n), (e, s) = grid.affine @ (60, 60), grid.affine @ (90, 80)
    site = shapely.box(w, s, e, n)
    found = difference(
        Elevation(grid, z.astype(np.float32)), Elevation(grid, dug.astype(np.float32)), [site], 1
    )
    assert str(found.grid.crs).upper() == "EPSG:32634"
    one = site_volumes(found, {"S": site})[0].volume
    assert one is not None
    # 20 x 30 cells of 11.11 x 7.89 m
    assert one.value == pytest.approx(-6.0 * 600 * 11.112 * 7.886, rel=0.02)
