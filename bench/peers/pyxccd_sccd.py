"""pyxccd S-CCD, online (Ye et al. 2021): the history at once, then look by look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.pixels import EPOCH_ORDINAL, Pixels, stacked
from bench.peers.pyxccd_common import looks

NAME = "pyxccd S-CCD"
SLOW = True


@dataclass(frozen=True)
class Setting:
    """pyxccd's own defaults."""

    p_cg: float = 0.99
    conse: int = 6


GRID = tuple(Setting(p, c) for p in (0.9, 0.95, 0.99, 0.999, 0.9999) for c in (3, 4, 5, 6))
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days on which a break entered its record, (k, n): the day it was known, not that it began."""
    return stacked([_one(p, i, setting) for i in range(p.usable.shape[1])])


def _one(p: Pixels, i: int, setting: Setting) -> list[int]:
    from pyxccd import sccd_detect, sccd_update

    past = looks(p, i, until=p.n_history)
    pack = sccd_detect(past.dates, *past.bands, past.qa, p_cg=setting.p_cg, conse=setting.conse)
    known, out = len(pack.rec_cg), []
    new = looks(p, i, since=p.n_history)
    for k in range(len(new.dates)):
        one = slice(k, k + 1)
        pack = sccd_update(
            pack, new.dates[one], *(b[one] for b in new.bands), new.qa[one],
            p_cg=setting.p_cg, conse=setting.conse,
        )  # fmt: skip
        if len(pack.rec_cg) > known:
            known = len(pack.rec_cg)
            out.append(int(new.dates[k]) - EPOCH_ORDINAL)
    return out
