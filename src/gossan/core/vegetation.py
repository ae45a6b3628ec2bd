"""Vegetation lost and recovered, as it leaves the program."""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.values import Measurement


@dataclass(frozen=True, slots=True)
class VegetationYear:
    """Hectares by calendar year: `lost` in it, and `back` in it of what was lost before."""

    year: int
    lost: Measurement
    back: Measurement


@dataclass(frozen=True, slots=True)
class Severity:
    """How much greener or barer ground became, same season with same season.

    Attributes
    ----------
    index : "NDVI", "NBR" or, without B12, "NDMI"
    before, after : median over the lost pixels, the first year after
    low, high : of `after - before`, the middle nine tenths of the pixels
    relative : (before - after) / (before - bare), 1 where all green is gone; None for the others
    """

    index: str
    before: float
    after: float
    low: float
    high: float
    relative: float | None

    @property
    def delta(self) -> float:
        """after - before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class CoverShare:
    """What stood on the lost ground by a land-cover map: class `code` and `name`, hectares."""

    code: int
    name: str
    area_ha: float


@dataclass(frozen=True)
class SiteVegetation:
    """What a site did to vegetation.

    Attributes
    ----------
    site : its id
    years : each year in which something was lost or came back, ascending
    lost, back : totals, ha; what is back by the last year seen
    severity : by index, empty where nothing was lost
    cover : what stood there before, largest first; empty without a map
    """

    site: str
    years: tuple[VegetationYear, ...]
    lost: Measurement
    back: Measurement
    severity: tuple[Severity, ...]
    cover: tuple[CoverShare, ...] = ()
