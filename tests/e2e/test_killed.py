"""Killed at any moment and run again: the same result as if never killed."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from gossan.evidence.ledger import verify_chain

from .conftest import gossan
from .test_demo import absolute_source, disturbances, ledger

KILLS = 6


def test_killed_updates_end_where_an_unbroken_one_does(demo: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    text = (demo / "case.toml").read_text(encoding="utf-8")
    (case / "case.toml").write_text(absolute_source(text, demo), encoding="utf-8")
    shutil.copy(demo / "area.geojson", case / "area.geojson")
    pause = random.Random(7)
    command = [Path(sys.executable).with_name("gossan"), "update", case]
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(pause.uniform(1.5, 7))
        process.kill()
        killed += process.wait() == -9
    assert killed > 0
    assert gossan("update", case).returncode == 0
    a, b = disturbances(case), disturbances(demo)
    for name in ("status", "first_changed", "last_unchanged", "recovered_on", "magnitude"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    rows = ledger(case)
    assert verify_chain(rows) == len(rows)
    read = [r["inputs"]["scene"] for r, _ in rows if r["action"] == "read"]
    assert len(read) == len(set(read)) == len(list((case / "scenes").glob("*.tif")))
    assert not list((case / "scenes").glob(".*.part"))


def test_ctrl_c_says_that_nothing_is_lost(demo: Path, tmp_path: Path) -> None:
    text = (demo / "case.toml").read_text(encoding="utf-8")
    (tmp_path / "case.toml").write_text(absolute_source(text, demo), encoding="utf-8")
    shutil.copy(demo / "area.geojson", tmp_path / "area.geojson")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("gossan"), "update", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("Searching")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Nothing is lost" in rest
    assert "Traceback" not in rest
