"""The letters of a page or text: by its mark of order, UTF-8, what is said of it, or a detector.

Bytes that are valid UTF-8 and not plain ASCII are hardly ever anything else. Of the rest, what is
said (header of the exchange, XML declaration, `meta`) is believed where it makes words; where it
contradicts itself or the bytes, charset-normalizer decides and the contradiction is said.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

SAMPLE = 60_000
"""Bytes, without markup, that a detector looks at."""
USUAL = (
    "cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic", "koi8_u", "cp1252", "cp1254",
    "cp1250", "cp1256", "cp1257", "cp1253", "cp932", "gb18030", "big5", "euc_kr",
)  # fmt: skip
"""Charsets tried where nothing that is said fits."""
WORSE = 0.02
"""By how much (0..1) what is said may look more like noise than the detector's choice."""
STRANGER = 0.2
"""By how much (0..1) its letters may be less like those of a language."""
LOST = 0.01
"""Share of letters that could not be made out from which a text is called unreadable."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMED = re.compile(r"(?i)charset\s*=\s*[\"']?\s*([\w.:-]{2,30})")
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,30})")
_META = re.compile(rb"(?i)<meta\b[^<>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{2,30})")
_MARKUP = re.compile(rb"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Letters:
    """Text of some bytes.

    Attributes
    ----------
    text : without a mark of order
    charset : Python's name of what it was read as
    warning : one sentence where something is wrong with it, else ""
    """

    text: str
    charset: str
    warning: str = ""


def decoded(data: bytes, content_type: str = "") -> str:
    """The text alone, see `letters`."""
    return letters(data, content_type).text


def letters(data: bytes, content_type: str = "") -> Letters:
    """The bytes of a page or text as letters. `content_type` is what the exchange says of them."""
    wide = of_several_bytes(data)
    if wide:
        return Letters(data.decode(wide, errors="replace"), wide)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _of_one_byte(data, _said(data, content_type))
    return _once(text)


def unreadable(text: str) -> bool:
    """True where too many letters of a text were lost for anything to be read from it."""
    seen = re.findall(r"[^\W\d_]|�", text[:SAMPLE])
    return len(seen) > 20 and seen.count("�") > LOST * len(seen)


def of_several_bytes(data: bytes) -> str:
    """The charset by a mark of order, or UTF-16 without one, where every other byte of markup and
    spaces is zero; "" for anything else."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:2000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    few, many = len(head) // 100, max(2, len(head) // 20)
    if odd > many and even <= few:
        return "utf-16-le"
    return "utf-16-be" if even > many and odd <= few else ""


def _said(data: bytes, content_type: str) -> list[str]:
    """Charsets named for the document, first who knows best; only such as Python has."""
    xml = _XML.search(data[:400])
    meta = _META.search(_uncommented(data))
    header = _NAMED.search(content_type)
    named = [
        header[1] if header else "",
        xml[1].decode("ascii") if xml else "",
        meta[1].decode("ascii") if meta else "",
    ]
    out = []
    for name in named:
        try:
            found = codecs.lookup(name).name if name else ""
            b"a".decode(found or "ascii")
        except (LookupError, UnicodeError):
            continue
        # a page that is read by bytes is not in a charset of two, whatever it says
        if found and not found.startswith(("utf-16", "utf-32")):
            out.append("cp1252" if found in ("iso8859-1", "ascii") else found)
    return out


def _uncommented(data: bytes) -> bytes:
    first, *rest = data.split(b"<!--")
    return first + b" ".join(part.partition(b"-->")[2] for part in rest)


def _of_one_byte(data: bytes, said: Sequence[str]) -> Letters:
    """The reading that makes words, what is said before what is guessed."""
    broken = _mostly_utf8(data)
    if broken is not None:
        return broken
    bare = _MARKUP.sub(b" ", data)
    words = b" ".join(w for w in bare.split() if re.search(rb"[\x80-\xff]", w)) or bare
    names = [n.replace("-", "_") for n in said if not n.startswith("utf")]
    matches = from_bytes(
        words[:SAMPLE],
        threshold=0.9,
        cp_isolation=list(dict.fromkeys([*names, *USUAL])),
        enable_fallback=False,
    )
    found = {
        codecs.lookup(name).name: (m.chaos, -m.coherence)
        for m in reversed(list(matches))
        for name in (m.encoding, *m.could_be_from_charset)
    }
    best = min(found, key=lambda n: (found[n], n), default="")
    for name in dict.fromkeys(said):
        mine = found.get(codecs.lookup(name).name)
        if mine is None:
            continue
        least = found[best]
        if mine[0] <= least[0] + WORSE and mine[1] <= least[1] + STRANGER:
            return _taken(data, name, said)
    if best:
        return _taken(data, best, said)
    for name in said:
        try:
            return Letters(data.decode(name), name)
        except UnicodeError:
            continue
    text = data.decode("utf-8", errors="replace")
    return Letters(text, "utf-8", "It is in no known charset: letters that were lost show as �.")


def _mostly_utf8(data: bytes) -> Letters | None:
    """UTF-8 in which a few bytes are broken, as where it was cut short; None for anything else."""
    text = data.decode("utf-8", errors="replace")
    good = sum(1 for c in text if c > "\x7f" and c != "�")
    lost = text.count("�")
    if lost > max(2, good // 20) or good < lost:
        return None
    return Letters(text, "utf-8", "Some letters are broken in the file and show as �.")


def _taken(data: bytes, name: str, said: Sequence[str]) -> Letters:
    text = data.decode(name, errors="replace")
    others = [s for s in dict.fromkeys(said) if s != name]
    if not others:
        warning = "" if said else f"It does not say in which charset it is: read as {name}."
    else:
        warning = f"It says {' and '.join(others)}, but its letters are {name}: read as that."
    if unreadable(text):
        warning = f"Letters that are none of {name} show as �."
    return Letters(text, name, warning)


def _once(text: str) -> Letters:
    """Text; where a program had already taken its UTF-8 for another charset, that is undone."""
    if text.isascii():
        return Letters(text, "utf-8")
    for name in ("cp1251", "cp1252", "latin-1"):
        lines = text.split("\n")
        undone = [_undone(line, name) for line in lines]
        odd = [(a, b) for a, b in zip(lines, undone, strict=True) if not a.isascii()]
        mended = sum(len(a) for a, b in odd if b is not None)
        if mended > 0.8 * sum(len(a) for a, _ in odd):
            text = "\n".join(a if b is None else b for a, b in zip(lines, undone, strict=True))
            why = f"Its UTF-8 had been taken for {name} by another program; that was undone."
            return Letters(text, "utf-8", why)
    return Letters(text, "utf-8")


def _undone(line: str, name: str) -> str | None:
    if line.isascii():
        return None
    try:
        return line.encode(name).decode("utf-8")
    except UnicodeError:
        return None
