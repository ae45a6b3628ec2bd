"""Small cases over the images that ship here: a few pixels, any choice of scenes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import Affine

from gossan.data import SAMPLE
from gossan.evidence.ledger import verify_chain
from gossan.io.case_db import CaseDb
from gossan.io.state.store import Commit, StateStore
from gossan.run.init import AreaChoice, create_case

HISTORY_UNTIL = "2017-08-01"
START, END = "2015-08-01", "2021-01-31"

Square = tuple[int, int, int]
"""First row, first column and side, in pixels of the sample."""

CLEARINGS: Square = (45, 35, 40)
"""A part of the sample with clearings of four years."""


def sample_items() -> list[Path]:
    """The item files of the sample, by date."""
    return sorted((SAMPLE / "items").glob("*/*.json"))


def catalogue(dest: Path, items: Iterable[Path]) -> Path:
    """A static catalogue in the folder `dest` of items that lie elsewhere."""
    dest.mkdir(parents=True, exist_ok=True)
    links = [{"rel": "item", "href": str(_within(dest, path))} for path in items]
    root = {
        "type": "Catalog",
        "id": "chosen",
        "stac_version": "1.1.0",
        "description": "Chosen",
        "links": links,
    }
    (dest / "catalog.json").write_text(json.dumps(root), encoding="utf-8")
    return dest


def _within(dest: Path, item: Path) -> Path:
    """The item below the catalogue's own folder, or where it is if it ships with gossan."""
    if item.is_relative_to(SAMPLE) or item.is_relative_to(dest):
        return item
    return shutil.copytree(item.parent, dest / item.parent.name, dirs_exist_ok=True) / item.name


def area(dest: Path, square: Square) -> Path:
    """GeoJSON of a square of the sample's pixels, a little smaller than they are."""
    item = json.loads(sample_items()[0].read_text(encoding="utf-8"))
    to_grid = Affine(*item["assets"]["blue"]["proj:transform"])
    row, col, side = square
    edges = [(col, row), (col + side, row), (col + side, row + side), (col, row + side)]
    inset = [(0.3, 0.3), (-0.3, 0.3), (-0.3, -0.3), (0.3, -0.3)]
    to_degrees = Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    ring = [
        to_degrees.transform(*(to_grid @ (x + dx, y + dy)))
        for (x, y), (dx, dy) in zip(edges, inset, strict=True)
    ]
    polygon = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": polygon}
    dest.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return dest


def small_case(folder: Path, source: Path, square: Square = CLEARINGS) -> Path:
    """A case over a square of the sample with the scenes of the catalogue in `source`."""
    outline = area(folder.with_name(f"{folder.name}.geojson"), square)
    create_case(
        folder,
        name="Small",
        area=AreaChoice(file=outline),
        start=START,
        end=END,
        source=f"local:{source}",
    )
    text = (folder / "case.toml").read_text(encoding="utf-8")
    lines = [
        f"history_until = {HISTORY_UNTIL}" if x.startswith("history_until") else x
        for x in text.splitlines()
    ]
    (folder / "case.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def processed_again(item: Path, dest: Path) -> Path:
    """The same item with other pixels under another checksum, as after reprocessing."""
    folder = dest / item.parent.name
    shutil.copytree(item.parent, folder)
    path = folder / item.name
    data = json.loads(path.read_text(encoding="utf-8"))
    asset = data["assets"]["nir"]
    with rasterio.open(folder / asset["href"]) as source:
        pixels, profile = source.read(1), source.profile
    brighter = np.where(pixels == 0, 0, np.minimum(pixels + 400, 10000)).astype(pixels.dtype)
    with rasterio.open(folder / "again.tif", "w", **{**profile, "driver": "GTiff"}) as out:
        out.write(brighter, 1)
    asset["href"] = "./again.tif"
    asset["file:checksum"] = "1220" + "ab" * 32
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def line(case: Path) -> list[Commit]:
    """The commits of a case's state, oldest first."""
    return list(StateStore(case / "state.icechunk").line())[::-1]


def check_whole(case: Path) -> list[Commit]:
    """That nothing is half: hashes fit what is stored, and the ledger has every commit once.

    Returns the line of commits.
    """
    store, commits = StateStore(case / "state.icechunk"), line(case)
    assert [c.n for c in commits] == list(range(len(commits)))
    assert all(store.hash_of(c) == c.state_hash for c in commits)
    with CaseDb(case / "case.db") as db:
        rows = db.ledger()
    assert verify_chain(rows) == len(rows)
    named = [r["outputs"] for r, _ in rows if r["action"] in ("fit", "step")]
    ids = [outputs["snapshot"] for outputs in named]
    assert len(ids) == len(set(ids)), "a commit is recorded once"
    assert {c.snapshot for c in commits} <= set(ids), "every commit is recorded"
    hashes = {outputs["snapshot"]: outputs["hash"] for outputs in named}
    assert all(hashes[c.snapshot] == c.state_hash for c in commits)
    last = [r["outputs"]["snapshot"] for r, _ in rows if r["action"] in ("fit", "step", "back")][-1]
    assert last == commits[-1].snapshot, "the ledger ends where the state stands"
    return commits


def whole_state(case: Path) -> dict[str, NDArray[Any]]:
    """Every array of the newest state over the whole grid, whatever its blocks."""
    store, head = StateStore(case / "state.icechunk"), line(case)[-1]
    whole: dict[str, NDArray[Any]] = {}
    for window in head.windows():
        for name, array in store.reader(head).read(window).items():
            if name not in whole:
                whole[name] = np.zeros((*array.shape[:-2], *head.shape), array.dtype)
            whole[name][(..., *window)] = array
    return whole


def assert_same_state(one: Path, two: Path) -> None:
    """Bit for bit, whatever the blocks."""
    a, b = whole_state(one), whole_state(two)
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].dtype == b[name].dtype
        assert a[name].tobytes() == b[name].tobytes(), name
