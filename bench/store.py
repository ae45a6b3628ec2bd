"""Codecs and block sizes of the state on disk: `python -m bench.store`.

A generated cube is learned and followed through ten scenes; its arrays, group by group, go
through each codec, and blocks of several sizes are written to and read from a real store. Prints
nanoseconds a pixel and bytes a pixel. The state's codecs and block size were chosen by this.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numcodecs.blosc import Blosc
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

from bench.cube import BANDS
from bench.generator import make
from bench.tile import repeated
from gossan.core.params import MonitorParams
from gossan.io.state.layout import stacked
from gossan.io.state.store import StateStore, windows
from gossan.monitor.fit import fit
from gossan.monitor.state import MonitorState, meta
from gossan.monitor.step import step_into

P = MonitorParams()
HISTORY = 219
CODECS = {
    "zstd 1": Zstd(1),
    "zstd 3": Zstd(3),
    "blosc lz4 5, shuffle": Blosc("lz4", 5, Blosc.SHUFFLE),
    "blosc lz4 5, bitshuffle": Blosc("lz4", 5, Blosc.BITSHUFFLE),
    "blosc zstd 1, bitshuffle": Blosc("zstd", 1, Blosc.BITSHUFFLE),
}


def best(work: Callable[[], object], rounds: int) -> float:
    """Least seconds of some rounds: what the machine's other work adds is not the codec's."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def followed(side: int) -> MonitorState:
    """A state some scenes after its fit."""
    cube = make(side=side, years=5, history_years=3, seed=1)
    state = fit(cube.values[:HISTORY], cube.usable[:HISTORY], cube.days[:HISTORY], P, BANDS)
    for i in range(HISTORY, HISTORY + 10):
        step_into(state, cube.values[i], cube.usable[i], int(cube.days[i]), P)
    return state


def codecs(state: MonitorState, rounds: int) -> None:
    """Each codec on each group."""
    pixels = int(np.prod(state.shape))
    print(f"{'group':<10}{'codec':<28}{'write ns':>10}{'read ns':>10}{'bytes':>8}  a pixel")
    for group, arrays in state.groups().items():
        stacks: list[NDArray[np.generic]] = list(stacked(arrays).values())
        for name, codec in CODECS.items():
            packed = [codec.encode(np.ascontiguousarray(s)) for s in stacks]
            write = best(lambda: [codec.encode(s) for s in stacks], rounds)  # noqa: B023
            read = best(lambda: [codec.decode(p) for p in packed], rounds)  # noqa: B023
            size = sum(len(p) for p in packed) / pixels
            print(
                f"{group:<10}{name:<28}{write / pixels * 1e9:>10.1f}{read / pixels * 1e9:>10.1f}"
                f"{size:>8.2f}"
            )


def blocks(state: MonitorState, rounds: int) -> None:
    """Blocks of several sizes through a real store: the model is written once, then read."""
    print(f"{'block':>6}{'write ns':>10}{'read ns':>10}  a pixel")
    for side in (256, 512, 1024, 2048):
        whole = repeated(state, side, side).groups()
        with tempfile.TemporaryDirectory() as name:
            store = StateStore.made(Path(name) / "state.icechunk")
            draft = store.begin_fit(state.blank((1, 1)).groups(), (side, side), side)
            window = next(iter(windows((side, side), side)))
            write = best(lambda: draft.write(window, whole), rounds)  # noqa: B023
            commit = store.commit_fit(
                [draft.write(window, whole)],
                key="bench",
                meta=meta(state),
                shape=(side, side),
                block=side,
                note={"day": "2020-01-01"},
            )
            reader = store.reader(commit)
            read = best(lambda: reader.read(window), rounds)  # noqa: B023
        print(f"{side:>6}{write / side**2 * 1e9:>10.1f}{read / side**2 * 1e9:>10.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The state on disk.")
    parser.add_argument("--side", type=int, default=256, help="pixels of the generated cube")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    state = followed(given.side)
    codecs(state, given.rounds)
    blocks(state, given.rounds)
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
