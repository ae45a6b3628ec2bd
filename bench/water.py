"""Water: what turbidity is worth against laboratory samples, and what a full tile costs.

`python -m bench.water` prints the table of Parana samples where ../shared/data is there, then
cost per pixel on a generated tile: reading the bands as stored, and telling water, turbidity
and three indices from them, in turns. `--side 10980` measures the whole tile.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.windows import Window
from scipy import stats

from gossan.observables.water.calibrate import Match, calibrate
from gossan.observables.water.turbidity import Formula, turbidity, turbidity_of_scene
from gossan.observables.water.water_mask import Numbers, cover

PARANA = Path(__file__).parents[1].parent / "shared" / "data" / "s2_parana_turbidity"
ORDER = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12")
FORMULAS = (Formula.NECHAD_RED, Formula.NECHAD_RED_EDGE, Formula.NECHAD_NIR, Formula.DOGLIOTTI)
BANDS = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")
BLOCK = 1024
Pixels = dict[str, NDArray[np.float64]]
T = TypeVar("T")


def samples() -> tuple[pd.DataFrame, Pixels, Pixels]:
    """Samples, and reflectance at them of Sen2Cor (median of 3 x 3) and of ACOLITE."""
    lab = pd.read_csv(PARANA / "base_de_datos_lab.csv")
    lab = lab[lab["param"] == "turb"].reset_index(drop=True)
    rows = []
    for day, lon, lat in zip(lab["fecha"], lab["longitud"], lab["latitud"], strict=True):
        with rasterio.open(PARANA / "scenes" / f"{day.replace('-', '')}.tif") as src:
            x, y = Transformer.from_crs(4326, src.crs, always_xy=True).transform(lon, lat)
            row, col = src.index(x, y)
            near = src.read(window=Window(col - 1, row - 1, 3, 3)).astype(np.float64)
        rows.append((np.median(near, axis=(1, 2)) - 1000) / 1e4)
    sen2cor = dict(zip(ORDER, np.array(rows).T, strict=True))
    other = pd.read_csv(PARANA / "base_de_datos_gis_acolite.csv")
    keys = ["fecha", "longitud", "latitud"]
    wide = other.pivot_table(index=keys, columns="banda", values="reflect").reset_index()
    merged = lab.merge(wide, on=keys, how="left")
    return lab, sen2cor, {b: merged[b].to_numpy() for b in ORDER}


def table() -> Iterator[str]:
    """One line for each formula and treatment: n, bias, error, rank correlation, Pearson's r."""
    lab, sen2cor, acolite = samples()
    truth = lab["valor"].to_numpy()
    days = [date.fromisoformat(d) for d in lab["fecha"]]
    yield f"{len(truth)} samples of {len(set(days))} dates; correlation of reflectance with them:"
    swir = sen2cor["B11"]
    for name, rho in (
        ("Sen2Cor B05", sen2cor["B05"]),
        ("ACOLITE B05", acolite["B05"]),
        ("Sen2Cor B05 - B11", sen2cor["B05"] - swir),
        ("ACOLITE B05 - B11", acolite["B05"] - acolite["B11"]),
        ("Sen2Cor B06 - B11", sen2cor["B06"] - swir),
        ("Sen2Cor B05 - B12", sen2cor["B05"] - sen2cor["B12"]),
        ("Sen2Cor B05 - B8A", sen2cor["B05"] - sen2cor["B8A"]),
        ("Sen2Cor B05 / B03", sen2cor["B05"] / sen2cor["B03"]),
    ):
        r, rank = np.corrcoef(rho, truth)[0, 1], stats.spearmanr(rho, truth).statistic
        yield f"  {name:<20} r {r:5.2f}  rank {rank:5.2f}"
    yield (
        f"{'turbidity':<16}{'glint off':<11}{'calibrated':<12}{'n':>4}{'bias':>8}{'error':>7}"
        f"{'rank':>6}{'r':>6}"
    )
    for formula in FORMULAS:
        for glint in (False, True):
            seen = turbidity(sen2cor, formula, glint=glint)
            good = np.isfinite(seen) & (seen > 0)
            matches = [
                Match(days[i], float(truth[i]), float(seen[i])) for i in np.flatnonzero(good)
            ]
            found = calibrate(matches)
            assert found is not None
            r = np.corrcoef(seen[good], truth[good])[0, 1]
            for said, e, rr in (("no", found.before, r), ("one date out", found.left_out, np.nan)):
                yield (
                    f"{formula.value:<16}{'yes' if glint else 'no':<11}{said:<12}{e.n:>4}"
                    f"{e.bias:>+8.0%}{e.error:>7.0%}{e.rank:>6.2f}{rr:>6.2f}"
                    f"  ln sd {e.log_sd:.2f}, of dates {e.date_sd:.2f}"
                )


def tile(path: Path, side: int) -> None:
    """A tile as `update` stores one: seven bands and classes, uint16, deflate, blocks of 256."""
    rng = np.random.default_rng(7)
    profile = {
        "driver": "GTiff",
        "dtype": "uint16",
        "count": len(BANDS) + 1,
        "width": side,
        "height": side,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "deflate",
        "predictor": 2,
        "interleave": "band",
        "nodata": 0,
    }
    land = np.array([900, 1100, 1500, 2300, 2400, 2600, 2000])
    water = np.array([500, 450, 400, 250, 200, 150, 100])
    with rasterio.open(path, "w", **profile) as out:
        for y in range(0, side, BLOCK):
            for x in range(0, side, BLOCK):
                h, w = min(BLOCK, side - y), min(BLOCK, side - x)
                yy, xx = np.mgrid[y : y + h, x : x + w]
                wet = (np.sin(xx / 210) + np.sin(yy / 170 + xx / 900)) > 1.2
                texture = 1 + 0.1 * np.sin(xx / 7) * np.cos(yy / 9)
                window = Window(x, y, w, h)
                for b in range(len(BANDS)):
                    value = np.where(wet, water[b], land[b] * texture)
                    noisy = 1000 + value + rng.normal(0, 30, (h, w))
                    out.write(np.clip(noisy, 1, 65535).astype(np.uint16), b + 1, window=window)
                out.write(np.where(wet, 6, 5).astype(np.uint16), len(BANDS) + 1, window=window)


def cost(side: int) -> Iterator[str]:
    """Seconds to read a tile's blocks and to measure them, in turns, and memory."""
    numbers = Numbers(BANDS, np.full(7, 1e-4, np.float32), np.full(7, -0.1, np.float32))
    spent = {"read": 0.0, "cover": 0.0, "turbidity": 0.0, "indices": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tile.tif"
        tile(path, side)
        _measure(np.full((7, 8, 8), 2000, np.uint16), numbers, dict(spent))  # compiles
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # GDAL keeps read blocks up to a share of the machine's memory: that is not the program's
        with rasterio.Env(GDAL_CACHEMAX=64), rasterio.open(path) as data:
            for y in range(0, side, BLOCK):
                for x in range(0, side, BLOCK):
                    window = Window(x, y, min(BLOCK, side - x), min(BLOCK, side - y))
                    dn = _timed(spent, "read", lambda w=window: data.read(window=w))
                    _measure(dn[:-1], numbers, spent)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    whole = sum(v for k, v in spent.items() if k != "read")
    scale = 10980**2 / side**2
    yield f"{side} x {side} pixels in blocks of {BLOCK}, one thread, seconds:"
    for name, s in spent.items():
        yield f"  {name:<10}{s:8.2f}   a full tile {s * scale:7.1f}"
    grown = (after - before) / 1024
    yield f"measuring takes {whole / spent['read']:.2f} of reading; memory grew {grown:.0f} MB"


def _measure(dn: NDArray[np.uint16], numbers: Numbers, spent: dict[str, float]) -> None:
    yes, no = np.ones(dn.shape[1:], bool), np.zeros(dn.shape[1:], bool)
    seen = _timed(spent, "cover", lambda: cover(dn, numbers, yes, no))
    _timed(spent, "turbidity", lambda: turbidity_of_scene(dn, numbers, seen, Formula.DOGLIOTTI))
    _timed(spent, "indices", lambda: _indices(dn, numbers))


def _indices(dn: NDArray[np.uint16], numbers: Numbers) -> list[NDArray[np.float32]]:
    """NDVI, MNDWI and NBR as float32."""
    rho = {b: dn[i] * numbers.scale[i] + numbers.offset[i] for i, b in enumerate(numbers.bands)}
    pairs = (("B08", "B04"), ("B03", "B11"), ("B08", "B12"))
    return [(rho[a] - rho[b]) / np.maximum(rho[a] + rho[b], np.float32(1e-4)) for a, b in pairs]


def _timed(spent: dict[str, float], name: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    out = work()
    spent[name] += time.perf_counter() - start
    return out


def main() -> None:
    """Print both tables."""
    warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=2048, help="of the generated tile, pixels")
    side = parser.parse_args().side
    lines = table() if PARANA.is_dir() else iter(["../shared/data is not here: no samples."])
    for line in (*lines, "", *cost(side)):
        print(line)


if __name__ == "__main__":
    main()
