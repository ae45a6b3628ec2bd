"""What stood on a piece of ground, from a land-cover map the user brings."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.vrt import WarpedVRT

from gossan.core.case import VegetationConfig
from gossan.core.errors import Code, GossanError
from gossan.core.hashing import hash_file, hash_json
from gossan.core.words import tr
from gossan.io.rasters import open_raster

WORLD_COVER: Mapping[int, str] = {
    10: "tree cover",
    20: "shrubland",
    30: "grassland",
    40: "cropland",
    50: "built-up",
    60: "bare or sparse vegetation",
    70: "snow and ice",
    80: "permanent water",
    90: "herbaceous wetland",
    95: "mangroves",
    100: "moss and lichen",
}
"""Classes of ESA WorldCover 2020 and 2021 (Zanaga et al. 2022, doi:10.5281/zenodo.7254221)."""

NOTHING = 0
"""Class of ground the map does not tell."""
MOST_CLASSES = 1000


@dataclass(frozen=True)
class LandCover:
    """A land-cover map: its `path`, the `names` of its classes, and a hash of both."""

    path: Path
    names: Mapping[int, str]
    fingerprint: str

    def name(self, code: int) -> str:
        """What a class is called."""
        if code == NOTHING:
            return "not in the land-cover map"
        return self.names.get(code, f"class {code}")

    def read(self, grid: GeoBox) -> NDArray[np.int32]:
        """Class of every pixel of a grid by nearest neighbour, `NOTHING` outside the map (y, x).

        Raises GossanError (READ) where the file cannot be read any more.
        """
        try:
            with (
                open_raster(self.path) as source,
                WarpedVRT(
                    source,
                    crs=str(grid.crs),
                    transform=grid.transform,
                    height=grid.shape[0],
                    width=grid.shape[1],
                    resampling=Resampling.nearest,
                ) as seen,
            ):
                codes: NDArray[np.int32] = (
                    seen.read(1, masked=True).filled(NOTHING).astype(np.int32)
                )
                return codes
        except RasterioError as error:
            raise GossanError(
                Code.READ,
                tr(
                    "The land-cover map {file} cannot be read: {reason}.",
                    file=self.path.name,
                    reason=error,
                ),
                tr("Look at it with another program, or take land_cover out of case.toml."),
            ) from error


def open_cover(folder: Path, config: VegetationConfig) -> LandCover | None:
    """The land-cover map of a case, None where it has none.

    Raises GossanError (CASE) where it is missing, is no map of classes, or its classes are not
    told.
    """
    if config.land_cover is None:
        if config.classes is not None:
            raise GossanError(
                Code.CASE,
                tr("classes in [vegetation] stands without land_cover."),
                tr("Name the map they belong to."),
            )
        return None
    path = folder / config.land_cover
    names = WORLD_COVER if config.classes is None else _classes(folder / config.classes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with open_raster(path) as source:
                found = source.dtypes[0], source.crs
    except RasterioError as error:
        raise GossanError(
            Code.CASE,
            tr(
                "land_cover in [vegetation]: {file} cannot be opened: {reason}.",
                file=path.name,
                reason=error,
            ),
            tr("Put a GeoTIFF of class numbers into the case folder."),
        ) from error
    if found[1] is None or not np.issubdtype(np.dtype(found[0]), np.integer):
        raise GossanError(
            Code.CASE,
            tr(
                "land_cover in [vegetation]: expected whole class numbers with a coordinate "
                "system, found {bands} and {crs}.",
                bands=found[0],
                crs=found[1] or tr("no coordinate system"),
            ),
            tr("Use a map of classes such as ESA WorldCover."),
        )
    told = {str(k): v for k, v in sorted(names.items())}
    return LandCover(path, names, hash_json({"file": hash_file(path), "names": told}))


def _classes(path: Path) -> Mapping[int, str]:
    """A CSV with the columns value,name."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))[: MOST_CLASSES + 1]
        names = {int(r["value"]): r["name"].strip() for r in rows}
    except OSError as error:
        raise GossanError(
            Code.CASE,
            tr(
                "classes in [vegetation]: {file} cannot be read: {reason}.",
                file=path.name,
                reason=error.strerror,
            ),
        ) from error
    except (KeyError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise GossanError(
            Code.CASE,
            tr(
                "classes in [vegetation]: {file} must be a CSV with the columns "
                "value,name and whole numbers as value.",
                file=path.name,
            ),
            tr("First line: value,name"),
        ) from error
    if (
        not names
        or len(rows) > MOST_CLASSES
        or not all(n.isprintable() and n for n in names.values())
    ):
        raise GossanError(
            Code.CASE,
            tr(
                "classes in [vegetation]: {file} must name 1 to {most_classes} "
                "classes in printable text.",
                file=path.name,
                most_classes=MOST_CLASSES,
            ),
        )
    return names
