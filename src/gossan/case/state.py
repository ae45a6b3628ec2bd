"""What a case knows, now or on an earlier day, without asking any catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.features import geometry_mask
from shapely.ops import transform

from gossan.case.context import OpenCase, not_updated
from gossan.case.monitoring import Acquisition, Frame
from gossan.case.radar_known import RadarKnown, radar_known
from gossan.case.sensors import OPTICAL, Sensor
from gossan.core.case import CaseConfig
from gossan.core.dates import from_day
from gossan.core.errors import Code, GossanError
from gossan.core.params import MonitorParams
from gossan.core.values import Disturbances
from gossan.core.words import tr
from gossan.io.scenes import SceneStore
from gossan.io.state.blocks import Reader
from gossan.io.state.store import Commit, StateStore, chained
from gossan.monitor.combine import Combined
from gossan.monitor.state import disturbances, from_arrays
from gossan.monitor.tables import followed


@dataclass(frozen=True)
class Monitored:
    """The state of a case after one of its scenes.

    Attributes
    ----------
    grid : working grid
    frame : how pixels are read
    looks : the acquisitions the state rests on, ascending
    store, head : the state to read, and its commit
    learned : the state as it was learned, before the first scene was followed
    params : the monitor's
    shifts : reflectance all ground is off by, float32 (look, band followed)
    radar : what radar knew by then, None where the case has none
    """

    grid: GeoBox
    frame: Frame
    looks: tuple[Acquisition, ...]
    store: Reader
    learned: Reader
    head: Commit
    params: MonitorParams
    shifts: NDArray[np.float32]
    radar: RadarKnown | None = None

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands the monitor follows, of those read."""
        return followed(self.frame.bands)

    def disturbances(self) -> Disturbances:
        """The answer for every pixel of the grid: of both sensors where the case has radar."""
        both = self.combined()
        return self.optical() if both is None else both.disturbances

    def combined(self) -> Combined | None:
        """The answer of both sensors and which of them saw what; None without radar."""
        if self.radar is None:
            return None
        return self.radar.beside(self.optical(), self.frame.inside)

    def optical(self) -> Disturbances:
        """The optical monitor's answer for every pixel, found a block at a time."""
        whole: dict[str, NDArray[Any]] = {}
        names = [f.name for f in fields(Disturbances) if f.name != "grid"]
        for window in self.head.windows():
            state = from_arrays(self.store.read(window), self.head.meta)
            part = disturbances(state, self.grid[window])
            for name in names:
                array = getattr(part, name)
                if name not in whole:
                    whole[name] = np.empty(self.frame.shape, array.dtype)
                whole[name][window] = array
        return Disturbances(self.grid, **whole)


def monitored(case: OpenCase, as_of: date | None = None) -> Monitored:
    """The newest state, or the one after the last scene acquired on or before `as_of`.

    Raises GossanError (STATE) before the first update; where nothing was being watched yet on
    that day; and where scenes acquired by then wait to be followed.
    """
    if not case.db.private:
        return _monitored(case, as_of)
    while as_of not in case.seen:
        found = _monitored(case, as_of)
        # an update that began anew meanwhile has left this line: parts may be of the other
        if any(c.snapshot == found.head.snapshot for c in StateStore(case.state).line()):
            case.seen[as_of] = found
    state: Monitored = case.seen[as_of]
    return state


def _monitored(case: OpenCase, as_of: date | None) -> Monitored:
    grid, bands, last = stored_grid(case), case.db.get("bands"), case.db.get("looks")
    if grid is None or bands is None or last is None or not case.state.is_dir():
        raise not_updated(case.folder)
    store = StateStore(case.state)
    commit = store.head()
    if commit is None:
        raise not_updated(case.folder)
    known = tuple(Acquisition(*look) for look in json.loads(last))
    if as_of is not None:
        commit = _as_of(store, known, as_of)
    looks = _rests_on(store, commit, known)
    if looks is None and case.db.private:
        looks = _as_committed(store, commit, SceneStore(case.scenes, grid))
    if looks is None:
        raise GossanError(
            Code.STATE,
            tr("The last update was broken off while it went back to take in other scenes."),
            tr("Run `gossan update` to its end, then ask again."),
        )
    frame = frame_of(case, grid, tuple(json.loads(bands)))
    notes = [at.note for at in store.line()][::-1]
    shifts = OPTICAL.monitor(case.config, followed(frame.bands)).noted(notes)
    return Monitored(
        grid,
        frame,
        looks,
        store.reader(commit),
        store.reader(_fit_of(store)),
        commit,
        case.config.monitor,
        np.array(shifts[: len(looks)], np.float32),
        radar_known(case, as_of),
    )


def _as_of(store: StateStore, known: tuple[Acquisition, ...], day: date) -> Commit:
    """The commit after the last scene acquired on or before `day`."""
    newest = first = None
    for commit in store.line():
        newest, first = newest or commit, commit
        if commit.note["day"] <= day.isoformat():
            break
    else:
        assert first is not None
        raise GossanError(
            Code.STATE,
            tr(
                "On {day} nothing was being watched yet: the history the monitor learns from ends "
                "with the scene of {first}.",
                day=day,
                first=first.note["day"],
            ),
            tr("Ask for {day} or a later day.", day=first.note["day"]),
        )
    waiting = [k for k in known if newest.note["day"] < from_day(k.day).isoformat() <= str(day)]
    if commit is newest and waiting:
        raise GossanError(
            Code.STATE,
            tr(
                "{n_waiting} scenes acquired by {day} have been read but not followed yet.",
                n_waiting=len(waiting),
                day=day,
            ),
            tr("Run `gossan update` to its end, then ask again."),
        )
    return commit


def _fit_of(store: StateStore) -> Commit:
    *_, fit = store.line()
    return fit


def _rests_on(
    store: StateStore, commit: Commit, known: tuple[Acquisition, ...]
) -> tuple[Acquisition, ...] | None:
    """The looks of a commit: of those the last update knew, the first; None where they are not."""
    fit = _fit_of(store)
    learned = len(fit.note["history"])
    looks = known[: learned + commit.n]
    chain = commit.key
    for look in looks[learned:]:
        chain = chained(chain, look.name)
    if chain != commit.chain or [look.name for look in looks[:learned]] != fit.note["history"]:
        return None
    return looks


def _as_committed(
    store: StateStore, commit: Commit, scenes: SceneStore
) -> tuple[Acquisition, ...] | None:
    """The looks of a commit as it and those before it name them; None where one of them is
    stored no longer. An update that runs may know others already, or was killed knowing them."""
    names: list[str] = []
    for at in store.line():
        if at.n <= commit.n:
            note = at.note
            names += reversed(note["history"]) if at.n == 0 else [_name(note)]
    looks = tuple(Acquisition.at(scenes.get(name.rpartition("@")[0])) for name in reversed(names))
    return looks if [look.name for look in looks] == names[::-1] else None


def _name(note: Mapping[str, Any]) -> str:
    """`Acquisition.name` of the scene a commit stepped."""
    return f"{note['scene']}@{note['content']}"


def frame_of(
    case: OpenCase, grid: GeoBox, bands: tuple[str, ...], sensor: Sensor = OPTICAL
) -> Frame:
    """How pixels of a sensor of the case are read."""
    store = SceneStore(sensor.scenes(case.folder), grid, sensor.numbers)
    inside, dilation_m = inside_of(case.config, grid), case.config.masks.dilation_m
    return Frame(store, bands, inside, dilation_m, sensor.observe(case.config))


def inside_of(config: CaseConfig, grid: GeoBox) -> NDArray[np.bool_]:
    """True for pixels whose centre lies within the area's polygon, shape (y, x).

    Raises GossanError (AREA) where no pixel does.
    """
    to_grid = Transformer.from_crs("EPSG:4326", str(grid.crs), always_xy=True)
    geometry = transform(to_grid.transform, config.geometry)
    inside: NDArray[np.bool_] = geometry_mask(
        [geometry], out_shape=tuple(grid.shape), transform=grid.transform, invert=True
    )
    if not inside.any():
        raise GossanError(
            Code.AREA,
            tr("The area holds no pixel centre of the images."),
            tr("Make it larger than a few pixels of 10 m."),
        )
    return inside


def stored_grid(case: OpenCase) -> GeoBox | None:
    """The case's grid, fixed by its first update; None before."""
    text = case.db.get("grid")
    if text is None:
        return None
    g = json.loads(text)
    return GeoBox(tuple(g["shape"]), Affine(*g["transform"]), g["crs"])
