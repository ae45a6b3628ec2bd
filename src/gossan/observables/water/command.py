"""`gossan water`: lakes, rivers and their turbidity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.progress import Progress
from gossan.core.words import tr, tr_later, tr_now
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.observable import Told

if TYPE_CHECKING:
    from gossan.core.measured import Reading, Series
    from gossan.observables.water.run import Watered

HEAD = (
    tr_later("Water"),
    tr_later("Quantity"),
    tr_later("Seen"),
    tr_later("Last"),
    tr_later("Lowest"),
    tr_later("Highest"),
)


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
    *,
    progress: Progress,
) -> Told:
    """Measure standing water through time, and turbidity of lakes and rivers.

    Reads the scenes the case keeps; what others measured can be brought in, with or without
    scenes. Safe to stop and to run again.

    Example: `gossan water mycase --reaches rivers.geojson`
    """
    from gossan.core.dates import parse_day
    from gossan.core.serialise import to_plain
    from gossan.observables.water.run import Asked, measure_water

    until = parse_day(normal_until, "--normal-until") if normal_until else None
    asked = Asked(reaches, samples, tuple(measured or ()), until, unit)
    found = measure_water(case, asked, progress)
    series = [to_plain(s) for s in found.series.values()]
    return Told({"series": series, **to_plain(found.found)}, tuple(_blocks(found)))


def _blocks(found: Watered) -> list[Block]:
    """A line a series with its last value and its range; then what happened, and notes."""
    rows = tuple(_row(s) for s in found.series.values())
    blocks: list[Block] = (
        [Grid("", tuple(map(tr_now, HEAD)), rows, frozenset({3, 4, 5}))] if rows else []
    )
    said = []
    for s in found.series.values():
        for e in s.events:
            after = (
                tr("after {last_unchanged} and ", last_unchanged=e.when.last_unchanged)
                if e.when.last_unchanged
                else ""
            )
            said.append(
                tr(
                    "{place} {change} {after}by {first_changed}.",
                    place=s.place,
                    change=tr_now(e.change.value),
                    after=after,
                    first_changed=e.when.first_changed,
                )
            )
    for name, m in found.found.changes.items():
        said.append(
            tr(
                "{place}: the ratio became {m:.2f} times what it was ({low:.2f} to {high:.2f}) "
                "after {normal_until}.",
                place=found.series[name].place,
                m=m.value,
                low=m.low,
                high=m.high,
                normal_until=found.found.normal_until,
            )
        )
    c = found.found.calibration
    if c is not None:
        said.append(
            tr(
                "Calibrated by {samples} samples of {dates} dates: factor {factor:.2f}; on dates "
                "left out the median error is {error:.0%}, without it {error2:.0%}.",
                samples=c.samples,
                dates=c.dates,
                factor=c.factor,
                error=c.left_out.error,
                error2=c.before.error,
            )
        )
    return [*blocks, *(Words(text) for text in (*said, *found.found.notes, found.sentence))]


def _row(s: Series) -> tuple[str, ...]:
    seen = s.seen
    shares = tr("{n_seen} of {n_readings}", n_seen=len(seen), n_readings=len(s.readings))
    if not seen:
        return s.place, s.quantity, shares, tr("not observable"), "", ""
    least, most = (f(seen, key=lambda r: r.value or 0.0) for f in (min, max))
    return (
        s.place,
        f"{s.quantity}, {s.unit}" if s.unit != "1" else s.quantity,
        shares,
        *(_said(r) for r in (seen[-1], least, most)),
    )


def _said(r: Reading) -> str:
    return f"{r.value:.3g}\n{r.day}"
