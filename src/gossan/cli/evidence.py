"""`gossan key`, `gossan verify`, `gossan custody`: what lets others check."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gossan.cli.console import Overwrite, Terminal, add_command, out, print_json
from gossan.core.words import tr, trn

if TYPE_CHECKING:
    from gossan.run.rerun import Rerun
    from gossan.run.verify import Verified

PASSWORD = "GOSSAN_KEY_PASSWORD"  # noqa: S105  (the name of a variable, not a password)
MOST = 20
"""Differences shown."""

key = typer.Typer(
    no_args_is_help=True, help=tr("Keys to sign dossiers with, and the keys of others.")
)


@key.callback()
def _keys() -> None:
    """Make a key to sign with (`new`), and keep the keys of others (`trust`, `list`, `forget`)."""


def new(
    path: Annotated[Path, typer.Argument(help=tr("File for the secret key."), show_default=False)],
) -> None:
    """Make an Ed25519 key to sign dossiers with; publish the line it prints.

    The secret key is encrypted where the variable GOSSAN_KEY_PASSWORD is set.

    Example: `gossan key new desk.key`
    """
    from gossan.run.publish import new_key

    public = new_key(path, os.environ.get(PASSWORD, ""))
    out.print(public, markup=False, soft_wrap=True)
    out.print(
        tr("Keep {path} secret. Publish the line above, so that others know it is you.", path=path),
        markup=False,
        soft_wrap=True,
    )


def trust(
    given: Annotated[
        str,
        typer.Argument(
            metavar="KEY|FILE",
            help=tr("Public key, or the file that holds it."),
            show_default=False,
        ),
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help=tr("Whose key it is."), show_default=False)
    ],
) -> None:
    """Keep a key as that of somebody you know, after you compared it with its owner.

    `gossan verify` then says of dossiers signed with it who made them.

    Example: `gossan key trust desk.pub --name "Desk of the Example"`
    """
    from gossan.run.known_keys import trust_key

    known, path = trust_key(given, name)
    told = (
        tr("{key} is known as {name}.", key=known.key, name=known.name),
        tr("Its words: {words}", words=" ".join(known.words)),
        tr("Kept in {path}.", path=path),
    )
    for line in told:
        out.print(line, markup=False, soft_wrap=True)


def list_known(
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """List the keys you know, with their names and words.

    Example: `gossan key list`
    """
    from gossan.run.known_keys import known_keys

    found = known_keys()
    if as_json:
        print_json({"keys": [asdict(k) for k in found]})
        return
    if not found:
        out.print(tr("You know no keys yet. `gossan key trust` keeps one."), markup=False)
    for k in found:
        out.print(f"{k.name}: {k.key}", markup=False, soft_wrap=True)
        out.print(f"   {' '.join(k.words)}", markup=False, soft_wrap=True)


def forget(
    given: Annotated[
        str,
        typer.Argument(metavar="NAME|KEY", help=tr("Its name, or the key."), show_default=False),
    ],
) -> None:
    """Forget a key that you know.

    Example: `gossan key forget "Desk of the Example"`
    """
    from gossan.run.known_keys import forget_key

    gone = forget_key(given)
    told = tr("Forgotten: {name}, {key}.", name=gone.name, key=gone.key)
    out.print(told, markup=False, soft_wrap=True)


for _name, _function in (("new", new), ("trust", trust), ("list", list_known), ("forget", forget)):
    add_command(key, _function, _name)


def verify(
    dossier: Annotated[
        Path, typer.Argument(help=tr("Folder of a dossier, or of a case."), show_default=False)
    ],
    by: Annotated[
        str,
        typer.Option(
            "--key", metavar="KEY", help=tr("Public key (or its file) that must have signed it.")
        ),
    ] = "",
    tsa_root: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help=tr("Certificates trusted for the time-stamp.")),
    ] = None,
    charts: Annotated[
        bool, typer.Option("--charts", help=tr("Draw the charts again too; takes some seconds."))
    ] = False,
    rerun: Annotated[
        bool, typer.Option("--rerun", help=tr("Fetch the images again and compute all anew."))
    ] = False,
    source: Annotated[
        str,
        typer.Option(metavar="SOURCE", help=tr("With --rerun: fetch from here, e.g. a mirror.")),
    ] = "",
    case: Annotated[
        Path | None,
        typer.Option(metavar="CASE", help=tr("With --rerun: take the images from this case.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Check a dossier from nothing but the dossier, and answer: was anything changed since it was
    made, who made it, does it come out again when computed anew?

    Of a case its ledger and the pixels it keeps are checked. Ends with 0 where all holds and you
    know who signed it; 2 at the first thing that is wrong; 3 where something could not be checked;
    4 where nobody signed it, or a key that you have not confirmed.

    Example: `gossan verify mycase/dossier --key ed25519:...`
    """
    if (source or case is not None) and not rerun:
        raise typer.BadParameter(tr("only with --rerun"), param_hint="--source, --case")
    from gossan.run.answers import status
    from gossan.run.publish import public_key
    from gossan.run.verify import verify as run_verify

    if (dossier / "case.toml").is_file():
        _verify_case(dossier, as_json)
        return
    known = public_key(by) if by else ""
    found = run_verify(dossier, Terminal(), key=known, roots=tsa_root, charts=charts)
    again = _again(found, source, case) if rerun else None
    if as_json:
        print_json(_as_json(found, again))
    else:
        _print(found, again)
    raise typer.Exit(status(found, again))


def custody(
    case: Annotated[Path, typer.Argument(help=tr("Folder of the case."), show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=tr("File; default `custody.csv` in the case.")),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the chain of custody as a table: who captured what, when and how.

    Example: `gossan custody mycase`
    """
    from gossan.run.verify_case import export_custody

    path, n = export_custody(case, output, overwrite=overwrite)
    told = trn("{n} record written to {path}", "{n} records written to {path}", n, path=path)
    out.print(told, markup=False, soft_wrap=True)


def _verify_case(folder: Path, as_json: bool) -> None:
    from gossan.run.verify_case import verify_case

    checks = verify_case(folder, Terminal())
    if as_json:
        print_json({"checks": [asdict(c) for c in checks]})
        return
    for c in checks:
        told = tr("ok {what}: {words}.", what=c.what, words=c.words)
        out.print(told, markup=False, soft_wrap=True)


def _again(found: Verified, source: str, case: Path | None) -> Rerun:
    from gossan.dossier.model import DossierModel
    from gossan.run.rerun import Rerun
    from gossan.run.rerun import rerun as run_rerun

    if not isinstance(found.model, DossierModel):
        return Rerun(0, (), (), 0, ("a dossier of documents alone holds nothing to compute",))
    return run_rerun(found.model, found.chain, Terminal(), source=source, case=case)


def _as_json(found: Verified, again: Rerun | None) -> dict[str, Any]:
    """For machines."""
    from gossan.run.answers import answers, status

    told: dict[str, Any] = {
        "whole": found.whole,
        "status": int(status(found, again)),
        "answers": [asdict(a) for a in answers(found, again)],
        "signer": {**asdict(found.signer), "words": list(found.signer.words)},
        "time_stamps": [{**asdict(s), "time": s.time.isoformat()} for s in found.stamps],
        "checks": [asdict(c) for c in found.checks],
    }
    return told if again is None else {**told, "rerun": asdict(again)}


def _print(found: Verified, again: Rerun | None) -> None:
    """The checks in a line each, then the three answers, last of all what to make of them."""
    from gossan.run.answers import answers

    def line(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    for c in found.checks:
        line(f"{'ok' if c.whole else '?':<3}{c.what}: {c.words}.")
    if again is not None:
        _print_again(again, line)
    for answer in answers(found, again):
        line("")
        line(answer.question)
        for sentence in answer.sentences:
            line(f"   {sentence}")


def _print_again(again: Rerun, line: Callable[[str], None]) -> None:
    """What came out otherwise."""
    for i in again.inputs:
        line(tr("image {scene}: {what}", scene=i.scene, what=i.what))
    for d in again.differences[:MOST]:
        size = "" if d.size is None else f" ({d.size:.2%})"
        told = tr("differs: {where}: was {was}, is {now}", where=d.where, was=d.was, now=d.now)
        line(f"{told}{size}")
    if len(again.differences) > MOST:
        line(tr("... and {n} more; --json lists them all", n=len(again.differences) - MOST))
