"""Reading windows of assets onto the working grid: always nearest, so no value is invented
and any blocking gives the same pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.converters import rio_geobox
from odc.geo.geobox import GeoBox
from odc.geo.overlap import compute_reproject_roi
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from gossan.core.errors import Code, GossanError
from gossan.core.sensor import CLASSED, Numbers
from gossan.core.values import Scene
from gossan.core.words import tr
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.network.gate import gdal_env, reading, unreadable
from gossan.io.network.guard import PUBLIC, Reach
from gossan.io.origins import Origin, origin, remote
from gossan.io.rasters import open_raster

MAX_SOURCE = 400_000_000
"""Pixels of a file behind one strip of the working grid: a hundred for each, and more."""

MOST_NEGATIVE = 0.01
"""Share of pixels below zero beyond which the numbers cannot be power: decibels, most likely."""


@dataclass(frozen=True)
class RawScene:
    """An acquisition on the working grid, read strip by strip when asked.

    Attributes
    ----------
    acquisition : what is read
    grid : working grid
    bands : band names read, canonical order
    scale, offset : per band, of the numbers delivered (those of the first scene that has it)
    block : pixels per strip are at most block * block
    sign : address -> address to read now
    reach : what may be connected to
    numbers : how the pixels are stored
    """

    acquisition: CatalogueScene
    grid: GeoBox
    bands: tuple[str, ...]
    scale: dict[str, float]
    offset: dict[str, float]
    block: int
    sign: Callable[[str], str]
    reach: Reach = PUBLIC
    numbers: Numbers = CLASSED

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all arrays: the bands, and the classification where there is one."""
        return (*self.bands, self.numbers.classes) if self.numbers.classes else self.bands

    def strips(self) -> Iterator[tuple[slice, dict[str, NDArray[Any]]]]:
        """(rows, {layer: numbers of shape (rows, width)}), top to bottom.

        Raises GossanError(READ) naming the asset that could not be read.
        """
        height, width = self.grid.shape
        rows = max(1, min(height, self.block * self.block // max(width, 1)))
        for top in range(0, height, rows):
            window = slice(top, min(top + rows, height))
            yield window, self._strip(self.grid[window, :])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All strips together, shape (y, x); for small areas and tests."""
        parts = [strip for _, strip in self.strips()]
        return {n: np.concatenate([p[n] for p in parts]) for n in self.layers}

    def origins(self) -> dict[str, dict[str, Origin]]:
        """Item id -> asset -> what was read of the files that lie on servers."""
        out = {}
        with gdal_env(self.reach):
            for scene in self.acquisition.scenes:
                hrefs = assets_of(scene, self.bands)
                signed = {a: self.sign(h) for a, h in hrefs.items() if remote(h)}
                out[scene.id] = {a: origin(h, h, self.grid, self.reach) for a, h in signed.items()}
        return out

    def _strip(self, grid: GeoBox) -> dict[str, NDArray[Any]]:
        told = self.numbers
        out = {n: np.full(grid.shape, told.nodata, told.dtype) for n in self.layers}
        empty = np.ones(grid.shape, dtype=bool)
        with gdal_env(self.reach):
            for scene in self.acquisition.scenes:
                got = {b: self._band(scene, b, grid) for b in self.bands if b in scene.bands}
                if told.classes:
                    got[told.classes] = self._classes(scene, grid)
                # one scene gives all of a pixel: bands of two scenes are never mixed
                seen = np.logical_and.reduce([told.known(a) for a in got.values()])
                take = seen & empty
                for name, array in got.items():
                    np.copyto(out[name], array, where=take)
                empty &= ~seen
                if not empty.any():
                    break
        return out

    def _band(self, scene: Scene, band: str, grid: GeoBox) -> NDArray[Any]:
        source = scene.bands[band]
        dn = self._read(scene, source.asset, source.href, source.nodata, grid, self.numbers.dtype)
        if not self.numbers.whole:
            return _power(scene, source.asset, dn)
        scale, offset = self.scale[band], self.offset[band]
        if (source.scale, source.offset) == (scale, offset):
            return dn
        # another baseline on the same day: expressed in the numbers of the first scene
        value = np.rint((dn * source.scale + source.offset - offset) / scale)
        return np.where(dn == 0, 0, np.clip(value, 1, 65535)).astype(np.uint16)

    def _classes(self, scene: Scene, grid: GeoBox) -> NDArray[Any]:
        if scene.scl is None:
            raise GossanError(
                Code.READ, tr("Scene {scene} has no scene classification.", scene=scene.id)
            )
        href = scene.item.assets[scene.scl].href
        return self._read(scene, scene.scl, href, 0.0, grid)

    def _read(
        self,
        scene: Scene,
        asset: str,
        href: str,
        nodata: float,
        grid: GeoBox,
        dtype: str = "uint16",
    ) -> NDArray[Any]:
        signed = self.sign(href)
        try:
            with reading(signed, self.reach):
                return read_window(signed, nodata, grid, dtype)
        except GossanError as error:
            raise GossanError(
                error.code,
                tr(
                    "Asset {asset} of scene {scene} is not read: {problem}",
                    asset=asset,
                    scene=scene.id,
                    problem=error.problem,
                ),
                error.hint,
            ) from None
        except Exception as error:  # GDAL, curl and odc-geo each raise their own
            why = unreadable(signed, self.reach) or _without_queries(str(error))[:200]
            raise GossanError(
                Code.READ,
                tr(
                    "Asset {asset} of scene {scene} ({href}) could not be read: {reason}.",
                    asset=asset,
                    scene=scene.id,
                    href=bare(href),
                    reason=why.removesuffix("."),
                ),
                tr("The scene counts as a gap; run the same command again to try once more."),
            ) from None  # the cause may hold a signed address


def _power(scene: Scene, asset: str, power: NDArray[Any]) -> NDArray[Any]:
    """The same; refused where so many are negative that they cannot be power."""
    known = np.isfinite(power)
    if known.any() and (power[known] < 0).mean() > MOST_NEGATIVE:
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Asset {asset} of scene {scene} has negative numbers: expected linear power, found "
                "what looks like decibels.",
                asset=asset,
                scene=scene.id,
            ),
            tr("Choose a collection of linear gamma naught."),
        )
    return power


def read_window(
    href: str, nodata: float | None, grid: GeoBox, dtype: str = "uint16", driver: str | None = None
) -> NDArray[Any]:
    """Pixels of one asset on `grid`, of grid.shape: uint16 with 0 where there is no data, or
    float32 with NaN there. nodata None takes the file's own word for it, driver None the name's.

    Overviews are not used: they are averages. Raises what `open_raster` and GDAL raise.
    """
    fill = 0 if dtype == "uint16" else np.nan
    out = np.full(grid.shape, fill, dtype=dtype)
    with open_raster(href, driver) as data:
        # pixels that lie on the grid's own but for a part of one are pasted, never moved
        there = compute_reproject_roi(rio_geobox(data), grid, ttol=0.9)
        rows, cols = there.roi_src
        size = (rows.stop - rows.start) * (cols.stop - cols.start)
        if size > MAX_SOURCE:
            raise GossanError(
                Code.READ,
                tr(
                    "{size:,} of its pixels lie behind {n_pixels:,} of the area, expected at most "
                    "{most_source:,}.",
                    size=size,
                    n_pixels=out.size,
                    most_source=MAX_SOURCE,
                ),
            )
        to = tuple(slice(s.start, s.stop) for s in there.roi_dst)
        part = np.empty_like(out[to])
        if not size or not part.size:
            return out
        known = data.nodatavals[0] if nodata is None else nodata
        if there.paste_ok and there.read_shrink == 1:
            data.read(1, out=part, window=Window.from_slices(rows, cols))
            np.copyto(part, fill, where=_nodata(part, known))
        else:
            reproject(
                rasterio.band(data, 1),
                part,
                src_nodata=known,
                dst_crs=str(grid.crs),
                dst_transform=grid[there.roi_dst].transform,
                dst_nodata=fill,
                resampling=Resampling.nearest,
            )
    out[to] = part
    return out


def _nodata(pixels: NDArray[Any], value: float | None) -> NDArray[np.bool_]:
    unknown: NDArray[np.bool_] = np.isnan(pixels)
    return unknown if value is None or np.isnan(value) else unknown | (pixels == value)


def read_acquisition(
    acquisition: CatalogueScene,
    grid: GeoBox,
    bands: Sequence[str],
    *,
    sign: Callable[[str], str],
    reach: Reach = PUBLIC,
    block: int = 2048,
    numbers: Numbers = CLASSED,
) -> RawScene:
    """What `acquisition` shows of `grid`; pixels are fetched when its strips are asked for.

    Bands no scene has are left out. Raises GossanError(READ) if none is left.
    """
    firsts = {
        b: next((s.bands[b] for s in acquisition.scenes if b in s.bands), None) for b in bands
    }
    present = {b: s for b, s in firsts.items() if s is not None}
    if not present:
        raise GossanError(
            Code.READ,
            tr(
                "Scene {scene} has none of the bands {bands}.",
                scene=acquisition.key,
                bands=", ".join(bands),
            ),
        )
    return RawScene(
        acquisition,
        grid,
        tuple(present),
        {b: s.scale for b, s in present.items()},
        {b: s.offset for b, s in present.items()},
        block,
        sign,
        reach,
        numbers,
    )


def assets_of(scene: Scene, bands: Sequence[str]) -> dict[str, str]:
    """Asset -> address of what is read of a scene: `bands` and the classification."""
    hrefs = {source.asset: source.href for b, source in scene.bands.items() if b in bands}
    return hrefs | ({scene.scl: scene.item.assets[scene.scl].href} if scene.scl else {})


def bare(href: str) -> str:
    """An address without query, for messages."""
    return href.split("?", 1)[0]


def _without_queries(text: str) -> str:
    return re.sub(r"\?[^\s'\"]+", "?...", text)
