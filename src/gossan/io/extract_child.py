"""The process that parses one document: `python -m gossan.io.extract_child MEDIA ORIGIN`.

Reads the document from standard input and writes JSON to standard output. Started by
`documents.extract_text` only; limits itself before it parses.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from collections.abc import Mapping
from typing import Any

from gossan.core.words import tr

MEMORY_BYTES = 1_500_000_000
CPU_S = 40
MAX_PAGES = 500
MAX_TEXT = 5_000_000
"""Characters of text; the rest is cut off, with a warning."""
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
DATES = {
    "article:published_time": "published",
    "datepublished": "published",
    "dc.date.issued": "published",
    "dcterms.issued": "published",
    "pubdate": "published",
    "citation_publication_date": "published",
    "publish_date": "published",
    "article:modified_time": "modified",
    "datemodified": "modified",
    "og:updated_time": "modified",
}

Found = dict[str, Any]


def limit() -> None:
    """Bound memory and processor time of this process, before anything is parsed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def main(media: str, origin: str) -> Found:
    """Parse standard input."""
    limit()
    data = sys.stdin.buffer.read()
    readers = {"html": _html, "pdf": _pdf, "text": _text}
    return _clean(readers[media](data, origin))


def _empty() -> Found:
    return {
        "text": "",
        "title": "",
        "author": "",
        "outlet": "",
        "dates": {},
        "warnings": [],
        "meta": [],
        "personal": {},
    }


def _text(data: bytes, origin: str) -> Found:  # noqa: ARG001
    found = _empty()
    for encoding in ("utf-8-sig", "utf-16"):
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            found["text"] = data.decode(encoding)
            return found
        except UnicodeDecodeError:
            continue
    found["text"] = data.decode("utf-8", errors="replace")
    found["warnings"].append("The text is not UTF-8: letters that could not be read show as �.")
    return found


def _html(data: bytes, origin: str) -> Found:
    from lxml import etree
    from lxml import html as lxml_html
    from trafilatura import bare_extraction

    # entities of a document type are never expanded: the declaration goes before parsing
    data = re.sub(rb"(?s)<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", b"<!DOCTYPE html>", data, count=1)
    data = re.sub(rb"<\?xml[^>]*\?>", b"", data, count=1)
    parser = lxml_html.HTMLParser(encoding=_charset(data), no_network=True, huge_tree=False)
    tree = lxml_html.document_fromstring(data, parser=parser)
    found = _empty()
    found["dates"] = _stated_dates(tree)
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


def _charset(data: bytes) -> str:
    named = re.search(rb"(?i)<meta[^>]{0,200}charset=[\"']?([\w-]{2,20})", data[:4096])
    name = named[1].decode("ascii") if named else "utf-8"
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name


def _stated_dates(tree: Any) -> dict[str, str]:
    """Dates in meta elements, JSON-LD and time elements; the first of each kind stands."""
    out: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        if name in DATES and meta.get("content"):
            out.setdefault(DATES[name], meta.get("content")[:60])
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json":
            for kind, key in (("published", "datePublished"), ("modified", "dateModified")):
                m = re.search(rf'"{key}"\s*:\s*"([^"]{{4,60}})"', script.text or "")
                if m:
                    out.setdefault(kind, m[1])
    for node in tree.iter("time"):
        published = node.get("pubdate") is not None or "publi" in (node.get("class") or "").lower()
        if (published or node.get("itemprop") == "datePublished") and node.get("datetime"):
            out.setdefault("published", node.get("datetime")[:60])
    return out


def _pdf(data: bytes, origin: str) -> Found:  # noqa: ARG001
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
        found["dates"]["created"] = str(info["/CreationDate"])[:40]
    if not found["text"].strip():
        found["warnings"].append("The PDF holds no text, perhaps only pictures of it: not read.")
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
        result = main(sys.argv[1], sys.argv[2])
    except MemoryError:
        raise SystemExit(tr("it needs more memory than is allowed")) from None
    except RecursionError:
        raise SystemExit(tr("it is nested too deeply")) from None
    except Exception as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None
    json.dump(result, sys.stdout)
