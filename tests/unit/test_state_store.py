"""The state store on a real icechunk repository on disk."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from icechunk import Repository, local_filesystem_storage

from gossan.core.errors import Code, GossanError
from gossan.io.lock import case_lock
from gossan.io.state.blocks import Written, windows
from gossan.io.state.layout import Groups, stacked
from gossan.io.state.store import Commit, StateStore, chained

SHAPE = (5, 7)
BLOCK = 4
FIRST = (slice(0, 4), slice(0, 4))
LAST = (slice(4, 5), slice(4, 7))


def arrays(shape: tuple[int, int], value: float) -> Groups:
    """A state of two groups and four kinds of number, every pixel `value`."""
    return {
        "model": {
            "kind": np.full(shape, value, np.uint8),
            "coef": np.full((2, 3, *shape), value / 2, np.float32),
            "dof": np.full(shape, value, np.int16),
        },
        "dynamic": {
            "status": np.full(shape, value, np.uint8),
            "run": np.full(shape, value + 1, np.uint8),
            "last_fit": np.full(shape, -(2**31) + value, np.int32),
        },
    }


def size(window: tuple[slice, slice]) -> tuple[int, int]:
    return window[0].stop - window[0].start, window[1].stop - window[1].start


def fit(store: StateStore, key: str = "k", value: int = 1) -> Commit:
    draft = store.begin_fit(arrays((1, 1), 0), SHAPE, BLOCK)
    written = [draft.write(w, arrays(size(w), value)) for w in windows(SHAPE, BLOCK)]
    return store.commit_fit(
        written, key=key, meta={"bands": ["B04"]}, shape=SHAPE, block=BLOCK, note={"day": "x"}
    )


def dynamic(window: tuple[slice, slice], value: int) -> Groups:
    return {"dynamic": arrays(size(window), value)["dynamic"]}


def step(store: StateStore, before: Commit, scene: str, value: int) -> Commit:
    written = [store.begin_steps().write(FIRST, dynamic(FIRST, value))]
    return store.commit_step(written, before, scene, {"scene": scene})


def status(store: StateStore, commit: Commit) -> np.ndarray[Any, Any]:
    whole = np.zeros(SHAPE, np.uint8)
    for window in commit.windows():
        whole[window] = store.reader(commit).read(window)["status"]
    return whole


def repository(path: Path) -> Repository:
    return Repository.open(local_filesystem_storage(str(path)))


def files(path: Path, kind: str) -> int:
    return sum(1 for p in (path / kind).rglob("*") if p.is_file())


def test_new_store_has_no_head_and_no_line(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    assert store.head() is None
    assert list(store.line()) == []


def test_what_is_written_comes_back_with_names_shapes_and_types(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    made = fit(store, value=3)
    head = StateStore(tmp_path / "s").head()
    assert head == made
    assert (head.key, head.n, head.chain, head.meta) == ("k", 0, "k", {"bands": ["B04"]})
    wanted = arrays((1, 3), 3)
    got = store.reader(head).read(LAST)
    for group in wanted.values():
        for name, array in group.items():
            assert got[name].dtype == array.dtype
            np.testing.assert_array_equal(got[name], array)


def test_any_zarr_reader_finds_the_values_by_name(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    fit(store, value=3)
    root = zarr.open_group(repository(tmp_path / "s").readonly_session("main").store, mode="r")
    layers = root["dynamic"].attrs["layers"]
    assert layers == {"uint8": [["status", []], ["run", []]], "int32": [["last_fit", []]]}
    assert root["dynamic/uint8"][1, 4, 6] == 4  # type: ignore[index]
    assert root["model/float32"].shape == (6, *SHAPE)  # type: ignore[union-attr]


def test_steps_change_only_their_block_and_can_be_gone_back_to(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    first = step(store, fit(store), "a", 2)
    second = step(store, first, "b", 3)
    assert [c.n for c in store.line()] == [2, 1, 0]
    assert second.chain == chained(chained("k", "a"), "b")
    assert second.parent == first.snapshot
    assert status(store, second)[4].tolist() == [1] * 7
    assert status(store, second)[0].tolist() == [3, 3, 3, 3, 1, 1, 1]
    assert status(store, first)[0, 0] == 2, "an old commit stays readable"
    store.go_back(first)
    assert StateStore(tmp_path / "s").head() == first


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    head = fit(store)
    manifests = files(tmp_path / "s", "manifests")
    store.commit_step([], head, "nothing seen", {})
    assert files(tmp_path / "s", "manifests") == manifests, "a step without change writes no array"
    assert status(store, store.head() or head).max() == 1


def test_layers_of_one_type_are_one_array() -> None:
    stacks = stacked(arrays((4, 4), 2)["dynamic"])
    assert {k: v.shape for k, v in stacks.items()} == {"uint8": (2, 4, 4), "int32": (1, 4, 4)}


def test_the_hash_tells_what_is_stored_and_nothing_else(tmp_path: Path) -> None:
    one, two = StateStore.made(tmp_path / "one"), StateStore.made(tmp_path / "two")
    a, b = fit(one), fit(two)
    assert a.snapshot != b.snapshot
    assert a.state_hash == b.state_hash
    stepped = step(one, a, "a", 2)
    assert stepped.state_hash != a.state_hash
    assert step(two, b, "another scene, the same arrays", 2).state_hash == stepped.state_hash
    assert one.hash_of(stepped) == stepped.state_hash
    # a chunk changed behind the commits' back does not go unnoticed
    session = repository(tmp_path / "one").writable_session("main")
    zarr.open_group(session.store, mode="r+")["dynamic/uint8"][0, 0, 0] = 77  # type: ignore[index]
    forged = Commit(**{**vars(stepped), "snapshot": session.commit("by hand")})
    assert one.hash_of(forged) != stepped.state_hash


def test_blocks_written_by_other_processes_are_joined_to_one_commit(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    head = fit(store)
    code = (
        "import pickle, sys, numpy as np\n"
        "draft, window, value = pickle.load(sys.stdin.buffer)\n"
        "shape = (window[0].stop - window[0].start, window[1].stop - window[1].start)\n"
        "made = {'dynamic': {'status': np.full(shape, value, np.uint8),\n"
        "                    'run': np.full(shape, value, np.uint8)}}\n"
        "sys.stdout.buffer.write(pickle.dumps(draft.write(window, made)))\n"
    )
    draft = store.begin_steps()
    written: list[Written] = []
    for value, window in enumerate(windows(SHAPE, BLOCK), start=10):
        sent = pickle.dumps((draft, window, value))
        done = subprocess.run([sys.executable, "-c", code], input=sent, capture_output=True)
        assert done.returncode == 0, done.stderr
        written.append(pickle.loads(done.stdout))
    assert store.head() == head, "drafts are nothing until committed"
    made = store.commit_step(written[::-1], head, "a", {})
    assert status(store, made)[0].tolist() == [10] * 4 + [11] * 3
    assert status(store, made)[4].tolist() == [12] * 4 + [13] * 3
    assert store.hash_of(made) == made.state_hash


def test_scenes_taken_together_are_still_one_commit_each(tmp_path: Path) -> None:
    """Drafts of several scenes begun on the same commit, as a batch makes them."""
    store = StateStore.made(tmp_path / "s")
    head = fit(store)
    draft = store.begin_steps()
    batch = [[draft.write(FIRST, dynamic(FIRST, v))] for v in (5, 6, 7)]
    for scene, written in zip("abc", batch, strict=True):
        head = store.commit_step(written, head, scene, {})
    assert [status(store, c)[0, 0] for c in store.line()] == [7, 6, 5, 1]
    assert all(store.hash_of(c) == c.state_hash for c in store.line())


def test_a_new_fit_starts_a_line_of_its_own(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    step(store, fit(store), "a", 2)
    made = fit(store, "other", 9)
    assert [c.snapshot for c in store.line()] == [made.snapshot]
    assert status(store, made).min() == 9


def test_a_fit_begun_but_not_committed_changes_nothing(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    before = step(store, fit(store), "a", 2)
    draft = store.begin_fit(arrays((1, 1), 0), SHAPE, BLOCK)
    draft.write(FIRST, arrays((4, 4), 8))
    again = StateStore.made(tmp_path / "s")
    assert again.head() == before
    assert status(again, before)[0, 0] == 2
    assert status(again, fit(again, "other", 9)).min() == 9, "and is no hindrance to the next"


def test_garbage_goes_and_the_line_stays(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    kept = step(store, fit(store), "a", 2)
    assert store.collect() == 0
    whole = {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()}
    step(store, kept, "b", 3)
    store.go_back(kept)
    store.begin_steps().write(FIRST, dynamic(FIRST, 99))
    assert store.collect() > 0
    left = {p: p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file()}
    ref = tmp_path / "s" / "refs"
    assert {p for p in left if ref not in p.parents} == {p for p in whole if ref not in p.parents}
    assert [store.hash_of(c) == c.state_hash for c in store.line()] == [True, True]


def test_a_step_upon_a_state_someone_else_moved_on_is_refused(tmp_path: Path) -> None:
    store = StateStore.made(tmp_path / "s")
    head = fit(store)
    step(StateStore.made(tmp_path / "s"), head, "theirs", 5)
    with pytest.raises(GossanError, match="Another program has written"):
        step(store, head, "mine", 2)


def test_a_writer_killed_before_its_commit_leaves_the_state_before(tmp_path: Path) -> None:
    path = tmp_path / "s"
    head = fit(StateStore.made(path))
    code = (
        "import os, sys, numpy as np; from pathlib import Path\n"
        "from gossan.io.state.store import StateStore\n"
        "w = StateStore(Path(sys.argv[1])).begin_steps().write(\n"
        "    (slice(0, 4), slice(0, 4)), {'dynamic': {'last_fit': np.zeros((4, 4), np.int32)}})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -9
    store = StateStore.made(path)
    assert store.head() == head
    assert store.hash_of(head) == head.state_hash


def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "s"
    head = fit(StateStore.made(path))
    code = (
        "import resource, signal, sys, numpy as np; from pathlib import Path\n"
        "from gossan.core.errors import GossanError\n"
        "from gossan.io.state.store import StateStore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "store = StateStore(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        "try:\n"
        "    store.commit_step([], store.head(), 'a', {})\n"
        "except GossanError as e: print(e.code, e); sys.exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 3, done.stderr
    assert "could not be read or written: File too large (os error 27)." in done.stdout
    assert "free space" in done.stdout
    assert StateStore(path).head() == head


def test_a_folder_that_is_no_store_gets_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "state.icechunk").write_text("not a folder")
    with pytest.raises(GossanError, match="icechunk"):
        StateStore(tmp_path / "state.icechunk")


def test_a_damaged_store_gets_a_clear_error(tmp_path: Path) -> None:
    head = fit(StateStore.made(tmp_path / "s"))
    (tmp_path / "s" / "snapshots" / head.snapshot).write_bytes(b"\0" * 10)
    with pytest.raises(GossanError) as told:
        StateStore(tmp_path / "s").head()
    assert told.value.code is Code.STATE


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
