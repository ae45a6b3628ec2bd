"""`gossan terrain`: where the water goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gossan.core.progress import Progress
from gossan.core.words import tr, tr_now
from gossan.dossier.chapter import Block, Grid, Words
from gossan.observables.observable import Told

if TYPE_CHECKING:
    from gossan.observables.terrain.run import TerrainResult


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
    *,
    progress: Progress,
) -> Told:
    """Follow the water from every site: to the channel, down it, and to what lies beside it.

    Uses the elevation model of a catalogue (Copernicus GLO-30 by default) or a file of yours, and
    the places of section [places] of case.toml. Tells how sure each way is by repeating it on
    models with errors. Safe to stop and to run again.

    Example: `gossan terrain mycase --dem heights.tif`
    """
    from gossan.observables.terrain.run import measure_terrain

    result = measure_terrain(case, dem, dem_after, progress)
    return Told(result.as_json(), (*_blocks(result), Words(result.sentence)))


def _blocks(found: TerrainResult) -> list[Block]:
    """The ground of each site, what lies below it, what was moved, and how to read it."""
    from gossan.observables.terrain import chapter

    def marked(row: tuple[str, ...]) -> tuple[str, ...]:
        return (row[0] + "*", *row[1:]) if row[0] in found.provisional else row

    parts = [
        (
            tr("Ground and way down"),
            chapter.GROUND_HEAD,
            [chapter.ground_row(s) for s in found.sites],
        ),
        (
            tr("What lies below, by distance along the flow"),
            chapter.TARGET_HEAD,
            [chapter.target_row(s.site, t) for s in found.sites for t in s.targets],
        ),
        (tr("Volumes"), chapter.VOLUME_HEAD, [chapter.volume_row(v) for v in found.volumes]),
    ]
    blocks: list[Block] = [
        Grid(title, tuple(map(tr_now, head)), tuple(marked(r) for r in rows))
        for title, head, rows in parts
        if rows
    ]
    if found.provisional:
        blocks.append(Words(tr("* provisional: not confirmed")))
    return [*blocks, Words(chapter.means(found.run))]
