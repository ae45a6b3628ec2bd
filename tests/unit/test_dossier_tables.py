"""Tables, sentences, charts and the drawn map."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import Point
from tests.support.dossier_model import GRID, HOSTILE, SIDE, WINDOWS, data_of, make_model

from gossan.core.dates import DateInterval
from gossan.core.errors import GossanError
from gossan.core.site_row import site_row
from gossan.dossier import chapter_charts, mapview, sentences
from gossan.dossier.book import book_of
from gossan.dossier.chapter import AreaMap
from gossan.dossier.chapter_charts import draw
from gossan.dossier.figures import site_cells, year_colours
from gossan.dossier.model import DossierModel
from gossan.dossier.plots import SeriesPlot, SiteSeries
from gossan.dossier.site_chapter import map_chapter, site_chapters


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_site_table_and_csv_say_the_same_and_where_each_site_lies() -> None:
    model = make_model()
    rows = _rows(data_of(model)["sites.csv"])
    for row, section in zip(rows, model.sites, strict=True):
        cells = site_cells(section)
        same = ("number", "id", "status", "area")
        assert tuple(row[k] for k in same) == cells[:4]
        assert cells[4] == f"{row['low']} to {row['high']}"
        assert (row["lon"], row["lat"]) == cells[-2:]
        assert all(re.fullmatch(r"-?\d+\.\d{5}", c) for c in cells[-2:])
        assert section.site.geometry.contains(Point(float(row["lon"]), float(row["lat"])))
        flat = site_row(section.site)
        assert (row["lon"], row["lat"]) == (f"{flat['lon']:.5f}", f"{flat['lat']:.5f}")
    assert [row["recovered"] for row in rows] == ["0", "0.31", "0"]
    assert [row["last_unchanged"] for row in rows] == ["2018-05-03", "2019-06-17", ""]


def test_series_keep_gaps_empty_and_every_date() -> None:
    model = make_model()
    rows = _rows(data_of(model)["series.csv"])
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
    data = data_of(model)
    assert len(_rows(data["scenes.csv"])) == len(model.scenes)
    assert len(_rows(data["observability.csv"])) == len(model.observability.months)
    assert len(_rows(data["gaps.csv"])) == len(model.observability.gaps)
    assert len(_rows(data["growth.csv"])) == sum(len(s.site.growth) for s in model.sites)
    assert data == data_of(model)


def test_a_formula_in_a_reason_is_disarmed() -> None:
    model = make_model()
    scene = replace(model.scenes[0], reason="=cmd()")
    rows = _rows(data_of(replace(model, scenes=(scene,)))["scenes.csv"])
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
    drawn = draw(book_of(model).all)
    assert drawn == draw(book_of(model).all)
    assert {"site-1/plot-1", "site-1/plot-2", "unseen/plot-1", "power/plot-4"} <= set(drawn)
    for svg in drawn.values():
        assert "DejaVu Sans" in svg
        assert "NaN" not in svg
    ids = re.findall(r'id="([^"]+)"', "".join(drawn.values()))
    assert len(ids) == len(set(ids))


def series_svg(model: DossierModel, **changes: Any) -> str:
    """The chart of the first site's observations, with fields of its series changed."""
    first, *_ = site_chapters(model)
    plot = next(b for b in first.blocks if isinstance(b, SeriesPlot))
    plot = replace(plot, series=replace(plot.series, **changes))
    return draw([replace(first, blocks=(plot,))])["site-1/plot-1"]


def series_of(model: DossierModel) -> SiteSeries:
    series = model.sites[0].series
    assert series is not None
    return series


def test_the_model_line_breaks_where_there_is_no_model() -> None:
    model = make_model()
    broken = series_of(model).predicted.copy()
    broken[60:70] = np.nan
    whole, cut = series_svg(model), series_svg(model, predicted=broken)
    line = 'stroke-width="1.5"'
    pieces = [next(p for p in s.split("<path") if line in p).count("M") for s in (whole, cut)]
    assert pieces[1] == pieces[0] + 1


def test_a_series_without_any_look_can_be_drawn() -> None:
    model = make_model()
    nothing = np.full(len(series_of(model).dates), np.nan, np.float32)
    assert "<svg" in series_svg(model, observed=nothing, predicted=nothing, predicted_sd=nothing)


def test_pixels_of_the_map_agree_with_the_grid() -> None:
    image = make_model().images[0]
    for row, col in ((0, 0), (SIDE, SIDE), (40, 25), (72, 75)):
        x, y = mapview.to_pixels(image, (SIDE, SIDE), GRID.transform * (col, row))
        assert (x, y) == pytest.approx((col, row), abs=0.05)


def map_of(model: DossierModel) -> AreaMap:
    area, _ = map_chapter(model).blocks
    assert isinstance(area, AreaMap)
    return area


def test_outlines_are_drawn_on_the_picture() -> None:
    model = make_model()
    with Image.open(io.BytesIO(mapview.map_picture(map_of(model)))) as opened:
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
        mapview.latest_clear(map_of(replace(make_model(HOSTILE), images=())))


def test_an_uncertain_model_does_not_flatten_the_observations() -> None:
    section = make_model().sites[0]
    series = section.series
    assert series is not None
    wild = replace(series, predicted_sd=np.full(len(series.model_dates), 50, np.float32))
    _, bottom, top = chapter_charts._series_rows(wild)
    seen = series.observed[np.isfinite(series.observed)]
    assert top - bottom < 4 * (seen.max() - seen.min())
