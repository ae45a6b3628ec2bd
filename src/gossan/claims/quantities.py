"""Numbers with units as a text states them."""

from __future__ import annotations

import re

from gossan.claims.words import CARDINALS, number
from gossan.core.statements import Quantity

_NUM = r"\d{1,3}(?:[,\s\u00a0]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_WORDS = "|".join(sorted((w for w in CARDINALS if w not in ("a", "an")), key=len, reverse=True))
_UNITS = (
    (r"hectares?|ha\b|гектар\w*|га\b", "ha", 1.0),
    (r"square\s+kilomet\w+|sq\.?\s?km|km²|km2|кв\.?\s?км", "km2", 1.0),
    (r"acres?", "ha", 0.404686),
    (r"square\s+met\w+|m²|m2", "m2", 1.0),
    (r"cubic\s+met\w+|m³|m3|куб\w*", "m3", 1.0),
    (r"kilomet\w+|km\b|км\b", "km", 1.0),
    (r"met(?:re|er)s?\b|m\b|метр\w*", "m", 1.0),
    (r"tonn?e?s?\b|тонн\w*", "t", 1.0),
    (r"percent|per\s+cent|%|процент\w*", "percent", 1.0),
    (
        r"(?:[A-Z]?[\w-]+\s+)?(?:trucks?|lorries|vehicles?|cars?|tippers?|грузовик\w*|машин\w*|самосвал\w*)",
        "vehicles",
        1.0,
    ),
    (r"(?:[\w-]+\s+)?(?:excavators?|bulldozers?|экскаватор\w*)", "machines", 1.0),
    (r"(?:new\s+)?(?:pits?|sites?|dams?|houses|mines?|quarries)", "count", 1.0),
)
_SCALE = {"million": 1e6, "billion": 1e9, "thousand": 1e3, "млн": 1e6, "тыс": 1e3}
_PATTERN = re.compile(
    rf"(?P<how>\b(?:at\s+least|more\s+than|over|about|around|roughly|some|approximately|nearly|almost|"
    rf"up\s+to|less\s+than|fewer\s+than|under|between|около|более|не\s+менее|до)\s+)?"
    rf"(?<![\w.,-])(?P<a>{_NUM}|\b(?:{_WORDS})\b)(?:\s*(?:-|–|—|\bto\b|\band\b)\s*(?P<b>{_NUM}))?"
    rf"(?:\s*-?\s*(?P<scale>million|billion|thousand|млн|тыс)\.?)?[\s-]*"
    rf"(?P<unit>{'|'.join(u for u, _, _ in _UNITS)})(?!\w)",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"(?i)at\s+least|more\s+than|over|более|не\s+менее")
_AT_MOST = re.compile(r"(?i)up\s+to|less\s+than|fewer\s+than|under|до")
_ABOUT = re.compile(r"(?i)about|around|roughly|some|approximately|nearly|almost|около")
ABOUT = 0.2
"""What "about" is taken to leave open, as a share of the number, either way."""


def find_quantities(text: str, offset: int) -> tuple[Quantity, ...]:
    """Quantities in a sentence that stands at `offset` of the body."""
    return tuple(q for m in _PATTERN.finditer(text) if (q := _quantity(m, offset)) is not None)


def _quantity(m: re.Match[str], offset: int) -> Quantity | None:
    unit, factor = _unit(m["unit"])
    scale = factor * _SCALE.get((m["scale"] or "").lower(), 1.0)
    a = _value(m["a"])
    b = _value(m["b"]) if m["b"] else None
    if a is None or (b is not None and b <= a):
        return None
    how = m["how"] or ""
    value = (a if b is None else (a + b) / 2) * scale
    low, high = a * scale, (a if b is None else b) * scale
    bounds: tuple[float | None, float | None] = (low, high)
    if _AT_LEAST.match(how):
        bounds = (low, None)
    elif _AT_MOST.match(how):
        bounds = (None, high)
    elif _ABOUT.match(how):
        bounds = (low * (1 - ABOUT), high * (1 + ABOUT))
    return Quantity((offset + m.start(), offset + m.end()), m[0], value, *bounds, unit)


def _value(text: str) -> float | None:
    bare = re.sub(r"[,\s\u00a0](?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    try:
        return float(bare)
    except ValueError:
        word = number(text)
        return None if word is None else float(word)


def _unit(text: str) -> tuple[str, float]:
    for pattern, unit, factor in _UNITS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return unit, factor
    return "count", 1.0
