"""pyxccd S-CCD (Ye et al. 2021), online: the history at once, then look by look.

A break is dated by the day on which it enters the record: the day it was known. Fed look by look
it records more breaks than over the whole series at once (`online=False`, dated as for COLD), so
the tuning may choose either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.peers.best import best
from bench.peers.pixels import EPOCH_ORDINAL, NEVER, Pixels, nth_look, stacked
from bench.peers.pyxccd_common import looks

NAME = "pyxccd S-CCD"
SLOW = True


@dataclass(frozen=True)
class Setting:
    """pyxccd's own defaults."""

    p_cg: float = 0.99
    conse: int = 6
    online: bool = True


GRID = tuple(
    Setting(p, c, online)
    for online in (True, False)
    for p in (0.95, 0.99, 0.999, 0.9999)
    for c in (3, 4, 5, 6)
)
BEST = best(NAME, Setting())


def detect(p: Pixels, setting: Setting) -> NDArray[np.int32]:
    """Days of confirmation (k, n)."""
    one = _online if setting.online else _whole
    return stacked([one(p, i, setting) for i in range(p.usable.shape[1])])


def _online(p: Pixels, i: int, setting: Setting) -> list[int]:
    from pyxccd import sccd_detect, sccd_update

    past = looks(p, i, until=p.n_history)
    pack = sccd_detect(past.dates, *past.bands, past.qa, p_cg=setting.p_cg, conse=setting.conse)
    known, out = len(pack.rec_cg), []
    new = looks(p, i, since=p.n_history)
    for k in range(len(new.dates)):
        one = slice(k, k + 1)
        pack = sccd_update(
            pack,
            new.dates[one],
            *(b[one] for b in new.bands),
            new.qa[one],
            p_cg=setting.p_cg,
            conse=setting.conse,
        )
        if len(pack.rec_cg) > known:
            known = len(pack.rec_cg)
            out.append(int(new.dates[k]) - EPOCH_ORDINAL)
    return out


def _whole(p: Pixels, i: int, setting: Setting) -> list[int]:
    from pyxccd import sccd_detect

    s = looks(p, i)
    pack = sccd_detect(s.dates, *s.bands, s.qa, p_cg=setting.p_cg, conse=setting.conse)
    first = [int(r["t_break"]) - EPOCH_ORDINAL for r in pack.rec_cg]
    days = [nth_look(p, i, day, setting.conse) for day in first if day >= p.watched_from]
    return [day for day in days if day != NEVER]
