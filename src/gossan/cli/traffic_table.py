"""What `gossan traffic` prints at 80 columns."""

from __future__ import annotations

from gossan.core.overpasses import rate
from gossan.core.traffic import Pass, TrafficRun
from gossan.core.values import Measurement
from gossan.dossier.chapter import Block, Grid, Words

SHOWN = 12
"""Newest passes listed; the dossier and --json have them all."""


def traffic_blocks(run: TrafficRun) -> list[Block]:
    """The newest passes, the sum, the change and what would have been found."""
    blocks: list[Block] = []
    if run.used:
        head = ("Pass", "km", "Found", "Expected", "Excess (95 %)")
        rows = tuple(_row(p) for p in run.used[-SHOWN:])
        blocks.append(Grid("", head, rows, frozenset({1, 2, 3, 4})))
    blocks.append(
        Words(
            f"{len(run.used)} of {len(run.passes)} passes used, {len(run.passes) - len(run.used)} "
            f"set aside; {run.straight_km:.1f} of {run.km:.1f} km of road are straight enough."
        )
    )
    whole = rate(run.passes)
    if whole is not None:
        blocks.append(
            Words(f"Moving bright large vehicles in excess of chance: {_said(whole)} a km.")
        )
    if run.split is not None:
        change = "too few usable passes on one side"
        if run.change is not None:
            change = f"{_said(run.change)} a km"
        blocks.append(Words(f"After {run.split} less before: {change}."))
    if run.limits:
        blocks.append(_limits(run))
    return blocks


def _limits(run: TrafficRun) -> Grid:
    rows = tuple(
        (
            f"{seen.vehicle}, {seen.surface}{f', {seen.gap_m:.0f} m apart' if seen.gap_m else ''}",
            f"{seen.speed_kmh:.0f}",
            f"{seen.share:.0%} ({seen.low:.0%} to {seen.high:.0%})",
        )
        for seen in run.limits
        if seen.speed_kmh == 40.0
    )
    return Grid("", ("Of vehicles put into these scenes", "km/h", "Found"), rows, frozenset({1, 2}))


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
