"""The sensors, each as one value: which images, how their pixels are read, how they are followed.

Search, store, driver, engine, ledger and lists of scenes know a sensor only by such a value. A
further one needs a value like these and, where its pixels behave otherwise, kernels behind a
monitor (`core.sensor.Monitor`). What loads the numerical libraries is loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gossan.core.case import CaseConfig, RadarConfig
from gossan.core.params import RadarParams
from gossan.core.sensor import CLASSED, POWER, Monitor, Numbers
from gossan.core.serialise import to_plain
from gossan.core.words import tr_later
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.radar_items import SENTINEL_1, Geometry
from gossan.io.catalogue.search import SceneRules

if TYPE_CHECKING:
    from gossan.case.monitoring import Observe

Bands = tuple[str, ...]


@dataclass(frozen=True)
class Sensor:
    """One sensor.

    Attributes
    ----------
    tag : "" for the one whose images fix the grid of a case; else what its folders, its actions in
        the ledger and its values in the database are told apart by
    rules : which items of a catalogue are its scenes
    numbers : how its pixels are stored
    source, collection : where a case looks for them, and in which collection where its source does
        not say so; None: nowhere
    asked : what else the record of a search names, JSON
    max_cloud : percent of cloud beyond which a scene is not read
    view : from where scenes shall be seen, given what the first update chose; None: any
    offsets : whether the offset that a catalogue states is held against dark ground
    method : part of the key of a fit: a new method means a new fit, never a mix of two
    keyed : what else of the reading a fit depends on, by name (`follow.fit_key`)
    bands : those that are followed, of those that are read
    monitor : its monitor with what a case sets, for the bands followed
    observe : how its stored pixels become observations
    """

    tag: str
    rules: SceneRules
    numbers: Numbers
    source: Callable[[CaseConfig], str | None]
    collection: Callable[[CaseConfig], str | None]
    asked: Callable[[CaseConfig], dict[str, Any]]
    max_cloud: Callable[[CaseConfig], float]
    view: Callable[[CaseConfig, str | None], Any]
    offsets: bool
    method: str
    keyed: tuple[str, ...]
    bands: Callable[[Bands], Bands]
    monitor: Callable[[CaseConfig, Bands], Monitor[Any, Any]]
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


def radar_params(config: CaseConfig) -> RadarParams:
    """The radar monitor's parameters for a case: where it lies decides whether there is snow."""
    radar = config.radar or RadarConfig()
    return replace(radar.monitor, latitude=round(float(config.geometry.centroid.y), 3))


def followed_bands(bands: Bands) -> Bands:
    """See `monitor.tables.followed`."""
    from gossan.monitor.tables import followed

    return followed(bands)


def optical_monitor(config: CaseConfig, bands: Bands) -> Monitor[Any, Any]:
    """See `monitor.optical`."""
    from gossan.monitor.optical import OpticalMonitor

    return OpticalMonitor(config.monitor, bands)


def clear_ground(_: CaseConfig) -> Observe:
    """See `monitoring.clear_ground`."""
    from gossan.case import monitoring

    return monitoring.clear_ground


def _radar_monitor(config: CaseConfig, _: Bands) -> Monitor[Any, Any]:
    from gossan.monitor.radar import RadarMonitor

    return RadarMonitor(radar_params(config))


def _mean_power(config: CaseConfig) -> Observe:
    from gossan.case.monitoring import mean_power

    return partial(mean_power, support=radar_params(config).support)


def _orbit(config: CaseConfig, chosen: str | None) -> Geometry | None:
    """What the case asks for; with "auto" the geometry of its first update, which stays."""
    assert config.radar is not None
    text = config.radar.orbit if config.radar.orbit != "auto" else chosen
    return None if text is None else Geometry.parse(text)


def _radar_asked(config: CaseConfig) -> dict[str, Any]:
    assert config.radar is not None
    told: dict[str, Any] = to_plain(config.radar)
    return {name: value for name, value in told.items() if name != "source"}


OPTICAL = Sensor(
    tag="",
    rules=SENTINEL_2,
    numbers=CLASSED,
    source=lambda config: config.source,
    collection=lambda _: None,
    asked=lambda config: {"max_cloud_percent": config.masks.max_cloud_percent},
    max_cloud=lambda config: config.masks.max_cloud_percent,
    view=lambda _, __: None,
    offsets=True,
    method="monitor.v3",
    keyed=("bands", "dilation_m"),
    bands=followed_bands,
    monitor=optical_monitor,
    observe=clear_ground,
)
"""Sentinel-2, surface reflectance of level 2A."""

RADAR = Sensor(
    tag=tr_later("radar"),
    rules=SENTINEL_1,
    numbers=POWER,
    source=lambda config: None if config.radar is None else config.radar.source,
    collection=lambda config: None if config.radar is None else config.radar.collection,
    asked=_radar_asked,
    max_cloud=lambda _: 100.0,
    view=_orbit,
    offsets=False,
    method="radar.v1",
    keyed=("squares",),
    bands=lambda bands: bands,
    monitor=_radar_monitor,
    observe=_mean_power,
)
"""Sentinel-1, terrain-corrected linear power."""

SENSORS = (OPTICAL, RADAR)
"""All that an update follows, in this order; the first fixes the grid."""
