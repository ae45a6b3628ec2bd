"""Who a verb belongs to, without a parser: the words between the clause's start and the verb."""

from __future__ import annotations

import re
from dataclasses import replace

from gossan.claims.cues import DEMAND, DENY, PLAN, SAY
from gossan.claims.sentences import Sentence
from gossan.claims.words import INITIAL
from gossan.core.statements import SourceKind, SourceLink

LONGEST = 16
"""Words of the longest phrase taken for a source."""
SHORTEST_CLAUSE = 8
"""Words from which a part between commas is taken for a clause and not for a name."""

_NO_NAME = r"\bnot\s+to\s+be\s+(?:named|identified|quoted)|anonym"
_OWN_NAME = re.compile(rf"\s*(?:{INITIAL}[\w.'’-]+\s*){{2,4}}$")
_INSERTED = re.compile(
    r"(?i)(?:who|which|whose|an?\s|the\s|his|her|its|their|head|chief|deputy|former|then|chair\w*|director|"
    r"citing|asked|quoted|quoting|speaking|referring|aged|\d{2}$)"
)
_CLAUSE = re.compile(
    r"[;:—–“\"”]|,\s|\b(?:that|who|which|while|whereas|but|because|when|where|although|after which|"
    r"meanwhile|however|and then|if)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:meanwhile|moreover|however|also|furthermore|in addition|earlier|later|separately|"
    r"yesterday|today|on \w+day|then|still|now|and|but|so|yet)\b,?\s*)+",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:following|after|in|on|during|since|as|with|by|at|from|under|despite|before|amid|while|when|"
    r"for|between|because|according)\b[^,]{2,120},\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:\s+(?:has|have|had|is|are|was|were|also|recently|been|repeatedly|earlier|later|again|then|now|"
    r"on \w+day|last \w+|this \w+|yesterday|today|in \d{4}|in [A-Z]\w+|reporters|us|me|him|her|them|"
    r"journalists|AFP|Reuters|by phone))+$"
)
_UNNAMED = re.compile(
    r"\b(?:sources?|operational\s+data|(?:customs\s+|official\s+|intelligence\s+|available\s+)?data|"
    r"nobody|no one|intelligence|information|rumou?rs?|reports|figures|statistics|records|some|many|observers|anonymous|"
    r"unnamed|unidentified|familiar\s+with)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"(?i)^(?:he|she|they|it|who|the latter|both)$")
_VERBISH = re.compile(
    r"^(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|did|does|do|"
    r"said|says|took|came|went|made|began|saw|told|held|left|ran|rose|fell|grew|led|met|put|set|sent|"
    r"gave|got|built|cut|dug|lost|found|brought|demand|demands|vow|vows|call|calls|plan|plans|want|"
    r"wants|need|needs|show|shows|claim|claims|\w+ed)$"
)
_CUE = re.compile(rf"(?:{SAY}|{DENY}|{DEMAND}|{PLAN})$")
_LAST_PRONOUN = re.compile(r"\b(?:it|he|she|they|we)\s+(?:also\s+|has\s+|have\s+|had\s+)*$")
_STOP = frozenset(
    (
        "near in on at to for during since after before with by into along across as from "
        "through around between over under against who which that , ;"
    ).split()
)


def before_verb(s: Sentence, verb: int) -> SourceLink | None:
    """The subject of the verb at `verb` (offset into the sentence), or None where there is none."""
    head = s.text[:verb]
    start = 0
    for m in _CLAUSE.finditer(head):
        if m[0].lower() in ("who", "which") and not head[: m.start()].rstrip().endswith(","):
            relative = _link(s, start, m.start())  # "miners who asked not to be named said"
            if relative is not None:
                hidden = re.search(_NO_NAME, head[m.end() :])
                return replace(relative, kind=SourceKind.UNNAMED) if hidden else relative
        start = m.end()
    phrase = head[start:]
    own = _LAST_PRONOUN.search(phrase)
    if own and own.start() > 0:  # "In its letter it maintained"
        return _link(s, start + own.start(), verb)
    if not phrase.strip():
        return _around_insertion(s, head)
    lead = _LEAD.match(phrase.lstrip())
    offset = start + len(phrase) - len(phrase.lstrip()) + (lead.end() if lead else 0)
    return _link(s, offset, verb)


def leading(s: Sentence) -> SourceLink | None:
    """The words a sentence begins with up to its first verb or preposition."""
    lead = _LEAD.match(s.text) or _OPENING.match(s.text)
    offset = lead.end() if lead else 0
    end = offset
    for n, m in enumerate(re.finditer(r"[^\s,;]+|[,;]", s.text[offset:])):
        if n and (_VERBISH.match(m[0]) or _CUE.match(m[0]) or m[0].lower() in _STOP):
            break
        if m[0][0] in '"“”«»':
            return None
        if n > 8:
            return None
        end = offset + m.end()
    return _link(s, offset, end)


def pronoun(name: str) -> bool:
    """True for "they", "he" and the like; "we" is the author and stays."""
    return bool(_PRONOUN.match(name.strip()))


def is_unnamed(name: str) -> bool:
    """True where the phrase describes nobody who could be asked."""
    return bool(_UNNAMED.search(name))


def trimmed(name: str) -> str:
    """Without auxiliary words, times and stray signs at its ends."""
    text = name.strip(" \t\n.,;:\"“”'’()")
    return _TAIL.sub("", text).strip(" .,;:\"“”'’()") or text


def _around_insertion(s: Sentence, head: str) -> SourceLink | None:
    """ "The agency, citing a source, wrote", "..., Ana Soto, who leads it, told": who stands
    before what is put in between. The nearest short phrase without a verb; else the first."""
    parts = [(m.start(), m.end()) for m in re.finditer(r"[^,]+", head) if m[0].strip()]
    if len(parts) > 2 and _OWN_NAME.match(head[slice(*parts[-1])]):  # "the lawyer, Ana Soto, told"
        return _link(s, *parts[-1])
    for at, (start, end) in reversed(list(enumerate(parts[:-1]))):
        words = head[start:end].split()
        verbs = any(_VERBISH.match(w) for w in words[1:])
        inside = _INSERTED.match(head[parts[at + 1][0] : parts[at + 1][1]].strip())
        if inside and len(words) <= SHORTEST_CLAUSE and not verbs and at:
            found = _link(s, start, end)
            if found is not None and not _INSERTED.match(found.name):
                return found
    first = head.find(",")
    if first <= 0:
        return None
    lead = _LEAD.match(head)
    offset = lead.end() if lead else 0
    clause = head[offset:first]
    if len(clause.split()) > SHORTEST_CLAUSE or re.search(r"\d", clause):
        return None  # "Trucks drove there every day since 3 May, said ...": what is said, not who
    return _link(s, offset, first) if offset < first else None


def _link(s: Sentence, start: int, end: int) -> SourceLink | None:
    raw = s.text[start:end]
    name = trimmed(raw)
    words = name.split()
    if not words or len(words) > LONGEST or not re.search(r"[^\W\d_]{2}", name):
        return None
    if _VERBISH.match(words[0]) or name.lower() in ("the", "a", "an", "these", "those", "its"):
        return None
    if re.match(r"(?i)(?:to|of|in|on|at|for|by|from|with|not|being|having|as|would|will)\b", name):
        return None
    begin = s.start + start + raw.index(name)
    kind = SourceKind.UNNAMED if is_unnamed(name) else SourceKind.NAMED
    return SourceLink(name, kind, (begin, begin + len(name)))
