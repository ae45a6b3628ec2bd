"""Identifiers of people and vehicles are removed at the door.

Each is overwritten by as many blocks as it had letters, so that offsets stay what they were.
"""

from __future__ import annotations

import re

BLOCK = "█"
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+\d{1,3}[\s.-]?(?:\(\d{1,5}\)[\s.-]?)?\d{1,4}(?:[\s.-]?\d{2,4}){1,5}"
    r"|(?<=tel )\d[\d\s.-]{5,}\d|\(\d{2,5}\)[\s.-]?\d{2,4}(?:[\s.-]\d{2,4}){1,3})(?![\w-])"
)
_CALL = re.compile(
    r"(?i)\b(?:tel(?:ephone)?|phone|mobile|cell|whatsapp|call|тел(?:ефон)?)\b\.?:?\s*"
    r"(?P<id>\+?\(?\d[\d\s().-]{5,18}\d)"
)
_PLATE_NAMED = re.compile(
    r"(?i)\b(?:licen[cs]e|number|registration|vehicle)\s+(?:plates?|numbers?|marks?)\b(?:\s+numbers?)?[\s:,“\"'«(]*"
    r"(?:(?:is|was|with|bearing)\s+)?(?P<id>(?=[\w\s-]*\d)[A-ZА-Я\d]{1,4}(?:[\s-]{1,3}[A-ZА-Я\d]{1,4}){0,4})(?![\w])"
)
_PLATE_RU = re.compile(
    r"(?i)(?:госномер\w*|номерн\w+\s+знак\w*|гос\.\s?номер\w*)[\s:«\"]*(?P<id>(?=[\w\s-]*\d)[A-ZА-Я\d]{1,4}"
    r"(?:[\s-]{1,3}[A-ZА-Я\d]{1,4}){0,4})(?!\w)"
)
_PLATE_FORM = re.compile(
    r"(?<![\w-])(?:\d{2}[\s-][A-Z]{2}[\s-]\d{3}"  # Azerbaijan
    r"|\d{2,3}\s?[A-Z]{2}\s?\d{2,3}|[A-Z]{2}[\s-]\d{3}[\s-][A-Z]{2}"  # Armenia, Georgia and others
    r"|[АВЕКМНОРСТУХ]\d{3}[АВЕКМНОРСТУХ]{2}\s?\d{2,3})(?![\w-])"  # Russia
)


def redact(text: str) -> tuple[str, dict[str, int]]:
    """The text without identifiers, of the same length, and how many of each kind it had."""
    counts: dict[str, int] = {}
    for kind, patterns in (
        ("e-mail address", (_MAIL,)),
        ("licence plate", (_PLATE_NAMED, _PLATE_RU, _PLATE_FORM)),
        ("phone number", (_CALL, _PHONE)),
    ):
        for pattern in patterns:
            text, n = _removed(text, pattern)
            if n:
                counts[kind] = counts.get(kind, 0) + n
    return text, counts


def _removed(text: str, pattern: re.Pattern[str]) -> tuple[str, int]:
    n = 0

    def blocks(m: re.Match[str]) -> str:
        nonlocal n
        group = "id" if "id" in pattern.groupindex else 0
        identifier = m[group].rstrip()
        if sum(c.isdigit() for c in identifier) < 2 and "@" not in identifier:
            return m[0]
        n += 1
        start = m.start(group) - m.start()
        return m[0][:start] + BLOCK * len(identifier) + m[0][start + len(identifier) :]

    return pattern.sub(blocks, text), n
