"""From sites to what lies below them: on the model as it is, and on models with its errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gossan.core.case import TerrainConfig
from gossan.core.terrain import SiteTerrain
from gossan.core.values import Measurement
from gossan.observables.terrain.erosion import EROSION, ls_factor, ranks, relief_index
from gossan.observables.terrain.reach import LEVEL, Plane, lonlat, passing, targets_of
from gossan.observables.terrain.routing import (
    FLOW,
    SLOPE,
    FlowGrid,
    Network,
    Way,
    channel_m,
    network,
    noisy,
    outlet_of,
    share_joining,
    slope_degrees,
    way_down,
)

HOLLOW_M = 0.5
"""Shallower hollows under a site are noise of the model and not told, m."""


@dataclass(frozen=True)
class SiteCells:
    """One site on the elevation model.

    Attributes
    ----------
    id : of the site
    cells : int32 (n,), its cells with a known height, at least one
    cover : C of the erosion index, 0..1
    """

    id: str
    cells: NDArray[np.int32]
    cover: float


@dataclass(frozen=True)
class Drawn:
    """What one model with errors says.

    Attributes
    ----------
    channel_m : float64 (sites,), distance to the channel, NaN where the way ends before one
    along_m : float64 (sites, places), distance along the way, NaN where a place is not passed
    index : float64 (sites,), relative erosion index
    """

    channel_m: NDArray[np.float64]
    along_m: NDArray[np.float64]
    index: NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """What is followed where: all that a realisation needs beside its number."""

    ground: FlowGrid
    sites: tuple[SiteCells, ...]
    plane: Plane
    config: TerrainConfig


def draw(asked: Asked, number: int) -> Drawn:
    """Realisation `number`; it depends on nothing but the case's seed and its own number."""
    c = asked.config
    rng = np.random.default_rng([c.seed, number])
    heights = noisy(asked.ground, c.error_m, c.error_range_m, rng)
    net = network(asked.ground, heights)
    n = len(asked.sites)
    channel, index = np.full(n, np.nan), np.zeros(n)
    along = np.full((n, len(asked.plane.places)), np.nan)
    for i, site in enumerate(asked.sites):
        way = way_down(net, outlet_of(net, site.cells), c.reach_km * 1e3)
        found = channel_m(net, way, c.channel_km2)
        channel[i] = np.nan if found is None else found
        along[i] = passing(asked.plane, way, c.aside_m).along_m
        ls = ls_factor(asked.ground, heights, net, site.cells, c.channel_km2)
        index[i] = relief_index(ls, site.cover)
    return Drawn(channel, along, index)


def described(asked: Asked, drawn: Sequence[Drawn]) -> tuple[SiteTerrain, ...]:
    """The sites on the model as it is, with what the realisations say of how sure that is."""
    ground, c = asked.ground, asked.config
    net = network(ground, ground.heights)
    index = np.array(
        [
            relief_index(ls_factor(ground, ground.heights, net, s.cells, c.channel_km2), s.cover)
            for s in asked.sites
        ]
    )
    rank = ranks(index)
    drawn_ranks = np.array([ranks(d.index) for d in drawn])
    out = []
    for i, site in enumerate(asked.sites):
        outlet = outlet_of(net, site.cells)
        way = way_down(net, outlet, c.reach_km * 1e3)
        places = np.array([d.along_m[i] for d in drawn])
        path = lonlat(ground.grid, way.cells)
        out.append(
            SiteTerrain(
                site=site.id,
                slope=_slope(slope_degrees(ground, ground.heights, site.cells)),
                channel=_channel(net, way, c, np.array([d.channel_m[i] for d in drawn])),
                channel_km2=c.channel_km2,
                outlet=path[0],
                joins=share_joining(net, site.cells, way),
                hollow_m=_hollow(ground, net, site.cells),
                way=tuple(path),
                length_km=float(way.along_m[-1]) / 1e3,
                end=way.end,
                targets=targets_of(
                    asked.plane, way, passing(asked.plane, way, c.aside_m), places, ground.heights
                ),
                relief_index=float(index[i]),
                rank=_measured(
                    "rank by erosion index", int(rank[i]), "1", drawn_ranks[:, i], EROSION
                ),
            )
        )
    return tuple(out)


def _slope(degrees: NDArray[np.float64]) -> Measurement | None:
    known = degrees[np.isfinite(degrees)]
    if not known.size:
        return None
    low, middle, high = (float(v) for v in np.quantile(known, [0.025, 0.5, 0.975]))
    return Measurement("slope", middle, "degrees", low, high, LEVEL, SLOPE)


def _channel(
    net: Network, way: Way, config: TerrainConfig, drawn: NDArray[np.float64]
) -> Measurement | None:
    found = channel_m(net, way, config.channel_km2)
    if found is None:
        return None
    return _measured("distance to channel along the flow", found, "m", drawn, FLOW)


def _measured(
    quantity: str, value: float, unit: str, drawn: NDArray[np.float64], method: str
) -> Measurement:
    """A value with the interval of the realisations that have one; it always holds the value."""
    known = drawn[np.isfinite(drawn)]
    low, high = np.quantile(known, [0.025, 0.975]) if known.size else (value, value)
    return Measurement(
        quantity, value, unit, min(float(low), value), max(float(high), value), LEVEL, method
    )


def _hollow(ground: FlowGrid, net: Network, cells: NDArray[np.int32]) -> float:
    """Greatest depth of a hollow under a site, m; 0 where it is shallower than HOLLOW_M."""
    depth = float((net.filled.ravel()[cells] - ground.heights.ravel()[cells]).max())
    return depth if depth >= HOLLOW_M else 0.0
