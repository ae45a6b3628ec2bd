"""`gossan kinds`: what kind of change each site is, why, and what a person says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.errors import Code, GossanError
from gossan.core.kinds import SiteKind
from gossan.core.words import tr


def kinds(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    site: Annotated[
        str, typer.Argument(help=tr("Id of a site, or its beginning: show every reason."))
    ] = "",
    decide: Annotated[
        str,
        typer.Option(
            metavar="KIND",
            help=tr(
                "Decide: mine, tailings, clearing, crops, fire, landslide, road, riverbed, snow, "
                "unknown; none takes a decision back."
            ),
        ),
    ] = "",
    by: Annotated[str, typer.Option(help=tr("Who decides."))] = "",
    why: Annotated[str, typer.Option(help=tr("On what grounds."))] = "",
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Say what kind of change each site is, with probabilities and reasons.

    A person's decision goes before the machine's view, which stays visible beside it. Each is a
    record of the ledger.

    Example: `gossan kinds mycase S-3f9a2c --decide mine --by "A. Name" --why "seen on site"`
    """
    from gossan.cli.tables import print_kinds, print_reasons
    from gossan.core.serialise import to_plain
    from gossan.observables.kind.run import case_kinds, decide_kind, site_named

    if decide or by or why:
        if not site:
            raise GossanError(
                Code.CASE, tr("A decision needs a site."), tr("Name its id after the case.")
            )
        decide_kind(case, site, _kind(decide), by, why)
    found = case_kinds(case, Terminal())
    chosen = [site_named(list(found.kinds), site)] if site else list(found.kinds)
    if as_json:
        print_json([to_plain(found.kinds[i]) for i in chosen])
    elif site:
        print_reasons(found.kinds[chosen[0]], out)
    else:
        print_kinds(found.sites, found.kinds, out)


def _kind(word: str) -> SiteKind | None:
    if word == "none":
        return None
    kind = SiteKind.called(word)
    if kind is None:
        words = ", ".join(k.short for k in SiteKind)
        raise GossanError(
            Code.CASE,
            tr(
                '--decide: expected one of {words}, or none, found "{word}".',
                words=words,
                word=word,
            ),
            tr("none takes a decision back."),
        )
    return kind
