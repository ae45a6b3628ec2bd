"""What a person asks for: the content of a case folder's `case.toml`, declared key by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, Any

from shapely.geometry.base import BaseGeometry

from gossan.core.params import How, LimitsParams, MonitorParams, RadarParams, SiteParams
from gossan.core.settings import ADDED, COUNTRY, FILE, FOLDER, HOST, LINE, Number, Section, Setting
from gossan.core.words import tr_later

SENTINEL2_START = date(2015, 6, 23)
"""Launch of Sentinel-2A: no image is older."""

NAMED_SOURCES = ("earth-search", "planetary-computer")
"""Public catalogues known by name. Other sources are `local:PATH` or a STAC API's URL."""

HISTORY_DAYS = 731
"""Wished length of the history the monitor learns from: two years, so two of each season."""


@dataclass(frozen=True, slots=True)
class MaskConfig:
    """Section [masks]."""

    max_cloud_percent: Annotated[
        float,
        Setting("Scenes cloudier than this by their catalogue are not read."),
        Number(0, 100, "percent"),
    ] = 80.0
    dilation_m: Annotated[
        float,
        Setting("Cloud and shadow are widened by this, because their edges are missed."),
        Number(0, 1000, "metres"),
    ] = 60.0


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """Section [reports]."""

    places: Annotated[
        str | None,
        Setting(
            "The case's own list of places with its sources, a CSV file (docs/claims.md).",
            form=FILE,
            example='"places.csv"',
        ),
    ] = None
    dumps: Annotated[
        tuple[str, ...], Setting("Country dumps of geonames.org.", form=FILE, example='["AZ.txt"]')
    ] = ()
    keep_originals: Annotated[
        bool, Setting("Keep the original of a document even where something was blotted out in it.")
    ] = False
    allow_private: Annotated[
        bool, Setting("Fetch documents from private and loopback addresses too.")
    ] = False
    countries: Annotated[
        tuple[str, ...],
        Setting(
            "Countries whose phone numbers are known, and blotted out, without their code too.",
            form=COUNTRY,
            default=tr_later("those around the area"),
            example='["AZ", "AM"]',
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class RadarConfig:
    """Section [radar]; without it a case has no radar."""

    source: Annotated[
        str, Setting("Where terrain-corrected radar images are looked for; as `source` above.")
    ] = "planetary-computer"
    collection: Annotated[
        str, Setting("Of a STAC API; `local:` has none. Raw GRD is refused.", form=LINE)
    ] = "sentinel-1-rtc"
    orbit: Annotated[
        str,
        Setting(
            "`auto`, or direction and relative orbit, such as `descending 106`: orbits are never "
            "mixed."
        ),
    ] = "auto"
    monitor: Annotated[RadarParams, Section("How radar images are followed.", added=True)] = field(
        default_factory=RadarParams
    )


@dataclass(frozen=True, slots=True)
class VegetationConfig:
    """Section [vegetation]."""

    land_cover: Annotated[
        str | None,
        Setting(
            "Land-cover map from before the changes, a GeoTIFF of class numbers in any "
            "coordinate system: what stood on the lost ground.",
            form=FILE,
            example='"worldcover.tif"',
        ),
    ] = None
    classes: Annotated[
        str | None,
        Setting(
            "CSV with the columns `value,name` for its classes.",
            form=FILE,
            default=tr_later("ESA WorldCover"),
            example='"classes.csv"',
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class WaterConfig:
    """Section [water]."""

    reaches: Annotated[
        str | None,
        Setting(
            "Stretches of rivers, GeoJSON or GeoPackage (docs/water.md).",
            form=FILE,
            example='"reaches.gpkg"',
        ),
    ] = None
    samples: Annotated[
        str | None,
        Setting(
            "Samples that calibrate turbidity, a CSV file.", form=FILE, example='"samples.csv"'
        ),
    ] = None
    normal_until: Annotated[
        date | None,
        Setting("Last day on which the waters are taken to be as usual.", example="2019-12-31"),
    ] = None


@dataclass(frozen=True, slots=True)
class TerrainConfig:
    """Section [terrain]."""

    dem: Annotated[
        str | None,
        Setting(
            "Elevation model, a raster of heights; without it the catalogue below is searched.",
            form=FILE,
            example='"dem.tif"',
        ),
    ] = None
    source: Annotated[
        str, Setting("Where an elevation model is looked for; as `source` above.")
    ] = "planetary-computer"
    collection: Annotated[str, Setting("Of a STAC API; `local:` has none.", form=LINE)] = (
        "cop-dem-glo-30"
    )
    margin_km: Annotated[
        float,
        Setting("Read so far around the area: the way down ends where the model ends."),
        Number(0, 200, "kilometres"),
    ] = 15.0
    reach_km: Annotated[
        float, Setting("Water is followed so far along the flow."), Number(0.1, 1000, "kilometres")
    ] = 30.0
    channel_km2: Annotated[
        float,
        Setting("Upstream area from which a way down is called a channel."),
        Number(0.001, 1000, "square kilometres"),
    ] = 1.0
    aside_m: Annotated[
        float,
        Setting("Places farther from the way than this are not listed."),
        Number(0, 20_000, "metres"),
    ] = 1000.0
    error_m: Annotated[
        float, Setting("Standard deviation of the model's error."), Number(0, 100, "metres")
    ] = 2.0
    error_range_m: Annotated[
        float,
        Setting("Distance at which errors are correlated by 1/e."),
        Number(0, 10_000, "metres"),
    ] = 100.0
    realisations: Annotated[
        int,
        Setting("Models drawn with such errors, to tell how sure the way is."),
        Number(20, 5000),
    ] = 100
    seed: Annotated[
        int, Setting("From which everything drawn by chance follows."), Number(0, 2**31 - 1)
    ] = 1


@dataclass(frozen=True, slots=True)
class PlaceFiles:
    """Section [places]."""

    settlements: Annotated[
        tuple[str, ...], Setting("Settlements.", form=FILE, example='["settlements.gpkg"]')
    ] = ()
    intakes: Annotated[
        tuple[str, ...], Setting("Water intakes.", form=FILE, example='["intakes.gpkg"]')
    ] = ()
    protected: Annotated[
        tuple[str, ...], Setting("Protected areas.", form=FILE, example='["protected.gpkg"]')
    ] = ()


@dataclass(frozen=True, slots=True)
class TrafficConfig:
    """Section [traffic]."""

    roads: Annotated[
        str | None,
        Setting(
            "Roads, GeoPackage, GeoJSON or OpenStreetMap extract.",
            form=FILE,
            example='"roads.gpkg"',
        ),
    ] = None
    split: Annotated[
        date | None, Setting("Day that parts before from after.", example="2022-11-10")
    ] = None


@dataclass(frozen=True)
class CaseConfig:
    """A case as asked for.

    Attributes
    ----------
    geometry : (multi)polygon in EPSG:4326, lon/lat degrees
    source, local_folders : paths are absolute once read from a case folder
    sections : sections of observables that other packages install, as they stand in the file
        (dates as ISO text), each valid for the `settings` of its observable
    """

    name: Annotated[str, Setting("Title of the case, one line.", form=LINE)]
    geometry: Annotated[
        BaseGeometry,
        Setting(
            "The area: a GeoJSON file of polygons in longitude and latitude.", key="area", form=FILE
        ),
    ]
    start: Annotated[date, Setting("First day looked at, 2015-06-23 or later.")]
    end: Annotated[
        date | None, Setting("Last day.", default=tr_later("the present"), example="2024-12-31")
    ]
    source: Annotated[
        str,
        Setting(
            "Where the images come from: `earth-search` (Sentinel-2 on AWS) or "
            "`planetary-computer` (at Microsoft), no account needed; `local:PATH`, a STAC "
            "catalogue on this machine, where a relative path starts at the case folder; or a "
            "STAC API's URL."
        ),
    ]
    history_until: Annotated[
        date,
        Setting(
            "Last day of the history each pixel's normal course is learned from; changes are "
            "found after it, and ground broken by then counts as normal.",
            default=tr_later("two years after the start, at most half of the period"),
            example="2020-01-01",
            section="monitor",
        ),
    ]
    offshore: Annotated[
        bool, Setting("The area may lie in the sea, so that no one warns of it.")
    ] = False
    masks: Annotated[MaskConfig, Section("What of the images is not looked at.")] = field(
        default_factory=MaskConfig
    )
    monitor: Annotated[MonitorParams, Section("When the monitor calls something a change.")] = (
        field(default_factory=MonitorParams)
    )
    sites: Annotated[SiteParams, Section("What counts as a site.")] = field(
        default_factory=SiteParams
    )
    reports: Annotated[ReportConfig, Section("Documents and the places they name.")] = field(
        default_factory=ReportConfig
    )
    vegetation: Annotated[VegetationConfig, Section("What stood on the lost ground.")] = field(
        default_factory=VegetationConfig
    )
    radar: Annotated[
        RadarConfig | None,
        Section(
            "Radar sees through cloud and at night: with this section Sentinel-1 is followed as "
            "well, and what both suspect is confirmed. Off without it."
        ),
    ] = None
    by: Annotated[
        str,
        Setting(
            "Who works on the case, as evidence and dossier shall name them.",
            form=LINE,
            default=tr_later("anonymous"),
            example='"Water desk"',
        ),
    ] = ""
    water: Annotated[WaterConfig, Section("Rivers and their turbidity (gossan water).")] = field(
        default_factory=WaterConfig
    )
    terrain: Annotated[
        TerrainConfig, Section("Where the water goes from each site (gossan terrain).")
    ] = field(default_factory=TerrainConfig)
    places: Annotated[
        PlaceFiles,
        Section(
            "Files of places that are to be named below a site: one GeoPackage or GeoJSON or a "
            "list of them; the field `name` is the name."
        ),
    ] = field(default_factory=PlaceFiles)
    traffic: Annotated[
        TrafficConfig,
        Section("Roads on which moving bright large vehicles are looked for (gossan traffic)."),
    ] = field(default_factory=TrafficConfig)
    local_folders: Annotated[
        tuple[str, ...],
        Setting(
            "Folders whose files a `local:` catalogue may name beside those below its own; a "
            "relative path starts at the case folder.",
            form=FOLDER,
            example='["/data/s2"]',
        ),
    ] = ()
    limits: Annotated[
        LimitsParams, Section("Trials of what would have been seen (gossan limits).", added=True)
    ] = field(default_factory=LimitsParams)
    sections: Annotated[dict[str, dict[str, Any]], ADDED] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class LocalConfig:
    """What case.toml says of the user's own machine and network; no part of `CaseConfig`, which
    goes into dossiers."""

    private_hosts: Annotated[
        tuple[str, ...],
        Setting(
            "Servers on private addresses (your own network, this machine) that may serve images "
            "beside the source itself (docs/network.md).",
            form=HOST,
            example='["127.0.0.1:8080"]',
        ),
    ] = ()
    execution: Annotated[
        How, Section("How the work is done; none of it changes the result.", added=True)
    ] = field(default_factory=How)


def default_history_until(start: date, end: date | None) -> date:
    """End of the history where a case names none: two years, at most half of the period.

    It never depends on today, so that a case which follows the present keeps its history.
    """
    days = HISTORY_DAYS if end is None else min(HISTORY_DAYS, (end - start).days // 2)
    return start + timedelta(days=days)
