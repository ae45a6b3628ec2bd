"""What is learned of a scene's pixels while they pass on their way to the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gossan.io.pixels import SCL

DARK_CLASSES = (2, 3, 4, 5, 6, 7)
"""SCL classes whose darkest pixels witness the offset: ground, water and shadow, no cloud."""

DARK_SHARE = 0.001
"""0.1th percentile."""


class Learned(Protocol):
    """What a sidecar says of a scene's pixels."""

    @property
    def hashes(self) -> dict[str, str]:
        """Layer -> `sha256:` of dtype, shape and bytes."""

    @property
    def darkest(self) -> dict[str, float]:
        """Band -> darkest ground; empty where it means nothing."""

    @property
    def dark_pixels(self) -> int:
        """Pixels behind `darkest`."""

    @property
    def usable_share(self) -> float:
        """Share (0..1) of pixels that show the ground."""


class Tally:
    """What is learned of the pixels while they pass: hashes, darkest ground, usable share."""

    def __init__(self, names: Sequence[str], shape: tuple[int, int]) -> None:
        head = f"{np.dtype('<u2').str}{shape}".encode()
        self._hashes = {n: hashlib.sha256(head) for n in names}
        self._histogram = {n: np.zeros(65536, dtype=np.int64) for n in names if n != SCL}
        self._classes = np.zeros(65536, dtype=np.int64)

    def add(self, strip: dict[str, NDArray[np.uint16]]) -> None:
        """One more strip, by band and SCL: uint16 (rows, width)."""
        dark = np.isin(strip[SCL], DARK_CLASSES)
        self._classes += np.bincount(strip[SCL].ravel(), minlength=65536)
        for name, digest in self._hashes.items():
            digest.update(np.ascontiguousarray(strip[name]).astype("<u2").tobytes())
            if name in self._histogram:
                values = strip[name][dark]
                self._histogram[name] += np.bincount(values[values > 0], minlength=65536)

    @property
    def hashes(self) -> dict[str, str]:
        """Band or SCL -> `sha256:` of dtype, shape and bytes of all strips together."""
        return {n: "sha256:" + h.hexdigest() for n, h in self._hashes.items()}

    @property
    def dark_pixels(self) -> int:
        """Pixels of DARK_CLASSES."""
        return int(self._classes[list(DARK_CLASSES)].sum())

    @property
    def usable_share(self) -> float:
        """Share (0..1) of pixels with SCL 4 to 7."""
        return float(self._classes[4:8].sum() / max(int(self._classes.sum()), 1))

    @property
    def darkest(self) -> dict[str, float]:
        """Band -> the DARK_SHARE quantile of DN over DARK_CLASSES; bands without one left out."""
        out = {}
        for name, counts in self._histogram.items():
            below = np.cumsum(counts)
            if below[-1] > 0:
                out[name] = float(np.searchsorted(below, max(1.0, DARK_SHARE * below[-1])))
        return out
