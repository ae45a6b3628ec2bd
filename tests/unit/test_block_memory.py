"""What a worker needs for a block is what docs/dask.md says."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from bench.cube import BANDS
from bench.tile import write_scene
from odc.geo.geobox import GeoBox

from gossan.case.monitoring import Acquisition, Frame
from gossan.core.params import MonitorParams
from gossan.io.scenes import SceneStore
from gossan.io.state.store import StateStore
from gossan.monitor.optical import OpticalMonitor
from gossan.run.blocks import Before, Block, Job, fit_block, step_block

SIDE, HISTORY = 512, 24
PIXELS, N = SIDE * SIDE, len(BANDS)
WHOLE = (slice(0, SIDE), slice(0, SIDE))
NO_SHIFT = (0.0,) * N


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, GeoBox, list[Acquisition]]:
    """Scenes of bare numbers: a history, and three that follow it."""
    folder = tmp_path_factory.mktemp("memory")
    grid = GeoBox((SIDE, SIDE), Affine(10, 0, 500_000, 0, -10, 4_500_000), "EPSG:32638")
    store = SceneStore(folder / "scenes", grid)
    rng = np.random.default_rng(5)
    clear = np.ones((256, 256), bool)
    looks = [
        write_scene(
            store, 17_000 + 12 * i, rng.uniform(0.05, 0.3, (N, 256, 256)).astype(np.float32), clear
        )
        for i in range(HISTORY + 3)
    ]
    return folder, grid, looks


def peak(work: Callable[[], object]) -> int:
    """Most bytes of arrays held at once while `work` runs; what it compiles comes before. The
    least of three: when the collector of cycles comes is not the work's doing."""
    work()
    peaks = []
    for _ in range(3):
        gc.collect()
        tracemalloc.start()
        try:
            work()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return min(peaks)


def test_a_block_needs_what_the_formula_says(case: tuple[Path, GeoBox, list[Acquisition]]) -> None:
    folder, grid, looks = case
    past = tuple(looks[:HISTORY])
    kept = StateStore.made(folder / "state.icechunk")
    monitor = OpticalMonitor(MonitorParams(), BANDS, (NO_SHIFT,) * HISTORY)
    told = monitor.meta()
    frame = Frame(SceneStore(folder / "scenes", grid), BANDS, np.zeros((0, 0), bool), 60.0)
    draft = kept.begin_fit(monitor.blank().groups(), (SIDE, SIDE), SIDE)
    learn = Job(frame, monitor, draft, past)
    block = Block(WHOLE, np.ones((SIDE, SIDE), bool))
    learning = 66 * PIXELS + 2 * min(192 * 2**20, 4 * N * HISTORY * 256**2)
    needed = peak(lambda: fit_block(learn, block))
    assert learning / 3 < needed < learning

    done = fit_block(learn, block)
    note = {"day": "2018-01-01", "history": [], "shifts": []}
    head = kept.commit_fit(
        [w for w in done.written if w],
        key="k",
        meta=told,
        shape=(SIDE, SIDE),
        block=SIDE,
        note=note,
    )
    common = dict.fromkeys(range(len(looks)), NO_SHIFT)
    before = Before(kept.reader(head), told, HISTORY, common)
    follow = replace(learn, draft=kept.begin_steps(), looks=tuple(looks), before=before)
    following = (66 + 16 + 2 * N + 12) * PIXELS
    needed = peak(lambda: step_block(follow, block))
    assert following / 3 < needed < following
