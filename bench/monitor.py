"""Time and accuracy of the monitor on generated cubes: `python -m bench.monitor`."""

import io
import time

import numpy as np
import rasterio

from bench.cube import BANDS, Cube
from bench.generator import make
from gossan.core.values import Status
from gossan.monitor.fit import fit
from gossan.monitor.params import MonitorParams
from gossan.monitor.state import dynamic_arrays, model_arrays
from gossan.monitor.step import step

HISTORY = 3 * 73
P = MonitorParams()


def decode_seconds(scene: np.ndarray) -> float:
    """Seconds to decode one scene (bands, y, x) from deflate with predictor, best of five."""
    big = np.tile((scene * 10000).astype(np.uint16), (1, 10, 10))
    nb, ny, nx = big.shape
    buffer = io.BytesIO()
    profile = {
        "driver": "GTiff", "count": nb, "height": ny, "width": nx, "dtype": "uint16",
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "predictor": 2,
    }  # fmt: skip
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(big)
        buffer.write(memory.read())
    best = np.inf
    for _ in range(5):
        with rasterio.MemoryFile(buffer.getvalue()) as memory, memory.open() as source:
            start = time.perf_counter()
            source.read()
            best = min(best, time.perf_counter() - start)
    return best / (ny * nx)


def accuracy(cube: Cube) -> dict[str, float]:
    """Recall, false alarms (percent) and delays (days) of one cube."""
    n = HISTORY
    state = fit(cube.values[:n], cube.usable[:n], cube.days[:n], P, BANDS)
    provisional = np.full(cube.changed.shape, -1)
    for i in range(n, len(cube.days)):
        state = step(state, cube.values[i], cube.usable[i], int(cube.days[i]), P)
        new = (state.dynamic.status == Status.PROVISIONAL) & (cube.changed >= 0)
        new &= (cube.days[i] >= cube.changed) & (provisional < 0)
        provisional[new] = cube.days[i]
    d = state.dynamic
    ever = d.confirmed_on > 0
    truth = cube.changed >= 0
    found = truth & ever & (d.confirmed_on >= cube.changed)
    delay = (d.confirmed_on - cube.changed)[found]
    rate = lambda m: 100 * float(m.mean())  # noqa: E731
    return {
        "found %": rate(found[truth]),
        "within 60 d %": 100 * float((delay <= 60).sum() / truth.sum()),
        "median delay confirmed d": float(np.median(delay)),
        "median delay provisional d": float(
            np.median((provisional - cube.changed)[truth & (provisional > 0)])
        ),
        "interval holds the truth %": rate(
            ((d.last_unchanged < cube.changed) & (d.first_changed >= cube.changed))[found]
        ),
        "false, stable %": rate(ever[~truth & ~cube.drought]),
        "false, drought %": rate(ever[~truth & cube.drought]),
    }


def speed(cube: Cube) -> dict[str, float]:
    """Microseconds per pixel of fit and step, and the step in units of decoding."""
    n = HISTORY
    pixels = cube.changed.size
    fits, steps = [], []
    for _ in range(3):
        start = time.perf_counter()
        state = fit(cube.values[:n], cube.usable[:n], cube.days[:n], P, BANDS)
        fits.append(time.perf_counter() - start)
        for i in range(n, n + 20):
            start = time.perf_counter()
            state = step(state, cube.values[i], cube.usable[i], int(cube.days[i]), P)
            if cube.usable[i].any():
                steps.append(time.perf_counter() - start)
    decode = decode_seconds(cube.values[0])
    update = min(steps) / pixels
    size = lambda a: sum(v.nbytes for v in a.values()) / pixels  # noqa: E731
    return {
        "fit us/pixel": 1e6 * min(fits) / pixels,
        "step us/pixel": 1e6 * update,
        "decode us/pixel": 1e6 * decode,
        "step / decode": update / decode,
        "model bytes/pixel": size(model_arrays(state)),
        "dynamic bytes/pixel": size(dynamic_arrays(state)),
    }


if __name__ == "__main__":
    for seed in range(3):
        print(f"seed {seed}:", {k: round(v, 2) for k, v in accuracy(make(seed=seed)).items()})
    print({k: round(v, 4) for k, v in speed(make(seed=0)).items()})
