"""Local store of what was read: raw DN on the working grid, one file for each acquisition.

A scene is there when its sidecar is: pixels are written first and moved into place, the sidecar
last, so a process killed at any moment leaves a whole scene or none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import odc.geo.xr
import rasterio
import xarray as xr
from numpy.typing import NDArray
from odc.geo import Shape2d
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from gossan.core.errors import Code, GossanError
from gossan.core.flags import Flag
from gossan.core.hashing import canonical_json
from gossan.core.sensor import CLASSED, Numbers
from gossan.core.values import BANDS
from gossan.core.words import tr
from gossan.cube import mask
from gossan.cube.schema import validate
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.pixels import RawScene, assets_of
from gossan.io.rasters import open_raster
from gossan.io.scene_statistics import SceneStatistics
from gossan.io.stored_scene import OpenScene, StoredScene

METRES_PER_DEGREE = 111_320.0
TILE = 256
"""Side of the tiles in which pixels are stored."""
LAYOUT = {
    "driver": "GTiff",
    "interleave": "band",
    "tiled": True,
    "blockxsize": TILE,
    "blockysize": TILE,
    "compress": "zstd",
    "zstd_level": 1,
}
"""How pixels are stored: written in a fifth and read in half of the time that deflate takes, in
as many bytes (docs/decisions/0030)."""


class SceneStore:
    """Scenes of one sensor in `folder`, all on one grid; nothing is created before a write."""

    def __init__(self, folder: Path, grid: GeoBox, numbers: Numbers = CLASSED) -> None:
        self.folder, self.grid, self.numbers = folder, grid, numbers

    def has(self, acquisition: CatalogueScene, bands: Sequence[str] = ()) -> bool:
        """Whether just these items, as now offered, and `bands` of theirs are stored here."""
        if not self._sidecar(acquisition.key).is_file():
            return False
        stored = self.get(acquisition.key)
        wanted = {b for b in bands if any(b in s.bands for s in acquisition.scenes)}
        same = stored.items == tuple(s.id for s in acquisition.scenes)
        return same and wanted <= set(stored.bands) and _as_offered(stored, acquisition)

    def list(self) -> tuple[StoredScene, ...]:
        """All whole scenes, ascending in time. Raises GossanError(READ) for another grid's."""
        keys = [p.name.removesuffix(".json") for p in self.folder.glob("*.json")]
        return tuple(sorted((self.get(k) for k in keys), key=lambda s: (s.time, s.key)))

    def get(self, key: str) -> StoredScene:
        """One stored scene. Raises GossanError(READ) if absent, broken or on another grid."""
        try:
            data = json.loads(self._sidecar(key).read_text(encoding="utf-8"))
            grid = data.pop("grid")
            data["time"] = datetime.fromisoformat(data["time"])
            data["items"], data["bands"] = tuple(data["items"]), tuple(data["bands"])
            stored = StoredScene(**data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GossanError(
                Code.READ,
                tr(
                    "The stored scene {key} cannot be read ({kind}).",
                    key=key,
                    kind=type(error).__name__,
                ),
                tr(
                    "Delete {key}.json in the case's {folder} folder; update reads it again.",
                    key=key,
                    folder=self.folder.name,
                ),
            ) from error
        if grid != grid_json(self.grid):
            raise GossanError(
                Code.READ,
                tr("The stored scene {key} lies on another grid than the case.", key=key),
                tr(
                    "The area was changed: start a new case, or delete its scenes folder and state."
                ),
            )
        return stored

    def write(self, raw: RawScene, progress: Callable[[int], None] | None = None) -> StoredScene:
        """Read `raw` strip by strip into the store; `progress` gets the rows done each time.

        Raises GossanError(READ) from reading, with nothing left behind, CASE where the disk
        takes no more, or CATALOGUE where the grid is not the store's.
        """
        if raw.grid != self.grid:
            raise GossanError(
                Code.CATALOGUE, tr("A scene on another grid than the case's was given.")
            )
        key = raw.acquisition.key
        part = self.folder / f".{key}.tif.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sidecar(key).unlink(missing_ok=True)
            part.unlink(missing_ok=True)  # GDAL does not write over what a kill has left half
            tally = self._write_pixels(part, raw, progress)
            _sync(part)
            part.replace(self._pixels(key))
            stored = _describe(raw, tally)
            self._write_sidecar(stored)
        except OSError as error:  # rasterio's are of this kind too; reading raises its own
            raise GossanError(
                Code.CASE,
                tr(
                    "The scene {key} could not be stored: {reason}.",
                    key=key,
                    reason=error.strerror or error,
                ),
                tr(
                    "Check free space and permissions of the case folder, then run the update "
                    "again."
                ),
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return stored

    @contextmanager
    def opened(self, key: str) -> Iterator[OpenScene]:
        """The pixels of a stored scene. Raises GossanError(READ) as `get`, also when read."""
        stored = self.get(key)
        try:
            with open_raster(self._pixels(key)) as data:
                yield OpenScene(stored, data)
        except rasterio.errors.RasterioError as error:
            raise GossanError(
                Code.READ,
                tr("The stored pixels of {key} cannot be read: {reason}.", key=key, reason=error),
                tr(
                    "Delete {key}.json in the case's {folder} folder; update reads it again.",
                    key=key,
                    folder=self.folder.name,
                ),
            ) from error

    def _pixels(self, key: str) -> Path:
        return self.folder / f"{key}.tif"

    def _sidecar(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _write_pixels(
        self, path: Path, raw: RawScene, progress: Callable[[int], None] | None
    ) -> SceneStatistics:
        height, width = self.grid.shape
        numbers = self.numbers
        tally = SceneStatistics(raw.layers, (height, width), numbers)
        with rasterio.open(
            path,
            "w",
            dtype=numbers.dtype,
            nodata=numbers.nodata,
            count=len(raw.layers),
            predictor=2 if numbers.whole else 3,
            height=height,
            width=width,
            crs=str(self.grid.crs),
            transform=self.grid.affine,
            **LAYOUT,
        ) as data:
            for i, name in enumerate(raw.layers, 1):
                data.set_band_description(i, name)
            for rows, strip in raw.strips():
                frame = Window(0, rows.start, width, rows.stop - rows.start)
                for i, name in enumerate(raw.layers, 1):
                    data.write(strip[name], i, window=frame)
                tally.add(strip)
                if progress is not None:
                    progress(rows.stop - rows.start)
        return tally

    def _write_sidecar(self, stored: StoredScene) -> None:
        data = {**stored.__dict__, "time": stored.time.isoformat(), "grid": grid_json(self.grid)}
        part = self.folder / f".{stored.key}.json.part"
        try:
            part.write_bytes(canonical_json(data))
            _sync(part)
            part.replace(self._sidecar(stored.key))
        finally:
            part.unlink(missing_ok=True)
        _sync(self.folder)


def _as_offered(stored: StoredScene, acquisition: CatalogueScene) -> bool:
    """False where a file was processed again since it was read: another checksum, or another
    address where the catalogue gives no checksum."""
    for scene in acquisition.scenes:
        for source in (s for b, s in scene.bands.items() if b in stored.bands):
            pair = (stored.checksums[scene.id].get(source.asset), source.checksum)
            if None in pair:
                pair = (stored.hrefs[scene.id].get(source.asset), source.href)
            if pair[0] != pair[1]:
                return False
    return True


def load_cube(
    store: SceneStore,
    keys: Sequence[str],
    window: tuple[slice, slice],
    bands: Sequence[str],
    dilation_m: float,
    inside: NDArray[np.bool_] | None = None,
) -> xr.Dataset:
    """The cube of some stored scenes in a window (rows, columns) of the store's grid.

    `inside` is True within the area's polygon, shape of the whole grid (None: everywhere).
    The dilation sees beyond the window, so any windows joined give exactly the whole.
    Raises GossanError(READ, CUBE).
    """
    stored = sorted((store.get(k) for k in keys), key=lambda s: (s.time, s.key))
    names = tuple(b for b in BANDS if b in bands)
    rows, cols = window
    shape = (len(stored), rows.stop - rows.start, cols.stop - cols.start)
    values = {b: np.full(shape, np.nan, dtype=np.float32) for b in names}
    flags = np.zeros(shape, dtype=np.uint16)
    for i, scene in enumerate(stored):
        layers = [values[b][i] for b in names]
        with store.opened(scene.key) as pixels:
            load_acquisition(
                pixels, store.grid, window, names, dilation_m, inside, layers, flags[i]
            )
    return _dataset(stored, store.grid[rows, cols], values, flags)


def load_acquisition(
    pixels: OpenScene,
    grid: GeoBox,
    window: tuple[slice, slice],
    bands: Sequence[str],
    dilation_m: float,
    inside: NDArray[np.bool_] | None,
    values: Sequence[NDArray[np.float32]],
    flags: NDArray[np.uint16],
) -> None:
    """One stored scene into arrays (y, x) of a window: `values`, one for each of `bands` and
    NaN where nothing is known, and `flags`. `grid` is the scene's; the rest as in `load_cube`.
    """
    pixel = pixel_metres(grid)
    outer, inner = grown(window, mask.margin(dilation_m, pixel), grid.shape)
    arrays = pixels.read(window, bands, outer)
    flags[:] = mask.dilate(mask.flags_of_scl(arrays[CLASSED.classes]), dilation_m, pixel)[inner]
    scale, offset = pixels.stored.scale, pixels.stored.offset
    for band, out in zip(bands, values, strict=True):
        dn = arrays[band]
        unknown = dn == 0
        if band in scale:
            np.multiply(dn, np.float32(scale[band]), out=out)
            out += np.float32(offset[band])
            out[unknown] = np.nan
        else:
            out[:] = np.nan
        flags[unknown] |= np.uint16(Flag.NODATA)
    if inside is not None:
        flags[~inside[window]] |= np.uint16(Flag.OUTSIDE)


def load_raw(
    pixels: OpenScene,
    grid: GeoBox,
    window: tuple[slice, slice],
    bands: Sequence[str],
    dilation_m: float,
    inside: NDArray[np.bool_],
) -> tuple[NDArray[np.uint16], NDArray[np.bool_]]:
    """One stored scene in a window as it is stored: numbers (band, y, x), and where they show
    ground (y, x), which is where `load_cube` has no blocking flag.

    `grid` is the scene's, `inside` that of the window.
    """
    pixel = pixel_metres(grid)
    outer, inner = grown(window, mask.margin(dilation_m, pixel), grid.shape)
    dn = pixels.numbers(window, bands)
    corner = inner[0].start, inner[1].start
    return dn, mask.clear_ground(pixels.classes(outer), corner, dn, inside, dilation_m, pixel)


def pixel_metres(grid: GeoBox) -> tuple[float, float]:
    """(height, width) of a pixel in metres; of a grid in degrees at its middle latitude."""
    height, width = abs(grid.affine.e), abs(grid.affine.a)
    if grid.crs is not None and grid.crs.geographic:
        middle = grid.affine.f + grid.affine.e * grid.shape[0] / 2
        return height * METRES_PER_DEGREE, width * METRES_PER_DEGREE * float(
            np.cos(np.radians(middle))
        )
    return height, width


def _dataset(
    stored: Sequence[StoredScene],
    grid: GeoBox,
    values: dict[str, NDArray[np.float32]],
    flags: NDArray[np.uint16],
) -> xr.Dataset:
    times = np.array([s.time.replace(tzinfo=None) for s in stored], dtype="datetime64[ns]")
    coords = odc.geo.xr.xr_coords(grid, dims=("y", "x"))
    data = {**values, "flags": flags}
    cube = xr.Dataset(
        {n: (("time", "y", "x"), a, {"grid_mapping": "spatial_ref"}) for n, a in data.items()},
        coords={
            **coords,
            "time": times,
            "scene": ("time", np.array(["+".join(s.items) for s in stored], dtype=str)),
        },
    )
    return validate(cube)


def grown(
    window: tuple[slice, slice], margin: tuple[int, int], shape: Shape2d | tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The window with its margin, cut to the grid, and where the window lies in that."""
    outer, inner = [], []
    for part, extra, size in zip(window, margin, shape, strict=True):
        start, stop = max(0, part.start - extra), min(size, part.stop + extra)
        outer.append(slice(start, stop))
        inner.append(slice(part.start - start, part.stop - start))
    return (outer[0], outer[1]), (inner[0], inner[1])


def _describe(raw: RawScene, tally: SceneStatistics) -> StoredScene:
    scenes, origins = raw.acquisition.scenes, raw.origins()
    used = {s.id: [s.bands[b] for b in raw.bands if b in s.bands] for s in scenes}
    return StoredScene(
        key=raw.acquisition.key,
        time=raw.acquisition.time,
        items=tuple(s.id for s in scenes),
        bands=raw.bands,
        scale=raw.scale,
        offset=raw.offset,
        offset_rule={s.id: s.offset_rule for s in scenes},
        hashes=tally.hashes,
        checksums={i: {b.asset: b.checksum for b in bs if b.checksum} for i, bs in used.items()},
        hrefs={s.id: assets_of(s, raw.bands) for s in scenes},
        etags={i: {a: o.etag for a, o in got.items() if o.etag} for i, got in origins.items()},
        ranges={
            i: {a: [list(r) for r in o.ranges] for a, o in got.items() if o.ranges}
            for i, got in origins.items()
        },
        darkest=tally.darkest,
        dark_pixels=tally.dark_pixels,
        usable_share=tally.usable_share,
    )


def grid_json(grid: GeoBox) -> dict[str, Any]:
    """A grid as JSON values: CRS, shape (rows, columns) and affine transform."""
    return {
        "crs": str(grid.crs),
        "shape": list(grid.shape),
        "transform": [float(v) for v in tuple(grid.affine)[:6]],
    }


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
