"""Where words stand in the files of a case: archived documents, and what a person put there."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from gossan.io.documents.charset import decoded
from gossan.io.documents.mail import content, header, message_of, parts_of
from gossan.io.documents.media import media_of
from gossan.io.documents.office import DamagedError, rtf, xml_texts
from gossan.io.network.web import unpacked

MAX_BYTES = 100_000_000
"""Larger files are not looked through."""
MAX_DEPTH = 5
"""Mails in mails ... that are looked through."""
OURS = (
    "scenes",
    "scenes-radar",
    "state.icechunk",
    "state-radar.icechunk",
    "terrain",
    "roads",
    "reports",
)
"""Folders of pixels, and the one that is looked through by itself."""
DATABASES = ("case.db", "places.db")
Holds = Callable[[str], bool]


def archived_holds(path: Path, holds: Holds) -> bool:
    """True where an archived document holds it, in any of the forms its format packs text in.

    A PDF is looked through in its text and in what it says of itself.
    """
    data = path.read_bytes()
    return any(holds(text) for text in (*_readings(data), *_inside(path.name, data)))


def _readings(data: bytes) -> Iterator[str]:
    yield decoded(data)
    yield data.decode("latin-1")
    yield data.decode("utf-16-le", errors="replace")
    yield data.decode("utf-16-be", errors="replace")


def _inside(name: str, data: bytes, depth: int = 0) -> Iterator[str]:
    """Text that a format packs, in the kinds of file that are archived."""
    if name.endswith(".warc.gz"):
        for record in ArchiveIterator(io.BytesIO(data)):
            yield "\n".join(f"{k}: {v}" for k, v in record.rec_headers.headers)
            encoding = ""
            if record.http_headers is not None:
                yield record.http_headers.statusline
                yield "\n".join(f"{k}: {v}" for k, v in record.http_headers.headers)
                encoding = record.http_headers.get_header("content-encoding") or ""
            raw = record.raw_stream.read()
            yield from _readings(raw)
            with suppress(ValueError):
                raw = unpacked(raw, encoding, MAX_BYTES)
                yield from _readings(raw)
            yield from _inside(f".{media_of(raw, '', '')}", raw, depth + 1)
    elif data.startswith(b"%PDF"):
        yield from _pdf(data)
    elif data.startswith(b"PK\x03\x04"):
        with suppress(DamagedError):
            yield from xml_texts(data)
    elif data.startswith(b"{\\rtf"):
        yield rtf(data)[0]
    elif name.endswith((".eml", ".mhtml")) and depth < MAX_DEPTH:
        for part in parts_of(message_of(data)):
            yield "\n".join(f"{k}: {header(part, k)}" for k in part)
            inner = content(part)
            yield from _readings(inner)
            yield from _inside(f".{media_of(inner, '', '')}", inner, depth + 1)


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(47).decompress(data, MAX_BYTES)
    except zlib.error:
        return b""


def _pdf(data: bytes) -> Iterator[str]:
    """Every stream of a PDF that is packed by Flate, and the plain rest by the caller."""
    at = data.find(b"stream")
    while at >= 0:
        start = at + len(b"stream")
        while data[start : start + 1] in (b"\r", b"\n"):
            start += 1
        unpacked = _unpacked(data[start : start + 20_000_000])
        if unpacked:
            yield unpacked.decode("latin-1")
            yield unpacked.decode("utf-8", errors="replace")
        at = data.find(b"stream", start)


def user_files(folder: Path, holds: Holds) -> list[str]:
    """Files that a person put into the case folder and that hold it, by their path in it."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if _is_users(folder, path) and any(holds(t) for t in (path.name, *_texts(path)))
    ]


def _is_users(folder: Path, path: Path) -> bool:
    inside = path.relative_to(folder)
    return (
        path.is_file()
        and not path.is_symlink()
        and inside.parts[0] not in OURS
        and not path.name.startswith(DATABASES)
        and path.stat().st_size <= MAX_BYTES
        and not any((folder / p / "manifest.json").is_file() for p in inside.parents)
    )


def _texts(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    yield from _readings(data)
    unpacked = _unpacked(data)
    if unpacked:
        yield from _readings(unpacked)


def dossiers_holding(folder: Path, holds: Holds) -> list[str]:
    """Dossiers in the case folder of which some text file holds it, by their path in it."""
    out = []
    for manifest in sorted(folder.rglob("manifest.json")):
        texts = (p for p in sorted(manifest.parent.rglob("*")) if p.suffix in TEXT)
        if any(holds(t) for p in texts for t in _texts(p)):
            out.append(manifest.parent.relative_to(folder).as_posix())
    return out


TEXT = (".json", ".jsonl", ".jsonld", ".csv", ".html", ".geojson")
