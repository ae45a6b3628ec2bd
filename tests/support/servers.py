"""Real servers on localhost for tests: files by byte range, and a STAC API with paging."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Traffic:
    """What a server was asked and what it sent; `url` is its address without a last slash."""

    url: str = ""
    sent: int = 0
    requests: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server on a free port of this machine while it is needed; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def etag_of(path: Path) -> str:
    """The ETag `file_server` gives a file."""
    return f'"{hashlib.md5(path.read_bytes()).hexdigest()}"'


def send_file(handler: BaseHTTPRequestHandler, folder: Path, traffic: Traffic) -> None:
    """Answer with a file of `folder`, or the range of it that was asked for."""
    path = folder / handler.path.split("?")[0].lstrip("/")
    traffic.requests.append(f"{handler.command} {handler.path}")
    if not path.is_file():
        handler.send_response(404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    data = path.read_bytes()
    size = len(data)
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
    if match:
        first, last = int(match[1]), min(int(match[2] or size - 1), size - 1)
        data = data[first : last + 1]
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {first}-{last}/{size}")
    else:
        handler.send_response(200)
    handler.send_header("Accept-Ranges", "bytes")
    handler.send_header("ETag", etag_of(path))
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    if handler.command == "GET":
        traffic.sent += len(data)
        handler.wfile.write(data)


@contextmanager
def file_server(folder: Path) -> Iterator[Traffic]:
    """Files of a folder over HTTP with Range, counting bytes of bodies sent."""
    traffic = Traffic()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            send_file(self, folder, traffic)

        def do_GET(self) -> None:
            send_file(self, folder, traffic)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as traffic.url:
        yield traffic


@contextmanager
def stac_api(
    items: Sequence[Mapping[str, Any]],
    *,
    page: int = 2,
    failures: Sequence[int] = (),
    broken_page: int | None = None,
    searchable: bool = True,
    stalled: bool = False,
    folder: Path | None = None,
) -> Iterator[Traffic]:
    """A STAC API whose search gives `items` in pages of `page` with POST next links.

    The first searches are answered with the status codes `failures`; page `broken_page`
    (from 0) always with 500; a `stalled` server takes searches and never answers. `{URL}` in
    the items becomes the server's own address, which serves the files of `folder` too.
    """
    traffic = Traffic()
    waiting = list(failures)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            send_file(self, folder or Path(), traffic)

        def do_GET(self) -> None:
            if self.path != "/" and folder is not None:
                send_file(self, folder, traffic)
                return
            traffic.requests.append(f"GET {self.path}")
            search = [
                {
                    "rel": "search",
                    "href": f"{traffic.url}/search",
                    "method": "POST",
                    "type": "application/geo+json",
                }
            ]
            self._json(
                200,
                {
                    "type": "Catalog",
                    "id": "test",
                    "stac_version": "1.0.0",
                    "description": "a test",
                    "conformsTo": [
                        "https://api.stacspec.org/v1.0.0/core",
                        "https://api.stacspec.org/v1.0.0/item-search",
                    ]
                    if searchable
                    else [],
                    "links": [
                        {"rel": "self", "href": traffic.url},
                        {"rel": "root", "href": traffic.url},
                        *(search if searchable else []),
                    ],
                },
            )

        def do_POST(self) -> None:
            traffic.requests.append(f"POST {self.path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if stalled:
                over.wait()
                return
            if waiting:
                self._json(waiting.pop(0), {"description": "try later"})
                return
            traffic.bodies.append(body)
            number = int(body.get("token", 0))
            if number == broken_page:
                self._json(500, {"description": "this page is broken"})
                return
            part = items[number * page : (number + 1) * page]
            more = (number + 1) * page < len(items)
            link = {
                "rel": "next",
                "method": "POST",
                "href": f"{traffic.url}/search",
                "body": {**body, "token": number + 1},
            }
            text = json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": list(part),
                    "links": [link] if more else [],
                }
            )
            self._json(200, json.loads(text.replace("{URL}", traffic.url)))

        def _json(self, status: int, value: Mapping[str, Any]) -> None:
            data = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as traffic.url:
        try:
            yield traffic
        finally:
            over.set()
