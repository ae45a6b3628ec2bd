"""`gossan sensitivity`: what the findings hang on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.words import tr


def sensitivity(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Find out what the findings hang on: leave out each image, move each threshold.

    The pixels of the sites are followed again without each image, without each satellite and
    with each main threshold at the ends of its range. The dossier shows the result.

    Example: `gossan sensitivity mycase`
    """
    from gossan.core.serialise import to_plain
    from gossan.run.claims import shown_names
    from gossan.run.sensitivity import measure_sensitivity
    from gossan.run.sensitivity_chapter import called, hangs

    result = measure_sensitivity(case, Terminal())
    if as_json:
        print_json(to_plain(result))
        return
    result = called(result, shown_names(case))
    for s in result.base.sites:
        out.print(
            tr(
                "{site} {status} {area_ha:.2f} ha: hangs on {hangs}.",
                site=s.id,
                status=s.status,
                area_ha=s.area_ha,
                hangs=hangs(result.moved(s.id)),
            ),
            markup=False,
            soft_wrap=True,
        )
    for claim, verdict in result.base.verdicts:
        out.print(
            tr(
                "{claim} {verdict}: hangs on {hangs}.",
                claim=claim,
                verdict=verdict,
                hangs=hangs(result.turned(claim)),
            ),
            markup=False,
            soft_wrap=True,
        )
    out.print(tr("{n} other choices tried.", n=len(result.variants)))
