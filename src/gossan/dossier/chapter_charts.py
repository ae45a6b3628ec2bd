"""Charts of chapters: values through time, and bars, each with its intervals."""

from __future__ import annotations

import altair as alt

from gossan.dossier.canvas import GREY, HEIGHT, Row, data_of, finite, legend, ms, render, time_axis
from gossan.dossier.chapter import BarPlot, Chapter, TimePlot

COLOURS = ("#12304d", "#c2410c", "#2b6cb0", "#3f8f4f", "#d19a00", "#7b3f8f", "#5b6770", "#0f766e")
NOT_SEEN, UNSEEN = "not observable", "#8a949c"
BAR_HEIGHT = 170


def chapter_charts(chapters: tuple[Chapter, ...]) -> dict[tuple[str, int], str]:
    """SVG text of every plot, by the chapter's key and the block's position in it."""
    return {
        (c.key, i): _time(b, f"{c.key}{i}") if isinstance(b, TimePlot) else _bars(b, f"{c.key}{i}")
        for c in chapters
        for i, b in enumerate(c.blocks)
        if isinstance(b, TimePlot | BarPlot)
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
                unseen.append({**row, "kind": NOT_SEEN})
                continue
            ends = (p.value if e is None else e for e in (p.low, p.high))
            first, last = ends
            seen.append({**row, "y": finite(p.value), "low": finite(first), "high": finite(last)})
    bottom, top = _range(seen, plot.log)
    names = [line.name for line in plot.lines]
    colours = list(COLOURS[: len(names)])
    if unseen:
        names, colours = [*names, NOT_SEEN], [*colours, UNSEEN]
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
