"""Scene classification to flags, and dilation in metres."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from gossan.core.flags import Flag, usable
from gossan.cube.mask import clear_ground, dilate, flags_of_scl, margin


def test_codes_follow_methods_section_1() -> None:
    codes = np.arange(13, dtype=np.uint8)[None]
    flags = flags_of_scl(codes)[0]
    assert [i for i in range(13) if usable(flags)[i]] == [4, 5, 6, 7]
    assert flags[11] == Flag.SNOW
    assert flags[6] == Flag.WATER
    assert flags[0] == flags[12] == Flag.NODATA
    assert flags[2] == flags[3] == Flag.SHADOW
    assert flags[8] == flags[9] == Flag.CLOUD
    assert flags[10] == Flag.CIRRUS
    assert flags[1] == Flag.SATURATED


@pytest.mark.parametrize("code", [3, 8, 9, 10])
def test_dilation_is_a_disc_in_metres(code: int) -> None:
    scl = np.full((9, 9), 4, dtype=np.uint8)
    scl[4, 4] = code
    edge = (dilate(flags_of_scl(scl), 20.0, (10.0, 10.0)) & Flag.EDGE) != 0
    rows, cols = np.indices((9, 9)) - 4
    distance = np.hypot(rows, cols) * 10
    assert np.array_equal(edge, (distance <= 20) & (distance > 0))


def test_pixels_may_be_oblong() -> None:
    scl = np.full((9, 9), 4, dtype=np.uint8)
    scl[4, 4] = 9
    edge = (dilate(flags_of_scl(scl), 20.0, (10.0, 5.0)) & Flag.EDGE) != 0
    assert edge[2, 4]
    assert not edge[1, 4]
    assert edge[4, 0]


def test_snow_does_not_spread() -> None:
    scl = np.full((5, 5), 4, dtype=np.uint8)
    scl[2, 2] = 11
    assert not (dilate(flags_of_scl(scl), 50.0, (10.0, 10.0)) & Flag.EDGE).any()


@given(
    hnp.arrays(np.uint8, (24, 20), elements=st.sampled_from([4, 4, 4, 4, 4, 6, 9, 3, 11, 0])),
    st.floats(0, 80),
    st.integers(1, 23),
    st.integers(1, 19),
)
def test_windows_with_their_margin_equal_the_whole(
    scl: np.ndarray, distance: float, row: int, col: int
) -> None:
    pixel = (10.0, 7.0)
    whole = dilate(flags_of_scl(scl), distance, pixel)
    up, side = margin(distance, pixel)
    top, left = max(0, row - up), max(0, col - side)
    part = dilate(flags_of_scl(scl[top:, left:]), distance, pixel)
    assert np.array_equal(part[row - top :, col - left :], whole[row:, col:])


@settings(deadline=None)  # the first call compiles
@given(
    hnp.arrays(np.uint16, (18, 23), elements=st.integers(0, 12)),
    st.sampled_from([0.0, 9.0, 20.0, 35.0, 61.0]),
    st.sampled_from([(10.0, 10.0), (10.0, 7.0), (20.0, 11.0)]),
)
def test_dilation_is_the_exact_distance(scl, distance, pixel) -> None:
    flags = flags_of_scl(scl)
    source = (flags & np.uint16(Flag.CLOUD | Flag.CIRRUS | Flag.SHADOW)) != 0
    edge = (dilate(flags, distance, pixel) & Flag.EDGE) != 0
    away = ndimage.distance_transform_edt(~source, sampling=pixel)
    expected = (away <= distance + 1e-6) & ~source if source.any() and distance else source & False
    assert np.array_equal(edge, expected)


@settings(deadline=None)  # the first call compiles
@given(
    hnp.arrays(np.uint16, (18, 23), elements=st.integers(0, 12)),
    st.sampled_from([0.0, 20.0, 35.0]),
    st.integers(0, 2**32 - 1),
)
def test_clear_ground_is_what_the_flags_say_together(scl, distance, seed) -> None:
    rng = np.random.default_rng(seed)
    dn = rng.integers(0, 9, (2, 10, 12)).astype(np.uint16)
    inside = rng.random((10, 12)) < 0.8
    flags = dilate(flags_of_scl(scl), distance, (10.0, 10.0))[4:14, 5:17]
    flags[(dn == 0).any(axis=0)] |= np.uint16(Flag.NODATA)
    flags[~inside] |= np.uint16(Flag.OUTSIDE)
    clear = clear_ground(scl, (4, 5), dn, inside, distance, (10.0, 10.0))
    assert np.array_equal(clear, usable(flags))


def test_for_water_a_dark_area_is_clear_and_its_surroundings_too() -> None:
    scl = np.full((9, 9), 5, np.uint16)
    scl[4, 4], scl[0, 0] = 2, 9
    dn, inside = np.ones((1, 9, 9), np.uint16), np.ones((9, 9), bool)
    ground = clear_ground(scl, (0, 0), dn, inside, 15.0, (10.0, 10.0))
    water = clear_ground(scl, (0, 0), dn, inside, 15.0, (10.0, 10.0), dark_is_clear=True)
    assert not ground[3:6, 3:6].any()
    assert water[3:6, 3:6].all()
    assert not water[:2, :2].any(), "cloud blocks and spreads as for anyone"
