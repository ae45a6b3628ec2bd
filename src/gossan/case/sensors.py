"""The sensors, each as one value: which images, how their pixels are read, how they are followed.

Search, store, driver, engine, ledger and lists of scenes know a sensor only by such a value. A
further one needs a value like these and, where its pixels behave otherwise, kernels behind a
monitor (`core.sensor.Monitor`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gossan.case.monitoring import Frame, Look, Observe, clear_ground
from gossan.case.reference import squares_of
from gossan.core.case import CaseConfig
from gossan.core.hashing import hash_json
from gossan.core.sensor import Monitor, Observation, Window
from gossan.io.scenes import grid_json, grown
from gossan.io.stored_scene import OpenScene
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.params import MonitorParams
from gossan.monitor.radar import RadarMonitor, average
from gossan.monitor.radar_params import RadarParams
from gossan.monitor.tables import followed


@dataclass(frozen=True)
class Sensor:
    """One sensor.

    Attributes
    ----------
    tag : "" for the one whose images fix the grid of a case; else what its folders, its actions in
        the ledger and its values in the database are told apart by
    word : which images, in sentences: "radar " or nothing
    method : part of the key of a fit: a new method means a new fit, never a mix of two
    keyed : what else of the reading a fit depends on, by name (`fit_key`)
    monitor : its monitor with what a case sets, for the bands of the case
    bands : those that are followed, of those that are read
    observe : how its stored pixels become observations
    """

    tag: str
    word: str
    method: str
    keyed: tuple[str, ...]
    monitor: Callable[[CaseConfig, tuple[str, ...]], Monitor[Any, Any]]
    bands: Callable[[tuple[str, ...]], tuple[str, ...]]
    observe: Callable[[CaseConfig], Observe]

    @property
    def action(self) -> str:
        """What stands before the actions of its records in the ledger."""
        return f"{self.tag}-" if self.tag else ""

    def value(self, name: str) -> str:
        """The key of one of its values in the database of a case."""
        return f"{self.tag}_{name}" if self.tag else name

    def scenes(self, folder: Path) -> Path:
        """Where a case in `folder` keeps what was read."""
        return folder / (f"scenes-{self.tag}" if self.tag else "scenes")

    def state(self, folder: Path) -> Path:
        """Where it keeps the state."""
        return folder / (f"state-{self.tag}.icechunk" if self.tag else "state.icechunk")


def fit_key(
    sensor: Sensor,
    frame: Frame,
    monitor: Monitor[Any, Any],
    history: Sequence[Look],
    view: Mapping[str, Any],
) -> str:
    """Hash of everything the fit depends on."""
    of_reading: dict[str, Any] = {
        "bands": list(frame.bands),
        "dilation_m": frame.dilation_m,
        "squares": [[w.start for w in window] for window in squares_of(frame.inside)],
    }
    return hash_json(
        {
            "method": sensor.method,
            "grid": grid_json(frame.scenes.grid),
            "inside": np.packbits(frame.inside).tobytes().hex(),
            "params": asdict(monitor.params),
            "history": [look.name for look in history],
            **{name: of_reading[name] for name in sensor.keyed},
            **view,
        }
    )


def monitor_params(config: CaseConfig) -> MonitorParams:
    """The optical monitor's parameters with what the case sets."""
    m = config.monitor
    return MonitorParams(
        alpha=m.alpha,
        provisional_evidence=m.provisional_evidence,
        confirm_evidence=m.confirm_evidence,
    )


def radar_params(config: CaseConfig) -> RadarParams:
    """The radar monitor's parameters for a case: where it lies decides whether there is snow."""
    return RadarParams(latitude=round(float(config.geometry.centroid.y), 3))


def mean_power(
    pixels: OpenScene,
    frame: Frame,
    window: Window,
    inside: NDArray[np.bool_],
    day: int,
    *,
    support: int,
) -> Observation:
    """Linear power averaged over `support` x `support` pixels, usable where any is known."""
    half = support // 2
    outer, inner = grown(window, (half, half), frame.scenes.grid.shape)
    power = pixels.numbers(outer, frame.bands).astype(np.float32, copy=False)
    values, seen = average(power, np.asarray(np.isfinite(power).all(axis=0)), support)
    return Observation(day, values[:, *inner], seen[inner] & inside)


def _observe_power(config: CaseConfig) -> Observe:
    return partial(mean_power, support=radar_params(config).support)


OPTICAL = Sensor(
    tag="",
    word="",
    method="monitor.v3",
    keyed=("bands", "dilation_m"),
    monitor=lambda config, bands: OpticalMonitor(monitor_params(config), bands),
    bands=followed,
    observe=lambda _: clear_ground,
)
"""Sentinel-2, surface reflectance of level 2A."""

RADAR = Sensor(
    tag="radar",
    word="radar ",
    method="radar.v1",
    keyed=("squares",),
    monitor=lambda config, _: RadarMonitor(radar_params(config)),
    bands=lambda bands: bands,
    observe=_observe_power,
)
"""Sentinel-1, terrain-corrected linear power."""

SENSORS = (OPTICAL, RADAR)
"""All that an update follows, in this order; the first fixes the grid."""
