"""Put a dossier in the place of an older one so that at no moment there is none.

Beside the target stands a workplace, `.NAME.gossan-part`, while it is written:

    journal    what may be removed, and what becomes of the older dossier; locked
    new        the new dossier, until it is whole; then it changes places with the older one
    old        the older dossier, until it is set aside or removed file by file

Whoever is killed leaves a workplace that the next run settles: `journal` tells which of both
stands in `new`, and nothing that it does not name is ever removed. Where a file system cannot
let two folders change places, two renames stand for it; killed between them, the older dossier
lies whole in `old`, and the next run puts it back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_bytes
from gossan.core.words import tr
from gossan.io.outputs import PART, claim, refused
from gossan.io.rename import exchange, move_new, sync_folder

JOURNAL, NEW, OLD = "journal", "new", "old"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Older:
    """What stands at the target and gives way.

    Attributes
    ----------
    names : its files, which gossan wrote and may remove
    system : files of operating systems in it, which the new dossier takes over
    aside : name beside the target under which it is kept, "" where it is not
    digest : `digest_of` it
    """

    names: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    aside: str = ""
    digest: str = ""


@dataclass(frozen=True)
class _Plan:
    """The journal: files that may be removed, and `aside` and `digest` of the older dossier."""

    names: list[str]
    aside: str
    digest: str


def walk(folder: Path) -> Iterator[tuple[str, bool | None]]:
    """What a folder holds at any depth, by its path in it with `/`: True a plain file, False a
    folder, None anything else, links too. One at a time, so that a look can end at the first.

    Raises OSError.
    """
    for path in sorted(folder.iterdir()):
        link = path.is_symlink()
        yield path.name, None if link else path.is_file() or (False if path.is_dir() else None)
        if not link and path.is_dir():
            yield from ((f"{path.name}/{name}", kind) for name, kind in walk(path))


def digest_of(folder: Path, seals: Sequence[str]) -> str:
    """One hash of the files `seals`, which differs where anything of two dossiers does."""
    found = [folder / name for name in seals]
    return hash_bytes(b"\0".join(p.read_bytes() if p.is_file() else b"" for p in found))


class Workplace:
    """The folder beside `target` in which its dossier is written; `workplace` opens it.

    `seals` are the files that vouch for the rest; the first is written last.
    """

    def __init__(self, target: Path, seals: Sequence[str], say: Say) -> None:
        self.target, self.seals, self._say = target, seals, say
        self.folder = target.with_name(f".{target.name}{PART}")
        self.new, self.old = self.folder / NEW, self.folder / OLD
        self._handle = -1

    def replace(self, files: Mapping[str, bytes], older: Older | None) -> None:
        """Write all files and put them in the place of `older`; None where the target is absent
        or an empty folder. Raises OSError."""
        before = Older() if older is None else older
        names = [*files, *before.names, *before.system]
        self._plan(_Plan(names, before.aside, before.digest))
        order = sorted(files, key=lambda name: name == self.seals[0])
        carried = {n: (self.target / n).read_bytes() for n in before.system}
        folders = {self.new}
        for name, data in [*carried.items(), *((n, files[n]) for n in order)]:
            path = self.new / name
            folders.update(p for p in path.parents if p.is_relative_to(self.new))
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
        for folder in folders:
            sync_folder(folder)
        if self.target.exists():
            self.new.chmod(self.target.stat().st_mode & 0o7777)
        if older is None:
            self.new.rename(self.target)
        elif exchange(self.new, self.target):
            self.new.rename(self.old)
        else:
            self.target.rename(self.old)
            self.new.rename(self.target)
        sync_folder(self.target.parent)

    def claim(self) -> None:
        """Take the workplace for this process alone. Raises GossanError (OUTPUT), OSError."""
        self.folder.mkdir(exist_ok=True)
        there = {} if self.folder.is_symlink() else {p.name: p for p in self.folder.iterdir()}
        parts = [there.pop(name, None) for name in (NEW, OLD)]
        journal = there.pop(JOURNAL, None)
        if (
            self.folder.is_symlink()
            or there
            or (journal is None and any(parts))
            or any(p is not None and (p.is_symlink() or not p.is_dir()) for p in parts)
        ):
            raise refused(
                tr("{folder} is not what gossan left there", folder=self.folder),
                tr("Move it away."),
            )
        self._handle = claim(self.folder / JOURNAL, self.target)

    def settle(self) -> None:
        """Whatever was left half: put back, set aside or remove. Raises OSError."""
        plan = self._planned()
        if plan is None:
            if self.new.exists() or self.old.exists():
                raise refused(
                    tr("{folder} has a broken journal", folder=self.folder), tr("Move it away.")
                )
            return
        if self.old.exists() and not os.path.lexists(self.target):
            self.old.rename(self.target)
        if self.new.exists() and plan.digest and digest_of(self.new, self.seals) == plan.digest:
            self.new.rename(self.old)
        for folder in (self.old, self.new):
            if folder.exists():
                self._leave(folder, plan)
        sync_folder(self.target.parent)

    def release(self) -> None:
        """Give the workplace up; it goes where it is empty. Raises OSError."""
        try:
            if [p.name for p in self.folder.iterdir()] == [JOURNAL]:
                (self.folder / JOURNAL).unlink()
                with suppress(OSError):  # another process is here already
                    self.folder.rmdir()
        finally:
            os.close(self._handle)

    def _leave(self, folder: Path, plan: _Plan) -> None:
        """Set a folder aside, or remove of it what gossan wrote; what is more is set aside."""
        if not (folder == self.old and plan.aside):
            _remove(folder, plan.names)
        if folder.exists():
            wanted = self.target.with_name(plan.aside or f"{self.target.name}-old")
            path = _move_aside(folder, wanted)
            self._say(
                tr(
                    "The dossier that stood at {target} was set aside: {path}",
                    target=self.target,
                    path=path,
                )
            )

    def _plan(self, plan: _Plan) -> None:
        data = json.dumps(asdict(plan)).encode()
        os.ftruncate(self._handle, 0)
        if os.pwrite(self._handle, data, 0) != len(data):
            raise OSError(tr("the journal could not be written whole"))
        os.fsync(self._handle)
        self.new.mkdir()

    def _planned(self) -> _Plan | None:
        data = os.pread(self._handle, os.fstat(self._handle).st_size, 0)
        try:
            plan = _Plan(**json.loads(data))
            inside = all(".." not in PurePosixPath(n).parts and n[0] != "/" for n in plan.names)
            return plan if inside and "/" not in plan.aside else None
        except (ValueError, TypeError, LookupError):
            return None


@contextmanager
def workplace(target: Path, seals: Sequence[str], say: Say) -> Iterator[Workplace]:
    """Hold the workplace of a target; what a killed run left there is settled first.

    Raises GossanError (OUTPUT) where it is somebody else's, (DOSSIER) where the disk takes no
    more or may not be written; the older dossier is then still there.
    """
    work = Workplace(target, seals, say)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work.claim()
        try:
            work.settle()
            yield work
        finally:
            try:
                work.settle()
            finally:
                work.release()
    except OSError as error:
        with suppress(OSError):
            work.folder.rmdir()
        raise GossanError(
            Code.DOSSIER,
            tr("The dossier could not be written: {reason}.", reason=error.strerror or error),
            tr("Check free space and permissions, then run the command again."),
        ) from None


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files by name, none of them behind a link, and the folders that are empty then."""
    parents = {folder}
    for name in names:
        path = folder / name
        above = [p for p in path.parents if p.is_relative_to(folder)]
        if any(p.is_symlink() for p in above):
            continue
        parents.update(above)
        with suppress(FileNotFoundError):
            path.unlink()
    for parent in sorted(parents, key=lambda p: len(p.parts), reverse=True):
        with suppress(OSError):  # not empty, or not there
            parent.rmdir()


def _move_aside(folder: Path, wanted: Path) -> Path:
    """Rename to the wanted name, or the first one after it that is free."""
    number = 1
    while True:
        path = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            move_new(folder, path)
        except FileExistsError:
            number += 1
        else:
            return path
