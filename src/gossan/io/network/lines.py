"""Connections that are made through the guard, kept open where that pays, and cut in time.

Certificates and proxies are those of the environment.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from gossan.io.network import guard
from gossan.io.network.guard import Reach, Target

_now = threading.local()
"""Of the request that this thread makes: its `reach`, its `end` (monotonic), and `held`, sockets by
which it can be cut."""


@contextmanager
def until(end: float, reach: Reach) -> Iterator[None]:
    """What this thread asks is within `reach` and is cut at `end` (monotonic), whatever it waits
    for: the greeting of TLS, headers or a body that trickle."""
    held: list[socket.socket] = []
    _now.reach, _now.end, _now.held = reach, end, held
    watch = threading.Timer(max(0.0, end - time.monotonic()), _cut, [held])
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        for line in held:
            line.close()


def _cut(held: list[socket.socket]) -> None:
    for line in list(held):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _hold(line: socket.socket) -> None:
    """Keep a copy of the descriptor: it works through every layer around the socket, and when the
    connection has passed it on to a response."""
    _now.held.append(socket.socket(fileno=os.dup(line.fileno())))


class _Guarded:
    target: Target

    def _new_conn(self) -> socket.socket:
        made = guard.connect(self.target, _now.reach, _now.end)
        made.settimeout(self.timeout)  # type: ignore[attr-defined]
        _hold(made)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:
        line = self.sock  # type: ignore[attr-defined]
        if line is not None:
            _hold(line)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Http(_Guarded, HTTPConnection):
    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """To a proxy the whole address is said."""
        proxy = guard.proxy_for(self.target)
        whole = f"http://{self.target.authority}{url}" if proxy else url
        super().putrequest(method, whole, *args, **kwargs)
        if proxy and proxy.header:
            self.putheader("Proxy-Authorization", proxy.header)


class _Https(_Guarded, HTTPSConnection):
    pass


_pools: dict[tuple[str, tuple[str, int], Reach, int], HTTPConnectionPool] = {}
_lock = threading.Lock()


def kept_pool(target: Target, reach: Reach) -> HTTPConnectionPool:
    """Connections to a server within a reach that are kept open, of this process."""
    key = (target.scheme, target.place, reach, os.getpid())
    with _lock:
        if key not in _pools:
            while len(_pools) >= 32:
                _pools.pop(next(iter(_pools))).close()
            _pools[key] = new_pool(target)
        return _pools[key]


def new_pool(target: Target) -> HTTPConnectionPool:
    """Connections to a server, none made yet."""
    kind: type[_Guarded]
    if target.scheme == "http":
        pool, kind = HTTPConnectionPool(*target.place, maxsize=8), _Http
    else:
        pool = HTTPSConnectionPool(*target.place, maxsize=8, ssl_context=certificates())
        kind = _Https
    pool.ConnectionCls = type("_Connection", (kind,), {"target": target})
    return pool


def bundle() -> str:
    """The file or folder of certificates that the environment names, or nothing."""
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    return next((os.environ[n] for n in names if os.environ.get(n)), "")


@cache
def certificates() -> ssl.SSLContext:
    """Those that the environment names, or else those of the system and of certifi together."""
    named = Path(bundle())
    if bundle():
        return (
            ssl.create_default_context(capath=named)
            if named.is_dir()
            else ssl.create_default_context(cafile=named)
        )
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context
