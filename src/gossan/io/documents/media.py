"""What kind of file a document is, by its own bytes; its name and what a server says come last.

What is none of the kinds read is refused by its name, never read as text.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from gossan.core.words import tr, tr_later
from gossan.io.documents.charset import decoded, of_several_bytes, unreadable

SUFFIX = {
    "html": ".html",
    "mhtml": ".mhtml",
    "text": ".txt",
    "pdf": ".pdf",
    "docx": ".docx",
    "odt": ".odt",
    "rtf": ".rtf",
    "eml": ".eml",
    "warc": ".warc",
    "wacz": ".wacz",
}
"""Kinds that are read, and the suffix under which a case keeps them."""
_OTHERS = (
    (b"\xff\xd8\xff", tr_later("a JPEG picture")),
    (b"\x89PNG\r\n", tr_later("a PNG picture")),
    (b"GIF8", tr_later("a GIF picture")),
    (b"II*\x00", tr_later("a TIFF picture")),
    (b"MM\x00*", tr_later("a TIFF picture")),
    (b"BM", tr_later("a BMP picture")),
    (b"8BPS", tr_later("a Photoshop picture")),
    (b"\x1a\x45\xdf\xa3", tr_later("a Matroska or WebM video")),
    (b"OggS", tr_later("an Ogg sound or video")),
    (b"ID3", tr_later("an MP3 sound")),
    (b"fLaC", tr_later("a FLAC sound")),
    (b"Rar!", tr_later("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", tr_later("a 7-Zip archive")),
    (b"\xfd7zXZ", tr_later("an XZ archive")),
    (b"BZh", tr_later("a bzip2 archive")),
    (b"\x28\xb5\x2f\xfd", tr_later("a Zstandard archive")),
    (b"%!PS", tr_later("a PostScript file")),
    (b"AT&TFORM", tr_later("a DjVu file")),
    (b"SQLite format 3\x00", tr_later("an SQLite database")),
    (b"\x7fELF", tr_later("a program")),
    (b"MZ", tr_later("a program")),
    (b"wOFF", tr_later("a font")),
    (b"wOF2", tr_later("a font")),
    (b"bplist00", tr_later("a binary property list (.webarchive of Safari)")),
    (b"\x00\x00\x01\x00", tr_later("an icon")),
    (b"!BDN", tr_later("an Outlook mailbox (.pst)")),
)
_INSIDE = (
    (
        b"W\x00o\x00r\x00d\x00D\x00o\x00c\x00u\x00m\x00e\x00n\x00t",
        tr_later("an old Word file (.doc)"),
    ),
    (b"W\x00o\x00r\x00k\x00b\x00o\x00o\x00k", tr_later("an old Excel file (.xls)")),
    (b"P\x00o\x00w\x00e\x00r\x00P\x00o\x00i\x00n\x00t", tr_later("an old PowerPoint file (.ppt)")),
    (b"_\x00_\x00s\x00u\x00b\x00s\x00t\x00g\x001", tr_later("an Outlook message (.msg)")),
)
_ZIPPED = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", tr_later("an Excel file (.xlsx)")),
    ("ppt/presentation.xml", tr_later("a PowerPoint file (.pptx)")),
    ("doc.kml", tr_later("a KMZ file")),
    ("META-INF/container.xml", tr_later("an EPUB book")),
    ("AndroidManifest.xml", tr_later("an Android program")),
)
_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-template": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": tr_later(
        "an OpenDocument spreadsheet (.ods)"
    ),
    "application/vnd.oasis.opendocument.presentation": tr_later(
        "an OpenDocument presentation (.odp)"
    ),
    "application/epub+zip": tr_later("an EPUB book"),
}
_MAIL_LINE = re.compile(rb"^[!-9;-~]{1,70}:[ \t]?[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*\r?\n")
_MAIL_FIELDS = (
    b"from:",
    b"to:",
    b"subject:",
    b"date:",
    b"mime-version:",
    b"received:",
    b"message-id:",
    b"content-type:",
    b"return-path:",
    b"delivered-to:",
    b"snapshot-content-location:",
)
_MAIL_BEGIN = (b"x-", b"dkim", b"arc-", b"reply-to:", b"cc:", b"sender:")
_SCRIPT = re.compile(
    r"(?i)javascript|ecmascript|text/css|json|/xml$|rss|atom|font|^(?:image|audio|video)/"
)
_OTHER_TEXT = {
    ".css": tr_later("a style sheet"),
    ".js": tr_later("a script"),
    ".json": tr_later("a JSON file"),
    ".geojson": tr_later("a GeoJSON file"),
    ".csv": tr_later("a CSV table"),
    ".tsv": tr_later("a table"),
    ".xml": tr_later("an XML file"),
    ".kml": tr_later("a KML file"),
    ".svg": tr_later("an SVG picture"),
    ".ics": tr_later("a calendar"),
    ".vcf": tr_later("a visiting card"),
    ".mbox": tr_later("a mailbox"),
    ".py": tr_later("a program"),
}


BAD_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
)
"""What the standard library raises over damaged, locked or unusual ZIP archives."""


def media_of(data: bytes, content_type: str, name: str) -> str:
    """The kind of a document, one of `SUFFIX`; else what it is in words ("a JPEG picture")."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x0c")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(b"WARC/") or (data.startswith(b"\x1f\x8b") and _gzipped_warc(data)):
        return "warc"
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    other = _other(data)
    if other:
        return other
    mail = _mail(head)
    if mail:
        return mail
    kind = content_type.split(";")[0].strip().lower()
    if _page(data, kind, name):
        return "html"
    return _text(data, content_type, kind, name)


def _gzipped_warc(data: bytes) -> bool:
    try:
        return zlib.decompressobj(47).decompress(data[:4096], 16).startswith(b"WARC/")
    except zlib.error:
        return False


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            names = z.namelist()[:5000]
            mime = b""
            if "mimetype" in names:
                with z.open("mimetype") as f:
                    mime = f.read(100)
    except BAD_ZIP:
        return tr_later("a damaged ZIP archive")
    stated = mime.decode("ascii", errors="replace").strip()
    if stated in _OPEN_DOCUMENT:
        return _OPEN_DOCUMENT[stated]
    if any(n.startswith("archive/") and n.endswith((".warc", ".warc.gz")) for n in names):
        return "wacz"
    return next((kind for name, kind in _ZIPPED if name in names), tr_later("a ZIP archive"))


def _other(data: bytes) -> str:
    for mark, words in _OTHERS:
        if data.startswith(mark) and not (mark.isalnum() and _plain(data)):
            return words
    if data[4:8] == b"ftyp":
        picture = data[8:12] in (b"heic", b"heix", b"mif1", b"avif", b"msf1")
        return tr_later("a HEIC or AVIF picture") if picture else tr_later("an MP4 video or sound")
    if data.startswith(b"RIFF"):
        return (
            tr_later("a WebP picture")
            if data[8:12] == b"WEBP"
            else tr_later("a WAV sound or AVI video")
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return next(
            (words for mark, words in _INSIDE if mark in data), tr_later("an old Office file")
        )
    if data.startswith(b"\x1f\x8b"):
        return tr_later("a gzip archive")
    if data[257:262] == b"ustar":
        return tr_later("a tar archive")
    return ""


def _plain(data: bytes) -> bool:
    """No byte that a text does not hold."""
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", data[:4096])


def _mail(head: bytes) -> str:
    """ "eml", or "mhtml" for a page that a browser saved as a mail; "" for neither."""
    if head.startswith(b"From "):  # the first line of a mailbox
        head = head.partition(b"\n")[2]
    lines: list[bytes] = []
    rest = head
    while (m := _MAIL_LINE.match(rest)) and len(lines) < 60:
        lines.append(m[0].lower())
        rest = rest[m.end() :]
    known = {f for f in _MAIL_FIELDS for line in lines if line.startswith(f)}
    if len(known) < 2 or not lines[0].startswith((*_MAIL_FIELDS, *_MAIL_BEGIN)):
        return ""
    header = b"".join(lines)
    typed = b"mime-version:" in known or b"content-type:" in known
    if not typed and not (b"from:" in known and (b"to:" in known or b"received:" in known)):
        return ""
    saved = (
        b"multipart/related" in header and b"text/html" in header and b"\nto:" not in b"\n" + header
    )
    return "mhtml" if saved or b"snapshot-content-location:" in known else "eml"


def _page(data: bytes, kind: str, name: str) -> bool:
    head = _narrow(data[:8192]).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<!doctype html") or re.search(rb"<(?:html|head|body)[\s>]", head):
        return True
    if head.startswith(b"<?xml") or _SCRIPT.search(kind):
        return "xhtml" in kind or b"xhtml" in head[:1000]
    if "html" in kind or name.lower().endswith((".html", ".htm", ".xhtml")):
        return b"<" in head and _plain(_narrow(data[:4096]))
    return re.match(rb"<(?:meta|title|div|p|article|table|h1|!--)\b", head) is not None


def _narrow(data: bytes) -> bytes:
    """UTF-16 and the like as UTF-8, so that markup can be looked for."""
    wide = of_several_bytes(data)
    return data.decode(wide, errors="replace").encode() if wide else data


def _text(data: bytes, content_type: str, kind: str, name: str) -> str:
    suffix = re.search(r"\.\w{1,8}$", name.lower())
    other = _OTHER_TEXT.get(suffix[0], "") if suffix else ""
    if other and kind != "text/plain":
        return other
    if _SCRIPT.search(kind):
        return tr("of the type {kind!r:.60}", kind=kind)
    if data.lstrip()[:5].lower() == b"<?xml":
        return tr_later("an XML file")
    lost_before = "�".encode() in data  # another program wrote these, so it is text
    unread = not lost_before and unreadable(decoded(data[:100_000], content_type))
    if unread or not _plain(_narrow(data[:4096])):
        return tr_later("a file of unknown kind")
    return "text"
