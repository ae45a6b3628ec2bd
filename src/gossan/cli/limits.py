"""`gossan limits`: what would have been seen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from gossan.cli.console import Terminal, out, print_json
from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

DEFAULT_IMPLANTS = 3840
"""`limits.params.IMPLANTS`, repeated because that room loads slowly; a test keeps them equal."""


def limits(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    implants: Annotated[
        int, typer.Option(metavar="N", help=tr("Patches to implant: more give narrower intervals."))
    ] = DEFAULT_IMPLANTS,
    seed: Annotated[int, typer.Option(metavar="N", help=tr("Of everything drawn by chance."))] = 1,
    areas: Annotated[
        str,
        typer.Option(
            metavar="HA,HA", help=tr("Sizes to try, hectares; default around the smallest site.")
        ),
    ] = "",
    contrasts: Annotated[
        str, typer.Option(metavar="C,C", help=tr("Shares (0..1) of the way to bare ground."))
    ] = "0.3,0.5,0.7,1",
    first: Annotated[
        str,
        typer.Option("--from", metavar="DATE", help=tr("Only patches that appear from this day.")),
    ] = "",
    last: Annotated[
        str,
        typer.Option("--to", metavar="DATE", help=tr("Only patches that appear up to this day.")),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=tr("Print the result as JSON."))] = False,
) -> None:
    """Find out what would have been seen: implant bare ground and look for it.

    Patches of known size, contrast and date are put by calculation into the case's own images;
    the same monitor and the same rule of sites look for them. Safe to stop and to run again.

    Example: `gossan limits mycase`
    """
    from gossan.cli.tables import print_limits
    from gossan.observables.limits.record import report
    from gossan.observables.limits.report import shown
    from gossan.observables.limits.run import Asked, measure_limits

    asked = Asked(
        implants,
        seed,
        _numbers("--areas", areas) if areas else (),
        _numbers("--contrasts", contrasts),
        _day("--from", first),
        _day("--to", last),
    )
    curves = measure_limits(case, asked, Terminal())
    if as_json:
        print_json(report(curves))
    else:
        print_limits(shown(curves), out)


def _numbers(option: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(sorted(float(part) for part in text.split(",")))
    except ValueError:
        raise GossanError(
            Code.LIMITS,
            tr(
                '{option}: expected numbers with commas between them, found "{text}".',
                option=option,
                text=text,
            ),
            tr("Write for example {option} 0.1,0.5.", option=option),
        ) from None


def _day(option: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise GossanError(
            Code.LIMITS,
            tr('{option}: expected a date, found "{text}".', option=option, text=text),
            tr("Write it as 2019-06-30."),
        ) from None
