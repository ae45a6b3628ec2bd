"""Tables for the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table


def print_sites(rows: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Sites by area, largest first; says so plainly when there are none."""
    if not rows:
        console.print("No site found. What was not seen: see the dossier.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Site", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Area, ha\n(interval)", justify="right", no_wrap=True)
    table.add_column("Last seen\nunchanged", no_wrap=True)
    table.add_column("First seen\nchanged", no_wrap=True)
    table.add_column("Grew until", no_wrap=True)
    for r in rows:
        table.add_row(
            r["id"],
            r["status"],
            f"{r['area_ha']:.2f} ({r['low_ha']:.2f} to {r['high_ha']:.2f})",
            str(r["last_unchanged"] or "not seen"),
            str(r["first_changed"]),
            str(r["ended_first_changed"]),
        )
    console.print(table)
