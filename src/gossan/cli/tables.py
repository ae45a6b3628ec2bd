"""Sites, kinds, history and terrain as blocks for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gossan.core.clock import in_words, set_back
from gossan.core.kinds import SiteKind
from gossan.core.words import tr, tr_now
from gossan.dossier.chapter import Block, Grid, Noted, Words

if TYPE_CHECKING:
    from gossan.case.history import HistoryLine

SCENE_LETTERS = 18
"""Of a scene's name; `--json` has it whole."""


def sites_blocks(rows: Sequence[Mapping[str, Any]], note: str = "") -> list[Block]:
    """Sites by area, largest first; before them the note, where none of them is confirmed."""
    blocks: list[Block] = [Words(note)] if note else []
    if not rows:
        return blocks
    head = (
        tr("Site"),
        tr("Stat."),
        tr("Area, ha (interval)\nlongitude, latitude"),
        tr("Last seen\nunchanged"),
        tr("First seen\nchanged"),
        tr("Grew until"),
        tr("Kind"),
    )
    cells = tuple(
        (
            r["id"],
            f"{tr_now(r['status'])[:4]}.",
            Noted(
                _interval(r["area_ha"], r["low_ha"], r["high_ha"]),
                f"{r['lon']:.5f}, {r['lat']:.5f}",
            ),
            str(r["last_unchanged"] or tr("not seen")),
            str(r["first_changed"]),
            str(r["ended_first_changed"]),
            _kind(r),
        )
        for r in rows
    )
    end = Words(
        tr(
            "Coordinates of a point inside, WGS 84. Kinds are probable, * decided by a person; "
            "why: gossan kinds CASE SITE."
        )
    )
    return [*blocks, Grid("", head, cells, frozenset({2})), end]


def _interval(value: float, low: float, high: float) -> str:
    """Value and interval in 19 characters as long as they are below 100,000."""
    digits = 2 if high < 10 else 1 if high < 100 else 0
    return tr(
        "{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})",
        value=value,
        digits=digits,
        low=low,
        high=high,
    )


def _kind(row: Mapping[str, Any]) -> str:
    """The kind in one word, with a star where a person decided."""
    if row["kind"] is None:
        return ""
    return SiteKind(row["kind"]).short + ("*" if row["kind_decided_by"] else "")


def history_blocks(lines: Sequence[HistoryLine]) -> list[Block]:
    """One line for each commit, oldest first; ids are cut to fit, `--json` has them whole."""
    head = (
        tr("Acquired"),
        tr("Scene"),
        tr("Seen"),
        tr("New:\nprov."),
        tr("\nconf."),
        tr("\nrec."),
        tr("Processed\n(UTC)"),
        tr("Commit"),
    )
    rows = tuple(
        (
            str(x.day),
            tr("{scenes} of history", scenes=x.scenes) if x.scene is None else _short(x.scene),
            "" if x.usable_share is None else f"{100 * x.usable_share:.0f} %",
            *("" if n is None else str(n) for n in (x.provisional, x.confirmed, x.recovered)),
            f"{x.processed:%Y-%m-%d %H:%M}",
            x.snapshot[:7],
        )
        for x in lines
    )
    table = Grid("", head, rows, frozenset({2, 3, 4, 5}))
    words = in_words(set_back(x.processed.isoformat() for x in lines), tr("line"))
    return [table, Words(f"{words[0].upper()}{words[1:]}.")] if words else [table]


def _short(scene: str) -> str:
    """A scene's key without the day it starts with, cut to fit."""
    name = scene.split("_", 1)[-1]
    return name if len(name) <= SCENE_LETTERS else f"{name[: SCENE_LETTERS - 1]}…"
