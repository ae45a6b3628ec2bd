"""What all charts share: colours, fonts, the time axis, and the way to SVG text."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import altair as alt
import vl_convert as vlc

WIDTH, HEIGHT = 640, 210
INK, GREY, MODEL, POINT, CHANGE = "#1d2327", "#5b6770", "#2b6cb0", "#1d2327", "#c2410c"
FONT = "DejaVu Sans"
Row = dict[str, Any]
Chart = alt.Chart | alt.LayerChart | alt.FacetChart


@cache
def _register_fonts() -> None:
    vlc.register_font_directory(str(files("gossan.dossier") / "assets" / "fonts"))


def render(chart: Chart, height: int, tag: str) -> str:
    """SVG of a chart. `tag` keeps its inner ids apart from other charts on the page."""
    _register_fonts()
    axis = alt.AxisConfig(
        labelFontSize=11,
        titleFontSize=11,
        titleFontWeight="normal",
        labelColor=GREY,
        titleColor=INK,
        gridColor="#e5e8eb",
        domainColor="#9aa5ad",
        tickColor="#9aa5ad",
        labelOverlap=True,
    )
    done = chart.properties(width=WIDTH, height=height).configure(
        font=FONT,
        background="white",
        aria=False,
        view=alt.ViewConfig(stroke=None),
        axis=axis,
        legend=alt.LegendConfig(
            orient="top",
            labelFontSize=11,
            title=None,
            labelColor=INK,
            symbolSize=90,
            labelLimit=400,
        ),
    )
    spec = json.dumps(done.to_dict(validate=False), sort_keys=True)
    svg: str = vlc.vegalite_to_svg(spec, allowed_base_urls=[])
    return _own_ids(svg, tag)


def _own_ids(svg: str, tag: str) -> str:
    """Inner ids counted from 1 in each chart and marked with its `tag`.

    The converter counts on from chart to chart, so that the same chart drawn twice differs.
    """
    order: dict[str, str] = {}

    def renamed(found: re.Match[str]) -> str:
        name = order.setdefault(found[2], f"{tag}-{len(order) + 1}")
        return f"{found[1]}{name}"

    return re.sub(r'(id="|url\(#)((?:clip|gradient|pattern)[^")]*)', renamed, svg)


def time_axis(field: str, low: date, high: date) -> alt.X:
    """A horizontal axis of dates in UTC; the field holds `ms`."""
    return alt.X(
        f"{field}:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[ms(low), ms(high)]),
        axis=alt.Axis(tickCount=8, labelFlush=False),
    )


def ms(day: date) -> int:
    """Milliseconds since 1970: a date without any time zone to get wrong."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def finite(value: float) -> float | None:
    """The value rounded for drawing, None where there is none."""
    return round(float(value), 5) if math.isfinite(value) else None


def data_of(rows: list[Row]) -> alt.InlineData:
    """Rows inside the specification: a chart reads no file."""
    return alt.InlineData(values=rows)


def legend(present: list[str], colours: list[str]) -> alt.Color:
    """Colour by the field `kind`, with exactly these entries in this order."""
    return alt.Color("kind:N", title=None, scale=alt.Scale(domain=present, range=colours))
