"""One answer from two sensors: what optical and radar monitors say of the same pixels, joined.

Cloud, haze and smoke disturb optical images; speckle and rain disturb radar. The errors have
different causes, so chances multiply: with a share a of unchanged ground falsely provisional in one
sensor and b in the other, a share a b is so in both at once. What two sensors suspect of the
same time is therefore confirmed at once, long before either could confirm it alone; the arithmetic
and its figures stand in docs/decisions/0014-two-sensors.md. What both see for real (a flood, a
fire) is a change, and is meant to be found.

Radar alone also sees what is no break of ground (a ploughed field, wet litter). What it says
stands where optical images have not looked since. Where they have and saw the ground unchanged, a
confirmed change becomes provisional and a provisional one is dismissed.

The answer is a function of the two states and has no memory of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.core.dates import NO_DAY
from gossan.core.errors import Code, GossanError
from gossan.core.values import Disturbances, Status
from gossan.core.words import tr

WINDOW_DAYS = 60
"""A change spread over two months may be dated by one sensor at its beginning and by the other at
its end: intervals that lie no further apart than this are of one change."""

I32 = NDArray[np.int32]
BOOL = NDArray[np.bool_]


class Sensor(IntFlag):
    """Which sensors stand behind an answer (uint8)."""

    OPTICAL = 1
    RADAR = 2


@dataclass(frozen=True)
class Combined:
    """The joint answer, all arrays of shape (y, x).

    Attributes
    ----------
    disturbances : as either monitor gives it; `last_seen` and `last_unchanged` of unchanged
        ground are those of the sensor that saw it last, `n_history` that of the optical model
        where there is one; a pixel is NO_MODEL only where neither sensor has a model
    changed_by : uint8 `Sensor`, those that saw the change; 0 where there is none
    unchanged_by : uint8 `Sensor`, those whose last look at unchanged ground is `last_unchanged`
    by_chance : pixels expected to be provisional in both at once if all that is provisional in
        either were false, and independently so
    """

    disturbances: Disturbances
    changed_by: NDArray[np.uint8]
    unchanged_by: NDArray[np.uint8]
    by_chance: float


def combine(optical: Disturbances, radar: Disturbances, radar_since: I32) -> Combined:
    """Join what both say of the same grid.

    `radar_since` is the day on which radar's suspicion arose (`provisional_on` of its state),
    NO_DAY none. Raises GossanError(STATE) for two grids.
    """
    if optical.grid != radar.grid or optical.status.shape != radar.status.shape:
        raise GossanError(
            Code.STATE,
            tr("The optical and the radar monitor lie on two grids."),
            tr(
                "Remove state-radar.icechunk and run `gossan update`: radar is read onto the same "
                "one."
            ),
        )
    o, r = _view(optical), _view(radar)
    one = o.changed & r.changed & _of_one_time(o, r)
    # optical looked after radar's change and the ground still fitted
    contradicted = ~one & r.changed & (o.status == Status.STABLE) & (o.before >= r.first)
    demoted = contradicted & (r.status == Status.CONFIRMED)
    alone = r.sure & ~o.sure
    pick_radar = ~one & (demoted | ((alone | (r.changed & ~o.changed)) & ~contradicted))
    pick_optical = ~one & ~pick_radar & o.changed
    early_o = (o.status == Status.EARLY) & ~one & ~pick_radar
    early_r = (r.status == Status.EARLY) & ~one & ~pick_optical & ~pick_radar & ~early_o
    known = (o.status != Status.NO_MODEL) | (r.status != Status.NO_MODEL)
    status = np.where(known, Status.STABLE, Status.NO_MODEL).astype(np.uint8)
    status[early_o | early_r] = Status.EARLY
    status = np.where(pick_optical, o.status, np.where(pick_radar, r.status, status))
    status[demoted] = Status.PROVISIONAL
    status[one] = _of_both(o, r)[one]
    sources = _Sources(one, pick_optical | early_o, pick_radar | early_r)
    before, first = _dates(o, r, sources)
    confirmed = np.isin(status, (Status.CONFIRMED, Status.RECOVERED))
    joined = Disturbances(
        grid=optical.grid,
        status=status.astype(np.uint8),
        last_unchanged=before,
        first_changed=first,
        confirmed_on=np.where(confirmed, _confirmed_on(o, r, radar_since, sources), NO_DAY).astype(
            np.int32
        ),
        recovered_on=np.where(
            status == Status.RECOVERED, np.maximum(o.recovered, r.recovered), NO_DAY
        ).astype(np.int32),
        magnitude=sources.pick(
            np.maximum(optical.magnitude, radar.magnitude), optical.magnitude, radar.magnitude, 0
        ).astype(np.float32),
        n_history=np.where(o.status != Status.NO_MODEL, optical.n_history, radar.n_history).astype(
            np.int16
        ),
        last_seen=np.maximum(o.seen, r.seen),
        changes=np.maximum(optical.changes, radar.changes),
        changed_again=optical.changed_again,
        unchanged_until=optical.unchanged_until,
    )
    both = Sensor.OPTICAL | Sensor.RADAR
    changed_by = sources.pick(both, Sensor.OPTICAL, Sensor.RADAR, 0).astype(np.uint8)
    return Combined(joined, changed_by, _unchanged_by(o, r, joined), _by_chance(o, r))


def _of_both(o: _View, r: _View) -> NDArray[np.uint8]:
    """Status of what both saw change at one time: recovered only where neither still sees it."""
    still = (o.status == Status.CONFIRMED) | (r.status == Status.CONFIRMED)
    gone = (o.status == Status.RECOVERED) | (r.status == Status.RECOVERED)
    return np.where(gone & ~still, Status.RECOVERED, Status.CONFIRMED).astype(np.uint8)


@dataclass(frozen=True)
class _View:
    """One sensor's answer with the questions asked of it."""

    status: NDArray[np.uint8]
    before: I32
    first: I32
    confirmed: I32
    recovered: I32
    seen: I32

    @property
    def changed(self) -> BOOL:
        """Changed since the history: provisional, confirmed or recovered."""
        return np.isin(self.status, (Status.PROVISIONAL, Status.CONFIRMED, Status.RECOVERED))

    @property
    def sure(self) -> BOOL:
        """Confirmed by this sensor's own rule, recovered since or not."""
        return np.isin(self.status, (Status.CONFIRMED, Status.RECOVERED))


@dataclass(frozen=True)
class _Sources:
    """Where both sensors, the optical one or radar give the change, True (y, x)."""

    both: BOOL
    optical: BOOL
    radar: BOOL

    def pick(self, both: Any, optical: Any, radar: Any, none: Any) -> NDArray[Any]:
        """One of four values or arrays by source."""
        one = np.where(self.optical, optical, np.where(self.radar, radar, none))
        return np.asarray(np.where(self.both, both, one))


def _view(d: Disturbances) -> _View:
    return _View(
        d.status, d.last_unchanged, d.first_changed, d.confirmed_on, d.recovered_on, d.last_seen
    )


def _of_one_time(o: _View, r: _View) -> BOOL:
    """Intervals (before, first] that overlap or lie no further apart than the window."""
    window = np.int64(WINDOW_DAYS)
    near: BOOL = (o.before.astype(np.int64) - r.first < window) & (
        r.before.astype(np.int64) - o.first < window
    )
    return near


def _dates(o: _View, r: _View, sources: _Sources) -> tuple[I32, I32]:
    """Of a change that both saw: where their intervals overlap, or else all of both."""
    low, high = np.maximum(o.before, r.before), np.minimum(o.first, r.first)
    apart = low >= high
    low = np.where(apart, np.minimum(o.before, r.before), low)
    high = np.where(apart, np.maximum(o.first, r.first), high)
    unchanged = np.maximum(
        np.where(o.changed, NO_DAY, o.before), np.where(r.changed, NO_DAY, r.before)
    )
    before = sources.pick(low, o.before, r.before, unchanged)
    first = sources.pick(high, o.first, r.first, NO_DAY)
    return before.astype(np.int32), first.astype(np.int32)


def _confirmed_on(o: _View, r: _View, radar_since: I32, sources: _Sources) -> NDArray[np.int64]:
    """The first sensor to confirm, or the day both suspected.

    An optical suspicion arose by its last look at the latest.
    """
    never = np.int64(np.iinfo(np.int32).max)
    day_o = np.where(o.sure, o.confirmed, never)
    day_r = np.where(r.sure, r.confirmed, never)
    pair = np.maximum(o.seen, np.where(radar_since == NO_DAY, r.seen, radar_since))
    first = np.minimum(day_o, day_r)
    day: NDArray[np.int64] = sources.pick(
        np.where(first == never, pair, first), o.confirmed, r.confirmed, NO_DAY
    ).astype(np.int64)
    return day


def _unchanged_by(o: _View, r: _View, joined: Disturbances) -> NDArray[np.uint8]:
    known = joined.last_unchanged != NO_DAY
    by = np.where(known & (o.before == joined.last_unchanged), np.uint8(Sensor.OPTICAL), 0)
    by = by | np.where(known & (r.before == joined.last_unchanged), np.uint8(Sensor.RADAR), 0)
    return np.asarray(by).astype(np.uint8)


def _by_chance(o: _View, r: _View) -> float:
    watched = (o.status != Status.NO_MODEL) & (r.status != Status.NO_MODEL)
    n = int(watched.sum())
    if n == 0:
        return 0.0
    suspected = [(v.status[watched] == Status.PROVISIONAL).sum() for v in (o, r)]
    return float(suspected[0]) * float(suspected[1]) / n
