"""Measurements somebody else made, as readings of named waters."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from gossan.core.dates import from_day
from gossan.core.measured import Reading, Series, Subject
from gossan.core.water import ExternalMeasurement, Reach
from gossan.observables.water.river import LEVEL, Sampled, spread
from gossan.observables.water.turbidity import REPEAT_SD

METHOD = "water.brought.v1"
Z = 1.959964
BESIDE_KM = 0.5
"""Values this near to a reach drawn as a line belong to it."""
LEAST_VALUES = 5
LEAST_SHARE = 0.2
"""Share of the values a reach has on its best day that a day must have: a corner is not it."""
PATCH_DEGREES = 0.01
"""Side of the patches (about a kilometre) that are drawn again and again."""
SEED = 20210727


def of_reaches(
    files: Sequence[ExternalMeasurement], reaches: Sequence[Reach], unit: str
) -> list[Series]:
    """A series for each reach in which any value lies, from files with coordinates."""
    files = [f for f in files if np.isfinite(f.lon).any()]
    out = []
    for reach in reaches:
        inside = [_inside(f, reach) for f in files]
        if not any(i.any() for i in inside):
            continue
        days = sorted({int(d) for f in files for d in f.days})
        parts = [_day(files, inside, day) for day in days]
        most = max(len(p.values) for p in parts)
        readings = [_reading(d, p, most, files) for d, p in zip(days, parts, strict=True)]
        at = reach.geometry.representative_point()
        out.append(_series(reach.name, Subject.REACH, at.x, at.y, readings, files, unit))
    return out


def of_places(files: Sequence[ExternalMeasurement], unit: str) -> list[Series]:
    """A series for each place that the files name."""
    out = []
    for name in sorted({p for f in files for p in f.place if p}):
        rows = [(int(f.days[i]), f, i) for f in files for i, p in enumerate(f.place) if p == name]
        rows.sort(key=lambda r: r[0])
        readings = []
        for day in sorted({r[0] for r in rows}):
            mine = [(f, i) for d, f, i in rows if d == day]
            readings.append(_of_place(day, mine))
        f, i = rows[0][1], rows[0][2]
        lon, lat = (float(v) if math.isfinite(v) else 0.0 for v in (f.lon[i], f.lat[i]))
        used = [f for f in files if name in f.place]
        out.append(_series(name, Subject.STATION, lon, lat, readings, used, unit))
    return out


def _series(
    name: str,
    subject: Subject,
    lon: float,
    lat: float,
    readings: Sequence[Reading],
    files: Sequence[ExternalMeasurement],
    unit: str,
) -> Series:
    source = "; ".join(f"{f.name} {f.digest}" for f in files)
    return Series(
        f"brought-{name}",
        "turbidity",
        unit,
        LEVEL,
        METHOD,
        subject,
        name,
        name,
        lon,
        lat,
        tuple(readings),
        source=source,
    )


def _inside(file: ExternalMeasurement, reach: Reach) -> NDArray[np.bool_]:
    shape = reach.geometry
    if "LineString" in shape.geom_type:
        lat = math.radians(shape.centroid.y)
        narrow = shapely.transform(shape, lambda xy: xy * [math.cos(lat), 1.0])
        wide = narrow.buffer(BESIDE_KM / 110.57)
        shape = shapely.transform(wide, lambda xy: xy / [math.cos(lat), 1.0])
    shapely.prepare(shape)
    found: NDArray[np.bool_] = shapely.contains_xy(shape, file.lon, file.lat)
    return found


def _day(
    files: Sequence[ExternalMeasurement], inside: Sequence[NDArray[np.bool_]], day: int
) -> Sampled:
    chosen = [i & (f.days == day) for f, i in zip(files, inside, strict=True)]
    value, lon, lat = (
        np.concatenate([getattr(f, k)[c] for f, c in zip(files, chosen, strict=True)])
        for k in ("value", "lon", "lat")
    )
    cells = np.floor(np.stack([lon, lat]) / PATCH_DEGREES)
    patches = np.unique(cells, axis=1, return_inverse=True)[1] if len(value) else value
    return Sampled(value, patches.astype(np.int64).ravel())


def _reading(day: int, part: Sampled, most: int, files: Sequence[ExternalMeasurement]) -> Reading:
    n = len(part.values)
    name = ", ".join(f.name for f in files if day in f.days)
    if n < max(LEAST_VALUES, LEAST_SHARE * most):
        why = f"{n} values of that day lie in the reach, where there are up to {most}."
        return Reading.missing(from_day(day), name, why, n)
    value = float(np.median(part.values))
    sd = math.hypot(spread(part, np.random.default_rng([SEED, day + 10**6])), REPEAT_SD)
    return _with_interval(day, name, value, sd, n)


def _of_place(day: int, rows: Sequence[tuple[ExternalMeasurement, int]]) -> Reading:
    """The median of a place's values of a day; the interval the file gives, or our own."""
    value = float(np.median([f.value[i] for f, i in rows]))
    name = ", ".join(dict.fromkeys(f.name for f, _ in rows))
    given = [(f.low[i], f.high[i]) for f, i in rows if np.isfinite([f.low[i], f.high[i]]).all()]
    if not given:
        return _with_interval(day, name, value, REPEAT_SD, len(rows))
    low, high = (float(np.median([g[k] for g in given])) for k in (0, 1))
    return Reading(from_day(day), name, value, min(low, value), max(high, value), len(rows))


def _with_interval(day: int, name: str, value: float, sd: float, n: int) -> Reading:
    if value <= 0:
        return Reading.missing(from_day(day), name, f"The value {value:g} is no turbidity.", n)
    low, high = value * math.exp(-Z * sd), value * math.exp(Z * sd)
    return Reading(from_day(day), name, value, low, high, n)
