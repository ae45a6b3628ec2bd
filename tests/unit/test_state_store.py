"""The state store on a real icechunk repository on disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gossan.core.errors import GossanError
from gossan.io.lock import case_lock
from gossan.io.state_store import StateStore

WHOLE = (slice(None), slice(None))


def _fit(store: StateStore, key: str = "k", value: int = 1) -> None:
    w = store.begin_fit(key, {"bands": ["B04"]}, (5, 7))
    w.write(WHOLE, {"status": np.full((5, 7), value, np.uint8), "coef": np.ones((2, 5, 7))})
    w.commit_fit(key)


def _step(store: StateStore, scene: str, value: int) -> None:
    w = store.begin_step((5, 7))
    w.write((slice(0, 5), slice(0, 3)), {"status": np.full((5, 3), value, np.uint8)})
    w.commit_step(scene)


def test_new_store_has_no_head_and_says_what_to_do(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.icechunk")
    assert store.head() is None
    with pytest.raises(GossanError, match="gossan update"):
        store.read(WHOLE)


def test_steps_change_only_their_window_and_can_be_gone_back_to(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.icechunk")
    _fit(store)
    _step(store, "a", 2)
    _step(store, "b", 3)
    head = StateStore(tmp_path / "state.icechunk").head()
    assert head is not None
    assert (head.key, head.steps, head.meta) == ("k", ("a", "b"), {"bands": ["B04"]})
    assert store.read(WHOLE, ["status"])["status"][0].tolist() == [3, 3, 3, 1, 1, 1, 1]
    assert store.go_back("k", 1)
    head = store.head()
    assert head is not None
    assert head.steps == ("a",)
    assert store.read(WHOLE, ["status"])["status"][0, 0] == 2
    assert not store.go_back("another fit", 1)


def test_a_new_fit_starts_with_no_steps(tmp_path: Path) -> None:
    store = StateStore(tmp_path / "state.icechunk")
    _fit(store)
    _step(store, "a", 2)
    _fit(store, "other", 9)
    head = store.head()
    assert head is not None
    assert head.steps == ()
    assert store.read(WHOLE)["status"].max() == 9


def test_a_writer_killed_before_its_commit_leaves_the_state_before(tmp_path: Path) -> None:
    path = tmp_path / "state.icechunk"
    _fit(StateStore(path))
    code = (
        "import os, sys, numpy as np; from pathlib import Path\n"
        "from gossan.io.state_store import StateStore\n"
        "w = StateStore(Path(sys.argv[1])).begin_step((5, 7))\n"
        "w.write((slice(None), slice(None)), {'status': np.full((5, 7), 7, np.uint8)})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    head = StateStore(path).head()
    assert head is not None
    assert head.steps == ()
    assert StateStore(path).read(WHOLE)["status"].max() == 1


def test_a_folder_that_is_no_store_gets_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "state.icechunk").write_text("not a folder")
    with pytest.raises(GossanError, match="icechunk"):
        StateStore(tmp_path / "state.icechunk")


def test_a_second_process_is_refused_while_the_case_is_held(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from gossan.core.errors import GossanError; from gossan.io.lock import case_lock\n"
        "try:\n"
        "    with case_lock(Path(sys.argv[1])): pass\n"
        "except GossanError as e: print(e); sys.exit(3)\n"
    )
    run = [sys.executable, "-c", code, str(tmp_path)]
    with case_lock(tmp_path):
        held = subprocess.run(run, check=False, capture_output=True, text=True)
    free = subprocess.run(run, check=False, capture_output=True, text=True)
    assert (held.returncode, free.returncode) == (3, 0)
    assert "Another gossan" in held.stdout
