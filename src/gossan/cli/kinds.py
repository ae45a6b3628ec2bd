"""`gossan kinds`: what kind of change each site is, why, and what a person says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.errors import Code, GossanError
from gossan.core.kinds import SiteKind


def kinds(
    case: Annotated[
        Path, typer.Argument(help="Folder of the case, updated before.", show_default=False)
    ],
    site: Annotated[
        str, typer.Argument(help="Id of a site, or its beginning: show every reason.")
    ] = "",
    decide: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help="Decide: mine, tailings, clearing, crops, fire, landslide, road, riverbed, snow, "
            "unknown; none takes a decision back.",
        ),
    ] = "",
    by: Annotated[str, typer.Option(help="Who decides.")] = "",
    why: Annotated[str, typer.Option(help="On what grounds.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say what kind of change each site is, with probabilities and reasons.

    A person's decision goes before the machine's view, which stays visible beside it. Each is a
    record of the ledger.

    Example: `gossan kinds mycase S-3f9a2c --decide mine --by "A. Name" --why "seen on site"`
    """
    from gossan.cli.blocks import print_blocks
    from gossan.cli.tables import kinds_blocks, reasons_blocks
    from gossan.core.serialise import to_plain
    from gossan.observables.kind.run import case_kinds, decide_kind, site_named

    if decide or by or why:
        if not site:
            raise GossanError(Code.CASE, "A decision needs a site.", "Name its id after the case.")
        decide_kind(case, site, _kind(decide), by, why)
    found = case_kinds(case, Terminal())
    chosen = [site_named(list(found.kinds), site)] if site else list(found.kinds)
    if as_json:
        print_json([to_plain(found.kinds[i]) for i in chosen])
    elif site:
        print_blocks(reasons_blocks(found.kinds[chosen[0]]), out)
    else:
        print_blocks(kinds_blocks(found.sites, found.kinds), out)


def _kind(word: str) -> SiteKind | None:
    if word == "none":
        return None
    kind = SiteKind.called(word)
    if kind is None:
        words = ", ".join(k.short for k in SiteKind)
        raise GossanError(
            Code.CASE,
            f'--decide: expected one of {words}, or none, found "{word}".',
            "none takes a decision back.",
        )
    return kind
