"""How prone the ground of a site is to erosion, relative to the others: never tonnes.

Method `erosion.ls-c.v1`: the two factors of the Revised Universal Soil Loss Equation that an
elevation model and images give. Rain (R), soil (K) and practice (P) are the same for all sites of
a case here, so only the order of the index means anything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gossan.core.order import steady_all
from gossan.observables.terrain.routing import FlowGrid, Network, slope_degrees

EROSION = "erosion.ls-c.v1"

LONGEST_M = 300.0
"""Slope length beyond which sheet flow has gathered in a channel (Renard et al. 1997, USDA
Handbook 703: about 1000 feet)."""

PLOT_M = 22.13
"""Length of the unit plot to which the equation refers."""


def ls_factor(
    ground: FlowGrid,
    heights: NDArray[np.float64],
    net: Network,
    cells: NDArray[np.int32],
    channel_km2: float,
) -> NDArray[np.float64]:
    """Slope length and steepness of cells, dimensionless, (n,); NaN in channels and where the
    slope is unknown.

    L after Desmet & Govers (1996), J. Soil Water Conserv. 51, 427-433, eq. 13, from the area
    above each cell, here at most that of a slope of LONGEST_M; S after McCool et al. (1987),
    the exponent m after McCool et al. (1989).
    """
    angle = np.radians(slope_degrees(ground, heights, cells))
    sine = np.sin(angle)
    steep = np.where(np.tan(angle) < 0.09, 10.8 * sine + 0.03, 16.8 * sine - 0.5)
    beta = (sine / 0.0896) / (3.0 * sine**0.8 + 0.56)
    m = beta / (1.0 + beta)
    area, upstream = ground.areas.ravel()[cells], net.upstream_m2[cells]
    side = np.sqrt(area)
    # a cell's contour is longer across its corners; the mean over directions, 4 / pi
    across = 4.0 / np.pi
    above = np.minimum(upstream - area, LONGEST_M * side)
    length = ((above + area) ** (m + 1) - above ** (m + 1)) / (
        side ** (m + 2) * across**m * PLOT_M**m
    )
    return np.where(upstream >= channel_km2 * 1e6, np.nan, length * steep)


def cover_factor(ndvi: float | None) -> float:
    """C from the NDVI of a site, 1 bare to 0 covered (van der Knijff, Jones & Montanarella 2000,
    EUR 19044: exp(-2 NDVI / (1 - NDVI))); 1 where it was not seen."""
    if ndvi is None:
        return 1.0
    green = min(max(ndvi, 0.0), 0.99)
    return float(np.exp(-2.0 * green / (1.0 - green)))


def relief_index(ls: NDArray[np.float64], cover: float) -> float:
    """Mean of a site's LS outside channels times C; 0 where all of it is channel."""
    known = ls[np.isfinite(ls)]
    return float(known.mean() * cover) if known.size else 0.0


def ranks(index: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 for the largest index, (sites,); equals share the better rank."""
    index = steady_all(index)
    above: NDArray[np.int64] = (index[None, :] > index[:, None]).sum(axis=1)
    return 1 + above
