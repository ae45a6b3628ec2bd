"""Tables for the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table

from gossan.core.clock import in_words, set_back
from gossan.core.kinds import KindOfSite, SiteKind
from gossan.core.order import as_shown
from gossan.dossier.kind_words import kind_sentences, kind_table

if TYPE_CHECKING:
    from gossan.case.history import HistoryLine
    from gossan.core.values import Site
    from gossan.observables.limits.report import Shown
    from gossan.observables.terrain.run import TerrainResult


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


def print_kinds(sites: Sequence[Site], kinds: Mapping[str, KindOfSite], console: Console) -> None:
    """Each site with the probabilities of its likeliest kinds and what a person decided."""
    if not sites:
        console.print("No site found; gossan sites CASE says what that means.", markup=False)
        return
    table = _plain("Kind of each site, with probabilities")
    _columns(table, ("Site", "left"), ("Area, ha", "right"), ("Kind", "left"))
    table.add_column("Probabilities")
    table.add_column("Decided by")
    for site in sites:
        k = kinds[site.id]
        ranked = sorted(k.probabilities, key=lambda pair: -as_shown(pair[1]))[:3]
        said = ", ".join(f"{kind.short} {100 * p:.0f} %" for kind, p in ranked if p >= 0.005)
        by = k.decision.by if k.decision else ""
        mark = "" if site.status.value == "confirmed" else "*"
        table.add_row(site.id + mark, f"{site.area.value:.2f}", k.kind.short, said, by)
    console.print(table)
    if any(site.status.value != "confirmed" for site in sites):
        console.print("* provisional: not confirmed", markup=False)


def print_reasons(kind: KindOfSite, console: Console) -> None:
    """Every line of evidence of one site, and its weight for the two likeliest kinds."""
    for sentence in kind_sentences(kind):
        console.print(sentence, markup=False)
    shown = kind_table(kind)
    table = _plain("")
    for name, width in zip(shown.head[:3], (27, 9, 20), strict=True):
        table.add_column(name, width=width)
    for name in shown.head[3:]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in shown.rows:
        table.add_row(*row)
    console.print(table)
    console.print(shown.note, markup=False)


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


def print_limits(found: Shown, console: Console) -> None:
    """Smallest areas seen, recall by size and by bare ground, then what they do not say."""
    times = [f"{w} days" for w in found.within]
    table = _plain(f"Smallest area, ha, confirmed in {found.power * 100:.0f} % of the trials")
    _columns(table, ("Contrast", "right"), ("Appeared", "left"), *((t, "right") for t in times))
    for contrast, season, cells in found.limits:
        table.add_row(contrast, season, *cells)
    console.print(table)
    table = _plain(f"Share confirmed in time at contrast {found.contrast:g}, all seasons")
    _columns(table, ("Area, ha", "right"), *((t, "right") for t in times))
    for area, cells in found.recall:
        table.add_row(area, *cells)
    console.print(table)
    longest = f"{found.largest_ha:g} ha within {found.within[-1]} days"
    table = _plain(f"By bare ground: {longest}, contrast {found.contrast:g}")
    _columns(
        table, ("Bare ground", "left"), ("Change of reflectance", "right"), ("Confirmed", "right")
    )
    for row in found.materials:
        table.add_row(*row)
    console.print(table)
    for sentence in (found.note, *found.caveats):
        console.print(sentence, markup=False)


def print_terrain(found: TerrainResult, console: Console) -> None:
    """The ground of each site, what lies below it, what was moved, and how to read it."""
    from gossan.observables.terrain.words import (
        GROUND_HEAD,
        TARGET_HEAD,
        VOLUME_HEAD,
        ground_row,
        means,
        target_row,
        volume_row,
    )

    def marked(row: tuple[str, ...]) -> tuple[str, ...]:
        return (row[0] + "*", *row[1:]) if row[0] in found.provisional else row

    parts = [
        ("Ground and way down", GROUND_HEAD, [marked(ground_row(s)) for s in found.sites]),
        (
            "What lies below, by distance along the flow",
            TARGET_HEAD,
            [marked(target_row(s.site, t)) for s in found.sites for t in s.targets],
        ),
        ("Volumes", VOLUME_HEAD, [marked(volume_row(v)) for v in found.volumes]),
    ]
    for title, head, rows in parts:
        if not rows:
            continue
        table = _plain(title)
        for name in head:
            table.add_column(name)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    if found.provisional:
        console.print("* provisional: not confirmed", markup=False)
    console.print(means(found.run), markup=False)


def _plain(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )


def _columns(table: Table, *columns: tuple[str, Literal["left", "right"]]) -> None:
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=True)
