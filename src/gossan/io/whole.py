"""Files that appear whole or not at all: written beside, then given their name."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write a file, in the place of an old one. Raises OSError, with the old one still there."""
    part = _part(path)
    try:
        _write(part, data, 0o666)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def put_new(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a file that must not be there yet. Raises FileExistsError naming it, OSError."""
    part = _part(path)
    try:
        _write(part, data, mode)
        try:
            os.link(part, path)
        except FileExistsError:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        except OSError:  # FAT and some network file systems have no links
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def copy(source: Path, path: Path) -> None:
    """Copy a file, in the place of an old one. Raises OSError, with the old one still there."""
    part = _part(path)
    try:
        shutil.copyfile(source, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _write(part: Path, data: bytes, mode: int) -> None:
    part.unlink(missing_ok=True)  # left by one that was killed, perhaps with other permissions
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
