"""Series as pyxccd 1.1 (Apache-2.0) wants them: six bands x 10000 and a quality flag.

Its six bands are blue, green, red, near infrared and two of shortwave infrared, of which the
last five decide. The cubes have no green band: B02 stands in for it, so that all five bands
decide and its own defaults apply unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.pixels import B02, B04, B08, B11, B12, EPOCH_ORDINAL, Pixels

ORDER = (B02, B02, B04, B08, B11, B12)
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Looks:
    """Usable looks of one pixel: dates (n,) ordinal, bands six arrays (n,), qa (n,) all clear."""

    dates: I64
    bands: tuple[I64, ...]
    qa: I64


def looks(p: Pixels, i: int, until: int | None = None, since: int = 0) -> Looks:
    """Usable looks of pixel i with index in [since, until)."""
    use = np.nonzero(p.usable[since:until, i])[0] + since
    v = np.round(p.values[use, :, i] * 10000).astype(np.int64)
    return Looks(
        p.days[use].astype(np.int64) + EPOCH_ORDINAL,
        tuple(np.ascontiguousarray(v[:, b]) for b in ORDER),
        np.zeros(len(use), np.int64),
    )
