"""Speed of the monitor on a generated cube: `python -m bench.monitor`.

What it finds is measured by bench.accuracy.
"""

import io
import time

import numpy as np
import rasterio

from bench.cube import BANDS, Cube
from bench.generator import make
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
    print({k: round(v, 4) for k, v in speed(make(seed=0)).items()})
