"""One stored acquisition: what its sidecar says, and its pixels while they are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from gossan.core.sensor import CLASSED


@dataclass(frozen=True)
class StoredScene:
    """What the store knows of one acquisition without opening its pixels.

    Attributes
    ----------
    key : as `CatalogueScene.key`
    time : UTC
    items : ids of the catalogue items it was made of, in order of precedence
    bands : band names in the file, canonical order
    scale, offset : per band
    offset_rule : per item id, in words
    hashes : band or "SCL" -> `sha256:` of the decoded pixels (dtype, shape, bytes)
    checksums : item id -> {asset key: the catalogue's file:checksum}
    hrefs : item id -> {asset key: address without signature}
    etags : item id -> {asset key: the ETag its server gave}; empty for files
    ranges : item id -> {asset key: [first, last] byte of each run of tiles read}; the same
    darkest : band -> 0.1th percentile of DN over SCL 2..7; empty where there are none
    dark_pixels : pixels behind `darkest`
    usable_share : share (0..1) of all pixels of the grid with SCL 4..7
    """

    key: str
    time: datetime
    items: tuple[str, ...]
    bands: tuple[str, ...]
    scale: dict[str, float]
    offset: dict[str, float]
    offset_rule: dict[str, str]
    hashes: dict[str, str]
    checksums: dict[str, dict[str, str]]
    hrefs: dict[str, dict[str, str]]
    darkest: dict[str, float]
    dark_pixels: int
    usable_share: float
    etags: dict[str, dict[str, str]] = field(default_factory=dict)
    ranges: dict[str, dict[str, list[list[int]]]] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenScene:
    """A stored scene and its open pixels."""

    stored: StoredScene
    data: rasterio.io.DatasetReader

    def read(
        self,
        window: tuple[slice, slice],
        bands: Sequence[str],
        wider: tuple[slice, slice] | None = None,
    ) -> dict[str, NDArray[np.uint16]]:
        """DN of `bands` in a window (rows, columns), and "SCL" in the `wider` one if given.

        A band not stored is all 0.
        """
        numbers = self.numbers(window, bands)
        return {
            **dict(zip(bands, numbers, strict=True)),
            CLASSED.classes: self.classes(wider or window),
        }

    def numbers(self, window: tuple[slice, slice], bands: Sequence[str]) -> NDArray[Any]:
        """Numbers of `bands` in a window as stored, (band, y, x); a band not stored is all 0."""
        known = [i for i, b in enumerate(bands) if b in self.stored.bands]
        layers = [self.stored.bands.index(bands[i]) + 1 for i in known]
        frame = Window.from_slices(*window)
        if known and len(known) == len(bands):
            found: NDArray[Any] = self.data.read(layers, window=frame)
            return found
        rows, cols = window
        out = np.zeros((len(bands), rows.stop - rows.start, cols.stop - cols.start), np.uint16)
        if known:
            out[known] = self.data.read(layers, window=frame)
        return out

    def classes(self, window: tuple[slice, slice]) -> NDArray[np.uint16]:
        """The scene classification in a window, (y, x)."""
        layer = len(self.stored.bands) + 1
        scl: NDArray[np.uint16] = self.data.read(layer, window=Window.from_slices(*window))
        return scl
