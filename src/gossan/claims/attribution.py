"""Who says it: a chain of sources for each sentence, and how they put it.

The outlet always comes first. Verbs of saying, demanding, denying and planning name the next
link; "according to" and "citing" a further one. A passive sentence, or one that goes on with a
pronoun or "moreover", inherits the last source of its paragraph and says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gossan.claims import attribution_ru
from gossan.claims.cues import DATA, DEMAND, DENY, PLAN, SAY
from gossan.claims.noun_phrases import before_verb, is_unnamed, leading, pronoun, trimmed
from gossan.claims.sentences import Sentence
from gossan.claims.words import INITIAL
from gossan.core.statements import Modality, SourceKind, SourceLink

_AUX = r"(?:(?:has|have|had|is|are|was|were|also|been|recently|repeatedly|earlier|later|again|then|now|"
_AUX += r"categorically|strongly|firmly|flatly|publicly|first|still|since|already)\s+)*"
_VERB = re.compile(
    rf"\b(?P<aux>{_AUX})(?:(?P<say>{SAY})|(?P<deny>{DENY})|(?P<demand>{DEMAND})|(?P<plan>{PLAN})"
    rf"|(?P<data>{DATA}))\b"
)
_CLAUSAL = re.compile(r"\b(?:has|have|had|was|were|is|are|will|would|been)\b")
_SAID_BY = re.compile(
    r"[,”\"»]\s*(?P<cue>said|says|wrote|writes|reported|reports|announced|claimed|stated|confirmed|explained|noted|added|recalled)"
    rf"\s+(?P<np>(?:{INITIAL}|[\"“]|an?\s|the\s|its\s|his\s|her\s|their\s|our\s|one\s|two\s|three\s|"
    r"(?!(?:that|it|he|she|they|we|I|there|this|in|on|at|to|by|of|for|from|with|as|and|but|yesterday|today|last|late|earlier)\b)"
    r"(?:[a-z][\w’'-]*\s+){0,3}(?:residents?|villagers?|locals?|witness(?:es)?|workers?|officials?|drivers?|farmers?|activists?|"
    r"police|prosecutors?|inspectors?|neighbou?rs|monitors|observers|spokes\w+|sources?)\b)(?:[^,.;]|(?<=\b[A-Z])\.){1,80})"
)
_ACCORDING = re.compile(
    r"\b(?P<cue>according\s+to|as\s+reported\s+by|in\s+the\s+words\s+of|as\s+per|quoted\s+by)\s+"
    r"(?P<np>[^,;]{2,120}?)(?=[,;]|\.?$|\s+(?:that|which|who|said|says|told|reported)\b)",
    re.IGNORECASE,
)
_CITING = re.compile(
    r"\b(?P<cue>citing|quoting|referring\s+to)\s+(?P<np>[^,;.]{2,90})", re.IGNORECASE
)
_THROUGH = re.compile(
    r"(?P<origin>[^,;:.“”\"]{3,90}?),?\s+(?P<cue>(?:(?:as|which\s+was|that\s+was|later|since)\s+)?(?:quoted|cited|obtained|seen|reviewed|published|"
    r"leaked|carried|relayed|reprinted)\s+(?:by|to|in))\s+(?P<carrier>[^,;.“”\"]{2,70}?)"
    rf"(?=\s*(?:[,;]|\.?$)|\s+(?:that|{SAY}|{DENY})\b)"
)
_QUOTES = re.compile(
    rf"(?P<carrier>{INITIAL}[^,;:.“”\"]{{2,60}}?)\s+(?P<cue>quoted|quotes|cited|cites)\s+(?P<origin>[^,;:.“”\"]{{2,90}}?)\s+as\s+(?:saying|stating|telling|confirming)"
)
_NAMES_SOURCE = re.compile(
    r"^[\s(\[]*(?:sources?|источник)\s*[:–—-]\s*(?P<np>[^.;)\]]{2,90})[\s.)\]]*$", re.IGNORECASE
)
_IN_BRACKETS = re.compile(
    r"[(\[]\s*(?:sources?|источник)\s*[:–—-]\s*(?P<np>[^;)\]]{2,90})[)\]]", re.IGNORECASE
)
_UNNAMED = re.compile(
    r"\b(?:(?:is|are|was|were|has\s+been|have\s+been)\s+(?:also\s+|widely\s+)?(?:said|believed|reported|"
    r"alleged|thought|understood|rumou?red|claimed)(?:\s+to\b|\s+that\b|[.,]|$)|reportedly|allegedly|"
    r"purportedly|supposedly|it\s+(?:is|was|has\s+been)\s+(?:said|alleged|claimed|reported|rumou?red|found|established|understood|learn(?:ed|t))|"
    r"(?:numerous|several|some|many|media|unconfirmed|local)?\s*(?:reports|rumou?rs|allegations|claims)\s+"
    r"(?:have\s+)?(?:surfaced|emerged|appeared|circulated?|circulating|suggest\w*|say|claim))",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"\b(?:was|were|been|being|is|are)\s+(?:\w+ly\s+|also\s+|not\s+)?(?:\w+ed|\w+en|"
    r"seen|held|made|sent|found|built|cut|dug|put|brought|sold|taken|left|moved)\b"
)
_GOES_ON = re.compile(
    r"^(?:Moreover|Furthermore|In addition|Additionally|Also|Besides|Further|"
    r"He|She|They)\b"
)
_WILL = re.compile(
    r"\b(?:will(?!ing)|(?:is|are|was|were)\s+(?:expected\s+to|scheduled|slated|targeted\s+for|planned\s+for|due(?=[\s.,]+(?:to|in|on|by|$))|"
    r"set\s+to|to\s+(?:be|have|begin|start|end|open|reach))|plans\s+to|intends\s+to|expects\s+(?:to|first)|"
    r"(?:may|might|could)\s+(?!have\b|be\b)\w+(?=.*\bif\b))\b"
)
_MUST = re.compile(
    r"\b(?:must|shall|has\s+to|have\s+to|(?:is|are)\s+(?:hereby\s+)?(?:required|obliged|obligated|ordered)\s+to)\s+(?!have\b|be\s+said\b)"
)
_PAST = re.compile(r"\b(?:\w{3,}ed|was|were|has|have|grew|fell|rose|began|went|came|took|made)\b")
_TIMELY = re.compile(
    r"(?i)\b(?:war|conflict|years?|months?|weeks?|days?|decades?|period|century|season|"
    r"ceasefire|spring|summer|autumn|winter|images?|survey|imagery)\b"
)
_SEEING = re.compile(r"(?:saw|witnessed|observed|counted|noticed|recorded)$")
_NONE_DONE = re.compile(
    r"(?:^|[,;]\s*|\bthat\s+)[Nn]o\s+[\w\s-]{2,60}?\b(?:has|have|had|was|were|is|are)\s+(?:been\s+)?\w+"
)
_WORKING = (
    r"(?:expand|enlarg|extend|widen|deepen|grow|grew|dig|dug|min(?:e|ed|ing)\b|excavat|quarr|fell(?:ed|ing)\b|clear|driv|drove|built|build|begin|begun|start|"
    r"operat|blast|drill|extract|mov(?:e|ed|ing)\b|transport|haul|dump|discharg|pollut|contaminat|leak|spill|rais(?:e|ed|ing)\b|tak(?:e|en)\s+place|work(?:ed|ing)?\b|"
    r"touched|done\b)"
)
_NOTHING_TOOK_PLACE = re.compile(
    r"(?:^|[,;“\"]\s*|\b(?:that|and|but|said|says)\s+)(?:(?:[Nn]o|[Nn]either)\s+[\w\s-]{2,60}?\b"
    r"(?:took\s+place|\w{2,}ed|began|went|came|ran|left|drove|dug|fell|rose|grew|lay|stood|flew|was|were|has|have|had)\b"
    rf"|(?:[Nn]obody|[Nn]o\s+one|[Nn]othing)\s+(?:(?:has|have|had|was|were|is|ever|been|being)\s+){{0,3}}{_WORKING})"
    r"|\b[Tt]here\s+(?:is|was|were|are|has\s+been|have\s+been|had\s+been)\s+no\s+(?:\w+\s+){0,2}(?:mining|works?|digging|blasting|excavation|extraction|"
    r"drilling|quarrying|felling|clearing|construction|activit\w+|traffic|trucks?|vehicles?|discharges?|leaks?|spills?|expansion|production)\b"
)
_NOT_DONE = re.compile(
    r"\b(?:did|does|do|has|have|had|was|were|is|are)(?:\s+not|n['’]t|\s+never)\s+(?:been\s+|being\s+|yet\s+|ever\s+|once\s+)*"
    rf"{_WORKING}"
)
_AT_NO_TIME = re.compile(
    r"\b[Ii]t\s+is\s+(?:not\s+true|untrue|false)\s+that\b|\b[Aa]t\s+no\s+(?:time|point|stage|moment)\b|\b[Nn]one\s+of\s+(?:the|our|its|these)\b"
)
_DENIALS = (_NONE_DONE, _AT_NO_TIME, _NOTHING_TOOK_PLACE, _NOT_DONE)
_SEEN_BY = re.compile(
    rf"\b(?:seen|obtained|reviewed|leaked|viewed)\s+(?:by|to)\s+(?:this|the|our|{INITIAL})"
)
_TO_DEMAND = re.compile(
    r"\b(?:to|and)\s+(?P<cue>demand|call\s+(?:on|for|upon)|urge|insist)\b(?!s|ed)"
)
_SAYS_SOMETHING = re.compile(
    r"(?i)\b(?:cables?|letters?|memos?|memorand\w+|notes?|reports?|documents?|statements?|e-?mails?|messages?|interviews?|transcripts?|testimon\w+|"
    r"affidavits?|stud(?:y|ies)|surveys?|audits?|briefings?|dispatch\w*|communiqu\w+|press\s+release|bulletins?|diar(?:y|ies)|minutes|blog|posts?|tweets?|"
    r"articles?|filings?|assessments?|data|figures|official\w*|minist\w+|sources?|residents?|villagers?|workers?|miners?|foresters?|farmers?|drivers?|"
    r"witness\w*|spokes\w+|director|manager|engineer|inspectors?|head|chief|mayor|governor|police|activists?|experts?|scientists?|lawyers?|analysts?|company|authorities|"
    r"agency|administration|commission|committee|council|embassy|diplomats?|officers?|employees?|neighbou?rs?)\b"
)
_INSTITUTION = re.compile(
    r"(?i)\b(?:ministry|agency|government|administration|inspectorate|commission|committee|council|embassy|court|police|company|institute|"
    r"university|newspaper|министерств|агентств|администраци|правительств|комитет|суд)"
)
QUOTED_OUTLET = re.compile(
    r"(?i)\b(?:agency|newspaper|news|radio|television|tv|channel|portal|outlet|magazine|website)\b|\.\w\w\b"
)


@dataclass(frozen=True, slots=True)
class Attributed:
    """Who says a sentence.

    Attributes
    ----------
    links : sources beyond the outlet, outer first; empty where only the outlet says it
    modality : how it is put
    demand : of a sentence that tells something and also what somebody demands by it: who
        demands, and where the demand begins (offset into the sentence), else None
    """

    links: tuple[SourceLink, ...]
    modality: Modality
    demand: tuple[SourceLink, int] | None = None


def attribute(sentences: Sequence[Sentence], language: str) -> list[Attributed]:
    """Sources of each sentence; offsets are into the body."""
    out: list[Attributed] = []
    own = _own_russian if language == "ru" else _own
    last: tuple[SourceLink, ...] = ()
    subject: SourceLink | None = None
    paragraph = -1
    for s in sentences:
        if s.paragraph != paragraph:
            last, subject, paragraph = (), None, s.paragraph
        found = own(s)
        found = _resolved(found, last, subject)
        if not found.links and last and _inherits(s.text, language):
            links = tuple(replace(k, inherited=True) for k in last)
            modality = found.modality
            if modality is Modality.ASSERTED and links[-1].kind is SourceKind.UNNAMED:
                modality = Modality.HEARSAY
            found = replace(found, links=links, modality=modality)
        out.append(found)
        if found.links and found.modality in (Modality.ASSERTED, Modality.HEARSAY):
            last = found.links
        new = leading(s)
        if new is not None and not pronoun(new.name):
            subject = new
    _by_notes(sentences, out)
    return out


def _by_notes(sentences: Sequence[Sentence], out: list[Attributed]) -> None:
    """A line "Source: ..." says it of what its paragraph, or else the one before it, leaves to the
    outlet."""
    for i, s in enumerate(sentences):
        if not i or not source_note(s.text):
            continue
        link = replace(out[i].links[-1], inherited=True)
        told = sentences[i - 1].paragraph
        for j in range(i - 1, -1, -1):
            if sentences[j].paragraph != told:
                break
            if not out[j].links:
                modality = out[j].modality
                if modality is Modality.ASSERTED and link.kind is SourceKind.UNNAMED:
                    modality = Modality.HEARSAY
                out[j] = replace(out[j], links=(link,), modality=modality)


def _inherits(text: str, language: str) -> bool:
    if language == "ru":
        return attribution_ru.inherits(text)
    return bool(_GOES_ON.match(text) or _PASSIVE.search(text))


def _resolved(
    found: Attributed, last: tuple[SourceLink, ...], subject: SourceLink | None
) -> Attributed:
    """Pronouns as sources stand for the last source, or else the last subject, of the paragraph."""
    links = []
    for link in found.links:
        if not pronoun(link.name):
            links.append(link)
        elif subject is not None or last:
            speaks = re.search(rf"\b(?:{SAY}|{DENY})$", link.cue)
            stands_for = last[-1] if last and (speaks or subject is None) else subject
            assert stands_for is not None
            links.append(replace(stands_for, cue=link.cue, inherited=True))
        else:
            links.append(link)
    return replace(found, links=tuple(links))


def _own_russian(s: Sentence) -> Attributed:
    named = _IN_BRACKETS.search(s.text) or _NAMES_SOURCE.search(s.text)
    if named:
        link = _told(s, named)
        hearsay = link.kind is SourceKind.UNNAMED
        return Attributed((link,), Modality.HEARSAY if hearsay else Modality.ASSERTED)
    return Attributed(*attribution_ru.own(s))


def _own(s: Sentence) -> Attributed:
    """What the sentence itself says of its sources."""
    text = s.text
    links, kinds = _links(s)
    modality = _modality(text, kinds, links)
    demand = None
    to_demand = _TO_DEMAND.search(text)
    if to_demand and "demand" not in kinds and modality is not Modality.DEMAND:
        who = leading(s)
        if who is not None:
            demand = (replace(who, cue=to_demand["cue"]), to_demand.start())
    return Attributed(links, modality, demand)


def _links(s: Sentence) -> tuple[tuple[SourceLink, ...], tuple[str, ...]]:
    text = s.text
    named = _IN_BRACKETS.search(text) or _NAMES_SOURCE.search(text)
    if named:
        return (_told(s, named),), ("say",)
    through = _through(s)
    if through:
        return through, ("say",)
    links: list[SourceLink] = []
    kinds: list[str] = []
    for pattern in (_SAID_BY, _ACCORDING):
        for m in pattern.finditer(text):
            if _CLAUSAL.search(m["np"]):
                continue
            links.append(_link(s, m["np"], m.start("np"), m["cue"]))
            kinds.append("say")
    if not links:
        for m in _VERB.finditer(text):
            who = before_verb(s, m.start())
            if who is None or _not_a_source(text, m):
                continue
            if _SEEING.search(m[0]) and _TIMELY.search(who.name):
                continue
            kind = m.lastgroup or "say"
            if kind == "data" and who.span:
                begin = who.span[0] - s.start
                who = _link(s, text[begin : m.start()] + m["data"].split()[0], begin, m[0])
            links.append(replace(who, cue=m[0].strip()))
            kinds.append(kind)
            break
    citing = _CITING.search(text)
    if citing:
        links.append(_link(s, citing["np"], citing.start("np"), citing["cue"]))
    unnamed = _UNNAMED.search(text)
    if unnamed and not links:
        span = (s.start + unnamed.start(), s.start + unnamed.end())
        name = (
            unnamed[0] if re.search(r"(?i)reports|rumou?rs|allegations", unnamed[0]) else "unnamed"
        )
        links.append(SourceLink(name.strip(), SourceKind.UNNAMED, span, unnamed[0].strip()))
        kinds.append("unnamed")
    return tuple(links), tuple(kinds)


def _through(s: Sentence) -> tuple[SourceLink, ...]:
    """Who carries the words of whom: "a cable quoted by an agency", "the agency quoted him as
    saying". The origin comes last."""
    for pattern in (_QUOTES, _THROUGH):
        m = pattern.search(s.text)
        if m is None:
            continue
        lead = re.match(
            r"(?i)\s*(?:(?:and|but|according\s+to|as\s+per|as\s+reported\s+by|reported|says?|said|that|in)\s+)+",
            m["origin"],
        )
        skipped = lead.end() if lead else 0
        origin = m["origin"][skipped:]
        if len(origin.split()) > 10 or not trimmed(origin) or _is_thing(origin):
            continue
        if _CLAUSAL.search(origin) or _CLAUSAL.search(m["carrier"]):
            continue
        outer = _link(s, m["carrier"], m.start("carrier"), m["cue"])
        return outer, _link(s, origin, m.start("origin") + skipped, m["cue"])
    return ()


def _is_thing(origin: str) -> bool:
    """True where what was "seen by" somebody says nothing by itself: trucks, pits, fires."""
    return not _SAYS_SOMETHING.search(origin)


def _told(s: Sentence, m: re.Match[str]) -> SourceLink:
    """Whom a note "Source: ..." names; who has no name of his own cannot be asked."""
    link = _link(s, m["np"], m.start("np"), "source")
    proper = re.search(rf"(?:^|\s){INITIAL}", link.name[1:]) or re.match(
        rf"{INITIAL}[\w.-]*{INITIAL}|(?:the\s+)?{INITIAL}[\w-]+\.\w\w", link.name
    )
    if proper or _INSTITUTION.search(link.name):
        return link
    return replace(link, kind=SourceKind.UNNAMED)


def source_note(text: str) -> bool:
    """True for a line that does nothing but name a source ("Source: local driver")."""
    return _NAMES_SOURCE.match(text) is not None


def _not_a_source(text: str, m: re.Match[str]) -> bool:
    """A verb of saying in the passive, or a noun that looks like one ("claims were")."""
    if (
        m.lastgroup in ("say", "deny", "demand")
        and re.search(r"\b(?:is|are|was|were|been|be)\s+(?:\w+ly\s+|also\s+)?$", m["aux"] + " ")
        and not m[0].rstrip().endswith("ing")
        and "calling" not in m[0]
    ):
        return True
    # "to demand": what somebody does it for; "would say": what nobody said; "who asked": aside
    if re.search(r"\b(?:to|would|could|might|not|never|nor|who|which)\s+$", text[: m.start()]):
        return True
    noun = m[0].endswith("s") or m[0] in ("demand", "plan", "request")
    if noun and re.search(
        r"(?:['’]s|s['’])\s+(?:\w+\s+)?$", text[: m.start()]
    ):  # "their side's claims"
        return True
    return bool(re.match(r"\s+(?:of|by)\b", text[m.end() :])) and m.lastgroup != "demand"


def _link(s: Sentence, name: str, start: int, cue: str) -> SourceLink:
    clean = trimmed(name)
    begin = s.start + start + max(name.find(clean), 0)
    kind = SourceKind.UNNAMED if is_unnamed(clean) else SourceKind.NAMED
    return SourceLink(clean, kind, (begin, begin + len(clean)), cue)


def _modality(text: str, kinds: Sequence[str], links: Sequence[SourceLink]) -> Modality:
    if "deny" in kinds or any(p.search(text) for p in _DENIALS):
        return Modality.DENIAL
    if "demand" in kinds:
        return Modality.DEMAND
    must = _MUST.search(text)
    if must and "say" not in kinds and not _PAST.search(text[: must.start()]):
        return Modality.DEMAND
    if "plan" in kinds or _planned(text):
        return Modality.PLAN
    if links and links[-1].kind is SourceKind.UNNAMED:
        return Modality.HEARSAY
    if links and _SEEN_BY.search(text):
        return Modality.HEARSAY
    if re.search(r"(?i)\b(?:reportedly|allegedly|purportedly|supposedly)\b", text):
        return Modality.HEARSAY
    return Modality.ASSERTED


def _planned(text: str) -> bool:
    """The sentence is about what is to come; not where it first tells what happened."""
    m = _WILL.search(text)
    if m is None:
        return False
    joint = re.search(r"^(.*)(?:;|\band\b|\bbut\b)", text[: m.start()])
    return not (joint and _PAST.search(re.sub(rf"\b(?:{SAY})\b", "", joint[1])))
