"""One function that says whether a dataset is a cube."""

from __future__ import annotations

import numpy as np
import odc.geo.xr  # noqa: F401  (registers the `.odc` accessor)
import xarray as xr

from gossan.core.errors import Code, GossanError
from gossan.core.values import BANDS
from gossan.core.words import tr


def bands_of(cube: xr.Dataset) -> tuple[str, ...]:
    """Reflectance bands of a cube in canonical order."""
    return tuple(b for b in BANDS if b in cube.data_vars)


def validate(cube: xr.Dataset) -> xr.Dataset:
    """Return `cube` unchanged, or raise GossanError(CUBE) naming the first thing wrong.

    A cube has float32 reflectance variables named by a subset of BANDS (NaN: no data), a
    uint16 `flags`, all of dims (time, y, x), strictly ascending datetime64[ns] `time`, `scene`
    along time, and a grid with a CRS.
    """
    fault = _fault(cube)
    if fault:
        raise GossanError(
            Code.CUBE, tr("Not a cube: {fault}.", fault=fault), tr("This is a fault in gossan.")
        )
    return cube


def _fault(cube: xr.Dataset) -> str:
    bands = bands_of(cube)
    if not bands:
        return tr(
            "expected bands out of {bands}, found {found}",
            bands=", ".join(BANDS),
            found=", ".join(map(str, cube)),
        )
    extra = set(map(str, cube.data_vars)) - set(bands) - {"flags"}
    if extra:
        return tr("unknown variables {names}", names=", ".join(sorted(extra)))
    if "flags" not in cube:
        return tr("variable flags is missing")
    for name in (*bands, "flags"):
        wanted = np.uint16 if name == "flags" else np.float32
        if cube[name].dims != ("time", "y", "x"):
            return tr(
                "{name} has dims {dims}, expected (time, y, x)", name=name, dims=cube[name].dims
            )
        if cube[name].dtype != wanted:
            return tr(
                "{name} is {dtype}, expected {wanted}",
                name=name,
                dtype=cube[name].dtype,
                wanted=np.dtype(wanted),
            )
    time = cube["time"].values if "time" in cube.coords else None
    if time is None or time.dtype != np.dtype("datetime64[ns]"):
        return tr("time is missing or not datetime64[ns]")
    if time.size > 1 and not bool((np.diff(time) > np.timedelta64(0, "ns")).all()):
        return tr("time is not strictly ascending")
    if "scene" not in cube.coords or cube["scene"].dims != ("time",):
        return tr("coordinate scene along time is missing")
    grid = cube.odc.geobox
    return tr("it has no grid with a CRS") if grid is None or grid.crs is None else ""
