"""Companies, authorities and persons in a public role; who owns whom and where it is seated.

Private persons are no actors: a personal name counts only behind a public office.
"""

from __future__ import annotations

import re

from gossan.claims.russian import organisations
from gossan.claims.words import INITIAL
from gossan.core.statements import Actor, ActorKind, Ownership

_CAP = rf"{INITIAL}[\w&’'.-]*"
_NAME = rf"{_CAP}(?:\s+(?:of\s+|and\s+|&\s+)?{_CAP}){{0,5}}"
_LEGAL = (
    r"(?:Ltd|LLC|Inc|Corp(?:oration)?|Company|Co|Group(?:\s+Company)?|Holdings?|Mining|Minerals|Metals|Gold|"
    r"Resources|CJSC|OJSC|JSC|GmbH|AG|SA|PLC|Plc|Limited|Industries|Enterprises?|ЗАО|ООО|ОАО)"
)
_COMPANY = re.compile(
    rf"\b(?:{_CAP}\s+){{0,4}}{_LEGAL}\b(?:\s+{_LEGAL}\b)*|\b{_NAME}(?=\s+(?:company|corporation|firm)\b)"
)
_AUTHORITY = re.compile(
    rf"\b(?:(?:{INITIAL}[\w’'-]*|of|and|for|the)\s+){{0,6}}(?:Ministry|Government|Agency|Authority|Committee|Council|"
    r"Inspectorate|Embassy|Parliament|Court|Service|Administration|Commission|Prosecutor)\b"
    rf"(?:\s+(?:of|for)\s+(?:the\s+)?{INITIAL}[\w’'-]*(?:\s+(?:and\s+)?{INITIAL}[\w’'-]*)*)?"
    rf"|\b{INITIAL}\w+\s+(?:authorities|government|peacekeep(?:ers|ing command))\b|\bМинистерство\s+\w+"
)
_OFFICE = (
    r"(?:President|Prime Minister|Minister|Governor|Mayor|General|Commander|Ambassador|Spokes(?:man|woman|person)|"
    r"Chairman|Director|Prosecutor|Judge|Secretary|Ombuds(?:man|woman|person))"
)
_ROLE = re.compile(
    rf"\b(?P<role>(?:[Cc]ommander\s+)?{_OFFICE})\s+(?P<name>{_CAP}(?:\s+{_CAP}){{1,2}})"
)

_RU_AUTHORITY = re.compile(
    r"(?i)министерств|минобороны|\bмин[а-я]{3,}|комитет|правительств|агентств|администраци|служб|прокуратур|"
    r"\bсуд\b|парламент|инспекци|ведомств|посольств|совет"
)
_RU_COMPANY = re.compile(
    r"(?i)\b(?:ООО|ОАО|ЗАО|ПАО|АО|ТОО)\b|компани|корпораци|холдинг|комбинат|предприяти|завод|фирм|"
    r"\b(?:Group|Ltd|LLC|Holding|Metals|Mining|Gold)\b"
)

_OWNED = (
    (re.compile(rf"(?P<s>{_NAME})(?:\s+company)?,?\s+(?:is\s+|was\s+)?a\s+(?:wholly[\s-]owned\s+)?subsidiary\s+of\s+"
                rf"(?:the\s+)?(?P<o>{_NAME})"), "subsidiary-of"),
    (re.compile(rf"(?P<s>{_NAME})(?:\s+company)?,?\s+(?:which\s+)?(?:is\s+|was\s+)?(?:wholly\s+|partly\s+|"
                rf"(?P<p>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)\s+)?(?:owned|controlled)\s+by\s+(?:the\s+)?(?P<o>{_NAME})"),
     "owned-by"),
    (re.compile(rf"(?P<o>{_NAME})(?:\s+company)?\s+(?:owns|controls|holds)\s+(?:(?:a\s+)?(?P<p>\d+(?:\.\d+)?)\s?(?:%|percent|"
                rf"per cent)\s+(?:stake\s+in|of)\s+)?(?:the\s+)?(?P<s>{_NAME})"), "owned-by"),
    (re.compile(rf"(?P<o>{_NAME})(?:\s+company)?\s+(?:acquired|bought|took over)\s+(?:(?:a\s+)?(?P<p>\d+(?:\.\d+)?)\s?"
                rf"(?:%|percent|per cent)\s+(?:stake|share|interest)\s+in\s+)?(?:the\s+)?(?P<s>{_NAME})"), "acquired-by"),
)  # fmt: skip
_SEATED = re.compile(
    rf"(?P<s>{_NAME})(?:\s+(?:company|corporation|firm))?,?\s+(?:which\s+)?(?:is\s+|was\s+)?(?:said\s+to\s+be\s+)?"
    rf"(?:based|seated|registered|headquartered|incorporated)\s+in\s+(?P<o>{_NAME})"
)
_BASED = re.compile(rf"(?P<o>{_CAP})-(?:based|registered|headquartered)\s+(?P<s>{_NAME})")


def find_actors(text: str, offset: int, language: str = "en") -> tuple[Actor, ...]:
    """Actors in a sentence that stands at `offset` of the body, in the order they stand."""
    return _russian(text, offset) if language == "ru" else _english(text, offset)


def _russian(text: str, offset: int) -> tuple[Actor, ...]:
    """Organisations that natasha names and whose words say what they are: of a name alone
    ("Коммерсант") it cannot be told whether it is a company, an outlet or a party."""
    out = []
    for o in organisations(text):
        public = _RU_AUTHORITY.search(o.text)
        if public or _RU_COMPANY.search(text[max(0, o.start - 30) : o.end]):
            kind = ActorKind.AUTHORITY if public else ActorKind.COMPANY
            out.append(Actor((offset + o.start, offset + o.end), o.text, kind))
    return tuple(out)


def _english(text: str, offset: int) -> tuple[Actor, ...]:
    found: dict[tuple[int, int], Actor] = {}
    for pattern, kind in ((_AUTHORITY, ActorKind.AUTHORITY), (_COMPANY, ActorKind.COMPANY)):
        for m in pattern.finditer(text):
            name = re.sub(r"^(?:The|the|A|An|of|and|for|In|On|At|By)\s+", "", m[0])
            start = m.start() + m[0].index(name)
            span = (offset + start, offset + start + len(name))
            if " " in name and all(span[1] <= a or span[0] >= b for a, b in found):
                found[span] = Actor(span, name, kind)
    for m in _ROLE.finditer(text):
        span = (offset + m.start(), offset + m.end())
        found[span] = Actor(span, m["name"], ActorKind.ROLE, m["role"])
    return tuple(found[k] for k in sorted(found))


def find_ownership(text: str) -> tuple[Ownership, ...]:
    """Who owns or controls whom, and where a company is seated, as the sentence says it."""
    out: list[Ownership] = []
    parent = None
    for pattern, relation in _OWNED:
        for m in pattern.finditer(text):
            share = m.groupdict().get("p")
            subject, owner = _tidy(m["s"]), _tidy(m["o"])
            if subject and owner and subject != owner:
                out.append(Ownership(subject, relation, owner, float(share) if share else None))
                parent = owner
    for m in (*_SEATED.finditer(text), *_BASED.finditer(text)):
        subject, place = _tidy(m["s"]), m["o"].strip(" .")
        if _companylike(subject) or subject == parent:
            out.append(Ownership(subject, "seated-in", place))
    if parent is not None and not any(o.relation == "seated-in" for o in out):
        seat = re.search(
            rf",\s+(?:registered|based|seated|incorporated)\s+in\s+(?P<o>{_NAME})", text
        )
        if seat:  # grammar leaves open which of the two is meant; the nearer one is taken
            out.append(Ownership(parent, "seated-in", seat["o"].strip(" .")))
    return tuple(dict.fromkeys(out))


def _tidy(name: str) -> str:
    text = re.sub(r"^(?:The|In|On|At|By)\s+", "", name.strip(" .,"))
    return re.sub(r"\s+Company$", "", text)


def _companylike(name: str) -> bool:
    return bool(re.search(rf"\b{_LEGAL}\b", name))
