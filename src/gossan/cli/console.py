"""What a person sees while gossan works: lines, a bar with remaining time, tables.

All that reaches a terminal goes through here. Names and sentences come from catalogues, servers
and documents: what a terminal would obey in them is shown as a sign, and their brackets are no
markup.
"""

from __future__ import annotations

import inspect
import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.segment import Segment

from gossan.core.progress import Task
from gossan.core.serialise import to_plain
from gossan.core.visible import UNSAFE, visible
from gossan.core.words import tr, tr_now

Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help=tr("Replace a file that is no earlier export of this kind.")),
]
"""Of every command that exports a file."""


F = TypeVar("F", bound=Callable[..., None])


def add_command(app: typer.Typer, function: F, name: str | None = None) -> F:
    """Make a function a command; its docstring, in the reader's language, is its help."""
    app.command(name, help=tr_now(inspect.cleandoc(function.__doc__ or "")))(function)
    return function


class SafeConsole(Console):
    """A console whose texts hold nothing a terminal obeys, and no markup."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Everything printed comes by here, whatever it was made of."""
        for part in super().render(renderable, options):
            yield part if part.control else part._replace(text=visible(part.text))


err = SafeConsole(stderr=True)
out = SafeConsole()


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
        err.print(text, soft_wrap=True)

    @contextmanager
    def task(self, label: str, total: int) -> Iterator[Task]:
        """A bar with count and remaining time; it stays when done, with the time it took."""
        columns = (
            TextColumn("{task.description:<22}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn(tr("left")),
            TimeRemainingColumn(),
        )
        with Bars(*columns, console=err) as bars:
            yield _Bar(bars, bars.add_task(label, total=total))


def print_json(value: Any) -> None:
    """Machine-readable result on standard output; unsafe characters as JSON escapes."""
    text = json.dumps(to_plain(value), indent=2, ensure_ascii=False, default=str)
    sys.stdout.write(UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


class _ToConsole(logging.Handler):
    """Warnings of libraries, which quote what they read."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        err.print(self.format(record), soft_wrap=True)


def take_over() -> None:
    """Let what Python itself would print, warnings and tracebacks, come through here too."""
    handler = _ToConsole(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.getLogger("py.warnings").addHandler(handler)
    logging.lastResort = handler  # of libraries that no one listens to, as Python itself has it

    def fault(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        err.print("".join(traceback.format_exception(kind, error, trace)).rstrip(), soft_wrap=True)

    sys.excepthook = fault
    threading.excepthook = lambda args: fault(args.exc_type, args.exc_value, args.exc_traceback)
