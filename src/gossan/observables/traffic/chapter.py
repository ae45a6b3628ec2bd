"""The dossier's chapter on traffic: the index by pass, its null, its limits, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import fsum

import numpy as np
from numpy.typing import NDArray

from gossan.case.context import OpenCase
from gossan.case.documents import series_of
from gossan.case.pictures import png
from gossan.case.state import Monitored
from gossan.core.csv_text import csv_bytes
from gossan.core.measured import Series
from gossan.core.order import as_shown, steady
from gossan.core.overpasses import LEAST_PASSES, passes_needed, rate
from gossan.core.traffic import Pass, TrafficRun
from gossan.core.values import Measurement
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import Block, Chapter, Grid, Heading, Picture, Words
from gossan.dossier.plots import Bar, BarPlot, Line, Point, TimePlot
from gossan.io.roads import read_roads
from gossan.observables.observable import Updated
from gossan.observables.traffic.detect import searched, strip_of
from gossan.observables.traffic.measured_width import BRIGHTNESS, WIDTH
from gossan.observables.traffic.road_chapter import road_blocks
from gossan.observables.traffic.run import traffic_of
from gossan.observables.traffic.strips import BLUE, GREEN, RED, laid_roads, paths_of

EXAMPLES = 6
"""Detections shown, from one pass."""
HALF = 9
"""Samples shown on each side of one: 90 m."""
ENLARGED = 24
"""Screen pixels a sample."""
PLOTTED = (
    "semi-trailer, white",
    "semi-trailer, red",
    "semi-trailer, grey",
    "tipper, bright load",
    "tipper, dull",
)
NOT_SAID = tr_later(
    "These are moving bright large vehicles, not trucks: cars are picked up in part, dark, slow "
    "and standing vehicles are not, and what one carries is unknown. A pass sees one second at "
    "about half past ten in the morning. Nothing seen is not nothing there. No vehicle is followed "
    "from image to image, and no place is told below a section of road. "
)
TABLED_KMH = 40.0
COUNTED = 8
CORRIDOR_KM = 30.0


def traffic_chapter(now: Updated) -> Chapter | None:
    """The chapter, None where `gossan traffic` was never called."""
    case = now.case
    run = traffic_of(case)
    if run is None:
        return None
    blocks: list[Block] = [*_index(run), *_null(run), *_limits(run)]
    picture = _examples(case, now.state, run)
    if picture is not None:
        blocks += [Heading(tr("Examples")), picture]
    blocks += [
        *_sections(run),
        *_aside(run),
        *road_blocks(case, now.sites, now.pixels),
        Words(tr_now(NOT_SAID) + run.heading, small=True),
    ]
    widths = (s for s in series_of(case.db).values() if s.quantity in (WIDTH, BRIGHTNESS))
    return Chapter(
        "traffic", tr("Traffic on roads"), _lead(run), tuple(blocks), _files(run, tuple(widths))
    )


def _lead(run: TrafficRun) -> str:
    whole = rate(run.passes)
    km = tr("{straight_km:.1f} km of road", straight_km=run.straight_km)
    if whole is None:
        return tr(
            "On none of {n_passes} passes could {km} be looked at.", n_passes=len(run.passes), km=km
        )
    seen = tr(
        "{n_used} passes over {km}: {path} moving bright large vehicles a km",
        n_used=len(run.used),
        km=km,
        path=_said(whole),
    )
    above = (
        tr("in excess of chance")
        if whole.low > 0
        else tr("beside what chance makes: none for sure")
    )
    parts = [f"{seen}, {above}."]
    if run.split is not None:
        parts.append(
            tr(
                "From {split} on, as against before: {change} a km.",
                split=run.split,
                change=_said(run.change),
            )
            if run.change
            else tr(
                "What changed on {split} is not told: fewer than {least_passes} usable passes on "
                "one side.",
                split=run.split,
                least_passes=LEAST_PASSES,
            )
        )
    return " ".join(parts)


def _index(run: TrafficRun) -> list[Block]:
    points = tuple(_point(p) for p in run.passes)
    marks = () if run.split is None else ((run.split, tr("before | after")),)
    rows = tuple((kind, f"{km:.1f}") for kind, km in run.by_kind)
    return [
        TimePlot(
            tr(
                "Vehicles in excess of the null by pass, per km of road that could be looked at, "
                "with 95 % intervals; marks below show passes set aside."
            ),
            tr("excess, per km"),
            (Line("excess", points),),
            marks,
        ),
        Grid(
            tr(
                "Roads by class, km; {straight_km:.1f} of {km:.1f} km without bends",
                straight_km=run.straight_km,
                km=run.km,
            ),
            (tr("class"), "km"),
            rows,
            frozenset({1}),
        ),
    ]


def _point(p: Pass) -> Point:
    if p.aside or p.excess is None:
        return Point(p.day, None)
    e = p.excess
    return Point(p.day, e.value / p.usable_km, e.low / p.usable_km, e.high / p.usable_km)


def _null(run: TrafficRun) -> list[Block]:
    years: dict[str, list[float]] = {}
    for p in run.used:
        if p.expected is not None:
            sums = years.setdefault(str(p.day.year), [0.0] * 5)
            more = (p.usable_km, p.found, p.expected.value, min(p.null), max(p.null))
            years[str(p.day.year)] = [a + b for a, b in zip(sums, more, strict=True)]
    if not years:
        return []
    bars = tuple(
        bar
        for y, (km, n, want, low, high) in sorted(years.items())
        for bar in (Bar(y, "found", n / km), Bar(y, "null", want / km, low / km, high / km))
    )
    orders = len(run.orders)
    return [
        Heading(tr("What chance makes of it")),
        BarPlot(
            tr(
                "Detections per km by year, and those under orders of bands that no motion can "
                "make; its line spans the orders."
            ),
            tr("per km"),
            bars,
        ),
        Words(
            tr(
                "The same images were searched under {orders} orders of the four bands that "
                "nothing moving can make, where no vehicle was found. What that finds is chance; "
                "the index is what is found beyond it.",
                orders=orders,
            ),
            small=True,
        ),
    ]


def _limits(run: TrafficRun) -> list[Block]:
    alone = [s for s in run.limits if not s.gap_m and s.vehicle in PLOTTED]
    if not alone:
        return []
    bars = tuple(
        Bar(f"{s.speed_kmh:.0f} km/h", s.vehicle, 100 * s.share, 100 * s.low, 100 * s.high)
        for s in alone
        if s.surface == alone[0].surface
    )
    rows = tuple(
        (
            f"{s.vehicle}, {s.surface}"
            + (tr(", eight {gap_m:.0f} m apart", gap_m=s.gap_m) if s.gap_m else ""),
            tr(
                "{share:.0f} ({low:.0f} to {high:.0f})",
                share=100 * s.share,
                low=100 * s.low,
                high=100 * s.high,
            ),
            str(s.n),
        )
        for s in run.limits
        if s.speed_kmh == TABLED_KMH
    )
    return [
        Heading(tr("What would have been found")),
        BarPlot(
            tr(
                "Of vehicles put into these images, on {surface} road: found, percent.",
                surface=alone[0].surface,
            ),
            tr("found, %"),
            bars,
        ),
        Words(_convoy(run)),
        Grid(
            tr(
                "Implanted vehicles at {tabled_kmh:.0f} km/h: found, percent, with 95 % interval",
                tabled_kmh=TABLED_KMH,
            ),
            (tr("vehicle"), tr("found, %"), tr("of")),
            rows,
            frozenset({1, 2}),
        ),
    ]


def _convoy(run: TrafficRun) -> str:
    """What it would take to see eight dull tippers."""
    slow = [s for s in run.limits if "dull" in s.vehicle and s.speed_kmh == 40.0 and not s.gap_m]
    km = fsum(p.usable_km for p in run.used)
    if not slow or not km:
        return ""
    false = fsum(p.expected.value for p in run.used if p.expected) / km * CORRIDOR_KM
    share = min(s.share for s in slow)
    all_at_once = passes_needed(COUNTED * share, false)
    once_a_day = passes_needed(COUNTED * share * CORRIDOR_KM / 40 / 24, false)
    return tr(
        "Eight dull tippers at 40 km/h on {corridor_km:.0f} km of such road take {all_at_once} "
        "clear passes to stand out at three sigma if all are on it at every pass, and "
        "{once_a_day} if each drives it once a day, at any hour.",
        corridor_km=CORRIDOR_KM,
        all_at_once=_count(all_at_once),
        once_a_day=_count(once_a_day),
    )


def _count(n: int | None) -> str:
    return tr("no number of") if n is None else f"{n:,}"


def _examples(case: OpenCase, state: Monitored, run: TrafficRun) -> Picture | None:
    """Straightened pieces of road around the strongest detections of one pass, without its date
    and place."""
    file = case.folder / run.file
    best = max(run.used, key=lambda p: (p.found, steady(p.usable_km)), default=None)
    if best is None or not best.found or not file.is_file():
        return None
    roads = read_roads(file, case.config.geometry)
    paths = paths_of(roads, state.grid, state.frame.inside)
    with state.frame.scenes.opened(best.scene) as pixels:
        laid = laid_roads(pixels, state.frame, paths)
    found, _, _ = searched([strip_of(r.values, r.usable) for r in laid])
    ranked = sorted(
        (
            (as_shown(float(s)), i, int(at))
            for i, f in enumerate(found)
            for s, at in zip(f.score, f.at, strict=True)
        ),
        reverse=True,
    )
    tiles = [_tile(laid[i].values, at) for _, i, at in ranked]
    shown = [t for t in tiles if t is not None][:EXAMPLES]
    if not shown:
        return None
    gap = np.full((6, shown[0].shape[1], 4), 255, np.uint8)
    image = np.concatenate([part for t in shown for part in (t, gap)][:-1])
    return Picture(
        png(image),
        tr(
            "{n_shown} pieces of road in which something bright moves: blue, green and red stand "
            "side by side.",
            n_shown=len(shown),
        ),
        tr(
            "The {n_shown} strongest detections of one pass, each a piece of road laid straight "
            "(180 m long, samples of 10 m along and 5 m across), in true colour. What moves is "
            "blue, green and red one beside the other; what stands still is white. Date and place "
            "are left out.",
            n_shown=len(shown),
        ),
    )


def _tile(values: NDArray[np.float32], at: int) -> NDArray[np.uint8] | None:
    """RGBA of a piece of road, enlarged; None too near to its end."""
    if at < HALF or at + HALF >= values.shape[2]:
        return None
    part = values[[RED, GREEN, BLUE], :, at - HALF : at + HALF + 1]
    part = part - np.nanmedian(part, axis=(1, 2), keepdims=True)
    top = max(float(np.nanmax(part)), 1e-3)
    shade = np.clip(0.25 + 0.75 * np.nan_to_num(part) / top, 0, 1)
    rgb = (shade * 255).astype(np.uint8).transpose(1, 2, 0)
    wide = rgb.repeat(ENLARGED, axis=1).repeat(ENLARGED // 2, axis=0)
    return np.dstack([wide, np.full(wide.shape[:2], 255, np.uint8)])


def _sections(run: TrafficRun) -> list[Block]:
    seen = [s for s in run.sections if s.usable_km > 0]
    if not seen:
        return []
    rows = tuple(
        (
            s.name,
            f"{s.usable_km:.0f}",
            str(s.found),
            tr(
                "{expected:.1f} ({low:.0f} to {high:.0f})",
                expected=s.expected.value,
                low=s.expected.low,
                high=s.expected.high,
            ),
        )
        for s in sorted(seen, key=lambda s: (as_shown(s.expected.value, 1) - s.found, s.name))[:20]
    )
    return [
        Heading(tr("By section of road")),
        Grid(
            tr("All passes together; a section is two km or a whole road; those with most first"),
            (tr("section"), tr("km looked at"), tr("found"), tr("expected by chance")),
            rows,
            frozenset({1, 2, 3}),
        ),
    ]


def _aside(run: TrafficRun) -> list[Block]:
    kinds = Counter(_kind(p.aside) for p in run.passes if p.aside)
    if not kinds:
        return []
    rows = tuple((why, str(n)) for why, n in kinds.most_common())
    return [
        Grid(
            tr("Passes set aside; none of them is taken for an empty road"),
            (tr("reason"), tr("passes")),
            rows,
            frozenset({1}),
        )
    ]


def _kind(why: str) -> str:
    marks = {
        "could be looked at": tr("too little road clear of cloud, shade, snow and trees"),
        "null is abnormal": tr("its null is far above that of the others"),
        "of cloud": tr("detections gather beside cloud"),
    }
    return next((kind for mark, kind in marks.items() if mark in why), "other")


def _said(m: Measurement) -> str:
    return tr("{m:.2f} ({low:.2f} to {high:.2f})", m=m.value, low=m.low, high=m.high)


def _files(run: TrafficRun, widths: Sequence[Series]) -> tuple[tuple[str, bytes], ...]:
    passes = (
        (
            p.day,
            p.scene,
            f"{p.usable_km:.3f}",
            p.found,
            " ".join(f"{n:.4g}" for n in p.null),
            *_three(p.expected),
            *_three(p.excess),
            p.aside,
        )
        for p in run.passes
    )
    sections = (
        (s.name, f"{s.km:.2f}", f"{s.usable_km:.2f}", s.found, *_three(s.expected))
        for s in run.sections
    )
    limits = (
        (s.vehicle, s.surface, f"{s.speed_kmh:g}", f"{s.gap_m:g}", s.n, s.found, s.low, s.high)
        for s in run.limits
    )
    roads = (
        (s.place, s.quantity, s.unit, r.day, r.value, r.low, r.high, r.why_not, r.scene)
        for s in widths
        for r in s.readings
    )
    expected = ("expected", "expected_low", "expected_high")
    return (
        ("traffic.csv", csv_bytes(
            ("day", "scene", "usable_km", "found", "null", *expected, "excess", "excess_low",
             "excess_high", "set_aside"), passes)),
        ("traffic_sections.csv", csv_bytes(
            ("section", "km", "usable_km", "found", *expected), sections)),
        ("roads.csv", csv_bytes(
            ("section", "quantity", "unit", "day", "value", "low", "high", "why_not", "scene"),
            roads)),
        ("traffic_limits.csv", csv_bytes(
            ("vehicle", "surface", "speed_kmh", "gap_m", "implanted", "found", "low", "high"),
            limits)),
    )  # fmt: skip


def _three(m: Measurement | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if m is None else (m.value, m.low, m.high)
