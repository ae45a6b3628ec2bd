"""Blocks of the traffic chapter on what carries haulage: widths of roads, brightness of yards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from gossan.case.context import OpenCase
from gossan.case.documents import series_of
from gossan.case.pixels import Pixels
from gossan.case.sites import CaseSites
from gossan.core.dates import from_day
from gossan.core.kinds import MINING
from gossan.core.measured import Change, Reading, Series
from gossan.core.order import as_shown
from gossan.core.values import Site
from gossan.core.words import tr, tr_later
from gossan.cube.series import site_series
from gossan.dossier.chapter import Block, Grid, Heading, Words
from gossan.dossier.plots import Line, Point, TimePlot
from gossan.dossier.sentences import events_told
from gossan.observables.traffic.measured_width import BRIGHTNESS, WIDTH
from gossan.observables.traffic.width import smallest_step

PLOTTED = 5
YARDS = 5
LOOKS = 10
"""Looks at the beginning and at the end that are compared."""
_DID = {
    Change.APPEARED: tr_later("opened"),
    Change.GREW: tr_later("widened"),
    Change.SHRANK: tr_later("narrowed"),
    Change.DISAPPEARED: tr_later("grew over"),
}


def road_blocks(case: OpenCase, found: CaseSites, pixels: Pixels) -> list[Block]:
    """Widths and brightness of roads, and brightness of the sites that are parts of a mine."""
    every = series_of(case.db)
    widths = [s for s in every.values() if s.quantity == WIDTH and s.seen]
    bright = {s.subject_id: s for s in every.values() if s.quantity == BRIGHTNESS}
    yards = [y for s in _mining(found) if (y := _yard(s, pixels)) is not None]
    if not widths and not yards:
        return []
    blocks: list[Block] = [Heading(tr("Haul roads and yards"))]
    if widths:
        widths.sort(key=lambda s: (-len(s.events), -as_shown(_last(s.readings, LOOKS), 1), s.place))
        plotted = tuple(_line(s) for s in widths[:PLOTTED])
        rows = tuple(_row(s, bright.get(s.subject_id)) for s in widths)
        blocks += [
            TimePlot(
                tr(
                    "Open width of roads, the sum of all open ground within 30 m of the line; "
                    "marks below show looks that hid it."
                ),
                tr("width, m"),
                plotted,
            ),
            Grid(
                tr(
                    "Open width, m, and visible brightness: mean of the first and of the last "
                    "{looks} looks; the step that would stand out between {looks} looks and "
                    "{looks}",
                    looks=LOOKS,
                ),
                (
                    tr("section"),
                    tr("width first, last"),
                    tr("step"),
                    tr("brightness first, last"),
                    tr("step"),
                    tr("looks"),
                ),
                rows,
                frozenset({1, 2, 3, 4, 5}),
            ),
        ]
        told = [s for s in widths if s.events]
        blocks += [Words(f"{s.place}: {events_told(s.events, _DID)}.") for s in told[:PLOTTED]]
    if yards:
        blocks.append(
            Grid(
                tr(
                    "Brightness (mean visible reflectance) of pits, dumps and yards: first and "
                    "last {looks} looks since they were opened; the step that would stand out",
                    looks=LOOKS,
                ),
                (tr("site"), tr("first"), tr("last"), tr("step"), tr("looks")),
                tuple(yards),
                frozenset({1, 2, 3, 4}),
            )
        )
    return blocks


def _row(s: Series, bright: Series | None) -> tuple[str, ...]:
    step = smallest_step(s.readings, LOOKS)
    cells = [
        s.place,
        f"{_first(s.readings, LOOKS):.1f}, {_last(s.readings, LOOKS):.1f}",
        "" if step is None else f"{step:.1f}",
    ]
    if bright is None or not bright.seen:
        cells += ["", ""]
    else:
        step = smallest_step(bright.readings, LOOKS)
        cells += [
            f"{_first(bright.readings, LOOKS):.3f}, {_last(bright.readings, LOOKS):.3f}",
            "" if step is None else f"{step:.3f}",
        ]
    return (*cells, tr("{n_seen} of {n_readings}", n_seen=len(s.seen), n_readings=len(s.readings)))


def _mining(found: CaseSites) -> list[Site]:
    mine = [s for s in found.sites if s.id in found.kinds and found.kinds[s.id].kind in MINING]
    return sorted(mine, key=lambda s: (-as_shown(s.area.value), s.id))[:YARDS]


def _yard(site: Site, pixels: Pixels) -> tuple[str, ...] | None:
    """Brightness of a site since it was opened, None where it was seen less than twice LOOKS."""
    rows, cols = site.pixels
    window = (
        slice(int(rows.min()), int(rows.max()) + 1),
        slice(int(cols.min()), int(cols.max()) + 1),
    )
    seen = site_series(pixels.cube(window), (rows - window[0].start, cols - window[1].start))
    visible = [seen.bands[b] for b in ("B02", "B03", "B04") if b in seen.bands]
    if not visible:
        return None
    mean = np.mean(visible, axis=0)
    days = [from_day(int(d)) for d in seen.days]
    opened: date = site.began.first_changed
    values = [
        (d, float(v)) for d, v in zip(days, mean, strict=True) if np.isfinite(v) and d >= opened
    ]
    if len(values) < 2 * LOOKS:
        return None
    readings = tuple(Reading(d, "", v, v, v, len(rows)) for d, v in values)
    step = smallest_step(readings, LOOKS)
    return (
        site.id,
        f"{_first(readings, LOOKS):.3f}",
        f"{_last(readings, LOOKS):.3f}",
        "" if step is None else f"{step:.3f}",
        str(len(values)),
    )


def _line(s: Series) -> Line:
    return Line(s.place, tuple(Point(r.day, r.value, r.low, r.high) for r in s.readings))


def _values(readings: Sequence[Reading]) -> list[float]:
    return [r.value for r in readings if r.value is not None]


def _first(readings: Sequence[Reading], n: int) -> float:
    return float(np.mean(_values(readings)[:n]))


def _last(readings: Sequence[Reading], n: int) -> float:
    return float(np.mean(_values(readings)[-n:]))
