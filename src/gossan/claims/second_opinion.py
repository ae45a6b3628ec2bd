"""Microsoft's recognizers-text as a second reader of English dates.

It sees fewer dates than `dates_en` and takes some wrongly, but other ones: where both see a
date and no reading of one touches any of the other, a person must look.
"""

from __future__ import annotations

import re
import threading
import warnings
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

_HINT = re.compile(
    r"\d|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)|\b\w+day\b|"
    r"\b(?:weeks?|months?|years?|ago|spring|summer|autumn|winter|overnight|decades?)\b"
)
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Opinion:
    """Where the second reader sees a date, and the intervals (first, last) it may be."""

    start: int
    end: int
    text: str
    intervals: tuple[tuple[date | None, date | None], ...]


def opinions(text: str, published: date) -> list[Opinion]:
    """What the recognizers see in one sentence. Empty where nothing hints at a date."""
    if not _HINT.search(text):
        return []
    at = datetime(published.year, published.month, published.day)  # noqa: DTZ001
    with _LOCK:
        found = _model().parse(text, at)
    return [
        Opinion(f.start, f.end + 1, text[f.start : f.end + 1], tuple(_intervals(f.resolution)))
        for f in found
        if f.type_name in ("datetimeV2.date", "datetimeV2.daterange")
    ]


def _intervals(resolution: dict[str, Any] | None) -> list[tuple[date | None, date | None]]:
    out: list[tuple[date | None, date | None]] = []
    for value in (resolution or {}).get("values", ()):
        one = _day(value.get("value"))
        first, end = _day(value.get("start")), _day(value.get("end"))
        if one:
            out.append((one, one))
        elif first or end:
            last = end - timedelta(1) if end and first and end > first else end
            out.append((first, last))
    return out


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


@cache
def _model() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources compare with literals by "is"
        from ms_recognizers_date_time import DateTimeRecognizer
        from ms_recognizers_text import Culture

    return DateTimeRecognizer(Culture.English).get_datetime_model()
