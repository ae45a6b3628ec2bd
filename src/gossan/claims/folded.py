"""A text as patterns want to see it, and where each of its characters came from.

Digits of every script, full-width forms, odd spaces and dashes become plain ones; invisible
characters go; percent-encoding and HTML references are read. What is found is then blotted out in
the text as it was written.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_PERCENT = re.compile(r"(?:%(?:25)*[0-9A-Fa-f]{2})+")
_ONE = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9A-Fa-f]{1,5}|[A-Za-z]{2,8});")
_HIDDEN = frozenset({"Cf", "Cc", "Me"})
_DASHES = "\u2212\u00ad\u30fc"


@dataclass(frozen=True)
class Folded:
    """`text`, and for each of its characters where the original's begin and end."""

    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the original; `end` greater than `start`."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold a text."""
    if text.isascii() and "%" not in text and "&" not in text:
        return Folded(text, range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def put(found: str, start: int, end: int) -> None:
        for c in found:
            for plain in _plain(c):
                out.append(plain)
                starts.append(start)
                ends.append(end)

    i = 0
    while i < len(text):
        c = text[i]
        if c == "%" and (run := _PERCENT.match(text, i)):
            _percent(run, put)
            i = run.end()
        elif c == "&" and (entity := _ENTITY.match(text, i)):
            put(html.unescape(entity[0]), i, entity.end())
            i = entity.end()
        else:
            put(c, i, i + 1)
            i += 1
    return Folded("".join(out), tuple(starts), tuple(ends))


def _percent(run: re.Match[str], put: Callable[[str, int, int], None]) -> None:
    """Octets of a run as UTF-8; what is none stands for itself."""
    octets = list(_ONE.finditer(run[0]))
    data = bytes(int(m[1], 16) for m in octets)
    i = 0
    while i < len(data):
        for n in (1, 2, 3, 4):
            try:
                c = data[i : i + n].decode()
            except UnicodeDecodeError:
                continue
            put(c, run.start() + octets[i].start(), run.start() + octets[i + n - 1].end())
            i += n
            break
        else:
            put(octets[i][0], run.start() + octets[i].start(), run.start() + octets[i].end())
            i += 1


@lru_cache(maxsize=4096)
def _plain(c: str) -> str:
    if c in "\n\t":
        return c
    digit = unicodedata.decimal(c, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(c)
    if c in _DASHES or kind == "Pd":
        return "-"
    if kind in _HIDDEN or "\ufe00" <= c <= "\ufe0f":
        return ""
    if kind == "Zs":
        return " "
    return unicodedata.normalize("NFKC", c)
