"""Doubt where a date's neighbours change it in a way that no rule has read.

The rules know ways of saying dates; a text may always hold another one. What they leave over
directly beside a match tells: "the 2nd through [the 6th of November]", "the eve of [4 July]",
"[in April]-June". Such a match goes to a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from gossan.claims.dates import calendar as cal
from gossan.claims.dates.en import DAY, EVENT, MONTH, NUM, YEAR
from gossan.claims.dates.ru import MONTH as RU_MONTH
from gossan.claims.resolve import Found
from gossan.core.statements import DateReading, Precision

ROUGHLY = timedelta(3)
"""How far "around 17 August" may lie from the day."""

_JOIN = r"(?:\s*[-–—/]\s*|,?\s+(?:to|through|till|until|and|or|&|на|по|до|и|или)\s+)"
_ANY_MONTH = rf"(?:{MONTH}|{RU_MONTH})"
_LEFT_JOINED = re.compile(
    rf"(?<![\d.,])(?:(?:the\s+)?{DAY}|{_ANY_MONTH}|{YEAR}){_JOIN}(?:the\s+)?$"
)
_RIGHT_JOINED = re.compile(
    rf"^(?:{_JOIN}(?:the\s+)?(?:(?:mid|early|late)[\s-]+)?(?:{DAY}\s+(?:of\s+)?)?(?:{_ANY_MONTH})"
    rf"|{_JOIN}(?:the\s+)?(?:(?:mid|early|late)[\s-]+)?(?:19|20)\d\d(?![\d,.]*\d|\s+\w+s\b)"
    r"|\s*[-–—/]\s*\d)"
)
_UNIT = (
    r"(?:week|fortnight|night|eve|anniversary|weekend|half|third|quarter|(?:fiscal|financial|academic|"
    r"school|budget|reporting)\s+(?:year|period)|season"
    rf"|{NUM}\s+(?:hour|day|week|month|year)s?|(?:days|weeks|months|years|shortly|soon|just|right|long))"
)
_UNIT_BEFORE = re.compile(
    rf"\b(?:{_UNIT}\s+(?:of|ending|ended|beginning|starting|commencing|following|after|before|prior\s+to|to|"
    r"preceding|from|since|until)\s+(?:on\s+)?(?:the\s+)?(?:\w+day,?\s+)?|(?:fiscal|financial|academic|FY)\s*"
    r"(?:year\s+)?(?:of\s+|to\s+)?|(?:day|night|week|month)\s+(?:before|after)\s+|anniversary\s+of\s+(?:the\s+)?)$",
    re.IGNORECASE,
)
_EVENT_BEFORE = re.compile(
    rf"\b(?:(?:{_UNIT}|shortly|soon|just|right|immediately|long)\s+(?:before|after|following|prior\s+to|ahead\s+of|of)|following|ahead\s+of|eve\s+of|"
    rf"anniversary\s+of)\s+{EVENT}$"
)
"""Behind it stands the date of something, and the claim's own lies before or after it."""
_NOT_QUITE = re.compile(
    r"(?i)\b(?:(?:more|less|fewer|longer|later|sooner|earlier)\s+than|over|under|nearly|almost|at\s+least|at\s+most|up\s+to|within|about|around|some|roughly|"
    r"approximately|half|and\s+a\s+half|every|each)\s+$"
)
"""Before "two months after 3 March": so long only roughly."""
_GOES_TO = re.compile(
    r"^\s*,?\s*(?:and\s+)?(?:right\s+)?(?:(?P<to>to)|up\s+to|(?:up\s+)?until|till|through)\s+(?!(?:the\s+)?present\b|now\b|today\b|date\b|this\s+day\b)"
    r"(?P<end>(?:at\s+|about\s+|around\s+)?(?:the\s+)?(?:very\s+)?(?:end|following|next|middle|close|start|beginning|latest)\b)?"
)
_OF_SOMETHING_RU = re.compile(
    r"\b(?:до|после|перед|накануне|с\s+момента|со\s+дня)\s+(?:(?!(?:и|но|что)\b)[а-яё«»-]+\s+){1,5}$",
    re.IGNORECASE,
)
_ONE_END = re.compile(
    r"\b[Bb]etween\s+(?:(?!and\b)[\w’'-]+\s+){0,7}$|\b[Мм]ежду\s+(?:[\w-]+\s+){0,6}$"
)
"""Behind it stands the end of a span that nothing has read as one."""
_OF_SOMETHING = re.compile(
    r"\b(?:before|after|until|till|following|prior\s+to|ahead\s+of|by\s+the\s+time\s+of|(?:run|lead|build)[\s-]?up\s+to)\s+"
    r"(?:(?!(?:and|but|that|which|who|when|while|и|но|что)\b)[\w’'-]+\s+){1,6}?(?:of|on|in|dated|от)\s+(?:the\s+)?$"
)
"""Behind it stands the date of what is told to lie before or after the claim's own time."""
_UNIT_BEFORE_RU = re.compile(
    r"(?:\b(?:квартал|половин|полугоди|недел|ноч|трет|четверт|канун|дн|дней|накануне|годовщин|сезон|"
    r"финансов)\w*\s+(?:до\s+|после\s+|с\s+|от\s+)?|\b(?:задолго|незадолго|вскоре|сразу)\s+(?:до|после)\s+)$",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"^\s+(?:quarter|half|fiscal|financial|(?:reporting\s+)?period|season|campaign\s+season)\b",
    re.I,
)
_NUMBERED = re.compile(
    r"(?:\b(?:[Nn]os?\.|№|[Rr]ef\.?|[Cc]ase|[Ff]ile|[Ss]ections?|[Aa]rticles?|[Cc]lauses?|[Pp]aragraphs?|Art\.|§"
    r"|[Dd]ecision|[Rr]esolution|[Dd]ecree|[Oo]rder|[Dd]irective|[Rr]egulation|[Hh]all|[Rr]oom|[Ff]light|ISO|[Mm]odel)"
    r"\s*(?:[Nn]o\.?\s*|№\s*|\d[\w/.-]*\s*)?\(?|№\s*)$"
)
_NAMES_A_THING = re.compile(
    r"^\s+(?:Act|Law|Code|Convention|Protocol|Constitution|Regulations?|Directive|Resolution|Treaty|"
    r"Rules|Charter|Statute|World|Olympic|Agenda)\b"
)
_GOES_ON = re.compile(r"^[-/]\w")
_NOT_UNTIL = re.compile(
    r"(?:\b(?:not(?!\s+(?:before|earlier|later|after|sooner)\b)|never|no(?!\s+(?:earlier|later|sooner)\b)|nobody|none|не|ни)|n['’]t)\b[^.;:,]{0,60}$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:on\s+or\s+)?(?:about|around|circa|approximately|roughly|примерно|около)\s+(?:the\s+)?$",
    re.I,
)
_QUOTES = re.compile(r"[\"“”«»„]")
_RELATIVE = re.compile(
    r"near-publication|before-publication|-ago$|^(?:last|this|next|past|current|previous)-|overnight"
)
_BESIDE = "Words beside the date change it in a way that is not read."


def numbers_a_thing(text: str, f: Found) -> bool:
    """True where the figures number a case, a law or a hall, and are no date at all."""
    if not f.reading and not f.alternatives:
        return False
    figures = text[f.start : f.end]
    bare = not re.search(r"[^\W\d_]", figures)
    if bare and (_NUMBERED.search(text[: f.start]) or _GOES_ON.match(text[f.end :])):
        return True
    year_only = re.fullmatch(r"\d{4}", figures)
    return bool(year_only and _NAMES_A_THING.match(text[f.end :]))


def guarded(
    text: str,
    found: Sequence[Found],
    core: Sequence[Found],
    published: date | None,
    *,
    russian: bool,
) -> list[Found]:
    """`found` with doubt where their neighbours ask for it.

    `core` are the same matches before the words that open an interval were taken in.
    """
    taken = [(f.start, f.end) for f in found]
    found = _unjoined(text, found)
    explicit = [f for f in found if f.reading and f.reading.rule.startswith("calendar-day")]
    return [
        _quoted(text, _guard(text, f, c, taken, russian=russian), explicit, published)
        for f, c in zip(found, core, strict=True)
    ]


def _unjoined(text: str, found: Sequence[Found]) -> list[Found]:
    """Doubt in both where one date goes "to" or "until" something that was not read with it as one
    span. "Since 2014 ... until 2016" are two ends that a question joins."""
    out = list(found)
    for i, f in enumerate(found):
        on = _GOES_TO.match(text[f.end :])
        if f.reading is None or on is None:
            continue
        following = found[i + 1] if i + 1 < len(found) else None
        near = following is not None and len(text[f.end : following.start].split()) <= 4
        opens = f.reading.first is not None and f.reading.last is None
        if not near and on["to"] and not on["end"]:  # "since 2014 to demand ..."
            continue
        if near and following is not None and following.reading is not None:
            closes = following.reading.first is None
            if opens and closes:
                continue
            if closes and not opens:  # "in May, until the rains": each stands for itself
                continue
            out[i + 1] = _doubt(following, _BESIDE)
        elif not opens:
            continue
        out[i] = _doubt(f, _BESIDE)
    return out


def _guard(
    text: str, f: Found, core: Found, taken: Sequence[tuple[int, int]], *, russian: bool
) -> Found:
    if f.reading is None:
        return f
    after = text[f.end :]
    if (
        _joined(text, f, taken)
        or _one_end(text, f, taken)
        or (f.reading.rule.endswith("-from-date") and _NOT_QUITE.search(text[: f.start]))
        or _UNIT_AFTER.match(after)
        or _unit_before(text[: core.start], f, taken, russian=russian)
    ):
        return _doubt(f, _BESIDE)
    opened = f.reading.rule.split(":")[0]
    if opened == "until" and _NOT_UNTIL.search(text[: f.start]):
        return _doubt(f, '"Not until" a date may mean before it or from it on.')
    return _rough(text, f)


def _joined(text: str, f: Found, taken: Sequence[tuple[int, int]]) -> bool:
    """True where a piece of a date that nothing has read is joined to this one."""
    left, right = _LEFT_JOINED.search(text[: f.start]), _RIGHT_JOINED.match(text[f.end :])
    if left and not _covered(left.start(), f.start, taken):
        return True
    return bool(right and not _covered(f.end, f.end + right.end(), taken))


def _one_end(text: str, f: Found, taken: Sequence[tuple[int, int]]) -> bool:
    """True for one end of "between the scene of ... and ...", and not for the whole span."""
    between = _ONE_END.search(text[: f.start])
    return between is not None and not _covered(
        between.start(), f.start, [t for t in taken if t[0] != f.start]
    )


def _unit_before(before: str, f: Found, taken: Sequence[tuple[int, int]], *, russian: bool) -> bool:
    """True behind "the eve of", "two weeks after" and the like."""
    assert f.reading is not None
    unit = (_UNIT_BEFORE_RU if russian else _UNIT_BEFORE).search(before)
    if unit is None and russian:
        unit = _OF_SOMETHING_RU.search(before)
        if unit is not None and unit.start() >= f.start:
            return False
    if unit is None and not russian:
        unit = _EVENT_BEFORE.search(before)
        if unit is None and not (f.reading.precision is Precision.YEAR and before.endswith("in ")):
            unit = _OF_SOMETHING.search(before)
        return (
            unit is not None
            and unit.start() < f.start
            and not _covered(unit.start(), len(before), [t for t in taken if t[0] != f.start])
        )
    if unit is None:
        return False
    if unit[0].rstrip().endswith("of") and f.reading.precision is Precision.RANGE:
        return False  # "the weekend of 3-4 December" names both of its days
    others = [t for t in taken if t[0] != f.start]
    return not _covered(unit.start(), len(before), others)


def _covered(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return any(a < end and start < b for a, b in taken)


def _doubt(f: Found, why: str) -> Found:
    assert f.reading is not None
    return replace(f, reading=None, alternatives=(f.reading, *f.alternatives), why=why)


def _quoted(text: str, f: Found, explicit: Sequence[Found], published: date | None) -> Found:
    """ "Yesterday" in a quotation may count from the day on which it was said."""
    r = f.reading
    said = [e.reading.first for e in explicit if e.start != f.start and e.reading]
    inside = len(_QUOTES.findall(text[: f.start])) % 2 == 1
    if r is None or not inside or not said or not _RELATIVE.search(r.rule):
        return f
    out = _doubt(f, "The words are quoted, and may count from the day on which they were said.")
    if published and r.first and r.first == r.last and "weekday" not in r.rule:
        moved = [cal.day(d + (r.first - published), "day-near-saying") for d in said if d]
        out = replace(out, alternatives=(*moved, *out.alternatives))
    return out


def _rough(text: str, f: Found) -> Found:
    """ "Around 17 August" is not the day itself."""
    r = f.reading
    day = (
        r is not None and r.precision is Precision.DAY and r.first is not None and r.first == r.last
    )
    if r is None or not day or not _ABOUT.search(text[: f.start]):
        return f
    assert r.first is not None
    made = DateReading(f"{r.edtf}~", r.first - ROUGHLY, r.first + ROUGHLY, r.precision, r.rule)
    return replace(f, reading=made)
