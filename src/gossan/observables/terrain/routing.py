"""The network of flow on an elevation model, and the way down from a site.

Methods `flow.d8.v1` and `slope.horn.v1`, see docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter

from gossan.core.geodesy import neighbour_steps_m, pixel_areas_m2
from gossan.core.order import steady
from gossan.core.terrain import Elevation, FlowEnd
from gossan.kernels.flood import fill
from gossan.kernels.flow import OUT, accumulate, directions, follow, joins, leaves_by

FLOW = "flow.d8.v1"
SLOPE = "slope.horn.v1"

GATHER_M = 1000.0
"""How far below a site its waters are looked for to come together, m."""


@dataclass(frozen=True)
class FlowGrid:
    """An elevation model with what does not change when its heights do.

    Attributes
    ----------
    grid : of the model
    heights : float64 (y, x), m, NaN unknown
    steps : float32 (4, y, x), distance to the neighbours E, SE, S, SW, m
    areas : float64 (y, x), m2
    """

    grid: GeoBox
    heights: NDArray[np.float64]
    steps: NDArray[np.float32]
    areas: NDArray[np.float64]

    @property
    def cell_m(self) -> tuple[float, float]:
        """Height and width of a cell in the middle of the grid, m."""
        y, x = (n // 2 for n in self.grid.shape)
        return float(self.steps[2, y, x]), float(self.steps[0, y, x])


def ground_of(elevation: Elevation) -> FlowGrid:
    """The ground of an elevation model. Raises GossanError (AREA) for a grid without distances."""
    return FlowGrid(
        elevation.grid,
        elevation.heights.astype(np.float64),
        neighbour_steps_m(elevation.grid),
        pixel_areas_m2(elevation.grid),
    )


@dataclass(frozen=True)
class Network:
    """Where water goes from each cell; cells are numbered row by row.

    Attributes
    ----------
    filled : float64 (y, x), heights with hollows filled, m
    below : int32 (cells,), the cell each drains into; negative where the network ends
    step : float32 (cells,), ground distance to it, m
    upstream_m2 : float64 (cells,), area that drains through each cell, its own included, m2;
        land beyond the model is missing in it
    """

    filled: NDArray[np.float64]
    below: NDArray[np.int32]
    step: NDArray[np.float32]
    upstream_m2: NDArray[np.float64]


def network(ground: FlowGrid, heights: NDArray[np.float64]) -> Network:
    """The network of `heights` (y, x) on the ground's grid."""
    filled = fill(heights)
    below, step = directions(filled, ground.steps)
    return Network(filled, below, step, accumulate(below, ground.areas.ravel()))


def noisy(
    ground: FlowGrid, error_m: float, range_m: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Heights with one draw of the model's error added: Gaussian, standard deviation `error_m`,
    correlated by exp(-(distance / range_m)^2).

    White noise smoothed by a Gaussian of half that range, which has just this correlation
    (Hengl, Heuvelink & van Loon 2010, HESS 14, 1153, propagate errors into streams like this).
    """
    sigma = [range_m / 2 / side for side in ground.cell_m]
    white = rng.standard_normal(ground.heights.shape)
    smooth = gaussian_filter(white, sigma, mode="wrap", truncate=4.0)
    impulse = np.zeros([2 * int(4 * s + 0.5) + 1 for s in sigma])
    impulse[tuple(n // 2 for n in impulse.shape)] = 1.0
    kernel = gaussian_filter(impulse, sigma, mode="constant", truncate=4.0)
    drawn: NDArray[np.float64] = smooth * (error_m / float(np.sqrt((kernel**2).sum())))
    return ground.heights + drawn


@dataclass(frozen=True)
class Way:
    """The way down from a cell.

    Attributes
    ----------
    cells : int32 (n,), from the first to the last
    along_m : float64 (n,), distance from the first, m
    end : why it is not followed farther
    """

    cells: NDArray[np.int32]
    along_m: NDArray[np.float64]
    end: FlowEnd


def way_down(net: Network, start: int, reach_m: float) -> Way:
    """The way down from a cell for at most `reach_m`."""
    cells, along = follow(net.below, net.step, start, reach_m)
    return Way(cells, along, FlowEnd.EDGE if net.below[cells[-1]] == OUT else FlowEnd.REACH)


def channel_m(net: Network, way: Way, channel_km2: float) -> float | None:
    """Distance along a way to the first cell with so much land above it, m; None where it ends
    before one."""
    wet = np.flatnonzero(net.upstream_m2[way.cells] >= channel_km2 * 1e6)
    return float(way.along_m[wet[0]]) if wet.size else None


def cells_of(grid: GeoBox, shapes: list[object]) -> list[NDArray[np.int32]]:
    """Cells whose centre lies in each (multi)polygon in the grid's CRS; of one smaller than a cell
    the cell around a point inside it. Empty where it lies off the grid."""
    height, width = grid.shape
    out = []
    for shape in shapes:
        left, bottom, right, top = shape.bounds  # type: ignore[attr-defined]
        corners = [~grid.affine @ c for c in ((left, top), (right, bottom))]
        cols = sorted(int(np.floor(c[0])) for c in corners)
        rows = sorted(int(np.floor(c[1])) for c in corners)
        r0, c0 = max(rows[0], 0), max(cols[0], 0)
        r1, c1 = min(rows[1] + 1, height), min(cols[1] + 1, width)
        if r0 >= r1 or c0 >= c1:
            out.append(np.empty(0, np.int32))
            continue
        part = grid[r0:r1, c0:c1]
        mask = rasterize([shape], out_shape=part.shape, transform=part.affine, dtype="uint8")
        r, c = np.nonzero(mask)
        if not r.size:
            point = shape.representative_point()  # type: ignore[attr-defined]
            col, row = (int(np.floor(v)) for v in ~part.affine @ (point.x, point.y))
            inside = 0 <= row < part.shape[0] and 0 <= col < part.shape[1]
            r, c = (np.array([v] if inside else [], int) for v in (row, col))
        out.append(((r + r0) * width + c + c0).astype(np.int32))
    return out


def outlet_of(net: Network, cells: NDArray[np.int32]) -> int:
    """The cell by which a site's water leaves it.

    Water leaves a site by many cells along its lower edge, and most of these ways meet soon. The
    place within GATHER_M where most of the site's ground has come together decides; of the cells
    that lead there it is the one by which most ground drains out.
    """
    member = np.zeros(net.below.size, np.bool_)
    member[cells] = True
    exits, count = np.unique(leaves_by(net.below, cells, member), return_counts=True)
    ways = [follow(net.below, net.step, int(cell), GATHER_M)[0] for cell in exits]
    met, at = np.unique(np.concatenate(ways), return_inverse=True)
    weight = np.bincount(at, np.repeat(count, [len(w) for w in ways]), len(met))
    gathering = met[int(np.argmax(weight))]
    led = [i for i, way in enumerate(ways) if gathering in way]
    return int(exits[max(led, key=lambda i: (count[i], steady(float(net.upstream_m2[exits[i]]))))])


def share_joining(net: Network, cells: NDArray[np.int32], way: Way) -> float:
    """Share of cells whose own way down meets `way`."""
    marked = np.zeros(net.below.size, np.bool_)
    marked[way.cells] = True
    return float(joins(net.below, cells, marked).mean())


def slope_degrees(
    ground: FlowGrid, heights: NDArray[np.float64], cells: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Slope of cells by the third-order finite differences of Horn (1981, Proc. IEEE 69, 14-47),
    degrees, (n,); NaN on the edge and beside unknown cells."""
    ny, nx = heights.shape
    row, col = np.divmod(np.asarray(cells, np.int64), nx)
    within = (row > 0) & (row < ny - 1) & (col > 0) & (col < nx - 1)
    r, c = np.where(within, row, 1).clip(max=ny - 1), np.where(within, col, 1).clip(max=nx - 1)

    def z(down: int, right: int) -> NDArray[np.float64]:
        there: NDArray[np.float64] = heights[(r + down) % ny, (c + right) % nx]
        return there

    east = z(-1, 1) + 2 * z(0, 1) + z(1, 1) - z(-1, -1) - 2 * z(0, -1) - z(1, -1)
    south = z(1, -1) + 2 * z(1, 0) + z(1, 1) - z(-1, -1) - 2 * z(-1, 0) - z(-1, 1)
    gradient = np.hypot(east / (8 * ground.steps[0, r, c]), south / (8 * ground.steps[2, r, c]))
    return np.where(within, np.degrees(np.arctan(gradient)), np.nan)
