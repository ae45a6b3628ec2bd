"""Ask a time-stamp authority (RFC 3161 over HTTP)."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

from gossan.core.errors import Code, GossanError

TIMEOUT_S = 30
MAX_REPLY = 256 * 1024


def ask(url: str, body: bytes) -> bytes:
    """The authority's reply to a request. Raises GossanError (TIMESTAMP)."""
    shown = urlsplit(url)._replace(query="", fragment="")
    name = f"{shown.scheme}://{shown.hostname or ''}{shown.path}"
    if shown.scheme not in ("http", "https") or not shown.hostname:
        raise GossanError(
            Code.TIMESTAMP, f'Expected the http(s) address of an authority, found "{name[:80]}".'
        )
    head = {"Content-Type": "application/timestamp-query"}
    try:
        with requests.post(url, body, headers=head, timeout=TIMEOUT_S, stream=True) as reply:
            reply.raise_for_status()
            data = reply.raw.read(MAX_REPLY + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise GossanError(
            Code.TIMESTAMP, f"{name} gave no time-stamp ({type(error).__name__}).",
            "Try again, name another authority, or leave --tsa out.",
        ) from None  # fmt: skip
    if len(data) > MAX_REPLY:
        raise GossanError(Code.TIMESTAMP, f"{name} sent more than {MAX_REPLY:,} bytes.")
    return bytes(data)
