"""Local store of the radar images that were read: linear power on the working grid, float32."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from gossan.core.errors import Code, GossanError
from gossan.core.values import Scene
from gossan.io.gate import gdal_env
from gossan.io.guard import PUBLIC, Reach
from gossan.io.pixels import RawScene
from gossan.io.radar_items import CHANNELS
from gossan.io.rasters import open_raster
from gossan.io.scenes import LAYOUT, SceneStore
from gossan.io.search import Acquisition

MOST_NEGATIVE = 0.01
"""Share of pixels below zero beyond which the numbers cannot be power: decibels, most likely."""


@dataclass(frozen=True)
class RawRadar(RawScene):
    """A radar acquisition on the working grid; its strips are float32 VV and VH, NaN no data."""

    def _strip(self, grid: GeoBox) -> dict[str, NDArray[Any]]:
        out = {c: np.full(grid.shape, np.nan, np.float32) for c in self.bands}
        empty = np.ones(grid.shape, np.bool_)
        with gdal_env(self.reach):
            for scene in self.acquisition.scenes:
                got = {c: self._power(scene, c, grid) for c in self.bands}
                # zero is where the swath ends; one slice gives both channels of a pixel
                seen = np.logical_and.reduce([a > 0 for a in got.values()])
                take = seen & empty
                for channel, power in got.items():
                    np.copyto(out[channel], power, where=take)
                empty &= ~seen
                if not empty.any():
                    break
        return out

    def _power(self, scene: Scene, channel: str, grid: GeoBox) -> NDArray[Any]:
        source = scene.bands[channel]
        power = self._read(scene, source.asset, source.href, source.nodata, grid, "float32")
        known = np.isfinite(power)
        if known.any() and (power[known] < 0).mean() > MOST_NEGATIVE:
            raise GossanError(
                Code.REFLECTANCE,
                f"Asset {source.asset} of scene {scene.id} has negative numbers: expected linear "
                "power, found what looks like decibels.",
                "Choose a collection of linear gamma naught.",
            )
        return power


class RadarStore(SceneStore):
    """Radar scenes of one case in `folder`, all on one grid and of one geometry."""

    def power(self, key: str, windows: Sequence[tuple[slice, slice]]) -> list[NDArray[np.float32]]:
        """VV and VH in windows (rows, columns), linear power, (2, y, x) each; NaN no data."""
        try:
            with open_raster(self._pixels(key)) as data:
                return [data.read(window=Window.from_slices(*w)) for w in windows]
        except rasterio.errors.RasterioError as error:
            raise GossanError(
                Code.READ,
                f"The stored pixels of {key} cannot be read: {error}.",
                f"Delete {key}.json in the case's scenes-radar folder; update reads it again.",
            ) from error

    def _write_pixels(
        self, path: Path, raw: RawScene, progress: Callable[[int], None] | None
    ) -> RadarTally:
        height, width = self.grid.shape
        tally = RadarTally(raw.bands, (height, width))
        with rasterio.open(
            path,
            "w",
            dtype="float32",
            nodata=np.nan,
            count=len(raw.bands),
            predictor=3,
            height=height,
            width=width,
            crs=str(self.grid.crs),
            transform=self.grid.affine,
            **LAYOUT,
        ) as data:
            for i, name in enumerate(raw.bands, 1):
                data.set_band_description(i, name)
            for rows, strip in raw.strips():
                frame = Window(0, rows.start, width, rows.stop - rows.start)
                for i, name in enumerate(raw.bands, 1):
                    data.write(strip[name], i, window=frame)
                tally.add(strip)
                if progress is not None:
                    progress(rows.stop - rows.start)
        return tally


class RadarTally:
    """What is learned of radar pixels while they pass: hashes and how much was seen."""

    def __init__(self, names: Sequence[str], shape: tuple[int, int]) -> None:
        head = f"{np.dtype('<f4').str}{shape}".encode()
        self._hashes = {n: hashlib.sha256(head) for n in names}
        self._seen, self._all = 0, 0

    def add(self, strip: dict[str, NDArray[Any]]) -> None:
        """One more strip, by channel: float32 (rows, width), NaN no data."""
        for name, digest in self._hashes.items():
            digest.update(np.ascontiguousarray(strip[name]).astype("<f4").tobytes())
        first = next(iter(strip.values()))
        self._seen += int(np.isfinite(first).sum())
        self._all += first.size

    @property
    def hashes(self) -> dict[str, str]:
        """Channel -> `sha256:` of dtype, shape and bytes of all strips together."""
        return {n: "sha256:" + h.hexdigest() for n, h in self._hashes.items()}

    @property
    def darkest(self) -> dict[str, float]:
        """Nothing: dark ground says nothing of a radar image's scale."""
        return {}

    @property
    def dark_pixels(self) -> int:
        """None."""
        return 0

    @property
    def usable_share(self) -> float:
        """Share (0..1) of all pixels of the grid that were seen."""
        return self._seen / max(self._all, 1)


def read_radar(
    acquisition: Acquisition,
    grid: GeoBox,
    *,
    sign: Callable[[str], str],
    reach: Reach = PUBLIC,
    block: int = 2048,
) -> RawRadar:
    """What a radar `acquisition` shows of `grid`; pixels are fetched when its strips are asked
    for."""
    one = dict.fromkeys(CHANNELS, 1.0)
    return RawRadar(
        acquisition, grid, CHANNELS, one, dict.fromkeys(CHANNELS, 0.0), block, sign, reach
    )
