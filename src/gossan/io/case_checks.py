"""What may stand as a name and as a source in a case."""

from __future__ import annotations

import difflib
from pathlib import Path
from urllib.parse import urlsplit

from gossan.core.case import NAMED_SOURCES
from gossan.core.errors import Code, GossanError

MAX_NAME = 200
LOCAL = "local:"


def check_name(name: str) -> str:
    """The name itself, stripped. Raises GossanError (CASE) unless one short printable line."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise GossanError(
            Code.CASE,
            f"name: expected one line of 1 to {MAX_NAME} printable characters, found {len(name)}"
            f"{'' if name.isprintable() else ' with control characters'}.",
            'Give the case a title, e.g. "Quarry at Vejnaly".',
        )
    return name


def check_source(source: str, folder: Path) -> str:
    """The source with a `local:` path made absolute (relative means: to `folder`).

    Raises GossanError (SOURCE) for anything but a known name, `local:PATH` or an http(s) URL.
    """
    if source in NAMED_SOURCES:
        return source
    if source.startswith(LOCAL) and source != LOCAL and source.isprintable():
        return LOCAL + str((folder / source.removeprefix(LOCAL)).resolve())
    if _is_web(source):
        return source
    guess = difflib.get_close_matches(source.lower(), NAMED_SOURCES, n=1, cutoff=0.5)
    if guess:
        hint = f'Did you mean "{guess[0]}"?'
    elif source.isprintable() and (folder / source).exists():
        hint = f'For files on this machine write "{LOCAL}{source}".'
    else:
        hint = "For files on this machine write local:PATH."
    raise GossanError(
        Code.SOURCE,
        f"source: expected {', '.join(NAMED_SOURCES)}, local:PATH or the http(s) URL of a "
        f'STAC API, found "{source}".',
        hint,
    )


def _is_web(source: str) -> bool:
    try:
        url = urlsplit(source)
    except ValueError:  # an unclosed IPv6 address
        return False
    return url.scheme in ("http", "https") and bool(url.hostname) and source.isprintable()
