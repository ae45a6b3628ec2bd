"""What `gossan water` prints."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from gossan.core.measured import Reading, Series
from gossan.core.serialise import to_plain
from gossan.observables.water.run import Watered


def as_plain(found: Watered) -> dict[str, Any]:
    """The result as JSON: every series, and what else was found."""
    series = [to_plain(s) for s in found.series.values()]
    return {"series": series, **to_plain(found.found)}


def print_water(found: Watered, console: Console) -> None:
    """A line a series with its last value and its range, at 80 columns; then notes."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("water", "quantity", "seen"):
        table.add_column(head, overflow="fold")
    for head in ("last", "lowest", "highest"):
        table.add_column(head, justify="right", no_wrap=True)
    for s in found.series.values():
        table.add_row(*_row(s))
    if found.series:
        console.print(table)
    for s in found.series.values():
        for e in s.events:
            after = f"after {e.when.last_unchanged} and " if e.when.last_unchanged else ""
            said = f"{s.place} {e.change.value} {after}by {e.when.first_changed}."
            console.print(said, markup=False, soft_wrap=True)
    for name, m in found.found.changes.items():
        said = f"{found.series[name].place}: the ratio became {m.value:.2f} times what it was"
        console.print(
            f"{said} ({m.low:.2f} to {m.high:.2f}) after {found.found.normal_until}.",
            markup=False,
            soft_wrap=True,
        )
    c = found.found.calibration
    if c is not None:
        console.print(
            f"Calibrated by {c.samples} samples of {c.dates} dates: factor {c.factor:.2f}; on "
            f"dates left out the median error is {c.left_out.error:.0%}, without it "
            f"{c.before.error:.0%}.",
            markup=False,
            soft_wrap=True,
        )
    for note in found.found.notes:
        console.print(note, markup=False, soft_wrap=True)
    console.print(found.sentence, markup=False, soft_wrap=True)


def _row(s: Series) -> tuple[str, ...]:
    seen = s.seen
    shares = f"{len(seen)} of {len(s.readings)}"
    if not seen:
        return s.place, s.quantity, shares, "not observable", "", ""
    least, most = (f(seen, key=lambda r: r.value or 0.0) for f in (min, max))
    return (
        s.place,
        f"{s.quantity}, {s.unit}" if s.unit != "1" else s.quantity,
        shares,
        *(_said(r) for r in (seen[-1], least, most)),
    )


def _said(r: Reading) -> str:
    return f"{r.value:.3g}\n{r.day}"
