"""Water in the scenes of a case: first where it stands, then how much, and how turbid."""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.features import geometry_mask

from gossan.case.monitoring import Acquisition
from gossan.case.state import Monitored
from gossan.core.dates import from_day
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.measured import Reading
from gossan.core.progress import Progress
from gossan.core.sensor import Window
from gossan.core.serialise import from_plain, to_plain
from gossan.core.water import Reach, Role, Sample
from gossan.core.words import tr
from gossan.io.clear_pixels import load_clear
from gossan.io.stored_scene import OpenScene
from gossan.observables.water import lakes, river, turbidity, water_mask
from gossan.observables.water.calibrate import Match

BESIDE_M = 300.0
"""A reach drawn as a line takes in the water this near to it."""
KEEP_EVERY_S = 5.0
NARROW = (
    "Nowhere in the reach were three pure-water pixels (30 m) across, clear of cloud and glint."
)
HIDDEN = "{share:.0%} of it is hidden by cloud, its shadow, snow or glint."
MOST_HIDDEN = 0.8
"""Share of a water that is hidden from which the hiding is the reason for no reading."""
CLEAR_FEW = "Only {share:.0%} of the water pixels the reach shows at its best were clear."

Keep = Callable[["Part"], None]
T = TypeVar("T")


@dataclass
class Part:
    """What is done so far, by name; plain JSON, so that a killed run goes on.

    Attributes
    ----------
    standing : window "y,x" -> where water stood, bits packed, deflated, base64
    looks : key of a look -> {id of series: reading}
    matches : key of a look -> samples and what was seen of them
    basins : ids of the basins that the looks were asked for
    """

    standing: dict[str, str] = field(default_factory=dict)
    looks: dict[str, dict[str, Any]] = field(default_factory=dict)
    matches: dict[str, list[Any]] = field(default_factory=dict)
    basins: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Zone:
    """A reach on the grid: its window, and which of its pixels belong to it."""

    reach: Reach
    window: Window
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class Job:
    """What the scenes are asked. `formula` None where turbidity cannot be had."""

    state: Monitored
    formula: turbidity.Formula | None
    zones: tuple[Zone, ...]
    samples: tuple[Sample, ...]

    @property
    def shared_sd(self) -> float:
        """Standard error of ln turbidity that all of a scene shares."""
        assert self.formula is not None
        return turbidity.repeat_sd(self.formula, self.state.frame.bands)


@dataclass(frozen=True)
class _Scene:
    """One open scene, read in windows."""

    job: Job
    look: Acquisition
    pixels: OpenScene

    def read(self, window: Window) -> tuple[NDArray[np.uint16], water_mask.Numbers, NDArray[Any]]:
        """Numbers, how they become reflectance, and cover of a window."""
        frame, stored = self.job.state.frame, self.pixels.stored
        bands = tuple(b for b in frame.bands if b in stored.bands)
        dn, clear, dim = load_clear(
            self.pixels, frame.scenes.grid, window, bands, frame.dilation_m, frame.inside[window]
        )
        scale, offset = (
            np.array([getattr(stored, k)[b] for b in bands], np.float32)
            for k in ("scale", "offset")
        )
        numbers = water_mask.Numbers(bands, scale, offset)
        return dn, numbers, water_mask.cover(dn, numbers, clear, dim)


def standing_water(job: Job, part: Part, keep: Keep, progress: Progress) -> NDArray[np.bool_]:
    """Where water stood at several looks in a row, (y, x) of the grid; a block at a time."""
    frame, looks = job.state.frame, job.state.looks
    out = np.zeros(frame.shape, bool)
    latitude = _latitude(job.state)
    blocks = list(frame.blocks(1))
    with progress.task(tr("Looking for water"), len(blocks)) as task:
        for window in _saving(blocks, part, keep):
            name = f"{window[0].start},{window[1].start}"
            shape = out[window].shape
            if name not in part.standing:
                count = water_mask.WetCount.empty((shape[0], shape[1]))
                for look in looks:
                    with frame.scenes.opened(look.key) as pixels:
                        seen = _Scene(job, look, pixels).read(window)[2]
                    count.add(seen, water_mask.is_high_sun(from_day(look.day), latitude))
                part.standing[name] = _packed(count.standing)
            out[window] = _unpacked(part.standing[name], shape)
            task.advance()
    return out


def readings_of(
    job: Job, basins: dict[str, lakes.Basin], part: Part, keep: Keep, progress: Progress
) -> None:
    """Fill `part` with the readings of basins, reaches and samples in every look."""
    looks = job.state.looks
    areas = pixel_areas_m2(job.state.grid)
    with progress.task(tr("Measuring water"), len(looks)) as task:
        for look in _saving(looks, part, keep):
            if look.key not in part.looks:
                with job.state.frame.scenes.opened(look.key) as pixels:
                    scene = _Scene(job, look, pixels)
                    found = _of_basins(scene, basins, areas) | _of_reaches(scene)
                    part.matches[look.key] = to_plain(_matched(scene))
                part.looks[look.key] = {name: to_plain(r) for name, r in found.items()}
            task.advance()


def series_readings(job: Job, part: Part, name: str) -> tuple[Reading, ...]:
    """The readings of one series in order of time; scenes in which it was not asked are left
    out."""
    rows = (part.looks[look.key].get(name) for look in job.state.looks)
    return tuple(from_plain(Reading, r) for r in rows if r is not None)


def matches_of(part: Part) -> list[Match]:
    """Samples and what the scenes of their days say."""
    return [from_plain(Match, m) for rows in part.matches.values() for m in rows]


def enough(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """A reach's readings without those that show only a corner of it."""
    most = max((r.pixels for r in readings), default=0)
    out = []
    for r in readings:
        share = r.pixels / most if most else 0.0
        if r.value is not None and share < river.LEAST_SHARE:
            r = Reading.missing(r.day, r.scene, CLEAR_FEW.format(share=share), r.pixels)
        out.append(r)
    return tuple(out)


def zone_of(state: Monitored, asked: Reach) -> Zone | None:
    """A reach on the grid, None where it lies outside of it."""
    to_grid = Transformer.from_crs("EPSG:4326", str(state.grid.crs), always_xy=True)
    shape = shapely.transform(asked.geometry, to_grid.transform, interleaved=False)
    if "LineString" in shape.geom_type:
        per_unit = BESIDE_M / (111_320.0 if state.grid.crs and state.grid.crs.geographic else 1.0)
        shape = shape.buffer(per_unit)
    whole = geometry_mask([shape], tuple(state.grid.shape), state.grid.transform, invert=True)
    rows, cols = np.nonzero(whole)
    if not len(rows):
        return None
    window = (
        slice(int(rows.min()), int(rows.max()) + 1),
        slice(int(cols.min()), int(cols.max()) + 1),
    )
    return Zone(asked, window, whole[window])


def _of_basins(
    scene: _Scene, basins: dict[str, lakes.Basin], areas: NDArray[np.float64]
) -> dict[str, Reading]:
    day, key = from_day(scene.look.day), scene.look.key
    out = {}
    for name, basin in basins.items():
        dn, numbers, seen = scene.read(basin.window)
        infrared = water_mask.reflectance(dn, numbers, ("B08", "B8A", "B11", "B12"))
        stack = np.stack(list(infrared.values()))
        wet = lakes.wet_area(basin, seen, stack, areas[basin.window])
        out[f"water-area-{name}"] = lakes.reading(day, key, wet)
        if scene.job.formula is not None:
            fnu = turbidity.turbidity_of_scene(dn, numbers, seen, scene.job.formula)
            sampled = river.sample(fnu, river.sampled_water(seen, basin.core))
            why = _why(seen, basin.core)
            out[f"turbidity-{name}"] = river.reading(day, key, sampled, scene.job.shared_sd, why)
    return out


def _of_reaches(scene: _Scene) -> dict[str, Reading]:
    job, day, key = scene.job, from_day(scene.look.day), scene.look.key
    if job.formula is None:
        return {}
    sampled, why = {}, {}
    for zone in job.zones:
        dn, numbers, seen = scene.read(zone.window)
        fnu = turbidity.turbidity_of_scene(dn, numbers, seen, job.formula)
        sampled[zone.reach.name] = river.sample(fnu, river.sampled_water(seen, zone.mask))
        why[zone.reach.name] = _why(seen, zone.mask)
    out = {
        f"turbidity-{n}": river.reading(day, key, s, job.shared_sd, why[n])
        for n, s in sampled.items()
    }
    for down, up in pairs(job.zones):
        name = f"ratio-{down}/{up}"
        worse = min((down, up), key=lambda n: len(sampled[n].values))
        out[name] = river.ratio(day, key, sampled[down], sampled[up], f"{worse}: {why[worse]}")
    return out


def _why(seen: NDArray[np.uint8], where: NDArray[np.bool_]) -> str:
    """Why a water gives no reading, should it give none."""
    hidden = (seen == water_mask.Cover.HIDDEN) | (seen == water_mask.Cover.GREY)
    share = float(hidden[where].mean())
    return HIDDEN.format(share=share) if share > MOST_HIDDEN else NARROW


def pairs(zones: Sequence[Zone]) -> list[tuple[str, str]]:
    """Every downstream reach with every upstream one, by name."""
    down, up = (
        [z.reach.name for z in zones if z.reach.role is role]
        for role in (Role.DOWNSTREAM, Role.UPSTREAM)
    )
    return [(d, u) for d in down for u in up]


def _matched(scene: _Scene) -> list[Match]:
    """Samples of the scene's day with the median turbidity of the 3 x 3 pixels around them."""
    job, day = scene.job, from_day(scene.look.day)
    mine = [s for s in job.samples if s.day == day]
    if not mine or job.formula is None:
        return []
    grid = job.state.grid
    to_grid = Transformer.from_crs("EPSG:4326", str(grid.crs), always_xy=True)
    out = []
    for s in mine:
        col, row = ~grid.transform * to_grid.transform(s.lon, s.lat)
        y, x = int(np.floor(row)), int(np.floor(col))
        if not (1 <= y < grid.shape[0] - 1 and 1 <= x < grid.shape[1] - 1):
            continue
        dn, numbers, seen = scene.read((slice(y - 1, y + 2), slice(x - 1, x + 2)))
        fnu = turbidity.turbidity_of_scene(dn, numbers, seen, job.formula)
        if np.isfinite(fnu).sum() >= 5 and (value := float(np.nanmedian(fnu))) > 0:
            out.append(Match(day, s.value, value))
    return out


def _saving(items: Sequence[T], part: Part, keep: Keep) -> Iterator[T]:
    """The items; every few seconds what is done is kept, and at the end, however it comes."""
    kept = time.monotonic()
    try:
        for item in items:
            yield item
            if time.monotonic() - kept > KEEP_EVERY_S:
                keep(part)
                kept = time.monotonic()
    finally:
        keep(part)


def _latitude(state: Monitored) -> float:
    grid = state.grid
    middle = grid.transform * (grid.shape[1] / 2, grid.shape[0] / 2)
    to_degrees = Transformer.from_crs(str(grid.crs), "EPSG:4326", always_xy=True)
    return float(to_degrees.transform(*middle)[1])


def _packed(where: NDArray[np.bool_]) -> str:
    return base64.b64encode(zlib.compress(np.packbits(where).tobytes())).decode("ascii")


def _unpacked(text: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    bits = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8)
    return np.unpackbits(bits, count=int(np.prod(shape))).reshape(shape).astype(bool)
