"""The public keys a reader knows by name, kept in the reader's own settings, not in any case."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import platformdirs

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.whole import put

FORMAT = "gossan-known-keys/1"


def known_keys_file() -> Path:
    """Where they are kept."""
    return platformdirs.user_config_path("gossan", appauthor=False) / "known-keys.json"


def read_known_keys() -> dict[str, str]:
    """Public key -> name; empty before the first. Raises GossanError (SIGNATURE)."""
    path = known_keys_file()
    try:
        body = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(path, str(error)) from None
    keys = body.get("keys") if isinstance(body, dict) and body.get("format") == FORMAT else None
    if not isinstance(keys, dict) or not all(isinstance(v, str) and v for v in keys.values()):
        raise _broken(path, tr("it is not what gossan writes"))
    return dict(keys)


@contextmanager
def changing_known_keys() -> Iterator[dict[str, str]]:
    """The known keys, to be changed; kept at the end where nothing was raised. One at a time, so
    that of two commands at once neither undoes the other. Raises GossanError (SIGNATURE)."""
    path = known_keys_file()
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.with_suffix(".lock").open("a"))
            with suppress(OSError):  # no locks here: then nobody else is likely to be, either
                fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise _unwritable(path, error) from None
        keys = read_known_keys()
        yield keys
        body = {"format": FORMAT, "keys": keys}
        text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        try:
            put(path, text.encode())
        except OSError as error:
            raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> GossanError:
    return GossanError(
        Code.SIGNATURE,
        tr("{path} cannot be written: {why}.", path=path, why=error.strerror or str(error)),
    )


def _broken(path: Path, why: str) -> GossanError:
    return GossanError(
        Code.SIGNATURE,
        tr(
            "{path}, which keeps the keys you know, cannot be read: {why}.",
            path=path,
            why=why[:120],
        ),
        tr("Mend it, or remove it and trust the keys again."),
    )
