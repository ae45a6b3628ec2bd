"""Speed of the monitor beside decoding and beside nrt, in one process: `python -m bench.speed`.

One generated cube. Each round times, one after the other: decoding a scene's five bands
(deflate with predictor, rasterio), the step on its raw numbers, and nrt's own step of one index
(where nrt is installed); then the fits of the three-year history. Quote ratios and intervals:
the machine is shared. What the step finds is measured by bench.accuracy, a whole update from
files by bench.tile.
"""

import argparse
import importlib.util
import os
import time
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import rasterio
from numpy.typing import NDArray

from bench.cube import BANDS, Cube
from bench.generator import make
from gossan.core.params import MonitorParams
from gossan.monitor.fit import fit
from gossan.monitor.state import copied
from gossan.monitor.step import Calibration, step_into

P = MonitorParams()
ACROSS = 4
"""The cube is repeated so many times in rows and columns for decoding and the step: a block of
true size, whose fixed costs per call are those of a real update."""
FIT_SIDE = 64


def encoded(dn: NDArray[np.uint16]) -> bytes:
    """A scene (bands, y, x) as a GeoTIFF, with noise in the last bits as sensors have."""
    profile = {
        "driver": "GTiff",
        "count": len(dn),
        "height": dn.shape[1],
        "width": dn.shape[2],
        "dtype": "uint16",
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "predictor": 2,
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(dn)
        return bytes(memory.read())


def decode(data: bytes) -> None:
    """Decode all bands."""
    with rasterio.MemoryFile(data) as memory, memory.open() as source:
        source.read()


def nrt_monitors(cube: Cube, n: int) -> dict[str, Callable[[], object]]:
    """nrt's monitors fitted on NDVI of a part of the cube, as callables that fit them."""
    if importlib.util.find_spec("nrt") is None:
        return {}
    from nrt.monitor.ccdc import CCDC
    from nrt.monitor.ewma import EWMA
    from nrt.monitor.iqr import IQR

    from bench.peers.nrt_common import cube_of
    from bench.peers.pixels import Pixels

    red, nir = cube.values[:, 1, :FIT_SIDE, :FIT_SIDE], cube.values[:, 2, :FIT_SIDE, :FIT_SIDE]
    ndvi = np.where(cube.usable[:, :FIT_SIDE, :FIT_SIDE], (nir - red) / (nir + red), np.nan)
    flat = ndvi.reshape(len(ndvi), -1).astype(np.float64)
    part = Pixels(
        cube.values[:, :, :FIT_SIDE, :FIT_SIDE].reshape(len(flat), 5, -1),
        cube.usable[:, :FIT_SIDE, :FIT_SIDE].reshape(len(flat), -1),
        cube.days,
        n,
    )
    history = cube_of(part, flat)
    return {
        "nrt EWMA": lambda: EWMA(trend=False).fit(history, method="OLS"),
        "nrt IQR": lambda: IQR(trend=False).fit(history, method="OLS"),
        "nrt CCDC": lambda: CCDC(trend=True).fit(
            history,
            method="CCDC-stable",
            screen_outliers="CCDC_RIRLS",
            green=cube_of(part, part.band(0)),
            swir=cube_of(part, part.band(3)),
            scaling_factor=1,
        ),
    }


def timed(times: list[float], pixels: int, work: Callable[[], object]) -> object:
    """Run `work`; its microseconds a pixel are added to `times`."""
    start = time.perf_counter()
    result = work()
    times.append(1e6 * (time.perf_counter() - start) / pixels)
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Speed of the monitor.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    cube, n = make(side=128, seed=1), 219
    small = cube.values[:n, :, :FIT_SIDE, :FIT_SIDE], cube.usable[:n, :FIT_SIDE, :FIT_SIDE]
    one = fit(cube.values[:n], cube.usable[:n], cube.days[:n], P, BANDS)
    state = type(one)(
        one.bands,
        *(
            type(g)(*(np.tile(a, (1,) * (a.ndim - 2) + (ACROSS, ACROSS)) for a in g))
            for g in (one.model, one.dynamic, one.events)
        ),
    )
    seen = [i for i in range(n, n + 80) if cube.usable[i].mean() > 0.5][:rounds]
    told = Calibration(*(np.full(5, v, np.float32) for v in (1e-4, -0.1, 0.0)))
    noise = np.random.default_rng(1)
    times: dict[str, list[float]] = defaultdict(list)
    for i in seen:
        dn = np.tile(cube.values[i] * 1e4 + 1000, (1, ACROSS, ACROSS)).astype(np.uint16)
        dn += noise.integers(0, 8, dn.shape, np.uint16)
        clear, data, day = np.tile(cube.usable[i], (ACROSS, ACROSS)), encoded(dn), cube.days[i]
        work = lambda s: step_into(s, dn, clear, int(day), P, told)  # noqa: B023, E731
        work(copied(state))  # as it is from the second scene on: compiled
        own = copied(state)  # as an update has it: nobody else needs the state before
        timed(times["decode, five bands"], clear.size, lambda: decode(data))  # noqa: B023
        timed(times["step, five bands"], clear.size, lambda: work(own))  # noqa: B023
        state = own
    for _ in range(rounds):
        timed(times["fit, five bands"], FIT_SIDE**2, lambda: fit(*small, cube.days[:n], P, BANDS))
        for name, work in nrt_monitors(cube, n).items():
            timed(times[f"{name} fit, one index"], FIT_SIDE**2, work)
    print(f"{'us a pixel':<28}{'min':>9}{'median':>9}{'max':>9}")
    for name, values in times.items():
        print(f"{name:<28}{min(values):>9.4f}{np.median(values):>9.4f}{max(values):>9.4f}")
    ratio = np.array(times["step, five bands"]) / np.array(times["decode, five bands"])
    print(
        f"step / decode, pair by pair {min(ratio):>9.2f}{np.median(ratio):>9.2f}{max(ratio):>9.2f}"
    )
    for name, arrays in (*state.groups().items(),):
        size = sum(a.nbytes for a in arrays.values()) / np.prod(state.shape)
        print(f"{name:<12}{size:5.0f} bytes a pixel")
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; one thread each")


if __name__ == "__main__":
    main()
