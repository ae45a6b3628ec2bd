"""Tables for the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table

from gossan.core.clock import in_words, set_back
from gossan.core.kinds import SiteKind

if TYPE_CHECKING:
    from gossan.case.history import HistoryLine


def print_sites(rows: Sequence[Mapping[str, Any]], console: Console, note: str = "") -> None:
    """Sites by area, largest first; before them the note, where none of them is confirmed."""
    if note:
        console.print(note, markup=False)
    if not rows:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("Site", no_wrap=True)
    table.add_column("Stat.", no_wrap=True)
    table.add_column("Area, ha\n(interval)", justify="right", no_wrap=True)
    table.add_column("Last seen\nunchanged", no_wrap=True)
    table.add_column("First seen\nchanged", no_wrap=True)
    table.add_column("Grew until", no_wrap=True)
    table.add_column("Kind", no_wrap=True)
    for r in rows:
        table.add_row(
            r["id"],
            f"{r['status'][:4]}.",
            _interval(r["area_ha"], r["low_ha"], r["high_ha"]),
            str(r["last_unchanged"] or "not seen"),
            str(r["first_changed"]),
            str(r["ended_first_changed"]),
            _kind(r),
        )
    console.print(table)
    console.print("Kinds are probable, * decided by a person; why: gossan kinds CASE SITE.")


def _interval(value: float, low: float, high: float) -> str:
    """Value and interval in 19 characters as long as they are below 100,000."""
    digits = 2 if high < 10 else 1 if high < 100 else 0
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _kind(row: Mapping[str, Any]) -> str:
    """The kind in one word, with a star where a person decided."""
    if row["kind"] is None:
        return ""
    return SiteKind(row["kind"]).short + ("*" if row["kind_decided_by"] else "")


def print_history(lines: Sequence[HistoryLine], console: Console) -> None:
    """One line for each commit, oldest first; ids are cut to fit, `--json` has them whole."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("Acquired", no_wrap=True)
    table.add_column("Scene", no_wrap=True)
    table.add_column("Seen", justify="right", no_wrap=True)
    for head in ("New:\nprov.", "\nconf.", "\nrec."):
        table.add_column(head, justify="right", no_wrap=True, min_width=5)
    table.add_column("Processed\n(UTC)", no_wrap=True)
    table.add_column("Commit", no_wrap=True)
    room = max(12, console.width - 62)
    for x in lines:
        counts = (x.provisional, x.confirmed, x.recovered)
        table.add_row(
            str(x.day),
            f"{x.scenes} of history" if x.scene is None else _short(x.scene, room),
            "" if x.usable_share is None else f"{100 * x.usable_share:.0f} %",
            *("" if n is None else str(n) for n in counts),
            f"{x.processed:%Y-%m-%d %H:%M}",
            x.snapshot[:7],
        )
    console.print(table)
    words = in_words(set_back(x.processed.isoformat() for x in lines), "line")
    if words:
        console.print(f"{words[0].upper()}{words[1:]}.", markup=False, soft_wrap=True)


def _short(scene: str, room: int) -> str:
    """A scene's key without the day it starts with, cut to fit."""
    name = scene.split("_", 1)[-1]
    return name if len(name) <= room else f"{name[: room - 1]}…"
