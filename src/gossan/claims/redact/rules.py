"""Identifiers of people and vehicles are removed at the door.

Each is overwritten by as many blocks as it had letters, so that offsets stay what they were.
What is found, kind by kind, stands in docs/claims.md; what is not, in docs/limits.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from gossan.claims.folded import fold
from gossan.claims.redact.net import ACCOUNT, MAIL
from gossan.claims.redact.numbers import (
    ACCOUNT_NAMED,
    CHASSIS,
    DOCUMENT,
    TAX,
    accounts,
    named,
    persons,
)
from gossan.claims.redact.phones import phones
from gossan.claims.redact.plates import plates

BLOCK = "█"
KINDS = (
    "e-mail address",
    "account on a network",
    "bank account or card",
    "identity document",
    "tax number",
    "licence plate",
    "chassis number",
    "phone number",
)
AROUND = ("AM", "AZ", "GE", "IR", "RU", "TR", "UA", "KZ")
"""Countries whose numbers are known without their code where a case names none."""
Span = tuple[int, int]


def redact(text: str, countries: Sequence[str] = AROUND) -> tuple[str, dict[str, int]]:
    """The text without identifiers, of the same length, and how many of each kind it had.

    `countries` are ISO codes: numbers of phones there are known without the country's code too.
    """
    out, counts = _redacted(text, tuple(countries))
    return out, dict(counts)


def redact_name(name: str, countries: Sequence[str] = AROUND) -> tuple[str, dict[str, int]]:
    """The same of a file's name or an address, where words are parted by _ and -.

    The ending of a document's name stays.
    """
    ending = _ENDING.search(name)
    if ending is not None:
        out, counts = redact_name(name[: ending.start()], countries)
        return out + ending[0], counts
    text, counts = redact(name, countries)
    loose = _PARTING.sub(" ", text)
    again, more = redact(loose, countries)
    out = "".join(BLOCK if b == BLOCK else a for a, b in zip(text, again, strict=True))
    return out, {k: counts.get(k, 0) + more.get(k, 0) for k in (*counts, *more)}


_ENDING = re.compile(r"(?i)(?<=[^/])(?:\.(?:txt|html?|xhtml|pdf|warc|gz))+\Z")
_PARTING = re.compile(
    r"_|(?<=[^\W\d_])-(?=\d|[^\W\d_]\d)|(?<=\d)-(?=[^\W\d_]{4})|/(?=[\w+(])|(?<=\d)\.(?=[a-z]{2,4}\Z)"
)


def redact_plain(value: Any, countries: Sequence[str], keep: Iterable[str] = ()) -> Any:
    """Every text in plain JSON without identifiers; what stands under a key of `keep` stays."""
    kept = frozenset(keep)
    if isinstance(value, str):
        return redact(value, countries)[0]
    if isinstance(value, dict):
        return {k: v if k in kept else redact_plain(v, countries, kept) for k, v in value.items()}
    return [redact_plain(v, countries, kept) for v in value] if isinstance(value, list) else value


def blot(text: str, spans: Iterable[Span]) -> str:
    """The text with blocks over `spans`; ends of lines stay."""
    letters = list(text)
    for start, end in spans:
        for i in range(start, end):
            if letters[i] != "\n":
                letters[i] = BLOCK
    return "".join(letters)


@lru_cache(maxsize=4096)
def _redacted(text: str, countries: tuple[str, ...]) -> tuple[str, tuple[tuple[str, int], ...]]:
    if not _worth(text):
        return text, ()
    folded = fold(text)
    work, spans = folded.text, []
    counts: dict[str, int] = {}
    for kind in KINDS:
        found = _joined(_trimmed(work, s) for s in _spans(kind, work, countries))
        if found:
            counts[kind] = len(found)
            spans += [folded.span(*s) for s in found]
            work = blot(work, found)
    return blot(text, spans), tuple(counts.items())


def _worth(text: str) -> bool:
    """False for most short texts: they hold neither digits nor a sign of an address."""
    return (
        "@" in text
        or "%" in text
        or "&" in text
        or not text.isascii()
        or any(c.isdigit() for c in text)
        or bool(_HINT.search(text))
    )


_HINT = re.compile(r"(?i)[\W_](?:at?|dot)[\W_]|\.\w{2,4}/|\w:\S|\w:\s")


def _spans(kind: str, text: str, countries: Sequence[str]) -> Iterator[Span]:
    match kind:
        case "e-mail address":
            yield from _by(MAIL, text)
        case "account on a network":
            yield from _by(ACCOUNT, text)
        case "bank account or card":
            yield from accounts(text)
            yield from named(ACCOUNT_NAMED, text)
        case "identity document":
            yield from named(DOCUMENT, text)
            yield from persons(text)
        case "tax number":
            yield from named(TAX, text)
        case "licence plate":
            yield from plates(text)
        case "chassis number":
            yield from _by(CHASSIS, text)
        case _:
            yield from phones(text, countries)


def _by(patterns: Iterable[re.Pattern[str]], text: str) -> Iterator[Span]:
    for pattern in patterns:
        group = "id" if "id" in pattern.groupindex else 0
        for m in pattern.finditer(text):
            yield m.span(group)


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",;-"):
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that overlap made one."""
    out: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
