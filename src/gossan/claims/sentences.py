"""Paragraphs and sentences with their offsets into a report's body. Sentences by pysbd."""

from __future__ import annotations

import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST = 5000
"""Characters of one paragraph given to the sentence rules; their cost grows faster than that."""

_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text == body[start:end]`; `paragraph` counts from 0."""

    start: int
    end: int
    text: str
    paragraph: int


def split(body: str, language: str) -> list[Sentence]:
    """Sentences of a body, `language` "en" or "ru". Blank lines and line ends divide paragraphs."""
    out: list[Sentence] = []
    number = 0
    for m in re.finditer(r"[^\n\r\u2028\u2029]+", body):
        if not m[0].strip():
            continue
        for start in range(m.start(), m.end(), LONGEST):
            piece = body[start : min(start + LONGEST, m.end())]
            out += _of_piece(piece, start, number, language)
        number += 1
    return out


def _of_piece(piece: str, offset: int, paragraph: int, language: str) -> list[Sentence]:
    out: list[Sentence] = []
    for part in _parts(piece, language):
        begin = piece.index(part, out[-1].end - offset if out else 0) if part in piece else -1
        if begin < 0 or not part.strip():
            continue
        left = len(part) - len(part.lstrip())
        text = part.strip()
        start = offset + begin + left
        out.append(Sentence(start, start + len(text), text, paragraph))
    return out


def _parts(piece: str, language: str) -> list[str]:
    with _LOCK:  # one segmenter keeps the text it works on in itself
        parts = [str(p) for p in _segmenter(language).segment(piece)]
    # pysbd rewrites some signs; where it did, its sentences are not verbatim and do not count
    if "".join("".join(parts).split()) != "".join(piece.split()):
        return re.findall(r"[^.!?]+[.!?]*[\"'”’)\]]*\s*", piece) or [piece]
    return parts


@cache
def _segmenter(language: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pysbd 0.3.4 writes regular expressions the old way
        import pysbd
    return pysbd.Segmenter(language=language, clean=False)
