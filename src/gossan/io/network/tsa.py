"""Ask a time-stamp authority (RFC 3161 over HTTP)."""

from __future__ import annotations

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.network import web
from gossan.io.network.guard import RefusedError, reach_of

BOUNDS = web.Bounds(total_s=60.0, size=256 * 1024)


def ask(url: str, body: bytes, private_hosts: tuple[str, ...] = ()) -> bytes:
    """The reply of the authority that the user named. Raises GossanError (TIMESTAMP)."""
    scheme, _, place = url.split("?", 1)[0].split("#", 1)[0].partition("://")
    shown = f"{scheme}://{place.rpartition('@')[2]}"[:80]
    if scheme not in ("http", "https"):
        raise GossanError(
            Code.TIMESTAMP,
            tr('Expected the http(s) address of an authority, found "{shown}".', shown=shown),
        )
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        asking = web.Asking(
            Code.TIMESTAMP,
            reach_of(url, private_hosts),
            BOUNDS,
            "POST",
            body,
            headers,
            allow_hint="Name the authority's own address.",
        )
        got = web.ask(url, asking)[-1]
        if got.code != 200:
            raise ValueError(f"answered {got.code}")
        return web.unpacked(got.body, got.header("content-encoding"), BOUNDS.size)
    except (RefusedError, GossanError, ValueError) as error:
        why = error.problem if isinstance(error, GossanError) else str(error)
        raise GossanError(
            Code.TIMESTAMP,
            tr("{shown} gave no time-stamp ({reason}).", shown=shown, reason=why.removesuffix(".")),
            tr("Try again, name another authority, or leave --tsa out."),
        ) from None
