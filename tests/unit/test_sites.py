"""Sites drawn by hand on a small grid, every figure reckoned by counting squares."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from odc.geo.geobox import GeoBox
from scipy import ndimage

from gossan.core.dates import NO_DAY, DateInterval, from_day
from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.params import SiteParams
from gossan.core.values import Disturbances, Site, SiteStatus, Status
from gossan.sites.build import find_sites, find_with_lineage
from gossan.sites.listing import listed
from gossan.sites.table import rows

SHAPE = (30, 40)
GRID = GeoBox.from_bbox((5_300_000, 2_700_000, 5_300_400, 2_700_300), "EPSG:3035", resolution=10)
PIXEL_HA = 0.01  # EPSG:3035 is equal-area
INSIDE = np.ones(SHAPE, dtype=bool)
SMALL = SiteParams(min_area_ha=0, min_pixels=2, speck_pixels=1, join_distance=1)
DAY = 17_000


def unchanged() -> Disturbances:
    none = np.full(SHAPE, NO_DAY, dtype=np.int32)
    return Disturbances(
        grid=GRID,
        status=np.full(SHAPE, Status.STABLE, dtype=np.uint8),
        last_unchanged=none.copy(),
        first_changed=none.copy(),
        confirmed_on=none.copy(),
        recovered_on=none.copy(),
        magnitude=np.zeros(SHAPE, dtype=np.float32),
        n_history=np.full(SHAPE, 30, dtype=np.int16),
        last_seen=np.full(SHAPE, DAY + 900, dtype=np.int32),
        changes=np.zeros(SHAPE, np.uint8),
        changed_again=np.full(SHAPE, NO_DAY, np.int32),
        unchanged_until=np.full(SHAPE, NO_DAY, np.int32),
    )


def cut(
    dist: Disturbances,
    rows_: slice,
    cols: slice,
    day: int,
    status: Status = Status.CONFIRMED,
    before: int = 10,
    magnitude: float = 5.0,
) -> None:
    dist.status[rows_, cols] = status
    dist.first_changed[rows_, cols] = day
    dist.last_unchanged[rows_, cols] = day - before
    dist.magnitude[rows_, cols] = magnitude


def only(dist: Disturbances, params: SiteParams = SMALL, inside=INSIDE) -> Site:
    (site,) = find_sites(dist, inside, params, [])
    return site


def test_nothing_changed_gives_no_site() -> None:
    assert find_sites(unchanged(), INSIDE, SMALL, []) == []


def test_area_of_a_square_and_its_half_pixel_edge() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    area = only(dist).area
    assert area.value == pytest.approx(25 * PIXEL_HA, rel=1e-6)
    # 9 pixels inside + half of 16 on the edge; 25 + half of the ring of 4 x 5
    assert area.low == pytest.approx((9 + 8) * PIXEL_HA, rel=1e-6)
    assert area.high == pytest.approx((25 + 10) * PIXEL_HA, rel=1e-6)
    assert (area.unit, area.level, area.method) == ("ha", 0.95, "area.pixel-edge.v1")


def test_provisional_pixels_count_in_the_estimate_but_not_in_the_lower_bound() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    cut(dist, slice(5, 10), slice(10, 12), DAY, Status.PROVISIONAL)
    site = only(dist)
    assert site.status is SiteStatus.CONFIRMED
    assert site.area.value == pytest.approx(35 * PIXEL_HA, rel=1e-6)
    assert site.area.low == pytest.approx(17 * PIXEL_HA, rel=1e-6)


def test_a_provisional_site_may_be_nothing() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY, Status.PROVISIONAL)
    site = only(dist)
    assert site.status is SiteStatus.PROVISIONAL
    assert site.area.low == 0
    assert site.area.value == pytest.approx(25 * PIXEL_HA, rel=1e-6)


def test_upper_bound_does_not_reach_outside_the_area() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    inside = INSIDE.copy()
    inside[:, 10:] = False  # the square's right edge lies on the border
    assert only(dist, inside=inside).area.high == pytest.approx((25 + 7.5) * PIXEL_HA, rel=1e-6)


def test_pixels_outside_the_area_are_no_part_of_a_site() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    inside = INSIDE.copy()
    inside[:, 8:] = False
    assert len(only(dist, inside=inside).pixels[0]) == 15


def test_touching_cuts_of_different_years_are_one_site_that_grows() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    cut(dist, slice(5, 10), slice(10, 12), DAY + 400)
    site = only(dist)
    assert [step.day for step in site.growth] == [from_day(DAY), from_day(DAY + 400)]
    areas = [[s.low_ha, s.area_ha, s.high_ha] for s in site.growth]
    assert np.allclose(areas, np.array([[17, 25, 35], [25, 35, 47]]) * PIXEL_HA, rtol=1e-6)
    assert site.area.value == site.growth[-1].area_ha
    assert site.began == DateInterval(from_day(DAY - 10), from_day(DAY))
    assert site.ended == DateInterval(from_day(DAY + 390), from_day(DAY + 400))


def test_one_odd_pixel_does_not_date_a_site() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    dist.first_changed[5, 5] = DAY - 700
    dist.first_changed[5, 6] = DAY + 700
    dist.last_unchanged[7, 7] = DAY - 500
    site = only(dist)
    assert site.began == DateInterval(from_day(DAY - 10), from_day(DAY))
    assert site.ended == site.began
    assert site.growth[0].day == from_day(DAY - 700)  # the growth hides nothing


def test_dates_come_from_confirmed_pixels_where_there_are_any() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    cut(dist, slice(5, 10), slice(10, 15), DAY + 300, Status.PROVISIONAL)
    assert only(dist).ended.first_changed == from_day(DAY)


def test_a_cut_never_seen_before_has_no_last_unchanged_date() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    dist.last_unchanged[5:10, 5:10] = NO_DAY
    site = only(dist)
    assert site.began.last_unchanged is None
    assert rows([site])[0]["last_unchanged"] is None


@pytest.mark.parametrize(("gap", "distance", "sites"), [(1, 1, 2), (1, 2, 1), (2, 2, 2), (2, 3, 1)])
def test_gaps_are_bridged_up_to_the_join_distance(gap: int, distance: int, sites: int) -> None:
    dist = unchanged()
    cut(dist, slice(5, 9), slice(5, 9), DAY)
    cut(dist, slice(5, 9), slice(9 + gap, 13 + gap), DAY)
    found = find_sites(dist, INSIDE, replace(SMALL, join_distance=distance), [])
    assert len(found) == sites
    assert sum(len(s.pixels[0]) for s in found) == 32  # the gap itself is not counted


def test_bridges_reach_the_border_of_the_grid() -> None:
    dist = unchanged()
    cut(dist, slice(0, 3), slice(0, 1), DAY)
    cut(dist, slice(0, 3), slice(2, 4), DAY)
    cut(dist, slice(27, 30), slice(36, 37), DAY)
    cut(dist, slice(27, 30), slice(38, 40), DAY)
    assert len(find_sites(dist, INSIDE, replace(SMALL, join_distance=2), [])) == 2


def test_pixels_touching_at_a_corner_are_one_valid_multipolygon() -> None:
    dist = unchanged()
    cut(dist, slice(5, 7), slice(5, 7), DAY)
    cut(dist, slice(7, 9), slice(7, 9), DAY)
    site = only(dist)
    assert site.geometry_grid.geom_type == "MultiPolygon"
    assert site.geometry_grid.is_valid
    assert site.geometry.is_valid


def test_specks_are_dropped_and_cannot_link_two_sites() -> None:
    dist = unchanged()
    cut(dist, slice(5, 9), slice(5, 9), DAY)
    cut(dist, slice(6, 7), slice(10, 11), DAY)  # one false alarm between
    cut(dist, slice(5, 9), slice(12, 16), DAY)
    found = find_sites(dist, INSIDE, SiteParams(min_area_ha=0.1), [])
    assert [len(s.pixels[0]) for s in found] == [16, 16]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        (SiteParams(min_area_ha=0.08, min_pixels=2), 1),
        (SiteParams(min_area_ha=0.09, min_pixels=2), 1),
        (SiteParams(min_area_ha=0.10, min_pixels=2), 0),
        (SiteParams(min_area_ha=0.01, min_pixels=10), 0),
        (SiteParams(min_area_ha=0.01, min_pixels=9), 1),
    ],
)
def test_smallest_site(params: SiteParams, found: int) -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    assert len(find_sites(dist, INSIDE, params, [])) == found


def test_outline_follows_the_pixels_with_a_hole() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    dist.status[7, 7] = Status.STABLE
    site = only(dist)
    top = 2_700_300
    expected = shapely.box(5_300_050, top - 100, 5_300_100, top - 50) - shapely.box(
        5_300_070, top - 80, 5_300_080, top - 70
    )
    assert site.geometry_grid.equals(expected)
    assert shapely.get_num_interior_rings(site.geometry) == 1
    lon, lat = site.geometry.centroid.coords[0]
    assert (lon, lat) == pytest.approx((22.8507, 46.6499), abs=2e-3)


def test_recovered_share_and_median_magnitude() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    cut(dist, slice(5, 6), slice(5, 10), DAY, Status.RECOVERED, magnitude=50.0)
    site = only(dist)
    assert site.recovered_share == pytest.approx(0.2)
    assert site.again_share == 0
    assert site.magnitude == 5.0


def test_a_second_change_at_the_same_place_is_told() -> None:
    dist = unchanged()
    cut(dist, slice(2, 7), slice(2, 6), DAY)
    dist.changed_again[2:7, 2] = DAY + 400
    (site,) = find_sites(dist, INSIDE, SMALL, [])
    assert site.again_share == pytest.approx(0.25)
    assert site.began.first_changed == from_day(DAY)


def test_degrees_measure_the_ground_not_the_degrees() -> None:
    grid = GeoBox.from_bbox((82.5, 22.3, 82.504, 22.303), "EPSG:4326", resolution=0.0001)
    dist = replace(unchanged(), grid=grid)
    cut(dist, slice(5, 10), slice(5, 10), DAY)
    # 11.07 m of latitude by 10.30 m of longitude at 22.3 degrees north
    assert only(dist).area.value == pytest.approx(25 * 11.073 * 10.304 / 1e4, rel=2e-3)


def test_largest_site_comes_first_and_tables_are_flat() -> None:
    dist = unchanged()
    cut(dist, slice(2, 5), slice(2, 5), DAY)
    cut(dist, slice(10, 20), slice(10, 20), DAY)
    cut(dist, slice(10, 20), slice(20, 22), DAY + 30)
    sites = find_sites(dist, INSIDE, SMALL, [])
    table = rows(sites)
    assert [r["n_pixels"] for r in table] == [120, 9]
    assert table[0]["first_changed"] == date(2016, 7, 18).isoformat()
    assert table[0]["area_ha"] == 1.2
    assert [(g.day.isoformat(), round(g.area_ha, 4)) for s in sites for g in s.growth] == [
        ("2016-07-18", 1.0),
        ("2016-08-17", 1.2),
        ("2016-07-18", 0.09),
    ]
    inside = shapely.Point(table[0]["lon"], table[0]["lat"])
    assert sites[0].geometry.contains(inside)


def test_merge_keeps_the_older_id_and_says_so() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)  # older, smaller
    cut(dist, slice(5, 15), slice(10, 20), DAY + 100)
    before = find_sites(dist, INSIDE, SMALL, [])
    young, old = (s.id for s in before)
    cut(dist, slice(5, 8), slice(8, 10), DAY + 200)
    after = find_with_lineage(dist, INSIDE, SMALL, before)
    assert [s.id for s in after.sites] == [old]
    assert {h.id: h.into for h in after.heirs} == {old: old, young: old}


def test_split_leaves_the_id_with_the_larger_part() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    cut(dist, slice(5, 8), slice(8, 10), DAY, Status.PROVISIONAL)
    cut(dist, slice(5, 15), slice(10, 20), DAY + 100)
    (whole,) = find_sites(dist, INSIDE, SMALL, [])
    dist.status[5:8, 8:10] = Status.STABLE
    large, small = find_sites(dist, INSIDE, SMALL, [whole])
    assert large.id == whole.id
    assert small.id != whole.id
    assert len(large.pixels[0]) == 100


def test_a_vanished_site_is_reported_gone() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    before = find_sites(dist, INSIDE, SMALL, [])
    after = find_with_lineage(unchanged(), INSIDE, SMALL, before)
    assert after.sites == ()
    assert [(h.id, h.into) for h in after.heirs] == [(before[0].id, None)]


def test_id_of_another_place_or_date_is_another() -> None:
    ids = set()
    for row, day in [(5, DAY), (6, DAY), (5, DAY + 5)]:
        dist = unchanged()
        cut(dist, slice(row, row + 3), slice(5, 8), day)
        ids.add(only(dist).id)
    assert len(ids) == 3
    assert all(len(i) == 8 and i.startswith("S-") for i in ids)


def test_a_new_site_never_takes_a_known_id() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    site = only(dist)
    elsewhere = replace(site, pixels=(site.pixels[0] + 15, site.pixels[1] + 15))
    (again,) = find_sites(dist, INSIDE, SMALL, [elsewhere])
    assert again.id != site.id


def test_inputs_that_do_not_fit_together_are_refused() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    site = only(dist)
    with pytest.raises(GossanError, match="same shape") as caught:
        find_sites(dist, INSIDE[:-1], SMALL, [])
    assert caught.value.code is Code.STATE
    far = replace(site, pixels=(site.pixels[0] + 100, site.pixels[1]))
    with pytest.raises(GossanError, match=site.id):
        find_sites(dist, INSIDE, SMALL, [far])
    dist.first_changed[5, 5] = NO_DAY
    with pytest.raises(GossanError, match="1 changed pixels have no date"):
        find_sites(dist, INSIDE, SMALL, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_area_ha", -1.0),
        ("min_pixels", 0),
        ("speck_pixels", 0),
        ("join_distance", 0),
        ("odd_share", 0.5),
    ],
)
def test_senseless_parameters_are_named(name: str, value: float) -> None:
    with pytest.raises(GossanError, match=name):
        replace(SMALL, **{name: value})


def test_a_step_inside_the_history_stays_apart_and_provisional() -> None:
    dist = unchanged()
    cut(dist, slice(5, 10), slice(5, 10), DAY, Status.EARLY)
    cut(dist, slice(5, 10), slice(10, 15), DAY + 300, Status.CONFIRMED)
    sites = find_sites(dist, INSIDE, SMALL, [])
    assert {(s.status, s.began.first_changed) for s in sites} == {
        (SiteStatus.PROVISIONAL, from_day(DAY)),
        (SiteStatus.CONFIRMED, from_day(DAY + 300)),
    }
    assert {len(s.pixels[0]) for s in sites} == {25}


def test_a_step_inside_the_history_bridges_nothing() -> None:
    dist = unchanged()
    cut(dist, slice(5, 8), slice(5, 8), DAY)
    cut(dist, slice(5, 8), slice(8, 11), DAY, Status.EARLY)
    cut(dist, slice(5, 8), slice(11, 14), DAY)
    assert len(find_sites(dist, INSIDE, SMALL, [])) == 3


@pytest.mark.parametrize("seed", range(4))
def test_the_rule_alone_lists_the_same_pixels(seed: int) -> None:
    """What trials use to say "this would be a site" is what makes the sites."""
    rng = np.random.default_rng(seed)
    dist = unchanged()
    patches = ndimage.uniform_filter(rng.random(SHAPE), 3)
    dist.status[patches > 0.6] = Status.CONFIRMED
    dist.status[patches < 0.4] = rng.choice((Status.EARLY, Status.PROVISIONAL))
    dist.first_changed[dist.status > Status.STABLE] = 17500
    changed = INSIDE & (dist.status >= Status.PROVISIONAL)
    params = SiteParams(min_area_ha=0.08)
    labels = listed(changed, dist.status == Status.EARLY, pixel_areas_m2(dist.grid), params)
    sites = find_sites(dist, INSIDE, params, [])
    shown = np.zeros(SHAPE, bool)
    for site in sites:
        shown[site.pixels] = True
        assert len(np.unique(labels[site.pixels])) == 1
    assert np.array_equal(labels > 0, shown)
    assert len(sites) == len(np.unique(labels)) - 1 > 2
