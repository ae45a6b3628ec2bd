"""Charts of what would have been seen: recall against size, and the months that are blind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import altair as alt

from gossan.core.power import PowerCurve, Season
from gossan.dossier.canvas import GREY, INK, Row, data_of, legend, ms, render, time_axis
from gossan.dossier.drawn import Captioned
from gossan.dossier.model import PowerSection
from gossan.dossier.power_words import chart_captions

COLOURS = ("#b6c2cc", "#7fa3c7", "#2b6cb0", "#12304d")
"""Pale to dark, told apart by lightness."""

SEASON_COLOURS = {
    Season.DJF: "#2b6cb0",
    Season.MAM: "#3f8f4f",
    Season.JJA: "#d19a00",
    Season.SON: "#c2410c",
}
HEIGHT = 170


def power_charts(section: PowerSection) -> tuple[Captioned, ...]:
    """By time, by season, by contrast, and the months in which nothing could be confirmed."""
    found = section.found
    full, long = found.contrasts[-1], found.within[-1]
    seasons = [s for s in Season if any(c.season is s for c in section.curves)]
    by_time = [(f"within {w} days", section.pick(full, w)[0]) for w in found.within]
    by_season = [(s.words, section.pick(full, long, s)[0]) for s in seasons]
    by_contrast = [(f"contrast {c:g}", section.pick(c, long)[0]) for c in found.contrasts]
    made = [
        _recall(by_time, COLOURS[-len(by_time) :], found.power, "time"),
        _recall(by_season, [SEASON_COLOURS[s] for s in seasons], found.power, "season"),
        _recall(by_contrast, COLOURS[-len(by_contrast) :], found.power, "contrast"),
    ]
    if found.months:
        made.append(_months(section))
    return tuple(Captioned(*pair) for pair in zip(made, chart_captions(section), strict=True))


def _recall(
    curves: Sequence[tuple[str, PowerCurve]], colours: Sequence[str], power: float, tag: str
) -> str:
    """Lines of the estimates, bars of their intervals, a rule at the power asked for."""
    names = [name for name, _ in curves]
    rows = [row for i, (name, curve) in enumerate(curves) for row in _rows(name, curve, i)]
    sizes = sorted({p.area_ha for _, c in curves for p in c.points})
    x = alt.X(
        "x:Q",
        title="Area of the patch, ha",
        scale=alt.Scale(type="log", nice=False, domain=[sizes[0] * 0.85, sizes[-1] * 1.2]),
        axis=alt.Axis(values=sizes, format="~g", grid=False),
    )
    y = alt.Y(
        "power:Q",
        title="Confirmed in time",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )
    colour = legend(names, list(colours))
    base = alt.Chart(data_of(rows)).encode(x=x, color=colour)
    wanted = alt.Chart(data_of([{"power": power}])).mark_rule(color=GREY, strokeDash=[3, 3])
    layers = [
        wanted.encode(y=y),
        base.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_line(strokeWidth=1.8).encode(y=y),
        base.mark_point(filled=True, size=34, opacity=1).encode(y=y),
    ]
    return render(alt.layer(*layers), HEIGHT, f"power-{tag}")


def _rows(name: str, curve: PowerCurve, number: int) -> list[Row]:
    """Points of a curve, set a little aside so that intervals do not lie on each other."""
    aside = 1 + 0.025 * number
    return [
        {
            "kind": name,
            "x": round(p.area_ha * aside, 6),
            "power": round(p.power, 4),
            "low": round(p.low, 4),
            "high": round(p.high, 4),
        }
        for p in curve.points
    ]


def _months(section: PowerSection) -> str:
    months = section.found.months
    blind = set(section.found.blind(section.found.within[-1]))
    spans = [(ms(m.month), ms(_next(m.month)), m) for m in months]
    rows: list[Row] = [
        {"t": t, "t2": t2, "y": round(m.chances[-1], 4), "y0": 0.0} for t, t2, m in spans
    ]
    crosses: list[Row] = [{"t": (t + t2) // 2, "y": 0.5} for t, t2, m in spans if m.month in blind]
    low, high = months[0].month, _next(months[-1].month)
    x = time_axis("t", low, high)
    bars = (
        alt.Chart(data_of(rows))
        .mark_rect(stroke="white", strokeWidth=0.6)
        .encode(
            x=x,
            x2="t2:T",
            y=alt.Y(
                "y:Q",
                title="Could be confirmed",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", tickCount=5),
            ),
            y2="y0:Q",
            color=alt.value(COLOURS[2]),
        )
    )
    marks = alt.Chart(data_of(crosses)).mark_point(
        shape="cross", angle=45, color=INK, filled=True, size=18
    )
    return render(alt.layer(bars, marks.encode(x=x, y="y:Q")), 110, "power-months")


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
