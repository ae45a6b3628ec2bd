"""Where and when a change could have been confirmed at all, counted from the looks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gossan.case.context import OpenCase, read_case_folder
from gossan.case.observability import MOST_OF_THE_AREA
from gossan.case.pixels import Pixels
from gossan.case.radar_known import radar_acquisitions
from gossan.case.state import Monitored, monitored
from gossan.core.dates import from_day, to_day
from gossan.core.flags import usable as clear
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.values import Status
from gossan.core.words import tr, trn
from gossan.dossier.model import Judged
from gossan.dossier.sentences import nothing_found, plain_date

RADAR_LOOKS = 3
"""Radar images after the history with which a change can be confirmed."""


def observations_of_pixels(
    state: Monitored, pixels: Pixels
) -> tuple[NDArray[np.bool_], NDArray[np.int32]]:
    """Usable looks (time, pixel inside the area) and their days, from the flags alone."""
    frame = state.frame
    usable = np.zeros((len(state.looks), int(frame.inside.sum())), dtype=bool)
    order = np.full(frame.shape, -1, np.int64)
    order[frame.inside] = np.arange(usable.shape[1])
    for window in frame.blocks(len(state.looks)):
        mine = frame.inside[window]
        seen = clear(pixels.cube(window)["flags"].values)
        usable[:, order[window][mine]] = seen[:, mine]
    return usable, np.array([look.day for look in state.looks], np.int32)


def judged(
    case: OpenCase,
    state: Monitored,
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    status: NDArray[np.uint8],
) -> Judged:
    """What could be judged. `usable` and `days` as of `observations_of_pixels`, `status` of each
    pixel inside the area."""
    until, needed = to_day(case.config.history_until), state.params.confirm_looks
    after = days > until
    followed = usable[after].sum(axis=0)
    enough = followed >= needed
    radar = () if state.radar is None else radar_acquisitions(case, state.radar)
    watched = [day for day, share in radar if day > until and share >= MOST_OF_THE_AREA]
    if len(watched) >= RADAR_LOOKS:
        enough |= True
        needed, later = RADAR_LOOKS, watched
    else:
        later = [
            int(d)
            for d, s in zip(days[after], usable[after].mean(axis=1), strict=True)
            if s >= MOST_OF_THE_AREA
        ]
    areas = pixel_areas_m2(state.grid)[state.frame.inside]
    model = status != Status.NO_MODEL
    share = float(areas[model & enough].sum() / areas.sum())
    first, last = (later[0], later[-needed]) if len(later) >= needed else (None, None)
    return Judged(
        share,
        None if first is None else from_day(first),
        None if last is None else from_day(last),
        _lacking(case, usable, model, followed, needed) if share < 1 else "",
    )


def none_confirmed(folder: Path, as_of: date | None = None) -> str:
    """What is said of a case in which no change is confirmed, its pixels read for it.

    Raises GossanError (STATE) as `monitored`.
    """
    with read_case_folder(folder) as case:
        state = monitored(case, as_of)
        usable, days = observations_of_pixels(state, Pixels.of(state))
        status = state.disturbances().status[state.frame.inside]
        return nothing_found(judged(case, state, usable, days, status))


def _lacking(
    case: OpenCase,
    usable: NDArray[np.bool_],
    model: NDArray[np.bool_],
    followed: NDArray[np.int64],
    needed: int,
) -> str:
    """The clause after "because", of the ground that could not be judged."""
    until = plain_date(case.config.history_until)
    if not model.all():
        most = int(usable[:, ~model].sum(axis=0).max())
        return tr(
            "too few clear images show the ground (at most {most} of {images} used) to learn what "
            "it normally looks like",
            most=most,
            images=trn("{n} image", "{n} images", len(usable)),
        )
    if not followed.any():
        return tr(
            "all clear images lie in the time that is learned from, which ends on {until}, and "
            "none is left to watch with",
            until=until,
        )
    most = int(followed[followed < needed].max())
    return tr(
        "after the time that is learned from, which ends on {until}, at most {images} followed, "
        "and a change is confirmed by {needed} or more",
        until=until,
        images=trn("{n} clear image", "{n} clear images", most),
        needed=needed,
    )
