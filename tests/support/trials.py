"""Trials made by hand, and a small field of quiet ground to implant in."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import odc.geo.xr
import xarray as xr
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from gossan.case.monitoring import Acquisition, Frame
from gossan.case.pixels import Pixels
from gossan.case.state import Monitored
from gossan.core.dates import from_day
from gossan.core.geodesy import pixel_areas_m2
from gossan.core.params import LimitsParams, MonitorParams, SiteParams
from gossan.core.power.trials import MonthChance, PowerCurves, Spectrum, Trial
from gossan.io.scenes import SceneStore
from gossan.observables.limits.trials import Field

WITHIN = (30, 60, 120)
SAND = Spectrum("sand", "quartz sand", "made up", (("B02", 0.18), ("B08", 0.29)))
MUD = Spectrum("mud", "dry mud", "made up", (("B02", 0.28), ("B08", 0.53)))


def trial(
    index: int,
    area_ha: float = 0.2,
    contrast: float = 1.0,
    appeared: date = date(2019, 6, 15),
    confirmed_after: int | None = 20,
    spectrum: str = "sand",
) -> Trial:
    """One trial with what matters to counting set by hand."""
    return Trial(
        index,
        area_ha,
        contrast,
        spectrum,
        appeared,
        5,
        6,
        0.15,
        (3, 6, 9),
        confirmed_after,
        confirmed_after,
    )


def curves_of(trials: list[Trial], months: tuple[MonthChance, ...] = ()) -> PowerCurves:
    """Trials as a finished run over 2018 to 2020."""
    return PowerCurves(
        trials=tuple(trials),
        spectra=(SAND, MUD),
        months=months,
        first=date(2018, 1, 1),
        last=date(2020, 8, 31),
        within=WITHIN,
        needed=4,
        power=0.9,
        level=0.95,
        ground_share=0.6,
        no_model_share=0.02,
        smallest_site_ha=0.1,
        dropped_ha=(),
        scenes=("a", "b"),
        seed=1,
    )


def many_trials(seed: int = 3) -> list[Trial]:
    """Trials of four sizes and two contrasts in every season; larger and clearer is seen more,
    and nothing in the last months of the year."""
    rng = np.random.default_rng(seed)
    made = []
    for area, contrast in ((a, c) for a in (0.05, 0.1, 0.2, 0.4) for c in (0.5, 1.0)):
        for _ in range(120):
            day = date(2018, 1, 1) + timedelta(days=int(rng.integers(950)))
            chance = min(1.0, contrast * (0.3 + 2 * area)) * (day.month < 10)
            found = int(rng.integers(5, 120)) if rng.random() < chance else None
            name = ("sand", "mud")[len(made) % 2]
            made.append(trial(len(made), area, contrast, day, found, name))
    return made


def quiet_field(
    folder: Path,
    values: NDArray[np.float32],
    usable: NDArray[np.bool_],
    days: NDArray[np.int32],
    until: int,
    bare: dict[str, NDArray[np.float64]],
    params: LimitsParams,
    bands: tuple[str, ...] = ("B02", "B04", "B08", "B11"),
) -> Field:
    """A field whose looks are given as arrays (time, band, y, x); nothing is read from disk."""
    shape = usable.shape[1:]
    grid = GeoBox(shape, Affine(10, 0, 600000, 0, -10, 5000000), "EPSG:32634")
    flags = np.where(usable, 0, 16).astype(np.uint16)
    times = np.array([np.datetime64(from_day(int(d)), "ns") for d in days])
    data = {b: (("time", "y", "x"), values[:, i]) for i, b in enumerate(bands)}
    cube = xr.Dataset(
        {**data, "flags": (("time", "y", "x"), flags)},
        coords={**odc.geo.xr.xr_coords(grid, dims=("y", "x")), "time": times},
    )
    frame = Frame(SceneStore(folder / "scenes", grid), bands, np.ones(shape, bool), 0.0)
    looks = tuple(Acquisition(str(d), int(d), "") for d in days)
    unread: Any = None  # trials learn and follow on their own: no stored state is asked for
    shifts = np.zeros((len(days), len(bands)), np.float32)
    state = Monitored(grid, frame, looks, unread, unread, unread, MonitorParams(), shifts)
    sites = SiteParams(min_area_ha=0.1)
    return Field(state, Pixels(state, cube), pixel_areas_m2(grid), until, sites, params, bare)
