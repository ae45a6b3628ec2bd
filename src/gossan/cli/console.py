"""What a person sees while gossan works: lines, a bar with remaining time, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from gossan.core.progress import Task

Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace a file that is no earlier export of this kind.")
]
"""Of every command that exports a file."""

err = Console(stderr=True, highlight=False)
out = Console(highlight=False)


class _Bar:
    def __init__(self, bars: Bars, task: TaskID) -> None:
        self._bars, self._task = bars, task

    def advance(self, n: int = 1) -> None:
        """Move the bar."""
        self._bars.advance(self._task, n)


class Terminal:
    """Progress on standard error, so that standard output holds only results."""

    def say(self, text: str) -> None:
        """One line."""
        err.print(escape(text), soft_wrap=True)

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:
        """A bar with count and remaining time; it stays when done, with the time it took."""
        columns = (
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        with Bars(*columns, console=err) as bars:
            yield _Bar(bars, bars.add_task(escape(label), total=total))


def print_json(value: Any) -> None:
    """Machine-readable result on standard output."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    sys.stdout.write("\n")
