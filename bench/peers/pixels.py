"""What an adapter is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.cube import BANDS, Cube

B02, B04, B08, B11, B12 = range(len(BANDS))
NEVER = -1
EPOCH_ORDINAL = 719163
"""1970-01-01 as a proleptic ordinal."""


@dataclass(frozen=True)
class Pixels:
    """Series of some pixels.

    Attributes
    ----------
    values : reflectance, float32 (time, bands, n), bands as in `bench.cube.BANDS`
    usable : bool (time, n)
    days : int32 (time,), ascending
    n_history : looks that belong to the history
    """

    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]
    n_history: int

    @property
    def watched_from(self) -> int:
        """First day watched."""
        return int(self.days[self.n_history])

    def index(self, name: str) -> NDArray[np.float64]:
        """A normalised difference, (time, n), NaN where not usable."""
        first, second = {"NDVI": (B08, B04), "NBR": (B08, B12), "NDMI": (B08, B11)}[name]
        a, b = self.values[:, first].astype(float), self.values[:, second].astype(float)
        return np.where(self.usable, (a - b) / (a + b), np.nan)

    def band(self, b: int) -> NDArray[np.float64]:
        """One band, (time, n), NaN where not usable."""
        return np.where(self.usable, self.values[:, b].astype(float), np.nan)


def pixels(cube: Cube, mask: NDArray[np.bool_]) -> Pixels:
    """The pixels of a mask (y, x), in row-major order."""
    return Pixels(cube.values[:, :, mask], cube.usable[:, mask], cube.days, cube.n_history)


def stacked(confirmed: list[list[int]]) -> NDArray[np.int32]:
    """Days of confirmation of each pixel, ascending, as an array (k, n) filled with NEVER."""
    k = max(1, max(map(len, confirmed), default=1))
    out = np.full((k, len(confirmed)), NEVER, np.int32)
    for i, days in enumerate(confirmed):
        out[: len(days), i] = sorted(days)
    return out


def nth_look(p: Pixels, i: int, first_day: int, n: int) -> int:
    """Day of the n-th usable look of pixel i from `first_day` on, that day counted; NEVER if
    the series ends before."""
    looks = p.days[p.usable[:, i] & (p.days >= first_day)]
    return int(looks[n - 1]) if len(looks) >= n else NEVER
