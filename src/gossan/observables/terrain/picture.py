"""The way water takes, drawn over the shaded relief of the elevation model."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from gossan.core.terrain import Elevation, LonLat, SiteTerrain
from gossan.dossier.mapview import rings

WIDTH = 1100
"""Wished width of the picture, pixels."""

MOST_LONG = 1.4
"""Greatest ratio of the picture's sides, where the model allows it."""

AROUND = 12
"""Cells shown around what is drawn."""

WATER, SITE, PLACE = "#0b5cad", "#c2410c", "#111111"


def way_picture(
    elevation: Elevation, sites: Sequence[BaseGeometry], found: Sequence[SiteTerrain]
) -> bytes:
    """PNG: relief, sites (lon/lat) in orange, ways in blue, places with their names."""
    onto = _Onto(elevation)
    shapes = [[onto(ring) for ring in rings(s)] for s in sites]
    ways = [onto(t.way) for t in found]
    places = {(t.name, t.at): onto([t.at])[0] for s in found for t in s.targets}
    every = np.concatenate([*(np.array(r) for s in shapes for r in s), *map(np.array, ways)])
    every = np.concatenate([every, np.array(list(places.values())).reshape(-1, 2)])
    height, width = elevation.heights.shape
    squeeze = onto.aspect
    left, top, right, bottom = _window(every, (width, height), squeeze)
    scale = WIDTH / max((right - left) * squeeze, bottom - top)
    size = (max(1, round((right - left) * squeeze * scale)), max(1, round((bottom - top) * scale)))
    shade = _shaded(elevation.heights[top:bottom, left:right])
    ground = Image.fromarray(shade).resize(size, Image.Resampling.BILINEAR).convert("RGB")
    draw = ImageDraw.Draw(ground)
    unit = max(2, size[0] // 400)

    def at(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [((x - left) * squeeze * scale, (y - top) * scale) for x, y in points]

    for way in ways:
        if len(way) > 1:
            draw.line(at(way), fill="white", width=unit * 2, joint="curve")
    for way in ways:
        if len(way) > 1:
            draw.line(at(way), fill=WATER, width=unit, joint="curve")
    for shape in shapes:
        for ring in shape:
            draw.polygon(at(ring), outline=SITE, width=unit)
    _names(draw, [(name, at([xy])[0]) for (name, _), xy in places.items()], unit, size)
    buffer = io.BytesIO()
    ground.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _window(
    points: NDArray[np.float64], size: tuple[int, int], squeeze: float
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom cell of what is shown: all points, and so much more of the
    model that no side is longer than MOST_LONG times the other. size: columns and rows."""
    low, high = points.min(axis=0) - AROUND, points.max(axis=0) + AROUND
    wide, tall = (high - low) * (squeeze, 1.0)
    more = np.array([(tall / MOST_LONG - wide) / squeeze, wide / MOST_LONG - tall]).clip(0) / 2
    left, top = (max(0, int(v)) for v in np.floor(low - more))
    right, bottom = (min(n, int(v)) for n, v in zip(size, np.ceil(high + more), strict=True))
    return left, top, max(right, left + 2), max(bottom, top + 2)


class _Onto:
    """From lon/lat to columns and rows of the model, fractions included."""

    def __init__(self, elevation: Elevation) -> None:
        self._to_grid = Transformer.from_crs("EPSG:4326", str(elevation.grid.crs), always_xy=True)
        self._back = ~elevation.grid.affine
        middle = elevation.grid.geographic_extent.centroid.coords[0]
        degrees = bool(elevation.grid.crs is not None and elevation.grid.crs.geographic)
        a = elevation.grid.affine
        self.aspect = abs(a.a / a.e) * (float(np.cos(np.radians(middle[1]))) if degrees else 1.0)
        """Width of a cell over its height, on the ground."""

    def __call__(self, points: Sequence[LonLat]) -> list[tuple[float, float]]:
        x, y = self._to_grid.transform(*np.array(points, float).T)
        col, row = self._back @ (x, y)
        return [(float(c), float(r)) for c, r in zip(col, row, strict=True)]


def _shaded(heights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Relief lit from the north-west, uint8; unknown ground is light grey."""
    known = np.isfinite(heights)
    z = np.where(known, heights, float(np.nanmean(heights)) if known.any() else 0.0)
    if min(z.shape) < 2:
        return np.full(z.shape, 225, np.uint8)
    down, across = np.gradient(z)
    lit = (across + down) / max(float(np.std(across + down)), 1e-6)
    grey = np.clip(185 + 22 * lit, 95, 245)
    return np.where(known, grey, 225).astype(np.uint8)


def _names(
    draw: ImageDraw.ImageDraw,
    places: Sequence[tuple[str, tuple[float, float]]],
    unit: int,
    size: tuple[int, int],
) -> None:
    """A dot and the name of each place, kept within the picture."""
    path = files("gossan.dossier") / "assets" / "fonts" / "DejaVuSans-Bold.ttf"
    font = ImageFont.truetype(str(path), unit * 6)
    for name, (x, y) in places:
        r = unit * 1.8
        draw.ellipse((x - r, y - r, x + r, y + r), fill=PLACE, outline="white", width=unit // 2)
        short = name if len(name) <= 32 else f"{name[:31]}…"
        wide = draw.textlength(short, font=font)
        beside = x + 2 * r if x + 2 * r + wide < size[0] else x - 2 * r - wide
        draw.text(
            (max(beside, 0), min(max(y, unit * 4), size[1] - unit * 4)),
            short,
            fill=PLACE,
            font=font,
            anchor="lm",
            stroke_width=unit,
            stroke_fill="white",
        )
