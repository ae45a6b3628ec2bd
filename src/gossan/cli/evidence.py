"""`gossan key`, `gossan verify`, `gossan custody`: what lets others check."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gossan.cli.console import Overwrite, Terminal, out, print_json

if TYPE_CHECKING:
    from gossan.run.rerun import Rerun
    from gossan.run.verify import Verified

PASSWORD = "GOSSAN_KEY_PASSWORD"  # noqa: S105  (the name of a variable, not a password)
DIFFERS = 2
NOT_WHOLE = 3
"""Exit code where nothing is wrong but not everything could be checked."""

MOST = 20
"""Differences shown."""
TOLERANCE = 1e-5
"""`run.compare.TOLERANCE`, repeated because that room loads slowly; a test keeps them equal."""

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
    out.print(
        f"Keep {path} secret. Publish the line above, so that others know it is you.",
        markup=False,
        soft_wrap=True,
    )


def verify(
    dossier: Annotated[
        Path, typer.Argument(help="Folder of a dossier, or of a case.", show_default=False)
    ],
    by: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", help="Public key (or its file) that must have signed it."
        ),
    ] = "",
    tsa_root: Annotated[
        Path | None, typer.Option(metavar="PEM", help="Certificates trusted for the time-stamp.")
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts", help="Draw the charts again too; takes some seconds.")
    ] = False,
    rerun: Annotated[
        bool, typer.Option("--rerun", help="Fetch the images again and compute all anew.")
    ] = False,
    source: Annotated[
        str, typer.Option(metavar="SOURCE", help="With --rerun: fetch from here, e.g. a mirror.")
    ] = "",
    case: Annotated[
        Path | None,
        typer.Option(metavar="CASE", help="With --rerun: take the images from this case."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check a dossier from nothing but the dossier: files, signature, ledger, every number.

    Of a case its ledger and the pixels it keeps are checked. Ends with 0 where all holds, 2 at
    the first thing that is wrong, 3 where something could not be checked.

    Example: `gossan verify mycase/dossier --key ed25519:...`
    """
    if (source or case is not None) and not rerun:
        raise typer.BadParameter("only with --rerun", param_hint="--source, --case")
    from gossan.run.publish import public_key
    from gossan.run.verify import verify as run_verify

    if (dossier / "case.toml").is_file():
        _verify_case(dossier, as_json)
        return
    known = public_key(by) if by else ""
    found = run_verify(dossier, Terminal(), key=known, roots=tsa_root, charts=charts)
    again = _again(found, source, case) if rerun else None
    if as_json:
        print_json({"whole": found.whole, **_as_json(found, again)})
    else:
        _print(found, again)
    if again is not None and not again.identical and (again.inputs or again.differences):
        raise typer.Exit(DIFFERS)
    if not found.whole or (again is not None and again.left):
        raise typer.Exit(NOT_WHOLE)


def custody(
    case: Annotated[Path, typer.Argument(help="Folder of the case.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; default `custody.csv` in the case.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the chain of custody as a table: who captured what, when and how.

    Example: `gossan custody mycase`
    """
    from gossan.run.verify_case import export_custody

    path, n = export_custody(case, output, overwrite=overwrite)
    out.print(f"{n} records written to {path}", markup=False, soft_wrap=True)


def _verify_case(folder: Path, as_json: bool) -> None:
    from gossan.run.verify_case import verify_case

    checks = verify_case(folder, Terminal())
    if as_json:
        print_json({"checks": [asdict(c) for c in checks]})
        return
    for c in checks:
        out.print(f"ok {c.what}: {c.words}.", markup=False, soft_wrap=True)


def _again(found: Verified, source: str, case: Path | None) -> Rerun:
    from gossan.dossier.model import DossierModel
    from gossan.run.rerun import Rerun
    from gossan.run.rerun import rerun as run_rerun

    if not isinstance(found.model, DossierModel):
        return Rerun(0, (), (), 0, ("a dossier of documents alone holds nothing to compute",))
    return run_rerun(found.model, found.chain, Terminal(), source=source, case=case)


def _as_json(found: Verified, again: Rerun | None) -> dict[str, Any]:
    """For machines."""
    told: dict[str, Any] = {"checks": [asdict(c) for c in found.checks]}
    return told if again is None else {**told, "rerun": asdict(again)}


def _print(found: Verified, again: Rerun | None) -> None:
    def line(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    for c in found.checks:
        line(f"{'ok' if c.whole else '?':<3}{c.what}: {c.words}.")
    but = "" if found.whole else ", but not everything could be checked"
    line(f"Nothing is wrong{but}.")
    if again is None:
        return
    line(f"Computed again from {again.scenes} images.")
    for i in again.inputs:
        line(f"image {i.scene}: {i.what}")
    for d in again.differences[:MOST]:
        size = "" if d.size is None else f" ({d.size:.2%})"
        line(f"differs: {d.where}: was {d.was}, is {d.now}{size}")
    if len(again.differences) > MOST:
        line(f"... and {len(again.differences) - MOST} more; --json lists them all")
    if again.near:
        line(f"{again.near} numbers differ by less than {TOLERANCE:g} of themselves.")
    for words in again.left:
        line(f"?  {words}.")
    if again.identical:
        line("Identical: every image and every figure, to the last bit.")
