"""One function that says whether a dataset is a cube."""

from __future__ import annotations

import numpy as np
import odc.geo.xr  # noqa: F401  (registers the `.odc` accessor)
import xarray as xr

from gossan.core.errors import Code, GossanError
from gossan.core.values import BANDS


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
        raise GossanError(Code.CUBE, f"Not a cube: {fault}.", "This is a fault in gossan.")
    return cube


def _fault(cube: xr.Dataset) -> str:
    bands = bands_of(cube)
    if not bands:
        return f"expected bands out of {', '.join(BANDS)}, found {', '.join(map(str, cube))}"
    extra = set(map(str, cube.data_vars)) - set(bands) - {"flags"}
    if extra:
        return f"unknown variables {', '.join(sorted(extra))}"
    if "flags" not in cube:
        return "variable flags is missing"
    for name in (*bands, "flags"):
        wanted = np.uint16 if name == "flags" else np.float32
        if cube[name].dims != ("time", "y", "x"):
            return f"{name} has dims {cube[name].dims}, expected (time, y, x)"
        if cube[name].dtype != wanted:
            return f"{name} is {cube[name].dtype}, expected {np.dtype(wanted)}"
    time = cube["time"].values if "time" in cube.coords else None
    if time is None or time.dtype != np.dtype("datetime64[ns]"):
        return "time is missing or not datetime64[ns]"
    if time.size > 1 and not bool((np.diff(time) > np.timedelta64(0, "ns")).all()):
        return "time is not strictly ascending"
    if "scene" not in cube.coords or cube["scene"].dims != ("time",):
        return "coordinate scene along time is missing"
    grid = cube.odc.geobox
    return "it has no grid with a CRS" if grid is None or grid.crs is None else ""
