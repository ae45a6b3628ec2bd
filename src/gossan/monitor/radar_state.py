"""The radar monitor's memory: named arrays of plain numpy types, last two axes (y, x)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from scipy.ndimage import maximum_filter

from gossan.core.dates import NO_DAY
from gossan.core.errors import Code, GossanError
from gossan.core.params import MEMORY
from gossan.core.sensor import Arrays, Groups
from gossan.core.values import Disturbances, Status
from gossan.core.words import tr
from gossan.kernels.radar_evidence import RadarDynamic, RadarModel
from gossan.kernels.radar_season import TERMS
from gossan.kernels.radar_track import KIND_AFTER_STEP

SCHEMA_VERSION = 1
_RING = ("recent", "recent_day", "recent_weight")
"""Arrays with one slot a look. Each slot is stored by itself, since a scene writes only one."""


@dataclass(frozen=True)
class RadarState:
    """State of a block of pixels under one relative orbit. Channels are VV, VH, in this order.

    Attributes
    ----------
    model : changes only at a fit, arrays (..., y, x)
        kind uint8: 0 no model, 1 steady history, 2 unsteady, 3 steady after one step in it;
        n_history int16: looks behind the model; history_end int32: day of the last of them;
        coef float32 (2, 3, y, x): level, cosine and sine of the year, nepers (ln of power);
        spread float32 (6, y, x): lower triangle of
        their inverse Gram matrix, looks^-1; looks float32 (2, y, x): equivalent number of looks of
        the pixel's noise; dof float32: degrees of freedom of that estimate; step_before,
        step_after int32 days, step_change float32 (2, y, x) nepers: a step in the history
    dynamic : changes with a scene, arrays (..., y, x)
        status uint8 and the day arrays as in `core.values.Disturbances`; provisional_on int32:
        the look that first made it provisional; evidence float32: minus the natural logarithm of
        the chance of such a run on unchanged ground; change float32 (2, y, x): nepers;
        changes uint8: confirmed so far;
        recent int16 (memory, 2, y, x): last looks over the model, 1/2048 nepers, with
        recent_day int32 (memory, y, x), NO_DAY none, and recent_weight uint8, 1/200
    """

    model: RadarModel
    dynamic: RadarDynamic

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        y, x = self.model.kind.shape
        return int(y), int(x)

    def groups(self) -> Groups:
        """All arrays by name, in the groups that change together: slots of the memory as
        `recent_0` .., each scene's apart."""
        out: dict[str, Arrays] = {
            "model": dict(zip(RadarModel._fields, self.model, strict=True)),
            "dynamic": {},
        }
        whole: Arrays = dict(zip(RadarDynamic._fields, self.dynamic, strict=True))
        for name, array in whole.items():
            if name not in _RING:
                out["dynamic"][name] = array
                continue
            for i in range(MEMORY):
                out.setdefault(f"look_{i}", {})[f"{name}_{i}"] = array[i]
        return out

    def blank(self, shape: tuple[int, int]) -> RadarState:
        """As `empty`."""
        return empty(shape)


def empty(shape: tuple[int, int]) -> RadarState:
    """State in which no pixel has a model and none was ever seen."""

    def f32(*lead: int) -> NDArray[np.float32]:
        return np.zeros((*lead, *shape), np.float32)

    def day(*lead: int) -> NDArray[np.int32]:
        return np.full((*lead, *shape), NO_DAY, np.int32)

    model = RadarModel(
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.int16),
        day(),
        f32(2, TERMS),
        f32(TERMS * (TERMS + 1) // 2),
        f32(2),
        f32(),
        day(),
        day(),
        f32(2),
    )
    dynamic = RadarDynamic(
        np.zeros(shape, np.uint8),
        day(),
        day(),
        day(),
        day(),
        day(),
        day(),
        f32(),
        f32(2),
        np.zeros(shape, np.uint8),
        np.zeros((MEMORY, 2, *shape), np.int16),
        day(MEMORY),
        np.zeros((MEMORY, *shape), np.uint8),
    )
    return RadarState(model, dynamic)


def meta() -> dict[str, Any]:
    """What a state needs beside its arrays, as JSON values."""
    return {"sensor": "sentinel-1", "channels": ["VV", "VH"], "schema_version": SCHEMA_VERSION}


def from_arrays(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> RadarState:
    """State from what `core.sensor.flat` and `meta` gave.

    Raises GossanError(STATE) when an array is missing or a newer version wrote it.
    """
    version = int(meta.get("schema_version", SCHEMA_VERSION))
    if version > SCHEMA_VERSION:
        raise GossanError(
            Code.STATE,
            tr(
                "The radar state has schema version {version}; this gossan reads up to "
                "{supported}.",
                version=version,
                supported=SCHEMA_VERSION,
            ),
            tr("Update gossan, or run the update into a new case folder."),
        )
    joined = dict(arrays)
    for name in _RING:
        slots = [f"{name}_{i}" for i in range(MEMORY)]
        if all(slot in arrays for slot in slots):
            joined[name] = np.stack([arrays[slot] for slot in slots])
    wanted = (*RadarModel._fields, *RadarDynamic._fields)
    missing = [name for name in wanted if name not in joined]
    if missing:
        raise GossanError(
            Code.STATE,
            tr("The stored radar state lacks {missing}.", missing=", ".join(missing)),
            tr(
                "Remove state-radar.icechunk and run the update again: it is rebuilt from the "
                "scenes."
            ),
        )
    return RadarState(
        RadarModel(*(np.ascontiguousarray(joined[n]) for n in RadarModel._fields)),
        RadarDynamic(*(np.ascontiguousarray(joined[n]) for n in RadarDynamic._fields)),
    )


def copied(dynamic: RadarDynamic) -> RadarDynamic:
    """A copy that may be written to."""
    arrays: list[Any] = [a.copy() for a in dynamic]
    return RadarDynamic(*arrays)


def strength(state: RadarState) -> NDArray[np.float32]:
    """Size of each pixel's change in units of its noise: root mean square over VV and VH."""
    ratio = state.dynamic.change
    size: NDArray[np.float32] = np.sqrt((state.model.looks * ratio**2).mean(axis=0))
    return np.where(np.isfinite(size), size, 0).astype(np.float32)


def at_home(state: RadarState, support: int) -> NDArray[np.bool_]:
    """False for changed pixels that only look into a neighbour's change, shape (y, x).

    Averaging over `support` pixels lets a change reach half a square beyond its edge. The pixel
    at the edge sees half of it: a pixel whose intensity changed by less than half of the strongest
    change within that reach lies outside.
    """
    shift = np.abs(np.expm1(state.dynamic.change)) * np.sqrt(state.model.looks)
    size = np.where(state.dynamic.status >= Status.PROVISIONAL, np.hypot(shift[0], shift[1]), 0)
    strongest = maximum_filter(size, size=support, mode="constant")
    keep: NDArray[np.bool_] = size >= 0.5 * strongest
    return keep


def disturbances(state: RadarState, grid: GeoBox, support: int) -> Disturbances:
    """What radar says of every pixel of `grid` (shape (y, x)), edges sharpened (`at_home`).

    A step inside the history is EARLY, as in the optical monitor, unless something
    happened since. Needs the whole grid, or that and half a support around it.
    """
    d, m = state.dynamic, state.model
    none = np.int32(NO_DAY)
    outside = (d.status >= Status.PROVISIONAL) & ~at_home(state, support)
    status = np.where(outside, np.uint8(Status.STABLE), d.status)
    early = (status == Status.STABLE) & (m.kind == KIND_AFTER_STEP)
    quiet = outside | early
    size = np.where(status == Status.STABLE, 0, strength(state))
    step = np.sqrt((m.looks * m.step_change**2).mean(axis=0))
    return Disturbances(
        grid=grid,
        status=np.where(early, np.uint8(Status.EARLY), status),
        last_unchanged=np.where(
            early, m.step_before, np.where(outside, d.last_seen, d.last_unchanged)
        ),
        first_changed=np.where(early, m.step_after, np.where(outside, none, d.first_changed)),
        confirmed_on=np.where(quiet, none, d.confirmed_on),
        recovered_on=np.where(quiet, none, d.recovered_on),
        magnitude=np.where(early, step, size).astype(np.float32),
        n_history=m.n_history,
        last_seen=d.last_seen,
        changes=np.where(outside, np.uint8(0), d.changes),
        changed_again=np.full(status.shape, none),
        unchanged_until=np.full(status.shape, none),
    )
