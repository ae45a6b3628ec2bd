"""Servers that are slow, silent, endless or insistent are given up with one sentence."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import box
from tests.support.hosts import certificate, listening, secure
from tests.support.rasters import item_of, noise, write_cog
from tests.support.servers import Traffic, send_file, serving, stac_api

from gossan.core import waits
from gossan.core.errors import Code, GossanError
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.search import SearchResult, plan
from gossan.io.catalogue.sources import open_source
from gossan.io.network import gate, guard, lines, signing, stac_io, tsa, web
from gossan.io.network.fetch import fetch
from gossan.io.network.gate import gdal_env, reading
from gossan.io.network.guard import Reach, check, reach_of
from gossan.io.network.stac_io import NetSettings
from gossan.io.network.web import Asking, Bounds, ask
from gossan.io.pixels import read_window

AREA = box(22.10, 45.20, 22.12, 45.22)
PERIOD = (date(2019, 1, 1), date(2019, 12, 31))
GRID = GeoBox((64, 64), Affine(10, 0, 600000, 0, -10, 5000040), "EPSG:32634")
FAST = NetSettings(read_s=5, retries=2, backoff_s=0.0)
SHORT = Bounds(silence_s=0.3, total_s=0.6)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """Silences of one test are forgotten before the next."""
    guard._silences.clear()
    yield
    guard._silences.clear()


def item(number: int) -> dict[str, Any]:
    hrefs = {k: f"https://example.org/{k}.tif" for k in ("B02", "B04", "SCL")}
    when = f"2019-{number // 28 + 1:02d}-{number % 28 + 1:02d}T09:30:00Z"
    return item_of(f"S2A_34TFR_{number}", when, hrefs, (22.0, 45.0, 23.0, 46.0))


Page = Callable[[int, str, dict[str, Any]], tuple[int, dict[str, str], Any]]


@contextmanager
def api(page: Page, method: str | None = "POST") -> Iterator[tuple[str, list[str]]]:
    """A STAC API that answers its n-th search with what `page(n, address, body)` gives."""
    asked: list[str] = []
    own = [""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/":
                self.search({})
                return
            search = {"rel": "search", "href": f"{own[0]}/search", "type": "application/geo+json"}
            if method:
                search["method"] = method
            catalogue = {"type": "Catalog", "id": "t", "stac_version": "1.0.0", "description": "t"}
            self.out(200, {}, {**catalogue, "links": [search]})

        def do_POST(self) -> None:
            self.search(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def search(self, body: dict[str, Any]) -> None:
            asked.append(f"{self.command} {self.path}")
            self.out(*page(len(asked) - 1, own[0], body))

        def out(self, status: int, headers: dict[str, str], value: Any) -> None:
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as own[0]:
        yield own[0], asked


def search(url: str, net: NetSettings = FAST) -> SearchResult:
    return plan(open_source(url, net), AREA, *PERIOD, 80, SENTINEL_2)


def page_of(
    items: list[Any], link: dict[str, Any] | None = None
) -> tuple[int, dict[str, str], Any]:
    return 200, {}, {"features": items, "links": [{"rel": "next", **link}] if link else []}


# paging -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST", None])
def test_an_api_that_takes_get_only_is_asked_so(
    method: str | None, recwarn: pytest.WarningsRecorder
) -> None:
    """Also where it does not say so, or says otherwise; nothing of pystac-client's is shown."""

    def page(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        if body:
            return 405, {}, {}
        return page_of([item(n)], {"href": f"{url}/search?token={n}"} if n < 4 else None)

    with api(page, method) as (url, asked):
        found = search(url)
    assert len(found.acquisitions) == sum(a.startswith("GET") for a in asked) > 3
    first = next(a for a in asked if a.startswith("GET"))
    assert "collections=sentinel-2-l2a" in first
    assert "bbox=22.1%2C45.2%2C22.12%2C45.22" in first
    assert not recwarn.list


def test_a_next_link_that_repeats_itself_or_its_items_ends_the_search() -> None:
    def same(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        return page_of([item(0)], {"href": f"{url}/search", "method": "POST", "body": body})

    def counting(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        body = {**body, "token": n}
        return page_of([item(0)], {"href": f"{url}/search", "method": "POST", "body": body})

    def circle(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        return page_of([item(n)], {"href": f"/search?page={n % 3}"})

    for page in (same, counting, circle):
        with api(page) as (url, asked), pytest.raises(GossanError, match="again and again"):
            search(url)
        assert len(asked) < 8


def test_empty_pages_with_a_next_link_end_a_search_but_not_at_the_first() -> None:
    def page(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        items = [item(n)] if n in (0, 2) else []
        return page_of(items, {"href": f"{url}/search?page={n}"})

    with api(page) as (url, asked):
        assert len(search(url).acquisitions) == 2
    assert len(asked) == 3 + stac_io.MAX_EMPTY


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:9/search",
        "https://example.org/search",
        "http://[::1]/search",
        "//example.org/search",
        "file:///etc/passwd",
        "/\\example.org/x",
    ],
)
def test_the_next_page_is_on_the_server_of_the_search(link: str) -> None:
    with (
        api(lambda n, url, body: page_of([item(n)], {"href": link})) as (url, asked),
        pytest.raises(
            GossanError, match=r"another server for its next page|again and again|no address"
        ),
    ):
        search(url)
    assert all(a.split()[1].startswith(("/search", "/%5C")) or "etc" in a for a in asked)


def test_there_are_not_more_items_than_anybody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stac_io, "MAX_ITEMS", 20)
    with (
        api(lambda n, url, body: page_of([item(n)], {"href": f"/search?page={n}"})) as (url, asked),
        pytest.raises(GossanError, match="more than 20 items") as caught,
    ):
        search(url)
    assert "shorter period" in caught.value.hint
    assert len(asked) == 21


HUGE = b'{"features": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
DEEP = json.dumps({"features": [], "x": json.loads("[" * 300 + "]" * 300)}).encode()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (HUGE, "nested"),
        (DEEP, "nested more than 100 deep"),
        (b"<html>", "is no JSON"),
        (b"[1, 2]", "no list of items"),
        (b'{"features": {"a": 1}}', "no list of items"),
        (b"\xff\xfe{", "is no JSON"),
        (b'{"features": [], "x": "\\ud800"}', "is no JSON"),
        (b'{"features": [' + b"9" * 5000 + b"]}", "is no JSON"),
    ],
)
def test_answers_that_are_no_pages(answer: bytes, said: str) -> None:
    with api(lambda *_: (200, {}, answer)) as (url, _), pytest.raises(GossanError) as caught:
        search(url)
    assert said in caught.value.problem
    assert caught.value.code is Code.SOURCE


def test_items_that_are_none_are_counted() -> None:
    strange = [1, None, "x", [], {}, {"id": 7}]
    with api(lambda *_: page_of([*strange, item(1)])) as (url, _):
        found = search(url)
    assert len(found.acquisitions) == 1
    assert len(found.aside) == len(strange)


# time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["3600", "1e9", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_wait_of_hours_is_not_waited(asked: str) -> None:
    with (
        api(lambda *_: (429, {"Retry-After": asked}, {})) as (url, requests),
        pytest.raises(GossanError, match=r"asks to be left alone for [\d,]+ s") as caught,
    ):
        search(url)
    assert len(requests) == 1
    assert "after that" in caught.value.hint


def test_a_short_wait_is_waited() -> None:
    def page(n: int, url: str, body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        return page_of([item(0)]) if n else (503, {"Retry-After": "0.2"}, {})

    with api(page) as (url, requests):
        assert len(search(url).acquisitions) == 1
    assert len(requests) == 2


def trickle(line: socket.socket) -> None:
    """Headers that never end, a byte now and then: never silent for long."""
    with line:
        line.recv(65536)
        try:
            line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                line.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass


def drip(line: socket.socket) -> None:
    """A body that never ends."""
    with line:
        line.recv(65536)
        try:
            line.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while True:
                line.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass


def greet(line: socket.socket) -> None:
    """A greeting of TLS that never ends."""
    with line:
        line.recv(65536)
        try:
            line.sendall(b"\x16\x03\x03\x40\x00\x02")
            while True:
                line.sendall(b"\x00")
                time.sleep(0.05)
        except OSError:
            pass


def mute(line: socket.socket) -> None:
    """Taken, never answered."""
    line.recv(65536)
    time.sleep(20)
    line.close()


@pytest.mark.parametrize(
    ("act", "scheme"),
    [(trickle, "http"), (drip, "http"), (greet, "https"), (mute, "http"), (mute, "https")],
)
def test_a_server_that_takes_its_time_is_cut(act: Any, scheme: str) -> None:
    with listening(act) as port:
        url = f"{scheme}://127.0.0.1:{port}/x"
        with pytest.raises(GossanError, match=r"did not answer in time|took longer"):
            ask(url, Asking(Code.REPORT, reach_of(url), SHORT))


@pytest.mark.parametrize("act", [trickle, drip, mute])
def test_a_search_has_an_end(act: Any) -> None:
    net = NetSettings(read_s=0.2, page_s=0.5, search_s=0.5, retries=9, backoff_s=0.05)
    with listening(act) as port, pytest.raises(GossanError) as caught:
        search(f"http://127.0.0.1:{port}", net)
    assert caught.value.code is Code.SOURCE


def test_a_server_that_never_answers_is_left_alone_after_a_while() -> None:
    calls = []
    with listening(lambda line: (calls.append(1), mute(line))) as port:
        url = f"http://127.0.0.1:{port}/x"
        for _ in range(6):
            with pytest.raises(GossanError, match=r"in time|is not asked for a while"):
                ask(url, Asking(Code.READ, reach_of(url), SHORT))
    assert len(calls) == guard.SILENCES


def test_images_of_a_server_that_is_mute_fail_and_then_fail_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GDAL's reading gives up by itself; then the server is not asked again for a while."""
    monkeypatch.setattr(gate, "SLOW_S", 0.2)
    calls = []
    with listening(lambda line: (calls.append(1), mute(line))) as port:
        url = f"http://127.0.0.1:{port}"
        reach = reach_of(url)
        with gdal_env(reach) as env:
            env.options["GDAL_HTTP_TIMEOUT"] = "1"
            env.options["GDAL_HTTP_MAX_RETRY"] = "0"
        import rasterio

        for n in range(6):
            with (
                rasterio.Env(**env.options),
                pytest.raises(rasterio.errors.RasterioError),
                reading(f"{url}/{n}.tif", reach),
            ):
                read_window(f"{url}/{n}.tif", 0.0, GRID)
        before = len(calls)
        with gdal_env(reach), pytest.raises(rasterio.errors.RasterioError):
            read_window(f"{url}/more.tif", 0.0, GRID)
        assert len(calls) == before
        assert "not asked for a while" in gate.unreadable(f"{url}/more.tif", reach)


def test_whoever_waits_is_told_for_whom_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(waits, "FIRST_S", 0.0)
    monkeypatch.setattr(waits, "_listener", None)
    waits.listen(told.append)
    with listening(mute) as port:
        url = f"http://127.0.0.1:{port}/x"
        with pytest.raises(GossanError):
            ask(url, Asking(Code.REPORT, reach_of(url), Bounds(silence_s=2.0, total_s=4.0)))
    assert told
    assert told[0].startswith("Waiting for 127.0.0.1: no answer for ")
    assert told[0].endswith("at most 4 s in all.")


def test_the_command_line_says_for_whom_it_waits(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "gossan"
    with listening(mute) as port:
        made = subprocess.run(
            [
                command,
                "init",
                tmp_path / "case",
                "--name",
                "Slow",
                "--around",
                "45.2,22.1",
                "--radius",
                "1",
                "--start",
                "2019-01-01",
                "--end",
                "2019-12-31",
                "--source",
                f"http://127.0.0.1:{port}",
            ],
            check=False,
        )
        assert made.returncode == 0
        with subprocess.Popen(
            [command, "update", tmp_path / "case"], stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            said = next((line for line in process.stderr if "Waiting" in line), "")
            process.kill()
    assert "Waiting for 127.0.0.1: no answer for" in said
    assert "s in all" in said


# headers, tokens, redirects -----------------------------------------------------------------------


class Noting(BaseHTTPRequestHandler):
    """Sends whoever asks to `to`, or answers; `seen` are the headers that came."""

    to = ""
    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.seen.append({k.lower(): v for k, v in self.headers.items()})
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(307 if self.to else 200)
        if self.to:
            self.send_header("Location", self.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


def noting(to: str = "") -> type[Noting]:
    return type("Noting_", (Noting,), {"to": to, "seen": []})


def test_a_key_goes_to_the_first_server_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a .netrc of the user's speak for them to whoever asks."""
    (tmp_path / ".netrc").write_text("default login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    second = noting()
    with serving(second) as there:
        first = noting(f"{there}/x")
        with serving(first) as here:
            headers = {"Authorization": "Bearer secret", "Range": "bytes=0-0"}
            reach = Reach(anything=True)
            ask(here, Asking(Code.READ, reach, headers=headers))
            with pytest.raises(GossanError, match="leads elsewhere"):
                ask(here, Asking(Code.READ, reach, method="POST", body=b"x", headers=headers))
    assert first.seen[0]["authorization"] == "Bearer secret"
    assert len(second.seen) == 1
    assert "authorization" not in second.seen[0]
    assert second.seen[0]["range"] == "bytes=0-0"


def test_no_key_goes_from_https_to_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    lines.certificates.cache_clear()
    plain = noting()
    with serving(plain) as there, secure(noting(f"{there}/x"), cert, key) as port:
        url, reach = f"https://127.0.0.1:{port}/", Reach(anything=True)
        with pytest.raises(GossanError, match="without encryption"):
            ask(url, Asking(Code.READ, reach, headers={"Authorization": "secret"}))
        assert plain.seen == []
        assert ask(url, Asking(Code.READ, reach))[-1].code == 200
    lines.certificates.cache_clear()


def test_only_storage_of_azure_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tokens(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps({"token": "sig=abc&se=x", "msft:expiry": "2100-01-01T00:00:00Z"})
            self.send_response(200 if "gone" not in self.path else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    asked: list[str] = []
    monkeypatch.setattr(signing, "_tokens", {})
    with serving(Tokens) as url:
        monkeypatch.setattr(guard, "PORTS", (int(url.rsplit(":", 1)[1]),))
        monkeypatch.setattr(guard, "is_public", lambda _: True)
        good = "https://sentinel2l2a01.blob.core.windows.net/sentinel2-l2/a/b.tif"
        assert signing.signed(good, url) == signing.signed(good, url) == f"{good}?sig=abc&se=x"
        for other in (
            "https://example.org/a",
            "http://a12.blob.core.windows.net/b/c",
            f"{good}?sig=own",
            "https://evil.org#.blob.core.windows.net/b/c",
            "https://x.y.blob.core.windows.net/b/c",
            "https://u@sentinel2l2a01.blob.core.windows.net/b/c",
            "https://ai4edatasetspublicassets.blob.core.windows.net/assets/x",
            "https://sentinel2l2a01.blob.core.windows.net:444/b/c",
            "https://sentinel2l2a01.blob.core.windows.net/../../x",
        ):
            assert signing.signed(other, url) == other
        with pytest.raises(GossanError, match="gave no access token") as caught:
            signing.signed("https://gone.blob.core.windows.net/b/c", url)
        assert caught.value.code is Code.READ
    assert asked == ["/sentinel2l2a01/sentinel2-l2", "/gone/b"]


# a proxy of the user's institution ----------------------------------------------------------------


@contextmanager
def institution(to: int) -> Iterator[tuple[int, list[str]]]:
    """A forward proxy that wants a password and takes every tunnel and request to port `to`."""
    asked: list[str] = []

    def act(line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = line.recv(65536)
            if not part:
                return
            head += part
        first = head.split(b"\r\n")[0].decode()
        asked.append(first)
        who = base64.b64encode(b"me:my word").decode()
        if f"proxy-authorization: basic {who}".lower() not in head.decode().lower():
            line.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            line.close()
            return
        with socket.create_connection(("127.0.0.1", to)) as there:
            if first.startswith("CONNECT"):
                line.sendall(b"HTTP/1.1 200 Go on\r\n\r\n")
            else:
                there.sendall(head.replace(b"http://images.example.org", b"", 1))
            gate._relay(line, there, "x")
        line.close()

    with listening(act) as port:
        yield port, asked


def test_the_proxy_of_an_institution_is_used_by_every_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of the outside cannot be looked up behind it; the certificates are its own."""
    pixels = noise((64, 64), 5)
    write_cog(tmp_path / "x.tif", pixels, GRID.affine, tile=128)
    traffic = Traffic()

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.path = self.path.removeprefix("http://images.example.org")
            send_file(self, tmp_path, traffic)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    def unknown(host: Any, *args: Any, **more: Any) -> Any:
        if host == "images.example.org":
            raise socket.gaierror(-2, "Name or service not known")
        return usual(host, *args, **more)

    usual = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    cert, key = certificate(tmp_path, "images.example.org")
    monkeypatch.setenv("CURL_CA_BUNDLE", str(cert))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    lines.certificates.cache_clear()
    gate._options.cache_clear()
    with ExitStack() as stack:
        tls = stack.enter_context(secure(Files, cert, key))
        bare = int(stack.enter_context(serving(Files)).rsplit(":", 1)[1])
        for scheme, to in (("https", tls), ("http", bare)):
            with institution(to) as (port, asked):
                monkeypatch.setenv(f"{scheme}_proxy", f"http://me:my%20word@127.0.0.1:{port}")
                url = f"{scheme}://images.example.org/x.tif"
                assert fetch(url).data == (tmp_path / "x.tif").read_bytes()
                with gdal_env(guard.PUBLIC):
                    assert np.array_equal(read_window(f"{url}?{scheme}", 0.0, GRID), pixels)
                with pytest.raises(GossanError, match="no public address"):
                    fetch(f"{scheme}://10.0.0.1/x")
                assert len(asked) > 1
                assert not any("10.0.0.1" in first for first in asked)
                monkeypatch.setenv(f"{scheme}_proxy", f"http://me:wrong@127.0.0.1:{port}")
                with pytest.raises(GossanError, match="407"):
                    fetch(url)
    lines.certificates.cache_clear()
    gate._options.cache_clear()


def test_which_proxy_the_environment_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(guard, "_no_proxy", {})
    outside = check("https://example.org/", guard.PUBLIC)
    inside = check("http://mirror.corp:8080/", reach_of("http://mirror.corp:8080/"))
    assert guard.proxy_for(outside) is None
    monkeypatch.setenv("GDAL_HTTP_PROXY", "proxy.corp:3128")
    monkeypatch.setenv("GDAL_HTTP_PROXYUSERPWD", "me:word")
    found = guard.proxy_for(outside)
    assert found is not None
    assert (found.host, found.port) == ("proxy.corp", 3128)
    assert base64.b64decode(found.header.split()[1]) == b"me:word"
    monkeypatch.setenv("HTTPS_PROXY", "http://other.corp:8080")
    found = guard.proxy_for(outside)
    assert found == guard.Proxy("other.corp", 8080, "")
    monkeypatch.setenv("NO_PROXY", "example.org,.corp")
    guard.take_no_proxy()
    assert guard.proxy_for(outside) is None
    assert guard.proxy_for(inside) is None
    monkeypatch.setattr(guard, "_no_proxy", {})
    assert guard.proxy_for(check("http://127.0.0.1:80/", Reach(anything=True))) is None
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.corp:1080")
    with pytest.raises(guard.RefusedError, match="no http:// proxy"):
        guard.proxy_for(outside)


def test_an_authority_that_says_no_is_named(tmp_path: Path) -> None:
    with stac_api([]) as server, pytest.raises(GossanError, match="gave no time-stamp"):
        tsa.ask(f"{server.url}/nothing", b"asked")
    with pytest.raises(GossanError, match="user name or password") as caught:
        tsa.ask("https://me:secret@example.org/tsa", b"asked")
    assert "secret" not in str(caught.value)


def test_json_is_as_deep_as_it_may_be() -> None:
    assert web.json_of(b"[" * 99 + b"]" * 99)
    with pytest.raises(ValueError, match="deep"):
        web.json_of(b"[" * 101 + b"]" * 101)
