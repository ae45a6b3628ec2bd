"""How sites and verdicts change with the choices that somebody made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import fsum

METHOD = "sensitivity.one-at-a-time.v1"
GONE = "not found"


class Choice(StrEnum):
    """What was chosen otherwise."""

    NOTHING = "as chosen"
    IMAGE = "image left out"
    SENSOR = "satellite left out"
    THRESHOLD = "threshold moved"


@dataclass(frozen=True, slots=True)
class SiteThen:
    """One site under another choice.

    Attributes
    ----------
    id : of the site as it is known
    status : "confirmed", "provisional" or `GONE`
    area_ha : 0 where it is not found
    first_changed : None where it is not found
    """

    id: str
    status: str
    area_ha: float
    first_changed: date | None


@dataclass(frozen=True, slots=True)
class Variant:
    """What came of one other choice.

    Attributes
    ----------
    choice : which kind
    what : the image, satellite or threshold
    value : of a threshold, as text with unit; "" otherwise
    sites : the known sites, in their order
    new : sites found then that are not known
    new_ha : their area
    verdicts : (claim, verdict) for every judged claim
    """

    choice: Choice
    what: str
    value: str
    sites: tuple[SiteThen, ...]
    new: int
    new_ha: float
    verdicts: tuple[tuple[str, str], ...]

    @property
    def confirmed_ha(self) -> float:
        """Confirmed area of the known sites."""
        return fsum(s.area_ha for s in self.sites if s.status == "confirmed")


@dataclass(frozen=True)
class Sensitivity:
    """All other choices that were tried, one at a time.

    Attributes
    ----------
    base : what comes out as chosen
    variants : in the order tried
    pixels : pixels that were followed again
    whole : True where thresholds were tried on the whole area, False where on the sites alone
    optical_only : True where the case has radar, which was left aside here
    method : METHOD
    """

    base: Variant
    variants: tuple[Variant, ...]
    pixels: int
    whole: bool
    optical_only: bool
    method: str = METHOD

    def moved(self, site: str) -> list[Variant]:
        """Choices under which a site has another status, or is gone."""
        was = next(s.status for s in self.base.sites if s.id == site)
        return [v for v in self.variants if any(s.id == site and s.status != was for s in v.sites)]

    def turned(self, claim: str) -> list[Variant]:
        """Choices under which a claim gets another verdict."""
        was = dict(self.base.verdicts)[claim]
        return [v for v in self.variants if dict(v.verdicts).get(claim) != was]
