"""When a document was published: from its own statements, never from "last update" lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from gossan.claims.dates_en import DM, ISO, MD, WEEKDAY, point
from gossan.claims.resolve import Context
from gossan.claims.words import WEEKDAYS, month
from gossan.core.statements import PublicationDate

FRONT_LINES = 15
"""Lines at the beginning of a text in which a byline may stand."""
_UPDATED = re.compile(
    r"(?i)updat|modif|correct|edited|обновл|измен|©|copyright|captur|retriev|access"
)
_FULL = re.compile(rf"(?:{MD}|{DM}|{ISO})")
_RU_FULL = re.compile(r"(?P<d>\d{1,2})\s+(?P<m>[а-я]{3,8})\s+(?P<y>(?:19|20)\d\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)(?!\d)")
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|-|$)")
_ON_DAY = re.compile(rf"\b[Oo]n\s+(?P<day>{WEEKDAY})\b(?!,?\s+(?:\d|[A-Z][a-z]+\s+\d))")


def decide(
    stated: Mapping[str, str], body: str, origin: str, given: date | None
) -> PublicationDate:
    """The day of publication, how it is known, and what agrees or disagrees with it.

    `stated` are the dates the document's markup states ("published", "modified"). `given` is
    what a person says; it wins, and what the document says is kept beside it.
    """
    found, method = _found(stated, body, origin)
    if given is not None:
        return PublicationDate(given, "given", _checks(given, body, stated), found)
    return PublicationDate(found, method, _checks(found, body, stated) if found else ())


def _found(stated: Mapping[str, str], body: str, origin: str) -> tuple[date | None, str]:
    marked = _iso(stated.get("published", ""))
    if marked is not None:
        return marked, "metadata"
    line = _byline(body)
    if line is not None:
        return line, "byline"
    in_url = _IN_URL.search(origin)
    if in_url:
        day = _date(*(int(g) for g in in_url.groups()))
        if day:
            return day, "address"
    return None, "none"


def _byline(body: str) -> date | None:
    """The first full date in a short line at the top that is not about an update."""
    lines = [line.strip() for line in body.splitlines() if line.strip()][:FRONT_LINES]
    for line in lines:
        if len(line) > 120 or _UPDATED.search(line) or re.search(r"[.!?]$", line):
            continue
        day = full_date(line)
        if day is not None:
            return day
    return None


def full_date(line: str) -> date | None:
    """The first date with day, month and year in a line, or None."""
    m = _FULL.search(line)
    if m:
        made = point(m[0], Context(None))
        if made and made.year and made.month and made.day:
            return date(made.year, made.month, made.day)
    ru = _RU_FULL.search(line)
    if ru:
        try:
            return _date(int(ru["y"]), month(ru["m"]), int(ru["d"]))
        except KeyError:
            return None
    n = _NUMERIC.search(line)
    return _date(int(n[3]), int(n[2]), int(n[1])) if n else None


def _checks(day: date, body: str, stated: Mapping[str, str]) -> tuple[str, ...]:
    out = []
    changed = _iso(stated.get("modified", "")) or _updated_line(body)
    if changed is not None and changed != day:
        out.append(f"The page was changed on {changed}; that is not taken for its publication.")
    dated = sorted({d for d in _full_dates(body) if d != changed})
    later = [d for d in dated if d > day]
    if later:
        out.append(f"Doubt: the text names {later[-1]}, which lies after {day}.")
    near = [d for d in dated if timedelta(0) <= day - d <= timedelta(7)]
    for m in list(_ON_DAY.finditer(body))[:3]:
        wanted = WEEKDAYS[m["day"].lower()]
        meant = day - timedelta((day.weekday() - wanted) % 7)
        if meant in near:
            out.append(f'"on {m["day"]}" is {meant}, a day the text also names: it agrees.')
        elif near and all(abs((d - meant).days) > 1 for d in near):
            out.append(f'Doubt: "on {m["day"]}" would be {meant}, but the text names {near[-1]}.')
    if dated and not near and day - dated[-1] > timedelta(180):
        out.append(f"Doubt: the latest day the text names is {dated[-1]}, long before {day}.")
    return tuple(dict.fromkeys(out))


def _full_dates(body: str) -> list[date]:
    out = []
    for m in _FULL.finditer(body):
        made = point(m[0], Context(None))
        if made and made.year and made.month and made.day:
            out.append(date(made.year, made.month, made.day))
    return out


def _updated_line(body: str) -> date | None:
    for line in body.splitlines()[:FRONT_LINES]:
        if len(line) < 120 and re.search(r"(?i)updat|modif|обновл", line):
            day = full_date(line)
            if day is not None:
                return day
    return None


def _iso(text: str) -> date | None:
    m = re.match(r"\s*(\d{4})-(\d\d)-(\d\d)", text)
    if m:
        return _date(int(m[1]), int(m[2]), int(m[3]))
    return full_date(text) if text else None


def _date(year: int, mon: int, day: int) -> date | None:
    try:
        return date(year, mon, day)
    except ValueError:
        return None
