"""From a catalogue's item to a radar Scene: which asset is VV and VH, and what its numbers mean.

Only calibrated, terrain-corrected backscatter (gamma naught, linear power) is read. A GRD product
as ESA delivers it holds digital numbers on the radar's own grid: a slope that faces the radar is
brighter and lies elsewhere than on the map, so that its pixels are of another place than those of
optical images, and its numbers are not backscatter.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from datetime import UTC

import pystac

from gossan.core.errors import Code, GossanError
from gossan.core.values import BandSource, Scene
from gossan.core.words import tr, tr_later, tr_now
from gossan.io.catalogue.harmonise import band_meta, unsigned
from gossan.io.catalogue.search import SceneRules

CHANNELS = ("VV", "VH")
"""What the radar monitor follows, in this order."""

ADVICE = tr_later(
    "Use a collection of terrain-corrected gamma naught, such as sentinel-1-rtc of "
    "planetary-computer."
)


@dataclass(frozen=True, order=True, slots=True)
class Geometry:
    """From where a scene was seen: images of two geometries are never compared.

    Attributes
    ----------
    direction : "ascending" or "descending"
    orbit : relative orbit number, 1..175
    """

    direction: str
    orbit: int

    def __str__(self) -> str:
        return f"{self.direction} {self.orbit}"

    @classmethod
    def parse(cls, text: str) -> Geometry:
        """What `str` gives. Raises GossanError(CASE) for anything else."""
        match = re.fullmatch(r"(ascending|descending) (\d{1,3})", text.strip().lower())
        if not match or not 1 <= int(match[2]) <= 175:
            raise GossanError(
                Code.CASE,
                tr(
                    'radar.orbit: expected "auto" or a direction and a relative orbit such as '
                    '"descending 106", found "{text}".',
                    text=text[:40],
                ),
                tr("`gossan update --dry-run` says which orbits there are."),
            )
        return cls(match[1], int(match[2]))


def radar_scene_of(item: pystac.Item) -> Scene:
    """The Scene of a Sentinel-1 item, hrefs absolute and unsigned; the item is copied.

    Raises GossanError(REFLECTANCE) for anything but terrain-corrected VV and VH of a known
    geometry, or an item without a date.
    """
    _refuse_foreign(item)
    if item.datetime is None:
        raise GossanError(Code.REFLECTANCE, tr("Item {item} has no datetime.", item=item.id))
    geometry_of(item)
    copy = item.clone()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if item.get_self_href():
            copy.make_asset_hrefs_absolute()
    for asset in copy.assets.values():
        asset.href = unsigned(asset.href)
    bands = {c: _source(copy, c) for c in CHANNELS}
    when = item.datetime if item.datetime.tzinfo else item.datetime.replace(tzinfo=UTC)
    time = when.astimezone(UTC).replace(microsecond=0)
    return Scene(item.id, time, copy, bands, None, _calibration(copy))


def geometry_of(item: pystac.Item) -> Geometry:
    """Direction and relative orbit. Raises GossanError(REFLECTANCE) where the item lacks them."""
    state = str(item.properties.get("sat:orbit_state", "")).lower()
    orbit = item.properties.get("sat:relative_orbit")
    if state not in ("ascending", "descending") or not isinstance(orbit, int):
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} does not say from where it was seen: expected sat:orbit_state and "
                "sat:relative_orbit, found {state} and {orbit}.",
                item=item.id,
                state=state or tr("nothing"),
                orbit=orbit,
            ),
            tr(
                "Images of different orbits cannot be compared; choose a collection that names "
                "them."
            ),
        )
    return Geometry(state, orbit)


def _source(item: pystac.Item, channel: str) -> BandSource:
    key = next((k for k in item.assets if k.lower() == channel.lower()), None)
    if key is None:
        offered = item.properties.get("sar:polarizations") or list(item.assets)[:8]
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} has no {channel}: it offers {found}.",
                item=item.id,
                channel=channel,
                found=", ".join(map(str, offered)),
            ),
            tr("Only scenes in VV and VH are followed; near the poles Sentinel-1 sends HH and HV."),
        )
    asset = item.assets[key]
    nodata, checksum = band_meta(asset, "nodata"), asset.extra_fields.get("file:checksum")
    return BandSource(
        asset=key,
        href=asset.href,
        scale=1.0,
        offset=0.0,
        nodata=float("nan") if nodata is None else float(nodata),
        checksum=str(checksum) if checksum else None,
    )


def _calibration(item: pystac.Item) -> str:
    """In words, what says that the pixels are terrain-corrected linear power."""
    asset = next(item.assets[k] for k in item.assets if k.lower() == "vv")
    unit = str(band_meta(asset, "unit") or "").lower()
    if unit in ("db", "decibel", "decibels"):
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} gives decibels; the mean over pixels needs linear power.", item=item.id
            ),
            tr_now(ADVICE),
        )
    collection = str(item.collection_id or "")
    said = f"{asset.title} {asset.description} {item.properties.get('sar:product_type')}".lower()
    if "terrain" in said and "gamma" in said:
        return f"{collection or 'the item'} describes its pixels as terrain-corrected gamma naught"
    if re.search(r"(^|[-_])rtc($|[-_])", collection.lower()):
        return f"collection {collection} is radiometrically terrain-corrected by its name"
    dtype = str(band_meta(asset, "data_type") or "unknown type")
    raise GossanError(
        Code.REFLECTANCE,
        tr(
            "Item {item} of {collection} is not said to be terrain-corrected ({dtype}): a GRD "
            "product holds raw numbers on the radar's own grid, which change with the slope and "
            "not with the ground.",
            item=item.id,
            collection=collection or tr("no collection"),
            dtype=dtype,
        ),
        tr_now(ADVICE),
    )


def _refuse_foreign(item: pystac.Item) -> None:
    props = item.properties
    text = " ".join(
        str(v).lower().replace(" ", "-").replace("_", "-")
        for v in (props.get("platform"), props.get("constellation"), item.collection_id)
        if v
    )
    if "sentinel-1" not in text:
        found = props.get("platform") or props.get("constellation") or tr("unknown platform")
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} is from {found}; the radar monitor reads Sentinel-1.",
                item=item.id,
                found=found,
            ),
            tr_now(ADVICE),
        )
    mode = props.get("sar:instrument_mode")
    if mode not in (None, "IW"):
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} was taken in mode {mode}; only IW (land) is comparable.",
                item=item.id,
                mode=mode,
            ),
            tr_now(ADVICE),
        )


def _newer(scene: Scene) -> tuple[str, str, str]:
    props = scene.item.properties
    return (
        str(props.get("s1:processing_datetime") or props.get("created") or ""),
        str(props.get("updated") or ""),
        scene.id,
    )


SENTINEL_1 = SceneRules(
    word=tr_later("radar "),
    bands=CHANNELS,
    scene_of=radar_scene_of,
    newer=_newer,
    # slices of one pass lie side by side, each with a time of its own
    same=lambda scene, better, _: scene.time == better.time,
    twin="the same slice as {}, which is newer",
    processed=("updated", "created", "s1:processing_datetime"),
    hint=tr_later(
        "Check the period and radar.collection in case.toml, or remove its [radar] section."
    ),
    view=lambda scene: geometry_of(scene.item),
)
"""Terrain-corrected gamma naught of mode IW."""
