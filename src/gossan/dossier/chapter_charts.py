"""Every chart of a dossier as SVG text, one specification for page and PDF.

Equal blocks give equal bytes. Times are drawn in UTC. A gap in looking stays a gap: points are
not joined, the model's line breaks where there is none, months without a look are marked as such.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
from altair.utils import schemapi

from gossan.core.dates import DateInterval
from gossan.core.words import ENGLISH, tr, tr_later, tr_now, use_language
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
from gossan.dossier.chapter import Chapter, keyed
from gossan.dossier.plots import (
    BarPlot,
    Curve,
    Month,
    MonthPlot,
    Plot,
    RecallPlot,
    SeriesPlot,
    SiteSeries,
    Span,
    SpanPlot,
    StepPlot,
    TimePlot,
)

COLOURS = ("#12304d", "#c2410c", "#2b6cb0", "#3f8f4f", "#d19a00", "#7b3f8f", "#5b6770", "#0f766e")
NOT_SEEN, UNSEEN = tr_later("not observable"), "#8a949c"
BAR_HEIGHT = 170
KEY_MODEL, KEY_POINT, KEY_CHANGE = (
    tr_later("model prediction from its own past, ±2 sd"),
    tr_later("observed"),
    tr_later("changed between"),
)
KEY_UNSEEN = tr_later("image, ground not seen")
SPAN_COLOURS = ("#2b6cb0", "#c2410c", "#3f7d3a", "#7c4d9e", "#8a6d1b", "#5b6770")
ROW_PX = 15
MAX_DRAWN = 120
"""Statements drawn in the timeline; the table lists them all."""
EARLIER = timedelta(400)
"""How far before the middle half of the statements the timeline reaches; what lies earlier is
drawn at its edge."""


@use_language(ENGLISH)
def draw(chapters: Iterable[Chapter]) -> dict[str, str]:
    """SVG text of every plot, by the key of its block. Equal chapters give equal text."""
    with schemapi.debug_mode(False):  # checking each part against the schema costs most of it
        return {
            key: DRAWERS[type(block)](block, re.sub(r"[^a-z0-9]", "", key))
            for chapter in chapters
            for key, block in keyed(chapter)
            if isinstance(block, Plot)
        }


def _time(plot: TimePlot, tag: str) -> str:
    days = [p.day for line in plot.lines for p in line.points] + [d for d, _ in plot.marks]
    low, high = min(days), max(days)
    seen: list[Row] = []
    unseen: list[Row] = []
    for line in plot.lines:
        for p in line.points:
            row: Row = {"t": ms(p.day), "kind": line.name, "joined": line.joined}
            if p.value is None:
                unseen.append({**row, "kind": tr_now(NOT_SEEN)})
                continue
            ends = (p.value if e is None else e for e in (p.low, p.high))
            first, last = ends
            seen.append({**row, "y": finite(p.value), "low": finite(first), "high": finite(last)})
    bottom, top = _range(seen, plot.log)
    names = [line.name for line in plot.lines]
    colours = list(COLOURS[: len(names)])
    if unseen:
        names, colours = [*names, tr_now(NOT_SEEN)], [*colours, UNSEEN]
    colour = legend(names, colours)
    scale = (
        alt.Scale(type="log", domain=[bottom, top], nice=False)
        if plot.log
        else alt.Scale(domain=[bottom, top], nice=False, zero=False)
    )
    x, y = time_axis("t", low, high), alt.Y("y:Q", title=plot.unit, scale=scale)
    points = alt.Chart(data_of(seen))
    joined = alt.Chart(data_of([r for r in seen if r["joined"]]))
    spans = points.mark_rule(strokeWidth=1.2, opacity=0.55, clip=True)
    rug = alt.Chart(data_of([{**r, "y": bottom} for r in unseen]))
    layers = [
        spans.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=colour),
        joined.mark_line(strokeWidth=1.3, clip=True).encode(x=x, y=y, color=colour),
        points.mark_point(filled=True, size=26, opacity=0.95).encode(x=x, y=y, color=colour),
        rug.mark_point(shape="stroke", angle=90, size=50, strokeWidth=1).encode(
            x=x, y=y, color=colour
        ),
    ]
    for day, text in plot.marks:
        base = alt.Chart(data_of([{"t": ms(day), "y": top, "text": text}])).encode(x=x)
        late = (day - low) > (high - low) * 0.7
        layers += [
            base.mark_rule(strokeDash=[3, 3], color=GREY),
            base.mark_text(
                align="right" if late else "left", baseline="top", dx=-4 if late else 4, color=GREY
            ).encode(y=y, text="text:N"),
        ]
    return render(alt.layer(*layers), HEIGHT, tag)


def _range(rows: list[Row], log: bool) -> tuple[float, float]:
    """Vertical range that holds all values; intervals are clipped at three times their reach."""
    if not rows:
        return (0.1, 1.0) if log else (0.0, 1.0)
    values = [r["y"] for r in rows]
    reach = max(values) - min(values) or abs(max(values)) or 1.0
    low = max(min(r["low"] for r in rows), min(values) - 3 * reach)
    high = min(max(r["high"] for r in rows), max(values) + 3 * reach)
    if log:
        floor = min(v for v in [*values, 1.0] if v > 0) / 3
        return max(low, floor) * 0.9, high * 1.3
    margin = 0.08 * (high - low) or 0.05
    # a quantity that is never negative starts at nought: bars of error need no room below it
    bottom = 0.0 if min(values) >= 0 and low - margin < 0.35 * high else low - margin
    return bottom, high + 1.6 * margin


def _bars(plot: BarPlot, tag: str) -> str:
    groups = list(dict.fromkeys(b.group for b in plot.bars))
    rows: list[Row] = [
        {
            "x": b.category,
            "kind": b.group,
            "y": finite(b.value),
            "low": finite(b.value if b.low is None else b.low),
            "high": finite(b.value if b.high is None else b.high),
        }
        for b in plot.bars
    ]
    x = alt.X("x:O", title=None, sort=None, axis=alt.Axis(labelAngle=0))
    aside = alt.XOffset("kind:N", sort=groups)
    colour = legend(groups, list(COLOURS[: len(groups)]))
    base = alt.Chart(data_of(rows)).encode(x=x, xOffset=aside)
    y = alt.Y("y:Q", title=plot.unit)
    layers = [
        base.mark_bar(opacity=0.85).encode(y=y, color=colour),
        base.mark_rule(color="#1d2327", strokeWidth=1.1).encode(y="low:Q", y2="high:Q"),
    ]
    return render(alt.layer(*layers), BAR_HEIGHT, tag)


def _series(plot: SeriesPlot, tag: str) -> str:
    """Observed index of a site against the prediction of its model."""
    series = plot.series
    low, high = series.dates[0], series.dates[-1]
    colour = legend(
        [tr_now(KEY_POINT), tr_now(KEY_MODEL), tr_now(KEY_CHANGE), tr_now(KEY_UNSEEN)],
        [POINT, MODEL, CHANGE, "#9aa5ad"],
    )
    values, bottom, top = _series_rows(series)
    y = alt.Scale(domain=[bottom, top], nice=False, zero=False)
    seen = [r for r in values if r["y"] is not None]
    unseen = [{**r, "y": bottom} for r in values if r["y"] is None]
    axis_y = alt.Y("y:Q", title=tr("{index}, median of the site", index=series.index), scale=y)
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
        _change_rect(plot.began, low, bottom, top, colour),
        band,
        line,
        points.encode(x=time_axis("t", low, high), y=axis_y, color=colour),
        rug.encode(x=time_axis("t", low, high), y=axis_y, color=colour),
    ]
    if series.monitored_from is not None:
        layers.append(_learning(series.monitored_from, low, high, top, y))
    return render(alt.layer(*layers), HEIGHT, tag)


def _series_rows(series: SiteSeries) -> tuple[list[Row], float, float]:
    """Rows, and a vertical range that a very uncertain model cannot blow up: it is clipped."""
    rows: list[Row] = [
        {
            "t": ms(d),
            "y": finite(v),
            "kind": tr_now(KEY_POINT) if math.isfinite(v) else tr_now(KEY_UNSEEN),
        }
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
            "kind": tr_now(KEY_MODEL),
        }
        for d, p, sd in zip(
            series.model_dates, series.predicted.tolist(), series.predicted_sd.tolist(), strict=True
        )
    ]


def _change_rect(
    began: DateInterval, low: date, bottom: float, top: float, colour: alt.Color
) -> Chart:
    """The span in which the change began; at least two days wide, so that it can be seen."""
    end = began.first_changed
    start = began.last_unchanged or low
    row = {
        "t": ms(min(start, end - timedelta(days=2))),
        "t2": ms(end),
        "y": bottom,
        "y2": top,
        "kind": tr_now(KEY_CHANGE),
    }
    rect: alt.Chart = (
        alt.Chart(data_of([row]))
        .mark_rect(opacity=0.45)
        .encode(x=alt.X("t:T"), x2="t2:T", y="y:Q", y2="y2:Q", color=colour)
    )
    return rect


def _learning(first: date, low: date, high: date, top: float, y: alt.Scale) -> Chart:
    """A thin line where learning ends and watching begins, with a label beside it."""
    row = [{"t": ms(first), "y": top, "text": tr("watched from here \u2192")}]
    late = (first - low) > (high - low) * 0.7
    if late:
        row[0]["text"] = tr("watched from here")
    base = alt.Chart(data_of(row)).encode(x=time_axis("t", low, high))
    rule = base.mark_rule(strokeDash=[3, 3], color=GREY)
    text = base.mark_text(
        align="right" if late else "left", baseline="top", dx=-4 if late else 4, color=GREY
    ).encode(y=alt.Y("y:Q", scale=y), text="text:N")
    return alt.layer(rule, text)


def _steps(plot: StepPlot, tag: str) -> str:
    """Steps through time, with the interval of each."""
    low = plot.start - timedelta(days=max(30, (plot.end - plot.start).days // 12))
    high = max(plot.end, plot.points[-1].day + timedelta(days=30))
    rows: list[Row] = [{"t": ms(low), "y": 0.0, "low": 0.0, "high": 0.0, "n": 0}]
    for p in plot.points:
        y0, low0, high0 = (round(v or 0.0, 4) for v in (p.value, p.low, p.high))
        rows.append({"t": ms(p.day), "y": y0, "low": low0, "high": high0, "n": 1})
    rows.append({**rows[-1], "t": ms(high), "n": 0})
    base = alt.Chart(data_of(rows))
    top = max(p.high or 0.0 for p in plot.points) * 1.08
    y = alt.Scale(domain=[0, top], nice=False)
    band = base.mark_area(interpolate="step-after", opacity=0.2, color=CHANGE).encode(
        x=time_axis("t", low, high), y=alt.Y("low:Q", scale=y, title=plot.unit), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after", color=CHANGE, strokeWidth=2).encode(
        x=time_axis("t", low, high), y=alt.Y("y:Q", scale=y)
    )
    points = (
        base.transform_filter("datum.n == 1")
        .mark_point(filled=True, color=CHANGE, size=30, opacity=1)
        .encode(x=time_axis("t", low, high), y=alt.Y("y:Q", scale=y))
    )
    return render(alt.layer(band, line, points), 160, tag)


def _months(plot: MonthPlot, tag: str) -> str:
    """A bar a month; crosses mark those in which nothing could be seen or confirmed."""
    low, high = plot.months[0].month, _month_end(plot.months[-1].month)
    rows = [_month_row(m) for m in plot.months]
    names, colours = [name for name, _ in plot.legend], [colour for _, colour in plot.legend]
    rects = (
        alt.Chart(data_of(rows))
        .mark_rect(stroke="white", strokeWidth=0.6)
        .encode(
            x=time_axis("t", low, high),
            x2="t2:T",
            y=alt.Y(
                "y:Q",
                title=plot.unit,
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            y2="y0:Q",
            color=legend(names, colours) if names else alt.value(MODEL),
        )
    )
    crosses = [
        {"t": (r["t"] + r["t2"]) // 2, "y": 0.5}
        for r, m in zip(rows, plot.months, strict=True)
        if m.blind
    ]
    marks = alt.Chart(data_of(crosses)).mark_point(
        shape="cross", angle=45, color=INK, filled=True, size=18
    )
    crossed = marks.encode(x=time_axis("t", low, high), y="y:Q")
    return render(alt.layer(rects, crossed), 130 if names else 110, tag)


def _month_row(m: Month) -> Row:
    y = round(m.share, 4)
    return {"t": ms(m.month), "t2": ms(_month_end(m.month)), "y0": 0.0, "y": y, "kind": m.kind}


def _month_end(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _recall(plot: RecallPlot, tag: str) -> str:
    """Lines of the estimates, bars of their intervals, a rule at the recall asked for."""
    curves = plot.curves
    rows = [row for i, curve in enumerate(curves) for row in _recall_rows(curve, i)]
    sizes = sorted({p.area_ha for c in curves for p in c.points})
    x = alt.X(
        "x:Q",
        title=tr("Area of the patch, ha"),
        scale=alt.Scale(type="log", nice=False, domain=[sizes[0] * 0.85, sizes[-1] * 1.2]),
        axis=alt.Axis(values=sizes, format="~g", grid=False),
    )
    y = alt.Y(
        "power:Q",
        title=tr("Confirmed in time"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    colour = legend([c.name for c in curves], [c.colour for c in curves])
    base = alt.Chart(data_of(rows)).encode(x=x, color=colour)
    wanted = alt.Chart(data_of([{"power": plot.wanted}])).mark_rule(color=GREY, strokeDash=[3, 3])
    layers = [
        wanted.encode(y=y),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(strokeWidth=1.8).encode(y=y),
        base.mark_point(filled=True, size=34, opacity=1).encode(y=y),
    ]
    return render(alt.layer(*layers), BAR_HEIGHT, tag)


def _recall_rows(curve: Curve, number: int) -> list[Row]:
    """Points of a curve, set a little aside so that intervals do not lie on each other."""
    aside = 1 + 0.025 * number
    return [
        {
            "kind": curve.name,
            "x": round(p.area_ha * aside, 6),
            "power": round(p.power, 4),
            "low": round(p.low, 4),
            "high": round(p.high, 4),
        }
        for p in curve.points
    ]


def _spans(plot: SpanPlot, tag: str) -> str:
    """A bar from the earliest to the latest day that each statement leaves open."""
    shown = plot.spans[:MAX_DRAWN]
    low, high = _ends(shown)
    rows = [_span_row(s, low, high) for s in shown]
    order = [r["y"] for r in rows]
    colours = [SPAN_COLOURS[i % len(SPAN_COLOURS)] for i in range(len(plot.groups))]
    colour = alt.Color(
        "side:N", title=None, scale=alt.Scale(domain=list(plot.groups), range=colours)
    )
    y = alt.Y("y:N", sort=order, title=None, axis=alt.Axis(labelLimit=300, ticks=False))
    base = alt.Chart(data_of(rows))
    bars = base.mark_bar(height=7, opacity=0.85).encode(
        x=time_axis("t", low, high), x2="t2:T", y=y, color=colour
    )
    ends = (
        base.transform_filter("datum.arrow != ''")
        .mark_text(fontSize=12, color=INK)
        .encode(x=time_axis("at", low, high), y=y, text="arrow:N")
    )
    doubt = (
        base.transform_filter("datum.doubt")
        .mark_text(text="?", dx=8, fontWeight="bold", color=GREY)
        .encode(x=time_axis("t2", low, high), y=y)
    )
    return render(alt.layer(bars, ends, doubt), max(60, ROW_PX * len(rows)), tag)


def _ends(spans: Sequence[Span]) -> tuple[date, date]:
    """Days drawn: from somewhat before the middle half of the spans to the last of them."""
    days = sorted(d for s in spans for d in (s.first, s.last) if d is not None)
    if not days:
        return date(2000, 1, 1), date(2000, 12, 31)
    low = max(days[0], days[len(days) // 4] - EARLIER)
    margin = max(timedelta(5), (days[-1] - low) // 40)
    return low - margin, days[-1] + margin


def _span_row(s: Span, low: date, high: date) -> dict[str, Any]:
    first, last = s.first or low, s.last or high
    early = last < low
    start = low if early else max(first, low)
    least = (high - low) // 120  # so that a single day can be seen
    end = low + least if early else max(last, start + least)
    arrow, at = "", start
    if early or s.first is None or first < low:
        arrow, at = "◂", low
    elif s.last is None:
        arrow, at = "▸", high
    return {
        "y": s.label,
        "t": ms(start),
        "t2": ms(end + timedelta(1)),
        "at": ms(at),
        "arrow": arrow,
        "side": s.group,
        "doubt": not s.decided,
    }


DRAWERS: dict[type[Any], Callable[[Any, str], str]] = {
    TimePlot: _time,
    BarPlot: _bars,
    StepPlot: _steps,
    SeriesPlot: _series,
    MonthPlot: _months,
    RecallPlot: _recall,
    SpanPlot: _spans,
}
"""How each plot is drawn; the second argument keeps its inner ids apart."""
