"""`gossan key`, `gossan verify`, `gossan custody`: what lets others check."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json

PASSWORD = "GOSSAN_KEY_PASSWORD"  # noqa: S105  (the name of a variable, not a password)
NOT_WHOLE = 3
"""Exit code where nothing is wrong but not everything could be checked."""

key = typer.Typer(no_args_is_help=True, help="Keys to sign dossiers with.")


@key.callback()
def _keys() -> None:
    """Make a key: `gossan key new`."""


@key.command("new")
def new(
    path: Annotated[Path, typer.Argument(help="File for the secret key.", show_default=False)],
) -> None:
    """Make an Ed25519 key to sign dossiers with; publish the line it prints.

    The secret key is encrypted where the variable GOSSAN_KEY_PASSWORD is set.

    Example: `gossan key new desk.key`
    """
    from gossan.run.publish import new_key

    public = new_key(path, os.environ.get(PASSWORD, ""))
    out.print(public, markup=False, soft_wrap=True)
    out.print(f"Keep {path} secret. Publish the line above, so that others know it is you.",
              markup=False, soft_wrap=True)  # fmt: skip


def verify(
    dossier: Annotated[
        Path, typer.Argument(help="Folder of a dossier, as received.", show_default=False)
    ],
    by: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", help="Public key (or its file) that must have signed it."
        ),
    ] = "",
    tsa_root: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help="Certificates trusted for the time-stamp."),
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts", help="Draw the charts again too; takes some seconds.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check a dossier from nothing but the dossier: files, signature, ledger, every number.

    Ends with 0 where all holds, 2 at the first thing that is wrong, 3 where something could not
    be checked.

    Example: `gossan verify mycase/dossier --key ed25519:...`
    """
    from gossan.run.publish import public_key
    from gossan.run.verify import verify as run_verify

    known = public_key(by) if by else ""
    found = run_verify(dossier, Terminal(), key=known, roots=tsa_root, charts=charts)
    if as_json:
        print_json({"whole": found.whole, "checks": [
            {"what": c.what, "whole": c.whole, "words": c.words} for c in found.checks
        ]})  # fmt: skip
    else:
        for c in found.checks:
            mark = "ok " if c.whole else "?  "
            out.print(f"{mark} {c.what}: {c.words}.", markup=False, soft_wrap=True)
        but = "" if found.whole else ", but not everything could be checked"
        out.print(f"Nothing is wrong{but}.", soft_wrap=True)
    if not found.whole:
        raise typer.Exit(NOT_WHOLE)
