"""`state.icechunk`: the monitor's arrays per pixel, every update one atomic commit.

The store knows names, shapes and order of commits; what the arrays mean is the monitor's
business. A commit holds either a fit (all arrays) or one scene stepped (the arrays that
change with a scene), so the state after any scene can be gone back to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import icechunk
import numpy as np
import zarr
from numpy.typing import NDArray

from gossan.core.errors import Code, GossanError

Arrays = dict[str, NDArray[Any]]
Window = tuple[slice, slice]
"""Rows and columns of the grid."""


@dataclass(frozen=True)
class StateHead:
    """What the newest commit says of itself.

    Attributes
    ----------
    key : hash of everything a fit depends on: grid, bands, parameters, history scenes
    meta : what the monitor needs beside its arrays, JSON
    steps : the scenes stepped since the fit, in order, each as `key@content hash`
    snapshot : icechunk's id of the commit
    """

    key: str
    meta: dict[str, Any]
    steps: tuple[str, ...]
    snapshot: str


class StateStore:
    """The state of one case, on local disk."""

    def __init__(self, path: Path, chunk: int = 512) -> None:
        self._chunk = chunk
        if path.exists() and not path.is_dir():
            raise _not_a_store(path)
        # It warns that two writers on a local disk are unsafe; `io.lock` allows one.
        icechunk.set_logs_filter("error")
        storage = icechunk.local_filesystem_storage(str(path))
        try:
            self._repo = icechunk.Repository.open_or_create(storage)
        except icechunk.IcechunkError as err:
            raise _not_a_store(path) from err

    def head(self) -> StateHead | None:
        """The newest commit, or None before the first fit."""
        session = self._repo.readonly_session("main")
        root = self._root(session)
        if root is None:
            return None
        a = root.attrs.asdict()
        return StateHead(
            str(a["key"]),
            cast(dict[str, Any], a["meta"]),
            tuple(cast(list[str], a["steps"])),
            session.snapshot_id,
        )

    def go_back(self, key: str, n_steps: int) -> bool:
        """Make the commit after `n_steps` scenes of the fit `key` the newest again.

        Returns False where no such commit exists; nothing is changed then.
        """
        for snapshot in self._repo.ancestry(branch="main"):
            m = snapshot.metadata
            if m.get("key") == key and m.get("n_steps") == n_steps:
                self._repo.reset_branch("main", snapshot.id)
                return True
        return False

    def begin_fit(self, key: str, meta: Mapping[str, Any], shape: tuple[int, int]) -> Writer:
        """Start a new fit on a grid of `shape` (y, x); nothing counts until committed."""
        session = self._repo.writable_session("main")
        root = zarr.create_group(session.store, overwrite=True)
        root.attrs.update({"key": key, "meta": dict(meta), "steps": []})
        return Writer(session, root, shape, self._chunk)

    def begin_step(self, shape: tuple[int, int]) -> Writer:
        """Start the step of one scene; nothing counts until committed."""
        session = self._repo.writable_session("main")
        root = self._root(session)
        if root is None:
            raise GossanError(Code.STATE, "A step needs a fitted state, found none.")
        return Writer(session, root, shape, self._chunk)

    def read(self, window: Window, names: Iterable[str] | None = None) -> Arrays:
        """Arrays of the newest commit in a window, the last two axes being (y, x)."""
        root = self._root(self._repo.readonly_session("main"))
        if root is None:
            raise GossanError(
                Code.STATE, "The case has no state yet.", "Run `gossan update` first."
            )
        wanted = list(root.array_keys()) if names is None else list(names)
        return {n: np.asarray(_array(root, n)[(..., *window)]) for n in sorted(wanted)}

    @staticmethod
    def _root(session: icechunk.Session) -> zarr.Group | None:
        try:
            return zarr.open_group(session.store, mode="r" if session.read_only else "r+")
        except FileNotFoundError:
            return None


class Writer:
    """One commit in the making."""

    def __init__(
        self, session: icechunk.Session, root: zarr.Group, shape: tuple[int, int], chunk: int
    ) -> None:
        self._session, self._root, self._shape, self._chunk = session, root, shape, chunk

    def write(self, window: Window, arrays: Arrays) -> None:
        """Write arrays whose last two axes fill the window; creates them when new."""
        for name, values in arrays.items():
            if name not in self._root:
                lead = values.shape[:-2]
                tile = tuple(min(self._chunk, n) for n in self._shape)
                self._root.create_array(
                    name,
                    shape=(*lead, *self._shape),
                    chunks=(*lead, *tile),
                    dtype=values.dtype,
                    fill_value=0,
                )
            _array(self._root, name)[(..., *window)] = values

    def commit_fit(self, key: str) -> None:
        """Make the fit the newest state."""
        self._session.commit("fit", metadata={"key": key, "n_steps": 0})

    def commit_step(self, scene: str) -> None:
        """Make the state after `scene` the newest."""
        attrs = self._root.attrs.asdict()
        steps = [*cast(list[str], attrs["steps"]), scene]
        self._root.attrs["steps"] = steps
        self._session.commit(f"step {scene}", metadata={"key": attrs["key"], "n_steps": len(steps)})


def _not_a_store(path: Path) -> GossanError:
    return GossanError(
        Code.STATE,
        f"{path.name} should be an icechunk store, but could not be opened as one.",
        "Remove it and run `gossan update`; the state is rebuilt from the scenes already read.",
    )


def _array(root: zarr.Group, name: str) -> zarr.Array[Any]:
    return cast("zarr.Array[Any]", root[name])
