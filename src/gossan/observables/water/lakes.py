"""Standing water bodies: where they are, and how large they were in each scene.

A basin is ground on which water stood at several looks in a row. In one scene its area is that
of the pixels wholly under water and, along the shore, of the wet share of each pixel: its
infrared reflectance lies between that of this water and of the land beside it, in proportion to
area (linear mixing, Settle & Drake 1993, doi:10.1080/01431169308904402).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gossan.core.measured import Reading
from gossan.observables.water.water_mask import Cover

METHOD = "water.area.v1"
LEVEL = 0.95
Z = 1.959964
MIN_PIXELS = 4
"""Smaller basins are not kept: hardly one pixel of theirs is wholly wet."""
SHORE = 2
"""Pixels around a basin in which its edge may lie."""
MARGIN = 8
"""Pixels around a basin in which land is looked at."""
MOST_HIDDEN = 0.2
"""Share of a basin that may be hidden in a scene that still gives an area."""
EDGE_BIAS = 0.1
"""One standard error of the shore's position over its whole length, pixels: the sensor's blur
and the light that land scatters onto water move it, for all pixels the same way."""
LEAST_CONTRAST = 0.05
"""Distance of land from water in infrared reflectance below which shares mean nothing."""
LEAST_SD = 0.05
"""Standard error of a wet share is never taken smaller."""
OPEN_WATER = 0.03
"""Infrared reflectance of water where a scene shows no pixel of it away from the shore."""

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]
_SQUARE = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Basin:
    """Ground on which water stood.

    Attributes
    ----------
    window : rows and columns of the grid around it, with a margin of land
    core : bool, shape of the window: where water stood
    zone : bool, the same and its shore, without what belongs to a neighbour
    others : bool, other basins in the window
    point : row and column, in the grid, of its pixel farthest from land
    at_border : True where it reaches the border of the area: only a part is seen
    """

    window: tuple[slice, slice]
    core: Bool
    zone: Bool
    others: Bool
    point: tuple[int, int]
    at_border: bool

    @property
    def pixels(self) -> int:
        """Of the core."""
        return int(self.core.sum())


@dataclass(frozen=True, slots=True)
class Wet:
    """Wet area of a basin in one scene, m2, with its interval; None and why where hidden.

    `pixels` is the number of pixels wholly or partly wet.
    """

    value: float | None
    low: float
    high: float
    pixels: int
    why_not: str = ""


def find_basins(standing: Bool, inside: Bool) -> tuple[Basin, ...]:
    """Basins of at least MIN_PIXELS, by size; both arrays of the whole grid (y, x)."""
    labels, n = ndimage.label(standing & inside, structure=_SQUARE)
    if n == 0:
        return ()
    sizes = np.bincount(labels.ravel())
    boxes = ndimage.find_objects(labels)
    kept = [k for k in range(1, n + 1) if sizes[k] >= MIN_PIXELS]
    kept.sort(key=lambda k: (-int(sizes[k]), boxes[k - 1][0].start, boxes[k - 1][1].start))
    return tuple(_basin(labels, inside, boxes[k - 1], k) for k in kept)


def _basin(labels: NDArray[np.int32], inside: Bool, box: tuple[slice, slice], k: int) -> Basin:
    window = (_wider(box[0], labels.shape[0]), _wider(box[1], labels.shape[1]))
    part = labels[window]
    core, others = part == k, (part > 0) & (part != k)
    away = ndimage.distance_transform_edt(~core)
    zone = away <= SHORE
    if others.any():
        zone &= away < ndimage.distance_transform_edt(~others)
    deep = ndimage.distance_transform_edt(np.pad(core, 1))[1:-1, 1:-1]
    row, col = np.unravel_index(int(np.argmax(deep)), deep.shape)
    edge = ~inside[window]
    border = bool((ndimage.binary_dilation(core, _SQUARE) & edge).any()) or _touches(box, labels)
    return Basin(
        window,
        core,
        zone & inside[window],
        others,
        (window[0].start + int(row), window[1].start + int(col)),
        border,
    )


def _wider(part: slice, size: int) -> slice:
    return slice(max(0, part.start - MARGIN), min(size, part.stop + MARGIN))


def _touches(box: tuple[slice, slice], labels: NDArray[np.int32]) -> bool:
    return any(b.start == 0 or b.stop == size for b, size in zip(box, labels.shape, strict=True))


def wet_area(
    basin: Basin, seen: NDArray[np.uint8], infrared: NDArray[np.float32], areas: Float
) -> Wet:
    """Wet area of a basin in one scene.

    seen: `Cover` (y, x) of the basin's window; infrared: reflectance (bands, y, x), NIR and
    SWIR as far as there are any; areas: m2 of each pixel (y, x).
    """
    hidden = _hidden(basin, seen)
    total = float(areas[basin.core].sum())
    unseen = float(areas[basin.core & hidden].sum()) / total
    if unseen > MOST_HIDDEN:
        return Wet(None, 0, 0, int((basin.core & ~hidden).sum()), _why(basin, seen, unseen))
    water = ((seen == Cover.WATER) | (seen == Cover.DIM)) & basin.zone
    share, sd, mixed = _shares(basin, seen, water, hidden, infrared)
    visible = basin.zone & ~hidden
    value = float((areas * share)[visible].sum())
    random = float(np.sqrt(((areas * sd)[mixed & visible] ** 2).sum()))
    bias = EDGE_BIAS * float(areas[mixed & visible].sum())
    behind = float(areas[basin.core & hidden].sum())
    if behind:  # what is hidden is taken to be as wet as the rest; the interval allows all
        seen_core = basin.core & ~hidden
        wet = float((areas * share)[seen_core].sum() / areas[seen_core].sum()) * behind
    else:
        wet = 0.0
    half = Z * float(np.hypot(random, bias))
    least = float(np.median(areas)) if value == 0 else 0.0  # one wet pixel may go unseen
    low, high = max(0.0, value - half), value + half + behind + least
    return Wet(value + wet, low, high, int((share[visible] > 0).sum()))


def _hidden(basin: Basin, seen: NDArray[np.uint8]) -> Bool:
    """What cannot be told: also land next to glint in the basin, which may be both mixed."""
    grey = seen == Cover.GREY
    beside = ndimage.binary_dilation(grey & basin.core, _SQUARE) & (seen == Cover.LAND)
    hidden: Bool = (seen == Cover.HIDDEN) | grey | (beside & basin.core)
    return hidden


def _why(basin: Basin, seen: NDArray[np.uint8], unseen: float) -> str:
    grey = int((seen[basin.core] == Cover.GREY).sum())
    cloud = int((seen[basin.core] == Cover.HIDDEN).sum())
    what = "sun glint or haze" if grey > cloud else "cloud, its shadow, snow or missing pixels"
    return f"{unseen:.0%} of the basin is hidden by {what}."


def _shares(
    basin: Basin, seen: NDArray[np.uint8], water: Bool, hidden: Bool, infrared: NDArray[np.float32]
) -> tuple[Float, Float, Bool]:
    """Wet share of every pixel, its standard error, and which pixels lie on the shore."""
    beside = ndimage.binary_dilation(water, _SQUARE)
    deep = ndimage.binary_erosion(water, _SQUARE, border_value=1)
    shore = basin.zone & ~hidden & beside & ~deep
    share = (water & ~shore).astype(np.float64)
    sd = np.zeros(share.shape)
    if not shore.any():
        return share, sd, shore
    rho = infrared.astype(np.float64)
    wet = _median(rho, deep if deep.sum() >= MIN_PIXELS else water, np.full(len(rho), OPEN_WATER))
    dry = (seen == Cover.LAND) & ~beside & ~basin.others
    land, land_sd = _land(rho, dry, wet)
    toward = land - wet[:, None, None]
    length = np.sqrt((toward**2).sum(axis=0))
    known = length >= LEAST_CONTRAST
    with np.errstate(invalid="ignore", divide="ignore"):
        part = ((land - rho) * toward).sum(axis=0) / length**2
    part = np.where(known, np.clip(part, 0, 1), np.where(water, 1.0, 0.0))
    error = np.where(
        known, np.maximum(land_sd / np.maximum(length, 1e-9) * (1 - part), LEAST_SD), 0.5
    )
    share[shore], sd[shore] = part[shore], error[shore]
    return share, sd, shore


def _median(rho: Float, where: Bool, default: Float) -> Float:
    return np.median(rho[:, where], axis=1) if where.any() else default


def _land(rho: Float, dry: Bool, wet: Float) -> tuple[Float, float]:
    """Reflectance of the land next to each pixel (bands, y, x), and how much land varies."""
    if not dry.any():
        return np.broadcast_to(wet[:, None, None], rho.shape).copy(), 0.0
    whole = np.median(rho[:, dry], axis=1)
    weight = ndimage.uniform_filter(dry.astype(np.float64), 7, mode="constant")
    out = np.empty_like(rho)
    for b in range(len(rho)):
        total = ndimage.uniform_filter(np.where(dry, rho[b], 0.0), 7, mode="constant")
        near = np.divide(total, weight, out=np.full(dry.shape, whole[b]), where=weight > 3 / 49)
        out[b] = near
    toward = whole - wet
    length = float(np.sqrt((toward**2).sum()))
    if length < LEAST_CONTRAST:
        return out, 0.0
    along = np.tensordot(toward / length, (rho - out)[:, dry], axes=1)
    return out, float(1.4826 * np.median(np.abs(along)))


def same_basin(basins: Sequence[Basin], known: Mapping[str, tuple[int, int]]) -> list[str | None]:
    """For each basin the id of the known one whose point (row, column) lies in it, else None.

    Where two known ones flowed together, the first by id goes on.
    """
    out: list[str | None] = []
    for basin in basins:
        rows, cols = basin.window
        inside = [
            name
            for name, (row, col) in sorted(known.items())
            if row in range(rows.start, rows.stop)
            and col in range(cols.start, cols.stop)
            and basin.core[row - rows.start, col - cols.start]
        ]
        out.append(inside[0] if inside else None)
    return out


def reading(day: date, scene: str, wet: Wet) -> Reading:
    """The same in hectares."""
    if wet.value is None:
        return Reading.missing(day, scene, wet.why_not, wet.pixels)
    return Reading(day, scene, wet.value / 1e4, wet.low / 1e4, wet.high / 1e4, wet.pixels)
