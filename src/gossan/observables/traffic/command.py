"""`gossan traffic`: moving bright large vehicles on roads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.progress import Progress
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.observable import Told

if TYPE_CHECKING:
    from gossan.core.traffic import Pass, TrafficRun
    from gossan.core.values import Measurement

SHOWN = 12
"""Newest passes listed; the dossier and --json have them all."""
HEAD = (
    tr_later("Pass"),
    tr_later("km"),
    tr_later("Found"),
    tr_later("Expected"),
    tr_later("Excess (95 %)"),
)
LIMITS_HEAD = (tr_later("Of vehicles put into these scenes"), tr_later("km/h"), tr_later("Found"))


def traffic(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    roads: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=tr("Roads: GeoPackage, GeoJSON or OpenStreetMap (.osm.pbf).")
        ),
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="DATE", help=tr("Day that parts before from after."))
    ] = "",
    *,
    progress: Progress,
) -> Told:
    """Look for moving bright large vehicles on roads, with what chance and the limits are.

    An index per pass and road kilometre: no count of trucks, no load, no single vehicle, and
    "none seen" is no "no traffic". Reads the scenes the case keeps. Safe to stop and to run again.

    Example: `gossan traffic mycase --roads roads.gpkg --split 2022-11-10`
    """
    from gossan.core.dates import parse_day
    from gossan.core.serialise import to_plain
    from gossan.observables.traffic.run import Asked, measure_traffic

    day = parse_day(split, "--split") if split else None
    found = measure_traffic(case, Asked(roads, day), progress)
    return Told(to_plain(found), tuple(_blocks(found)))


def _blocks(run: TrafficRun) -> list[Block]:
    """The newest passes, the sum, the change and what would have been found."""
    from gossan.core.overpasses import rate

    rows = tuple(_row(p) for p in run.used[-SHOWN:])
    blocks: list[Block] = (
        [Grid("", tuple(map(tr_now, HEAD)), rows, frozenset({1, 2, 3, 4}))] if rows else []
    )
    aside = len(run.passes) - len(run.used)
    said = [
        tr(
            "{n_used} of {n_passes} passes used, {aside} set aside; {straight_km:.1f} of {km:.1f} "
            "km of road are straight enough.",
            n_used=len(run.used),
            n_passes=len(run.passes),
            aside=aside,
            straight_km=run.straight_km,
            km=run.km,
        )
    ]
    whole = rate(run.passes)
    if whole is not None:
        said.append(
            tr("Moving bright large vehicles in excess of chance: {path} a km.", path=_said(whole))
        )
    if run.split is not None:
        few = tr("too few usable passes on one side")
        told = few if run.change is None else f"{_said(run.change)} a km"
        said.append(tr("After {split} less before: {told}.", split=run.split, told=told))
    blocks += [Words(text) for text in said]
    limits = tuple(
        (
            f"{seen.vehicle}, {seen.surface}"
            + (tr(", {gap_m:.0f} m apart", gap_m=seen.gap_m) if seen.gap_m else ""),
            f"{seen.speed_kmh:.0f}",
            tr(
                "{share:.0%} ({low:.0%} to {high:.0%})",
                share=seen.share,
                low=seen.low,
                high=seen.high,
            ),
        )
        for seen in run.limits
        if seen.speed_kmh == 40.0
    )
    return (
        [*blocks, Grid("", tuple(map(tr_now, LIMITS_HEAD)), limits, frozenset({1, 2}))]
        if limits
        else blocks
    )


def _row(p: Pass) -> tuple[str, ...]:
    assert p.expected is not None
    assert p.excess is not None
    e = p.expected
    return (
        str(p.day),
        f"{p.usable_km:.1f}",
        str(p.found),
        tr("{e:.1f} ({low:.0f} to {high:.0f})", e=e.value, low=e.low, high=e.high),
        _said(p.excess, 1),
    )


def _said(m: Measurement, digits: int = 3) -> str:
    return tr(
        "{m:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})",
        m=m.value,
        digits=digits,
        low=m.low,
        high=m.high,
    )
