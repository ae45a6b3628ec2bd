"""What a person asks for: the content of a case folder's `case.toml`, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from shapely.geometry.base import BaseGeometry

from gossan.core.serialise import LEFT_OUT

SENTINEL2_START = date(2015, 6, 23)
"""Launch of Sentinel-2A: no image is older."""

NAMED_SOURCES = ("earth-search", "planetary-computer")
"""Public catalogues known by name. Other sources are `local:PATH` or a STAC API's URL."""

HISTORY_DAYS = 731
"""Wished length of the history the monitor learns from: two years, so two of each season."""


@dataclass(frozen=True, slots=True)
class MaskConfig:
    """Section [masks].

    Attributes
    ----------
    max_cloud_percent : scenes cloudier than this by their catalogue are not read, 0..100 %
    dilation_m : cloud and shadow are widened by this, metres
    """

    max_cloud_percent: float = 80.0
    dilation_m: float = 60.0


@dataclass(frozen=True, slots=True)
class MonitorConfig:
    """Section [monitor].

    Attributes
    ----------
    provisional_evidence : evidence that makes a change provisional, nats (ln of odds), 1..15
    confirm_evidence : evidence that confirms it, nats, 1..15
    alpha : chance that one undisturbed observation exceeds, 0..1
    """

    provisional_evidence: float = 5.0
    confirm_evidence: float = 10.0
    alpha: float = 0.02


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """Section [sites]: `min_area_ha`, smaller pieces are no site, hectares."""

    min_area_ha: float = 0.1


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """Section [reports].

    Attributes
    ----------
    places : file of the case's own list of places (CSV in the case folder), or None
    dumps : country dumps of geonames.org in the case folder ("AZ.txt"), may be empty
    keep_originals : keep the original bytes of a document even where something in it had to
        be redacted
    allow_private : fetch also from private and loopback addresses
    countries : ISO codes whose phone numbers are known without the country's code; () those
        around the area
    """

    places: str | None = None
    dumps: tuple[str, ...] = ()
    keep_originals: bool = False
    allow_private: bool = False
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RadarConfig:
    """Section [radar]; without it a case has no radar.

    Attributes
    ----------
    source : as the case's own, where radar images are looked for
    collection : of a STAC API; terrain-corrected gamma naught (`local:` has none)
    orbit : "auto", or direction and relative orbit, e.g. "descending 106"
    """

    source: str = "planetary-computer"
    collection: str = "sentinel-1-rtc"
    orbit: str = "auto"


@dataclass(frozen=True, slots=True)
class VegetationConfig:
    """Section [vegetation]; files lie in the case folder.

    Attributes
    ----------
    land_cover : raster of land-cover classes from before the changes, or None
    classes : CSV `value,name` of its classes; None means those of ESA WorldCover
    """

    land_cover: str | None = None
    classes: str | None = None


@dataclass(frozen=True, slots=True)
class WaterConfig:
    """Section [water].

    Attributes
    ----------
    reaches : GeoJSON or GeoPackage in the case folder with stretches of rivers, or None
    samples : CSV in the case folder with samples that calibrate turbidity, or None
    normal_until : last day on which the waters are taken to be as usual; None not said
    """

    reaches: str | None = None
    samples: str | None = None
    normal_until: date | None = None


@dataclass(frozen=True, slots=True)
class TerrainConfig:
    """Section [terrain].

    Attributes
    ----------
    dem : elevation model, a raster file in the case folder; None searches `source`
    source : as the case's own, where an elevation model is looked for
    collection : of a STAC API (`local:` has none)
    margin_km : read beyond the area, km, 0..200
    reach_km : how far water is followed, km
    channel_km2 : upstream area from which a way is called a channel, km2
    aside_m : places farther from the way than this are not listed, m
    error_m : standard deviation of the model's error, m
    error_range_m : distance at which errors are correlated by 1/e, m
    realisations : models drawn with such errors
    seed : of everything drawn by chance
    """

    dem: str | None = None
    source: str = "planetary-computer"
    collection: str = "cop-dem-glo-30"
    margin_km: float = 15.0
    reach_km: float = 30.0
    channel_km2: float = 1.0
    aside_m: float = 1000.0
    error_m: float = 2.0
    error_range_m: float = 100.0
    realisations: int = 100
    seed: int = 1


@dataclass(frozen=True, slots=True)
class TrafficConfig:
    """Section [traffic].

    Attributes
    ----------
    roads : GeoPackage, GeoJSON or OpenStreetMap extract in the case folder, or None
    split : day that parts before from after; None not said
    """

    roads: str | None = None
    split: date | None = None


@dataclass(frozen=True, slots=True)
class PlaceFiles:
    """Section [places]: files in the case folder, GeoPackage or GeoJSON, of sensitive places."""

    settlements: tuple[str, ...] = ()
    intakes: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseConfig:
    """A case as asked for.

    Attributes
    ----------
    name : title of the case, one line
    geometry : (multi)polygon in EPSG:4326, lon/lat degrees
    start : first day looked at
    end : last day looked at, inclusive; None follows the present
    source : "earth-search", "planetary-computer", "local:PATH" (absolute once read from a
        case folder) or the http(s) URL of a STAC API
    local_folders : whose files a `local:` catalogue may name beside those of its own folder
    history_until : last day of the history the monitor learns from; changes are found after it
    offshore : True where the area may lie in the sea, so that no one warns of it
    masks, monitor, sites, reports, vegetation, water, terrain, places, traffic : sections of the
        same name
    radar : section of the same name, None where the case has none
    sections : what stands in the sections of other packages' observables, by name
    by : who works on it, one line, as evidence and dossier shall name them; "" anonymous
    """

    name: str
    geometry: BaseGeometry
    start: date
    end: date | None
    source: str
    history_until: date
    offshore: bool = False
    masks: MaskConfig = field(default_factory=MaskConfig)
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    sites: SiteConfig = field(default_factory=SiteConfig)
    reports: ReportConfig = field(default_factory=ReportConfig)
    vegetation: VegetationConfig = field(default_factory=VegetationConfig)
    radar: RadarConfig | None = None
    by: str = ""
    water: WaterConfig = field(default_factory=WaterConfig)
    terrain: TerrainConfig = field(default_factory=TerrainConfig)
    places: PlaceFiles = field(default_factory=PlaceFiles)
    traffic: TrafficConfig = field(default_factory=TrafficConfig)
    local_folders: tuple[str, ...] = ()
    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, metadata=LEFT_OUT)


def default_history_until(start: date, end: date | None) -> date:
    """End of the history where a case names none: two years, at most half of the period.

    It never depends on today, so that a case which follows the present keeps its history.
    """
    days = HISTORY_DAYS if end is None else min(HISTORY_DAYS, (end - start).days // 2)
    return start + timedelta(days=days)
