"""Things made in steps, and what must hold of each when its maker was killed.

    python -m tests.support.half_made WHAT FOLDER

Makes it again and again, killed at every call; prints how many kills there were.
"""

from __future__ import annotations

import itertools
import sys
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
from gossan.io.case_db import CaseDb
from gossan.io.case_file import read_case, write_case
from gossan.io.dem import KeptDem, keep_dem, kept_dem
from gossan.io.documents.archive import Original, write_original
from gossan.io.gazetteer import Sources, open_gazetteer
from gossan.io.state.store import StateStore
from gossan.io.whole import copy
from gossan.run.publish import new_key, public_key, signing
from tests.support.killer import CALLS, FEW, in_child, killed_everywhere
from tests.support.terrain import glo30_grid, valley

CONFIG = CaseConfig(
    "Half",
    shapely.box(23.0, 45.3, 23.01, 45.31),
    date(2019, 1, 1),
    None,
    "earth-search",
    date(2020, 1, 1),
)
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


def places(folder: Path) -> None:
    open_gazetteer(folder / "places.db", Sources(None, None, None))


def places_are_whole(folder: Path) -> None:
    if (folder / "places.db").exists():
        with open_gazetteer(folder / "places.db", Sources(None, None, None)) as found:
            assert found.strict(["petrosani"])


def copied(folder: Path) -> None:
    copy(Path(__file__), folder / "roads.gpkg")


def copied_is_whole(folder: Path) -> None:
    path = folder / "roads.gpkg"
    assert not path.exists() or path.read_bytes() == Path(__file__).read_bytes()


MADE: dict[str, tuple[Callable[[Path], None], Callable[[Path], None], int]] = {
    "state.icechunk": (store, store_is_whole, 12),
    "case.db": (database, database_is_whole, 30),
    "terrain": (heights, heights_are_whole, 15),
    "case.toml": (case, case_is_whole, 8),
    "a key": (key, key_is_whole, 8),
    "reports": (original, original_is_whole, 4),
    "a copy": (copied, copied_is_whole, 3),
    "places.db": (places, places_are_whole, 2),
}
"""How it is made, what must hold after a kill, and how many kills there must be at least."""


ONCE = ("case.toml", "a key")
"""What is never written over; the others may be made again."""


def folders(root: Path) -> Iterator[Path]:
    """New folders, as many as are wanted."""
    for n in itertools.count():
        (root / str(n)).mkdir(parents=True)
        yield root / str(n)


def main() -> None:
    what, root = sys.argv[1], Path(sys.argv[2])
    make, whole, _ = MADE[what]
    kills = 0
    # the gazetteer's thousands of writes all go to one file beside
    calls = FEW if what == "places.db" else CALLS
    for folder in killed_everywhere(make, folders(root), calls):
        kills += 1
        in_child(whole, folder)
        if what not in ONCE:
            in_child(make, folder)
            in_child(whole, folder)
    print(kills)


if __name__ == "__main__":
    main()
