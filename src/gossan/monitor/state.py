"""The monitor's memory: named arrays of plain numpy types, last two axes (y, x).

Three groups, because they change at different times: the *model* (32 bytes a pixel) at a fit,
the *dynamic* state (10 bytes) with every scene, the *events* in few places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.core.dates import NO_DAY
from gossan.core.errors import Code, GossanError
from gossan.core.sensor import Groups
from gossan.core.values import Disturbances, Status
from gossan.core.words import tr
from gossan.kernels.history import Model
from gossan.kernels.pack import KIND_WORD, WORDS
from gossan.kernels.track import KIND_AFTER_BREAK, Dynamic, Events, size_of, status_block

SCHEMA_VERSION = 2


@dataclass(frozen=True)
class MonitorState:
    """State of a block of pixels.

    Attributes
    ----------
    bands : canonical names of the bands followed, by slot of `model.words`
    model, dynamic, events : see `kernels.history.Model`, `kernels.track.Dynamic`, `Events`
    """

    bands: tuple[str, ...]
    model: Model
    dynamic: Dynamic
    events: Events

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        y, x = self.dynamic.phase.shape
        return int(y), int(x)

    @property
    def kind(self) -> NDArray[np.uint32]:
        """What ground each model was learned on, `kernels.track.KIND_*`, shape (y, x)."""
        kinds: NDArray[np.uint32] = self.model.words[KIND_WORD] >> np.uint32(30)
        return kinds

    def groups(self) -> Groups:
        """All arrays by name, in the groups that change together."""
        events = (f"event_{n}" for n in Events._fields)
        return {
            "model": dict(zip(Model._fields, self.model, strict=True)),
            "dynamic": dict(zip(Dynamic._fields, self.dynamic, strict=True)),
            "events": dict(zip(events, self.events, strict=True)),
        }

    def blank(self, shape: tuple[int, int]) -> MonitorState:
        """As `empty`."""
        return empty(self.bands, shape)


def empty(bands: tuple[str, ...], shape: tuple[int, int]) -> MonitorState:
    """State in which no pixel has a model and none was ever seen."""

    def u8() -> NDArray[np.uint8]:
        return np.zeros(shape, np.uint8)

    def u16() -> NDArray[np.uint16]:
        return np.zeros(shape, np.uint16)

    return MonitorState(
        bands,
        Model(np.zeros((WORDS, *shape), np.uint32), u16(), u16()),
        Dynamic(u8(), u16(), u16(), u16(), u8(), u8(), u8()),
        Events(
            u16(),
            u16(),
            u16(),
            u16(),
            u8(),
            u16(),
            u16(),
            u16(),
            u8(),
            np.zeros((2, *shape), np.uint32),
        ),
    )


def copied(state: MonitorState, *, model: bool = False) -> MonitorState:
    """A state whose dynamic state and events (and model) may be written to."""
    dynamic: list[Any] = [a.copy() for a in state.dynamic]
    events: list[Any] = [a.copy() for a in state.events]
    words: list[Any] = [a.copy() for a in state.model] if model else list(state.model)
    return MonitorState(state.bands, Model(*words), Dynamic(*dynamic), Events(*events))


def meta(state: MonitorState) -> dict[str, Any]:
    """What a state needs beside its arrays, as JSON values."""
    return {"bands": list(state.bands), "schema_version": SCHEMA_VERSION}


def from_arrays(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> MonitorState:
    """State from what `core.sensor.flat` and `meta` gave.

    Raises GossanError(STATE) when an array is missing or another version wrote it.
    """
    version = int(meta.get("schema_version", 1))
    if version != SCHEMA_VERSION:
        raise GossanError(
            Code.STATE,
            tr(
                "The state has schema version {version}; this gossan reads {supported}.",
                version=version,
                supported=SCHEMA_VERSION,
            ),
            tr(
                "Remove state.icechunk and run the update again: it is rebuilt from the scenes "
                "already read."
            )
            if version < SCHEMA_VERSION
            else tr("Update gossan, or run the update into a new case folder."),
        )
    events = tuple(f"event_{n}" for n in Events._fields)
    wanted = (*Model._fields, *Dynamic._fields, *events)
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise GossanError(
            Code.STATE,
            tr("The stored state lacks {missing}.", missing=", ".join(missing)),
            tr("Remove state.icechunk and run the update again: it is rebuilt from the scenes."),
        )
    return MonitorState(
        tuple(meta["bands"]),
        Model(*(np.ascontiguousarray(arrays[n]) for n in Model._fields)),
        Dynamic(*(np.ascontiguousarray(arrays[n]) for n in Dynamic._fields)),
        Events(*(np.ascontiguousarray(arrays[n]) for n in events)),
    )


_CODES = np.array(
    [
        Status.NO_MODEL,
        Status.STABLE,
        Status.PROVISIONAL,
        Status.EARLY,
        Status.CONFIRMED,
        Status.RECOVERED,
    ],
    np.uint8,
)
"""As `kernels.track.status_block` takes them."""


def status(state: MonitorState) -> NDArray[np.uint8]:
    """`Status` of every pixel, uint8 (y, x).

    A step found inside the history stands on the very looks its model was learned from, and
    a change in how the provider processed its images looks the same: it is EARLY, never
    confirmed.
    """
    said: NDArray[np.uint8] = status_block(state.dynamic, state.events, _CODES)
    return said


def disturbances(state: MonitorState, grid: GeoBox) -> Disturbances:
    """What the state says of every pixel of `grid` (shape (y, x))."""
    d, e = state.dynamic, state.events
    said = status(state)
    suspect = said == Status.PROVISIONAL
    sizes = np.array([0, *(float(size_of(i)) for i in range(1, 256))], np.float32)
    return Disturbances(
        grid=grid,
        status=said,
        last_unchanged=_days(np.where(suspect | (said == Status.STABLE), d.fitted, e.unchanged)),
        first_changed=_days(np.where(suspect, d.first, e.first)),
        confirmed_on=_days(e.confirmed),
        recovered_on=_days(np.where(said == Status.RECOVERED, e.recovered, 0)),
        magnitude=sizes[np.where(suspect, d.size, e.size)],
        n_history=state.model.history.astype(np.int16),
        last_seen=_days(d.seen),
        changes=e.changes,
        changed_again=_days(e.again_first),
        unchanged_until=_days(e.again_unchanged),
    )


def _days(short: NDArray[Any]) -> NDArray[np.int32]:
    """Days since 1970 as int32, NO_DAY for 0."""
    days = short.astype(np.int32)
    days[short == 0] = NO_DAY
    return days


def learned_early(state: MonitorState) -> NDArray[np.bool_]:
    """True where the model describes the ground after a step inside the history."""
    early: NDArray[np.bool_] = state.kind == KIND_AFTER_BREAK
    return early
