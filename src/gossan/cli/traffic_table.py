"""What `gossan traffic` prints at 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from gossan.core.overpasses import rate
from gossan.core.traffic import Pass, TrafficRun
from gossan.core.values import Measurement

SHOWN = 12
"""Newest passes listed; the dossier and --json have them all."""


def print_traffic(run: TrafficRun, console: Console) -> None:
    """The newest passes, the sum, the change and what would have been found."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pass", no_wrap=True)
    for head in ("km", "found", "expected", "excess (95 %)"):
        table.add_column(head, justify="right", no_wrap=True)
    for p in run.used[-SHOWN:]:
        table.add_row(*_row(p))
    if run.used:
        console.print(table)
    aside = len(run.passes) - len(run.used)
    console.print(
        f"{len(run.used)} of {len(run.passes)} passes used, {aside} set aside; "
        f"{run.straight_km:.1f} of {run.km:.1f} km of road are straight enough.",
        markup=False,
    )
    whole = rate(run.passes)
    if whole is not None:
        console.print(
            f"Moving bright large vehicles in excess of chance: {_said(whole)} a km.", markup=False
        )
    if run.split is not None:
        told = (
            "too few usable passes on one side"
            if run.change is None
            else (f"{_said(run.change)} a km")
        )
        console.print(f"After {run.split} less before: {told}.", markup=False)
    limits = Table(box=None, pad_edge=False, header_style="bold")
    limits.add_column("of vehicles put into these scenes", no_wrap=True)
    limits.add_column("km/h", justify="right")
    limits.add_column("found", justify="right", no_wrap=True)
    for seen in (s for s in run.limits if s.speed_kmh == 40.0):
        how = f", {seen.gap_m:.0f} m apart" if seen.gap_m else ""
        limits.add_row(
            f"{seen.vehicle}, {seen.surface}{how}",
            f"{seen.speed_kmh:.0f}",
            f"{seen.share:.0%} ({seen.low:.0%} to {seen.high:.0%})",
        )
    if run.limits:
        console.print(limits)


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
