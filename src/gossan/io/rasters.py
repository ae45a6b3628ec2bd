"""The only door through which a raster is opened, whoever it comes from.

GDAL reads some two hundred formats, and several only name other files and addresses: a virtual
raster, a tile service, an index of tiles. So every open names its driver, nothing beside the file
is looked for, what a file says of other files is refused, and no block is unpacked that is larger
than memory should hold. See docs/decisions/0042.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import rasterio
from rasterio.enums import Interleaving
from rasterio.errors import RasterioIOError

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

SEALED = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
}
"""Nothing beside a file is looked for: no .aux.xml, .ovr, .msk, world file."""

POINTING = frozenset({"OVERVIEWS", "GEOLOCATION"})
"""Domains of metadata inside a file that name others, which GDAL opens with any driver."""

MAX_BLOCK = 256_000_000
"""Bytes a tile or strip may unpack to: a whole Sentinel-2 band in one strip."""
SMALL_BLOCK = 16_000_000
"""A tile up to this may hold nothing, as where there is no data; it costs little."""
MOST_PACKED = 1100
"""Deflate packs at most 1,032 bytes into one."""
MAX_BANDS = 1000


@contextmanager
def open_raster(where: str | Path, driver: str | None = None) -> Iterator[Any]:
    """A rasterio dataset open for reading: of an http(s) address or a file on this machine.

    `driver` None is GTiff, or JP2OpenJPEG by the name's ending. Raises GossanError (READ) for a
    file that points to others or declares more than it can hold, RasterioError for one that the
    driver does not read.
    """
    driver = driver or _driver(str(where))
    with (
        rasterio.Env(**SEALED),
        rasterio.open(_gdal_name(where), driver=driver, sharing=False) as data,
    ):
        _check(data, where)
        yield data


def _driver(name: str) -> str:
    path = name.split("?", 1)[0].lower()
    return "JP2OpenJPEG" if path.endswith((".jp2", ".j2k")) else "GTiff"


def _gdal_name(where: str | Path) -> str | Path:
    """What GDAL is given. Its own prefixes (`/vsizip/`, `GTIFF_DIR:`) never come from outside."""
    if isinstance(where, str) and urlsplit(where).scheme in ("http", "https"):
        return f"/vsicurl/{where}"
    path = Path(where).resolve()
    if not path.is_file() or path.parts[1].startswith("vsi"):
        raise RasterioIOError(tr("{name} is no file on this machine", name=Path(where).name))
    return path


def _check(data: Any, where: str | Path) -> None:
    name = Path(str(where).split("?", 1)[0]).name
    named = POINTING & set(data.tag_namespaces())
    if named:
        raise GossanError(
            Code.READ,
            tr(
                "{name} names other files inside (metadata {files}); only images "
                "that hold their own pixels are read.",
                name=name,
                files=", ".join(sorted(named)),
            ),
            tr("Write it anew without them: gdal_translate -of COG IN OUT."),
        )
    if data.count > MAX_BANDS:
        raise GossanError(
            Code.READ,
            tr(
                "{name} has {n_bands:,} bands, expected at most {most_bands:,}.",
                name=name,
                n_bands=data.count,
                most_bands=MAX_BANDS,
            ),
            tr("Cut out those that matter: gdal_translate -b 1 IN OUT."),
        )
    block, pieces = _blocks(data)
    held = _held(data, where, pieces)
    if block > MAX_BLOCK or pieces > held or (block > SMALL_BLOCK and held * MOST_PACKED < block):
        raise GossanError(
            Code.READ,
            tr(
                "{name} declares {width:,} x {height:,} pixels in pieces of {block:,} "
                "bytes, more than it can hold or than {most_block:,}.",
                name=name,
                width=data.width,
                height=data.height,
                block=block,
                most_block=MAX_BLOCK,
            ),
            tr("Write it anew in tiles: gdal_translate -of COG IN OUT."),
        )


def _blocks(data: Any) -> tuple[int, int]:
    """Bytes that the largest tile or strip unpacks to, and how many there are of one band.

    GDAL unpacks all bands of a tile at once where they lie in each other.
    """
    planes = data.count if data.interleaving is Interleaving.pixel else 1
    sizes = [
        h * w * np.dtype(_numpy(kind)).itemsize
        for (h, w), kind in zip(data.block_shapes, data.dtypes, strict=True)
    ]
    height, width = data.block_shapes[0]
    return int(planes * max(sizes)), -(-data.height // height) * -(-data.width // width)


def _numpy(dtype: str) -> str:
    return "complex64" if dtype == "complex_int16" else dtype


def _held(data: Any, where: str | Path, pieces: int) -> int:
    """Bytes that are there to be unpacked: of the file; of one on a server, as its index says."""
    if not (isinstance(where, str) and urlsplit(where).scheme in ("http", "https")):
        return Path(where).stat().st_size
    first = int(data.get_tag_item("BLOCK_SIZE_0_0", "TIFF", bidx=1) or 0)
    return max(first, pieces)
