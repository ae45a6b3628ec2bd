"""The way to the network for GDAL: a proxy on loopback that judges every connection.

libcurl inside GDAL looks names up and follows redirects by itself. It is pointed at a proxy of
this process, which connects through `guard`: every address, also that of a redirect, is judged, and
TLS stays between GDAL and the server. Only those who know a word drawn at random get through.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import rasterio
import urllib3

from gossan.core.errors import Code, GossanError
from gossan.core.waits import heard, waiting
from gossan.core.words import tr
from gossan.io.network import guard, web
from gossan.io.network.guard import Reach, RefusedError, Target
from gossan.io.network.lines import bundle

SILENCE_S = 30.0
"""A server from which nothing has come for so long after it was asked is hung up on, seconds."""
SLOW_S = 20.0
"""A read that fails after so long counts as a silence of the server, seconds."""
LONGEST_S = 240.0
"""What the options below let one request of GDAL take with its repetitions, seconds."""
IDLE_S = 120.0
"""A connection on which nothing happens for so long is closed, seconds."""

_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "0.5",
    "GDAL_HTTP_CONNECTTIMEOUT": "20",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_LOW_SPEED_TIME": "25",
    "GDAL_HTTP_LOW_SPEED_LIMIT": "200",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "GDAL_HTTP_MULTIPLEX": "YES",
    "GDAL_HTTP_NETRC": "NO",
    "VSI_CACHE": "TRUE",
    "VSI_CACHE_SIZE": "16777216",
    "AWS_NO_SIGN_REQUEST": "YES",
}
"""For cloud-optimised files over HTTP: headers once, ranges merged, retries with a pause."""


def gdal_env(reach: Reach) -> rasterio.Env:
    """GDAL's environment for reading: what it asks of the network goes through a gate of `reach`.

    To be entered wherever GDAL opens what may lie on a server.
    """
    return rasterio.Env(**_options(reach, os.getpid()))


@contextmanager
def reading(href: str, reach: Reach) -> Iterator[None]:
    """Around a read by GDAL: a person sees who is waited for, and a server from which nothing can
    be had in time is left alone for a while."""
    try:
        target = guard.check(href, reach) if urlsplit(href).scheme in ("http", "https") else None
    except RefusedError:
        target = None  # the gate says so
    if target is None:
        yield
        return
    begun = time.monotonic()
    with waiting(target.host, LONGEST_S, 5.0):
        try:
            yield
        except Exception:
            if time.monotonic() - begun > SLOW_S:
                guard.silent(target)
            raise
    guard.answered(target)


def unreadable(href: str, reach: Reach) -> str:
    """Why GDAL could not read from a server, as far as asking for one byte tells; or nothing.

    GDAL says of a refused redirect no more than that a tunnel failed.
    """
    if urlsplit(href).scheme not in ("http", "https"):
        return ""
    asking = web.Asking(
        Code.READ,
        reach,
        web.Bounds(SILENCE_S, SILENCE_S + 10),
        headers={"Range": "bytes=0-0"},
        whole=False,
    )
    try:
        code = web.ask(href, asking)[-1].code
    except GossanError as error:
        return error.problem
    return "" if code < 400 else tr("the server answered {code}", code=code)


@cache
def _options(reach: Reach, _process: int) -> dict[str, str]:
    """One gate for each reach and process: a copy of the process has none of its threads."""
    guard.take_no_proxy()
    word = secrets.token_urlsafe(24)
    gate = _Gate(reach, word)
    threading.Thread(target=gate.serve_forever, name="gossan-gate", daemon=True).start()
    address = f"http://127.0.0.1:{gate.server_port}"
    # GDAL's own name for it, and that of the builds in rasterio's wheels, which comes first there
    certificates = dict.fromkeys(("CURL_CA_BUNDLE", "GDAL_CURL_CA_BUNDLE"), bundle())
    return {
        **_OPTIONS,
        **(certificates if bundle() else {}),
        "GDAL_HTTP_PROXY": address,
        "GDAL_HTTPS_PROXY": address,
        "GDAL_HTTP_PROXYUSERPWD": f"gossan:{word}",
        "GDAL_PROXY_AUTH": "BASIC",
    }


class _Gate(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, reach: Reach, word: str) -> None:
        self.reach = reach
        self.let_in = "Basic " + base64.b64encode(f"gossan:{word}".encode()).decode()
        super().__init__(("127.0.0.1", 0), _Passage)

    def handle_error(self, *_: Any) -> None:
        """A connection that breaks is GDAL's to notice."""


class _Passage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    disable_nagle_algorithm = True
    server: _Gate

    def do_CONNECT(self) -> None:
        """https: a tunnel to the judged address."""
        self.close_connection = True
        target = self._target(f"https://{self.path}")
        if target is None:
            return
        try:
            line = guard.connect(target, self.server.reach, time.monotonic() + guard.CONNECT_S)
        except (RefusedError, OSError) as error:
            self._no(error, target)
            return
        with closing(line):
            self.send_response_only(200, "Connection established")
            self.end_headers()
            _relay(self.connection, line, target.host)

    def do_GET(self) -> None:
        """http: the request itself, over a kept connection to the judged address."""
        target = self._target(self.path)
        if target is None:
            return
        own = {"host", "proxy-authorization", "proxy-connection", "connection"}
        headers = {k: v for k, v in self.headers.items() if k.lower() not in own}
        try:
            with web.passing(target, self.server.reach, self.command, headers) as response:
                heard(target.host)
                self._pass_on(response, target)
        except (RefusedError, urllib3.exceptions.HTTPError, OSError) as error:
            self._no(error, target)

    do_HEAD = do_GET  # noqa: N815, http.server finds it by this name

    def _target(self, url: str) -> Target | None:
        said = self.headers.get("Proxy-Authorization", "")
        if not hmac.compare_digest(said.encode(), self.server.let_in.encode()):
            self._answer(407, "not for you")
            return None
        try:
            return guard.check(url, self.server.reach)
        except RefusedError as refused:
            self._answer(403, str(refused))
            return None

    def _no(self, error: Exception, target: Target) -> None:
        if isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
            guard.silent(target)
        # 403 is not asked again by GDAL, and neither should this be
        self._answer(403 if isinstance(error, RefusedError) else 502, str(error))

    def _pass_on(self, response: urllib3.BaseHTTPResponse, target: Target) -> None:
        self.send_response_only(response.status, response.reason or "")
        dropped = {"connection", "keep-alive", "proxy-authenticate", "transfer-encoding", "upgrade"}
        for name, value in response.headers.items():
            if name.lower() not in dropped:
                self.send_header(name, value)
        bodiless = self.command == "HEAD" or response.status in (204, 304)
        if not bodiless and "content-length" not in response.headers:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self._begun = True
        for part in response.stream(65536, decode_content=False):
            self.wfile.write(part)
            heard(target.host)

    _begun = False

    def _answer(self, status: int, words: str) -> None:
        self.close_connection = True
        if self._begun:
            return
        body = words.encode()
        self.send_response_only(status, "refused by gossan" if status == 403 else None)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Addresses may hold signatures."""


def _relay(ours: socket.socket, theirs: socket.socket, host: str) -> None:
    """Bytes both ways until one side ends or keeps silent."""
    asked = False
    with selectors.DefaultSelector() as sides:
        for pair in ((ours, theirs), (theirs, ours)):
            pair[0].settimeout(SILENCE_S)
            sides.register(pair[0], selectors.EVENT_READ, pair)
        while ready := sides.select(SILENCE_S if asked else IDLE_S):
            for key, _ in ready:
                side, other = key.data
                part = side.recv(262_144)
                if not part:
                    return
                other.sendall(part)
                asked = side is ours
                if not asked:
                    heard(host)
