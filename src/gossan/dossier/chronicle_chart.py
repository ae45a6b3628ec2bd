"""The chronicle's timeline as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt

from gossan.dossier.canvas import GREY, INK, data_of, ms, render, time_axis
from gossan.dossier.chronicle import Chronicle, Entry

ROW_PX = 15
MAX_DRAWN = 120
"""Entries drawn in the timeline; the table lists them all."""
COLOURS = ("#2b6cb0", "#c2410c", "#3f7d3a", "#7c4d9e", "#8a6d1b", "#5b6770")
EARLIER = timedelta(400)
"""How far before the middle half of the entries the timeline reaches; what lies earlier is
drawn at its edge."""


def colours(chronicle: Chronicle) -> dict[str, str]:
    """A colour for each side, in order of appearance."""
    return {s: COLOURS[i % len(COLOURS)] for i, s in enumerate(chronicle.sides)}


def timeline(chronicle: Chronicle) -> str:
    """The entries as SVG: a bar from the earliest to the latest day each leaves open."""
    shown = chronicle.entries[:MAX_DRAWN]
    low, high = _span(shown)
    rows = [_row(e, low, high) for e in shown]
    order = [r["y"] for r in rows]
    present = list(chronicle.sides)
    colour = alt.Color(
        "side:N",
        title=None,
        scale=alt.Scale(domain=present, range=[colours(chronicle)[s] for s in present]),
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
    return render(alt.layer(bars, ends, doubt), max(60, ROW_PX * len(rows)), "chronicle")


def _span(entries: Sequence[Entry]) -> tuple[date, date]:
    """Days drawn: from somewhat before the middle half of the entries to the last of them."""
    days = sorted(d for e in entries for d in (e.first, e.last) if d is not None)
    if not days:
        return date(2000, 1, 1), date(2000, 12, 31)
    low = max(days[0], days[len(days) // 4] - EARLIER)
    margin = max(timedelta(5), (days[-1] - low) // 40)
    return low - margin, days[-1] + margin


def _row(e: Entry, low: date, high: date) -> dict[str, Any]:
    first, last = e.first or low, e.last or high
    early = last < low
    start = low if early else max(first, low)
    least = (high - low) // 120  # so that a single day can be seen
    end = low + least if early else max(last, start + least)
    arrow, at = "", start
    if early or e.first is None or first < low:
        arrow, at = "◂", low
    elif e.last is None:
        arrow, at = "▸", high
    return {
        "y": f"{e.number}  {e.when}",
        "t": ms(start),
        "t2": ms(end + timedelta(1)),
        "at": ms(at),
        "arrow": arrow,
        "side": e.side,
        "doubt": not e.decided,
    }
