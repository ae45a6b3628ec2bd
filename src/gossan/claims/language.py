"""Which language a text is in, and which of its parts are in a language that is read."""

from __future__ import annotations

import re
from dataclasses import dataclass

import py3langid

LANGUAGES = ("en", "ru")
"""Languages that are read. Any other is archived and said to be not read."""
ENOUGH = 4000
"""Characters that decide."""
LINE = 40
"""Letters from which a line says of itself which language it is in."""
PART = 60
"""Letters of a readable language from which a text in another one is read in part."""

_LETTER = re.compile(r"[^\W\d_]")
_ENGLISH = frozenset(
    "the of and to in was were is are that for on with by from at it has have had be been this which".split()
)
_RUSSIAN = frozenset(
    "и в во на с со по не что из для к от за о об как был была было были это его их до у же после".split()
)
COMMON, RARE = 0.12, 0.05
"""Shares of such small words from which a line is in their language, and under which it is not, if
py3langid does not think so either."""
_RUSSIAN_LETTERS = re.compile(r"[А-Яа-яЁё]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")


@dataclass(frozen=True, slots=True)
class Part:
    """`body[start:end]` is in `language`; "" for one that is not read."""

    start: int
    end: int
    language: str


def language_of(text: str) -> str:
    """ISO 639-1 code by py3langid, "und" for a text without letters."""
    letters = _LETTER.findall(text[:ENOUGH])
    if len(letters) < 8:
        return "und"
    code, _ = py3langid.classify(text[:ENOUGH])
    return str(code)


def read_as(body: str) -> tuple[str, str]:
    """The language a text is read as, and one sentence where not all of it is read.

    A text in another language that holds enough in one that is read counts as that one.
    """
    whole = language_of(body)
    letters = dict.fromkeys(LANGUAGES, 0)
    for part in parts(body, ""):
        if part.language:
            letters[part.language] += len(_LETTER.findall(body[part.start : part.end]))
    language = whole
    if whole not in LANGUAGES and max(letters.values()) >= PART:
        language = max(LANGUAGES, key=lambda code: letters[code])
    if language not in LANGUAGES:
        return whole, ""
    every = len(_LETTER.findall(body))
    left = sum(
        len(_LETTER.findall(body[p.start : p.end])) for p in parts(body, language) if not p.language
    )
    if not left:
        return language, ""
    return language, f"Of its {every:,} letters {left:,} are in another language and not read."


def parts(body: str, language: str) -> list[Part]:
    """A text cut where its language changes, at ends of lines. Lines too short to tell go with
    those before them; `language` is that of the whole, which short beginnings go with."""
    out: list[Part] = []
    for m in re.finditer(r"[^\n]*(?:\n|$)", body):
        if not m[0]:
            continue
        told = _of_line(m[0])
        last = out[-1] if out else None
        if told is None:
            told = last.language if last else None
        if last is not None and last.language == told:
            out[-1] = Part(last.start, m.end(), last.language)
        elif last is not None and last.language == "?" and told is not None:
            out[-1] = Part(last.start, m.end(), told)
        else:
            out.append(Part(m.start(), m.end(), "?" if told is None else told))
    return [Part(p.start, p.end, language if p.language == "?" else p.language) for p in out]


def _of_line(line: str) -> str | None:
    """A language that is read, "" for another, None where the line does not tell."""
    letters = _LETTER.findall(line)
    if len(letters) < LINE:
        return None
    words = re.findall(r"[^\W\d_]+", line.lower())
    cyrillic = _CYRILLIC.findall(line)
    russian = len(cyrillic) > len(letters) / 2
    if russian and len(_RUSSIAN_LETTERS.findall(line)) < len(cyrillic):
        return ""  # letters that Russian does not have
    code, small = ("ru", _RUSSIAN) if russian else ("en", _ENGLISH)
    share = _share(words, small)
    if share >= COMMON:
        return code
    if share < RARE and len(letters) >= 2 * LINE and language_of(line) != code:
        return ""
    return None


def _share(words: list[str], small: frozenset[str]) -> float:
    return sum(w in small for w in words) / max(1, len(words))
