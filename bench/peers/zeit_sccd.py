"""zeit-cdts 2.2 S-CCD, an independent implementation (GPL-2.0-or-later: run here, not copied).

It is given the whole series; its filter goes forward only, so a break is known on the `conse`-th
usable look from its first one on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.pixels import NEVER, Pixels, nth_look, stacked
from bench.peers.pyxccd_common import ORDER

NAME = "zeit S-CCD"
NO_LOOK = 255


@dataclass(frozen=True)
class Setting:
    """zeit's own defaults."""

    prob_threshold: float = 0.99
    conse: int = 6


GRID = tuple(Setting(p, c) for p in (0.95, 0.99, 0.999, 0.9999, 0.99999) for c in (3, 4, 5, 6))
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (k, n)."""
    import zeit

    values = np.round(p.values[:, list(ORDER)] * 10000).astype(float)
    result = zeit.sccd(
        values[:, :, None, :],
        qa=np.where(p.usable, 0, NO_LOOK)[:, None, :],
        dates=p.days.astype("datetime64[D]").astype("datetime64[ns]"),
        conse=setting.conse,
        prob_threshold=setting.prob_threshold,
        n_jobs=1,
    )
    start = result.t_break.values[:, 0]  # (segment, n)
    n = start.shape[1]
    out: list[list[int]] = [[] for _ in range(n)]
    for segment, i in np.argwhere(~np.isnat(start)):
        first = int(start[segment, i].astype("datetime64[D]").astype(np.int64))
        day = nth_look(p, int(i), first, setting.conse) if first >= p.watched_from else NEVER
        if day != NEVER:
            out[i].append(day)
    return stacked(out)
