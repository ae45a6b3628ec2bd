"""The small words before a date that open an interval: since, until, by, before, after."""

from __future__ import annotations

import re
from dataclasses import replace

from gossan.claims.dates import calendar as cal
from gossan.claims.dates.en import EVENT
from gossan.claims.resolve import Found
from gossan.core.statements import DateReading

_ENGLISH = re.compile(
    r"(?:(?P<since>\b(?:ever )?since|\b(?:starting|beginning|effective|with effect)(?: from| on)?"
    r"|\b(?:not|no) (?:before|earlier than|sooner than))"
    r"|(?P<from>\bfrom)|(?P<until>(?<!run-)(?<!lead-)(?<!run )(?<!build-)\b(?:until|till|up to|through|(?:no|not) later than|by))"
    r"|(?P<before>\b(?:before|prior to))|(?P<after>\bafter))"
    r"\s+(?:about\s+|around\s+)?(?:the\s+|at least\s+)?(?:(?:very\s+)?(?:end|close|beginning|start|middle)\s+of\s+)?(?:the\s+)?(?:\w+day,?\s+)?(?:on\s+|in\s+)?$",
    re.IGNORECASE,
)
_BEFORE_EVENT = re.compile(
    rf"(?:(?P<since>\b(?:ever )?since)|(?P<until>(?<!run-)(?<!lead-)(?<!run )(?<!build-)\b(?:until|till|up to))|(?P<before>\b(?:before|prior to|ahead of))|(?P<after>\bafter))\s+{EVENT}(?:\w+day,?\s+)?$"
)
"""The same before the date of something that happened: "until the seizure on"."""
_RUSSIAN = re.compile(
    r"(?:(?P<since>\b(?:начиная )?со?|\bне ранее(?: чем)?)|(?P<until>\b(?:вплоть )?до|\bк|\bпо|\bне позднее|\bне позже)"
    r"|(?P<before>\bперед)|(?P<after>\bпосле))\s+$",
    re.IGNORECASE,
)
_DATED_THING = re.compile(
    r"\b(?:letters?|reports?|images?|imagery|photos?|photographs?|pictures?|data|statements?|"
    r"figures?|surveys?|stud(?:y|ies)|videos?|footage|scenes?|messages?|e-?mails?|articles?|"
    r"notes?|maps?|records?|versions?|interviews?|снимк\w*|письм\w*|данны\w*)\s+from\s+$",
    re.IGNORECASE,
)
CLOSED = ("range", "weekday-range", "listed-", "past-", "next-", "for-the-nth")


def with_prefix(text: str, found: Found, *, russian: bool = False) -> Found:
    """`found` opened by the words before it; itself where there are none."""
    if found.reading is None and not found.alternatives:
        return found
    if any(r.rule.startswith(CLOSED) for r in (found.reading, *found.alternatives) if r):
        return found
    before = text[: found.start]
    m = (_RUSSIAN if russian else _ENGLISH).search(before)
    if m is None and not russian:
        m = _BEFORE_EVENT.search(before)
    if m is None:
        return found
    if m.lastgroup == "from":
        if _DATED_THING.search(before[: m.end()]):
            return found
        how = "since"
    else:
        how = m.lastgroup or ""

    def opened(r: DateReading) -> DateReading:
        return cal.opened(r, how) if r.first and r.last else r

    return replace(
        found,
        start=m.start(),
        reading=opened(found.reading) if found.reading else None,
        alternatives=tuple(opened(a) for a in found.alternatives),
    )
