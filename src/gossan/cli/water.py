"""`gossan water`: lakes, rivers and their turbidity."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.words import tr


def water(
    case: Annotated[Path, typer.Argument(help=tr("Folder of the case."), show_default=False)],
    reaches: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr(
                "Stretches of rivers (GeoJSON, GeoPackage): lines or polygons with `name` and "
                "`role` (upstream, downstream, other)."
            ),
        ),
    ] = None,
    samples: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=tr("Samples that calibrate turbidity: CSV with date, lon, lat, value."),
        ),
    ] = None,
    measured: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help=tr(
                "Turbidity measured by others (CSV, GeoTIFF, NetCDF); may be given many times."
            ),
        ),
    ] = None,
    unit: Annotated[str, typer.Option(metavar="UNIT", help=tr("Of what others measured."))] = "FNU",
    normal_until: Annotated[
        str, typer.Option(metavar="DATE", help=tr("Last day on which the waters were as usual."))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Measure standing water through time, and turbidity of lakes and rivers.

    Reads the scenes the case keeps; what others measured can be brought in, with or without
    scenes. Safe to stop and to run again.

    Example: `gossan water mycase --reaches rivers.geojson`
    """
    from gossan.cli.water_table import as_plain, print_water
    from gossan.observables.water.run import Asked, measure_water
    from gossan.run.init import parse_day

    until = parse_day(normal_until, "--normal-until") if normal_until else None
    asked = Asked(reaches, samples, tuple(measured or ()), until, unit)
    found = measure_water(case, asked, Terminal())
    if as_json:
        print_json(as_plain(found))
    else:
        print_water(found, out)
