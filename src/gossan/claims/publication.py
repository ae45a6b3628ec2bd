"""When a document was published: from its own statements, never from "last update" lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from gossan.claims.dates.en import DM, ISO, MD, WEEKDAY, point
from gossan.claims.resolve import Context
from gossan.claims.words import WEEKDAYS, month
from gossan.core.statements import PublicationDate, StatedDate

FRONT_LINES = 15
"""Lines at the beginning of a text in which a byline may stand."""
EAST_FROM, WEST_UNTIL = 13.0, 8.0
"""Hours of UTC from which it is the next day in Sydney, and before which it is still the day
before in Los Angeles."""
_UPDATED = re.compile(
    r"(?i)updat|modif|correct|edited|обновл|измен|©|copyright|captur|retriev|access"
)
_FULL = re.compile(rf"(?:{MD}|{DM}|{ISO})")
_RU_FULL = re.compile(r"(?P<d>\d{1,2})\s+(?P<m>[а-я]{3,8})\s+(?P<y>(?:19|20)\d\d)")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)(?!\d)")
_STAMP = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<sep>[-/.]?)(?P<m>\d\d?)(?P=sep)(?P<d>\d\d?)(?!\d)"
    r"(?:[T ,]+(?P<h>\d\d?)(?::(?P<min>\d\d))?(?::\d\d(?:[.,]\d+)?)?)?\s*(?:(?P<z>Z|UTC|GMT)\b(?![+-])|(?P<off>[+-]\d\d:?(?:\d\d)?))?"
)
_DATE_LIKE = re.compile(
    rf"{MD}|{DM}|{ISO}|\d{{1,2}}\s+[а-я]{{3,8}}\s+(?:19|20)\d\d(?:\s*г(?:ода|\.)?)?|\d{{1,2}}[./]\d{{1,2}}[./](?:19|20)\d\d"
)
_CLOCK = re.compile(
    r"(?i)\b\d{1,2}[:.]\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?)?(?!\d)|\b(?:UTC|GMT|MSK|МСК)\b(?:\s*[+-−–]\s*\d{1,2}(?::\d\d)?)?"
)
_BYLINE = re.compile(
    r"(?i)\b(?:by|published|posted|publication|date|written|story|first|on|at|опубликовано|дата|публикации|автор)\b:?"
    rf"|\b{WEEKDAY}\b|\b(?:понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\b"
)
_SMALL = frozenset(
    ("the", "of", "and", "for", "in", "from", "de", "von", "van", "и", "в", "года", "год")
)
_ZONE = re.compile(
    r"(?:\b(?:UTC|GMT)\s*(?P<sign>[+−–-])\s*(?P<h>\d{1,2}):?(?P<min>\d\d)?)|\b(?P<name>MSK|МСК|CET|CEST|EET|EEST|AMT|AZT|EST|EDT|PST|PDT|IST)\b"
)
_ZONES = {
    "MSK": 3.0,
    "МСК": 3.0,
    "CET": 1.0,
    "CEST": 2.0,
    "EET": 2.0,
    "EEST": 3.0,
    "AMT": 4.0,
    "AZT": 4.0,
    "EST": -5.0,
    "EDT": -4.0,
    "PST": -8.0,
    "PDT": -7.0,
    "IST": 5.5,
}
_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|-|$)")
_ON_DAY = re.compile(rf"\b[Oo]n\s+(?P<day>{WEEKDAY})\b(?!,?\s+(?:\d|[A-Z][a-z]+\s+\d))")


@dataclass(frozen=True, slots=True)
class _Moment:
    """A stated day, its hour (0..24, None not stated) and zone (hours east of UTC, None not
    stated), and where it comes from."""

    day: date
    hour: float | None
    zone: float | None
    text: str
    field: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class _Line:
    """A short line with a full date. `rank`: 3 where it says that it is a byline, 2 where little
    else stands in it, 1 for any other, which may tell of something else."""

    day: date
    zone: float | None
    text: str
    rank: int


def decide(
    stated: Sequence[StatedDate], body: str, origin: str, given: date | None
) -> PublicationDate:
    """The day of publication, how it is known, and what agrees or disagrees with it.

    `stated` is what the document says of itself outside its text. `given` is what a person says;
    it wins, and what the document says is kept beside it.
    """
    found, method, said = _found(stated, body, origin)
    if given is not None:
        return PublicationDate(given, "given", (*said, *_checks(given, body, stated)), found)
    checks = (*said, *(_checks(found, body, stated) if found else ()), *_made(stated))
    return PublicationDate(found, method, tuple(dict.fromkeys(checks)))


def _found(
    stated: Sequence[StatedDate], body: str, origin: str
) -> tuple[date | None, str, tuple[str, ...]]:
    """Day, method, and a sentence for each thing that was read."""
    lines = _lines([*(s.text for s in stated if s.kind == "line"), *_front(body)])
    in_url = _IN_URL.search(origin)
    address = _date(*(int(g) for g in in_url.groups())) if in_url else None
    moments = [m for s in stated if s.kind == "published" and (m := _moment(s))]
    unread = [
        f'Not read: "{s.text}" ({s.field}) has no single reading as a day.'
        for s in stated
        if s.kind == "published" and _moment(s) is None
    ][:3]
    zone = _zone(stated, lines)
    chosen = _chosen(moments, lines, address, zone)
    if chosen is not None:
        bylines = {x.day for x in lines if x.rank == 3}
        if _rank(chosen) == 2 and len(bylines) == 1 and not bylines & _possible(chosen, zone):
            day, said = _of_lines(lines, address)
            doubt = f'Doubt: {chosen.field} says "{chosen.text}".'
            return day, "byline", (*said, doubt, *unread)
        day, said = _local(chosen, zone, lines, address)
        said += _against(day, chosen, moments, lines, address, zone)
        return day, "metadata", (*said, *unread)
    if moments:  # several stories' days, and nothing tells which is this one's
        named = ", ".join(sorted({str(m.day) for m in moments})[:5])
        unread.insert(0, f"The page states days of several stories ({named}): none was taken.")
    if any(x.rank > 1 or x.day == address for x in lines):
        day, said = _of_lines(lines, address)
        return day, "byline", (*said, *unread)
    unread += [f'Not taken: the line "{x.text}" may tell of something else.' for x in lines[:2]]
    unread += [f'Not taken: "{s.text}" ({s.field}).' for s in stated if s.kind == "other"][:2]
    if address:
        return address, "address", (f"Read from the address: {address}.", *unread)
    return None, "none", tuple(unread)


def _chosen(
    moments: Sequence[_Moment], lines: Sequence[_Line], address: date | None, zone: float | None
) -> _Moment | None:
    """The statement that stands. One that may be another story's needs to be the only one."""
    own = sorted((m for m in moments if m.own), key=_rank)
    if own:
        return own[0]
    agreed = {address, *(x.day for x in lines if x.rank > 1)}
    for m in moments:
        if _possible(m, zone) & agreed:
            return m
    return moments[0] if len({m.day for m in moments}) == 1 else None


def _rank(m: _Moment) -> int:
    """0 for statements made for machines about this very work, 2 for a bare "date", which some
    pages set to the day on which they were asked for."""
    if m.field.startswith("JSON-LD"):
        return 0
    return (
        1
        if re.search(r"(?i)publi|issued|pub|citation|sailthru|itemprop|element|mail", m.field)
        else 2
    )


def _possible(m: _Moment, zone: float | None) -> set[date]:
    """The days a moment may be where it was written: one, unless only UTC is told."""
    if m.hour is None or m.zone != 0 or (m.hour == 0 and zone is None):
        return {m.day}
    if zone is not None:
        return {m.day + timedelta(int((m.hour + zone) // 24))}
    days = {m.day}
    if m.hour >= EAST_FROM:
        days.add(m.day + timedelta(1))
    if m.hour < WEST_UNTIL:
        days.add(m.day - timedelta(1))
    return days


def _local(
    m: _Moment, zone: float | None, lines: Sequence[_Line], address: date | None
) -> tuple[date, tuple[str, ...]]:
    """The day of a moment where it was written, and what was read."""
    read = f'Read from {m.field}: "{m.text}".'
    days = sorted(_possible(m, zone))
    if len(days) == 1:
        if days[0] != m.day:
            read += f" That is {days[0]} in the page's own zone (UTC{zone:+g})."
        return days[0], (read,)
    other = next(d for d in days if d != m.day)
    shown = next((x for x in lines if x.rank > 1 and x.day in days), None)
    if shown is not None:
        return shown.day, (f'{read} The line "{shown.text}" says {shown.day}.',)
    if address is not None and address in days:
        return address, (f"{read} The address says {address}.",)
    where = "east" if other > m.day else "west"
    doubt = (
        f"Doubt: the hour is in UTC. {where.capitalize()} of it {m.day} may already be {other}."
        if where == "east"
        else f"Doubt: the hour is in UTC. West of it {m.day} may still be {other}."
    )
    return m.day, (read, doubt)


def _against(
    day: date,
    chosen: _Moment,
    moments: Sequence[_Moment],
    lines: Sequence[_Line],
    address: date | None,
    zone: float | None,
) -> tuple[str, ...]:
    """What else the document says of its day, where it does not agree."""
    out = [
        f'Doubt: {m.field} says "{m.text}".'
        for m in moments
        if (m.own or not chosen.own)
        and not any(abs(d - day) <= timedelta(1) for d in _possible(m, zone))
    ]
    out += [
        f'Doubt: the line "{x.text}" says {x.day}.'
        for x in lines
        if x.rank > 1 and abs(x.day - day) > timedelta(1)
    ]
    if address is not None and abs(address - day) > timedelta(1):
        out.append(f"Doubt: its address says {address}.")
    agreed = address == day or any(x.day == day for x in lines if x.rank > 1)
    if not chosen.own and not agreed:
        out.append("Doubt: it may be the day of another story on the page.")
    return tuple(out[:4])


def _of_lines(lines: Sequence[_Line], address: date | None) -> tuple[date, tuple[str, ...]]:
    """The day of the line that is most like a byline."""
    best = max(lines, key=lambda x: (x.rank, x.day == address))
    out = [f'Read from the line "{best.text}".']
    others = [x for x in lines if x.rank == best.rank and x.day != best.day]
    out += [f'Doubt: the line "{x.text}" says {x.day}.' for x in others[:3]]
    if address is not None and abs(address - best.day) > timedelta(1):
        out.append(f"Doubt: its address says {address}.")
    return best.day, tuple(out)


def _made(stated: Sequence[StatedDate]) -> list[str]:
    return [
        f'The file says of itself "{s.text}" ({s.field}); that is not taken for its publication.'
        for s in stated
        if s.kind == "created"
    ][:1]


def _front(body: str) -> list[str]:
    return [line.strip() for line in body.splitlines() if line.strip()][:FRONT_LINES]


def _lines(texts: Sequence[str]) -> list[_Line]:
    """Short lines with one full date that are not about an update."""
    out = []
    for text in dict.fromkeys(texts):
        if len(text) > 120 or _UPDATED.search(text) or re.search(r"[.!?]$", text):
            continue
        day = full_date(text)
        if day is not None:
            out.append(_Line(day, _zone_in(text), text, _byline_rank(text)))
    return out


def _byline_rank(line: str) -> int:
    """How much a line looks like a byline, see `_Line`."""
    rest = _DATE_LIKE.sub(" ", line)
    marked = _BYLINE.search(line) is not None or _CLOCK.search(line) is not None
    rest = _BYLINE.sub(" ", _CLOCK.sub(" ", rest))
    words = re.findall(r"[^\W\d_]{2,}", rest)
    small = [w for w in words if w[0].islower() and w.lower() not in _SMALL]
    if small or len(words) > 6:
        return 1
    if marked or not words:
        return 3
    return 2 if len(words) <= 2 else 1


def _zone(stated: Sequence[StatedDate], lines: Sequence[_Line]) -> float | None:
    """The page's own zone, hours east of UTC, where any of its hours or lines has one."""
    zones = [m.zone for s in stated if s.kind != "line" and (m := _moment(s)) and m.zone]
    zones += [x.zone for x in lines if x.zone]
    return zones[0] if zones and len(set(zones)) == 1 else None


def _zone_in(text: str) -> float | None:
    m = _ZONE.search(text)
    if m is None:
        return None
    if m["name"]:
        return _ZONES[m["name"].upper()]
    hours = int(m["h"]) + int(m["min"] or 0) / 60
    return (-hours if m["sign"] in "-−–" else hours) if hours <= 14 else None


def _moment(s: StatedDate) -> _Moment | None:
    """A stated time; None where it is none, or may be two days ("03/04/2021")."""
    text = " ".join(s.text.split())
    m = _STAMP.match(text)
    if m:
        day = _date(int(m["y"]), int(m["m"]), int(m["d"]))
        hour = int(m["h"]) + int(m["min"] or 0) / 60 if m["h"] else None
        zone = 0.0 if m["z"] else _zone_in(f"UTC{m['off']}") if m["off"] else _zone_in(text)
        return _Moment(day, hour, zone, text, s.field, s.own) if day else None
    if re.fullmatch(r"1\d{9}(?:\d{3})?", text):  # seconds or milliseconds since 1970
        at = datetime.fromtimestamp(int(text[:10]), UTC)
        return _Moment(at.date(), at.hour + at.minute / 60, 0.0, text, s.field, s.own)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        day = full_date(text)
        return _Moment(day, None, None, text, s.field, s.own) if day else None
    offset = at.utcoffset()
    zone = None if offset is None else offset.total_seconds() / 3600
    return _Moment(at.date(), at.hour + at.minute / 60, zone, text, s.field, s.own)


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


def _checks(day: date, body: str, stated: Sequence[StatedDate]) -> tuple[str, ...]:
    out = []
    moments = (_moment(s) for s in stated if s.kind == "modified")
    modified = next((at.day for at in moments if at is not None), None)
    changed = modified or _updated_line(body)
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


def _date(year: int, mon: int, day: int) -> date | None:
    try:
        return date(year, mon, day)
    except ValueError:
        return None
