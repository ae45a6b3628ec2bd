"""Is a place below a site as often as the share of models with errors says?

A drawn country is the truth. The model at hand is the truth with one draw of errors, and what
`gossan terrain` does is done with it: models with further errors are drawn, the share whose way
passes a place is counted, and held against whether the true way passes it. `python -m bench.flow`
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyproj
import shapely
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.ndimage import gaussian_filter

from gossan.core.case import TerrainConfig
from gossan.core.proportions import exact_interval
from gossan.core.terrain import Elevation, Place, PlaceKind
from gossan.observables.terrain.flow import Asked, SiteCells, draw
from gossan.observables.terrain.reach import passing, plane_of
from gossan.observables.terrain.routing import (
    FlowGrid,
    ground_of,
    network,
    noisy,
    outlet_of,
    way_down,
)

SIDE, CELL = 150, 30.0
GRID = GeoBox((SIDE, SIDE), Affine(CELL, 0, 500_000, 0, -CELL, 4_500_000), "EPSG:32634")
CONFIG = TerrainConfig(realisations=40, aside_m=150.0, reach_km=50.0)
BINS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def country(rng: np.random.Generator, relief: float) -> NDArray[np.float64]:
    """Hills of all sizes on a gentle plane: heights in m."""
    z = np.linspace(0, 60, SIDE)[:, None] + np.zeros((SIDE, SIDE))
    for size in (4, 8, 16, 32):
        part = gaussian_filter(rng.standard_normal((SIDE, SIDE)), size)
        z += relief * (size / 32) ** 0.8 * part / part.std()
    return z


def asked_of(ground: FlowGrid, rng: np.random.Generator, seed: int) -> Asked:
    """Three sites and fifty places on a model."""
    row, col = rng.integers(15, SIDE - 15, (2, 3))
    sites = tuple(
        SiteCells(
            f"S-{i}",
            ((r + np.arange(4))[:, None] * SIDE + c + np.arange(4)).ravel().astype(np.int32),
            1.0,
        )
        for i, (r, c) in enumerate(zip(row, col, strict=True))
    )
    to_lonlat = pyproj.Transformer.from_crs(str(GRID.crs), "EPSG:4326", always_xy=True)
    x, y = GRID.affine @ tuple(rng.uniform(3, SIDE - 3, (2, 50)))
    points = [shapely.Point(*p) for p in zip(*to_lonlat.transform(x, y), strict=True)]
    places = [Place(PlaceKind.SETTLEMENT, str(i), p, "drawn") for i, p in enumerate(points)]
    config = TerrainConfig(
        realisations=CONFIG.realisations,
        aside_m=CONFIG.aside_m,
        reach_km=CONFIG.reach_km,
        seed=seed,
    )
    return Asked(ground, sites, plane_of(GRID, places, CELL), config)


def main() -> None:
    """Print, for each kind of country, how often the truth was in what a share said."""
    for name, relief in (("hills", 40.0), ("plain", 4.0)):
        shares, true, single = [], [], []
        for seed in range(20):
            rng = np.random.default_rng([seed, int(relief)])
            truth = ground_of(Elevation(GRID, country(rng, relief).astype(np.float32)))
            seen = noisy(truth, CONFIG.error_m, CONFIG.error_range_m, rng)
            asked = asked_of(ground_of(Elevation(GRID, seen.astype(np.float32))), rng, seed)
            drawn = np.stack([draw(asked, i).along_m for i in range(CONFIG.realisations)])
            shares.append(np.isfinite(drawn).mean(axis=0).ravel())
            for heights, out in ((truth.heights, true), (seen, single)):
                net = network(truth, heights)
                ways = [
                    way_down(net, outlet_of(net, s.cells), CONFIG.reach_km * 1e3)
                    for s in asked.sites
                ]
                passed = [passing(asked.plane, w, CONFIG.aside_m).along_m for w in ways]
                out.append(np.isfinite(passed).ravel())
        share, fact, one = (np.concatenate(a) for a in (shares, true, single))
        print(f"{name}: relief {relief:g} m, {len(share)} pairs of site and place")
        hit = exact_interval(int(fact[one].sum()), int(one.sum()), 0.95)
        print(
            f"  the model's own way passes it: true for {fact[one].mean():.0%} "
            f"({hit[0]:.0%}-{hit[1]:.0%}) of {one.sum()}"
        )
        for low, high in pairwise(BINS):
            mine = (share > low) & (share <= high)
            if low == 0.0:
                mine = share <= high
            n, k = int(mine.sum()), int(fact[mine].sum())
            interval = exact_interval(k, n, 0.95)
            said = share[mine].mean() if n else float("nan")
            print(
                f"  share {low:.0%} to {high:.0%} (mean {said:.0%}): true for "
                f"{k / max(n, 1):.0%} ({interval[0]:.0%}-{interval[1]:.0%}) of {n}"
            )


if __name__ == "__main__":
    main()
