"""A chapter on the page, in the PDF and under data/, whatever its words are."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pypdf
import pytest
from PIL import Image
from tests.support.dossier_model import HOSTILE, data_of, make_model, page_of, pdf_of

from gossan.core.csv_text import csv_bytes
from gossan.dossier.chapter import Block, Chapter, Grid, Heading, Picture, Words
from gossan.dossier.chapter_charts import UNSEEN, draw
from gossan.dossier.plots import Bar, BarPlot, Line, Point, TimePlot

DAYS = [date(2020, 1, 3) + timedelta(20 * i) for i in range(12)]


def png() -> bytes:
    buffer = io.BytesIO()
    ramp = np.linspace(0, 255, 60 * 80 * 3).astype(np.uint8).reshape(60, 80, 3)
    Image.fromarray(ramp).save(buffer, "PNG")
    return buffer.getvalue()


def blocks(words: str) -> tuple[Block, ...]:
    seen = [Point(d, 20.0 + i, 15.0 + i, 26.0 + i) for i, d in enumerate(DAYS[:-2])]
    points = (*seen, Point(DAYS[-2], None), Point(DAYS[-1], None))
    return (
        Heading("Lake by the pit"),
        Words(words),
        TimePlot(
            "Turbidity below and above",
            "turbidity, FNU",
            (Line("below", points, joined=True), Line("above", tuple(seen[:4]))),
            marks=((DAYS[3], "spill"),),
        ),
        Grid("Lakes, ha", ("Lake", "Area, ha"), ((words, "3.1"), ("B", "0.4")), frozenset({1})),
        BarPlot(
            "Lost and recovered",
            "ha",
            (Bar("2019", "lost", 3.0, 2.0, 4.5), Bar("2019", "recovered", 1.0, 0.5, 1.4)),
        ),
        Picture(png(), "the lake from above", "The lake on 3 January 2020"),
        Words("One image was hazy.", small=True),
    )


def chapter(words: str = HOSTILE) -> Chapter:
    table = csv_bytes(("lake", "ha"), [(words, 3.1)])
    return Chapter("water", "Water", f"Lead: {words}", blocks(words), (("lakes.csv", table),))


def with_chapter(made: Chapter):  # type: ignore[no-untyped-def]
    return replace(make_model(n_sites=1), chapters=(made,))


def test_words_of_a_chapter_are_text_in_page_and_pdf() -> None:
    model = with_chapter(chapter())
    files = page_of(model)
    html = files["index.html"].decode()
    assert "Lead: &lt;script&gt;" in html
    assert "<script>alert" not in html
    assert html.index("Lake by the pit") < html.index('id="power-h"')
    assert files["assets/images/water-picture-1.png"] == png()
    pdf = pypdf.PdfReader(io.BytesIO(pdf_of(model)))
    text = "".join("".join(p.extract_text() for p in pdf.pages).split())
    assert "Lead:<script>alert(1)</script>#eval(" in text
    assert "Numbers:lakes.csv" in text
    assert '<td class="n">3.1</td>' in html
    assert '<td class="d">B</td><td class="n">0.4</td>' in html
    assert "3.1B0.4" in text, "every row of a table is on paper too"


def test_files_of_a_chapter_stand_under_data() -> None:
    files = data_of(with_chapter(chapter("Лејк")))
    assert files["lakes.csv"].decode() == "lake,ha\nЛејк,3.1\n"


def test_a_plot_shows_intervals_and_the_days_without_an_answer() -> None:
    svg = draw([chapter()])["water/plot-1"]
    assert "not observable" in svg
    assert svg.count(f'stroke="{UNSEEN}"') == 1 + 2, "in the legend, and on two days"
    alone = replace(chapter(), blocks=blocks("x")[:3])
    plot = alone.blocks[2]
    assert isinstance(plot, TimePlot)
    clear = replace(plot, lines=(plot.lines[1],))
    assert "not observable" not in draw([replace(alone, blocks=(clear,))])["water/plot-1"]


def test_nothing_but_gaps_can_be_drawn() -> None:
    gaps = TimePlot("Nothing", "FNU", (Line("below", tuple(Point(d, None) for d in DAYS)),))
    for log in (False, True):
        made = Chapter("w", "W", "x", (replace(gaps, log=log),))
        assert "not observable" in draw([made])["w/plot-1"]


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Grid("Lakes", ("Lake", "ha"), (("A",),))
