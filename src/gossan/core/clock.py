"""Times that should only grow."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from gossan.core.words import tr


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
    told = tr(
        "the clock was set back before {what} {n} (from {before} to {now})",
        what=what,
        n=n,
        before=before,
        now=now,
    )
    more = len(back) - 1
    return tr("{told}, and {more} more", told=told, more=more) if more else told
