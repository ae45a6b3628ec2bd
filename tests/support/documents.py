"""Documents of the kinds that people bring, made small."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

QUARRY = (
    "Excavators have been stripping the hill above Vank since 3 June 2021, the office said. "
    "Residents counted forty lorries a day on the road in July 2021, according to the mayor."
)
"""A text whose two sentences are claims."""
KARYER = (
    "С 3 июня 2021 года на холме над селом работают экскаваторы, сообщили в администрации района. "
    "По словам жителей, карьер расширили на восемь гектаров в июле 2021 года."
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OPEN = "urn:oasis:names:tc:opendocument:xmlns"


def html(
    body: str = QUARRY, head: str = "", before: str = "", title: str = "The hill at Vank"
) -> str:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{title}</title>{head}</head><body>{before}"
        f"<main><article><h1>{title}</h1><p>{body}</p><p>{body}</p></article></main></body></html>"
    )


def zipped(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in members.items():
            z.writestr(name, content)
    return out.getvalue()


def docx(body: str, core: str = "") -> bytes:
    """`body` is what stands in w:body."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": (
                f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
            ),
            "docProps/core.xml": f'<c xmlns:dc="d" xmlns:dcterms="t">{core}</c>',
        }
    )


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def odt(body: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": (
                f'<office:document-content xmlns:office="{OPEN}:office:1.0" '
                f'xmlns:text="{OPEN}:text:1.0"><office:body><office:text>{body}'
                "</office:text></office:body></office:document-content>"
            ),
        }
    )


def mail(
    parts: Sequence[tuple[str, bytes, str]],
    headers: str = "From: Press <press@example.org>\r\nTo: all@example.org\r\nSubject: The hill\r\n"
    "Date: Mon, 05 Jul 2021 09:30:00 +0400\r\n",
    kind: str = "mixed",
) -> bytes:
    """A mail of several parts: (content type, bytes, name of the file or "")."""
    whole = f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=XX\r\n\r\n"
    out = [(headers + whole).encode()]
    for content_type, data, name in parts:
        lines = [f"--XX\r\nContent-Type: {content_type}\r\n"]
        if name:
            lines.append(f"Content-Disposition: attachment; filename={name}\r\n")
        lines.append("Content-Transfer-Encoding: base64\r\n\r\n")
        out.append("".join(lines).encode() + base64.encodebytes(data) + b"\r\n")
    return b"".join(out) + b"--XX--\r\n"


Entry = tuple[str, list[tuple[str, str]], bytes]


def warc(entries: Sequence[Entry], kind: str = "response", *, gzip: bool = True) -> bytes:
    """Records of (address, header lines, body)."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    for url, headers, body in entries:
        if kind == "response":
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            made = writer.create_warc_record(
                url, kind, payload=io.BytesIO(body), length=len(body), http_headers=http
            )
        else:
            made = writer.create_warc_record(
                url,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                warc_content_type=dict(headers).get("Content-Type", ""),
            )
        writer.write_record(made)
    return out.getvalue()
