"""A wrong offset is found in small areas, both ways; haze, snow and dug ground are none."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from scipy.ndimage import binary_dilation
from tests.support.cases import sample_items

from gossan.core.dates import to_day
from gossan.io.catalogue.harmonise import read_item
from gossan.io.dark_object import DarkFinding, DarkVerdict, Sample, check_series

OPEN = DarkFinding(DarkVerdict.NOT_TESTABLE, "")
BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
FOREST = np.array([0.025, 0.045, 0.03, 0.32, 0.16, 0.07])
DESERT = np.array([0.16, 0.21, 0.27, 0.33, 0.42, 0.38])
PIXELS = 24 * 24
STILL_IN, TWICE = np.float32(0.1), np.float32(-0.1)


def scene(day: int, ground: np.ndarray, seed: int, offset: float = 0.0) -> Sample:
    """A scene of 24 x 24 pixels of ground (band,), with its season, noise and spread."""
    rng = np.random.default_rng(seed)
    yearly = 0.02 if ground is DESERT else 0.15
    season = 1 + yearly * np.sin(2 * np.pi * day / 365.25) * (ground > 0.1)
    spread = 1 + 0.12 * np.random.default_rng(1).normal(size=PIXELS)  # of the place, not the day
    values = ground[:, None] * season[:, None] * spread + rng.normal(0, 0.006, (6, PIXELS))
    return Sample(day, BANDS, values.astype(np.float32), offset, OPEN)


def series(ground: np.ndarray, n: int = 20) -> list[Sample]:
    """A scene each 40 days."""
    return [scene(17000 + 40 * i, ground, i) for i in range(n)]


def moved(s: Sample, by: np.ndarray | np.float32, offset: float) -> Sample:
    return replace(s, values=(s.values.T + by).T.astype(np.float32), offset=offset)


def verdicts(scenes: list[Sample]) -> list[DarkVerdict]:
    return [f.verdict for f in check_series(scenes)]


@pytest.mark.parametrize("ground", [FOREST, DESERT], ids=["forest", "desert"])
@pytest.mark.parametrize("since", [5, 13, 19], ids=["most", "last third", "one"])
@pytest.mark.parametrize(("by", "stated"), [(STILL_IN, 0.0), (TWICE, -0.1)])
def test_wrong_flags_among_right_ones(
    ground: np.ndarray, since: int, by: np.float32, stated: float
) -> None:
    good = series(ground)
    if ground is DESERT and since < 10:
        pytest.skip("bright ground alone: the majority counts, as docs/limits.md says")
    found = verdicts([moved(s, by, stated) if i >= since else s for i, s in enumerate(good)])
    assert found[since:] == [DarkVerdict.IMPLAUSIBLE] * (20 - since)
    assert DarkVerdict.IMPLAUSIBLE not in found[:since]


def test_all_wrong() -> None:
    forest = series(FOREST)
    for by, stated in ((STILL_IN, 0.0), (TWICE, -0.1)):
        assert set(verdicts([moved(s, by, stated) for s in forest])) == {DarkVerdict.IMPLAUSIBLE}
    # nothing in a desert says which it is: said to be untested, never taken for tested
    for by, stated in ((STILL_IN, 0.0), (TWICE, -0.1)):
        found = verdicts([moved(s, by, stated) for s in series(DESERT)])
        assert set(found) == {DarkVerdict.NOT_TESTABLE}


def test_rightly_flagged_scenes_pass_with_either_flag() -> None:
    assert set(verdicts(series(FOREST))) == {DarkVerdict.PLAUSIBLE}
    new = [replace(s, offset=-0.1) if i > 9 else s for i, s in enumerate(series(FOREST))]
    assert set(verdicts(new)) == {DarkVerdict.PLAUSIBLE}


@pytest.mark.parametrize(
    ("what", "by"),
    [
        ("haze", [0.14, 0.12, 0.10, 0.05, 0.02, 0.01]),
        ("snow", [0.6, 0.6, 0.6, 0.3, -0.05, -0.03]),
        ("dug", [0.09, 0.10, 0.15, -0.02, 0.20, 0.22]),
        ("burnt", [0.0, -0.01, 0.0, -0.22, 0.02, 0.1]),
        ("thin cloud", [0.16, 0.14, 0.13, 0.12, 0.08, 0.06]),
        ("sun glint", [0.12, 0.12, 0.12, 0.13, 0.16, 0.17]),
    ],
)
def test_other_things_are_not_called_an_offset(what: str, by: list[float]) -> None:
    scenes = series(FOREST)
    scenes[7] = moved(scenes[7], np.array(by), 0.0)
    found = check_series(scenes)[7]
    assert found.verdict is not DarkVerdict.IMPLAUSIBLE, what
    assert "1000" not in found.reason


def test_too_few_pixels_or_scenes_are_said_to_be_untested() -> None:
    few = series(FOREST)
    few[3] = replace(few[3], values=few[3].values[:, :20])
    few = [
        replace(
            s,
            values=np.pad(
                s.values, ((0, 0), (0, PIXELS - s.values.shape[1])), constant_values=np.nan
            ),
        )
        for s in few
    ]
    assert check_series(few)[3] == DarkFinding(
        DarkVerdict.NOT_TESTABLE, "only 20 clear pixels; too few other images to compare it with"
    )
    (alone,) = check_series([moved(series(DESERT)[0], STILL_IN, 0.0)])
    assert alone.verdict is DarkVerdict.NOT_TESTABLE
    assert "too few other images" in alone.reason


def test_a_floor_near_one_thousand_names_haze_too() -> None:
    """One scene alone: what was tested is told, not a cause that was not."""
    flat = np.random.default_rng(3).normal(0.12, 0.004, (6, PIXELS)).clip(0.1).astype(np.float32)
    (found,) = check_series([Sample(17000, BANDS, flat, 0.0, OPEN)])
    assert found.verdict is DarkVerdict.IMPLAUSIBLE
    assert "darkest ground is near 0.1 in every band" in found.reason
    assert "haze" in found.reason


def romania(row: int, col: int, side: int) -> list[Sample]:
    """Every third scene of the sample in a square, cloud widened by 30 m."""
    keys = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B11": "swir16"}
    window = (slice(row, row + side), slice(col, col + side))
    out = []
    for path in sample_items()[::3]:
        item = read_item(json.loads(path.read_text()))

        def layer(key: str) -> np.ndarray:
            with rasterio.open(path.parent / item.assets[key].href) as data:  # noqa: B023
                return data.read(1, out_shape=(100, 100))

        hidden = binary_dilation(~np.isin(layer("scl"), (4, 5, 6, 7)), iterations=3)[window]
        values = np.stack([layer(k)[window] * 1e-4 for k in keys.values()]).astype(np.float32)
        values[:, hidden | (values == 0).any(axis=0)] = np.nan
        assert item.datetime is not None
        day = to_day(item.datetime.date())
        out.append(Sample(day, tuple(keys), values.reshape(5, -1), 0.0, OPEN))
    return [s for s in out if np.isfinite(s.values[0]).sum() >= 30]


@pytest.mark.parametrize("square", [(45, 35, 24), (10, 60, 40), (0, 0, 100)])
def test_real_scenes(square: tuple[int, int, int]) -> None:
    """No rightly flagged scene is refused; wrong ones are, or are said to be untested."""
    good = romania(*square)
    n, cut = len(good), len(good) * 2 // 3
    assert DarkVerdict.IMPLAUSIBLE not in verdicts(good)
    assert DarkVerdict.IMPLAUSIBLE not in verdicts([replace(s, offset=-0.1) for s in good])
    for by, stated in ((STILL_IN, 0.0), (TWICE, -0.1)):
        mixed = [moved(s, by, stated) if i >= cut else s for i, s in enumerate(good)]
        found = verdicts(mixed)
        assert DarkVerdict.IMPLAUSIBLE not in found[:cut]
        assert found[cut:].count(DarkVerdict.IMPLAUSIBLE) >= 0.6 * (n - cut)
        if stated == 0:
            assert DarkVerdict.PLAUSIBLE not in found[cut:]
