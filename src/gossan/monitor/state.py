"""The monitor's memory: named arrays of plain numpy types, last two axes (y, x)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.core.dates import NO_DAY
from gossan.core.errors import Code, GossanError
from gossan.core.values import Disturbances, Status
from gossan.kernels.history import Model
from gossan.kernels.track import Dynamic

SCHEMA_VERSION = 1
AFTER_BREAK = 2
"""`kind` of a model that describes the ground after a step inside the history."""
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class MonitorState:
    """State of a block of pixels.

    Attributes
    ----------
    bands : canonical band names, in the order of `coef`
    model : changes only at a fit, arrays (..., y, x)
        kind uint8: 0 no model, 1 fitted on stable ground, 2 fitted after a break in the
        history; n_history int16: observations with weight; dof int16: degrees of freedom of
        the noise; coef float32 (bands, terms, y, x): reflectance; white float32
        (bands(bands+1)/2, y, x): rows of the inverse Cholesky factor of the residual
        covariance, 1/reflectance; spread float32 (terms(terms+1)/2, y, x): lower triangle of
        the inverse Gram matrix, in observations^-1
    dynamic : changes with a scene, arrays (y, x)
        status, first_changed, confirmed_on, recovered_on, last_seen, magnitude as in
        `core.values.Disturbances`; last_unchanged: the same once something changed, else the
        last fit; run, fits, guarded uint8: consecutive exceedances, fits since a change and
        cloud-like exceedances; last_fit, run_first int32 days: last fitting observation and
        first exceedance of the run; run_magnitude float32: mean size of the run
    """

    bands: tuple[str, ...]
    model: Model
    dynamic: Dynamic

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        y, x = self.model.kind.shape
        return int(y), int(x)


def model_names() -> tuple[str, ...]:
    """Names of the arrays that change only at a fit."""
    return Model._fields


def dynamic_names() -> tuple[str, ...]:
    """Names of the arrays that change with a scene."""
    return Dynamic._fields


def empty(bands: tuple[str, ...], harmonics: int, shape: tuple[int, int]) -> MonitorState:
    """State in which no pixel has a model and none was ever seen."""
    nb, p = len(bands), 1 + 2 * harmonics

    def f32(*lead: int) -> NDArray[np.float32]:
        return np.zeros((*lead, *shape), np.float32)

    def u8() -> NDArray[np.uint8]:
        return np.zeros(shape, np.uint8)

    def day() -> NDArray[np.int32]:
        return np.full(shape, NO_DAY, np.int32)

    model = Model(
        u8(), np.zeros(shape, np.int16), np.zeros(shape, np.int16),
        f32(nb, p), f32(nb * (nb + 1) // 2), f32(p * (p + 1) // 2),
    )  # fmt: skip
    dynamic = Dynamic(
        u8(), u8(), u8(), u8(), day(), day(), day(), day(), day(), day(), day(), f32(), f32()
    )
    return MonitorState(bands, model, dynamic)


def model_arrays(state: MonitorState) -> Arrays:
    """Arrays that change only at a fit, by name."""
    return dict(zip(Model._fields, state.model, strict=True))


def dynamic_arrays(state: MonitorState) -> Arrays:
    """Arrays that change with a scene, by name."""
    return dict(zip(Dynamic._fields, state.dynamic, strict=True))


def to_arrays(state: MonitorState) -> Arrays:
    """All arrays by name; with `meta` enough for `from_arrays`."""
    return model_arrays(state) | dynamic_arrays(state)


def copied(dynamic: Dynamic) -> Dynamic:
    """A copy that may be written to."""
    arrays: list[Any] = [a.copy() for a in dynamic]
    return Dynamic(*arrays)


def meta(state: MonitorState) -> dict[str, Any]:
    """What a state needs beside its arrays, as JSON values."""
    return {"bands": list(state.bands), "schema_version": SCHEMA_VERSION}


def from_arrays(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> MonitorState:
    """State from what `to_arrays` and `meta` gave.

    Raises GossanError(STATE) when an array is missing or a newer version wrote it.
    """
    version = int(meta.get("schema_version", SCHEMA_VERSION))
    if version > SCHEMA_VERSION:
        raise GossanError(
            Code.STATE,
            f"The state has schema version {version}; this gossan reads up to {SCHEMA_VERSION}.",
            "Update gossan, or run the update into a new case folder.",
        )
    wanted = (*Model._fields, *Dynamic._fields)
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise GossanError(
            Code.STATE,
            f"The stored state lacks {', '.join(missing)}.",
            "Remove state.icechunk and run the update again: it is rebuilt from the scenes.",
        )
    return MonitorState(
        tuple(meta["bands"]),
        Model(*(np.ascontiguousarray(arrays[n]) for n in Model._fields)),
        Dynamic(*(np.ascontiguousarray(arrays[n]) for n in Dynamic._fields)),
    )


def cut(state: MonitorState, rows: slice, cols: slice) -> MonitorState:
    """The pixels of a window, as a state of their own (copied)."""
    part = {n: a[..., rows, cols] for n, a in to_arrays(state).items()}
    return from_arrays(part, meta(state))


def assemble(
    blocks: Mapping[tuple[int, int], MonitorState], shape: tuple[int, int]
) -> MonitorState:
    """Join blocks given by the (row, column) of their first pixel into one state of `shape`.

    Pixels no block covers are as in `empty`. Raises GossanError(STATE) for no block.
    """
    if not blocks:
        raise GossanError(Code.STATE, "There is no block to join.", "Fit at least one block.")
    first = next(iter(blocks.values()))
    whole = empty(first.bands, (first.model.coef.shape[1] - 1) // 2, shape)
    target = to_arrays(whole)
    for (row, col), block in blocks.items():
        ny, nx = block.shape
        for name, array in to_arrays(block).items():
            target[name][..., row : row + ny, col : col + nx] = array
    return whole


def disturbances(state: MonitorState, grid: GeoBox) -> Disturbances:
    """What the state says of every pixel of `grid` (shape (y, x)).

    A step found inside the history stands on the very looks its model was learned from, and
    a change in how the provider processed its images looks the same: it is reported as
    EARLY, never as confirmed.
    """
    d = state.dynamic
    learned = (state.model.kind == AFTER_BREAK) & (d.status == Status.CONFIRMED)
    return Disturbances(
        grid=grid,
        status=np.where(learned, np.uint8(Status.EARLY), d.status),
        last_unchanged=d.last_unchanged,
        first_changed=d.first_changed,
        confirmed_on=np.where(learned, np.int32(NO_DAY), d.confirmed_on),
        recovered_on=d.recovered_on,
        magnitude=d.magnitude,
        n_history=state.model.n_history,
        last_seen=d.last_seen,
    )
