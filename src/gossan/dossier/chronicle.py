"""The chronicle: every dated claim and event on one timeline, the sides beside each other.

One frozen value, shown by the page and the PDF; nothing here judges anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gossan.core.sealed import Sealed
from gossan.core.statements import Claim, DateMention, Report
from gossan.core.values import Measurement
from gossan.core.verdicts import Question, Verdict
from gossan.core.words import ENGLISH, tr, tr_later, use_language

NO_SIDE = tr_later("side not said")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chronicle.

    Attributes
    ----------
    number : 1.. in the order of time
    id : of the claim
    when : the date as EDTF, or what must be decided
    first, last : its earliest and latest day, None at an open end
    decided : False where a person must still choose a reading
    inherited : True where an earlier sentence states the date
    kind, modality : in words
    text : verbatim
    chain : who says it, the outlet first
    side : whose voice the outlet is
    report : id of the report
    copies : number of near copies that say the same, itself included
    verdict, reason : of the check, "" where never judged or not checked
    draft : True where nobody has reviewed it
    notes : relations and doubts, one sentence each
    """

    number: int
    id: str
    when: str
    first: date | None
    last: date | None
    decided: bool
    inherited: bool
    kind: str
    modality: str
    text: str
    chain: tuple[str, ...]
    side: str
    report: str
    copies: int
    verdict: str
    reason: str
    draft: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A report as listed: id, title, outlet, side, publication day and how known, hash, copy."""

    id: str
    title: str
    outlet: str
    side: str
    published: str
    sha256: str
    captured: str
    copy_of: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A judged claim with its question, for the list of answers. All in words."""

    id: str
    verdict: str
    draft: bool
    text: str
    chain: tuple[str, ...]
    asked: str
    counts_for: str
    counts_against: str
    reason: str
    measured: tuple[str, ...]
    power: str
    scenes: str
    alternatives: tuple[str, ...]
    passes: tuple[str, ...]


@dataclass(frozen=True)
class Chronicle:
    """All of it. `sides` and `sources` in order of appearance; `draft` if any entry is one.

    `sealed` is what the ledger's salted hashes stand for, of everything shown.
    """

    entries: tuple[Entry, ...]
    undated: int
    sides: tuple[str, ...]
    sources: tuple[str, ...]
    documents: tuple[Document, ...]
    answers: tuple[Answer, ...]
    draft: bool
    sealed: tuple[Sealed, ...] = ()


@dataclass(frozen=True)
class ChronicleDossier:
    """A dossier of documents only, for a case without images.

    Attributes
    ----------
    case_name : as the user wrote it
    version : of gossan
    as_of : day of the newest document; the dossier's own date (never the clock)
    chronicle : what it shows
    ledger_head : hash of the last evidence record
    commands : command lines that make it again
    signer : public key of who signs the dossier, "" where nobody does
    salt : as in `DossierModel`
    """

    case_name: str
    version: str
    as_of: date
    chronicle: Chronicle
    ledger_head: str
    commands: tuple[str, ...]
    signer: str = ""
    salt: str = ""


def sentences(chronicle: Chronicle) -> list[str]:
    """What the chronicle is, in a few plain sentences."""
    documents = len(chronicle.documents)
    outlets = len({d.copy_of or d.id for d in chronicle.documents})
    told = tr(
        "Dated statements: {n_entries}. Documents: {documents}",
        n_entries=len(chronicle.entries),
        documents=documents,
    )
    out = [
        tr(
            "{told}, of which near copies count once, so {outlets} in all.",
            told=told,
            outlets=outlets,
        )
    ]
    if outlets == documents:
        out = [f"{told}."]
    if chronicle.undated:
        out.append(
            tr("Statements without a date, not shown here: {undated}.", undated=chronicle.undated)
        )
    out.append(
        tr(
            "A bar spans the days a statement leaves open. Words are the source's own; nothing "
            "here says that they are true."
        )
    )
    if chronicle.draft:
        out.insert(0, tr("DRAFT: nobody has reviewed some of these statements."))
    return out


def stated_when(claim: Claim) -> DateMention | None:
    """The date a claim goes by, None where it has none."""
    return claim.dates[0] if claim.dates else None


def in_order(claim: Claim) -> tuple[date, date, str]:
    """The place of a dated claim in the chronicle."""
    first, last = _ends(claim)
    return first or last or date.max, last or date.max, claim.id


def _ends(claim: Claim) -> tuple[date | None, date | None]:
    when = stated_when(claim)
    assert when is not None
    readings = [when.reading] if when.reading else list(when.alternatives)
    firsts = [r.first for r in readings]
    lasts = [r.last for r in readings]
    first = min(f for f in firsts if f) if firsts and all(firsts) else None
    last = max(x for x in lasts if x) if lasts and all(lasts) else None
    return first, last


@use_language(ENGLISH)
def entry_of(
    n: int, c: Claim, report: Report, copies: int, verdict: Verdict | None, names: Mapping[str, str]
) -> Entry:
    """Line `n` of the chronicle; `names` gives ids as they are shown."""
    when = stated_when(c)
    assert when is not None
    first, last = _ends(c)
    told = when.reading.edtf if when.reading else f'"{when.text}"'
    notes = [f"{r.kind.value} {names.get(r.other, r.other)}: {r.reason}" for r in c.relations]
    if when.why_review:
        notes.append(when.why_review)
    return Entry(
        n,
        names[c.id],
        told,
        first,
        last,
        when.reading is not None,
        when.inherited,
        c.type,
        c.modality.value,
        " ".join(c.text.split()),
        tuple(s.name for s in c.attribution),
        report.side or NO_SIDE,
        names[report.id],
        copies,
        verdict.answer.value if verdict else "",
        verdict.reason if verdict else "",
        not c.reviewed,
        tuple(notes),
    )


@use_language(ENGLISH)
def answer_of(name: str, c: Claim, q: Question, v: Verdict) -> Answer:
    """The answer to a claim that is shown as `name`, in words."""
    where = (
        tr("within {radius_km:g} km of {where}", radius_km=q.where.radius_km, where=q.where.name)
        if q.where
        else tr("no place")
    )
    window = tr("{first} to {last}", first=q.first, last=q.last) if q.first else tr("no window")
    power = tr("not measured")
    if v.power is not None:
        p = v.power
        power = tr(
            "{probability:.0f} % ({low:.0f} to {high:.0f} %, {n} implants of {size_ha:g} ha)",
            probability=100 * p.probability,
            low=100 * p.low,
            high=100 * p.high,
            n=p.n,
            size_ha=p.size_ha,
        )
    return Answer(
        name,
        v.answer.value,
        v.draft,
        " ".join(c.text.split()),
        tuple(s.name for s in c.attribution),
        tr(
            "{quantity}, {where}, {window}, with {sensor}",
            quantity=q.quantity,
            where=where,
            window=window,
            sensor=q.sensor,
        ),
        q.counts_for,
        q.counts_against,
        v.reason,
        tuple(_measured(m) for m in v.measurements),
        power,
        tr("{n_scenes} in the window", n_scenes=len(v.scenes)) if v.scenes else "",
        v.alternatives,
        v.passes,
    )


def _measured(m: Measurement) -> str:
    return tr(
        "{quantity}: {m:.2f} {unit} ({low:.2f} to {high:.2f}, {method})",
        quantity=m.quantity,
        m=m.value,
        unit=m.unit,
        low=m.low,
        high=m.high,
        method=m.method,
    )
