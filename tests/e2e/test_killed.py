"""Killed at any moment, on a full disk, two at once: never a half state, nothing lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gossan.io.state.store import StateStore
from tests.support.cases import (
    assert_same_state,
    catalogue,
    check_whole,
    line,
    sample_items,
    small_case,
)
from tests.support.forker import Forker

from .conftest import gossan

GOSSAN = Path(sys.executable).with_name("gossan")


@dataclass
class Bench:
    """A small case, brought up to date without a break, and copies of it to break.

    Attributes
    ----------
    whole : the unbroken case
    scenes : its scenes, already read
    seconds : how long the unbroken update took with its scenes already read
    """

    root: Path
    forker: Forker
    random: random.Random = field(default_factory=lambda: random.Random(7))
    rounds: int = 0
    kills: int = 0

    def __post_init__(self) -> None:
        scenes = [item for item in sample_items() if item.stem[-8:] < "20190601"]
        self.source = catalogue(self.root / "source", scenes)
        self.whole = small_case(self.root / "whole", self.source)
        self.forker.start(self.whole)
        assert self.forker.wait() == 0
        self.scenes = self.whole / "scenes"
        start = time.monotonic()
        self.forker.start(self.fresh())
        assert self.forker.wait() == 0
        self.seconds = time.monotonic() - start

    def fresh(self, *, scenes: bool = True) -> Path:
        """A new case that differs in nothing, its scenes read or not."""
        self.rounds += 1
        case = small_case(self.root / f"round{self.rounds}", self.source)
        if scenes:
            shutil.copytree(self.scenes, case / "scenes")
        return case

    def kill_after(self, case: Path, seconds: float) -> bool:
        """Update and kill -9; False where the update had ended before."""
        pid = self.forker.start(case)
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        return self._ended()

    def kill_when_written(self, case: Path, folder: str, after: int) -> bool:
        """Kill as soon as a folder of the store has so many files more, between the files of
        one commit: what is written and what is not is up to the system."""
        place = case / "state.icechunk" / folder
        before = entries(place)
        pid = self.forker.start(case)
        while entries(place) < before + after and Path(f"/proc/{pid}/cmdline").read_bytes():
            pass
        os.kill(pid, signal.SIGKILL)
        return self._ended()

    def finish(self, case: Path) -> None:
        """Run to the end and compare with the unbroken case."""
        self.forker.start(case)
        assert self.forker.wait() == 0
        check_whole(case)
        assert_same_state(case, self.whole)
        assert [c.state_hash for c in line(case)] == [c.state_hash for c in line(self.whole)]
        assert not [p for p in case.rglob("*") if p.name.endswith(".part")]

    def _ended(self) -> bool:
        status = self.forker.wait()
        assert status in (0, -9)
        self.kills += status == -9
        return status == -9


def entries(folder: Path) -> int:
    return sum(1 for _ in os.scandir(folder)) if folder.is_dir() else 0


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Forker() as forker:
        yield Bench(tmp_path_factory.mktemp("killed"), forker)


def newest_is_whole(case: Path) -> None:
    """Whatever was killed when: the newest commit, if there is one, is all there."""
    folder = case / "state.icechunk"
    if not folder.is_dir():
        return
    store = StateStore(folder)
    head = store.head()
    assert head is None or store.hash_of(head) == head.state_hash


def break_often(bench: Bench, case: Path, kills: int) -> None:
    """Kill a case's update at random moments; where it ends before, go on with a new one."""
    target = bench.kills + kills
    while bench.kills < target:
        if not bench.kill_after(case, bench.random.uniform(0, bench.seconds)):
            bench.finish(case)
            case = bench.fresh()
        newest_is_whole(case)
    bench.finish(case)


def break_within_commits(bench: Bench, case: Path, kills: int) -> None:
    """The same, but between the files of a commit."""
    target = bench.kills + kills
    while bench.kills < target:
        folder = bench.random.choice(["snapshots", "transactions", "manifests", "chunks"])
        if not bench.kill_when_written(case, folder, bench.random.randint(1, 12)):
            bench.finish(case)
            case = bench.fresh()
        newest_is_whole(case)
    bench.finish(case)


def test_killed_at_random_it_ends_where_an_unbroken_update_does(bench: Bench) -> None:
    break_often(bench, bench.fresh(scenes=False), 4)


def test_killed_within_commits_it_ends_where_an_unbroken_update_does(bench: Bench) -> None:
    break_within_commits(bench, bench.fresh(), 4)


@pytest.mark.slow
def test_sixty_kills(bench: Bench) -> None:
    before = bench.kills
    break_often(bench, bench.fresh(scenes=False), 8)
    break_often(bench, bench.fresh(), 26)
    break_within_commits(bench, bench.fresh(), 26)
    assert bench.kills - before >= 60


def test_killed_between_commit_and_record_the_next_update_records_it(bench: Bench) -> None:
    """The update's own steps, with a kill right after a commit and before its record."""
    case = bench.fresh()
    code = (
        "import os, sys; from pathlib import Path\n"
        "import gossan.case.state_evidence as evidence\n"
        "from gossan.core.progress import Silent; from gossan.run.update import update\n"
        "real, calls = evidence.StateEvidence.catch_up, []\n"
        "def catch_up(self, store):\n"
        "    calls.append(1)\n"
        "    if len(calls) == int(sys.argv[2]): os.kill(os.getpid(), 9)\n"
        "    real(self, store)\n"
        "evidence.StateEvidence.catch_up = catch_up\n"
        "update(Path(sys.argv[1]), Silent())\n"
    )
    for call in (1, 3, 9):  # the fit; and scenes, with others of their batch still to come
        done = subprocess.run([sys.executable, "-c", code, case, str(call)], check=False)
        assert done.returncode == -9
        with pytest.raises(AssertionError, match="every commit is recorded"):
            check_whole(case)
    bench.finish(case)


def test_two_at_once_and_the_second_goes_on_when_the_first_is_killed(bench: Bench) -> None:
    case = bench.fresh()
    pid = bench.forker.start(case)
    while not (case / "state.icechunk" / "snapshots").is_dir():
        time.sleep(0.01)
    os.kill(pid, signal.SIGSTOP)
    second = gossan("update", case)
    assert second.returncode == 2
    assert "Another gossan is working on the case" in second.stderr
    assert "Traceback" not in second.stderr
    reading = gossan("history", case)
    assert reading.returncode in (0, 2), "reading needs no lock"
    assert "Another gossan" not in reading.stderr
    os.kill(pid, signal.SIGKILL)
    assert bench.forker.wait() == -9
    assert gossan("update", case).returncode == 0
    bench.finish(case)


def test_a_full_disk_stops_it_with_one_sentence_and_room_lets_it_go_on(bench: Bench) -> None:
    own_mounts = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        possible = subprocess.run([*own_mounts, "mount", "-t", "tmpfs", "none", bench.root])
    except FileNotFoundError:
        pytest.skip("unshare is not here: no full disk can be made")
    if possible.returncode != 0:
        pytest.skip("no mount namespace may be made here: no full disk can be made")
    case, out = bench.fresh(scenes=False), bench.root / "from_full_disk"
    done = subprocess.run(
        [*own_mounts, sys.executable, "-m", "tests.support.full_disk", case, out, "1000"],
        check=True,
        capture_output=True,
        text=True,
    )
    runs = json.loads(done.stdout)
    assert [r["status"] for r in runs] == [*[2] * (len(runs) - 1), 0]
    said = [r["said"] for r in runs[:-1]]
    assert len(said) >= 3
    assert not any("Traceback" in text for text in said)
    full = ("No space left on device", "disk is full")
    assert all(any(words in text for words in full) for text in said)
    assert any("error: The scene" in text for text in said)
    assert any("error: The state" in text or "error: case.db" in text for text in said)
    bench.finish(out)


def test_the_command_itself_can_be_killed(bench: Bench) -> None:
    """As a person does it: the command, from its start."""
    case = bench.fresh()
    process = subprocess.Popen([GOSSAN, "update", case], stderr=subprocess.DEVNULL)
    while not (case / "state.icechunk" / "chunks").is_dir():
        time.sleep(0.02)
    process.kill()
    assert process.wait() == -9
    assert gossan("update", case).returncode == 0
    bench.finish(case)


def test_ctrl_c_says_that_nothing_is_lost(bench: Bench) -> None:
    case = bench.fresh()
    process = subprocess.Popen(
        [GOSSAN, "update", case],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell's job in the background, as these tests may be, ignores Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    first = process.stderr.readline()
    assert first.startswith("Searching")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "Nothing is lost" in rest
    assert "Traceback" not in rest
