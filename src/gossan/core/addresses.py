"""Addresses as they may be shown and recorded: without what lets somebody in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gossan.core.words import english

LOCAL = "local:"
SECRET_QUERY = re.compile(
    r"(^|&)(sig|se|st|sv|token|access_token|apikey|api_key|subscription-key|x-amz-[^=]*|"
    r"awsaccesskeyid|key)=",
    re.I,
)
"""Parts of a query that let somebody in."""
_ADDRESS = re.compile(r"(https?://\S+|local:/\S.*)")


def public(address: str) -> str:
    """An address without user, password and query; a path without the folders it lies in.

    A fragment stays, for it names a collection here (`https://...#collection`).
    """
    if address.startswith(LOCAL):
        return f"{LOCAL}{Path(address.removeprefix(LOCAL)).name}"
    parts = urlsplit(address)
    if parts.scheme in ("", "file") or not parts.netloc:
        return address if not parts.scheme and "/" not in address else Path(parts.path).name
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", parts.fragment))


def asset(href: str, source: str) -> str:
    """Where an asset lies: within the local catalogue `source`, or as `public`."""
    if source.startswith(LOCAL):
        root, path = Path(source.removeprefix(LOCAL)), Path(urlsplit(href).path)
        folder = root.parent if root.suffix == ".json" else root
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return public(href)


def clean(value: Any) -> Any:
    """JSON values, in English, in which no address holds a user, a password, a key or a path of
    this machine.

    Other queries stay: they may be what tells one document from another.
    """
    if isinstance(value, str):
        return _clean(value) if _ADDRESS.fullmatch(value) else english(value)
    if isinstance(value, Mapping):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return value


def _clean(address: str) -> str:
    if address.startswith(LOCAL):
        return public(address)
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    query = "" if SECRET_QUERY.search(parts.query) else parts.query
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, query, parts.fragment))
