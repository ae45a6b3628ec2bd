"""Russian: cases of names by rule, and organisations by natasha (its models ship in its wheel)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

_LOCK = threading.Lock()
_ENDINGS = (
    ("ами", ("ы", "и")), ("ями", ("и",)), ("ого", ("ое", "ый", "ий")), ("ому", ("ое", "ый")),
    ("ой", ("а", "ая")), ("ей", ("я", "ь", "и")), ("ою", ("а",)), ("ом", ("",)), ("ем", ("", "ь", "й")),
    ("ах", ("ы", "а")), ("ях", ("и", "я")), ("ам", ("ы",)), ("ья", ("ь", "ье")),
    ("а", ("", "о")), ("я", ("ь", "й", "е", "")), ("у", ("а", "")), ("ю", ("я", "ь", "й")),
    ("е", ("а", "", "я", "ь", "о")), ("и", ("я", "а", "ь", "")), ("ы", ("а", "")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation that natasha names; offsets into the text."""

    start: int
    end: int
    text: str


def nominatives(name: str) -> list[str]:
    """What a declined name may be in the nominative ("Шушой": "Шуша", ...)."""
    head, _, last = name.rpartition(" ")
    lead = f"{head} " if head else ""
    out = []
    for ending, news in _ENDINGS:
        if last.endswith(ending) and len(last) - len(ending) >= 3:
            out += [lead + last[: -len(ending)] + new for new in news]
    return out


def organisations(text: str) -> list[Named]:
    """Companies and authorities named in a Russian text. Persons are left out: whether one is
    in a public office the tagger does not know."""
    from natasha import Doc

    segmenter, tagger = _models()
    with _LOCK:
        doc = Doc(text)
        doc.segment(segmenter)
        doc.tag_ner(tagger)
    return [Named(s.start, s.stop, s.text) for s in doc.spans if s.type == "ORG"]


@cache
def _models() -> tuple[Any, Any]:
    from natasha import NewsEmbedding, NewsNERTagger, Segmenter

    return Segmenter(), NewsNERTagger(NewsEmbedding())
