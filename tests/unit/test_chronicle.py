"""The chronicle: nothing in a document becomes markup, and equal cases give equal bytes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date

from tests.support.dossier_model import data_of, make_model, page_of, pdf_of

from gossan.dossier.chapter_charts import draw
from gossan.dossier.chronicle import Answer, Chronicle, ChronicleDossier, Document, Entry, sentences
from gossan.dossier.chronicle_chapter import chronicle_chapters

EVIL = '<script>alert(1)</script> "quoted" & #strong[typst] $x$ =1+1 \u202e'


def entry(n: int, first: date | None, last: date | None, side: str = "A") -> Entry:
    return Entry(
        n,
        f"C-{n}",
        "2022",
        first,
        last,
        decided=n != 2,
        inherited=False,
        kind="activity",
        modality="asserted",
        text=f"{EVIL} {n}",
        chain=(f"Outlet {side}", EVIL),
        side=side,
        report="R-1",
        copies=1,
        verdict="inconclusive",
        reason=EVIL,
        draft=n == 1,
        notes=(EVIL,),
    )


def chronicle() -> Chronicle:
    entries = (
        entry(1, date(1991, 1, 1), date(1991, 12, 31)),
        entry(2, date(2022, 12, 4), date(2022, 12, 4), "B"),
        entry(3, date(2022, 11, 1), None),
        entry(4, None, date(2022, 12, 31), "B"),
    )
    document = Document("R-1", EVIL, EVIL, "A", "2022-12-12 (byline)", "sha256:0", "now", "")
    answer = Answer(
        "C-1",
        "inconclusive",
        True,
        EVIL,
        (EVIL,),
        EVIL,
        EVIL,
        EVIL,
        EVIL,
        (EVIL,),
        "not measured",
        "",
        (EVIL,),
        (EVIL,),
    )
    sources = tuple(dict.fromkeys(name for e in entries for name in e.chain))
    return Chronicle(entries, 3, ("A", "B"), sources, (document,), (answer,), draft=True)


def render_files(model: ChronicleDossier) -> dict[str, bytes]:
    return {**page_of(model), **data_of(model), "dossier.pdf": pdf_of(model)}


def dossier() -> ChronicleDossier:
    return ChronicleDossier(EVIL, "0", date(2022, 12, 12), chronicle(), "sha256:0", (EVIL,))


def test_words_of_documents_never_become_markup() -> None:
    files = render_files(dossier())
    page = files["index.html"].decode()
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in page
    assert files["dossier.pdf"].startswith(b"%PDF")


def test_a_spreadsheet_runs_nothing() -> None:
    evil = replace(chronicle().entries[0], text="=cmd()")
    changed = replace(chronicle(), entries=(evil,))
    files = render_files(replace(dossier(), chronicle=changed))
    rows = list(csv.DictReader(io.StringIO(files["chronicle.csv"].decode())))
    assert rows[0]["text"] == "'=cmd()"


def test_equal_cases_give_equal_bytes() -> None:
    assert render_files(dossier()) == render_files(dossier())


def test_a_draft_says_so_first() -> None:
    assert sentences(chronicle())[0].startswith("DRAFT")
    assert "DRAFT" not in " ".join(sentences(replace(chronicle(), draft=False)))


def test_each_side_stands_in_its_own_column() -> None:
    page = render_files(dossier())["index.html"].decode()
    body = re.findall(r"<tr data-names.*?</tr>", page, re.S)
    assert len(body) == 4
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body]
    assert ["<q>" in c[2] for c in cells] == [True, False, True, False]
    assert ["<q>" in c[3] for c in cells] == [False, True, False, True]


def test_open_and_undecided_dates_are_drawn_as_such() -> None:
    more = tuple(entry(n, date(2022, 12, n), date(2022, 12, n)) for n in range(5, 9))
    chapters = chronicle_chapters(replace(chronicle(), entries=(*chronicle().entries, *more)))
    svg = draw(chapters)["chronicle/plot-1"]
    assert svg.count("◂") == 2  # long before the others, and open at the beginning
    assert svg.count("▸") == 1
    assert svg.count(">?<") == 1


def test_a_dossier_with_images_shows_it_too() -> None:
    model = replace(make_model("Case"), chronicle=chronicle())
    page = page_of(model)["index.html"].decode()
    assert 'id="chronicle"' in page
    assert "everybody" in page
    assert pdf_of(model).startswith(b"%PDF")
    without = page_of(make_model("Case"))["index.html"].decode()
    assert 'id="chronicle"' not in without
