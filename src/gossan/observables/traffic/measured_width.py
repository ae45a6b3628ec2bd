"""Width and brightness of the open ground of roads through time, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gossan.case.context import OpenCase
from gossan.case.monitoring import Acquisition
from gossan.case.state import Monitored
from gossan.core.change_events import events_of
from gossan.core.dates import from_day
from gossan.core.measured import Series, Subject
from gossan.core.serialise import from_plain
from gossan.observables.traffic.road import TRACK_M
from gossan.observables.traffic.strips import (
    BLUE,
    GREEN,
    NIR,
    RED,
    Path,
    cuts,
    laid_roads,
    section_name,
)
from gossan.observables.traffic.width import (
    LEVEL,
    METHOD,
    Open,
    brightness_readings,
    open_ground,
    width_readings,
)

WIDTH, BRIGHTNESS = "open width of road", "brightness of road"
SMALLEST_M = 3.0
"""A section narrower than this has no open road."""


def opened(state: Monitored, wide: Sequence[Path], look: Acquisition) -> list[Open]:
    """Open ground of every section in one scene; `wide` reaches beyond the road on both sides."""
    with state.frame.scenes.opened(look.key) as pixels:
        laid = laid_roads(pixels, state.frame, wide, state.frame.dilation_m, trees=True)
    out = []
    for p, road in zip(wide, laid, strict=True):
        v = road.values
        dvi = v[NIR] - v[RED]
        visible = v[[BLUE, GREEN, RED]].mean(axis=0)
        offsets = (np.arange(v.shape[1]) - road.middle) * TRACK_M
        out += [open_ground(visible[:, c], dvi[:, c], road.usable[:, c], offsets) for c in cuts(p)]
    return out


def width_series(
    case: OpenCase,
    paths: Sequence[Path],
    opens: Mapping[str, Sequence[Any]],
    looks: Sequence[Acquisition],
) -> list[Series]:
    """Width and brightness of every section through time."""
    at = case.config.geometry.representative_point()
    out, row = [], 0
    for k, p in enumerate(paths):
        for cut in cuts(p):
            found = [(from_day(x.day), x.key, from_plain(Open, opens[x.key][row])) for x in looks]
            name = section_name(p, k, cut)
            widths, bright = width_readings(found), brightness_readings(found)
            of = (LEVEL, METHOD, Subject.ROAD, str(row), name, at.x, at.y)
            changes = events_of(widths, SMALLEST_M)
            out += [
                Series(f"road-width-{row}", WIDTH, "m", *of, widths, changes, SMALLEST_M),
                Series(f"road-brightness-{row}", BRIGHTNESS, "1", *of, bright),
            ]
            row += 1
    return out
