"""One document from the web, fetched as if it were hostile: see `guard` and `web`.

At most 20 MB on the wire and unpacked, at most 5 redirects. Every exchange is kept as it went over
the wire, for a WARC file.
"""

from __future__ import annotations

from dataclasses import dataclass

from gossan.core.errors import Code
from gossan.core.words import tr
from gossan.io.network.guard import PUBLIC, Reach
from gossan.io.network.web import Asking, Exchange, ask, unpacked

MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class Fetched:
    """The last response's body, unpacked, its media type, and every exchange on the way."""

    url: str
    data: bytes
    content_type: str
    exchanges: tuple[Exchange, ...]


def fetch(url: str, *, allow_private: bool = False) -> Fetched:
    """Fetch a document. Raises GossanError (REPORT) saying what was refused or failed."""
    asking = Asking(
        Code.REPORT,
        Reach(anything=True) if allow_private else PUBLIC,
        allow_hint=tr("Set allow_private = true in [reports] of case.toml if this is meant."),
    )
    exchanges = ask(url, asking)
    last = exchanges[-1]
    if last.code != 200:
        asking.fail(
            tr("{url} answered {status}, expected 200.", url=last.url, status=last.status),
            tr("Check the address."),
        )
    try:
        data = unpacked(last.body, last.header("content-encoding"), MAX_BYTES)
    except ValueError as error:
        asking.fail(f"{last.url} {error}.", tr("Save it as a file and add that."))
    return Fetched(last.url, data, last.header("content-type"), exchanges)
