"""From a catalogue's item to a Scene: which asset is which band, and what its numbers mean.

The offset is decided by metadata alone, never by the acquisition date: archives have been
reprocessed, so a date says nothing about the pixels (METHODS section 1).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pystac

from gossan.core.addresses import SECRET_QUERY
from gossan.core.errors import Code, GossanError
from gossan.core.values import BANDS, BandSource, Scene
from gossan.core.words import tr
from gossan.io.validate import unsound

COMMON_NAMES = {
    "B02": "blue",
    "B03": "green",
    "B04": "red",
    "B08": "nir",
    "B8A": "nir08",
    "B11": "swir16",
    "B12": "swir22",
}
"""Asset keys of Earth Search v1 and stactools, also `eo:common_name` of each band."""

DEFAULT_SCALE = 0.0001
"""ESA's quantification value of 10000 for L2A."""

BOA_OFFSET = -0.1
"""BOA_ADD_OFFSET of -1000 over 10000, in force since processing baseline 04.00 (ESA PSD-14.9)."""

OFFSET_BASELINE = (4, 0)
FIRST_YEAR, LAST_YEAR = 1957, 2200
"""Between them lie all images from above."""
_NOT_DATA_ROLES = {"overview", "thumbnail", "visual", "metadata", "tiles"}
_PRODUCT_BASELINE = re.compile(r"_N(\d\d)(\d\d)_")


@dataclass(frozen=True, slots=True)
class OffsetRule:
    """What decided the offset: the offset (None: each band as declared) and why."""

    offset: float | None
    words: str


def read_item(data: Mapping[str, Any]) -> pystac.Item:
    """A pystac item of any STAC version from its JSON; raises GossanError(CATALOGUE)."""
    wrong = unsound(data)
    if wrong:
        name = str(data.get("id"))[:80] if isinstance(data, Mapping) else tr("(no id)")
        raise GossanError(
            Code.CATALOGUE,
            tr(
                "Item {name!r} of the catalogue is no valid STAC item: {wrong}.",
                name=name,
                wrong=wrong,
            ),
        )
    try:
        with warnings.catch_warnings():
            # pystac says which optional storage fields it could not migrate: not used here
            warnings.simplefilter("ignore")
            item = pystac.Item.from_dict(dict(data))
    except Exception as error:  # pystac raises many kinds for a malformed item
        raise GossanError(
            Code.CATALOGUE,
            tr(
                "Item {item!r} of the catalogue is no valid STAC item: {reason}.",
                item=data["id"],
                reason=str(error).splitlines()[0][:200] if str(error) else type(error).__name__,
            ),
        ) from error
    if item.datetime is not None and not FIRST_YEAR <= item.datetime.year <= LAST_YEAR:
        raise GossanError(
            Code.CATALOGUE,
            tr(
                "Item {item!r} of the catalogue is dated in the year {year}.",
                item=item.id,
                year=item.datetime.year,
            ),
        )
    return item


def unsigned(href: str) -> str:
    """`href` without a query that carries a signature or a key."""
    parts = urlsplit(href)
    if SECRET_QUERY.search(parts.query):
        parts = parts._replace(query="")
    if parts.username or parts.password:
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(parts) if parts.scheme in {"http", "https"} else href


def scene_of(item: pystac.Item) -> Scene:
    """The Scene of a Sentinel-2 L2A item, hrefs absolute and unsigned; the item is copied.

    Raises GossanError(REFLECTANCE) for anything that is not Sentinel-2 surface reflectance
    with a scene classification, or that has no date.
    """
    _refuse_foreign(item)
    if item.datetime is None:
        raise GossanError(Code.REFLECTANCE, tr("Item {item} has no datetime.", item=item.id))
    copy = item.clone()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if item.get_self_href():
            copy.make_asset_hrefs_absolute()
    for asset in copy.assets.values():
        asset.href = unsigned(asset.href)
    rule = offset_rule(copy)
    bands = {}
    for band in BANDS:
        key = _asset_of(copy, band)
        if key is not None:
            bands[band] = _band_source(copy.assets[key], key, rule)
    scl = _scl_of(copy)
    if not bands or scl is None:
        missing = tr("a scene classification (SCL)") if bands else tr("any band gossan knows")
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} does not offer {missing} among its assets: {assets}.",
                item=item.id,
                missing=missing,
                assets=", ".join(list(copy.assets)[:12]) or tr("none"),
            ),
            tr("Use a Sentinel-2 L2A collection with bands B02..B12 and SCL."),
        )
    when = item.datetime if item.datetime.tzinfo else item.datetime.replace(tzinfo=UTC)
    time = when.astimezone(UTC).replace(microsecond=0)
    return Scene(item.id, time, copy, bands, scl, rule.words)


def offset_rule(item: pystac.Item) -> OffsetRule:
    """Which offset turns this item's DN into reflectance, decided in a fixed order.

    1. The provider says it has applied the offset: 0, whatever the bands declare.
    2. A baseline below 04.00 has no offset to subtract: 0.
    3. The bands declare scale and offset: as declared.
    4. Baseline 04.00 or later and nothing declared: -0.1.
    5. Nothing known: 0, and the words say that it is unverified.
    """
    props = item.properties
    for name in ("earthsearch:boa_offset_applied", "sentinel:boa_offset_applied"):
        if props.get(name) is True:
            return OffsetRule(0.0, f"{name} is true: offset already in the pixels, 0 applied")
    declared = _declared_offset(item)
    baseline, source = processing_baseline(item)
    text = f"{baseline[0]:02d}.{baseline[1]:02d}" if baseline else ""
    if baseline is not None and baseline < OFFSET_BASELINE:
        words = f"{source} {text} is before 04.00: no offset in the pixels"
        if declared:
            words += f" (the declared offset {declared:g} contradicts it and is not used)"
        return OffsetRule(0.0, words)
    if declared is not None:
        words = f"raster:bands declares offset {declared:g}"
        if baseline is not None and declared == 0.0:
            words += f" although {source} is {text}: taken as removed by the provider"
        return OffsetRule(None, words)
    if baseline is not None:
        return OffsetRule(
            BOA_OFFSET, f"{source} {text} is 04.00 or later and no offset declared: -0.1 applied"
        )
    return OffsetRule(0.0, "no offset, baseline or applied flag in the item: 0 assumed, unverified")


def processing_baseline(item: pystac.Item) -> tuple[tuple[int, int] | None, str]:
    """(major, minor) of ESA's processing baseline and the property it came from, or None."""
    props = item.properties
    for name in ("s2:processing_baseline", "sentinel:processing_baseline", "processing:version"):
        match = re.fullmatch(r"0?(\d{1,2})\.(\d{2})", str(props.get(name, "")))
        if match:
            return (int(match[1]), int(match[2])), name
    for name in ("s2:product_uri", "sentinel:product_id", "title"):
        match = _PRODUCT_BASELINE.search(str(props.get(name, "")))
        if match:
            return (int(match[1]), int(match[2])), f"baseline in {name}"
    match = _PRODUCT_BASELINE.search(item.id)
    return ((int(match[1]), int(match[2])), "baseline in the id") if match else (None, "")


def band_meta(asset: pystac.Asset, name: str) -> Any:
    """`scale`, `offset` or `nodata` of an asset, from raster:bands, bands or the asset itself."""
    fields = asset.extra_fields
    for bands, keys in (("raster:bands", (name,)), ("bands", (f"raster:{name}", name))):
        listed = fields.get(bands)
        first = listed[0] if isinstance(listed, list) and listed else {}
        for key in keys:
            if isinstance(first, dict) and first.get(key) is not None:
                return first[key]
    return fields.get(f"raster:{name}", fields.get(name))


def _declared_offset(item: pystac.Item) -> float | None:
    for band in BANDS:
        key = _asset_of(item, band)
        value = band_meta(item.assets[key], "offset") if key else None
        if value is not None:
            return float(value)
    return None


def _band_source(asset: pystac.Asset, key: str, rule: OffsetRule) -> BandSource:
    scale, offset, nodata = (band_meta(asset, n) for n in ("scale", "offset", "nodata"))
    chosen = rule.offset if rule.offset is not None else float(offset or 0.0)
    checksum = asset.extra_fields.get("file:checksum")
    return BandSource(
        asset=key,
        href=asset.href,
        scale=DEFAULT_SCALE if scale is None else float(scale),
        offset=chosen,
        nodata=0.0 if nodata is None else float(nodata),
        checksum=str(checksum) if checksum else None,
    )


def _refuse_foreign(item: pystac.Item) -> None:
    props = item.properties
    text = " ".join(
        str(v).lower().replace(" ", "-").replace("_", "-")
        for v in (props.get("platform"), props.get("constellation"), item.collection_id)
        if v
    )
    if "sentinel-2" not in text and "sentinel-s2" not in text:
        found = props.get("platform") or props.get("constellation") or tr("unknown platform")
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} is from {found}; gossan reads Sentinel-2 L2A surface reflectance.",
                item=item.id,
                found=found,
            ),
            tr(
                "Choose a Sentinel-2 L2A collection, for example with #sentinel-2-l2a after the "
                "URL."
            ),
        )
    level = f"{item.id} {item.collection_id} {props.get('s2:product_type')}".upper()
    if "L1C" in level or "MSI1C" in level or str(props.get("processing:level")).upper() == "L1C":
        raise GossanError(
            Code.REFLECTANCE,
            tr(
                "Item {item} is Sentinel-2 L1C (top of atmosphere), not surface reflectance.",
                item=item.id,
            ),
            tr("Choose the L2A collection of the same provider."),
        )


def _names(asset: pystac.Asset) -> tuple[set[str], set[str]]:
    """Band names and common names of an asset with exactly one band, else empty sets."""
    listed = asset.extra_fields.get("eo:bands") or asset.extra_fields.get("bands") or []
    if len(listed) != 1 or not isinstance(listed[0], dict):
        return set(), set()
    band = listed[0]
    common = {str(band[k]) for k in ("common_name", "eo:common_name") if band.get(k)}
    return {str(band.get("name", "")).upper()}, common


def _asset_of(item: pystac.Item, band: str) -> str | None:
    """Key of the best asset of a canonical band: exact keys, then names; finest first."""
    common = COMMON_NAMES[band]
    pattern = re.compile(rf"({band}|{common})([_-]\d+m)?", re.I)
    found: list[tuple[int, float, int, str]] = []
    for key, asset in item.assets.items():
        if key.endswith("-jp2") or _NOT_DATA_ROLES & set(asset.roles or []):
            continue
        names, commons = _names(asset)
        by_key = pattern.fullmatch(key) is not None
        by_name = band in names
        # a band that gives its own, other name is not this band, whatever its common name:
        # Planetary Computer calls B05, B06, B07 and B8A all "rededge"
        other = bool(names & (set(BANDS) - {band}))
        if other or not (by_key or by_name or common in commons):
            continue
        exact = 0 if key in (band, common) else 1
        found.append((exact, _metres(key, asset), len(key), key))
    return min(found)[3] if found else None


def _metres(key: str, asset: pystac.Asset) -> float:
    suffix = re.search(r"_(\d+)m$", key)
    if suffix:
        return float(suffix[1])
    return float(asset.extra_fields.get("gsd") or band_meta(asset, "spatial_resolution") or 0)


def _scl_of(item: pystac.Item) -> str | None:
    keys = [k for k in item.assets if re.fullmatch(r"scl([_-]\d+m)?", k, re.I)]
    return min(keys, key=lambda k: (len(k), k)) if keys else None
