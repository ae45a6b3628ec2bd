"""Times that should only grow."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def set_back(times: Iterable[str]) -> list[tuple[int, str, str]]:
    """Where a time lies before the one before it: (its number, itself, the one before).

    `times` are ISO 8601 in UTC and of one form, so that they sort as text. The clock was set back
    then, or another machine went on with a clock of its own.
    """
    return [(n, b, a) for n, (a, b) in enumerate(pairwise(times), start=1) if b < a]


def in_words(back: list[tuple[int, str, str]], what: str) -> str:
    """The same in a few words, empty for none: the first, and how many more."""
    if not back:
        return ""
    n, now, before = back[0]
    more = f", and {len(back) - 1} more" if len(back) > 1 else ""
    return f"the clock was set back before {what} {n} (from {before} to {now}){more}"
