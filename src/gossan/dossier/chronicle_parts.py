"""What page, PDF and data folder show of a chronicle."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from markupsafe import Markup

from gossan.core.csv_text import csv_bytes
from gossan.dossier.chronicle import Chronicle, sentences


def page_parts(chronicle: Chronicle | None, drawn: str | None) -> dict[str, Any]:
    """What the page's template needs to show a chronicle, or to show none."""
    if chronicle is None or drawn is None:
        return {"c": None}
    return {
        "c": chronicle,
        "c_sentences": sentences(chronicle),
        "c_timeline": Markup(drawn),  # noqa: S704  (our own SVG)
    }


def pdf_part(chronicle: Chronicle, drawn: str) -> dict[str, Any]:
    """What the PDF's template needs to show a chronicle; every word is data there."""
    rows = []
    for e in chronicle.entries:
        said = f"{e.text} ({' > '.join(e.chain)}; {e.kind}, {e.modality})"
        cells = [said if side == e.side else "" for side in chronicle.sides]
        mark = "DRAFT " if e.draft else ""
        rows.append([str(e.number), e.when.replace("/", "/\u200b"), *cells, f"{mark}{e.verdict}"])
    return {
        "sentences": sentences(chronicle),
        "sides": chronicle.sides,
        "rows": rows,
        "timeline": {"svg": drawn, "alt": _alt(chronicle)},
        "answers": [asdict(a) for a in chronicle.answers],
        "documents": [
            [d.id, d.title, d.outlet, d.side, d.published, d.copy_of] for d in chronicle.documents
        ],
    }


def data_files(chronicle: Chronicle | None) -> dict[str, bytes]:
    """The chronicle as CSV and JSON; nothing without one."""
    if chronicle is None:
        return {}
    head = (
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
    answers = [asdict(a) for a in chronicle.answers]
    text = json.dumps(answers, ensure_ascii=False, indent=1, sort_keys=True)
    return {"data/chronicle.csv": csv_bytes(head, rows), "data/answers.json": text.encode()}


def _alt(chronicle: Chronicle) -> str:
    return (
        f"Timeline of {len(chronicle.entries)} dated statements, each a bar over the days it "
        "leaves open; the same in the table below"
    )
