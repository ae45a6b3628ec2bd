"""The `gossan` command: arguments in, calls of `run`, one closing line out.

Imports of `run` stand inside the commands: the numerical libraries take a second to load,
and `--help` and a wrong argument should not wait for them.
"""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from gossan import __version__
from gossan.cli.compiled import compiled_somewhere
from gossan.cli.console import Overwrite, Terminal, add_command, err, out, print_json, take_over
from gossan.cli.documents import check, claims, report
from gossan.cli.evidence import PASSWORD, custody, key, verify
from gossan.cli.init import init
from gossan.cli.observables import add_commands
from gossan.cli.sensitivity import sensitivity
from gossan.cli.settings import settings
from gossan.core.errors import GossanError
from gossan.core.params import How
from gossan.core.settings import help_of
from gossan.core.visible import visible
from gossan.core.waits import listen
from gossan.core.words import chosen, tr, trn
from gossan.io.system import REFUSED, of_system

app = typer.Typer(
    name="gossan",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help=tr(
        "What was dug here, when, and what can be seen of it from open satellite images.\n\n"
        "Example: `gossan demo` builds a dossier from the images that ship with gossan."
    ),
)
command = partial(add_command, app)
for function in (init, settings, report, claims, check, verify, custody):
    command(function)
app.add_typer(key, name="key")

Case = Annotated[
    Path, typer.Argument(help=tr("Folder of the case, made by `gossan init`."), show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))]


INTERRUPTED = 130
"""What typer ends with on Ctrl-C: 128 and the number of SIGINT."""


class Format(StrEnum):
    """Outputs of `gossan sites`."""

    table = "table"
    geojson = "geojson"
    parquet = "parquet"


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help=tr("Print the version."))] = False,
) -> None:
    """Print the version when asked for it, and say what another package does wrong."""
    if BROKEN is not None:
        raise BROKEN
    if version:
        out.print(f"gossan {__version__}")
        raise typer.Exit


@command
def update(
    case: Case,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=tr("Say what would be read, and stop."))
    ] = False,
    dask: Annotated[
        str | None, typer.Option(metavar="local|ADDRESS", help=help_of(How, "dask"))
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", help=help_of(How, "workers"))] = None,
    block: Annotated[int | None, typer.Option(metavar="PIXELS", help=help_of(How, "block"))] = None,
    as_json: AsJson = False,
) -> None:
    """Search for scenes, read what is new, follow every pixel, keep the state.

    Safe to stop at any moment and to run again: it goes on where it was.

    Example: `gossan update mycase`
    """
    from gossan.io.case_file import read_local
    from gossan.run.update import update as run_update

    given = {"dask": dask, "workers": workers, "block": block}
    asked: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    how = replace(read_local(case).execution, **asked)
    result = run_update(case, Terminal(), dry_run=dry_run, how=how)
    if as_json:
        print_json(result.as_json())
    else:
        out.print(result.sentence, markup=False, soft_wrap=True)
        for note in result.notes:
            err.print(tr("note: {note}", note=note), markup=False, soft_wrap=True)


@command
def sites(
    case: Case,
    fmt: Annotated[
        Format, typer.Option("--format", "-f", help=tr("A table here, or a file."))
    ] = Format.table,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=tr("File to write; default in the case."))
    ] = None,
    overwrite: Overwrite = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help=tr("As known from the scenes acquired by that day, e.g. 2019-06-30."),
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Turn changed pixels into sites with areas, dates, their intervals and their kinds.

    Example: `gossan sites mycase --format geojson -o sites.geojson`
    """
    from gossan.case.confirmable import none_confirmed
    from gossan.case.sites import export_sites
    from gossan.cli.blocks import print_blocks
    from gossan.cli.tables import sites_blocks
    from gossan.core.dates import parse_day
    from gossan.observables.kind.run import case_kinds, case_sites_as_of

    day = None if as_of is None else parse_day(as_of, "--as-of")
    if day is None:
        found = case_kinds(case, Terminal())
    else:
        found, said = case_sites_as_of(case, day)
        err.print(said, markup=False, soft_wrap=True)
    confirmed = any(r["status"] == "confirmed" for r in found.rows)
    note = "" if confirmed else none_confirmed(case, day)
    if fmt is not Format.table:
        path = export_sites(case, found, fmt.value, output, note, overwrite=overwrite)
        out.print(
            trn(
                "{n} site written to {path}",
                "{n} sites written to {path}",
                len(found.rows),
                path=path,
            ),
            markup=False,
            soft_wrap=True,
        )
    elif as_json:
        print_json(list(found.rows))
    else:
        print_blocks(sites_blocks(found.rows, note), out)


BROKEN = add_commands(app)
command(sensitivity)


@command
def history(case: Case, as_json: AsJson = False) -> None:
    """List how the state came to be: one line for each scene, with what became known by it.

    Example: `gossan history mycase`
    """
    from gossan.case.history import history as run_history
    from gossan.cli.blocks import print_blocks
    from gossan.cli.tables import history_blocks

    lines = run_history(case)
    if as_json:
        print_json([line.as_json() for line in lines])
    else:
        print_blocks(history_blocks(lines), out)


@command
def dossier(
    case: Case,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help=tr(
                "Folder, absent, empty or of this case's dossier; default `dossier` in the case."
            ),
        ),
    ] = None,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEY", help=tr("Sign it with this key of `gossan key new`.")),
    ] = None,
    tsa: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help=tr(
                "Ask this time-stamp authority (RFC 3161) for a stamp; give it more than once for "
                "several."
            ),
        ),
    ] = None,
) -> None:
    """Write the dossier: a page that opens by double click, a PDF, and the tables behind them.

    Example: `gossan dossier mycase --sign desk.key`
    """
    from gossan.run.dossier import write_dossier
    from gossan.run.publish import signing

    if tsa and sign is None:
        raise typer.BadParameter(
            tr("a time-stamp is of a signature: give --sign too"), param_hint="--tsa"
        )
    signs = None if sign is None else signing(sign, os.environ.get(PASSWORD, ""), tsa or ())
    path = write_dossier(case, output, Terminal(), signs)
    out.print(
        tr("Dossier written. Open {page}", page=path / "index.html"), markup=False, soft_wrap=True
    )


@command
def demo(
    folder: Annotated[
        Path, typer.Argument(help=tr("Folder of the demo case; made when missing."))
    ] = Path("gossan-demo"),
) -> None:
    """Build a case and its dossier from the real images that ship with gossan.

    Example: `gossan demo`
    """
    from gossan.run.demo import demo as run_demo

    path = run_demo(folder, Terminal())
    out.print(
        tr("Dossier written. Open {page}", page=path / "index.html"), markup=False, soft_wrap=True
    )


def main() -> None:
    """Entry point: one clear sentence for every error a user can cause, and no traceback."""
    # rasterio says this of the arrays it warps into, whose grid is known; no user can act on it
    warnings.filterwarnings("ignore", message="Dataset has no geotransform")
    with compiled_somewhere():
        code = _run()
    _leave(code)


def _run() -> str | int | None:
    """Do what was asked; returns the exit code."""
    take_over()
    sys.argv[1:] = [a if Path(a).exists() else visible(a) for a in sys.argv[1:]]
    listen(lambda text: err.print(text, markup=False, soft_wrap=True))
    try:
        chosen()  # of a language that cannot be spoken, before anything is done
        app()
    except GossanError as error:
        return _failed(error)
    except REFUSED as error:
        return _failed(of_system(error))
    except SystemExit as end:
        if end.code == INTERRUPTED:
            err.print(tr("Stopped. Nothing is lost: run the same command to go on."))
        return end.code
    return 0


def _failed(error: GossanError) -> int:
    with suppress(OSError):  # the terminal may be what is gone or full
        err.print(
            tr("error: {problem}", problem=error.problem), style="red", markup=False, soft_wrap=True
        )
        if error.hint:
            err.print(tr("hint:  {hint}", hint=error.hint), markup=False, soft_wrap=True)
    return 2


def _leave(code: str | int | None) -> NoReturn:
    """End the process without tearing down the interpreter.

    Threads of the libraries that draw charts and read columns now and then abort it on a busy
    machine ("terminate called without an active exception"), after the work is done, and turn a
    success into a failure.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        # python itself would flush, and fail, again; what failed before was said
        os._exit(2 if code == 2 else _failed(of_system(error)))
    if isinstance(code, int | None):
        sys.stderr.flush()
        os._exit(code or 0)
    sys.exit(code)
