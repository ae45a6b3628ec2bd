"""The one door for every file and folder that a user names as an output.

Nothing that gossan did not make is replaced or removed, no link is followed, and what is written
is there whole or not at all (docs/decisions/0034).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.dossier_folder import LITTER
from gossan.io.rename import move_new, sync_folder

CASE_FILE, CASE_DOSSIER = "case.toml", "dossier"
EXPORTS = ("custody.csv", "sites.geojson", "sites.parquet")
"""What commands export into a case where no other place is named."""
CASE_NAMES = frozenset({
    CASE_FILE, CASE_DOSSIER, "area.geojson", "case.db", "case.db-wal", "case.db-shm", "places.db",
    "reports", "roads", "scenes", "scenes-radar", "state.icechunk", "state-radar.icechunk",
    "terrain", ".lock", *EXPORTS,
})  # fmt: skip
"""What a case holds under its folder, and what no other output may be called there."""
PART = ".gossan-part"
"""Ends the names under which something is written before it is whole; they are gossan's own."""
MANIFEST, DOSSIER_FORMAT = "manifest.json", "gossan-dossier/"
"""As in `evidence.manifest`, a room this one does not import; a test keeps them equal."""
MAX_BYTES = 2**30
"""A larger file is no export of gossan."""


def is_system_file(name: str) -> bool:
    """Whether operating systems put files of this name into folders that somebody opens."""
    return bool(LITTER.fullmatch(name))


def place(path: Path, case: Path | None = None) -> Path:
    """Where an output goes: absolute, its parents resolved, itself neither a link nor a place
    that is kept for something else. `case` may have its dossier there.

    Raises GossanError (OUTPUT).
    """
    try:
        whole = path.resolve() if path.name in ("", "..") else path.parent.resolve() / path.name
        if whole.is_symlink():
            raise refused(
                tr("{path} is a link", path=path),
                tr("To write where it leads, name that: {path}.", path=whole.resolve()),
            )
        for holder in whole.parents:
            _check_holder(whole, holder, case)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise refused(
            tr("{path} cannot be looked at ({reason})", path=path, reason=_why(error))
        ) from None
    return whole


def case_place(folder: Path) -> Path:
    """Where a new case goes: a folder in which no name is taken that a case needs, but for the
    area drawn before. What else lies there stays. Raises GossanError (OUTPUT)."""
    whole = place(folder)
    if is_home_or_root(whole):
        raise refused(
            tr("{folder} is your home or a whole disk", folder=folder), tr("Give a folder in it.")
        )
    if is_dossier(whole):
        raise refused(tr("{folder} is a dossier", folder=folder), tr("Give another folder."))
    for name in sorted(CASE_NAMES - {"area.geojson"}):
        if os.path.lexists(whole / name):
            raise refused(
                tr("{path} exists, and a case would write there", path=whole / name),
                tr("Move it away, or give another folder."),
            )
    return whole


def is_home_or_root(folder: Path) -> bool:
    """Whether a folder is somebody's home or the root of everything."""
    try:
        home = folder.exists() and folder.samefile(Path.home())
    except (OSError, RuntimeError):  # nobody's home is known
        home = False
    return home or folder.parent == folder


def write_file(
    path: Path, data: bytes, ours: Callable[[bytes], bool], *, overwrite: bool = False
) -> Path:
    """Write an export whole or not at all; returns its place.

    A file that stands there is replaced where it is empty, where `ours` says that gossan made it
    for the same purpose, or where the user said to `overwrite`. Raises GossanError (OUTPUT).
    """
    target = place(path)
    try:
        old = _standing(target)
        if old == data:
            return target
        if old and not (overwrite or (ours(old) and _writable(target))):
            raise refused(
                tr("{path} exists and is not an earlier, unchanged export of this kind", path=path),
                tr("Give another name, or --overwrite if it may be lost."),
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        _put(target, data, new=old is None)
    except FileExistsError:
        raise refused(tr("{path} exists since a moment ago", path=path)) from None
    except OSError as error:
        raise GossanError(
            Code.OUTPUT,
            tr("{path} cannot be written: {reason}.", path=path, reason=_why(error)),
            tr("Check free space and permissions, or give another place."),
        ) from None
    return target


def claim(path: Path, target: Path) -> int:
    """Open a file of gossan's own, made where missing, for this process alone: `target` is what
    it writes.

    Returns its descriptor, locked until it is closed. Raises GossanError (OUTPUT) where another
    process has it, OSError.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    handle = os.open(path, flags, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(target) from None
        except OSError as error:  # a file system without locks
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
                raise
        about = os.fstat(handle)
        if not _is(path, about):  # somebody finished with it meanwhile
            raise _taken(target)
        if about.st_nlink != 1:
            raise refused(tr("{path} has another name elsewhere", path=path), tr("Move it away."))
    except BaseException:
        os.close(handle)
        raise
    return handle


def refused(why: str, hint: str = "") -> GossanError:
    """Why nothing is written there."""
    problem = tr("{reason}: nothing was written.", reason=why)
    return GossanError(Code.OUTPUT, problem, hint or tr("Give another place."))


def is_dossier(folder: Path) -> bool:
    """Whether a folder holds the manifest of a dossier."""
    path = folder / MANIFEST
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return False
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and str(found.get("format")).startswith(DOSSIER_FORMAT)


def _check_holder(target: Path, holder: Path, case: Path | None) -> None:
    """That `target` takes no name that a case or a dossier above it needs."""
    if is_dossier(holder):
        raise refused(
            tr(
                "{target} lies inside the dossier {holder}, which would no longer verify",
                target=target,
                holder=holder,
            )
        )
    if not (holder / CASE_FILE).is_file():
        return
    first = target.relative_to(holder).parts[0].lower()
    free = target.parent == holder and (
        first in EXPORTS or (first == CASE_DOSSIER and case is not None and holder.samefile(case))
    )
    if first in CASE_NAMES and not free:
        raise refused(
            tr(
                "{target} is where the case {holder} keeps what it needs",
                target=target,
                holder=holder,
            )
        )


def _standing(path: Path) -> bytes | None:
    """The bytes of the file that is to be replaced (of a huge one a part), None without one."""
    try:
        about = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(about.st_mode):
        what = tr("a folder") if stat.S_ISDIR(about.st_mode) else tr("no plain file")
        raise refused(tr("{path} is {what}, expected a file or none", path=path, what=what))
    with path.open("rb") as f:
        return f.read(MAX_BYTES if about.st_size <= MAX_BYTES else 1)


def _writable(path: Path) -> bool:
    """False where somebody took the right to write from everybody: it is to stay as it is."""
    return bool(path.stat().st_mode & 0o222)


def _put(path: Path, data: bytes, *, new: bool) -> None:
    """Write beside the target and take its name when whole and on the disk."""
    part = path.with_name(f".{path.name}{PART}")
    handle = claim(part, path)
    try:
        if not new:
            os.fchmod(handle, stat.S_IMODE(path.stat().st_mode))
        os.ftruncate(handle, 0)
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
        if new:
            move_new(part, path)
        else:
            part.replace(path)
        sync_folder(path.parent)
    except BaseException:
        if _is(part, os.fstat(handle)):
            part.unlink()
        raise
    finally:
        os.close(handle)


def _is(path: Path, about: os.stat_result) -> bool:
    """Whether a path leads to this plain file and no other."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and os.path.samestat(found, about)


def _taken(path: Path) -> GossanError:
    return refused(
        tr("Another gossan is writing {path}", path=path),
        tr("Wait until it has finished, then run the command again."),
    )


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
