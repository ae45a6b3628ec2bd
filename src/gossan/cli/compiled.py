"""Where numba keeps what it compiles."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gossan

DIR = "NUMBA_CACHE_DIR"


@contextmanager
def compiled_somewhere() -> Iterator[None]:
    """numba keeps it beside the code or in the user's cache, and refuses to work where it may
    write to neither, as an account without a home: then it gets a folder for this run.

    Not one that others know by name: what lies there is run.
    """
    if DIR in os.environ or _writable(Path(gossan.__file__).parent) or _writable(_cache()):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="gossan-compiled-") as folder:
        os.environ[DIR] = folder
        yield


def _cache() -> Path | None:
    if told := os.environ.get("XDG_CACHE_HOME"):
        return Path(told)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # an account without a home
        return None


def _writable(folder: Path | None) -> bool:
    """Whether files can be made in it, or it itself."""
    if folder is None:
        return False
    there = next(p for p in (folder, *folder.parents) if p.exists())
    return os.access(there, os.W_OK | os.X_OK)
