"""Chapters of what documents say: statements in time, answers, and the documents themselves."""

from __future__ import annotations

import json
from dataclasses import asdict

from gossan.core.csv_text import csv_bytes
from gossan.core.words import tr, tr_later, tr_now, trn
from gossan.dossier.chapter import (
    Block,
    Cell,
    Chapter,
    Choice,
    Fact,
    Facts,
    Grid,
    Heading,
    Noted,
    Words,
)
from gossan.dossier.chronicle import NO_SIDE, Answer, Chronicle, Document, Entry, sentences
from gossan.dossier.plots import Span, SpanPlot

DRAFT = tr_later("draft")
HOW_TO_READ = tr_later(
    "An arrow marks an open or an earlier end, a question mark a date that a person must decide."
)
QUESTIONS_FIRST = tr_later(
    "Each question was fixed and recorded before any measurement was read. Not having been seen "
    "counts against a claim only where the thing claimed would have been seen with measured power."
)
COLUMNS = (
    "number",
    "id",
    "when",
    "first",
    "last",
    "kind",
    "modality",
    "side",
    "chain",
    "report",
    "copies",
    "verdict",
    "draft",
    "text",
)
"""Of data/chronicle.csv."""


def chronicle_chapters(chronicle: Chronicle) -> tuple[Chapter, ...]:
    """Statements, answers where there are any, documents."""
    answers = (_answers(chronicle),) if chronicle.answers else ()
    return _statements(chronicle), *answers, _documents(chronicle)


def _statements(chronicle: Chronicle) -> Chapter:
    lead, *more = sentences(chronicle)
    blocks: list[Block] = [Words(s) for s in more]
    if chronicle.entries:
        blocks += [timeline(chronicle), Words(tr_now(HOW_TO_READ), small=True), _table(chronicle)]
    return Chapter(
        "chronicle",
        tr("What was said, and by whom"),
        lead,
        tuple(blocks),
        (("chronicle.csv", _csv(chronicle)), ("answers.json", _json(chronicle))),
        status=tr_now(DRAFT) if chronicle.draft else "",
    )


def timeline(chronicle: Chronicle) -> SpanPlot:
    """The days that each statement leaves open, in the colour of its side."""
    return SpanPlot(
        tr(
            "Timeline of {n_entries} dated statements, each a bar over the days it leaves open; "
            "the same in the table below",
            n_entries=len(chronicle.entries),
        ),
        tuple(
            Span(f"{e.number}  {e.when}", e.side, e.first, e.last, e.decided)
            for e in chronicle.entries
        ),
        chronicle.sides,
    )


def _table(chronicle: Chronicle) -> Grid:
    places = {name: i for i, name in enumerate(chronicle.sources)}
    return Grid(
        tr("Statements in the order of time, each side in its own column"),
        (tr("No."), tr("When"), *map(_side, chronicle.sides), tr("Seen from above")),
        tuple(_row(e, chronicle) for e in chronicle.entries),
        choice=Choice(
            tr("Show only what is said by"),
            chronicle.sources,
            tuple(
                tuple(sorted({places[s] for s in e.chain if s in places}))
                for e in chronicle.entries
            ),
        ),
    )


def _row(e: Entry, chronicle: Chronicle) -> tuple[Cell, ...]:
    when = Noted(e.when, tr("from an earlier sentence") if e.inherited else "")
    said = Noted(e.text, _about(e), quoted=True)
    cells = tuple(said if side == e.side else "" for side in chronicle.sides)
    return str(e.number), when, *cells, Noted(tr_now(e.verdict) or tr("not judged"), e.reason)


def _about(e: Entry) -> str:
    """Who says it and how, and what else is known of the statement."""
    parts = [" > ".join(e.chain), f"{e.kind}, {e.modality}", e.id]
    if e.copies > 1:
        parts.append(tr("in {copies} near copies, counted once", copies=e.copies))
    if e.draft:
        parts.append(tr_now(DRAFT).upper())
    return "; ".join([*parts, *e.notes])


def _answers(chronicle: Chronicle) -> Chapter:
    blocks: list[Block] = []
    for answer in chronicle.answers:
        blocks += _answer(answer)
    return Chapter(
        "answers",
        tr("Held against the ground"),
        tr_now(QUESTIONS_FIRST),
        tuple(blocks),
        status=tr_now(DRAFT) if chronicle.draft else "",
    )


def _answer(a: Answer) -> tuple[Block, ...]:
    given = (
        Fact(tr("Said by"), (f"{' > '.join(a.chain)}; {a.id}",)),
        Fact(tr("Asked"), (a.asked,)),
        Fact(tr("Would count for"), (a.counts_for,)),
        Fact(tr("Would count against"), (a.counts_against,)),
        Fact(tr("Answer"), (a.reason,)),
        Fact(tr("Measured"), ("; ".join(a.measured) or tr("nothing"),)),
        Fact(tr("Power"), (a.power,)),
    )
    facts = list(given)
    if a.scenes:
        facts.append(Fact(tr("Images"), (a.scenes,)))
    if a.alternatives:
        facts.append(Fact(tr("Other explanations"), a.alternatives))
    if a.passes:
        facts.append(Fact(tr("Passes"), a.passes, trn("{n} line", "{n} lines", len(a.passes))))
    return (
        Heading(
            tr("{verdict} (draft)", verdict=tr_now(a.verdict)) if a.draft else tr_now(a.verdict)
        ),
        Words(f"\u201c{a.text}\u201d"),
        Facts(tuple(facts)),
    )


def _documents(chronicle: Chronicle) -> Chapter:
    head = (
        tr("Document"),
        tr("Title"),
        tr("Outlet"),
        tr("Side"),
        tr("Published"),
        tr("Archived"),
        tr("SHA-256 of the original"),
    )
    grid = Grid(
        tr("Documents and the hashes under which they are kept"),
        head,
        tuple(_document(d) for d in chronicle.documents),
        code=frozenset({6}),
    )
    return Chapter("documents", tr("Documents"), "", (grid,))


def _document(d: Document) -> tuple[Cell, ...]:
    title = Noted(d.title, tr("near copy of {copy_of}", copy_of=d.copy_of) if d.copy_of else "")
    archived = d.captured.replace("T", " ").replace("+00:00", " UTC")
    return d.id, title, d.outlet, d.side, d.published, archived, d.sha256


def _csv(chronicle: Chronicle) -> bytes:
    rows = (
        (
            e.number,
            e.id,
            e.when,
            e.first,
            e.last,
            e.kind,
            e.modality,
            e.side,
            " > ".join(e.chain),
            e.report,
            e.copies,
            e.verdict,
            e.draft,
            e.text,
        )
        for e in chronicle.entries
    )
    return csv_bytes(COLUMNS, rows)


def _json(chronicle: Chronicle) -> bytes:
    answers = [asdict(a) for a in chronicle.answers]
    return json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _side(name: str) -> str:
    """A side of the chronicle, as its documents were given it."""
    return tr_now(name) if name == NO_SIDE else name
