"""Claims and verdicts on the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from gossan.core.serialise import to_plain
from gossan.core.statements import Claim, DateMention, PlaceMention
from gossan.core.words import tr, tr_now
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
        return [Words(tr("No claims. Add a document: gossan report add CASE FILE"))]
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
        Grid("", (tr("Claim"), tr("Type, how"), tr("When"), tr("Where"), tr("Who says it")), cells),
        Words(
            tr(
                "{n_claims} claims of {documents} documents.  + accepted  * corrected  - rejected",
                n_claims=len(listed.claims),
                documents=documents,
            )
        ),
    ]


def print_claims(listed: Listed, console: Console) -> None:
    """Each claim in its sentence, with what was read in it marked and explained."""
    for c in listed.claims:
        report = listed.reports[c.report]
        head = f"{listed.names[c.id]}  {c.type} {tr_now(c.direction.value)}"
        console.print(Text(head.rstrip(), style="bold"))
        where = report.title or report.origin
        published = report.published.day or tr("unknown day")
        named = listed.names[report.id]
        console.print(
            Text(
                tr(
                    "in {named}, {where}, {published}",
                    named=named,
                    where=where,
                    published=published,
                ),
                style="dim",
            )
        )
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
    lines = [
        Text(tr("  who    {chain}; {modality}", chain=chain, modality=tr_now(c.modality.value)))
    ]
    lines += [Text(tr("  when   {date}", date=_date(d))) for d in c.dates]
    lines += [Text(tr("  where  {place}", place=_place(p))) for p in c.places]
    lines += [
        Text(tr("  much   {text}: {value:g} {unit}", text=q.text, value=q.value, unit=q.unit))
        for q in c.quantities
    ]
    lines += [
        Text(
            tr(
                "  owner  {subject} {relation} {object}",
                subject=o.subject,
                relation=o.relation.replace("-", " "),
                object=o.object,
            )
        )
        for o in c.ownership
    ]
    lines += [
        Text(
            tr(
                "  other  {kind} {other}: {reason}",
                kind=tr_now(r.kind.value),
                other=names.get(r.other, r.other),
                reason=r.reason,
            )
        )
        for r in c.relations
    ]
    lines += [Text(tr("  note   {note}", note=n), style="dim") for n in c.notes]
    lines.append(
        Text(
            tr(
                "  by     {extractor}; {status}",
                extractor=c.extractor,
                status=tr_now(c.status.value),
            ),
            style="dim",
        )
    )
    return lines


def _date(d: DateMention) -> str:
    also = ", ".join(a.edtf for a in d.alternatives)
    if d.reading is None:
        return tr(
            '"{text}": to be decided{between}. {why_review}',
            text=d.text,
            between=tr(" between {also}", also=also) if also else "",
            why_review=d.why_review,
        )
    return f'"{d.text}" = {d.reading.edtf} ({d.reading.rule}){f"; or {also}" if also else ""}'


def _place(p: PlaceMention) -> str:
    if p.place is None:
        names = ", ".join(f"{c.name} [{c.id}]" for c in p.candidates[:4])
        return tr(
            '"{text}": to be decided: {names}. {why_review}',
            text=p.text,
            names=names,
            why_review=p.why_review,
        )
    at = tr("no coordinates") if p.place.lat is None else f"{p.place.lat:.3f} {p.place.lon:.3f}"
    return f'"{p.text}" = {p.place.name} [{p.place.id}], {at}'


def verdict_blocks(found: Checked) -> list[Block]:
    """Each claim answered, with question and reason."""
    blocks: list[Block] = []
    for c in found.claims:
        q, v = found.questions[c.id], found.verdicts[c.id]
        draft = tr("  DRAFT") if v.draft else ""
        where = (
            tr("{where}, {radius_km:g} km around", where=q.where.name, radius_km=q.where.radius_km)
            if q.where
            else tr("no place")
        )
        window = tr("{first} to {last}", first=q.first or "?", last=q.last or "?")
        given = (
            Fact(tr("claim"), (f'"{" ".join(c.text.split())}"',)),
            Fact(tr("said by"), (" > ".join(s.name for s in c.attribution),)),
            Fact(tr("asked"), (f"{q.quantity}; {where}; {window}",)),
            Fact(tr("answer"), (v.reason, *v.alternatives, *v.passes[:3])),
        )
        blocks += [
            Heading(f"{tr_now(v.answer.value).upper()}  {found.names[c.id]}{draft}"),
            Facts(given),
        ]
        blocks.append(Words(""))
    return blocks
