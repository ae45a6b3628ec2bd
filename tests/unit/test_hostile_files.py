"""Files and catalogues of others: what they name is not followed, what they declare is bounded."""

# ruff: noqa: E501  lists of forms read better whole

from __future__ import annotations

import ast
import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box
from tests.support.rasters import item_of

import gossan
from gossan.core.errors import GossanError
from gossan.core.values import Outcome
from gossan.io import vector_files
from gossan.io.catalogue.harmonise import read_item
from gossan.io.catalogue.optical_items import SENTINEL_2
from gossan.io.catalogue.search import plan
from gossan.io.catalogue.sources import open_source
from gossan.io.grids import grid_for
from gossan.io.pixels import read_acquisition, read_window
from gossan.io.places import PlaceFiles, read_places
from gossan.io.rasters import open_raster
from gossan.io.water_files import read_external, read_reaches

SRC = Path(gossan.__file__).parent
AREA = box(21.005, 45.120, 21.007, 45.122)
PERIOD = (date(2019, 1, 1), date(2019, 12, 31))
ORIGIN = from_origin(500_000, 5_000_000, 10, 10)
SECRET = b"TOP SECRET LINE OF A PRIVATE KEY " * 512


@pytest.fixture
def port() -> Iterator[Any]:
    """A listening socket; `called()` says whether anything connected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)

        def called() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        server_port = server.getsockname()[1]
        yield server_port, called


def tiff(path: Path, tags: dict[str, dict[str, str]] | None = None, **profile: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    given = {
        "height": 64,
        "width": 64,
        "count": 1,
        "dtype": "uint16",
        "crs": "EPSG:32634",
        "transform": ORIGIN,
        **profile,
    }
    with rasterio.open(path, "w", driver="GTiff", **given) as data:
        if given["height"] == 64:
            data.write(np.full((given["count"], 64, 64), 7, given["dtype"]))
        for space, values in (tags or {}).items():
            data.update_tags(ns=space, **values)
    return path


def vrt(source: str) -> str:
    return (
        '<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:32634</SRS><GeoTransform>500000,'
        '10,0,5000000,0,-10</GeoTransform><VRTRasterBand dataType="UInt16" band="1" '
        f'subClass="VRTRawRasterBand"><SourceFilename relativetoVRT="0">{source}</SourceFilename>'
        "<ImageOffset>0</ImageOffset><PixelOffset>2</PixelOffset><LineOffset>128</LineOffset>"
        "</VRTRasterBand></VRTDataset>"
    )


def warped(source: str) -> str:
    return (
        '<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>EPSG:32634</SRS><GeoTransform>500000,'
        '10,0,5000000,0,-10</GeoTransform><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f"<SourceFilename>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )


def contents(secret: Path, url: str) -> dict[str, bytes]:
    """Files of drivers that point elsewhere, as content of an asset that is named .tif."""
    wms = f'<GDAL_WMS><Service name="TMS"><ServerUrl>{url}/${{z}}</ServerUrl></Service></GDAL_WMS>'
    wmts = f"<GDAL_WMTS><GetCapabilitiesUrl>{url}/c</GetCapabilitiesUrl></GDAL_WMTS>"
    stacit = {
        "type": "FeatureCollection",
        "stac_version": "1.0.0",
        "features": [
            {"type": "Feature", "stac_version": "1.0.0", "assets": {"a": {"href": f"{url}/a.tif"}}}
        ],
    }
    stacta = {"stac_extensions": ["tiled-assets"], "asset_templates": {"a": {"href": f"{url}/a"}}}
    gdalg = {"type": "gdal_streamed_alg", "command_line": f"gdal raster read /vsicurl/{url}/a"}
    return {
        "vrt-raw": vrt(str(secret)).encode(),
        "vrt-curl": warped(f"/vsicurl/{url}/a.tif").encode(),
        "vrt-zip": warped(f"/vsizip//vsicurl/{url}/a.zip/a.tif").encode(),
        "wms": wms.encode(),
        "wmts": wmts.encode(),
        "wcs": f"<WCS_GDAL><ServiceURL>{url}/?</ServiceURL></WCS_GDAL>".encode(),
        "gti": f"<GDALTileIndexDataset><IndexDataset>{url}/i</IndexDataset></GDALTileIndexDataset>".encode(),
        "stacit": json.dumps(stacit).encode(),
        "stacta": json.dumps(stacta).encode(),
        "gdalg": json.dumps(gdalg).encode(),
        "plscenes": b'{"type":"FeatureCollection","features":[{"_links":{}}]}',
        "xyz": b"500005 4999995 7\n500015 4999995 7\n500005 4999985 7\n500015 4999985 7\n",
        "aaigrid": b"ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n",
        "pnm": b"P5\n64 64\n255\n" + SECRET[:4096],
        "text": SECRET,
        "empty": b"",
    }


def hrefs(secret: Path, good: Path, url: str) -> dict[str, str]:
    """Addresses of an asset that lead out of the catalogue or into a driver."""
    away = secret.with_name("away.tif")
    return {
        "absolute": str(away),
        "dots": "../../../away.tif",
        "file": f"file://{away}",
        "file-host": f"file://localhost{away}",
        "percent": f"file://{str(away).replace('a', '%61')}",
        "share": f"//127.0.0.1{away}",
        "vsicurl": f"/vsicurl/{url}/a.tif",
        "vsicurl-query": f"/vsicurl?url={url}/a.tif",
        "vsizip": f"/vsizip//vsicurl/{url}/a.zip/a",
        "vsitar": f"/vsitar/{away}",
        "vsigzip": f"/vsigzip/{away}",
        "vsimem": "/vsimem/a.tif",
        "vsisubfile": f"/vsisubfile/0_100,{away}",
        "vsisparse": f"/vsisparse/{away}",
        "vsistdin": "/vsistdin/",
        "vrt-driver": f"VRT://{away}",
        "vrt-scheme": f"vrt://{away}?bands=1",
        "vrt-remote": f"vrt:///vsicurl/{url}/a.tif",
        "derived": f"DERIVED_SUBDATASET:AMPLITUDE:{away}",
        "gtiff-dir": f"GTIFF_DIR:1:{away}",
        "gtiff-raw": f"GTIFF_RAW:{away}",
        "netcdf": f"NETCDF:{away}:a",
        "hdf5": f'HDF5:"{away}"://a',
        "zarr": f"ZARR:{away}",
        "wms": f"WMS:{url}/?SERVICE=WMS",
        "wmts": f"WMTS:{url}",
        "wcs": f"WCS:{url}",
        "gti": f"GTI:{away}",
        "stacit": f'STACIT:"{url}/search"',
        "plscenes": "PLScenes:",
        "json": json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal read {url}"}),
        "xml": vrt(str(secret)),
        "gpkg": f"GPKG:{away}:t",
        "s3": "s3://bucket/key.tif",
        "ftp": f"ftp://{url.removeprefix('http://')}/a.tif",
        "zip-scheme": f"zip://{away}!a",
        "zip-https": f"zip+{url}/a.zip!a.tif",
        "data": "data:image/tiff;base64,SUkqAA==",
        "device": "/dev/zero",
        "proc": "/proc/self/environ",
        "home": "~/away.tif",
        "bracket": "http://[::1",
        "nul": "a\x00.tif",
        "escape": "a\x1b[2J.tif",
    }


def catalogue(folder: Path, items: list[dict[str, Any]], **more: Any) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    links = []
    for n, item in enumerate(items):
        (folder / f"{n}.json").write_text(json.dumps(item))
        links.append({"rel": "item", "href": f"./{n}.json"})
    root = {"type": "Catalog", "id": "c", "stac_version": "1.0.0", "description": "d"}
    (folder / "catalog.json").write_text(json.dumps({**root, "links": links, **more}))
    return f"local:{folder}"


def entry(name: str, band: str, day: int = 0) -> dict[str, Any]:
    when = f"{date(2019, 1, 1) + timedelta(day)}T09:30:00Z"
    return item_of(name, when, {"B02": band, "SCL": "good.tif"}, (20.9, 45.0, 21.2, 45.3))


def taken(source_spec: str) -> tuple[set[str], dict[str, str]]:
    """Ids whose pixels were read, and id -> why of the others."""
    source = open_source(source_spec)
    found = plan(source, AREA, *PERIOD, 80, SENTINEL_2)
    read, why = set(), {r.id: r.reason for r in found.aside if r.outcome is Outcome.FAILED}
    grid = grid_for([s for s in found.scenes if s.id == "x-good"], AREA, ("B02",), source.sign)
    for acquisition in found.acquisitions:
        for scene in acquisition.scenes:
            one = type(acquisition)(acquisition.day, (scene,))
            try:
                arrays = read_acquisition(one, grid, ("B02",), sign=source.sign).arrays()
            except GossanError as error:
                why[scene.id] = error.problem
            else:
                assert set(np.unique(arrays["B02"])) <= {0, 7}
                read.add(scene.id)
    return read, why


def test_files_of_other_drivers_are_not_images(tmp_path: Path, port: Any) -> None:
    number, called = port
    secret = tmp_path / "secret.txt"
    secret.write_bytes(SECRET)
    folder = tmp_path / "in" / "cat"
    tiff(folder / "good.tif")
    made = contents(secret, f"http://127.0.0.1:{number}")
    for name, data in made.items():
        (folder / f"{name}.tif").write_bytes(data)
    pointing = {"OVERVIEWS": {"OVERVIEW_FILE": f"/vsicurl/http://127.0.0.1:{number}/o"}}
    tiff(folder / "overviews.tif", pointing)
    tiff(folder / "geolocation.tif", {"GEOLOCATION": {"X_DATASET": str(secret)}})
    names = [*made, "overviews", "geolocation"]
    items = [entry(f"x-{n}", f"{n}.tif", i + 1) for i, n in enumerate(names)]
    read, why = taken(catalogue(folder, [entry("x-good", "good.tif"), *items]))
    assert read == {"x-good"}
    assert set(why) == {f"x-{n}" for n in names}
    assert not called()
    assert all("B02" in reason for reason in why.values())


def test_addresses_that_lead_out_are_not_followed(tmp_path: Path, port: Any) -> None:
    number, called = port
    secret = tmp_path / "secret.txt"
    secret.write_bytes(SECRET)
    tiff(tmp_path / "away.tif")
    folder = tmp_path / "in" / "out" / "cat"
    good = tiff(folder / "good.tif")
    (folder / "link.tif").symlink_to(tmp_path / "away.tif")
    (folder / "loop.tif").symlink_to(folder / "loop.tif")
    forms = hrefs(secret, good, f"http://127.0.0.1:{number}")
    forms |= {"symlink": "link.tif", "symlink-loop": "loop.tif"}
    items = [entry(f"x-{n}", h, i + 1) for i, (n, h) in enumerate(forms.items())]
    spec = catalogue(folder, [entry("x-good", "good.tif"), *items])
    source = open_source(spec)
    read, why = taken(spec)
    assert read == {"x-good"}
    assert len(why) == len(forms)
    assert "local_folders" in why["x-absolute"]
    assert "B02" in why["x-absolute"]
    assert not called()
    with pytest.raises(GossanError, match="outside"):  # also for whoever forgets to ask first
        source.sign(str(tmp_path / "away.tif"))
    wider = open_source(spec, folders=(str(tmp_path),))
    assert wider.allows(str(tmp_path / "away.tif"))
    assert not wider.allows("/etc/passwd")


def test_links_stay_in_the_folder_and_end(tmp_path: Path) -> None:
    folder = tmp_path / "cat"
    tiff(folder / "good.tif")
    outside = tmp_path / "other.json"
    outside.write_text(json.dumps(entry("x-outside", "good.tif")))
    catalogue(folder, [entry("x-good", "good.tif")])
    root = json.loads((folder / "catalog.json").read_text())
    for n in range(60):  # a chain deeper than any honest one, and a circle
        inner = {
            **root,
            "links": [
                {"rel": "child", "href": f"c{n + 1}.json"},
                {"rel": "child", "href": "catalog.json"},
            ],
        }
        (folder / f"c{n}.json").write_text(json.dumps(inner))
    root["links"] += [
        {"rel": "child", "href": "c0.json"},
        {"rel": "child", "href": "missing.json"},
        {"rel": "item", "href": "../other.json"},
        {"rel": "item", "href": f"file://{outside}"},
        {"rel": "item", "href": "//127.0.0.1/x.json"},
        {"rel": "item", "href": "/dev/zero"},
        {"rel": "child", "href": "http://127.0.0.1/catalog.json"},
    ]
    (folder / "catalog.json").write_text(json.dumps(root))
    read, why = taken(f"local:{folder}")
    assert read == {"x-good"}
    assert {k for k in why if "outside" in why[k]} == {"other", "other (2)", "zero"}
    assert {k for k in why if "catalogues" in why[k]}
    assert "missing" in why
    large = folder / "large.json"
    large.write_text(" " * 20_000_001)
    root["links"] = [{"rel": "item", "href": "large.json"}]
    (folder / "catalog.json").write_text(json.dumps(root))
    with pytest.raises(GossanError, match="expected at most"):
        plan(open_source(f"local:{folder}"), AREA, *PERIOD, 80, SENTINEL_2)


def _with(**fields: Any) -> dict[str, Any]:
    item = entry("x", "good.tif")
    for key, value in fields.items():
        place: Any = item
        *path, last = key.split("__")
        for step in path:
            place = place[step]
        place[last.replace("_c_", ":")] = value
    return item


DEEP: Any = []
for _ in range(300):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "item",
    [
        _with(bbox=[float("nan"), 45.0, 21.2, 45.3]),
        _with(bbox=[20.9, 45.0, 1e400, 45.3]),
        _with(properties__eo_c_cloud_cover=float("nan")),
        _with(properties__eo_c_cloud_cover=1e400),
        _with(assets__B02__gsd=0),
        _with(assets__B02__scale=0),
        _with(assets__B02__scale="nan"),
        _with(assets__B02__offset=-1e300),
        _with(assets__B02__scale=10**400),
        _with(properties__proj_c_epsg=10**40),
        _with(properties__proj_c_shape=[10**12, 10**12]),
        _with(properties__proj_c_transform=[float("inf"), 0, 0, 0, 1, 0]),
        _with(properties__datetime="9999-12-31T23:59:59Z"),
        _with(properties__datetime="0001-01-01T00:00:00Z"),
        _with(properties__x=DEEP),
        _with(assets__B02__extra=DEEP),
        _with(id="a\x1b[2Jb"),
        _with(id="a\u202eb"),
        _with(links=[{"rel": "x", "href": "y"}] * 20_000),
        _with(
            geometry={
                "type": "Polygon",
                "coordinates": [[[20 + i / 1e5, 45 + (i % 2)] for i in range(20_000)] + [[20, 45]]],
            }
        ),
        _with(assets={f"a{i}": {"href": "x.tif"} for i in range(2_000)}),
    ],
)
def test_items_beyond_reason_are_refused(item: dict[str, Any]) -> None:
    with pytest.raises(GossanError):
        read_item(item)


def test_projections_that_say_nothing_sane_are_not_believed(tmp_path: Path) -> None:
    """The image's own grid is taken; one with pixels of nothing would fill the memory."""
    folder = tmp_path / "cat"
    tiff(folder / "good.tif")
    bad = [[1e-300, 0, 5e5, 0, -1e-300, 5e6], [10, 0, 1e300, 0, -10, 5e6]]
    items = []
    for n, transform in enumerate(bad):
        item = entry(f"x{n}", "good.tif", n)
        item["assets"]["B02"]["proj:transform"] = transform
        items.append(item)
    for n, code in enumerate(("+init=/etc/passwd:1", "http://127.0.0.1/x", "EPSG:1", "{}")):
        item = entry(f"y{n}", "good.tif", 5 + n)
        item["properties"]["proj:code"] = code
        item["assets"]["B02"]["proj:transform"] = [10, 0, 5e5, 0, -10, 5e6]
        items.append(item)
    source = open_source(catalogue(folder, items))
    grid = grid_for(plan(source, AREA, *PERIOD, 80, SENTINEL_2).scenes, AREA, ("B02",), source.sign)
    assert grid.shape[0] < 100
    item = entry("z", "good.tif")
    item["assets"]["B02"]["proj:transform"] = [1e-5, 0, 5e5, 0, -1e-5, 5e6]
    source = open_source(catalogue(tmp_path / "fine", [item]))
    with pytest.raises(GossanError, match="expected at most"):
        grid_for(plan(source, AREA, *PERIOD, 80, SENTINEL_2).scenes, AREA, ("B02",), source.sign)


@pytest.mark.parametrize(
    "shape",
    [
        {"height": 40_000, "width": 40_000, "blockysize": 40_000},
        {"height": 9_000, "width": 9_000, "blockysize": 9_000, "compress": "deflate"},
        {
            "height": 20_000,
            "width": 20_000,
            "tiled": True,
            "blockxsize": 16_384,
            "blockysize": 16_384,
        },
        {
            "height": 512,
            "width": 512,
            "count": 900,
            "interleave": "pixel",
            "tiled": True,
            "blockxsize": 512,
            "blockysize": 512,
        },
        {"height": 32, "width": 32, "count": 5_000},
    ],
)
def test_a_file_cannot_declare_more_than_it_holds(tmp_path: Path, shape: dict[str, Any]) -> None:
    path = tiff(tmp_path / "a.tif", sparse_ok=True, **shape)
    code = (
        "import resource, sys; from gossan.io.rasters import open_raster\n"
        "from gossan.core.errors import GossanError\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({4 << 30},) * 2)\n"
        "try:\n    with open_raster(sys.argv[1]) as data: data.read(1)\n"
        "except GossanError as error: print(error.problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert "expected at most" in done.stdout or "more than it can hold" in done.stdout, done.stderr


def test_a_finer_image_than_the_area_needs_is_not_read_whole(tmp_path: Path) -> None:
    path = tiff(
        tmp_path / "a.tif",
        height=40_000,
        width=40_000,
        tiled=True,
        sparse_ok=True,
        transform=from_origin(500_000, 5_000_000, 0.01, 0.01),
    )
    with open_raster(tiff(tmp_path / "b.tif")) as data:
        grid = rasterio.transform.array_bounds(64, 64, data.transform)
    from odc.geo.geobox import GeoBox

    assert grid
    with pytest.raises(GossanError, match="expected at most"):
        read_window(str(path), 0.0, GeoBox((64, 64), ORIGIN, "EPSG:32634"))


def test_nothing_beside_a_file_is_looked_for(tmp_path: Path, port: Any) -> None:
    number, called = port
    path = tiff(tmp_path / "a.tif", {})
    other = f"/vsicurl/http://127.0.0.1:{number}/o"
    pam = f"<PAMDataset><Metadata domain='OVERVIEWS'><MDI key='OVERVIEW_FILE'>{other}</MDI></Metadata></PAMDataset>"
    (tmp_path / "a.tif.aux.xml").write_text(pam)
    for beside in ("a.tif.ovr", "a.tif.msk"):
        (tmp_path / beside).write_text(warped(other))
    (tmp_path / "a.tfw").write_text("1\n0\n0\n1\n0\n0\n")
    with open_raster(path) as data:
        assert data.overviews(1) == []
        assert data.read(1, masked=True).mean() == 7
        assert data.files == [str(path)]
    assert not called()


def vector_forms(secret: Path, url: str) -> dict[str, bytes]:
    layer = f"<OGRVRTLayer name='x'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    source = f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>"
    return {
        "vrt": source.encode(),
        "vrt-osm": f"<osm><!-- --></osm>{source}".encode(),
        "kml": f"<kml><NetworkLink><Link><href>{url}</href></Link></NetworkLink></kml>".encode(),
        "gml": f"<FeatureCollection schemaLocation='{url}/x.xsd'/>".encode(),
        "gdalg": json.dumps(
            {"type": "gdal_streamed_alg", "command_line": f"gdal vector read {url}"}
        ).encode(),
        "esri": b'{"objectIdFieldName":"x","geometryType":"esriGeometryPoint","features":[]}',
        "topo": b'{"type":"Topology","objects":{}}',
        "csv": b"x,y\n1,2\n",
        "zip": b"PK\x03\x04",
        "wfs": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>".encode(),
        "empty": b"",
        "sqlite": b"SQLite format 3\x00" + b"\x00" * 100,
        "nested": b"[" * 100_000,
        "nested-geojson": b'{"type":"GeometryCollection","geometries":[' * 50_000,
    }


def test_vector_files_of_other_drivers_are_not_read(tmp_path: Path, port: Any) -> None:
    number, called = port
    secret = tmp_path / "secret.csv"
    secret.write_text("name,WKT\nsecret,POINT (1 2)\n")
    assert set(vector_files.pyogrio.list_drivers()) - {"MEM"} <= set(vector_files.DRIVERS)
    for name, data in vector_forms(secret, f"http://127.0.0.1:{number}").items():
        for suffix in (".geojson", ".gpkg", ".osm", ".zip"):
            path = tmp_path / f"{name}{suffix}"
            path.write_bytes(data)
            with pytest.raises(GossanError):
                read_reaches(path)
            with pytest.raises(GossanError):
                read_places(tmp_path, PlaceFiles(settlements=(path.name,)), AREA)
    assert not called()


def test_a_computed_layer_of_a_geopackage_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    vector_files.pyogrio.raw.write(
        path,
        geometry=np.array([box(1, 2, 3, 4).wkb], object),
        field_data=[np.array(["a"], object)],
        fields=["name"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        layer="t",
    )
    assert read_reaches(path)[0].name == "a"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE VIEW v AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) "
            "SELECT n FROM c"
        )
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('v', 'attributes', 'v')"
        )
    db.close()
    with pytest.raises(GossanError, match="computed"):
        read_reaches(path)


def test_hdf5_of_other_files_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(SECRET)

    def external(file: h5py.File) -> None:
        file.create_dataset("value", (4, 4), "u1", external=[(str(secret), 0, 16)])

    def linked(file: h5py.File) -> None:
        file["value"] = h5py.ExternalLink(str(secret), "/x")

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((4, 4), "u1")
        layout[:] = h5py.VirtualSource(str(secret), "x", (4, 4))
        file.create_virtual_dataset("value", layout)

    def huge(file: h5py.File) -> None:
        file.create_dataset("lat", (10**9,), "f8", chunks=(1000,))

    def chunky(file: h5py.File) -> None:
        file.create_dataset("value", (10, 10), "u1", maxshape=(None, None), chunks=(30_000, 30_000))

    for make in (external, linked, virtual, huge, chunky):
        path = tmp_path / "2019-01-01.nc"
        path.unlink(missing_ok=True)
        with h5py.File(path, "w") as file:
            make(file)
        with pytest.raises(GossanError, match=r"other file|another file|more than"):
            read_external(path)


OPENS = {
    "rasterio.open": ("io/rasters.py", "w"),
    "pyogrio.raw.read": ("io/vector_files.py", ""),
    "pyogrio.read_info": ("io/vector_files.py", ""),
    "xr.open_dataset": ("io/water_files.py", ""),
    "PdfReader": ("io/documents/child.py", ""),
    "h5py.File": ("io/water_files.py", ""),
}
NEVER = ("odc.loader", "rioxarray", "geopandas", "fiona", "osgeo")


def test_nothing_else_opens_files_of_others() -> None:
    for path in SRC.rglob("*.py"):
        tree, name = ast.parse(path.read_text()), path.relative_to(SRC).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = [a.name for a in node.names] + [getattr(node, "module", "") or ""]
                assert not [m for m in modules if m.startswith(NEVER)], name
                if "pyogrio" in modules:
                    assert name == "io/vector_files.py"
            if not isinstance(node, ast.Call):
                continue
            home, mode = OPENS.get(ast.unparse(node.func), (name, ""))
            written = mode and any(
                isinstance(a, ast.Constant) and a.value == mode for a in node.args
            )
            assert name == home or written, f"{name} opens by {ast.unparse(node.func)}"
