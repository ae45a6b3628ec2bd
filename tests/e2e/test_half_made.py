"""Killed at every call to the system while something is made: it is there whole or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gossan.core.errors import GossanError
from gossan.io.state.store import StateStore
from tests.support.cases import catalogue, check_whole, sample_items, small_case
from tests.support.dossiers import SQUARE
from tests.support.half_made import MADE
from tests.support.killer import can_trace

from .conftest import gossan


@pytest.mark.parametrize(
    "what", [pytest.param(w, marks=pytest.mark.slow) if w == "places.db" else w for w in MADE]
)
def test_killed_at_every_call_it_is_whole_or_made_again(what: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.half_made", what, tmp_path],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    # without strace only the calls that Python makes itself are seen, of SQLite's none
    assert int(done.stdout) >= (MADE[what][2] if can_trace() else 0)


def test_half_a_store_of_an_older_gossan_is_made_again(tmp_path: Path) -> None:
    """Those were made in place: every state that making one goes through, and `update` after."""
    StateStore.made(tmp_path / "s")
    files = sorted((tmp_path / "s").rglob("*"), key=lambda p: (p.stat().st_mtime_ns, len(p.parts)))
    paths = [p.relative_to(tmp_path / "s") for p in files]
    order = sorted(paths, key=lambda p: (p.parts[0] != "snapshots", len(p.parts)))
    assert {p.parts[0] for p in order} == {"snapshots", "refs"}
    for n in range(len(order) + 1):
        half = tmp_path / f"half{n}" / "state.icechunk"
        half.mkdir(parents=True)
        for p in order[:n]:
            if (tmp_path / "s" / p).is_dir():
                (half / p).mkdir()
            else:
                shutil.copy(tmp_path / "s" / p, half / p)
        assert StateStore.made(half).head() is None, order[:n]
    for torn in (b"", b'{"snap'):
        (half / "refs" / "branch.main" / "ref.json").write_bytes(torn)
        assert StateStore.made(half).head() is None


def test_what_is_not_ours_is_never_made_again(tmp_path: Path) -> None:
    mine = tmp_path / "state.icechunk"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(GossanError, match="should be an icechunk store"):
        StateStore.made(mine)
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_update_goes_on_from_half_a_store(tmp_path: Path) -> None:
    few = [i for i in sample_items() if i.stem[-8:] < "20171101"]
    folder = small_case(tmp_path / "case", catalogue(tmp_path / "source", few), SQUARE)
    half = folder / "state.icechunk"
    (half / "refs" / "branch.main").mkdir(parents=True)
    (half / "snapshots").mkdir()
    (half / "snapshots" / "1CECHNKREP0F1RSTCMT0").write_bytes(b"")
    (folder / "scenes").mkdir()
    torn = folder / "scenes" / ".2015-08-01_S2_L2A_ROMANIA_20150801.tif.part"
    torn.write_bytes(b"II*\0\x08\0\0\0")
    done = gossan("history", folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    done = gossan("update", folder)
    assert done.returncode == 0, done.stderr
    check_whole(folder)
    assert not torn.exists()
    assert torn.with_name(torn.name[1:].removesuffix(".part")).exists()
