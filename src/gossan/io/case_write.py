"""Write a new case folder: `case.toml` with every key explained, and `area.geojson`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely

from gossan.core.case import CaseConfig, PlaceFiles, RadarConfig, TerrainConfig, TrafficConfig
from gossan.core.errors import Code, GossanError
from gossan.core.serialise import to_plain
from gossan.io.areas import area_from_file
from gossan.io.case_file import AREA_FILE, CASE_FILE
from gossan.io.outputs import case_place
from gossan.io.whole import put_new

_TEMPLATE = """\
# A gossan case. Lines starting with # are explanations or defaults;
# remove the # in front of a key to change it. Then run: gossan update .

name = {name}

# The area: a GeoJSON file in this folder (polygons, longitude and latitude).
area = "{area}"
{offshore}

# The period, first and last day. Without `end` the case follows the present.
start = {start}
{end}

# Where the images come from:
#   "earth-search"         Sentinel-2 on AWS, no account needed
#   "planetary-computer"   Sentinel-2 at Microsoft, no account needed
#   "local:PATH"           a STAC catalogue on this machine; a relative PATH starts here
#   "https://..."          any STAC API
source = {source}
# Servers on private addresses (your own network, this machine) that may serve images beside the
# source itself. Without this a catalogue leads to public servers only.
# private_hosts = ["127.0.0.1:8080"]

# Who works on this case, as the evidence and the dossier shall name them.
{by}

[masks]
# Scenes cloudier than this, by their catalogue, are not read. 0..100 percent.
{max_cloud_percent}
# Cloud and shadow are widened by this, because their edges are missed. Metres.
{dilation_m}

[monitor]
# Last day of the history each pixel's normal course is learnt from. Changes are found
# after it; ground already broken by then counts as normal. Chosen as two years after
# the start, but at most half of the period.
history_until = {history_until}
# A change is provisional with this much evidence, the logarithm of the odds: 5 is 150 to 1 ...
{provisional_evidence}
# ... and confirmed with this much: 10 is 22000 to 1. More means later and surer. 1..15.
{confirm_evidence}
# Chance that an undisturbed observation counts as unusual. 0..1.
{alpha}

[sites]
# Smaller pieces of changed ground are left out. Hectares (a 10 m pixel is 0.01).
{min_area_ha}

[reports]
# The case's own list of places with its sources, a CSV file in this folder.
# places = "places.csv"
# Documents that hold phone numbers, e-mail addresses or licence plates are kept redacted
# only. true keeps their original bytes too.
# keep_originals = false
# true also fetches from private and loopback addresses.
# allow_private = false
# Countries whose phone numbers are blotted out without their code too; those around the area.
# countries = ["AZ", "AM"]

[vegetation]
# A land-cover map from before the changes, a GeoTIFF of class numbers in this folder: what
# stood on the lost ground. Classes are those of ESA WorldCover unless a CSV value,name says.
# land_cover = "worldcover.tif"
# classes = "classes.csv"

# Radar sees through cloud and at night: with this section Sentinel-1 is followed as well,
# and what both suspect is confirmed. Off without it.
{radar}

# Where the water goes from each site (gossan terrain): the elevation model and how it is used.
{terrain}

# Settlements, water intakes and protected areas that are to be named below a site: GeoPackage or
# GeoJSON files in this folder; "name" is the name.
{places}

# Roads on which moving bright large vehicles are looked for (gossan traffic): GeoPackage, GeoJSON
# or OpenStreetMap extract in this folder. `split` is the day that parts before from after.
{traffic}
"""

_TEXTS = ("dem", "source", "collection")
_TERRAIN = {
    "dem": "A raster of heights in this folder; without it the catalogue below is searched.",
    "source": "Where an elevation model is looked for; as above.",
    "collection": "Of a STAC API.",
    "margin_km": "Read so far around the area, kilometres: the way down ends where the model ends.",
    "reach_km": "Water is followed so far, kilometres along the flow.",
    "channel_km2": "Upstream area from which a way down is called a channel, km2.",
    "aside_m": "Places farther from the way than this are not listed, metres.",
    "error_m": "Error of the model, one standard deviation, metres.",
    "error_range_m": "Distance at which errors are alike by 1/e, metres.",
    "realisations": "Models drawn with such errors, to tell how sure the way is.",
    "seed": "Number from which everything drawn by chance follows.",
}


def write_case(folder: Path, case: CaseConfig) -> None:
    """Write `case.toml` and `area.geojson` into `folder`, made where missing.

    Values equal to their default are written as comments. Raises GossanError (CASE) where
    `folder` already holds a case or another area, or cannot be written, (OUTPUT) where it holds
    something in a place that a case needs.
    """
    toml, area = folder / CASE_FILE, folder / AREA_FILE
    if toml.exists():
        raise GossanError(
            Code.CASE,
            f"{toml} exists already: nothing was written.",
            "Edit it, or choose another folder.",
        )
    case_place(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if area.exists():
            _same_area(area, case)
        else:
            put_new(area, _geojson(case).encode())
        put_new(toml, _toml(case).encode())  # last: with it the folder is a case
    except OSError as error:
        raise GossanError(
            Code.CASE,
            f"{error.filename or folder} cannot be written: {error.strerror}.",
            "Choose a folder you may write to.",
        ) from error


def _same_area(path: Path, case: CaseConfig) -> None:
    """An area file drawn in the case folder itself may stay, any other is not overwritten."""
    found = area_from_file(path, offshore=True).geometry
    if not found.equals(case.geometry):
        raise GossanError(
            Code.CASE,
            f"{path} exists already and holds another area: nothing was written.",
            "Move it away, or choose another folder.",
        )


def _geojson(case: CaseConfig) -> str:
    feature = {
        "type": "Feature",
        "properties": {"name": case.name},
        "geometry": shapely.geometry.mapping(case.geometry),
    }
    return json.dumps(feature, ensure_ascii=False, indent=1) + "\n"


def _toml(case: CaseConfig) -> str:
    default = CaseConfig(case.name, case.geometry, case.start, None, case.source, case.start)
    fields: dict[str, str] = {}
    for value, usual, keys in (
        (case.masks, default.masks, ("max_cloud_percent", "dilation_m")),
        (case.monitor, default.monitor, ("provisional_evidence", "confirm_evidence", "alpha")),
        (case.sites, default.sites, ("min_area_ha",)),
    ):
        for key in keys:
            mine, standard = getattr(value, key), getattr(usual, key)
            fields[key] = f"{'# ' if mine == standard else ''}{key} = {mine!r}"
    return _TEMPLATE.format(
        radar=_radar(case.radar),
        terrain=_terrain(case.terrain),
        places=_places(case.places),
        traffic=_traffic(case.traffic),
        name=_quoted(case.name),
        area=AREA_FILE,
        offshore="offshore = true" if case.offshore else "# offshore = false",
        start=case.start,
        end=f"end = {case.end}" if case.end else "# end = 2024-12-31",
        source=_quoted(case.source),
        by=f"by = {_quoted(case.by)}" if case.by else '# by = "Water desk"',
        history_until=case.history_until,
        **fields,
    ) + _others(case.sections)


def _others(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Sections of other packages' observables, as they were read."""
    lines = []
    for name, keys in sections.items():
        lines += ["", f"[{name}]"]
        lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in to_plain(keys).items()]
    return "\n".join((*lines, "")) if lines else ""


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes the same for text without control characters."""
    return json.dumps(text, ensure_ascii=False)


def _radar(radar: RadarConfig | None) -> str:
    """The section with its keys, all of it a comment where the case has no radar."""
    mine, usual = radar or RadarConfig(), RadarConfig()
    lines = ["[radar]" if radar else "# [radar]"]
    explained = {
        "source": "Where terrain-corrected images are; as above.",
        "collection": "Of a STAC API. Raw GRD is refused: it is not of the same places.",
        "orbit": 'From where: "auto", or such as "descending 106". Two are never mixed.',
    }
    for key, words in explained.items():
        value = getattr(mine, key)
        mark = "# " if value == getattr(usual, key) else ""
        lines += [f"# {words}", f"{mark}{key} = {_quoted(value)}"]
    return "\n".join(lines)


def _terrain(terrain: TerrainConfig) -> str:
    """The section; keys equal to their default are comments."""
    usual = TerrainConfig()
    lines = ["[terrain]"]
    for key, words in _TERRAIN.items():
        value = getattr(terrain, key)
        mark = "# " if value == getattr(usual, key) else ""
        shown = _quoted(value or "dem.tif") if key in _TEXTS else repr(value)
        lines += [f"# {words}", f"{mark}{key} = {shown}"]
    return "\n".join(lines)


def _places(places: PlaceFiles) -> str:
    """The section; a kind without a file is a comment."""
    lines = ["[places]"]
    for key in ("settlements", "intakes", "protected"):
        names = getattr(places, key)
        shown = ", ".join(_quoted(n) for n in names or (f"{key}.gpkg",))
        lines.append(f"{'' if names else '# '}{key} = [{shown}]")
    return "\n".join(lines)


def _traffic(traffic: TrafficConfig) -> str:
    """The section; what is not said is a comment."""
    return "\n".join(
        (
            "[traffic]",
            f"roads = {_quoted(traffic.roads)}" if traffic.roads else '# roads = "roads.gpkg"',
            f"split = {traffic.split}" if traffic.split else "# split = 2022-11-10",
        )
    )
