"""The commands of observables: what an observable is asked in, what it tells out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from gossan.cli.blocks import print_blocks
from gossan.cli.console import Terminal, add_command, out, print_json
from gossan.core.errors import GossanError
from gossan.core.words import tr
from gossan.observables.observable import Told
from gossan.observables.registry import observables

AsJson = Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))]


def add_commands(app: typer.Typer) -> GossanError | None:
    """Add the command of every observable that has one, under the name of its function.

    Returns what is wrong with one that another package brings, to be said before any work.
    """
    try:
        asked = [o.command() for o in observables()]
    except GossanError as error:
        return error
    for command in asked:
        if command is not None:
            add_command(app, _told(command))
    return None


def _told(asked: Callable[..., Told]) -> Callable[..., None]:
    """The command of a function: its options without `progress`, and --json."""
    signature = inspect.signature(asked, eval_str=True)
    options = [p for name, p in signature.parameters.items() if name != "progress"]
    as_json = inspect.Parameter("as_json", options[-1].kind, default=False, annotation=AsJson)

    def command(**given: Any) -> None:
        machine = given.pop("as_json")
        told = asked(**given, progress=Terminal())
        if machine:
            print_json(told.plain)
        else:
            print_blocks(told.blocks, out)

    command.__name__, command.__doc__ = asked.__name__, asked.__doc__
    vars(command)["__signature__"] = signature.replace(
        parameters=[*options, as_json], return_annotation=None
    )
    command.__annotations__ = {p.name: p.annotation for p in (*options, as_json)}
    return command
