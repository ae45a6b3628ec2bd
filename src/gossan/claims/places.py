"""Names of places in sentences: exact after folding resolves, a likeness only proposes.

A name counts the more readily the nearer its place lies to the case: the case's own list
always, the region unless the word is an ordinary one, the wide world only for towns and with a
word beside it that makes it a place. What is left open goes to a person, with candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import simplemma

from gossan.claims.russian import nominatives
from gossan.claims.words import INITIAL
from gossan.core.gazetteer import Gazetteer, Hit, Scope
from gossan.core.statements import PlaceMention
from gossan.core.transliterate import loose_key, scripts, sound_key, strict_keys

WORD = re.compile(
    r"[^\W\d_][^\W\d_'’ʻʼ]*(?:[’'ʻʼ](?!s\b)[^\W\d_]+)*(?:-(?=[^\W\d_]*[A-ZÀ-ÞА-ЯЁԱ-Ֆ])[^\W\d_]+)*"
)
LONGEST = 4
"""Words of the longest name looked up."""
BIG, TOWN = 100_000, 15_000
"""Inhabitants from which a name far from the case counts alone, and behind a cue."""

NEVER = frozenset(
    (
        "january february march april may june july august september october november december "
        "monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter "
        "the a an in on at of and or but he she it they we i you this that these those his her "
        "their our its as by for from to with not no yes president minister ministry "
        "government republic company group agency committee council commission union army "
        "court bank university institute general colonel mr mrs ms dr sir news press radio "
        "times post street north south east west northern southern eastern western central new "
        "old upper lower great"
    ).split()
)
"""Words that are never a place alone, wherever some hamlet is called so."""
FEATURES = (
    "highway road corridor route street river lake reservoir mountain mountains range pass "
    "valley gorge region district province county municipality oblast raion rayon village "
    "town city settlement community mine pit quarry deposit airport bridge checkpoint dam "
    "plant smelter"
).split()
_BEFORE = re.compile(
    r"(?:\b(?:in|near|at|from|to|around|outside|through|towards?|between|across|into|above|below|"
    r"past|via|by|of|for|beyond|behind|leaving|reached|left|against|visited|entered|"
    r"в|во|из|под|близ|около|через|у|к|до|за|над|от|возле|на)"
    r"(?:\s+(?:the|former|current|entire|whole|nearby))?"
    r"(?:\s+(?:city|town|village|villages|settlement|district|region|municipality|port|province)"
    r"(?:\s+of)?|\s+(?:город\w*|сел\w|районе?|посёлк\w|деревн\w))?"
    r"|\b(?:city|town|village|settlement|district|region|province|river|mine|port|cities|towns|"
    r"villages|города?|села?|реки?)(?:\s+of)?)\s+$",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sir|President|Minister|General|Colonel|Captain|Mayor|Governor|Professor|"
    r"Commander|Ambassador|Spokes(?:man|woman|person)|Secretary|Chairman|Director|Judge)\.?\s+$"
)
_NAME_BEFORE = re.compile(rf"(?<!\w){INITIAL}[\w.’'-]*\s+$")
_ENDS = re.compile(
    r"\s*(?:[,.;:)]|$|(?:at|in|near|and|or|is|was|has|had|were|below|above|from|to|into|during|since|"
    r"until|before|after|by|as)\b)"
)
_JOINERS = frozenset(("de", "del", "da", "do", "dos", "das", "la", "el", "le", "of", "di", "du"))


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def find_places(
    text: str, offset: int, gazetteer: Gazetteer, plain: frozenset[str], language: str
) -> tuple[PlaceMention, ...]:
    """Places named in a sentence that stands at `offset` of the body.

    `plain` are words that the document also writes with a small letter: ordinary words of it.
    """
    tokens = [_Token(m.start(), m.end(), m[0]) for m in WORD.finditer(text)]
    out: list[PlaceMention] = []
    i = 0
    while i < len(tokens):
        if not tokens[i].capital:
            i += 1
            continue
        for n in range(min(LONGEST, len(tokens) - i), 0, -1):
            found = _try(text, offset, tokens, i, n, gazetteer, plain, language)
            if found is not None:
                feature = feature_after(text, found.span[1] - offset)
                out.append(replace(found, feature=feature))
                i += n
                break
        else:
            i += 1
    return tuple(out)


def feature_after(text: str, end: int) -> str:
    """The word behind a name that makes it a road, a region or a river, or ""."""
    m = re.match(r"\)?\s+([A-Za-z]+)", text[end:])
    return m[1].lower() if m and m[1].lower() in FEATURES else ""


def _try(
    text: str,
    offset: int,
    tokens: Sequence[_Token],
    i: int,
    n: int,
    gazetteer: Gazetteer,
    plain: frozenset[str],
    language: str,
) -> PlaceMention | None:
    words = tokens[i : i + n]
    if not words[-1].capital or not _together(text, words):
        return None
    start, end = words[0].start, words[-1].end
    name = text[start:end]
    if n == 1 and (name.lower() in NEVER or len(name) < 3):
        return None
    span = (offset + start, offset + end)
    mixed = any(len(scripts(w.text)) > 1 for w in words)
    hits = _hits(name, gazetteer, language)
    if mixed:
        return _forged(span, name, hits)
    if not hits:
        return _proposed(text, span, start, name, gazetteer) if n == 1 else None
    place = _Place(text, tokens, i, n, name, plain, language)
    good = [h for h in hits if place.believes(h)]
    if not good:
        return None
    return _decided(span, name, good)


def _together(text: str, words: Sequence[_Token]) -> bool:
    """Parted by spaces only, small words between them only "de", "of" and the like."""
    for a, b in pairwise(words):
        if text[a.end : b.start].strip() or not (b.capital or b.text in _JOINERS):
            return False
    return True


def _hits(name: str, gazetteer: Gazetteer, language: str) -> list[Hit]:
    spellings = [name, *(nominatives(name) if language == "ru" else ())]
    keys = [k for s in spellings for k in strict_keys(s) if len(k) > 2]
    hits = gazetteer.strict(keys) if keys else []
    loose = [h for s in spellings for h in gazetteer.loose(loose_key(s)) if h.scope is Scope.CASE]
    known = {h.place.id for h in hits}
    hits += [h for h in loose if h.place.id not in known]
    return sorted(hits, key=lambda h: (h.scope, -h.population))


@dataclass(frozen=True, slots=True)
class _Place:
    """A name in its surroundings: does it mean a place?"""

    text: str
    tokens: Sequence[_Token]
    i: int
    n: int
    name: str
    plain: frozenset[str]
    language: str

    def believes(self, hit: Hit) -> bool:
        first = self.i == 0
        cue = self._cue()
        ordinary = self.n == 1 and self._ordinary()
        if hit.scope is Scope.CASE:
            return not (ordinary and first and not cue)
        if hit.scope is Scope.COUNTRY:
            return True
        if self._part_of_a_name() or self._person() or self._water():
            return False
        if ordinary and (self.name.lower() in self.plain or not self._strong(hit, first)):
            return False
        if hit.scope is Scope.REGION:
            return cue or not first or hit.population >= TOWN
        if ordinary and hit.population < BIG:
            return False
        return hit.population >= (TOWN if cue else BIG)

    def _cue(self) -> bool:
        start, end = self.tokens[self.i].start, self.tokens[self.i + self.n - 1].end
        before = self.text[:start]
        if _BEFORE.search(before) or re.match(r"-(?:based|area|born)\b", self.text[end:]):
            return True
        if feature_after(self.text, end) or re.match(r",\s+[A-Z]", self.text[end:]):
            return True
        return bool(re.search(r"[A-ZÀ-Þ]\w+(?:,| and| or|, and)\s+$", before))

    def _strong(self, hit: Hit, first: bool) -> bool:
        """What an ordinary word needs to be a place: words of place right beside it."""
        start, end = self.tokens[self.i].start, self.tokens[self.i + self.n - 1].end
        if _BEFORE.search(self.text[:start]) or re.match(r"-(?:based|area)\b", self.text[end:]):
            return True
        return hit.scope is Scope.REGION and hit.population >= BIG and not first

    def _ordinary(self) -> bool:
        word = self.name.lower()
        return word in self.plain or _known(word, "ru" if self.language == "ru" else "en")

    def _part_of_a_name(self) -> bool:
        """A capital directly before or behind, as in "Georgetown Mining" or "Anna Goris"."""
        last = self.tokens[self.i + self.n - 1]
        if self.i + self.n < len(self.tokens):
            after = self.tokens[self.i + self.n]
            gap = self.text[last.end : after.start]
            if gap == " " and after.capital and after.text.lower() not in FEATURES:
                return True
        if self.i == 0:
            return False
        before = self.tokens[self.i - 1]
        gap = self.text[before.end : self.tokens[self.i].start]
        small = before.text.lower()
        inside = self.i - 1 > 0 or not _known(small, "en")
        return gap == " " and before.capital and inside and small not in (*FEATURES, *NEVER)

    def _water(self) -> bool:
        """ "the Debed" is a river even where a village is called so, "the Debed valley" is not."""
        before = self.text[: self.tokens[self.i].start]
        end = self.tokens[self.i + self.n - 1].end
        return before.lower().endswith("the ") and bool(_ENDS.match(self.text[end:]))

    def _person(self) -> bool:
        return bool(_PERSON.search(self.text[: self.tokens[self.i].start]))


@lru_cache(maxsize=50_000)
def _known(word: str, language: str) -> bool:
    return bool(simplemma.is_known(word, lang=language))


def _decided(span: tuple[int, int], name: str, hits: list[Hit]) -> PlaceMention:
    """The nearest scope decides; among far towns one that outweighs the others."""
    nearest = [h for h in hits if h.scope == hits[0].scope]
    keys = set(strict_keys(name))
    main = [h for h in nearest if keys & set(strict_keys(h.place.name))]
    nearest = main or nearest
    places = tuple(h.place for h in hits[:8])
    top = nearest[0]
    rival = nearest[1].population if len(nearest) > 1 else 0
    clear = len(nearest) == 1 or (
        top.scope is not Scope.CASE and top.population >= 5 * max(rival, 1)
    )
    if clear:
        return PlaceMention(span, name, top.place, places)
    return PlaceMention(span, name, None, places, "Several places have this name.")


def _forged(span: tuple[int, int], name: str, hits: list[Hit]) -> PlaceMention | None:
    if not hits:
        return None
    why = "The name mixes letters of two scripts that look alike; it is not taken for the place."
    return PlaceMention(span, name, None, tuple(h.place for h in hits[:8]), why)


def _proposed(
    text: str, span: tuple[int, int], start: int, name: str, gazetteer: Gazetteer
) -> PlaceMention | None:
    """An unknown capitalised word: show what is alike. Without a word of place beside it, such as
    "in", "village of" or "district", only a place of the case that sounds the same."""
    if _known(name.lower(), "en") or len(name) < 5:
        return None
    end = start + len(name)
    feature = feature_after(text, end)
    if re.match(r"\s+[A-Z]", text[end:]) and not feature:
        return None
    alike = gazetteer.like(loose_key(name))
    if not (_BEFORE.search(text[:start]) or feature):
        if _PERSON.search(text[:start]) or _NAME_BEFORE.search(text[:start]):
            return None
        sounds = sound_key(name)
        alike = [
            h
            for h in alike
            if h.scope is Scope.CASE and sounds in {sound_key(n) for n in h.place.names}
        ]
    if not alike:
        return None
    why = "No place has exactly this name; these are spelt alike."
    return PlaceMention(span, name, None, tuple(h.place for h in alike), why)


def plain_words(body: str) -> frozenset[str]:
    """Words the document writes with a small first letter."""
    return frozenset(m[0] for m in re.finditer(r"\b[a-zа-яё][^\W\d_]+", body))


def distinct(mentions: Sequence[PlaceMention]) -> Iterator[PlaceMention]:
    """Each place once, the first mention of it."""
    seen = set()
    for m in mentions:
        key = m.place.id if m.place else m.text
        if key not in seen:
            seen.add(key)
            yield m
