"""What a dossier says of radar: which months it answered, and nothing where there is none."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import date

import numpy as np
import pytest
from tests.support.dossier_model import data_of, make_model

from gossan.case.observability import observations_by_month
from gossan.core.dates import to_day
from gossan.dossier.chapter import Chapter
from gossan.dossier.chapter_charts import draw
from gossan.dossier.model import DossierModel, RadarSummary
from gossan.dossier.seen_chapter import BY_RADAR, months_plot
from gossan.dossier.sentences import site_sentences, unseen_sentences

SUMMARY = RadarSummary(
    "descending 80", 91, date(2018, 1, 4), date(2020, 12, 19), 1.64, by_both=0.8, by_radar=0.2
)


def with_radar(months: int = 2) -> DossierModel:
    """The first `months` months without an optical look are answered by radar."""
    model = make_model()
    blind = [m for m in model.observability.months if not m.seen_share]
    answered = {m.month for m in blind[:months]}
    looks = tuple(
        dataclasses.replace(m, n_radar=3, radar_share=0.9) if m.month in answered else m
        for m in model.observability.months
    )
    seen = dataclasses.replace(model.observability, months=looks, radar=SUMMARY)
    return dataclasses.replace(model, observability=seen)


def test_months_count_the_radar_images_they_hold() -> None:
    period = (date(2020, 1, 1), date(2020, 3, 31))
    days = np.array([to_day(date(2020, 1, 5))], np.int32)
    radar = [
        (to_day(date(2020, 2, 3)), 0.7),
        (to_day(date(2020, 2, 15)), 1.0),
        (to_day(date(2020, 3, 31)), 0.4),
    ]
    looks = observations_by_month(period, (), days, np.ones((1, 4), bool), radar)
    assert [(m.n_radar, m.radar_share) for m in looks] == [(0, None), (2, 1.0), (1, 0.4)]
    assert [m.by_radar_alone for m in looks] == [False, True, True]


def test_the_dossier_says_what_radar_answers_and_what_it_could_have_missed() -> None:
    said = " ".join(unseen_sentences(with_radar())).replace("\u00a0", " ")
    assert "looked 91 times from 4 January 2018 to 19 December 2020" in said
    assert "the same orbit (descending 80)" in said
    assert "it answers 2." in said
    assert "a change of 1.6 dB or more in nine of ten cases" in said
    assert "80 % was seen by both sensors and 20 % by radar alone" in said
    assert "without a usable optical look at half of the area or more was" in said
    without = " ".join(unseen_sentences(make_model()))
    assert "adar" not in without
    assert "optical" not in without


@pytest.mark.parametrize(
    ("both", "radar", "expected"),
    [
        (1.0, 0.0, "Optical images and radar both saw it."),
        (0.0, 1.0, "Radar alone saw it"),
        (0.0, 0.0, "Optical images alone saw it"),
        (0.6, 0.3, "both saw 60 % of it, radar alone 30 %"),
    ],
)
def test_a_site_says_which_sensors_saw_it(both: float, radar: float, expected: str) -> None:
    section = make_model().sites[0]
    assert "adar" not in " ".join(site_sentences(section))
    seen = dataclasses.replace(section, by_both=both, by_radar=radar)
    assert expected in " ".join(site_sentences(seen)).replace("\u00a0", " ")


def test_the_chart_draws_months_of_radar_only_where_there_are_some() -> None:
    with_it, without = (
        draw([Chapter("u", "", "", (months_plot(m.observability.months),))])["u/plot-1"]
        for m in (with_radar(), make_model())
    )
    assert BY_RADAR[0] in with_it
    assert BY_RADAR[0] not in without


def test_the_table_lists_radar_month_by_month() -> None:
    data = data_of(with_radar())["observability.csv"].decode()
    rows = list(csv.DictReader(io.StringIO(data)))
    assert sum(int(r["n_radar"]) for r in rows) == 6
    assert {r["radar_share"] for r in rows if r["n_radar"] == "3"} == {"0.9"}
    assert {r["radar_share"] for r in rows if r["n_radar"] == "0"} == {""}


def test_what_cannot_be_said_is_left_out() -> None:
    model = with_radar()
    o = model.observability
    radar = dataclasses.replace(SUMMARY, finds_db=float("inf"), by_both=0.0, by_radar=0.0)
    bare = dataclasses.replace(model, observability=dataclasses.replace(o, radar=radar))
    said = " ".join(unseen_sentences(bare))
    assert "dB" not in said
    assert "radar alone" not in said
