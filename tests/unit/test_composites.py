"""Pictures, indices and series of a small cube whose every value is known."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gossan.core.dates import DateInterval, from_day
from gossan.core.errors import GossanError
from gossan.core.flags import Flag
from gossan.cube.composites import Kind, Stretch, channels, decisive, rgb, stretch_of
from gossan.cube.series import ndvi, site_series

ALL = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")


def f32(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def cube(bands: dict[str, np.ndarray], flags: np.ndarray) -> xr.Dataset:
    days = pd.date_range("2020-01-01", periods=len(flags), freq="10D").to_numpy("datetime64[ns]")
    variables = {name: (("time", "y", "x"), v.astype(np.float32)) for name, v in bands.items()}
    variables["flags"] = (("time", "y", "x"), flags.astype(np.uint16))
    return xr.Dataset(variables, coords={"time": days})


@pytest.mark.parametrize(
    ("kind", "bands", "shown"),
    [
        (Kind.NATURAL, ALL, ("B04", "B03", "B02")),
        (Kind.NATURAL, ("B02", "B04", "B08", "B11"), ("B04", "green", "B02")),
        (Kind.NATURAL, ("B03", "B04", "B8A", "B11"), ("B11", "B8A", "B04")),
        (Kind.FALSE, ALL, ("B11", "B08", "B04")),
        (Kind.FALSE, ("B02", "B04", "B08", "B12"), ("B12", "B08", "B04")),
        (Kind.FALSE, ("B02", "B03", "B04", "B08"), ("B08", "B04", "B03")),
        (Kind.FALSE, ("B02", "B04", "B8A"), ("B8A", "B04", "B02")),
    ],
)
def test_bands_shown(kind: Kind, bands: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert channels(kind, bands) == shown


def test_a_picture_without_bands_is_refused() -> None:
    with pytest.raises(GossanError, match="B11"):
        channels(Kind.FALSE, ["B11"])


def test_picture_is_stretched_clipped_and_transparent_where_nothing_was_delivered() -> None:
    stretch = Stretch({"B02": (0, 0.2), "B03": (0.1, 0.2), "B04": (0, 0.4)}, gamma=1)
    nan = float("nan")
    bands = {
        "B02": f32(0.1, 0.9, 0.1)[None],
        "B03": f32(0.05, 0.9, nan)[None],
        "B04": f32(0.1, 0.9, 0.1)[None],
    }
    picture = rgb(bands, Kind.NATURAL, stretch)
    assert picture.dtype == np.uint8
    assert picture.shape == (1, 3, 4)
    assert picture[0].tolist() == [[64, 0, 128, 255], [255, 255, 255, 255], [0, 0, 0, 0]]


def test_gamma_lifts_the_shadows() -> None:
    bands = {b: f32(0.05)[None] for b in ("B02", "B03", "B04")}
    limits = dict.fromkeys(bands, (0.0, 0.2))
    assert rgb(bands, Kind.NATURAL, Stretch(limits, gamma=2))[0, 0, 0] == 128
    assert rgb(bands, Kind.NATURAL, Stretch(limits, gamma=1))[0, 0, 0] == 64


def test_synthetic_green_is_the_documented_mixture() -> None:
    limits = dict.fromkeys(("B02", "B04", "B08"), (0.0, 1.0))
    bands = {"B02": f32(0.2)[None], "B04": f32(0.4)[None], "B08": f32(0.6)[None]}
    green = rgb(bands, Kind.NATURAL, Stretch(limits, gamma=1))[0, 0, 1]
    assert green == round(255 * (0.45 * 0.2 + 0.45 * 0.4 + 0.10 * 0.6))


def test_stretch_leaves_clouds_out_and_is_one_for_the_series() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(0.05, 0.25, (4, 20, 20))
    flags = np.zeros((4, 20, 20))
    values[2] = 0.9
    flags[2] = Flag.CLOUD
    low, high = stretch_of(cube({"B04": values}, flags)).limits["B04"]
    assert low == pytest.approx(0.052, abs=0.003)
    assert high == pytest.approx(0.248, abs=0.003)


def test_a_date_of_unflagged_snow_does_not_darken_the_series() -> None:
    rng = np.random.default_rng(2)
    values = rng.uniform(0.05, 0.25, (9, 20, 20))
    flags = np.zeros((9, 20, 20))
    without = stretch_of(cube({"B04": values}, flags)).limits["B04"]
    values[4] = 0.8
    assert stretch_of(cube({"B04": values}, flags)).limits["B04"] == pytest.approx(
        without, abs=0.004
    )


def test_stretch_of_nothing_usable_and_of_one_value_has_a_span() -> None:
    flags = np.full((1, 2, 2), Flag.CLOUD)
    assert stretch_of(cube({"B04": np.ones((1, 2, 2))}, flags)).limits["B04"] == (0.0, 0.3)
    low, high = stretch_of(cube({"B04": np.full((1, 2, 2), 0.1)}, flags * 0)).limits["B04"]
    assert high > low


def interval(before: int | None, first: int) -> DateInterval:
    return DateInterval(None if before is None else from_day(before), from_day(first))


def test_decisive_dates_frame_the_change_and_avoid_clouds() -> None:
    days = np.array([630, 640, 980, 990, 1000, 1010, 1400, 1500, 2090, 2096, 2290], np.int32)
    share = f32(0.3, 1.0, 1.0, 0.2, 0.1, 0.95, 1.0, 1.0, 1.0, 0.5, 1.0)
    chosen = decisive(days, share, interval(990, 1000), interval(1390, 1400))
    # year before: 640, not cloudy 630; before: 980; after: 1010; end: 1400; three years after
    # the beginning: 2090, neither the cloudy 2096 nor the other season of 2290
    assert days[chosen].tolist() == [640, 980, 1010, 1400, 2090]


def test_decisive_dates_take_the_clearest_where_none_is_clear() -> None:
    days = np.array([10, 20, 30, 40], dtype=np.int32)
    chosen = decisive(days, f32(0.2, 0.6, 0.3, 0.4), interval(25, 30), interval(25, 30))
    assert chosen == [1, 3]


def test_decisive_dates_without_a_before_or_without_any_view() -> None:
    days = np.array([30, 400], dtype=np.int32)
    assert decisive(days, f32(1, 1), interval(None, 30), interval(None, 30)) == [0, 1]
    assert decisive(days, f32(0, 0), interval(None, 30), interval(None, 30)) == []


def test_indices_match_their_formulas() -> None:
    assert ndvi(f32(0.4), f32(0.1))[0] == pytest.approx(0.6)


def test_indices_of_impossible_reflectance_are_not_numbers() -> None:
    out = ndvi(f32(0.0, -0.2, 0.3, float("nan")), f32(0.0, 0.1, -0.1, 0.1))
    assert np.isnan(out[[0, 1, 3]]).all()
    assert out[2] == 1  # clipped


def test_series_of_a_site_is_the_median_over_what_was_seen() -> None:
    red = np.full((3, 4, 4), 9.0)
    nir = np.full((3, 4, 4), 9.0)
    flags = np.zeros((3, 4, 4))
    rows, cols = np.array([0, 1, 2, 3], np.int32), np.array([3, 2, 1, 0], np.int32)
    red[:, rows, cols] = [0.1, 0.1, 0.1, 0.3]
    nir[:, rows, cols] = [0.3, 0.3, 0.3, 0.3]
    flags[1, rows[:2], cols[:2]] = Flag.CLOUD
    flags[2, rows[:3], cols[:3]] = Flag.SHADOW
    series = site_series(cube({"B04": red, "B08": nir}, flags), (rows, cols))
    assert series.share.tolist() == [1.0, 0.5, 0.25]
    np.testing.assert_allclose(series.bands["B04"], [0.1, 0.2, np.nan], rtol=1e-6)
    np.testing.assert_allclose(series.ndvi, [0.5, 0.25, np.nan], rtol=1e-6)
    assert np.diff(series.days).tolist() == [10, 10]


def test_series_without_near_infrared_has_no_ndvi() -> None:
    one = np.array([0], np.int32)
    series = site_series(cube({"B04": np.ones((2, 1, 1))}, np.zeros((2, 1, 1))), (one, one))
    assert np.isnan(series.ndvi).all()
    assert series.bands["B04"].tolist() == [1, 1]


def test_series_of_no_pixels_is_refused() -> None:
    none = np.array([], np.int32)
    with pytest.raises(GossanError, match="at least one pixel"):
        site_series(cube({"B04": np.ones((2, 1, 1))}, np.zeros((2, 1, 1))), (none, none))
