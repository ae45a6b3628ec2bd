"""The sample's images with roads laid into them, and vehicles driving from some day on."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from bench.traffic import light_of, roads
from pyproj import Transformer
from rasterio.transform import Affine
from shapely.geometry import LineString

from gossan.observables.traffic.motion import BANDS
from gossan.observables.traffic.vehicles import ASPHALT, FLEET, put
from tests.support.cases import catalogue, sample_items

ASSETS = {"B02": "blue", "B08": "nir", "B03": "green", "B04": "red"}


def busy_catalogue(dest: Path, from_day: date, per_km: float, seed: int = 5) -> Path:
    """The sample as a catalogue in `dest`: asphalt roads on all dates, `per_km` vehicles on each
    kilometre from `from_day` on."""
    rng = np.random.default_rng(seed)
    lines = roads()
    light = np.max([light_of(line, (100, 100)) for line in lines], axis=0)
    items = []
    for item in sample_items():
        folder = dest / "items" / item.parent.name
        shutil.copytree(item.parent, folder)
        data = json.loads((folder / item.name).read_text(encoding="utf-8"))
        day = date.fromisoformat(data["id"].rpartition("_")[2])
        image, profiles = _read(folder, data)
        known = image > 0
        rho = image / np.float32(1e4)
        rho = (1 - light) * rho + light * np.array(ASPHALT)[:, None, None]
        rho = rho.astype(np.float32)
        if day >= from_day:
            for line in lines:
                for _ in range(rng.poisson(per_km * line.length / 1000)):
                    _drive(rho, line, rng)
        for band, (name, profile), values, seen in zip(BANDS, profiles, rho, known, strict=True):
            dn = np.where(seen, np.clip(np.rint(values * 1e4), 1, 10_000), 0)
            with rasterio.open(folder / name, "w", **profile) as out:
                out.write(dn.astype(profile["dtype"]), 1)
            data["assets"][ASSETS[band]].pop("file:checksum", None)
        (folder / item.name).write_text(json.dumps(data), encoding="utf-8")
        items.append(folder / item.name)
    return catalogue(dest, items)


def _read(folder: Path, data: dict) -> tuple[np.ndarray, list[tuple[str, dict]]]:  # type: ignore[type-arg]
    layers, profiles = [], []
    for band in BANDS:
        name = data["assets"][ASSETS[band]]["href"].removeprefix("./")
        with rasterio.open(folder / name) as source:
            layers.append(source.read(1))
            profiles.append((name, {**source.profile, "driver": "GTiff"}))
    return np.stack(layers), profiles


def _drive(rho: np.ndarray, line: LineString, rng: np.random.Generator) -> None:
    at = rng.uniform(40, line.length - 40)
    here, ahead = (np.array(line.interpolate(at + d).coords[0]) for d in (0, 1))
    along = (ahead - here) * rng.choice((-1, 1)) * rng.uniform(30, 90) / 3.6
    vehicle = FLEET[int(rng.integers(len(FLEET)))]
    put(rho, vehicle, tuple(here / 10 - 0.5), tuple(along), ASPHALT)


def write_roads(path: Path) -> Path:
    """The roads as GeoJSON in degrees, two of them with names, and a path nobody drives on."""
    item = json.loads(sample_items()[0].read_text(encoding="utf-8"))
    to_grid = Affine(*item["assets"]["blue"]["proj:transform"])
    to_degrees = Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    features = []
    names = ("Valley road", "Ridge road")
    for k, line in enumerate(roads()):
        ring = [to_degrees.transform(*(to_grid @ (x / 10, y / 10))) for x, y in line.coords]
        tags = {"highway": "tertiary", "name": names[k] if k < 2 else None, "surface": "asphalt"}
        features.append(_feature(ring, tags))
    features.append(_feature([(22.15, 45.2), (22.16, 45.21)], {"highway": "footway"}))
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def _feature(ring: list[tuple[float, float]], tags: dict[str, str | None]) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": tags,
        "geometry": {"type": "LineString", "coordinates": ring},
    }
