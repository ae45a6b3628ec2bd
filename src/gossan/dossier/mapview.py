"""The map: what the page's script needs, and the same map drawn as one picture."""

from __future__ import annotations

import base64
import io
import math
from importlib.resources import files
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from gossan.core.errors import Code, GossanError
from gossan.core.order import steady
from gossan.core.words import tr
from gossan.dossier.chapter import AreaMap, LonLat, MapImage, MapLine, MapSite, Ring
from gossan.dossier.sentences import percent, plain_date

CLEAR = 0.85
"""Share of the best date's usable ground that a date must reach to stand for the whole."""

PROVISIONAL_BADGE = "#c4cace"
"""Behind the number of a provisional site in print; its outline has no black edge."""
PICTURE_WIDTH = 1400
"""Wished width of the drawn map, pixels: the picture is enlarged by a whole number."""


def rings(geometry: BaseGeometry) -> tuple[Ring, ...]:
    """Outer and inner rings of a (multi)polygon, in its own coordinates."""
    parts = getattr(geometry, "geoms", [geometry])
    return tuple(
        tuple((float(x), float(y)) for x, y, *_ in ring.coords)
        for part in parts
        for ring in (part.exterior, *part.interiors)
    )


def label_point(geometry: BaseGeometry) -> LonLat:
    """Northernmost corner of the largest part: where a site's number stands."""
    largest = max(getattr(geometry, "geoms", [geometry]), key=lambda p: steady(p.area))
    x, y = max(
        ((x, y) for x, y, *_ in largest.exterior.coords), key=lambda p: (steady(p[1]), steady(p[0]))
    )
    return float(x), float(y)


def path_of(shape: tuple[Ring, ...]) -> str:
    """SVG path data of rings, one decimal."""
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in shape)


def _mercator(point: LonLat) -> tuple[float, float]:
    """Spherical Mercator without its radius: the projection of the page's map."""
    return math.radians(point[0]), math.asinh(math.tan(math.radians(point[1])))


def to_pixels(image: MapImage, size: tuple[int, int], point: LonLat) -> tuple[float, float]:
    """Position of a lon/lat in an image of `size`, by the affine map of three of its corners.

    Over the few kilometres of a case this agrees with the exact projection to well under a
    pixel.
    """
    (ax, ay), (bx, by), _, (dx, dy) = (_mercator(c) for c in image.corners)
    px, py = _mercator(point)
    ux, uy, vx, vy, wx, wy = bx - ax, by - ay, dx - ax, dy - ay, px - ax, py - ay
    det = ux * vy - uy * vx
    return size[0] * (wx * vy - wy * vx) / det, size[1] * (ux * wy - uy * wx) / det


def latest_clear(area: AreaMap) -> MapImage:
    """The latest image that shows most of the area. Raises GossanError(DOSSIER) without images."""
    if not area.images:
        raise GossanError(
            Code.DOSSIER,
            tr("A dossier needs at least one image with usable ground, and there is none."),
            tr("Widen the period or raise the cloud limit in case.toml, then run `gossan update`."),
        )
    best = max(i.usable_share for i in area.images)
    return [i for i in area.images if i.usable_share >= CLEAR * best][-1]


def _picture_of(image: MapImage) -> bytes | None:
    return image.natural or image.false_colour


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height of a picture."""
    with Image.open(io.BytesIO(png)) as opened:
        return opened.size


def outlines(area: AreaMap, image: MapImage) -> list[dict[str, Any]]:
    """Sites as SVG paths in the pixels of `image`, with colour, first day and number."""
    picture = _picture_of(image)
    if picture is None:
        return []
    size = size_of(picture)
    return [_outline(site, image, size) for site in area.sites]


def _outline(site: MapSite, image: MapImage, size: tuple[int, int]) -> dict[str, Any]:
    placed = tuple(tuple(to_pixels(image, size, p) for p in ring) for ring in rings(site.geometry))
    x, y = to_pixels(image, size, label_point(site.geometry))
    return {
        "number": site.number,
        "id": site.id,
        "began": site.began.isoformat(),
        "colour": site.colour,
        "provisional": site.provisional,
        "path": path_of(placed),
        "x": round(x, 1),
        "y": round(y, 1),
    }


def map_data(area: AreaMap) -> dict[str, Any]:
    """Everything the page's script draws; pictures as data URIs, so that nothing is fetched."""
    return {
        "bounds": area.bounds,
        "area": area.area,
        "labels": {"natural": area.natural_label, "false": area.false_label},
        "images": [
            {
                "date": i.date.isoformat(),
                "label": tr(
                    "{date}, {usable_share} of the area seen",
                    date=plain_date(i.date),
                    usable_share=percent(i.usable_share),
                ),
                "natural": _maybe_uri(i.natural),
                "false": _maybe_uri(i.false_colour),
                "corners": i.corners,
            }
            for i in area.images
        ],
        "sites": {"type": "FeatureCollection", "features": [_feature(s) for s in area.sites]},
        "lines": {"type": "FeatureCollection", "features": [_line(line) for line in area.lines]},
        "points": [{"name": p.name, "at": p.at} for p in area.points],
    }


def _line(line: MapLine) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line.way},
        "properties": {"name": line.name},
    }


def _feature(site: MapSite) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": mapping(site.geometry),
        "properties": {
            "number": site.number,
            "id": site.id,
            "began": site.began.isoformat(),
            "colour": site.colour,
            "provisional": site.provisional,
            "at": label_point(site.geometry),
        },
    }


def _maybe_uri(png: bytes | None) -> str | None:
    return None if png is None else data_uri(png)


def data_uri(png: bytes) -> str:
    """A picture as data URI: nothing to fetch."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def map_picture(area: AreaMap) -> bytes:
    """The latest clear date with numbered site outlines, as PNG, for print."""
    image = latest_clear(area)
    with Image.open(io.BytesIO(_picture_of(image) or _blank())) as opened:
        ground = opened.convert("RGB")
    scale = max(1, round(PICTURE_WIDTH / ground.width))
    ground = ground.resize((ground.width * scale, ground.height * scale), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(ground)
    unit = max(2, ground.width // 260)
    font = ImageFont.truetype(
        str(files("gossan.dossier") / "assets" / "fonts" / "DejaVuSans-Bold.ttf"), unit * 5
    )
    for site in area.sites:
        placed = [[to_pixels(image, ground.size, p) for p in ring] for ring in rings(site.geometry)]
        for ring in () if site.provisional else placed:
            draw.line(ring, fill="black", width=unit * 2, joint="curve")
        for ring in placed:
            draw.line(ring, fill=site.colour, width=unit, joint="curve")
    for site in area.sites:
        _draw_number(draw, to_pixels(image, ground.size, label_point(site.geometry)), site, font)
    buffer = io.BytesIO()
    ground.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _draw_number(
    draw: ImageDraw.ImageDraw, at: LonLat, site: MapSite, font: ImageFont.FreeTypeFont
) -> None:
    """The site's number on a disk, kept inside the picture."""
    size, unit = draw.im.size, round(font.size / 5)
    r = unit * 4.2
    x, y = at
    x = min(max(x + r * 0.4, r), size[0] - r)
    y = min(max(y - r * 0.4, r), size[1] - r)
    fill = PROVISIONAL_BADGE if site.provisional else "white"
    draw.ellipse((x - r, y - r, x + r, y + r), fill=fill, outline="black", width=unit // 2)
    draw.text((x, y), str(site.number), fill="black", font=font, anchor="mm")


def _blank() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (100, 100), "#dddddd").save(buffer, "PNG")
    return buffer.getvalue()


def svg_of(png: bytes, outline: tuple[Ring, ...] = ()) -> str:
    """A picture with vector outlines as SVG."""
    width, height = size_of(png)
    path = path_of(outline)
    unit = width / 180
    lines = "".join(
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{w * unit:.2f}"/>'
        for colour, w in (("black", 1.7), ("white", 0.8))
        if path
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image href="{data_uri(png)}" width="{width}" height="{height}" '
        f'style="image-rendering:optimizeSpeed"/>{lines}</svg>'
    )
