"""Which addresses gossan may connect to: one guard for every door to the network.

An address comes from a catalogue, a document, a redirect or a link, all of them written by others.
It is judged by its form, its name is looked up once, what it resolves to is judged, and the
connection is made to that very address: a name cannot point elsewhere in between. `web` asks
through this guard, and so does GDAL, by way of `gate`.

Public is what the IANA special-purpose registries (RFC 6890 and its updates) leave over.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

from gossan.core.words import tr

CONNECT_S = 10.0
"""Longest time looking up a name, and then connecting to an address of it, may take, seconds."""
PORTS = (80, 443, 8000, 8080, 8443)
"""Ports of web servers. Others belong to services that a web page has no business with."""
SILENCES, PAUSE_S = 3, 300.0
"""A server that leaves so many requests in a row unanswered is left alone for so long, seconds."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED_V4 = tuple(map(ipaddress.IPv4Network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
    "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
)))  # fmt: skip
"""No public servers: private, shared, benchmarks, documentation, multicast; 168.63.129.16 is
Azure's own metadata server."""
_CLOSED_V6 = tuple(
    map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
"""Within 2000::/3, the only part of IPv6 that is public: Teredo and other protocols, documentation
and 6to4."""
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "168.63.129.16/32",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "224.0.0.0/3",
            "100.100.100.200/32",
            "::/128",
            "fe80::/10",
            "ff00::/8",
            "fd00:ec2::/32",
            "fd20:ce::/32",
        ),
    )
)
"""Not even where private addresses are allowed: nobody's mirror, but metadata of machines."""
_NAMES = re.compile(
    r"(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|"
    r"home\.arpa|test|invalid|example|onion)$|^[^.]+$"
)
"""Names that no public server has: reserved ones (RFC 6761, 6762, 8375), and single words."""
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
    r"(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)$")
"""A name whose last part is a number is taken for an IPv4 address by those who connect."""


class RefusedError(Exception):
    """An address that is not connected to; the message is a sentence. `allowable` where the user
    may allow it."""

    def __init__(self, sentence: str, allowable: bool = False) -> None:
        super().__init__(sentence)
        self.allowable = allowable


@dataclass(frozen=True)
class Target:
    """An http(s) address as checked: `host` in lower case and ASCII, `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port

    @property
    def authority(self) -> str:
        """Host, and port where it is not the usual one, as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address itself."""
        return f"{self.scheme}://{self.authority}{self.path}"


@dataclass(frozen=True)
class Reach:
    """What may be connected to beside public servers at the usual ports.

    Attributes
    ----------
    named : host and port of what the user named: any port will do
    private : host and port that the user named and that may lie on a private address
    anything : every private address may be connected to
    """

    named: frozenset[tuple[str, int]] = frozenset()
    private: frozenset[tuple[str, int]] = frozenset()
    anything: bool = False


PUBLIC = Reach()


def reach_of(url: str, private_hosts: tuple[str, ...] = ()) -> Reach:
    """What a server named by the user may lead to: itself, `private_hosts`, and public servers.

    An address that is plainly private, such as http://127.0.0.1:8080, is allowed by being named. A
    name that looks public must be so: whoever owns it could point it into the user's network.
    Raises RefusedError.
    """
    listed = frozenset(place for host in private_hosts for place in places_of(host))
    if not url:
        return Reach(listed, listed)
    own = check(url, Reach(anything=True))
    private = {own.place} if _is_private_name(own.host) else set()
    return Reach(listed | {own.place}, listed | private)


def places_of(host: str) -> tuple[tuple[str, int], ...]:
    """Host and port of "host:port"; without a port those of http and https. Raises RefusedError."""
    if any(sign in host for sign in "/?#"):
        _refuse(tr("{host!r:.80} is no host, such as 127.0.0.1:8080.", host=host))
    explicit = re.search(r":\d+$", host) and (not host.count(":") > 1 or "]" in host)
    found = [check(f"{scheme}://{host}", Reach(anything=True)) for scheme in ("http", "https")]
    return tuple(dict.fromkeys(t.place for t in (found[:1] if explicit else found)))


def check(url: str, reach: Reach) -> Target:
    """The address, if its form is that of a server that may be asked. Raises RefusedError."""
    if not url.isprintable() or "\\" in url:
        _refuse(tr("{url!r:.200} is no address.", url=url))
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        _refuse(tr("{url!r:.200} is no address.", url=url))
    if parts.scheme not in ("http", "https"):
        _refuse(tr("{url!r:.200}: only http and https addresses are asked.", url=url))
    if "@" in parts.netloc:
        _refuse(tr("An address with a user name or password in it is not asked."))
    host = _ascii(host, bracketed="[" in parts.netloc)
    usual = 443 if parts.scheme == "https" else 80
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    path = quote(path, safe="/%?&=+$,;:@!~*'()[]|")
    found = Target(parts.scheme, host, usual if port is None else port, path)
    literal = _literal(host)
    if literal is not None:
        _judge(host, literal, found.place, reach)
    elif _NAMES.search(host) and not (reach.anything or found.place in reach.private):
        _refuse(tr("{host} is a name of no public server.", host=host), allowable=True)
    if not reach.anything and found.port not in PORTS and found.place not in reach.named:
        _refuse(
            tr("{host}: port {port} is not a web server's usual one.", host=host, port=found.port),
            allowable=True,
        )
    return found


def connect(target: Target, reach: Reach, end: float) -> socket.socket:
    """A connection to a checked target by `end` (monotonic), tunnelled for https where a proxy of
    the environment stands before it. Raises RefusedError, OSError."""
    silent = _silences.get(target.place)
    if silent is not None and silent[0] >= SILENCES and time.monotonic() < silent[1]:
        _refuse(
            tr(
                "{host} left {n_requests} requests unanswered and is not asked for a while.",
                host=target.host,
                n_requests=silent[0],
            )
        )
    proxy = proxy_for(target)
    if proxy is None:
        return _connected(_resolved(target, reach, end), target.port, end)
    with suppress(OSError):  # behind a proxy names of the outside often cannot be looked up
        _resolved(target, reach, end)
    found = _look_up(proxy.host, proxy.port, end)
    connection = _connected(found, proxy.port, end)
    if target.scheme == "https":
        try:
            _tunnel(connection, target, proxy)
        except BaseException:
            connection.close()
            raise
    return connection


@dataclass(frozen=True)
class Proxy:
    """An http proxy that the user's environment names; `header` is what lets us in, or empty."""

    host: str
    port: int
    header: str


_no_proxy: dict[str, str] = {}


def take_no_proxy() -> None:
    """Move NO_PROXY out of the environment, where libcurl would obey it and go past `gate`; it
    goes on to hold here."""
    for name in ("no_proxy", "NO_PROXY"):
        if name in os.environ:
            _no_proxy["no"] = os.environ.pop(name)


def proxy_for(target: Target) -> Proxy | None:
    """The proxy that http_proxy, HTTPS_PROXY, NO_PROXY and GDAL's own variables of this kind give
    for a target. Raises RefusedError for one that is no http proxy."""
    proxies = {**getproxies_environment(), **_no_proxy}
    names = ("GDAL_HTTPS_PROXY", "GDAL_HTTP_PROXY")[target.scheme == "http" :]
    of_gdal = next((os.environ[n] for n in names if os.environ.get(n)), "")
    address = proxies.get(target.scheme) or of_gdal or proxies.get("all", "")
    literal = _literal(target.host)
    if not address or target.host == "localhost" or (literal and literal.is_loopback):
        return None
    if proxy_bypass_environment(target.host, proxies):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme != "http" or not parts.hostname:
        _refuse(
            tr(
                "The proxy of the environment, {scheme}://{host}, is no http:// proxy, the only "
                "kind gossan can use.",
                scheme=parts.scheme,
                host=parts.hostname,
            )
        )
    who = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    who = who or (os.environ.get("GDAL_HTTP_PROXYUSERPWD", "") if address == of_gdal else "")
    header = "Basic " + base64.b64encode(who.encode()).decode() if who else ""
    return Proxy(parts.hostname, parts.port or 80, header)


_silences: dict[tuple[str, int], tuple[int, float]] = {}


def silent(target: Target) -> None:
    """Count a request that was not answered in time."""
    count, until = _silences.get(target.place, (0, 0.0))
    count = 1 if count >= SILENCES and time.monotonic() > until else count + 1
    _silences[target.place] = (count, time.monotonic() + PAUSE_S)


def answered(target: Target) -> None:
    """Forget the silences of a server that answers."""
    _silences.pop(target.place, None)


def _ascii(host: str, *, bracketed: bool) -> str:
    """A host name in lower case and ASCII without a last dot, or an address as Python writes it."""
    if bracketed:
        try:
            return str(ipaddress.IPv6Address(host if "%" not in host else ""))
        except ValueError:
            _refuse(tr("[{host}] is no IPv6 address.", host=host[:80]))
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        name = ""
    name = name.lower().removesuffix(".")
    if not _HOST.fullmatch(name):
        _refuse(tr("{host!r:.100} is no name of a server.", host=host))
    if _NUMBER.search(name) and _literal(name) is None:
        _refuse(
            tr(
                "{host} is a number in disguise: write the address with four numbers.",
                host=host[:100],
            )
        )
    return name


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_private_name(host: str) -> bool:
    literal = _literal(host)
    return bool(_NAMES.search(host)) if literal is None else not is_public(literal)


def is_public(address: Address) -> bool:
    """Whether a server of the public internet can have this address."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in net for net in _CLOSED_V4)
    if address in _NAT64:  # how networks without IPv4 reach every server that has nothing else
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE  # RFC 5214: an IPv4 address inside
    return address in _PUBLIC_V6 and not isatap and not any(address in net for net in _CLOSED_V6)


def _judge(host: str, address: Address, place: tuple[str, int], reach: Reach) -> None:
    inner = address
    if isinstance(address, ipaddress.IPv6Address):
        last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        inner = last if address.ipv4_mapped or address in _NAT64 else address
    allowed = reach.anything or place in reach.private
    never = any(inner in net for net in _NEVER)
    if never or not (allowed or is_public(address)):
        words = (
            tr("{host} is no public address: not asked.", host=host)
            if host == str(address)
            else tr(
                "{host} is at {address}, which is no public address: not asked.",
                host=host,
                address=address,
            )
        )
        _refuse(words, allowable=not never)


def _resolved(target: Target, reach: Reach, end: float) -> list[tuple[int, str]]:
    """Family and address of a host, all of them judged. Raises RefusedError, OSError."""
    found = _look_up(target.host, target.port, end)
    for _, address in found:
        _judge(target.host, ipaddress.ip_address(address.split("%")[0]), target.place, reach)
    return found


def _look_up(host: str, port: int, end: float) -> list[tuple[int, str]]:
    """As the system resolves it, in a thread of its own: a resolver cannot be interrupted."""
    got: list[list[tuple[int, str]] | OSError] = []

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            got.append([(int(info[0]), str(info[4][0])) for info in infos])
        except (OSError, UnicodeError) as error:
            got.append(error if isinstance(error, OSError) else OSError(str(error)))

    if _literal(host) is not None:
        ask()
    else:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(max(0.0, min(CONNECT_S, end - time.monotonic())))
    if not got:
        raise TimeoutError(tr("the name {host} could not be looked up in time", host=host))
    if isinstance(got[0], OSError):
        raise OSError(
            tr(
                "the name {host} cannot be looked up ({reason})",
                host=host,
                reason=got[0].strerror or got[0],
            )
        )
    return got[0]


def _connected(found: list[tuple[int, str]], port: int, end: float) -> socket.socket:
    last = OSError(tr("no address"))
    for _, address in found:
        left = min(CONNECT_S, end - time.monotonic())
        if left <= 0:
            raise TimeoutError(tr("connecting took too long"))
        try:
            made = socket.create_connection((address, port), timeout=left)
        except OSError as error:
            last = error
            continue
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    raise last


def _tunnel(connection: socket.socket, target: Target, proxy: Proxy) -> None:
    host = f"[{target.host}]" if ":" in target.host else target.host
    place = f"{host}:{target.port}"
    let_in = f"Proxy-Authorization: {proxy.header}\r\n" if proxy.header else ""
    connection.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{let_in}\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(1)  # what follows belongs to the tunnel
        if not part or len(head) > 20_000:
            raise OSError(tr("the proxy {proxy} gave no answer that can be read", proxy=proxy.host))
        head += part
    status = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 1)[-1]
    if not status.startswith("2"):
        raise OSError(
            tr(
                "the proxy {proxy} answered {status!r} for {host}",
                proxy=proxy.host,
                status=status[:80],
                host=target.host,
            )
        )


def _refuse(sentence: str, *, allowable: bool = False) -> NoReturn:
    raise RefusedError(sentence, allowable)
