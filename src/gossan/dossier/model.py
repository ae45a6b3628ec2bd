"""Everything a dossier shows, as one frozen value: the page, the PDF and the tables read only this.

`run` builds it; nothing in `dossier` computes a measurement or reads a file of the case.
Dates are `datetime.date`, areas hectares, shares fractions 0..1, coordinates lon/lat degrees
(EPSG:4326) unless a field says otherwise. Images are PNG bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from gossan.core.kinds import KindOfSite
from gossan.core.power.trials import DetectionLimit, PowerCurve, PowerCurves, Season
from gossan.core.values import Measurement, SceneRecord, Site
from gossan.dossier.chapter import Chapter, CropImage, MapImage
from gossan.dossier.chronicle import Chronicle
from gossan.dossier.plots import SiteSeries
from gossan.dossier.recipe import Recipe


@dataclass(frozen=True, slots=True)
class GridInfo:
    """The working grid, in words and numbers.

    `crs` e.g. "EPSG:32635"; `pixel_m` ground size of a pixel in metres (x, y), measured at
    the middle of the area where the grid is in degrees; `width`, `height` in pixels.
    """

    crs: str
    pixel_m: tuple[float, float]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting that a number depends on: `name`, `value` as text, `unit` or "", `meaning`."""

    name: str
    value: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The key figures. None where there is no site of that kind.

    Attributes
    ----------
    confirmed_area, provisional_area : total over sites of that status, ha, with interval
    n_confirmed, n_provisional : number of sites
    """

    n_confirmed: int
    n_provisional: int
    confirmed_area: Measurement | None
    provisional_area: Measurement | None


@dataclass(frozen=True)
class SiteSection:
    """One site and all that is shown of it.

    Attributes
    ----------
    number : 1.. in the order of the dossier; drawn on the maps
    site : the site
    series : observations and model, None where it could not be read back
    strip : decisive dates, ascending
    before, after : the pair for the slider, of equal `size`; None where no clear look exists
    by_both, by_radar : share of its pixels that optical images and radar both saw changed, and
        radar alone, 0..1; None where the case has no radar
    kind : what kind of change it is, None where it was not weighed
    """

    number: int
    site: Site
    series: SiteSeries | None
    strip: tuple[CropImage, ...]
    before: CropImage | None
    after: CropImage | None
    by_both: float | None = None
    by_radar: float | None = None
    kind: KindOfSite | None = None

    @property
    def shown(self) -> bool:
        """False where only words and numbers stand for it, without pictures and charts."""
        return self.series is not None or bool(self.strip)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a usable look: after the look on `start`, until the look on `end`.

    `start` or `end` is the period's own limit where there was no look at that side.
    `days` is the number of days between the two.
    """

    start: date
    end: date
    days: int


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """How well one calendar month was seen. Months without any scene are listed too.

    Attributes
    ----------
    month : its first day
    n_scenes : scenes the catalogue has for it
    n_used : scenes that were read and used
    best_share : largest usable share of the area on one date, None where nothing was read
    seen_share : share of the area seen usable at least once that month, None nothing read
    n_radar : radar images that month that counted; 0 also where the case has no radar
    radar_share : largest share of the area on one of them, None where there is none
    """

    month: date
    n_scenes: int
    n_used: int
    best_share: float | None
    seen_share: float | None
    n_radar: int = 0
    radar_share: float | None = None

    @property
    def by_radar_alone(self) -> bool:
        """True where optical images saw nothing usable and radar looked."""
        return not self.seen_share and self.n_radar > 0


@dataclass(frozen=True, slots=True)
class RadarSummary:
    """What radar adds to a case.

    Attributes
    ----------
    orbit : from where all its images were seen, e.g. "descending 106"
    images : radar images that were followed or learned from
    first, last : dates of the first and the last of them
    finds_db : change of VV and VH together that three looks confirm with 90 % chance on ground of
        usual noise, dB
    by_both, by_radar : share of the changed ground that both sensors saw, and radar alone, 0..1
    """

    orbit: str
    images: int
    first: date
    last: date
    finds_db: float
    by_both: float
    by_radar: float


@dataclass(frozen=True, slots=True)
class Judged:
    """Where and when a change could have been confirmed at all, by the number of looks alone.

    Attributes
    ----------
    share : share of the area with a model and, after the history, enough looks to confirm, 0..1
    first, last : first look after the history, and last with enough looks from it on; None none
    why : what was lacking, a clause; "" where nothing was
    """

    share: float
    first: date | None
    last: date | None
    why: str


@dataclass(frozen=True)
class Observability:
    """What could not be seen: without it, "nothing found" means nothing.

    Attributes
    ----------
    months : every calendar month of the period, ascending
    gaps : longest times without a usable look at (most of) the area, longest first
    no_model_share : share of the area where too few looks allow no statement at all, 0..1
    never_seen_share : share of the area without a single usable look, 0..1
    median_looks : usable looks per pixel over the whole period, median
    smallest_site_ha : smallest patch the method keeps (its minimum mapping unit), ha
    monitored_from : earliest date from which a change could have been noticed, None never
    radar : None where the case has no radar
    judged : where and when a change could have been confirmed; None in older dossiers
    """

    months: tuple[MonthCounts, ...]
    gaps: tuple[Gap, ...]
    no_model_share: float
    never_seen_share: float
    median_looks: float
    smallest_site_ha: float
    monitored_from: date | None
    radar: RadarSummary | None = None
    judged: Judged | None = None

    @property
    def unseen_share(self) -> float:
        """Share of the area, mean over the months, that the clearest image of each left unseen.

        One notion with `gaps`, which also count single images: a gap of two months or more holds
        a whole month, so it never stands beside 0 %.
        """
        seen = [m.best_share or 0.0 for m in self.months]
        return 1 - sum(seen) / len(seen) if seen else 1.0


@dataclass(frozen=True)
class PowerSection:
    """What would have been seen, as counted from implanted patches.

    Attributes
    ----------
    found : all trials and what they hold for
    curves : recall against size
    limits : smallest area seen, one for each curve, in the same order
    half_width : half the width of the interval of one point of the all-season curves at the power
        asked for, 0..1
    """

    found: PowerCurves
    curves: tuple[PowerCurve, ...]
    limits: tuple[DetectionLimit, ...]
    half_width: float

    def pick(
        self,
        contrast: float,
        within: int,
        season: Season | None = None,
        spectrum: str | None = None,
    ) -> tuple[PowerCurve, DetectionLimit]:
        """The curve of these conditions, and its limit."""
        wanted = (contrast, within, season, spectrum)
        at = next(
            i
            for i, c in enumerate(self.curves)
            if (c.contrast, c.within, c.season, c.spectrum) == wanted
        )
        return self.curves[at], self.limits[at]


@dataclass(frozen=True)
class DossierModel:
    """The whole dossier.

    Attributes
    ----------
    case_name : as the user wrote it
    area : GeoJSON geometry of the area, EPSG:4326
    bounds : west, south, east, north in degrees
    area_ha : size of the area, ha
    period : first and last day asked for
    as_of : date of the last scene used; the dossier's own date (never the clock)
    source : name of the catalogue or service
    attribution : lines that the data's licences ask for
    version : version of gossan
    scenes : every scene of the window, used or not, ascending by time
    grid, bands, parameters : how it was computed
    summary : key figures
    images : dates of the map, ascending; at least one
    natural_label, false_label : how each colouring is made, e.g.
        "Natural colour (B04, B03, B02)"; empty where no image has it
    sites : sections in the order shown
    observability : what was not seen
    power : what would have been seen; None where no limits were computed
    ledger_head : hash of the last evidence record, "sha256:..."
    commands : command lines that make this dossier again
    chapters : what else was measured, in the order shown
    signer : public key of who signs the dossier, "" where nobody does
    recipe : what is needed to compute it anew
    chronicle : what documents say, None where the case has none
    salt : random, of the hashes by which the ledger knows each part of the dossier; "" in a
        dossier of an older gossan
    """

    case_name: str
    area: dict[str, Any]
    bounds: tuple[float, float, float, float]
    area_ha: float
    period: tuple[date, date]
    as_of: date
    source: str
    attribution: tuple[str, ...]
    version: str
    scenes: tuple[SceneRecord, ...]
    grid: GridInfo
    bands: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    summary: Summary
    images: tuple[MapImage, ...]
    natural_label: str
    false_label: str
    sites: tuple[SiteSection, ...]
    observability: Observability
    power: PowerSection | None
    ledger_head: str
    commands: tuple[str, ...]
    chapters: tuple[Chapter, ...] = ()
    signer: str = ""
    recipe: Recipe | None = None
    chronicle: Chronicle | None = None
    salt: str = ""

    @property
    def kinds(self) -> dict[str, KindOfSite]:
        """The kind of each site by id, of those that were weighed."""
        return {s.site.id: s.kind for s in self.sites if s.kind is not None}
