"""One writer per case: an advisory lock that the system drops when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gossan.core.errors import Code, GossanError


@contextmanager
def case_lock(folder: Path) -> Iterator[None]:
    """Hold the case for writing. Raises GossanError (CASE) when another process holds it."""
    with (folder / ".lock").open("w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise GossanError(
                Code.CASE,
                f"Another gossan is working on the case {folder.name}.",
                "Wait until it has finished, then run the command again.",
            ) from err
        yield
