"""Sentinel-1 over the Bago Mountains, Myanmar, with dated forest disturbances.

The images are not part of the project; what calls this skips, or says so, where they are absent.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.core.dates import to_day

FOLDER = "s1_myanmar"
CRS = "EPSG:32646"


@dataclass(frozen=True)
class Granules:
    """Slices as the provider cut them: power (granule, 2, y, x) linear VV and VH, NaN nodata;
    days (granule,), ids (granule,) of the products, grid."""

    power: NDArray[np.float32]
    days: NDArray[np.int32]
    ids: tuple[str, ...]
    grid: GeoBox

    def merged(self) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int32]]:
        """One image a day: where two slices overlap, the first counts. values, usable, days."""
        days = np.unique(self.days)
        values = np.full((len(days), *self.power.shape[1:]), np.nan, np.float32)
        for t, day in enumerate(days):
            for k in np.flatnonzero(self.days == day):
                empty = ~np.isfinite(values[t]).all(axis=0)
                values[t] = np.where(empty, self.power[k], values[t])
        return values, np.isfinite(values).all(axis=1), days.astype(np.int32)


@dataclass(frozen=True)
class Point:
    """A place looked at by an interpreter: its pixel, and the day of a disturbance or None."""

    row: int
    col: int
    day: int | None


def granules(shared: Path) -> Granules:
    """All slices. `shared` is the folder that holds `s1_myanmar`; OSError where it is absent."""
    with xr.open_dataset(shared / FOLDER / "s1_vv_vh.nc", engine="h5netcdf") as cube:
        power = np.stack([10 ** (cube[b].values / 10) for b in ("VV", "VH")], axis=1)
        days = cube.time.values.astype("datetime64[D]").astype(np.int32)
        ids = tuple(str(name).removesuffix(".1") for name in cube.granule.values)
        x, y = cube.x.values, cube.y.values
    dx, dy = float(x[1] - x[0]), float(y[1] - y[0])
    affine = Affine(dx, 0, float(x[0]) - dx / 2, 0, dy, float(y[0]) - dy / 2)
    return Granules(power.astype(np.float32), days, ids, GeoBox(power.shape[2:], affine, CRS))


def points(table: Path, grid: GeoBox) -> tuple[Point, ...]:
    """Points of a csv with x, y (in the grid's CRS) and date (empty or NA: undisturbed)."""
    out = []
    with table.open(newline="", encoding="utf-8") as f:
        for line in csv.DictReader(f):
            col, row = ~grid.affine * (float(line["x"]), float(line["y"]))
            text = line["date"].strip()
            day = None if text in ("", "NA") else to_day(date.fromisoformat(text))
            out.append(Point(int(np.floor(row)), int(np.floor(col)), day))
    return tuple(out)
