"""`gossan terrain`: where the water goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.words import tr


def terrain(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    dem: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=tr("Elevation model to use; it is kept in the case.")),
    ] = None,
    dem_after: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=tr("A later model: volumes moved between the two.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Follow the water from every site: to the channel, down it, and to what lies beside it.

    Uses the elevation model of a catalogue (Copernicus GLO-30 by default) or a file of yours, and
    the places of section [places] of case.toml. Tells how sure each way is by repeating it on
    models with errors. Safe to stop and to run again.

    Example: `gossan terrain mycase --dem heights.tif`
    """
    from gossan.cli.tables import print_terrain
    from gossan.observables.terrain.run import measure_terrain

    result = measure_terrain(case, dem, dem_after, Terminal())
    if as_json:
        print_json(result.as_json())
    else:
        print_terrain(result, out)
        out.print(result.sentence, markup=False, soft_wrap=True)
