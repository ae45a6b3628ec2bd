"""Pictures of the whole area, one for each month that was seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Acquisition
from gossan.case.pictures import corners, png, stride_for
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import from_day
from gossan.core.progress import Progress
from gossan.core.words import tr
from gossan.cube.composites import Kind, Stretch, rgb, stretch_of
from gossan.dossier.chapter import MapImage

MOST = 72
"""Pictures of the map at most: six years of months. A page must stay small enough to send."""

CLEAR = 0.6
"""Share of the area that must be seen for a picture to be worth its bytes."""

FOR_STRETCH = 24
"""Scenes, evenly spread, from which the common brightness of all pictures is taken."""


def map_images(
    state: Monitored, pixels: Pixels, share: NDArray[np.float32], progress: Progress
) -> tuple[tuple[MapImage, ...], Stretch]:
    """Map pictures ascending in time, and the brightness all pictures share."""
    looks = chosen(state.looks, share)
    stretch = _stretch(state, looks)
    at = {look.key: s for look, s in zip(state.looks, share, strict=True)}
    height, width = state.frame.shape
    step = stride_for((height, width))
    scale = max(1, 400 // max(height, width))
    around = corners(state.grid)
    images = []
    with progress.task(tr("Drawing the map"), len(looks)) as task:
        for look in looks:
            bands = pixels.thin(look, step)
            natural, false = (png(rgb(bands, kind, stretch), scale) for kind in Kind)
            day = from_day(look.day)
            images.append(MapImage(day, look.key, natural, false, float(at[look.key]), around))
            task.advance()
    return tuple(images), stretch


def chosen(looks: Sequence[Acquisition], share: NDArray[np.float32]) -> list[Acquisition]:
    """The clearest look of each month if clear enough; at least the clearest of all."""
    best: dict[tuple[int, int], tuple[float, Acquisition]] = {}
    for look, s in zip(looks, share, strict=True):
        day = from_day(look.day)
        month = (day.year, day.month)
        if s >= CLEAR and (month not in best or s > best[month][0]):
            best[month] = (float(s), look)
    if not best:
        return [looks[int(np.argmax(share))]]
    picked = [look for _, look in sorted(best.values(), key=lambda x: x[1].day)]
    if len(picked) > MOST:
        picked = [picked[i] for i in np.linspace(0, len(picked) - 1, MOST).round().astype(int)]
    return picked


def _stretch(state: Monitored, looks: Sequence[Acquisition]) -> Stretch:
    few = [looks[i] for i in sorted(set(np.linspace(0, len(looks) - 1, FOR_STRETCH).astype(int)))]
    window = next(iter(state.frame.blocks(len(few))))
    return stretch_of(state.frame.cube(few, window))
