"""Renames that the standard library does not offer: change places at once, never replace."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path

NOREPLACE, EXCHANGE = 1, 2
_HERE = -100
"""AT_FDCWD: relative paths start at the working folder."""
_UNKNOWN = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
"""What a kernel or file system answers that cannot do it."""
RENAMEAT2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
"""Of Linux (glibc 2.28, musl 1.2.6); None elsewhere."""


def exchange(one: Path, two: Path) -> bool:
    """Let two names of one file system change places, at no moment without either.

    Returns False, with nothing changed, where the system cannot. Raises OSError.
    """
    return _renameat2(one, two, EXCHANGE)


def move_new(source: Path, target: Path) -> None:
    """Rename to a name that nobody has. Raises FileExistsError where somebody does, OSError."""
    if _renameat2(source, target, NOREPLACE):
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def sync_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _renameat2(source: Path, target: Path, flags: int) -> bool:
    if RENAMEAT2 is None:
        return False
    failed = RENAMEAT2(_HERE, os.fsencode(source), _HERE, os.fsencode(target), ctypes.c_uint(flags))
    number = ctypes.get_errno() if failed else 0
    if number in _UNKNOWN:
        return False
    if number:
        raise OSError(number, os.strerror(number), str(source), None, str(target))
    return True
