"""The process that parses one document: `python -m gossan.io.documents.child MEDIA ORIGIN TYPE`.

TYPE is the content type that a server or a mail gave it, "" where nobody did.

Reads the document from standard input and writes JSON to standard output. Started by
`documents.extract_text` only; limits itself before it parses.
"""

from __future__ import annotations

import base64
import io
import json
import re
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gossan.core.statements import StatedDate
from gossan.core.words import tr
from gossan.io.documents.charset import letters

MEMORY_BYTES = 1_500_000_000
CPU_S = 40
MAX_PAGES = 500
MAX_TEXT = 5_000_000
"""Characters of text; the rest is cut off, with a warning."""
NO_TEXT = "The PDF holds no text, perhaps only pictures of it: not read."
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
Found = dict[str, Any]


def limit() -> None:
    """Bound memory and processor time of this process, before anything is parsed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def main(media: str, origin: str, content_type: str) -> Found:
    """Parse standard input."""
    limit()
    data = sys.stdin.buffer.read()
    readers = {
        "html": _html,
        "mhtml": _mhtml,
        "text": _text,
        "pdf": _pdf,
        "docx": _office,
        "odt": _office,
        "rtf": _office,
        "eml": _mail,
    }
    return _clean(readers[media](data, Extracted(media, origin, content_type)))


@dataclass(frozen=True)
class Extracted:
    """What is said of a document: its kind, where it comes from, and its content type."""

    media: str
    origin: str
    content_type: str


def _empty() -> Found:
    return {
        "text": "",
        "title": "",
        "author": "",
        "outlet": "",
        "dates": [],
        "warnings": [],
        "meta": [],
        "personal": {},
        "attached": [],
    }


def _letters(data: bytes, content_type: str, found: Found) -> str:
    read = letters(data, content_type)
    if read.warning:
        found["warnings"].append(read.warning)
    return read.text


def _text(data: bytes, said: Extracted) -> Found:
    found = _empty()
    found["text"] = _letters(data, said.content_type, found)
    return found


def _html(data: bytes, said: Extracted) -> Found:
    found = _empty()
    return _page(_letters(data, said.content_type, found), said.origin, found)


def _page(text: str, origin: str, found: Found) -> Found:
    from lxml import etree
    from lxml import html as lxml_html
    from trafilatura import bare_extraction

    from gossan.io.documents.page_dates import stated_dates

    # entities of a document type are never expanded: the declaration goes before parsing
    text = re.sub(r"(?s)<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", "<!DOCTYPE html>", text, count=1)
    text = re.sub(r"<\?xml[^>]*\?>", "", text, count=1)
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    tree = lxml_html.document_fromstring(text.encode(errors="replace"), parser=parser)
    found["dates"] = [asdict(d) for d in stated_dates(tree, origin)]
    etree.strip_elements(tree, "script", "style", "noscript", "template", "iframe", with_tail=False)
    url = origin if origin.startswith(("http://", "https://")) else None
    document = bare_extraction(
        tree, url=url, with_metadata=True, include_comments=False, include_tables=True
    )
    if document is None:
        found["warnings"].append("No article was recognised in the page: nothing was read.")
        return found
    fields = document if isinstance(document, dict) else document.as_dict()
    found["text"] = fields.get("text") or ""
    for ours, theirs in (("title", "title"), ("author", "author"), ("outlet", "sitename")):
        found[ours] = fields.get(theirs) or ""
    return found


def _mhtml(data: bytes, said: Extracted) -> Found:
    """A page that a browser saved with all that belongs to it, as a mail."""
    from gossan.io.documents import mail as mail

    message = mail.message_of(data)
    part = mail.saved_page(message)
    if part is None:
        raise SystemExit("it holds no page")
    found = _empty()
    text = _letters(mail.content(part), str(part.get("Content-Type") or ""), found)
    address = mail.header(message, "Snapshot-Content-Location")
    found = _page(text, address or mail.header(part, "Content-Location") or said.origin, found)
    found["meta"] = [*(f"{k}: {v}" for k, v in message.items()), text]
    return found


def _mail(data: bytes, said: Extracted) -> Found:  # noqa: ARG001
    """The words of a mail, and what came with it, whole, each to be read by itself."""
    from gossan.io.documents import mail as mail

    message = mail.message_of(data)
    words, attached = mail.body_and_attached(message)
    found = _empty()
    pieces = []
    for part in words:
        text = _letters(mail.content(part), str(part.get("Content-Type") or ""), found)
        pieces.append(
            _page(text, "", found)["text"] if part.get_content_subtype() == "html" else text
        )
    found["text"] = "\n\n".join(p for p in pieces if p.strip())
    found["title"] = mail.header(message, "Subject")
    found["author"] = found["outlet"] = ""
    date = mail.header(message, "Date")
    found["dates"] = (
        [asdict(StatedDate("published", date[:60], "Date of the mail"))] if date else []
    )
    if mail.forwards(found["text"]):
        found["warnings"].append(
            "The mail holds an older one, whose days count from its own and not from this mail's."
        )
    found["meta"] = [f"{k}: {v}" for k, v in message.items()][:200]
    found["meta"] += [
        mail.text_of(p) for p in mail.parts_of(message) if p.get_content_maintype() == "text"
    ]
    if message.get("From"):
        found["personal"] = {"author of a file": 1}
    if len(attached) > mail.MAX_ATTACHED:
        found["warnings"].append(
            f"Of {len(attached)} attachments the first {mail.MAX_ATTACHED} were looked at."
        )
    for number, part in enumerate(attached[: mail.MAX_ATTACHED], start=1):
        found["attached"].append(
            {
                "name": mail.name_of(part, number),
                "type": str(part.get("Content-Type") or "")[:200],
                "data": base64.b64encode(mail.content(part)).decode("ascii"),
            }
        )
    return found


def _office(data: bytes, said: Extracted) -> Found:
    from gossan.io.documents import office as office

    readers = {"docx": office.docx, "odt": office.odt, "rtf": office.rtf}
    found = _empty()
    try:
        found["text"], states, found["meta"] = readers[said.media](data)
    except office.DamagedError as error:
        raise SystemExit(f"it {error}") from None
    found["title"] = states.get("title", "")
    for key in ("created", "creation-date"):
        if states.get(key):
            found["dates"].append(asdict(StatedDate("created", states[key][:60], key)))
    # as with PDF: who made a file is the owner of a machine more often than who signs the text
    if any(
        states.get(k)
        for k in ("creator", "initial-creator", "lastModifiedBy", "author", "operator")
    ):
        found["personal"] = {"author of a file": 1}
    if not found["text"].strip():
        found["warnings"].append("The file holds no text, perhaps only pictures of it: not read.")
    return found


def _pdf(data: bytes, said: Extracted) -> Found:  # noqa: ARG001
    import logging

    from pypdf import PdfReader  # bounds by itself what a stream may unpack to

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise SystemExit(tr("it is locked with a password"))
    found = _empty()
    parts, size = [], 0
    for number, page in enumerate(reader.pages):
        if number >= MAX_PAGES or size > MAX_TEXT:
            found["warnings"].append(f"Only the first {number} pages were read.")
            break
        text = page.extract_text() or ""
        parts.append(text)
        size += len(text)
    found["text"] = _joined("\n\n".join(parts))
    info: Mapping[str, Any] = reader.metadata or {}
    found["title"] = str(info.get("/Title") or "")
    found["meta"] = [f"{k}: {v}" for k, v in info.items()][:200]
    # the author of a PDF is the owner of a machine more often than who signs the text
    authors = [str(info.get("/Author") or ""), *_xmp(reader, found["meta"])]
    if any(a.strip() for a in authors):
        found["personal"] = {"author of a file": 1}
    if info.get("/CreationDate"):
        made = str(info["/CreationDate"])[:40]
        found["dates"].append(asdict(StatedDate("created", made, "CreationDate of the PDF")))
    blank = sum(not p.strip() for p in parts)
    if not found["text"].strip():
        found["warnings"].append(NO_TEXT)
    elif blank:
        found["warnings"].append(f"Of its {len(parts)} pages {blank} hold no text: not read.")
    return found


def _xmp(reader: Any, meta: list[str]) -> list[str]:
    """Who made the file by its XMP; all of that goes to `meta`."""
    stream = reader.trailer["/Root"].get("/Metadata")
    if stream is None:
        return []
    text = stream.get_object().get_data()[:1_000_000].decode("utf-8", errors="replace")
    meta.append(text)
    named = r"(?s)<(dc:creator|pdf:Author|xmp:Author|cp:lastModifiedBy)\b[^>]*>(.*?)</\1"
    return [re.sub(r"<[^>]*>", "", a) for _, a in re.findall(named, text)]


def _joined(text: str) -> str:
    """Lines that a page's width broke become paragraphs again."""
    text = re.sub(r"(?<=\w)-\n(?=[a-zа-я])", "", text)
    return re.sub(r"(?<![.!?:…\"”»)\n])[ \t]*\n(?!\n|[ \t]*[•\-–*\d])", " ", text)


def _clean(found: Found) -> Found:
    """No control, no direction override, no invisible letter gets further than this."""
    text = found["text"].replace("\r\n", "\n").replace("\r", "\n")
    if BIDI.search(text):
        found["warnings"].append("Signs that turn the direction of writing were removed.")
    if INVISIBLE.search(text):
        found["warnings"].append("Invisible letters were removed.")
    if len(text) > MAX_TEXT:
        found["warnings"].append(f"Only the first {MAX_TEXT:,} characters were read.")
    found["text"] = _bare(text[:MAX_TEXT])
    for key in ("title", "author", "outlet"):
        found[key] = " ".join(_bare(found[key]).split())[:300]
    return found


def _bare(text: str) -> str:
    return CONTROL.sub("", INVISIBLE.sub("", BIDI.sub("", text)))


if __name__ == "__main__":
    try:
        result = main(*sys.argv[1:4])
    except MemoryError:
        raise SystemExit(tr("it needs more memory than is allowed")) from None
    except RecursionError:
        raise SystemExit(tr("it is nested too deeply")) from None
    except Exception as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    json.dump(result, sys.stdout)
