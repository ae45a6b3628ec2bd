"""`gossan init`: arguments in, a case folder out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import err, out


def init(
    folder: Annotated[Path, typer.Argument(help="New case folder.", show_default=False)],
    name: Annotated[str, typer.Option(help="Title of the case.", show_default=False)],
    start: Annotated[
        str, typer.Option(metavar="DATE", help="First day, e.g. 2018-01-01.", show_default=False)
    ],
    area: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Area as a GeoJSON file.")
    ] = None,
    bbox: Annotated[
        str | None, typer.Option(metavar="W,S,E,N", help="Area as a box, in degrees.")
    ] = None,
    around: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="Area as a circle around a point.")
    ] = None,
    radius: Annotated[
        float | None, typer.Option(metavar="KM", help="Radius of that circle, km.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day; left out: up to the present.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help="earth-search, planetary-computer, local:PATH or the URL of a STAC API.",
        ),
    ] = "earth-search",
    offshore: Annotated[
        bool, typer.Option("--offshore", help="The area may lie in the sea.")
    ] = False,
) -> None:
    """Make a case folder with a commented case.toml.

    Say where with one of `--area`, `--bbox` and `--around`.

    Example: `gossan init quarry --name "Quarry" --around 39.82,46.75 --radius 5 --start 2018-01-01`
    """
    from gossan.run.init import AreaChoice, create_case

    choice = AreaChoice(area, bbox, around, radius, offshore)
    made = create_case(folder, name=name, area=choice, start=start, end=end, source=source)
    for warning in (*made.area.warnings, *made.short):
        err.print(f"warning: {warning}", markup=False, soft_wrap=True)
    centre = made.area.geometry.centroid
    lines = (
        f"{made.area.km2:,.2f} km² around latitude {centre.y:.4f}, longitude {centre.x:.4f}; "
        f"{made.config.start} to {made.config.end or 'the present'}, "
        f"history until {made.config.history_until}.",
        f"Wrote {folder / 'case.toml'}. Next: gossan update {folder}",
    )
    out.print("\n".join(lines), markup=False, soft_wrap=True)
