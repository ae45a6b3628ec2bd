"""`gossan settings`: all that can be set, what is set, and changing it."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.cli.console import out, print_json
from gossan.core.words import tr, tr_now

if TYPE_CHECKING:
    from gossan.run.settings import Listed

WIDTH = 80


def settings(
    case: Annotated[
        Path | None,
        typer.Argument(help=tr("Folder of a case; without one the defaults."), show_default=False),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help=tr(
                "Keys to set in its case.toml, such as monitor.alpha=0.01; without a value a key "
                "goes back to its default."
            ),
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """List all settings with value, default, range and a sentence, or change some.

    Comments and order of case.toml stay as they are; nothing is changed unless all is valid.

    Example: `gossan settings mycase monitor.alpha=0.01`
    """
    from gossan.run.settings import change_settings, list_settings

    if case is not None and changes:
        change_settings(case, changes)
    found = list_settings(case)
    if as_json:
        print_json([asdict(section) for section in found])
        return
    for section in found:
        name = f"[{section.name}]" if section.name else tr("Above all sections")
        about = tr_now(section.about)
        if section.off:
            about = tr("Off. {about}", about=about)
        out.print("\n".join(["", name, *_wrapped(about, 2)]), soft_wrap=True)
        for setting in section.settings:
            out.print("\n".join(_lines(setting)), soft_wrap=True)


def _lines(setting: Listed) -> list[str]:
    value = setting.value or f"({setting.default})"
    notes = [setting.span]
    if setting.required:
        notes.append(tr("required"))
    elif setting.changed:
        notes.append(tr("default {default}", default=setting.default))
    head = f"{'*' if setting.changed else ' '} {setting.key} = {value}"
    about = f"{tr_now(setting.about)} ({'; '.join(notes)})"
    return [head, *_wrapped(about, 6)]


def _wrapped(text: str, indent: int) -> list[str]:
    gap = " " * indent
    return textwrap.wrap(text, WIDTH, initial_indent=gap, subsequent_indent=gap)
