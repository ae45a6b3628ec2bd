"""How a STAC API is spoken to: pystac-client's searches over our own requests, with bounds.

Whatever the API links to is written by others: pages come from where the search is, each is
another one, and there are not more than a person could want.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from pystac_client.stac_api_io import StacApiIO

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.network.guard import Reach
from gossan.io.network.web import Asking, Bounds, ask, json_of, unpacked

MAX_ITEMS = 50_000
"""Items of one search: ten years of two satellites over twenty tiles."""
MAX_EMPTY, MAX_REPEATED = 3, 2
"""So many pages in a row without items end a search; so many without new items fail it."""


@dataclass(frozen=True, slots=True)
class NetSettings:
    """How patiently a STAC API is asked.

    Attributes
    ----------
    read_s : longest silence during one request, seconds
    page_s : longest time for one page, repetitions included, seconds
    search_s : longest time for a whole search, seconds
    retries : attempts after the first, for 429, 5xx and broken connections
    backoff_s : first pause, seconds, doubled each time (and Retry-After is honoured)
    wait_s : longest pause that a server may ask for, seconds
    page : items per page
    """

    read_s: float = 30.0
    page_s: float = 150.0
    search_s: float = 1800.0
    retries: int = 5
    backoff_s: float = 0.5
    wait_s: float = 60.0
    page: int = 100


class GuardedStacIO(StacApiIO):
    """What pystac-client reads and writes through. Raises GossanError (SOURCE)."""

    def __init__(self, reach: Reach, net: NetSettings) -> None:
        super().__init__(max_retries=None)
        self.end = time.monotonic() + net.search_s
        self.net = net
        bounds = Bounds(net.read_s, net.page_s, 50_000_000, net.retries, net.backoff_s, net.wait_s)
        self.asking = Asking(Code.SOURCE, reach, bounds)

    def request(
        self,
        href: str,
        method: str | None = None,
        headers: dict[str, str] | None = None,  # noqa: ARG002, of links: written by others
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """The text of an answer. pystac-client gives the parameters of a GET apart."""
        if (method or "GET").upper() == "POST":
            try:
                return self._text(href, json.dumps(parameters or {}).encode())
            except _NotAllowedError:  # it offers POST, or does not say, and takes GET only
                pass
        parts = urlsplit(href)
        query = "&".join(filter(None, (parts.query, _query(parameters or {}))))
        return self._text(urlunsplit(parts._replace(query=query)))

    def read_text(self, source: Any, *args: Any, **kwargs: Any) -> str:
        """Never a file of this machine, which is what an address without a scheme would be."""
        return self.request(str(source), *args, **kwargs)

    def get_pages(
        self, url: str, method: str | None = None, parameters: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The pages of a search, which end; or else GossanError."""
        seen: set[str] = set()
        asked: set[str] = set()
        empty = repeated = 0
        href, body = url, dict(parameters or {})
        while True:
            page = self._page(href, method, body)
            if page["features"]:  # pystac-client takes an empty one for the end
                yield page
            ids = {str(f.get("id")) for f in page["features"] if isinstance(f, Mapping)}
            empty = 0 if page["features"] else empty + 1
            repeated = repeated + 1 if ids and ids <= seen else 0
            seen |= ids
            link = _next(page)
            if link is None or empty >= MAX_EMPTY:
                return
            asked.add(json.dumps([href, method, body], sort_keys=True))
            href, method, body = self._followed(link, url, parameters or {})
            again = json.dumps([href, method, body], sort_keys=True) in asked
            if again or repeated >= MAX_REPEATED:
                raise _error(url, tr("gives the same page again and again"))
            if len(seen) > MAX_ITEMS:
                raise _error(
                    url,
                    tr("gives more than {most_items:,} items", most_items=MAX_ITEMS),
                    tr("Ask for a smaller area or a shorter period, or name another collection."),
                )

    def _page(self, href: str, method: str | None, body: dict[str, Any]) -> dict[str, Any]:
        page: Any = json.loads(self.request(href, method, parameters=body))
        if isinstance(page, dict) and isinstance(page.setdefault("features", []), list):
            return page
        raise _error(href, tr("gives a page that is no list of items"))

    def _followed(
        self, link: Mapping[str, Any], url: str, first: Mapping[str, Any]
    ) -> tuple[str, str, dict[str, Any]]:
        """Address, method and parameters of the next page: on the server of the search only."""
        here, there = urlsplit(url), urlsplit(str(link.get("href", "")))
        if (there.scheme, here.scheme) == ("http", "https") and there.hostname == here.hostname:
            there = there._replace(scheme="https", netloc=here.netloc)  # a careless front server
        if there.netloc and (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise _error(
                url,
                tr(
                    "sends us to another server for its next page, {server}",
                    server=there.netloc[:100],
                ),
            )
        href = urlunsplit(there._replace(scheme=here.scheme, netloc=here.netloc))
        if str(link.get("method", "GET")).upper() != "POST":
            return href, "GET", {}
        body = link.get("body") if isinstance(link.get("body"), dict) else {}
        assert body is not None
        return href, "POST", {**first, **body} if link.get("merge") else body

    def _text(self, url: str, body: bytes | None = None) -> str:
        left = self.end - time.monotonic()
        if left <= 0:
            raise _error(
                url,
                tr("took longer than {seconds:.0f} s for one search", seconds=self.net.search_s),
                tr("Ask for a shorter period, or try another time."),
            )
        bounds = replace(self.asking.bounds, total_s=min(self.net.page_s, left))
        asking = replace(self.asking, bounds=bounds)
        if body is not None:
            json_head = {"Content-Type": "application/json"}
            asking = replace(asking, method="POST", body=body, headers=json_head)
        try:
            got = ask(url, asking)[-1]
        except GossanError as error:
            problem = tr(
                "The catalogue at {url} could not be searched: {problem}",
                url=_bare(url),
                problem=error.problem,
            )
            raise GossanError(Code.SOURCE, problem, error.hint) from None
        if body is not None and got.code in (405, 501):
            raise _NotAllowedError
        if not 200 <= got.code < 300:
            raise _error(url, tr("could not be searched (status {code})", code=got.code))
        try:
            data = unpacked(got.body, got.header("content-encoding"), bounds.size)
            json_of(data)
            return data.decode("utf-8-sig")
        except ValueError as error:
            raise _error(
                url, tr("could not be searched: its answer {reason}", reason=error)
            ) from None


def _error(url: str, what: str, hint: str = "") -> GossanError:
    hint = hint or tr("Check the address, tell its operator, or name another source.")
    return GossanError(
        Code.SOURCE, tr("The catalogue at {url} {what}.", url=_bare(url), what=what), hint
    )


class _NotAllowedError(Exception):
    """The server does not take this method."""


def _next(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    links = page.get("links")
    links = links if isinstance(links, list) else []
    return next((k for k in links if isinstance(k, dict) and k.get("rel") == "next"), None)


def _query(parameters: Mapping[str, Any]) -> str:
    """As STAC APIs take them in an address: lists with commas, other structures as JSON."""
    said: dict[str, str | int | float] = {}
    for name, value in parameters.items():
        if isinstance(value, list | tuple):
            said[name] = ",".join(map(str, value))
        else:
            said[name] = value if isinstance(value, str | int | float) else json.dumps(value)
    return urlencode(said)


def _bare(url: str) -> str:
    return url.split("?", 1)[0]
