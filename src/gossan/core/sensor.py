"""What a sensor is to those who follow it: the Protocols that search, store, driver and engine ask.

A monitor binds the kernels of one sensor to parameters; the loop (`monitor.loop`), the blocks and
the store know pixels only through these, so that another sensor needs none of them changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
"""Arrays by name, the last two axes being (y, x)."""

Groups = Mapping[str, Mapping[str, NDArray[Any]]]
"""Group -> arrays by name; arrays of one group change together."""

Window = tuple[slice, slice]
"""Rows and columns."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a sensor's pixels are stored.

    Attributes
    ----------
    dtype : "uint16", 0 being no data; or "float32" of physical values above 0, NaN no data
    classes : name of the layer with the scene classification, "" where there is none
    """

    dtype: str
    classes: str

    @property
    def whole(self) -> bool:
        """True for whole numbers."""
        return self.dtype == "uint16"

    @property
    def nodata(self) -> float:
        """What stands where nothing is known."""
        return 0 if self.whole else float("nan")

    def known(self, pixels: NDArray[Any]) -> NDArray[np.bool_]:
        """True where something is known."""
        return np.asarray(pixels != 0 if self.whole else pixels > 0)


CLASSED = Numbers("uint16", "SCL")
"""Numbers of surface reflectance, and a scene classification as that of Sentinel-2."""
POWER = Numbers("float32", "")
"""Linear power."""


class State(Protocol):
    """What a monitor remembers of a block of pixels."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    def groups(self) -> Groups:
        """All arrays, those together that change together; views that may be written to."""

    def blank(self, shape: tuple[int, int]) -> Self:
        """A state of the same kind in which no pixel has a model and none was ever seen."""


S = TypeVar("S", bound=State)
C = TypeVar("C")
"""What one scene has in common: an offset of all ground, the weather of a radar image."""


@dataclass(frozen=True)
class Observation:
    """One acquisition over some pixels.

    Attributes
    ----------
    day : days since 1970-01-01
    values : (bands, y, x): float32 physical values, NaN unknown; or uint16 numbers, 0 unknown,
        of which value = number * scale + offset
    usable : True where the ground was seen, (y, x)
    scale, offset : float32 (bands,), None where the values are physical
    """

    day: int
    values: NDArray[np.float32] | NDArray[np.uint16]
    usable: NDArray[np.bool_]
    scale: NDArray[np.float32] | None = None
    offset: NDArray[np.float32] | None = None

    def physical(self) -> NDArray[np.float32]:
        """The values as float32 (bands, y, x), NaN where nothing is known."""
        if self.scale is None or self.offset is None:
            return np.asarray(self.values, np.float32)
        out: NDArray[np.float32] = self.values * self.scale[:, None, None]
        out += self.offset[:, None, None]
        out[self.values == 0] = np.nan
        return out


class Monitor(Protocol[S, C]):
    """How pixels of one sensor are followed: its kernels bound to parameters."""

    @property
    def params(self) -> Any:
        """The parameters, a dataclass: what the evidence names."""

    def prepared(
        self, values: NDArray[np.float32], usable: NDArray[np.bool_], days: NDArray[np.int32]
    ) -> Self:
        """A monitor that knows what the scenes of a history have in common, learned from the
        reference pixels: values (time, bands, y, x), usable (time, y, x), ascending days."""

    def resumed(self, meta: Mapping[str, Any], /) -> Self:
        """The monitor as it was prepared when a state with this `meta` was learned."""

    def fit(
        self, values: NDArray[np.float32], usable: NDArray[np.bool_], days: NDArray[np.int32]
    ) -> S:
        """State after the history it was prepared for; arrays as for `prepared`."""

    def relearns(self, before: int, day: int, /) -> bool:
        """Whether pixels are learned anew between a scene on day `before` and one on `day`."""

    def due(self, state: S) -> NDArray[np.bool_]:
        """Pixels (y, x) to be learned anew on such a day."""

    def refit(
        self,
        state: S,
        values: NDArray[np.float32],
        usable: NDArray[np.bool_],
        days: NDArray[np.int32],
        common: Sequence[C],
        /,
    ) -> S:
        """State with new models where they are due, from all scenes so far and what each of them
        has in common; `state` stays as it is."""

    def noted(self, notes: Sequence[Mapping[str, Any]], /) -> list[C]:
        """What `fit_note` and then `note` said, as `refit` wants it, one for each scene."""

    def common(self, state: S, seen: Observation) -> C:
        """What a scene has in common, from the state of the reference pixels before it."""

    def step(self, state: S, seen: Observation, common: C) -> tuple[S, Groups]:
        """State after one more scene and the arrays that changed. `state` is used up: it may have
        been written into."""

    def copied(self, state: S) -> S:
        """A state that stays as it is while the other one is stepped."""

    def restored(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> S:
        """State from stored arrays. Raises GossanError (STATE) for another version's."""

    def blank(self) -> S:
        """A state of one pixel, for the layout of a store."""

    def meta(self) -> dict[str, Any]:
        """What a state needs beside its arrays, as JSON values."""

    def status(self, state: S) -> NDArray[np.uint8]:
        """`Status` of every pixel (y, x)."""

    def fit_note(self) -> dict[str, Any]:
        """What the evidence of a fit says of its scenes, as JSON values."""

    def note(self, common: C) -> dict[str, Any]:
        """What the evidence of a step says of its scene, as JSON values."""


class NeverAnew(Generic[S, C]):
    """The part of a `Monitor` that learns no pixel anew."""

    def relearns(self, _before: int, _day: int, /) -> bool:
        """Never."""
        return False

    def due(self, state: S) -> NDArray[np.bool_]:
        """Nowhere."""
        return np.zeros(state.shape, np.bool_)

    def refit(
        self,
        state: S,
        _values: NDArray[np.float32],
        _usable: NDArray[np.bool_],
        _days: NDArray[np.int32],
        _common: Sequence[C],
        /,
    ) -> S:
        """The same state."""
        return state

    def noted(self, _notes: Sequence[Mapping[str, Any]], /) -> list[C]:
        """Nothing that `refit` wants."""
        return []


def changed(before: Groups, after: Groups) -> dict[str, Arrays]:
    """Of `after`, the arrays of every group and dtype in which anything differs from `before`.

    Bits decide: a NaN equals itself, -0.0 differs from 0.0.
    """
    out: dict[str, Arrays] = {}
    for group, arrays in after.items():
        old = before[group]
        touched = {a.dtype for n, a in arrays.items() if not _same(old[n], a)}
        kept = {n: a for n, a in arrays.items() if a.dtype in touched}
        if kept:
            out[group] = kept
    return out


def flat(state: State) -> Arrays:
    """All arrays of a state by name."""
    return {name: a for arrays in state.groups().values() for name, a in arrays.items()}


def cut(state: S, rows: slice, cols: slice) -> S:
    """The pixels of a window, as a state of their own (copied)."""
    return _taken(state, (..., rows, cols), _size(rows, cols, state.shape))


def pick(state: S, rows: NDArray[np.int64], cols: NDArray[np.int64]) -> S:
    """Single pixels as a state of one row, in the order given."""
    return _taken(state, (..., rows, cols), (1, len(rows)))


def assemble(blocks: Mapping[tuple[int, int], S], shape: tuple[int, int]) -> S:
    """Join blocks given by the (row, column) of their first pixel into one state of `shape`;
    there must be one. Pixels no block covers are blank."""
    whole = next(iter(blocks.values())).blank(shape)
    target = flat(whole)
    for (row, col), block in blocks.items():
        ny, nx = block.shape
        for name, array in flat(block).items():
            target[name][..., row : row + ny, col : col + nx] = array
    return whole


def _taken(state: S, at: Any, shape: tuple[int, int]) -> S:
    out = state.blank(shape)
    target = flat(out)
    for name, array in flat(state).items():
        target[name][...] = array[at].reshape(target[name].shape)
    return out


def _size(rows: slice, cols: slice, shape: tuple[int, int]) -> tuple[int, int]:
    return len(range(*rows.indices(shape[0]))), len(range(*cols.indices(shape[1])))


def _same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    if a is b:
        return True
    bits = f"u{a.dtype.itemsize}"
    return a.shape == b.shape and np.array_equal(a.view(bits), b.view(bits))
