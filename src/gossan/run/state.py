"""What a case has monitored so far, without asking any catalogue."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.features import geometry_mask
from shapely.ops import transform

from gossan.core.case import CaseConfig
from gossan.core.errors import Code, GossanError
from gossan.core.values import Disturbances
from gossan.io.scenes import SceneStore
from gossan.io.state_store import StateHead, StateStore
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import disturbances, from_arrays
from gossan.run.monitoring import Frame, Look
from gossan.run.opened import OpenCase


@dataclass(frozen=True)
class Monitored:
    """The newest state of a case.

    Attributes
    ----------
    grid : working grid
    frame : how pixels are read
    looks : the acquisitions the state rests on, ascending
    store, head : the state and its newest commit
    params : the monitor's
    """

    grid: GeoBox
    frame: Frame
    looks: tuple[Look, ...]
    store: StateStore
    head: StateHead
    params: MonitorParams

    def disturbances(self) -> Disturbances:
        """The monitor's answer for every pixel of the grid."""
        window = (slice(0, self.frame.shape[0]), slice(0, self.frame.shape[1]))
        return disturbances(from_arrays(self.store.read(window), self.head.meta), self.grid)


def monitored(case: OpenCase) -> Monitored:
    """The newest state. Raises GossanError (STATE) before the first update."""
    grid, bands, looks = stored_grid(case), case.db.get("bands"), case.db.get("looks")
    head = None
    if grid is not None and bands is not None and looks is not None:
        store = StateStore(case.state)
        head = store.head()
    if head is None:
        raise GossanError(
            Code.STATE,
            f"The case {case.folder} has not been updated yet.",
            f"Run `gossan update {case.folder}` first.",
        )
    assert grid is not None
    frame = frame_of(case, grid, tuple(json.loads(str(bands))))
    return Monitored(
        grid,
        frame,
        tuple(Look(*look) for look in json.loads(str(looks))),
        store,
        head,
        monitor_params(case.config),
    )


def frame_of(case: OpenCase, grid: GeoBox, bands: tuple[str, ...]) -> Frame:
    """How pixels of the case are read."""
    store = SceneStore(case.scenes, grid)
    return Frame(store, bands, inside_of(case.config, grid), case.config.masks.dilation_m)


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
            "The area holds no pixel centre of the images.",
            "Make it larger than a few pixels of 10 m.",
        )
    return inside


def monitor_params(config: CaseConfig) -> MonitorParams:
    """The monitor's parameters with what the case sets."""
    m = config.monitor
    return MonitorParams(
        alpha=m.alpha,
        provisional_evidence=m.provisional_evidence,
        confirm_evidence=m.confirm_evidence,
    )


def stored_grid(case: OpenCase) -> GeoBox | None:
    """The case's grid, fixed by its first update; None before."""
    text = case.db.get("grid")
    if text is None:
        return None
    g = json.loads(text)
    return GeoBox(tuple(g["shape"]), Affine(*g["transform"]), g["crs"])
