"""What a block writes of each scene is what the monitor's own step gives, and all that changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from affine import Affine
from bench.cube import BANDS
from bench.tile import write_scene
from odc.geo.geobox import GeoBox

from gossan.case.monitoring import Frame
from gossan.core.params import MonitorParams
from gossan.core.sensor import changed
from gossan.io.scenes import SceneStore
from gossan.io.state.layout import digest, stacked
from gossan.io.state.store import StateStore
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.state import from_arrays
from gossan.run.blocks import Before, Block, Job, fit_block, step_block

SIDE, HISTORY, LATER = 48, 40, 12
WHOLE = (slice(0, SIDE), slice(0, SIDE))
WOOD = np.array([0.03, 0.04, 0.30, 0.15, 0.07], np.float32)[:, None, None]
SOIL = np.array([0.12, 0.20, 0.26, 0.36, 0.30], np.float32)[:, None, None]
NONE = (0.0,) * len(BANDS)


def test_every_scene_writes_what_it_changed(tmp_path: Path) -> None:
    """A corner is dug up after the history; no image shows the other half on one day."""
    grid = GeoBox((SIDE, SIDE), Affine(10, 0, 500_000, 0, -10, 4_500_000), "EPSG:32638")
    scenes, kept = (
        SceneStore(tmp_path / "scenes", grid),
        StateStore.made(tmp_path / "state.icechunk"),
    )
    rng, looks = np.random.default_rng(3), []
    for i in range(HISTORY + LATER):
        ground = np.repeat(np.repeat(WOOD, 256, 1), 256, 2)
        if i >= HISTORY + 3:
            ground[:, :20, :20] = SOIL
        ground = ground * rng.normal(1, 0.03, ground.shape)
        clear = np.ones((256, 256), bool)
        clear[:, 24:] = i != HISTORY + 5
        looks.append(write_scene(scenes, 17_000 + 12 * i, ground.astype(np.float32), clear))
    past, later = tuple(looks[:HISTORY]), tuple(looks[HISTORY:])
    monitor = OpticalMonitor(MonitorParams(), BANDS, (NONE,) * HISTORY)
    meta = monitor.meta()
    frame = Frame(scenes, BANDS, np.zeros((0, 0), bool), 60.0)
    draft = kept.begin_fit(monitor.blank().groups(), (SIDE, SIDE), SIDE)
    learn = Job(frame, monitor, draft, past)
    block = Block(WHOLE, np.ones((SIDE, SIDE), bool))
    note = {"day": "2018-01-01", "history": [], "shifts": []}
    head = kept.commit_fit(
        [w for w in fit_block(learn, block).written if w],
        key="k",
        meta=meta,
        shape=(SIDE, SIDE),
        block=SIDE,
        note=note,
    )
    before = Before(kept.reader(head), meta, HISTORY, dict.fromkeys(range(len(looks)), NONE))
    job = Job(frame, monitor, kept.begin_steps(), tuple(looks), before)
    done = step_block(job, block)

    state = from_arrays(kept.reader(head).read(WHOLE), meta)
    eventful = 0
    for look, written, tally in zip(later, done.written, done.tallies, strict=True):
        (seen,) = frame.observed(look, [(WHOLE, block.inside)])
        after, _ = monitor.step(monitor.copied(state), seen, np.array(NONE, np.float32))
        expected = {
            f"{group}/{dtype}": digest(stack)
            for group, made in changed(state.groups(), after.groups()).items()
            for dtype, stack in stacked(made).items()
        }
        assert written is not None
        assert expected.items() <= written.digests.items()
        assert tally.usable == seen.usable.sum()
        eventful += tally.confirmed > 0
        state = after
    assert eventful
    assert (state.events.confirmed[:10, :10] > 0).mean() > 0.9
