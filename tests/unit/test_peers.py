"""Every peer's adapter finds a change nobody could miss, and dates it after it happened."""

from __future__ import annotations

import importlib
from dataclasses import asdict
from types import ModuleType

import numpy as np
import pytest
from bench.peers.pixels import NEVER, Pixels

PEERS = {
    "nrt_ewma": "nrt",
    "nrt_cusum": "nrt",
    "nrt_mosum": "nrt",
    "nrt_iqr": "nrt",
    "nrt_ccdc": "nrt",
    "pyxccd_sccd": "pyxccd",
    "pyxccd_cold": "pyxccd",
    "zeit_sccd": "zeit",
}
GREEN = np.array([0.03, 0.04, 0.30, 0.17, 0.08])
BARE = np.array([0.06, 0.09, 0.27, 0.22, 0.15])
HISTORY, WATCHED, CHANGE = 120, 80, 150
NOISE = 0.1


@pytest.fixture(scope="module")
def two_pixels() -> Pixels:
    """Looks each 8 days: pixel 0 stays as it is, pixel 1 is half bare from look 150 on."""
    rng = np.random.default_rng(0)
    days = (17000 + 8 * np.arange(HISTORY + WATCHED)).astype(np.int32)
    season = 1 + 0.15 * np.cos(2 * np.pi * days / 365.25)[:, None] * np.array([0, -1, 1, 0.3, 0])
    series = GREEN * season * (1 + rng.normal(0, NOISE, (len(days), 5)))
    broken = series.copy()
    broken[CHANGE:] = BARE * (1 + rng.normal(0, NOISE, (len(days) - CHANGE, 5)))
    usable = rng.random((len(days), 2)) < 0.8
    values = np.stack([series, broken], -1).astype(np.float32)
    return Pixels(values, usable, days, HISTORY)


def adapter_of(name: str) -> ModuleType:
    pytest.importorskip(PEERS[name], reason=f"{PEERS[name]} is not installed: make bench-peers")
    return importlib.import_module(f"bench.peers.{name}")


@pytest.mark.filterwarnings("ignore")  # theirs, not ours
@pytest.mark.parametrize("name", PEERS)
def test_finds_a_change_nobody_could_miss(name, two_pixels):
    adapter = adapter_of(name)
    # at nrt's defaults EWMA alarms at noise and takes large changes for cloud
    wide = {"sensitivity": 6.0, "threshold_outlier": 50.0} if name == "nrt_ewma" else {}
    days = adapter.detect(two_pixels, adapter.Setting(**wide))
    said = days[:, 1][days[:, 1] != NEVER]
    change = two_pixels.days[CHANGE]
    assert said.size, f"{name} did not find it"
    assert change <= said.min() <= change + 250


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("which", ["default", "best"])
@pytest.mark.parametrize("name", PEERS)
def test_days_are_watched_days_of_every_pixel(name, which, two_pixels):
    adapter = adapter_of(name)
    days = adapter.detect(two_pixels, adapter.Setting() if which == "default" else adapter.BEST)
    assert days.dtype == np.int32
    assert days.shape[1] == 2
    assert np.isin(days[days != NEVER], two_pixels.days[HISTORY:]).all()


@pytest.mark.parametrize("name", PEERS)
def test_settings_are_those_of_the_grid(name):
    adapter = importlib.import_module(f"bench.peers.{name}")
    assert adapter.BEST in (adapter.Setting(), *adapter.GRID)
    assert len({tuple(asdict(s).items()) for s in adapter.GRID}) == len(adapter.GRID)
