"""What is recorded of a remote file: its ETag and the bytes that hold the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from tests.support.rasters import noise, write_cog
from tests.support.servers import etag_of, file_server

from gossan.io.network.gate import gdal_env
from gossan.io.network.guard import reach_of
from gossan.io.origins import Origin, origin, remote
from gossan.io.pixels import read_window

TEN = Affine(10, 0, 600000, 0, -10, 5000040)


def asked(folder: Path, grid: GeoBox) -> Origin:
    with file_server(folder) as server, gdal_env(reach := reach_of(server.url)):
        href = f"{server.url}/B02.tif"
        return origin(href, href, grid, reach)


@pytest.mark.parametrize("crs", ["EPSG:32634", "EPSG:3035"])
def test_the_bytes_recorded_alone_hold_the_window(tmp_path: Path, crs: str) -> None:
    path = write_cog(tmp_path / "B02.tif", noise((1024, 1024), 5), TEN, tile=128)
    window = GeoBox((120, 90), TEN * Affine.translation(430, 610), "EPSG:32634")
    grid = window if crs == "EPSG:32634" else window.to_crs(crs)
    found = asked(tmp_path, grid)
    data = path.read_bytes()
    with rasterio.open(path) as image:
        header = min(
            int(image.get_tag_item(f"BLOCK_OFFSET_{x}_{y}", "TIFF", bidx=1))
            for x in range(8)
            for y in range(8)
        )
    bare = bytearray(len(data))
    bare[:header] = data[:header]
    for first, last in found.ranges:
        bare[first : last + 1] = data[first : last + 1]
    (tmp_path / "bare.tif").write_bytes(bytes(bare))
    then = read_window(str(path), 0.0, grid)
    assert np.array_equal(read_window(str(tmp_path / "bare.tif"), 0.0, grid), then)
    assert then.any()
    held = sum(last - first + 1 for first, last in found.ranges)
    assert held < 0.15 * len(data), f"{held} of {len(data)} bytes"
    assert found.etag == etag_of(path)


def test_tiles_that_follow_each_other_are_one_range(tmp_path: Path) -> None:
    path = write_cog(tmp_path / "B02.tif", noise((512, 512), 5), TEN, tile=128)
    found = asked(tmp_path, GeoBox((512, 512), TEN, "EPSG:32634"))
    assert len(found.ranges) == 1
    assert sum(b - a + 1 for a, b in found.ranges) < path.stat().st_size


def test_what_a_server_does_not_tell_is_recorded_as_not_told(tmp_path: Path) -> None:
    with file_server(tmp_path) as server, gdal_env(reach := reach_of(server.url)):
        href = f"{server.url}/B02.tif"
        nothing = origin(href, href, GeoBox((8, 8), TEN, "EPSG:32634"), reach)
    assert nothing == Origin("", ())
    write_cog(tmp_path / "B02.tif", noise((128, 128), 5), TEN, tile=128)
    beside = asked(tmp_path, GeoBox((8, 8), TEN * Affine.translation(5000, 0), "EPSG:32634"))
    assert beside.ranges == ()


def test_only_what_lies_on_a_server_is_asked_for() -> None:
    assert remote("https://a.example/B02.tif")
    assert remote("s3://bucket/B02.tif")
    assert not remote("/data/B02.tif")
    assert not remote("file:///data/B02.tif")
