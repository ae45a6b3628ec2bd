"""Documents as they came: original bytes, or the web exchange as WARC, in the case's `reports`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gossan.core.errors import Code, GossanError
from gossan.core.words import tr, tr_later, tr_now
from gossan.io.documents.media import SUFFIX, media_of
from gossan.io.documents.warc import ArchiveError, of_wacz, of_warc
from gossan.io.network.fetch import MAX_BYTES
from gossan.io.network.web import Exchange
from gossan.io.whole import put

MAX_ARCHIVE_BYTES = 2_000_000_000
"""Largest web archive read; each document in it is bound like any other."""


@dataclass(frozen=True)
class Original:
    """A document before it is read.

    Attributes
    ----------
    data : bytes of the document itself
    media : kind of file, one of `media.SUFFIX`
    origin : URL, or the file's name without its folder
    exchanges : web exchanges that brought it, empty for a file
    content_type : what a server or a mail says it is, "" where nobody does
    warnings : what whoever reads it must know, one sentence each
    """

    data: bytes
    media: str
    origin: str
    exchanges: tuple[Exchange, ...] = ()
    content_type: str = ""
    warnings: tuple[str, ...] = ()


def read_document(path: Path) -> Iterator[Original]:
    """The document in a file, or all documents of a web archive (WARC, WACZ).

    Raises GossanError (REPORT) for a file that is missing, too large, empty or of a kind that is
    not read.
    """
    try:
        size = path.stat().st_size
        if path.is_dir() or size == 0 or size > MAX_ARCHIVE_BYTES:
            _size(path, tr("a folder") if path.is_dir() else tr("{size:,} bytes", size=size))
        with path.open("rb") as f:
            head = f.read(MAX_BYTES + 1)
        media = _kind_of_file(path, head)
        if media in ("warc", "wacz"):
            yield from _of_archive(path, media)
            return
        if size > MAX_BYTES:
            _size(path, tr("{size:,} bytes", size=size))
    except OSError as error:
        _fail(
            tr("{path} cannot be read: {reason}.", path=path, reason=error.strerror),
            tr("Give a file or an http(s) address."),
        )
    yield Original(head, accepted(media, path.name), path.name)


def _size(path: Path, what: str) -> NoReturn:
    _fail(
        tr(
            "{file}: expected a document of at most {limit:,} bytes, found {what}.",
            file=path.name,
            limit=MAX_BYTES,
            what=what,
        )
    )


def _kind_of_file(path: Path, head: bytes) -> str:
    """As `media_of`; of a ZIP too large to be looked into, whether it is a WACZ."""
    if len(head) > MAX_BYTES and head.startswith(b"PK"):
        return (
            "wacz" if zipfile.is_zipfile(path) and _names_warc(path) else tr_later("a ZIP archive")
        )
    return media_of(head, "", path.name)


def _names_warc(path: Path) -> bool:
    with zipfile.ZipFile(path) as z:
        return any(n.startswith("archive/") and ".warc" in n for n in z.namelist()[:5000])


def accepted(media: str, name: str) -> str:
    """`media` where it is a kind that is read; raises GossanError (REPORT) where it is not."""
    if media not in SUFFIX:
        _fail(
            tr("{file} is {kind}, which is not read.", file=name, kind=tr_now(media)),
            tr("Read are HTML, MHTML, text, PDF, DOCX, ODT, EML, RTF, WARC and WACZ."),
        )
    return media


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


def _of_archive(path: Path, media: str) -> Iterator[Original]:
    found = False
    reader = of_wacz if media == "wacz" else of_warc
    try:
        with path.open("rb") as f:
            for one in reader(f, path.name):
                found = True
                yield Original(
                    one.data,
                    one.media,
                    one.url,
                    content_type=one.content_type,
                    warnings=one.warnings,
                )
    except ArchiveError as error:
        _fail(tr("{file} {reason}.", file=path.name, reason=error))
    if not found:
        _fail(tr("{file} holds no page or document that was answered with 200.", file=path.name))


def _fail(problem: str, hint: str = "") -> NoReturn:
    raise GossanError(Code.REPORT, problem, hint)
