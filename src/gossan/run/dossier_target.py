"""Where a dossier may be written, and what becomes of the one that stands there.

A folder may be absent, empty, or a dossier of this very case: its manifest rests on a record of
the case's own ledger, and it holds no file that the manifest does not list. One that is signed,
time-stamped or was changed since is set aside under its date (docs/decisions/0035).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from gossan.case.context import OpenCase
from gossan.core.errors import GossanError
from gossan.core.hashing import hash_bytes, hash_file
from gossan.core.words import tr, tr_later, tr_now
from gossan.evidence import binding
from gossan.evidence.ledger import Record, resting_on
from gossan.evidence.manifest import BESIDE, MANIFEST, SIGNATURE, STAMPS, Manifest, read_manifest
from gossan.io.dossier_write import Older, digest_of, walk, workplace
from gossan.io.outputs import MAX_BYTES, is_home_or_root, is_system_file, place, refused
from gossan.run.render import LEDGER, read_ledger

_WAY_OUT = tr_later("Move it away, or give another folder with -o.")


def target_of(case: OpenCase, given: Path) -> Path:
    """The place of the folder that is to hold the dossier.

    Raises GossanError (OUTPUT) where it may not.
    """
    target = place(given, case.folder)
    try:
        if target.exists():
            above = (case.folder, *case.folder.resolve().parents)
            if any(p.samefile(target) for p in above) or is_home_or_root(target):
                raise refused(
                    tr("{given} is the case, a folder that holds it, or your home", given=given)
                )
            if os.path.ismount(target):
                raise refused(
                    tr("{given} is a whole file system", given=given), tr("Give a folder in it.")
                )
        _older(case, target)
    except OSError as error:
        raise refused(
            tr("{given} cannot be looked at ({reason})", given=given, reason=error.strerror)
        ) from None
    return target


def put_dossier(
    case: OpenCase, target: Path, files: Mapping[str, bytes], say: Callable[[str], None]
) -> None:
    """Write a dossier at a place that `target_of` gave; `say` tells where an older one went.

    Raises GossanError (OUTPUT) where something else stands there by now, (DOSSIER) where it
    cannot be written.
    """
    with workplace(target, BESIDE, say) as work:
        older = _older(case, target)
        if older is None or not _same(target, older, files):
            work.replace(files, older)


def _older(case: OpenCase, target: Path) -> Older | None:
    """What stands at the target, None where it is absent or empty.

    Raises GossanError (OUTPUT) where it is not a dossier of this case alone, OSError.
    """
    if not os.path.lexists(target):
        return None
    if target.is_symlink() or not target.is_dir():
        raise refused(tr("{target} is no folder", target=target))
    top = sorted(p.name for p in target.iterdir())
    if all(_system(target, name) for name in top):
        return Older(system=tuple(top)) if top else None
    data, manifest = _manifest(target)
    if manifest is None:
        raise refused(
            tr(
                "{target} holds {found}, but no dossier of this case",
                target=target,
                found=_first(target, top),
            ),
            tr_now(_WAY_OUT),
        )
    chain = case.db.ledger()
    if not _of_this_case(target, manifest, chain):
        raise refused(
            tr(
                "{target} holds a dossier of another case, or of a ledger this case no longer has",
                target=target,
            ),
            tr_now(_WAY_OUT),
        )
    names, system = _names(target, manifest)
    changed = any(
        n in manifest.files and hash_file(target / n) != manifest.files[n].sha256 for n in names
    )
    kept = changed or not {SIGNATURE, *STAMPS}.isdisjoint(names)
    aside = f"{target.name}-{_date(target, data, chain)}" if kept else ""
    return Older(names, system, aside, digest_of(target, BESIDE))


def _manifest(target: Path) -> tuple[bytes, Manifest | None]:
    path = target / MANIFEST
    if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return b"", None
    data = path.read_bytes()
    try:
        return data, read_manifest(data)
    except GossanError:
        return data, None


def _of_this_case(target: Path, manifest: Manifest, chain: Sequence[Record]) -> bool:
    """Whether a dossier rests on a record of the case's ledger, or on one that follows the whole
    of it: the dossier of a case that could not be written to."""
    if any(stored == manifest.ledger for _, stored in chain):
        return True
    path, mine = target / LEDGER, resting_on(chain)
    try:
        theirs = read_ledger(path.read_bytes()) if path.is_file() else []
    except GossanError:
        return False
    # what is theirs alone may be no more than the record of what the dossier shows
    before = [stored for body, stored in theirs if body["action"] != binding.ACTION][-1:]
    return bool(mine) and (
        any(stored == mine[-1][1] for _, stored in theirs)
        or any(stored in before for _, stored in mine)
    )


def _names(target: Path, manifest: Manifest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files of the dossier that are there, and those of operating systems.

    Raises GossanError (OUTPUT) for the first thing that is neither.
    """
    listed = {*manifest.files, *BESIDE}
    folders = {str(p) for name in listed for p in PurePosixPath(name).parents}
    names, system = [], []
    for name, is_file in walk(target):
        if is_file and name in listed:
            names.append(name)
        elif is_file and is_system_file(PurePosixPath(name).name):
            system.append(name)
        elif is_file is not False or name not in folders:
            raise refused(
                tr(
                    "{target} holds {name}, which is no part of a dossier", target=target, name=name
                ),
                tr_now(_WAY_OUT),
            )
    return tuple(names), tuple(system)


def _date(target: Path, manifest: bytes, chain: Sequence[Record]) -> str:
    """When a dossier was made, as a name may hold it: by its own record, or else by its file."""
    digest, when = hash_bytes(manifest), None
    for body, _ in chain:
        if body["action"] == "dossier" and body["outputs"].get("hash") == digest:
            when = datetime.fromisoformat(body["when"])
    if when is None:
        when = datetime.fromtimestamp((target / MANIFEST).stat().st_mtime, UTC)
    return f"{when:%Y-%m-%dT%H%M%SZ}"


def _same(target: Path, older: Older, files: Mapping[str, bytes]) -> bool:
    """Whether just these files stand there already, byte for byte."""
    return set(older.names) == set(files) and all(
        (target / name).read_bytes() == data for name, data in files.items()
    )


def _system(target: Path, name: str) -> bool:
    path = target / name
    return is_system_file(name) and path.is_file() and not path.is_symlink()


def _first(target: Path, names: Iterable[str]) -> str:
    return next(name for name in names if not _system(target, name))
