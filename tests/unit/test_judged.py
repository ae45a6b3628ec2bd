"""The page says what is so: nothing judged, part judged, and no figure against another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.support.cases import catalogue, sample_items, small_case
from tests.support.dossier_model import data_of, make_model
from typer.testing import CliRunner

from gossan.cli.app import app
from gossan.core import period
from gossan.core.params import MonitorParams
from gossan.core.progress import Silent
from gossan.core.values import SiteStatus
from gossan.dossier.figures import key_figures
from gossan.dossier.model import DossierModel, Gap, Judged, MonthCounts, Summary
from gossan.dossier.sentences import found, key_sentences, unseen_sentences
from gossan.run.dossier import write_dossier
from gossan.run.update import update

NOTHING = "Nothing can be said of this area in this period, because "
FIRST, LAST = date(2018, 1, 3), date(2020, 9, 1)


def model_with(judged: Judged | None, *, confirmed: bool = False) -> DossierModel:
    model = make_model()
    if not confirmed:
        model = replace(model, sites=(), summary=Summary(0, 0, None, None))
    return replace(model, observability=replace(model.observability, judged=judged))


@pytest.mark.parametrize(
    ("judged", "says"),
    [
        (Judged(0.0, None, None, "so"), f"{NOTHING}so."),
        (Judged(1.0, FIRST, LAST, ""), "looked for: from 3\u00a0January 2018 to 1\u00a0Sept"),
        (Judged(0.6, FIRST, LAST, "so"), "looked for: on 60\u00a0% of the area, from 3"),
        (Judged(0.6, FIRST, LAST, "so"), "other 40\u00a0% of the area, and of any other time, n"),
        (None, "No confirmed change of ground was found where it could be looked for; what"),
    ],
)
def test_the_headline_where_nothing_was_confirmed(judged: Judged | None, says: str) -> None:
    model = model_with(judged)
    assert says in key_sentences(model)[0]
    assert ("No confirmed change" in key_sentences(model)[0]) == (not says.startswith(NOTHING))
    if judged is not None:
        assert found(model)[0].split(",")[0] in data_of(model)["judged.csv"].decode()


def test_the_headline_of_a_part_that_was_judged() -> None:
    said = key_sentences(model_with(Judged(0.4, FIRST, LAST, "clouds"), confirmed=True))
    assert said[1].startswith("Only 40\u00a0% of the area could be judged")


def test_a_long_gap_never_stands_beside_nothing_unseen() -> None:
    """The figure counts what the gap counts: single images of the area."""
    start = date(2016, 1, 1)
    for begin in range(0, 400, 37):
        for days in (62, 90, 375):
            gap = Gap(start + timedelta(begin), start + timedelta(begin + days), days)
            months = tuple(
                MonthCounts(m, 3, 3, 0.4 if gap.start < m and end <= gap.end else 1.0, 1.0)
                for m, end in (
                    (
                        date(2016 + i // 12, i % 12 + 1, 1),
                        date(2016 + (i + 1) // 12, (i + 1) % 12 + 1, 1),
                    )
                    for i in range(36)
                )
            )
            model = make_model()
            o = replace(model.observability, months=months, gaps=(gap,), no_model_share=0.0)
            figure = key_figures(replace(model, observability=o)).figures[-1]
            assert f"{days} days" in figure.interval
            assert not figure.value.startswith("0")
            assert figure.value in " ".join(unseen_sentences(replace(model, observability=o)))


def test_what_is_warned_of() -> None:
    params = MonitorParams()
    start, until, end = date(2018, 1, 1), date(2020, 1, 1), date(2022, 1, 1)
    assert period.short_period(start, until, end) == []
    assert "lies ahead" in period.short_period(start, until, date(2019, 1, 1))[0]
    assert "120 days long" in period.short_period(start, start + timedelta(120), end)[0]
    looks = [(start + timedelta(20 * i), 1.0) for i in range(60)]
    assert period.too_few_acquisitions(looks, start, until, params) == []
    assert (
        "shows the ground about 5 times"
        in period.too_few_acquisitions(looks[:5], start, until, params)[0]
    )
    assert (
        "1 of 2 years"
        in period.too_few_acquisitions(looks[:17] + looks[-5:], start, until, params)[0]
    )
    assert "nothing or little" in period.too_few_acquisitions(looks[:36], start, until, params)[-1]


@pytest.fixture(scope="module")
def starved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with five images, all in the history."""
    room = tmp_path_factory.mktemp("starved")
    items = [p for p in sample_items() if "_2016" in p.stem][::4][:5]
    folder = small_case(room / "case", catalogue(room / "cat", items), (45, 35, 24))
    update(folder, Silent())
    return folder


def test_nothing_can_be_said_everywhere_it_is_said(starved: Path) -> None:
    run = CliRunner()
    again = run.invoke(app, ["update", str(starved)])
    assert again.exit_code == 0
    assert "of much or all of the area nothing can be said" in again.output.replace("\n", " ")
    assert "nothing or little can be confirmed" in again.output.replace("\n", " ")
    listed = run.invoke(app, ["sites", str(starved)])
    assert NOTHING in " ".join(listed.output.split())
    run.invoke(app, ["sites", str(starved), "-f", "geojson"])
    assert f'"note":"{NOTHING}' in (starved / "sites.geojson").read_text()
    dossier = write_dossier(starved, None, Silent())
    for path in ("index.html", "data/sites.geojson", "data/judged.csv", "stac/item.json"):
        assert NOTHING in (dossier / path).read_text(), path
        assert "No confirmed change" not in (dossier / path).read_text(), path


def test_every_table_of_sites_says_which_are_provisional() -> None:
    tables = data_of(make_model())
    for name in ("sites", "growth", "kinds", "series", "model"):
        head = tables[f"{name}.csv"].decode().splitlines()[0].split(",")
        assert "status" in head, name
    rows = tables["growth.csv"].decode().splitlines()[1:]
    assert {r.split(",")[1] for r in rows} == {s.value for s in SiteStatus}
