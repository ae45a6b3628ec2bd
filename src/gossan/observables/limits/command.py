"""`gossan limits`: what would have been seen."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.errors import Code, GossanError
from gossan.core.params import LimitsParams
from gossan.core.progress import Progress
from gossan.core.settings import help_of
from gossan.core.words import tr
from gossan.dossier.chapter import Block, Words
from gossan.observables.observable import Told

_help = partial(help_of, LimitsParams)

if TYPE_CHECKING:
    from gossan.core.power.trials import PowerCurves


def limits(
    case: Annotated[
        Path, typer.Argument(help=tr("Folder of the case, updated before."), show_default=False)
    ],
    implants: Annotated[int | None, typer.Option(metavar="N", help=_help("implants"))] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help=_help("seed"))] = None,
    areas: Annotated[str, typer.Option(metavar="HA,HA", help=_help("areas_ha"))] = "",
    contrasts: Annotated[str, typer.Option(metavar="C,C", help=_help("contrasts"))] = "",
    first: Annotated[
        str,
        typer.Option("--from", metavar="DATE", help=tr("Only patches that appear from this day.")),
    ] = "",
    last: Annotated[
        str,
        typer.Option("--to", metavar="DATE", help=tr("Only patches that appear up to this day.")),
    ] = "",
    *,
    progress: Progress,
) -> Told:
    """Find out what would have been seen: implant bare ground and look for it.

    Patches of known size, contrast and date are put by calculation into the case's own images;
    the same monitor and the same rule of sites look for them. Safe to stop and to run again.

    Example: `gossan limits mycase`
    """
    from gossan.observables.limits.record import report
    from gossan.observables.limits.run import Asked, measure_limits

    asked = Asked(
        implants,
        seed,
        _numbers("--areas", areas) if areas else None,
        _numbers("--contrasts", contrasts) if contrasts else None,
        _day("--from", first),
        _day("--to", last),
    )
    curves = measure_limits(case, asked, progress)
    return Told(report(curves), tuple(_blocks(curves)))


def _blocks(curves: PowerCurves) -> list[Block]:
    """Smallest areas seen, recall by size and by bare ground, then what they do not say."""
    from gossan.dossier import power_words
    from gossan.dossier.power_chapter import limits_table, materials_table, recall_table, section_of

    section = section_of(curves)
    tables = (limits_table(section), recall_table(section), materials_table(section))
    words = (power_words.precision_note(section), *power_words.caveats(section))
    return [*tables, *(Words(w) for w in words)]


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
