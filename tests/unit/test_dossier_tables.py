"""Tables, sentences, charts and the drawn map."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image
from tests.support.dossier_model import GRID, HOSTILE, SIDE, WINDOWS, make_model

from gossan.core.dates import DateInterval
from gossan.core.errors import GossanError
from gossan.dossier import charts, mapview, sentences
from gossan.dossier.figures import SiteRow, site_row, year_colours
from gossan.dossier.tables import render_data


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_site_table_is_the_csv() -> None:
    model = make_model()
    rows = _rows(render_data(model)["data/sites.csv"])
    assert [SiteRow(**r) for r in rows] == [site_row(s) for s in model.sites]


def test_series_keep_gaps_empty_and_every_date() -> None:
    model = make_model()
    rows = _rows(render_data(model)["data/series.csv"])
    series = model.sites[0].series
    assert series is not None
    mine = [r for r in rows if r["site"] == model.sites[0].site.id]
    assert [r["date"] for r in mine] == [d.isoformat() for d in series.dates]
    for row, value in zip(mine, series.observed.tolist(), strict=True):
        if np.isnan(value):
            assert row["observed"] == ""
        else:
            assert float(row["observed"]) == pytest.approx(value, rel=1e-5)


def test_tables_hold_every_scene_month_gap_and_step() -> None:
    model = make_model()
    data = render_data(model)
    assert len(_rows(data["data/scenes.csv"])) == len(model.scenes)
    assert len(_rows(data["data/observability.csv"])) == len(model.observability.months)
    assert len(_rows(data["data/gaps.csv"])) == len(model.observability.gaps)
    assert len(_rows(data["data/growth.csv"])) == sum(len(s.site.growth) for s in model.sites)
    assert data == render_data(model)


def test_a_formula_in_a_reason_is_disarmed() -> None:
    model = make_model()
    scene = replace(model.scenes[0], reason="=cmd()")
    rows = _rows(render_data(replace(model, scenes=(scene,)))["data/scenes.csv"])
    assert rows[0]["reason"] == "'=cmd()"


def test_dates_are_said_as_intervals() -> None:
    said = sentences.between(DateInterval(date(2018, 5, 3), date(2018, 5, 18))).replace("\xa0", " ")
    assert said == "between 3 May 2018 (last seen unchanged) and 18 May 2018 (first seen changed)"
    open_start = sentences.between(DateInterval(None, date(2018, 5, 18)))
    assert "no usable earlier look" in open_start


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0 %"), (0.001, "under 1 %"), (0.43, "43 %"), (0.996, "over 99 %")]
)
def test_small_shares_never_become_nothing(share: float, said: str) -> None:
    assert sentences.percent(share).replace("\xa0", " ") == said


def test_every_area_in_a_sentence_has_its_interval() -> None:
    model = make_model()
    for text in (
        sentences.key_sentences(model)[:1] + sentences.site_sentences(model.sites[0])[-2:-1]
    ):
        assert " interval " in text


def test_never_monitored_says_nothing_either_way() -> None:
    model = make_model(n_sites=0)
    blind = replace(model, observability=replace(model.observability, monitored_from=None))
    said = " ".join(sentences.unseen_sentences(blind))
    assert "neither that there was any nor that there was none" in said


def test_charts_are_the_same_twice_and_use_the_bundled_font() -> None:
    model = make_model()
    for draw in (
        lambda: charts.series_chart(model.sites[0]),
        lambda: charts.growth_chart(model.sites[0], model.as_of),
        lambda: charts.observability_chart(model.observability.months),
    ):
        svg = draw()
        assert svg == draw()
        assert "DejaVu Sans" in svg
        assert "NaN" not in svg


def test_the_model_line_breaks_where_there_is_no_model() -> None:
    section = make_model().sites[0]
    series = section.series
    assert series is not None
    broken = series.predicted.copy()
    broken[60:70] = np.nan
    whole = charts.series_chart(section)
    cut = charts.series_chart(replace(section, series=replace(series, predicted=broken)))
    line = 'stroke-width="1.5"'
    pieces = [next(p for p in s.split("<path") if line in p).count("M") for s in (whole, cut)]
    assert pieces[1] == pieces[0] + 1


def test_a_series_without_any_look_can_be_drawn() -> None:
    section = make_model().sites[0]
    series = section.series
    assert series is not None
    nothing = np.full(len(series.dates), np.nan, np.float32)
    empty = replace(series, observed=nothing, predicted=nothing, predicted_sd=nothing)
    assert "<svg" in charts.series_chart(replace(section, series=empty))


def test_pixels_of_the_map_agree_with_the_grid() -> None:
    image = make_model().images[0]
    for row, col in ((0, 0), (SIDE, SIDE), (40, 25), (72, 75)):
        x, y = mapview.to_pixels(image, (SIDE, SIDE), GRID.transform * (col, row))
        assert (x, y) == pytest.approx((col, row), abs=0.05)


def test_outlines_are_drawn_on_the_picture() -> None:
    model = make_model()
    with Image.open(io.BytesIO(mapview.map_picture(model))) as opened:
        picture = np.asarray(opened)
    scale = picture.shape[0] / SIDE
    colours = year_colours(model)
    for section, (top, _, left, right) in zip(model.sites, WINDOWS, strict=True):
        y, x = round(top * scale), round((left + right) / 2 * scale)
        wanted = tuple(bytes.fromhex(colours[section.site.began.first_changed.year][1:]))
        near = picture[y - 6 : y + 7, x].tolist()
        assert list(wanted) in near


def test_without_images_a_clear_error() -> None:
    with pytest.raises(GossanError, match="at least one image"):
        mapview.latest_clear(replace(make_model(HOSTILE), images=()))


def test_an_uncertain_model_does_not_flatten_the_observations() -> None:
    section = make_model().sites[0]
    series = section.series
    assert series is not None
    wild = replace(series, predicted_sd=np.full(len(series.model_dates), 50, np.float32))
    _, bottom, top = charts._series_rows(wild)
    seen = series.observed[np.isfinite(series.observed)]
    assert top - bottom < 4 * (seen.max() - seen.min())
