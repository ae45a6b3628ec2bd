"""Laws of trials, on small fields of quiet ground."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.trials import quiet_field

from gossan.core.dates import to_day
from gossan.core.params import LimitsParams
from gossan.core.power.trials import Trial
from gossan.observables.limits.design import InjectedTarget
from gossan.observables.limits.trials import Field, _canvas, patch_of, series_of, try_block

SIDE, UNTIL = 34, 17800
DAYS = np.arange(17100, 18400, 10, dtype=np.int32)
LEVEL = np.array([0.04, 0.05, 0.3, 0.2])
BARE = {"sand": np.array([0.18, 0.25, 0.3, 0.39]), "dark": np.array([0.08, 0.11, 0.12, 0.11])}
SLOW = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def field_of(folder: Path, noise: float = 0.0, seed: int = 0, usable=None) -> Field:
    rng = np.random.default_rng(seed)
    season = 1 + 0.2 * np.cos(2 * np.pi * DAYS / 365.2425)[:, None, None, None]
    values = LEVEL[None, :, None, None] * season * np.ones((len(DAYS), 4, SIDE, SIDE))
    values *= 1 + noise * rng.normal(size=values.shape)
    if usable is None:
        usable = np.ones((len(DAYS), SIDE, SIDE), bool)
    params = LimitsParams(areas_ha=(0.1, 0.3))
    return quiet_field(folder, values.astype(np.float32), usable, DAYS, UNTIL, BARE, params)


def implants(contrast: float, n: int, seed: int, area: float = 0.1) -> list[InjectedTarget]:
    rng = np.random.default_rng(seed)
    return [
        InjectedTarget(
            i,
            area,
            contrast,
            ("sand", "dark")[i % 2],
            int(rng.integers(UNTIL, 18270)),
            int(rng.integers(12, SIDE - 12)),
            int(rng.integers(12, SIDE - 12)),
        )
        for i in range(n)
    ]


def tried(field: Field, made: list[InjectedTarget]) -> list[Trial]:
    found = [t for part in try_block(field, made, series_of(field, made)) for t in part]
    return sorted(found, key=lambda t: t.index)


@SLOW
@given(st.integers(0, 1000))
def test_more_contrast_never_lowers_average_recall(tmp_path: Path, seed: int) -> None:
    field = field_of(tmp_path)
    seen = [
        sum(t.seen_within(120) for t in tried(field, implants(c, 16, seed)))
        for c in (0.02, 0.1, 0.4, 1.0)
    ]
    assert seen == sorted(seen)
    assert seen[-1] == 16


@SLOW
@given(st.integers(0, 1000))
def test_what_is_tried_beside_a_trial_changes_nothing(tmp_path: Path, seed: int) -> None:
    field = field_of(tmp_path, noise=0.04, seed=seed)
    made = implants(0.5, 20, seed)
    whole = tried(field, made)
    assert whole == tried(field, made)
    assert whole == sorted(
        tried(field, made[::2]) + tried(field, made[1::2]), key=lambda t: t.index
    )


def test_a_patch_shows_from_the_first_look_after_its_day_and_not_before(tmp_path: Path) -> None:
    """On quiet ground one clear look is enough to suspect it: so the delay is known. A look on
    its very day does not show it, and what appears a day earlier is confirmed a look earlier."""
    field = field_of(tmp_path)
    look = int(DAYS[90])
    on, before, after = (
        tried(field, [InjectedTarget(0, 0.3, 1.0, "sand", day, 17, 17)])[0]
        for day in (look, look - 1, look + 1)
    )
    assert [t.provisional_after for t in (on, before, after)] == [10, 1, 9]
    assert on.confirmed_after is not None
    assert 20 <= on.confirmed_after <= 40
    assert before.confirmed_after == on.confirmed_after - 9
    assert after.confirmed_after == on.confirmed_after - 1
    assert to_day(on.appeared) == look
    assert {t.looks for t in (on, before, after)} == {(3, 6, 12)}


def test_nothing_is_seen_of_what_is_not_there(tmp_path: Path) -> None:
    field = field_of(tmp_path, noise=0.05, seed=4)
    for t in tried(field, implants(0.01, 40, 4)):
        assert (t.provisional_after, t.confirmed_after) == (None, None)


def test_without_looks_nothing_is_confirmed_and_nothing_breaks(tmp_path: Path) -> None:
    usable = np.ones((len(DAYS), SIDE, SIDE), bool)
    gap = (DAYS > 17900) & (DAYS < 18050)
    usable[gap] = False
    field = field_of(tmp_path, usable=usable)
    made = [InjectedTarget(i, 0.3, 1.0, "sand", 17905 + i, 17, 17) for i in range(20)]
    for t in tried(field, made):
        assert t.looks[:2] == (0, 0)
        assert t.confirmed_after is None
    (late,) = tried(field, [InjectedTarget(0, 0.3, 1.0, "sand", int(DAYS[-1]), 17, 17)])
    assert (late.looks, late.confirmed_after) == ((0, 0, 0), None)


def test_each_patch_of_a_cohort_has_its_own_time(tmp_path: Path) -> None:
    """Both show on the same look for the first time; for the older one the look that confirms,
    120 days after it, comes too late where 115 are counted."""
    usable = np.zeros((len(DAYS), SIDE, SIDE), bool)
    usable[: np.searchsorted(DAYS, UNTIL) + 1] = True
    first = int(np.searchsorted(DAYS, UNTIL)) + 3
    usable[[first, first + 11]] = True
    field = field_of(tmp_path, usable=usable)
    field = replace(field, params=replace(field.params, within=(30, 115)))
    day = int(DAYS[first - 1])
    made = [InjectedTarget(i, 0.3, 1.0, "sand", day + 9 * i, 17, 17) for i in range(2)]
    assert [t.confirmed_after for t in tried(field, made)] == [None, 111]


def test_patches_side_by_side_never_touch(tmp_path: Path) -> None:
    field = field_of(tmp_path)
    patches = [patch_of(field, i) for i in implants(1.0, 5, 2)]
    gap = field.sites.join_distance
    flat, (height, width) = _canvas(patches, gap)
    assert len(set(flat.tolist())) == len(flat)
    rows = np.split(flat // width, np.cumsum([len(p.rows) for p in patches])[:-1])
    for above, below in pairwise(rows):
        assert below.min() - above.max() > gap
    assert max(r.max() for r in rows) < height


def test_a_real_change_beside_it_is_not_credited_to_a_faint_patch(tmp_path: Path) -> None:
    """The ground itself turns bare on the day; a patch too faint to matter gains nothing."""
    field = field_of(tmp_path)
    cube = field.pixels.held
    assert cube is not None
    for band, value in zip(("B02", "B04", "B08", "B11"), BARE["sand"], strict=True):
        cube[band].values[DAYS > 18000, 10:24, 10:24] = value
    (faint,) = tried(field, [InjectedTarget(0, 0.3, 0.01, "dark", 18000, 17, 17)])
    assert faint.provisional_after is None
    assert faint.confirmed_after is None


@pytest.mark.parametrize("area", [0.02, 0.1, 0.3])
def test_a_patch_smaller_than_the_smallest_site_is_not_listed(tmp_path: Path, area: float) -> None:
    field = field_of(tmp_path)
    (found,) = tried(field, [InjectedTarget(3, area, 1.0, "sand", 18000, 17, 17)])
    assert (found.confirmed_after is not None) == (area >= 0.1)
