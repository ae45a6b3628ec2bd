"""What would have been seen: values of power and detection limits, found by implanting.

A trial puts one patch of bare ground, by calculation, into the case's own images and runs the
case's own detector on it. Everything else here is counted from trials.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

METHOD = "power.implant.v1"
"""Id of the method, explained in docs/methods.md."""


class Season(StrEnum):
    """Three calendar months, named by their initials: true on both hemispheres."""

    DJF = "DJF"
    MAM = "MAM"
    JJA = "JJA"
    SON = "SON"

    @property
    def words(self) -> str:
        """First and last month in words, e.g. "June to August"."""
        return _WORDS[self]

    @property
    def short(self) -> str:
        """The same for a narrow column, e.g. "Jun to Aug"."""
        first, _, last = self.words.split()
        return f"{first[:3]} to {last[:3]}"

    @classmethod
    def of(cls, day: date) -> Season:
        """The season of a date."""
        return tuple(cls)[day.month % 12 // 3]


_WORDS = {
    Season.DJF: "December to February",
    Season.MAM: "March to May",
    Season.JJA: "June to August",
    Season.SON: "September to November",
}


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Reflectance of bare ground.

    Attributes
    ----------
    name : short, unique
    words : what it is, for a reader
    source : where the numbers come from
    values : (canonical band, reflectance 0..1)
    """

    name: str
    words: str
    source: str
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """One implanted patch and what became of it.

    Attributes
    ----------
    index : number of the trial; with the seed it decides all that was drawn
    area_ha : area of the patch, hectares
    contrast : share (0..1) of the way from the ground's own reflectance to the bare spectrum
    spectrum : name of the bare spectrum
    appeared : the patch is there on every look after this day
    row, col : pixel of the grid that holds its centre
    step : change of reflectance at full cover, root mean square over bands
    looks : usable looks at its centre within each of the curves' `within` days
    provisional_after, confirmed_after : days until it was listed as a site, and until that
        site was confirmed; None: not within the longest of `within`
    """

    index: int
    area_ha: float
    contrast: float
    spectrum: str
    appeared: date
    row: int
    col: int
    step: float
    looks: tuple[int, ...]
    provisional_after: int | None
    confirmed_after: int | None

    def seen_within(self, days: int) -> bool:
        """Whether it was listed and confirmed by then."""
        return self.confirmed_after is not None and self.confirmed_after <= days


@dataclass(frozen=True, slots=True)
class MonthChance:
    """How often anything at all could have been confirmed that appeared in a month.

    Attributes
    ----------
    month : its first day
    chances : for each of the curves' `within` days, the share (0..1) of places and days of the
        month followed by enough usable looks in time; 0 is a blind month
    """

    month: date
    chances: tuple[float, ...]


@dataclass(frozen=True)
class PowerCurves:
    """All that was tried in one case, and what it holds for.

    Attributes
    ----------
    trials : every implant
    spectra : the bare spectra they were drawn from, in equal shares
    months : every month in which implants appeared
    first, last : first and last day on which a patch could appear and still be judged
    within : days after which recall is counted, ascending
    needed : fewest usable looks with which the monitor confirms anything
    power : the power a detection limit asks for, 0..1
    level : of all intervals, 0..1
    ground_share : share (0..1) of the area on which patches were tried; elsewhere (changed
        ground and its margin) they say nothing
    no_model_share : share (0..1) of the area where the monitor has no model and sees nothing
    smallest_site_ha : smaller pieces are no site of this case
    dropped_ha : sizes for which the stable ground has no room
    scenes : keys of the looks it rests on
    seed : of everything drawn by chance
    """

    trials: tuple[Trial, ...]
    spectra: tuple[Spectrum, ...]
    months: tuple[MonthChance, ...]
    first: date
    last: date
    within: tuple[int, ...]
    needed: int
    power: float
    level: float
    ground_share: float
    no_model_share: float
    smallest_site_ha: float
    dropped_ha: tuple[float, ...]
    scenes: tuple[str, ...]
    seed: int
    method: str = METHOD

    @property
    def areas_ha(self) -> tuple[float, ...]:
        """Sizes tried, ascending."""
        return tuple(sorted({t.area_ha for t in self.trials}))

    @property
    def contrasts(self) -> tuple[float, ...]:
        """Contrasts tried, ascending."""
        return tuple(sorted({t.contrast for t in self.trials}))

    def blind(self, within: int) -> tuple[date, ...]:
        """Months in which nothing that appeared could be confirmed in time, whatever its size:
        too few usable looks followed, everywhere and on every day, and no trial was seen."""
        at = self.within.index(within)
        seen = {t.appeared.replace(day=1) for t in self.trials if t.seen_within(within)}
        return tuple(m.month for m in self.months if m.chances[at] == 0 and m.month not in seen)


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """Recall of patches of one size.

    Attributes
    ----------
    area_ha : hectares
    n, seen : trials, and those confirmed in time
    power : estimate, 0..1, never falling with area
    low, high : exact interval of the recall, widened to hold the estimate and never to fall
        with area
    """

    area_ha: float
    n: int
    seen: int
    power: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PowerCurve:
    """Recall against size, for one contrast and one time.

    Attributes
    ----------
    contrast, within : as in Trial, and days
    season : in which the patch appeared; None: all days alike
    spectrum : name of the bare spectrum; None: all of them in equal shares
    level : of the intervals
    points : ascending in area
    """

    contrast: float
    within: int
    season: Season | None
    spectrum: str | None
    level: float
    points: tuple[PowerPoint, ...]


@dataclass(frozen=True, slots=True)
class DetectionLimit:
    """The smallest area seen with a stated power.

    Attributes
    ----------
    quantity : "disturbed area"
    area_ha : smallest size tried whose power reaches `power`; None: not reached
    low, high : smallest size whose upper, and whose lower, bound reaches it, hectares; None:
        not reached
    tried_ha : largest size tried, 0 where there was no trial
    contrast, within, season, spectrum : as in PowerCurve
    power, level : asked for, 0..1
    n : trials behind the curve
    method : stable id
    scenes : looks it rests on
    seed : of the trials
    """

    quantity: str
    area_ha: float | None
    low: float | None
    high: float | None
    tried_ha: float
    contrast: float
    within: int
    season: Season | None
    spectrum: str | None
    power: float
    level: float
    n: int
    method: str
    scenes: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class PowerAnswer:
    """Would a thing of this size and contrast, appearing in this window, have been seen?

    Attributes
    ----------
    observable : False where nothing supports an answer; then `power` and both bounds are 0
    reason : why not, or what the figure rests on, one sentence
    power : estimate, 0..1; days of the window that cannot be judged count as not seen
    low, high : its interval at `level`; a verdict may rest on `low` only
    level : 0..1
    n, seen : trials within the window, and those confirmed in time
    area_ha, contrast : of the trials used: never more than was asked for
    window : first and last day, both inclusive
    within : days in which it had to be confirmed
    method : stable id
    """

    observable: bool
    reason: str
    power: float
    low: float
    high: float
    level: float
    n: int
    seen: int
    area_ha: float
    contrast: float
    window: tuple[date, date]
    within: int
    method: str
