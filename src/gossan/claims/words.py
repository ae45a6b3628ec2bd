"""Number words, ordinals, months and weekdays, English and Russian."""

from __future__ import annotations

import unicodedata

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = ("twenty thirty forty fifty sixty seventy eighty ninety").split()
_ORDINALS = (
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
    "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()


def _cardinals() -> dict[str, int]:
    words = {w: i for i, w in enumerate(_ONES)} | {"a": 1, "an": 1}
    for i, ten in enumerate(_TENS, start=2):
        words[ten] = 10 * i
        words |= {f"{ten}-{one}": 10 * i + k for k, one in enumerate(_ONES[1:10], start=1)}
    return words


def _ordinals() -> dict[str, int]:
    words = {w: i for i, w in enumerate(_ORDINALS)}
    for i, ten in enumerate(_TENS, start=2):
        words[ten[:-1] + "ieth"] = 10 * i
        words |= {f"{ten}-{o}": 10 * i + k for k, o in enumerate(_ORDINALS[1:10], start=1)}
    return words


CARDINALS = _cardinals()
ORDINALS = _ordinals()

MONTHS = {
    name[:3]: i
    for i, name in enumerate(
        (
            "january february march april may june july august september october november december"
        ).split(),
        start=1,
    )
}
"""By the first three letters, lower case."""

WEEKDAYS = {
    name: i
    for i, name in enumerate(("monday tuesday wednesday thursday friday saturday sunday").split())
}

RU_MONTHS = {
    stem: i
    for i, stem in enumerate(("янв фев мар апр ма июн июл авг сен окт ноя дек").split(), start=1)
}
RU_WEEKDAYS = {
    stem: i
    for i, stem in enumerate(("понедельник вторник сред четверг пятниц суббот воскресень").split())
}


def _initials() -> str:
    """Ranges of letters that a name may begin with, in any script: capitals, and the letters of
    scripts that have none. The first plane of Unicode, which holds all that are in use."""
    out: list[list[int]] = []
    for code in range(0x41, 0x10000):
        c = chr(code)
        if c.isalpha() and c == c.title() and unicodedata.category(c) != "Lm":
            if out and out[-1][1] == code - 1:
                out[-1][1] = code
            else:
                out.append([code, code])
    return "".join(chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in out)


INITIAL = f"[{_initials()}]"
"""A regular expression for the first letter of a name, in any script."""


def number(text: str) -> int | None:
    """A whole number in digits or English words, or None."""
    text = text.strip().lower().replace(",", "")
    return int(text) if text.isdigit() else CARDINALS.get(text)


def ordinal(text: str) -> int | None:
    """An ordinal ("17th", "seventeenth", "forty-third"), or None."""
    text = text.strip().lower()
    digits = text.rstrip("stndrh")
    return int(digits) if digits.isdigit() else ORDINALS.get(text.replace(" ", "-"))


def month(text: str) -> int:
    """Number of an English or Russian month name, 1 to 12. Raises KeyError."""
    word = text.strip(". ").lower()
    if word[:3] in MONTHS:
        return MONTHS[word[:3]]
    return RU_MONTHS.get(word[:3]) or RU_MONTHS[word[:2]]
