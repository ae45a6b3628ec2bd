"""Pixel areas against geodesic polygons of the same pixels, drawn edge by edge."""

import numpy as np
import pyproj
import pytest
from odc.geo.geobox import GeoBox

from gossan.core.errors import Code, GossanError
from gossan.core.geodesy import pixel_areas_m2

GRIDS = {
    "LAEA Europe": GeoBox.from_bbox(
        (5_300_000, 2_700_000, 5_306_000, 2_704_000), "EPSG:3035", resolution=20
    ),
    "UTM at the central meridian": GeoBox.from_bbox(
        (499_000, 5_000_000, 502_000, 5_002_000), "EPSG:32635", resolution=10
    ),
    "UTM at the zone's edge": GeoBox.from_bbox(
        (166_000, 20_000, 186_000, 30_000), "EPSG:32635", resolution=100
    ),
    "UTM south": GeoBox.from_bbox(
        (700_000, 8_900_000, 702_000, 8_901_000), "EPSG:32733", resolution=10
    ),
    "degrees": GeoBox.from_bbox((82.5, 22.3, 82.51, 22.32), "EPSG:4326", resolution=0.0001),
    "degrees far north": GeoBox.from_bbox(
        (20.0, 68.0, 20.05, 68.02), "EPSG:4326", resolution=0.001
    ),
    "web Mercator": GeoBox.from_bbox(
        (5_000_000, 5_000_000, 5_002_000, 5_001_000), "EPSG:3857", resolution=20
    ),
    "feet": GeoBox.from_bbox((900_000, 200_000, 903_000, 201_000), "EPSG:2263", resolution=30),
}


def geodesic_area(grid: GeoBox, row: int, col: int) -> float:
    """The pixel's outline, 8 points a side, as a geodesic polygon on the CRS's ellipsoid."""
    crs = pyproj.CRS(str(grid.crs))
    geographic = crs.geodetic_crs
    to_lonlat = pyproj.Transformer.from_crs(crs, geographic, always_xy=True)
    t = np.linspace(0, 1, 8, endpoint=False)
    zero, one = np.zeros_like(t), np.ones_like(t)
    c = col + np.concatenate([t, one, 1 - t, zero])
    r = row + np.concatenate([zero, t, one, 1 - t])
    a = grid.affine
    lon, lat = to_lonlat.transform(a.a * c + a.b * r + a.c, a.d * c + a.e * r + a.f)
    return abs(crs.get_geod().polygon_area_perimeter(lon, lat)[0])


@pytest.mark.parametrize("name", GRIDS)
def test_area_of_a_pixel_is_that_of_its_geodesic_polygon(name: str) -> None:
    grid = GRIDS[name]
    areas = pixel_areas_m2(grid)
    height, width = grid.shape
    assert areas.shape == (height, width)
    assert areas.dtype == np.float64
    places = [(0, 0), (height - 1, width - 1), (height // 3, width // 2), (height - 1, 0)]
    for row, col in places:
        assert areas[row, col] == pytest.approx(geodesic_area(grid, row, col), rel=1e-5)


def test_a_tile_wide_grid_is_interpolated_closely_enough() -> None:
    grid = GeoBox.from_bbox((300_000, 4_400_000, 409_800, 4_509_800), "EPSG:32638", resolution=100)
    areas = pixel_areas_m2(grid)
    for row, col in [(0, 0), (517, 333), (1097, 1001), (8, 9)]:
        assert areas[row, col] == pytest.approx(geodesic_area(grid, row, col), rel=1e-6)


def test_rotated_projected_grid_counts_the_parallelogram() -> None:
    upright = GeoBox.from_bbox(
        (499_000, 5_000_000, 500_000, 5_001_000), "EPSG:32635", resolution=10
    )
    rotated = GeoBox((50, 50), upright.affine @ type(upright.affine).rotation(30), "EPSG:32635")
    assert pixel_areas_m2(rotated)[7, 9] == pytest.approx(geodesic_area(rotated, 7, 9), rel=1e-5)


def test_errors_say_what_is_wrong() -> None:
    no_crs = GeoBox((4, 4), GRIDS["degrees"].affine, None)
    beyond_pole = GeoBox.from_bbox((10, 89, 11, 91), "EPSG:4326", resolution=0.5)
    for grid, word in [(no_crs, "CRS"), (beyond_pole, "pole")]:
        with pytest.raises(GossanError, match=word) as caught:
            pixel_areas_m2(grid)
        assert caught.value.code is Code.AREA
