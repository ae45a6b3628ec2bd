"""Claims and verdicts on the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, DateMention, PlaceMention
from gossan.dossier.chapter import Block, Fact, Facts, Grid, Heading, Noted, Words
from gossan.run.check import Checked
from gossan.run.claims import Listed, rows

DATE, PLACE, SOURCE, NUMBER = "bold yellow", "bold cyan", "bold magenta", "bold green"


def as_json(listed: Listed) -> dict[str, Any]:
    """Claims with the reports they stand in, without the reports' bodies."""
    reports = {}
    for name, report in listed.reports.items():
        reports[name] = {k: v for k, v in to_plain(report).items() if k != "body"}
    return {"reports": reports, "claims": to_plain(listed.claims)}


def list_blocks(listed: Listed) -> list[Block]:
    """One line a claim; says so plainly when there is none."""
    if not listed.claims:
        return [Words("No claims. Add a document: gossan report add CASE FILE")]
    marks = {"accepted": "+", "corrected": "*", "rejected": "-"}
    cells = tuple(
        (
            f"{marks.get(r['status'], ' ')}{r['id']}",
            Noted(r["type"], r["modality"]),
            r["date"].replace("/", "/\n"),
            r["places"],
            r["source"],
        )
        for r in rows(listed)
    )
    documents = len({c.report for c in listed.claims})
    return [
        Grid("", ("Claim", "Type, how", "When", "Where", "Who says it"), cells),
        Words(
            f"{len(listed.claims)} claims of {documents} documents.  + accepted  * corrected  "
            "- rejected"
        ),
    ]


def print_claims(listed: Listed, console: Console) -> None:
    """Each claim in its sentence, with what was read in it marked and explained."""
    for c in listed.claims:
        report = listed.reports[c.report]
        head = f"{listed.names[c.id]}  {c.type} {c.direction.value}"
        console.print(Text(head.rstrip(), style="bold"))
        where = report.title or report.origin
        published = report.published.day or "unknown day"
        named = listed.names[report.id]
        console.print(Text(f"in {named}, {where}, {published}", style="dim"))
        console.print(_marked(c))
        for line in _lines(c, listed.names):
            console.print(line, soft_wrap=True)
        console.print()


def _marked(c: Claim) -> Text:
    text = Text(c.text)
    begin = c.span[0]
    marks = [(d.span, DATE) for d in c.dates if not d.inherited]
    marks += [(p.span, PLACE) for p in c.places]
    marks += [(s.span, SOURCE) for s in c.attribution if s.span and not s.inherited]
    marks += [(q.span, NUMBER) for q in c.quantities]
    for (start, end), style in marks:
        text.stylize(style, max(0, start - begin), max(0, end - begin))
    return text


def _lines(c: Claim, names: Mapping[str, str]) -> list[Text]:
    chain = " > ".join(f"{s.name}{' (taken over)' if s.inherited else ''}" for s in c.attribution)
    lines = [Text(f"  who    {chain}; {c.modality.value}")]
    lines += [Text(f"  when   {_date(d)}") for d in c.dates]
    lines += [Text(f"  where  {_place(p)}") for p in c.places]
    lines += [Text(f"  much   {q.text}: {q.value:g} {q.unit}") for q in c.quantities]
    lines += [
        Text(f"  owner  {o.subject} {o.relation.replace('-', ' ')} {o.object}") for o in c.ownership
    ]
    lines += [
        Text(f"  other  {r.kind.value} {names.get(r.other, r.other)}: {r.reason}")
        for r in c.relations
    ]
    lines += [Text(f"  note   {n}", style="dim") for n in c.notes]
    lines.append(Text(f"  by     {c.extractor}; {c.status.value}", style="dim"))
    return lines


def _date(d: DateMention) -> str:
    also = ", ".join(a.edtf for a in d.alternatives)
    if d.reading is None:
        return f'"{d.text}": to be decided{f" between {also}" if also else ""}. {d.why_review}'
    return f'"{d.text}" = {d.reading.edtf} ({d.reading.rule}){f"; or {also}" if also else ""}'


def _place(p: PlaceMention) -> str:
    if p.place is None:
        names = ", ".join(f"{c.name} [{c.id}]" for c in p.candidates[:4])
        return f'"{p.text}": to be decided: {names}. {p.why_review}'
    at = "no coordinates" if p.place.lat is None else f"{p.place.lat:.3f} {p.place.lon:.3f}"
    return f'"{p.text}" = {p.place.name} [{p.place.id}], {at}'


def verdict_blocks(found: Checked) -> list[Block]:
    """Each claim answered, with question and reason."""
    blocks: list[Block] = []
    for c in found.claims:
        q, v = found.questions[c.id], found.verdicts[c.id]
        draft = "  DRAFT" if v.draft else ""
        where = f"{q.where.name}, {q.where.radius_km:g} km around" if q.where else "no place"
        window = f"{q.first or '?'} to {q.last or '?'}"
        given = (
            Fact("claim", (f'"{" ".join(c.text.split())}"',)),
            Fact("said by", (" > ".join(s.name for s in c.attribution),)),
            Fact("asked", (f"{q.quantity}; {where}; {window}",)),
            Fact("answer", (v.reason, *v.alternatives, *v.passes[:3])),
        )
        blocks += [Heading(f"{v.answer.value.upper()}  {found.names[c.id]}{draft}"), Facts(given)]
        blocks.append(Words(""))
    return blocks
