"""Who says it, in Russian sentences, by cue words."""

from __future__ import annotations

import re

from gossan.claims.sentences import Sentence
from gossan.core.statements import Modality, SourceKind, SourceLink

_ACCORDING = re.compile(
    r"\b(?P<cue>по\s+(?:данным|словам|сообщениям?|информации|мнению|утверждению)|"
    r"со\s+ссылкой\s+на|как\s+(?:сообщил\w*|сообщает|заявил\w*|пишет|передаёт|передает))\s+"
    r"(?P<np>[^,.;]{2,90})",
    re.IGNORECASE,
)
_VERB = (
    r"(?P<say>сообщил[аио]?|сообщает|сообщают|заявил[аио]?|заявляет|заявляют|рассказал[аи]?|"
    r"утвержда[ею]т|отметил[аи]?|подчеркнул[аи]?|объявил[аи]?|написал[аи]?|подтвердил[аи]?|"
    r"добавил[аи]?|считает|предупредил[аи]?)|(?P<deny>опроверг\w*|отрица\w+|отверг\w*)|"
    r"(?P<demand>требу[ею]т|потребовал[аи]?|призвал[аи]?|призыва[ею]т|поручил[аи]?)|"
    r"(?P<plan>пообещал[аи]?|планиру[ею]т|намерен[аы]?|обещает)"
)
_BEFORE = re.compile(
    rf"(?:^|[,;:«»—–-]\s*)(?P<np>[^,;:«»—–]{{2,80}}?)\s+(?:также\s+|ранее\s+)?(?:{_VERB})(?!\w)",
    re.IGNORECASE,
)
_AFTER = re.compile(rf"[,»\"—–]\s*(?:{_VERB})\s+(?P<np>[^,.;:]{{2,80}})", re.IGNORECASE)
_UNNAMED = re.compile(
    r"(?i)\b(?:якобы|сообщается|утверждается|по\s+слухам|по\s+неподтверждённым|по\s+некоторым\s+данным)\b"
)
_NOBODY = re.compile(r"(?i)источник|оперативн\w+ данн|некоторы\w+ данн|очевидц")
_PASSIVE = re.compile(r"(?i)\b(?:был[аио]?\s+\w+(?:н|т)[аоы]?|\w+(?:лись|лась|лось))\b")
_GOES_ON = re.compile(r"^(?:Кроме того|Также|Более того|Он|Она|Они)(?!\w)")
_WILL = re.compile(
    r"(?i)\b(?:будет|будут|планируется|намечен\w*|предстоит)\b|\w+(?:ится|ится|утся)\b(?=.*следующ)"
)


def own(s: Sentence) -> tuple[tuple[SourceLink, ...], Modality]:
    """What a sentence itself says of its sources, and how it is put."""
    links, kind = _links(s)
    return links, _modality(s.text, kind, links)


def inherits(text: str) -> bool:
    """True where the sentence goes on with what the last source said."""
    return bool(_GOES_ON.match(text) or _PASSIVE.search(text))


def _links(s: Sentence) -> tuple[tuple[SourceLink, ...], str]:
    m = _ACCORDING.search(s.text)
    if m:
        return (_link(s, m, m["cue"]),), "say"
    for pattern in (_AFTER, _BEFORE):
        m = pattern.search(s.text)
        if m:
            kind = next(k for k in ("say", "deny", "demand", "plan") if m[k])
            return (_link(s, m, m[kind]),), kind
    m = _UNNAMED.search(s.text)
    if m:
        span = (s.start + m.start(), s.start + m.end())
        return (SourceLink("unnamed", SourceKind.UNNAMED, span, m[0]),), "unnamed"
    return (), ""


def _link(s: Sentence, m: re.Match[str], cue: str) -> SourceLink:
    raw = m["np"]
    name = re.sub(r"^(?:На прошлой неделе|Сегодня|Вчера|В \w+)\s+", "", raw.strip(' ".'))
    begin = s.start + m.start("np") + raw.index(name)
    kind = SourceKind.UNNAMED if _NOBODY.search(name) else SourceKind.NAMED
    return SourceLink(name, kind, (begin, begin + len(name)), cue)


def _modality(text: str, kind: str, links: tuple[SourceLink, ...]) -> Modality:
    by_verb = {"deny": Modality.DENIAL, "demand": Modality.DEMAND, "plan": Modality.PLAN}
    if kind in by_verb:
        return by_verb[kind]
    if _WILL.search(text):
        return Modality.PLAN
    if links and links[-1].kind is SourceKind.UNNAMED:
        return Modality.HEARSAY
    return Modality.ASSERTED
