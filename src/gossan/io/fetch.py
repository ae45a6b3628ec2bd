"""One document from the web, fetched as if it were hostile.

Only http(s), only public addresses (looked up once and then connected to, so that a name cannot
point elsewhere in between), at most 20 MB on the wire and unpacked, at most 5 redirects, each
checked like the first address. The exchange is kept as it went over the wire, for a WARC file.
"""

from __future__ import annotations

import ipaddress
import socket
import time
import zlib
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from gossan import __version__
from gossan.core.errors import Code, GossanError

MAX_BYTES = 20_000_000
MAX_REDIRECTS = 5
TIMEOUT_S = 30.0
TOTAL_S = 120.0
"""Longest time a whole document may take, seconds, however slowly it trickles."""
PORTS = (80, 443, 8000, 8080, 8443)
"""Ports of web servers. Others belong to services that a web page has no business with."""


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    Attributes
    ----------
    url : asked for
    request : header lines sent
    status : "200 OK"
    response : header lines received, in order
    body : bytes as they came, still packed where the server packed them
    """

    url: str
    request: tuple[tuple[str, str], ...]
    status: str
    response: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Fetched:
    """The last response's body, unpacked, its media type, and every exchange on the way."""

    url: str
    data: bytes
    content_type: str
    exchanges: tuple[Exchange, ...]


class _RefusedError(Exception):
    """An address that may not be fetched from."""


def fetch(url: str, *, allow_private: bool = False) -> Fetched:
    """Fetch a document. Raises GossanError (REPORT) saying what was refused or failed."""
    exchanges: list[Exchange] = []
    end = time.monotonic() + TOTAL_S
    for _ in range(MAX_REDIRECTS + 1):
        _check_url(url, allow_private)
        exchange = _exchange(url, allow_private, end)
        exchanges.append(exchange)
        headers = {k.lower(): v for k, v in exchange.response}
        code = int(exchange.status.split()[0])
        if code in (301, 302, 303, 307, 308) and "location" in headers:
            url = urljoin(url, headers["location"])
            continue
        if code != 200:
            _fail(f"{url} answered {exchange.status}, expected 200.", "Check the address.")
        data = _unpacked(exchange.body, headers.get("content-encoding", ""), url)
        return Fetched(url, data, headers.get("content-type", ""), tuple(exchanges))
    raise _error(f"{url}: more than {MAX_REDIRECTS} redirects.", "Give the address they lead to.")


def _check_url(url: str, allow_private: bool) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _fail(f"{url!r:.200} is no address.", "Expected e.g. https://example.org/report.")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        _fail(f"{url!r:.200}: only http and https addresses are fetched.",
              "Save other documents as a file and add that.")  # fmt: skip
    if parts.username is not None or parts.password is not None:
        _fail("An address with a user name or password in it is not fetched.", "Leave them out.")
    if port is not None and port not in PORTS and not allow_private:
        _fail(f"{url}: port {port} is not a web server's usual one.",
              "Set allow_private = true in [reports] of case.toml if this is meant.")  # fmt: skip


def _exchange(url: str, allow_private: bool, end: float) -> Exchange:
    headers = {
        "User-Agent": f"gossan/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    with _pools(allow_private) as manager:
        try:
            response = manager.request(
                "GET", url, headers=headers, redirect=False, retries=False, preload_content=False,
                decode_content=False, timeout=urllib3.Timeout(connect=TIMEOUT_S, read=TIMEOUT_S),
            )  # fmt: skip
            body = _body(response, url, end)
        except _RefusedError as refused:
            _fail(str(refused), "Set allow_private = true in [reports] of case.toml if meant.")
        except (HTTPError, OSError) as error:
            _fail(f"{url} could not be fetched: {error}.", "Try later, or save it as a file.")
    host = urlsplit(url).netloc
    sent = (("Host", host), *headers.items())
    status = f"{response.status} {response.reason or ''}".strip()
    return Exchange(url, sent, status, tuple(response.headers.items()), body)


def _body(response: urllib3.BaseHTTPResponse, url: str, end: float) -> bytes:
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BYTES:
        _too_large(url, int(length))
    parts, size = [], 0
    for part in response.stream(65536, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            _too_large(url, size)
        if time.monotonic() > end:
            _fail(f"{url} took longer than {TOTAL_S:.0f} s.", "Save it as a file and add that.")
    response.release_conn()
    return b"".join(parts)


def _unpacked(body: bytes, encoding: str, url: str) -> bytes:
    """Unpack gzip and deflate, never beyond the limit."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        _fail(f"{url} is packed as {encoding!r:.40}, expected gzip, deflate or nothing.")
    for bits in (47, -15):  # gzip or zlib by their head; deflate without one
        try:
            packed = zlib.decompressobj(bits)
            data = packed.decompress(body, MAX_BYTES + 1)
        except zlib.error:
            continue
        if len(data) > MAX_BYTES:
            _too_large(url, len(data))
        return data
    raise _error(f"{url} says it is packed as {encoding}, but it is not.")


def _too_large(url: str, size: int) -> NoReturn:
    _fail(f"{url} has {size:,} bytes or more, expected at most {MAX_BYTES:,}.",
          "Save the part that matters as a file and add that.")  # fmt: skip


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise _error(problem, hint)


def _error(problem: str, hint: str = "") -> GossanError:
    return GossanError(Code.REPORT, problem, hint)


def _pools(allow_private: bool) -> urllib3.PoolManager:
    """A manager whose connections are made by `_connect`; proxies of the environment are unused."""
    manager = urllib3.PoolManager(num_pools=1)
    if not allow_private:
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return manager


def _connect(connection: Any) -> socket.socket:
    """Connect to the first address of the host after checking all of them."""
    host, port = connection._dns_host, connection.port
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for info in infos:
        address = ipaddress.ip_address(str(info[4][0]).split("%")[0])
        if not _public(address):
            raise _RefusedError(f"{host} is at {address}, which is no public address: not fetched.")
    address_and_port = (str(infos[0][4][0]), int(port))
    return socket.create_connection(address_and_port, timeout=connection.timeout)


def _public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (
            address.teredo[1] if address.teredo else None
        )  # fmt: skip
        if inner is not None:
            return _public(inner)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return _public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https
