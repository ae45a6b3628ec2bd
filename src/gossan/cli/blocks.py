"""Blocks on the terminal, readable at 80 columns: the one way in which results are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gossan.dossier.chapter import (
    Block,
    Cell,
    Fact,
    Facts,
    Grid,
    Heading,
    Listing,
    Noted,
    Words,
    words_of,
)

WORDY = 19
"""A column with a longer line than this may be wrapped."""
LONG = 80
"""Captions of as many letters are sentences and not set bold."""
NARROW = 7
"""Tables with as many columns leave one blank between them, others two."""


def print_blocks(blocks: Iterable[Block], console: Console) -> None:
    """Print words, headings, tables, facts and lists. Where nobody watches, a sentence stays on
    one line, so that other programs find it."""
    soft = not console.is_terminal
    for block in blocks:
        match block:
            case Words(text):
                console.print(Text(text), soft_wrap=soft)
            case Heading(text):
                console.print(Text(text, style="bold"), soft_wrap=soft)
            case Grid():
                console.print(_table(block))
            case Facts(facts):
                console.print(_facts(facts))
            case Listing(items):
                for item in items:
                    console.print(Text(f"- {item}"), soft_wrap=soft)
            case _:
                raise TypeError(f"a terminal shows no {type(block).__name__}")


def _table(grid: Grid) -> Table:
    table = Table(
        title=Text(grid.caption) if grid.caption else None,
        title_justify="left",
        title_style="bold" if len(grid.caption) < LONG else "",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0 if len(grid.head) >= NARROW else (0, 1, 0, 0),
    )
    columns = list(zip(*grid.rows, strict=True)) or [()] * len(grid.head)
    for i, (head, cells) in enumerate(zip(grid.head, columns, strict=True)):
        longest = max((len(line) for c in cells for line in _text(c).split("\n")), default=0)
        table.add_column(
            Text(head),
            justify="right" if i in grid.numeric else "left",
            no_wrap=longest <= WORDY,
            overflow="fold",
        )
    for row in grid.rows:
        table.add_row(*(Text(_text(cell)) for cell in row))
    return table


def _facts(facts: Sequence[Fact]) -> Table:
    """Names at the left, one below the other; further values below the first."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=max(len(f.name) for f in facts) + 2)
    table.add_column(overflow="fold")
    for fact in facts:
        for i, value in enumerate(fact.values):
            table.add_row(Text("" if i else f"  {fact.name}"), Text(value))
    return table


def _text(cell: Cell) -> str:
    """A cell; its note stands below it."""
    if isinstance(cell, Noted) and cell.note:
        return f"{cell.text}\n{cell.note}"
    return words_of(cell)
