"""Elevation models: from a file or a STAC collection, on their own grid, kept in the case."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import rasterio
import shapely
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_array, hash_file
from gossan.core.terrain import Elevation
from gossan.core.values import BandSource, Scene
from gossan.core.words import tr
from gossan.io.catalogue.harmonise import unsigned
from gossan.io.catalogue.sources import ApiSource, Refused, Source, open_source, why_not
from gossan.io.catalogue.told_apart import told_apart
from gossan.io.grids import NativeGrid, cut, grid_for
from gossan.io.network.gate import gdal_env, reading, unreadable
from gossan.io.network.guard import PUBLIC
from gossan.io.pixels import bare, read_window
from gossan.io.rasters import open_raster
from gossan.io.whole import put

DRIVERS = ("GTiff", "AAIGrid", "HFA", "SRTMHGT", "DTED")
"""Formats a user's model may have; none of them points to other files."""

MAX_CELLS = 25_000_000
"""Cells of a model with its margin: 150 x 150 km at 30 m."""

LOWEST_M, HIGHEST_M = -500.0, 9000.0
"""No ground lies lower or higher: other numbers are no metres."""

BAND = "DEM"
ALWAYS = (date(1970, 1, 1), date(2100, 1, 1))
"""A model has one date of its own, which says nothing of the case's period."""


@dataclass(frozen=True)
class KeptDem:
    """An elevation model as kept in the case.

    Attributes
    ----------
    elevation : the heights
    origin : what it was read from, as JSON: {"file", "sha256"} or {"source", "collection",
        "items"}
    content : hash of the heights
    """

    elevation: Elevation
    origin: dict[str, Any]
    content: str


def around(geometry: BaseGeometry, margin_km: float) -> BaseGeometry:
    """Box in lon/lat degrees around a geometry with a margin on all sides, cut at the poles."""
    west, south, east, north = geometry.bounds
    geod = Geod(ellps="WGS84")
    far = max(abs(south), abs(north))
    _, up, _ = geod.fwd(0.0, far, 0.0, margin_km * 1000.0)
    right, _, _ = geod.fwd(0.0, far, 90.0, margin_km * 1000.0)
    grown = (west - right, south - (up - far), east + right, north + (up - far))
    return shapely.box(
        max(grown[0], -180), max(grown[1], -90), min(grown[2], 180), min(grown[3], 90)
    )


def read_dem_file(path: Path, box: BaseGeometry) -> KeptDem:
    """The part of a user's raster that lies in `box` (lon/lat degrees).

    Raises GossanError (DEM) for a file that is missing, of another format, without CRS, rotated,
    that does not touch the box, or whose numbers cannot be metres.
    """
    with _open(path) as (data, driver):
        t = data.transform
        crs = None if data.crs is None else data.crs.to_epsg() or data.crs.to_wkt()
        problem = _unusable(data, path.name)
        if problem:
            raise GossanError(Code.DEM, *problem)
        native = NativeGrid(
            f"EPSG:{crs}" if isinstance(crs, int) else str(crs), t.c, t.f, t.a, t.e, data.shape
        )
    grid = _within(cut(native, box), native)
    if grid is None:
        raise GossanError(
            Code.DEM,
            tr("The elevation model {file} does not touch the area of the case.", file=path.name),
            tr("Give a model of this area, or leave --dem out to search a catalogue."),
        )
    _check_size(grid)
    try:
        with gdal_env(PUBLIC):
            heights = read_window(str(path), None, grid, "float32", driver)
    except Exception as error:  # GDAL and odc-geo each raise their own
        raise GossanError(
            Code.READ,
            tr(
                "The elevation model {file} could not be read: {reason}.",
                file=path.name,
                reason=error,
            ),
            tr("Check that the file is whole."),
        ) from error
    checked = _checked(heights, path.name)
    origin = {"file": path.name, "sha256": hash_file(path)}
    return KeptDem(Elevation(grid, checked), origin, hash_array(checked))


def dem_source(
    spec: str,
    collection: str,
    base: Path,
    folders: tuple[str, ...] = (),
    private_hosts: tuple[str, ...] = (),
) -> Source:
    """The source an elevation model is searched in. Raises GossanError (SOURCE)."""
    source = open_source(spec, base=base, folders=folders, private_hosts=private_hosts)
    return replace(source, collection=collection) if isinstance(source, ApiSource) else source


def find_dem(source: Source, box: BaseGeometry) -> list[Scene]:
    """The tiles of an elevation model that meet `box`, by id, each with one band "DEM".

    Raises GossanError (SOURCE) where nothing answers or nothing is found, (DEM) where what is
    found are no elevation models.
    """
    tiles: dict[str, Scene] = {}
    refused = ""
    for item in told_apart(source.items(box, *ALWAYS)):
        if isinstance(item, Refused):
            refused = item.reason
            continue
        found = _tile(item, source)
        if isinstance(found, str):
            refused = found
        else:
            tiles[found.id] = found
    if tiles:
        return [tiles[name] for name in sorted(tiles)]
    if refused:
        raise GossanError(
            Code.DEM,
            tr(
                "{source} has no usable elevation model: {refused}",
                source=source.spec,
                refused=refused,
            ),
            tr(
                "Name a collection of elevation models as terrain.collection in case.toml, or give "
                "a file with --dem."
            ),
        )
    raise GossanError(
        Code.SOURCE,
        tr("{source} has no elevation model of the area.", source=source.spec),
        tr("Check terrain.source and terrain.collection in case.toml, or give a file with --dem."),
    )


def read_dem(
    tiles: Sequence[Scene], source: Source, box: BaseGeometry, advance: Callable[[], None]
) -> KeptDem:
    """The tiles side by side on the grid most of them share, nearest cell, earlier ids first.

    Raises GossanError (READ) naming the tile that could not be read: a hole in the model would
    be an edge where water seems to leave.
    """
    grid = grid_for(tiles, box, (BAND,), source.sign, source.reach)
    _check_size(grid)
    heights = np.full(grid.shape, np.nan, np.float32)
    with gdal_env(source.reach):
        for tile in tiles:
            href = tile.bands[BAND].href
            signed = source.sign(href)
            try:
                with reading(signed, source.reach):
                    part = read_window(signed, None, grid, "float32")
            except GossanError:
                raise
            except Exception:  # the cause may hold a signed address
                why = unreadable(signed, source.reach).removesuffix(".")
                raise GossanError(
                    Code.READ,
                    tr(
                        "Tile {tile} of the elevation model ({href}) could not be read{reason}.",
                        tile=tile.id,
                        href=bare(href),
                        reason=f": {why}" if why else "",
                    ),
                    tr("Run the same command again."),
                ) from None
            np.copyto(heights, part, where=np.isnan(heights))
            advance()
    checked = _checked(heights, source.spec)
    collection = source.collection if isinstance(source, ApiSource) else ""
    origin = {
        "source": source.spec,
        "collection": collection,
        "items": {tile.id: tile.bands[BAND].href for tile in tiles},
    }
    return KeptDem(Elevation(grid, checked), origin, hash_array(checked))


def keep_dem(folder: Path, name: str, dem: KeptDem) -> None:
    """Write `name`.tif and `name`.json into `folder`; the second last, so that it vouches for
    the first. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels, about = folder / f"{name}.tif", folder / f"{name}.json"
    about.unlink(missing_ok=True)
    grid, heights = dem.elevation.grid, dem.elevation.heights
    part = folder / f".{name}.part.tif"
    part.unlink(missing_ok=True)  # GDAL does not write over what a kill has left half
    with rasterio.open(
        part,
        "w",
        driver="GTiff",
        dtype="float32",
        nodata=np.nan,
        count=1,
        height=grid.shape[0],
        width=grid.shape[1],
        crs=str(grid.crs),
        transform=grid.affine,
        compress="deflate",
        predictor=3,
        tiled=True,
    ) as data:
        data.write(heights, 1)
    part.replace(pixels)
    text = json.dumps({"origin": dem.origin, "content": dem.content}, indent=1, sort_keys=True)
    put(about, f"{text}\n".encode())


def kept_dem(folder: Path, name: str) -> KeptDem | None:
    """The model kept under `name`, None where there is none whole.

    Raises GossanError (DEM) where its heights are no longer those that were kept.
    """
    pixels, about = folder / f"{name}.tif", folder / f"{name}.json"
    if not about.is_file() or not pixels.is_file():
        return None
    try:
        said = json.loads(about.read_text(encoding="utf-8"))
    except ValueError:  # half written by a gossan that was killed
        return None
    with open_raster(pixels) as data:
        heights = data.read(1)
        grid = GeoBox(data.shape, data.transform, str(data.crs))
    if hash_array(heights) != said["content"]:
        raise GossanError(
            Code.DEM,
            tr("The kept elevation model {file} was changed after it was read.", file=pixels.name),
            tr("Delete {file} beside it; the command reads the model again.", file=about.name),
        )
    return KeptDem(Elevation(grid, heights), said["origin"], said["content"])


def _tile(item: pystac.Item, source: Source) -> Scene | str:
    """The item as a scene of one band, or why it is none."""
    copy = item.clone()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if item.get_self_href():
            copy.make_asset_hrefs_absolute()
    key = _height_asset(copy)
    if key is None:
        return tr("item {item} has no single image of heights.", item=item.id)
    asset = copy.assets[key]
    asset.href = _over_https(unsigned(asset.href))
    wrong = why_not(source, key, asset.href)
    if wrong:
        return f"item {item.id}: {wrong}."
    band = BandSource(key, asset.href, 1.0, 0.0, np.nan, asset.extra_fields.get("file:checksum"))
    when = item.datetime or datetime(1970, 1, 1, tzinfo=UTC)
    return Scene(item.id, when, copy, {BAND: band}, None, "heights in metres")


def _height_asset(item: pystac.Item) -> str | None:
    """The asset called "data" or "dem", or else the only GeoTIFF with the role "data"."""
    for key in ("data", "dem", "elevation"):
        if key in item.assets:
            return key
    images = [
        key
        for key, asset in item.assets.items()
        if "data" in (asset.roles or []) and "tiff" in (asset.media_type or "")
    ]
    return images[0] if len(images) == 1 else None


def _over_https(href: str) -> str:
    """Public buckets answer over https as well, which is the only way gossan asks."""
    match = re.fullmatch(r"s3://([a-z0-9-]+)/(.+)", href)
    return f"https://{match[1]}.s3.amazonaws.com/{match[2]}" if match else href


@contextmanager
def _open(path: Path) -> Iterator[tuple[Any, str]]:
    """The open file and the driver that reads it."""
    if path.is_file():
        for driver in DRIVERS:
            with ExitStack() as stack:
                try:
                    data = stack.enter_context(open_raster(path, driver))
                except rasterio.errors.RasterioError:
                    continue
                yield data, driver
                return
    raise GossanError(
        Code.DEM,
        tr("The elevation model {file} is no raster that gossan reads.", file=path.name)
        if path.exists()
        else tr("The elevation model {file} does not exist.", file=path.name),
        tr("Give a GeoTIFF, or one of {formats}.", formats=", ".join(DRIVERS[1:])),
    )


def _unusable(data: Any, name: str) -> tuple[str, str] | None:
    """Why a raster cannot serve, and what to do; None where it can."""
    if data.crs is None:
        return (
            tr("The elevation model {file} has no coordinate reference system.", file=name),
            tr("Set it: gdal_edit.py -a_srs EPSG:XXXX FILE."),
        )
    if data.transform.b or data.transform.d:
        return (
            tr("The elevation model {file} is rotated.", file=name),
            tr("Warp it upright: gdalwarp IN OUT."),
        )
    if data.count != 1:
        return (
            tr("The elevation model {file} has {n} bands, expected 1.", file=name, n=data.count),
            tr("Cut it out: gdal_translate -b 1 IN OUT."),
        )
    if (data.scales[0], data.offsets[0]) != (1.0, 0.0):
        return (
            tr("The elevation model {file} stores scaled numbers.", file=name),
            tr("Write metres: gdal_translate -unscale IN OUT."),
        )
    return None


def _within(grid: GeoBox, native: NativeGrid) -> GeoBox | None:
    """The part of a grid inside the file; None where there is none."""
    assert native.shape is not None
    row = round((grid.affine.f - native.y0) / native.dy)
    col = round((grid.affine.c - native.x0) / native.dx)
    top, left = max(row, 0), max(col, 0)
    bottom = min(row + grid.shape[0], native.shape[0])
    right = min(col + grid.shape[1], native.shape[1])
    if bottom - top < 3 or right - left < 3:
        return None
    part: GeoBox = grid[top - row : bottom - row, left - col : right - col]
    return part


def _check_size(grid: GeoBox) -> None:
    cells = grid.shape[0] * grid.shape[1]
    if cells > MAX_CELLS:
        raise GossanError(
            Code.DEM,
            tr(
                "The elevation model has {cells:,} cells over the area and its margin, expected at "
                "most {most_cells:,}.",
                cells=cells,
                most_cells=MAX_CELLS,
            ),
            tr("Lower terrain.margin_km in case.toml, or give a coarser model."),
        )


def _checked(heights: NDArray[Any], name: str) -> NDArray[np.float32]:
    """The heights as float32 if they can be metres."""
    known = heights[np.isfinite(heights)]
    if known.size < 9:
        raise GossanError(
            Code.DEM,
            tr("The elevation model {name} has no heights over the area.", name=name),
            tr("Give a model of this area with --dem."),
        )
    low, high = float(known.min()), float(known.max())
    if low < LOWEST_M or high > HIGHEST_M:
        raise GossanError(
            Code.DEM,
            tr(
                "The elevation model {name} holds heights of {low:,.0f} to {high:,.0f}, expected "
                "metres between {lowest:,.0f} and {highest:,.0f}.",
                name=name,
                low=low,
                high=high,
                lowest=LOWEST_M,
                highest=HIGHEST_M,
            ),
            tr("Check its unit and that its value for no data is declared."),
        )
    return np.ascontiguousarray(heights, np.float32)
