"""Trials in one part of the area: the real fit and step over implanted looks.

Pixels do not know each other, so all that a block's patches touch is followed as one row of
pixels, once as it is (the control) and once for every patch from the day it appears. A patch
is seen when the rule of `gossan.sites` lists and confirms a site on its ground that the
control does not have: chance alarms and real changes nearby are never credited to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import arrays_of
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import days_of, from_day
from gossan.core.params import LimitsParams, SiteParams
from gossan.core.power.trials import Trial
from gossan.core.sensor import Monitor, Observation, pick
from gossan.core.values import Status
from gossan.cube.inject import (
    Shape,
    expected_on,
    ground_cover,
    injected,
    pixel_cover,
    reach,
    season_of,
    seen_cover,
)
from gossan.io.scenes import pixel_metres
from gossan.monitor.loop import Follower, Held, learn
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.state import MonitorState
from gossan.observables.limits.design import InjectedTarget, random_of
from gossan.sites.listing import listed

FAINT = 0.005
"""Pixels that get less than this share of a patch's light in every band are left as they are."""


@dataclass(frozen=True)
class Field:
    """What all trials of a case share.

    Attributes
    ----------
    state, pixels : the case as monitored, and its looks
    areas_m2 : true area of every pixel of the grid
    until : last day of the history, int32 day
    sites : what counts as a site
    params : of the trials
    bare : name of a spectrum -> reflectance (bands,)
    """

    state: Monitored
    pixels: Pixels
    areas_m2: NDArray[np.float64]
    until: int
    sites: SiteParams
    params: LimitsParams
    bare: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Patch:
    """One implant on the grid.

    Attributes
    ----------
    rows, cols : int32, pixels it changes
    share : (bands, pixel), cover times contrast
    body : bool (pixel,), ground of which some part is truly covered
    bare : (bands,)
    """

    implant: InjectedTarget
    rows: NDArray[np.int32]
    cols: NDArray[np.int32]
    share: NDArray[np.float64]
    body: NDArray[np.bool_]
    bare: NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """The looks at a row of pixels: what was `seen` of it, (1, pixel), `season` as of `season_of`,
    `area_m2` (pixel,), and `at`: (row, column) -> position in the row."""

    seen: Held
    season: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    at: NDArray[np.int64]


def patch_of(field: Field, implant: InjectedTarget) -> Patch:
    """Place an implant: its shape is drawn here, by its own chance."""
    pixel_m = pixel_metres(field.state.grid)
    shape = Shape.drawn(random_of(field.params.seed, implant.index, 1))
    area_m2 = _area_m2(field, implant)
    fine = ground_cover(area_m2, shape, pixel_m)
    ground = pixel_cover(fine)
    bands = field.state.bands
    seen = np.stack([seen_cover(fine, b, pixel_m, shape.parity) for b in bands])
    half = reach(area_m2, pixel_m)[1]
    r, c = np.nonzero((seen.max(axis=0) >= FAINT) | (ground > 0))
    rows, cols = implant.row - half[0] + r, implant.col - half[1] + c
    height, width = field.state.frame.shape
    on = (rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)
    rows, cols, r, c = rows[on], cols[on], r[on], c[on]
    return Patch(
        implant,
        rows.astype(np.int32),
        cols.astype(np.int32),
        implant.contrast * seen[:, r, c],
        ground[r, c] > 0,
        field.bare[implant.spectrum],
    )


def series_of(field: Field, implants: Sequence[InjectedTarget]) -> Series:
    """All looks at the pixels that the implants may change."""
    corners = [_window(field, i) for i in implants]
    top, left = min(c[0].start for c in corners), min(c[1].start for c in corners)
    bottom, right = max(c[0].stop for c in corners), max(c[1].stop for c in corners)
    window = (slice(top, bottom), slice(left, right))
    used = np.zeros(field.state.frame.shape, dtype=bool)
    for corner in corners:
        used[corner] = True
    used = used[window]
    at = np.full((bottom, right), -1, np.int64)
    at[window][used] = np.arange(int(used.sum()))
    cube = field.pixels.cube(window)
    values, clear = arrays_of(cube, field.state.bands)
    # contiguous, or every kernel would be compiled once more for another layout
    values, clear = np.ascontiguousarray(values[:, :, used]), clear[:, used]
    clear = np.ascontiguousarray(clear & np.isfinite(values).all(axis=1))
    days = days_of(cube.time.values)
    season = season_of(values, clear, days)
    seen = Held(values[:, :, None], clear[:, None], days)
    return Series(seen, season, field.areas_m2[window][used], at)


def _window(field: Field, implant: InjectedTarget) -> tuple[slice, slice]:
    """Rows and columns of the grid that an implant may change."""
    half = reach(_area_m2(field, implant), pixel_metres(field.state.grid))[1]
    rows, cols = (
        slice(max(0, at - n), min(at + n + 1, size))
        for at, n, size in zip(
            (implant.row, implant.col), half, field.state.frame.shape, strict=True
        )
    )
    return rows, cols


def _area_m2(field: Field, implant: InjectedTarget) -> float:
    """Area of a patch in m2 of the grid, whose pixels cover a little more or less ground than
    their nominal size: so that the patch has its area on the ground."""
    height, width = pixel_metres(field.state.grid)
    true = float(field.areas_m2[implant.row, implant.col])
    return implant.area_ha * 1e4 * height * width / true


def try_block(
    field: Field, implants: Sequence[InjectedTarget], series: Series
) -> Iterator[list[Trial]]:
    """Make the trials; yields some as soon as their time is over."""
    days = series.seen.days
    first = np.searchsorted(days, [i.day for i in implants], side="right")
    starting: dict[int, list[InjectedTarget]] = {}
    for implant, look in zip(implants, first, strict=True):
        starting.setdefault(int(look), []).append(implant)
    control = _control(field, series)
    running: list[_Cohort] = []
    for look in np.flatnonzero(days > field.until).tolist():
        state = control.relearn(look)
        if look in starting:
            running.append(_Cohort(field, starting.pop(look), series, control.monitor, state))
        control.take(look)
        quiet = control.monitor.status(control.state)[0]
        for cohort in list(running):
            if cohort.over(int(days[look])):
                running.remove(cohort)
                yield cohort.trials()
            else:
                cohort.look(look, quiet)
        if not running and not starting:
            return
    for cohort in running:
        yield cohort.trials()
    unseen = [implant for rest in starting.values() for implant in rest]
    if unseen:  # no look at all came after them
        yield _Cohort(field, unseen, series, control.monitor, control.state).trials()


class _Cohort:
    """Patches that show on the same look for the first time, followed side by side."""

    def __init__(
        self,
        field: Field,
        implants: Sequence[InjectedTarget],
        series: Series,
        monitor: Monitor[MonitorState, NDArray[np.float32]],
        control: MonitorState,
    ) -> None:
        self.patches = patches = [patch_of(field, i) for i in implants]
        self.field, self.series = field, series
        self.pixel = np.concatenate([series.at[p.rows, p.cols] for p in patches])
        self.owner = np.concatenate([np.full(len(p.rows), i) for i, p in enumerate(patches)])
        self.share = np.concatenate([p.share for p in patches], axis=1)
        self.bare = np.stack([p.bare for p in patches], axis=1)[:, self.owner]
        self.body = np.concatenate([p.body for p in patches])
        self.day = np.array([p.implant.day for p in patches])
        self.canvas, self.shape = _canvas(patches, field.sites.join_distance)
        self.season = series.season[:, :, self.pixel]
        own = pick(control, np.zeros_like(self.pixel), self.pixel)
        # a patch is too small to move what the whole scene is off by: that of the case is taken;
        # without a past its ground is never learned anew
        shifts = dict(enumerate(field.state.shifts))
        self.ground = Follower(monitor, series.seen, lambda: own, (), shifts)
        self.status = monitor.status(own)[0]
        self.provisional = np.full(len(patches), -1)
        self.confirmed = np.full(len(patches), -1)

    def over(self, day: int) -> bool:
        """Whether no patch can count anything any more."""
        return bool((day - self.day > self.field.params.within[-1]).all())

    def look(self, look: int, quiet: NDArray[np.uint8]) -> None:
        """One more scene over all patches; `quiet` is the control's status after it."""
        seen = self.series.seen.at(look)
        day, own = seen.day, seen.physical()[:, 0, self.pixel]
        clear = seen.usable[:, self.pixel]
        if clear.any():
            shown = injected(own, expected_on(self.season, day), self.bare, self.share)
            here = Observation(day, np.ascontiguousarray(shown)[:, None], clear)
            self.ground.take(look, here)
            self.status = self.ground.monitor.status(self.ground.state)[0]
        self._count(day, quiet[self.pixel])

    def _count(self, day: int, quiet: NDArray[np.uint8]) -> None:
        changed = (self.status >= Status.PROVISIONAL) & (quiet < Status.PROVISIONAL)
        if not (changed & self.body).any():
            return
        labels = self._listed(changed)
        sure = np.zeros(int(labels.max()) + 1, dtype=bool)
        core = changed & np.isin(self.status, (Status.CONFIRMED, Status.RECOVERED))
        sure[labels[core]] = True
        sure[0] = False
        delay = day - self.day
        in_time = delay <= self.field.params.within[-1]
        for found, here in (
            (self.provisional, self.body & (labels > 0)),
            (self.confirmed, self.body & sure[labels]),
        ):
            hit = np.bincount(self.owner[here], minlength=len(self.patches)) > 0
            new = hit & in_time & (found < 0)
            found[new] = delay[new]

    def _listed(self, changed: NDArray[np.bool_]) -> NDArray[np.int32]:
        """The site of every pixel by the rule of the case, each patch on ground of its own."""
        flags = np.zeros(self.shape, dtype=bool)
        area = np.zeros(self.shape)
        flags.ravel()[self.canvas] = changed
        area.ravel()[self.canvas] = self.series.area_m2[self.pixel]
        none = np.zeros(self.shape, dtype=bool)
        return listed(flags, none, area, self.field.sites).ravel()[self.canvas]

    def trials(self) -> list[Trial]:
        """What became of every patch."""
        made = []
        for i, patch in enumerate(self.patches):
            p = patch.implant
            centre = int(self.series.at[p.row, p.col])
            expected = expected_on(self.series.season[:, :, [centre]], p.day)[:, 0]
            looks = self.series.seen.days[self.series.seen.usable[:, 0, centre]]
            made.append(
                Trial(
                    p.index,
                    p.area_ha,
                    p.contrast,
                    p.spectrum,
                    from_day(p.day),
                    p.row,
                    p.col,
                    round(p.contrast * float(np.sqrt(((patch.bare - expected) ** 2).mean())), 4),
                    tuple(
                        int(((looks > p.day) & (looks <= p.day + n)).sum())
                        for n in self.field.params.within
                    ),
                    int(self.provisional[i]) if self.provisional[i] >= 0 else None,
                    int(self.confirmed[i]) if self.confirmed[i] >= 0 else None,
                )
            )
        return made


def _canvas(patches: Sequence[Patch], gap: int) -> tuple[NDArray[np.int64], tuple[int, int]]:
    """Position of every pixel on one picture, (rows, columns), that holds the patches one
    below the other, too far apart for the rule of sites to join them."""
    places, top, width = [], 0, 0
    for p in patches:
        rows, cols = p.rows - p.rows.min(), p.cols - p.cols.min()
        places.append((rows + top, cols))
        top += int(rows.max()) + 1 + gap
        width = max(width, int(cols.max()) + 1)
    flat = np.concatenate([r.astype(np.int64) * width + c for r, c in places])
    return flat, (top, width)


def _control(field: Field, series: Series) -> Follower[MonitorState, NDArray[np.float32]]:
    """All pixels as they are, after the history."""
    case, history = field.state, range(int((series.seen.days <= field.until).sum()))
    monitor = OpticalMonitor(case.params, case.bands, case.shifts[: len(history)])
    learned = learn(monitor, series.seen, history)
    shifts = dict(enumerate(case.shifts))
    return Follower(monitor, series.seen, lambda: learned, history, shifts)
