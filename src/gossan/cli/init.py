"""`gossan init`: arguments in, a case folder out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import err, out
from gossan.core.words import tr


def init(
    folder: Annotated[Path, typer.Argument(help=tr("New case folder."), show_default=False)],
    name: Annotated[str, typer.Option(help=tr("Title of the case."), show_default=False)],
    start: Annotated[
        str,
        typer.Option(metavar="DATE", help=tr("First day, e.g. 2018-01-01."), show_default=False),
    ],
    area: Annotated[
        Path | None, typer.Option(metavar="FILE", help=tr("Area as a GeoJSON file."))
    ] = None,
    bbox: Annotated[
        str | None, typer.Option(metavar="W,S,E,N", help=tr("Area as a box, in degrees."))
    ] = None,
    around: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help=tr("Area as a circle around a point."))
    ] = None,
    radius: Annotated[
        float | None, typer.Option(metavar="KM", help=tr("Radius of that circle, km."))
    ] = None,
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help=tr("Last day; left out: up to the present."))
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help=tr("earth-search, planetary-computer, local:PATH or the URL of a STAC API."),
        ),
    ] = "earth-search",
    offshore: Annotated[
        bool, typer.Option("--offshore", help=tr("The area may lie in the sea."))
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
        err.print(tr("warning: {warning}", warning=warning), markup=False, soft_wrap=True)
    centre = made.area.geometry.centroid
    lines = (
        tr(
            "{km2:,.2f} km² around latitude {lat:.4f}, longitude {lon:.4f}; "
            "{start} to {end}, history until {history}.",
            km2=made.area.km2,
            lat=centre.y,
            lon=centre.x,
            start=made.config.start,
            end=made.config.end or tr("the present"),
            history=made.config.history_until,
        ),
        tr("Wrote {file}. Next: gossan update {folder}", file=folder / "case.toml", folder=folder),
    )
    out.print("\n".join(lines), markup=False, soft_wrap=True)
