"""Real series, and pits of bare ground drawn into them as the sensor would see them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bench.cube import BANDS
from bench.generator import soil
from bench.real_series import Series, covers_of_india, forest_of, india, robust_season, terms
from gossan.case.context import open_case
from gossan.case.monitoring import arrays_of
from gossan.case.state import monitored
from gossan.core.dates import to_day
from gossan.core.flags import usable
from gossan.core.progress import Silent
from gossan.cube.mask import dilate, flags_of_scl
from gossan.run.demo import make_demo_case
from gossan.run.update import update

SHARED = Path(__file__).parents[2] / "shared" / "data"
CLEARINGS = Path(__file__).parents[1] / "tests" / "golden" / "romania_clearings.json"
RADII_M = (5.0, 10.0, 15.0, 20.0, 30.0)
SEVERITIES = (0.4, 0.7, 1.0)
PIXEL_M, FINE = 10.0, 10
BLUR_PIXELS = 0.57
SPACING = 10
NATIVE_20M = ("B8A", "B11", "B12")
LAST_DAYS = 150
"""No pit is dug later than this before the series ends."""


@dataclass(frozen=True)
class Ground:
    """A real series and where it was quiet.

    Attributes
    ----------
    name : for the table
    bands : of the bands axis
    followed : those of them that gossan follows
    values : reflectance, float32 (time, bands, y, x), NaN where not known
    usable : bool (time, y, x)
    days : int32 (time,); the first `n_history` are the history
    quiet : bool (y, x), where pits may be put
    """

    name: str
    bands: tuple[str, ...]
    followed: tuple[str, ...]
    values: NDArray[np.float32]
    usable: NDArray[np.bool_]
    days: NDArray[np.int32]
    n_history: int
    quiet: NDArray[np.bool_]


@dataclass(frozen=True)
class Pit:
    """Centre in pixels, radius in metres, share of bare ground in it, day it was dug."""

    y: float
    x: float
    radius_m: float
    severity: float
    day: int


def romania(split: date = date(2018, 8, 1)) -> Ground:
    """The shipped images, read and masked by gossan itself."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "case"
        make_demo_case(folder)
        update(folder, Silent())
        with open_case(folder) as case:
            state = monitored(case)
        frame = state.frame
        rows, cols = frame.shape
        cube = frame.cube(state.looks, (slice(0, rows), slice(0, cols)))
        values, clear = arrays_of(cube, frame.bands)
    days = np.array([look.day for look in state.looks], np.int32)
    return Ground(
        "Romania, closed forest",
        frame.bands,
        state.bands,
        values,
        clear,
        days,
        int((days < to_day(split)).sum()),
        quiet_forest(values, clear, days, frame.bands),
    )


def as_series(
    g_bands: tuple[str, ...],
    values: NDArray[np.float32],
    clear: NDArray[np.bool_],
    days: NDArray[np.int32],
) -> Series:
    """The five bands of the bench as `real_series` takes them; an absent band is NaN."""
    blank = np.full(clear.shape, np.nan)
    parts = [values[:, g_bands.index(b)] if b in g_bands else blank for b in BANDS]
    return Series(np.stack(parts, 1).astype(float), np.where(clear, 4, 9), days.astype(np.int64))


def quiet_forest(
    values: NDArray[np.float32],
    clear: NDArray[np.bool_],
    days: NDArray[np.int32],
    bands: tuple[str, ...],
) -> NDArray[np.bool_]:
    """Closed stands, three pixels or more away from every clearing labelled by eye."""
    quiet = forest_of(as_series(bands, values, clear, days))
    labels = json.loads(CLEARINGS.read_text(encoding="utf-8"))["clearings"]
    yy, xx = np.mgrid[: quiet.shape[0], : quiet.shape[1]]
    for c in labels:
        quiet &= np.hypot(yy - c["row"], xx - c["col"]) > c["radius_px"] + 3
    return quiet


def quarry_land() -> Ground:
    """Ground of the Indian set that was no quarry in either half of the series."""
    s = india(SHARED)
    scl = np.where(np.isfinite(s.values[:, 0]), s.scl, 0)
    clear = np.stack(
        [usable(dilate(flags_of_scl(scene), 60.0, (9.2, 9.6))) for scene in scl]
    ) & np.isfinite(s.values).all(1)
    quiet = np.any(list(covers_of_india(s).values()), axis=0)
    days = s.days.astype(np.int32)
    split = int((days < to_day(date(2021, 1, 1))).sum())
    return Ground(
        "India, around quarries",
        BANDS,
        BANDS,
        s.values.astype(np.float32),
        clear,
        days,
        split,
        quiet,
    )


def expected(g: Ground) -> NDArray[np.float32]:
    """What every quiet pixel's own season expects, (time, bands, y, x); NaN elsewhere."""
    out = np.full(g.values.shape, np.nan, np.float32)
    near = ndimage.binary_dilation(g.quiet, iterations=6)
    X = terms(g.days.astype(np.int64))
    for y, x in np.argwhere(near):
        for b in range(len(g.bands)):
            v = np.where(g.usable[:, y, x], g.values[:, b, y, x], np.nan).astype(float)
            out[:, b, y, x] = X @ robust_season(g.days.astype(np.int64), v)
    return out


def cover_of(pit: Pit, shape: tuple[int, int], size: int) -> NDArray[np.float32]:
    """Share of every pixel of `size` pixels of 10 m that the pit covers, as the sensor sees it,
    on the 10 m grid (y, x)."""
    half = int(np.ceil(pit.radius_m / PIXEL_M)) + 6
    y0, x0 = (int(v) // 2 * 2 - half // 2 * 2 for v in (pit.y, pit.x))
    n = half // 2 * 4 + 2
    fine = (np.arange(n * FINE) + 0.5) / FINE - 0.5
    far = np.hypot(y0 + fine[:, None] - pit.y, x0 + fine[None] - pit.x) * PIXEL_M
    disc = (far <= pit.radius_m).astype(np.float32)
    seen = ndimage.gaussian_filter(disc, BLUR_PIXELS * FINE * size, mode="constant")
    step = FINE * size
    cells = seen.reshape(len(seen) // step, step, len(seen) // step, step).mean((1, 3))
    part = np.repeat(np.repeat(cells, size, 0), size, 1)
    out = np.zeros(shape, np.float32)
    ys, xs = slice(max(y0, 0), min(y0 + n, shape[0])), slice(max(x0, 0), min(x0 + n, shape[1]))
    out[ys, xs] = part[ys.start - y0 : ys.stop - y0, xs.start - x0 : xs.stop - x0]
    return out


def soil_of(rng: np.random.Generator, bands: tuple[str, ...]) -> NDArray[np.float64]:
    """An opened ground of the generator in these bands; B03 and B8A on straight lines between
    their neighbours."""
    known = dict(zip(BANDS, soil(rng), strict=True))
    known["B03"] = known["B02"] + 0.4 * (known["B04"] - known["B02"])
    known["B8A"] = known["B08"] + 0.04 * (known["B11"] - known["B08"])
    return np.array([known[b] for b in bands])


def place(g: Ground, rng: np.random.Generator) -> list[Pit]:
    """Pits on a lattice thrown over the quiet ground, none nearer than SPACING pixels; every
    size comes as often with every severity as the number of places allows."""
    y0, x0 = rng.integers(0, SPACING, 2)
    inner = ndimage.binary_erosion(g.quiet)
    first, last = int(g.days[g.n_history]) + 20, int(g.days[-1]) - LAST_DAYS
    kinds = [(r, s) for r in RADII_M for s in SEVERITIES]
    order = rng.permutation(len(kinds))
    pits: list[Pit] = []
    for y in range(int(y0), g.quiet.shape[0], SPACING):
        for x in range(int(x0), g.quiet.shape[1], SPACING):
            if inner[y, x]:
                dy, dx = rng.uniform(-0.5, 0.5, 2)
                radius, severity = kinds[order[len(pits) % len(kinds)]]
                day = int(rng.integers(first, last))
                pits.append(Pit(y + dy, x + dx, radius, severity, day))
    return pits


def implant(
    g: Ground, normal: NDArray[np.float32], pits: Sequence[Pit], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Looks with the pits in them, and the largest share of every pit's cover (pits, y, x)."""
    v = g.values.copy()
    shape = (g.values.shape[2], g.values.shape[3])
    shares = np.zeros((len(pits), *shape), np.float32)
    for k, pit in enumerate(pits):
        soil = soil_of(rng, g.bands)
        after = g.days >= pit.day
        for b, band in enumerate(g.bands):
            share = cover_of(pit, shape, 2 if band in NATIVE_20M else 1)
            if band not in NATIVE_20M:
                shares[k] = share
            y, x = np.nonzero(share > 1e-3)
            change = pit.severity * share[y, x] * (soil[b] - normal[:, b, y, x])
            block = v[after, b]
            block[:, y, x] += np.where(np.isfinite(change[after]), change[after], 0)
            v[after, b] = np.clip(block, 0.0005, None)
    return v, shares
