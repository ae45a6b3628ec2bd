"""`gossan traffic`: moving bright large vehicles on roads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.words import tr


def traffic(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    roads: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=tr("Roads: GeoPackage, GeoJSON or OpenStreetMap (.osm.pbf).")
        ),
    ] = None,
    split: Annotated[
        str, typer.Option(metavar="DATE", help=tr("Day that parts before from after."))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Look for moving bright large vehicles on roads, with what chance and the limits are.

    An index per pass and road kilometre: no count of trucks, no load, no single vehicle, and
    "none seen" is no "no traffic". Reads the scenes the case keeps. Safe to stop and to run again.

    Example: `gossan traffic mycase --roads roads.gpkg --split 2022-11-10`
    """
    from gossan.cli.traffic_table import print_traffic
    from gossan.core.serialise import to_plain
    from gossan.observables.traffic.run import Asked, measure_traffic
    from gossan.run.init import parse_day

    day = parse_day(split, "--split") if split else None
    found = measure_traffic(case, Asked(roads, day), Terminal())
    if as_json:
        print_json(to_plain(found))
    else:
        print_traffic(found, out)
