"""Vehicles on roads: what is found, what is found falsely, and what the null says of it.

`python -m bench.traffic` draws virtual roads into the real series of the Carpathians (no road lies
there, so that every detection is false), puts vehicles on them and looks for them again:

- the score that one false detection in ten kilometres reaches, by halves of the dates;
- recall by vehicle and speed, alone and in a convoy, at the score the program uses;
- whether the interval of each scene's null holds the count that was really false, without
  vehicles and, after hiding what was found, with them;
- the motorway chip with vehicles marked by eye, where ../shared/data is there;
- time for 1,000 km of road.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import shapely
import xarray as xr
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString

from gossan.cube.inject import MTF, expected_on, season_of
from gossan.observables.traffic.detect import LEAST, Strip, searched, strip_of, under_null
from gossan.observables.traffic.limits import Laid, added, alone, convoy, shares
from gossan.observables.traffic.motion import BANDS, null_orders
from gossan.observables.traffic.null import expected
from gossan.observables.traffic.road import sample_image, samples
from gossan.observables.traffic.vehicles import ASPHALT, FLEET, SEMI_WHITE, TIPPER_DULL

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
SERIES = SHARED / "s2_romania_logging" / "sentinel2_cube_subset_romania_10m.nc"
CHIP = SHARED / "s2_truck_a2" / "S2_test_data.tif"
LABELS = Path(__file__).parents[1] / "tests" / "golden" / "truck_a2.json"
ROAD_M = 8.0
GROW = 6
"""Pixels by which cloud and shadow are widened."""
NAMES = {"B02": "B2", "B08": "B8", "B03": "B3", "B04": "B4"}
BAD = (0, 1, 3, 8, 9, 10, 11)


@dataclass(frozen=True)
class Scene:
    """One date with virtual roads in it."""

    day: np.datetime64
    laid: list[Laid]
    strips: list[Strip]

    @property
    def km(self) -> float:
        """Usable kilometres."""
        return sum(float(s.usable[s.usable.shape[0] // 2].sum()) for s in self.strips) / 100


def roads() -> list[LineString]:
    """Virtual roads across the square kilometre, in metres from its upper left corner."""
    wide = [
        ((15, y), (985, y + d))
        for y, d in ((90, 90), (290, -60), (470, 130), (700, -90), (880, 40))
    ]
    high = [((x, 15), (x + d, 985)) for x, d in ((110, -60), (330, 80), (560, -50), (760, 100))]
    return [LineString(p) for p in (*wide, *high)]


def light_of(line: LineString, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Share of each pixel's light that a road of ROAD_M gives, (bands, y, x)."""
    fine = 5
    rows, cols = (n * fine for n in shape)
    y, x = np.mgrid[0:rows, 0:cols]
    cell = 10 / fine
    shapely.prepare(line)
    points = shapely.points((x.ravel() + 0.5) * cell, (y.ravel() + 0.5) * cell)
    away = shapely.distance(points, line).reshape(rows, cols)
    cover = np.clip((ROAD_M / 2 - away) / cell + 0.5, 0, 1)
    out = []
    for band in BANDS:
        sigma = math.sqrt(-2 * math.log(MTF[band] * math.pi / 2)) / math.pi * fine
        blurred = ndimage.gaussian_filter(cover, sigma)
        out.append(blurred.reshape(shape[0], fine, shape[1], fine).mean(axis=(1, 3)))
    return np.array(out)


def scenes() -> Iterator[Scene]:
    """The dates of which seven tenths are clear, roads of asphalt laid into them.

    The land under a road is exchanged by its season; what the scene adds (haze, noise,
    registration) stays in full, which is harder than a real road.
    """
    with xr.open_dataset(SERIES, engine="h5netcdf") as data:
        names = {b: NAMES[b] if NAMES[b] in data else b for b in BANDS}
        image = np.stack([data[names[b]].values for b in BANDS], axis=1).astype(np.float32) / 1e4
        scl, when = data["SCL"].values, data["time"].values.astype("datetime64[D]")
    bad = np.isin(scl, BAD) | ~np.isfinite(image).all(axis=1)
    wide = np.stack([ndimage.binary_dilation(b, iterations=GROW) for b in bad])
    days = when.astype(np.int32)
    n, bands, ny, nx = image.shape
    course = season_of(image.reshape(n, bands, -1), ~bad.reshape(n, -1), days)
    lines = roads()
    light = np.max([light_of(line, (ny, nx)) for line in lines], axis=0)
    paths = [p for line in lines if (p := samples(line, 5.0))]
    for k in np.nonzero((~wide).mean(axis=(1, 2)) >= 0.7)[0]:
        ground = expected_on(course, int(days[k])).reshape(bands, ny, nx)
        seen = image[k] + light * (np.array(ASPHALT)[:, None, None] - ground)
        seen = np.where(wide[k], np.nan, seen).astype(np.float32)
        laid = []
        for path in paths:
            cols, rows = path.xy[..., 0] / 10 - 0.5, path.xy[..., 1] / 10 - 0.5
            values = sample_image(seen, rows, cols)
            usable = np.isfinite(values).all(axis=0) & path.straight[None]
            laid.append(Laid(values, rows, cols, usable, True))
        yield Scene(when[k], laid, [strip_of(r.values, r.usable) for r in laid])


def false_alarms(many: Sequence[Scene]) -> Iterator[str]:
    """Scores reached by chance, by halves of the dates."""
    for name, part in (("even", many[::2]), ("odd", many[1::2])):
        km = sum(s.km for s in part)
        found = np.concatenate([d.score for s in part for d in searched(s.strips, 3.5)[0]])
        ordered = np.sort(found)[::-1]
        at = ordered[min(len(ordered) - 1, int(0.1 * km))]
        rate = (found >= LEAST).sum() / km
        yield (
            f"{name} dates: {km:6.0f} km; 0.1 false a km at score {at:.2f}; at {LEAST} "
            f"{rate:.3f} a km"
        )


def recalls(many: Sequence[Scene]) -> Iterator[str]:
    """Recall by vehicle and speed, alone and in a convoy of eight."""
    rng = np.random.default_rng(20261126)
    rows, off, trains = [], [], []
    for s in many[::3]:
        _, _, noise = searched(s.strips)
        rows += [
            (v.name, paved, speed, 0.0, int(hit), 1)
            for v, paved, speed, hit in alone(s.laid, s.strips, noise, 12, rng)
        ]
        off += [
            (v.name, paved, speed, 0.0, int(hit), 1)
            for v, paved, speed, hit in alone(s.laid, s.strips, noise, 12, rng, 12.0)
            if speed == 40.0
        ]
        for vehicle in (SEMI_WHITE, TIPPER_DULL):
            found = convoy(s.laid, s.strips, vehicle, 40.0, rng)
            if found is not None:
                trains.append((vehicle.name, found[2], 40.0, 60.0, found[0], found[1]))
    for seen in (*shares(rows), *shares(trains)):
        how = f"{seen.gap_m:.0f} m apart" if seen.gap_m else "alone"
        yield (
            f"{seen.vehicle:22} {seen.speed_kmh:3.0f} km/h {how:>11}: {100 * seen.share:3.0f} % "
            f"({100 * seen.low:.0f} to {100 * seen.high:.0f}) of {seen.n}"
        )
    yield "the map's line off by up to 12 m: " + ", ".join(
        f"{seen.vehicle} {100 * seen.share:.0f} %" for seen in shares(off)
    )


def nulls(many: Sequence[Scene]) -> Iterator[str]:
    """How often the null's interval holds the count that was really false."""
    rng = np.random.default_rng(7)
    held, factors, total, false = 0, [], 0, 0
    for s in many:
        found, places, noise = searched(s.strips)
        counts = [under_null(s.strips, places, noise, o) for o in null_orders()]
        e = expected(counts, "")
        n = sum(map(len, found))
        held += e.low <= n <= e.high
        false, total = false + n, total + sum(counts) / len(counts)
        driven = [_driven(road, rng) for road in s.laid]
        _, places, noise = searched(driven)
        hidden = 1 - sum(p.sum() for p in places) / sum(p.size for p in places)
        factors.append(sum(under_null(driven, places, noise, o) for o in null_orders()) / hidden)
    yield f"no vehicles: the null's 95 % interval holds the false count in {held} of {len(many)}"
    yield f"             {false} false detections, {total:.1f} expected by the null"
    with_traffic = sum(factors) / len(null_orders())
    yield (
        f"with vehicles (three a km) hidden: {with_traffic:.1f} expected, "
        f"{with_traffic / max(total, 1e-9):.2f} times those without"
    )


def _driven(road: Laid, rng: np.random.Generator) -> Strip:
    """The road with three vehicles a kilometre, of all kinds and speeds."""
    n = road.rows.shape[1]
    values = road.values.copy()
    for _ in range(rng.poisson(3 * n / 100)):
        vehicle = FLEET[int(rng.integers(len(FLEET)))]
        values += added(
            road,
            vehicle,
            float(rng.uniform(10, n - 10)),
            float(rng.uniform(30, 90)),
            int(rng.choice((-1, 1))),
            float(rng.uniform(-2, 2)),
        )
    return strip_of(values, road.usable)


def chip() -> Iterator[str]:
    """The motorway: vehicles marked by eye, and whether each drives on the right."""
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    with rasterio.open(CHIP) as data:
        red, green, blue, nir = data.read().astype(np.float32)
    path = samples(LineString(np.array(labels["road"]["line"]) * 10.0), 15.0)
    assert path is not None
    cols, rows = path.xy[..., 0] / 10, path.xy[..., 1] / 10
    values = sample_image(np.stack([blue, nir, green, red]) / 1000, rows, cols)
    usable = np.isfinite(values).all(axis=0) & path.straight[None]
    ((found,), _, _) = searched([strip_of(values, usable)])
    middle = path.xy.shape[0] // 2
    right = sum((v > 0) == (t > middle) for t, v in zip(found.track, found.speed, strict=True))
    kmh = np.abs(found.speed) * 3.6
    at = np.stack([cols[found.track, found.at], rows[found.track, found.at]], axis=1)
    hit = {
        c: [
            bool((np.hypot(*(at - v["at"]).T) < 2.5).any())
            for v in labels["vehicles"]
            if v["confidence"] == c
        ]
        for c in ("high", "low")
    }
    yield (
        f"motorway: {len(found)} found, {right} of them driving on the right, median "
        f"{np.median(kmh):.0f} km/h; of those marked by eye {sum(hit['high'])} of "
        f"{len(hit['high'])} sure, {sum(hit['low'])} of {len(hit['low'])} doubtful"
    )


def cost(km: float) -> Iterator[str]:
    """Seconds for a scene with `km` of road, after sampling."""
    rng = np.random.default_rng(1)
    n, each = int(km * 100), 2000
    strips = []
    for _ in range(n // each):
        noise = rng.normal(0, 0.006, (4, 3, each)).astype(np.float32)
        strips.append(
            strip_of(0.1 + ndimage.gaussian_filter1d(noise, 1, axis=2), np.ones((3, each), bool))
        )
    start = time.perf_counter()
    _, places, noise_ = searched(strips)
    for order in null_orders():
        under_null(strips, places, noise_, order)
    yield f"{km:.0f} km of road, three tracks, with its null: {time.perf_counter() - start:.1f} s"


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--km", type=float, default=1000.0, help="of road for the cost")
    km = parser.parse_args().km
    if SERIES.is_file():
        many = list(scenes())
        print(f"{len(many)} dates, {sum(s.km for s in many):.0f} km of virtual road")
        for lines in (false_alarms(many), recalls(many), nulls(many)):
            print(*lines, sep="\n")
    else:
        print("../shared/data is not here: no real series.")
    if CHIP.is_file():
        print(*chip(), sep="\n")
    print(*cost(km), sep="\n")


if __name__ == "__main__":
    main()
