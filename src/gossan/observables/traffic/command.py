"""`gossan traffic`: moving bright large vehicles on roads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.observable import Told

if TYPE_CHECKING:
    from gossan.core.traffic import Pass, TrafficRun
    from gossan.core.values import Measurement

SHOWN = 12
"""Newest passes listed; the dossier and --json have them all."""
HEAD = ("Pass", "km", "Found", "Expected", "Excess (95 %)")
LIMITS_HEAD = ("Of vehicles put into these scenes", "km/h", "Found")


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
    blocks: list[Block] = [Grid("", HEAD, rows, frozenset({1, 2, 3, 4}))] if rows else []
    aside = len(run.passes) - len(run.used)
    said = [
        f"{len(run.used)} of {len(run.passes)} passes used, {aside} set aside; "
        f"{run.straight_km:.1f} of {run.km:.1f} km of road are straight enough."
    ]
    whole = rate(run.passes)
    if whole is not None:
        said.append(f"Moving bright large vehicles in excess of chance: {_said(whole)} a km.")
    if run.split is not None:
        few = "too few usable passes on one side"
        told = few if run.change is None else f"{_said(run.change)} a km"
        said.append(f"After {run.split} less before: {told}.")
    blocks += [Words(text) for text in said]
    limits = tuple(
        (
            f"{seen.vehicle}, {seen.surface}"
            + (f", {seen.gap_m:.0f} m apart" if seen.gap_m else ""),
            f"{seen.speed_kmh:.0f}",
            f"{seen.share:.0%} ({seen.low:.0%} to {seen.high:.0%})",
        )
        for seen in run.limits
        if seen.speed_kmh == 40.0
    )
    return [*blocks, Grid("", LIMITS_HEAD, limits, frozenset({1, 2}))] if limits else blocks


def _row(p: Pass) -> tuple[str, ...]:
    assert p.expected is not None
    assert p.excess is not None
    e = p.expected
    return (
        str(p.day),
        f"{p.usable_km:.1f}",
        str(p.found),
        f"{e.value:.1f} ({e.low:.0f} to {e.high:.0f})",
        _said(p.excess, 1),
    )


def _said(m: Measurement, digits: int = 3) -> str:
    return f"{m.value:.{digits}f} ({m.low:.{digits}f} to {m.high:.{digits}f})"
