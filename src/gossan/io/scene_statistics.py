"""What is learned of a scene's pixels while they pass on their way to the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.core.sensor import Numbers

DARK_CLASSES = (2, 3, 4, 5, 6, 7)
"""SCL classes whose darkest pixels witness the offset: ground, water and shadow, no cloud."""

DARK_SHARE = 0.001
"""0.1th percentile."""


class SceneStatistics:
    """What is learned of the pixels while they pass: hashes, darkest ground, usable share.

    Dark ground says nothing of the scale of linear power: without classes there is none.
    """

    def __init__(self, names: Sequence[str], shape: tuple[int, int], numbers: Numbers) -> None:
        self._numbers, self._dtype = numbers, np.dtype(numbers.dtype).newbyteorder("<")
        head = f"{self._dtype.str}{shape}".encode()
        self._hashes = {n: hashlib.sha256(head) for n in names}
        bands = [n for n in names if numbers.classes and n != numbers.classes]
        self._histogram = {n: np.zeros(65536, dtype=np.int64) for n in bands}
        self._classes = np.zeros(65536, dtype=np.int64)
        self._seen = self._all = 0

    def add(self, strip: dict[str, NDArray[Any]]) -> None:
        """One more strip, by layer: (rows, width)."""
        for name, digest in self._hashes.items():
            digest.update(np.ascontiguousarray(strip[name]).astype(self._dtype).tobytes())
        first = next(iter(strip.values()))
        self._all += first.size
        if not self._numbers.classes:
            self._seen += int(np.isfinite(first).sum())
            return
        classes = strip[self._numbers.classes]
        counts = np.bincount(classes.ravel(), minlength=65536)
        self._classes += counts
        self._seen += int(counts[4:8].sum())
        dark = np.isin(classes, DARK_CLASSES)
        for name, counted in self._histogram.items():
            values = strip[name][dark]
            counted += np.bincount(values[values > 0], minlength=65536)

    @property
    def hashes(self) -> dict[str, str]:
        """Layer -> `sha256:` of dtype, shape and bytes of all strips together."""
        return {n: "sha256:" + h.hexdigest() for n, h in self._hashes.items()}

    @property
    def dark_pixels(self) -> int:
        """Pixels of DARK_CLASSES."""
        return int(self._classes[list(DARK_CLASSES)].sum())

    @property
    def usable_share(self) -> float:
        """Share (0..1) of pixels with SCL 4 to 7; without classes, of those that were seen."""
        return float(self._seen / max(self._all, 1))

    @property
    def darkest(self) -> dict[str, float]:
        """Band -> the DARK_SHARE quantile of DN over DARK_CLASSES; bands without one left out."""
        out = {}
        for name, counts in self._histogram.items():
            below = np.cumsum(counts)
            if below[-1] > 0:
                out[name] = float(np.searchsorted(below, max(1.0, DARK_SHARE * below[-1])))
        return out
