"""Write arrays as what a user of satellite images really reads: a static STAC catalogue of COGs.

Layout: `catalog.json`, `collection.json` and `items/<id>/<id>.json` with one cloud-optimised
GeoTIFF per band beside it. All links are relative, so the folder can be moved or served as it
is. The same arrays give the same bytes again with the same GDAL: nothing written holds a clock
time of the writing.

Sources: STAC 1.1 and its extensions projection 2.0, raster 1.1, eo 1.1, file 2.1; asset keys as
in Earth Search, so that band lookup by common name works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pystac
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from pystac.layout import TemplateLayoutStrategy
from rasterio.io import MemoryFile
from shapely import transform
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError

EXTENSIONS = (
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
)
SCL = "SCL"
"""Name of the scene classification among the rasters of a scene."""

SCALE = 0.0001
"""Reflectance per digital number of Sentinel-2 L2A."""

_CLOUD_CLASSES = (8, 9, 10)  # SCL: cloud of medium and high probability, thin cirrus
_BLOCK = 128  # pixels; small, because the catalogues written here are small


@dataclass(frozen=True, slots=True)
class _Asset:
    """Asset key, eo common name, title, centre wavelength and width in micrometres."""

    key: str
    common_name: str
    title: str
    centre_um: float
    width_um: float


_ASSETS = {
    "B02": _Asset("blue", "blue", "Blue", 0.49, 0.098),
    "B03": _Asset("green", "green", "Green", 0.56, 0.045),
    "B04": _Asset("red", "red", "Red", 0.665, 0.038),
    "B08": _Asset("nir", "nir", "NIR 1", 0.842, 0.145),
    "B8A": _Asset("nir08", "nir08", "NIR 2", 0.865, 0.033),
    "B11": _Asset("swir16", "swir16", "SWIR 1.6 μm", 1.61, 0.143),
    "B12": _Asset("swir22", "swir22", "SWIR 2.2 μm", 2.19, 0.242),
}


@dataclass(frozen=True)
class Raster:
    """One band of one scene on its own grid.

    Attributes
    ----------
    band : canonical name of `gossan.core.values.BANDS`, or "SCL"
    pixels : (y, x); bands uint16 DN (reflectance = DN * 0.0001, 0 = nodata), SCL uint8 class
    grid : where, of the same shape as `pixels`
    """

    band: str
    pixels: NDArray[np.uint16] | NDArray[np.uint8]
    grid: GeoBox


@dataclass(frozen=True)
class SceneArrays:
    """One acquisition whose day, but not whose clock time, is known.

    Attributes
    ----------
    id : item id, also the name of its folder
    day : UTC date of acquisition
    rasters : its bands, and its SCL if it has one; the first gives the item's footprint
    """

    id: str
    day: date
    rasters: tuple[Raster, ...]


@dataclass(frozen=True)
class About:
    """What a reader of the catalogue must know of it.

    Attributes
    ----------
    id : collection id
    title, description : in plain words
    attribution : the sentence the data's terms ask for
    license : SPDX id, or "other"
    links : (rel, href, title); hrefs that are relative are taken from collection.json
    providers : who made, processed and packaged the data
    """

    id: str
    title: str
    description: str
    attribution: str
    license: str
    links: tuple[tuple[str, str, str], ...]
    providers: tuple[pystac.Provider, ...]


def write_catalogue(dest: Path, about: About, scenes: Iterable[SceneArrays]) -> Path:
    """Write scenes to `dest` (made if absent) and return the path of its `catalog.json`.

    Scenes are written one after the other, so only one need be in memory. Raises GossanError
    (CATALOGUE) for a scene or raster that does not fit what `SceneArrays` and `Raster` say, or
    no scene at all; OSError if `dest` cannot be written.
    """
    items = [_write_scene(dest, scene) for scene in scenes]
    if not items:
        raise GossanError(
            Code.CATALOGUE,
            "A catalogue needs at least one scene; none was given.",
            "Check that the source holds any dates.",
        )
    _reject_repeated_ids(items)
    collection = _collection(about, items)
    collection.add_items(items)
    root = pystac.Catalog(id=f"{about.id}-catalogue", title=about.title, description=about.title)
    root.add_child(collection)
    layout = TemplateLayoutStrategy(collection_template="", item_template="items/${id}")
    root.normalize_hrefs(str(dest), strategy=layout)
    root.make_all_asset_hrefs_relative()
    root.save(catalog_type=pystac.CatalogType.SELF_CONTAINED)
    return dest / "catalog.json"


def encode_cog(raster: Raster) -> bytes:
    """The bytes of a cloud-optimised GeoTIFF: tiled, deflate with predictor 2, no overviews.

    Overviews would only add bytes: the grids written here are a few tiles at most. Raises
    GossanError (CATALOGUE) where dtype or shape are not what `Raster` says.
    """
    wanted = np.uint8 if raster.band == SCL else np.uint16
    found = raster.pixels
    if found.dtype != wanted or found.shape != raster.grid.shape:
        raise GossanError(
            Code.CATALOGUE,
            f"{raster.band} must be {np.dtype(wanted)} of shape {tuple(raster.grid.shape)}, "
            f"found {found.dtype} of shape {found.shape}.",
            "Convert the pixels before writing them.",
        )
    height, width = found.shape
    with MemoryFile() as memory:
        with memory.open(
            driver="COG",
            height=height,
            width=width,
            count=1,
            dtype=found.dtype.name,
            crs=str(raster.grid.crs),
            transform=raster.grid.affine,
            nodata=0,
            compress="DEFLATE",
            predictor=2,
            level=9,
            blocksize=_BLOCK,
            overviews="NONE",
        ) as out:
            out.write(found, 1)
        return bytes(memory.read())


def cloud_cover(scl: NDArray[np.uint8]) -> float | None:
    """Percent (two decimals) of the delivered pixels that SCL calls cloud or cirrus.

    None where no pixel was delivered (SCL 0 everywhere).
    """
    delivered = int((scl != 0).sum())
    if not delivered:
        return None
    return round(100.0 * int(np.isin(scl, _CLOUD_CLASSES).sum()) / delivered, 2)


def _write_scene(dest: Path, scene: SceneArrays) -> pystac.Item:
    """Write the GeoTIFFs of a scene; its item, with absolute hrefs, is saved later."""
    names = [r.band for r in scene.rasters]
    unknown = [n for n in names if n != SCL and n not in _ASSETS]
    if not names or unknown or len(set(names)) != len(names):
        raise GossanError(
            Code.CATALOGUE,
            f"Scene {scene.id} must have at least one band, each of {', '.join(_ASSETS)} or "
            f"{SCL} once; found {', '.join(names) or 'none'}.",
            "Rename or leave out the others.",
        )
    folder = dest / "items" / scene.id
    folder.mkdir(parents=True, exist_ok=True)
    item = _item(scene)
    for raster in scene.rasters:
        path = folder / f"{raster.band}.tif"
        content = encode_cog(raster)
        path.write_bytes(content)
        asset = _asset(raster, path, content)
        item.add_asset("scl" if raster.band == SCL else _ASSETS[raster.band].key, asset)
    return item


def _item(scene: SceneArrays) -> pystac.Item:
    """The item of a scene, without assets. Its time is the whole UTC day: no second is invented."""
    start = datetime(scene.day.year, scene.day.month, scene.day.day, tzinfo=UTC)
    footprint = _footprint(scene.rasters[0].grid)
    properties: dict[str, Any] = {
        "start_datetime": _rfc3339(start),
        "end_datetime": _rfc3339(start + timedelta(days=1, seconds=-1)),
        "gossan:datetime_precision": "day",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
    }
    codes = {_code(r.grid) for r in scene.rasters}
    properties["proj:code"] = codes.pop() if len(codes) == 1 else None
    clouds = [cloud_cover(r.pixels.astype(np.uint8)) for r in scene.rasters if r.band == SCL]
    if clouds and clouds[0] is not None:
        properties["eo:cloud_cover"] = clouds[0]
    return pystac.Item(
        id=scene.id,
        geometry=_rounded(footprint),
        bbox=[round(v, 7) for v in footprint.bounds],
        datetime=start,
        properties=properties,
        stac_extensions=list(EXTENSIONS),
    )


def _asset(raster: Raster, path: Path, content: bytes) -> pystac.Asset:
    """What a reader must know of one file before opening it."""
    a, b, c, d, e, f, *_ = raster.grid.affine
    described: dict[str, Any] = {
        "nodata": 0,
        "data_type": raster.pixels.dtype.name,
        "spatial_resolution": abs(a) * _metres_per_unit(raster.grid),
    }
    fields: dict[str, Any] = {
        "proj:code": _code(raster.grid),
        "proj:shape": list(raster.pixels.shape),
        "proj:transform": [a, b, c, d, e, f],
        "raster:bands": [described],
        "file:checksum": "1220" + hashlib.sha256(content).hexdigest(),  # multihash of sha2-256
        "file:size": len(content),
    }
    if raster.band == SCL:
        title, roles = "Scene classification map (SCL)", ["data"]
    else:
        known = _ASSETS[raster.band]
        title, roles = f"{known.title} ({raster.band})", ["data", "reflectance"]
        described |= {"scale": SCALE, "offset": 0.0}
        fields["eo:bands"] = [
            {
                "name": raster.band,
                "common_name": known.common_name,
                "center_wavelength": known.centre_um,
                "full_width_half_max": known.width_um,
            }
        ]
    return pystac.Asset(
        href=str(path.resolve()),
        title=title,
        media_type=pystac.MediaType.COG,
        roles=roles,
        extra_fields=fields,
    )


def _collection(about: About, items: list[pystac.Item]) -> pystac.Collection:
    boxes = np.array([item.bbox for item in items])
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    times = [item.datetime for item in items if item.datetime is not None]
    last = max(times) + timedelta(days=1, seconds=-1)
    collection = pystac.Collection(
        id=about.id,
        title=about.title,
        description=about.description,
        license=about.license,
        providers=list(about.providers),
        extent=pystac.Extent(
            pystac.SpatialExtent([[west, south, east, north]]),
            pystac.TemporalExtent([[min(times), last]]),
        ),
        extra_fields={"attribution": about.attribution},
    )
    for rel, href, title in about.links:
        collection.add_link(pystac.Link(rel=rel, target=href, title=title))
    return collection


def _reject_repeated_ids(items: list[pystac.Item]) -> None:
    ids = [item.id for item in items]
    repeated = sorted({i for i in ids if ids.count(i) > 1})
    if repeated:
        raise GossanError(
            Code.CATALOGUE,
            f"Every scene needs its own id; {', '.join(repeated)} came twice.",
            "Add what tells them apart (the tile, the sensor) to the id.",
        )


def _footprint(grid: GeoBox) -> BaseGeometry:
    """The edge of a grid as a polygon in lon/lat degrees."""
    to_degrees = Transformer.from_crs(_code(grid), "EPSG:4326", always_xy=True)
    return transform(
        box(*grid.boundingbox.bbox), lambda x, y: to_degrees.transform(x, y), interleaved=False
    )


def _metres_per_unit(grid: GeoBox) -> float:
    """1 for a grid in metres; metres per degree of latitude (mean, spherical) for degrees."""
    return 111_195.0 if grid.crs is not None and grid.crs.geographic else 1.0


def _code(grid: GeoBox) -> str:
    epsg = grid.crs.epsg if grid.crs is not None else None
    if epsg is None:
        raise GossanError(
            Code.CATALOGUE,
            "A raster must have a coordinate system with an EPSG number; it has none.",
            "Reproject it, or name the code of the system it is in.",
        )
    return f"EPSG:{epsg}"


def _rounded(polygon: BaseGeometry) -> dict[str, Any]:
    """GeoJSON with coordinates to 7 decimals (about a centimetre), the same on every machine."""
    ring = [[round(x, 7), round(y, 7)] for x, y in polygon.exterior.coords]
    return {"type": "Polygon", "coordinates": [ring]}


def _rfc3339(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
