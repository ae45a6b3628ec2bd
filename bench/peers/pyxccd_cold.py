"""pyxccd COLD (Zhu et al. 2020), which reads the whole series at once.

It is no online method. A break is dated by the `conse`-th usable look from its first one on, the
earliest day on which a run over the series up to that day could have had it. That flatters it:
the model before the break has also seen what came after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.pixels import EPOCH_ORDINAL, NEVER, Pixels, nth_look, stacked
from bench.peers.pyxccd_common import looks

NAME = "pyxccd COLD"
SLOW = True
CERTAIN = 100
"""`change_prob` of a break that was confirmed."""


@dataclass(frozen=True)
class Setting:
    """pyxccd's own defaults."""

    p_cg: float = 0.99
    conse: int = 6


GRID = tuple(Setting(p, c) for p in (0.9, 0.95, 0.99, 0.999, 0.9999) for c in (3, 4, 5, 6))
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (k, n)."""
    return stacked([_one(p, i, setting) for i in range(p.usable.shape[1])])


def _one(p: Pixels, i: int, setting: Setting) -> list[int]:
    from pyxccd import cold_detect

    s = looks(p, i)
    thermal = np.zeros(len(s.dates), np.int64)
    record = cold_detect(s.dates, *s.bands, thermal, s.qa, p_cg=setting.p_cg, conse=setting.conse)
    out = []
    for r in record:
        first = int(r["t_break"]) - EPOCH_ORDINAL
        if r["change_prob"] == CERTAIN and first >= p.watched_from:
            day = nth_look(p, i, first, setting.conse)
            if day != NEVER:
                out.append(day)
    return out
