"""What a person does to claims: accept, correct, split, merge, reject. Pure: old values stay."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

from gossan.claims.dates import calendar as cal
from gossan.claims.extract import claim_id
from gossan.claims.publication import full_date
from gossan.core.errors import Code, GossanError
from gossan.core.gazetteer import Gazetteer
from gossan.core.serialise import from_plain
from gossan.core.statements import (
    Claim,
    ClaimType,
    DateMention,
    DateReading,
    Direction,
    Modality,
    PlaceMention,
    Report,
    ReviewStatus,
    SourceKind,
    SourceLink,
)
from gossan.core.transliterate import strict_keys
from gossan.core.words import tr

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person changes; None leaves as it is.

    Attributes
    ----------
    edtf : the date, as EDTF: a day, month, year, interval or open interval
    place : a name or id of the gazetteer
    type, modality, direction : see Claim
    source : who says it
    note : why
    """

    edtf: str | None = None
    place: str | None = None
    type: str | None = None
    modality: Modality | None = None
    direction: Direction | None = None
    source: str | None = None
    note: str = ""


def accept(claim: Claim, note: str = "") -> Claim:
    """The claim as it stands. Raises GossanError (CLAIM) where a date or place is still open."""
    if claim.dates and claim.dates[0].reading is None:
        _fail(
            claim,
            tr('the date "{text}" has no single reading', text=claim.dates[0].text),
            tr("Choose one: correct it with --date."),
        )
    return _noted(replace(claim, status=ReviewStatus.ACCEPTED), note)


def reject(claim: Claim, note: str = "") -> Claim:
    """The claim is none, or none of this case."""
    return _noted(replace(claim, status=ReviewStatus.REJECTED), note)


def correct(claim: Claim, change: Correction, gazetteer: Gazetteer) -> Claim:
    """The claim as a person reads it. Raises GossanError (CLAIM) for what cannot be understood."""
    new = claim
    if change.edtf is not None:
        new = replace(new, dates=(_date(claim, change.edtf), *claim.dates[1:]))
    if change.place is not None:
        new = replace(new, places=(_place(claim, change.place, gazetteer), *claim.places[1:]))
    if change.type is not None:
        direction = claim.direction if change.type == ClaimType.ACTIVITY else Direction.NONE
        new = replace(new, type=change.type, direction=direction)
    if change.modality is not None:
        new = replace(new, modality=change.modality)
    if change.direction is not None:
        new = replace(new, direction=change.direction)
    if change.source is not None:
        link = SourceLink(change.source, SourceKind.NAMED, None, "person")
        new = replace(new, attribution=(claim.attribution[0], link))
    if new == claim and not change.note:
        _fail(
            claim,
            tr("nothing to correct was given"),
            tr("Use --date, --place, --type and the like."),
        )
    return _noted(replace(new, status=ReviewStatus.CORRECTED), change.note)


def split(claim: Claim, at: int, body: str) -> tuple[Claim, Claim]:
    """Two claims, parted at `at`, an offset into the claim's own words.

    Each keeps the parts that stand in it; both keep the attribution, and are unreviewed.
    """
    start, end = claim.span
    if not 0 < at < end - start:
        _fail(
            claim,
            tr("--at is {at}, expected 1 to {end}", at=at, end=end - start - 1),
            tr("Count from its beginning."),
        )
    return _part(claim, start, start + at, body), _part(claim, start + at, end, body)


def merge(claims: Sequence[Claim], body: str) -> Claim:
    """One claim over the words of several of one report. Raises GossanError (CLAIM) otherwise."""
    if len(claims) < 2 or len({c.report for c in claims}) != 1:
        _fail(
            claims[0],
            tr("expected two or more claims of one report"),
            tr("Name them by their ids."),
        )
    ordered = sorted(claims, key=lambda c: c.span)
    first = ordered[0]
    span = (first.span[0], max(c.span[1] for c in ordered))
    return replace(
        first,
        id=claim_id(first.report, *span, " ".join(["merged", *(c.id for c in ordered)])),
        span=span,
        text=body[slice(*span)],
        dates=_unique(d for c in ordered for d in c.dates),
        places=_unique(p for c in ordered for p in c.places),
        quantities=_unique(q for c in ordered for q in c.quantities),
        actors=_unique(a for c in ordered for a in c.actors),
        ownership=_unique(o for c in ordered for o in c.ownership),
        status=ReviewStatus.UNREVIEWED,
        relations=(),
        extractor="person",
        notes=("Merged.",),
    )


def edited(
    data: object, report: Report, known: Claim | None, types: Collection[str] = tuple(ClaimType)
) -> Claim:
    """A claim from outside (a spreadsheet, the web desk, a plug-in), checked against the report.

    `types` are those a claim may have. Raises GossanError (CLAIM) for another one, and where its
    words do not stand at their offsets.
    """
    try:
        claim = from_plain(Claim, data)
    except ValueError as error:
        raise GossanError(
            Code.CLAIM, tr("No claim: {reason}.", reason=error), tr("Start from `--json` output.")
        ) from None
    if claim.type not in types and (known is None or claim.type != known.type):
        wanted, found = ", ".join(types), claim.type[:40]
        _fail(
            claim,
            tr('the type "{found}" is not a valid one', found=found),
            tr("Expected one of {wanted}.", wanted=wanted),
        )
    for belongs in {claim.report, known.report if known else report.id} - {report.id}:
        _fail(
            claim,
            tr(
                "it belongs to report {belongs}, found {report_id}",
                belongs=belongs,
                report_id=report.id,
            ),
            "",
        )
    if not _stands(claim.span, claim.text, report.body):
        _fail(
            claim,
            tr("its words do not stand at its offsets"),
            tr("Keep `span` and `text` together."),
        )
    parts = [(d.span, d.text) for d in claim.dates] + [(p.span, p.text) for p in claim.places]
    for span, text in parts + [(q.span, q.text) for q in claim.quantities]:
        if not _stands(span, text, report.body):
            _fail(claim, tr('"{text}" does not stand at its offsets', text=text[:60]), "")
    if known is not None and claim.extractor != known.extractor:
        claim = replace(claim, extractor=known.extractor)
    return claim


def parse_edtf(text: str) -> DateReading | None:
    """A reading of an EDTF text as a person writes it, None where it is none of those known."""
    first, slash, last = text.strip().partition("/")
    if not slash:
        day = _partial(first)
        return cal.single(day, "person") if day else None
    a = _partial(first) if first not in ("..", "") else None
    b = _partial(last) if last not in ("..", "") else None
    if (a is None and first not in ("..", "")) or (b is None and last not in ("..", "")):
        return None
    if a and b:
        made = cal.span(cal.single(a, "person"), cal.single(b, "person"), "person")
        return made if made.first and made.last and made.first <= made.last else None
    if a:
        return cal.opened(cal.single(a, "person"), "since")
    return cal.opened(cal.single(b, "person"), "until") if b else None


def _partial(text: str) -> cal.Partial | None:
    try:
        numbers = [int(n) for n in text.rstrip("~?").split("-")]
    except ValueError:
        day = full_date(text) if text[:1].isalnum() else None
        return cal.Partial(day.year, day.month, day.day) if day else None
    if not 1 <= len(numbers) <= 3 or not 1500 <= numbers[0] <= 2999:
        return None
    year, mon, day_of = (*numbers, None, None)[:3]
    made = cal.Partial(year, mon, day_of)
    return made if cal.valid(made) else None


def _date(claim: Claim, text: str) -> DateMention:
    reading = parse_edtf(text)
    if reading is None:
        _fail(
            claim,
            tr('"{text}" is no date', text=text),
            tr("Write e.g. 2022-12-04, 2022-08 or 2022-11-10/2022-11-14."),
        )
    old = claim.dates[0] if claim.dates else None
    span, words = (old.span, old.text) if old else ((claim.span[0], claim.span[0]), "")
    return DateMention(span, words, replace(reading, rule="person"))


def _place(claim: Claim, text: str, gazetteer: Gazetteer) -> PlaceMention:
    old = claim.places[0] if claim.places else None
    proposed = [c for p in claim.places for c in p.candidates if c.id == text]
    hits = [h.place for h in gazetteer.strict(strict_keys(text))]
    place = next(iter(proposed or hits), None)
    if place is None:
        _fail(
            claim,
            tr('no place is called "{text}"', text=text),
            tr("Add it to the case's list of places first."),
        )
    span, words = (old.span, old.text) if old else ((claim.span[0], claim.span[0]), "")
    return PlaceMention(span, words, place, old.candidates if old else ())


def _part(claim: Claim, start: int, end: int, body: str) -> Claim:
    def inside(span: tuple[int, int]) -> bool:
        return start <= span[0] and span[1] <= end

    while start < end and body[start].isspace():
        start += 1
    while end > start and body[end - 1].isspace():
        end -= 1
    return replace(
        claim,
        id=claim_id(claim.report, start, end, f"split {claim.id}"),
        span=(start, end),
        text=body[start:end],
        dates=tuple(d for d in claim.dates if inside(d.span)),
        places=tuple(p for p in claim.places if inside(p.span)),
        quantities=tuple(q for q in claim.quantities if inside(q.span)),
        actors=tuple(a for a in claim.actors if inside(a.span)),
        status=ReviewStatus.UNREVIEWED,
        relations=(),
        extractor="person",
        notes=("Split.",),
    )


def _unique(parts: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(parts))


def _stands(span: tuple[int, int], text: str, body: str) -> bool:
    return 0 <= span[0] <= span[1] <= len(body) and body[span[0] : span[1]] == text


def _noted(claim: Claim, note: str) -> Claim:
    return replace(claim, notes=(*claim.notes, note)) if note else claim


def _fail(claim: Claim, problem: str, hint: str) -> NoReturn:
    raise GossanError(
        Code.CLAIM, tr("Claim {claim_id}: {problem}.", claim_id=claim.id, problem=problem), hint
    )
