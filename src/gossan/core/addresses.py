"""Addresses as they may be shown and recorded: without what lets somebody in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

LOCAL = "local:"


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
    root = Path(source.removeprefix(LOCAL)) if source.startswith(LOCAL) else None
    path = Path(urlsplit(href).path)
    if root is not None and path.is_relative_to(root if root.is_dir() else root.parent):
        return path.relative_to(root if root.is_dir() else root.parent).as_posix()
    return public(href)
