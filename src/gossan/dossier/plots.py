"""Plots: the blocks that are drawn as charts, each the values it is drawn from.

`chapter_charts` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import DateInterval
from gossan.core.power.trials import PowerPoint


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a line. `value` None where it was not observable that day."""

    day: date
    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Values of one thing through time. `joined` draws a line between observed points."""

    name: str
    points: tuple[Point, ...]
    joined: bool = False


@dataclass(frozen=True, slots=True)
class TimePlot:
    """Values through time with their intervals; days without an answer are marked.

    Attributes
    ----------
    caption : what it shows; read aloud in place of the picture
    unit : title of the vertical axis, e.g. "turbidity, FNU"
    lines : at most eight
    marks : days with a short label, e.g. (date(2021, 7, 27), "spill")
    log : vertical axis in powers of ten
    """

    caption: str
    unit: str
    lines: tuple[Line, ...]
    marks: tuple[tuple[date, str], ...] = ()
    log: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: category along the axis (e.g. "2018"), group (its colour), value and interval."""

    category: str
    group: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Bars side by side by group, e.g. hectares lost and recovered by year."""

    caption: str
    unit: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class StepPlot:
    """What grows in steps: each value holds until the next, with its interval.

    Attributes
    ----------
    caption : read aloud in place of the picture
    unit : title of the vertical axis
    start, end : what the horizontal axis holds at least
    points : steps, ascending in time; before the first there is nothing
    """

    caption: str
    unit: str
    start: date
    end: date
    points: tuple[Point, ...]


@dataclass(frozen=True)
class BandSeries:
    """Median reflectance of one band over the site's pixels, shape (n,), NaN where not usable."""

    band: str
    values: NDArray[np.float32]


@dataclass(frozen=True)
class SiteSeries:
    """What was observed over a site, and what the model of its history predicts.

    Attributes
    ----------
    index : what is plotted, e.g. "NDVI"
    dates : dates of the scenes, ascending, length n
    observed : float32 (n,), median over the site's usable pixels, NaN where none was usable
    usable_share : float32 (n,), fraction of the site's pixels usable, 0..1
    model_dates : dates at which the model is drawn, ascending, length m (may be `dates`)
    predicted : float32 (m,), the model's value, NaN where there is no model
    predicted_sd : float32 (m,), one standard deviation of an observation around the model
    monitored_from : first date after the history the model was fitted to, None no model
    bands : median reflectance per band, may be empty
    """

    index: str
    dates: tuple[date, ...]
    observed: NDArray[np.float32]
    usable_share: NDArray[np.float32]
    model_dates: tuple[date, ...]
    predicted: NDArray[np.float32]
    predicted_sd: NDArray[np.float32]
    monitored_from: date | None
    bands: tuple[BandSeries, ...] = ()


@dataclass(frozen=True)
class SeriesPlot:
    """Observations against a model's prediction, and when the change `began`."""

    caption: str
    series: SiteSeries
    began: DateInterval


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month: its first day, a share 0..1, what it shows (a name of the legend, ""
    where there is none), and whether it is crossed out as blind."""

    month: date
    share: float
    kind: str = ""
    blind: bool = False


@dataclass(frozen=True, slots=True)
class MonthPlot:
    """A share for each month; `legend` holds the kinds of a month with their colours."""

    caption: str
    unit: str
    months: tuple[Month, ...]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """Recall against size, drawn in `colour` ("#rrggbb")."""

    name: str
    colour: str
    points: tuple[PowerPoint, ...]


@dataclass(frozen=True, slots=True)
class RecallPlot:
    """Curves of recall against size; `wanted` is the recall asked for, 0..1."""

    caption: str
    wanted: float
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a statement leaves open; None at an open end.

    `label` stands beside its bar, `group` gives the bar its colour; `decided` is False where a
    person must choose between dates.
    """

    label: str
    group: str
    first: date | None
    last: date | None
    decided: bool


@dataclass(frozen=True, slots=True)
class SpanPlot:
    """Spans of days one below the other."""

    caption: str
    spans: tuple[Span, ...]
    groups: tuple[str, ...]


Plot = TimePlot | BarPlot | StepPlot | SeriesPlot | MonthPlot | RecallPlot | SpanPlot
