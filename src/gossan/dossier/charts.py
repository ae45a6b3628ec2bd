"""Charts as SVG text, one specification for page and PDF. Equal input, equal bytes.

Times are drawn in UTC. A gap in looking stays a gap: points are not joined, the model's line
breaks where there is none, months without a look are marked as such.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import altair as alt
from altair.utils import schemapi

from gossan.core.values import Site
from gossan.dossier.canvas import (
    CHANGE,
    GREY,
    HEIGHT,
    INK,
    MODEL,
    POINT,
    Chart,
    Row,
    data_of,
    finite,
    legend,
    ms,
    render,
    time_axis,
)
from gossan.dossier.chapter import SiteSeries
from gossan.dossier.chapter_charts import chapter_charts
from gossan.dossier.chronicle_chart import timeline
from gossan.dossier.drawn import Drawn
from gossan.dossier.model import DossierModel, MonthLooks, SiteSection
from gossan.dossier.power_charts import power_charts


def draw(model: DossierModel) -> Drawn:
    """Every chart of the model. Equal models give equal text."""
    with schemapi.debug_mode(False):  # checking each part against the schema costs most of it
        return Drawn(
            observability_chart(model.observability.months),
            {s.number: series_chart(s) for s in model.sites if s.series is not None},
            {s.number: growth_chart(s, model.as_of) for s in model.sites if s.shown},
            () if model.power is None else power_charts(model.power),
            chapter_charts(model.chapters),
            None if model.chronicle is None else timeline(model.chronicle),
        )


KEY_MODEL, KEY_POINT, KEY_CHANGE = (
    "foretold from its own past, ±2 sd",
    "observed",
    "changed between",
)
KEY_UNSEEN = "image, ground not seen"


def series_chart(section: SiteSection) -> str:
    """Observed index of a site against what its own past foretold. Needs `section.series`."""
    series = section.series
    assert series is not None
    low, high = series.dates[0], series.dates[-1]
    colour = legend(
        [KEY_POINT, KEY_MODEL, KEY_CHANGE, KEY_UNSEEN], [POINT, MODEL, CHANGE, "#9aa5ad"]
    )
    values, bottom, top = _series_rows(series)
    y = alt.Scale(domain=[bottom, top], nice=False, zero=False)
    seen = [r for r in values if r["y"] is not None]
    unseen = [{**r, "y": bottom} for r in values if r["y"] is None]
    axis_y = alt.Y("y:Q", title=f"{series.index}, median of the site", scale=y)
    model = alt.Chart(data_of(_model_rows(series)))
    band = model.mark_area(opacity=0.18, clip=True, invalid="break-paths-filter-domains").encode(
        x=time_axis("t", low, high), y=alt.Y("low:Q", scale=y), y2="high:Q", color=colour
    )
    line = model.mark_line(strokeWidth=1.5, clip=True, invalid="break-paths-filter-domains").encode(
        x=time_axis("t", low, high), y=axis_y, color=colour
    )
    points = alt.Chart(data_of(seen)).mark_point(filled=True, size=22, opacity=0.85)
    rug = alt.Chart(data_of(unseen)).mark_point(shape="stroke", angle=90, size=50, strokeWidth=1)
    layers = [
        _change_rect(section.site, low, bottom, top, colour),
        band,
        line,
        points.encode(x=time_axis("t", low, high), y=axis_y, color=colour),
        rug.encode(x=time_axis("t", low, high), y=axis_y, color=colour),
    ]
    if series.monitored_from is not None:
        layers.append(_learning(series.monitored_from, low, high, top, y))
    return render(alt.layer(*layers), HEIGHT, f"series{section.number}")


def _series_rows(series: SiteSeries) -> tuple[list[Row], float, float]:
    """Rows, and a vertical range that a very uncertain model cannot blow up: it is clipped."""
    rows: list[Row] = [
        {"t": ms(d), "y": finite(v), "kind": KEY_POINT if math.isfinite(v) else KEY_UNSEEN}
        for d, v in zip(series.dates, series.observed.tolist(), strict=True)
    ]
    seen = [r["y"] for r in rows if r["y"] is not None]
    reach = 0.6 * (max(seen) - min(seen)) if seen else 1.0
    wide = (min(seen, default=-1.0) - reach, max(seen, default=1.0) + reach)
    drawn = list(seen)
    for p, sd in zip(series.predicted.tolist(), series.predicted_sd.tolist(), strict=True):
        if math.isfinite(p) and math.isfinite(sd):
            drawn += [min(max(v, wide[0]), wide[1]) for v in (p - 2 * sd, p + 2 * sd)]
    if not drawn:
        return rows, 0.0, 1.0
    margin = 0.08 * (max(drawn) - min(drawn)) or 0.05
    return rows, round(min(drawn) - margin, 3), round(max(drawn) + 1.6 * margin, 3)


def _model_rows(series: SiteSeries) -> list[Row]:
    return [
        {
            "t": ms(d),
            "y": finite(p),
            "low": finite(p - 2 * sd),
            "high": finite(p + 2 * sd),
            "kind": KEY_MODEL,
        }
        for d, p, sd in zip(
            series.model_dates, series.predicted.tolist(), series.predicted_sd.tolist(), strict=True
        )
    ]


def _change_rect(site: Site, low: date, bottom: float, top: float, colour: alt.Color) -> Chart:
    """The span in which the change began; at least two days wide, so that it can be seen."""
    end = site.began.first_changed
    start = site.began.last_unchanged or low
    row = {
        "t": ms(min(start, end - timedelta(days=2))),
        "t2": ms(end),
        "y": bottom,
        "y2": top,
        "kind": KEY_CHANGE,
    }
    rect: alt.Chart = (
        alt.Chart(data_of([row]))
        .mark_rect(opacity=0.45)
        .encode(x=alt.X("t:T"), x2="t2:T", y="y:Q", y2="y2:Q", color=colour)
    )
    return rect


def _learning(first: date, low: date, high: date, top: float, y: alt.Scale) -> Chart:
    """A thin line where learning ends and watching begins, with a label beside it."""
    row = [{"t": ms(first), "y": top, "text": "watched from here \u2192"}]
    late = (first - low) > (high - low) * 0.7
    if late:
        row[0]["text"] = "watched from here"
    base = alt.Chart(data_of(row)).encode(x=time_axis("t", low, high))
    rule = base.mark_rule(strokeDash=[3, 3], color=GREY)
    text = base.mark_text(
        align="right" if late else "left", baseline="top", dx=-4 if late else 4, color=GREY
    ).encode(y=alt.Y("y:Q", scale=y), text="text:N")
    return alt.layer(rule, text)


def growth_chart(section: SiteSection, as_of: date) -> str:
    """Changed area of a site through time, in steps, with the interval of each step."""
    steps = section.site.growth
    start = section.site.began.last_unchanged or steps[0].day
    low = start - timedelta(days=max(30, (as_of - start).days // 12))
    high = max(as_of, steps[-1].day + timedelta(days=30))
    rows: list[Row] = [{"t": ms(low), "y": 0.0, "low": 0.0, "high": 0.0, "n": 0}]
    rows += [
        {
            "t": ms(s.day),
            "y": round(s.area_ha, 4),
            "low": round(s.low_ha, 4),
            "high": round(s.high_ha, 4),
            "n": 1,
        }
        for s in steps
    ]
    rows.append({**rows[-1], "t": ms(high), "n": 0})
    base = alt.Chart(data_of(rows))
    top = max(s.high_ha for s in steps) * 1.08
    y = alt.Scale(domain=[0, top], nice=False)
    band = base.mark_area(interpolate="step-after", opacity=0.2, color=CHANGE).encode(
        x=time_axis("t", low, high),
        y=alt.Y("low:Q", scale=y, title="Changed ground, ha"),
        y2="high:Q",
    )
    line = base.mark_line(interpolate="step-after", color=CHANGE, strokeWidth=2).encode(
        x=time_axis("t", low, high), y=alt.Y("y:Q", scale=y)
    )
    points = (
        base.transform_filter("datum.n == 1")
        .mark_point(filled=True, color=CHANGE, size=30, opacity=1)
        .encode(x=time_axis("t", low, high), y=alt.Y("y:Q", scale=y))
    )
    return render(alt.layer(band, line, points), 160, f"growth{section.number}")


KEY_SEEN, KEY_NONE, KEY_NOT_USABLE, KEY_RADAR = (
    "share of the area seen",
    "no image at all",
    "images, none usable",
    "by radar alone",
)


def _month_end(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def observability_chart(months: tuple[MonthLooks, ...]) -> str:
    """Share of the area seen in each month; months without any look are drawn as gaps."""
    low, high = months[0].month, _month_end(months[-1].month)
    rows = [_month_row(m) for m in months]
    rects = (
        alt.Chart(data_of(rows))
        .mark_rect(stroke="white", strokeWidth=0.6)
        .encode(
            x=time_axis("t", low, high),
            x2="t2:T",
            y=alt.Y(
                "y:Q",
                title="Seen at least once",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            y2="y0:Q",
            color=_month_legend(months),
        )
    )
    blind = (KEY_NONE, KEY_NOT_USABLE)
    gaps = [{"t": (r["t"] + r["t2"]) // 2, "y": 0.5} for r in rows if r["kind"] in blind]
    marks = alt.Chart(data_of(gaps)).mark_point(
        shape="cross", angle=45, color=INK, filled=True, size=18
    )
    crossed = marks.encode(x=time_axis("t", low, high), y="y:Q")
    return render(alt.layer(rects, crossed), 130, "months")


def _month_legend(months: tuple[MonthLooks, ...]) -> alt.Color:
    """Radar has a place in it only where it answered a month."""
    kinds, colours = [KEY_SEEN], [MODEL]
    if any(m.by_radar_alone for m in months):
        kinds, colours = [*kinds, KEY_RADAR], [*colours, "#a99bc9"]
    return legend([*kinds, KEY_NOT_USABLE, KEY_NONE], [*colours, "#f0b8a0", "#d5dade"])


def _month_row(m: MonthLooks) -> Row:
    span = {"t": ms(m.month), "t2": ms(_month_end(m.month)), "y0": 0.0}
    if m.by_radar_alone:
        return {**span, "y": round(m.radar_share or 0.0, 4), "kind": KEY_RADAR}
    if m.n_scenes == 0:
        return {**span, "y": 1.0, "kind": KEY_NONE}
    if not m.seen_share:
        return {**span, "y": 1.0, "kind": KEY_NOT_USABLE}
    return {**span, "y": round(m.seen_share, 4), "kind": KEY_SEEN}
