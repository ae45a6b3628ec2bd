"""`gossan update` over a catalogue that wants a local file, a server, memory and the terminal."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import numpy as np
import rasterio

from tests.e2e.conftest import gossan
from tests.support.cases import sample_items, small_case

SECRET = b"-----BEGIN PRIVATE KEY-----" * 400
BAD = (1, 3, 5, 7, 9, 11, 13, 15)
ESCAPE = "\x1b]0;taken\x07\u202e[red]"


def hostile(root: Path, port: int) -> Path:
    """The sample's first scenes, and among them copies whose near infrared is something else."""
    secret, url = root / "secret.txt", f"http://127.0.0.1:{port}"
    secret.write_bytes(SECRET)
    folder = root / "cat"
    folder.mkdir()
    raw = (
        f'<VRTDataset rasterXSize="200" rasterYSize="200"><SRS>EPSG:3035</SRS><GeoTransform>{{}}'
        f'</GeoTransform><VRTRasterBand dataType="UInt16" band="1" subClass="VRTRawRasterBand">'
        f"<SourceFilename>{secret}</SourceFilename><ImageOffset>0</ImageOffset><PixelOffset>0"
        f"</PixelOffset><LineOffset>2</LineOffset></VRTRasterBand></VRTDataset>"
    )
    items = [json.loads(p.read_text()) | {"_folder": str(p.parent)} for p in sample_items()[::4]]
    with rasterio.open(Path(items[0]["_folder"]) / items[0]["assets"]["nir"]["href"]) as data:
        profile, grid = data.profile, ",".join(map(str, data.transform.to_gdal()))
    (folder / "vrt.tif").write_text(raw.format(grid))
    (folder / "wms.tif").write_text(
        f"<GDAL_WMS><Service name='TMS'><ServerUrl>{url}/x</ServerUrl></Service></GDAL_WMS>"
    )
    profile.update(driver="GTiff", height=30_000, width=30_000, sparse_ok=True, tiled=False)
    profile.pop("blockxsize"), profile.pop("blockysize")
    with rasterio.open(folder / "huge.tif", "w", **{**profile, "blockysize": 30_000}):
        pass
    links = []
    named = (
        "vrt.tif",
        "wms.tif",
        "huge.tif",
        str(secret),
        f"/vsicurl/{url}/a.tif",
        f"VRT://{secret}",
        "GTIFF_DIR:1:../secret.txt",
    )
    bad = dict(zip(BAD, named, strict=False))
    for n, item in enumerate(items):
        home = Path(item.pop("_folder"))
        for asset in item["assets"].values():
            asset["href"] = str((home / asset["href"]).resolve())
        item["links"] = []
        if n in bad:
            item["assets"]["nir"]["href"] = bad[n]
        if n == BAD[-1]:
            item["id"] += ESCAPE
        (folder / f"{n}.json").write_text(json.dumps(item))
        links.append({"rel": "item", "href": f"{n}.json"})
    links.append({"rel": "item", "href": f"../secret.txt{ESCAPE}"})
    root_json = {"type": "Catalog", "id": "c", "stac_version": "1.1.0", "description": "d"}
    (folder / "catalog.json").write_text(json.dumps({**root_json, "links": links}))
    return folder


def test_a_hostile_catalogue_gets_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        source = hostile(tmp_path, server.getsockname()[1])
        case = small_case(tmp_path / "case", source)
        done = gossan("update", case)
        history = gossan("history", case)
        try:
            server.accept()
            raise AssertionError("something connected")
        except BlockingIOError:
            pass
    assert done.returncode == 0, done.stderr
    assert "could not be read" in done.stdout
    for text in (done.stdout, done.stderr, history.stdout):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    words = {SECRET[i : i + 2] for i in range(28)}
    for path in (case / "scenes").glob("*.tif"):
        with rasterio.open(path) as data:
            pixels = data.read()
        found = {bytes(np.uint16(v).tobytes()) for v in np.unique(pixels)}
        assert len(found & words) < 10, path
    for path in case.rglob("*"):
        assert not path.is_file() or b"BEGIN PRIVATE" not in path.read_bytes()
    sidecars = [json.loads(p.read_text()) for p in (case / "scenes").glob("*.json")]
    stored = {name for said in sidecars for name in said["items"]}
    wanted = {n: json.loads((source / f"{n}.json").read_text())["id"] for n in BAD}
    assert len(stored) > 20
    assert not stored & set(wanted.values())
