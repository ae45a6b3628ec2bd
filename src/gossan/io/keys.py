"""Key files: the secret one readable by its owner alone."""

from __future__ import annotations

import errno
from pathlib import Path

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.outputs import place
from gossan.io.whole import put_new

MAX_KEY = 64 * 1024


def write_key(path: Path, pem: bytes, public: str) -> None:
    """Write the secret key to `path` and the public one to `path.pub`; neither may exist.

    Raises GossanError (SIGNATURE), (OUTPUT) for a place inside a dossier or of a case's own.
    """
    place(path)
    try:
        if public_path(path).exists():
            raise FileExistsError(errno.EEXIST, "", str(public_path(path)))
        put_new(path, pem, 0o600)
        write_public(path, public)
    except FileExistsError as error:
        raise GossanError(
            Code.SIGNATURE,
            tr("{filename} exists already; a key is never written over.", filename=error.filename),
            tr("Give another name."),
        ) from None
    except OSError as error:
        raise GossanError(
            Code.SIGNATURE,
            tr("The key could not be written: {reason}.", reason=error.strerror or error),
        ) from None


def write_public(path: Path, public: str) -> None:
    """Write the public key of the secret one at `path` beside it. Raises OSError."""
    put_new(public_path(path), f"{public}\n".encode("ascii"))


def read_small(path: Path, what: str) -> bytes:
    """A key or certificate file. Raises GossanError (SIGNATURE) where it cannot be one."""
    try:
        if path.stat().st_size > MAX_KEY:
            raise GossanError(
                Code.SIGNATURE, tr("{path} is too large to be {what}.", path=path, what=what)
            )
        return path.read_bytes()
    except OSError as error:
        raise GossanError(
            Code.SIGNATURE,
            tr(
                "{path} cannot be read as {what}: {reason}.",
                path=path,
                what=what,
                reason=error.strerror or error,
            ),
        ) from None


def public_path(path: Path) -> Path:
    """Where the public key of a secret one lies."""
    return path.with_name(f"{path.name}.pub")
