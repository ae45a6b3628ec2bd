"""What radar says of a case, now or on an earlier day, and the answer of both sensors."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.case.context import OpenCase
from gossan.case.sensors import RADAR, radar_params
from gossan.core.dates import NO_DAY, to_day
from gossan.core.params import RadarParams
from gossan.core.values import Disturbances
from gossan.io.state.blocks import Reader
from gossan.io.state.store import Commit, StateStore
from gossan.kernels.radar_season import TERMS, enl_of
from gossan.kernels.radar_track import COUNTS
from gossan.monitor.combine import Combined, combine
from gossan.monitor.radar_power import PixelStatistics, detectable_db
from gossan.monitor.radar_scene import RadarScene
from gossan.monitor.radar_state import disturbances, from_arrays


@dataclass(frozen=True)
class RadarKnown:
    """The radar state of a case after one of its scenes.

    Attributes
    ----------
    reader, commit : the state to read, and its commit
    params : the monitor's
    """

    reader: Reader
    commit: Commit
    params: RadarParams

    @property
    def orbit(self) -> str:
        """From where the scenes were seen."""
        return str(self.commit.meta["orbit"])

    @property
    def finds_db(self) -> float:
        """Fall of VV and VH together that three looks confirm with 90 % chance, dB."""
        scene = RadarScene.from_json(self.commit.meta["scene"])
        counted = scene.weight[scene.weight >= COUNTS]
        ground = PixelStatistics(
            looks=float(np.mean([enl_of(v) for v in scene.noise])),
            dof=scene.prior_dof + len(counted),
            history=float(counted.sum()) / TERMS,
            weight=float(np.median(counted)),
            revisit=int(np.median(np.diff(scene.days))),
        )
        return detectable_db(ground, 3, self.params)

    def beside(self, optical: Disturbances, inside: NDArray[np.bool_]) -> Combined:
        """The joint answer with the optical one."""
        answer, since = self.answer(optical.grid, inside)
        return combine(optical, answer, since)

    def answer(
        self, grid: GeoBox, inside: NDArray[np.bool_]
    ) -> tuple[Disturbances, NDArray[np.int32]]:
        """What radar says of every pixel, and since when it suspects it; a block at a time, each
        with the pixels around it that its edges depend on."""
        shape, half = (int(inside.shape[0]), int(inside.shape[1])), self.params.support // 2
        names = [f.name for f in fields(Disturbances) if f.name != "grid"]
        whole: dict[str, NDArray[Any]] = {}
        since = np.full(shape, NO_DAY, np.int32)
        for rows, cols in self.commit.windows():
            outer = tuple(
                slice(max(0, p.start - half), min(n, p.stop + half))
                for p, n in zip((rows, cols), shape, strict=True)
            )
            state = from_arrays(self.reader.read((outer[0], outer[1])), self.commit.meta)
            part = disturbances(state, grid[outer], self.params.support)
            inner = (
                slice(rows.start - outer[0].start, rows.stop - outer[0].start),
                slice(cols.start - outer[1].start, cols.stop - outer[1].start),
            )
            for name in names:
                array = getattr(part, name)
                whole.setdefault(name, np.empty(shape, array.dtype))[rows, cols] = array[inner]
            since[rows, cols] = state.dynamic.provisional_on[inner]
        # blocks wholly outside the area were never written and read as zeros, a day like any
        for name, array in whole.items():
            if array.dtype == np.int32:
                whole[name] = np.where(inside, array, np.int32(NO_DAY))
        return Disturbances(grid, **whole), np.where(inside, since, np.int32(NO_DAY))


def radar_known(case: OpenCase, as_of: date | None = None) -> RadarKnown | None:
    """Radar's state now, or after its last scene on or before `as_of`.

    None where the case has no [radar], was not updated with it yet, or nothing was being watched
    on that day.
    """
    path = RADAR.state(case.folder)
    if case.config.radar is None or not path.is_dir():
        return None
    store = StateStore(path)
    for commit in store.line():
        if as_of is None or commit.note["day"] <= as_of.isoformat():
            return RadarKnown(store.reader(commit), commit, radar_params(case.config))
    return None


def radar_acquisitions(case: OpenCase, known: RadarKnown) -> tuple[tuple[int, float], ...]:
    """Day and share of the area seen, of every radar image behind the state that counted;
    ascending. Images that are displaced or under snow do not count."""
    scene = RadarScene.from_json(known.commit.meta["scene"])
    rows = json.loads(case.db.get("radar_scenes") or "[]")
    shares = {int(day): float(seen) for day, _, seen in rows if not isinstance(seen, str)}
    out = [
        (int(d), shares.get(int(d), 0.0))
        for d, w in zip(scene.days, scene.weight, strict=True)
        if w >= COUNTS
    ]
    for commit in reversed(list(StateStore(RADAR.state(case.folder)).line())):
        if 0 < commit.n <= known.commit.n and commit.note["weight"] >= COUNTS:
            day = to_day(date.fromisoformat(commit.note["day"]))
            out.append((day, float(commit.note["usable_share"])))
    return tuple(out)
