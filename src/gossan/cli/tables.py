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
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Site", "Status"):
        table.add_column(name, no_wrap=True)
    table.add_column("Area, ha", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("began after", no_wrap=True)
    table.add_column("and by", no_wrap=True)
    table.add_column("grew until", no_wrap=True)
    for r in rows:
        table.add_row(
            r["id"],
            r["status"],
            f"{r['area_ha']:.2f}",
            f"{r['low_ha']:.2f}-{r['high_ha']:.2f}",
            str(r["last_unchanged"] or "not seen"),
            str(r["first_changed"]),
            str(r["ended_first_changed"]),
        )
    console.print(table)
