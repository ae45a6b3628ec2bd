"""One whole tile through the real update: `python -m bench.tile --side 10980`.

Makes a case's folder with scenes of true size (a generated piece of ground, repeated) and the
state after a history, then has `run.follow` bring it up to date as `gossan update` does:
decode, mask, step, state in and out, one commit a scene. Before and after it, the same scenes
are only decoded, by as many threads, from files as a catalogue serves them (deflate with
predictor). Needs about 13 GB of disk for a full tile, and room in memory for the blocks in work.
Prints time, peak memory and bytes.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pystac
import rasterio
import rasterio.shutil
import rasterio.windows
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from bench.cube import BANDS
from bench.generator import make
from gossan.case.monitoring import Acquisition, Frame
from gossan.core.dates import from_day
from gossan.core.params import BLOCK, MonitorParams
from gossan.core.progress import Silent
from gossan.core.sensor import flat
from gossan.core.values import BandSource, Scene
from gossan.io.catalogue.search import CatalogueScene
from gossan.io.pixels import RawScene
from gossan.io.scenes import SceneStore
from gossan.io.state.store import StateStore, windows
from gossan.monitor.fit import fit
from gossan.monitor.optical import OpticalMonitor
from gossan.monitor.state import MonitorState, from_arrays, meta
from gossan.run.engine import Threads
from gossan.run.follow import Driver, Target

PIECE = 256
"""Side of the generated ground that is repeated."""
HISTORY = 219
P = MonitorParams()


@dataclass(frozen=True)
class Repeated(RawScene):
    """A scene whose pixels are a piece of ground, repeated over the grid."""

    piece: dict[str, NDArray[np.uint16]] = field(default_factory=dict)

    def strips(self) -> Iterator[tuple[slice, dict[str, NDArray[np.uint16]]]]:
        """As `RawScene.strips`, from memory."""
        height, width = self.grid.shape
        across = -(-width // PIECE)
        for top in range(0, height, PIECE):
            rows = slice(top, min(top + PIECE, height))
            n = rows.stop - top
            strip = {k: np.tile(v[:n], (1, across))[:, :width] for k, v in self.piece.items()}
            for i, band in enumerate(self.bands):  # ground does not repeat, or it would compress
                rng = np.random.default_rng([top, i])
                strip[band] = strip[band] + rng.integers(0, 16, strip[band].shape, np.uint16)
            yield rows, strip


def scene_of(day: int) -> Scene:
    """A scene of the catalogue as far as the store asks."""
    when = datetime.combine(from_day(day), datetime.min.time(), UTC) + timedelta(hours=8)
    item = pystac.Item(f"GENERATED_{from_day(day):%Y%m%d}", None, None, when, {})
    source = {b: BandSource(b, f"generated:{b}", 1e-4, -0.1, 0.0, None) for b in BANDS}
    return Scene(item.id, when, item, source, None, "generated: offset as since 2022")


def write_scene(
    store: SceneStore, day: int, values: NDArray[np.float32], clear: NDArray
) -> Acquisition:
    """Store one look at the piece (bands, y, x), repeated over the store's grid."""
    piece = {
        b: np.clip(values[i] * 1e4 + 1000, 1, 65535).astype(np.uint16) for i, b in enumerate(BANDS)
    }
    piece["SCL"] = np.where(clear, 5, 9).astype(np.uint16)
    raw = Repeated(
        CatalogueScene(day, (scene_of(day),)),
        store.grid,
        BANDS,
        dict.fromkeys(BANDS, 1e-4),
        dict.fromkeys(BANDS, -0.1),
        512,
        str,
        piece=piece,
    )
    return Acquisition.at(store.write(raw))


def repeated(state: MonitorState, rows: int, cols: int) -> MonitorState:
    """The piece's state over a block."""
    n, m = -(-rows // PIECE), -(-cols // PIECE)
    arrays = {
        k: np.tile(a, (*[1] * (a.ndim - 2), n, m))[..., :rows, :cols]
        for k, a in flat(state).items()
    }
    return from_arrays(arrays, meta(state))


def write_state(
    store: StateStore, state: MonitorState, shape: tuple[int, int], block: int, last: int
) -> None:
    """Commit the piece's state, repeated over the grid, as if it had just been learned."""
    draft = store.begin_fit(state.blank((1, 1)).groups(), shape, block)
    note = {
        "day": str(from_day(last)),
        "history": [],
        "parameters": {},
        "version": "bench",
        "params": "",
        "processed": "",
        "modelled": 0,
        "early": 0,
        "shifts": [[0.0] * len(BANDS)] * HISTORY,
    }
    written = [
        draft.write(w, repeated(state, w[0].stop - w[0].start, w[1].stop - w[1].start).groups())
        for w in windows(shape, block)
    ]
    store.commit_fit(written, key="bench", meta=meta(state), shape=shape, block=block, note=note)


def serve(store: SceneStore, look: Acquisition, folder: Path) -> None:
    """A look as a catalogue would serve it: tiled, deflate with predictor."""
    with store.opened(look.key) as pixels:
        rasterio.shutil.copy(
            pixels.data,
            folder / f"{look.key}.tif",
            driver="GTiff",
            tiled=True,
            blockxsize=512,
            blockysize=512,
            compress="deflate",
            predictor=2,
            interleave="band",
            bigtiff="if_safer",
        )


def decode(served: Path, looks: list[Acquisition], shape: tuple[int, int], workers: int) -> float:
    """Seconds to read all bands and the classification of all looks, block by block."""

    def one(window: tuple[slice, slice]) -> None:
        for look in looks:
            with rasterio.open(served / f"{look.key}.tif") as data:
                data.read(window=rasterio.windows.Window.from_slices(*window))

    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, windows(shape, BLOCK)))
    return time.perf_counter() - start


def size_of(folder: Path) -> int:
    """Bytes of all files under a folder."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def prepare(
    folder: Path, grid: GeoBox, scenes: int, block: int
) -> tuple[list[Acquisition], tuple[Acquisition, ...], str]:
    """Make scenes and state of a case; returns the looks, those of the history, and words."""
    shape = (int(grid.shape[0]), int(grid.shape[1]))
    cube = make(side=PIECE, years=5, history_years=3, seed=1)
    n = HISTORY
    state = fit(cube.values[:n], cube.usable[:n], cube.days[:n], P, BANDS)
    store = SceneStore(folder / "scenes", grid)
    clearest = sorted(range(n, n + 18), key=lambda i: -cube.usable[i].mean())[:scenes]
    looks = [
        write_scene(store, int(cube.days[i]), cube.values[i], cube.usable[i])
        for i in sorted(clearest)
    ]
    (folder / "served").mkdir()
    for look in looks:
        serve(store, look, folder / "served")
    share = np.mean([cube.usable[i].mean() for i in clearest])
    last = int(cube.days[n - 1])
    write_state(StateStore.made(folder / "state.icechunk"), state, shape, block, last)
    history = tuple(Acquisition(f"h{i}", int(cube.days[i]), "") for i in range(n))
    return looks, history, f"{share:.0%} usable"


def peak_mb() -> float:
    """Largest resident memory of this process so far, MiB (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def job(folder: Path, side: int, scenes: int, workers: int, block: int) -> None:
    """Make the case in a process of its own, bring it up to date here, print."""
    shape, each = (side, side), side * side * scenes
    grid = GeoBox(shape, Affine(10, 0, 500_000, 0, -10, 4_500_000), "EPSG:32638")
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        looks, history, words = pool.submit(prepare, folder, grid, scenes, block).result()
    stored = size_of(folder / "scenes") / each
    print(f"{scenes} scenes of {side} x {side}, {words}; {stored:.2f} bytes a pixel", flush=True)
    store, kept = SceneStore(folder / "scenes", grid), StateStore(folder / "state.icechunk")
    first, alone = size_of(folder / "state.icechunk"), peak_mb()
    frame = Frame(store, BANDS, np.ones(shape, np.bool_), 60.0)
    driver = Driver(kept, frame, Threads(workers), block, lambda: None, Silent())
    served = folder / "served"
    before = decode(served, looks, shape, workers)
    start = time.perf_counter()
    driver.bring(Target("bench", history, tuple(looks), OpticalMonitor(P, BANDS), {}))
    update, peak = time.perf_counter() - start, peak_mb()
    after = decode(served, looks, shape, workers)
    for name, seconds in (("decode before", before), ("decode after", after), ("update", update)):
        line = f"{seconds / scenes:8.1f} s a scene {seconds / each * 1e9:7.1f} ns a pixel"
        print(f"{name:<15}{line}")
    print(f"update / decode{2 * update / (before + after):9.2f}")
    print(f"peak memory    {peak:9.0f} MiB, of which before any pixel {alone:.0f}")
    more = (size_of(folder / "state.icechunk") - first) / each
    print(f"state on disk  {first / side**2:9.1f} bytes a pixel, {more:.2f} more a scene")
    print(f"{workers} threads, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A tile through the real update.")
    parser.add_argument("--side", type=int, default=2048, help="pixels; a whole tile has 10980")
    parser.add_argument("--scenes", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--block", type=int, default=BLOCK, help="side of a block")
    parser.add_argument("--folder", type=Path, help="where to work; default a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        job(Path(name), given.side, given.scenes, given.workers, given.block)


if __name__ == "__main__":
    main()
