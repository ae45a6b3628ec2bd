"""One writer per case: an advisory lock that the system drops when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gossan.core.errors import Code, NotWritableError
from gossan.core.words import tr


@contextmanager
def case_lock(folder: Path) -> Iterator[None]:
    """Hold the case for writing.

    Raises NotWritableError (CASE) where another process holds it, where the folder may not be
    written to, and where its file system has no locks.
    """
    try:
        f = (folder / ".lock").open("a")
    except OSError as err:
        raise NotWritableError(
            Code.CASE,
            tr(
                "The case {folder} cannot be written to: {reason}.",
                folder=folder.name,
                reason=err.strerror or err,
            ),
            tr(
                "Check the permissions of its folder and the free space, or copy the case "
                "elsewhere."
            ),
        ) from err
    with f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise NotWritableError(
                Code.CASE,
                tr("Another gossan is working on the case {folder}.", folder=folder.name),
                tr("Wait until it has finished, then run the command again."),
            ) from err
        except OSError as err:
            raise NotWritableError(
                Code.CASE,
                tr(
                    "The file system of the case {folder} keeps no locks: {reason}.",
                    folder=folder.name,
                    reason=err.strerror or err,
                ),
                tr("Copy the case to a local disk: without locks two writers could spoil it."),
            ) from err
        yield


def is_held(folder: Path) -> bool:
    """Whether a process holds the case for writing now; False where that cannot be found out."""
    with suppress(FileNotFoundError, PermissionError), (folder / ".lock").open() as f:
        try:
            fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:  # no locks here
            return False
    return False
