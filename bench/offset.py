"""Are wrong offsets caught, and no right one refused? On real series, wrong flags put in.

    python bench/offset.py [../shared/data]

Every series is cut to areas of three sizes at places of a seed. Rightly flagged scenes are judged
as they are. Then flags are made wrong, both ways: each scene alone among right ones, the last
third of the series (a provider's flag that changed in the midst), and all of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
import xarray as xr
from scipy.ndimage import binary_dilation

from gossan.core.dates import to_day
from gossan.data import SAMPLE
from gossan.io.catalogue.harmonise import read_item
from gossan.io.dark_object import STEP, DarkFinding, DarkVerdict, Sample, check_series

OPEN = DarkFinding(DarkVerdict.NOT_TESTABLE, "")
SIDES = (24, 40, 100)
PLACES = 3


def romania() -> list[tuple[int, dict[str, np.ndarray]]]:
    """The sample that ships: 140 dates, 100 x 100 pixels, bands of 20 m repeated."""
    keys = {
        "B02": "blue",
        "B03": "green",
        "B04": "red",
        "B08": "nir",
        "B8A": "nir08",
        "B11": "swir16",
        "SCL": "scl",
    }
    out = []
    for path in sorted((SAMPLE / "items").glob("*/*.json")):
        item = read_item(json.loads(path.read_text()))
        layers = {}
        for band, key in keys.items():
            with rasterio.open(path.parent / item.assets[key].href) as data:
                layers[band] = data.read(1, out_shape=(100, 100))
        assert item.datetime is not None
        out.append((to_day(item.datetime.date()), layers))
    return out


def india(shared: Path) -> list[tuple[int, dict[str, np.ndarray]]]:
    """Quarries with pit lakes: 107 dates, 77 x 54 pixels."""
    out = []
    with xr.open_dataset(shared / "s2_india_mine_1/mine_1_s2l2a.nc", engine="h5netcdf") as cube:
        for i, when in enumerate(cube.time.values):
            layers = {
                b: np.rint(np.nan_to_num(cube[b].values[i]) * 1e4).astype(np.uint16)
                for b in ("B02", "B04", "B08", "B11", "B12")
            }
            layers["SCL"] = np.nan_to_num(cube["SCL"].values[i]).astype(np.uint16)
            out.append((to_day(date.fromisoformat(str(when)[:10])), layers))
    return out


def samples(
    series: list[tuple[int, dict[str, np.ndarray]]], window: tuple[slice, slice]
) -> list[Sample]:
    """Clear ground of a window, cloud widened by 30 m."""
    out = []
    for day, layers in series:
        bands = tuple(b for b in layers if b != "SCL")
        hidden = binary_dilation(~np.isin(layers["SCL"], (4, 5, 6, 7)), iterations=3)
        known = np.logical_and.reduce([layers[b] > 0 for b in bands]) & ~hidden
        values = np.stack([np.where(known, layers[b] * 1e-4, np.nan)[window] for b in bands])
        flat = values.reshape(len(bands), -1).astype(np.float32)
        out.append(Sample(day, bands, flat[:, :: max(1, flat.shape[1] // 1024)], 0.0, OPEN))
    return out


def still_in(s: Sample) -> Sample:
    """+1000 still in the pixels, and said to be applied."""
    return replace(s, values=s.values + np.float32(STEP))


def twice(s: Sample) -> Sample:
    """Applied, and said not to be."""
    return replace(s, values=s.values - np.float32(STEP), offset=-STEP)


def right_new(s: Sample) -> Sample:
    """Rightly said not to be applied: the same reflectance."""
    return replace(s, offset=-STEP)


Wrong = Callable[[Sample], Sample]


def places(shape: tuple[int, int], side: int) -> Iterator[tuple[slice, slice]]:
    """Windows at places of a seed; one where the area is no larger."""
    rng = np.random.default_rng(13)
    rooms = [max(1, n - side + 1) for n in shape]
    for _ in range(PLACES if max(rooms) > 1 else 1):
        y, x = (int(rng.integers(room)) for room in rooms)
        yield slice(y, y + side), slice(x, x + side)


def refused(found: Sequence[DarkFinding], which: Sequence[int]) -> np.ndarray:
    """Of the scenes `which` with any clear pixels: judged, refused, open."""
    verdicts = [found[i].verdict for i in which]
    return np.array(
        [
            len(verdicts),
            verdicts.count(DarkVerdict.IMPLAUSIBLE),
            verdicts.count(DarkVerdict.NOT_TESTABLE),
        ]
    )


def measure(series: list[tuple[int, dict[str, np.ndarray]]], side: int) -> dict[str, np.ndarray]:
    """Counts by kind of series."""
    shape = next(iter(series[0][1].values())).shape
    out: dict[str, np.ndarray] = {}

    def add(name: str, counts: np.ndarray) -> None:
        out[name] = out.get(name, np.zeros(3, int)) + counts

    for window in places(shape, side):
        good = [s for s in samples(series, window) if np.isfinite(s.values[0]).sum() >= 30]
        n = len(good)
        add("right, offset 0", refused(check_series(good), range(n)))
        add("right, offset -0.1", refused(check_series([right_new(s) for s in good]), range(n)))
        third = n - n // 3
        for name, wrong in (("still in", still_in), ("twice", twice)):
            for i in range(n):
                mixed = [wrong(s) if j == i else s for j, s in enumerate(good)]
                found = check_series(mixed)
                add(f"{name}: one alone", refused(found, [i]))
                add(
                    f"{name}: one alone, the others",
                    refused(found, [j for j in range(n) if j != i]),
                )
            for kind, cut in (("last third", third), ("last two thirds", n // 3), ("all", 0)):
                mixed = [*good[:cut], *(wrong(s) for s in good[cut:])]
                found = check_series(mixed)
                add(f"{name}: {kind}", refused(found, range(cut, n)))
                if cut:
                    add(f"{name}: {kind}, the others", refused(found, range(cut)))
    return out


def main() -> None:
    """Print a table: refused and left open of how many."""
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    sets = {"Romania": romania()}
    if (shared / "s2_india_mine_1").is_dir():
        sets["India"] = india(shared)
    print("| series | side, pixels | flags | scenes | refused | not testable |")
    print("|---|---|---|---|---|---|")
    for name, series in sets.items():
        for side in SIDES:
            for kind, (n, no, maybe) in measure(series, side).items():
                print(f"| {name} | {side} | {kind} | {n} | {no} | {maybe} |")


if __name__ == "__main__":
    main()
