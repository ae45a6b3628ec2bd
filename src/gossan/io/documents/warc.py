"""Pages and documents in web archives: WARC, packed or not, and WACZ.

Only what was answered with 200 and is a page or a document counts: no scripts, style sheets,
pictures or data that a page was built from.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from gossan.core.hashing import hash_bytes
from gossan.core.words import tr
from gossan.io.documents.media import BAD_ZIP, SUFFIX, media_of
from gossan.io.network.web import packed_whole, unpacked

MAX_BYTES = 20_000_000
"""Largest page or document in an archive, packed and unpacked, bytes."""
MAX_UNPACKED = 4_000_000_000
"""Bytes that one archive may unpack to altogether."""
BLOCK = 65_536
MAX_FOUND = 2_000
"""Pages and documents taken from one archive."""
MAX_PAGES = 5_000_000
"""Bytes of a WACZ's list of pages that are read."""

BROKEN = (
    ArchiveLoadFailed,
    OSError,
    EOFError,
    zlib.error,
    ValueError,
    AttributeError,
    TypeError,
    LookupError,
)
"""What warcio raises over broken records: the last three where a header is missing."""
_KINDS = ("html", "mhtml", "text", "pdf", "docx", "odt", "rtf", "eml")
_CUT = "It was cut short when it was archived: its end is missing."


class ArchiveError(Exception):
    """Why an archive cannot be read, a sentence without its subject."""


class UnpackError(Exception):
    """Which page cannot be unpacked, and why."""


@dataclass(frozen=True)
class Archived:
    """One page or document.

    Attributes
    ----------
    data : unpacked
    media : kind, as in `media.SUFFIX`
    url : where it was
    content_type : as the server said
    warnings : one sentence each
    """

    data: bytes
    media: str
    url: str
    content_type: str
    warnings: tuple[str, ...] = ()


def of_warc(file: IO[bytes], name: str, pages: frozenset[str] = frozenset()) -> Iterator[Archived]:
    """Pages and documents of a WARC, each once. Of web pages only those in `pages`, if any are.

    Raises ArchiveError for a file that is none or broken before anything was found in it.
    """
    seen: set[str] = set()
    failed = ""
    try:
        for record in ArchiveIterator(_Stream(file)):
            try:
                found = _read(record, name)
            except UnpackError as error:
                failed = f"{failed or error}"
                continue
            if found is None or (pages and found.media == "html" and found.url not in pages):
                continue
            mark = hash_bytes(found.data)
            if mark not in seen:
                seen.add(mark)
                yield found
            if len(seen) >= MAX_FOUND:
                return
    except BROKEN as error:
        if not seen:
            raise ArchiveError(tr("is no readable WARC file: {reason}", reason=error)) from error
    if failed and not seen:
        raise ArchiveError(tr("holds no page that can be unpacked: {reason}", reason=failed))


def of_wacz(file: IO[bytes], name: str) -> Iterator[Archived]:
    """The same of the WARC files of a WACZ, which lists the pages that were meant."""
    try:
        with zipfile.ZipFile(file) as z:
            names = [n for n in z.namelist() if n.startswith("archive/")][:1000]
            pages = _listed(z)
            for member in names:
                if member.endswith((".warc", ".warc.gz")):
                    with z.open(member) as f:
                        yield from of_warc(f, name, pages)
    except BAD_ZIP as error:
        raise ArchiveError(tr("is no readable WACZ file: {reason}", reason=error)) from error


def _listed(z: zipfile.ZipFile) -> frozenset[str]:
    """Addresses of the pages that a WACZ lists; empty where it lists none."""
    out: set[str] = set()
    for member in ("pages/pages.jsonl", "pages/extraPages.jsonl"):
        if member not in z.namelist():
            continue
        with z.open(member) as f:
            text = f.read(MAX_PAGES).decode("utf-8", errors="replace")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict) and isinstance(entry.get("url"), str):
                out.add(entry["url"])
    return frozenset(out)


class _Stream(io.RawIOBase):
    """The archive unpacked, whether its records are packed one by one or all in one piece.

    A file that is cut short ends where its bytes end.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MAX_UNPACKED
        self._packed = file.read(BLOCK)
        self._gzip = zlib.decompressobj(31) if self._packed[:2] == b"\x1f\x8b" else None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = size if 0 < size <= BLOCK else BLOCK
        data = self._next(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError(tr("it unpacks to more than {most:,} bytes", most=MAX_UNPACKED))
        return data

    def _next(self, size: int) -> bytes:
        if self._gzip is None:
            data, self._packed = self._packed or self._file.read(size), b""
            return data
        while True:
            self._packed = self._packed or self._file.read(BLOCK)
            if self._gzip.eof and self._packed:
                self._gzip = zlib.decompressobj(31)
            end = not self._packed
            data = self._gzip.decompress(self._packed, size)
            self._packed = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail
            if data or end:
                return data


def _read(record: Any, name: str) -> Archived | None:
    """What a record holds; None for what is no page or document, or is not whole enough."""
    if record.rec_type not in ("response", "resource"):
        return None
    headers = record.http_headers
    if record.rec_type == "response" and (headers is None or headers.get_statuscode() != "200"):
        return None
    kind = (headers or record.rec_headers).get_header("Content-Type") or ""
    url = record.rec_headers.get_header("WARC-Target-URI") or name
    if _part_of_a_page(record, kind, url):
        return None
    raw, whole = _body(record)
    encoding = (headers.get_header("Content-Encoding") or "") if headers is not None else ""
    data = _unpacked(raw, encoding, url)
    if not data or len(data) > MAX_BYTES:
        return None
    media = media_of(data, kind, urlsplit(url).path)
    if media not in _KINDS or media not in SUFFIX or (media == "text" and not _a_text(kind, url)):
        return None
    cut = not whole or bool(record.rec_headers.get_header("WARC-Truncated"))
    cut = cut or (encoding != "" and not packed_whole(raw, encoding))
    return Archived(data, media, url, kind, (_CUT,) if cut else ())


def _part_of_a_page(record: Any, kind: str, url: str) -> bool:
    """Scripts, styles, data, frames' and programs' own requests, and what crawlers ask for."""
    resource = (record.rec_headers.get_header("WARC-Resource-Type") or "document").lower()
    if resource not in ("document", "pdf", "other"):
        return True
    bare = kind.split(";")[0].strip().lower()
    if bare and not re.match(
        r"text/(?:html|plain|rtf|richtext)|application/(?:xhtml|pdf|x-pdf|msword|rtf|vnd\.(?:oasis|openxmlformats)"
        r"|octet-stream|force-download|x-download)|message/rfc822|multipart/related|binary/octet-stream|unknown",
        bare,
    ):
        return True
    return urlsplit(url).path.lower().endswith("/robots.txt") or (
        not url.lower().startswith(("http://", "https://", "file:")) and "://" in url
    )


def _body(record: Any) -> tuple[bytes, bool]:
    """The body as it came, without the marks of its pieces; and whether it is whole."""
    headers = record.http_headers
    chunked = (
        headers is not None and "chunked" in (headers.get_header("Transfer-Encoding") or "").lower()
    )
    stream = ChunkedDataReader(record.raw_stream) if chunked else record.raw_stream
    raw = stream.read(MAX_BYTES + 1)
    said = headers.get_header("Content-Length") if headers is not None and not chunked else None
    whole = getattr(record.raw_stream, "limit", 0) <= 0 or len(raw) > MAX_BYTES
    return raw, whole and not (said and said.strip().isdigit() and len(raw) < int(said))


def _unpacked(raw: bytes, encoding: str, url: str) -> bytes:
    """The body unpacked; as it is where a crawler had unpacked it and left the header."""
    try:
        return unpacked(raw, encoding, MAX_BYTES)
    except ValueError as error:
        if media_of(raw, "", "") in ("html", "pdf"):
            return raw
        raise UnpackError(f"{url} {error}") from error


def _a_text(kind: str, url: str) -> bool:
    return kind.lower().startswith("text/plain") or url.lower().endswith(".txt")
