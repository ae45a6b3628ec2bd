"""Lakes of known size, painted with a sensor's blur and with ground that varies."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.change_events import events_of
from gossan.core.measured import Change, Reading
from gossan.observables.water.lakes import Basin, find_basins, same_basin, wet_area
from gossan.observables.water.water_mask import (
    Cover,
    Index,
    Numbers,
    WetCount,
    cover,
    index_for,
    is_high_sun,
    sun_elevation,
)

BANDS = ("B02", "B04", "B08", "B11", "B12")
WATER = np.array([0.05, 0.05, 0.03, 0.03, 0.02])
SOIL = np.array([0.09, 0.15, 0.22, 0.28, 0.24])
SIDE = 48
NUMBERS = Numbers(BANDS, np.full(5, 1e-4, np.float32), np.full(5, -0.1, np.float32))
ALL = np.ones((SIDE, SIDE), bool)


def disc(radius: float, middle: tuple[float, float] = (24.3, 23.6)) -> NDArray[np.float64]:
    """Wet share of every pixel, exact to a tenth of a pixel's side."""
    fine = (np.arange(SIDE * 10) + 0.5) / 10
    wet = (fine[:, None] - middle[0]) ** 2 + (fine[None] - middle[1]) ** 2 < radius**2
    return wet.reshape(SIDE, 10, SIDE, 10).mean(axis=(1, 3))


def scene(share: NDArray[np.float64], seed: int) -> NDArray[np.uint16]:
    """Stored numbers (band, y, x) of water in ground that varies by a tenth, blurred."""
    rng = np.random.default_rng(seed)
    texture = 1 + 0.1 * ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), 1) * 3.5
    ground = share * WATER[:, None, None] + (1 - share) * SOIL[:, None, None] * texture
    blurred = ndimage.gaussian_filter(ground, (0, 0.6, 0.6))
    noisy = blurred + rng.normal(0, 0.003, blurred.shape)
    return np.rint((noisy + 0.1) * 1e4).astype(np.uint16)


def look(dn: NDArray[np.uint16], clear: NDArray[np.bool_] = ALL) -> NDArray[np.uint8]:
    return cover(dn, NUMBERS, clear, ~ALL)


def basin_of(share: NDArray[np.float64]) -> Basin:
    (basin,) = find_basins(share > 0.5, ALL)
    return basin


def measured(basin: Basin, dn: NDArray[np.uint16], seen: NDArray[np.uint8]):
    rho = (dn[2:].astype(np.float32) * 1e-4 - 0.1)[:, basin.window[0], basin.window[1]]
    return wet_area(basin, seen[basin.window], rho, np.full(basin.core.shape, 100.0))


def test_area_lies_in_its_interval_as_often_as_said() -> None:
    basin, inside, errors = basin_of(disc(11)), 0, []
    radii = np.linspace(2.2, 10.7, 60)
    for seed, radius in enumerate(radii):
        dn = scene(disc(radius), seed)
        wet, truth = measured(basin, dn, look(dn)), np.pi * radius**2 * 100
        inside += wet.low <= truth <= wet.high
        errors.append(wet.value / truth - 1)
    assert inside >= 55, inside  # 57 of 60 expected; 54 or fewer has a chance of 8 %
    assert abs(np.median(errors)) < 0.03
    assert np.median(np.abs(errors)) < 0.05


def test_an_empty_basin_is_empty_and_a_hidden_one_is_not_observable() -> None:
    basin = basin_of(disc(9))
    dry = scene(disc(0), 1)
    wet = measured(basin, dry, look(dry))
    assert wet.value == 0
    assert wet.high == 100
    clear = ALL.copy()
    clear[:24] = False
    half = measured(basin, dry, look(dry, clear))
    assert half.value is None
    assert "cloud" in half.why_not


def test_glint_is_not_taken_for_dry_ground() -> None:
    """The same light in all bands, as bright as the ground in SWIR, over most of the lake."""
    share = disc(9)
    glint = np.minimum(disc(8), share) * 0.25
    dn = scene(share, 3) + np.rint(glint * 1e4).astype(np.uint16)
    seen = look(dn)
    assert (seen[20:28, 20:28] == Cover.GREY).all()
    wet = measured(basin_of(share), dn, seen)
    assert wet.value is None
    assert "glint" in wet.why_not
    assert (look(scene(disc(0), 3)) != Cover.GREY).all()


def test_a_small_hidden_part_widens_the_interval() -> None:
    share = disc(9)
    dn, clear = scene(share, 5), ALL.copy()
    clear[16:20] = False
    whole, part = (
        measured(basin_of(share), dn, look(dn)),
        measured(basin_of(share), dn, look(dn, clear)),
    )
    assert part.value is not None
    assert whole.value is not None
    assert part.high - part.low > whole.high - whole.low + 1000
    assert part.low < np.pi * 81 * 100 < part.high


@pytest.mark.parametrize("seen", [Cover.DIM, Cover.WATER])
def test_what_looks_like_water_counts_under_a_high_sun_only(seen: Cover) -> None:
    """Shade of a slope in winter must not become a lake; a lake classed as dark must."""
    dim = np.full((2, 2), seen, np.uint8)
    low, high = WetCount.empty((2, 2)), WetCount.empty((2, 2))
    for _ in range(4):
        low.add(dim, high_sun=False)
        high.add(dim, high_sun=True)
    assert not low.standing.any()
    assert high.standing.all()
    assert sun_elevation(date(2020, 12, 21), 46) < 25
    assert 55 < sun_elevation(date(2020, 6, 21), 46) < 66
    assert sun_elevation(date(2020, 5, 21), 21) > 60
    assert not is_high_sun(date(2020, 12, 21), 46)
    assert is_high_sun(date(2020, 6, 21), 46)
    assert is_high_sun(date(2020, 6, 21), 68)  # never 45 degrees there, and yet there are lakes
    assert not is_high_sun(date(2020, 3, 21), 68)
    assert is_high_sun(date(2020, 12, 21), -46)


def test_water_must_stand_for_three_looks_in_a_row() -> None:
    count = WetCount.empty((1, 1))
    W, L, H = (np.array([[c]], np.uint8) for c in (Cover.WATER, Cover.LAND, Cover.HIDDEN))
    for seen in (W, W, L, W, H, W):
        count.add(seen, high_sun=True)
        assert not count.standing.any()
    count.add(W, high_sun=True)
    assert count.standing.all()


def test_the_index_follows_the_bands() -> None:
    assert index_for(("B02", "B03", "B04", "B08", "B11", "B12")) is Index.MNDWI
    assert index_for(BANDS) is Index.RED_SWIR
    assert index_for(("B03", "B08")) is Index.NDWI
    assert index_for(("B02", "B04", "B08")) is None
    with pytest.raises(ValueError, match="told"):
        cover(
            np.zeros((2, 1, 1), np.uint16),
            Numbers(("B02", "B04"), np.ones(2, np.float32), np.zeros(2, np.float32)),
            ALL[:1, :1],
            ALL[:1, :1],
        )


def test_basins_keep_their_names_when_they_grow_and_join() -> None:
    standing = np.zeros((SIDE, SIDE), bool)
    standing[10:14, 10:14] = standing[10:14, 18:24] = True
    standing[30:31, 30:33] = True  # three pixels: too small
    large, small = find_basins(standing, ALL)
    assert (large.pixels, small.pixels) == (24, 16)
    assert not (large.zone & large.others).any()
    known = {"W-a": small.point, "W-b": large.point}
    assert same_basin((large, small), known) == ["W-b", "W-a"]
    standing[10:14, 14:18] = True
    assert same_basin(find_basins(standing, ALL), known) == ["W-a"]


DAY = date(2020, 1, 1)


def readings(*areas: float | None) -> list[Reading]:
    days = [DAY + timedelta(10 * i) for i in range(len(areas))]
    return [
        Reading.missing(d, "", "Cloud.") if a is None else Reading(d, "", a, 0.9 * a, 1.1 * a, 9)
        for d, a in zip(days, areas, strict=True)
    ]


def test_what_happened_is_dated_between_two_looks() -> None:
    found = events_of(readings(0, 0, None, 2, 2.1, 4, 4.1, None, 4, 1.5, 1.6, 0, 0), 0.05)
    assert [e.change for e in found] == [
        Change.APPEARED,
        Change.GREW,
        Change.SHRANK,
        Change.DISAPPEARED,
    ]
    days = [((e.when.last_unchanged - DAY).days, (e.when.first_changed - DAY).days) for e in found]
    assert days == [(10, 30), (40, 50), (80, 90), (100, 110)]


@pytest.mark.parametrize(("left", "change"), [(1.5, Change.SHRANK), (0.8, Change.DISAPPEARED)])
def test_what_keeps_an_eighth_is_not_gone(left: float, change: Change) -> None:
    (found,) = events_of(readings(10, 10, left, left, left), 0.05)
    assert found.change is change


def test_one_odd_scene_and_slow_noise_are_no_event() -> None:
    assert events_of(readings(2, 2, 4, 2, 2.1, 1.9, 2, None, 2.1), 0.05) == ()
    assert events_of(readings(2), 0.05) == ()
