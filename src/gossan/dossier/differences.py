"""Where two versions of a file differ, in words a reader can act on."""

from __future__ import annotations

import csv
import difflib
import io
from html.parser import HTMLParser

import pypdf

from gossan.core.words import tr

AROUND = 4
"""Words shown on either side of a difference."""
MOST_WORDS = 60_000
"""Longer texts are compared word by word from the front, without looking for what moved."""


def difference(name: str, expected: bytes, found: bytes) -> str:
    """One sentence: what `found` says and what follows from the data."""
    ending = name[name.rfind(".") :]
    if ending == ".html":
        told = _words(_text_of_html(expected), _text_of_html(found)) or tr(
            "its markup or a picture in it is not the one drawn"
        )
        return f"{name}: {told}."
    if ending == ".pdf":
        return _pdf(name, expected, found)
    if ending == ".csv":
        return f"{name}: {_cell(expected, found)}."
    if ending in (".json", ".geojson", ".jsonl", ".jsonld"):
        told = _words(*(_decoded(d).replace(",", ", ").split() for d in (expected, found)))
        told = told or tr("its spacing is not the one written")
        return f"{name}: {told}."
    return tr("{name} is not the file that gossan puts there.", name=name)


def _words(expected: list[str], found: list[str]) -> str:
    """The first words that differ, with their neighbours; empty where all agree."""
    if max(len(expected), len(found)) > MOST_WORDS:
        at = next(
            (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b),
            min(len(expected), len(found)),
        )
        if at == len(expected) == len(found):
            return ""
        spans = (at, at + 1, at, at + 1)
    else:
        match = difflib.SequenceMatcher(a=expected, b=found, autojunk=False)
        changed = next((o for o in match.get_opcodes() if o[0] != "equal"), None)
        if changed is None:
            return ""
        spans = changed[1:]
    return tr(
        'it says "{found}", the data say "{expected}"',
        found=_near(found, *spans[2:]),
        expected=_near(expected, *spans[:2]),
    )


def _near(words: list[str], first: int, last: int) -> str:
    shown = words[max(0, first - AROUND) : min(last, first + 12) + AROUND]
    return " ".join(shown)[:200]


class _Visible(HTMLParser):
    """The words a reader sees, and where pictures stand."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("image", "img"):
            self.words += [f"[{v}]" for k, v in attrs if k in ("href", "src") and v]


def _text_of_html(data: bytes) -> list[str]:
    parser = _Visible()
    parser.feed(_decoded(data))
    return parser.words


def _pdf(name: str, expected: bytes, found: bytes) -> str:
    try:
        pages = [p.extract_text().split() for p in pypdf.PdfReader(io.BytesIO(found)).pages]
    except Exception as error:  # pypdf raises many kinds on a broken file
        return tr("{name} cannot be read as PDF: {reason}.", name=name, reason=str(error)[:100])
    wanted = [p.extract_text().split() for p in pypdf.PdfReader(io.BytesIO(expected)).pages]
    for number, (a, b) in enumerate(zip(wanted, pages, strict=False), start=1):
        told = _words(a, b)
        if told:
            return tr("{name}, page {number}: {told}.", name=name, number=number, told=told)
    if len(wanted) != len(pages):
        return tr(
            "{name} has {n_pages} pages, drawn from the data it has {n_wanted}.",
            name=name,
            n_pages=len(pages),
            n_wanted=len(wanted),
        )
    return tr(
        "{name}: its words agree with the data, its drawing or structure does not.", name=name
    )


def _cell(expected: bytes, found: bytes) -> str:
    wanted, there = (list(csv.reader(io.StringIO(_decoded(d)))) for d in (expected, found))
    head = wanted[0] if wanted else []
    for line, (a, b) in enumerate(zip(wanted, there, strict=False), start=1):
        if a == b:
            continue
        at = next(
            (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
        )
        column = head[at] if at < len(head) else tr("column {at}", at=at + 1)
        says, should = (c[at][:80] if at < len(c) else "nothing" for c in (b, a))
        return tr(
            'line {line}, {column}: it says "{says}", the data say "{should}"',
            line=line,
            column=column,
            says=says,
            should=should,
        )
    if len(wanted) != len(there):
        return tr(
            "it has {n_there} lines, the data have {n_wanted}",
            n_there=len(there),
            n_wanted=len(wanted),
        )
    return tr("its spacing is not the one written")


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
