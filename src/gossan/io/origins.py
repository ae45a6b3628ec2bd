"""What a remote file was when it was read: the ETag its server gave it, and which of its bytes
hold the window.

With both, anybody who holds the file can find the bytes a figure rests on without our reader: the
ranges are those of the tiles in the file's own index (TIFF TileOffsets and TileByteCounts).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.windows import Window
from rasterio.windows import from_bounds as window_of

from gossan.core.errors import Code, GossanError
from gossan.io.network.guard import PUBLIC, Reach
from gossan.io.network.web import Asking, Bounds, ask
from gossan.io.rasters import open_raster

TIMEOUT_S = 20.0
BETWEEN = 8
"""Bytes GDAL's cloud-optimised layout leaves between two tiles: the size of the second, and a
repetition of the end of the first."""


@dataclass(frozen=True)
class Origin:
    """Of one asset: `etag` as the server gave it, empty where it gave none; `ranges`, first and
    last byte of each run of tiles that touch the window, empty where the file has no such index.
    """

    etag: str
    ranges: tuple[tuple[int, int], ...]


def remote(href: str) -> bool:
    """Whether an asset lies on a server."""
    return urlsplit(href).scheme not in ("", "file", "local")


def origin(href: str, path: str, grid: GeoBox, reach: Reach = PUBLIC) -> Origin:
    """Of the asset at `href`, which GDAL opens as `path`, for the window of `grid`.

    Never raises: the pixels are read by now, and what a server does not tell is recorded as not
    told.
    """
    return Origin(_etag(href, reach), _ranges(path, grid))


def _etag(href: str, reach: Reach) -> str:
    """One byte is asked for, not the head: a signed address often is good for reading only."""
    if urlsplit(href).scheme not in ("http", "https"):
        return ""
    asking = Asking(
        Code.READ,
        reach,
        Bounds(TIMEOUT_S, 2 * TIMEOUT_S, retries=1),
        headers={"Range": "bytes=0-0"},
        whole=False,
    )
    try:
        reply = ask(href, asking)[-1]
    except GossanError:
        return ""
    return reply.header("etag") if reply.code in (200, 206) else ""


def _ranges(path: str, grid: GeoBox) -> tuple[tuple[int, int], ...]:
    try:
        with open_raster(path) as data:
            return _joined(_tiles(data, grid)) if data.crs else ()
    except (RasterioError, GossanError):
        return ()


def _tiles(data: rasterio.io.DatasetReader, grid: GeoBox) -> Iterable[tuple[int, int]]:
    """First and last byte of every tile of the first band that the window touches."""
    box = grid.extent.to_crs(data.crs).boundingbox
    height, width = data.block_shapes[0]
    window = window_of(*box, transform=data.transform)
    try:
        window = window.intersection(Window(0, 0, data.width, data.height))
    except rasterio.errors.WindowError:
        return
    rows, cols = window.toranges()
    for y in range(int(rows[0] // height), int(-(-rows[1] // height))):
        for x in range(int(cols[0] // width), int(-(-cols[1] // width))):
            offset = data.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=1)
            size = data.get_tag_item(f"BLOCK_SIZE_{x}_{y}", "TIFF", bidx=1)
            if offset and size and int(size):
                yield int(offset), int(offset) + int(size) - 1


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    out: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if out and first <= out[-1][1] + 1 + BETWEEN:
            out[-1] = (out[-1][0], last)
        else:
            out.append((first, last))
    return tuple(out)
