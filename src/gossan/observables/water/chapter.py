"""The dossier's chapter on water: lakes through time, turbidity, rivers, and what was not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from pyproj import Transformer

from gossan.case.pictures import crop_scale, crop_window, png
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.csv_text import csv_bytes
from gossan.core.dates import to_day
from gossan.core.measured import Change, Reading, Series, Subject
from gossan.core.order import as_shown
from gossan.core.words import tr, tr_later, tr_now
from gossan.cube.composites import Kind, Stretch, rgb
from gossan.dossier.chapter import Block, Chapter, Grid, Heading, Picture, Words
from gossan.dossier.plots import Line, Point, TimePlot
from gossan.dossier.sentences import events_told
from gossan.observables.observable import Updated
from gossan.observables.water.calibrate import Calibration
from gossan.observables.water.run import Watered, watered
from gossan.observables.water.series import AREA, RATIO, TURBIDITY

SHOWN = 5
"""Lakes in one plot; the table and the files have them all."""
PICTURED = 3
"""Lakes with pictures of their fullest and emptiest look."""
TOLD = 12
"""Lakes whose events are told in a sentence; the file of events has them all."""
GAP = 6
"""Image pixels between two pictures that stand side by side."""
BRIGHT = Stretch(
    {
        "B02": (0.0, 0.2),
        "B03": (0.0, 0.2),
        "B04": (0.0, 0.25),
        "B08": (0.0, 0.4),
        "B8A": (0.0, 0.4),
        "B11": (0.0, 0.45),
        "B12": (0.0, 0.4),
    }
)
"""One brightness for all: water is black to blue whatever else is in the picture."""
_DID = {
    Change.APPEARED: tr_later("appeared"),
    Change.GREW: tr_later("grew"),
    Change.SHRANK: tr_later("shrank"),
    Change.DISAPPEARED: tr_later("fell dry"),
}


def water_chapter(now: Updated) -> Chapter | None:
    """The chapter, None where `gossan water` was never called or found nothing."""
    known = watered(now.case)
    if known is None or not known.series:
        return None
    lakes = _of(known, AREA)
    blocks: list[Block] = []
    if lakes:
        blocks += _lakes(lakes, now.state, now.pixels)
    blocks += _turbidity(known)
    blocks += _unseen(known)
    blocks.append(Words(_how(known), small=True))
    return Chapter("water", tr("Water"), _lead(known, lakes), tuple(blocks), _files(known))


def _of(known: Watered, quantity: str) -> list[Series]:
    """Series of a quantity, those with the largest values first."""
    found = [s for s in known.series.values() if s.quantity == quantity]
    return sorted(
        found, key=lambda s: (-as_shown(max((r.value or 0 for r in s.seen), default=0)), s.place)
    )


def _lead(known: Watered, lakes: Sequence[Series]) -> str:
    parts = []
    if lakes:
        dry = [s for s in lakes if any(e.change is Change.DISAPPEARED for e in s.events)]
        stood = _number(len(lakes), tr("water body"), tr("water bodies"))
        parts.append(
            tr(
                "{stood} stood in the area at three or more looks in a row; {n_dry} of them fell "
                "dry in between.",
                stood=stood,
                n_dry=len(dry),
            )
        )
    reaches = [s for s in _of(known, TURBIDITY) if s.subject is not Subject.WATER_BODY]
    if reaches:
        none = [s for s in reaches if not s.seen]
        unseen = tr(", {n_none} of which could not be observed.", n_none=len(none)) if none else "."
        where = _number(len(reaches), "reach", "reaches")
        parts.append(tr("Turbidity was followed in {where}{unseen}", where=where, unseen=unseen))
    return " ".join(parts) or tr("Turbidity was followed in the water bodies below.")


def _lakes(lakes: Sequence[Series], state: Monitored, pixels: Pixels) -> list[Block]:
    rows = tuple(_lake_row(s) for s in lakes)
    head = (
        tr("water body"),
        "id",
        tr("largest, ha"),
        tr("on"),
        tr("smallest, ha"),
        tr("on"),
        tr("last, ha"),
        tr("looks"),
    )
    plotted = [s for s in lakes if s.seen][:SHOWN]
    blocks: list[Block] = [
        Heading(tr("Standing water")),
        Grid(
            tr("Water bodies; area with its 95 % interval. Looks: with an area, of all."),
            head,
            rows,
            frozenset({2, 4, 6, 7}),
        ),
        TimePlot(
            tr("Area of the largest water bodies; marks below show looks that hid them."),
            tr("area, ha"),
            tuple(_line(s, joined=True) for s in plotted),
        ),
    ]
    told = [s for s in lakes if s.events]
    blocks += [Words(f"{_name(s)} {events_told(s.events, _DID)}.") for s in told[:TOLD]]
    for s in plotted[:PICTURED]:
        picture = _picture(s, state, pixels)
        if picture is not None:
            blocks.append(picture)
    return blocks


def _lake_row(s: Series) -> tuple[str, ...]:
    if not s.seen:
        return (
            s.place,
            s.subject_id,
            tr("not observable"),
            "",
            "",
            "",
            "",
            tr("0 of {n_readings}", n_readings=len(s.readings)),
        )
    most, least = (f(s.seen, key=lambda r: r.value or 0.0) for f in (max, min))
    return (
        s.place,
        s.subject_id,
        _range(most),
        str(most.day),
        _range(least),
        str(least.day),
        _range(s.seen[-1]),
        tr("{n_seen} of {n_readings}", n_seen=len(s.seen), n_readings=len(s.readings)),
    )


def _picture(s: Series, state: Monitored, pixels: Pixels) -> Picture | None:
    """Fullest and emptiest look side by side in false colour."""
    most, least = (f(s.seen, key=lambda r: r.value or 0.0) for f in (max, min))
    looks = [
        k
        for r in (most, least)
        for k, look in enumerate(state.looks)
        if look.key == r.scene and look.day == to_day(r.day)
    ]
    if len(looks) < 2 or most.day == least.day:
        return None
    row, col = _at(s, state)
    reach = int(np.sqrt(max(most.pixels, 1))) + 4
    rows = np.clip([row - reach, row + reach], 0, state.frame.shape[0] - 1).astype(np.int32)
    cols = np.clip([col - reach, col + reach], 0, state.frame.shape[1] - 1).astype(np.int32)
    window = crop_window(rows, cols, state.frame.shape)
    cube, scale = pixels.cube(window), crop_scale(window)
    parts = []
    for k in looks[:2]:
        bands = {b: cube[b].values[k] for b in state.frame.bands}
        stretch = Stretch({b: BRIGHT.limits[b] for b in bands}, BRIGHT.gamma)
        part = rgb(bands, Kind.FALSE, stretch).repeat(scale, axis=0).repeat(scale, axis=1)
        parts += [part, np.full((part.shape[0], GAP, 4), 255, np.uint8)]
    said = tr(
        "{s} on {day} ({most:.2g} ha) and on {day2} ({least:.2g} ha).",
        s=_name(s),
        day=most.day,
        most=most.value,
        day2=least.day,
        least=least.value,
    )
    caption = tr(
        "{said} False colour of the infrareds and red: water is dark, ground pale.", said=said
    )
    return Picture(png(np.concatenate(parts[:-1], axis=1)), said, caption)


def _at(s: Series, state: Monitored) -> tuple[int, int]:
    to_grid = Transformer.from_crs("EPSG:4326", str(state.grid.crs), always_xy=True)
    col, row = ~state.grid.transform * to_grid.transform(s.lon, s.lat)
    return int(row), int(col)


def _turbidity(known: Watered) -> list[Block]:
    turbid = [s for s in _of(known, TURBIDITY) if s.seen]
    lakes = [s for s in turbid if s.subject is Subject.WATER_BODY]
    blocks = _rivers(known, [s for s in turbid if s.subject is not Subject.WATER_BODY])
    if lakes:
        blocks += [
            Heading(tr("Turbidity of standing water")),
            TimePlot(
                tr(
                    "Turbidity of the largest water bodies with its 95 % interval, where they are "
                    "three pure pixels across."
                ),
                tr("turbidity, FNU"),
                tuple(_line(s) for s in lakes[:SHOWN]),
            ),
        ]
    c = known.found.calibration
    return blocks if c is None else [*blocks, _calibrated(c)]


def _rivers(known: Watered, reaches: Sequence[Series]) -> list[Block]:
    """Turbidity of reaches, of one over another, and whether that changed."""
    blocks: list[Block] = []
    usual = known.found.normal_until
    marks = () if usual is None else ((usual, tr("as usual until")),)
    if reaches:
        blocks += [
            Heading(tr("Rivers")),
            TimePlot(
                tr(
                    "Turbidity of each reach with its 95 % interval. All of a scene may be off by "
                    "the same factor, which is in the interval."
                ),
                tr("turbidity, FNU"),
                tuple(_line(s) for s in reaches[:8]),
                marks,
                log=_positive(reaches),
            ),
        ]
    ratios = [s for s in _of(known, RATIO) if s.seen]
    if ratios:
        blocks.append(
            TimePlot(
                tr(
                    "Turbidity downstream over turbidity upstream in the same scene: what all of "
                    "a scene shares falls out of it."
                ),
                "ratio",
                tuple(_line(s) for s in ratios[:8]),
                marks,
                log=True,
            )
        )
    for name, m in known.found.changes.items():
        place = known.series[name].place
        verb = tr("did change") if m.low > 1 or m.high < 1 else tr("may be unchanged")
        blocks.append(
            Words(
                tr(
                    "{place}: after {usual} the ratio was {m:.2f} times what it was before "
                    "({low:.2f} to {high:.2f}), so it {verb}.",
                    place=place,
                    usual=usual,
                    m=m.value,
                    low=m.low,
                    high=m.high,
                    verb=verb,
                )
            )
        )
    return blocks


def _calibrated(c: Calibration) -> Words:
    return Words(
        tr(
            "Turbidity is calibrated by {samples} samples of {dates} dates (factor {factor:.2f}). "
            "With each date left out in turn, the median error on it is {error:.0%} and the bias "
            "{bias:+.0%}; without calibration {error2:.0%} and {bias2:+.0%}.",
            samples=c.samples,
            dates=c.dates,
            factor=c.factor,
            error=c.left_out.error,
            bias=c.left_out.bias,
            error2=c.before.error,
            bias2=c.before.bias,
        )
    )


def _unseen(known: Watered) -> list[Block]:
    """What could not be observed and why, by reason."""
    rows = []
    for s in (s for q in (AREA, TURBIDITY, RATIO) for s in _of(known, q)):
        why = Counter(_kind_of(r.why_not) for r in s.readings if r.value is None)
        if why:
            counts = (str(why[k]) if why[k] else "" for k in _REASONS)
            rows.append(
                (
                    s.place,
                    s.quantity,
                    *counts,
                    tr("{n_seen} of {n_readings}", n_seen=len(s.seen), n_readings=len(s.readings)),
                )
            )
    if not rows:
        return []
    return [
        Heading(tr("What was not observable")),
        Grid(
            tr("Looks that gave no reading, by reason. None of them is taken for dry or clear."),
            (tr("water"), tr("quantity"), *map(tr_now, _REASONS), tr("seen")),
            tuple(rows),
            frozenset(range(2, 7)),
        ),
    ]


_REASONS = (
    tr_later("cloud, snow"),
    tr_later("glint, haze"),
    tr_later("too few pure pixels"),
    tr_later("other"),
)


def _kind_of(why: str) -> str:
    """Which of the reasons a sentence gives."""
    marks = {"hidden by sun glint": 1, "hidden by": 0, "pixels": 2}
    return _REASONS[next((k for words, k in marks.items() if words in why), 3)]


def _how(known: Watered) -> str:
    f = known.found
    parts = [
        tr("Water is told from land by ") + f.index + "; " if f.index else "",
        tr(
            "areas by the wet share of each pixel along the shore. Pixels as bright in the "
            "infrared as in the visible are sun glint or haze over water and count as hidden, not "
            "as dry. "
        ),
        tr("Turbidity by {formula}. ", formula=f.formula) if f.formula else "",
        tr(
            "Metals and chemistry are not seen from above and nothing is said of them. "
            "docs/water.md gives formulas, sources and limits."
        ),
        *(f" {n}" for n in f.notes),
    ]
    said = "".join(parts)
    return said[0].upper() + said[1:]


def _files(known: Watered) -> tuple[tuple[str, bytes], ...]:
    head = ("id", "quantity", "unit", "place", "subject", "lon", "lat", "day", "value", "low",
            "high", "level", "pixels", "why_not", "scene", "method", "source")  # fmt: skip
    rows = (
        (s.id, s.quantity, s.unit, s.place, s.subject_id, f"{s.lon:.6f}", f"{s.lat:.6f}", r.day,
         r.value, r.low, r.high, s.level, r.pixels, r.why_not, r.scene,
         s.method, s.source)
        for s in known.series.values() for r in s.readings
    )  # fmt: skip
    events = (
        (s.id, s.place, e.change.value, e.when.last_unchanged, e.when.first_changed)
        for s in known.series.values()
        for e in s.events
    )
    columns = ("id", "place", "change", "after", "by")
    return ("water.csv", csv_bytes(head, rows)), ("water_events.csv", csv_bytes(columns, events))


def _line(s: Series, *, joined: bool = False) -> Line:
    return Line(s.place, tuple(Point(r.day, r.value, r.low, r.high) for r in s.readings), joined)


def _positive(series: Sequence[Series]) -> bool:
    """Whether an axis in powers of ten can show them."""
    return all((r.low or 0.0) > 0 for s in series for r in s.seen)


def _name(s: Series) -> str:
    return s.place[0].upper() + s.place[1:]


def _range(r: Reading) -> str:
    return tr("{r:.2f} ({low:.2f} to {high:.2f})", r=r.value, low=r.low, high=r.high)


def _number(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
