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
        found = _read(text, at)
    return [
        Opinion(
            f.start,
            f.start + f.length,
            text[f.start : f.start + f.length],
            tuple(_intervals(f.value)),
        )
        for f in found
        if f.type in ("datetimeV2.date", "datetimeV2.daterange")
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


def _read(text: str, at: datetime) -> list[Any]:
    """Dates and ranges of days. The recognizers' own model also looks for hours, durations and
    holidays, which are of no use here and take most of its time."""
    merged, parser = _parts()
    query = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    try:
        spans: list[Any] = []
        for part in (merged.config.date_extractor, merged.config.date_period_extractor):
            spans = merged.add_to(spans, part.extract(query, at), query)
        spans = merged.add_mod(merged.filter_unespecific_date_period(spans), query)
        parsed = [parser.parse(span, at) for span in spans]
    except Exception:
        return []
    return [v for p in parsed for v in (p.value if isinstance(p.value, list) else [p])]


@cache
def _parts() -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources compare with literals by "is"
        from ms_recognizers_date_time.date_time.base_merged import (
            BaseMergedExtractor,
            BaseMergedParser,
        )
        from ms_recognizers_date_time.date_time.english.common_configs import (
            EnglishCommonDateTimeParserConfiguration,
        )
        from ms_recognizers_date_time.date_time.english.merged_extractor_config import (
            EnglishMergedExtractorConfiguration,
        )
        from ms_recognizers_date_time.date_time.english.merged_parser_config import (
            EnglishMergedParserConfiguration,
        )
        from ms_recognizers_date_time.date_time.utilities import DateTimeOptions

    none = DateTimeOptions.NONE
    parser = EnglishMergedParserConfiguration(EnglishCommonDateTimeParserConfiguration())
    merged = BaseMergedExtractor(EnglishMergedExtractorConfiguration(), none)
    return merged, BaseMergedParser(parser, none)
