"""Killed at every call to the system while something is made: it is there whole or not at all."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from gossan.core.case import CaseConfig
from gossan.core.errors import GossanError
from gossan.core.hashing import hash_array
from gossan.core.terrain import Elevation
from gossan.io.archive import Original, write_original
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case
from gossan.io.case_write import write_case
from gossan.io.dem import KeptDem, keep_dem, kept_dem
from gossan.io.gazetteer import Sources, open_gazetteer
from gossan.io.scene_copies import hashes_now, take
from gossan.io.scenes import SceneStore
from gossan.io.state_store import StateStore
from gossan.run.publish import new_key, public_key, signing
from tests.support.cases import catalogue, check_whole, sample_items, small_case
from tests.support.dossiers import SQUARE
from tests.support.killer import FEW, killed_everywhere
from tests.support.terrain import glo30_grid, valley

from .conftest import gossan

CONFIG = CaseConfig(
    "Half", shapely.box(23.0, 45.3, 23.01, 45.31), date(2019, 1, 1), None, "earth-search",
    date(2020, 1, 1),
)  # fmt: skip
GRID = glo30_grid(23.2, 45.4, (40, 60))
DEM = KeptDem(Elevation(GRID, valley(GRID, 23.21)), {"source": "x"}, "")
DOCUMENT = Original(b"said " * 5000, "text", "said.txt")


def store(folder: Path) -> None:
    StateStore.made(folder / "state.icechunk")


def store_is_whole(folder: Path) -> None:
    path = folder / "state.icechunk"
    if path.exists():
        assert StateStore(path).head() is None
    assert StateStore.made(path).head() is None


def database(folder: Path) -> None:
    with CaseDb(folder / "case.db") as db:
        db.put("grid", "{}")


def database_is_whole(folder: Path) -> None:
    with CaseDb(folder / "case.db", private=True) as db:
        assert db.get("grid") in (None, "{}")
        assert db.ledger() == []
    with CaseDb(folder / "case.db") as db:
        db.put("more", "1")
        assert db.get("more") == "1"


def heights(folder: Path) -> None:
    keep_dem(folder, "dem", KeptDem(DEM.elevation, DEM.origin, hash_array(DEM.elevation.heights)))


def heights_are_whole(folder: Path) -> None:
    found = kept_dem(folder, "dem")
    assert found is None or np.array_equal(found.elevation.heights, DEM.elevation.heights)


def case(folder: Path) -> None:
    write_case(folder / "case", CONFIG)


def case_is_whole(folder: Path) -> None:
    if not (folder / "case" / "case.toml").exists():
        write_case(folder / "case", CONFIG)
    assert read_case(folder / "case").name == "Half"
    with pytest.raises(GossanError, match="exists already"):
        write_case(folder / "case", CONFIG)


def key(folder: Path) -> None:
    new_key(folder / "k", "secret")


def key_is_whole(folder: Path) -> None:
    if not (folder / "k.pub").exists():
        new_key(folder / "k", "secret")
    assert signing(folder / "k", "secret").key == public_key(str(folder / "k"))
    assert (folder / "k").stat().st_mode & 0o077 == 0
    with pytest.raises(GossanError, match="never written over"):
        new_key(folder / "k", "secret")


def original(folder: Path) -> None:
    write_original(folder / "reports", "R-1", DOCUMENT)


def original_is_whole(folder: Path) -> None:
    path = folder / "reports" / "R-1.txt"
    assert not path.exists() or path.read_bytes() == DOCUMENT.data


MADE: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], int]] = {
    "state.icechunk": (store, store_is_whole, 6), "case.db": (database, database_is_whole, 20),
    "terrain": (heights, heights_are_whole, 5), "case.toml": (case, case_is_whole, 8),
    "a key": (key, key_is_whole, 8), "reports": (original, original_is_whole, 4),
}  # fmt: skip
"""How it is made, what must hold after a kill, and how many kills there must be at least."""


def folders(root: Path) -> Iterator[Path]:
    for n in itertools.count():
        (root / str(n)).mkdir()
        yield root / str(n)


@pytest.mark.parametrize("what", MADE)
def test_killed_at_every_call_it_is_whole_or_made_again(what: str, tmp_path: Path) -> None:
    make, whole, least = MADE[what]
    kills = 0
    for folder in killed_everywhere(make, folders(tmp_path)):
        kills += 1
        whole(folder)
        if what not in ("case.toml", "a key"):  # which are never written over
            make(folder)
            whole(folder)
        assert not [p for p in folder.rglob("*") if ".part" in p.name and make in (case, store)]
    assert kills >= least


def test_the_gazetteer_is_whole_or_not_there(tmp_path: Path) -> None:
    """Its thousands of writes go all to one file beside; killed where files come and go."""
    few = Sources(None, None, None)

    def make(folder: Path) -> None:
        open_gazetteer(folder / "places.db", few)

    kills = 0
    for folder in killed_everywhere(make, folders(tmp_path), calls=FEW):
        kills += 1
        path = folder / "places.db"
        if path.exists():
            with open_gazetteer(path, few) as places:
                assert places.strict(["petrosani"])
    with open_gazetteer(folder / "places.db", few) as places:
        assert places.strict(["petrosani"]), "an unfinished one beside is no harm"
    assert kills >= 3


def test_a_copied_scene_is_whole_or_read_again(tmp_path: Path) -> None:
    source = small_case(tmp_path / "whole", catalogue(tmp_path / "source", sample_items()[:2]))
    text = (source / "case.toml").read_text(encoding="utf-8")
    (source / "case.toml").write_text(text.replace("2017-08-01", "2015-09-30"), encoding="utf-8")
    assert gossan("update", source).returncode == 0
    from gossan.run.opened import read_case_folder
    from gossan.run.state import stored_grid

    with read_case_folder(source) as opened:
        grid = stored_grid(opened)
    assert grid is not None
    other = SceneStore(source / "scenes", grid)
    scene = other.list()[0].key
    kills = 0
    for folder in killed_everywhere(
        lambda f: take(SceneStore(f, grid), scene, other), folders(tmp_path / "copies")
    ):
        kills += 1
        mine = SceneStore(folder, grid)
        if [s.key for s in mine.list()] == [scene]:
            assert hashes_now(mine, scene) == hashes_now(other, scene)
    assert kills >= 6


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
    folder = small_case(
        tmp_path / "case", catalogue(tmp_path / "source", few), (*CLEARINGS[:2], 20)
    )
    half = folder / "state.icechunk"
    (half / "refs" / "branch.main").mkdir(parents=True)
    (half / "snapshots").mkdir()
    (half / "snapshots" / "1CECHNKREP0F1RSTCMT0").write_bytes(b"")
    done = gossan("history", folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    done = gossan("update", folder)
    assert done.returncode == 0, done.stderr
    check_whole(folder)
