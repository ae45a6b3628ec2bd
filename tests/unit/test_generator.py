"""The cubes of the bench: seeded, true to the statistics, and with the truth they claim."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from bench import residuals
from bench.cube import COVERS, FIRST_DAY, Kind, Leak, Scenario, statistics
from bench.derive_statistics import derive
from bench.generator import bareness, make
from bench.real_series import Series
from bench.residuals import LAGS_DAYS, describe, ground
from scipy import ndimage

SHARED = Path(__file__).parents[3] / "shared" / "data"
SMALL = {"side": 40, "years": 4, "history_years": 2}


@pytest.fixture(scope="module")
def cube():
    return make(**SMALL, seed=3)


def test_same_arguments_give_the_same_bytes(cube):
    again = make(**SMALL, seed=3)
    for field in dataclasses.fields(cube):
        a, b = getattr(cube, field.name), getattr(again, field.name)
        assert np.array_equal(a, b), field.name
    other = make(**SMALL, seed=4)
    assert not np.array_equal(cube.values, other.values)


def test_shapes_and_ranges(cube):
    assert cube.values.shape == (4 * 73, 5, 40, 40)
    assert cube.n_history == 2 * 73
    assert cube.days[0] == FIRST_DAY
    assert (np.diff(cube.days) == 5).all()
    assert np.isfinite(cube.values).all()
    assert cube.values.min() > 0
    assert np.bincount(cube.cover.ravel(), minlength=4).min() > 100


@pytest.mark.parametrize("blobs", [True, False])
def test_share_of_refused_and_of_missed_looks(blobs):
    c = make(**SMALL, seed=5, scenario=Scenario(leak_blobs=blobs))
    assert 1 - c.usable.mean() == pytest.approx(0.60, abs=0.01)
    leaked = c.leak != Leak.NONE
    assert not (leaked & ~c.usable).any()
    assert leaked[c.usable].mean() == pytest.approx(0.04, abs=0.003)
    assert 0.1 < (c.leak == Leak.SHADOW).sum() / leaked.sum() < 0.6
    beside = leaked[:, 1:] & leaked[:, :-1]
    touching = beside.sum() / leaked[:, 1:].sum()
    assert touching > 0.5 if blobs else touching < 0.15


def test_what_is_missed_lies_beside_what_is_refused(cube):
    covered = 1 - cube.usable.mean((1, 2))
    some = (covered > 0.02) & (covered < 0.3)
    assert some.sum() > 20
    usable, leak = cube.usable[some], cube.leak[some] != Leak.NONE
    near = np.stack([ndimage.binary_dilation(~u, iterations=3) for u in usable])
    assert near[leak].mean() > 1.4 * near[usable].mean()


def test_missed_looks_are_brighter_and_darker_than_the_same_looks_without(cube):
    clean = make(**SMALL, seed=3, scenario=Scenario(leak_share=0.0))
    # the same season, noise and patches; only what is missed differs
    difference = cube.values[:, 0] - clean.values[:, 0]
    assert np.median(difference[cube.leak == Leak.CLOUD]) > 0.02
    infrared = cube.values[:, 2] / clean.values[:, 2]
    assert np.median(infrared[cube.leak == Leak.SHADOW]) < 0.75
    assert np.allclose(
        cube.values.transpose(0, 2, 3, 1)[cube.leak == Leak.NONE],
        clean.values.transpose(0, 2, 3, 1)[cube.leak == Leak.NONE],
    )


def test_what_is_made_behaves_as_the_statistics_say(monkeypatch):
    monkeypatch.setattr(residuals, "MAX_PIXELS", 250)
    c = make(side=56, seed=1, scenario=Scenario(drought=0.0, leak_share=0.0, patches=0))
    s = Series(c.values.astype(float), np.where(c.usable, 4, 9), c.days.astype(np.int64))
    rng = np.random.default_rng(0)
    for k, name in enumerate(COVERS):
        want = statistics()["covers"][name]
        got = describe(ground(s, c.cover == k, rng), tuple(statistics()["swir_rule"]), None)
        size = lambda m: np.sqrt([np.diag(q) for q in m])  # noqa: E731
        pixel = size(got["pixel_cov"]) / size(want["pixel_cov"])
        assert 0.7 < np.median(pixel) < 1.25, (name, pixel)
        scene = size(got["scene_cov"]) / size(want["scene_cov"])
        assert 0.7 < np.median(scene) < 1.4, (name, scene)
        spread = np.array(got["pixel_spread"]["corr"]) - want["pixel_spread"]["corr"]
        assert np.abs(spread[:3]).max() < 0.15, (name, spread)
        month = LAGS_DAYS.index(30)
        memory = got["pixel_memory"]["corr"][month] - want["pixel_memory"]["corr"][month]
        assert abs(memory) < 0.2, (name, memory)
        assert got["pixel_tail"] < 8, name
        level = np.array(got["season"])[:, 0] / np.array(want["season"])[:, 0]
        assert np.median(np.abs(level - 1)) < 0.2, (name, level)


def test_nothing_is_dug_in_the_history_and_severity_says_how_much(cube):
    dug = cube.changed >= 0
    assert 0.02 < dug.mean() < 0.3
    assert (cube.changed[dug] >= cube.days[cube.n_history]).all()
    assert (cube.severity[dug] >= 0.4).all()
    assert (cube.severity[dug] <= 1).all()
    assert (cube.severity[cube.untouched] == 0).all()
    assert {Kind.AT_ONCE, Kind.SPREAD} <= set(np.unique(cube.kind[dug]))
    at_once, spread = (np.ptp(cube.changed[cube.kind == k]) for k in (Kind.AT_ONCE, Kind.SPREAD))
    assert at_once > 0
    assert spread > 0


def test_a_patch_that_spreads_takes_sixty_days():
    c = make(**SMALL, seed=8, scenario=Scenario(patches=2, radius=(6.0, 7.0)))
    spread = c.changed[c.kind == Kind.SPREAD]
    assert 40 <= np.ptp(spread) <= 60
    assert np.ptp(c.changed[c.kind == Kind.AT_ONCE]) == 0


def test_ground_dug_twice_is_green_between():
    c = make(**SMALL, seed=2, scenario=Scenario(again_share=1.0, ploughed_share=0.5))
    twice = c.again >= 0
    assert twice.any()
    assert (c.changed[twice] < c.regrown[twice]).all()
    assert (c.regrown[twice] < c.again[twice]).all()
    events = {n: getattr(c, n) for n in ("changed", "again", "regrown", "ploughed", "severity")}
    open_ = bareness(events, c.days)
    y, x = np.argwhere(twice)[0]
    at = lambda day: open_[np.searchsorted(c.days, day), y, x]  # noqa: E731
    assert open_[c.days < c.changed[y, x], y, x].max() == 0
    assert at(c.changed[y, x]) == pytest.approx(c.severity[y, x])
    assert at(c.regrown[y, x]) < 0.1 * c.severity[y, x]
    assert at(c.again[y, x]) == pytest.approx(c.severity[y, x])
    ploughed = c.ploughed >= 0
    assert ploughed.any()
    assert not (ploughed & (c.changed >= 0)).any()
    assert open_[-1][ploughed].max() == 0


def test_drought_lowers_greenness_only_where_and_when_it_is():
    plain = {"leak_share": 0.0, "drought_year": 1}
    wet = make(**SMALL, seed=6, scenario=Scenario(drought=0.0, **plain))
    dry = make(**SMALL, seed=6, scenario=Scenario(drought=2.6, **plain))
    assert dry.drought.mean() == pytest.approx(0.5, abs=0.02)
    assert not wet.drought.any()
    assert np.array_equal(wet.values[:, :, ~dry.drought], dry.values[:, :, ~dry.drought])
    n = dry.n_history
    assert np.allclose(wet.values[:n], dry.values[:n], atol=1e-4)
    green = lambda c: (c.values[:, 2] - c.values[:, 1]) / (c.values[:, 2] + c.values[:, 1])  # noqa: E731
    steppe = dry.drought & (dry.cover == COVERS.index("steppe")) & dry.untouched
    fall = np.median((green(dry) - green(wet))[:, steppe], axis=1)
    assert -0.3 < fall.min() < -0.08
    assert (np.abs(fall[n + 73 + 60 :]) < 0.02).all()


def test_a_providers_step_is_in_blue_only_and_from_one_date_on():
    before = make(**SMALL, seed=6, scenario=Scenario(leak_share=0.0))
    after = make(**SMALL, seed=6, scenario=Scenario(leak_share=0.0, provider_step=0.016))
    difference = after.values - before.values
    late = after.days >= after.days[after.n_history] + 180
    assert np.median(difference[late, 0]) == pytest.approx(0.016, abs=1e-4)
    assert np.abs(difference[late, 1:]).max() == 0
    assert np.abs(difference[~late]).max() == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here")
def test_the_statistics_come_out_of_the_real_series_again():
    rng = np.random.default_rng(0)
    derived = derive(SHARED, rng.uniform(0.1, 0.5, (60, 5)))
    derived["soils"]["library"] = statistics()["soils"]["library"]  # from earthlib, not from here

    def same(a, b, path=""):
        if isinstance(a, dict):
            assert a.keys() == b.keys(), path
            for key in a:
                same(a[key], b[key], f"{path}/{key}")
        elif isinstance(a, list | float | int) and not isinstance(a, str):
            x, y = np.asarray(a), np.asarray(b)
            if x.dtype.kind in "if":
                assert np.allclose(x, y, rtol=0.02, atol=1e-5), path

    same(derived, statistics())
