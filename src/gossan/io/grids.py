"""The working grid of a case, and what reading it will cost."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyproj
import pystac
import rasterio
import shapely
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.sensor import CLASSED, Numbers
from gossan.core.values import Scene
from gossan.core.words import tr
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.network.gate import gdal_env
from gossan.io.network.guard import PUBLIC, Reach
from gossan.io.pixels import bare
from gossan.io.rasters import open_raster

SNAP = 1e-3
"""A bound this close (in pixels) to a pixel edge is on it."""

TILE = 1024
"""Internal tile of the public COGs, pixels; reading touches whole tiles."""

LEAST_PIXEL, FARTHEST = 1e-7, 1e9
"""Units of a CRS: no pixel is smaller (a centimetre in degrees) and no place farther away."""

TRIES = 10
"""Scenes opened in search of a grid, where the catalogue gives none."""

MAX_GRID = 2_000_000_000
"""Pixels of a working grid: more than the largest area has at 10 m."""

DEFLATE = 0.75
"""Usual size of deflated Sentinel-2 DN relative to uint16, where the catalogue gives no size."""


@dataclass(frozen=True, slots=True)
class NativeGrid:
    """CRS (authority string or WKT) and pixel grid of one asset; no rotation."""

    crs: str
    x0: float
    y0: float
    dx: float
    dy: float
    shape: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class ReadEstimate:
    """Bytes to be read; `exact_sizes` True where the catalogue gave every file's size."""

    bytes: int
    exact_sizes: bool


def grid_for(
    scenes: Sequence[Scene],
    geometry: BaseGeometry,
    bands: Sequence[str],
    sign: Callable[[str], str],
    reach: Reach = PUBLIC,
) -> GeoBox:
    """The finest native grid most scenes share, cut to the bounds of `geometry` (lon/lat).

    Exactly on the images' own pixels, so an area inside one tile is read without resampling.
    Scenes whose items say nothing of their grid are opened only if no item does. Raises
    GossanError(CATALOGUE) without scenes, READ if the grid has to be read and cannot be.
    """
    if not scenes:
        raise GossanError(
            Code.CATALOGUE,
            tr("There is no scene to take the working grid from."),
            tr("Widen the period or the cloud limit."),
        )
    known = [g for g in (_finest(s, bands) for s in scenes) if g is not None]
    if not known:
        known = [_first_opened(scenes, bands, sign, reach)]
    crs = Counter(g.crs for g in known).most_common(1)[0][0]
    same = [g for g in known if g.crs == crs]
    finest = min(abs(g.dx) for g in same)
    fine = [g for g in same if math.isclose(abs(g.dx), finest, rel_tol=1e-6)]
    phases = Counter(_phase(g) for g in fine)
    best = next(g for g in fine if _phase(g) == phases.most_common(1)[0][0])
    grid = cut(best, geometry)
    if grid.shape[0] * grid.shape[1] > MAX_GRID:
        raise GossanError(
            Code.CATALOGUE,
            tr(
                "The catalogue says that pixels are {dx:g} x {dy:g} large in "
                "{crs}: the area would have {n_cells:,} of them, "
                "expected at most {most_grid:,}.",
                dx=abs(best.dx),
                dy=abs(best.dy),
                crs=best.crs[:20],
                n_cells=grid.shape[0] * grid.shape[1],
                most_grid=MAX_GRID,
            ),
            tr("Use another catalogue, or a smaller area."),
        )
    return grid


def estimate(
    acquisitions: Sequence[CatalogueScene],
    grid: GeoBox,
    bands: Sequence[str],
    numbers: Numbers = CLASSED,
) -> ReadEstimate:
    """What reading `bands` and SCL of all acquisitions on `grid` will transfer, roughly."""
    each = 2 if numbers.whole else 4
    total, exact = 0.0, True
    metres = abs(grid.affine.a)
    for scene in (s for a in acquisitions for s in a.scenes):
        keys = [(scene.bands[b].asset, each) for b in bands if b in scene.bands]
        keys += [(scene.scl, 1)] if scene.scl else []
        for key, item_bytes in keys:
            asset = scene.item.assets[key]
            native = native_grid(scene.item, asset)
            pixel = abs(native.dx) if native else metres
            rows, cols = (math.ceil(n * metres / pixel) for n in grid.shape)
            shape = (native.shape if native else None) or (rows, cols)
            rows = min(shape[0], math.ceil(rows / TILE + 0.5) * TILE)
            cols = min(shape[1], math.ceil(cols / TILE + 0.5) * TILE)
            size = asset.extra_fields.get("file:size")
            exact = exact and size is not None
            full = float(size) if size else shape[0] * shape[1] * item_bytes * DEFLATE
            total += full * (rows * cols) / (shape[0] * shape[1])
    return ReadEstimate(int(total), exact)


def native_grid(item: pystac.Item, asset: pystac.Asset) -> NativeGrid | None:
    """The asset's grid as its metadata gives it (proj extension, either version), or None."""
    fields = {**item.properties, **asset.extra_fields}
    crs = fields.get("proj:code")
    if not crs and fields.get("proj:epsg"):
        crs = f"EPSG:{fields['proj:epsg']}"
    crs = crs or fields.get("proj:wkt2")
    transform = fields.get("proj:transform")
    if not crs or not transform or len(transform) < 6 or transform[1] or transform[3]:
        return None
    shape = fields.get("proj:shape")
    dx, x0, dy, y0 = (float(transform[i]) for i in (0, 2, 4, 5))
    sound = min(abs(dx), abs(dy)) >= LEAST_PIXEL and max(map(abs, (dx, x0, dy, y0))) <= FARTHEST
    if not sound or not _known_crs(str(crs)):
        return None
    return NativeGrid(str(crs), x0, y0, dx, dy, (shape[0], shape[1]) if shape else None)


@lru_cache(maxsize=256)
def _known_crs(text: str) -> bool:
    """Whether a CRS is a code or WKT that PROJ knows; its other notations may name files."""
    if not re.fullmatch(r"[A-Za-z_0-9]+:\w+|\s*[A-Z]+\[.{,20000}", text, re.DOTALL):
        return False
    try:
        pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return False
    return True


def _finest(scene: Scene, bands: Sequence[str]) -> NativeGrid | None:
    grids = [
        native_grid(scene.item, scene.item.assets[scene.bands[b].asset])
        for b in bands
        if b in scene.bands
    ]
    known = [g for g in grids if g is not None]
    return min(known, key=lambda g: abs(g.dx)) if known else None


def _first_opened(
    scenes: Sequence[Scene], bands: Sequence[str], sign: Callable[[str], str], reach: Reach
) -> NativeGrid:
    """One image that cannot be opened is a gap; it does not stop the rest."""
    for scene in scenes[: TRIES - 1]:
        try:
            return _opened(scene, bands, sign, reach)
        except GossanError:
            continue
    return _opened(scenes[-1], bands, sign, reach)


def _opened(
    scene: Scene, bands: Sequence[str], sign: Callable[[str], str], reach: Reach
) -> NativeGrid:
    grids = []
    for source in (scene.bands[b] for b in bands if b in scene.bands):
        try:
            with gdal_env(reach), open_raster(sign(source.href)) as data:
                t = data.transform
                epsg = data.crs.to_epsg() if data.crs else None
                crs = f"EPSG:{epsg}" if epsg else (data.crs.to_wkt() if data.crs else "")
                grids.append(NativeGrid(crs, t.c, t.f, t.a, t.e, data.shape))
        except rasterio.errors.RasterioError:
            raise GossanError(
                Code.READ,
                tr(
                    "Asset {asset} of scene {scene} ({href}) cannot be opened.",
                    asset=source.asset,
                    scene=scene.id,
                    href=bare(source.href),
                ),
                tr("Check that the file exists and is an image."),
            ) from None
    usable = [g for g in grids if g.crs]
    if not usable:
        raise GossanError(
            Code.READ,
            tr("Scene {scene} says nowhere on which grid its pixels lie.", scene=scene.id),
        )
    return min(usable, key=lambda g: abs(g.dx))


def _phase(grid: NativeGrid) -> tuple[float, float]:
    """Where the pixel edges lie within one pixel, in thousandths of it."""
    return (round((grid.x0 / grid.dx) % 1.0, 3) % 1.0, round((grid.y0 / grid.dy) % 1.0, 3) % 1.0)


def cut(native: NativeGrid, geometry: BaseGeometry) -> GeoBox:
    """The part of a native grid that covers the bounds of `geometry` (lon/lat)."""
    to_grid = pyproj.Transformer.from_crs("EPSG:4326", native.crs, always_xy=True)
    west, south, east, north = geometry.bounds
    # straight edges in degrees are curved on the grid: follow them
    step = max(east - west, north - south, 1e-9) / 32
    dense = shapely.segmentize(geometry, step)
    moved = shapely.transform(dense, lambda xy: _moved(to_grid, xy))
    left, bottom, right, top = moved.bounds
    cols = sorted(((left - native.x0) / native.dx, (right - native.x0) / native.dx))
    rows = sorted(((bottom - native.y0) / native.dy, (top - native.y0) / native.dy))
    c0, r0 = (math.floor(v[0] + SNAP) for v in (cols, rows))
    c1, r1 = (max(math.ceil(v[1] - SNAP), lo + 1) for v, lo in ((cols, c0), (rows, r0)))
    affine = Affine(
        native.dx, 0, native.x0 + c0 * native.dx, 0, native.dy, native.y0 + r0 * native.dy
    )
    return GeoBox((r1 - r0, c1 - c0), affine, native.crs)


def _moved(transformer: pyproj.Transformer, xy):  # type: ignore[no-untyped-def]
    x, y = transformer.transform(xy[:, 0], xy[:, 1])
    return shapely.get_coordinates(shapely.points(x, y))
