"""No door leads inside: every form of a private or special address, real servers at every door."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import box
from tests.support.hosts import (
    ELSEWHERE,
    INSIDE,
    LOOPBACK,
    SENTENCE,
    certificate,
    listening,
    resolver,
    secure,
)
from tests.support.radar_items import lonlat_bounds
from tests.support.rasters import item_of, noise, write_cog
from tests.support.servers import Traffic, file_server, send_file, serving, stac_api
from tests.support.terrain import glo30_item

from gossan.core.errors import Code, GossanError
from gossan.core.values import Outcome
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.search import plan
from gossan.io.catalogue.sources import is_public, open_source
from gossan.io.dem import dem_source, find_dem, read_dem
from gossan.io.network import chat, gate, guard, lines, tsa, web
from gossan.io.network.fetch import fetch
from gossan.io.network.gate import gdal_env, unreadable
from gossan.io.network.guard import PUBLIC, Reach, RefusedError, check, places_of, reach_of
from gossan.io.network.stac_io import NetSettings
from gossan.io.pixels import read_window

__all__ = ["resolver"]

TEN = Affine(10, 0, 600000, 0, -10, 5000040)
GRID = GeoBox((64, 64), TEN, "EPSG:32634")
AREA = box(22.10, 45.20, 22.12, 45.22)
PERIOD = (date(2019, 1, 1), date(2019, 12, 31))
FORMS = [*LOOPBACK, *ELSEWHERE]
FAST = NetSettings(read_s=5, retries=1, backoff_s=0.0)


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Traffic]:
    """A server inside that nobody may reach, at a port that counts as usual: were an address let
    through, it would answer with an image."""
    write_cog(tmp_path / "x.tif", noise((64, 64), 5), TEN, tile=128)
    with file_server(tmp_path) as inside:
        port = int(inside.url.rsplit(":", 1)[1])
        monkeypatch.setattr(guard, "PORTS", (*guard.PORTS, port))
        yield inside


def addresses(inside: Traffic) -> list[str]:
    port = inside.url.rsplit(":", 1)[1]
    return [f"http://{form}:{port}/x.tif" for form in FORMS]


def redirecting(to: dict[str, str], status: int = 302) -> type[BaseHTTPRequestHandler]:
    """A server that sends whoever asks for /N to the N-th address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            self.rfile.read(length)
            self.send_response(status)
            where = to[self.path.strip("/").split("/")[0].removesuffix(".tif")]
            self.send_header("Location", quote(where, safe=":/[]@%\\"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def test_how_many_forms_there_are() -> None:
    assert len(set(FORMS)) == len(FORMS) > 100


@pytest.mark.usefixtures("resolver")
def test_no_document_is_fetched_from_inside(canary: Traffic) -> None:
    for url in [*addresses(canary), *(u.replace("http:", "https:") for u in addresses(canary))]:
        with pytest.raises(GossanError, match=SENTENCE) as caught:
            fetch(url)
        assert caught.value.code is Code.REPORT
    assert canary.requests == []


@pytest.mark.usefixtures("resolver")
def test_no_redirect_leads_inside(canary: Traffic) -> None:
    """From a server that the user named: it may answer, and leads nowhere inside."""
    where = {str(i): url for i, url in enumerate(addresses(canary))}
    with serving(redirecting(where)) as own:
        for name in where:
            asking = web.Asking(Code.SOURCE, reach_of(own))
            with pytest.raises(GossanError, match=SENTENCE):
                web.ask(f"{own}/{name}", asking)
    assert canary.requests == []


@pytest.mark.usefixtures("resolver")
def test_gdal_reads_no_asset_from_inside(canary: Traffic) -> None:
    """Not by an address, which libcurl writes in its own way, and not by a redirect."""
    where = {str(i): url for i, url in enumerate(addresses(canary))}
    with serving(redirecting(where)) as own:
        reach = reach_of(own)
        for name, url in where.items():
            for href in (url, f"{own}/{name}.tif"):
                with gdal_env(reach), pytest.raises(rasterio.errors.RasterioError):
                    read_window(href, 0.0, GRID)
        for name, url in list(where.items())[::7]:
            assert any(word in unreadable(f"{own}/{name}.tif", reach) for word in SENTENCE_WORDS)
            assert any(word in unreadable(url, reach) for word in SENTENCE_WORDS)
    assert canary.requests == []


SENTENCE_WORDS = ("no public", "disguise", "no name", "no address", "user name", "no IPv6")


@pytest.mark.usefixtures("resolver")
def test_no_catalogue_leads_inside(canary: Traffic) -> None:
    """Items whose assets lie inside are set aside by form, or fail when a name is looked up."""
    # pystac writes / for \\, which makes of one of the forms an address of example.org
    forms = [form for form in FORMS if not form.startswith("example.org\\")]
    urls = [url for url in addresses(canary) if not url.startswith("http://example.org\\")]
    items = [
        item_of(
            f"S2A_34TFR_{i}",
            f"2019-{i // 28 + 1:02d}-{i % 28 + 1:02d}T09:30:00Z",
            dict.fromkeys(("B02", "B04", "SCL"), url),
            (22.0, 45.0, 23.0, 46.0),
        )
        for i, url in enumerate(urls)
    ]
    good = item_of(
        "S2A_34TFR_good",
        "2019-12-30T09:30:00Z",
        {k: f"{{URL}}/{k}.tif" for k in ("B02", "B04", "SCL")},
        (22.0, 45.0, 23.0, 46.0),
    )
    with stac_api([*items, good], page=100) as api:
        found = plan(open_source(api.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    kept = {a.scenes[0].id for a in found.acquisitions}
    named = {f"S2A_34TFR_{i}" for i, form in enumerate(forms) if form in INSIDE}
    assert kept == named | {"S2A_34TFR_good"}
    failed = [r for r in found.aside if r.outcome is Outcome.FAILED]
    assert len(failed) == len(forms) - len(INSIDE)
    assert canary.requests == []


@pytest.mark.usefixtures("resolver")
def test_no_search_or_next_link_leads_inside(canary: Traffic) -> None:
    for url in addresses(canary):
        for rel in ("search", "next"):
            with serving(linking(rel, url)) as own, pytest.raises(GossanError) as caught:
                plan(open_source(own, FAST), AREA, *PERIOD, 80, SENTINEL_2)
            assert caught.value.code is Code.SOURCE
    assert canary.requests == []


def linking(rel: str, url: str) -> type[BaseHTTPRequestHandler]:
    """A STAC API whose search, or whose next page, lies elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            search = url if rel == "search" else "/search"
            links = [{"rel": "search", "href": search, "type": "application/geo+json"}]
            catalogue = {"type": "Catalog", "id": "t", "stac_version": "1.0.0", "description": "t"}
            self.out({**catalogue, "links": links})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.out({"features": [{"id": "x"}], "links": [{"rel": "next", "href": url}]})

        def out(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.mark.usefixtures("resolver")
def test_no_elevation_model_comes_from_inside(canary: Traffic, tmp_path: Path) -> None:
    area = box(*lonlat_bounds(GRID))
    for form, url in zip(FORMS, addresses(canary), strict=True):
        if form.startswith("example.org\\"):
            continue  # see above
        with stac_api([glo30_item("x", url, GRID)]) as api:
            source = dem_source(api.url, "cop-dem-glo-30", tmp_path)
            if form not in INSIDE:
                with pytest.raises(GossanError, match="an address that is not read"):
                    find_dem(source, area)
                continue
            tiles = find_dem(source, area)
            with pytest.raises(GossanError, match=f"could not be read: {form}.*{SENTENCE}"):
                read_dem(tiles, source, area, lambda: None)
    assert canary.requests == []


@pytest.mark.usefixtures("resolver")
def test_no_authority_or_model_leads_inside(canary: Traffic) -> None:
    where = {str(i): url for i, url in enumerate(addresses(canary))}
    with serving(redirecting(where, 307)) as own:
        for name in where:
            with pytest.raises(GossanError, match=f"{SENTENCE}|leads elsewhere"):
                tsa.ask(f"{own}/{name}", b"asked")
            with pytest.raises(GossanError, match="no usable answer"):
                chat.ask(f"{own}/{name}", "m", "s", "d")
    assert canary.requests == []


def test_what_is_no_canonical_address_is_refused_even_where_the_user_named_it() -> None:
    plain = {
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "[::1]",
        "10.0.0.5",
        "router",
        "192.168.1.1",
        "printer.local",
        "db.internal",
        "172.16.0.1",
    }
    for form in FORMS:
        try:
            reach_of(f"http://{form}:8080/")
        except RefusedError:
            assert form not in plain
    for form in plain:
        assert reach_of(f"http://{form}:8080/").private
    for form in ("169.254.169.254", "[fd00:ec2::254]", "0.0.0.0", "224.0.0.1", "168.63.129.16"):
        for ask in (
            lambda f=form: reach_of(f"http://{f}/"),
            lambda f=form: places_of(f),
            lambda f=form: check(f"http://{f}/", Reach(anything=True)),
        ):
            with pytest.raises(RefusedError, match="no public address"):
                ask()


@pytest.mark.usefixtures("resolver")
def test_a_public_name_that_points_inside_is_private_only_where_the_case_lists_it() -> None:
    """Whoever owns the name could point it anywhere in the user's network."""
    name = "reports.quarry-watch.org"
    with stac_api([]) as api:
        port = api.url.rsplit(":", 1)[1]
        url = f"http://{name}:{port}"
        with pytest.raises(GossanError, match=f"{name} is at 127.0.0.1, which is no public"):
            plan(open_source(url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
        assert api.requests == []
        listed = open_source(url, FAST, private_hosts=(f"{name}:{port}", f"127.0.0.1:{port}"))
        with pytest.raises(GossanError, match="no scene over the area"):
            plan(listed, AREA, *PERIOD, 80, SENTINEL_2)
    assert api.requests


def test_a_name_is_looked_up_once_and_that_address_asked(
    canary: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that resolves to another place a moment later (DNS rebinding) gains nothing."""
    name, port = "reports.quarry-watch.org", int(canary.url.rsplit(":", 1)[1])
    usual, looked = socket.getaddrinfo, []

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host != name:
            return usual(host, port, *args, **more)
        looked.append(host)
        address = "127.0.0.2" if len(looked) == 1 else "127.0.0.1"
        return usual(address, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    reach = reach_of("", (f"{name}:{port}",))
    with socket.create_server(("127.0.0.2", port)) as there:
        there.settimeout(5)
        line = guard.connect(check(f"http://{name}:{port}/x.tif", reach), reach, 1e12)
        taken, _ = there.accept()
        taken.close()
        line.close()
    assert looked == [name]
    assert canary.requests == []


def test_public_servers_are_public() -> None:
    for text in (
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "64:ff9b::5db8:d70e",
        "2a00:1450:4001:81b::200e",
        "100.128.0.1",
        "172.32.0.1",
    ):
        assert guard.is_public(ipaddress.ip_address(text)), text
    for url in (
        "https://exa mple.org/a",
        "https://example.org:9000/",
        "ftp://example.org/",
        "http://example.org\n/",
        "http://[::1",
        "http://:80/",
    ):
        with pytest.raises(RefusedError):
            check(url, PUBLIC)
    found = check("https://Bücher.example.org./p\u00e4 th?q=\u00fc&sig=a%2Bb#part", PUBLIC)
    assert found.url == "https://xn--bcher-kva.example.org/p%C3%A4%20th?q=%C3%BC&sig=a%2Bb"


def test_multicast_is_no_server() -> None:
    """Python's own `is_global` says yes to it."""
    for text in ("224.0.0.251", "239.1.2.3", "ff02::1", "ff0e::1:3"):
        assert not guard.is_public(ipaddress.ip_address(text))


def test_a_named_server_leads_to_itself_and_not_to_its_neighbours(tmp_path: Path) -> None:
    """Another port of the same machine is another server."""
    with file_server(tmp_path) as own, file_server(tmp_path) as other:
        source = open_source(own.url)
        assert source.allows(f"{own.url}/a.tif")
        assert not source.allows(f"{other.url}/a.tif")
        assert source.allows("https://example.com/a.tif")
        place = other.url.removeprefix("http://")
        assert open_source(own.url, private_hosts=(place,)).allows(f"{other.url}/a.tif")
        assert not open_source("earth-search").allows(f"{own.url}/a.tif")


def test_a_dossier_names_public_catalogues_only() -> None:
    """What `verify --rerun` asks on the word of a dossier."""
    for spec in ("earth-search", "planetary-computer#sentinel-2-l2a", "https://example.org/v1#c"):
        assert is_public(spec), spec
    for form in FORMS:
        if form not in INSIDE:  # looked up when it is asked
            assert not is_public(f"http://{form}/stac#sentinel-2-l2a"), form
    assert not is_public("local:/data/catalogue")


# the gate ---------------------------------------------------------------------------------------


def test_the_gate_is_for_gdal_only(canary: Traffic) -> None:
    reach = reach_of(canary.url)
    with gdal_env(reach) as env:
        port = int(env.options["GDAL_HTTP_PROXY"].rsplit(":", 1)[1])
    place = canary.url.removeprefix("http://")
    asked = [f"GET {canary.url}/x.tif HTTP/1.1\r\nHost: x\r\n", f"CONNECT {place} HTTP/1.1\r\n"]
    wrong = "Proxy-Authorization: Basic Z29zc2FuOmdvc3Nhbg==\r\n"
    for head in (*asked, *(a + wrong for a in asked)):
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall((head + "\r\n").encode())
            assert line.recv(100).startswith(b"HTTP/1.1 407")
    assert canary.requests == []


PAST = """
import sys
from affine import Affine
from odc.geo.geobox import GeoBox
from gossan.io.network.gate import gdal_env
from gossan.io.network.guard import PUBLIC
from gossan.io.pixels import read_window
grid = GeoBox((64, 64), Affine(10, 0, 600000, 0, -10, 5000040), "EPSG:32634")
with gdal_env(PUBLIC):
    try:
        read_window(sys.argv[1], 0.0, grid)
    except Exception as error:
        print("refused", error)
"""


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy_of_the_environment_is_no_way_past_the_gate(canary: Traffic, name: str) -> None:
    """libcurl obeys it even where it was told of a proxy."""
    env = {**os.environ, name: "*", "GDAL_HTTP_PROXY": "", "GDAL_HTTPS_PROXY": ""}
    done = subprocess.run(
        [sys.executable, "-c", PAST, f"{canary.url}/x.tif"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "refused" in done.stdout, done.stderr
    assert canary.requests == []


def test_gdals_own_proxy_variables_are_obeyed_behind_the_gate_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """GDAL itself would ask that proxy for whatever it is told to read."""
    calls: list[int] = []
    with listening(lambda line: (calls.append(1), line.close())) as port:
        for name in ("GDAL_HTTP_PROXY", "GDAL_HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for scheme in ("http", "https"):
            with gdal_env(PUBLIC), pytest.raises(rasterio.errors.RasterioError):
                read_window(f"{scheme}://10.0.0.1/proxied.tif", 0.0, GRID)
    assert calls == []


def test_gdal_reads_https_through_the_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS goes from GDAL to the server; a certificate that nobody vouches for is refused."""
    pixels = noise((64, 64), 5)
    write_cog(tmp_path / "x.tif", pixels, TEN, tile=128)
    traffic = Traffic()

    class Files(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            send_file(self, tmp_path, traffic)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    cert, key = certificate(tmp_path)
    with secure(Files, cert, key) as port:
        url = f"https://127.0.0.1:{port}"
        own = reach_of(url)
        with gdal_env(own), pytest.raises(rasterio.errors.RasterioError):
            read_window(f"{url}/x.tif", 0.0, GRID)
        assert traffic.requests == []
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.setenv(name, str(cert))
        gate._options.cache_clear()
        lines.certificates.cache_clear()
        with gdal_env(own):
            assert np.array_equal(read_window(f"{url}/x.tif?again", 0.0, GRID), pixels)
        assert unreadable(f"{url}/gone.tif", own) == "the server answered 404"
        with gdal_env(PUBLIC), pytest.raises(rasterio.errors.RasterioError):
            read_window(f"{url}/x.tif?other", 0.0, GRID)
    lines.certificates.cache_clear()
    gate._options.cache_clear()
    assert not any("other" in asked for asked in traffic.requests)
