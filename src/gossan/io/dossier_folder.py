"""A dossier's folder, read whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr

MAX_FILES = 50_000
MAX_BYTES = 4 * 2**30
"""A dossier larger than this is not read: it would not fit a usual laptop's memory."""

LITTER = re.compile(
    r"""\._.* | \.ds_store | \.apdisk | \.localized | icon\r | \.volumeicon\.icns | \.com\.apple\..*
    | thumbs\.db(:encryptable)? | ehthumbs(_vista)?\.db | desktop\.ini
    | \.directory | \.hidden | \.fuse_hidden.* | \.nfs[0-9a-f]+
    | \.~lock\..*\# | ~\$.* | \.dropbox(\.attr)?""",
    re.IGNORECASE | re.VERBOSE,
)
"""Names of files that macOS, Windows, Linux desktops, file servers and office programs put into
folders somebody opened."""
LITTER_ROOMS = frozenset(
    (
        "__macosx",
        ".spotlight-v100",
        ".trashes",
        ".fseventsd",
        ".temporaryitems",
        "@eadir",
        ".documentrevisions-v100",
        "$recycle.bin",
        "system volume information",
    )
)
"""The same of whole folders, in small letters."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What was found in a folder.

    Attributes
    ----------
    files : every file by its path, with `/`
    litter : paths of what an operating system left there; not read
    """

    files: dict[str, bytes]
    litter: tuple[str, ...]


def read_folder(folder: Path) -> Folder:
    """Every file of a folder.

    Links and special files are refused whatever their name: what they point to is not in the
    dossier. Raises GossanError (DOSSIER).
    """
    if not folder.is_dir():
        raise GossanError(
            Code.DOSSIER,
            tr("Expected a dossier's folder, found none at {folder}.", folder=folder),
            tr("Give the folder that holds index.html."),
        )
    files: dict[str, bytes] = {}
    litter: list[str] = []
    total = 0
    try:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise _refused(tr("{name} is a link or no plain file.", name=name))
            if path.is_dir():
                continue
            ours = not _is_litter(path.relative_to(folder).parts)
            total += path.stat().st_size if ours else 0
            if len(files) + len(litter) >= MAX_FILES or total > MAX_BYTES:
                raise _refused(
                    tr(
                        "it holds more than {most_files} files or {most_bytes:,} bytes.",
                        most_files=MAX_FILES,
                        most_bytes=MAX_BYTES,
                    )
                )
            if ours:
                files[name] = path.read_bytes()
            else:
                litter.append(name)
    except OSError as error:
        raise _refused(tr("it cannot be read: {reason}.", reason=error.strerror or error)) from None
    return Folder(files, tuple(litter))


def _is_litter(parts: tuple[str, ...]) -> bool:
    return bool(LITTER.fullmatch(parts[-1])) or any(p.lower() in LITTER_ROOMS for p in parts[:-1])


def _refused(why: str) -> GossanError:
    return GossanError(Code.DOSSIER, tr("The dossier is not read: {reason}", reason=why))
