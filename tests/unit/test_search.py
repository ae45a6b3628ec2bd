"""Searching: real local servers and catalogues on disk, paging, retries, duplicates."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box
from tests.support.rasters import item_of
from tests.support.servers import stac_api

from gossan.core.errors import Code, GossanError
from gossan.core.values import Outcome
from gossan.io.case_db import CaseDb
from gossan.io.catalogue.harmonise import read_item
from gossan.io.catalogue.optical_items import SENTINEL_2, tile_of
from gossan.io.catalogue.search import plan
from gossan.io.catalogue.sources import ApiSource, LocalSource, open_source
from gossan.io.network.stac_io import NetSettings

AREA = box(22.10, 45.20, 22.12, 45.22)
WIDE = (22.0, 45.0, 23.0, 46.0)
PERIOD = (date(2019, 1, 1), date(2019, 12, 31))
FAST = NetSettings(read_s=5, retries=2, backoff_s=0.0)


def entry(
    name: str,
    when: str = "2019-06-01T09:30:29Z",
    bounds: tuple[float, float, float, float] = WIDE,
    base: str = "{URL}",
    **properties: Any,
) -> dict[str, Any]:
    hrefs = {k: f"{base}/{name}_{k}.tif" for k in ("B02", "B04", "SCL")}
    return item_of(
        name,
        when,
        hrefs,
        bounds,
        properties={k.replace("__", ":"): v for k, v in properties.items()},
    )


def test_every_page_is_read() -> None:
    items = [entry(f"S2A_34TFR_{i}", f"2019-06-{i + 1:02d}T09:30:00Z") for i in range(7)]
    with stac_api(items, page=3) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert [a.scenes[0].id for a in found.acquisitions] == [i["id"] for i in items]
    assert len(server.bodies) == 3
    assert server.bodies[0]["collections"] == ["sentinel-2-l2a"]
    assert server.bodies[0]["datetime"] == "2019-01-01T00:00:00Z/2019-12-31T23:59:59Z"
    assert found.bands == ("B02", "B04")


def test_a_busy_server_is_asked_again() -> None:
    with stac_api([entry("S2A_34TFR_1")], failures=[503, 429]) as server:
        found = plan(
            open_source(server.url + "#my-collection", FAST), AREA, *PERIOD, 80, SENTINEL_2
        )
    assert len(found.acquisitions) == 1
    assert server.requests.count("POST /search") == 3
    assert server.bodies[0]["collections"] == ["my-collection"]


def test_a_page_that_never_comes_fails_the_search() -> None:
    items = [entry(f"S2A_34TFR_{i}", f"2019-06-{i + 1:02d}T09:30:00Z") for i in range(5)]
    with (
        stac_api(items, page=2, broken_page=1) as server,
        pytest.raises(GossanError, match="could not be searched") as caught,
    ):
        plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert caught.value.code is Code.SOURCE
    assert server.requests.count("POST /search") == 2 + FAST.retries


def test_not_an_api() -> None:
    with (
        stac_api([], searchable=False) as server,
        pytest.raises(GossanError, match="not a STAC API"),
    ):
        plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)


def test_nobody_answers() -> None:
    with stac_api([]) as server:
        url = server.url
    with pytest.raises(GossanError, match="could not be searched") as caught:
        plan(open_source(url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert caught.value.code is Code.SOURCE
    assert caught.value.hint


def test_a_server_that_never_answers_is_given_up() -> None:
    impatient = NetSettings(read_s=0.2, retries=1, backoff_s=0.0)
    with (
        stac_api([entry("S2A_34TFR_1")], stalled=True) as server,
        pytest.raises(GossanError, match="could not be searched"),
    ):
        plan(open_source(server.url, impatient), AREA, *PERIOD, 80, SENTINEL_2)
    assert server.requests.count("POST /search") == 2


def test_nothing_found() -> None:
    with stac_api([]) as server, pytest.raises(GossanError, match="no scene over the area"):
        plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)


def test_a_broken_item_is_counted_and_the_rest_read() -> None:
    broken = {"type": "Feature", "id": "broken", "stac_version": "1.0.0"}
    with stac_api([entry("S2A_34TFR_1"), broken]) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert len(found.acquisitions) == 1
    assert [(r.id, r.outcome) for r in found.aside] == [("broken", Outcome.FAILED)]


def test_cloudy_and_outside_are_set_aside_with_reasons() -> None:
    items = [
        entry("S2A_34TFR_clear"),
        entry("S2A_34TFR_cloudy", "2019-06-05T09:30:00Z", eo__cloud_cover=93.2),
        entry("S2A_34TFR_away", "2019-06-09T09:30:00Z", bounds=(10, 10, 11, 11)),
    ]
    with stac_api(items) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert [s.id for s in found.scenes] == ["S2A_34TFR_clear"]
    assert {r.id: r.outcome for r in found.aside} == {
        "S2A_34TFR_cloudy": Outcome.CLOUDY,
        "S2A_34TFR_away": Outcome.OUTSIDE,
    }
    assert "93 %" in next(r.reason for r in found.aside if r.outcome is Outcome.CLOUDY)


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_baseline_of_a_day_and_tile_wins(order: int) -> None:
    items = [
        entry("S2A_34TFR_old", s2__processing_baseline="02.12", s2__generation_time="2025"),
        entry("S2A_34TFR_new", s2__processing_baseline="05.00", s2__generation_time="2023"),
    ][::order]
    with stac_api(items) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert [s.id for s in found.scenes] == ["S2A_34TFR_new"]
    assert [(r.id, r.outcome) for r in found.aside] == [("S2A_34TFR_old", Outcome.DUPLICATE)]


def test_other_tiles_and_halves_of_a_tile_are_kept_together() -> None:
    items = [
        entry("S2A_34TFR_1", bounds=(22.0, 45.0, 22.105, 46.0)),
        entry("S2A_34TFR_2", bounds=(22.105, 45.0, 23.0, 46.0)),
        entry("S2A_34TER_1"),
    ]
    with stac_api(items) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    (day,) = found.acquisitions
    assert [s.id for s in day.scenes] == ["S2A_34TER_1", "S2A_34TFR_2", "S2A_34TFR_1"]
    assert not found.aside


def test_a_newer_scene_that_shows_less_sets_no_older_one_aside() -> None:
    west, _, east, _ = AREA.bounds
    most = west + 0.8 * (east - west)
    items = [
        entry("S2A_34TFR_old", s2__processing_baseline="02.12"),
        entry("S2A_34TFR_new", s2__processing_baseline="05.00", bounds=(22.0, 45.0, most, 46.0)),
    ]
    with stac_api(items) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    (day,) = found.acquisitions
    assert {s.id for s in day.scenes} == {"S2A_34TFR_old", "S2A_34TFR_new"}
    assert not found.aside


def test_an_item_may_not_point_into_the_machine() -> None:
    items = [entry("S2A_34TFR_1"), entry("S2A_34TFR_2", "2019-06-03T09:30:00Z", base="/etc")]
    with stac_api(items) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert [s.id for s in found.scenes] == ["S2A_34TFR_1"]
    assert [r.outcome for r in found.aside] == [Outcome.FAILED]
    public = ApiSource("x", "https://example.org", "c")
    assert public.allows("https://example.com/a.tif")
    assert not public.allows("http://127.0.0.1/a.tif")
    assert not public.allows("http://169.254.169.254/latest")
    assert not public.allows("file:///etc/passwd")


def local(folder: Path, items: list[dict[str, Any]]) -> str:
    (folder / "items").mkdir(parents=True)
    for value in items:
        (folder / "items" / f"{value['id']}.json").write_text(json.dumps(value))
    links = [{"rel": "item", "href": f"./items/{v['id']}.json"} for v in items]
    catalogue = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "d"}
    child = {**catalogue, "id": "sub", "links": [*links, {"rel": "child", "href": "catalog.json"}]}
    (folder / "sub.json").write_text(json.dumps(child))
    root = {**catalogue, "links": [{"rel": "child", "href": "./sub.json"}]}
    (folder / "catalog.json").write_text(json.dumps(root))
    return f"local:{folder}"


def test_a_static_catalogue_is_walked_and_filtered(tmp_path: Path) -> None:
    items = [
        entry("S2A_34TFR_in", "2019-12-31T23:59:59Z", base="../pixels"),
        entry("S2A_34TFR_late", "2020-01-01T00:00:00Z", base="../pixels"),
        entry("S2A_34TFR_away", bounds=(10, 10, 11, 11), base="../pixels"),
    ]
    source = open_source(local(tmp_path / "c", items))
    found = plan(source, AREA, *PERIOD, 80, SENTINEL_2)
    assert [s.id for s in found.scenes] == ["S2A_34TFR_in"]
    href = found.scenes[0].bands["B02"].href
    assert Path(href) == tmp_path / "c" / "pixels" / "S2A_34TFR_in_B02.tif"
    assert isinstance(source, LocalSource)


def test_sources_that_are_not() -> None:
    with pytest.raises(GossanError, match=r"catalog\.json"):
        open_source("local:/no/such/folder")
    with pytest.raises(GossanError, match="not one gossan knows"):
        open_source("earthsearch")
    assert isinstance(open_source("earth-search"), ApiSource)
    computer = open_source("planetary-computer")
    assert isinstance(computer, ApiSource)
    assert computer.signed


@pytest.mark.parametrize(
    ("name", "properties", "tile"),
    [
        ("x", {"grid:code": "MGRS-07HFE"}, "07HFE"),
        ("x", {"s2:mgrs_tile": "7HFE"}, "07HFE"),
        (
            "x",
            {"sentinel:utm_zone": 7, "sentinel:latitude_band": "H", "sentinel:grid_square": "FE"},
            "07HFE",
        ),
        ("S2B_T20EPT_20250731T131905_L2A", {}, "20EPT"),
        ("S2A_28QCH_20200714_0_L2A", {}, "28QCH"),
        ("nothing", {}, ""),
    ],
)
def test_tile(name: str, properties: dict[str, Any], tile: str) -> None:
    value = entry("x", **properties) | {"id": name}
    assert tile_of(read_item(value)) == tile


def test_a_catalogue_with_half_a_character_is_refused(tmp_path: Path) -> None:
    links = '[{"rel": "item", "href": "./\\ud800.json"}]'
    (tmp_path / "catalog.json").write_text(f'{{"type": "Catalog", "links": {links}}}')
    with pytest.raises(GossanError, match="cannot be read as JSON"):
        plan(open_source(f"local:{tmp_path}"), AREA, *PERIOD, 80, SENTINEL_2)


def test_items_of_one_id_are_told_apart(tmp_path: Path) -> None:
    """The first is read; the same again is nothing new; all else is listed under its own id."""
    first = entry("S2A_34TFR_1")
    other = entry("S2A_34TFR_1", "2019-07-01T09:30:29Z")
    broken = {**entry("S2A_34TFR_1"), "geometry": 7}
    nameless = {**entry("S2A_34TFR_1"), "id": ""}
    with stac_api([broken, first, other, first, nameless, broken, nameless]) as server:
        found = plan(open_source(server.url, FAST), AREA, *PERIOD, 80, SENTINEL_2)
    assert [s.time.month for s in found.scenes] == [6]
    aside = {r.id: r.reason for r in found.aside}
    assert len(aside) == len(found.aside) == 5
    assert [i for i, why in aside.items() if "another item of this id" in why] == [
        "S2A_34TFR_1 (3)"
    ]
    assert {"S2A_34TFR_1 (2)", "S2A_34TFR_1 (4)"} <= set(aside)
    with CaseDb(tmp_path / "case.db") as db:
        db.put_scenes([*found.aside])
        assert [r.id for r in db.scenes()] == sorted(aside)
