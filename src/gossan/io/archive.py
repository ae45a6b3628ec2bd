"""Documents as they came: original bytes, or the web exchange as WARC, in the case's `reports`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr
from gossan.io.fetch import MAX_BYTES
from gossan.io.web import Exchange
from gossan.io.whole import put

MAX_WARC_BYTES = 200_000_000
"""Largest WARC file read; each document in it is bound like any other."""
SUFFIX = {"html": ".html", "text": ".txt", "pdf": ".pdf"}


@dataclass(frozen=True)
class Original:
    """A document before it is read.

    Attributes
    ----------
    data : bytes of the document itself
    media : "html", "text" or "pdf"
    origin : URL, or the file's name without its folder
    exchanges : web exchanges that brought it, empty for a file
    """

    data: bytes
    media: str
    origin: str
    exchanges: tuple[Exchange, ...] = ()


def read_document(path: Path) -> Iterator[Original]:
    """The document in a file, or all documents of a WARC file (".warc", ".warc.gz").

    Raises GossanError (REPORT) for a file that is missing, too large or empty.
    """
    warc = path.name.lower().endswith((".warc", ".warc.gz"))
    limit = MAX_WARC_BYTES if warc else MAX_BYTES
    try:
        size = path.stat().st_size
        if path.is_dir() or size == 0 or size > limit:
            what = tr("a folder") if path.is_dir() else tr("{size:,} bytes", size=size)
            _fail(
                tr(
                    "{file}: expected a document of at most {limit:,} bytes, found {what}.",
                    file=path.name,
                    limit=limit,
                    what=what,
                )
            )
        if warc:
            yield from _of_warc(path)
            return
        data = path.read_bytes()
    except OSError as error:
        _fail(
            tr("{path} cannot be read: {reason}.", path=path, reason=error.strerror),
            tr("Give a file or an http(s) address."),
        )
    yield Original(data, media_of(data, "", path.name), path.name)


def media_of(data: bytes, content_type: str, name: str) -> str:
    """What a document is, by its own bytes first, then by what is said of it."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf"):
        return "pdf"
    if head.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<html" in head or b"<head" in head:
        return "html"
    if "html" in content_type.lower() or name.lower().endswith((".html", ".htm", ".xhtml")):
        return "html"
    return "text"


def decoded(data: bytes) -> str:
    """The bytes of a page or text as letters, by its mark of order, UTF-8, or what it says."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = re.search(rb"(?i)charset=[\"']?([\w-]{2,20})", data[:4096])
        try:
            return data.decode(said[1].decode("ascii") if said else "cp1251", errors="replace")
        except LookupError:
            return data.decode("cp1251", errors="replace")


def write_original(folder: Path, name: str, original: Original) -> str:
    """Keep a document under `name` without suffix; returns the file's name.

    What came from the web is kept as WARC with its requests and responses.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if original.exchanges:
        file, data = f"{name}.warc.gz", _warc(original.exchanges)
    else:
        file, data = name + SUFFIX[original.media], original.data
    put(folder / file, data)
    return file


def _warc(exchanges: tuple[Exchange, ...]) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    for e in exchanges:
        response = writer.create_warc_record(
            e.url,
            "response",
            payload=io.BytesIO(e.body),
            length=len(e.body),
            http_headers=StatusAndHeaders(e.status, list(e.response), protocol="HTTP/1.1"),
        )
        path = e.url.split("/", 3)[3] if e.url.count("/") > 2 else ""
        request = writer.create_warc_record(
            e.url,
            "request",
            http_headers=StatusAndHeaders(
                f"GET /{path} HTTP/1.1", list(e.request), is_http_request=True
            ),
        )
        writer.write_request_response_pair(request, response)
    return out.getvalue()


def _of_warc(path: Path) -> Iterator[Original]:
    found = False
    with path.open("rb") as f:
        try:
            for record in ArchiveIterator(f):
                if record.rec_type != "response" or record.http_headers is None:
                    continue
                if record.http_headers.get_statuscode() != "200":
                    continue
                data = record.content_stream().read(MAX_BYTES + 1)
                url = record.rec_headers.get_header("WARC-Target-URI") or path.name
                if len(data) > MAX_BYTES:
                    _fail(
                        tr(
                            "{url} in {file}: more than {most_bytes:,} bytes.",
                            url=url,
                            file=path.name,
                            most_bytes=MAX_BYTES,
                        )
                    )
                kind = record.http_headers.get_header("Content-Type") or ""
                if not kind.startswith(("text/", "application/pdf", "application/xhtml")):
                    continue
                found = True
                yield Original(data, media_of(data, kind, url), url)
        except (ArchiveLoadFailed, OSError, EOFError) as error:
            _fail(tr("{file} is no readable WARC file: {reason}.", file=path.name, reason=error))
    if not found:
        _fail(tr("{file} holds no page or document that was answered with 200.", file=path.name))


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.REPORT, problem, hint)
