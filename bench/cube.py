"""What a generated cube is made from and what it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BANDS = ("B02", "B04", "B08", "B11", "B12")
COVERS = ("forest", "steppe", "crops", "bare")
FIRST_DAY = 17167
"""2017-01-01."""
YEAR = 365.2425
SCENES_A_YEAR = 73


class Leak(IntEnum):
    """What hides in a look that counts as usable."""

    NONE = 0
    CLOUD = 1
    SHADOW = 2


class Kind(IntEnum):
    """What happened to a pixel."""

    NONE = 0
    AT_ONCE = 1  # bare from one day to the next
    SPREAD = 2  # part of a patch that grew over `spread_days`
    PLOUGHED = 3  # a parcel bare for some weeks, then green again: no lasting change


@dataclass(frozen=True)
class Scenario:
    """What a cube holds, beside what the statistics say.

    Attributes
    ----------
    cloud_share : share of looks refused, as if by a cloud mask
    leak_share : share of the looks left that are cloud or shadow all the same
    leak_blobs : they come as blobs, most beside refused looks; else each pixel alone
    drought : strength of the drought in sd of the cover's own years (the driest of 32 years
        was 2.6); None draws 1.5, 2.0 or 2.6 by the seed; 0 none
    drought_year : 1 or 2, watched year in which it falls; None draws by the seed
    patches : changed patches; None gives one for each 5 pixels of side
    radius : smallest and largest, pixels of 10 m
    severity : smallest and largest share of the pixel that becomes bare
    spread_days : days over which every second patch grows from its centre to its rim
    again_share : share of patches that green up and are dug a second time
    ploughed_share : share of parcels under crops ploughed and sown again in the years watched
    provider_step : reflectance added to all blue looks from the first watched half-year on, as
        a provider's new processing would (0.016 in a real archive in 2017); 0 none
    residuals : size of scene and pixel errors against those of the real series
    """

    cloud_share: float = 0.6
    leak_share: float = 0.04
    leak_blobs: bool = True
    drought: float | None = None
    drought_year: int | None = None
    patches: int | None = None
    radius: tuple[float, float] = (1.5, 5.0)
    severity: tuple[float, float] = (0.4, 1.0)
    spread_days: float = 60.0
    again_share: float = 0.0
    ploughed_share: float = 0.0
    provider_step: float = 0.0
    residuals: float = 1.0


PLAIN = Scenario()


@dataclass(frozen=True)
class Cube:
    """Looks and truth; days are int32 since 1970-01-01, -1 for never.

    Attributes
    ----------
    values : reflectance, float32 (time, bands, y, x), finite everywhere, also under cloud
    usable : bool (time, y, x), what a cloud mask would let through
    days : (time,); the first `n_history` looks are the history
    changed : day the pixel became bare (y, x); PLOUGHED pixels are not in it
    again : day it was dug a second time (y, x)
    regrown : day by which it was green again between the two (y, x)
    ploughed : first day of a parcel's bare weeks (y, x)
    kind : uint8 `Kind` (y, x)
    severity : share of the pixel that became bare, 0 where nothing did (y, x)
    drought : True where the ground suffers from it (y, x)
    cover : uint8 index into COVERS (y, x)
    leak : uint8 `Leak` (time, y, x), only where usable
    drought_sd : strength of the drought in sd of the cover's own years
    """

    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]
    n_history: int
    changed: NDArray[np.int32]
    again: NDArray[np.int32]
    regrown: NDArray[np.int32]
    ploughed: NDArray[np.int32]
    kind: NDArray[np.uint8]
    severity: NDArray[np.float32]
    drought: NDArray[np.bool_]
    cover: NDArray[np.uint8]
    leak: NDArray[np.uint8]
    drought_sd: float

    @property
    def untouched(self) -> NDArray[np.bool_]:
        """Pixels on which nothing was dug and nothing ploughed."""
        return self.kind == Kind.NONE


@cache
def statistics() -> dict[str, Any]:
    """The numbers of `bench/statistics.json`."""
    text = (Path(__file__).parent / "statistics.json").read_text()
    return dict(json.loads(text))


def per_cover(cover: NDArray[np.uint8], name: str) -> NDArray[Any]:
    """A statistic of each pixel's cover, shape (y, x, ...)."""
    s = statistics()["covers"]
    return np.array([s[c][name] for c in COVERS])[cover]
