"""Roads laid into the scenes of a case: what each shows along each road, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from scipy import ndimage

from gossan.case.monitoring import Frame
from gossan.core.traffic import Road
from gossan.io.clear_pixels import load_clear
from gossan.io.stored_scene import OpenScene
from gossan.observables.traffic.limits import Laid
from gossan.observables.traffic.motion import BANDS
from gossan.observables.traffic.road import sample_image, samples

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

BLOCK = 1024
MARGIN = 4
"""Pixels around a block that the interpolation reaches into."""
SECTION_M = 2000.0
"""The smallest stretch of road that is told of."""
GROWN_M = 300.0
"""Cloud and shadow are widened by this: cloud moves between bands in the order of vehicles."""
BESIDE_M = 1000.0
"""Road nearer to cloud than this is compared with the rest."""
HIDDEN_NDVI = 0.65
"""A road whose middle is greener than this is hidden by trees."""
BLUE, NIR, GREEN, RED = range(4)


@dataclass(frozen=True)
class Path:
    """A road as samples on the grid.

    Attributes
    ----------
    road : as the file has it
    rows, cols : fractional pixels, (tracks, samples), pixel centres at whole numbers
    straight : bool (samples,), False in bends
    inside : bool (tracks, samples), within the case's area
    """

    road: Road
    rows: F64
    cols: F64
    straight: Bools
    inside: Bools


def paths_of(
    roads: Sequence[Road], grid: GeoBox, inside: Bools, half_m: float | None = None
) -> tuple[Path, ...]:
    """Samples of every road on a grid, as wide as each road is or `half_m` to each side; roads
    shorter than two samples are left out."""
    out = []
    for road in roads:
        middle = road.line.interpolate(0.5, normalized=True)
        plane = CRS.from_proj4(f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +units=m")
        to_plane = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
        to_grid = Transformer.from_crs(plane, str(grid.crs), always_xy=True)
        line = shapely.transform(road.line, to_plane.transform, interleaved=False)
        found = samples(line, half_m or road.half_width_m)
        if found is None:
            continue
        x, y = to_grid.transform(found.xy[..., 0], found.xy[..., 1])
        cols, rows = ~grid.transform * (np.asarray(x), np.asarray(y))
        rows, cols = rows - 0.5, cols - 0.5
        r, c = np.rint(rows).astype(int), np.rint(cols).astype(int)
        on = (r >= 0) & (c >= 0) & (r < inside.shape[0]) & (c < inside.shape[1])
        within = np.zeros(r.shape, bool)
        within[on] = inside[r[on], c[on]]
        out.append(Path(road, rows, cols, found.straight, within))
    return tuple(out)


def cuts(p: Path) -> list[slice]:
    """The sections of a road, as samples; a short rest belongs to the one before."""
    n, each = p.rows.shape[1], int(SECTION_M / 10)
    edges = [*range(0, max(n - each // 2, 1), each), n]
    return [slice(a, b) for a, b in pairwise(edges)]


def section_name(p: Path, k: int, cut: slice) -> str:
    """What a section is called; roads without a name go by class and number."""
    name = p.road.name or f"{p.road.kind} {k + 1}"
    return f"{name}, km {cut.start / 100:.0f} to {cut.stop / 100:.1f}"


def laid_roads(
    pixels: OpenScene,
    frame: Frame,
    paths: Sequence[Path],
    grown_m: float = GROWN_M,
    *,
    trees: bool = False,
) -> list[Laid]:
    """Reflectance along every road in one scene, and where it can be looked at.

    Not usable: cloud and shadow widened by `grown_m`, snow, what the scene calls dark, bends, what
    lies outside the area and, unless `trees`, road under them. Read a block at a time.
    """
    rows = np.concatenate([p.rows.ravel() for p in paths])
    cols = np.concatenate([p.cols.ravel() for p in paths])
    on = np.concatenate([p.inside.ravel() for p in paths])
    values = np.full((len(BANDS), len(rows)), np.nan, np.float32)
    clear = np.zeros(len(rows), bool)
    tiles = (np.rint(rows).astype(int) // BLOCK) * 10**6 + np.rint(cols).astype(int) // BLOCK
    for tile in np.unique(tiles[on]):
        mine = np.nonzero(on & (tiles == tile))[0]
        window = tuple(
            slice(max(0, int(at[mine].min()) - MARGIN), min(n, int(at[mine].max()) + 1 + MARGIN))
            for at, n in zip((rows, cols), frame.shape, strict=True)
        )
        image, seen = _read(pixels, frame, (window[0], window[1]), grown_m)
        r, c = rows[mine] - window[0].start, cols[mine] - window[1].start
        values[:, mine] = sample_image(image, r, c)
        clear[mine] = seen[np.rint(r).astype(int), np.rint(c).astype(int)]
    out, start = [], 0
    for p in paths:
        n = p.rows.size
        part = values[:, start : start + n].reshape(len(BANDS), *p.rows.shape)
        usable = clear[start : start + n].reshape(p.rows.shape) & p.inside & p.straight[None]
        usable &= np.isfinite(part).all(axis=0)
        if not trees:
            usable &= ~_under_trees(part)[None]
        out.append(Laid(part, p.rows, p.cols, usable, p.road.paved))
        start += n
    return out


def _read(
    pixels: OpenScene, frame: Frame, window: tuple[slice, slice], grown_m: float
) -> tuple[NDArray[np.float32], Bools]:
    """Reflectance of BANDS in a window, NaN without data, and where ground was lit and clear."""
    stored = pixels.stored
    dn, clear, dark = load_clear(
        pixels, frame.scenes.grid, window, BANDS, grown_m, frame.inside[window]
    )
    scale, offset = (
        np.array([getattr(stored, k)[b] for b in BANDS], np.float32)[:, None, None]
        for k in ("scale", "offset")
    )
    image = np.where(dn > 0, dn * scale + offset, np.nan).astype(np.float32)
    return image, clear & ~dark


def _under_trees(values: NDArray[np.float32]) -> Bools:
    """Where the middle of a road (bands, tracks, samples) is as green as closed trees."""
    middle = values[:, values.shape[1] // 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        ndvi = (middle[NIR] - middle[RED]) / (middle[NIR] + middle[RED])
    green = ndimage.median_filter(np.nan_to_num(ndvi, nan=1.0), 3, mode="nearest")
    trees: Bools = green > HIDDEN_NDVI
    return trees
