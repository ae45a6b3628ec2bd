"""Blocks of the state: read from a commit, or written into drafts that a commit may join.

Both may be sent to other processes and machines that see the same folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import icechunk
import numpy as np
import zarr

from gossan.core.errors import Code, GossanError
from gossan.core.sensor import Arrays, Groups, Window
from gossan.core.words import tr
from gossan.io.state import layout as state_layout


def windows(shape: tuple[int, int], block: int) -> Iterator[Window]:
    """Blocks that cover a grid, row by row."""
    for y in range(0, shape[0], block):
        for x in range(0, shape[1], block):
            yield slice(y, min(y + block, shape[0])), slice(x, min(x + block, shape[1]))


@dataclass(frozen=True)
class Written:
    """Blocks written by one `Draft.write`: the uncommitted session that holds them and, by
    `group/dtype`, the digest of what was written at `window`."""

    session: icechunk.ForkSession
    window: Window
    digests: dict[str, str]


Opened = dict[str, tuple[state_layout.Layers, dict[str, zarr.Array[Any]]]]
"""Group -> where its arrays lie, and the stored arrays by dtype."""


class Reader:
    """One commit to read from, also by many threads; may be sent to other processes that see
    the same folder."""

    def __init__(self, session: icechunk.Session) -> None:
        self._session = session
        self._opened: Opened | None = None

    def __getstate__(self) -> icechunk.Session:
        return self._session

    def __setstate__(self, session: icechunk.Session) -> None:
        quiet()
        self.__init__(session)  # type: ignore[misc]

    def read(self, window: Window) -> Arrays:
        """All arrays by name in a window, the last two axes being (y, x).

        A block wholly outside the area was never written and reads as zeros.
        """
        with told():
            out: Arrays = {}
            for layers, arrays in self._arrays().values():
                stacks = {t: np.asarray(a[(slice(None), *window)]) for t, a in arrays.items()}
                out |= state_layout.unstacked(stacks, layers)
        return out

    def pieces(self, windows: Sequence[Window]) -> list[Arrays]:
        """As `read` for each of many small windows; every block they touch is read once."""
        with told():
            _, arrays = next(iter(self._arrays().values()))
            chunk = next(iter(arrays.values())).chunks[1:]
        out: list[Arrays] = [{} for _ in windows]
        within: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for i, window in enumerate(windows):
            spans = (
                (p.start // n * n, max(p.start // n * n + n, p.stop))
                for p, n in zip(window, chunk, strict=True)
            )
            within.setdefault(tuple(spans), []).append(i)
        for ((top, bottom), (left, right)), numbers in within.items():
            block = self.read((slice(top, bottom), slice(left, right)))
            for i in numbers:
                rows, cols = windows[i]
                y = slice(rows.start - top, rows.stop - top)
                x = slice(cols.start - left, cols.stop - left)
                out[i] = {name: array[..., y, x].copy() for name, array in block.items()}
        return out

    def digest(self, path: str, window: Window) -> str:
        """Hash of what is stored of `group/dtype` in a block."""
        group, dtype = path.split("/")
        with told():
            array = self._arrays()[group][1][dtype]
            return state_layout.digest(np.asarray(array[(slice(None), *window)]))

    def _arrays(self) -> Opened:
        if self._opened is None:
            root = zarr.open_group(self._session.store, mode="r")
            opened: Opened = {}
            for group, node in root.groups():
                layers = cast(state_layout.Layers, node.attrs.asdict()["layers"])
                arrays = {t: state_layout.array_of(root, f"{group}/{t}") for t in layers}
                opened[group] = layers, arrays
            self._opened = opened  # whole, or another thread would see a part of it
        return self._opened


class Draft:
    """Where blocks are written before a commit; may be sent to other processes."""

    def __init__(self, session: icechunk.ForkSession) -> None:
        self._session = session

    def write(self, window: Window, groups: Groups) -> Written:
        """Write arrays that fill one whole block; they are nothing until committed."""
        with told():
            session = self._session.fork()
            root = zarr.open_group(session.store, mode="r+")
            digests = {}
            for group, arrays in groups.items():
                for dtype, stack in state_layout.stacked(arrays).items():
                    path = f"{group}/{dtype}"
                    state_layout.array_of(root, path)[(slice(None), *window)] = stack
                    digests[path] = state_layout.digest(stack)
        return Written(session, window, digests)


def quiet() -> None:
    """It warns that two writers on a local disk are unsafe; `io.lock` allows one."""
    icechunk.set_logs_filter("error")


@contextmanager
def told() -> Iterator[None]:
    """Say in one sentence what the system said, such as a full disk."""
    try:
        yield
    except (icechunk.IcechunkError, OSError) as err:
        lines = [x.strip(" x|") for x in str(err).splitlines()]
        first = next(filter(None, lines), "")
        of_system = re.search(r"[^:]+\(os error \d+\)", first)
        said = of_system[0].strip() if of_system else first
        raise GossanError(
            Code.STATE,
            tr(
                "The state could not be read or written: {reason}.",
                reason=said or type(err).__name__,
            ),
            tr(
                "Check free space and permissions of the case folder, then run the command again; "
                "it goes on after the last whole scene."
            ),
        ) from err
