"""From a site down a valley: distances, places, edges and how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from tests.support.terrain import ARCSEC, glo30_grid, valley

from gossan.core.case import TerrainConfig
from gossan.core.geodesy import neighbour_steps_m
from gossan.core.terrain import Elevation, FlowEnd, Place, PlaceKind, SiteTerrain, SiteVolume
from gossan.core.values import Measurement
from gossan.observables.terrain.chapter import shown, volume_row
from gossan.observables.terrain.erosion import cover_factor, ls_factor, ranks
from gossan.observables.terrain.flow import Asked, SiteCells, described, draw
from gossan.observables.terrain.reach import plane_of
from gossan.observables.terrain.routing import cells_of, ground_of, network, noisy, slope_degrees

WEST, NORTH, SHAPE = 22.0, 45.2, (240, 120)
GRID = glo30_grid(WEST, NORTH, SHAPE)
AXIS = 60
"""Column of the valley's floor."""

CONFIG = TerrainConfig(realisations=40, reach_km=100, channel_km2=0.5, error_m=0.5)
GEOD = Geod(ellps="WGS84")


def lonlat(row: float, col: float) -> tuple[float, float]:
    """Centre of a cell."""
    x, y = GRID.affine @ (col + 0.5, row + 0.5)
    return float(x), float(y)


def block(row: int, col: int, side: int) -> BaseGeometry:
    (w, n), (e, s) = lonlat(row - 0.5, col - 0.5), lonlat(row + side - 0.5, col + side - 0.5)
    return shapely.box(w, s, e, n)


def place(name: str, geometry: BaseGeometry, kind: PlaceKind = PlaceKind.SETTLEMENT) -> Place:
    return Place(kind, name, geometry, "places.gpkg")


def heights() -> NDArray[np.float32]:
    return valley(GRID, lonlat(0, AXIS)[0]).astype(np.float32)


def follow(
    sites: dict[str, BaseGeometry],
    places: list[Place],
    config: TerrainConfig = CONFIG,
    z: NDArray[np.float32] | None = None,
) -> dict[str, SiteTerrain]:
    ground = ground_of(Elevation(GRID, heights() if z is None else z))
    cells = cells_of(GRID, list(sites.values()))
    placed = tuple(SiteCells(n, c, 1.0) for n, c in zip(sites, cells, strict=True))
    asked = Asked(ground, placed, plane_of(GRID, places, 25.0), config)
    drawn = [draw(asked, i) for i in range(config.realisations)]
    return {s.site: s for s in described(asked, drawn)}


SITE = block(40, AXIS - 2, 5)
VILLAGE = place("Satu Mare", shapely.Point(lonlat(144, AXIS)))
INTAKE = place("Intake 7", shapely.Point(lonlat(84, AXIS + 8)), PlaceKind.INTAKE)
PARK = place("Park", block(100, AXIS - 10, 20), PlaceKind.PROTECTED)
FAR = place("Elsewhere", shapely.Point(lonlat(120, AXIS + 58)))
UPSTREAM = place("Upstream", shapely.Point(lonlat(5, AXIS)))


def test_places_are_listed_by_distance_along_the_flow() -> None:
    config = replace(CONFIG, aside_m=300.0)
    found = follow({"S-1": SITE}, [VILLAGE, FAR, PARK, INTAKE, UPSTREAM], config)["S-1"]
    assert [t.name for t in found.targets] == ["Intake 7", "Park", "Satu Mare"]
    intake, park, village = found.targets
    # the site's water leaves it at row 44 in the valley's floor
    start = lonlat(44, AXIS)
    assert found.outlet == pytest.approx(start, abs=1e-6)
    for target, row in ((intake, 84), (park, 100), (village, 144)):
        _, _, metres = GEOD.inv(*start, *lonlat(row, AXIS))
        assert target.along.value * 1e3 == pytest.approx(metres, rel=1e-5)
        assert target.along.low <= target.along.value <= target.along.high
        assert target.passed.value == 1.0
        assert target.passed.low == pytest.approx(0.025 ** (1 / 40))
    _, _, wide = GEOD.inv(*lonlat(84, AXIS), *lonlat(84, AXIS + 8))
    assert intake.aside_m == pytest.approx(wide, rel=1e-3)
    assert intake.above_m == pytest.approx(8 * 3.0)
    assert park.aside_m == 0.0
    assert village.above_m == 0.0
    assert found.joins == 1.0
    assert found.hollow_m == 0.0


def test_the_edge_of_the_model_is_the_end_of_knowledge() -> None:
    found = follow({"S-1": SITE}, [])["S-1"]
    assert found.end is FlowEnd.EDGE
    _, _, metres = GEOD.inv(*lonlat(44, AXIS), *lonlat(239, AXIS))
    assert found.length_km * 1e3 == pytest.approx(metres, rel=1e-5)
    short = follow({"S-1": SITE}, [VILLAGE], replace(CONFIG, reach_km=2.0))["S-1"]
    assert short.end is FlowEnd.REACH
    assert 1.96 < short.length_km <= 2.0
    assert not short.targets, "three kilometres away"
    z = heights()
    z[100:104] = np.nan
    gap = follow({"S-1": SITE}, [VILLAGE], z=z)["S-1"]
    assert gap.end is FlowEnd.EDGE
    assert not gap.targets


def test_the_channel_begins_where_enough_land_lies_above() -> None:
    ground = ground_of(Elevation(GRID, heights()))
    row_area = float(ground.areas[44].sum())
    # the floor of row r drains the rows above it, but for what flows in beside it
    up = follow({"S-1": block(1, AXIS - 2, 3)}, [], replace(CONFIG, channel_km2=2.0))["S-1"]
    assert up.channel is not None
    rows = up.channel.value / 30.9 + 3
    # on equal slopes along and across, each side reaches the floor one row below for each column
    assert 2e6 / row_area < rows < 2e6 / row_area + AXIS + 2
    down = follow({"S-1": block(200, AXIS - 2, 3)}, [])["S-1"]
    assert down.channel is not None
    assert down.channel.value == 0.0
    never = follow({"S-1": SITE}, [], replace(CONFIG, channel_km2=500.0))["S-1"]
    assert never.channel is None


def test_flat_ground_is_told_as_unsure() -> None:
    """Two ways of which one is 0.3 m lower: with errors of 2 m both are taken, and the village
    below the one is passed in a part of the models only."""
    z = heights()
    row, col = np.mgrid[: SHAPE[0], : SHAPE[1]]
    fork = row >= 60
    two = np.minimum(np.abs(col - (AXIS - 30)), np.abs(col - (AXIS + 30)) + 0.1)
    z = np.where(fork, 1000 + 0.3 * (240 - row) + 1.0 * two, z).astype(np.float32)
    z[60:] -= 500  # the valley opens onto the plain
    west = place("West", shapely.Point(lonlat(200, AXIS - 30)))
    east = place("East", shapely.Point(lonlat(200, AXIS + 30)))
    config = replace(CONFIG, error_m=2.0, aside_m=300.0)
    found = follow({"S-1": SITE}, [west, east], config, z)["S-1"]
    shares = {t.name: t.passed.value for t in found.targets}
    assert set(shares) == {"West", "East"}
    assert all(0.05 <= share <= 0.95 for share in shares.values())
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.1)
    assert sum(t.aside_m is None for t in found.targets) == 1, "one is on the model's own way"


def test_a_pit_is_named_as_a_hollow() -> None:
    z = heights()
    z[41:44, AXIS - 1 : AXIS + 2] -= 40.0
    found = follow({"S-1": SITE}, [VILLAGE], z=z)["S-1"]
    # the rim is the floor one row below the site's lowest dug row
    assert found.hollow_m == pytest.approx(40.0 - 3.0, abs=3.1)
    assert [t.name for t in found.targets] == ["Satu Mare"], "it overflows"


def test_a_site_smaller_than_a_cell_or_off_the_model() -> None:
    lon, lat = lonlat(40, AXIS)
    dot = shapely.Point(lon + ARCSEC / 4, lat).buffer(ARCSEC / 8)
    away = shapely.box(30, 45, 30.01, 45.01)
    inside, outside = cells_of(GRID, [dot, away])
    assert inside.tolist() == [40 * SHAPE[1] + AXIS]
    assert outside.size == 0


def test_slope_of_a_plane_is_its_own() -> None:
    ground = ground_of(Elevation(GRID, heights()))
    inside, edge = 50 * SHAPE[1] + 20, 20
    degrees = slope_degrees(ground, ground.heights, np.array([inside, edge], np.int32))
    east, _, south, _ = neighbour_steps_m(GRID)[:, 50, 20]
    expected = np.degrees(np.arctan(np.hypot(3.0 / east, 3.0 / south)))
    assert degrees[0] == pytest.approx(expected, rel=1e-5)
    assert np.isnan(degrees[1])


def test_drawn_errors_have_the_spread_and_range_asked_for() -> None:
    ground = ground_of(Elevation(GRID, np.zeros(SHAPE, np.float32)))
    drawn = np.stack([noisy(ground, 2.0, 150.0, np.random.default_rng([1, i])) for i in range(60)])
    assert drawn.std() == pytest.approx(2.0, rel=0.03)
    south = float(neighbour_steps_m(GRID)[2, 50, 50])
    for cells in (2, 5, 8):
        pairs = (drawn[:, cells:] * drawn[:, :-cells]).mean() / drawn.var()
        assert pairs == pytest.approx(np.exp(-((cells * south / 150.0) ** 2)), abs=0.05)


def test_steep_and_bare_is_more_prone_than_flat_or_covered() -> None:
    z = heights()
    z[:, : AXIS - 20] += (8.0 * (AXIS - 20 - np.arange(AXIS - 20))).astype(np.float32)
    sites = {"steep": block(60, 10, 6), "gentle": block(60, AXIS + 20, 6)}
    ground = ground_of(Elevation(GRID, z))
    cells = cells_of(GRID, list(sites.values()))
    placed = (
        SiteCells("steep", cells[0], 1.0),
        SiteCells("gentle", cells[1], 1.0),
        SiteCells("covered", cells[0], cover_factor(0.7)),
    )
    asked = Asked(ground, placed, plane_of(GRID, [], 25.0), CONFIG)
    found = {s.site: s for s in described(asked, [draw(asked, i) for i in range(20)])}
    assert found["steep"].rank.value == 1
    assert found["steep"].relief_index > found["gentle"].relief_index
    assert found["covered"].relief_index == pytest.approx(
        found["steep"].relief_index * np.exp(-2 * 0.7 / 0.3)
    )
    assert found["covered"].rank.value == 3
    assert ranks(np.array([2.0, 5.0, 2.0])).tolist() == [2, 1, 2]
    assert cover_factor(None) == 1.0


def test_a_realisation_is_the_same_whenever_it_is_drawn() -> None:
    ground = ground_of(Elevation(GRID, heights()))
    cells = cells_of(GRID, [SITE])
    asked = Asked(
        ground, (SiteCells("S-1", cells[0], 1.0),), plane_of(GRID, [VILLAGE], 25.0), CONFIG
    )
    first, other, again = draw(asked, 7), draw(asked, 8), draw(asked, 7)
    assert np.array_equal(first.along_m, again.along_m)
    assert first.index == again.index
    assert first.index != other.index


def test_the_slope_factor_of_a_ridge_cell_by_hand() -> None:
    """No land above it, so L is the cell's side over the unit plot's, to the power m."""
    ground = ground_of(Elevation(GRID, heights()))
    net = network(ground, ground.heights)
    cell = np.array([120 * SHAPE[1] + 1], np.int32)  # beside the western edge: nothing above
    sine = np.sin(np.radians(slope_degrees(ground, ground.heights, cell)[0]))
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    m = beta / (1 + beta)
    area = float(ground.areas.ravel()[cell[0]])
    above = float(net.upstream_m2[cell[0]]) - area
    side = np.sqrt(area)
    length = ((above + area) ** (m + 1) - above ** (m + 1)) / (
        side ** (m + 2) * (4 / np.pi) ** m * 22.13**m
    )
    ls = ls_factor(ground, ground.heights, net, cell, 1.0)[0]
    assert ls == pytest.approx(length * (16.8 * sine - 0.5))
    assert 1.0 < ls < 10.0
    assert np.isnan(ls_factor(ground, ground.heights, net, cell, 1e-9)[0]), "a channel has none"


def test_numbers_are_shown_no_finer_than_they_are_known() -> None:
    def volume(value: float, half: float) -> str:
        m = Measurement("volume gained", value, "m3", value - half, value + half, 0.95, "m")
        return volume_row(SiteVolume("S-1", m, m, 1.0, 20))[1]

    assert volume(-566_627.0, 7_860.0) == "-566,600 (-574,500 to -558,800)"
    assert volume(12.3, 45.0) == "12 (-33 to 57)"
    assert shown(-0.004, 1) == "0.0"
    assert shown(-0.4, sign="+") == "+0"
    assert shown(9.6, sign="+") == "+10"
