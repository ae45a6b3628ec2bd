"""Mails and pages saved as mails, for the process that parses documents (`extract_child`)."""

from __future__ import annotations

import base64
import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message

from gossan.io.documents.charset import decoded

MAX_PARTS = 200
"""Parts of a mail that are looked at."""
MAX_DEPTH = 10
"""Parts in parts in parts ..."""
MAX_ATTACHED = 50
"""Attachments of one mail that are read."""
_FORWARDED = re.compile(
    r"(?im)^[>\s]*(?:-{2,}\s*(?:forwarded message|original message|пересылаемое сообщение|"
    r"исходное сообщение)"
    r"|begin forwarded message|начало переадресованного сообщения)"
)


def message_of(data: bytes) -> Message:
    """A mail. Headers are left as they stand: reading them is what breaks on hostile ones."""
    if data.startswith(b"From "):  # the first line of a mailbox
        data = data.partition(b"\n")[2]
    return email.message_from_bytes(data, policy=email.policy.compat32)


def header(part: Message, name: str) -> str:
    """A header line as people read it, "" where there is none."""
    value = str(part.get(name) or "")[:2000]
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (ValueError, LookupError):
        return " ".join(value.split())


def parts_of(message: Message) -> Iterator[Message]:
    """Parts that hold something, in the order they stand; attached mails are left whole."""
    todo = [(message, 0)]
    seen = 0
    while todo and seen < MAX_PARTS:
        part, depth = todo.pop()
        seen += 1
        if part.get_content_maintype() == "multipart":
            inner = part.get_payload()
            if isinstance(inner, list) and depth < MAX_DEPTH:
                todo += [(p, depth + 1) for p in reversed(inner) if isinstance(p, Message)]
        else:
            yield part


def content(part: Message) -> bytes:
    """The bytes of a part, unpacked; an attached mail as it stands."""
    inner = part.get_payload()
    if isinstance(inner, list):
        whole = inner[0].as_bytes() if inner and isinstance(inner[0], Message) else b""
        if "base64" in str(part.get("Content-Transfer-Encoding") or "").lower():
            with suppress(ValueError):  # some pack what never should be
                return base64.b64decode(whole)
        return whole
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def text_of(part: Message) -> str:
    """A text part as letters."""
    return decoded(content(part), str(part.get("Content-Type") or ""))


def saved_page(message: Message) -> Message | None:
    """The page in a file that a browser saved: the part its root or address names, else the
    first page in it."""
    pages = [
        p
        for p in parts_of(message)
        if p.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    start = re.search(r'(?i)start\s*=\s*"?([^";\s]+)', str(message.get("Content-Type") or ""))
    address = header(message, "Snapshot-Content-Location")
    for p in pages:
        if start and header(p, "Content-ID") == start[1]:
            return p
        if address and header(p, "Content-Location") == address:
            return p
    return pages[0] if pages else None


def body_and_attached(message: Message) -> tuple[list[Message], list[Message]]:
    """Parts that are the words of a mail, and parts that came with it.

    Of the same words as text and as a page the text is taken.
    """
    texts: list[Message] = []
    pages: list[Message] = []
    attached: list[Message] = []
    for part in parts_of(message):
        kind = part.get_content_type()
        named = part.get_filename() or part.get_content_disposition() == "attachment"
        if kind == "text/plain" and not named:
            texts.append(part)
        elif kind == "text/html" and not named:
            pages.append(part)
        elif named or kind == "message/rfc822" or not kind.startswith(("image/", "multipart/")):
            attached.append(part)
    words = texts if any(content(p).strip() for p in texts) else pages
    return words, attached


def name_of(part: Message, number: int) -> str:
    """What an attachment is called, without a folder."""
    raw = part.get_filename() or ""
    with suppress(ValueError, LookupError):
        raw = str(make_header(decode_header(raw)))
    if not raw and part.get_content_type() == "message/rfc822":
        raw = "mail"
    bare = re.split(r"[\\/]", raw)[-1]
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", "", bare).split())[:120] or f"part {number}"


def forwards(text: str) -> bool:
    """True where a mail holds an older one, whose days are not its own."""
    return _FORWARDED.search(text) is not None
