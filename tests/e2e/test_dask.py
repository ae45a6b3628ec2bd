"""The same work in the processes of a Dask cluster: the same state, bit for bit."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, SchedulerPlugin

from gossan.core.errors import Code, GossanError
from gossan.core.params import How
from gossan.core.progress import Silent
from gossan.run import dask
from gossan.run.update import update
from tests.support.cases import (
    assert_same_state,
    catalogue,
    check_whole,
    line,
    sample_items,
    small_case,
)
from tests.support.cluster import can_hide, cluster, hidden

from .conftest import gossan

pytestmark = pytest.mark.slow

BLOCK = 32
SQUARE = (10, 10, 70)
"""Nine blocks of 32 pixels, the outer ones cut off."""


class Cases:
    """A case done by threads, and copies of it with its scenes read and nothing else."""

    def __init__(self, root: Path) -> None:
        self.root, self.n = root, 0
        chosen = [p for p in sample_items() if p.stem[-8:] < "20180501"]
        self.source = catalogue(root / "source", chosen)
        self.local = small_case(root / "local", self.source, SQUARE)
        assert update(self.local, Silent(), how=How(block=BLOCK)).failed == 0

    def new(self) -> Path:
        self.n += 1
        case = small_case(self.root / f"case{self.n}", self.source, SQUARE)
        shutil.copytree(self.local / "scenes", case / "scenes")
        return case

    def check_same(self, case: Path) -> None:
        check_whole(case)
        assert [c.state_hash for c in line(case)] == [c.state_hash for c in line(self.local)]
        assert_same_state(case, self.local)
        assert not list(case.glob(".gossan-workers-*"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    return Cases(tmp_path_factory.mktemp("dask"))


def test_a_local_cluster_gives_the_same_state(cases: Cases) -> None:
    case = cases.new()
    done = gossan("update", case, "--dask", "local", "--workers", "2", "--block", str(BLOCK))
    assert done.returncode == 0, done.stderr
    assert "Dask cluster of 2 workers" in done.stderr
    assert "scenes followed" in done.stdout
    cases.check_same(case)


def test_one_block_in_one_thread_gives_the_same_pixels(cases: Cases) -> None:
    case = cases.new()
    update(case, Silent(), how=How(workers=1))
    assert_same_state(case, cases.local)


def test_a_running_cluster_gives_the_same_state_and_goes_on_where_threads_stopped(
    cases: Cases, tmp_path: Path
) -> None:
    case = cases.new()
    text = (case / "case.toml").read_text(encoding="utf-8")
    (case / "case.toml").write_text(text.replace("2021-01-31", "2018-01-31"), encoding="utf-8")
    assert gossan("update", case, "--block", str(BLOCK)).returncode == 0
    (case / "case.toml").write_text(text, encoding="utf-8")
    with cluster(tmp_path / "cluster", ["one", "two"]) as running:
        done = gossan("update", case, "--dask", running.address)
    assert done.returncode == 0, done.stderr
    cases.check_same(case)


class Counter(SchedulerPlugin):  # type: ignore[misc]
    """Counts on the scheduler how often each block was worked through, and by whom."""

    name = "gossan-test-counter"

    def __init__(self) -> None:
        self.done: dict[str, list[str]] = {}

    def transition(
        self, key: str, start: str, finish: str, *args: Any, worker: str = "", **kwargs: Any
    ) -> None:
        if start == "processing" and finish == "memory" and str(key).startswith("_work"):
            self.done.setdefault(str(key), []).append(worker)


def counted(dask_scheduler: Any) -> dict[str, list[str]]:
    done: dict[str, list[str]] = dask_scheduler.plugins[Counter.name].done
    return done


def test_a_killed_worker_costs_only_its_blocks(cases: Cases, tmp_path: Path) -> None:
    case = cases.new()
    with cluster(tmp_path / "cluster", ["one", "two"]) as running:
        with Client(running.address, set_as_default=False) as watch:
            watch.wait_for_workers(2)
            addresses = {w["name"]: a for a, w in watch.scheduler_info()["workers"].items()}
            watch.register_plugin(Counter())
            command = [Path(sys.executable).with_name("gossan"), "update", case]
            work = subprocess.Popen(
                [*command, "--dask", running.address, "--block", str(BLOCK)],
                stderr=subprocess.PIPE,
                text=True,
            )
            victim = addresses["one"]
            while not any(victim in by for by in watch.run_on_scheduler(counted).values()):
                time.sleep(0.02)
            while not any("_work" in str(k) for k in watch.processing()[victim]):
                time.sleep(0.002)
            running.workers["one"].send_signal(signal.SIGKILL)
            said = work.communicate(timeout=300)[1]
            done = watch.run_on_scheduler(counted)
        assert running.workers["one"].wait() == -9
    assert work.returncode == 0, said
    cases.check_same(case)
    blocks = len(list(line(case)[0].windows()))
    again = [key for key, by in done.items() if len(by) > 1]
    assert len(again) < blocks, "done work is not done again, but for what died with the worker"
    late = [by[-1] for by in done.values()]
    assert victim in late
    assert addresses["two"] in late


def refused(address: str, case: Path) -> str:
    """What is said when a cluster is no use."""
    with pytest.raises(GossanError) as told, dask.cluster(address, None, case, Silent()):
        pass
    assert told.value.code is Code.DASK
    assert not list(case.glob(".gossan-workers-*"))
    return str(told.value)


def test_a_cluster_that_is_no_use_is_refused(
    cases: Cases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(dask, "WAIT_SECONDS", 1)
    case = cases.local
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in refused("tcp://127.0.0.1:9", case)
    with cluster(tmp_path / "cluster") as running:
        assert "has had no worker for 1 seconds" in refused(running.address, case)
        monkeypatch.setattr(dask, "WAIT_SECONDS", 120)
        running.worker("one")
        monkeypatch.setattr(dask, "MINE", "9.9 (monitor.v9)")
        said = refused(running.address, case)
        assert "The worker tcp://" in said
        assert "this is 9.9 (monitor.v9)" in said


def test_a_worker_that_does_not_see_the_case_is_named(cases: Cases, tmp_path: Path) -> None:
    case = cases.new()
    if not can_hide(case):
        pytest.skip("no mount namespace may be made here: no folder can be hidden from a worker")
    with cluster(tmp_path / "cluster") as running:
        running.worker("blind", hidden(case))
        said = refused(running.address, case)
    assert f"does not see the case's folder {case}" in said
    assert "share under the same path" in said


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"dask": "there"}, 'expected "local" or the address'),
        ({"dask": "tcp://h:1", "workers": 2}, "already running"),
        ({"workers": 0}, "at least 1"),
        ({"block": 16}, "at least 32"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_done(how: dict[str, Any], words: str) -> None:
    with pytest.raises(GossanError, match=words) as told:
        How(**how)
    assert told.value.code is Code.DASK


def alive(group: int) -> bool:
    """Whether any process of a group runs."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                return True
    return False


def test_ctrl_c_ends_the_cluster_it_started(cases: Cases) -> None:
    case = cases.new()
    command = [Path(sys.executable).with_name("gossan"), "update", case, "--dask", "local"]
    work = subprocess.Popen(
        [*command, "--workers", "2", "--block", str(BLOCK)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (case / "state.icechunk" / "chunks").is_dir():
        time.sleep(0.02)
    os.killpg(work.pid, signal.SIGINT)  # as a terminal does, to all of its processes
    said = work.communicate(timeout=120)[1]
    assert work.returncode == 130, said
    assert "Nothing is lost" in said
    assert "Traceback" not in said, said
    end = time.monotonic() + 30
    while alive(work.pid) and time.monotonic() < end:
        time.sleep(0.1)
    assert not alive(work.pid), "no worker is left behind"
    assert gossan("update", case, "--block", str(BLOCK)).returncode == 0
    cases.check_same(case)
