"""The public keys a reader knows by name, kept in the reader's own settings, not in any case."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def write_known_keys(keys: Mapping[str, str]) -> Path:
    """Keep these; returns the file. Raises GossanError (SIGNATURE)."""
    path = known_keys_file()
    body = {"format": FORMAT, "keys": dict(keys)}
    text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, text.encode())
    except OSError as error:
        raise GossanError(
            Code.SIGNATURE,
            tr("{path} cannot be written: {why}.", path=path, why=error.strerror or error),
        ) from None
    return path


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
