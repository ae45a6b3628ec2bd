"""Does the interval of a volume hold the true volume as often as it says?

Two models of one synthetic hill country: the later one is shifted, raised, has pits dug into it,
and both have errors of a given spread and range of correlation. `python -m bench.volume`
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.ndimage import gaussian_filter, shift
from shapely.geometry.base import BaseGeometry

from gossan.core.proportions import exact_interval
from gossan.core.terrain import Elevation
from gossan.observables.terrain.volume import difference, site_volumes

SIDE, CELL = 240, 10.0
GRID = GeoBox((SIDE, SIDE), Affine(CELL, 0, 500_000, 0, -CELL, 4_500_000), "EPSG:32634")
PITS = ((60, 60, 24), (60, 170, 12), (150, 110, 36), (190, 200, 6))
"""First row, first column and side of what is dug, cells."""

MOVED = (0.6, -1.1)
"""Shift of the later model in rows and columns, cells: 11 m east, 6 m north of where it is."""


@dataclass(frozen=True)
class Pair:
    """Two models, the pits as lon/lat polygons, and the true volume of each, m3."""

    before: Elevation
    after: Elevation
    sites: tuple[BaseGeometry, ...]
    volumes: tuple[float, ...]


def field(rng: np.random.Generator, cells: float) -> NDArray[np.float64]:
    """Noise of spread 1, correlated over so many cells; white for 0."""
    drawn = gaussian_filter(rng.standard_normal((SIDE, SIDE)), cells / 2, mode="wrap")
    return drawn / drawn.std()


def pair(seed: int, error_m: float, cells: float, relief_m: float = 60.0) -> Pair:
    """One pair of models of the seed's country."""
    rng = np.random.default_rng(seed)
    hills = field(rng, 40) * relief_m + 500
    dug = hills.copy()
    to_lonlat = Transformer.from_crs("EPSG:32634", "EPSG:4326", always_xy=True)
    sites, volumes = [], []
    for row, col, side in PITS:
        depth = rng.uniform(-12, 4)
        dug[row : row + side, col : col + side] += depth
        volumes.append(depth * side * side * CELL * CELL)
        (x0, y0), (x1, y1) = (GRID.affine @ (col, row + side), GRID.affine @ (col + side, row))
        box = shapely.box(x0, y0, x1, y1)
        sites.append(
            shapely.transform(box, lambda x, y: to_lonlat.transform(x, y), interleaved=False)
        )
    later = shift(dug, MOVED, order=3, mode="nearest") + 3.0
    before, after = (
        Elevation(GRID, (z + error_m * field(rng, cells)).astype(np.float32))
        for z in (hills, later)
    )
    return Pair(before, after, tuple(sites), tuple(volumes))


def runs(error_m: float, cells: float, seeds: range) -> Iterator[tuple[bool, float, float, float]]:
    """For every pit of every seed: held, error and half width as mean heights (m), shift error."""
    for seed in seeds:
        made = pair(seed, error_m, cells)
        found = difference(made.before, made.after, made.sites, seed)
        east, north, _ = found.alignment.shift_m
        off = float(np.hypot(east + MOVED[1] * CELL, north - MOVED[0] * CELL))
        sites = {str(i): shape for i, shape in enumerate(made.sites)}
        measured = site_volumes(found, sites)
        for one, true, (_, _, side) in zip(measured, made.volumes, PITS, strict=True):
            volume = one.volume
            assert volume is not None
            area = (side * CELL) ** 2
            held = volume.low <= true <= volume.high
            yield held, (volume.value - true) / area, (volume.high - volume.low) / 2 / area, off


def main() -> None:
    """Print coverage, error and width."""
    warnings.simplefilter("ignore")
    print("error  range  held (95 % interval)   rms error  mean half width  shift error")
    for error_m, cells in ((1.0, 0.0), (1.0, 5.0), (2.0, 12.0)):
        rows = list(runs(error_m, cells, range(40)))
        held = sum(r[0] for r in rows)
        low, high = exact_interval(held, len(rows), 0.95)
        error, half, off = (np.array([r[i] for r in rows]) for i in (1, 2, 3))
        print(
            f"{error_m:4.1f} m {cells * CELL:4.0f} m  {held / len(rows):5.1%} "
            f"({low:.0%}-{high:.0%}) of {len(rows)}   {np.sqrt((error**2).mean()):6.3f} m   "
            f"{half.mean():6.3f} m          {np.median(off):5.2f} m"
        )


if __name__ == "__main__":
    main()
