"""A dossier's folder, read whole."""

from __future__ import annotations

from pathlib import Path

from gossan.core.errors import Code, GossanError

MAX_FILES = 50_000
MAX_BYTES = 4 * 2**30
"""A dossier larger than this is not read: it would not fit a usual laptop's memory."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it, with `/`.

    Links and special files are refused: what they point to is not in the dossier. Raises
    GossanError (DOSSIER).
    """
    if not folder.is_dir():
        raise GossanError(
            Code.DOSSIER, f"Expected a dossier's folder, found none at {folder}.",
            "Give the folder that holds index.html.",
        )  # fmt: skip
    files: dict[str, bytes] = {}
    total = 0
    try:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise _refused(f"{name} is a link or no plain file.")
            if path.is_dir():
                continue
            total += path.stat().st_size
            if len(files) >= MAX_FILES or total > MAX_BYTES:
                raise _refused(f"it holds more than {MAX_FILES} files or {MAX_BYTES:,} bytes.")
            files[name] = path.read_bytes()
    except OSError as error:
        raise _refused(f"it cannot be read: {error.strerror or error}.") from None
    return files


def _refused(why: str) -> GossanError:
    return GossanError(Code.DOSSIER, f"The dossier is not read: {why}")
