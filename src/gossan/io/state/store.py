"""`state.icechunk`: the monitor's arrays per pixel, every scene one atomic commit.

The store knows names, shapes and order of commits; what the arrays mean is the monitor's
business. The line of commits that counts starts with a fit (all arrays) and goes on with one
commit for each scene stepped (chunks that differ from what was there). Any commit of the line
can be read, and gone back to. Blocks are written by any number of threads or processes into
drafts, which are nothing until one writer joins them to a commit.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icechunk
import zarr

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes, hash_json
from gossan.core.sensor import Groups, Window
from gossan.core.words import tr
from gossan.io.state import layout as state_layout
from gossan.io.state.blocks import Draft, Reader, Written, quiet, told, windows

NEXT = "next"
"""Branch on which a new fit is written while `main` still holds the state before it."""

BEFORE_BRANCH = ("config.yaml", "refs", "snapshots", "transactions")
"""All that icechunk has written when the branch `main` comes to be."""

LITTLE_S = 10.0
"""Seconds that are waited for a clock that was set back."""

LAYOUT = 2
"""Version of how arrays lie in the store."""

Digests = dict[str, list[str]]
"""`group/dtype` -> SHA-256 of each block, row by row; empty for a block never written."""


@dataclass(frozen=True)
class Commit:
    """What one commit says of itself.

    Attributes
    ----------
    snapshot, parent : icechunk's ids of this commit and the one before
    key : hash of everything the fit depends on: grid, bands, parameters, history scenes
    n : scenes stepped since the fit; 0 is the fit itself
    chain : hash over `key` and the names of those scenes in order
    meta : what the monitor needs beside its arrays, JSON
    shape, block : the grid's (y, x) and the side of a block, pixels
    digests : hash of each stored block
    note : what the writer wanted kept with the commit, JSON
    """

    snapshot: str
    parent: str
    key: str
    n: int
    chain: str
    meta: dict[str, Any]
    shape: tuple[int, int]
    block: int
    digests: Digests
    note: dict[str, Any]

    @property
    def state_hash(self) -> str:
        """Hash of the whole state: the same arrays in the same blocks give the same."""
        return hash_json({"shape": list(self.shape), "block": self.block, "digests": self.digests})

    def windows(self) -> Iterator[Window]:
        """The blocks of the grid, row by row."""
        return windows(self.shape, self.block)


def chained(chain: str, scene: str) -> str:
    """The chain one scene further; a fit's chain is its key."""
    return hash_bytes(f"{chain} {scene}".encode())


class StateStore:
    """The state of one case, on a local disk or one that is shared like it."""

    def __init__(self, path: Path) -> None:
        """Open it; nothing is written. Raises GossanError (STATE) where it is none."""
        if not path.is_dir():
            raise _not_a_store(path)
        self._path = path
        quiet()
        try:
            self._repo = icechunk.Repository.open(icechunk.local_filesystem_storage(str(path)))
        except icechunk.IcechunkError as err:
            if _unfinished(path):
                raise GossanError(
                    Code.STATE,
                    tr(
                        "{file} is unfinished: gossan was stopped while it made it.", file=path.name
                    ),
                    tr("Run `gossan update`; it is made again."),
                ) from err
            raise _not_a_store(path) from err

    @classmethod
    def made(cls, path: Path) -> StateStore:
        """The store at `path`, made where there is none. It appears whole or not at all; what a
        gossan that was killed while making it has left there is made again.

        Raises GossanError (STATE) where something else is there.
        """
        quiet()
        if not path.exists() or _unfinished(path):
            part = path.with_name(f".{path.name}.part")
            with told():
                shutil.rmtree(part, ignore_errors=True)
                icechunk.Repository.create(icechunk.local_filesystem_storage(str(part)))
                if path.exists():
                    shutil.rmtree(path)
                part.rename(path)
        return cls(path)

    def head(self) -> Commit | None:
        """The newest commit, or None before the first fit."""
        try:
            return _commit(self._repo.lookup_snapshot(self._repo.lookup_branch("main")))
        except icechunk.IcechunkError as err:
            raise _not_a_store(self._path) from err

    def line(self) -> Iterator[Commit]:
        """The commits that count, newest first, down to the fit."""
        for info in self._repo.ancestry(branch="main"):
            commit = _commit(info)
            if commit is None:
                return
            yield commit
            if commit.n == 0:
                return

    def reader(self, commit: Commit) -> Reader:
        """The state as it was with `commit`."""
        return Reader(self._repo.readonly_session(snapshot_id=commit.snapshot))

    def hash_of(self, commit: Commit) -> str:
        """The hash of what is really stored with a commit; `commit.state_hash` if all is well."""
        arrays = self.reader(commit)
        found = {
            path: [
                told and arrays.digest(path, w)
                for told, w in zip(known, commit.windows(), strict=True)
            ]
            for path, known in commit.digests.items()
        }
        return replace(commit, digests=found).state_hash

    def go_back(self, commit: Commit) -> None:
        """Make a commit of the line the newest again."""
        with told():
            self._repo.reset_branch("main", commit.snapshot)

    def begin_fit(self, example: Groups, shape: tuple[int, int], block: int) -> Draft:
        """Begin a new line on a grid of `shape` (y, x) whose arrays are like those of
        `example`, of any size; `main` stays as it is."""
        with told():
            if NEXT in self._repo.list_branches():  # left by one that was killed
                self._repo.delete_branch(NEXT)
            *_, root_snapshot = self._repo.ancestry(branch="main")
            _await(root_snapshot.written_at)
            self._repo.create_branch(NEXT, root_snapshot.id)
            session = self._repo.writable_session(NEXT)
            root = zarr.create_group(session.store)
            state_layout.create(root, example, shape, block)
            session.commit("layout", metadata={"layout": LAYOUT})
            return Draft(self._repo.writable_session(NEXT).fork())

    def commit_fit(
        self,
        written: Iterable[Written],
        *,
        key: str,
        meta: Mapping[str, Any],
        shape: tuple[int, int],
        block: int,
        note: Mapping[str, Any],
    ) -> Commit:
        """Make the fit begun last the newest state; the line before it is left behind."""
        n_blocks = sum(1 for _ in windows(shape, block))
        first = Commit("", "", key, 0, key, dict(meta), shape, block, {}, dict(note))
        with told():
            session = self._repo.writable_session(NEXT)
            self._after_parent(session)
            made = _join(session, written, first, n_blocks, "fit")
            self._repo.reset_branch("main", made.snapshot)
            self._repo.delete_branch(NEXT)
        return made

    def begin_steps(self) -> Draft:
        """Begin the steps of the scenes that follow the newest commit."""
        with told():
            session = self._repo.writable_session("main")
            self._after_parent(session)
            return Draft(session.fork())

    def commit_step(
        self, written: Iterable[Written], before: Commit, scene: str, note: Mapping[str, Any]
    ) -> Commit:
        """Make the state after one more scene the newest; `before` is the newest until then.

        Raises GossanError (STATE) where someone else has written since.
        """
        after = Commit(
            "",
            "",
            before.key,
            before.n + 1,
            chained(before.chain, scene),
            before.meta,
            before.shape,
            before.block,
            before.digests,
            dict(note),
        )
        n_blocks = sum(1 for _ in before.windows())
        with told():
            session = self._repo.writable_session("main")
            if session.snapshot_id != before.snapshot:
                raise GossanError(
                    Code.STATE,
                    tr("Another program has written to the state while this one was working."),
                    tr("Run the command again; it goes on after the last whole scene."),
                )
            self._after_parent(session)
            return _join(session, written, after, n_blocks, f"step {scene}")

    def _after_parent(self, session: icechunk.Session) -> None:
        """See that a commit of `session` can be newer than the one it follows."""
        _await(self._repo.lookup_snapshot(session.snapshot_id).written_at)

    def collect(self) -> int:
        """Delete what no commit of the line needs; returns the bytes freed.

        That is lines gone back from or replaced by a new fit, and blocks of commits that
        were never made. Nothing that `line` gives is touched.
        """
        with told():
            return int(self._repo.garbage_collect(datetime.now(UTC)).bytes_deleted)


def _unfinished(path: Path) -> bool:
    """A store that holds nothing yet and has no whole branch: it was being made."""
    if not path.is_dir() or any(p.name not in BEFORE_BRANCH for p in path.iterdir()):
        return False
    try:
        repo = icechunk.Repository.open(icechunk.local_filesystem_storage(str(path)))
        repo.lookup_snapshot(repo.lookup_branch("main"))
    except icechunk.IcechunkError:
        return True
    return False


def _await(before: datetime) -> None:
    """icechunk refuses a commit older than the one it follows: wait where the clock was set back
    by a little, as it is by the network. Raises GossanError (STATE) for more."""
    now = datetime.now(UTC)
    ahead = (before - now).total_seconds()
    if ahead > LITTLE_S:
        raise GossanError(
            Code.STATE,
            tr(
                "The clock was set back: it says {now:%Y-%m-%d %H:%M} UTC, and the newest commit "
                "of the state was made at {before:%Y-%m-%d %H:%M}.",
                now=now,
                before=before,
            ),
            tr(
                "Set the clock right and run the command again. If it was wrong before, remove "
                "the state's folder first: it is rebuilt from the scenes already read."
            ),
        )
    if ahead > 0:
        time.sleep(ahead)


def _join(
    session: icechunk.Session,
    written: Iterable[Written],
    commit: Commit,
    n_blocks: int,
    message: str,
) -> Commit:
    """Commit the blocks of many drafts at once, with new digests where they were written."""
    digests = {path: list(old) for path, old in commit.digests.items()}
    across = -(-commit.shape[1] // commit.block)
    root = zarr.open_group(session.store, mode="r+")
    # icechunk refuses a commit that changes nothing, and a scene may change nothing
    root.attrs.update({"n": commit.n, "chain": commit.chain})
    for part in written:
        session.merge(part.session)
        row, col = part.window[0].start // commit.block, part.window[1].start // commit.block
        for path, digest in part.digests.items():
            digests.setdefault(path, [""] * n_blocks)[row * across + col] = digest
    metadata = {
        "layout": LAYOUT,
        "key": commit.key,
        "n": commit.n,
        "chain": commit.chain,
        "meta": commit.meta,
        "shape": list(commit.shape),
        "block": commit.block,
        "digests": digests,
        "note": commit.note,
    }
    parent = session.snapshot_id
    return _parsed(session.commit(message, metadata=metadata), parent, metadata)


def _commit(info: icechunk.SnapshotInfo) -> Commit | None:
    """None for the commits below a fit, which hold no state."""
    m = info.metadata
    if "n" not in m:
        return None
    return _parsed(info.id, str(info.parent_id), m)


def _parsed(snapshot: str, parent: str, m: Mapping[str, Any]) -> Commit:
    if m.get("layout") != LAYOUT:
        raise GossanError(
            Code.STATE,
            tr(
                "The state has layout {found}, this gossan reads {expected}.",
                found=m.get("layout"),
                expected=LAYOUT,
            ),
            tr(
                "Use the gossan that wrote it; or remove state.icechunk and run `gossan update`: "
                "it is rebuilt from the scenes already read."
            ),
        )
    return Commit(
        snapshot,
        parent,
        str(m["key"]),
        int(m["n"]),
        str(m["chain"]),
        dict(m["meta"]),
        (int(m["shape"][0]), int(m["shape"][1])),
        int(m["block"]),
        {str(k): list(v) for k, v in m["digests"].items()},
        dict(m["note"]),
    )


def _not_a_store(path: Path) -> GossanError:
    return GossanError(
        Code.STATE,
        tr("{file} should be an icechunk store, but could not be opened as one.", file=path.name),
        tr("Remove it and run `gossan update`; the state is rebuilt from the scenes already read."),
    )
