"""What must hold for any picture of change: ids survive, sites tile the changed ground."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from scipy import ndimage

from gossan.core.dates import NO_DAY
from gossan.core.params import SiteParams
from gossan.core.values import Disturbances, Status
from gossan.sites.build import find_sites, find_with_lineage

SHAPE = (14, 16)
GRID = GeoBox.from_bbox((500_000, 4_400_000, 500_160, 4_400_140), "EPSG:32638", resolution=10)
INSIDE = np.ones(SHAPE, dtype=bool)
ALL = SiteParams(min_area_ha=0, min_pixels=1, speck_pixels=1, join_distance=1)

pixels = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))
change = st.tuples(
    pixels,
    st.integers(17_000, 17_020),
    st.sampled_from([Status.PROVISIONAL, Status.CONFIRMED, Status.RECOVERED]),
)
changes = st.lists(change, min_size=1, max_size=60, unique_by=lambda c: c[0])


def disturbed(what) -> Disturbances:
    none = np.full(SHAPE, NO_DAY, dtype=np.int32)
    dist = Disturbances(
        grid=GRID,
        status=np.full(SHAPE, Status.STABLE, dtype=np.uint8),
        last_unchanged=none.copy(),
        first_changed=none.copy(),
        confirmed_on=none,
        recovered_on=none,
        magnitude=np.ones(SHAPE, dtype=np.float32),
        n_history=np.full(SHAPE, 30, dtype=np.int16),
        last_seen=none,
        changes=np.zeros(none.shape, np.uint8),
        changed_again=none,
        unchanged_until=none,
    )
    for at, day, status in what:
        dist.status[at] = status
        dist.first_changed[at] = day
        dist.last_unchanged[at] = day - 5
    return dist


def facts(sites):
    return [
        (s.id, s.status, s.area, s.began, s.ended, s.growth, s.geometry.wkb, s.pixels[0].tolist())
        for s in sites
    ]


def cells(site) -> set[tuple[int, int]]:
    return set(zip(site.pixels[0].tolist(), site.pixels[1].tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(changes)
def test_sites_tile_the_changed_ground_and_agree_with_plain_labelling(what) -> None:
    dist = disturbed(what)
    sites = find_sites(dist, INSIDE, ALL, [])
    _, count = ndimage.label(dist.status >= Status.PROVISIONAL, structure=np.ones((3, 3)))
    assert len(sites) == count
    assert sorted(c for s in sites for c in cells(s)) == sorted(at for at, _, _ in what)
    assert len({s.id for s in sites}) == len(sites)
    assert facts(find_sites(disturbed(what), INSIDE, ALL, [])) == facts(sites)


@settings(max_examples=60, deadline=None)
@given(changes)
def test_growth_never_shrinks_and_ends_at_the_area(what) -> None:
    for site in find_sites(disturbed(what), INSIDE, ALL, []):
        figures = np.array([[g.low_ha, g.area_ha, g.high_ha] for g in site.growth])
        assert (np.diff(figures, axis=0) >= -1e-12).all()
        assert (np.diff(figures, axis=1) >= -1e-12).all()
        assert [g.day for g in site.growth] == sorted({g.day for g in site.growth})
        assert figures[-1].tolist() == [site.area.low, site.area.value, site.area.high]
        assert site.began.first_changed <= site.ended.first_changed
        assert site.geometry_grid.is_valid
        assert site.geometry_grid.area == len(site.pixels[0]) * 100


@settings(max_examples=60, deadline=None)
@given(changes, changes, st.randoms(use_true_random=False))
def test_ids_survive_growth_and_new_sites_in_any_order(early, late, random) -> None:
    before = find_sites(disturbed(early), INSIDE, ALL, [])
    have = {at for at, _, _ in early}
    both = early + [(at, day + 100, s) for at, day, s in late if at not in have]
    after = find_with_lineage(disturbed(both), INSIDE, ALL, before)
    for site in after.sites:
        older = [b for b in before if cells(b) <= cells(site)]
        if older:  # grown or merged: the id of the one that began first
            assert site.id == min(older, key=lambda b: (b.began.first_changed, b.id)).id
        else:
            assert site.id not in {b.id for b in before}
    into = {h.id: h.into for h in after.heirs}
    for b in before:  # growth loses nobody
        assert into[b.id] == next(s.id for s in after.sites if cells(b) <= cells(s))
    shuffled = list(before)
    random.shuffle(shuffled)
    again = find_with_lineage(disturbed(both), INSIDE, ALL, shuffled)
    assert facts(again.sites) == facts(after.sites)
    assert again.heirs == after.heirs


@settings(max_examples=40, deadline=None)
@given(changes, st.sets(pixels, max_size=30))
def test_ids_stay_unique_when_pixels_are_taken_back(what, gone) -> None:
    before = find_sites(disturbed(what), INSIDE, ALL, [])
    left = [c for c in what if c[0] not in gone]
    after = find_sites(disturbed(left), INSIDE, ALL, before)
    assert len({s.id for s in after}) == len(after)
    known = {b.id: b for b in before}
    for site in after:  # an id never moves to ground it did not have
        assert site.id not in known or cells(site) & cells(known[site.id])
    assert [s.id for s in find_sites(disturbed(what), INSIDE, ALL, before)] == [
        b.id for b in before
    ]
