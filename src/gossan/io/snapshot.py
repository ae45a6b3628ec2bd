"""A SQLite file as it is now, copied into memory: reading it writes nothing beside it.

SQLite itself would need to write: a file in WAL mode is read through `-shm`, which it makes where
it is missing, and cannot make on a medium that is write-protected.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

BESIDE = ("", "-wal", "-journal")
"""The file, and what SQLite left beside it that belongs to its content."""

TRIES = 20
WAIT_S = 5.0
"""Seconds that SQLite is given for its locks."""


def snapshot(path: Path) -> sqlite3.Connection:
    """The database at `path` in memory; an empty one where there is no file.

    Where a process has it open, it is read through SQLite, which sees whole transactions only.
    Else its files are copied and read from the copy. Raises sqlite3.Error, OSError, and
    GossanError (CASE) where it is written again and again meanwhile.
    """
    memory = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if not path.exists():
            return memory
        for _ in range(TRIES):
            if _open_somewhere(path) and _through_sqlite(path, memory):
                return memory
            if _by_files(path, memory):
                return memory
        raise GossanError(
            Code.CASE,
            tr("{file} changes faster than it can be read.", file=path.name),
            tr("Run the command again a little later."),
        )
    except BaseException:
        memory.close()
        raise


def _open_somewhere(path: Path) -> bool:
    return path.with_name(f"{path.name}-shm").exists()


def _through_sqlite(path: Path, into: sqlite3.Connection) -> bool:
    """False where SQLite cannot read it there, e.g. on a file system without locks."""
    source = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=WAIT_S)
    try:
        source.execute("SELECT count(*) FROM sqlite_master")  # `backup` waits for locks for ever
        source.backup(into)
    except sqlite3.OperationalError:
        return False
    finally:
        source.close()
    return True


def _by_files(path: Path, into: sqlite3.Connection) -> bool:
    """False where a writer came in between."""
    with tempfile.TemporaryDirectory(prefix="gossan-") as room:
        before = _stamps(path)
        for name in before:
            shutil.copyfile(path.with_name(name), Path(room) / name)
        if _stamps(path) != before:
            return False
        copy = sqlite3.connect(Path(room) / path.name)
        try:
            copy.backup(into)
        finally:
            copy.close()
    return True


def _stamps(path: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of each file there is."""
    out = {}
    for end in BESIDE:
        file = path.with_name(path.name + end)
        if file.exists():
            told = file.stat()
            out[file.name] = (told.st_size, told.st_mtime_ns)
    return out
