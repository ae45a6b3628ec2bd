"""The real series the bench learns from, and which of their pixels are what kind of ground."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

BANDS = ("B02", "B04", "B08", "B11", "B12")
B02, B04, B08, B11, B12 = range(5)
YEAR = 365.2425
HARMONICS = 3
"""Three, since a deciduous forest's spring is steeper than two can follow."""
TERMS = 1 + 2 * HARMONICS
USABLE_SCL = (4, 5, 6, 7)
CLOUD_SCL = (9,)
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """values (time, bands, y, x) with NaN for an absent band, scl (time, y, x), days (time,)."""

    values: F64
    scl: NDArray[np.int64]
    days: NDArray[np.int64]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Clear by the scene classification and with a value."""
        seen = np.isfinite(self.values[:, B02]) & (self.values[:, B02] > 0)
        return np.isin(self.scl, USABLE_SCL) & seen


def days_of(dataset: xr.Dataset) -> NDArray[np.int64]:
    """Days since 1970-01-01 of a dataset's times."""
    return dataset.time.values.astype("datetime64[D]").astype(np.int64)


def romania(folder: Path) -> Series:
    """Romania on the 10 m grid; B11 repeated from 20 m, B12 absent."""
    place = folder / "s2_romania_logging"
    fine = xr.open_dataset(place / "sentinel2_cube_subset_romania_10m.nc", engine="h5netcdf")
    coarse = xr.open_dataset(place / "sentinel2_cube_subset_romania_20m.nc", engine="h5netcdf")
    b11 = np.repeat(np.repeat(coarse.B11.values, 2, 1), 2, 2)
    parts = [fine.B2.values, fine.B4.values, fine.B8.values, b11, np.full_like(b11, np.nan)]
    values, days = np.stack(parts, 1).astype(float) / 10000, days_of(fine)
    scl = fine.SCL.values.astype(int)
    # from November to March most "clear" looks at these stands are snow: blue above shortwave
    winter = np.isin(month_of(days), (11, 12, 1, 2, 3))
    with np.errstate(invalid="ignore"):
        snow = (values[:, B02] > 0.05) & (values[:, B02] > 0.8 * values[:, B11])
    return Series(values, np.where(snow & winter[:, None, None], 11, scl), days)


def india(folder: Path) -> Series:
    """The quarry cluster in India, all five bands."""
    data = xr.open_dataset(folder / "s2_india_mine_1" / "mine_1_s2l2a.nc", engine="h5netcdf")
    values = np.stack([data[b].values for b in BANDS], 1).astype(float)
    return Series(values, data.SCL.values.astype(int), days_of(data))


def landsat(path: Path) -> tuple[NDArray[np.int64], F64]:
    """Clear looks of one Landsat or HLS pixel: days (time,), reflectance (time, 5 bands)."""
    with path.open() as lines:
        skip = 1 if lines.read(1).isalpha() else 0
    table = np.genfromtxt(path, delimiter=",", skip_header=skip)
    spectrum = table[:, [1, 3, 4, 5, 6]] / 10000
    clear = (table[:, 8] == 0) & (spectrum > 0).all(1) & (spectrum < 1).all(1)
    epoch = dt.date(1970, 1, 1).toordinal()
    return table[clear, 0].astype(int) - epoch, spectrum[clear]


def terms(days: NDArray[np.int64]) -> F64:
    """Mean and yearly harmonics, shape (time, TERMS): 1, cos, sin, cos 2, sin 2 and so on."""
    turn = 2 * np.pi * np.asarray(days) / YEAR
    parts = [np.ones_like(turn)]
    for k in range(1, HARMONICS + 1):
        parts += [np.cos(k * turn), np.sin(k * turn)]
    return np.stack(parts, 1)


def robust_season(days: NDArray[np.int64], y: F64, ridge: float = 0.3) -> F64:
    """Coefficients (terms,) of one series by least squares with Tukey's weights, 10 passes.

    A month with fewer than three looks counts as three looks on the line between the medians
    of its neighbours, else the harmonics would swing freely through a winter never seen.
    """
    keep = np.isfinite(y)
    days, y = days[keep], y[keep]
    month = month_of(days)
    known = np.array([m for m in range(1, 13) if (month == m).sum() >= 3])
    if len(known) == 0:
        return np.full(TERMS, np.nan)
    median = [float(np.median(y[month == m])) for m in known]
    unseen = np.setdiff1d(np.arange(1, 13), known)
    line = np.interp(unseen, known, median, period=12)
    X = terms(np.concatenate([days, np.repeat((unseen - 0.5) * YEAR / 12, 3).astype(int)]))
    y = np.concatenate([y, np.repeat(line, 3)])
    prior = np.diag([0.0, *(ridge * k for k in range(1, HARMONICS + 1) for _ in range(2))])
    w = np.ones(len(y))
    coef = np.zeros(X.shape[1])
    for _ in range(10):
        coef = np.linalg.solve((X.T * w) @ X + prior, (X.T * w) @ y)
        r = np.abs(y - X @ coef)
        scale = 1.4826 * np.median(r) + 1e-6
        w = np.clip(1 - (r / (4.685 * scale)) ** 2, 0, None) ** 2
        w[len(days) :] = 1
    return coef


def year_of(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Month (1..12) of each day."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def ndvi(v: F64, axis: int = 1) -> F64:
    """NDVI of an array with a band axis."""
    red, nir = np.take(v, B04, axis), np.take(v, B08, axis)
    return (nir - red) / (nir + red)


def quiet_nanmedian(a: F64, axis: int) -> F64:
    """Median over an axis, NaN where nothing is there, without a warning."""
    out = np.full(np.delete(a.shape, axis), np.nan)
    some = np.isfinite(a).any(axis)
    moved = np.moveaxis(a, axis, 0)
    out[some] = np.nanmedian(moved[:, some], 0)
    return out


def forest_of(s: Series) -> NDArray[np.bool_]:
    """Closed stands of Romania: median summer NDVI above 0.84 in each of five years."""
    n = np.where(s.usable, ndvi(s.values), np.nan)
    year, month = year_of(s.days), month_of(s.days)
    summer = np.isin(month, (6, 7, 8, 9))
    yearly = [quiet_nanmedian(n[summer & (year == y)], 0) for y in range(2016, 2021)]
    return np.min(yearly, 0) > 0.84


def covers_of_india(s: Series) -> dict[str, NDArray[np.bool_]]:
    """Crops, steppe and bare ground of India: clusters of four seasonal NDVI medians.

    Pixels whose dry-season NDVI or brightness moved from 2019-20 to 2023-24 are left out, so
    that quarrying itself does not enter the statistics.
    """
    n = np.where(s.usable, ndvi(s.values), np.nan)
    year, month = year_of(s.days), month_of(s.days)
    seasons = ((1, 2), (3, 4, 5), (9, 10), (11, 12))
    medians = np.stack([quiet_nanmedian(n[np.isin(month, m)], 0) for m in seasons])
    dry = np.isin(month, (1, 2, 3, 4, 5))
    light = np.where(s.usable, s.values[:, B11], np.nan)
    early, late = dry & (year < 2021), dry & (year > 2021)
    moved = np.abs(quiet_nanmedian(n[early], 0) - quiet_nanmedian(n[late], 0)) > 0.1
    ratio = quiet_nanmedian(light[early], 0) / quiet_nanmedian(light[late], 0)
    moved |= np.abs(np.log(np.where(np.isfinite(ratio), ratio, 9))) > 0.25
    good = np.isfinite(medians).all(0)
    centres, label = kmeans2(medians[:, good].T, 6, minit="++", seed=0)
    place = np.full(good.shape, -1)
    place[good] = label
    order = np.argsort(centres.mean(1))  # water, wet or dark ground, bare, dry, scrub, fields
    stable = ~moved
    return {
        "bare": np.isin(place, order[1:3]) & stable & (medians[1] > 0.03),
        "steppe": np.isin(place, order[3:5]) & stable,
        "crops": (place == order[5]) & stable,
    }


def swir_rule(folder: Path, s: Series, covers: dict[str, NDArray[np.bool_]]) -> tuple[float, float]:
    """ln(B12/B11) as a line in NDVI, over all clear looks with both bands: intercept, slope."""
    x, y = [], []
    for mask in covers.values():
        v = np.where(s.usable[:, None], s.values, np.nan)[:, :, mask]
        x.append(ndvi(v).ravel())
        y.append(np.log(v[:, B12] / v[:, B11]).ravel())
    for path in sorted((folder / "pixel_series").glob("*/*.csv")):
        if "snow" not in path.name:
            _, spectrum = landsat(path)
            x.append(np.repeat(ndvi(spectrum), 5))
            y.append(np.repeat(np.log(spectrum[:, B12] / spectrum[:, B11]), 5))
    a, b = np.concatenate(x), np.concatenate(y)
    keep = np.isfinite(a) & np.isfinite(b)
    slope, intercept = np.polyfit(a[keep], b[keep], 1)
    return float(intercept), float(slope)


BAND_RANGES_UM = ((0.458, 0.523), (0.65, 0.68), (0.785, 0.9), (1.565, 1.655), (2.1, 2.28))
"""Half-power ranges of the five bands of Sentinel-2, micrometres."""


def laboratory_soils(folder: Path) -> F64:
    """Spectra of bare ground in earthlib's library (MIT; most are ICRAF-ISRIC soils), (n, 5).

    `folder` is its folder `data`, which holds an ENVI spectral library and a table. Laboratory
    spectra are of dried and sieved soil.
    """
    header = (folder / "spectra.sli.hdr").read_text()
    waves = np.array([float(w) for w in header.split("wavelength = {")[1].split("}")[0].split(",")])
    spectra = np.fromfile(folder / "spectra.sli", "<f4").reshape(-1, len(waves))
    with (folder / "spectra.csv").open() as lines:
        bare = np.array([row["LEVEL_2"] == "bare" for row in csv.DictReader(lines)])
    parts = [spectra[:, (waves >= a) & (waves <= b)].mean(1) for a, b in BAND_RANGES_UM]
    five = np.stack(parts, 1)[bare].astype(float)
    return five[(five > 0.01).all(1) & (five < 1).all(1)]
