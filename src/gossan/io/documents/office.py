"""Word, OpenDocument and RTF files, for the process that parses documents (`extract_child`).

Only words are taken: paragraphs, tables, footnotes. What was struck out in Word's own record of
changes, comments, and headers and footers are left aside.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from lxml import etree

from gossan.core.words import tr
from gossan.io.documents.media import BAD_ZIP

MAX_MEMBER = 60_000_000
"""Bytes that one file of an archive may unpack to."""
MAX_META = 1_000_000
"""Characters of each file kept to be looked through for what identifies somebody."""


class DamagedError(Exception):
    """Why an office file cannot be read, in words that complete "it ..."."""


def docx(data: bytes) -> tuple[str, dict[str, str], list[str]]:
    """Text of a Word file, what it says of itself by local name, and all its XML as text."""
    parts = _members(data, ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"))
    if "word/document.xml" not in parts:
        raise DamagedError(tr("holds no text (word/document.xml)"))
    text = "\n\n".join(t for t in (_word(xml) for xml in parts.values()) if t.strip())
    return text, _properties(data, "docProps/core.xml"), list(xml_texts(data))


def odt(data: bytes) -> tuple[str, dict[str, str], list[str]]:
    """The same of an OpenDocument text."""
    parts = _members(data, ("content.xml",))
    if "content.xml" not in parts:
        raise DamagedError(tr("holds no text (content.xml)"))
    return (
        _open_document(parts["content.xml"]),
        _properties(data, "meta.xml"),
        list(xml_texts(data)),
    )


def rtf(data: bytes) -> tuple[str, dict[str, str], list[str]]:
    """The same of a rich text."""
    from striprtf.striprtf import rtf_to_text

    page = re.search(rb"\\ansicpg(\d{3,5})", data[:4000])
    name = f"cp{page[1].decode()}" if page else "cp1252"
    try:
        raw = data.decode(name, errors="replace")
    except LookupError:
        name, raw = "cp1252", data.decode("cp1252", errors="replace")
    text = rtf_to_text(raw, encoding=name, errors="replace")
    said = {}
    for key in ("title", "author", "operator", "company"):
        found = re.search(rf"\{{\\{key} ([^{{}}]{{1,300}})\}}", raw)
        if found:
            said[key] = rtf_to_text(f"{{\\rtf1 {found[1]}}}", encoding=name, errors="replace")
    for key, ours in (("creatim", "created"), ("revtim", "modified")):
        day = re.search(rf"\\{key}\\yr(\d{{4}})\\mo(\d{{1,2}})\\dy(\d{{1,2}})", raw)
        if day:
            said[ours] = f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}"
    return text.replace("|", " "), said, [*(f"{k}: {v}" for k, v in said.items())]


def _members(data: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    """Files of an archive by name, in that order; absent ones are left out."""
    out = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            there = set(z.namelist())
            for name in names:
                if name in there:
                    out[name] = _member(z, name)
    except BAD_ZIP as error:
        raise DamagedError(tr("is a damaged archive ({reason})", reason=error)) from None
    return out


def _member(z: zipfile.ZipFile, name: str) -> bytes:
    with z.open(name) as f:
        data = f.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise DamagedError(tr("unpacks to more than {most_member:,} bytes", most_member=MAX_MEMBER))
    return data


def _tree(xml: bytes) -> etree._Element:
    if b"<!DOCTYPE" in xml[:4000] or b"<!ENTITY" in xml:
        raise DamagedError(tr("declares entities, which office files never do"))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    tree = etree.fromstring(xml, parser)
    if tree is None:
        raise DamagedError(tr("holds no XML that can be read"))
    return tree


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _text(
    node: etree._Element,
    skip: frozenset[str],
    sign: Callable[[etree._Element], str | None],
    *,
    bare: bool,
) -> str:
    """Words below a node in their order, without calling itself: files may be nested without end.

    `sign` gives what an element stands for, None what is in it; `bare` says whether text that
    stands directly in an element counts.
    """
    out: list[str] = []
    todo: list[etree._Element | str] = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            out.append(one)
            continue
        name = _local(one)
        if name in skip:
            continue
        stands_for = sign(one)
        if stands_for is not None:
            out.append(stands_for)
            continue
        inside: list[etree._Element | str] = [one.text] if bare and one.text else []
        for child in one:
            inside.append(child)
            if bare and child.tail:
                inside.append(child.tail)
        if name in ("p", "h"):
            inside.append("\n")
        todo += reversed(inside)
    return "".join(out)


_WORD_SKIP = frozenset(
    (
        "Fallback",
        "del",
        "moveFrom",
        "pPr",
        "rPr",
        "sectPr",
        "instrText",
        "delText",
        "tblPr",
        "tcPr",
        "trPr",
        "tblGrid",
    )
)


def _word(xml: bytes) -> str:
    def sign(node: etree._Element) -> str | None:
        name = _local(node)
        if name == "t":
            return node.text or ""
        if name == "tab":
            return "\t"
        if name in ("br", "cr"):
            return "\n"
        return "-" if name == "noBreakHyphen" else None

    return _lines(_text(_tree(xml), _WORD_SKIP, sign, bare=False))


_OPEN_SKIP = frozenset(
    (
        "annotation",
        "tracked-changes",
        "automatic-styles",
        "font-face-decls",
        "scripts",
        "note-citation",
        "sequence-decls",
        "binary-data",
        "desc",
    )
)


def _open_document(xml: bytes) -> str:
    def sign(node: etree._Element) -> str | None:
        name = _local(node)
        if name == "s":
            count = next((v for k, v in node.attrib.items() if str(k).endswith("}c")), "1")
            return " " * min(int(count), 100) if str(count).isdigit() else " "
        if name == "tab":
            return "\t"
        return "\n" if name == "line-break" else None

    return _lines(_text(_tree(xml), _OPEN_SKIP, sign, bare=True))


def _lines(text: str) -> str:
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _properties(data: bytes, name: str) -> dict[str, str]:
    """Title, dates and people as the file states them, by the local name of the element."""
    xml = _members(data, (name,)).get(name)
    if xml is None:
        return {}
    return {
        _local(n): (n.text or "").strip()[:300]
        for n in _tree(xml).iter()
        if isinstance(n.tag, str) and (n.text or "").strip()
    }


def xml_texts(data: bytes) -> Iterator[str]:
    """Every XML file of the archive as text: comments, headers and names stand in them too."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            for name in z.namelist()[:500]:
                if name.endswith((".xml", ".rels", ".txt")):
                    with z.open(name) as f:
                        raw = f.read(MAX_META).decode("utf-8", errors="replace")
                    yield re.sub(r"<[^<>]*>", " ", raw)
                    if name.endswith(".rels"):
                        yield raw
    except BAD_ZIP as error:
        raise DamagedError(tr("is a damaged archive ({reason})", reason=error)) from None
