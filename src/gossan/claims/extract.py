"""From an archived report to claims: every part read by its own module, joined here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from gossan import __version__
from gossan.claims.actors import find_actors, find_ownership
from gossan.claims.attribution import Attributed, attribute, source_note
from gossan.claims.dates.find import find_dates
from gossan.claims.kinds import Reader, kind_of
from gossan.claims.language import LANGUAGES, Part, parts
from gossan.claims.places import find_places, plain_words
from gossan.claims.quantities import find_quantities
from gossan.claims.sentences import Sentence, split
from gossan.claims.windows import of_saying
from gossan.core.gazetteer import Gazetteer
from gossan.core.hashing import hash_bytes
from gossan.core.statements import (
    Claim,
    ClaimType,
    DateMention,
    Modality,
    PlaceMention,
    Report,
    SourceKind,
    SourceLink,
)

EXTRACTOR = f"gossan-rules {__version__}"
OLD_ID = 10
"""Characters of the ids of reports and claims that were made before they held a whole hash."""
TITLE = 120
"""Longest line without a full stop that is taken for a headline and not for a sentence, in
characters."""
BACK = 4
"""Sentences looked back for what "these trucks" points to."""

_FRONT = re.compile(
    r"(?i)^(?:last\s+update|updated|published|posted|modified|by\s+\w|photo|image|source:|share|read\s+more|"
    r"обновлено|опубликовано|фото)"
)
_POINTS_BACK = re.compile(
    r"\b(?:these|those|the same|this|эти|этих|этой|тот же)\s+(?P<np>(?:[\w-]+\s+){0,2}[\w-]+)", re.I
)
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "and",
        "time",
        "year",
        "years",
        "day",
        "days",
        "week",
        "region",
        "country",
        "area",
        "moment",
    ]
)


def extract(
    report: Report, gazetteer: Gazetteer, readers: Sequence[Reader] = ()
) -> tuple[Claim, ...]:
    """Claims of a report, in the order they stand. Empty for a language that is not read.

    `readers` tell the types of claim that gossan's own words do not.
    """
    if report.language not in LANGUAGES:
        return ()
    plain = plain_words(report.body)
    outlet = SourceLink(report.outlet or report.origin, SourceKind.OUTLET)
    out: list[Claim] = []
    for part in parts(report.body, report.language):
        if part.language not in LANGUAGES:
            continue
        sentences = _sentences(report.body, part)
        dates = find_dates(sentences, report.published.day, part.language)
        sources = attribute(sentences, part.language)
        where = replace(report, language=part.language)
        for i, s in enumerate(sentences):
            if source_note(s.text):
                continue
            when = _ordered(s, dates[i]) or _pointed_back(sentences, dates, i)
            out += _claims(where, s, when, sources[i], outlet, gazetteer, plain, readers)
    return tuple(out)


def _sentences(body: str, part: Part) -> list[Sentence]:
    """Sentences of a part that may claim something, with offsets into the whole body."""
    found = split(body[part.start : part.end], part.language)
    moved = (replace(s, start=s.start + part.start, end=s.end + part.start) for s in found)
    return [s for s in moved if source_note(s.text) or not front_matter(s)]


def front_matter(s: Sentence) -> bool:
    """A headline, a byline, a line of the page's furniture: nothing that claims."""
    short = len(s.text) < TITLE and not re.search(r"[.!?…][\"”’)\]]*$", s.text)
    return short or (len(s.text) < TITLE and bool(_FRONT.match(s.text)))


def claim_id(report: str, start: int, end: int, part: str = "") -> str:
    """Identity of a claim: same report, words and `part` (where it comes from), same id.

    "C-" and 64 hexadecimal digits. The first eight are those of the ids that were made of the
    first eight digits of a report's id, so that what was written down then still names the same
    claim; the 56 others are of the whole id.
    """
    first, rest = (
        hash_bytes(f"{name}:{start}:{end}:{part}".encode()).removeprefix("sha256:")
        for name in (report[:OLD_ID], report)
    )
    return f"C-{first[:8]}{rest[:56]}"


def _claims(
    report: Report,
    s: Sentence,
    dates: tuple[DateMention, ...],
    said: Attributed,
    outlet: SourceLink,
    gazetteer: Gazetteer,
    plain: frozenset[str],
    readers: Sequence[Reader],
) -> list[Claim]:
    kind, direction = kind_of(s.text, readers)
    places = _of_matter(find_places(s.text, s.start, gazetteer, plain, report.language), said)
    ownership = find_ownership(s.text)
    if kind == ClaimType.OTHER and ownership:
        kind = ClaimType.OWNERSHIP
    here = any(
        p.feature != "source" and not (p.place and p.place.kind == "country") for p in places
    )
    if kind == ClaimType.OTHER and not (dates or said.links or here):
        return []
    modality = said.modality
    if modality is Modality.ASSERTED and _to_come(dates, report):
        modality = Modality.PLAN
    claim = Claim(
        id=claim_id(report.id, s.start, s.end),
        report=report.id,
        span=(s.start, s.end),
        text=s.text,
        type=kind,
        modality=modality,
        attribution=(outlet, *said.links),
        extractor=EXTRACTOR,
        direction=direction,
        dates=dates,
        places=places,
        quantities=find_quantities(s.text, s.start),
        actors=find_actors(s.text, s.start, report.language),
        ownership=ownership,
        notes=_notes(dates, places, said),
    )
    return [claim, *_demanded(claim, s, said, outlet, readers)]


def _of_matter(places: Sequence[PlaceMention], said: Attributed) -> tuple[PlaceMention, ...]:
    """Places that only say where a source sits ("Baku-based agency") come last, marked so."""
    spans = [link.span for link in said.links if link.span and not link.inherited]

    def of_source(p: PlaceMention) -> bool:
        return any(a <= p.span[0] and p.span[1] <= b for a, b in spans)

    mine = [p for p in places if not of_source(p)]
    return (*mine, *(replace(p, feature="source") for p in places if of_source(p)))


def _demanded(
    claim: Claim, s: Sentence, said: Attributed, outlet: SourceLink, readers: Sequence[Reader]
) -> list[Claim]:
    """What somebody demands by what the sentence tells ("protested to demand that ...")."""
    if said.demand is None:
        return []
    who, at = said.demand
    start = s.start + at
    kind, direction = kind_of(s.text[at:], readers)
    inside = [p for p in claim.places if p.span[0] >= start]
    return [
        replace(
            claim,
            id=claim_id(claim.report, start, s.end, "demand"),
            span=(start, s.end),
            text=s.text[at:],
            type=kind,
            direction=direction,
            modality=Modality.DEMAND,
            attribution=(outlet, who),
            places=tuple(inside),
            dates=(),
            quantities=tuple(q for q in claim.quantities if q.span[0] >= start),
            actors=tuple(a for a in claim.actors if a.span[0] >= start),
            ownership=(),
            notes=(),
        )
    ]


def _ordered(s: Sentence, dates: tuple[DateMention, ...]) -> tuple[DateMention, ...]:
    """The day on which something was said comes after the days it is about."""
    if len(dates) < 2:
        return dates

    def said_on(d: DateMention) -> bool:
        return of_saying(s.text, d.span[0] - s.start, d.span[1] - s.start)

    return tuple(sorted(dates, key=said_on))


def _pointed_back(
    sentences: Sequence[Sentence], dates: Sequence[tuple[DateMention, ...]], i: int
) -> tuple[DateMention, ...]:
    """Dates of an earlier sentence that "these trucks" points to, marked inherited."""
    m = _POINTS_BACK.search(sentences[i].text)
    if m is None:
        return ()
    words = [w for w in re.findall(r"[\w-]+", m["np"].lower()) if len(w) > 3 and w not in _COMMON]
    if not words:
        return ()
    for j in range(i - 1, max(-1, i - 1 - BACK), -1):
        earlier = sentences[j].text.lower()
        if dates[j] and any(re.search(rf"\b{re.escape(w)}\b", earlier) for w in words[-1:]):
            return tuple(replace(d, inherited=True) for d in dates[j])
    return ()


def _to_come(dates: Sequence[DateMention], report: Report) -> bool:
    first = dates[0].reading if dates else None
    day = report.published.day
    return bool(first and first.first and day and first.first > day)


def _notes(
    dates: Sequence[DateMention], places: Sequence[object], said: Attributed
) -> tuple[str, ...]:
    notes = []
    if any(d.inherited for d in dates):
        notes.append("The date is taken over from an earlier sentence.")
    if any(link.inherited for link in said.links):
        notes.append("The source is taken over from an earlier sentence of the paragraph.")
    if not dates:
        notes.append("No date is stated.")
    if not places:
        notes.append("No place is stated.")
    return tuple(notes)
