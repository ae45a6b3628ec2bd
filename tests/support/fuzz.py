"""Mutated real inputs for every parser that reads what others wrote.

A parser may accept an input or refuse it with a GossanError; anything else that reaches the
caller is a finding.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import brotli
from shapely.geometry import box

from gossan.core.errors import GossanError
from gossan.data import SAMPLE
from gossan.dossier.stored import from_file
from gossan.evidence.ledger import verify_chain
from gossan.evidence.manifest import read_manifest
from gossan.evidence.signature import read_signature
from gossan.evidence.timestamp import check_reply, read_roots
from gossan.io.areas import area_from_file
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case
from gossan.io.catalogue.harmonise import scene_of
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.search import SearchResult, plan
from gossan.io.catalogue.sources import Source, open_source, read_item
from gossan.io.documents.archive import read_document
from gossan.io.documents.parse import extract_text
from gossan.io.grids import grid_for
from gossan.io.pixels import read_acquisition
from gossan.io.place_list import read_list
from gossan.run.render import read_ledger
from tests.support.documents import QUARRY, docx, html, mail, odt, paragraph, warc, zipped

AREA = box(22.13, 45.19, 22.17, 45.22)
PERIOD = (date(2015, 7, 1), date(2021, 2, 1))
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "\x00",
    "x" * 5000,
    "2020-13-45",
    "9999-12-31T23:59:60Z",
    "../../../etc/passwd",
    "http://[::1",
    "file:///dev/zero",
    "\ud800",
    [],
    {},
    [[[]]],
    [None] * 50,
    {"type": "Polygon", "coordinates": [[[0, 0]]]},
)


@dataclass(frozen=True)
class Target:
    """A parser: real inputs, whether they are JSON, and how one is read in a folder."""

    name: str
    seeds: tuple[bytes, ...]
    structured: bool
    read: Callable[[bytes, Path], object]


def mutated(rng: random.Random, data: bytes, structured: bool) -> bytes:
    """One broken version of an input: bytes changed, or a value of its JSON."""
    if structured and rng.random() < 0.7:
        return _json_mutated(rng, data)
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.choice((0, 0xFF, 0x80, 0x7F, 0x22, 0x5B, 0x7B))
            case 2:
                del out[at : at + rng.choice((1, 4, 100))]
            case 3:
                out[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice((1, 4, 16))))
            case 4:
                out[at:at] = out[max(0, at - 60) : at] * rng.choice((1, 3))
            case 5:
                out = out[: max(1, at)]
    return bytes(out)


def _json_mutated(rng: random.Random, data: bytes) -> bytes:
    body = json.loads(data)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            places.append((value, key))
            if isinstance(inner, (dict, list)):
                walk(inner)

    walk(body)
    for _ in range(rng.choice((1, 1, 2, 5))):
        holder, key = rng.choice(places)
        if isinstance(holder, dict) and rng.random() < 0.25:
            holder.pop(key, None)
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = rng.choice(ODD)
    text = json.dumps(body)
    if rng.random() < 0.02:
        text = text.replace("null", "[" * 100_000, 1)
    return text.encode("utf-8", "surrogatepass")


def _case(data: bytes, room: Path) -> object:
    (room / "case.toml").write_bytes(data)
    shutil.copyfile(SAMPLE / "area.geojson", room / "area.geojson")
    return read_case(room)


def _area(data: bytes, room: Path) -> object:
    (room / "area.geojson").write_bytes(data)
    return area_from_file(room / "area.geojson")


def _searched(room: Path, links: list[dict[str, str]]) -> tuple[Source, SearchResult]:
    """A local catalogue of these links, and what it holds for the area."""
    root = {
        "type": "Catalog",
        "id": "c",
        "stac_version": "1.1.0",
        "description": "",
        "links": links,
    }
    (room / "catalog.json").write_text(json.dumps(root))
    source = open_source(f"local:{room}")
    return source, plan(source, AREA, *PERIOD, 80.0, SENTINEL_2)


def _catalogue(data: bytes, room: Path) -> object:
    """An item in a local catalogue: searched, sorted out, and its grid chosen."""
    (room / "item.json").write_bytes(data)
    links = [{"rel": "item", "href": "item.json"}, {"rel": "child", "href": "catalog.json"}]
    source, found = _searched(room, links)
    if found.acquisitions:
        grid_for(found.scenes, AREA, found.bands, sign=source.sign)
    return found


def _catalogue_file(data: bytes, room: Path) -> object:
    (room / "catalog.json").write_bytes(data)
    return plan(open_source(f"local:{room}"), AREA, *PERIOD, 80.0, SENTINEL_2)


def _item(data: bytes, room: Path) -> object:
    """As an API's answer is read; what is no JSON never gets here."""
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return scene_of(read_item(body))


def _image(data: bytes, room: Path) -> object:
    folder = SAMPLE / "items" / "S2_L2A_ROMANIA_20150801"
    for path in folder.iterdir():
        shutil.copyfile(path, room / path.name)
    target = next(p for p in sorted(room.glob("*.tif")))
    target.write_bytes(data)
    item = next(room.glob("*.json"))
    links = [{"rel": "item", "href": item.name}]
    source, found = _searched(room, links)
    grid = grid_for(found.scenes, AREA, found.bands, sign=source.sign)
    return read_acquisition(found.acquisitions[0], grid, found.bands, sign=source.sign).arrays()


def _document(data: bytes, room: Path) -> object:
    (room / "page.html").write_bytes(data)
    return [extract_text(o) for o in read_document(room / "page.html")]


def _documents() -> tuple[bytes, ...]:
    page = html().encode()
    packed = [("Content-Type", "text/html"), ("Content-Encoding", "br")]
    return (
        docx(paragraph(QUARRY)),
        odt(f"<text:p>{QUARRY}</text:p>"),
        rb"{\rtf1\ansicpg1251 \'e0 hill}",
        mail([("text/plain", QUARRY.encode(), ""), ("text/html", page, "a.html")]),
        mail([("text/html", page, "")], kind="related"),
        warc([("https://a.example/", packed, brotli.compress(page))]),
        warc([("https://a.example/", [], page)], gzip=False),
        zipped({"archive/a.warc": warc([("https://a.example/", [], page)], gzip=False)}),
    )


def _places(data: bytes, room: Path) -> object:
    (room / "places.csv").write_bytes(data)
    return list(read_list(room / "places.csv"))


def _database(data: bytes, room: Path) -> object:
    (room / "case.db").write_bytes(data)
    with CaseDb(room / "case.db") as db:
        return db.scenes(), db.sites(), db.ledger(), db.documents("claim")


def targets(dossier: Path, case: Path, reply: bytes, places: Path) -> list[Target]:
    """Every parser with real inputs: of the sample, and of a signed dossier and its case."""
    items = sorted((SAMPLE / "items").glob("*/*.json"))
    model = (dossier / "data" / "dossier.json").read_bytes()
    blobs = {}
    page = (dossier / "index.html").read_bytes()[:60_000]
    article = (
        b"<!DOCTYPE html><html><head><title>Works at the pit</title>"
        b'<meta property="article:published_time" content="2022-12-12T10:00:00Z"></head><body>'
        b"<article><h1>Works</h1><p>According to the ministry the pit grew by 4 hectares near "
        b"Gulyatagh in November 2022.</p><p>It was said on Monday.</p></article></body></html>"
    )
    return [
        Target("case.toml", ((case / "case.toml").read_bytes(),), False, _case),
        Target("area.geojson", ((SAMPLE / "area.geojson").read_bytes(),), True, _area),
        Target("STAC item, local", tuple(p.read_bytes() for p in items[:4]), True, _catalogue),
        Target("STAC item, API", tuple(p.read_bytes() for p in items[:4]), True, _item),
        Target("STAC catalogue", ((SAMPLE / "catalog.json").read_bytes(),), True, _catalogue_file),
        Target("GeoTIFF", (_tif(),), False, _image),
        Target("HTML", (article, page), False, _document),
        Target("mail, office, web archive", _documents(), False, _document),
        Target("places.csv", (places.read_bytes(),), False, _places),
        Target("case.db", ((case / "case.db").read_bytes(),), False, _database),
        Target(
            "manifest",
            ((dossier / "manifest.json").read_bytes(),),
            True,
            lambda d, _: read_manifest(d),
        ),
        Target(
            "signature",
            ((dossier / "signature.json").read_bytes(),),
            True,
            lambda d, _: read_signature(d),
        ),
        Target(
            "ledger",
            ((dossier / "evidence" / "ledger.jsonl").read_bytes(),),
            False,
            lambda d, _: verify_chain(read_ledger(d)),
        ),
        Target("model", (model,), True, lambda d, _: from_file(d, blobs)),
        Target("time-stamp", (reply,), False, lambda d, _: check_reply(d, b"signature")),
        Target(
            "certificates",
            (b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",),
            False,
            lambda d, _: read_roots(d),
        ),
    ]


def _tif() -> bytes:
    folder = SAMPLE / "items" / "S2_L2A_ROMANIA_20150801"
    return sorted(folder.glob("*.tif"))[0].read_bytes()


def finding(target: Target, data: bytes, room: Path) -> str | None:
    """What reached the caller that should not; None where the input was read or refused."""
    room.mkdir(parents=True)
    try:
        target.read(data, room)
    except GossanError as error:
        return None if "\n" not in error.problem else "a message of several lines"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:120]}"
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return None
