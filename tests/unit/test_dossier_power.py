"""What would have been seen, on the page, in the PDF and in the tables."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date

import pypdf
import pytest
from tests.support.dossier_model import data_of, make_model, page_of, pdf_of, power_section
from tests.support.trials import curves_of, trial

from gossan.core.power.trials import PowerPoint, Season
from gossan.dossier import power_words
from gossan.dossier.chapter_charts import draw
from gossan.dossier.model import DossierModel
from gossan.dossier.power_chapter import power_chapter, section_of


@pytest.fixture(scope="module")
def model() -> DossierModel:
    return make_model(n_sites=1)


def plain(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_same_sentences_stand_on_page_and_pdf(model: DossierModel) -> None:
    assert model.power is not None
    html = plain(page_of(model)["index.html"].decode())
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(model)))
    pdf = "".join("".join(p.extract_text() for p in reader.pages).split())
    for sentence in power_words.power_sentences(model.power):
        assert plain(sentence) in html.replace("&#39;", "'")
        assert "".join(sentence.split()) in pdf
    for _, season, found in power_words.limit_rows(model.power):
        assert season in html
        assert all("".join(c.split()) in pdf for c in found)


def test_a_sentence_says_size_time_share_and_interval(model: DossierModel) -> None:
    """The trials are drawn by hand: 0.4 ha in full contrast is seen as often as not."""
    section = section_of(
        curves_of([trial(i, 0.05, confirmed_after=40 if i < 149 else None) for i in range(160)])
    )
    said = [plain(s) for s in power_words.power_sentences(section)]
    assert (
        "Fresh bare ground of 0.05 ha was confirmed within 60 days in 93 % (95 % interval 88 to "
        "97 %) of the trials; no smaller size tried reaches 90 %." in said
    )
    assert any(
        s.startswith("Within 30 days no size up to 0.05 ha was confirmed in 90 % of the trials")
        for s in said
    )


def test_blind_months_and_missing_room_are_said() -> None:
    said = plain(" ".join(power_words.caveats(power_section())))
    assert "Blind within 120 days: what appeared in November 2019 could not" in said
    assert "Blind within 60 days" not in said
    assert "fewer than 4 usable looks" in said
    assert "no room for patches of 1.6 ha" in said
    assert "60 % of the area" in said


def test_months_in_words_join_neighbours() -> None:
    months = [date(2018, 11, 1), date(2018, 12, 1), date(2019, 1, 1), date(2019, 6, 1)]
    assert power_words.month_spans(months) == "November 2018 to January 2019, June 2019"


def test_not_computed_is_said_and_nothing_shown(model: DossierModel) -> None:
    without = replace(model, power=None)
    html = plain(page_of(without)["index.html"].decode())
    assert "It was not computed what would have been seen" in html
    assert "Share of patches" not in html
    assert not [name for name in data_of(without) if "power" in name or "implants" in name]
    reader = pypdf.PdfReader(io.BytesIO(pdf_of(without)))
    pdf = "".join("".join(p.extract_text() for p in reader.pages).split())
    assert "Itwasnotcomputedwhatwouldhavebeenseen" in pdf


def test_charts_are_the_same_twice_and_draw_every_point() -> None:
    drawn = draw([power_chapter(power_section())])
    assert drawn == draw([power_chapter(power_section())])
    charts = list(drawn.values())
    assert len(charts) == 4
    for chart in charts:
        assert "DejaVu Sans" in chart
        assert "NaN" not in chart
    ids = re.findall(r'id="([^"]+)"', "".join(charts))
    assert len(ids) == len(set(ids))
    assert charts[0].count("within 60 days") == 1
    assert charts[1].count("September to November") == 1


def test_tables_hold_every_trial_curve_point_and_limit(model: DossierModel) -> None:
    section = model.power
    assert section is not None
    data = data_of(model)
    trials = rows(data["implants.csv"])
    assert len(trials) == len(section.found.trials)
    seen = [r for r in trials if r["confirmed_after_days"]]
    assert len(seen) == sum(t.confirmed_after is not None for t in section.found.trials)
    power = rows(data["power.csv"])
    assert len(power) == sum(len(c.points) for c in section.curves)
    assert all(float(r["low"]) <= float(r["power"]) <= float(r["high"]) for r in power)
    assert len(rows(data["detection_limits.csv"])) == len(section.limits)
    months = rows(data["confirmable.csv"])
    assert months[0]["month"] == "2019-01"
    assert float(months[10]["share_within_120_days"]) == 0
    bands = {r["band"] for r in rows(data["bare_spectra.csv"])}
    assert bands == {"B02", "B08"}


def test_cells_say_what_was_not_reached_and_not_tried() -> None:
    section = section_of(curves_of([trial(i, 0.4, confirmed_after=90) for i in range(50)]))
    assert power_words.limit_cell(section.pick(1.0, 30)[1]) == ">0.4"
    assert power_words.limit_cell(section.pick(1.0, 120)[1]) == "0.4 (0.4 to 0.4)"
    few = section_of(curves_of([trial(i, 0.4, confirmed_after=90) for i in range(10)]))
    assert power_words.limit_cell(few.pick(1.0, 120)[1]) == "0.4 (0.4 to >0.4)"
    mixed = [trial(0, contrast=0.5, appeared=date(2019, 1, 5)), trial(1)]
    winter = section_of(curves_of(mixed)).pick(1.0, 120, Season.DJF)[1]
    assert power_words.limit_cell(winter) == "not tried"
    assert power_words.recall_cell(PowerPoint(0.1, 9, 8, 8 / 9, 0.52, 0.99)) == "89 % (52 to 99)"
